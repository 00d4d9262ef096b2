"""What is in a file, what is wrong with it, and what it can and cannot answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.coverage import ALL, coverage
from hotspots.core.crs import BRITISH_NATIONAL_GRID, in_system_of, require_system
from hotspots.core.errors import DataError, Finding, Findings, MissingExtraError
from hotspots.core.months import months_between
from hotspots.core.periods import Period
from hotspots.core.plain import plain_records
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
from hotspots.io.incidents.check_text import report_text
from hotspots.io.incidents.field_map import FieldMap, recognise
from hotspots.io.incidents.find_files import Paths, Source, find_sources, require_limit
from hotspots.io.incidents.guess_field_map import Guess, guess_fields
from hotspots.io.incidents.institutions import institution_names
from hotspots.io.incidents.load import UNMARKED, as_table, refuse_twins
from hotspots.io.incidents.losses import systematic_faults
from hotspots.io.incidents.odd_dates import odd_dates
from hotspots.io.incidents.open_file import every_table
from hotspots.io.incidents.overlaps import tell_overlaps
from hotspots.io.incidents.parse_file import Part, read_source
from hotspots.io.incidents.unknown_offences import nearest_known
from hotspots.io.incidents.verdict import verdict_of
from hotspots.io.incidents.where import where_of
from hotspots.offences.codes import HOME_OFFICE, POLICE_UK, is_registered
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes


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
    sheet, header_row : optional
        As for :func:`load_incidents`.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.

    Returns
    -------
    IncidentCheck
        With ``to_text()`` for people and ``to_dict()`` for machines. Wrong cells are quoted.
        ``record.quarantine`` has the rejected rows, for :func:`write_quarantine`.

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
    >>> list(report.to_dict()["where"]["near"])[:2]
    ['Leeds', 'Bradford']
    """
    require_limit(largest_gib)
    require_system(crs)
    span = None if period is None else Period.parse(period)
    findings = Findings()
    sources = [
        source.asked(fields.layer if fields else None, sheet=sheet, header_row=header_row)
        for source in find_sources(paths, findings, largest_gib=largest_gib)
    ]
    parts: list[Part] = []
    guesses: dict[str, Guess] = {}
    for source in sources:
        parts += _looked_at(source, fields, findings, guesses, crs)
    refuse_twins(parts, findings)
    tell_overlaps(parts, findings)
    table = as_table(parts, crs) if any(len(part.frame) for part in parts) else None
    findings.add(*systematic_faults(parts))
    held = {} if table is None else _of_incidents(table, parts, within, span)
    for month in held.get("coverage", ()):
        if month["theme"] == ALL and month["rows"] and not month["whole"]:
            findings.warn(
                "month-cut-short",
                f"the month {month['month']} is cut short: it holds {month['first_day'][:10]} to "
                f"{month['last_day'][:10]}, as far as incidents show.",
                file=month["source"],
                rows=month["rows"],
            )
    found = [*(finding for part in parts for finding in part.findings), *map(_advised, findings)]
    if record is not None:
        for finding in found:
            record.find(finding)
    content = _content(parts, guesses) | held
    content["verdict"] = verdict_of(parts, findings, found)
    own = RunRecord("hotspots check", UNMARKED)
    own.quarantine.extend(row for part in parts for row in part.rejected)
    return IncidentCheck(content, tuple(found), own)


def _looked_at(
    source: Source, fields: FieldMap | None, findings: Findings, guesses: dict[str, Guess], crs: Any
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
        "unknown_offences": nearest_known(_unknown(parts)),
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


def _unknown(parts: list[Part]) -> Iterator[tuple[str, str, int]]:
    """Words that were rejected, and codes that are in no list."""
    for part in parts:
        scheme = part.fields.offence_scheme
        for word, rows in part.unknown_offences.items():
            yield word, scheme, rows
        if scheme == HOME_OFFICE:
            for code, rows in part.frame["offence"].value_counts().items():
                if not is_registered(str(code), scheme):
                    yield str(code), scheme, int(rows)


def _of_incidents(
    incidents: gpd.GeoDataFrame,
    parts: list[Part],
    within: gpd.GeoDataFrame | None,
    period: Period | None,
) -> dict[str, Any]:
    """What the accepted rows hold."""
    forces = {force for part in parts for force in part.facts.get("police_forces", ())}
    where = where_of(incidents, within)
    if where and forces:
        where["forces"] = sorted(forces)
    points = diagnose_points(incidents)
    time = _times(incidents)
    months = time["months"]
    schemes = sorted(set(incidents["offence_scheme"]))
    scheme = schemes[0] if len(schemes) == 1 else None
    crossed = crossed_breaks(list(months), scheme=scheme, places=forces)
    themes = theme_states(incidents)
    told = [
        known for known in crossed if known.theme is None or themes[known.theme].state == "measured"
    ]
    asked = {} if period is None else {"period": _in_period(incidents, period)}
    return asked | {
        "where": where,
        "time": time,
        "coverage": _coverage(incidents, within),
        "offence_schemes": schemes,
        "offences": dict(sorted(_counts(incidents["offence"]).items(), key=lambda item: -item[1])),
        "points": points,
        "piles": biggest_piles(incidents),
        "institutions": _institutions(incidents),
        "sensitive": _sensitive(incidents),
        "repeats": _repeats(incidents),
        "lsoa_vintage": _vintages(incidents),
        "themes": {name: str(reading) for name, reading in themes.items()},
        "answers": answers(incidents, points),
        "breaks": [str(known) for known in told],
    }


def _times(incidents: gpd.GeoDataFrame) -> dict[str, Any]:
    """First and last time, and rows a month; dates that are typing errors stretch neither."""
    odd = np.logical_or.reduce(list(odd_dates(incidents["occurred_from"]).values()))
    timed = incidents[~odd]
    months = _counts(timed["occurred_from"].dropna().dt.strftime("%Y-%m"))
    return {
        "first": timed["occurred_from"].min().isoformat(),
        "last": timed["occurred_until"].max().isoformat(),
        "precision": _counts(incidents["time_precision"]),
        "months": months,
        "months_without_rows": _gaps(list(months)),
    }


def _coverage(incidents: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """What each source holds of each month, without dates that are typing errors."""
    odd = np.logical_or.reduce(list(odd_dates(incidents["occurred_from"]).values()))
    area = None if within is None else in_system_of(incidents, within)
    return plain_records(coverage(incidents[~odd], within=area))


def _sensitive(incidents: gpd.GeoDataFrame) -> dict[str, int]:
    """Rows by offence that areas and maps leave out unless they are asked for with a reason."""
    bundled = {HOME_OFFICE: Themes.home_office, POLICE_UK: Themes.police_uk}
    found: dict[str, int] = {}
    for scheme, themes in bundled.items():
        rows = incidents[incidents["offence_scheme"] == scheme]
        tagged = tag_themes(rows, themes(), unknown="untagged")
        if "sensitive" in tagged:
            found |= _counts(tagged.loc[tagged["sensitive"], "offence"])
    return found


def _in_period(incidents: gpd.GeoDataFrame, period: Period) -> dict[str, Any]:
    """What a product of this period would have."""
    rows = incidents[incidents["occurred_from"].between(period.start, period.end, inclusive="left")]
    return {
        "period": period.label,
        "rows": len(rows),
        "located": int(rows.geometry.notna().sum()),
        "first": None if not len(rows) else rows["occurred_from"].min().isoformat(),
        "last": None if not len(rows) else rows["occurred_until"].max().isoformat(),
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
