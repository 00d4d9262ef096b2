"""Files in, one incidents table out, and every row accounted for."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.arguments import has_record
from hotspots.core.behind import published_rows
from hotspots.core.caveats import Caveat
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_system, transform_accuracy
from hotspots.core.errors import Finding, Findings, require
from hotspots.core.months import require_timezone
from hotspots.core.record import RunRecord, SourceFile
from hotspots.core.tables import INCIDENTS
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.duplicates import once, tell_overlaps
from hotspots.io.incidents.field_map import (
    POLICE_UK,
    POLICE_UK_API,
    POLICE_UK_ATTRIBUTION,
    REFERENCED_POLICE_UK,
    FieldMap,
)
from hotspots.io.incidents.find_files import Paths, find_sources
from hotspots.io.incidents.intake import Intake, systematic_faults
from hotspots.io.incidents.meaning import AUTO, with_meaning
from hotspots.io.incidents.parse_file import Part, read_source
from hotspots.io.incidents.parse_text import numbered, with_texts
from hotspots.io.incidents.where import tell_exchanged

if TYPE_CHECKING:
    from hotspots.offences.harm_scale import HarmScale
    from hotspots.offences.themes import Themes

STREET_CRIME = (POLICE_UK, POLICE_UK_API, REFERENCED_POLICE_UK)


def load_incidents(
    paths: Paths,
    *,
    fields: FieldMap | None = None,
    record: RunRecord | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    on_bad: str = "quarantine",
    keep: Iterable[str] = (),
    sheet: str | None = None,
    header_row: int | None = None,
    timezone: str | None = None,
    themes: Themes | str | None = AUTO,
    harm_scale: HarmScale | str | None = AUTO,
    largest_gib: float = LARGEST_GIB,
) -> gpd.GeoDataFrame:
    """Load incidents from files, folders and archives; keep, reject and count every row.

    Parameters
    ----------
    paths : path or list of paths
        Tables (CSV, Excel, Parquet), vector files (GeoPackage, Shapefile and others), ``.zip``
        archives, or folders that hold them; or a database with PostGIS, as
        ``"postgresql://host/database"`` or ``"PG:dbname=..."``, with a table or a query as
        ``layer`` of the field map. Each is counted a second way. The layout of
        data.police.uk is recognised by its header.
    fields : FieldMap, optional
        Which columns hold what, for any other layout.
    record : RunRecord, optional
        Written to: sources with their counts, findings, choices, attributions, caveats, rejected
        rows. Without one, what was found is warned of, and rejected rows are left out.
    crs : optional
        Projected system in metres of the result. Places outside the area it is made for are faults.
    on_bad : {"quarantine", "raise"}
        Put rows that cannot be used into ``record.quarantine``, and keep those whose place cannot
        be used unlocated (``place_state``); or raise for either.
    keep : iterable of str
        Further columns of the source to carry along as text. Nothing else is read.
    sheet : str, optional
        Sheet of a workbook; by default all sheets of the layout are read, each as a source of its
        own (``"log.xlsx/June"``).
    header_row : int, optional
        Line, or row of a sheet, that names the columns; looked for in the first 30 by default.
    timezone : str, optional
        Zone of the place, e.g. ``"America/New_York"``: days, months and hours are counted by its
        clock, which the times carry from here on. That of the field map by default, else
        ``"Europe/London"``.
    themes, harm_scale : optional
        What to tag and weigh by: a :class:`Themes` and a :class:`HarmScale`, or names of bundled
        ones. By default those of a scheme that is known (data.police.uk, Home Office codes), told
        in the record; None leaves it out. Doing it again replaces it. What happened at
        institutions stays in, unless :func:`tag_institutions` is asked.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.

    Returns
    -------
    GeoDataFrame
        Incidents table: index ``incident_id`` (``"file:line"``, the header is line 1), points in
        metres, missing where unlocated. Equal rows are separate incidents.

    Raises
    ------
    DataError
        With every finding, when a file cannot be read, lacks columns, or has only rows that cannot
        be used; with ``on_bad="raise"`` for any.

    Notes
    -----
    Misleads when locations are snapped or rounded: a pile of incidents on one point is a property
    of the map points, not of the address. :func:`check_incidents` says what a file can answer.

    References
    ----------
    https://data.police.uk/about/ (columns, location anonymisation)

    Examples
    --------
    >>> from hotspots.core.record import RunRecord
    >>> from hotspots.core.data import bundled
    >>> record = RunRecord("Leeds", marking="OPEN DATA", audience="public")
    >>> july = load_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                       record=record)
    >>> len(july), int(july.geometry.isna().sum())
    (31635, 883)
    >>> record.sources[0].facts["blank_reference"]
    5442
    """
    has_record(record)
    table, intake = take_in(
        paths,
        fields=fields,
        crs=crs,
        on_bad=on_bad,
        keep=keep,
        sheet=sheet,
        header_row=header_row,
        timezone=timezone,
        largest_gib=largest_gib,
    )
    tell(intake, record)
    return with_meaning(
        table,
        record,
        themes=themes,
        harm_scale=harm_scale,
        institutions=False,
        rejected=len(intake.rejected),
    )


def take_in(
    paths: Paths,
    *,
    fields: FieldMap | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    on_bad: str = "quarantine",
    keep: Iterable[str] = (),
    sheet: str | None = None,
    header_row: int | None = None,
    timezone: str | None = None,
    largest_gib: float = LARGEST_GIB,
) -> tuple[gpd.GeoDataFrame, Intake]:
    """Incidents without themes and harm, and what came in, for whoever decides on it."""
    extra = checked_request(fields, crs, on_bad, keep)
    require_timezone(timezone)
    findings = Findings()
    asked = {"sheet": sheet, "header_row": header_row, "timezone": timezone}
    layer = fields.layer if fields else None
    sources = find_sources(paths, findings, largest_gib=largest_gib, layer=layer, **asked)
    read = [
        part for source in sources for part in read_source(source, fields, crs, extra, findings)
    ]
    if not read and not findings.errors:
        findings.error(
            "nothing-to-load",
            f"incidents were expected; none of {len(sources)} file(s) has a known layout.",
            mend=Mend("name-columns"),
        )
    refuse_twins(read, findings)
    tell_overlaps(read, findings)
    return settled(read, findings, fields=fields, crs=crs, on_bad=on_bad, keep=extra)


def settled(
    read: list[Part],
    findings: Findings,
    *,
    fields: FieldMap | None,
    crs: Any,
    on_bad: str,
    keep: list[str],
) -> tuple[gpd.GeoDataFrame, Intake]:
    """One table of what was read, once nothing of it is in error, and what came in."""
    findings.raise_errors()
    if on_bad == "raise":
        _raise_bad(read)
    table = once(as_table(read, crs), read, findings)
    findings.add(*systematic_faults(read), *tell_exchanged(read, crs))
    return table, Intake.of(
        read,
        findings,
        caveats_of(part.facts for part in read if len(part.frame)),
        layout=fields.name if fields else "recognised",
        crs=str(crs),
        on_bad=on_bad,
        keep=keep,
        projection=transform_accuracy(crs),
    )


def tell(intake: Intake, record: RunRecord | None) -> None:
    """What came in, to the record; where there is none, what was found is warned of."""
    if record is None:
        _warn_aloud([*intake.findings])
    else:
        intake.write_to(record)


def checked_request(
    fields: FieldMap | None, crs: Any, on_bad: str, keep: Iterable[str]
) -> list[str]:
    """Raise for arguments that mean nothing; the further columns, each once."""
    require(
        fields is None or isinstance(fields, FieldMap),
        f"`fields` must be a FieldMap; got {type(fields).__name__}.",
        mend=Mend("read-field-map"),
    )
    require(
        on_bad in ("quarantine", "raise"),
        f'`on_bad` must be "quarantine" or "raise"; got {on_bad!r}.',
    )
    require(not isinstance(keep, str), f"`keep` must be a list of columns; got the text {keep!r}.")
    require_system(crs)
    extra = list(dict.fromkeys(keep))
    own = {column.name for column in (*INCIDENTS.always, *INCIDENTS.sometimes)}
    require(
        not own & set(extra),
        f"`keep` must not name columns the table has anyway; got {sorted(own & set(extra))}.",
    )
    return extra


def refuse_twins(parts: list[Part], findings: Findings) -> None:
    """The same bytes under two names would count every incident twice."""
    first: dict[str, str] = {}  # by content, and by sheet
    for part in parts:
        name = part.source.label
        twin = first.setdefault(f"{part.digest} {part.source.part}", name)
        if twin != name and part.rows_read:
            findings.error(
                "same-file-twice",
                f"every file was expected once; it holds the same as {twin}.",
                file=name,
                mend="Remove one of the two.",
            )


def _raise_bad(parts: list[Part]) -> None:
    """Raise where a row cannot be used, or the place of one cannot."""
    findings = Findings()
    rejected = sum(len(part.rejected) for part in parts)
    faults = [found for part in parts for found in part.faults]
    if rejected:
        findings.error(
            "rejected-rows",
            f"{rejected:,} row{'s' if rejected > 1 else ''} cannot be used.",
            mend=Mend("quarantine"),
        )
    elif faults:
        rows = sum(found.rows for found in faults)
        findings.error(
            "rejected-rows",
            f"the place of {rows:,} row{'s' if rows > 1 else ''} cannot be used.",
            mend=Mend("quarantine"),
        )
    findings.add(*(replace(found, severity="error") for found in faults))
    findings.raise_errors()


def as_table(parts: list[Part], crs: Any) -> gpd.GeoDataFrame:
    """The accepted rows of all files, with points and ids."""
    parts = [part for part in parts if len(part.frame)] or parts[:1]
    frames = [with_texts(part.frame) for part in parts]
    frame = _one(frames, pd.concat)
    points = _one([part.places.points() for part in parts], np.concatenate)
    names = [numbered(part.source.name, part.frame["source_row"]) for part in parts]
    ids = _one(names, pd.concat)
    frame = frame.set_axis(pd.RangeIndex(len(frame)))
    table = gpd.GeoDataFrame(frame, geometry=gpd.array.GeometryArray(points, crs=crs))
    table.index = pd.Index(ids.array, name=INCIDENTS.index)  # last: geopandas would look names up
    return table


def _one(pieces: list[Any], join: Callable[[list[Any]], Any]) -> Any:
    return join(pieces) if len(pieces) > 1 else pieces[0]


def _warn_aloud(findings: list[Finding]) -> None:
    for finding in findings:
        if finding.severity != "note":
            warnings.warn(str(finding), stacklevel=4)


def caveats_of(facts: Iterable[Mapping[str, Any]]) -> list[Caveat]:
    """What a reader must know of files of which these are the facts."""
    known = list(facts)
    street = any(one["layout"] in STREET_CRIME for one in known)
    chosen = {
        "snapped": any(one["location_precision"] == "snapped" for one in known),
        "months": any("month" in one["time_precision"] for one in known),
        "police-uk-types": street,
        "blank-reference": any(
            one.get("blank_reference") for one in known if one["layout"] in STREET_CRIME
        ),
    }
    return [Caveat(rule) for rule, holds in chosen.items() if holds]


UNMARKED = "NOT MARKED - FOR YOUR OWN EYES"


def record_of(incidents: gpd.GeoDataFrame, title: str) -> RunRecord:
    """A record with the sources, caveats and attributions that follow from the rows.

    It knows no hashes and no rejected rows: pass ``record=`` to :func:`load_incidents` for these.
    """
    record = RunRecord(title, UNMARKED)
    open_data = published_rows(incidents)
    of_row, names = pd.factorize(incidents["source"], sort=True)
    every, nowhere, closed = (
        np.bincount(of_row[(of_row >= 0) & some], minlength=len(names)).tolist()
        for some in (True, incidents.geometry.isna().to_numpy(), ~open_data)
    )
    for name, rows, lost, shut in zip(names, every, nowhere, closed, strict=True):
        facts = {"published_record_by_record": shut == 0}
        record.sources.append(SourceFile(str(name), "", rows, rows, 0, lost, facts))
    street = incidents["offence_scheme"].eq("police_uk").any()
    chosen = {
        "snapped": incidents["location_precision"].eq("snapped").any(),
        "months": incidents["time_precision"].eq("month").any(),
        "police-uk-types": street,
    }
    record.warn_reader(*(Caveat(rule) for rule, holds in chosen.items() if holds))
    if open_data.any() and street:
        record.attribute(POLICE_UK_ATTRIBUTION)
    return record
