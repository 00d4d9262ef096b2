"""Codes of how well an incident is placed."""

from __future__ import annotations

from enum import StrEnum


class PlaceState(StrEnum):
    """Why an incident has a place, or has none; it is an incident all the same."""

    LOCATED = "located"
    """It has a place inside the area of the coordinate system."""
    BLANK = "blank"
    """The source says nothing."""
    UNKNOWN_WORD = "unknown_word"
    """The source says that it does not know: N/K."""
    IMPOSSIBLE = "impossible"
    """What the source says is no place: a word, half a place, the two exchanged, another unit."""
    DEFAULT_POINT = "default_point"
    """A point that systems write where none is known: 0, 0, or one for very many places."""
    OUTSIDE = "outside"
    """A place outside the area of the coordinate system."""


BY_RULE = {
    "zero-zero": PlaceState.DEFAULT_POINT,
    "filler-place": PlaceState.DEFAULT_POINT,
    "default-point": PlaceState.DEFAULT_POINT,
    "outside": PlaceState.OUTSIDE,
}
"""What a fault of a place makes of it, where it is not simply impossible."""
