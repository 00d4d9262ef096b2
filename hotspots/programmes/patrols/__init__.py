"""Patrol-sized areas: chosen, kept from one review to the next, and seen beside other facts."""

from hotspots.programmes.patrols.patrol_areas import PatrolAreas, count_beside, who_lives_there
from hotspots.programmes.patrols.select_areas import select_patrol_areas

__all__ = ["PatrolAreas", "count_beside", "select_patrol_areas", "who_lives_there"]
