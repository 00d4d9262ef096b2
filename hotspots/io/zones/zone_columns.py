"""The zones contract on top of what a file holds: its columns, and where its outlines lie."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import WGS84
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.core.months import clock_of
from hotspots.core.plain import one_line
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

TERM = ("valid_from", "valid_until")
ALWAYS = ("zone_name", "kind", *TERM, "status", "approximate")
CUT_SHORT = {name[:10]: name for name in (*ALWAYS, "zone_id") if len(name) > 10}
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")
TRUE, FALSE = {"true", "t", "yes", "y", "1", "1.0"}, {"false", "f", "no", "n", "0", "0.0", ""}

NOT_TAKEN = (
    *("disclosed_for", "shown", "shown_low", "shown_high"),
    *("share_of_area", "share_of_zone", "share_of_count", "share_of_harm"),
)
"""What products say of their own figures: outlines cannot say it of figures to come."""
MOST_DEGREES = 360


def zone_columns(
    raw: gpd.GeoDataFrame,
    file: str,
    kind: str | None,
    id_field: str | None,
    name_field: str | None,
    approximate: bool | None,
) -> gpd.GeoDataFrame:
    """The zones contract, every fault of the columns gathered; the file's own columns follow."""
    zones = raw.rename_geometry("geometry") if raw.geometry.name != "geometry" else raw.copy()
    zones = zones.rename(columns={s: n for s, n in CUT_SHORT.items() if n not in zones.columns})
    if id_field is None and "zone_id" not in zones.columns and "area_id" in zones.columns:
        id_field = "area_id"  # areas that the library wrote
    if name_field is None and "zone_name" not in zones.columns:
        name_field = _usual_name(zones, id_field)
        if name_field is None and len(zones) == 1:
            zones["zone_name"] = Path(file).stem
    ids, names = _identity(zones, file, id_field, name_field)
    if kind is None and "kind" not in zones.columns:
        raise InputError(
            'say what the zones are with `kind`, e.g. `kind="ward"`.', rule="zone-kind", file=file
        )
    _keep_protect_apart(zones, kind, file)
    findings = Findings()
    zones["zone_id"] = _texts(zones[ids], "an identifier", ids, findings, file)
    zones["zone_name"] = _texts(zones[names], "a name", names, findings, file)
    zones["kind"] = kind or _texts(zones["kind"], "a kind", "kind", findings, file)
    for column in TERM:
        values = zones[column] if column in zones.columns else pd.Series(None, index=zones.index)
        zones[column] = _days(values, zones["zone_name"], findings, file, column)
    _check_terms(zones, findings, file)
    zones["status"] = _status(zones)
    zones["approximate"] = _approximate(zones, approximate, findings, file)
    findings.raise_errors(DataError)
    repeated = zones["zone_id"].duplicated()
    if repeated.any():
        raise DataError(
            f"zone identifiers must be unique; {listing(zones.loc[repeated, 'zone_id'])} repeat. "
            "Choose another column with `id_field`.",
            rule="zone-id",
            file=file,
        )
    ours = {*ALWAYS, *NOT_TAKEN, "zone_id", "geometry"}
    others = [name for name in zones if name not in ours]
    return zones.set_index("zone_id")[[*ALWAYS, *others, "geometry"]]


def _usual_name(zones: gpd.GeoDataFrame, id_field: str | None) -> str | None:
    """The column called name, in whatever case, or that of an area; None where there is none."""
    found = [str(name) for name in zones.columns if str(name).casefold() == "name"]
    if id_field == "area_id":
        found += [name for name in ("place_name", "area_id") if name in zones.columns]
    return found[0] if found else None


def _keep_protect_apart(zones: gpd.GeoDataFrame, kind: str | None, file: str) -> None:
    """Another kind does not turn Protect zones into wards."""
    if kind is None or "kind" not in zones.columns or kind.casefold().startswith("protect"):
        return
    own = zones["kind"].astype(str).str.casefold()
    if own.str.startswith("protect").any():
        raise InputError(
            "it holds Protect zones, which stay a product of their own; they cannot be loaded as "
            f"{kind!r}.",
            rule="protect",
            file=file,
            mend=Mend("own-kind"),
        )


def as_day(value: Any) -> date | None:
    """A calendar day from a date, a time or text; None where there is none.

    A time has its day by its own clock; in UTC, which is nobody's, by that of London. Raises
    ValueError for anything else.

    Examples
    --------
    >>> as_day("03/04/2023"), as_day("2023-04-03T23:30:00+00:00"), as_day("")
    (datetime.date(2023, 4, 3), datetime.date(2023, 4, 4), None)
    >>> as_day("2025-02-01T00:00:00+11:00")
    datetime.date(2025, 2, 1)
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, str):
        return _day_of_text(value.strip())
    if isinstance(value, datetime):
        stamp = pd.Timestamp(value)
        universal = stamp.tz is not None and stamp.utcoffset() == timedelta(0)
        return (stamp.tz_convert(clock_of(stamp)) if universal else stamp).date()
    if isinstance(value, date):
        return value
    raise ValueError(value)


def _day_of_text(text: str) -> date | None:
    if not text or text.strip("0/- ") == "":
        return None
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return as_day(datetime.fromisoformat(text))


def _identity(
    zones: gpd.GeoDataFrame, file: str, id_field: str | None, name_field: str | None
) -> tuple[str, str]:
    """The columns of identifier and name; a name longer than Shapefile allows is cut as it is."""
    own = zones.columns.drop("geometry", errors="ignore")
    found: list[str | None] = []
    for field, usual in ((id_field, "zone_id"), (name_field, "zone_name")):
        wanted = field or usual
        options = [name for name in (wanted, wanted[:10]) if name in zones.columns]
        require(
            field is None or bool(options),
            f"there is no column {field!r}; it has {listing(own, most=30)}.",
            DataError,
            rule="missing-column",
            file=file,
        )
        found.append(options[0] if options else None)
    ids, names = found
    if names is None or (ids is None and id_field is not None):
        raise DataError(
            "say which column names the zones, with `name_field` (and `id_field`), e.g. "
            f'`name_field="NAME"`; it has {listing(own, most=30)}.',
            rule="zone-name",
            file=file,
        )
    return ids or names, names


def _texts(
    values: pd.Series, what: str, column: str, findings: Findings, file: str
) -> pd.Series | str:
    """Text without blanks around it; whole numbers without a decimal point."""
    if pd.api.types.is_float_dtype(values.dtype) and bool((values.dropna() % 1 == 0).all()):
        values = values.astype("Int64")
    texts = values.map(lambda value: one_line(str(value)).strip()).where(values.notna(), "")
    lacking = int((texts == "").sum())
    if lacking:
        findings.error(
            "zone-without-text",
            f"every zone needs {what}; column {column!r} is empty in {lacking:,} of "
            f"{len(texts):,} zones.",
            file=file,
        )
    return texts.astype(object)


def _days(
    values: pd.Series, names: pd.Series, findings: Findings, file: str, column: str
) -> pd.Series:
    days: list[date | None] = []
    for value, name in zip(values, names, strict=True):
        try:
            days.append(as_day(value))
        except ValueError:
            days.append(None)
            findings.error(
                "zone-date",
                f"the zone {name!r} must have a day such as 2023-04-01 or 01/04/2023, or nothing.",
                file=file,
                column=column,
                value=str(value)[:40],
            )
    return pd.Series(days, index=values.index, dtype=object)


def _check_terms(zones: gpd.GeoDataFrame, findings: Findings, file: str) -> None:
    for name, start, end in zones[["zone_name", *TERM]].itertuples(index=False):
        if start is not None and end is not None and end < start:
            findings.error(
                "zone-term",
                f"the zone {name!r} must end on or after the day it begins; got {start} to {end}.",
                file=file,
            )


def _status(zones: gpd.GeoDataFrame) -> pd.Series:
    if "status" not in zones.columns:
        return pd.Series(None, index=zones.index, dtype=object)
    texts = [None if pd.isna(value) else str(value).strip() or None for value in zones["status"]]
    return pd.Series(texts, index=zones.index, dtype=object)


def _approximate(
    zones: gpd.GeoDataFrame, asked: bool | None, findings: Findings, file: str
) -> pd.Series | bool:
    if asked is not None or "approximate" not in zones.columns:
        return bool(asked)
    words = zones["approximate"].map(lambda v: "" if pd.isna(v) else str(v).strip().casefold())
    unknown = sorted(set(words) - TRUE - FALSE)
    if unknown:
        findings.error(
            "zone-approximate",
            f"must be true or false for every zone; got {listing(unknown)}.",
            file=file,
            column="approximate",
        )
    return words.isin(TRUE)


def require_placed(rows: gpd.GeoDataFrame, file: str, what: str) -> None:
    """Refuse rows without a coordinate system, and metres that pass for degrees."""
    needed = " The .prj file is missing." if file.lower().endswith(".shp") else ""
    require(
        rows.crs is not None,
        f"the {what} have no coordinate system, so they cannot be placed.{needed} Save them with "
        "one (in QGIS: Export, Save features as, choose EPSG:27700).",
        DataError,
        rule="no-crs",
        file=file,
    )
    assert rows.crs is not None
    farthest = np.nanmax(np.abs(rows.total_bounds), initial=0)
    require(
        not (rows.crs.is_geographic and MOST_DEGREES < farthest < np.inf),
        f"longitude and latitude in degrees were expected, since the file names {_name(rows.crs)} "
        f"or nothing; the {what} reach {farthest:,.0f}, so they look like eastings and northings "
        "in metres. Save them with their coordinate system (in QGIS: Layer, Set CRS, then Export).",
        DataError,
        rule="metres-not-degrees",
        file=file,
    )


def require_inside(zones: gpd.GeoDataFrame, file: str) -> None:
    """Refuse zones wholly outside the area that their coordinate system is made for."""
    area = zones.crs.area_of_use if zones.crs is not None else None
    if area is None or zones.empty:
        return
    import geopandas as gpd

    bounds = zones.geometry.to_crs(WGS84).bounds.to_numpy()
    there = ~np.isnan(bounds).any(axis=1)
    away = there & ~_touches(bounds, area.bounds)
    if not away.any():
        return
    turned = shapely.transform(zones.geometry.to_numpy()[away], lambda xy: xy[:, ::-1])
    other = gpd.GeoSeries(turned, crs=zones.crs).to_crs(WGS84).bounds.to_numpy()
    ways = (bounds[away][:, [1, 0, 3, 2]], other)
    swapped = any(bool(_touches(way, area.bounds).all()) for way in ways)
    names = zones["zone_name"] if "zone_name" in zones.columns else zones.index
    raise DataError(
        f"places in the area of {_name(zones.crs)} were expected; {int(away.sum()):,} of "
        f"{len(zones):,} lie wholly outside: {listing(names[away], most=3)}. "
        + (
            "The other way round they are inside: latitude stands before longitude, or northing "
            "before easting. Save them with the axes in order (in QGIS: Swap X and Y)."
            if swapped
            else "Check the coordinate system they were saved with, or name the one of another "
            "country by `crs`."
        ),
        rule="swapped" if swapped else "outside",
        file=file,
    )


def _touches(bounds: NDArray[np.float64], area: tuple[float, ...]) -> NDArray[np.bool_]:
    west, south, east, north = area
    left, bottom, right, top = np.where(np.isfinite(bounds), bounds, np.inf).T
    return np.asarray((left <= east) & (right >= west) & (bottom <= north) & (top >= south))


def _name(crs: Any) -> str:
    return str(crs.to_string())
