"""Zones made from other things: corridors, rings, unions, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import numbers_of, size_of
from hotspots.core.crs import require_metres, require_same_crs
from hotspots.core.errors import InputError, listing, require
from hotspots.core.tables import ZONES, require_table
from hotspots.io.zones.table import (
    SMALLEST_ZONE_M2,
    no_zones,
    one_zone,
    polygons_only,
    shared_columns,
)

if TYPE_CHECKING:
    import geopandas as gpd

LINES = (1, 2, 5)


def corridor(
    route: gpd.GeoDataFrame | gpd.GeoSeries,
    width_m: float,
    *,
    zone_id: str = "corridor",
    zone_name: str = "Corridor",
) -> gpd.GeoDataFrame:
    """Everything within half a width of a route, as one zone.

    Parameters
    ----------
    route : GeoDataFrame or GeoSeries
        One or more lines in metres, together the route.
    width_m : float
        Width from edge to edge; the corridor reaches half of it to either side.
    zone_id, zone_name : str
        What to call it.

    Returns
    -------
    GeoDataFrame
        Zones table with one row.

    Raises
    ------
    InputError
        For a route without coordinate system, without lines or without length, or a width that is
        not above zero.

    Notes
    -----
    On snapped data a corridor narrower than about 100 m loses what was moved to a side street.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import LineString
    >>> route = gpd.GeoSeries([LineString([(0, 0), (1000, 0)])], crs=27700)
    >>> float(corridor(route, 120).area.iloc[0])
    120000.0
    """
    width_m = size_of(width_m, "width_m")
    lines = _drawn(route)
    require(
        bool(np.isin(shapely.get_type_id(lines), LINES).all()) and shapely.length(lines).sum() > 0,
        "`route` must be one or more lines with a length; got "
        f"{listing({shape.geom_type for shape in lines}) or 'nothing'}.",
    )
    path = shapely.line_merge(shapely.union_all(lines))
    shape = shapely.buffer(path, width_m / 2, cap_style="flat")
    return one_zone(shape, route.crs, zone_id=zone_id, zone_name=zone_name, kind="corridor")


def rings(
    zones: gpd.GeoDataFrame,
    rings_m: Sequence[float],
    *,
    within: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Rings around zones together, outside every zone, to look for displacement.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    rings_m : sequence of float
        Outer edges in rising order: ``[250, 500]`` makes 0-250 m and 250-500 m.
    within : GeoDataFrame, optional
        Study area; the rings are cut at its boundary.

    Returns
    -------
    GeoDataFrame
        Zones table of kind "ring". The ``zone_id`` is that of the zone and the edges
        (``"pspo-01-ring-0-250"``), or only the edges around several zones; dates are those the
        zones share. A ring without ground is left out.

    Raises
    ------
    InputError
        For edges that do not rise from above zero, or zones without coordinate system.

    Notes
    -----
    A fall in the ring is diffusion, a rise may be displacement; or neither, if the ring holds a
    place of its own. An incident exactly on an edge lies in both zones that share it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> square = gpd.GeoDataFrame({"zone_name": ["Square"], "kind": ["pspo"],
    ...     "approximate": [False]}, index=["p1"], geometry=[box(0, 0, 100, 100)], crs=27700)
    >>> rings(square, [250, 500]).index.tolist()
    ['p1-ring-0-250', 'p1-ring-250-500']
    """
    require_table(zones, ZONES, argument="zones", only=["zone_name", "approximate", "geometry"])
    bands = list(pairwise(ring_edges(rings_m)))
    require(bool(bands), "`rings_m` must be one distance or more; got none.")
    if within is not None:
        require_same_crs(zones, within, ("zones", "within"))
    whole = taken = zones.geometry.union_all()
    found = []
    for inner, outer in bands if len(zones) else []:
        shape = shapely.difference(shapely.buffer(whole, outer, quad_segs=32), taken)
        taken = shapely.union(taken, shape)
        if within is not None:
            shape = shapely.intersection(shape, within.geometry.union_all())
        drawn = polygons_only(shape)
        if shapely.area(drawn) >= SMALLEST_ZONE_M2:
            found.append(_ring(zones, drawn, inner, outer))
    return pd.concat(found) if found else no_zones(zones.crs)


def ring_edges(rings_m: Sequence[float]) -> list[float]:
    """Inner and outer edges of rings: rising from zero."""
    reach = numbers_of(rings_m, "rings_m")
    edges: list[float] = [0.0, *reach.ravel().tolist()]
    require(
        reach.ndim == 1 and all(outer > inner for inner, outer in pairwise(edges)),
        f"`rings_m` must be rising distances above zero, e.g. [250, 500]; got {edges[1:]!r}.",
    )
    return edges


def zone_union(
    zones: gpd.GeoDataFrame, *, zone_id: str, zone_name: str, kind: str | None = None
) -> gpd.GeoDataFrame:
    """Several zones as one.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    zone_id, zone_name : str
        What to call the whole.
    kind : str, optional
        By default the kind of the zones, where they share one.

    Returns
    -------
    GeoDataFrame
        Zones table with one row; dates only where all zones share them, approximate where any is.

    Raises
    ------
    InputError
        For no zones, or zones of several kinds without ``kind=``.

    Notes
    -----
    Ground in two zones counts once, so the area can be less than the sum.

    Examples
    --------
    >>> import hotspots as hs
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> pair = zone_union(wards.iloc[:2], zone_id="two", zone_name="Two wards")
    >>> bool(abs(pair.area.iloc[0] / wards.area.iloc[:2].sum() - 1) < 1e-6)
    True
    """
    require_table(zones, ZONES, argument="zones")
    kinds = sorted(set(zones["kind"].astype(str)))
    require(len(zones) > 0, "`zones` must hold at least one zone to unite; got none.")
    require(
        kind is not None or len(kinds) == 1,
        f"`kind` must be given to unite zones of several kinds; got {listing(kinds)}.",
    )
    return one_zone(
        zones.geometry.union_all(),
        zones.crs,
        zone_id=zone_id,
        zone_name=zone_name,
        kind=kinds[0] if kind is None else kind,
        **shared_columns(zones),
    )


def zone_difference(zones: gpd.GeoDataFrame, without: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What is left of zones when others are taken out: all but the night-time economy.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    without : GeoDataFrame
        Zones whose union is taken out.

    Returns
    -------
    GeoDataFrame
        Zones table, ``-rest`` added to each ``zone_id``, and to each name what was taken out; a
        zone that is covered wholly is left out.

    Raises
    ------
    InputError
        For tables without coordinate system, or in different ones.

    Notes
    -----
    An incident exactly on the common border lies both in the rest and in what was taken out.

    Examples
    --------
    >>> import hotspots as hs
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> rest = zone_difference(city, wards[wards["zone_name"].eq("Armley")])
    >>> rest["zone_name"].tolist()
    ['Leeds without Armley']
    """
    require_table(zones, ZONES, argument="zones")
    require_table(without, ZONES, argument="without", only=["zone_name", "geometry"])
    require_same_crs(zones, without, ("zones", "without"))
    taken = without.geometry.union_all()
    left = polygons_only(shapely.difference(np.asarray(zones.geometry.array), taken))
    names = sorted(without["zone_name"].astype(str))
    said = " and ".join(names) if len(names) <= 2 else f"{len(names)} zones"
    rest = zones.set_geometry(left, crs=zones.crs)
    rest["zone_name"] = rest["zone_name"].astype(object) + (f" without {said}" if said else "")
    if "approximate" in without.columns and without["approximate"].eq(True).any():
        rest["approximate"] = True
    rest.index = pd.Index([f"{label}-rest" for label in zones.index], name="zone_id", dtype=object)
    kept: gpd.GeoDataFrame = rest[shapely.area(left) >= SMALLEST_ZONE_M2]
    return kept


def _ring(zones: gpd.GeoDataFrame, shape: Any, inner: float, outer: float) -> gpd.GeoDataFrame:
    alone = len(zones) == 1
    stem = f"{zones.index[0]}-" if alone else ""
    around = f" around {zones['zone_name'].iloc[0]}" if alone else ""
    return one_zone(
        shape,
        zones.crs,
        zone_id=f"{stem}ring-{inner:g}-{outer:g}",
        zone_name=f"{inner:g}-{outer:g} m{around}",
        kind="ring",
        **shared_columns(zones),
    )


def _drawn(route: gpd.GeoDataFrame | gpd.GeoSeries) -> Any:
    """The shapes of a route in metres, missing and empty ones left out."""
    import geopandas as gpd

    if not isinstance(route, (gpd.GeoDataFrame, gpd.GeoSeries)):
        raise InputError(
            f"`route` must be a GeoDataFrame or GeoSeries; got {type(route).__name__}."
        )
    require_metres(route, "route")
    shapes = route.geometry
    return np.asarray(shapes[~(shapes.isna() | shapes.is_empty)].array)
