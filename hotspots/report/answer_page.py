"""An answer as one page to read, print and sign: no map, no script, no request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.periods import day_words
from hotspots.report.answer_figures import Scale, sketch_of
from hotspots.report.briefing import rendered
from hotspots.report.escape import plain_text
from hotspots.report.files import replacing
from hotspots.report.layers import leave_out_withheld, one_table
from hotspots.report.text.section_words import INTERVALS, RANGES, cells_of, heading_of, words_of
from hotspots.report.text.words import capital

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.record import RunRecord
    from hotspots.report.answer import Shown

MOST_ROWS = 60
ON_PAPER = {
    "active_months": "Months with incidents",
    "area_km2": "Area, km²",
    "largest_event_share": "Largest event's share of harm",
    "most_wins_share": "Most wins, of resamples",
    "walk_m": "Longest line inside, m",
    "wins_per_km2": "First in, per km²",
    "wins_without_finds": "First in, officers' finds left out",
    "wins_when_masked": "First in, night-time set aside",
    "length_m": "Length, m",
    "from_road_m": "From the road, m",
    "count_per_100m": "Incidents per 100 m",
    "count_per_km2": "Incidents per km²",
    "count_per_1000": "Incidents per 1,000 residents",
}
"""Headings that a sheet has room for."""
MOST_IN_MATRIX = 12
GROUPS = ("theme", "part")
PARTS = {
    "window": "Hours of the week that stand out",
    "day": "Days of the week",
    "month": "Months of the year",
    "event": "Events",
}
IN_SHEETS = {"overlaps_with"}
"""Long words: they stand in the sheet of an area, and in no table."""
QUIET = {"geometry", "kind", "theme", "sign_off", "disclosed_for", "marking", "order", "part"}


def write_page(shown: Shown, path: Path) -> Path:
    """Write the answer as one page."""
    html = rendered("answer.html.j2", "answer.css", view_of(shown))
    with replacing(path, ".html") as temporary:
        temporary.write_text(f"{html}\n", encoding="utf-8", newline="\n")
    return path


def view_of(shown: Shown) -> dict[str, Any]:
    """What the page says, as plain values for its template."""
    released, record = one_table(shown.released, None)
    table = leave_out_withheld(released)[0]
    parts = bool(shown.parts) and "order" in table
    return {
        "title": plain_text(record.title),
        "marking": plain_text(record.marking),
        "heading": shown.heading,
        "facts": _facts(record),
        "words": [] if parts else list(shown.words),
        "tables": [] if parts else list(_tables(table, shown, record)),
        "matrix": _matrix(shown.matrix, table),
        "sheets": list(_sheets(table, shown)),
        "limbs": list(_limbs(table, shown)) if parts else [],
        "notes": list(dict.fromkeys(map(plain_text, shown.notes))),
        "sources": [
            (plain_text(one.name), f"{one.read:,}" if not record.for_reader else "", one.sha256)
            for one in record.sources
        ],
        "attributions": [plain_text(one) for one in record.attributions],
    }


def _facts(record: RunRecord) -> list[tuple[str, str]]:
    made = [("Made on", day_words(record.made_on))] if record.made_on else []
    return [*made, ("For", record.audience)]


def _tables(table: pd.DataFrame, shown: Shown, record: RunRecord) -> Iterator[dict[str, Any]]:
    """The table, or one for each theme or part of it; intervals are drawn on one scale."""
    columns = [name for name in _columns(table, shown) if name not in IN_SHEETS]
    drawn = next((one for one in INTERVALS if set(one) <= set(table) and one[0] in columns), None)
    scale = Scale.of(table, drawn) if drawn else None
    by = next((name for name in GROUPS if name in table and table[name].nunique() > 1), None)
    several = [("", table)] if by is None else list(table.groupby(by, sort=False))
    for name, rows in several:
        most = MOST_ROWS if shown.matrix is None else MOST_IN_MATRIX
        first = rows.iloc[:most]
        telling = [one for one in columns if any(cells_of(first, one))]
        yield {
            "label": _label(str(name), record),
            "headings": [_heading(one) for one in telling],
            "numeric": [_is_number(first, one) for one in telling],
            "rows": list(zip(*(map(plain_text, cells_of(first, one)) for one in telling),
                             strict=True)),
            "bars": scale.bars(first) if scale else None,
            "axis": scale.axis() if scale else None,
            "more": max(len(rows) - most, 0),
        }  # fmt: skip


def _columns(table: pd.DataFrame, shown: Shown) -> list[str]:
    ends = {end for pair in RANGES.values() for end in pair if set(pair) <= set(table)}
    named = [str(name) for name in shown.columns or table.columns if name in table]
    return [name for name in named if name not in ends and name not in QUIET - {"kind"}]


def _heading(name: str) -> str:
    return ON_PAPER.get(name, capital(heading_of(name)))


def _label(name: str, record: RunRecord) -> str:
    status = record.themes.get(name)
    return capital(status.label if status else PARTS.get(name, name))


def _is_number(table: pd.DataFrame, name: str) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])


def _matrix(ranks: pd.DataFrame | None, table: pd.DataFrame) -> dict[str, Any] | None:
    """Rank and count of the first areas in every category; who is first stands out."""
    if ranks is None:
        return None
    held: Any = ranks.reset_index()
    kept = [name for name in table.index if name in set(held["area_id"])]
    categories = list(dict.fromkeys(held["category"]))
    at: Any = {(row["area_id"], row["category"]): row for row in held.to_dict("records")}
    return {
        "categories": [capital(plain_text(one)) for one in categories],
        "rows": [
            (plain_text(table.loc[area, "name"]),
             [_cell(at.get((area, one))) for one in categories])
            for area in kept[:MOST_IN_MATRIX]
        ],
        "more": max(len(kept) - MOST_IN_MATRIX, 0),
    }  # fmt: skip


def _cell(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None or row["rank"] != row["rank"] or row["rank"] is None:
        return {"rank": "", "between": "", "count": words_of(row and row["count"]), "first": False}
    low, high = words_of(row.get("rank_low")), words_of(row.get("rank_high"))
    return {
        "rank": words_of(row["rank"]),
        "between": f"{low} to {high}" if low and high else "",
        "count": words_of(row["count"]),
        "first": row["rank"] == 1,
    }


def _sheets(table: pd.DataFrame, shown: Shown) -> Iterator[dict[str, Any]]:
    """One sheet for each area: where, how much, how sure, its outline, and room to sign."""
    titles = {"rank", "place_name", "ward_name", "status"}
    told = [name for name in _columns(table, shown) if name not in titles]
    under = _under(shown) if shown.sheets else []
    metric: Any = table
    if under and hasattr(metric, "to_crs"):
        metric = metric.to_crs(BRITISH_NATIONAL_GRID)
    shapes = list(metric.geometry) if hasattr(metric, "geom_type") else [None] * len(table)
    words = {name: cells_of(table, name) for name in [*told, "rank"] if name in table}
    for number, (area, row) in enumerate(table.iterrows()):
        if area not in shown.sheets:
            continue
        facts = [(_heading(one), plain_text(words[one][number])) for one in told]
        yield {
            "rank": words["rank"][number] if "rank" in words else "",
            "name": plain_text(row.get("place_name")) or plain_text(area),
            "ward": plain_text(row.get("ward_name")),
            "status": plain_text(row.get("status")),
            "id": plain_text(area),
            "facts": [fact for fact in facts if fact[1]],
            "outline": sketch_of(shapes[number], under),
        }


def _under(shown: Shown) -> list[Any]:
    """The streets that lie under the areas, in metres."""
    if shown.under is None:
        return []
    from hotspots.report.map.backdrop import backdrop_tables

    return [table for table in backdrop_tables(shown.under) if len(table)]


def _limbs(table: pd.DataFrame, shown: Shown) -> Iterator[dict[str, Any]]:
    """Order by order, limb by limb: what the data say, what they cannot, and room to decide."""
    for name, rows in table.groupby("order", sort=False):
        yield {
            "name": plain_text(name),
            "words": plain_text(shown.parts.get(str(name), "")),
            "limbs": [
                {"name": capital(plain_text(limb))} | {
                    key: plain_text(row[key])
                    for key in ("section", "evidence", "cannot_say", "decision", "status")
                }
                for limb, row in rows.iterrows()
            ],
        }  # fmt: skip
