"""The sheets of the workbook, one function each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.ranking import listed_rows
from hotspots.core.coverage import ALL
from hotspots.core.hours import Hours
from hotspots.core.periods import day_words, span_words
from hotspots.core.plain import counted
from hotspots.report.files import plain_table
from hotspots.report.sheet import SHARED, Field, Sheet
from hotspots.report.sheet_columns import (
    ACCOUNT_FIELDS,
    CAPTIONS,
    COVERAGE_FIELDS,
    EVIDENCE,
    LEADING,
    NOT_SHOWN,
    OF_THEME,
    PLACE_FIELDS,
    SOURCE_FIELDS,
    STATUS_FIELDS,
    SURE_FIELDS,
    TO_FILL_IN,
    ZONE_FIELDS,
    earlier_fields,
    look_of,
    rate_fields,
    shade,
    with_sureness,
)
from hotspots.report.symbology import BARS
from hotspots.report.text.decision_words import told_caveats
from hotspots.report.text.ground_words import where_lines
from hotspots.report.text.ratio_words import rates_as_written
from hotspots.report.text.words import READERS, capital, harm_unit, kind_name, theme_words

if TYPE_CHECKING:
    from hotspots.core.errors import Finding
    from hotspots.core.record import Account, RunRecord

TOP = 5
IN_SUMMARY = ["area_id", "rank", "place_name", "ward_name", "incident_count", "harm"]
ROUNDED = "Counts are rounded to 5; where a cell is empty they are withheld."
PRINTED = 50
"""Places of a theme that are printed, on two sheets of paper or so: more is read on a screen."""


def theme_title(record: RunRecord, theme: str) -> str:
    """The words of a theme as a title."""
    return capital(theme_words(theme, record.themes))


def summary(sheet: Sheet, record: RunRecord, ranked: Mapping[str, pd.DataFrame]) -> None:
    """What was found, theme by theme, and where the rows went."""
    made = f"Made on {day_words(record.made_on)}" if record.made_on else ""
    period = _period(_all(ranked)) if ranked else ""
    rows = f"Rows: {record.read:,} read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    weighed = any("harm" in _present(table) for table in ranked.values())
    lines = [period, f"For: {READERS[record.audience]}", made, rows, *harm_line(record) * weighed]
    sheet.open(record.title, list(filter(None, lines)))
    for sentence in record.sentences.values():
        sheet.paragraph(sentence, "sentence", 2, 145)
    sheet.row += bool(record.sentences)
    states = pd.DataFrame(
        [
            {"theme": theme_title(record, name), "state": status.state, "note": status.note}
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
    for words in (*told_caveats(record.caveats, record.themes), *record.attributions):
        sheet.paragraph(words, "note", 2, 165)
    sheet.close(len(PLACE_FIELDS) - 1)


def _top_places(record: RunRecord, ranked: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """The first places of each theme, those of the page, with count and harm side by side."""
    for theme, table in ranked.items():
        if not {"rank", "place_name", "incident_count"} <= set(table.columns):
            continue
        listed = listed_rows(table, TOP)
        rows = plain_table(pd.DataFrame(table).filter(IN_SUMMARY).iloc[listed], index="area_id")
        shared = table["rank"].duplicated(keep=False).iloc[listed]
        for number, row in enumerate(rows.to_dict("records")):
            parts = [row["place_name"] or row["area_id"], row.get("ward_name")]
            yield {
                "theme": theme_title(record, theme) if not number else "",
                "rank": row["rank"],
                SHARED: bool(shared.iloc[number]),
                "place": ", ".join(str(part) for part in parts if not pd.isna(part)),
                "count": row["incident_count"],
                "harm": row.get("harm"),
            }


def ranked_places(sheet: Sheet, record: RunRecord, theme: str, table: pd.DataFrame) -> None:
    """The areas of a theme by rank, with room to decide, the evidence to the right."""
    withheld = "disclosed_for" in table.columns
    tied = (
        table.assign(**{SHARED: table["rank"].duplicated(keep=False)}) if "rank" in table else table
    )
    shown = plain_table(_with_incidents(with_sureness(tied)), index="area_id")
    shown, rates = rates_as_written(shown)
    status = record.themes.get(theme)
    state = [capital(f"{status.state}. {status.note}".strip())] if status else []
    more = len(shown) > PRINTED
    paper = [f"Printed: the first {PRINTED} of {len(shown):,} places. All are in this file."]
    rounded = [ROUNDED] * withheld
    present = _present(table) | {table.index.name or "area_id"}
    unit = harm_line(record) * ("harm" in present)
    lines = [*state, *_captions(table, table), *unit, *rounded, *paper * more]
    sheet.open(theme_title(record, theme), lines)
    lead = [item for item in LEADING if item.name in present]
    after = (
        next((at for at, item in enumerate(lead) if item.name == "incident_count"), len(lead)) + 1
    )
    said = shown.filter([item.name for item in SURE_FIELDS]).replace("", None).notna().any()
    sure = [item for item in SURE_FIELDS if said.get(item.name, False)]
    lead[after:after] = [*rate_fields(rates), *earlier_fields(shown), *sure]
    evidence = [item for item in EVIDENCE if item.name in present]
    known = {item.name for item in (*lead, *SURE_FIELDS, *TO_FILL_IN, *evidence)} | NOT_SHOWN
    fill_in = () if record.audience == "public" else TO_FILL_IN
    fields = [*lead, *fill_in, *evidence, *_others(shown, known)]
    header, last = _with_bars(sheet, shown, fields)
    shade(sheet, header, last, fields)
    empty = len(table) - len(shown)
    if empty:
        few = "Areas with few incidents of this theme, or none"
        words = few if withheld else "Areas without an incident of this theme"
        sheet.line(f"{words}: {empty:,}.", "lead")
    sheet.close(len(lead) + len(fill_in) - 1, header + PRINTED if more else None)


def harm_line(record: RunRecord) -> list[str]:
    """What harm is counted in, where all of it is in one unit."""
    units = {harm_unit(scale, record.units) for scale in record.units} - {""}
    return [f"Harm is in {units.pop()}."] if len(units) == 1 else []


def _with_incidents(table: pd.DataFrame) -> pd.DataFrame:
    """The areas that hold an incident, as far as the reader may know."""
    if "incident_count" not in table.columns:
        return table
    counts = table["incident_count"]
    unknown = counts.isna() & ("disclosed_for" in table.columns)
    return table[~(unknown | (counts == 0).fillna(False)).astype(bool)]


def _present(rows: pd.DataFrame) -> set[str]:
    """Columns that have something to say."""
    always = {"rank", "place_name", "incident_count", "area_id"}
    return {name for name in rows.columns if name in always or rows[name].notna().any()}


def _captions(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    said = [_period(table)]
    for column, words in CAPTIONS.items():
        if column in rows.columns:
            values = sorted({*map(str, rows[column].dropna().unique())})
            said.append(f"{words}: {', '.join(values)}" if values else "")
    return [words for words in said if words]


def _period(table: pd.DataFrame) -> str:
    """The days the table covers, in the words of the page."""
    if not {"period_from", "period_until"} <= set(table.columns) or len(table) == 0:
        return ""
    first, after = table["period_from"].min(), table["period_until"].max()
    words = span_words(first, after)
    if words and "hours" in table.columns and isinstance(table["hours"].iloc[0], str):
        words = f"{words}, {Hours.parse(table['hours'].iloc[0]).label}"
    return f"Period: {words}" if words else ""


def _others(rows: pd.DataFrame, known: set[str]) -> list[Field]:
    """Columns a user added travel along, at the end."""
    found = []
    for name in rows.columns:
        if name not in known and rows[name].notna().any():
            look = look_of(name, rows[name])
            wide = max((len(one) for one in rows[name] if isinstance(one, str)), default=0)
            width = min(max(16, wide), 60)
            found.append(Field(name, name.replace("_", " ").capitalize()[:60], width, look))
    return found


def _with_bars(sheet: Sheet, rows: pd.DataFrame, fields: list[Field]) -> tuple[int, int]:
    """A table with bars behind the main numbers; places stay in view."""
    header, last = sheet.listed(rows, fields)
    for column, item in enumerate(fields if last > header else ()):
        if item.name in BARS:
            bars = {"type": "data_bar", "bar_solid": True, "bar_color": BARS[item.name]}
            sheet.page.conditional_format(header + 1, column, last, column, bars)
    return header, last


def clusters(sheet: Sheet, record: RunRecord, clusters: Mapping[str, pd.DataFrame]) -> None:
    """Clusters of every theme, one below the other."""
    parts = [
        plain_table(table, index="area_id").assign(theme=theme_title(record, theme))
        for theme, table in clusters.items()
    ]
    rows, rates = rates_as_written(pd.concat(parts, ignore_index=True))
    sheet.open("Clusters", _captions(rows.drop(columns=["kind"], errors="ignore"), _all(clusters)))
    sheet.line("Counts come from the members of a cluster, never from its drawn outline.", "lead")
    sheet.row += 1
    wanted = (Field("theme", "Theme", 22), *LEADING, *rate_fields(rates), *EVIDENCE)
    present = _present(rows)
    fields = [item for item in wanted if item.name in present]
    fields += _others(rows, {item.name for item in fields} | NOT_SHOWN)
    _with_bars(sheet, rows, fields)
    sheet.close(len(fields) - 1)


def _all(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(table) for table in tables.values()], ignore_index=True)


def zones(sheet: Sheet, record: RunRecord, several: list[pd.DataFrame]) -> None:
    """Zones of every kind with their totals."""
    parts = [plain_table(table, index="zone_id") for table in several]
    rows = pd.concat(parts, ignore_index=True)
    if "kind" in rows:
        rows["kind"] = [capital(kind_name(kind)[0]) for kind in rows["kind"]]
    approximate = "approximate" in rows.columns and bool((rows["approximate"] == True).any())  # noqa: E712
    note = "Approximate outlines are summed but not ranked." if approximate else ""
    sheet.open("Zones", [note] if note else [])
    wanted = [*ZONE_FIELDS[:3], *_theme_fields(record), *ZONE_FIELDS[3:]]
    fields = [item for item in wanted if item.name in rows and rows[item.name].notna().any()]
    fields += _others(rows, {item.name for item in fields} | NOT_SHOWN)
    sheet.listed(rows, fields)
    sheet.close(max(len(fields) - 1, 0))


def _theme_fields(record: RunRecord) -> Iterator[Field]:
    """Totals of several themes side by side, as a product gives its zones."""
    for theme in record.themes:
        label = theme_title(record, theme)
        for column, words in OF_THEME.items():
            look = "text" if column.endswith("shown") else "int"
            yield Field(f"{theme}_{column}", f"{label}: {words}", 14, look)


def further(sheet: Sheet, name: str, table: pd.DataFrame, lines: Sequence[str] = ()) -> None:
    """Any other table, as it is."""
    rows = plain_table(table)
    sheet.open(name, lines)
    known = {item.name: item for item in (*LEADING, *EVIDENCE, *ZONE_FIELDS)}
    fields = [
        known.get(item.name, item)
        for item in _others(rows, {"kind", "period_from", "period_until"})
    ]
    sheet.listed(rows, fields)
    sheet.close(max(len(fields) - 1, 0))


def accounts(sheet: Sheet, record: RunRecord) -> None:
    """Where every row went."""
    lines = [
        f"Read {record.read:,} = accepted {record.accepted:,} + rejected {record.rejected:,}.",
        "Every accepted row is in exactly one of the columns from Out of the period to Used.",
    ]
    sheet.open("Rows accounted for", lines)
    rows = pd.DataFrame(
        [_account_row(account, record) for account in record.accounts], dtype=object
    )
    sheet.listed(rows, ACCOUNT_FIELDS)
    sheet.close(len(ACCOUNT_FIELDS) - 1)


def _account_row(account: Account, record: RunRecord) -> dict[str, Any]:
    whole = account.in_areas is None or account.in_areas + account.noise == account.used
    return {
        **vars(account),
        "theme": theme_title(record, account.theme),
        "parts": account.parts,
        "balances": account.parts == account.accepted and whole,
    }


def method(sheet: Sheet, record: RunRecord) -> None:
    """Choices, caveats and findings."""
    sheet.open("Method and caveats", ["What was chosen, what was found, what this cannot tell you"])
    said = [("caveat", "", words) for words in told_caveats(record.caveats, record.themes)]
    said += [("theme", status.label, f"{status.state}. {status.note}".strip())
             for status in record.themes.values()]  # fmt: skip
    said += [
        ("choice", stage, "; ".join(f"{name} = {_said(value)}" for name, value in choice.items()))
        for stage, choices in record.choices.items()
        for choice in choices
    ]
    said += [
        (item.severity, item.file or item.rule, f"{item.message}{_rows(item)}")
        for item in record.findings
    ]
    said += [("governance", name, words) for name, words in record.governance.items()]
    told = list(dict.fromkeys(said))  # of several sources, what was chosen alike is said once
    rows = pd.DataFrame(told, columns=["topic", "item", "said"], dtype=object)
    fields = (Field("topic", "Topic", 14), Field("item", "Where", 34), Field("said", "Said", 100))
    sheet.listed(rows, fields, filtered=False)
    sheet.close(2)


def _rows(item: Finding) -> str:
    """How many rows it is about, where it is about rows."""
    return f" ({counted(item.rows, 'row')})" if item.file or item.rows > 1 else ""


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def sources(sheet: Sheet, record: RunRecord) -> None:
    """The files that went in, with their hashes."""
    sheet.open("Sources", ["A file with the same SHA-256 is the same file, to the last byte."])
    rows = pd.DataFrame([vars(source) for source in record.sources], dtype=object)
    sheet.listed(rows, SOURCE_FIELDS, filtered=False)
    sheet.row += 1
    last = len(SOURCE_FIELDS) - 1
    for words in record.attributions:
        sheet.paragraph(words, "note", last, 150)
    sheet.close(last)


def coverage(sheet: Sheet, record: RunRecord) -> None:
    """Where the incidents fall, and what each source holds of each month in the study area."""
    rows = pd.DataFrame(record.coverage, dtype=object)
    more = len(rows) > PRINTED
    paper = [f"Printed: the first {PRINTED} of {len(rows):,} lines. All are in this file."] * more
    lines = [*where_lines(record.where), *paper, "Inside the study area, by source:"]
    sheet.open("Where and when", lines)
    everything = rows["theme"].eq(ALL)
    words = rows["theme"].map(partial(theme_title, record)).mask(everything, "all incidents")
    days = {name: rows[name].str[:10] for name in ("first_day", "last_day")}
    header, _ = sheet.listed(rows.assign(theme=words, **days), COVERAGE_FIELDS)
    sheet.close(len(COVERAGE_FIELDS) - 1, header + PRINTED if more else None)
