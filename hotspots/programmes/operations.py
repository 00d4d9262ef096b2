"""What ``hs.operations`` holds: when to be there, who goes where, was it done, who bears it."""

from hotspots.analysis.when.events import event_of
from hotspots.analysis.when.live import LiveList, live_list
from hotspots.programmes.audit_products import ProductsAudit, audit_products
from hotspots.programmes.burden import burden_beside
from hotspots.programmes.news import NewsAnswer, ask_what_is_new
from hotspots.programmes.patrols.dosage import patrol_dosage, visits_from_positions
from hotspots.programmes.patrols.review import PatrolReview, review_patrol_areas
from hotspots.programmes.patrols.services import ServicePlan, place_services
from hotspots.programmes.patrols.shifts import PatrolShifts
from hotspots.programmes.watch import AreaWatch, watch_areas
from hotspots.programmes.when import RepeatsAnswer, WhenAnswer, ask_repeats, ask_when

__all__ = [
    "AreaWatch",
    "LiveList",
    "NewsAnswer",
    "PatrolReview",
    "PatrolShifts",
    "ProductsAudit",
    "RepeatsAnswer",
    "ServicePlan",
    "WhenAnswer",
    "ask_repeats",
    "ask_what_is_new",
    "ask_when",
    "audit_products",
    "burden_beside",
    "event_of",
    "live_list",
    "patrol_dosage",
    "place_services",
    "review_patrol_areas",
    "visits_from_positions",
    "watch_areas",
]
