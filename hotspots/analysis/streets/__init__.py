"""Streets: cut at junctions, flagged runs joined and named, cells and streets side by side."""

from hotspots.core.grids.junctions import split_at_junctions

__all__ = ["split_at_junctions"]
