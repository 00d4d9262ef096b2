"""Evidence on an order: planted changes are found, lapsed orders are never in force."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import assert_contract, incidents_at, shuffled, zone

from hotspots.analysis.interrupted_time_series import interrupted_time_series
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError
from hotspots.core.question import Question
from hotspots.core.record import RunRecord
from hotspots.core.select import select
from hotspots.core.tables import ZONES
from hotspots.demo.town.town import synthetic_town
from hotspots.offences.baskets import DEFINITIONS
from hotspots.programmes.pspo_evidence import pspo_evidence
from hotspots.programmes.pspo_result import NO_LAST_DAY, RENEWAL_UNKNOWN
from hotspots.stats.count_models import fit_poisson

START = dt.date(2021, 1, 1)
MONTHS = [str(month) for month in pd.period_range("2020-01", "2021-12", freq="M")]
PLACES = {"inside": (0, 0), "near": (300, 0), "far": (600, 0), "rest": (3000, 0)}


def order(first=START, last=dt.date(2023, 12, 31), **columns):
    """A square of 200 m in the middle of a city of 10 km."""
    one = zone("Square", (-100, -100, 100, 100), kind="pspo")
    return one.assign(valid_from=[first], valid_until=[last], **columns)


def city():
    return zone("City", (-5000, -5000, 5000, 5000))


def in_city(incidents, within=None):
    """The incidents of a city, of all times."""
    return select(incidents, Question(within=city() if within is None else within))


def recorded(before, after, **columns):
    """So many incidents a month at each place in 2020 and in 2021."""
    points, months = [], []
    for month in MONTHS:
        for name, number in (before if month < "2021" else after).items():
            points += [PLACES[name]] * number
            months += [month] * number
    return incidents_at(points, month=months, **columns)


def halved():
    """Inside falls from 10 to 5 a month, the ring from 4 to 6, the rest stays at 20."""
    return recorded(
        {"inside": 10, "near": 4, "far": 2, "rest": 20},
        {"inside": 5, "near": 6, "far": 2, "rest": 20},
    )


def rules_of(found):
    """The rules of what is told beside a result."""
    return [caution.rule for caution in found.cautions]


def test_inside_rings_and_outside_are_counted_before_and_after():
    found = pspo_evidence(order(), in_city(halved()))
    table = found.change.table
    assert table.loc["square", ["count_before", "count_after"]].tolist() == [120, 60]
    assert table.loc["ring 0-250 m", ["count_before", "count_after"]].tolist() == [48, 72]
    assert table.loc["ring 250-500 m", ["count_before", "count_after"]].tolist() == [24, 24]
    assert table.loc["comparator", ["count_before", "count_after"]].tolist() == [240, 240]
    assert found.change.ratio.ratio == pytest.approx(0.5)
    assert found.change.ratio.high < 1
    assert "ring 0-250 m" in found.ring_sentence()


def test_windows_are_equal_and_lie_within_the_data_and_the_term():
    short = order(last=dt.date(2021, 6, 30))
    found = pspo_evidence(short, in_city(halved()))
    assert found.change.windows.after.key == "2021-01/2021-06"
    assert found.change.windows.before.key == "2020-01/2020-06"
    assert found.series["phase"].value_counts().to_dict() == {
        "before": 12,
        "within the term": 6,
        "after the term": 6,
    }
    late = pspo_evidence(order(dt.date(2021, 11, 1)), in_city(halved()))
    assert late.change.windows.exposure == (2, 2)
    with pytest.raises(InputError, match="equally long"):
        pspo_evidence(order(), halved(), before="2020", after="2021-01")
    with pytest.raises(InputError, match="together"):
        pspo_evidence(order(), halved(), before="2020")
    own = pspo_evidence(order(), halved(), before="2020-10/2020-12", after="2021-01/2021-03")
    assert own.change.windows.exposure == (3, 3)


def test_every_incident_of_a_month_is_in_one_column_of_the_series():
    incidents = halved()
    series = pspo_evidence(order(), in_city(incidents)).series
    numbers = series.drop(columns="phase")
    assert numbers.to_numpy().sum() == len(incidents)
    assert series.loc["2021-05"].tolist() == [5, 6, 2, 20, "within the term"]


def test_row_order_changes_nothing_and_the_input_is_untouched():
    incidents, one = halved(), order()
    before = incidents.copy(deep=True), one.copy(deep=True)
    first = pspo_evidence(one, in_city(incidents)).to_dict()
    other = pspo_evidence(one, in_city(shuffled(incidents))).to_dict()
    assert json.dumps(first) == json.dumps(other)
    pd.testing.assert_frame_equal(incidents, before[0])
    pd.testing.assert_frame_equal(one, before[1])


@pytest.mark.parametrize(
    ("today", "status", "left"),
    [
        ("2020-12-31", "not yet begun", 1095),
        ("2021-01-01", "within its published term", 1094),
        ("2023-12-31", "within its published term", 0),
        ("2024-01-01", RENEWAL_UNKNOWN, -1),
        (None, "not dated", None),
    ],
)
def test_the_term_is_counted_to_its_last_day(today, status, left):
    term = pspo_evidence(order(), halved(), today=today).term
    assert (term.status, term.days_left) == (status, left)


def test_a_lapsed_order_is_never_in_force_whatever_its_table_says():
    found = pspo_evidence(order(status="in force"), halved(), today="2024-02-01")
    text = json.dumps(found.to_dict()).replace('"stated": "in force"', "")
    told = str(Caveat("lapsed-term", {"stated": "in force"}))
    text = text.replace(json.dumps(told)[1:-1], "")
    assert "in force" not in text
    assert found.term.status == RENEWAL_UNKNOWN and told in found.to_sentence()


def test_terms_without_end_or_too_long_are_remarked_on_and_without_start_refused():
    open_end = pspo_evidence(order(last=None), halved(), today="2024-01-01").term
    assert open_end.status == NO_LAST_DAY and open_end.days_left is None
    long = pspo_evidence(order(last=dt.date(2024, 1, 1)), halved())
    assert Caveat("long-term", {"years": 3}) in long.cautions
    with refused("argument", "'Square'", of="valid_from"):
        pspo_evidence(order(first=None), halved())
    with refused("argument", "'soon'", of="today"):
        pspo_evidence(order(), halved(), today="soon")


def test_persistence_counts_months_and_the_longest_unbroken_run():
    months = ["2020-01", "2020-02", "2020-03", "2020-06", "2021-03", "2021-04"]
    incidents = pd.concat(
        [
            incidents_at([(0, 0)] * 6, month=months),
            incidents_at([(3000, 0)] * 24, month=MONTHS).rename(index="r{}".format),
        ]
    )
    found = pspo_evidence(order(), in_city(incidents)).persistence
    assert found == {
        "months": 24,
        "months_with": 6,
        "longest_run": 3,
        "months_before": 12,
        "months_with_before": 4,
        "months_within_the_term": 12,
        "months_with_within_the_term": 2,
        "last_month_with": "2021-04",
    }


def test_recurring_places_are_named_by_street_label_or_square():
    months = ["2020-01", "2020-02", "2021-01", "2020-01", "2020-01", "2020-01"]
    incidents = incidents_at([(0, 0)] * 5 + [(50, 50)], month=months)
    squares = pspo_evidence(order(), incidents).recurring
    assert squares["place"].tolist() == ["square SE290330"]
    assert squares.loc[0, ["incident_count", "months_with", "before"]].tolist() == [6, 3, 5]
    named = incidents.assign(place_name=["High Street"] * 3 + ["Supermarket"] * 3)
    assert pspo_evidence(order(), named).recurring["place"].tolist() == ["High Street"]
    labels = pd.Series(["cell"] * 3 + [None] * 3, index=incidents.index)
    assigned = select(incidents).in_areas(labels, made_by="a test")
    assert pspo_evidence(order(), assigned).recurring["place"].tolist() == ["cell"]
    assert len(pspo_evidence(order(), incidents, recurring_months=4).recurring) == 0


def test_prohibitions_are_counted_apart_and_may_overlap():
    incidents = halved()
    rows = np.arange(len(incidents))
    incidents["drinking"] = rows % 2 == 0
    noise = pd.Series(rows % 3 == 0, index=incidents.index)
    found = pspo_evidence(
        order(), in_city(incidents), baskets={"drinking": "drinking", "noise": noise}
    ).baskets
    inside = incidents.geometry.x.eq(429_000)
    year = incidents["occurred_from"].dt.year
    for name, mask in {"drinking": incidents["drinking"], "noise": noise}.items():
        row = found.loc[name]
        assert row["incident_count"] == (mask & inside).sum()
        assert row["count_before"] == (mask & inside & (year == 2020)).sum()
        assert row["count_after"] == (mask & inside & (year == 2021)).sum()
    with pytest.raises(InputError, match=r"'one'[\s\S]*'two'"):
        pspo_evidence(order(), incidents, baskets={"one": "nope", "two": noise.iloc[:5]})


def test_a_prohibition_can_be_a_bundled_basket_by_name():
    incidents = halved()
    found = pspo_evidence(order(), in_city(incidents), baskets={"any ASB": "asb"}).baskets
    inside = incidents.geometry.x.eq(429_000)
    assert found.loc["any ASB", "incident_count"] == inside.sum()


def test_a_prohibition_can_be_a_basket_file_of_ones_own(tmp_path):
    basket = (DEFINITIONS / "baskets" / "asb.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(basket, encoding="utf-8")
    both = {"file": str(tmp_path / "mine.toml"), "name": "asb"}
    found = pspo_evidence(order(), in_city(halved()), baskets=both).baskets
    assert found.loc["file"].equals(found.loc["name"])


@pytest.mark.parametrize(("columns", "rule"), [
    ({}, "order-asked-of-asb"), ({"prohibits": [None]}, "order-asked-of-asb"),
    ({"prohibits": [" "]}, "order-asked-of-asb"),
    ({"prohibits": ["street drinking"]}, "order-words-asked-of-asb"),
])  # fmt: skip
def test_the_words_of_an_order_are_repeated_and_never_said_to_be_missing(columns, rule):
    incidents = halved()
    incidents["theme_asb"] = True
    found = pspo_evidence(order(**columns), in_city(incidents))
    assert [one for one in rules_of(found) if one.endswith("asked-of-asb")] == [rule]


def test_the_question_says_the_theme_and_must_be_of_all_times():
    incidents = halved()
    incidents["theme_odd"] = np.arange(len(incidents)) % 2 == 1
    odd = pspo_evidence(order(), select(incidents, Question("odd", within=city())))
    alone = pspo_evidence(order(), in_city(incidents[incidents["theme_odd"]]))
    assert odd.theme == "odd"
    pd.testing.assert_frame_equal(odd.change.table, alone.change.table)
    pd.testing.assert_frame_equal(odd.series, alone.series)
    with refused("not-of-all-times", "2020", of="incidents"):
        pspo_evidence(order(), select(incidents, Question(period="2020")))


def test_the_limbs_of_the_act_leave_the_decision_open():
    limbs = pspo_evidence(order(), in_city(halved())).limbs
    assert limbs.index.tolist() == [
        "detrimental effect",
        "persistent or continuing",
        "unreasonable",
        "justifies the restrictions",
    ]
    assert (limbs["decision"] == "").all()
    assert limbs["evidence"].str.len().min() > 0


def test_a_city_wide_order_says_it_has_no_control_and_offers_its_own_course():
    wide = zone("Vehicles", (-5000, -5000, 5000, 5000), kind="pspo")
    wide = wide.assign(valid_from=[START], valid_until=[dt.date(2023, 12, 31)])
    found = pspo_evidence(wide, in_city(halved()))
    assert found.city_wide and found.share_of_city == pytest.approx(1)
    assert np.isnan(found.change.ratio.counts[2])
    assert rules_of(found)[0] == "no-control"
    assert found.interruption.observed == 33 * 12
    assert not found.interruption.slope_change and found.interruption.degrees_of_freedom > 0
    without_study_area = pspo_evidence(wide, halved())
    assert without_study_area.city_wide
    assert "comparator-empty" in rules_of(without_study_area)


def test_the_months_of_a_city_wide_order_widen_its_interval():
    """The same totals, even from month to month or in bursts of every second month."""
    wide = zone("Vehicles", (-5000, -5000, 5000, 5000), kind="pspo")
    wide = wide.assign(valid_from=[START], valid_until=[None])
    even = incidents_at([(0, 0)] * 480, month=[month for month in MONTHS for _ in range(20)])
    bursts = [month for i, month in enumerate(MONTHS) for _ in range(38 if i % 2 else 2)]
    one, other = (
        pspo_evidence(wide, in_city(found)).change.ratio
        for found in (even, incidents_at([(0, 0)] * 480, month=bursts))
    )
    assert one.ratio == other.ratio == pytest.approx(1)
    assert one.overdispersion == 1
    assert np.log(other.high / other.low) > 3 * np.log(one.high / one.low)


def test_a_comparator_district_can_stand_in_for_the_rest():
    wide = zone("Vehicles", (-500, -5000, 1000, 5000), kind="pspo")
    wide = wide.assign(valid_from=[START], valid_until=[None])
    own_city = zone("City", (-500, -5000, 1000, 5000))
    other = zone("Next district", (2000, -5000, 5000, 5000))
    found = pspo_evidence(wide, in_city(halved(), own_city), comparator=other)
    assert found.change.ratio.counts == (192, 156, 240, 240)
    assert "no-control" not in rules_of(found)


def test_without_data_on_both_sides_no_change_is_claimed():
    early = pspo_evidence(order(dt.date(2019, 1, 1), dt.date(2021, 12, 31)), halved())
    assert early.change is None
    assert rules_of(early) == ["no-month-before"]
    nothing = pspo_evidence(order(), in_city(incidents_at([])), today="2022-01-01")
    assert nothing.change is None and len(nothing.series) == 0 and len(nothing.recurring) == 0
    json.dumps(nothing.to_dict(), allow_nan=False)


def test_zero_counts_inside_are_well_formed():
    quiet = recorded({"rest": 5}, {"rest": 5})
    found = pspo_evidence(order(), in_city(quiet), baskets={"none": quiet.geometry.isna()})
    assert found.change.table.loc["square", "count_after"] == 0
    assert found.persistence["longest_run"] == 0
    assert len(found.recurring) == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_one_order_at_a_time_in_metres():
    with pytest.raises(InputError, match="one row"):
        pspo_evidence(pd.concat([order(), order().rename(index={"square": "x"})]), halved())
    with pytest.raises(InputError, match="one row"):
        pspo_evidence(order().iloc[:0], halved())
    with pytest.raises(InputError, match="coordinate system"):
        pspo_evidence(order().to_crs(4326), halved())
    assert_contract(order(), ZONES)


def test_the_record_gets_sentence_cautions_and_account():
    record = RunRecord("test", marking="TEST")
    found = pspo_evidence(order(), in_city(halved()), record=record, today="2022-01-01")
    assert record.sentences["pspo_evidence Square"] == found.to_sentence()
    assert set(found.cautions) <= set(record.caveats)
    json.dumps(record.manifest())


def test_no_effect_is_found_where_the_town_has_none():
    town = synthetic_town(incidents=12_000)
    one = town.pspo.iloc[[2]]
    found = pspo_evidence(one, in_city(town.incidents, town.district), today="2026-04-01")
    assert found.change.ratio.low < 1 < found.change.ratio.high
    assert found.term.days_left == (one["valid_until"].iloc[0] - dt.date(2026, 4, 1)).days


def series_of(values, first="2020-01"):
    index = pd.period_range(first, periods=len(values), freq="M").astype(str)
    return pd.Series(values, index=index)


def test_the_regression_equals_the_closed_form_of_means():
    """With a level and nothing else, fitted counts are the means of the two sides."""
    values = np.array([3.0, 5, 4, 8, 1, 2])
    design = np.column_stack([np.ones(6), [0, 0, 0, 0, 1, 1]])
    beta = fit_poisson(values, design, np.zeros(6))
    assert np.exp(beta[0]) == pytest.approx(5)
    assert np.exp(beta.sum()) == pytest.approx(1.5)


def test_a_planted_break_is_found_and_its_counterfactual_adds_up():
    days = pd.period_range("2020-01", periods=36, freq="M").days_in_month.to_numpy()
    course = 10 * days * np.exp(0.01 * np.arange(36))
    values = np.rint(course * np.where(np.arange(36) >= 24, 0.7, 1.0))
    found = interrupted_time_series(series_of(values), started="2022-01-01", seasonal=False)
    assert found.slope_change
    assert found.level == pytest.approx(0.7, abs=0.01)
    assert found.ratio == pytest.approx(0.7, abs=0.01)
    assert found.slope == pytest.approx(1.0, abs=0.002)
    assert found.expected == pytest.approx(course[24:].sum(), rel=0.01)
    assert found.table["fitted"].sum() == pytest.approx(values.sum())
    assert found.low < 0.7 < found.high


def test_a_planted_break_is_covered_as_often_as_the_interval_says():
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(150):
        rates = 60 * np.where(np.arange(36) >= 24, 0.8, 1.0)
        found = interrupted_time_series(series_of(rng.poisson(rates)), started="2022-01-01")
        covered.append(found.low <= 0.8 <= found.high)
    assert 0.91 <= np.mean(covered) <= 1.0


@pytest.mark.parametrize("mean", [0.1, 0.5, 1.0, 1.6, 3.0])
def test_sparse_series_are_not_fitted_and_nothing_breaks(mean):
    rng = np.random.default_rng(8)
    for _ in range(40):
        counts = series_of(rng.poisson(mean, 24))
        found = interrupted_time_series(counts, started="2021-01-01")
        sparse = counts[:12].mean() < 1.5 or counts[12:].sum() == 0
        assert np.isnan(found.ratio) == sparse
        assert "p = 0.000" not in found.to_sentence()
        json.dumps(found.to_dict(), allow_nan=False)


def test_a_short_course_has_no_slope_of_its_own_unless_asked_for():
    counts = series_of(np.random.default_rng(9).poisson(20, 35))
    assert not interrupted_time_series(counts, started="2021-12-01").slope_change
    assert interrupted_time_series(counts, started="2022-01-01").slope_change
    asked = interrupted_time_series(counts, started="2021-12-01", slope_change=True)
    assert asked.slope_change


def test_what_befell_the_comparator_too_is_taken_out():
    rng = np.random.default_rng(10)
    shared = np.exp(rng.normal(0, 0.3, 36)) * np.where(np.arange(36) >= 24, 0.5, 1.0)
    mine, beside = (series_of(rng.poisson(mean * shared)) for mean in (100, 3_000))
    alone = interrupted_time_series(mine, started="2022-01-01")
    found = interrupted_time_series(mine, started="2022-01-01", control=beside)
    assert alone.ratio < 0.8
    assert found.low <= 1 <= found.high
    assert "series-alone" in rules_of(alone) and "series-alone" not in rules_of(found)
    with refused("argument", "1 of 36", of="control"):
        interrupted_time_series(
            mine, started="2022-01-01", control=beside.replace(beside.iloc[3], 0)
        )


def test_months_that_hang_together_widen_the_interval():
    calm = np.tile([40, 60], 18)
    runs = np.repeat([40, 60, 40, 60, 40, 60], 6)
    one, other = (
        interrupted_time_series(series_of(v), started="2022-01-01", seasonal=False)
        for v in (calm, runs)
    )
    assert one.autocorrelation == 0 < other.autocorrelation
    assert np.log(other.high / other.low) > np.log(one.high / one.low)


def test_row_order_of_months_changes_nothing():
    values = series_of(np.arange(10, 46))
    one = interrupted_time_series(values, started="2022-01-01")
    other = interrupted_time_series(values[::-1], started="2022-01-01")
    assert one.to_dict() == other.to_dict()


def test_a_start_with_strokes_is_read_day_first():
    values = series_of([100] * 12 + [50] * 12, first="2021-01")
    typed, iso = (
        interrupted_time_series(values, started=day, seasonal=False).to_dict()
        for day in ("01/02/2022", "2022-02-01")
    )
    assert typed == iso


def test_the_month_of_the_start_and_months_after_the_term_are_left_out():
    found = interrupted_time_series(
        series_of([5] * 36), started="2021-06-15", until="2022-06-15", seasonal=False
    )
    assert found.table.index.tolist()[16:18] == ["2021-05", "2021-07"]
    assert found.table.index[-1] == "2022-05"


def test_nothing_is_fitted_without_incidents_on_both_sides():
    for values, rule in (([0] * 36, "none-at-all"), ([0] * 24 + [3] * 12, "none-before")):
        found = interrupted_time_series(series_of(values), started="2022-01-01")
        assert np.isnan(found.ratio) and rules_of(found) == [rule]
        json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("counts", "of", "texts"),
    [
        (series_of([1] * 14), None, ["at least 8", "12 before", "2 after 2021-01-01"]),
        (series_of([1] * 36).drop("2020-05"), "counts", ["35 rows", "2020-01", "2022-12"]),
        (series_of([-1] * 36), "counts", ["zero or more"]),
        (pd.Series([1] * 36), "counts", ["'0', '1', '2'"]),
        (pd.Series([], dtype=int), "counts", ["0 rows"]),
    ],
)
def test_series_that_cannot_carry_the_question_are_refused(counts, of, texts):
    with refused("argument", *texts, of=of):
        interrupted_time_series(counts, started="2021-01-01")


def test_a_last_month_that_is_cut_short_is_in_no_series_and_no_window():
    months = halved()
    start = months["occurred_from"]
    day = np.arange(len(months)) % start.dt.days_in_month
    start = start + pd.to_timedelta(24 * day + 6, unit="h")
    days = months.assign(occurred_from=start, occurred_until=start, time_precision="day")
    cut = in_city(days[days["occurred_from"] < "2021-12-06"])
    found = pspo_evidence(order(), cut)
    assert found.series.index[-1] == "2021-11"
    assert found.change.windows.after.key == "2021-01/2021-11"
    assert rules_of(found).count("month-cut-short") == 1
    whole = pspo_evidence(order(), in_city(days))
    assert whole.series.index[-1] == "2021-12" and "month-cut-short" not in rules_of(whole)
