"""What is in a file, what is wrong with it, and what it can and cannot answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import DataError, Finding, Findings
from hotspots.core.months import months_between
from hotspots.core.record import RunRecord
from hotspots.core.text.doors import Door
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.breaks import crossed_breaks
from hotspots.io.incidents.capabilities import (
    answers,
    biggest_piles,
    diagnose_points,
    lsoa_vintage,
    theme_states,
)
from hotspots.io.incidents.field_map import FieldMap, recognise
from hotspots.io.incidents.find_files import Paths, Source, find_sources, require_limit
from hotspots.io.incidents.guess_field_map import Guess, guess_fields
from hotspots.io.incidents.institutions import institution_names
from hotspots.io.incidents.load import as_table
from hotspots.io.incidents.odd_dates import odd_dates
from hotspots.io.incidents.open_file import every_table
from hotspots.io.incidents.parse_file import Part, read_source

LONGEST_LIST = 12
LEFT_OUT = ("unknown-layout", "not-incidents")


@dataclass(frozen=True)
class IncidentCheck:
    """The report of :func:`check_incidents`."""

    content: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether every file was read and no row was rejected."""
        return not any(found.severity == "error" for found in self.findings)

    def through(self, door: Door) -> IncidentCheck:
        """The report in the words of a door."""
        return replace(self, findings=tuple(found.through(door) for found in self.findings))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain lists and numbers, ready for JSON."""
        told = [found.to_dict() | {"text": str(found)} for found in self.findings]
        return {**self.content, "findings": told}

    def to_text(self) -> str:
        """The report for people, a screen or two."""
        parts = [_files(self.content), _rows(self.content), _findings(self.findings)]
        if self.content["rows"]["accepted"]:
            parts[2:2] = [_contents(self.content), _points(self.content), _answers(self.content)]
        parts += [_proposal(self.content), _summary(self.content, self.findings)]
        return "\n".join(part for part in parts if part) + "\n"

    def __str__(self) -> str:
        return self.to_text()


def check_incidents(
    paths: Paths,
    *,
    fields: FieldMap | None = None,
    record: RunRecord | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    sheet: str | None = None,
    header_row: int | None = None,
    largest_gib: float = LARGEST_GIB,
) -> IncidentCheck:
    """Look at files of incidents without using them: what is there, what is wrong, what it can say.

    Bad files and rows are told, never raised. For a layout nobody knows a field map is guessed, and
    the report gives it as TOML to correct and keep.

    Parameters
    ----------
    paths : path or list of paths
        As for :func:`load_incidents`.
    fields : FieldMap, optional
        The layout, where it is known to you.
    record : RunRecord, optional
        Takes the findings.
    crs : optional
        Projected system in metres in which places are checked.
    sheet, header_row : optional
        As for :func:`load_incidents`.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.

    Returns
    -------
    IncidentCheck
        With ``to_text()`` for people and ``to_dict()`` for machines. Wrong cells are quoted.

    Notes
    -----
    Misleads where a column has the right name and the wrong content: a guess looks at names first.

    Examples
    --------
    >>> from hotspots.core.data import bundled
    >>> report = check_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> report.ok, report.to_dict()["rows"]["unlocated"]
    (True, 883)
    """
    require_limit(largest_gib)
    findings = Findings()
    sources = [
        replace(source, sheet=sheet, header_row=header_row)
        for source in find_sources(paths, findings, largest_gib=largest_gib)
    ]
    parts: list[Part] = []
    guesses: dict[str, Guess] = {}
    for source in sources:
        parts += _looked_at(source, fields, findings, guesses, crs)
    found = [*(finding for part in parts for finding in part.findings), *map(_advised, findings)]
    if record is not None:
        for finding in found:
            record.find(finding)
    return IncidentCheck(_content(parts, guesses, crs), tuple(found))


def _looked_at(
    source: Source, fields: FieldMap | None, findings: Findings, guesses: dict[str, Guess], crs: Any
) -> list[Part]:
    """One file, read; whatever goes wrong with it is told, and the next one is looked at."""
    try:
        layout = fields or _guess(source, findings, guesses, crs)
        return read_source(source, layout, crs, [], findings)
    except MemoryError:
        raise
    except Exception as error:  # a check of many files must not end at the one nobody foresaw
        findings.error(
            "unreadable",
            f"it could not be read: {type(error).__name__}: {error}.",
            file=source.name,
            mend="Export it again, or as CSV.",
        )
        return []


def _advised(finding: Finding) -> Finding:
    """A finding whose advice would be to do what is being done, with advice that leads on."""
    if finding.rule != "unknown-layout":
        return finding
    return replace(finding, mend=Mend("write-field-map"))


def _guess(
    source: Source, findings: Findings, guesses: dict[str, Guess], crs: Any
) -> FieldMap | None:
    """A field map for a layout that is not known; the proposal goes to `guesses`."""
    try:
        tables = every_table(source, source.read(), None, crs)
    except DataError:
        return None
    if any(table.is_api or recognise(table.header) is not None for table in tables):
        return None
    for table in sorted(tables, key=lambda table: -table.rows):
        cells = table.read(range(len(table.header))).cells
        guess = guess_fields(source.name, table.header, cells, geometry=table.has_geometry, crs=crs)
        guesses.setdefault(source.name, guess)
        if guess.fields is not None:
            guesses[source.name] = guess
            findings.note(
                "fields-guessed", "the field map was guessed; look at it.", file=source.name
            )
            return guess.fields
    return None


def _content(parts: list[Part], guesses: dict[str, Guess], crs: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "files": [
            {
                "name": part.source.name,
                "read": part.rows_read,
                "accepted": len(part.frame),
                "rejected": len(part.rejected),
                "unlocated": part.places.unlocated,
                **part.facts,
            }
            for part in parts
        ],
        "rows": {
            "read": sum(part.rows_read for part in parts),
            "accepted": sum(len(part.frame) for part in parts),
            "rejected": sum(len(part.rejected) for part in parts),
            "unlocated": sum(part.places.unlocated for part in parts),
        },
        "guesses": {
            name: {
                "columns": [asdict(one) for one in guess.columns],
                "missing": guess.missing,
                "to_fill_in": guess.to_toml(),
            }
            for name, guess in guesses.items()
        },
        "guessed_field_maps": {
            name: guess.to_toml() for name, guess in guesses.items() if guess.fields is not None
        },
    }
    if not content["rows"]["accepted"]:
        return content
    forces = {force for part in parts for force in part.facts.get("police_forces", ())}
    return content | _of_incidents(as_table(parts, crs), forces)


def _of_incidents(incidents: gpd.GeoDataFrame, forces: set[str]) -> dict[str, Any]:
    """What the accepted rows hold."""
    points = diagnose_points(incidents)
    odd = np.logical_or.reduce(list(odd_dates(incidents["occurred_from"]).values()))
    timed = incidents[~odd]
    months = _counts(timed["occurred_from"].dropna().dt.strftime("%Y-%m"))
    schemes = sorted(set(incidents["offence_scheme"]))
    scheme = schemes[0] if len(schemes) == 1 else None
    crossed = crossed_breaks(list(months), scheme=scheme, places=forces)
    themes = theme_states(incidents)
    told = [
        known for known in crossed if known.theme is None or themes[known.theme].state == "measured"
    ]
    return {
        "time": {
            "first": timed["occurred_from"].min().isoformat(),
            "last": timed["occurred_until"].max().isoformat(),
            "precision": _counts(incidents["time_precision"]),
            "months": months,
            "months_without_rows": _gaps(list(months)),
        },
        "offence_schemes": schemes,
        "offences": dict(sorted(_counts(incidents["offence"]).items(), key=lambda item: -item[1])),
        "points": points,
        "piles": biggest_piles(incidents),
        "institutions": _institutions(incidents),
        "repeats": _repeats(incidents),
        "lsoa_vintage": _vintages(incidents),
        "themes": {name: str(reading) for name, reading in themes.items()},
        "answers": answers(incidents, points),
        "breaks": [str(known) for known in told],
    }


def _counts(column: pd.Series) -> dict[str, int]:
    counts = column.value_counts().sort_index()
    return {str(name): int(count) for name, count in counts.items()}


def _gaps(months: list[str]) -> list[str]:
    every = months_between(months[0], months[-1]) if months else []
    return [month for month in every if month not in set(months)]


def _vintages(incidents: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Files by the vintage of their LSOA codes."""
    found: dict[str, list[str]] = {}
    for source, rows in incidents.groupby("source", sort=True):
        vintage = lsoa_vintage(rows)
        if vintage is not None:
            found.setdefault(vintage, []).append(str(source))
    return found


def _institutions(incidents: gpd.GeoDataFrame) -> dict[str, int]:
    if "place_name" not in incidents.columns:
        return {}
    names = institution_names()
    counts = _counts(incidents["place_name"].dropna())
    return {name: count for name, count in counts.items() if name.casefold() in names}


def _repeats(incidents: gpd.GeoDataFrame) -> dict[str, int]:
    """Repeated references, and rows that look alike in all that was read."""
    alike = pd.DataFrame(incidents.drop(columns=["geometry", "source_row", "source"]))
    alike["place"] = incidents.geometry.to_wkb()
    repeats = {"rows_that_look_alike": int(alike.duplicated().sum())}
    if "reference" in incidents.columns:
        references = incidents["reference"]
        repeats["blank_references"] = int(references.isna().sum())
        repeats["repeated_references"] = int(references.dropna().duplicated().sum())
    return repeats


def _files(content: Mapping[str, Any]) -> str:
    lines = ["Files"]
    for file in content["files"]:
        lines.append(f"  {file['name']}: {file['read']:,} rows, {file['layout']}")
    return "\n".join(lines) if content["files"] else "No file could be read."


def _rows(content: Mapping[str, Any]) -> str:
    rows = content["rows"]
    return (
        f"Rows\n  read {rows['read']:,} = accepted {rows['accepted']:,} + rejected "
        f"{rows['rejected']:,}; {rows['unlocated']:,} of the accepted have no place"
    )


def _contents(content: Mapping[str, Any]) -> str:
    time, repeats = content["time"], content["repeats"]
    span = f"{time['first'][:10]} to {time['last'][:10]} (excluded)"
    known = _listed(time["precision"])
    lines = ["Time", f"  {span}, {len(time['months'])} month(s), known as {known}"]
    empty = time["months_without_rows"]
    if empty:
        named = ", ".join(empty[:LONGEST_LIST]) + (", ..." if len(empty) > LONGEST_LIST else "")
        lines.append(f"  {len(empty)} month(s) between without rows: {named}")
    lines += [f"Offences ({', '.join(content['offence_schemes'])})"]
    lines += [f"  {count:>9,}  {name}" for name, count in _first(content["offences"])]
    lines += ["Themes", *(f"  {name}: {state}" for name, state in content["themes"].items())]
    lines += ["Repeats", f"  {_listed(repeats)}; every row is kept"]
    if content["lsoa_vintage"]:
        lines.append("LSOA codes")
        for vintage, files in content["lsoa_vintage"].items():
            lines.append(f"  of {vintage}: {len(files)} file(s), from {files[0]}")
    return "\n".join(lines)


def _points(content: Mapping[str, Any]) -> str:
    points = content["points"]
    if not points["located"]:
        return "Places\n  no row has a place"
    lines = [
        "Places",
        f"  {points['located']:,} located rows on {points['distinct_points']:,} distinct points, "
        f"the largest pile {points['largest_pile']:,}; the busiest 1 % of points hold "
        f"{points['share_on_busiest_1_percent']:.0%}",
    ]
    if points["snapped"]:
        finest = points["finest_h3"]
        cell = f"H3 resolution {finest}" if finest else "coarser than any H3 cell offered here"
        lines.append(f"  points are snapped or rounded: finest honest cell {cell}")
    if content["institutions"]:
        lines.append(f"  on institutions: {_listed(content['institutions'])}")
    if content["piles"]:
        lines.append("  largest piles:")
    lines += [
        f"  {pile['incidents']:>9,}  {pile['place_name'] or '(unnamed)'}"
        for pile in content["piles"][:5]
    ]
    return "\n".join(lines)


def _answers(content: Mapping[str, Any]) -> str:
    lines = ["What it can answer"]
    lines += [
        f"  {a['question']} {a['answer'].capitalize()}: {a['why']}" for a in content["answers"]
    ]
    if content["breaks"]:
        lines += ["Breaks the months cross", *(f"  {known}" for known in content["breaks"])]
    return "\n".join(lines)


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Findings\n  none"
    order = {"error": 0, "warning": 1, "note": 2}
    ranked = sorted(findings, key=lambda found: order[found.severity])
    lines = [f"Findings ({len(ranked)})"]
    lines += [f"  {found.severity}: {found}" for found in ranked[: 3 * LONGEST_LIST]]
    if len(ranked) > 3 * LONGEST_LIST:
        lines.append(f"  ... and {len(ranked) - 3 * LONGEST_LIST:,} more")
    return "\n".join(lines)


def _summary(content: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    """The verdict on every file that did not pass, and how many did; for several files only."""
    wrong = list(dict.fromkeys(str(found.file) for found in findings if found.severity == "error"))
    left_out = dict.fromkeys(str(found.file) for found in findings if found.rule in LEFT_OUT)
    aside = [name for name in left_out if name not in wrong]
    good = [file["name"] for file in content["files"] if file["name"] not in wrong]
    every = len(good) + len(wrong) + len(aside)
    if every < 2:
        return ""
    lines = [f"Summary\n  {len(good):,} of {every:,} files can be loaded as they are"]
    lines += [f"  wrong: {name}" for name in wrong]
    lines += [f"  left out: {name}" for name in aside]
    return "\n".join(lines)


def _guesses(content: Mapping[str, Any]) -> str:
    """What each column was taken for, and what was not found."""
    lines = []
    for name, guess in content["guesses"].items():
        lines.append(f"Columns of {name}, and what they were taken for")
        wide = max((len(column["column"]) for column in guess["columns"]), default=0)
        for column in guess["columns"]:
            values = ", ".join(value[:24] for value in column["values"]) or "(empty)"
            role = (column["taken_for"] or "-") + (f" ({column['sure']})" if column["sure"] else "")
            lines.append(f"  {column['column']:<{wide}}  {role:<24}  {values}")
        lines += [f"  {what} not found: {why}" for what, why in guess["missing"].items()]
    return "\n".join(lines)


def _proposal(content: Mapping[str, Any]) -> str:
    lines = []
    for name, guess in content["guesses"].items():
        known = name in content["guessed_field_maps"]
        head = f"Guessed field map of {name}: save it as a .toml file and correct it"
        lines += [head if known else f"A field map of {name} to fill in", ""]
        lines += [f"  {line}" for line in guess["to_fill_in"].splitlines()]
    return "\n".join(lines)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())


def _first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    shown = list(counts.items())[:LONGEST_LIST]
    rest = sum(counts.values()) - sum(count for _, count in shown)
    return [*shown, ("(others)", rest)] if rest else shown
