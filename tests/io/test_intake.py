"""What the data do not hold is said: missing months, sources that were mostly thrown away."""

import re
from contextlib import nullcontext

import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.errors import DataError, Finding
from hotspots.core.periods import Period
from hotspots.core.record import RejectedRow, RunRecord, SourceFile
from hotspots.io.incidents.intake import Intake, check_coverage, tell_losses

CITY = zone("City", (-1000, -1000, 1000, 1000))


def of_months(*months):
    tables = [incidents_at([(0, 0)], month=month) for month in months]
    return pd.concat(tables, ignore_index=True)


def logbook():
    return RunRecord("Test", marking="TEST")


def told_of_months(record):
    """What is said of months without data; each is a finding too."""
    rules = [caveat.rule for caveat in record.caveats]
    assert rules == [finding.rule for finding in record.findings]
    assert set(rules) <= {"months-without-data", "not-compared"}
    said = zip(rules, record.caveat_texts, strict=True)
    return [text for rule, text in said if rule == "months-without-data"]


def figures_of(said):
    """Its months and numbers, in their order."""
    return re.findall(r"[A-Z][a-z]+ \d{4}|\d+", said)


def test_months_after_the_end_of_the_data_are_no_fall():
    record = logbook()
    check_coverage(of_months("2026-01", "2026-02", "2026-03"), "2026-01/2026-06", [], record)
    (said,) = told_of_months(record)
    assert said.startswith("The data end")
    assert figures_of(said) == [
        "March 2026", "April 2026", "June 2026", "January 2026", "June 2026", "3", "6",
    ]  # fmt: skip
    assert [finding.severity for finding in record.findings] == ["warning"]


def test_months_before_the_data_and_gaps_in_them_are_told_too():
    record = logbook()
    data = of_months("2025-03", "2025-05", "2026-01")
    compare = ["2025-01/2025-03", "2025-03/2025-05"]
    assert check_coverage(data, "2026-01", compare, record) == ()
    early, gap = told_of_months(record)
    assert early.startswith("The data begin") and "gaps" in gap
    assert figures_of(early)[:3] == ["March 2025", "January 2025", "February 2025"]
    assert figures_of(gap) == ["April 2025", "March 2025", "May 2025", "2", "3"]


def test_data_that_hold_every_month_say_nothing():
    record = logbook()
    check_coverage(of_months("2025-01", "2026-01"), "2026-01", ["2025-01"], record)
    check_coverage(of_months("2025-01")[:0], "2026-01", [], record)
    assert not record.caveats


@pytest.mark.parametrize(("period", "compare", "name", "empty"), [
    ("2027-01", [], "period", "January 2027"), ("2026-01", ["2020-01"], "compare", "January 2020"),
])  # fmt: skip
def test_a_period_wholly_outside_the_data_is_refused(period, compare, name, empty):
    with refused("no-incidents", empty, kind=DataError, of=name):
        check_coverage(of_months("2026-01"), period, compare, logbook())


def test_a_period_is_not_compared_with_itself():
    with refused("same-period", of="compare"):
        check_coverage(of_months("2026-01"), "2026-01", ["2026-01/2026-01"], logbook())


@pytest.mark.parametrize(("rejected", "told"), [(5, False), (11, True)])
def test_a_source_of_which_more_than_a_twentieth_is_rejected_is_told_with_rules(rejected, told):
    record = logbook()
    file = SourceFile("a.csv", "", 100, 100 - rejected, rejected, 0)
    fault = Finding("date-format", "a date was expected.", value="SECRET")
    rows = tuple(RejectedRow("a.csv", n, "SECRET", (fault,)) for n in range(rejected))
    tell_losses(of_months("2026-01"), CITY, Intake((file,), rows), record)
    reasons = [one.values["reasons"] for one in record.caveats if one.rule == "rejected-reasons"]
    assert reasons == ["date-format (11)"] * told
    assert "SECRET" not in " ".join(record.caveat_texts)


@pytest.mark.parametrize(("far", "told"), [(1, False), (3, True)])
def test_a_source_of_which_more_than_half_lies_elsewhere_is_told(far, told):
    record = logbook()
    places = [(0, 0), (0, 0), *[(90_000, 0)] * (far - 1), None]
    intake = Intake((SourceFile("a.csv", "", 2 + far, 2 + far, 0, 1),))
    tell_losses(incidents_at(places, month="2026-01"), CITY, intake, record)
    assert bool(record.caveats) == told


def daily(first, last, source):
    days = pd.date_range(first, last, tz="Europe/London")
    table = incidents_at([(0, 0)] * len(days))
    table["occurred_from"], table["occurred_until"] = days, days + pd.Timedelta(hours=1)
    table["time_precision"] = "instant"
    return table.assign(source=source).set_axis([f"{source}:{day:%j}" for day in days])


def test_periods_are_compared_only_where_every_source_covers_both():
    record = logbook()
    data = pd.concat(
        [
            daily("2025-01-01", "2025-12-31", "police.csv"),
            daily("2025-01-01", "2025-06-30", "council.csv"),
        ]
    )
    compare = ["2025-01/2025-06"]
    assert check_coverage(data, "2025-07/2025-12", compare, record, CITY) == ()
    assert [caveat.rule for caveat in record.caveats] == ["source-cut-short", "not-compared"]
    short, other = (caveat.values for caveat in record.caveats)
    assert short["gap"] == other["why"] and short["gap"].startswith("council.csv ")
    assert short["gap"].endswith("30 June 2025")
    assert other["other"] == Period.parse(*compare).label
    police = data[data["source"] == "police.csv"]
    assert check_coverage(police, "2025-07/2025-12", compare, logbook(), CITY) == tuple(compare)


def test_last_days_left_out_of_both_periods_are_told_before_they_are_compared():
    record = logbook()
    data = daily("2025-05-01", "2025-07-31", "log.csv")
    compare = ["2025-05-01/2025-05-31"]
    assert check_coverage(data, "2025-07-01/2025-07-31", compare, record)
    told = [one.values["written"] for one in record.caveats]
    assert told == ["2025-07", "2025-05"]
    assert {one.rule for one in (*record.caveats, *record.findings)} == {"last-day-left-out"}


def test_a_period_cut_short_is_told_and_not_compared():
    record = logbook()
    data = daily("2025-05-01", "2025-07-12", "log.csv")
    assert check_coverage(data, "2025-07", ["2025-06"], record) == ()
    assert [caveat.rule for caveat in record.caveats] == ["source-cut-short", "not-compared"]


@pytest.mark.parametrize(
    ("period", "precision", "theme", "is_known"),
    [
        (("2018-07-01", "2018-07-08"), "month", "asb", False),
        (("2018-06-20", "2018-07-08"), "month", "asb", False),
        (("2018-07-20", "2018-09-01"), "month", "asb", False),
        (("2018-07-01", "2018-07-08"), "day", "asb", True),
        (("2018-07-01", "2018-07-08"), "month", "other", True),
        (("2018-06-01", "2018-09-01"), "month", "asb", True),
        (("2018-08-10", "2018-08-20"), "month", "asb", True),
        (None, "month", "asb", True),
    ],
)
def test_days_are_asked_only_of_incidents_of_which_a_day_is_known(
    period, precision, theme, is_known
):
    town = incidents_at([(0, 0)] * 3, time_precision=precision, theme_asb=True, theme_other=False)
    with nullcontext() if is_known else refused("times-too-coarse", "3 incidents", of="period"):
        hs.select(town, hs.Question(theme, period))
