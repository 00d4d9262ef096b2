"""Zones made, chosen and summed; areas and zones beside one another: overlaps, ranks, shares."""

from hotspots.analysis.zones.overlaps import grid_overlaps, zones_of
from hotspots.analysis.zones.zone_totals import rank_zones, summarise_zones, zone_concentration
from hotspots.io.zones.build import corridor, rings, zone_difference, zone_union
from hotspots.io.zones.from_lists import choose_zones, zones_from_lsoas
from hotspots.io.zones.without_outline import sites, zones_from_postcodes, zones_from_streets

__all__ = [
    "choose_zones",
    "corridor",
    "grid_overlaps",
    "rank_zones",
    "rings",
    "sites",
    "summarise_zones",
    "zone_concentration",
    "zone_difference",
    "zone_union",
    "zones_from_lsoas",
    "zones_from_postcodes",
    "zones_from_streets",
    "zones_of",
]
