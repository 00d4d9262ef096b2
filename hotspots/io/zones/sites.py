"""Point assets: venues, packs, derelict buildings, closure orders; read, and as zones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.io.zones.read import read_layer
from hotspots.io.zones.table import placed, require_distance, zone_rows
from hotspots.io.zones.zone_columns import ALWAYS, as_day, require_inside

if TYPE_CHECKING:
    import geopandas as gpd


def sites(
    points: gpd.GeoDataFrame,
    *,
    kind: str = "site",
    id_field: str | None = None,
    name_field: str | None = None,
    tier_field: str | None = None,
    radius_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Point assets (venues, packs, derelict buildings, closure orders) as a zones table.

    Parameters
    ----------
    points : GeoDataFrame
        One point a row, in metres.
    kind : str
        What they are; use "protect" for anything of the Protect product.
    id_field, name_field : str, optional
        Columns that hold identifier and name; the index by default.
    tier_field : str, optional
        Column that holds the tier; it becomes ``tier``, missing where unknown. Tiers are taken as
        given, never worked out from a capacity.
    radius_m : float, optional
        Draw each as a circle of this radius, so that incidents can be related to it. By default
        the points stay points, to measure distances from.

    Returns
    -------
    GeoDataFrame
        Zones table in the order given, with ``tier`` and the other columns of ``points``.

    Raises
    ------
    InputError
        For missing or other shapes, repeated identifiers, or no coordinate system; all at once.

    Notes
    -----
    A circle around a venue holds the street's incidents as well as the venue's.

    Examples
    --------
    >>> import geopandas as gpd
    >>> venues = gpd.GeoDataFrame({"venue": ["Hall"], "class": ["A"]},
    ...     geometry=gpd.points_from_xy([429000], [433000], crs=27700))
    >>> halls = sites(venues, name_field="venue", tier_field="class")
    >>> halls[["zone_name", "tier"]].iloc[0].tolist()
    ['Hall', 'A']
    """
    require_metres(points, "points")
    findings = Findings()
    ids, names, tiers = (
        _column(points, field, findings) for field in (id_field, name_field, tier_field)
    )
    labels = points.index.astype(str).tolist() if ids is None else ids
    _check(points, labels, findings)
    table = zone_rows(labels, names or labels, kind, **_dates_and_status(points))
    table["tier"] = pd.Series(tiers, table.index, dtype=object)
    others = points.drop(columns=[points.geometry.name, *ALWAYS, "tier"], errors="ignore")
    table = pd.concat([table, others.set_axis(table.index)], axis=1)
    shapes = points.geometry
    if radius_m is not None:
        require_distance(radius_m, "radius_m")
        shapes = shapes.buffer(radius_m)
    return placed(table, shapes.to_numpy(), points.crs)


def load_points(
    path: str | Path,
    *,
    kind: str,
    layer: str | None = None,
    id_field: str | None = None,
    tier_field: str | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
) -> gpd.GeoDataFrame:
    """Points of a vector file with the columns they have, by their identifiers.

    Parameters
    ----------
    path : path
        Any vector file GDAL reads.
    kind : str
        What they are; use "protect" for anything of the Protect product.
    layer : str, optional
        Layer of a GeoPackage.
    id_field : str, optional
        Column that holds the identifier; the number of the row without one.
    tier_field : str, optional
        Column that holds the tier; it becomes ``tier``. Tiers are taken as given.
    crs : optional
        Metric coordinate system of the result.

    Returns
    -------
    GeoDataFrame
        In the order of the file, with ``kind``.

    Raises
    ------
    DataError
        For a file that cannot be read or has no coordinate system, columns that are not there, and
        rows without an identifier.
    """
    file = Path(path)
    points = read_layer(file, layer, what="points").to_crs(crs)
    require_inside(points, file.name)
    own = [name for name in points.columns if name != points.geometry.name]
    lost = {field for field in (id_field, tier_field) if field is not None} - set(own)
    require(
        not lost,
        f"{file.name}: there is no column {listing(lost)}; it has {listing(own, most=30)}.",
        DataError,
    )
    if tier_field is not None:
        points["tier"] = points.pop(tier_field)
    labelled = _labelled(points, id_field, file.name).assign(kind=kind)
    return labelled if points.geometry.name == "geometry" else labelled.rename_geometry("geometry")


def _labelled(points: gpd.GeoDataFrame, id_field: str | None, file: str) -> gpd.GeoDataFrame:
    """Points by their identifiers, else by the number of their row."""
    if id_field is None:
        return points.set_index(pd.RangeIndex(1, len(points) + 1, name="row"))
    lacking = int(points[id_field].isna().sum())
    require(
        not lacking,
        f"{file}: every row needs an identifier; {id_field!r} is empty in {lacking:,} of "
        f"{len(points):,}.",
        DataError,
    )
    return points.set_index(id_field)


def _check(points: gpd.GeoDataFrame, labels: list[Any], findings: Findings) -> None:
    bad = int((~points.geom_type.eq("Point") | points.geometry.is_empty).sum())
    if bad:
        findings.error(
            "site-without-point",
            f"`points` must hold one point a row; {bad:,} of {len(points):,} rows hold none.",
        )
    repeated = pd.Index(labels).duplicated()
    if repeated.any():
        findings.error(
            "site-id",
            f"sites need unique identifiers; {listing(set(pd.Index(labels)[repeated]))} repeat.",
        )
    findings.raise_errors(InputError)


def _dates_and_status(points: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    given: dict[str, list[Any]] = {
        name: [as_day(value) for value in points[name]]
        for name in ("valid_from", "valid_until")
        if name in points.columns
    }
    if "status" in points.columns:
        given["status"] = [None if pd.isna(value) else str(value) for value in points["status"]]
    return given


def _column(points: gpd.GeoDataFrame, field: str | None, findings: Findings) -> Any:
    if field is None:
        return None
    if field not in points.columns:
        findings.error(
            "missing-column",
            f"`points` has no column {field!r}; it has {listing(points.columns, most=30)}.",
        )
        return None
    return [None if pd.isna(value) else str(value).strip() for value in points[field]]
