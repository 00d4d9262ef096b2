"""What ``hs.operations`` holds: when to be there, who goes where, was it done, who bears it."""

from hotspots.analysis.when.live import LiveList, live_list
from hotspots.programmes.audit_products import ProductsAudit, audit_products
from hotspots.programmes.burden import burden_beside, count_beside, who_lives_there
from hotspots.programmes.clear_hold_build.candidates import police_uk_proxy_categories
from hotspots.programmes.clear_hold_build.screen_candidates import ClearHoldBuildScreen
from hotspots.programmes.compare_wards import WardComparison
from hotspots.programmes.news import NewsAnswer, ask_what_is_new
from hotspots.programmes.patrols.dosage import patrol_dosage, visits_from_positions
from hotspots.programmes.patrols.patrol_areas import PatrolAreas
from hotspots.programmes.patrols.review import PatrolReview, review_patrol_areas
from hotspots.programmes.patrols.services import ServicePlan, place_services
from hotspots.programmes.patrols.shifts import PatrolShifts
from hotspots.programmes.patrols.timetable import Timetable, patrol_timetable
from hotspots.programmes.protect.demand import ProtectDemand, protect_demand
from hotspots.programmes.protect.protect_product import ProtectProduct
from hotspots.programmes.protect.trauma_packs import PackPlan, place_trauma_packs
from hotspots.programmes.pspo_result import PspoEvidence
from hotspots.programmes.recurring_roads import RecurringRoads, find_recurring_roads
from hotspots.programmes.watch import AreaWatch, watch_areas
from hotspots.programmes.when import RepeatsAnswer, WhenAnswer, ask_repeats, ask_when

__all__ = [
    "AreaWatch",
    "ClearHoldBuildScreen",
    "LiveList",
    "NewsAnswer",
    "PackPlan",
    "PatrolAreas",
    "PatrolReview",
    "PatrolShifts",
    "ProductsAudit",
    "ProtectDemand",
    "ProtectProduct",
    "PspoEvidence",
    "RecurringRoads",
    "RepeatsAnswer",
    "ServicePlan",
    "Timetable",
    "WardComparison",
    "WhenAnswer",
    "ask_repeats",
    "ask_what_is_new",
    "ask_when",
    "audit_products",
    "burden_beside",
    "count_beside",
    "find_recurring_roads",
    "live_list",
    "patrol_dosage",
    "patrol_timetable",
    "place_services",
    "place_trauma_packs",
    "police_uk_proxy_categories",
    "protect_demand",
    "review_patrol_areas",
    "visits_from_positions",
    "watch_areas",
    "who_lives_there",
]
