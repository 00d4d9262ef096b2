"""Everything that was ever given to the same readers: rolling months, zones and nested themes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_towns import cells, released, ward_of

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.states import Shown

STARTS = [f"2025-{month:02}-01" for month in range(7, 12)]
PARTS = (("asb",), ("asb", "nuisance"))


def month_by_month(counts, months):
    """Cells and the ward around them, each month with all before it."""
    given = []
    for at in range(months):
        table = cells(counts, days=(STARTS[at], STARTS[at + 1]))
        given.append(released(table, zones=ward_of(table, sum(counts)), earlier=given))
    return given


def told(areas, *, beside):
    found = hs.audit_totals(areas, earlier=[one for one in beside if one is not areas])
    return int(found["narrow"].sum())


@pytest.mark.parametrize("as_periods", [False, True])
def test_two_months_of_cells_do_not_complete_the_wards_of_each(as_periods):
    """Four cells of 2 in both months, in wards of 8 to 12: of fewer than 5 together, each is 4."""
    given = month_by_month([2, 2, 2, 2], 2)
    if as_periods:
        period = {"area_id": [f"c{n}" for n in range(4)], "period": "2025-07/2025-08"}
        periods = pd.DataFrame(period | {"theme": "asb", "incident_count": 4})
        table = cells([9, 9, 9, 9], days=(STARTS[0], STARTS[4]))
        now = released(table, area_periods=periods, earlier=given)
        codes = now.area_periods[0]["shown"]
    else:
        now = released(cells([4, 4, 4, 4], days=(STARTS[0], STARTS[2])), earlier=given)
        codes = now.areas[0]["shown"]
    assert sorted(codes) == [Shown.LINKED, *[Shown.SMALL] * 3]
    every = [table for one in (*given, now) for table in one.every_table]
    assert not told(now.areas[0], beside=every)


def test_cells_in_a_ward_that_tells_nothing_are_shown_as_they_would_be_without_it():
    given, wide = month_by_month([1, 2, 0, 3, 30, 0, 1], 2), (STARTS[0], STARTS[2])
    bare, counts = [one.areas[0] for one in given], [2, 4, 0, 6, 60, 0, 2]
    now, alone = (released(cells(counts, days=wide), earlier=one) for one in (given, bare))
    pd.testing.assert_frame_equal(now.areas[0], alone.areas[0])


def test_orders_that_cross_one_another_tell_no_cell():
    """Each of the four is open to three values: together they told that the first cell holds 4."""
    exact = cells([4, 1, 4, 0, 2, 2])
    crossing = [(0, 1), (1, 4), (1, 5), (0, 4, 5)]
    orders = pd.concat([ward_of(exact.iloc[list(some)], 0, kind="pspo") for some in crossing])
    orders["asb_count"] = [exact["incident_count"].iloc[list(some)].sum() for some in crossing]
    orders.index = pd.Index([f"o{n}" for n in range(4)], name="zone_id")
    now = released(exact, zones=orders)
    assert not told(now.areas[0], beside=now.zones)


@pytest.mark.parametrize("seed", [9, 10])
def test_rolling_months_of_nested_themes_tell_nothing_together(seed):
    rng, given = np.random.default_rng(seed), []
    asb = rng.poisson(rng.gamma(1, 2, size=(3, 1)), size=(3, 4))
    counts = {"asb": asb, "nuisance": rng.binomial(asb, 0.7)}
    for first, last in [(0, 1), (0, 2), (1, 2), (1, 3), (0, 3), (2, 4), (1, 4), (0, 4)]:
        days = (STARTS[first], STARTS[last])
        tables = [
            cells(every[:, first:last].sum(axis=1), days=days, theme=theme)
            for theme, every in counts.items()
        ]
        given.append(released(*tables, earlier=given, behind=Behind(theme_parts=PARTS)))
    every = [table for one in given for table in one.areas]
    assert sum(int(table["incident_count"].notna().sum()) for table in every) > 12
    for table in given[-1].areas:
        beside = [one for one in every if one is not table]
        assert not hs.audit_totals(table, earlier=beside, theme_parts=PARTS)["narrow"].any()
