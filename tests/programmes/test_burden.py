"""Burden beside benefit: who lives in areas, what overlaps, what is done there."""

import geopandas as gpd
import pandas as pd
import pytest
from refusing import refused
from shapely.geometry import box

from hotspots.programmes.burden import burden_beside, who_lives_there


def squares(**columns):
    shapes = [box(100 * k, 0, 100 * k + 100, 100) for k in range(4)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=27700)


HOMES = squares(population=[100, 0, 300, 50], imd=[1, 4, 10, 3], young=[50, 0, 30, 5])
AREAS = gpd.GeoDataFrame(
    index=["a", "b", "c"],
    geometry=[box(50, 0, 150, 100), box(200, 0, 250, 100), box(120, 20, 180, 80)],
    crs=27700,
)
ORDERS = squares(kind="pspo", zone_name=list("wxyz"), valid_until=["2023-09-30", None, None, None])


def test_residents_add_up_to_those_of_all_areas_together():
    found = burden_beside(AREAS, HOMES, deprivation="imd", groups=["young"])
    whole = who_lives_there(AREAS.iloc[:2], HOMES, groups=["young"])
    assert found["residents"].iloc[:2].sum() == pytest.approx(whole.loc["population", "in_areas"])
    young = (found["residents"] * found["share_young"]).iloc[:2].sum()
    assert young == pytest.approx(whole.loc["young", "in_areas"])
    assert found.loc["a", "deprivation_decile"] == 1  # nobody lives in the other half


def test_the_two_most_deprived_tenths_are_a_group_of_their_own():
    homes = HOMES.assign(imd=[1, 4, 2, 3])
    last = who_lives_there(AREAS.iloc[:2], homes, deprivation="imd").iloc[-1]
    assert last[["in_areas", "in_city"]].tolist() == [100 / 2 + 300 / 2, 100 + 300]


def test_nobody_there_is_not_known_and_never_a_rate():
    found = burden_beside(AREAS, HOMES, deprivation="imd", groups=["young"])
    assert found.loc["c", "residents"] == 0
    assert found.loc["c", ["deprivation_decile", "share_young"]].isna().all()


def test_orders_are_named_with_their_days_and_wards_are_not():
    found = burden_beside(AREAS, zones=[ORDERS, ORDERS.assign(kind="ward", zone_name="Ward")])
    assert found["overlaps_with"].tolist() == ["w (until 30 September 2023); x", "x; y", "x"]
    assert "residents" not in found


def test_what_is_done_is_told_per_hundred_hours_and_not_where_nobody_was():
    done = pd.DataFrame(
        {"patrol_hours": [200, 0], "searches": [10, 3], "finds": [1, 0]}, index=["a", "b"]
    )
    found = burden_beside(AREAS, activity=done)
    assert found.loc["a", ["searches_per_100_hours", "finds_per_100_hours"]].tolist() == [5, 0.5]
    assert found.loc[["b", "c"], "searches_per_100_hours"].isna().all()
    assert "arrests_per_100_hours" not in found
    with refused("burden-activity"):
        burden_beside(AREAS, activity=done.drop(columns="patrol_hours"))
    with refused("burden-columns"):
        burden_beside(AREAS, HOMES, groups=["nobody"])
