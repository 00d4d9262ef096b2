"""Finished tables to a page: one file for the meeting room, no network, no data in any script."""

from hotspots.report.map.backdrop import OnlineTiles
from hotspots.report.map.figure import plot_areas
from hotspots.report.map.page import map_areas

__all__ = ["OnlineTiles", "map_areas", "plot_areas"]
