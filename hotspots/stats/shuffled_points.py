"""Nulls that deal out places with what they hold: over the map points, over what is at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspots.core.arrays import Floats, Ints
from hotspots.stats.nulls import ROUNDING, Tails

FINE = 8
"""Steps to a root of a count: roots are held as whole numbers of these."""


def rooted(counts: Ints, steps: int = FINE) -> Ints:
    """Roots of counts in whole steps, so that one very busy point does not outweigh all others."""
    return np.asarray(np.rint(steps * np.sqrt(counts)), dtype=np.int64)


def shuffled_point_tails(values: Ints, sums: Ints, sizes: Ints) -> Tails:
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
    reach = int(sums.max()) + 1
    one = _Spread.of(0, np.bincount(values) / len(values), reach)
    known, points = _Spread(0, np.ones(1)), 0
    for size in np.unique(sizes[sizes > 0]).tolist():
        known, points = known.plus(one, size - points, reach), size
        mine = np.flatnonzero(sizes == size)
        low[mine], high[mine] = known.upto(sums[mine]), 1 - known.upto(sums[mine] - 1)
    return Tails(np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0))


def place_risk_tails(values: Ints, sums: Ints, shares: Floats) -> Tails:
    """How often places dealt over what is at risk bring a neighbourhood as much, and as little.

    Parameters
    ----------
    values : array of int, shape (places,)
        Of every place that holds anything; above zero.
    sums : array of int, shape (neighbourhoods,)
        What the places of each neighbourhood hold.
    shares : array of float, shape (neighbourhoods,)
        Of everything at risk, what lies in each.

    Returns
    -------
    Tails
        The number of places in a neighbourhood is binomial, what each holds is drawn from all with
        replacement. Where all hold alike it is the binomial of single incidents.

    Notes
    -----
    It misleads where places are not what is independent: two doors of one shop.

    Examples
    --------
    >>> tails = place_risk_tails(np.array([1, 1, 2]), np.array([2, 0]), np.array([0.1, 0.1]))
    >>> tails.high.round(3).tolist(), tails.low.round(3).tolist()
    ([0.109, 1.0], [0.984, 0.729])
    """
    high, low = np.ones(len(sums)), np.ones(len(sums))
    if not len(values) or not len(sums):
        return Tails(high, low)
    step = int(np.gcd.reduce(values))
    ones, held = values // step, sums // step
    mean = len(ones) * shares * ones.mean()
    reach = mean + SURE * (np.sqrt(len(ones) * shares * (ones**2).mean()) + ones.max())
    length = np.exp2(np.ceil(np.log2(np.maximum(reach, held) + 2))).astype(np.int64)
    for size in np.unique(length).tolist():
        mine = np.flatnonzero(length == size)
        one = np.fft.rfft(np.bincount(ones, minlength=size)[:size] / len(ones))
        for part in np.array_split(mine, -(-len(mine) * size // AT_ONCE)):
            share = shares[part, None]
            chance = np.fft.irfft(_power(1 - share + share * one, len(ones)), size)
            upto = np.maximum(chance, 0.0).cumsum(axis=1)
            at, row = held[part], np.arange(len(part))
            low[part] = upto[row, at]
            high[part] = np.where(at > 0, upto[:, -1] - upto[row, np.maximum(at - 1, 0)], 1.0)
    return Tails(np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0))


SURE, AT_ONCE = 10, 1 << 17


def _power(base: NDArray[np.complex128], times: int) -> NDArray[np.complex128]:
    """By squares, which is many times faster than a power of complex numbers."""
    found = np.ones_like(base)
    while times:
        if times & 1:
            found *= base
        base, times = base * base, times >> 1
    return found


@dataclass(frozen=True)
class _Spread:
    """The distribution of a sum of draws, from the first number that has a chance to the last."""

    start: int
    chance: Floats

    @classmethod
    def of(cls, start: int, chance: Floats, reach: int) -> _Spread:
        """Without what has no chance, and only as far as it is looked at."""
        held = np.flatnonzero(chance[: max(reach - start, 0)])
        if not len(held):
            return cls(reach, np.zeros(1))
        return cls(start + int(held[0]), chance[held[0] : held[-1] + 1])

    def plus(self, one: _Spread, times: int, reach: int) -> _Spread:
        """With so many more draws."""
        found = self
        while times:
            if times & 1:
                found = found._joined(one, reach)
            one, times = one._joined(one, reach) if times > 1 else one, times >> 1
        return found

    def upto(self, sums: Ints) -> Floats:
        """The chance of each sum or less."""
        total = np.minimum(self.chance.cumsum(), 1.0)
        at = np.minimum(sums - self.start, len(total) - 1)
        return np.where(at >= 0, total[np.maximum(at, 0)], 0.0)

    def _joined(self, other: _Spread, reach: int) -> _Spread:
        # Not by FFT, whose rounding is as large as the tails that count here.
        together = np.convolve(self.chance, other.chance)
        return _Spread.of(self.start + other.start, together, reach)
