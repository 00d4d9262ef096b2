"""One workbook for the tasking meeting: summary, ranked places, zones, every row accounted for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.checks import InputError
from hotspots.disclosure import apply_disclosure, disclose_record
from hotspots.exports._fields import (
    ACCOUNT_FIELDS,
    CAPTIONS,
    EVIDENCE,
    LEADING,
    NOT_SHOWN,
    PLACE_FIELDS,
    SOURCE_FIELDS,
    STATUS_FIELDS,
    TO_FILL_IN,
    ZONE_FIELDS,
)
from hotspots.exports._files import EPOCH, clean_text, plain_table, replacing
from hotspots.exports._sheets import FORMATS, Field, Sheet, sheet_name

if TYPE_CHECKING:
    from hotspots.record import Account, RunRecord

TOP = 5


def write_workbook(
    path: str | Path,
    *,
    ranked: Mapping[str, pd.DataFrame],
    record: RunRecord,
    clusters: Mapping[str, pd.DataFrame] | None = None,
    zones: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    accounts: bool = True,
) -> Path:
    """Write the tables of a run as one Excel workbook for people who task and people who check.

    Parameters
    ----------
    path : path
        A name that ends in ``.xlsx``; an older file of that name is replaced at the end.
    ranked : mapping of str to DataFrame
        Ranked areas by theme, each on a sheet of its own, with empty columns Owner, Action and
        Review. Areas known to hold no incident are counted under the table, not listed.
    record : RunRecord
        Gives title, marking, sentences, status of the themes, accounts, choices, caveats, sources;
        its audience decides what is written (:func:`apply_disclosure`).
    clusters : mapping of str to DataFrame, optional
        Clusters by theme.
    zones : DataFrame or iterable of DataFrame, optional
        Zones, with totals where :func:`summarise_zones` made them.
    accounts : bool
        Write the sheet "Rows accounted for". It is left out where the audience may not see exact
        totals (:func:`disclose_record`).

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
    hold the columns up to Review; the evidence stands to the right of them.

    Examples
    --------
    >>> import hotspots as hs, pandas as pd
    >>> record = hs.RunRecord("Leeds, July 2018", marking="OFFICIAL")
    >>> areas = pd.DataFrame({"rank": [1], "place_name": ["Boar Lane"], "incident_count": [7]})
    >>> path = getfixture("tmp_path") / "tables.xlsx"
    >>> write_workbook(path, ranked={"asb": areas}, record=record).name
    'tables.xlsx'
    """
    import xlsxwriter

    _check_tables({**ranked, **(clusters or {})})
    ranked = {theme: apply_disclosure(table, record) for theme, table in ranked.items()}
    clusters = {theme: apply_disclosure(table, record) for theme, table in (clusters or {}).items()}
    several = [zones] if isinstance(zones, pd.DataFrame) else list(zones or ())
    several = [apply_disclosure(table, record) for table in several]
    record = disclose_record(record)
    with replacing(path, ".xlsx") as temporary:
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(str(temporary), options) as book:
            _describe(book, record)
            sheets = _Book(book, record)
            _summary(sheets.add("Summary"), record, ranked)
            for theme, table in ranked.items():
                _ranked_places(sheets.add(_label(record, theme)), record, theme, table)
            if clusters:
                _clusters(sheets.add("Clusters"), record, clusters)
            if several:
                _zones(sheets.add("Zones"), record, several)
            if accounts and "disclose_record" not in record.choices:
                _accounts(sheets.add("Rows accounted for"), record)
            _method(sheets.add("Method and caveats"), record)
            _sources(sheets.add("Sources"), record)
    return Path(path)


class _Book:
    """The workbook, its formats and the sheet names already taken."""

    def __init__(self, book: Any, record: RunRecord) -> None:
        self.book, self.marking = book, record.marking
        self.formats = {name: book.add_format(look) for name, look in FORMATS.items()}
        self.taken: set[str] = set()

    def add(self, name: str) -> Sheet:
        page = self.book.add_worksheet(sheet_name(name, self.taken))
        page.hide_gridlines(2)
        return Sheet(page, self.formats, self.marking)


def _check_tables(tables: Mapping[str, Any]) -> None:
    for name, table in tables.items():
        if not isinstance(table, pd.DataFrame):
            raise InputError(
                f"the table of theme {name!r} must be a DataFrame; got {type(table).__name__}."
            )


def _describe(book: Any, record: RunRecord) -> None:
    book.set_properties(
        {
            "title": clean_text(record.title)[:255],
            "subject": clean_text(record.marking)[:255],
            "keywords": clean_text(record.marking)[:255],
            "category": record.audience,
            "created": datetime.combine(record.made_on or EPOCH, time()),
        }
    )


def _label(record: RunRecord, theme: str) -> str:
    """The words of a theme: never its short name, which may promise what a proxy cannot keep."""
    status = record.themes.get(theme)
    words = status.label if status else theme.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _summary(sheet: Sheet, record: RunRecord, ranked: Mapping[str, pd.DataFrame]) -> None:
    made = [f"Made on {record.made_on:%d %B %Y}"] if record.made_on else []
    period = _period(_all(ranked)) if ranked else ""
    sheet.open(record.title, [*([period] if period else []), f"For: {record.audience}", *made])
    for sentence in record.sentences.values():
        sheet.paragraph(sentence, "sentence", 2, 120)
    sheet.row += bool(record.sentences)
    states = pd.DataFrame(
        [
            {"theme": _label(record, name), "state": status.state, "note": status.note}
            for name, status in record.themes.items()
        ],
        dtype=object,
    )
    if len(states):
        sheet.table(states, STATUS_FIELDS)
        sheet.row += 1
    places = pd.DataFrame(_top_places(record, ranked), dtype=object)
    if len(places):
        sheet.table(places, PLACE_FIELDS)
        sheet.row += 1
    counts = (("Rows read", record.read), ("Accepted", record.accepted))
    rows = pd.DataFrame([*counts, ("Rejected", record.rejected)], columns=["what", "rows"])
    sheet.table(rows, (Field("what", "Rows", 46), Field("rows", "Number", 14, "int")))
    sheet.row += 1
    for words in (*record.caveats, *record.attributions):
        sheet.paragraph(words, "note", 2, 130)
    sheet.close(2)


def _top_places(record: RunRecord, ranked: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """The first places of each theme, with count and harm side by side."""
    for theme, table in ranked.items():
        rows = plain_table(table, index="area_id")
        if not {"rank", "place_name", "incident_count"} <= set(rows.columns):
            continue
        for row in rows[rows["rank"].notna()].head(TOP).to_dict("records"):
            parts = [row["place_name"] or row["area_id"], row.get("ward_name")]
            harm = row.get("harm")
            words = ", ".join(str(part) for part in parts if not pd.isna(part))
            weighed = "" if harm is None or pd.isna(harm) else f"; harm {harm:,.0f}"
            yield {
                "theme": _label(record, theme),
                "count": row["incident_count"],
                "place": f"{row['rank']:.0f}. {words}{weighed}",
            }


def _ranked_places(sheet: Sheet, record: RunRecord, theme: str, table: pd.DataFrame) -> None:
    rows = plain_table(table, index="area_id")
    shown = rows
    if "incident_count" in rows.columns:
        unknown = rows["incident_count"].isna() & ("disclosed_for" in rows.columns)
        shown = rows[~(unknown | (rows["incident_count"] == 0))].reset_index(drop=True)
    status = record.themes.get(theme)
    title = _label(record, theme)
    state = [f"{status.state}. {status.note}".strip()] if status else []
    sheet.open(title, [*state, *_captions(rows, table)])
    lead = [item for item in LEADING if item.name in _present(rows)]
    evidence = [item for item in EVIDENCE if item.name in _present(rows)]
    known = {item.name for item in (*lead, *TO_FILL_IN, *evidence)} | NOT_SHOWN
    fields = [*lead, *TO_FILL_IN, *evidence, *_others(rows, known)]
    header, last = sheet.table(shown, fields)
    _make_usable(sheet, header, last, fields)
    empty = len(rows) - len(shown)
    if empty:
        few = "Areas with few incidents of this theme, or none"
        words = (
            few if "disclosed_for" in rows.columns else "Areas without an incident of this theme"
        )
        sheet.line(f"{words}: {empty:,}.", "lead")
    sheet.close(len(lead) + len(TO_FILL_IN) - 1)


def _present(rows: pd.DataFrame) -> set[str]:
    """Columns that have something to say."""
    always = {"rank", "place_name", "incident_count", "area_id"}
    return {name for name in rows.columns if name in always or rows[name].notna().any()}


def _captions(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    said = [_period(table)]
    for column, words in CAPTIONS.items():
        if column in rows.columns:
            values = sorted(rows[column].dropna().astype(str).unique())
            said.append(f"{words}: {', '.join(values)}" if values else "")
    return [words for words in said if words]


def _period(table: pd.DataFrame) -> str:
    """The days the table covers, both ends included, in words."""
    if not {"period_from", "period_until"} <= set(table.columns) or len(table) == 0:
        return ""
    first, after = table["period_from"].min(), table["period_until"].max()
    if pd.isna(first) or pd.isna(after):
        return ""
    last = after - pd.Timedelta(seconds=1)
    return f"Period: {first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


def _others(rows: pd.DataFrame, known: set[str]) -> list[Field]:
    """Columns a user added travel along, at the end."""
    found = []
    for name in rows.columns:
        if name not in known and rows[name].notna().any():
            kind = str(rows[name].dtype)
            look = "int" if kind == "int64" else "three" if kind == "float64" else "text"
            found.append(Field(name, name.replace("_", " ").capitalize()[:60], 16, look))
    return found


def _make_usable(sheet: Sheet, header: int, last: int, fields: list[Field]) -> None:
    """Frozen headings, a filter, headings on every printed page, bars behind the main numbers."""
    place = next((i for i, item in enumerate(fields) if item.name == "place_name"), 0)
    sheet.page.freeze_panes(header + 1, place + 1)
    sheet.page.repeat_rows(header)
    if last > header:
        sheet.page.autofilter(header, 0, last, len(fields) - 1)
        for column, item in enumerate(fields):
            if item.name in ("incident_count", "harm"):
                bars = {"type": "data_bar", "bar_solid": True, "bar_color": "#B7D3E8"}
                sheet.page.conditional_format(header + 1, column, last, column, bars)


def _clusters(sheet: Sheet, record: RunRecord, clusters: Mapping[str, pd.DataFrame]) -> None:
    parts = [
        plain_table(table, index="area_id").assign(theme=_label(record, theme))
        for theme, table in clusters.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    sheet.open("Clusters", _captions(rows.drop(columns=["kind"], errors="ignore"), _all(clusters)))
    sheet.line("Counts come from the members of a cluster, never from its drawn outline.", "lead")
    sheet.row += 1
    wanted = (Field("theme", "Theme", 22), *LEADING, *EVIDENCE)
    fields = [item for item in wanted if item.name in _present(rows)]
    fields += _others(rows, {item.name for item in fields} | NOT_SHOWN)
    header, last = sheet.table(rows, fields)
    _make_usable(sheet, header, last, fields)
    sheet.close(len(fields) - 1)


def _all(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(table) for table in tables.values()], ignore_index=True)


def _zones(sheet: Sheet, record: RunRecord, several: list[pd.DataFrame]) -> None:
    parts = [plain_table(table, index="zone_id") for table in several]
    rows = pd.concat(parts, ignore_index=True)
    approximate = "approximate" in rows.columns and bool((rows["approximate"] == True).any())  # noqa: E712
    note = "Approximate outlines are summed but not ranked." if approximate else ""
    sheet.open("Zones", [note] if note else [])
    wanted = [*ZONE_FIELDS[:3], *_theme_fields(record), *ZONE_FIELDS[3:]]
    fields = [item for item in wanted if item.name in rows and rows[item.name].notna().any()]
    fields += _others(rows, {item.name for item in fields} | NOT_SHOWN)
    header, last = sheet.table(rows, fields)
    sheet.page.freeze_panes(header + 1, 0)
    sheet.page.repeat_rows(header)
    if last > header:
        sheet.page.autofilter(header, 0, last, max(len(fields) - 1, 0))
    sheet.close(max(len(fields) - 1, 0))


def _theme_fields(record: RunRecord) -> Iterator[Field]:
    """Totals of several themes side by side, as a product gives its zones."""
    for theme in record.themes:
        label = _label(record, theme)
        yield Field(f"{theme}_count", f"{label}: incidents", 20, "int")
        yield Field(f"{theme}_harm", f"{label}: harm", 20, "one")


def _accounts(sheet: Sheet, record: RunRecord) -> None:
    lines = [
        f"Read {record.read:,} = accepted {record.accepted:,} + rejected {record.rejected:,}.",
        "Every accepted row is in exactly one of the columns from Out of the period to Used.",
    ]
    sheet.open("Rows accounted for", lines)
    rows = pd.DataFrame(
        [_account_row(account, record) for account in record.accounts], dtype=object
    )
    header, last = sheet.table(rows, ACCOUNT_FIELDS)
    sheet.page.freeze_panes(header + 1, 0)
    sheet.page.repeat_rows(header)
    if last > header:
        sheet.page.autofilter(header, 0, last, len(ACCOUNT_FIELDS) - 1)
    sheet.close(len(ACCOUNT_FIELDS) - 1)


def _account_row(account: Account, record: RunRecord) -> dict[str, Any]:
    parts = (
        account.out_of_period,
        account.out_of_theme,
        account.sensitive,
        account.unlocated,
        account.outside,
        account.institutional,
        account.used,
    )
    whole = account.in_areas is None or account.in_areas + account.noise == account.used
    return {
        **vars(account),
        "theme": _label(record, account.theme),
        "parts": sum(parts),
        "balances": sum(parts) == account.accepted and whole,
    }


def _method(sheet: Sheet, record: RunRecord) -> None:
    sheet.open("Method and caveats", ["What was chosen, what was found, what this cannot tell you"])
    said = [("caveat", "", words) for words in record.caveats]
    said += [("theme", status.label, f"{status.state}. {status.note}".strip())
             for status in record.themes.values()]  # fmt: skip
    said += [
        ("choice", stage, _choice(choice))
        for stage, choices in record.choices.items()
        for choice in choices
    ]
    said += [
        (item.severity, item.file or item.rule, f"{item.message} ({item.rows:,} rows)")
        for item in record.findings
    ]
    said += [("governance", name, words) for name, words in record.governance.items()]
    rows = pd.DataFrame(said, columns=["topic", "item", "said"], dtype=object)
    fields = (Field("topic", "Topic", 14), Field("item", "Where", 34), Field("said", "Said", 100))
    header, _ = sheet.table(rows, fields)
    sheet.page.freeze_panes(header + 1, 0)
    sheet.page.repeat_rows(header)
    sheet.close(2)


def _choice(choice: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in choice.items()
    )


def _sources(sheet: Sheet, record: RunRecord) -> None:
    sheet.open("Sources", ["A file with the same SHA-256 is the same file, to the last byte."])
    rows = pd.DataFrame([vars(source) for source in record.sources], dtype=object)
    header, _ = sheet.table(rows, SOURCE_FIELDS)
    sheet.page.freeze_panes(header + 1, 0)
    sheet.page.repeat_rows(header)
    sheet.row += 1
    for words in record.attributions:
        sheet.line(words, "lead")
    sheet.close(len(SOURCE_FIELDS) - 1)
