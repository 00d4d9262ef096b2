"""The sheet to print for the meeting: the first ten places of each theme, and a chart of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.report.files import plain_table
from hotspots.report.workbook.sheet import Field, Sheet
from hotspots.report.workbook.sheet_columns import (
    BEFORE,
    SURE_FIELDS,
    earlier_fields,
    shade,
    with_sureness,
)

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

PLACES = 10
CHART_COLUMNS, COLUMN_PX = 5, 64
"""As wide a chart is, in columns that nobody widened: within what is printed."""
FIELDS = (
    Field("rank", "Rank", 6, "rank"),
    Field("place_name", "Place", 30),
    Field("ward_name", "Ward", 20),
    Field("incident_count", "Incidents", 10, "int"),
)
AFTER = (
    Field("harm", "Harm", 9, "int"),
    Field("rank_interval", "Rank, plausibly", 10, "after"),
    *SURE_FIELDS,
)


def first_places(
    sheet: Sheet, book: Any, record: RunRecord, labels: Mapping[str, str],
    ranked: Mapping[str, pd.DataFrame],
) -> None:  # fmt: skip
    """One block a theme: ten places by rank, and bars of now and before beside one another."""
    sheet.open(f"First places: {record.title}")
    first = {theme: rows for theme, table in ranked.items() if len(rows := _first(table))}
    fields = _fields(list(first.values()))
    beside = len(fields)
    for theme, rows in first.items():
        sheet.line(labels[theme], "section")
        header, last = sheet.table(rows, fields)
        shade(sheet, header, last, fields)
        _chart(sheet, book, header, last, fields, beside)
        sheet.row += 1
    sheet.close(beside + CHART_COLUMNS - 1)


def _first(table: pd.DataFrame) -> pd.DataFrame:
    if "rank" not in table or "place_name" not in table:
        return pd.DataFrame()
    placed = table[table["rank"].notna() & (table["incident_count"] != 0)]
    shared = placed["rank"].duplicated(keep=False)
    first = with_sureness(placed.assign(rank_is_shared=shared)).head(PLACES)
    if {"rank_low", "rank_high"} <= set(first):
        ends = zip(first["rank_low"], first["rank_high"], strict=True)
        said = ["" if pd.isna(a) or pd.isna(b) else f"{a:,.0f} to {b:,.0f}" for a, b in ends]
        first = first.assign(rank_interval=said)
    return plain_table(first, index="area_id")


def _fields(blocks: list[pd.DataFrame]) -> list[Field]:
    """The same columns for every theme, so that they stand below one another."""
    earlier = {item.name: item for rows in blocks for item in earlier_fields(rows)}
    wanted = (*FIELDS, *earlier.values(), *AFTER)
    return [item for item in wanted if any(_says(rows, item) for rows in blocks)]


def _says(rows: pd.DataFrame, item: Field) -> bool:
    return item.name in rows and bool(rows[item.name].replace("", None).notna().any())


def _chart(
    sheet: Sheet, book: Any, header: int, last: int, fields: list[Field], beside: int
) -> None:
    """Bars of the places: now, and the latest period before where there is one."""
    names = [item.name for item in fields]
    place = names.index("place_name" if "place_name" in names else "rank")
    counted = [names.index("incident_count")]
    counted += [names.index(name) for name in names if name.startswith(BEFORE)][:1]
    chart = book.add_chart({"type": "bar"})
    for column, colour in zip(counted, ("#97304c", "#b9c0c4"), strict=False):
        chart.add_series(
            {
                "name": [sheet.page.get_name(), header, column],
                "categories": [sheet.page.get_name(), header + 1, place, last, place],
                "values": [sheet.page.get_name(), header + 1, column, last, column],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 8}})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "num_font": {"size": 8}})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    chart.set_title({"none": True})
    chart.set_size({"width": COLUMN_PX * CHART_COLUMNS - 20, "height": 20 * (last - header) + 60})
    place_at = {"x_offset": 10, "description": "Bars of the list"}
    sheet.page.insert_chart(header, beside, chart, place_at)
