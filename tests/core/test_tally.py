"""Folding loses nothing, and neither order nor division changes a bit of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hotspots as hs
from hotspots.core.errors import InputError
from hotspots.core.tally import Tally, add, fold


@pytest.fixture(scope="module")
def tally(leeds):
    return fold(leeds)


@pytest.fixture(scope="module")
def leeds():
    incidents = hs.load_incidents(hs.bundled("incidents"), record=hs.RunRecord("L", "OPEN"))
    return incidents.iloc[::9]


def as_rows(tally: Tally) -> pd.DataFrame:
    """One row an incident, built from the tally: what a slow reader would make of it."""
    lines = tally.kinds.iloc[tally.kind].reset_index(drop=True)
    located = tally.place >= 0
    lines["x"], lines["y"] = np.where(
        located, tally.places[np.where(located, tally.place, 0)].T / 1000, np.nan
    )
    lines["month"] = tally.months[tally.month]
    return lines.loc[np.repeat(np.arange(len(tally)), tally.count)]


def test_every_incident_is_in_exactly_one_line(leeds, tally):
    assert tally.total == len(leeds)
    located = (~leeds.geometry.is_empty & leeds.geometry.notna()).sum()
    assert tally.count[tally.place >= 0].sum() == located
    assert not pd.DataFrame([tally.place, tally.month, tally.kind]).T.duplicated().any()


def test_what_is_folded_can_be_counted_again(leeds, tally):
    unfolded = as_rows(tally)
    for column in ("offence", "location_precision"):
        assert unfolded[column].value_counts().to_dict() == leeds[column].value_counts().to_dict()
    assert sorted(unfolded["x"].dropna().round(2)) == sorted(leeds.geometry.x.dropna().round(2))


def test_the_order_of_the_rows_changes_no_bit(leeds, tally):
    assert fold(leeds.sample(frac=1, random_state=3)).equals(tally)


@pytest.mark.parametrize("parts", [2, 5])
def test_parts_added_are_the_whole(leeds, tally, parts):
    whose = np.random.default_rng(parts).integers(0, parts, len(leeds))
    folded = [fold(leeds[whose == part]) for part in range(parts)]
    assert add(folded).equals(tally)
    assert add(folded[::-1]).equals(tally)
    assert add([add(folded[:1]), *folded[1:]]).equals(tally)


def test_folding_leaves_the_incidents_as_they_were(leeds):
    before = leeds.copy(deep=True)
    fold(leeds)
    pd.testing.assert_frame_equal(leeds, before)


def test_no_incidents_is_a_tally_of_none(leeds, tally):
    none = fold(leeds.iloc[:0])
    assert (none.total, len(none)) == (0, 0)
    assert add([none, tally]).equals(tally)


def test_incidents_in_two_coordinate_systems_are_not_added(leeds, tally):
    elsewhere = fold(leeds.iloc[:5].to_crs(29903))
    with pytest.raises(InputError, match="coordinate system"):
        add([tally, elsewhere])


def test_a_tally_shows_no_incident(tally):
    assert repr(tally).startswith("<Tally of ") and "POINT" not in repr(tally)
