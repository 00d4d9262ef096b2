"""Codes of columns: how well an incident is placed, and how a number is shown."""

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


class Shown(StrEnum):
    """How a count stands in a released table; ``shown_low`` and ``shown_high`` are its bounds."""

    EXACT = "exact"
    """As it was counted."""
    ROUNDED = "rounded"
    """To the nearest multiple of 5."""
    MERGED_UP = "merged_up"
    """Rounded, up to 4 too high, so that nothing small is told."""
    MERGED_DOWN = "merged_down"
    """Rounded, up to 4 too low, so that nothing small is told."""
    AT_LEAST = "at_least"
    """A part of a count: this many or more, ``shown_low`` or more."""
    MERGED = "merged"
    """One of several counts of the row: rounded, up to 4 off, so that nothing small is told."""
    SMALL = "small"
    """Withheld: fewer than 5, or none (primary suppression)."""
    LINKED = "linked"
    """Withheld: beside other numbers a reader has, it would tell a small one (secondary)."""
    SHARE = "share"
    """Withheld: a share of exact counts."""


MOST_OFF = dict.fromkeys((Shown.MERGED, Shown.MERGED_UP, Shown.MERGED_DOWN), 4) | {
    Shown.ROUNDED: 2,
    Shown.EXACT: 0,
}
"""The most by which a count and the number it is shown as differ."""


class HarmShown(StrEnum):
    """How the harm of an area stands in a released table."""

    EXACT = "exact"
    """As it was weighed."""
    BAND = "band"
    """The middle of a band; ``harm_low`` and ``harm_high`` are its edges."""
    WITHHELD = "withheld"
    """Too few incidents with a weight, or one event or place dominates."""
