"""Patrol-sized areas: chosen, kept from one review to the next, and seen beside other facts."""

from hotspots.patrols.beside import count_beside, who_lives_there
from hotspots.patrols.choosing import select_patrol_areas
from hotspots.patrols.outcome import PatrolAreas

__all__ = ["PatrolAreas", "count_beside", "select_patrol_areas", "who_lives_there"]
