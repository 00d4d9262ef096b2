"""A frame in memory in, one incidents table out: the cells of a file, judged by the same rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hotspots.core.arguments import has_record
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.core.months import require_timezone
from hotspots.core.tables import INCIDENTS
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.column_kinds import SCHEMES, Sample
from hotspots.io.incidents.field_map import PLACES, POLICE_UK, FieldMap, recognise
from hotspots.io.incidents.find_files import FileToRead
from hotspots.io.incidents.guess_field_map import guess_fields
from hotspots.io.incidents.load import checked_request, settled, tell
from hotspots.io.incidents.meaning import AUTO, with_meaning
from hotspots.io.incidents.parse_file import Part, read_opened
from hotspots.io.incidents.read_binary import Opened, opened_frame

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.offences.harm_scale import HarmScale
    from hotspots.offences.themes import Themes

PAIRS = (("easting", "northing"), ("longitude", "latitude"))
TIMES = ("month", "date", "time", "from_date", "from_time", "until_date", "until_time")
MOSTLY = 0.5


def incidents_from_frame(
    frame: pd.DataFrame,
    *,
    offence: str | None = None,
    when: str | None = None,
    until: str | None = None,
    easting: str | None = None,
    northing: str | None = None,
    longitude: str | None = None,
    latitude: str | None = None,
    offence_scheme: str | None = None,
    place_name: str | None = None,
    reference: str | None = None,
    domestic: str | None = None,
    fields: FieldMap | None = None,
    crs: Any = None,
    record: RunRecord | None = None,
    on_bad: str = "quarantine",
    keep: Iterable[str] = (),
    themes: Themes | str | None = AUTO,
    harm_scale: HarmScale | str | None = AUTO,
    timezone: str | None = None,
    name: str = "frame",
) -> gpd.GeoDataFrame:
    """Incidents of a frame in memory; every row is judged and accounted for as that of a file.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        One row an incident. It is left as it is.
    offence : str, optional
        Column with the offence. Where neither columns nor ``fields`` are named, the layout of
        data.police.uk is recognised, and any other guessed, which is a warning.
    when, until : str, optional
        Columns with the time, or its start and its end: dates, times or texts; or with months.
    easting, northing, longitude, latitude : str, optional
        Columns with the place, in metres of ``crs`` or in degrees. By default the geometry of a
        GeoDataFrame, reprojected.
    offence_scheme : str, optional
        ``"police_uk"``, ``"home_office"`` or a name of one's own; by default the one whose words or
        codes most offences are, else ``"own"``.
    place_name, reference, domestic : str, optional
        Columns with the street or place, the source's reference, a domestic flag.
    fields : FieldMap, optional
        All that a field map can say; columns named here take the place of its own.
    crs : optional
        Projected system in metres of the result; the British National Grid by default.
    record : RunRecord, optional
        Written to, as by :func:`load_incidents`.
    on_bad, keep, timezone : optional
        As for :func:`load_incidents`.
    themes, harm_scale : optional
        What to tag and weigh by; by default the bundled ones of a scheme that is known, told among
        the choices of the record. None does neither. See :func:`load_incidents`.
    name : str
        What the frame is called among the sources.

    Returns
    -------
    GeoDataFrame
        Incidents table. Its index is that of the frame, where that tells rows apart; otherwise
        ``"frame:3"`` is the third row. ``source_row`` counts from 1.

    Raises
    ------
    InputError
        Where what is needed was not named, or is no column.
    DataError
        With every finding, as :func:`load_incidents`.

    Notes
    -----
    Misleads where the frame was cleaned before it came: rows that were dropped there are in no
    account here.

    References
    ----------
    The rules are those of :func:`load_incidents`.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"code": ["Anti-social behaviour", "Drugs"], "day": "2018-07-03",
    ...                     "x": [429_790, 429_900], "y": [433_805, 433_700]}, index=["a", "b"])
    >>> incidents = incidents_from_frame(log, offence="code", when="day", easting="x", northing="y")
    >>> incidents["theme_asb"].to_dict(), incidents["offence_scheme"].unique().tolist()
    ({'a': True, 'b': False}, ['police_uk'])
    """
    system = BRITISH_NATIONAL_GRID if crs is None else crs
    has_record(record)
    extra = checked_request(fields, system, on_bad, keep)
    require_timezone(timezone)
    _require_frame(frame)
    findings = Findings()
    given = {
        "offence": offence, "easting": easting, "northing": northing, "longitude": longitude,
        "latitude": latitude, "place_name": place_name, "reference": reference,
        "domestic": domestic,
    }  # fmt: skip
    named = {role: str(column) for role, column in given.items() if column is not None}
    opened = opened_frame(_as_used(frame, fields, named), system)
    times = _times(opened, when, until)
    layout = _layout(opened, name, fields, named | times, offence_scheme, system, findings)
    part = _part(opened, layout, name, timezone, system, extra, findings)
    table, intake = settled(
        [] if part is None else [part], findings,
        fields=layout, crs=system, on_bad=on_bad, keep=extra,
    )  # fmt: skip
    tell(intake, record)
    return with_meaning(
        _indexed(table, frame), record, themes=themes, harm_scale=harm_scale,
        rejected=len(intake.rejected),
    )  # fmt: skip


def _require_frame(frame: pd.DataFrame) -> None:
    require(
        isinstance(frame, pd.DataFrame),
        f"`frame` must be a DataFrame or a GeoDataFrame; got {type(frame).__name__}.",
    )
    require(
        frame.columns.nlevels == 1,
        f"`frame` must have one name a column; its columns have {frame.columns.nlevels} levels.",
    )


def _as_used(frame: pd.DataFrame, fields: FieldMap | None, named: dict[str, str]) -> pd.DataFrame:
    """The frame, without a geometry where places are in columns."""
    in_columns = any(one in named for pair in PAIRS for one in pair)
    in_columns |= fields is not None and not fields.geometry
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    if in_columns or frame.active_geometry_name is None:
        return pd.DataFrame(frame)
    require(
        frame.crs is not None,
        "`frame` must have a coordinate system, since places are taken from its geometry; it has "
        "none.",
        mend=Mend("set-system"),
    )
    return frame


def _times(opened: Opened, when: str | None, until: str | None) -> dict[str, str]:
    """What the named columns of time hold: a month, a day or moment, or a start and an end."""
    if when is None:
        require(until is None, f"`until` needs `when`, the start; got {until!r} alone.")
        return {}
    if until is not None:
        return {"from_date": str(when), "until_date": str(until)}
    held = _sample(opened, str(when), "when")
    return {"month" if held.months > MOSTLY else "date": str(when)}


def _sample(opened: Opened, column: str, argument: str) -> Sample:
    """The texts of a column that was named."""
    require(
        column in opened.header,
        f"`{argument}` must be a column of `frame`; {column!r} is none of "
        f"{listing(opened.header, most=20)}.",
    )
    place = opened.header.index(column)
    return Sample(column, place, opened.read([place]).cells[place])


def _layout(
    opened: Opened,
    name: str,
    fields: FieldMap | None,
    named: dict[str, str],
    offence_scheme: str | None,
    crs: Any,
    findings: Findings,
) -> FieldMap:
    """The field map that follows from what was named, from a map, or from the frame itself."""
    if fields is None and not named:
        return _recognised(opened, name, offence_scheme, crs, findings)
    for argument, column in named.items():
        _sample(opened, column, argument)
    said = (
        {} if fields is None else {one.name: getattr(fields, one.name) for one in fields_of(fields)}
    )
    if any(one in named for pair in PAIRS for one in pair):
        said = {key: value for key, value in said.items() if key not in (*PLACES, "geometry")}
    elif fields is None:
        said["geometry"] = opened.has_geometry
    if any(one in named for one in TIMES):
        said = {key: value for key, value in said.items() if key not in TIMES}
    if "offence" in named:
        said |= {"offence_is": None}
        if fields is None:
            said["offence_scheme"] = _scheme(_sample(opened, named["offence"], "offence"))
    if offence_scheme is not None:
        said["offence_scheme"] = offence_scheme
    said = {"name": name, **said, **named}
    _require_named(said, opened)
    return FieldMap(**said)


def _require_named(said: dict[str, Any], opened: Opened) -> None:
    """Raise for what is needed and was not named, all of it at once."""
    placed = said.get("geometry") or any(said.get(one) for one in PLACES)
    missing = [
        argument
        for argument, there in {
            "`offence`": said.get("offence") or said.get("offence_is"),
            "`when`": any(said.get(one) for one in ("month", "date", "from_date")),
            "`easting` and `northing`, or `longitude` and `latitude`": placed,
        }.items()
        if not there
    ]
    if missing:
        raise InputError(
            f"an incident needs an offence, a time and a place; name {', '.join(missing)}. The "
            f"frame has {listing(opened.header, most=20)}.",
            rule="not-named",
        )


def _recognised(
    opened: Opened, name: str, offence_scheme: str | None, crs: Any, findings: Findings
) -> FieldMap:
    """The layout of a frame of which nothing was said: a known one, else a guess."""
    if recognise(opened.header) == POLICE_UK:
        return FieldMap.police_uk()
    cells = opened.read(range(len(opened.header))).cells
    guess = guess_fields(name, opened.header, cells, geometry=opened.has_geometry, crs=crs)
    if guess.fields is None:
        why = "; ".join(f"{what}: {reason}" for what, reason in guess.missing.items())
        raise DataError(
            f"no field map could be guessed ({why}).",
            rule="unknown-layout", file=name, mend=Mend("name-columns"),
        )  # fmt: skip
    chosen = ", ".join(f"{what} = {column!r}" for what, column in guess.fields.columns.items())
    findings.warn("fields-guessed", f"the columns were guessed: {chosen}.", file=name)
    findings.add(*(replace(doubt, file=name) for doubt in guess.doubts))
    if offence_scheme is None:
        return guess.fields
    return replace(guess.fields, offence_scheme=offence_scheme)


def _scheme(sample: Sample) -> str:
    """The scheme whose words or codes most offences are."""
    known = {scheme: sample.known(scheme) for scheme in SCHEMES}
    best = max(known, key=lambda scheme: known[scheme])
    return best if known[best] >= MOSTLY else "own"


def _part(
    opened: Opened,
    layout: FieldMap,
    name: str,
    timezone: str | None,
    crs: Any,
    keep: list[str],
    findings: Findings,
) -> Part | None:
    """The frame read as a file would be; its hash is that of the texts that were read."""
    columns = (opened.layout(layout) or layout).columns.values()
    data = b"".join(
        "\n".join(opened.read([place]).cells[place].series().tolist()).encode()
        for place, column in enumerate(opened.header)
        if column in columns or column in keep
    )
    source = FileToRead(name, Path("frame"), True, lambda: data).asked(None, timezone=timezone)
    return read_opened(source, data, opened, layout, crs, keep, findings)


def _indexed(table: gpd.GeoDataFrame, frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """The table under the labels of the frame, where these tell all rows apart."""
    labels = frame.index
    if labels.nlevels > 1 or labels.hasnans or not labels.is_unique:
        return table
    own = labels.take(table["source_row"].to_numpy() - 1)
    return table.set_axis(own.rename(INCIDENTS.index))
