"""Results of every analysis on small fixed inputs, and what each says, by a name of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from chain import asked, in_cells
from tables import incidents_at, zone

import hotspots as hs
from hotspots import evaluation
from hotspots.analysis.evaluation.comparators import Comparators
from hotspots.analysis.evaluation.placebo import Placebo
from hotspots.analysis.evaluation.plan import ChangePlan
from hotspots.analysis.evaluation.windows import Windows
from hotspots.analysis.forecast.advice import GridAdvice
from hotspots.analysis.forecast.areas import AreaForecast, Weighing
from hotspots.core.sentences import sentence_of

Said = Iterator[tuple[str, str]]

INSIDE, NEAR, FAR = (0, 0), (0, 300), (0, 5000)
SQUARE = zone("Square", (-100, -100, 100, 100))
TWO = pd.concat([SQUARE, zone("Far", (-100, 4900, 100, 5100))])


def analysis_sentences() -> Said:
    """What every sample says, by the name of the sample."""
    yield from differences()
    yield from ratios()
    yield from regressions()
    yield from changes()
    yield from cautions_of_change()
    yield from interruptions()
    yield from radii()
    yield from chances()
    yield from concentrations()
    yield from forecasts()
    yield from comparators()


def forecasts() -> Said:
    def of(months: int, weighing: Weighing, left_out: int = 0) -> AreaForecast:
        rows = [{"half_life": 6.0, "window": None, "spread": 0.25, "mean_pai": 12.3}]
        rows += [{"half_life": None, "window": 12, "spread": 0.0, "mean_pai": 11.9}]
        return AreaForecast(
            pd.Series({"a": 1.0}), weighing, pd.DataFrame(rows), months, months - 1, left_out
        )

    yield "forecast: fading, lent", of(30, Weighing(6.0, None, 0.25), 50).to_sentence()
    yield "forecast: all alike", of(30, Weighing()).to_sentence()
    yield "forecast: short", of(3, Weighing(window=12)).to_sentence()
    table = pd.DataFrame(
        [("h3-8", "forecast", 0.2, 0.011, 0.003, 0.019)],
        columns=["grid", "method", "hit_rate", "difference", "low", "high"],
    )
    better = GridAdvice(hs.H3Grid(8), "forecast", table, 0.01, 15, True)
    yield "grid: better", better.to_sentence()
    usual = replace(better, grid=hs.H3Grid(9), method="count 12", better=False)
    yield "grid: as usual", usual.to_sentence()


def comparators() -> Said:
    balance = pd.DataFrame(
        {"treated": [5.0, 1.0], "comparators": [5.3, 1.4], "unlike": [0.2, 1.2]},
        index=["level", "trend"],
    )
    start = pd.Timestamp("2022-01-01", tz="Europe/London")
    windows = Windows(start, hs.Period.parse("2021-01/2021-12"), hs.Period.parse("2022-01/2022-12"))
    found = Comparators(TWO, balance, pd.DataFrame(), 0.6, 119, 2, windows, "asb")
    yield "comparators: beyond chance", found.to_sentence()
    yield "comparators: chance", replace(found, as_extreme=30).to_sentence()
    yield "comparators: too few", replace(found, places=12).to_sentence()


def differences() -> Said:
    def wdd(**pairs: Any) -> Any:
        return hs.weighted_displacement_difference(**pairs)

    burglary, theft = (
        wdd(treated=(20, 10), control=(20, 20)),
        wdd(treated=(70, 20), control=(80, 60)),
    )
    around = wdd(
        treated=(207, 110), control=(308, 318),
        treated_displacement=(178, 157), control_displacement=(150, 140),
    )  # fmt: skip
    yield "wdd: within chance", burglary.to_sentence()
    yield "wdd: with displacement, beyond chance", around.to_sentence()
    unlike = wdd(treated=(100, 80), control=(1_000, 800))
    yield "wdd: unlike in size", unlike.to_sentence()
    yield "wdd: nothing", wdd(treated=(0, 0), control=(0, 0)).to_sentence()
    pooled = evaluation.harm_weighted_displacement_difference([burglary, theft], [10.0, 1.5])
    yield "wdd: harm", pooled.to_sentence()


def ratios() -> Said:
    found = evaluation.rate_ratio(treated=(120, 85), control=(118, 108))
    yield "ratio: within chance", found.to_sentence()
    yield "ratio: in words", found.to_words()
    yield "ratio: named", found.to_sentence("incidents inside the order", "the rest of the city")
    beyond = evaluation.rate_ratio(treated=(1000, 700), control=(1000, 1000))
    yield "ratio: beyond chance", beyond.to_sentence()
    yield "ratio: chosen", beyond.to_sentence(chosen=True)
    yield "ratio: alone", evaluation.rate_ratio(treated=(12, 30)).to_sentence()
    yield (
        "ratio: from nothing",
        evaluation.rate_ratio(treated=(0, 30), control=(5, 5)).to_sentence(),
    )
    yield "ratio: nothing", evaluation.rate_ratio(treated=(0, 0), control=(0, 0)).to_sentence()
    close = replace(
        evaluation.rate_ratio(treated=(1000, 912), control=(100_000, 100_000)), high=0.9968
    )
    yield "ratio: just below one", close.to_sentence()
    yield "rest of the city", evaluation.rest_of_city_growth(-0.23, 0.032, 0.10).to_sentence()


def regressions() -> Said:
    before = pd.Series([14, 9, 4, 3, 2, 1, 1, 0, 0, 0], index=list("abcdefghij"))
    after = before[::-1].set_axis(before.index) + 5
    yield "regression: before only", hs.regression_to_the_mean(before, ["a", "b"]).to_sentence()
    many = pd.Series([60, 52, *([9] * 48)])
    years = [(many, many), (many, many + 3)]
    came = hs.regression_to_the_mean(before, ["a", "b"], after=after)
    yield "regression: after", came.to_sentence()
    came = hs.regression_to_the_mean(before, ["a", "b"], after=after, earlier=years)
    yield "regression: few areas", came.to_sentence()
    found = hs.regression_to_the_mean(many, [0, 1], after=many // 2 * 2, earlier=years)
    yield "regression: earlier years", found.to_sentence()
    fell = many.where(many < 50, 9)
    found = hs.regression_to_the_mean(many, [0, 1], after=fell, earlier=years)
    yield "regression: fell", found.to_sentence()
    yield "regression: nothing", hs.regression_to_the_mean(before * 0, ["a"]).to_sentence()


def months_from(first: str, how_many: int) -> list[str]:
    return [str(month) for month in pd.period_range(first, periods=how_many, freq="M")]


def town(counts: dict[Any, list[int]], first: str = "2017-04", **columns: Any) -> gpd.GeoDataFrame:
    """So many incidents at each place in each month, from the first month on."""
    points: list[Any] = []
    months: list[str] = []
    for place, by_month in counts.items():
        for month, count in zip(months_from(first, len(by_month)), by_month, strict=True):
            points += [place] * count
            months += [month] * count
    return incidents_at(points, month=months, **columns)


def chosen_areas(first: str, last: str) -> gpd.GeoDataFrame:
    """The square, as a choice of patrol areas from a period hands it over."""
    return SQUARE.assign(
        status="selected", rank=1, ranked_by="harm",
        period_from=pd.Timestamp(first, tz="Europe/London"),
        period_until=pd.Timestamp(last, tz="Europe/London"),
    )  # fmt: skip


FALL = town({INSIDE: [8] * 12 + [30] * 12 + [8] * 12, FAR: [50] * 36}, "2021-04")
EVEN = town({INSIDE: [10] * 36, FAR: [50] * 36}, "2021-04", harm=3.0)


def changes() -> Said:
    start = {"started": "2023-04-01"}
    yield from told("change: unknown choice, high", hs.compare_change(SQUARE, FALL, **start))
    yield from told("change: even, with harm", hs.compare_change(SQUARE, EVEN, **start))
    for name, span in (
        ("high", ("2022-04-01", "2023-04-01")),
        ("late", ("2023-04-01", "2024-04-01")),
        ("high and late", ("2022-10-01", "2023-10-01")),
    ):
        zones = chosen_areas(*span)
        yield from told(f"change: chosen {name}", hs.compare_change(zones, FALL, **start))
    earlier = {"before": "2021-04/2022-03"} | start
    zones = chosen_areas("2022-04-01", "2023-04-01")
    yield from told("change: chosen between", hs.compare_change(zones, FALL, **earlier))
    yield from told("change: chosen, even", hs.compare_change(zones, EVEN, **start))
    pooled = town({INSIDE: [100, 50], FAR: [4, 8], (3000, 0): [50, 50]})
    yield from told("change: two zones", hs.compare_change(TWO, pooled, started="2017-05"))
    nothing = hs.compare_change(SQUARE[:0], pooled, started="2017-05")
    yield from told("change: no zones", nothing)
    yield from judged()
    yield from planned()


def planned() -> Said:
    """What would be seen, before anything is done."""
    for name, counts, options in (
        ("against a comparator", (246, 153), {}),
        ("alone, drifting", (400,), {"drift": 0.1}),
        ("too few", (2, 900), {}),
    ):
        yield f"smallest change: {name}", hs.smallest_change(*counts, **options).to_sentence()
    rows = {6: (60, 900, 120, 0.2, 55.0, 90.0), 12: (130, 1_800, 120, 0.2, 44.4, 70.0)}
    columns = ["count", "comparator_count", "places", "drift", "smallest_fall", "smallest_rise"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    day = pd.Timestamp("2026-04-01", tz="Europe/London")
    plan = ChangePlan(table, 45.0, 12, day, 1, "asb", 0.8)
    yield "plan: visible", plan.to_sentence()
    late = replace(plan, fall=20.0, months=None, visible=None, zones=4)
    yield "plan: not visible", late.to_sentence()
    yield "plan: nothing to promise", replace(late, table=table[:0]).to_sentence()


def judged() -> Said:
    """Changes with as many like places as a verdict asks for."""
    one = Placebo(
        places=120, as_extreme=31, zones=1, earlier=0.0, as_high=False, middle=1.0, drift=0.2,
        smallest_fall=33.2, smallest_rise=51.0, likely=(0.71, 1.32),
    )  # fmt: skip
    square, areas = ("2022-04-01", "2023-04-01"), {}
    for name, span in (("", None), ("high", square), ("late", ("2023-04-01", "2024-04-01"))):
        zones = SQUARE if span is None else chosen_areas(*span)
        areas[name] = hs.compare_change(zones, FALL, started="2023-04-01")
    yield "change: like places", sentence_of(replace(areas[""], placebo=one), "verdict")
    for name, chosen, parts in (
        ("none changed as much", "", {"as_extreme": 0}),
        ("sets, earlier years", "", {"zones": 22, "places": 199, "earlier": 0.31}),
        ("too small to show a rise", "", {"smallest_rise": math.nan}),
        ("too small to show anything", "", {"smallest_fall": math.nan}),
        ("as high", "high", {"as_high": True, "as_extreme": 57}),
        ("chosen late", "late", {}),
    ):
        change = replace(areas[chosen], placebo=replace(one, **parts))
        yield f"change: like places, {name}", sentence_of(change, "verdict")


def told(name: str, result: Any) -> Said:
    """The sentence of a result and its cautions, each under a name."""
    yield name, result.to_sentence()
    yield f"{name}, cautions", " ".join(map(str, result.cautions))


def cautions_of_change() -> Said:
    def compared(name: str, incidents: Any, zones: Any = SQUARE, **options: Any) -> Said:
        change = hs.compare_change(zones, incidents, **options)
        yield f"cautions: {name}", " ".join(map(str, change.cautions))

    few = town({INSIDE: [5] * 24, FAR: [9] * 24}, "2022-04")
    yield from compared("inside a month", few, started="2023-04-15")
    six = town({INSIDE: [5] * 6, FAR: [9] * 6})
    early, late = {"before": "2017-04/2017-07"}, {"after": "2017-06/2017-09"}
    yield from compared("cut before", six, started="2017-07", **early)
    yield from compared("cut after", six, started="2017-07", before="2017-04/2017-06", **late)
    breaks = [("2017-06-15", "new recording system"), (None, "more is reported online")]
    yield from compared("breaks", six, started="2017-07", breaks=breaks, acknowledge_breaks=True)
    gap = town({INSIDE: [5, 5, 0, 0, 5], FAR: [9, 9, 0, 0, 9]})
    empty = {"before": "2017-04/2017-05", "allow_empty_months": True}
    yield from compared("empty months", gap, started="2017-06", **empty)
    yield from compared("no incidents", gap[:0], started="2017-06")
    own = town({INSIDE: [10, 5], NEAR: [20, 20], FAR: [7, 7]})
    control = zone("Own", (-400, -400, 400, 400))
    yield from compared("own comparator", own, started="2017-05", comparator=control)
    rough = SQUARE.assign(approximate=True)
    yield from compared("nothing beside", town({INSIDE: [9, 4]}), rough, started="2017-05")
    bursts = town({INSIDE: [1, 20, 2, 25, 0, 22] * 4, FAR: [50] * 24}, "2022-04")
    yield from compared("bursts", bursts, started="2023-04-01")


def interruptions() -> Said:
    def series(values: Any, **options: Any) -> Any:
        index = pd.Index(months_from("2020-01", len(values)))
        options = {"started": "2022-01-01"} | options
        return evaluation.interrupted_time_series(pd.Series(values, index=index), **options)

    fall = np.r_[np.tile([40, 60, 50], 8), np.tile([20, 30, 25], 4)]
    bursts = np.repeat([40, 90, 30, 60, 20, 60], 6)
    months = np.arange(36)[:, None]
    waves = 60 + (20 * np.sin(months * np.arange(1, 41) / 7)).round()
    like = pd.DataFrame(waves, index=months_from("2020-01", 36))
    for name, found in (
        ("fall", series(fall)),
        ("level only", series(fall, slope_change=False, seasonal=False)),
        ("bursts", series(bursts, seasonal=False)),
        ("short", series([9, 8] * 10, started="2020-10-15", until="2021-07-31")),
        ("sparse", series([1] + [0] * 22 + [1] * 13)),
        ("with control", series(fall, control=pd.Series(90, pd.Index(months_from("2020-01", 36))))),
        ("few like places", series(fall, like=like.iloc[:, :3])),
        ("like places", series(fall, like=like)),
        ("nothing", series([0] * 36)),
        ("nothing before", series([0] * 24 + [3] * 12)),
        ("nothing after", series([3] * 24 + [0] * 12)),
    ):
        yield from told(f"interruption: {name}", found)
        yield f"interruption: {name}, model", found.model


def radii() -> Said:
    broad = [(float(x), float(y)) for x in (0, 30, 60) for y in (0, 30, 60)] * 12
    spots = incidents_at(
        [*broad, *[(2_000.0, 0.0)] * 60, *[(4_000.0 + 10 * i, 0.0) for i in range(10)]]
    )
    row = [(40.0 * i, 0.0) for i in range(60)] * 10
    apart = [(5_000.0 + 500 * j + 45 * i, 0.0) for j in range(20) for i in range(3)] * 6
    strict = {"min_incidents": 15, "max_area_km2": 0.05}
    wide = [(80.0 * i, 0.0) for i in range(60)] * 5
    groups = [(9_000.0 + 500 * j + 85 * i, 0.0) for j in range(20) for i in range(3)] * 6
    chained = incidents_at([*wide, *groups, *[(-900.0, 0.0), (-940.0, 0.0)] * 350])
    ten = {"min_incidents": 10}
    for name, hint in (
        (
            "one point",
            evaluation.suggest_radius(spots, **ten, max_area_km2=0.06, radii_m=[20, 50, 100]),
        ),
        (
            "over budget",
            evaluation.suggest_radius(chained, **strict | {"max_area_km2": 0.08}, radii_m=[50, 90]),
        ),
        (
            "none stricter",
            evaluation.suggest_radius(incidents_at([*row, *apart]), **strict, radii_m=[39, 46]),
        ),
        ("tight", evaluation.suggest_radius(spots, **ten, max_area_km2=0.001, radii_m=[50, 100])),
        ("few", evaluation.suggest_radius(incidents_at(broad[:8]), **ten)),
    ):
        yield f"radius: {name}", hint.to_sentence()
        yield f"radius: {name}, printed", str(hint)


def chances() -> Said:
    random = np.round(np.random.default_rng(5).uniform(0, 3_000, (200, 2)))
    points = [*map(tuple, np.repeat(random, 2, axis=0)), *[(9_000.0, 0.0)] * 40]
    mixed = incidents_at(points, theme_asb=[row % 3 == 0 or row >= 400 for row in range(440)])
    asb = hs.assign_clusters(asked(mixed, theme="asb"), radius_m=150, min_incidents=8)
    yield "chance: dealt shares", evaluation.cluster_chance(asb, draws=9).to_sentence()
    alone = hs.assign_clusters(mixed, radius_m=150, min_incidents=6)
    yield "chance: all there are", str(evaluation.cluster_chance(alone, draws=9))
    one_theme = hs.assign_clusters(
        asked(mixed[mixed["theme_asb"]], theme="asb"), radius_m=150, min_incidents=8
    )
    yield "chance: one theme", str(evaluation.cluster_chance(one_theme, draws=9))
    none = hs.assign_clusters(incidents_at([]), radius_m=150, min_incidents=6)
    yield "chance: nothing", evaluation.cluster_chance(none, draws=9).to_sentence()


def concentrations() -> Said:
    table = hs.stats.concentration_table([10, 8, 2, 0, 0, 0, 0, 0, 0, 0])
    for share, words in hs.describe_concentration(table).items():
        yield f"concentration: {share:.0%}", words
    yield (
        "concentration: nothing",
        hs.describe_concentration(hs.stats.concentration_table([0, 0])).iloc[0],
    )
    for by in ("count", "harm"):
        cells, overlaps = cells_of_wards(named=by == "count")
        few = hs.zones.zone_concentration(cells, overlaps, by=by)
        for name, words in hs.describe_concentration(few).items():
            yield f"concentration of {by}: {name}", words
    cells, overlaps = cells_of_wards(named=True)
    every = hs.zones.zone_concentration(cells, overlaps, share=1.0)
    yield "concentration: many names", hs.describe_concentration(every).loc["west"]


def cells_of_wards(*, named: bool) -> tuple[Any, Any]:
    points = [(-400, -400)] * 6 + [(-400, y) for y in (-100, 100, 400)] * 2
    points += [(-300, y) for y in (-400, -100, 100, 400)]
    table = incidents_at(points, harm=5.0, harm_scale="s", theme_asb=True)
    rows = in_cells(
        table, hs.SquareGrid(125), within=zone("City", (-500, -500, 500, 500)), theme="asb"
    )
    cells = hs.aggregate_to_cells(rows)
    if named:
        cells["place_name"] = [f"Street {row}" for row in range(len(cells))]
    return cells, hs.relate_to_zones(cells, two_wards(), rows)


def two_wards(**columns: Any) -> gpd.GeoDataFrame:
    west = zone("West", (-500, -500, -250, 500), kind="ward")
    return pd.concat([west, zone("East", (-250, -500, 500, 500), kind="ward")]).assign(**columns)
