"""When: hours of the week, and what follows soon and near."""

from hotspots.analysis.when.hours import aoristic_weights, hours_of_week
from hotspots.analysis.when.repeats import near_repeats
from hotspots.analysis.when.windows import busy_windows

__all__ = ["aoristic_weights", "busy_windows", "hours_of_week", "near_repeats"]
