"""The distinct places of a selection: what clusters are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.select import Selection


class Places(NamedTuple):
    """Places in whole millimetres sorted by x then y, and how many incidents are at each.

    ``known_as`` are their positions among all places of the table the incidents came from.
    """

    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    known_as: NDArray[np.intp]


def places_of(incidents: Selection) -> Places:
    """The places of the incidents asked about."""
    weights = by_place(incidents, incidents.counts)
    known_as = np.flatnonzero(weights)
    return Places(incidents.source.places.places[known_as], weights[known_as], known_as)


def by_place(incidents: Selection, amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers on the lines of the tally, which have a place where they are not 0, summed."""
    there = np.flatnonzero(amounts)
    place, size = incidents.source.tally.place[there], len(incidents.source.places.places)
    return np.bincount(place, amounts[there], size).astype(np.int64)
