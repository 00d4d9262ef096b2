"""Hotspots by density, and what they are worth: chance, stability, and how far to look."""
