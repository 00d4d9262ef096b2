"""Zones: wards, orders, districts and whatever else has a boundary, a name and dates.

Zones of one kind may overlap, except those that tile a district (wards, statistical areas): there
a place on a shared border belongs to the zone that comes first by ``zone_id``, so totals add up.
"""

from hotspots.zones.reading import load_zones
from hotspots.zones.relating import TILING_KINDS, relate_to_zones, zones_of
from hotspots.zones.summing import rank_zones, summarise_zones

__all__ = [
    "TILING_KINDS",
    "load_zones",
    "rank_zones",
    "relate_to_zones",
    "summarise_zones",
    "zones_of",
]
