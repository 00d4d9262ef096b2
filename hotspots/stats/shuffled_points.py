"""The third null of a map: what its points hold, dealt out anew over its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotspots.stats.nulls import ROUNDING, Tails

FINE = 8
"""Steps to a root of a count: roots are held as whole numbers of these."""


def rooted(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Roots of counts in whole steps, so that one very busy point does not outweigh all others."""
    return np.asarray(np.rint(FINE * np.sqrt(counts)), dtype=np.int64)


def shuffled_point_tails(
    values: NDArray[np.int64], sums: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Tails:
    """How often as many points, drawn from all of them, hold as much, and as little.

    Parameters
    ----------
    values : array of int, shape (points,)
        Of every map point, those without incidents included; zero or more.
    sums : array of int, shape (neighbourhoods,)
        What the points of each neighbourhood hold.
    sizes : array of int, shape (neighbourhoods,)
        How many points each holds.

    Returns
    -------
    Tails
        Exact for points drawn with replacement, which gives slightly larger tails than dealing them
        out. A neighbourhood without points is never unusual.

    Notes
    -----
    It misleads where points that were never hit are not known: the others then look less unusual.

    References
    ----------
    Anselin, L. (1995). Local Indicators of Spatial Association. Geographical Analysis 27, 93-115.
    https://doi.org/10.1111/j.1538-4632.1995.tb00338.x

    Examples
    --------
    >>> tails = shuffled_point_tails(np.array([0, 0, 0, 1]), np.array([2, 0]), np.array([2, 2]))
    >>> tails.high.round(4).tolist(), tails.low.round(4).tolist()
    ([0.0625, 1.0], [1.0, 0.5625])
    """
    high, low = np.ones(len(sums)), np.ones(len(sums))
    if not len(values) or not len(sums):
        return Tails(high, low)
    one = np.bincount(values) / len(values)
    reach = int(sums.max()) + 1
    known = np.zeros(reach)
    known[0], points = 1.0, 0
    for size in np.unique(sizes[sizes > 0]).tolist():
        known, points = _times(known, one, size - points, reach), size
        mine = np.flatnonzero(sizes == size)
        upto = np.minimum(known.cumsum(), 1.0)
        low[mine] = upto[sums[mine]]
        high[mine] = 1 - np.where(sums[mine] > 0, upto[sums[mine] - 1], 0.0)
    return Tails(np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0))


def _times(
    known: NDArray[np.float64], one: NDArray[np.float64], times: int, reach: int
) -> NDArray[np.float64]:
    """The distribution of a sum, and so many more draws added, as far as it is looked at."""
    while times:
        if times & 1:
            known = np.convolve(known, one)[:reach]
        one, times = np.convolve(one, one)[:reach] if times > 1 else one, times >> 1
    return known
