"""Outlines of zones: repaired, refused, or remarked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import DataError, Findings
from hotspots.core.tables import TILING_KINDS

if TYPE_CHECKING:
    import geopandas as gpd

SMALLEST_ZONE_M2 = 1.0
OVERLAP_SHARE = 0.01
POLYGONS = (3, 6)


def repaired(
    zones: gpd.GeoDataFrame, findings: Findings, *, file: str | None = None
) -> gpd.GeoDataFrame:
    """Outlines that are valid flat polygons; repairs noted, hopeless ones refused together."""
    import shapely

    outlines = shapely.force_2d(np.asarray(zones.geometry.array))
    polygons = np.isin(shapely.get_type_id(outlines), POLYGONS)
    crossing = polygons & ~shapely.is_valid(outlines)
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
        came = "nothing" if shape is None or shape.is_empty else shape.geom_type
        findings.error(
            "zone-without-area",
            f"the zone {name!r} must be a polygon with an area; got {came}. Draw it, or leave it "
            "out of the file.",
            file=file,
        )
    findings.raise_errors(DataError)
    return zones.set_geometry(outlines, crs=zones.crs)


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
    import shapely

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
