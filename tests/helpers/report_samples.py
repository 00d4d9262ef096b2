"""What the report says of themes, of where incidents fall and of what is withheld, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from hotspots.core.caveats import Caveat
from hotspots.core.record import RunRecord, ThemeStatus
from hotspots.report.text.decision_words import caveat_words
from hotspots.report.text.ground_words import where_lines, where_sentence
from hotspots.report.text.results.place_words import put_aside
from hotspots.report.text.theme import describe_theme
from hotspots.report.text.words import choice_words

Said = Iterator[tuple[str, str]]

ASB = ThemeStatus("asb", "anti-social behaviour", "measured")
START = pd.Timestamp("2018-07-01", tz="Europe/London")
WHERE = {
    "west": -1.6, "south": 53.7, "east": -1.5, "north": 53.8,
    "grid_squares": {"SE33": 0.6, "SE23": 0.4},
    "districts": {"Leeds": 0.9},
    "piles": [{"place_name": "Boar <Lane>", "grid_reference": "SE302335", "incidents": 1234}],
    "within": 0.9, "forces": {"West Yorkshire Police": 1.0},
}  # fmt: skip


def report_sentences() -> Said:
    """What every sample says, by the name of the sample."""
    yield from themes()
    yield from disclosed_themes()
    yield from tested_themes()
    yield from places()
    yield from withheld()
    yield from core_places()
    yield from aside()


def ranked(counts: Any, **columns: Any) -> gpd.GeoDataFrame:
    """Ranked areas of these counts, Street 0 first."""
    return gpd.GeoDataFrame(
        {
            "incident_count": counts,
            "area_km2": 0.1,
            "share_inside": 1.0,
            "place_name": [f"Street {row}" for row in range(len(counts))],
            "rank": pd.Series(counts).rank(method="min", ascending=False).astype("Int64"),
            **columns,
        },
        geometry=[box(0, 0, 1, 1)] * len(counts),
        crs=27700,
    )


def of_theme(areas: gpd.GeoDataFrame | None, status: ThemeStatus = ASB, **options: Any) -> str:
    return describe_theme(areas, status, **({"place": "Leeds", "when": "in July 2018"} | options))


def themes() -> Said:
    five = ranked([30, 10, 5, 5, 0], ward_name="Armley")
    yield "theme: two of five", of_theme(five, compared={"in July 2017": 60}, top=2)
    yield "theme: one place, harm", of_theme(ranked([2], harm=[1599.2]))
    absent = ThemeStatus("v", "vehicle nuisance", "absent", "not published: this is not zero")
    yield "theme: absent", of_theme(None, absent)
    yield "theme: no incidents", of_theme(ranked([0, 0]))
    year = {"when": "from April 2025 to March 2026",
            "compared": {"from April 2024 to March 2025": 7}}  # fmt: skip
    yield "theme: a year", of_theme(ranked([4, 2]), place="Saltmere", **year)
    yield "theme: two level", of_theme(ranked([9, 9, 4]))
    yield "theme: three level", of_theme(ranked([9, 9, 9, 4]))
    yield "theme: seven level", of_theme(ranked([2] * 7))
    by_harm = {"rank": [1, 1, 3], "harm": [500.0, 500.0, 10.0]}
    yield "theme: two level by harm", of_theme(ranked([3, 2, 9], **by_harm))
    yield "theme: some in no area", of_theme(ranked([4, 0]), in_none=3)
    yield "theme: all in no area", of_theme(ranked([0, 0]), in_none=2_498)
    rate = {"rate": [0.001, 0.0042], "rate_low": 0.0021, "rate_high": 0.0079, "rank": [2, 1]}
    rated = ranked([7, 2], **rate, rate_per="residents", ranked_by="rate")
    yield "theme: by rate", of_theme(rated)
    yield "theme: streets", of_theme(ranked([4, 1], length_m=[90.0, 60.0]))


def disclosed_themes() -> Said:
    areas = ranked([30.0, 25.0, 5.0, float("nan")], disclosed_for="partner")
    areas.loc[3, ["rank", "place_name"]] = [pd.NA, None]
    counts = areas["incident_count"]
    yield "theme: rounded", of_theme(areas, top=2)
    yield "theme: rounded, one", of_theme(areas[counts.isna() | (counts == 30)])
    yield "theme: rounded, none", of_theme(areas[counts.isna()])
    band = {"harm": 350.0, "harm_low": 200.0, "harm_high": 500.0, "disclosed_for": "partner"}
    yield "theme: rounded, harm", of_theme(ranked([30.0, 25.0], **band))


def tested_themes() -> Said:
    tested = ranked(
        [30, 10, 5],
        is_hotspot=[True, False, False],
        evidence=["beyond-chance", "could-be-chance", "could-be-chance"],
        period_from=START,
        period_until=START + pd.Timedelta(days=31),
    )
    yield "theme: one beyond chance", of_theme(tested)
    year = tested.assign(period_until=START + pd.Timedelta(days=365))
    yield "theme: one beyond chance, a year", of_theme(year, when="in one year")
    none = tested.assign(is_hotspot=False)
    yield "theme: none beyond chance", of_theme(none)
    few = year.assign(null_model="permutation", is_hotspot=year["incident_count"] < 10)
    yield "theme: one of few, permutation", of_theme(few)
    yield "theme: none, permutation", of_theme(none.assign(null_model="permutation"))
    yield "theme: untested", of_theme(tested.assign(is_hotspot=False, evidence="not-tested"))


def places() -> Said:
    yield "where: in a district", where_sentence(WHERE)
    yield "where: in a district, lines", "\n".join(where_lines(WHERE))
    abroad = {**WHERE, "grid_squares": {}, "districts": {}, "piles": []}
    yield "where: abroad", where_sentence(abroad)
    yield "where: nowhere", where_sentence({})
    yield "where: nowhere, lines", "\n".join(where_lines({}))


def withheld() -> Said:
    def one(what: str, kinds: tuple[str, ...], held: int, areas: int, harm: int) -> Caveat:
        counts = {"held": held, "areas": areas, "harm": harm, "fewest": 5}
        return Caveat("withheld", {"what": (what,), "kinds": kinds} | counts)

    record = RunRecord("Leeds", marking="OPEN DATA")
    record.warn_reader(
        Caveat("snapped"),
        one("asb", ("h3-9",), 30, 1107, 52),
        one("totals", ("pspo", "ring"), 2, 3, 1),
        one("asb", ("cluster",), 0, 3, 3),
        Caveat("months"),
    )
    yield "withheld: several tables", "\n".join(caveat_words(record, []))


def core_places() -> Said:
    near = {"theme": "asb", "radius_m": 100.0}
    needs = [{"min_incidents": 8}, {"min_harm": 2_000.0}, {"min_incidents": 5, "min_harm": 0.5}]
    choices = [*({**near, **need} for need in needs), near]
    yield "core places: what they need", "\n".join(choice_words({"find_clusters": choices}, {}))
    for null in ("dealt-shares", "dealt-places"):
        chance = [{"null": null, "beyond_chance": 1}]
        yield f"core places: {null}", "\n".join(choice_words({"cluster_chance": chance}, {}))


def aside() -> Said:
    for code, number, least in (
        ("few-incidents", 1, 5),
        ("few-months", 1, 3),
        ("one-event", 0.999, 0),
    ):
        yield f"put aside: {code}", put_aside(code, number, least)
    for code in ("partnership-zoning", "not-grounds"):
        yield f"caveat: {code}", str(Caveat(code))
