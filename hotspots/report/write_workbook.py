"""One workbook for the tasking meeting: summary, the sheet to print, places, zones, every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.plain import clean_text
from hotspots.disclosure import Release, as_release
from hotspots.disclosure.rules import theme_of
from hotspots.report import sheets as pages
from hotspots.report.files import EPOCH, plain_table, replacing
from hotspots.report.layers import leave_out_withheld, telling
from hotspots.report.sheet import FORMATS, Field, Sheet, sheet_name
from hotspots.report.sheet_columns import (
    BEFORE,
    DECISION_FIELDS,
    SHADES,
    SURE_FIELDS,
    earlier_fields,
    shade,
    with_earlier,
    with_sureness,
)
from hotspots.report.text.decision_words import (
    KIND_WORDS,
    beside_place,
    day_or_text,
    only_enforced_words,
    shown_column,
)

if TYPE_CHECKING:
    from hotspots.core.decisions import Decision
    from hotspots.core.record import RunRecord

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
DAYS = ("due", "review", "done")

PLACES, ON_PAPER = 10, 3
"""Of a theme, and themes on a sheet of paper."""
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


def write_workbook(
    areas: Release | pd.DataFrame | Iterable[pd.DataFrame],
    path: str | Path,
    *,
    record: RunRecord | None = None,
) -> Path:
    """Write the tables of a run as one Excel workbook for people who task and people who check.

    Parameters
    ----------
    areas : Release, or DataFrame or several
        A release; bare areas are released for the record's audience. Ranked areas stand on a sheet
        for each theme, with what was decided in the columns Owner to Done, to be filled in where
        nothing was; the public gets no such columns. Areas known to hold no incident
        are counted under the table, not listed. Other periods as long stand beside the count, and
        the change since; the sheet "First places" has ten of each theme and a chart, to print.
        Clusters, zones and further tables have sheets of their own.
    path : path
        A name that ends in ``.xlsx``; an older file of that name is replaced at the end.
    record : RunRecord, optional
        For bare areas. Title, marking, sentences, status of the themes, accounts, choices, caveats
        and sources are written; the accounts of rows only where the audience may see exact totals.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For a wrong file name, a ranked table that is no table, or a file that is open elsewhere.

    Notes
    -----
    The workbook holds no formula and no link: text from the data stays text, whatever it looks
    like. Text longer than a cell can hold (32,767 characters) is cut, and says so. Printed sheets
    hold the columns up to Done; the evidence stands to the right of them. A sheet sorted by hand
    misleads: the rank stays, the order does not.

    Examples
    --------
    >>> import hotspots as hs, pandas as pd
    >>> record = hs.RunRecord("Leeds, July 2018", marking="OFFICIAL")
    >>> areas = pd.DataFrame({"theme": ["asb"], "rank": [1], "place_name": ["Boar Lane"],
    ...     "incident_count": [7]})
    >>> path = getfixture("tmp_path") / "tables.xlsx"
    >>> write_workbook(areas, path, record=record).name
    'tables.xlsx'
    """
    import xlsxwriter

    released = as_release(areas, record)
    periods = {theme_of(table): table for table in released.area_periods}
    ranked = {
        theme_of(table): with_earlier(_said(table), periods.get(theme_of(table)))
        for table in released.cells
    }
    clusters = {theme_of(table): _said(table) for table in released.clusters}
    several = [_said(table) for table in released.zones]
    more = {name: _said(table) for name, table in released.tables.items()}
    shown = [*ranked.values(), *clusters.values(), *several, *more.values()]
    gone = [name for table in shown for name in leave_out_withheld(table)[1]]
    record = telling(released.record, gone)
    with (
        replacing(path, ".xlsx") as temporary,
        xlsxwriter.Workbook(str(temporary), OPTIONS) as book,
    ):
        describe(book, record)
        sheets = Book(book, record)
        pages.summary(sheets.add("Summary"), record, ranked)
        _places(sheets, record, ranked, released.decisions)
        if clusters:
            pages.clusters(sheets.add("Clusters"), record, clusters)
        if several:
            pages.zones(sheets.add("Zones"), record, several)
        for name, table in more.items():
            pages.further(sheets.add(name), name, table)
        if not record.for_reader:
            pages.accounts(sheets.add("Rows accounted for"), record)
        pages.method(sheets.add("Method and caveats"), record)
        pages.sources(sheets.add("Sources"), record)
        if record.coverage:
            pages.coverage(sheets.add("Where and when"), record)
    return Path(path)


class Book:
    """The workbook, its formats and the sheet names already taken."""

    def __init__(self, book: Any, record: RunRecord) -> None:
        self.book: Any = book
        self.marking: str = record.marking
        self.formats: dict[str, Any] = {
            name: book.add_format(look) for name, look in (FORMATS | SHADES).items()
        }
        self.taken: set[str] = set()

    def add(self, name: str) -> Sheet:
        """Another sheet, under a name not taken."""
        page = self.book.add_worksheet(sheet_name(name, self.taken))
        page.hide_gridlines(2)
        return Sheet(page, self.formats, self.marking)


def _said(table: pd.DataFrame) -> pd.DataFrame:
    """A table with what was done to its numbers in words."""
    if "shown" not in table.columns:
        return table
    return table.assign(shown=pd.Series(shown_column(table), table.index, dtype=object))


def describe(book: Any, record: RunRecord) -> None:
    """Title, marking and audience among the properties of a workbook."""
    book.set_properties(
        {
            "title": clean_text(record.title)[:255],
            "subject": clean_text(record.marking)[:255],
            "keywords": clean_text(record.marking)[:255],
            "category": record.audience,
            "created": datetime.combine(record.made_on or EPOCH, time()),
        }
    )


def _places(
    sheets: Book,
    record: RunRecord,
    ranked: dict[str, pd.DataFrame],
    decisions: tuple[Decision, ...] | None,
) -> None:
    """The first places of all themes, a sheet for each theme, and what was decided."""
    labels = {theme: pages.theme_title(record, theme) for theme in ranked}
    if ranked:
        first_places(sheets.add("First places"), sheets.book, record, labels, ranked)
    for theme, table in ranked.items():
        beside = beside_places(table, theme, decisions)
        pages.ranked_places(sheets.add(labels[theme]), record, theme, beside)
    if decisions:
        words = {theme: pages.theme_title(record, theme) for theme in record.themes}
        decided(sheets.add("Decisions"), words, decisions)


def write_list(
    title: str, rows: pd.DataFrame, path: Path, lines: Sequence[str], *, record: RunRecord
) -> Path:
    """Write one table under the marking, its title and ``lines``; text stays text."""
    import xlsxwriter

    with (
        replacing(path, ".xlsx") as temporary,
        xlsxwriter.Workbook(str(temporary), OPTIONS) as book,
    ):
        describe(book, record)
        pages.further(Book(book, record).add(title), title, rows, lines)
    return path


def beside_places(
    table: pd.DataFrame, theme: str, decisions: Sequence[Decision] | None
) -> pd.DataFrame:
    """The areas with what was decided for each in the columns to fill in."""
    mine = [one for one in decisions or () if one.theme == theme]
    if not mine:
        return table
    found = {}
    for area in {one.area_id for one in mine}:
        rows = [_decision_row(one) for one in beside_place(mine, theme, area)]
        for row in rows:
            row["action"] = ": ".join(filter(None, [row["action"], row["note"]]))
        found[area] = {
            name: "\n".join(filter(None, (row[name] for row in rows))) for name in rows[0]
        }
    ids = table.index.astype(str)
    columns = {
        name: pd.Series([found.get(area, {}).get(name) for area in ids], table.index, dtype=object)
        for name in ("owner", "action", *DAYS)
    }
    return table.assign(**columns)


def _decision_row(one: Decision) -> dict[str, str]:
    return {
        "owner": one.owner,
        "action": KIND_WORDS.get(one.action, one.action),
        "note": one.note,
        **{name: day_or_text(getattr(one, name)) for name in DAYS},
    }


def decided(sheet: Sheet, theme_words: dict[str, str], decisions: Sequence[Decision]) -> None:
    """Every decision, those for places that are not in this product as well."""
    sheet.open("Decisions", list(filter(None, [only_enforced_words(decisions)])))
    rows = pd.DataFrame(
        [
            {
                "theme": theme_words.get(one.theme, one.theme),
                "place": one.place,
                "area_id": one.area_id,
                **_decision_row(one),
            }
            for one in decisions
        ],
        dtype=object,
    )
    sheet.listed(rows, DECISION_FIELDS)
    sheet.close(len(DECISION_FIELDS) - 1)


def first_places(
    sheet: Sheet, book: Any, record: RunRecord, labels: Mapping[str, str],
    ranked: Mapping[str, pd.DataFrame],
) -> None:  # fmt: skip
    """One block a theme: ten places by rank, and bars of now and before beside one another."""
    first = {theme: rows for theme, table in ranked.items() if len(rows := _first(table))}
    rounded = any("disclosed_for" in rows for rows in first.values())
    unit = pages.harm_line(record) * any("harm" in rows for rows in first.values())
    sheet.open(f"First places: {record.title}", [*unit, *[pages.ROUNDED] * rounded])
    earlier = {item.name: item for rows in first.values() for item in earlier_fields(rows)}
    wanted = (*FIELDS, *earlier.values(), *AFTER)
    # The same columns for every theme, so that they stand below one another.
    fields = [item for item in wanted if any(_says(rows, item) for rows in first.values())]
    beside = len(fields)
    for theme, rows in first.items():
        sheet.line(labels[theme], "section")
        header, last = sheet.table(rows, fields)
        shade(sheet, header, last, fields)
        _chart(sheet, book, header, last, fields, beside)
        sheet.row += 1
    sheet.close(beside + CHART_COLUMNS - 1, high=-(-len(first) // ON_PAPER))


def _first(table: pd.DataFrame) -> pd.DataFrame:
    if "rank" not in table or "place_name" not in table:
        return pd.DataFrame()
    placed = with_sureness(table)[table["rank"].notna() & (table["incident_count"] != 0)]
    shared = placed["rank"].duplicated(keep=False)
    first = placed.assign(rank_is_shared=shared).head(PLACES)
    if {"rank_low", "rank_high"} <= set(first):
        ends = zip(first["rank_low"], first["rank_high"], strict=True)
        said = ["" if pd.isna(a) or pd.isna(b) else f"{a:,.0f} to {b:,.0f}" for a, b in ends]
        first = first.assign(rank_interval=said)
    return plain_table(first, index="area_id")


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
    # Bars are counted from below: turned round, the first place stands on top, as in the table.
    # Seven points, 23 pixels each: LibreOffice leaves out names where one of them would wrap.
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 7}})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "num_font": {"size": 8}})
    chart.set_legend({"position": "bottom", "font": {"size": 8}})
    chart.set_title({"none": True})
    chart.set_size({"width": COLUMN_PX * CHART_COLUMNS - 20, "height": 23 * (last - header) + 60})
    place_at = {"x_offset": 10, "description": "Bars of the list"}
    sheet.page.insert_chart(header, beside, chart, place_at)
