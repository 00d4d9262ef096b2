"""Rows of a zones table: made from shapes, mended, in force in a term."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import text_of
from hotspots.core.errors import DataError, Findings, require
from hotspots.core.tables import TILING_KINDS
from hotspots.io.zones.zone_columns import ALWAYS, as_day

if TYPE_CHECKING:
    import geopandas as gpd


def one_zone(
    shape: Any,
    crs: Any,
    *,
    zone_id: str,
    zone_name: str,
    kind: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    status: str | None = None,
    approximate: bool = False,
) -> gpd.GeoDataFrame:
    """A zones table with one row."""
    table = zone_rows(
        [zone_id],
        [zone_name],
        kind,
        valid_from=[valid_from],
        valid_until=[valid_until],
        status=[status],
        approximate=approximate,
    )
    return repaired(placed(table, [shape], crs), Findings())


def zone_rows(ids: Any, names: Any, kind: str, **columns: Any) -> pd.DataFrame:
    """The always-there columns without shapes; what is not given is missing."""
    text_of(kind, "kind")
    index = pd.Index(list(ids), name="zone_id", dtype=object)
    table = pd.DataFrame({"zone_name": list(names), "kind": kind}, index=index)
    for name in ALWAYS[2:]:
        value = columns.get(name, False if name == "approximate" else None)
        table[name] = value if name == "approximate" else pd.Series(value, index, dtype=object)
    return table


def placed(table: pd.DataFrame, shapes: Any, crs: Any) -> gpd.GeoDataFrame:
    """The rows with their shapes."""
    import geopandas as gpd

    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs)


def no_zones(crs: Any) -> gpd.GeoDataFrame:
    """A zones table without rows."""
    table = zone_rows([], [], "ring").astype({"approximate": bool})
    return placed(table, [], crs)


def shared_columns(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Dates and status where all zones have the same; approximate where any is."""
    shared: dict[str, Any] = {"approximate": bool(zones["approximate"].eq(True).any())}
    for name in ("valid_from", "valid_until", "status"):
        if name in zones.columns:
            values = {None if pd.isna(value) else value for value in zones[name]}
            value = values.pop() if len(values) == 1 else None
            shared[name] = as_day(value) if name != "status" else value
    return shared


def polygons_only(shapes: Any) -> Any:
    """Only the polygons of a result: where shapes touch, lines and points come along."""

    def only(shape: Any) -> Any:
        if shape is None or shape.geom_type in ("Polygon", "MultiPolygon"):
            return shape
        return shapely.union_all([p for p in shapely.get_parts(shape) if "Polygon" in p.geom_type])

    return np.array([only(s) for s in shapes]) if isinstance(shapes, np.ndarray) else only(shapes)


SMALLEST_ZONE_M2 = 1.0
OVERLAP_SHARE = 0.01
HAIRLINE_M = 0.1
MOST_CROSSINGS, SIDES_AT_ONCE = 5_000, 500
POLYGONS = (3, 6)


def repaired(
    zones: gpd.GeoDataFrame, findings: Findings, *, file: str | None = None
) -> gpd.GeoDataFrame:
    """Outlines that are valid flat polygons; repairs noted, hopeless ones refused together."""
    outlines = shapely.force_2d(np.asarray(zones.geometry.array))
    outlines[~np.isfinite(shapely.bounds(outlines)).all(axis=-1)] = None
    polygons = np.isin(shapely.get_type_id(outlines), POLYGONS)
    crossing = polygons & ~shapely.is_valid(outlines)
    _require_mendable(outlines[crossing], zones["zone_name"][crossing], file)
    outlines[crossing] = shapely.make_valid(
        outlines[crossing], method="structure", keep_collapsed=False
    )
    for name in zones["zone_name"][crossing]:
        findings.warn(
            "zone-repaired",
            f"the outline of {name!r} crosses itself and was repaired; check it against the plan.",
            file=file,
        )
    without_area = ~polygons | (shapely.area(outlines) < SMALLEST_ZONE_M2)
    for name, shape in zip(zones["zone_name"][without_area], outlines[without_area], strict=True):
        nothing = shape is None or shape.is_empty
        came = "nothing, or a ring that is none" if nothing else shape.geom_type
        findings.error(
            "zone-without-area",
            f"the zone {name!r} must be a polygon with an area, whose rings end where they start; "
            f"got {came}. Draw it, or leave it out of the file.",
            file=file,
        )
    findings.raise_errors(DataError)
    closed = np.array([_without_hairlines(shape) for shape in outlines], dtype=object)
    for name in zones["zone_name"][closed != outlines]:
        findings.warn(
            "zone-hairlines",
            f"the outline of {name!r} had gaps thinner than {HAIRLINE_M * 100:.0f} cm, as joined "
            "neighbours leave; they were closed.",
            file=file,
        )
    return zones.set_geometry(closed, crs=zones.crs)


def _without_hairlines(shape: Any) -> Any:
    """The outline without holes that have no width; itself where it has none."""
    parts = shapely.get_parts(shape)
    holes = shapely.get_num_interior_rings(parts)
    closed = parts.copy()
    for at in np.flatnonzero(holes):
        rings = np.array([shapely.get_interior_ring(parts[at], hole) for hole in range(holes[at])])
        width_m = 2 * shapely.area(shapely.polygons(rings)) / shapely.length(rings)
        if (width_m < HAIRLINE_M).any():
            edge = shapely.get_exterior_ring(parts[at])
            closed[at] = shapely.polygons(edge, rings[width_m >= HAIRLINE_M])
    if all(one is other for one, other in zip(closed, parts, strict=True)):
        return shape
    return closed[0] if len(closed) == 1 else shapely.multipolygons(closed)


def _require_mendable(outlines: Any, names: Any, file: str | None) -> None:
    """Refuse outlines that cross themselves so often that no repair would end, or mean anything."""
    for name, shape in zip(names, outlines, strict=True):
        xy, ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
        sides = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]])
        tree, found = shapely.STRtree(sides), 0
        for part in np.array_split(sides, len(sides) // SIDES_AT_ONCE + 1):
            found += len(tree.query(part, predicate="crosses")[0]) // 2
            require(
                found <= MOST_CROSSINGS,
                f"the outline of {name!r} crosses itself more than {MOST_CROSSINGS:,} times. Draw "
                "it anew, or leave it out of the file.",
                DataError,
                rule="zone-tangled",
                file=file,
            )


def note_elsewhere(
    zones: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame,
    findings: Findings,
    *,
    file: str | None = None,
) -> None:
    """Zones that do not touch the study area."""
    away = zones[~zones.intersects(within.geometry.union_all())]
    for name in away["zone_name"]:
        findings.warn(
            "zone-elsewhere",
            f"the zone {name!r} lies outside the study area and will hold no incident of it; "
            "check its coordinate system.",
            file=file,
        )


def note_overlaps(zones: gpd.GeoDataFrame, findings: Findings, *, file: str | None = None) -> None:
    """Zones of a kind that should tile, but overlap: incidents there count in the first by id."""
    tiles = zones[zones["kind"].isin(TILING_KINDS)]
    shapes = np.asarray(tiles.geometry.array)
    one, other = tiles.sindex.query(tiles.geometry, predicate="overlaps")
    inner, outer = tiles.sindex.query(tiles.geometry, predicate="within")
    one, other = np.append(one, inner), np.append(other, outer)
    apart = (one != other) & (tiles["kind"].to_numpy()[one] == tiles["kind"].to_numpy()[other])
    pairs = sorted({tuple(sorted(pair)) for pair in zip(one[apart], other[apart], strict=True)})
    for first, second in pairs:
        common = shapely.area(shapely.intersection(shapes[first], shapes[second]))
        smaller = min(shapely.area(shapes[first]), shapely.area(shapes[second]))
        if common > OVERLAP_SHARE * smaller:
            names = tiles["zone_name"].iloc[[first, second]].tolist()
            findings.warn(
                "zones-overlap",
                f"{names[0]!r} and {names[1]!r} overlap by {common:,.0f} m2, though zones of the "
                f"kind {tiles['kind'].iloc[first]!r} should not; what lies there counts in "
                f"{names[0]!r} only.",
                file=file,
            )
