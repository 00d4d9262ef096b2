"""A trouble counts once, whatever it is called about; nothing else is lost."""

import numpy as np
import pandas as pd
import pytest
from chain import asked
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.troubles import troubles


def test_calls_about_one_place_in_one_month_are_one_trouble_and_no_call_is_lost():
    rows = incidents_at(
        [(0, 0), (0, 0), (0, 0), (0, 0), (500, 0), None, None],
        month=["2018-07", "2018-07", "2018-08", "2018-07", "2018-07", "2018-07", "2018-07"],
        offence=["Anti-social behaviour"] * 3 + ["Burglary"] + ["Anti-social behaviour"] * 3,
    )
    once = troubles(rows)
    assert once.index.tolist() == ["i0", "i2", "i3", "i4", "i5", "i6"]
    assert once["incidents_in_trouble"].tolist() == [2, 1, 1, 1, 1, 1]
    assert once["incidents_in_trouble"].sum() == len(rows)
    again = troubles(once.drop(columns="incidents_in_trouble"))
    assert again.index.tolist() == once.index.tolist()
    other = troubles(shuffled(rows))
    assert sorted(other["incidents_in_trouble"]) == sorted(once["incidents_in_trouble"])
    assert troubles(rows.iloc[:0]).empty


def test_at_exact_places_a_trouble_is_a_place_and_a_day():
    rows = incidents_at([(0, 0)] * 3, location_precision="exact", time_precision="day")
    later = rows["occurred_from"] + np.array([0, 0, 1]) * np.timedelta64(1, "D")
    assert troubles(rows.assign(occurred_from=later))["incidents_in_trouble"].tolist() == [2, 1]


def test_a_day_of_times_in_utc_is_that_of_the_clock_of_the_place():
    """Half past eleven and half past midnight in UTC are of one night of July in London."""
    rows = incidents_at([(0, 0)] * 2, location_precision="exact", time_precision="exact")
    starts = pd.Series(pd.to_datetime(["2018-07-01 23:30Z", "2018-07-02 00:30Z"]), rows.index)
    as_london = rows.assign(occurred_from=starts.dt.tz_convert("Europe/London"))
    for table in (rows.assign(occurred_from=starts), as_london):
        assert troubles(table)["incidents_in_trouble"].tolist() == [2]


def test_clusters_of_calls_about_few_troubles_are_not_more_than_chance():
    """Every trouble is called about three times; which are of the theme is chance."""
    called = 0
    for seed in range(6):
        chosen = asked(called_thrice(seed), theme="asb", within=zone("C", (0, 0, 3_000, 3_000)))
        clustered = hs.assign_clusters(chosen, radius_m=200, min_incidents=18)
        found = hs.evaluation.cluster_chance(clustered, draws=39)
        called += found.clusters["evidence"].eq("beyond-chance").any()
    assert called <= 1


def called_thrice(seed, month="2018-07"):
    """700 places, a trouble each, called about three times; a quarter of them of the theme."""
    rng = np.random.default_rng(seed)
    places = np.repeat(rng.uniform(0, 3_000, (700, 2)).round(), 3, axis=0)
    asb = np.repeat(rng.random(700) < 0.25, 3)
    return incidents_at(
        [tuple(one) for one in places],
        theme_asb=asb.tolist(),
        offence=np.where(asb, "Anti-social behaviour", "Burglary").tolist(),
        month=[month] * len(places),
    )


def test_calls_in_eights_are_worth_their_troubles_and_single_calls_are_as_they_were():
    """3 troubles then and 10 now, called about eight times each; beside them 4 and 12 calls."""
    eights, singles = (
        [(20 * n, north) for n in range(size)] for size, north in ((13, 50), (16, 900))
    )
    rows = incidents_at(
        [*np.repeat(eights, 8, axis=0), *singles],
        month=["2018-07"] * 24 + ["2018-08"] * 80 + ["2018-07"] * 4 + ["2018-08"] * 12,
        theme_asb=True,
        location_precision="exact",
        time_precision="day",
    )
    said = [compared(one) for one in (rows, troubles(rows))]
    pd.testing.assert_series_equal(said[0]["p_value"], said[1]["p_value"])
    assert said[0]["count_now"].tolist() == [80, 12]
    # At snapped places one map point with 30 calls is one place that leans one way.
    spot = incidents_at([(9, 9)] * 35, month=["2018-07"] * 5 + ["2018-08"] * 30, theme_asb=True)
    assert compared(spot)["change"].tolist() == ["more_could_be_chance"]


def test_an_area_is_held_against_its_months_or_its_troubles_whichever_vary_more():
    """West calls come in eights about one place, as many a month; east single ones, in waves."""
    months = pd.period_range("2016-08", "2018-08", freq="M").astype(str)
    west = np.repeat(months, [16] * 23 + [24, 80])
    east = np.repeat(months, [4, 20] * 11 + [12, 10, 34])
    most = np.repeat(months, 40)
    rows = incidents_at(
        [(n // 8 % 40, 50) for n in range(len(west))]
        + [(510 + 0.5 * n, 50) for n in range(len(east))]
        + [(1_010 + 0.4 * n, 50) for n in range(len(most))],
        month=[*west, *east, *most],
        theme_asb=True,
        location_precision="exact",
        time_precision="day",
    )
    city = zone("C", (0, 0, 1_500, 500))
    cells = hs.assign_cells(asked(rows, theme="asb", within=city), hs.SquareGrid(500))
    then, now = (hs.aggregate_to_cells(cells.during(one)) for one in months[-2:])
    known = hs.count_by_period(now, cells.during(months[-1]), periods=months)
    few = known[known.index.get_level_values("period").isin(months[-2:])]
    given = {"both": (cells, None), "months": (None, known), "troubles": (cells, few)}
    found = {
        name: hs.evaluation.compare_areas(now, then, chosen, area_periods=table)
        for name, (chosen, table) in given.items()
    }
    p_value = {name: one["p_value"].to_numpy() for name, one in found.items()}
    assert (p_value["both"] == np.fmax(p_value["months"], p_value["troubles"])).all()
    assert np.sign(p_value["months"] - p_value["troubles"]).tolist() == [-1, 1, 0]
    assert found["months"]["held_against"].tolist() == ["months", "months", "nothing"]


def compared(rows):
    """August against July, given the incidents."""
    city = zone("C", (0, 0, 500, 1_000))
    cells = hs.assign_cells(asked(rows, theme="asb", within=city), hs.SquareGrid(500))
    then, now = (hs.aggregate_to_cells(cells.during(one)) for one in ("2018-07", "2018-08"))
    return hs.evaluation.compare_areas(now[now["incident_count"] > 0], then, cells)


def test_every_stage_counts_troubles_as_it_counts_the_first_call_of_each():
    rows = pd.concat([called_thrice(1, "2018-07"), called_thrice(2, "2018-08")])
    rows = rows.set_axis([f"i{number}" for number in range(len(rows))])
    city = zone("C", (0, 0, 3_000, 3_000))
    calls, once = (
        hs.assign_cells(asked(table, theme="asb", within=city), hs.SquareGrid(500))
        for table in (rows, troubles(rows))
    )
    july, august = (
        [hs.aggregate_to_cells(one.during(month)) for one in (calls, once)]
        for month in ("2018-07", "2018-08")
    )
    said = hs.evaluation.compare_areas(august[0], july[0], calls, unit="trouble")
    bare = hs.evaluation.compare_areas(august[1], july[1])
    pd.testing.assert_frame_equal(said, bare.assign(held_against="incidents"))
    flagged = [
        hs.flag_hotspots(cells, chosen.during("2018-07"), unit=unit)
        for cells, chosen, unit in zip(july, (calls, once), ("trouble", "incident"), strict=True)
    ]
    for name in ("z", "p_value", "q_value", "is_hotspot", "evidence"):
        pd.testing.assert_series_equal(flagged[0][name], flagged[1][name])
    assert flagged[0]["incident_count"].equals(july[0]["incident_count"])
    with pytest.raises(hs.InputError, match="incidents"):
        hs.flag_hotspots(july[0], unit="trouble")
