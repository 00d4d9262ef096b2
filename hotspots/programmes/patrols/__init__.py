"""Patrol-sized areas: chosen, kept from one review to the next, and seen beside other facts."""
