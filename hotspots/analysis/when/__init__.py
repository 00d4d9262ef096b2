"""When: hours of the week, months of the year, events, and what follows soon and near."""

from hotspots.analysis.when.cards_of_places import PlaceCards, place_cards
from hotspots.analysis.when.days_and_months import days_of_week, monthly_index
from hotspots.analysis.when.events import event_calendar, event_index, event_of
from hotspots.analysis.when.live import LiveList, live_list
from hotspots.analysis.when.new import what_is_new
from hotspots.analysis.when.peak_windows import busy_windows
from hotspots.analysis.when.repeats import near_repeats, repeat_chains
from hotspots.analysis.when.week_hours import aoristic_weights, hours_of_week

__all__ = [
    "LiveList",
    "PlaceCards",
    "aoristic_weights",
    "busy_windows",
    "days_of_week",
    "event_calendar",
    "event_index",
    "event_of",
    "hours_of_week",
    "live_list",
    "monthly_index",
    "near_repeats",
    "place_cards",
    "repeat_chains",
    "what_is_new",
]
