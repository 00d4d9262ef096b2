"""What may be shown to whom: tables made safe for their reader, before they are drawn.

A count of one, or a harm that equals one weight, is an incident. Columns are shown because they are
known to be safe, never because nobody thought of them. The reasons stand in ``docs/disclosure.md``.

In the words of statistical disclosure control: the threshold and the dominance rule, which make
primary suppression, are in ``suppress``; rounding, and the classes it leaves open, in
``count_classes``. Secondary suppression keeps differencing from giving a small count away: between
periods in ``over_time``, between areas and zones in ``over_space``, among themes in
``over_themes``, of bands of harm in ``same_ground``, among the parts of a count in ``breakdowns``.
``reckoning`` holds the sums a reader knows; ``audit`` attacks them, as an intruder would.
"""

from __future__ import annotations

from hotspots.disclosure.audit import audit_totals
from hotspots.disclosure.published import Published
from hotspots.disclosure.releases import Release, as_release, release, withholds
from hotspots.disclosure.safe_cards import (
    cards_in,
    exact_cards,
    exact_parts,
    parts_of_cards,
    release_cards,
)

__all__ = [
    "Published",
    "Release",
    "as_release",
    "audit_totals",
    "cards_in",
    "exact_cards",
    "exact_parts",
    "parts_of_cards",
    "release",
    "release_cards",
    "withholds",
]
