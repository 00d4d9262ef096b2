"""The places of one file: from the columns a field map names, whatever they are written in."""

from __future__ import annotations

from typing import Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import Finding, Findings
from hotspots.io.incidents.default_point import without_default_point
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.one_column_places import Positions, split_grid_references
from hotspots.io.incidents.parse_coordinates import Places, parse_places
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.row_faults import Faults


def places_of(
    cells: dict[str, Texts], layout: FieldMap, crs: Any, faults: Faults, noted: Findings
) -> Places:
    """Where every row is, without default points; what is no place is a fault of the place."""
    names, pair = _pair(cells, layout, crs, faults, noted)
    of_the_grid = layout.grid_reference is not None
    places = parse_places(
        pair.first,
        pair.second,
        degrees=pair.degrees,
        crs=crs,
        source_crs=BRITISH_NATIONAL_GRID if of_the_grid else layout.coordinate_system or crs,
        names=names,
        faults=faults,
        findings=noted,
    )
    places, told = without_default_point(places, cells.get("place_name"), crs, faults)
    if told is not None:
        noted.add(told)
    return places


def precision_of(layout: FieldMap) -> str:
    """A grid reference names a square, not a place, unless the map says how fine it is."""
    unsaid = layout.location_precision == "unknown" and layout.grid_reference is not None
    return "snapped" if unsaid else layout.location_precision


def _pair(
    cells: dict[str, Texts], layout: FieldMap, crs: Any, faults: Faults, noted: Findings
) -> tuple[tuple[str, str], Positions]:
    """The two columns of a place, with their names; one column is taken apart."""
    if layout.grid_reference is not None:
        corner = split_grid_references(cells["grid_reference"])
        return (layout.grid_reference,) * 2, Positions(*corner, degrees=False)
    if layout.position is not None:
        pair = Positions.of(cells["position"], layout.coordinate_system or crs)
        if pair.read_as:
            rows = int(np.count_nonzero(~cells["position"].blank))
            noted.add(
                Finding.of(
                    "position-read",
                    "note",
                    said={"rows": rows, "read": pair.read_as},
                    file=faults.file,
                    column=layout.position,
                    rows=rows,
                )
            )
        return (layout.position,) * 2, pair
    first, second = ("longitude", "latitude") if layout.longitude else ("easting", "northing")
    degrees = layout.longitude is not None
    pair = Positions(cells[first], cells[second], degrees)
    return (layout.columns[first], layout.columns[second]), pair
