"""Zones against the rest of the city, few cells that make the problem, and wards side by side."""

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import assert_contract, incidents_at, shuffled, zone

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.analysis.zones.zone_totals import rank_zones, summarise_zones, zone_concentration
from hotspots.core.errors import InputError
from hotspots.core.grids import SquareGrid
from hotspots.core.question import Question
from hotspots.core.record import RunRecord, ThemeStatus
from hotspots.core.select import select
from hotspots.core.tables import ZONES
from hotspots.programmes.compare_wards import compare_wards
from hotspots.stats.count_models import exact_rate_ratios


def city():
    return zone("City", (-500, -500, 500, 500))


def wards(**columns):
    """West is a quarter of the city, East three quarters."""
    west, east = (
        zone("West", (-500, -500, -250, 500), kind="ward"),
        zone("East", (-250, -500, 500, 500), kind="ward"),
    )
    return pd.concat([west, east]).assign(**columns)


def asked(incidents, theme=None, **parts):
    """The incidents of the city."""
    return select(incidents, Question(theme, within=city(), **parts))


def scattered(west=30, east=30, **columns):
    """So many incidents in each ward, all apart from the border."""
    rng = np.random.default_rng(0)
    xs = [*rng.uniform(-499, -251, west), *rng.uniform(-249, 499, east)]
    ys = rng.uniform(-499, 499, west + east)
    return incidents_at(
        [(round(x, 1), round(y, 1)) for x, y in zip(xs, ys, strict=True)], **columns
    )


def test_the_exact_interval_is_that_of_a_textbook():
    """R: poisson.test(c(11, 21), c(800, 3011)) gives 1.971488, 0.8584264 to 4.2772659."""
    found = exact_rate_ratios(11, 800, 21, 3011)
    assert found.ratio == pytest.approx(1.971488, abs=1e-6)
    assert found.low == pytest.approx(0.8584264, abs=1e-6)
    assert found.high == pytest.approx(4.2772659, abs=1e-6)


def test_zero_counts_have_open_ends_and_two_zeros_have_no_ratio():
    found = exact_rate_ratios([0, 8, 0, 3], [1, 1, 1, 0], [8, 0, 0, 3], [1, 1, 1, 1])
    assert found.ratio[:2].tolist() == [0, np.inf]
    assert found.low[0] == 0 and 0 < found.high[0] < 1
    assert found.high[1] == np.inf and found.low[1] > 1
    assert np.isnan([found.ratio[2:], found.low[2:], found.high[2:]]).all()


def test_the_exact_interval_covers_a_true_ratio_of_one():
    rng = np.random.default_rng(4)
    one, other = rng.poisson(8, 4000), rng.poisson(24, 4000)
    found = exact_rate_ratios(one, 1, other, 3)
    covered = ((found.low <= 1) & (found.high >= 1)).mean()
    assert 0.95 <= covered <= 0.99


def test_a_zone_is_compared_with_everything_else_and_not_with_the_whole():
    summary = summarise_zones(wards(), asked(scattered()))
    west = summary.loc["west"]
    assert west["rest_count"] == 30
    assert west["ratio_to_rest"] == pytest.approx(3)
    assert west["rest_rate"] == pytest.approx(30 / 0.75)
    assert summary.loc["east", "ratio_to_rest"] == pytest.approx(1 / 3)
    assert west["ratio_per"] == "km2"
    assert west["ratio_low"] < 3 < west["ratio_high"]


def test_wards_that_differ_only_by_bursts_do_not_stand_apart_and_one_with_twice_as_many_does():
    """Sixteen wards alike; each incident is three of one place and month."""
    corners = [(250 * (i % 4) - 500, 250 * (i // 4) - 500) for i in range(16)]
    zones = pd.concat(zone(f"W{i}", (x, y, x + 250, y + 250), kind="ward")
                      for i, (x, y) in enumerate(corners))  # fmt: skip
    months = [f"2024-{month:02d}" for month in range(1, 13)]
    called = []
    for seed, times in ((0, 1), (1, 1), (2, 1), (3, 2)):
        rng = np.random.default_rng(seed)
        held = rng.poisson(2 * np.where(np.arange(16) == 5, times, 1)[:, None], (16, 12))
        rows = [
            (ward, month) for ward, month in np.argwhere(held) for _ in range(3 * held[ward, month])
        ]
        points = [(x + 125, y + 125) for x, y in (corners[ward] for ward, _ in rows)]
        incidents = incidents_at(points, month=[months[month] for _, month in rows])
        summary = summarise_zones(zones, asked(incidents))
        called.append(summary.index[summary["against_rest"].ne("alike")].tolist())
        whole = summary["incident_count"].sum()
        plain = exact_rate_ratios(
            summary["incident_count"], 1, whole - summary["incident_count"], 15
        )
        assert ((plain.low > 1) | (plain.high < 1)).sum() > 1, "to Poisson's interval they do"
        assert (summary["ratio_low"] <= plain.low).all() and (
            summary["ratio_high"] >= plain.high
        ).all()
    assert called == [[], [], [], ["w5"]]


def test_what_comes_from_one_place_in_a_month_is_taken_for_one_burst():
    """West holds 36 of 88, a quarter of the ground: beyond chance one by one, not in fours."""
    apart = [(-490 + 6 * i, 0) for i in range(36)] + [(-240 + 14 * i, 0) for i in range(52)]
    fours = [apart[i // 4 * 4] for i in range(len(apart))]
    one, many = (
        summarise_zones(wards(), asked(incidents_at(points))).loc["west"]
        for points in (apart, fours)
    )
    assert one["incident_count"] == many["incident_count"] == 36
    assert [one["against_rest"], many["against_rest"]] == ["above", "alike"]
    assert many["ratio_low"] < one["ratio_low"] < one["ratio_high"] < many["ratio_high"]


def test_residents_take_the_place_of_ground():
    people = pd.Series({"east": 1000, "west": 4000})
    summary = summarise_zones(wards(), asked(scattered()), population=people)
    assert summary["count_per_1000"].to_dict() == {"west": 7.5, "east": 30}
    assert summary.loc["west", "ratio_to_rest"] == pytest.approx(0.25)
    assert summary["ratio_per"].unique().tolist() == ["resident"]
    more = summarise_zones(wards(), asked(scattered()), population=people, city_population=8000)
    assert more.loc["west", "ratio_to_rest"] == pytest.approx((30 / 4000) / (30 / 4000))


def test_zones_without_residents_have_no_rate_and_strangers_are_refused():
    people = pd.Series({"west": 0, "east": np.nan})
    summary = summarise_zones(wards(), scattered(), population=people)
    assert summary["count_per_1000"].isna().all()
    for population in (pd.Series({"north": 5}), [1, 2], pd.Series({"west": -1, "east": 1})):
        with pytest.raises(InputError, match="population"):
            summarise_zones(wards(), scattered(), population=population)
    with pytest.raises(InputError, match="city_population"):
        summarise_zones(wards(), asked(scattered()), population=people)


def test_without_incidents_everything_is_well_formed_and_nothing_is_claimed():
    summary = summarise_zones(wards(), asked(incidents_at([], harm=[])))
    assert_contract(summary, ZONES)
    assert summary["incident_count"].tolist() == [0, 0]
    assert summary["ratio_to_rest"].isna().all()
    assert len(summarise_zones(wards().iloc[:0], asked(scattered()))) == 0


def test_harm_has_a_share_and_a_rate():
    summary = summarise_zones(wards(), asked(scattered(harm=2.0, harm_scale="s")))
    assert summary["share_of_harm"].tolist() == [0.5, 0.5]
    assert summary["harm_per_km2"].to_dict() == {"west": 60 / 0.25, "east": 60 / 0.75}


def test_a_summary_can_be_summed_again():
    once = summarise_zones(wards(), asked(scattered()))
    again = summarise_zones(once, asked(scattered()))
    pd.testing.assert_frame_equal(pd.DataFrame(once), pd.DataFrame(again)[once.columns])


def test_protect_zones_are_not_summed_for_anyone_else():
    record = RunRecord("test", marking="OFFICIAL")
    with refused("protect"):
        summarise_zones(wards(kind="protect"), scattered(), record=record)


def test_approximate_zones_are_never_ranked():
    summary = summarise_zones(wards(approximate=[True, False]), scattered())
    with pytest.raises(InputError, match=r"'West'[\s\S]*official outlines"):
        rank_zones(summary)
    with pytest.raises(InputError, match="never ranked"):
        compare_wards(wards(approximate=True), asked(scattered()), themes=[None], rank_by="harm")


def test_ties_share_the_better_rank_and_missing_numbers_come_last():
    zones = pd.concat([wards(), zone("North", (0, 600, 9, 700), kind="ward")])
    ranked = rank_zones(zones.assign(n=[5.0, 5.0, np.nan]), rank_by="n")
    assert ranked.index.tolist() == ["east", "west", "north"]
    assert ranked["rank"].tolist()[:2] == [1, 1] and pd.isna(ranked["rank"].iloc[2])
    with pytest.raises(InputError, match="nope"):
        rank_zones(zones, rank_by="nope")


def cells_of(incidents, theme=None):
    in_cells = assign_cells(asked(incidents, theme), SquareGrid(250))
    cells = aggregate_to_cells(in_cells)
    return cells, relate_to_zones(cells, wards(), in_cells)


def test_the_few_cells_that_hold_half_are_found():
    """West touches four squares of 250 m; one of them holds six of its ten incidents."""
    points = [(-400, -400)] * 6 + [(-400, -100)] * 2 + [(-400, 100), (-400, 400), (0, 0)]
    found = zone_concentration(*cells_of(incidents_at(points)))
    west = found.loc["west"]
    assert west[["held", "cells", "cells_used", "cells_for_share"]].tolist() == [10, 4, 4, 1]
    assert west["share_held"] == pytest.approx(0.6)
    assert west["cells_if_even"] == 2
    assert west[["zone_name", "by", "leading_places"]].tolist() == ["West", "count", []]


def test_a_cell_on_the_edge_brings_only_what_lies_inside():
    points = [(-260, 10)] * 3 + [(-240, 10)] * 9
    in_cells = assign_cells(asked(incidents_at(points)), SquareGrid(1000))
    cells = aggregate_to_cells(in_cells)
    overlaps = relate_to_zones(cells, wards(), in_cells)
    assert zone_concentration(cells, overlaps)["held"].to_dict() == {"east": 9, "west": 3}


def test_fewest_cells_equal_the_obvious_search():
    incidents = scattered(60, 0)
    cells, overlaps = cells_of(incidents)
    counts = cells["incident_count"].sort_values(ascending=False).tolist()
    for share in (0.1, 0.5, 0.9, 1.0):
        found = zone_concentration(cells, overlaps, share=share).loc["west", "cells_for_share"]
        obvious = next(k for k in range(1, 99) if sum(counts[:k]) >= share * 60)
        assert found == obvious


def test_quiet_zones_need_no_cell_and_harm_can_be_what_is_held():
    cells, overlaps = cells_of(incidents_at([(-400, 0)], harm=5.0, harm_scale="s"))
    quiet = zone_concentration(cells, overlaps).loc["east"]
    assert quiet["cells_for_share"] == 0
    assert (quiet["held"], quiet["leading_cells"]) == (0, [])
    harm = zone_concentration(cells, overlaps, by="harm").loc["west"]
    assert (harm["held"], harm["by"]) == (5, "harm")
    assert len(zone_concentration(cells, overlaps.iloc[:0])) == 0


def test_wards_stand_side_by_side_in_the_order_of_the_list():
    incidents = scattered(theme_asb=[True] * 20 + [False] * 40)
    both = compare_wards(
        wards(approximate=True),
        asked(incidents),
        themes=["asb", None],
        only=["East", "West"],
        cells={"asb": cells_of(incidents, theme="asb")},
    )
    wide = both.side_by_side()
    assert wide.index.tolist() == ["asb", "all"]
    assert wide.columns.tolist() == ["East", "West"]
    assert wide.loc["asb"].tolist() == [0, 20]
    assert wide.loc["all"].tolist() == [30, 30]
    assert [one.rule for one in both.cautions] == [
        "approximate-wards", "per-km2", "wards-widened",
    ]  # fmt: skip
    assert both.concentration["asb"].index.tolist() == ["east", "west"]
    assert both.to_dict()["rows"][0]["zone_name"] == "East"
    with pytest.raises(InputError, match="nope"):
        both.side_by_side("nope")


def test_a_proxy_is_called_what_it_is():
    label = "violence of every kind"
    incidents = scattered(theme_violence=True, theme_violence_label=label)
    found = compare_wards(wards(), asked(incidents), themes=["violence"])
    assert found.to_sentence().startswith(f"{label}, July 2018:")


def test_without_a_period_the_months_pooled_are_told_and_ratios_per_what_they_are():
    housed = wards().assign(population=[900.0, 100.0])
    two_months = asked(scattered(month=["2018-07", "2018-08"] * 30))
    found = compare_wards(housed, two_months, themes=[None])
    assert found.period == "July 2018 to August 2018 (2 months pooled)"
    assert set(found.table["ratio_per"]) == {"resident"}
    assert "per-resident" in [one.rule for one in found.cautions]


def test_official_wards_can_be_ranked():
    ranked = compare_wards(wards(), asked(scattered()), themes=[None], rank_by="count_per_km2")
    assert ranked.table["rank"].tolist() == [1, 2]
    assert ranked.table["zone_name"].tolist() == ["West", "East"]


def test_row_order_changes_nothing_between_wards():
    incidents = scattered()
    one = compare_wards(wards(), asked(incidents), themes=[None]).table
    other = compare_wards(wards(), asked(shuffled(incidents)), themes=[None]).table
    pd.testing.assert_frame_equal(one, other)


def test_without_a_study_area_the_wards_are_the_city():
    incidents = scattered()
    one = compare_wards(wards(), incidents, themes=[None]).table
    pd.testing.assert_frame_equal(one, compare_wards(wards(), asked(incidents)).table)
    assert one["rest_count"].tolist() == [30, 30]


def test_themes_are_that_of_the_question_or_all_the_data_carry():
    incidents = scattered(theme_asb=True, theme_fire=False)
    assert compare_wards(wards(), asked(incidents, "asb")).side_by_side().index.tolist() == ["asb"]
    every = compare_wards(wards(), asked(incidents))
    assert every.side_by_side().index.tolist() == ["asb", "fire"]
    record = RunRecord("test", marking="TEST")
    record.tell_themes(ThemeStatus("asb", "ASB", "absent"))
    record.tell_themes(ThemeStatus("fire", "fires", "measured"))
    incidents["theme_fire"] = pd.array([pd.NA] * len(incidents), "boolean")
    carried = compare_wards(wards(), asked(incidents), record=record)
    assert carried.side_by_side().index.tolist() == ["asb"]  # the record is for words alone
    with refused("absent-theme", "'fire'", "say nothing", of="theme"):
        compare_wards(wards(), asked(incidents), themes=["fire"], record=record)


def test_a_ward_counts_everything_recorded_there_institutions_too():
    incidents = scattered(institutional=[True] * 10 + [False] * 50)
    assert compare_wards(wards(), asked(incidents)).side_by_side().loc["all"].tolist() == [30, 30]


def test_residents_can_be_a_column_of_the_wards():
    people = pd.Series({"west": 4000, "east": 1000})
    one = compare_wards(wards(), asked(scattered()), population=people).table
    other = compare_wards(wards(people=people), asked(scattered()), population="people").table
    pd.testing.assert_frame_equal(one, other, check_dtype=False)
    with refused("no-such-column", "'folk'", of="population"):
        compare_wards(wards(), asked(scattered()), population="folk")


def test_a_comparison_becomes_a_table_of_zones_for_maps_and_files():
    incidents = scattered(theme_asb=True)
    compared = compare_wards(wards(), asked(incidents), themes=["asb", None], only=["East"])
    outlined = compared.with_outlines()
    assert outlined.index.tolist() == ["east", "east"]
    assert outlined["theme"].tolist() == ["asb", "all"] and (outlined["kind"] == "ward").all()
    assert outlined.geometry.iloc[0].equals(wards().geometry["east"])
