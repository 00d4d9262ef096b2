"""The first places under other choices: what is tried is told, what leads everywhere stays."""

from __future__ import annotations

import numpy as np
import pytest
from chain import in_cells
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.programmes.choice_sensitivity import choice_sensitivity

TOWN = zone("Town", (0, 0, 4_000, 4_000))
OPTIONS = {"grids": [hs.SquareGrid(200), hs.SquareGrid(330), hs.HexGrid(300)], "radii_m": [100]}


def scattered(seed=3):
    """Noise over four months, thirty at one corner in each, forty at a police station."""
    rng = np.random.default_rng(seed)
    points = [tuple(xy) for xy in rng.uniform(0, 4_000, (300, 2))]
    points += [(1_000, 1_000)] * 120 + [(3_000, 3_000)] * 40
    months = [f"2018-0{1 + i % 4}" for i in range(len(points))]
    station = [False] * 420 + [True] * 40
    return incidents_at(points, month=months, institutional=station)


def ranked(incidents):
    asked = in_cells(incidents, hs.SquareGrid(250), period="2018-03/2018-04", within=TOWN)
    return hs.rank_areas(hs.aggregate_to_cells(asked)), asked


def test_a_corner_that_leads_everywhere_stays_and_every_choice_is_told():
    found = choice_sensitivity(*ranked(scattered()), **OPTIONS)
    first = found.table.iloc[0]
    assert (first["stays"], first["of"]) == (len(found.choices), len(found.choices))
    assert set(found.choices["window"]) == {"2018-03/2018-04", "2018-04", "2018-01/2018-04"}
    assert set(found.choices["institutions"]) == {False, True}
    assert len(found.choices) == 3 * 2 * (1 + 3 + 1)
    assert found.choices["stayed"].sum() == found.table["stays"].sum()
    assert found.table["stays"].iloc[1:].lt(len(found.choices)).any()


def test_without_other_choices_every_first_place_stays():
    areas, asked = ranked(scattered())
    found = choice_sensitivity(areas, asked, grids=[], radii_m=[], windows=[])
    alone = found.choices[~found.choices["institutions"]]
    assert alone["stayed"].tolist() == [len(found.table)]


def test_the_order_of_rows_changes_nothing():
    one, other = (
        choice_sensitivity(*ranked(rows), **OPTIONS).to_dict()
        for rows in (scattered(), shuffled(scattered()))
    )
    assert one == other


def test_harm_is_a_choice_where_incidents_carry_it_or_a_scale_is_given():
    incidents = scattered().assign(harm=1.0, harm_low=1.0, harm_high=1.0, harm_scale="x")
    found = choice_sensitivity(*ranked(incidents), grids=[], radii_m=[], windows=[])
    assert set(found.choices["ranked_by"]) == {"count", "harm"}
    scale = hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    of_violence = scattered().assign(offence="Robbery")
    found = choice_sensitivity(*ranked(of_violence), grids=[], radii_m=[], scales=[scale])
    assert f"harm by {scale.name}" in set(found.choices["ranked_by"])


@pytest.mark.parametrize("top", [0, -1])
def test_what_means_nothing_is_refused(top):
    areas, asked = ranked(scattered())
    with refused("argument"):
        choice_sensitivity(areas, asked, top=top)
    with refused("unranked"):
        choice_sensitivity(areas.drop(columns="rank"), asked)


def test_a_place_keeps_its_rank_in_a_window_with_other_addresses():
    """Exact places differ from window to window; where a place lies does not."""
    rng = np.random.default_rng(5)
    corner = 1_010 + rng.uniform(0, 100, (80, 2))
    points = [tuple(xy) for xy in np.vstack([corner, rng.uniform(0, 4_000, (80, 2))])]
    months = [f"2018-0{1 + i % 4}" for i in range(len(points))]
    incidents = incidents_at(points, month=months, location_precision="exact")
    asked = in_cells(incidents, hs.SquareGrid(250), period="2018-03/2018-04", within=TOWN)
    areas = hs.rank_areas(hs.aggregate_to_cells(asked))
    windows = ["2018-01", "2018-02", "2018-04"]
    found = choice_sensitivity(areas, asked, grids=[], radii_m=[100], windows=windows, top=1)
    first = found.table.iloc[0]
    assert (first["stays"], first["of"]) == (8, 8)
    assert first[["rank_low", "rank_middle", "rank_high"]].tolist() == [1, 1, 1]


def test_ranks_over_the_choices_hold_the_own_rank_and_say_who_stays():
    areas, asked = ranked(scattered())
    table = choice_sensitivity(areas, asked, **OPTIONS).table
    known = table.dropna()
    assert (table["rank_low"] <= table["rank"]).all()
    assert (known["rank_low"] <= known["rank_middle"]).all()
    assert (known["rank_middle"] <= known["rank_high"]).all()
    always = table["rank_high"].le(10).fillna(False)
    assert (table["stays"].eq(table["of"]) == always).all()
