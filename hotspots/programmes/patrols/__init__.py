"""Patrol-sized areas: chosen, kept from one review to the next, and seen beside other facts."""

from hotspots.programmes.patrols.dosage import patrol_dosage, visits_from_positions
from hotspots.programmes.patrols.patrol_areas import PatrolAreas, count_beside, who_lives_there
from hotspots.programmes.patrols.review import PatrolReview, review_patrol_areas
from hotspots.programmes.patrols.select_areas import select_patrol_areas
from hotspots.programmes.patrols.services import ServicePlan, place_services
from hotspots.programmes.patrols.shifts import PatrolShifts, select_patrol_shifts
from hotspots.programmes.patrols.timetable import Timetable, patrol_timetable

__all__ = [
    "PatrolAreas",
    "PatrolReview",
    "PatrolShifts",
    "ServicePlan",
    "Timetable",
    "count_beside",
    "patrol_dosage",
    "patrol_timetable",
    "place_services",
    "review_patrol_areas",
    "select_patrol_areas",
    "select_patrol_shifts",
    "visits_from_positions",
    "who_lives_there",
]
