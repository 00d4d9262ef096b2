"""Few places hold much: known answers hold, and little data gives no bold figure."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

import hotspots as hs
from hotspots.core.errors import InputError

TEN = [10, 8, 2, 0, 0, 0, 0, 0, 0, 0]
counts_of_places = st.lists(st.integers(0, 20), min_size=1, max_size=40).filter(sum)


@pytest.mark.parametrize(
    ("counts", "plain", "generalised"),
    [
        (TEN, 0.78, 0.78),
        ([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 0.8, 0.0),
        ([2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.9, 0.5),
        ([3, 3, 3, 3], 0.0, 0.0),
        ([7], 0.0, 0.0),
    ],
)
def test_gini_has_the_known_answers(counts, plain, generalised):
    assert hs.stats.gini(counts) == pytest.approx(plain, abs=1e-12)
    assert hs.stats.generalised_gini(counts) == pytest.approx(generalised, abs=1e-12)


@given(counts_of_places)
@settings(max_examples=80, deadline=None)
def test_gini_is_half_the_mean_difference_of_all_pairs_over_the_mean(counts):
    values = np.array(counts, dtype=float)
    pairs = np.abs(values[:, None] - values[None, :]).mean()
    assert hs.stats.gini(counts) == pytest.approx(pairs / 2 / values.mean(), abs=1e-12)


@given(counts_of_places)
@settings(max_examples=80, deadline=None)
def test_generalised_gini_is_zero_when_spread_as_thin_as_can_be_and_never_above_gini(counts):
    assert -1e-12 <= hs.stats.generalised_gini(counts) <= hs.stats.gini(counts) + 1e-12
    if sum(counts) >= len(counts):
        assert hs.stats.generalised_gini(counts) == pytest.approx(hs.stats.gini(counts))
    else:
        thin = np.zeros(len(counts))
        thin[: sum(counts)] = 1
        assert hs.stats.generalised_gini(thin) == pytest.approx(0, abs=1e-12)


@given(counts_of_places, st.sampled_from([0.25, 0.5, 0.8, 1.0]))
@settings(max_examples=80, deadline=None)
def test_the_fewest_places_are_the_fewest(counts, share):
    places = int(hs.stats.concentration_table(counts, [share], draws=1)["places"].iloc[0])
    ordered = sorted(counts, reverse=True)
    assert sum(ordered[:places]) >= share * sum(counts) - 1e-9
    assert sum(ordered[: places - 1]) < share * sum(counts)


def test_the_concentration_table_says_it_with_an_interval():
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(0.2, 0.05, 2_000)
    table = hs.stats.concentration_table(counts, draws=200)
    assert table.index.tolist() == [0.25, 0.5, 0.8]
    assert (table["place_share_low"] <= table["place_share"]).all()
    assert (table["place_share"] <= table["place_share_high"]).all()
    assert table["place_share"].is_monotonic_increasing
    assert (table["place_share"] < table["even_place_share"]).all()
    assert (table["gini_low"] < table["gini"]).all()
    assert table["gini"].iloc[0] == hs.stats.gini(counts)
    assert (table["confidence"] == 0.9).all()
    again = hs.stats.concentration_table(rng.permutation(counts), draws=200)
    pd.testing.assert_frame_equal(table, again)


def test_fewer_incidents_than_places_are_measured_against_what_is_possible():
    """Two incidents in two of ten places: half of them cannot lie in fewer than one place."""
    table = hs.stats.concentration_table([1, 1] + [0] * 8, [0.5])
    assert table["place_share"].iloc[0] == table["even_place_share"].iloc[0] == 0.1
    assert table[["generalised_gini_low", "generalised_gini_high"]].isna().all(axis=None)
    assert table["gini_low"].notna().all()


def test_the_lorenz_table_falls_and_ends_at_one():
    table = hs.stats.lorenz_table(pd.Series([2, 5, 2, 0], index=list("dbca")))
    assert table.index.tolist() == ["b", "c", "d", "a"]
    assert table["cumulative_share"].tolist() == pytest.approx([5 / 9, 7 / 9, 1, 1])
    assert table["place_share"].tolist() == [0.25, 0.5, 0.75, 1]
    thin = hs.stats.lorenz_table([1, 1, 0, 0])
    assert thin["even_share"].tolist() == thin["cumulative_share"].tolist()


def test_the_eighty_twenty_table_holds_all_incidents_and_all_ground():
    areas = gpd.GeoDataFrame(
        {
            "incident_count": [5, 60, 15, 20, 0],
            "area_km2": [0.5, 0.1, 0.2, 0.2, 1.0],
            "place_name": list("vwxyz"),
        },
        index=pd.Index(list("abcde"), name="area_id"),
        geometry=[box(0, 0, 1, 1)] * 5,
        crs="EPSG:27700",
    )
    before = areas.copy(deep=True)
    table = hs.stats.eighty_twenty_table(areas)
    pd.testing.assert_frame_equal(areas, before)
    assert table.index.tolist() == list("bdcae")
    assert table["place_name"].tolist() == list("wyxvz")
    assert table["in_eighty"].tolist() == [True, True, False, False, False]
    assert table["cumulative_share"].iloc[-1] == 1
    assert table["ground_share"].tolist() == pytest.approx([0.05, 0.15, 0.25, 0.5, 1])
    shuffled = hs.stats.eighty_twenty_table(areas.iloc[::-1])
    pd.testing.assert_frame_equal(shuffled, table)
    harmful = areas.assign(harm=areas["incident_count"] * 3.0)
    assert (
        hs.stats.eighty_twenty_table(harmful, by="harm")["share"].tolist()
        == table["share"].tolist()
    )
    with pytest.raises(InputError, match="`by`"):
        hs.stats.eighty_twenty_table(areas, by="density")
    with pytest.raises(InputError, match="harm"):
        hs.stats.eighty_twenty_table(areas, by="harm")


@pytest.mark.parametrize("counts", [[], [0, 0, 0]])
def test_no_incidents_give_no_figure_and_no_error(counts):
    assert np.isnan(hs.stats.gini(counts))
    assert np.isnan(hs.stats.generalised_gini(counts))
    table = hs.stats.concentration_table(counts, draws=5)
    assert table["places"].isna().all()
    assert table["place_share"].isna().all()
    assert len(hs.stats.lorenz_table(counts)) == len(counts)


@pytest.mark.parametrize("counts", [[1, -1], [1, np.nan], [[1, 2], [3, 4]]])
def test_counts_must_be_counts(counts):
    for measure in (
        hs.stats.gini,
        hs.stats.generalised_gini,
        hs.stats.lorenz_table,
        hs.stats.concentration_table,
    ):
        with pytest.raises(InputError, match="counts"):
            measure(counts)


def test_shares_and_draws_must_make_sense():
    for options in ({"shares": [0.0]}, {"shares": [1.2]}, {"draws": 0}):
        with pytest.raises(InputError, match=next(iter(options))):
            hs.stats.concentration_table(TEN, **options)
