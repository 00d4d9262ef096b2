"""Counting on the tally equals counting the rows one by one, whatever is asked of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chain import asked, in_areas, in_cells
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.zones.overlaps import zones_of
from hotspots.core.grids import SquareGrid
from hotspots.core.select import Selection
from hotspots.core.totals import all_harm, area_totals, points_at_risk

CITY = zone("City", (-10, -10, 100, 100))
GRID = SquareGrid(50)
ZONES = pd.concat(
    [
        zone("West", (-30, -30, 40, 130)).assign(kind="ward").set_axis(["w1"]),
        zone("East", (40, -30, 130, 130)).assign(kind="ward").set_axis(["w2"]),
        zone("Order", (20, 20, 60, 60)).assign(kind="pspo").set_axis(["o1"]),
    ]
)
QUESTIONS = [
    {},
    {"theme": "asb", "within": CITY},
    {"theme": "asb", "within": CITY, "period": "2018-07"},
    {"within": CITY, "period": "2018-06/2018-07", "include_institutional": True},
    {"within": CITY, "period": ("2018-06-10", "2018-07-11"), "include_sensitive": "a review"},
]


@pytest.fixture(scope="module")
def incidents():
    rng = np.random.default_rng(5)
    size = 300
    points = [tuple(point) for point in rng.uniform(-30, 120, (size, 2)).round(-1)]
    table = incidents_at(
        [None if rng.random() < 0.05 else point for point in points],
        month=rng.choice(["2018-06", "2018-07", "2018-08"], size).tolist(),
        theme_asb=rng.random(size) < 0.6,
        sensitive=rng.random(size) < 0.1,
        institutional=rng.random(size) < 0.1,
        place_name=rng.choice(["Mill Lane", "High Street", "Supermarket"], size),
        harm=rng.choice([np.nan, 0.1, 1 / 3, 7.0], size),
        harm_scale="made up",
    )
    days = pd.to_timedelta(rng.integers(0, 28, size), unit="D")
    table["occurred_from"] += days
    table["occurred_until"] = table["occurred_from"] + pd.Timedelta(hours=1)
    table["time_precision"] = "interval"
    return table


def slow_totals(rows: pd.DataFrame, labels: pd.Series, ids: pd.Index) -> pd.DataFrame:
    """Area by area, row by row."""
    found = {}
    for name in ids:
        own = rows[(labels == name).to_numpy()]
        harm = own["harm"].dropna().sort_values()
        piles = own.geometry.to_wkt().value_counts()
        known = len(harm) > 0 or not len(own)
        found[name] = {
            "incident_count": len(own),
            "unweighted_count": int(own["harm"].isna().sum()),
            "unique_points": len(piles),
            "largest_point_share": piles.max() / len(own) if len(own) else np.nan,
            "harm": harm.sum() if known else np.nan,
        }
    return pd.DataFrame(list(found.values()), index=ids)


@pytest.mark.parametrize("question", QUESTIONS)
def test_cells_are_those_of_the_rows(incidents, question):
    chosen = in_cells(incidents, GRID, **question)
    fast = area_totals(chosen.parts, chosen.parts.ids)
    slow = slow_totals(chosen.rows, chosen.area_ids, chosen.parts.ids)
    pd.testing.assert_frame_equal(fast[slow.columns], slow, check_dtype=False, rtol=1e-12)
    assert fast["incident_count"].sum() == chosen.area_ids.notna().sum()


@pytest.mark.parametrize("question", QUESTIONS)
def test_areas_by_hand_are_those_of_the_rows(incidents, question):
    labels = np.random.default_rng(2).choice(["a", "b", None], len(incidents))
    chosen = in_areas(incidents.assign(label=labels), labels, **question)
    fast = area_totals(chosen.parts, chosen.parts.ids)
    slow = slow_totals(chosen.rows, chosen.rows["label"], chosen.parts.ids)
    pd.testing.assert_frame_equal(fast[slow.columns], slow, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize("question", QUESTIONS)
def test_zones_are_those_of_the_rows(incidents, question):
    chosen = asked(incidents, **question)
    fast = hs.zones.summarise_zones(ZONES, chosen)
    pairs = zones_of(chosen.rows, ZONES)
    rows = chosen.rows.loc[pairs["incident_id"]]
    slow = slow_totals(rows, pairs["zone_id"], ZONES.index)
    for column in ("incident_count", "unweighted_count", "harm"):
        assert fast[column].tolist() == pytest.approx(slow[column].tolist(), rel=1e-12, nan_ok=True)
    assert all_harm(chosen) == pytest.approx(chosen.rows["harm"].sum(), rel=1e-12)


@pytest.mark.parametrize("question", [one for one in QUESTIONS if "within" in one])
def test_overlaps_are_those_of_the_rows(incidents, question):
    chosen = in_cells(incidents, GRID, **question)
    overlaps = hs.relate_to_zones(hs.aggregate_to_cells(chosen), ZONES, chosen)
    rows = chosen.rows.dropna(subset="area_id")
    pairs = zones_of(rows, ZONES).join(rows[["area_id", "harm"]], on="incident_id")
    both = pairs.groupby(["area_id", "zone_id"]).agg(count=("harm", "size"), harm=("harm", "sum"))
    whole = rows.groupby("area_id").agg(count=("harm", "size"), harm=("harm", "sum"))
    whole = whole.reindex(both.index.get_level_values("area_id"))
    shares = overlaps.loc[both.index]
    assert (
        shares["share_of_count"].tolist() == (both["count"].array / whole["count"].array).tolist()
    )
    known = shares["share_of_harm"].notna().to_numpy() & (whole["harm"] > 0).to_numpy()
    slow = both["harm"].to_numpy()[known] / whole["harm"].to_numpy()[known]
    assert shares["share_of_harm"][known].tolist() == pytest.approx(slow.tolist(), rel=1e-12)


def test_map_points_and_days_are_those_of_the_rows(incidents):
    chosen = in_cells(incidents, GRID, theme="asb", period="2018-07", within=CITY)
    everyone = in_cells(incidents, GRID, within=CITY).rows.dropna(subset="area_id")
    slow = everyone.groupby("area_id").geometry.agg(lambda points: points.to_wkt().nunique())
    assert points_at_risk(chosen).to_dict() == slow.to_dict()
    days = asked(incidents, period=("2018-06-10", "2018-07-11"))
    assert days.total == len(days.rows) == days.used.sum() == days.counts.sum()


def test_part_of_a_selection_is_its_rows_in_that_time(incidents):
    for period in ("2018-07", ("2018-06-10", "2018-07-11")):
        chosen = in_cells(incidents, GRID, theme="asb", within=CITY)
        part, other = chosen.only(period), asked(incidents, period=period)
        assert part.rows.index.equals(chosen.rows.index[chosen.rows.index.isin(other.rows.index)])
        assert part.total == part.parts.count.sum() == len(part.rows)


def chain(source: object, question: hs.Question) -> list[pd.DataFrame]:
    """What stages make of incidents, or of a tally of them."""
    chosen = hs.assign_cells(hs.select(source, question), GRID)
    cells = hs.flag_hotspots(hs.aggregate_to_cells(chosen), chosen)
    overlaps = hs.relate_to_zones(cells, ZONES, chosen)
    named = hs.name_areas(cells, chosen, overlaps)
    months = hs.count_by_period(cells, chosen)
    return [named, overlaps, months, hs.zones.summarise_zones(ZONES, chosen)]


@pytest.mark.parametrize("question", QUESTIONS[1:4])
def test_a_tally_stands_for_its_incidents(incidents, question):
    tally = hs.fold(shuffled(incidents))
    pairs = zip(*(chain(one, hs.Question(**question)) for one in (incidents, tally)), strict=True)
    for of_rows, of_tally in pairs:
        pd.testing.assert_frame_equal(pd.DataFrame(of_rows), pd.DataFrame(of_tally))


def test_the_account_of_a_tally_is_that_of_its_incidents(incidents):
    for question in QUESTIONS[:4]:
        one, other = (hs.select(source, hs.Question(**question))
                      for source in (incidents, hs.fold(incidents)))  # fmt: skip
        assert one.account == other.account


def test_what_a_tally_cannot_know_is_refused(incidents):
    tally = hs.fold(incidents)
    with refused("tally-only"):
        hs.select(tally, hs.Question(period=("2018-06-10", "2018-07-11")))
    chosen: Selection = hs.select(tally)
    with refused("tally-only"):
        chosen.rows  # noqa: B018


def test_order_and_division_of_the_rows_change_no_digit(incidents):
    one, other = (
        hs.aggregate_to_cells(in_cells(table, GRID, within=CITY))
        for table in (incidents, shuffled(incidents))
    )
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)


def test_ranks_and_clusters_of_a_tally_are_those_of_its_incidents(incidents):
    found = []
    for source in (incidents, hs.fold(shuffled(incidents))):
        asb = hs.select(source, hs.Question("asb", within=CITY))
        cells = hs.aggregate_to_cells(hs.assign_cells(asb, GRID))
        found.append(
            [
                hs.rank_areas(cells, hs.assign_cells(asb, GRID), by=by, draws=50)
                for by in ("count", "harm")
            ]
            + [hs.find_clusters(asb, radius_m=25, min_incidents=4)]
        )
    for of_rows, of_tally in zip(*found, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(of_rows), pd.DataFrame(of_tally))


@pytest.mark.parametrize("harm", [True, False])
@pytest.mark.parametrize("periods", [None, ["2018-07"], ["2016-07/2017-07", "2018-07"]])
def test_months_in_one_pass_are_those_one_by_one(harm, periods):
    """To the last digit, harm that nothing weighs included; days among them go one by one."""
    rng = np.random.default_rng(3)
    kinds = ["Robbery", "Burglary", "Anti-social behaviour"]
    number = 400
    rows = incidents_at(
        [tuple(map(float, at)) for at in rng.integers(0, 900, (number, 2))],
        month=rng.choice(["2016-07", "2017-07", "2018-07", "2018-09"], number).tolist(),
        time_precision="day",
        offence=rng.choice(kinds, number).tolist(),
    )
    to_the_day = rows["occurred_from"].dt.month == 9
    rows["occurred_until"] = rows["occurred_until"].mask(
        to_the_day, rows["occurred_from"] + pd.Timedelta(days=2)
    )
    rows.loc[to_the_day, ["offence", "time_precision"]] = [kinds[2], "interval"]
    if harm:
        rows = hs.weigh_harm(rows, hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire"))
    chosen = hs.assign_cells(hs.select(rows, hs.Question(within=zone("City", (0, 0, 800, 800)))),
                             SquareGrid(200))  # fmt: skip
    cells = hs.aggregate_to_cells(chosen)
    asked = periods or ["2016-07", "2017-07", "2018-07", "2018-09"]
    alone = [
        hs.count_by_period(cells, chosen, periods=[one, "2018-09-02/2018-09-04"]) for one in asked
    ]
    expected = pd.concat([one[one.index.get_level_values("period").isin(asked)] for one in alone])
    found = hs.count_by_period(cells, chosen, periods=periods)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
