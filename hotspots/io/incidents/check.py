"""What is in a file, what is wrong with it, and what it can and cannot answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import geopandas as gpd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.arguments import has_record
from hotspots.core.coverage import ALL
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_system
from hotspots.core.errors import DataError, Finding, Findings, MissingExtraError
from hotspots.core.held import last_days
from hotspots.core.months import require_timezone
from hotspots.core.periods import Period
from hotspots.core.points import PlaceIndex
from hotspots.core.record import RunRecord
from hotspots.core.text.doors import Door
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.check_text import report_text, verdict_of
from hotspots.io.incidents.contents import (
    SCHEMES,
    contents_of,
    held_rows,
    nearest_known,
    places_in_use,
)
from hotspots.io.incidents.duplicates import once, tell_overlaps
from hotspots.io.incidents.field_map import FieldMap, recognise
from hotspots.io.incidents.find_files import FileToRead, Paths, find_sources
from hotspots.io.incidents.guess_field_map import Guess, guess_fields
from hotspots.io.incidents.intake import systematic_faults
from hotspots.io.incidents.load import UNMARKED, refuse_twins
from hotspots.io.incidents.meaning import SCALES
from hotspots.io.incidents.open_file import every_table
from hotspots.io.incidents.parse_file import Part, read_source
from hotspots.io.incidents.read_large import open_large
from hotspots.io.incidents.where import tell_exchanged
from hotspots.offences.codes import HOME_OFFICE, is_registered, registered_code


@dataclass(frozen=True)
class IncidentCheck:
    """The report of :func:`check_incidents`."""

    content: Mapping[str, Any]
    findings: tuple[Finding, ...]
    record: RunRecord = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether a product would be made of the files as they are, and no row is rejected."""
        rejected = any(found.severity == "error" for found in self.findings)
        return bool(self.content["verdict"]["usable"]) and not rejected

    def through(self, door: Door) -> IncidentCheck:
        """The report in the words of a door."""
        return replace(self, findings=tuple(found.through(door) for found in self.findings))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain lists and numbers, ready for JSON."""
        told = [found.to_dict() | {"text": str(found)} for found in self.findings]
        return {**self.content, "findings": told}

    def to_text(self) -> str:
        """The report for people, a screen or two; its last line says whether it can be used."""
        return report_text(self.content, self.findings)

    def __str__(self) -> str:
        return self.to_text()


def check_incidents(
    paths: Paths,
    *,
    fields: FieldMap | None = None,
    record: RunRecord | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    within: gpd.GeoDataFrame | None = None,
    period: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    timezone: str | None = None,
    largest_gib: float = LARGEST_GIB,
) -> IncidentCheck:
    """Look at files of incidents without using them: what is there, what is wrong, what it can say.

    The files are read as :func:`load_incidents` reads them. Bad files and rows are told, never
    raised. For a layout nobody knows a field map is guessed, and the report gives it as TOML to
    correct and keep.

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
    within : GeoDataFrame, optional
        A study area: the share of located incidents inside is told.
    period : str, optional
        Such as ``"2025-07"``: what a product of it would have.
    sheet, header_row, timezone : optional
        As for :func:`load_incidents`.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.

    Returns
    -------
    IncidentCheck
        With ``to_text()`` for people and ``to_dict()`` for machines. Wrong cells are quoted.
        ``record.quarantine`` has the rejected rows, for :func:`write_quarantine`.

    Raises
    ------
    InputError
        For a coordinate system, a clock, a period or a size that means nothing: what is wrong in
        the files is told.

    Notes
    -----
    Misleads where numbers of another meaning happen to fall where places do: look at the guess, and
    at where the incidents fall.

    Examples
    --------
    >>> from hotspots.core.data import bundled
    >>> report = check_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> report.ok, report.to_dict()["rows"]["unlocated"]
    (True, 883)
    >>> list(report.to_dict()["where"]["districts"])[:2]
    ['Leeds', 'Bradford']
    """
    require_system(crs)
    require_timezone(timezone)
    span = None if period is None else Period.parse(period)
    findings = Findings()
    asked = {"sheet": sheet, "header_row": header_row, "timezone": timezone}
    layer = fields.layer if fields else None
    sources = find_sources(paths, findings, largest_gib=largest_gib, layer=layer, **asked)
    parts: list[Part] = []
    guesses: dict[str, Guess] = {}
    for source in sources:
        parts += _looked_at(source, fields, findings, guesses, crs)
    refuse_twins(parts, findings)
    tell_overlaps(parts, findings)
    read = any(len(part.frame) for part in parts)
    held = contents_of(*_incidents(parts, crs, findings), parts, within, span) if read else {}
    findings.add(*systematic_faults(parts), *_of_no_scheme(parts, guesses))
    findings.add(*tell_exchanged(parts, crs, within))
    findings.add(*(Finding(told.rule, str(told), "warning") for told in last_days(span)))
    for month in held.get("coverage", ()):
        if month["theme"] == ALL and month["rows"] and not month["whole"]:
            findings.warn(
                "month-cut-short",
                f"the month {month['month']} is cut short: it holds {month['first_day'][:10]} to "
                f"{month['last_day'][:10]}, as far as incidents show.",
                file=month["source"],
                rows=month["rows"],
            )
    found = [finding for part in parts for finding in part.findings]
    found += [_advised(finding, guesses) for finding in findings]
    if has_record(record):
        record.find(*found)
    content = _content(parts, guesses) | held
    content["verdict"] = verdict_of(parts, findings, found)
    own = RunRecord("hotspots check", UNMARKED)
    own.quarantine.extend(row for part in parts for row in part.rejected)
    return IncidentCheck(content, tuple(found), own)


def _incidents(
    parts: list[Part], crs: Any, findings: Findings
) -> tuple[gpd.GeoDataFrame, PlaceIndex]:
    """The accepted rows, one an incident, and their places."""
    every, of_row, places = held_rows(parts, crs)
    table = once(every, parts, findings)
    return table, places_in_use(places, of_row[table.index])


def _looked_at(
    source: FileToRead,
    fields: FieldMap | None,
    findings: Findings,
    guesses: dict[str, Guess],
    crs: Any,
) -> list[Part]:
    """One file, read; whatever goes wrong with it is told, and the next one is looked at."""
    try:
        layout = fields or _guess(source, findings, guesses, crs)
        return read_source(source, layout, crs, [], findings)
    except MemoryError:
        raise
    except MissingExtraError as error:
        findings.error("extra-missing", str(error), file=source.name)
        return []
    except Exception as error:  # a check of many files must not end at the one nobody foresaw
        findings.error(
            "unreadable",
            f"it could not be read: {type(error).__name__}: {error}.",
            file=source.name,
            mend="Export it again, or as CSV.",
        )
        return []


def _of_no_scheme(parts: list[Part], guesses: Mapping[str, Guess]) -> Iterator[Finding]:
    """Files whose offences are in no list at all, as far as a guess can tell."""
    for part in parts:
        if _is_of_no_scheme(part, guesses):
            words = [str(word) for word in part.frame["offence"].unique()]
            unknown, scheme = min(
                (sum(registered_code(word, one) is None for word in words), one) for one in SCHEMES
            )
            said: dict[str, Any] = {"rows": len(part.frame), "words": len(words)}
            said |= {"unknown": unknown, "scheme": scheme}
            name = part.source.name
            column = part.fields.offence
            yield Finding.of(
                "offences-of-no-scheme", "warning", said=said, file=name, column=column,
                rows=len(part.frame),
            )  # fmt: skip


def _is_of_no_scheme(part: Part, guesses: Mapping[str, Guess]) -> bool:
    """Whether a guess found no scheme: one that was named is the analyst's own."""
    guessed = any(guess.fields == part.fields for guess in guesses.values())
    return guessed and part.fields.offence_scheme not in SCALES and len(part.frame) > 0


def _advised(finding: Finding, guesses: Mapping[str, Guess]) -> Finding:
    """A finding whose advice would be to do what is being done, with advice that leads on."""
    if finding.rule != "unknown-layout":
        return finding
    guess = guesses.get(str(finding.file))
    missing = guess.missing.items() if guess else ()
    why = "".join(f" No {what} was found: {reason}." for what, reason in missing)
    message = f"{finding.message}{why}"
    return replace(finding, message=message, mend=Mend("write-field-map"))


def _guess(
    source: FileToRead, findings: Findings, guesses: dict[str, Guess], crs: Any
) -> FieldMap | None:
    """A field map for a layout that is not known; the proposal goes to `guesses`."""
    try:
        large = open_large(source, None)
        tables = [large] if large else every_table(source, source.read(), None, crs)
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
            findings.add(*(replace(one, file=source.name) for one in guess.doubts))
            findings.note(
                "fields-guessed", "the field map was guessed; look at it.", file=source.name
            )
            return guess.fields
    return None


def _content(parts: list[Part], guesses: dict[str, Guess]) -> dict[str, Any]:
    return {
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
        "where": {},
        "coverage": [],
        "unknown_offences": nearest_known(_unknown(parts, guesses)),
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


def _unknown(parts: list[Part], guesses: Mapping[str, Guess]) -> Iterator[tuple[str, str, int]]:
    """Words that were rejected or are of no scheme, and codes that are in no list."""
    for part in parts:
        scheme = part.fields.offence_scheme
        for word, rows in part.unknown_offences.items():
            yield word, scheme, rows
        unlisted = _is_of_no_scheme(part, guesses) and part.fields.offence is not None
        if unlisted or scheme == HOME_OFFICE:
            for code, held in part.frame["offence"].value_counts().items():
                if held and (unlisted or not is_registered(str(code), scheme)):
                    yield str(code), scheme, int(held)
