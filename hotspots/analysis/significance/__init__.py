"""More than chance? Local statistics, and flags that carry their evidence."""

from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.analysis.significance.study import gi_star_by_period

__all__ = [
    "flag_hotspots",
    "gi_star_by_period",
]
