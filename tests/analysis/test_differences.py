"""Two counts of an area are called different only where chance and rounding cannot explain it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

from hotspots.analysis.bursts import _apart
from hotspots.analysis.change_map import (
    CHANGES,
    FALLEN,
    HIGHER,
    LOWER,
    RISEN,
    compare_areas,
)
from hotspots.core.errors import InputError


def table(counts, start="2018-07-01", until="2018-08-01", **columns):
    """Areas with these counts over one period."""
    west = 250 * np.arange(len(counts))
    squares = shapely.box(west, 0, west + 250, 250)
    ids = pd.Index([f"a{n}" for n in range(len(counts))], name="area_id")
    span = [pd.Timestamp(day, tz="Europe/London") for day in (start, until)]
    return gpd.GeoDataFrame(
        {
            "incident_count": np.array(counts, dtype=float),
            "period_from": span[0],
            "period_until": span[1],
            **columns,
        },
        index=ids,
        geometry=squares,
        crs=27700,
    )


def before(counts, **columns):
    return table(counts, "2017-07-01", "2017-08-01", **columns)


def changes(now, then, **columns):
    """What is said of areas that never were seen to come in bursts."""
    areas, earlier = table(now, **columns), before(then, **columns)
    return compare_areas(areas, earlier, area_periods=steady(now, then))["change"].tolist()


def steady(now, then):
    """Twelve other months of areas, none unlike the next."""
    most = np.fmax(np.nan_to_num(np.array(now, float)), np.nan_to_num(np.array(then, float)))
    return months_of(np.tile(most[:, None], 12), end="2016-12")


def test_every_kind_of_change_is_told_apart():
    assert changes([60, 5, 7, 6, 2, None, 0, 4], [5, 60, 6, 7, 2, 3, 0, None]) == [
        "more_beyond_chance", "fewer_beyond_chance", "more_could_be_chance",
        "fewer_could_be_chance", "same", "unknown",
        "none", "unknown",
    ]  # fmt: skip


def test_p_values_are_those_of_the_exact_binomial_test():
    random = np.random.default_rng(5)
    now, then = random.poisson(9, 200), random.poisson(7, 200)
    fours = np.array_split(np.arange(200), 50)
    found = pd.concat([compare_areas(table(now[one]), before(then[one])) for one in fours])
    for (_, row), b, a in zip(found.iterrows(), now, then, strict=True):
        if a + b < 6:
            assert np.isnan(row["p_value"])
            continue
        one_sided = stats.binomtest(
            int(b), int(a + b), 0.5, alternative="greater" if b > a else "less"
        )
        assert row["p_value"] == pytest.approx(min(1.0, 2 * one_sided.pvalue))
    assert found["p_value"].notna().sum() == found["n_tested"].iloc[::4].sum()
    assert found["drift"].eq(0).all()


def test_turning_the_two_periods_round_turns_the_words_round():
    random = np.random.default_rng(8)
    one, other = random.poisson(6, 300), random.poisson(6, 300) + 9 * (np.arange(300) < 8)
    there, back = changes(one, other), changes(other, one)
    turned = {RISEN: FALLEN, FALLEN: RISEN, HIGHER: LOWER, LOWER: HIGHER}
    assert [turned.get(code, code) for code in there] == back


def test_counts_that_were_released_exact_are_exact():
    now, then = [60, 5, 7, 6], [5, 60, 6, 6]
    plain = compare_areas(table(now), before(then))
    told = {"disclosed_for": "public", "shown": "exact"}
    released = compare_areas(table(now, **told), before(then, **told))
    pd.testing.assert_frame_equal(released, plain)


def test_what_chance_makes_is_hardly_ever_called_a_change():
    random = np.random.default_rng(11)
    alarms = 0
    for _ in range(60):
        rate = random.gamma(0.5, 12, 250)
        words = changes(random.poisson(rate), random.poisson(rate))
        alarms += any("beyond" in word for word in words)
    assert alarms <= 6


def test_drift_between_places_and_bursts_are_no_change():
    """Rates that drift by a third, calls in twos: of exact tests two maps of three would call."""
    random = np.random.default_rng(12)
    alarms = 0
    for _ in range(60):
        rate = random.gamma(0.5, 12, 250)
        now, then = (random.poisson(rate * random.lognormal(0, 0.3, 250)) * 2 for _ in range(2))
        alarms += any("beyond" in word for word in changes(now, then))
    assert alarms <= 6


def months_of(counts, end="2018-07"):
    """An area_periods table of the months up to that of ``table``."""
    names = pd.period_range(end=end, periods=counts.shape[1], freq="M").astype(str)
    ids = pd.Index([f"a{n}" for n in range(len(counts))], name="area_id")
    columns = pd.Index(names, name="period")
    return pd.DataFrame(counts, ids, columns).stack().rename("incident_count").to_frame()


def called(counts, **given):
    now, then = table(counts[:, -1]), before(counts[:, -13])
    return compare_areas(now, then, **given)["change"].str.contains("beyond").to_numpy()


def test_areas_that_come_in_bursts_are_held_against_their_own_months():
    """One area in ten in bursts of eight: by p-values alone nearly every map would call."""
    random = np.random.default_rng(13)
    bursts = np.arange(400)[:, None] % 10 == 0
    alone = known = 0
    for _ in range(30):
        rates = np.full((400, 24), 12.0)
        counts = np.where(bursts, 8 * random.poisson(rates / 8), random.poisson(rates))
        two = compare_areas(table(counts[:, -1]), before(counts[:, -13]))
        alone += (two["q_value"] <= 0.05).any()
        assert not two["change"].str.contains("beyond").any()
        assert two["held_against"].eq("nothing").all()
        known += called(counts, area_periods=months_of(counts)).any()
        counts[1:6, -1] = 75
        assert called(counts, area_periods=months_of(counts))[1:6].all()
    assert alone >= 25 and known <= 3


@pytest.mark.parametrize("zone", ["Europe/London", "America/Toronto", "Australia/Sydney"])
def test_months_are_those_of_the_windows_by_the_clock_of_their_place(zone):
    months = pd.period_range("2016-12", "2019-01", freq="M").astype(str).tolist()
    ends = [pd.Timestamp(f"{year}-01-01", tz=zone) for year in (2017, 2018, 2019)]
    inside = _apart(months, ((ends[0], ends[1]), (ends[1], ends[2])))
    assert inside == [months[1:13], months[13:25], [months[0], months[25]]]


def test_rare_bursts_in_quiet_areas_are_no_change():
    """A burst of eight in two years: months that hold less than the change cannot rule it out."""
    random, alarms = np.random.default_rng(16), 0
    bursts = np.arange(400)[:, None] % 10 == 0
    for _ in range(30):
        rates = np.where(bursts, 1 / 24, 0.5) * np.ones(24)
        counts = np.where(bursts, 8, 1) * random.poisson(rates)
        alarms += called(counts, area_periods=months_of(counts)).any()
    assert alarms <= 3


def test_months_that_vary_as_single_incidents_do_or_are_too_few_change_nothing():
    counts = np.random.default_rng(14).poisson(12.0, (100, 24))
    counts[:4] = 12
    now, then = table(counts[:4, -1]), before(counts[:4, -13] + 9)
    numbers = ["count_before", "count_now", "p_value", "q_value", "n_tested", "drift"]
    exact = compare_areas(now, then)[numbers]
    pd.testing.assert_frame_equal(
        exact, compare_areas(now, then, area_periods=months_of(counts[:4]))[numbers]
    )
    few = months_of(counts).query("period >= '2018-05'")
    now, then = table(counts[:, -1]), before(counts[:, -13])
    pd.testing.assert_frame_equal(
        compare_areas(now, then), compare_areas(now, then, area_periods=few)
    )


def test_a_month_that_is_withheld_tells_nothing_of_its_area():
    counts = np.random.default_rng(15).poisson(12.0, (50, 24)).astype(float)
    counts[0] = 40.0 * (np.arange(24) % 2)
    known, withheld = months_of(counts), months_of(counts)
    withheld.iloc[3, 0] = np.nan
    now, then = table(counts[:, -1]), before(counts[:, -13] + 40 * (np.arange(50) == 0))
    p_value = [
        compare_areas(now, then, area_periods=one)["p_value"].iloc[0]
        for one in (known, withheld, None)
    ]
    assert p_value[0] > p_value[1] == p_value[2]


def test_a_planted_change_is_found():
    random = np.random.default_rng(3)
    rate = np.full(200, 12.0)
    now = random.poisson(np.where(np.arange(200) < 5, 60, rate))
    words = changes(now, random.poisson(rate))
    assert [number for number, word in enumerate(words) if word == CHANGES[0]] == [0, 1, 2, 3, 4]


def test_rounded_counts_differ_only_beyond_their_rounding():
    exact = compare_areas(table([40]), before([20]))
    rounded = compare_areas(
        table([40], disclosed_for="partner"), before([20], disclosed_for="partner")
    )
    nearest = compare_areas(table([38]), before([22]))
    assert exact["p_value"].iloc[0] < rounded["p_value"].iloc[0]
    assert rounded["p_value"].iloc[0] == pytest.approx(nearest["p_value"].iloc[0])
    one_side = compare_areas(table([40]), before([20], disclosed_for="partner"))
    assert one_side["p_value"].iloc[0] == pytest.approx(
        compare_areas(table([40]), before([22]))["p_value"].iloc[0]
    )


def test_a_difference_that_rounding_can_make_is_none():
    def words(now, then, said):
        shown = {"disclosed_for": "partner", "shown": said}
        return compare_areas(table([now], **shown), before([then], **shown))["change"].iloc[0]

    assert words(25, 20, "rounded") == "more_could_be_chance"
    assert words(25, 20, "merged_up") == "same"
    assert words(30, 20, "merged") == "more_could_be_chance"
    assert words(0, 0, "rounded") == "none"


def test_no_counts_that_rounding_can_stand_for_contradict_the_word():
    random = np.random.default_rng(2)
    for _ in range(300):
        now, then = random.integers(5, 60, 2)
        shown = [5.0 * np.floor(count / 5 + 0.5) for count in (now, then)]
        word = compare_areas(
            table(shown[:1], disclosed_for="public"), before(shown[1:], disclosed_for="public")
        )["change"].iloc[0]
        if word.startswith("more"):
            assert now > then
        if word.startswith("fewer"):
            assert now < then


def test_a_withheld_count_is_never_taken_for_none():
    words = changes([None, 400.0, None], [400.0, None, None], disclosed_for="partner")
    assert words == ["unknown"] * 3


def test_longer_months_are_allowed_for():
    march = table([31 * 40], "2018-03-01", "2018-04-01")
    february = table([28 * 40], "2018-02-01", "2018-03-01")
    assert compare_areas(march, february)["change"].iloc[0] == "more_could_be_chance"
    with pytest.raises(InputError, match="equally long"):
        compare_areas(march, table([3], "2017-01-01", "2018-01-01"))


def test_areas_are_matched_by_id_whatever_their_order():
    now, then = table([9, 0, 30, 4]), before([1, 2, 3, 4])
    mixed = compare_areas(now, then.iloc[::-1].assign(extra="x"))
    pd.testing.assert_frame_equal(mixed, compare_areas(now, then))
    part = compare_areas(now, then.iloc[:2])
    assert part["change"].tolist()[2:] == ["unknown"] * 2


def test_empty_tables_stay_empty_and_inputs_stay_as_they_were():
    now, then = table([9, 1]), before([1, 2])
    copies = now.copy(), then.copy()
    compare_areas(now, then)
    assert now.equals(copies[0])
    assert then.equals(copies[1])
    assert compare_areas(now.iloc[:0], then).empty
    assert compare_areas(now, then.iloc[:0])["change"].eq("unknown").all()


def test_a_table_without_its_period_is_refused():
    with pytest.raises(InputError, match="lacks \\['period_until'\\]"):
        compare_areas(table([3]), before([3]).drop(columns="period_until"))
