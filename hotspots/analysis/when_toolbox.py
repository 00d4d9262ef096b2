"""What ``hs.when`` holds: hours of the week, months, events, what follows soon and near."""

from hotspots.analysis.when.days_and_months import monthly_index
from hotspots.analysis.when.events import event_index, event_of
from hotspots.analysis.when.peak_windows import busy_windows
from hotspots.analysis.when.repeats import near_repeats, repeat_chains
from hotspots.analysis.when.times import aoristic_weights, hours_of_week

__all__ = [
    "aoristic_weights",
    "busy_windows",
    "event_index",
    "event_of",
    "hours_of_week",
    "monthly_index",
    "near_repeats",
    "repeat_chains",
]
