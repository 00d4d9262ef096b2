"""Finished tables to a page: one file for the meeting room, no network, no data in any script."""

from hotspots.maps.backdrop import OnlineTiles
from hotspots.maps.figure import plot_areas
from hotspots.maps.page import map_areas
from hotspots.maps.standalone import HotspotMap, NotVendoredError

__all__ = ["HotspotMap", "NotVendoredError", "OnlineTiles", "map_areas", "plot_areas"]
