"""Grids: bundles of choices that turn points into cells and a study area into all its cells.

A grid is asked four things: which cell a point is in, which cells touch an area, what a cell looks
like, and which cells lie side by side. Cells are named by text, so that every grid makes the same
kind of table.
"""

from hotspots.core.grids.adjacency import Grid
from hotspots.core.grids.h3 import H3Grid
from hotspots.core.grids.national import HexGrid, SquareGrid
from hotspots.core.grids.polygons import PolygonCells
from hotspots.core.grids.registry import grid_named, study_area
from hotspots.core.grids.street_segments import StreetSegments

__all__ = [
    "Grid",
    "H3Grid",
    "HexGrid",
    "PolygonCells",
    "SquareGrid",
    "StreetSegments",
    "grid_named",
    "study_area",
]
