"""Ranks without drawing the areas that hold nothing: distributed as if every area were drawn."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import in_areas
from scipy.special import gammaincc, gammainccinv
from tables import incidents_at, shuffled

from hotspots.analysis.uncertainty import rank_intervals
from hotspots.analysis.uncertainty.bootstrap_ranks import rank_draws
from hotspots.analysis.uncertainty.quiet_areas import QuietAreas
from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from bench_rank_coverage import Town, make_town

DRAWS = 4000
TOWNS = {
    "quiet": Town("quiet", areas=80, mean=1.0, shape=0.3),
    "sparse": Town("sparse", areas=120, mean=0.4, shape=0.05),
    "alike": Town("alike", areas=60, mean=0.8, shape=20.0),
}


@pytest.fixture
def none_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Areas that hold nothing are left out of the draws, however few they are."""
    monkeypatch.setattr(rank_intervals, "MANY", 1)


def small_town() -> tuple[gpd.GeoDataFrame, pd.Series, pd.Index]:
    """Forty areas, twelve of which hold something."""
    rng = np.random.default_rng(4)
    names = pd.Index([f"a{number:02d}" for number in range(40)], name="area_id")
    area = rng.choice(12, 60, p=np.arange(12, 0, -1) / 78) * 3
    incidents = incidents_at([(1000.0 * a, 0.0) for a in area], harm=rng.choice([2.0, 90.0], 60))
    return incidents, pd.Series(names.to_numpy()[area], incidents.index, dtype=object), names


def every_area_drawn(
    amounts: np.ndarray, number: int, shape: float, means: np.ndarray | None, draws: int
) -> np.ndarray:
    """Slow and obvious: an amount for every quiet area in every draw, all put in order."""
    rng = np.random.default_rng(1)
    ranks = np.empty((len(amounts), draws))
    for draw in range(draws):
        drawn = rng.standard_gamma(shape, (amounts == 0).sum() + number)
        if means is not None:
            drawn *= rng.choice(means, len(drawn))
        joined, quiet = np.split(drawn, [len(drawn) - number])
        own = amounts.copy()
        own[amounts == 0] = joined
        both = np.concatenate([own, quiet])
        ranks[:, draw] = [1 + (both > one).sum() for one in own]
    return ranks


@pytest.mark.parametrize("means", [None, np.array([0.5, 3.0, 8.0])], ids=["count", "harm"])
@pytest.mark.parametrize("shape", [0.02, 0.4, 6.0])
def test_ranks_are_distributed_as_if_every_area_had_been_drawn(shape, means):
    amounts = np.array([0, 1.0, 9.5, 0, 2.25, 1.5, 0])
    quiet = QuietAreas(25, shape, means, np.random.default_rng(0))
    drawn = np.repeat(amounts[:, None], DRAWS, axis=1)
    fast = rank_draws([drawn], 7, DRAWS, np.random.default_rng(2), quiet=quiet)
    slow = every_area_drawn(amounts, 25, shape, means, DRAWS)
    for rank in (1, 2, 5, 10, 20, 31):
        one, other = ((ranks <= rank).mean(axis=1) for ranks in (fast, slow))
        noise = np.sqrt(2 * 0.25 / DRAWS)
        np.testing.assert_allclose(one, other, atol=4 * noise)
    np.testing.assert_allclose(fast.mean(axis=1), slow.mean(axis=1), atol=4 * 32 * 0.41 / 63)


@pytest.mark.parametrize("by", ["count", "harm"])
@pytest.mark.parametrize("name", TOWNS)
def test_chances_and_intervals_are_those_of_drawing_every_area(name, by, monkeypatch):
    areas, incidents, _ = make_town(TOWNS[name], 3)
    tables = []
    for many in (1, 10**9):
        monkeypatch.setattr(rank_intervals, "MANY", many)
        tables.append(rank_uncertainty(areas, incidents, by=by, draws=DRAWS, rng=many, top=12))
    one, other = tables
    chance = (one["p_top_k"] + other["p_top_k"]) / 2
    noise = np.sqrt(2 * chance * (1 - chance) / DRAWS) + 1 / DRAWS
    assert ((one["p_top_k"] - other["p_top_k"]).abs() <= 4.5 * noise).all()
    for end in ("rank_low", "rank_high"):
        moved = (one[end] - other[end]) / len(areas)
        assert (moved.abs() <= 0.06).mean() >= 0.95  # an end at a leap of the ranks moves far
        assert abs(moved.mean()) <= 0.01


@pytest.mark.parametrize("by", ["count", "harm"])
def test_order_of_rows_and_areas_changes_nothing(by, none_drawn):
    incidents, labels, names = small_town()
    moved = shuffled(incidents.assign(label=labels), 3)
    tables = [
        rank_uncertainty(pd.DataFrame(index=index), in_areas(rows, labels), by=by, draws=60, rng=5)
        for index, rows, labels in (
            (names, incidents, labels),
            (names[::-1], moved, moved["label"]),
        )
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1].reindex(names), check_exact=True)


@pytest.mark.parametrize("by", ["count", "harm", "density"])
@pytest.mark.parametrize("many", [1, 10**9])
def test_areas_that_hold_nothing_share_an_interval_and_chances_add_up(by, many, monkeypatch):
    monkeypatch.setattr(rank_intervals, "MANY", many)
    incidents, labels, names = small_town()
    areas = pd.DataFrame({"area_km2": 0.25}, index=names)
    table = rank_uncertainty(areas, in_areas(incidents, labels), by=by, draws=90, top=7)
    empty = table["value"] == 0
    assert empty.sum() >= 28 and table.loc[empty, "rank"].isna().all()
    assert (table.loc[empty, ["rank_low", "rank_high", "p_top_k"]].nunique() == 1).all()
    assert table["p_top_k"].sum() == pytest.approx(7)
    held = table[~empty]
    assert held["rank"].between(held["rank_low"], held["rank_high"]).all()
    assert table["rank_low"].ge(1).all() and table["rank_high"].le(40).all()


def test_areas_of_unequal_ground_are_all_drawn(none_drawn):
    incidents, labels, names = small_town()
    areas = pd.DataFrame({"area_km2": np.geomspace(1e-4, 1e4, 40)}, index=names)
    table = rank_uncertainty(areas, in_areas(incidents, labels), by="density", draws=400)
    empty = table[table["value"] == 0]
    assert empty["rank_low"].iloc[0] < empty["rank_low"].iloc[-1]
    assert table["p_top_k"].sum() == pytest.approx(10)


def test_no_two_areas_have_the_same_rank_in_a_draw():
    quiet = QuietAreas(30, 0.3, None, np.random.default_rng(0))
    amounts = np.random.default_rng(1).poisson(1.0, (20, 500)) * 1.5
    ranks = rank_draws([amounts], 20, 500, np.random.default_rng(2), quiet=quiet)
    assert ranks.min() >= 1 and ranks.max() <= 50
    assert (np.diff(np.sort(ranks, axis=0), axis=0) > 0).all()


@pytest.mark.parametrize("amounts", [np.zeros((4, 300)), np.full((4, 300), 2.0)])
def test_where_nothing_or_the_same_came_to_all_chance_decides(amounts):
    """Four areas, one more that holds nothing and (almost) never gets an amount of 2."""
    quiet = QuietAreas(1, 1e-4, None, np.random.default_rng(0))
    ranks = rank_draws([amounts], 4, 300, np.random.default_rng(2), quiet=quiet)
    assert np.ptp(ranks.mean(axis=1)) < 0.6
    assert np.unique(ranks).tolist() == ([1, 2, 3, 4, 5] if amounts.max() == 0 else [1, 2, 3, 4])


@pytest.mark.parametrize("shape", [1e-3, 0.05, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("chance", [1e-3, 0.05, 0.5])
def test_amounts_drawn_above_a_bound_are_those_of_the_gamma_distribution(shape, chance):
    quiet = QuietAreas(200_000, shape, None, np.random.default_rng(0))
    least = max(gammainccinv(shape, chance), 1e-9)
    chance = gammaincc(shape, least)
    found = quiet._amounts_above(least, 0)
    assert (np.diff(found) <= 0).all() and found[-1] >= least * (1 - 1e-9)
    expected = 200_000 * chance
    assert abs(len(found) - expected) < 4 * np.sqrt(expected * (1 - chance))
    share = gammaincc(shape, found) / chance  # rises evenly from 0 to 1
    even = (np.arange(len(found)) + 0.5) / len(found)
    assert np.abs(share - even).max() < 2 / np.sqrt(len(found))


def test_no_area_is_named_first_because_of_its_name():
    """Areas of one incident each tie where hardly anything is lent: their names decide nothing."""
    incidents = incidents_at([(1000.0 * number, 0.0) for number in range(6)] + [(0.0, 9.0)] * 60)
    names = pd.Index([*"abcdefl", *(f"quiet {number}" for number in range(1000))])
    labels = pd.Series([*"abcdef", *"l" * 60], incidents.index)
    table = rank_uncertainty(
        pd.DataFrame(index=names), in_areas(incidents, labels), draws=1000, top=3
    )
    assert np.ptp(table.loc[list("abcdef"), "p_top_k"]) < 4.5 * np.sqrt(2 * 0.25 / 1000)
