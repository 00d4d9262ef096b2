"""Attack releases of small random towns: what of the withheld can be worked out from all of it?

Run: ``python benchmarks/attack_release.py [TOWNS]`` (100 towns: some minutes). Towns of few
incidents, made to be at the edges of the classes: a theme inside another one, with harm, halves or
quarters, a ward and small zones, alone, after products of the halves or of the cells, in rolling
windows each after all before, and for a reader who also holds data.police.uk for the quarters. The
control is what is usually done: fewer than 5 withheld, all else rounded to 5, table by table. Same
seed, same towns.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from shapely.geometry import box

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.errors import DataError
from hotspots.disclosure.reckoning import CutGround

SEED, SIDE, COLUMNS, ROWS = 15, 800.0, 4, 3
DAYS = pd.to_datetime(["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01"])
QUARTERS = ["2025-01/2025-03", "2025-04/2025-06", "2025-07/2025-09", "2025-10/2025-12"]
HALVES = ["2025-01/2025-06", "2025-07/2025-12"]
THEMES = ("asb", "nuisance")
PARTS = [("asb",), ("asb", "nuisance")]
OPEN = "open"
OPEN_PARTS = [(OPEN, "asb"), (OPEN, "asb", "nuisance"), *PARTS]
SCENARIOS = (
    "control", "control, halves", "control, open data",
    "control, rolling", "alone", "after halves", "after cells", "with open data", "rolling",
)  # fmt: skip
ROLLING = [(0, 1), (0, 2), (1, 2), (1, 3), (0, 3), (2, 3), (2, 4), (1, 4), (3, 4), (0, 4)]
WEIGHTS = np.array([1.0, 20.0, 365.0, 1_095.0, 5_475.0])


def town(rng: np.random.Generator) -> dict[str, Any]:
    """Counts and harm by theme, cell and quarter; zones across cells as whole cells."""
    cells = COLUMNS * ROWS
    counts = {"asb": rng.choice([0, 0, 1, 2, 2, 3, 4], size=(cells, 4))}
    counts["nuisance"] = rng.binomial(counts["asb"], rng.choice([0.3, 0.6, 0.9]))
    counts[OPEN] = rng.binomial(counts["asb"], 0.5)
    harm = {
        theme: np.array([rng.choice(WEIGHTS, size=n, p=[0.4, 0.3, 0.2, 0.08, 0.02]).sum()
                         for n in counts[theme].ravel()]).reshape(cells, 4)
        for theme in THEMES
    }  # fmt: skip
    members = [np.arange(cells)]
    for _ in range(3):
        west, south = rng.integers(COLUMNS), rng.integers(ROWS)
        east = rng.integers(west, min(west + 3, COLUMNS))
        north = rng.integers(south, min(south + 2, ROWS))
        at = np.arange(cells)
        inside = (at % COLUMNS >= west) & (at % COLUMNS <= east)
        members.append(at[inside & (at // COLUMNS >= south) & (at // COLUMNS <= north)])
    return {"counts": counts, "harm": harm, "zones": members, "periods": rng.integers(3)}


def cells_of(made: dict[str, Any], theme: str, span: tuple[int, int]) -> gpd.GeoDataFrame:
    first, last = span
    at = np.arange(COLUMNS * ROWS)
    corners = zip(SIDE * (at % COLUMNS), SIDE * (at // COLUMNS), strict=True)
    columns = {
        "kind": "h3-8",
        "theme": theme,
        "incident_count": made["counts"][theme][:, first:last].sum(axis=1),
        "harm": made["harm"].get(theme, made["counts"][theme])[:, first:last].sum(axis=1),
        "unweighted_count": 0,
        "largest_event_share": 0.1,
        "period_from": DAYS[first].tz_localize("Europe/London"),
        "period_until": DAYS[last].tz_localize("Europe/London"),
    }
    names = pd.Index([f"c{n:02d}" for n in at], name="area_id")
    return gpd.GeoDataFrame(
        columns, index=names, geometry=[box(x, y, x + SIDE, y + SIDE) for x, y in corners],
        crs=27700,
    )  # fmt: skip


def zones_of(made: dict[str, Any], span: tuple[int, int]) -> gpd.GeoDataFrame:
    tables = {theme: cells_of(made, theme, span) for theme in THEMES}
    one = tables[THEMES[0]]
    columns: dict[str, Any] = {"kind": "ward", "zone_name": "z"}
    for theme, table in tables.items():
        for name, column in (("count", "incident_count"), ("harm", "harm")):
            columns[f"{theme}_{name}"] = [
                table[column].iloc[inside].sum() for inside in made["zones"]
            ]
        columns[f"{theme}_unweighted_count"] = 0
    for name in ("period_from", "period_until"):
        columns[name] = one[name].iloc[0]
    names = pd.Index([f"z{n}" for n in range(len(made["zones"]))], name="zone_id")
    shapes = [one.geometry.iloc[inside].union_all() for inside in made["zones"]]
    return gpd.GeoDataFrame(columns, index=names, geometry=shapes, crs=27700)


def periods_of(made: dict[str, Any], theme: str) -> pd.DataFrame | None:
    if not made["periods"]:
        return None
    labels = HALVES if made["periods"] == 1 else QUARTERS
    step = 4 // len(labels)
    rows = [
        {"area_id": f"c{n:02d}", "theme": theme, "period": label,
         "incident_count": int(quarters[at * step : (at + 1) * step].sum())}
        for n, quarters in enumerate(made["counts"][theme])
        for at, label in enumerate(labels)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def released(made: dict[str, Any], audience: Any, scenario: str) -> list[Any]:
    """All that the reader of a town is given, one release after another."""
    record = hs.RunRecord("Town", "OFFICIAL" if audience == "partner" else "PUBLISHED", audience)
    behind = Behind(theme_parts=tuple(OPEN_PARTS if scenario == "with open data" else PARTS))

    def out(span: tuple[int, int], *, zones: bool, earlier: list[Any], cells: bool = True) -> Any:
        tables = [cells_of(made, theme, span) for theme in THEMES] if cells else []
        periods = [periods_of(made, theme) for theme in THEMES] if cells and span == (0, 4) else []
        return hs.release(
            tables, zones=[zones_of(made, span)] if zones else [],
            area_periods=[one for one in periods if one is not None],
            earlier=earlier, behind=behind, record=record,
        )  # fmt: skip

    with_zones = audience != "public"
    if scenario.startswith("control"):
        spans = [(0, 2), (2, 4), (0, 4)] if "halves" in scenario else [(0, 4)]
        spans = ROLLING if "rolling" in scenario else spans
        return [plainly(made, with_zones, span) for span in spans]
    if scenario == "with open data":
        return [out((0, 4), zones=with_zones, earlier=open_data(made))]
    if scenario == "after halves":
        first = out((0, 2), zones=with_zones, earlier=[])
        second = out((2, 4), zones=with_zones, earlier=[first])
        return [first, second, out((0, 4), zones=with_zones, earlier=[first, second])]
    if scenario == "rolling":
        given: list[Any] = []
        for span in ROLLING:
            given.append(out(span, zones=with_zones, earlier=given))
        return given
    if scenario == "alone" or not with_zones:
        return [out((0, 4), zones=with_zones, earlier=[])]
    first = out((0, 4), zones=False, earlier=[])
    return [first, out((0, 4), zones=True, earlier=[first], cells=False)]


def open_data(made: dict[str, Any]) -> list[gpd.GeoDataFrame]:
    """What anybody has of the same streets: exact counts of each quarter."""
    return [cells_of(made, OPEN, (n, n + 1)) for n in range(4)]


def plainly(made: dict[str, Any], with_zones: bool, span: tuple[int, int]) -> SimpleNamespace:
    """Fewer than 5 withheld, all else rounded to 5: each number by itself."""

    def one(table: Any, names: list[str]) -> Any:
        counts = table[names].astype(float)
        shown = counts.where(counts >= 5).apply(lambda column: 5 * np.floor(column / 5 + 0.5))
        few = shown.isna().any(axis=1)
        codes = np.where(few, "small", "rounded")
        bare = table.drop(columns=[name for name in table if "harm" in name])
        return bare.assign(**shown, shown=codes, disclosed_for="partner")

    cells = [one(cells_of(made, theme, span), ["incident_count"]) for theme in THEMES]
    periods = [periods_of(made, theme) for theme in THEMES] if span == (0, 4) else []
    zones = [
        one(zones_of(made, span).filter(regex=f"^({theme}_count|kind|zone|period|geom)"),
            [f"{theme}_count"]).assign(theme=theme)
        for theme in THEMES if with_zones
    ]  # fmt: skip
    return SimpleNamespace(
        areas=[table.assign(harm=np.nan) for table in cells], zones=zones,
        area_periods=[one(table, ["incident_count"]) for table in periods if table is not None],
    )  # fmt: skip


def judged(made: dict[str, Any], given: list[Any], scenario: str) -> Iterator[tuple[str, float]]:
    """What is shown, withheld and told; a told count that is not the true one is an error."""
    is_open = "open data" in scenario
    parts = OPEN_PARTS if is_open else PARTS
    for theme in THEMES:
        areas = [t for one in given for t in one.areas if t["theme"].iloc[0] == theme]
        more = [t for one in given for t in one.areas if t["theme"].iloc[0] != theme]
        more += open_data(made) if is_open else []
        if "disclosed_for" not in areas[-1]:  # exact: all of it is told
            exact = {"disclosed_for": "internal", "shown": "exact"}
            areas, more = [[t.assign(**exact) for t in tables] for tables in (areas, more)]
        others = [t for one in given for t in (*one.zones, *one.area_periods)]
        yield "counts shown", sum(int(t["incident_count"].notna().sum()) for t in areas)
        yield "bands shown", sum(int(t["harm"].notna().sum()) for t in areas)
        try:
            beside = [*areas[:-1], *others, *more]
            found = hs.audit_totals(areas[-1], earlier=beside, theme_parts=parts)
        except DataError:
            yield "do not fit", 1
            continue
        yield "withheld", len(found)
        yield "narrow", int(found["narrow"].sum())
        yield "told", int(found["told"].sum())
        if set(areas[-1]["disclosed_for"]) != {"internal"}:
            yield "offences told", offences_told(areas[-1], others, theme)
        if "start" not in found:
            truth = made["counts"][theme].sum(axis=1)[[int(n[1:]) for n in found.index]]
            wrong = found["told"] & (found["fewest"].to_numpy() != truth)
            assert not wrong.any(), "the attack was wrong"
    for zones in (t for one in given for t in one.zones):
        names = [f"{theme}_count" for theme in THEMES if f"{theme}_count" in zones]
        yield "zones shown", int(zones[names].notna().to_numpy().sum())
        harm = [f"{theme}_harm" for theme in THEMES if f"{theme}_harm" in zones]
        yield "zone bands shown", int(zones[harm].notna().to_numpy().sum())


def offences_told(areas: gpd.GeoDataFrame, others: list[Any], theme: str) -> int:
    """Withheld cells whose harm is so high, for at most four incidents, that few offences weigh it.

    An interval programme over bands of cells and zones; ``harm / count`` is right to the rounding.
    """
    zones = [t for t in others if f"{theme}_harm" in t and hasattr(t, "geom_type")]
    bands = [(one, "incident_count", "harm") for one in [areas]]
    bands += [(one, f"{theme}_count", f"{theme}_harm") for one in zones]
    owner, inside = CutGround(areas).along([one.wkb for table in zones for one in table.geometry])
    columns = [owner == n for n in range(len(areas))] + list(inside.T)
    rows, most = [], []
    counts = pd.concat([t[[c, h]].set_axis(["n", "harm"], axis=1) for t, c, h in bands])
    for row, (count, middle) in zip(columns, counts.to_numpy(dtype=float), strict=True):
        if np.isfinite(middle):
            low, high = edges(middle)
            rows += [row.astype(float), -row.astype(float)]
            most += [high * (count + 2) / count, -low * max(count - 2, 5) / count]
    told = 0
    for n in np.flatnonzero(areas["incident_count"].isna()) if rows else []:
        least = linprog((owner == n).astype(float), A_ub=np.array(rows), b_ub=np.array(most))
        told += bool(least.success and least.fun >= 4 * 1_000.0)
    return told


def edges(middle: float) -> tuple[float, float]:
    steps = [step * 10.0**power for power in range(12) for step in (1, 2, 5)]
    return min(
        zip([0.0, *steps[:-1]], steps, strict=True), key=lambda pair: abs(sum(pair) / 2 - middle)
    )


def main(towns: int = 100) -> None:
    for audience in ("partner", "public", "internal"):
        scenarios = {
            "partner": SCENARIOS,
            "public": ("control", "control, open data", "alone"),
            "internal": ("alone",),
        }
        for scenario in scenarios[audience]:
            rng, total, took = np.random.default_rng(SEED), Counter[str](), 0.0
            for _ in range(towns):
                made, start = town(rng), time.process_time()
                given = released(made, audience, scenario)
                took += time.process_time() - start
                for name, number in judged(made, given, scenario):
                    total[name] += int(number)
            said = ", ".join(f"{name} {number:,}" for name, number in total.items())
            print(f"{audience}, {scenario}: {said} ({took:.0f} s to release)", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
