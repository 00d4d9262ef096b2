"""More than chance? Local statistics, and flags that carry their evidence."""

from hotspots.significance.flags import flag_hotspots
from hotspots.significance.local import local_gi_star, local_moran
from hotspots.significance.periods import gi_star_by_period
from hotspots.totals import points_at_risk

__all__ = [
    "flag_hotspots",
    "gi_star_by_period",
    "local_gi_star",
    "local_moran",
    "points_at_risk",
]
