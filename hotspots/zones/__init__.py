"""Zones: wards, orders, districts and whatever else has a boundary, a name and dates.

Zones of one kind may overlap, except those that tile a district (wards, statistical areas): there
a place on a shared border belongs to the zone that comes first by ``zone_id``, so totals add up.
"""

from hotspots.zones.assets import sites
from hotspots.zones.building import corridor, rings, zone_difference, zone_union
from hotspots.zones.concentration import zone_concentration
from hotspots.zones.lists import choose_zones, zones_from_lsoas
from hotspots.zones.reading import load_zones
from hotspots.zones.relating import TILING_KINDS, relate_to_zones, zones_of
from hotspots.zones.summing import rank_zones, summarise_zones
from hotspots.zones.terms import zones_in_term
from hotspots.zones.wards import WardComparison, compare_wards

__all__ = [
    "TILING_KINDS",
    "WardComparison",
    "choose_zones",
    "compare_wards",
    "corridor",
    "load_zones",
    "rank_zones",
    "relate_to_zones",
    "rings",
    "sites",
    "summarise_zones",
    "zone_concentration",
    "zone_difference",
    "zone_union",
    "zones_from_lsoas",
    "zones_in_term",
    "zones_of",
]
