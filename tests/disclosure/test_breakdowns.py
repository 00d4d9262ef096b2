"""Hours, offences and months of a place: no remainder tells, whatever else is known."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from small_towns import cells, halves, released, ward_of
from tables import incidents_at

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.errors import DataError
from hotspots.core.states import Shown
from hotspots.disclosure.breakdowns import _classes

BANDS = ["00-06", "06-12", "12-18", "18-24"]


def parts(name, counts, *, breakdown="hours", theme="asb", labels=BANDS):
    rows = zip(labels, counts, strict=True)
    return pd.DataFrame(
        [{"area_id": name, "theme": theme, "breakdown": breakdown, "part": label,
          "incident_count": count} for label, count in rows]
    )  # fmt: skip


def compositions(total, size):
    if size == 1:
        yield (total,)
        return
    for one in range(total + 1):
        for rest in compositions(total - one, size - 1):
            yield (one, *rest)


@pytest.mark.parametrize("low, high", [(5, 7), (8, 12), (13, 17), (9, 16)])
@pytest.mark.parametrize("size, named", [(1, 1), (2, 2), (3, 3), (2, 1), (3, 2)])
def test_every_part_keeps_three_values_and_the_count_all_of_its_own(low, high, size, named):
    """By trying every place: also for a reader who knows the count exactly, and sums of parts."""
    towns = defaultdict(lambda: defaultdict(list))
    for total in range(low, high + 1):
        for town in compositions(total, size):
            shown = _classes(town[:named], low, high, closed=named == size)
            towns[tuple(shown)][total].append(town)
    for possible in towns.values():
        assert sorted(possible) == list(range(low, high + 1))
        for fitting in possible.values():
            some = np.array(fitting)[:, : max(size - 1, 1)]
            for sums in (*some.T, some.sum(axis=1)):
                assert size == 1 or len(set(sums)) >= 3


def test_a_partner_sees_parts_of_five_and_more():
    made = released(
        cells([31, 3]),
        breakdowns=pd.concat([parts("c0", [2, 6, 10, 13]), parts("c1", [1, 2, 0, 0])]),
    )
    shown = made.breakdowns.set_index("area_id")
    assert shown.loc["c0", "incident_count"].dropna().tolist()
    assert shown.loc["c0", "shown"].tolist()[0] == Shown.SMALL
    assert shown.loc["c1", "incident_count"].isna().all()
    assert set(shown.loc["c1", "shown"]) == {Shown.LINKED}
    known = shown.dropna(subset="incident_count")
    assert (known["shown_low"] >= 5).all()


def test_which_offences_occurred_is_not_told_where_they_are_not_shown():
    """A name in the table says that there was one, and its absence that there was none."""
    tables = [
        released(cells([31]), breakdowns=parts("c0", counts, breakdown="offences", labels=names))
        for counts, names in [((3, 22, 6), "abc"), ((22, 6, 1, 2), "bcde"), ((22, 6, 3), "bcd")]
    ]
    first, *others = (one.breakdowns for one in tables)
    assert first["part"].tolist() == ["b", "c", "(not shown)"]
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_an_internal_reader_sees_all_and_the_public_nothing():
    table, asked = cells([31], kind="h3-8"), parts("c0", [2, 6, 10, 13])
    inside = hs.release(table, audience="internal", marking="OFFICIAL", breakdowns=asked)
    assert inside.breakdowns["incident_count"].tolist() == [2, 6, 10, 13]
    public = hs.release(table, audience="public", marking="PUBLISHED", breakdowns=asked)
    assert public.breakdowns["incident_count"].isna().all()
    assert set(public.breakdowns["shown"]) == {Shown.LINKED}


def test_parts_must_sum_to_the_count_and_be_whole():
    with refused("parts-of-a-count", kind=DataError):
        released(cells([31]), breakdowns=parts("c0", [2, 6, 10, 1]))
    with pytest.raises(hs.InputError, match="whole"):
        released(cells([31]), breakdowns=parts("c0", [2.5, 5.5, 10, 13]))


def test_months_are_judged_with_the_halves_of_the_year_and_zones_with_both():
    exact = cells([14, 4])
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    counts = [(7, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)]
    asked = pd.concat(
        [
            parts(n, c, breakdown="months", labels=months)
            for n, c in zip(["c0", "c1"], counts, strict=True)
        ]
    )
    year = halves(exact, [(7, 7), (3, 1)])
    made = released(exact, zones=ward_of(exact, 18), area_periods=year, breakdowns=asked)
    by_month = made.breakdowns.rename(columns={"part": "period"}).set_index(["area_id", "period"])
    by_month = by_month[["theme", "incident_count", "shown", "disclosed_for"]]
    found = hs.audit_totals(
        made.areas[0], made.zones, area_periods=[*made.area_periods, by_month.reset_index()]
    )
    assert not found["narrow"].any()
    assert len(made.area_periods) == 1


def test_places_on_the_same_ground_and_themes_in_common_are_broken_down_once():
    one = cells([31, 31])
    cluster = one.dissolve().assign(kind="cluster", min_incidents=8, incident_count=62)
    cluster = cluster.set_axis(pd.Index(["k"], name="area_id"))
    both = pd.concat([parts("c0", [2, 6, 10, 13]), parts("k", [4, 12, 20, 26])])
    shown = released(one, cluster, breakdowns=both).breakdowns.set_index("area_id")
    assert shown.loc["c0", "incident_count"].notna().any()
    assert shown.loc["k", "incident_count"].isna().all()
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    other = cells([20, 20]).assign(theme="nuisance")
    asked = pd.concat([
        parts("c0", [2, 6, 10, 13]), parts("c0", [2, 2, 8, 8], theme="nuisance"),
        parts("c1", [10, 10, 6, 5], breakdown="offences"),
    ])  # fmt: skip
    for known, broken_down in (([("asb",), ("nuisance",)], 3), ([("asb", "nuisance")], 1)):
        behind = Behind(theme_parts=tuple(known))
        shown = hs.release([one, other], record=record, breakdowns=asked, behind=behind).breakdowns
        seen = shown.groupby(["theme", "breakdown"])["incident_count"].any()
        assert seen.sum() == broken_down


def test_what_was_broken_down_before_is_not_broken_down_again_for_days_in_common():
    year, asked = cells([31]), parts("c0", [2, 6, 10, 13])
    before = released(year, breakdowns=asked)
    half = cells([31], days=("2025-07-01", "2026-01-01"))
    now = released(half, breakdowns=asked, earlier=before)
    assert now.breakdowns["incident_count"].isna().all()
    after = cells([31], days=("2026-01-01", "2026-02-01"))
    assert released(after, breakdowns=asked, earlier=before).breakdowns["incident_count"].any()


def test_a_geopackage_carries_them_and_the_next_release_reads_them(tmp_path):
    made = released(cells([31]), breakdowns=parts("c0", [2, 6, 10, 13]))
    path = hs.write_geopackage(made, tmp_path / "hotspots.gpkg")
    again = hs.read_geopackage(path)
    assert again["breakdowns"]["incident_count"].notna().any()
    half = cells([31], days=("2025-07-01", "2026-01-01"))
    now = released(half, breakdowns=parts("c0", [2, 6, 10, 13]), earlier=again.values())
    assert now.breakdowns["incident_count"].isna().all()
    again["breakdowns"]["exact"] = 2
    once_more = hs.write_geopackage(again, tmp_path / "b.gpkg", record=made.record)
    assert "exact" not in hs.read_geopackage(once_more)["breakdowns"]
    made.breakdowns["exact"] = 2
    with refused("changed-after-release"):
        hs.write_geopackage(made, path)


def test_tagging_says_which_themes_have_incidents_in_common():
    rows = incidents_at([(0, 0), (1, 1)], offence=["anti-social-behaviour", "robbery"])
    parts = Behind.of(hs.tag_themes(rows, hs.Themes.police_uk())).theme_parts
    assert ("asb",) in parts
    assert not any("asb" in part and len(part) > 1 for part in parts)
