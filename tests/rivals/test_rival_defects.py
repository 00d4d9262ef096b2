"""Defects found in other hotspot software, one test each, so that they are not ours too.

Each docstring says which program went wrong and how. A bandwidth averaged over one axis only
(sfhotspot) has no counterpart here: no bandwidth is ever chosen from the data.
"""

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chain import cells_of, in_cells
from refusing import refused
from tables import incidents_at, zone

import hotspots as hs

PACKAGE = Path(hs.__file__).parent
HOT, COLD, NEITHER = 5.0, -5.0, 0.0


@pytest.mark.parametrize("total", [4_000, 20_000])
def test_incidents_on_one_map_point_stay_neighbours_in_small_and_large_files(total):
    """st_dbscan drops zero distances from 20,000 rows on and then finds 0 of 40 clusters."""
    rng = np.random.default_rng(1)
    piles = np.repeat(np.arange(40), total // 80)
    snapped = np.column_stack([piles % 8, piles // 8]) * 1_000.0
    noise = rng.uniform((-60_000, 10_000), (60_000, 60_000), (total // 2, 2)).round(1)
    incidents = incidents_at([*map(tuple, snapped), *map(tuple, noise)])
    labels = hs.assign_clusters(incidents, radius_m=50, min_incidents=25).area_ids
    on_points = labels.iloc[: len(snapped)]
    assert on_points.notna().all()
    assert on_points.nunique() == 40
    assert labels.iloc[len(snapped) :].isna().all()


def town(mean=1.0, side=20):
    """A square of cells with random counts."""
    grid = hs.SquareGrid(250)
    edge = 250 * side
    city = zone("City", (0, 0, edge, edge))
    cells = cells_of(incidents_at([]), grid, within=city)
    counts = np.random.default_rng(0).poisson(mean, len(cells))
    return cells.drop(columns="points_at_risk", errors="ignore").assign(incident_count=counts)


def test_no_correction_means_no_correction_wherever_it_is_asked_for():
    """sfhotspot reads a missing p_adjust_method as "none" in one function and as Holm in another.

    Ours is a word, written beside every result; nothing can be left open.
    """
    cells = town()
    plain = hs.flag_hotspots(cells, correction="none")
    pd.testing.assert_series_equal(plain["q_value"], plain["p_value"], check_names=False)
    assert set(plain["correction"]) == {"none"}
    for word in ("bh", "by", "holm", "max-t"):
        corrected = hs.flag_hotspots(cells, correction=word)
        assert set(corrected["correction"]) == {word}
        assert (corrected["q_value"] >= corrected["p_value"] - 1e-12).all()
    with refused("unknown-choice", of="correction"):
        hs.flag_hotspots(cells, correction=None)


def test_the_name_of_a_trend_does_not_depend_on_how_many_areas_are_asked_about():
    """sfhotspot corrects over periods in its classification unless told not to."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(1.5, 1.5, (60, 14)))
    together = hs.evaluation.classify_trends(table)["category"]
    alone = [hs.evaluation.classify_trend(row) for row in table.to_numpy()]
    assert together.tolist() == alone
    assert together.nunique() >= 3


@pytest.mark.parametrize("steps", [10, 12, 20, 25])
def test_a_share_of_steps_is_counted_over_exactly_those_steps(steps):
    """sfhotspot's recent share sums one period more than it divides by."""
    for hot_steps in range(1, steps + 1):
        z = [NEITHER] * (steps - hot_steps) + [HOT] * hot_steps
        if hot_steps / steps >= 0.9:
            assert hs.evaluation.classify_trend(z) in ("intensifying", "persistent")
        else:
            assert hs.evaluation.classify_trend(z) == ("new" if hot_steps == 1 else "consecutive")
        row = hs.evaluation.classify_trends(pd.DataFrame([z])).iloc[0]
        assert (row["steps_hot"], row["steps"]) == (hot_steps, steps)


def test_a_forecast_looks_back_on_exactly_so_many_periods():
    """The same fault in a forecast: a window of two periods that holds three."""
    months = ["2018-01", "2018-02", "2018-03", "2018-04"]
    counts = pd.DataFrame(
        [("long ago", 9, 0, 0, 0), ("lately", 0, 2, 2, 0), ("next", 0, 0, 1, 5)],
        columns=["area_id", *months],
    ).melt("area_id", var_name="period", value_name="incident_count")
    seen = []

    def note(past):
        seen.append(list(past.columns))
        return past.sum(axis=1)

    hs.evaluation.walk_forward(counts, method=note, train=2, area_shares=[0.5])
    assert seen == [months[:2], months[1:3]]


def test_cold_steps_never_make_a_hotspot_intensify():
    """sfdep and pyehsa count significant steps of either sign towards "intensifying hotspot"."""
    z = np.array([COLD] * 8 + [4.0, 4.5, 5.0, 5.5])
    assert hs.stats.mann_kendall(z).p_value <= 0.05
    assert (np.abs(z) > 1.96).all()
    assert hs.evaluation.classify_trend(z) != "intensifying"
    assert hs.evaluation.classify_trend(z + 10) == "intensifying"
    assert hs.evaluation.classify_trend(np.linspace(-2.5, -9, 12)) == "intensifying cold"


@pytest.mark.parametrize("last", [-1.0, 0.0, 0.5, 1.9])
def test_a_historical_hotspot_is_one_that_is_not_hot_now(last):
    """sfdep and pyehsa ask for z below zero instead, and lose those that only cooled down."""
    assert hs.evaluation.classify_trend([HOT] * 11 + [last]) == "historical"


@pytest.mark.parametrize("radius_m", [1_000, 2_000, 4_000])
@pytest.mark.parametrize(
    "grid",
    [hs.H3Grid(8), hs.H3Grid(9), hs.H3Grid(10), hs.HexGrid(400), hs.SquareGrid(500)],
    ids=lambda grid: grid.name,
)
def test_no_incident_is_lost_at_the_edge_of_the_town(grid, radius_m):
    """hexseg keeps cells whose centre is inside, and loses 26 % of a small town at resolution 8."""
    rng = np.random.default_rng(2)
    angle, away = rng.uniform(0, 2 * np.pi, 2_000), radius_m * np.sqrt(rng.random(2_000))
    incidents = incidents_at(
        list(zip(away * np.cos(angle) * 0.99, away * np.sin(angle) * 0.99, strict=True))
    )
    city = zone("City", (-1, -1, 1, 1))
    city.geometry = city.geometry.centroid.buffer(radius_m)
    cells = cells_of(incidents, grid, within=city)
    assert cells["incident_count"].sum() == 2_000
    ground = (cells["area_km2"] * cells["share_inside"]).sum()
    assert ground == pytest.approx(np.pi * (radius_m / 1_000) ** 2, rel=0.01)


def test_an_incident_between_two_clusters_is_counted_once():
    """hexseg lets one segment join two clusters: 10 - 1 - 9 gives 11 and 10, 21 of 20 crimes.

    The incident at 100 m is no core, and in reach of both.
    """
    left, between, right = [(-60, 0)] * 9 + [(0, 0)], [(100, 0)], [(200, 0)] + [(260, 0)] * 8
    incidents = incidents_at([*left, *between, *right])
    clustered = hs.assign_clusters(incidents, radius_m=100, min_incidents=6)
    clusters = hs.find_clusters(clustered)
    assert sorted(clusters["incident_count"]) == [9, 11]
    assert clustered.area_ids.value_counts().to_dict() == clusters["incident_count"].to_dict()


def test_patrol_areas_next_to_each_other_share_no_incident():
    """The same fault where areas are grown: what one area holds, the next one cannot hold."""
    sizes = {0: 10, 75: 1, 150: 9}
    points = [(x + 3.0 * step, 0.0) for x, size in sizes.items() for step in range(size)]
    months = [f"2018-{5 + row % 3:02}" for row in range(len(points))]
    incidents = incidents_at(points, month=months, theme_asb=True)
    incidents["location_precision"] = "exact"
    limits = {"max_area_km2": 0.05, "max_walk_m": 250, "min_separation_m": 1}
    asb = hs.select(incidents, hs.Question("asb"))
    chosen = hs.select_patrol_areas(asb, by="count", count=2, min_incidents=5, **limits)
    areas = chosen.areas
    assert len(areas) == 2
    assert areas["incident_count"].sum() <= len(points)
    first, second = areas.geometry
    assert first.intersection(second).area == 0


def test_the_name_of_a_band_is_where_its_incidents_are():
    """The Near Repeat Calculator labels every band one off."""
    place = zone("Park", (-1, -1, 1, 1))
    bands = hs.zones.rings(place, [100, 200, 300])
    away = [50, 150, 250, 350]
    inside = hs.zones.zones_of(incidents_at([(metres + 1.0, 0.0) for metres in away]), bands)
    found = dict(
        zip(inside["incident_id"], inside["zone_id"].str.extract(r"(\d+-\d+)$")[0], strict=True)
    )
    assert found == {"i0": "0-100", "i1": "100-200", "i2": "200-300"}


def test_the_name_of_a_month_is_when_its_incidents_were():
    """The same fault in time: the first minute of July is July, also in summer time."""
    incidents = incidents_at([(0, 0)] * 3, month=["2018-06", "2018-07", "2018-07"])
    incidents["occurred_from"] = incidents["occurred_from"].dt.tz_convert("UTC")
    city = zone("City", (-100, -100, 100, 100))
    held = in_cells(incidents, hs.SquareGrid(500), within=city)
    months = hs.count_by_period(hs.aggregate_to_cells(held), held)["incident_count"]
    assert months.groupby("period").sum().to_dict() == {"2018-06": 1, "2018-07": 2}


def test_no_name_is_used_that_numpy_has_dropped():
    """open_cp's hit_rates fails on current numpy, which has no ``np.int`` and no ``np.float``."""
    dropped = re.compile(r"\bnp\.(int|float|bool|object|str|complex|long|unicode|product|in1d)\b")
    used = {
        f"{path.name}: {hit.group()}"
        for path in PACKAGE.rglob("*.py")
        for hit in dropped.finditer(path.read_text(encoding="utf-8"))
        if hit.group() not in ("np.bool", "np.long")  # back since numpy 2, as types
    }
    assert not used
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = hs.evaluation.forecast_accuracy(
            [3, 1, 0, 0], [2, 1, 1, 0], area_shares=[0.25, 0.5]
        )
    assert scores["hit_rate"].tolist() == [0.5, 0.75]


def test_gi_star_knows_how_many_neighbours_stand_behind_a_mean():
    """xrspatial called the standard score of a local mean "Gi*".

    Both cells below see a mean of 10, one over two cells and one over five.
    """
    values = pd.Series([10.0] * 7 + [0.0, 1.0] * 20)
    neighbours = {0: [1], 1: [0], 2: [3, 4, 5, 6], **{cell: [2] for cell in (3, 4, 5, 6)}}
    neighbours |= {cell: [] for cell in range(7, 47)}
    z = hs.stats.local_gi_star(values, neighbours)["z"]
    local_mean_z = (10 - values.mean()) / values.std(ddof=0)
    n, mean, spread = len(values), values.mean(), values.std(ddof=0)
    for cell, size in ((0, 2), (2, 5)):
        by_hand = size * (10 - mean) / (spread * np.sqrt((n * size - size**2) / (n - 1)))
        assert z[cell] == pytest.approx(by_hand, rel=1e-12)
        assert abs(z[cell] - local_mean_z) > 0.5
    assert z[2] > z[0] + 1
