"""Counts watched one after another: since when they differ, with a budget of false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hotspots.core.arrays import Floats, Ints

TAIL = 0.1
"""Thresholds rarer than this are drawn out from the tail of the simulated largest scores."""
BLOCK = 4
"""Dispersion is that of single periods or of so many together, the larger: levels drift."""


@dataclass(frozen=True)
class Scores:
    """For each series and period, how unusual the most unusual stretch that ends there is.

    Attributes
    ----------
    score : array of float64, shape (series, periods)
        Log-likelihood ratio of one level for baseline and stretch against two, over the dispersion.
        A stretch that holds more counts its largest period as its second largest, so that what
        happened in one period alone is no level.
    begins : array of int64, shape (series, periods)
        First period of that stretch.
    side : array of int64, shape (series, periods)
        1 where the stretch holds more than the baseline, -1 where fewer.
    """

    score: Floats
    begins: Ints
    side: Ints


def scan_back(counts: Floats, exposure: Floats, base: Floats, base_exposure: Floats) -> Scores:
    """Compare every stretch that ends in each period with the baseline, and keep the most unusual.

    Parameters
    ----------
    counts : array of float64, shape (series, periods)
    exposure : array of float64, shape (periods,)
        What the counts are set against: days, or the counts of elsewhere.
    base : array of float64, shape (series, base periods)
    base_exposure : array of float64, shape (base periods,)

    Returns
    -------
    Scores

    References
    ----------
    Lai, T. L. (1995) Sequential changepoint detection in quality control and dynamical systems.
    Journal of the Royal Statistical Society B 57(4), 613-658 (generalised likelihood ratio).

    Examples
    --------
    >>> found = scan_back(np.array([[1.0, 1, 9, 9]]), np.ones(4), np.ones((1, 9)), np.ones(9))
    >>> int(found.begins[0, -1]), int(found.side[0, -1]), found.score[0, 2].round(1).tolist()
    (2, 1, 0.0)
    """
    spread = dispersion_of(base, base_exposure)[:, None]
    known, weight = base.sum(axis=1)[:, None], base_exposure.sum()
    until = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    held = np.cumsum(np.pad(exposure, (1, 0)))
    score, side = np.zeros(counts.shape), np.where(counts * weight >= known * exposure, 1, -1)
    begins = np.tile(np.arange(counts.shape[1]), (len(counts), 1))
    most, second = np.zeros((2, len(counts), counts.shape[1] + 1))
    for length in range(1, counts.shape[1] + 1):
        last = counts[:, length - 1 :]
        second = np.maximum(second[:, :-1], np.minimum(most[:, :-1], last))
        most = np.maximum(most[:, :-1], last)
        mine = until[:, length:] - until[:, :-length]
        share = held[length:] - held[:-length]
        more = mine * weight >= known * share
        mine = np.where(more, mine - most + second, mine)
        found = _unlike(mine, share, known, weight) / spread
        found[more & (mine * weight < known * share)] = 0
        better = found > score[:, length - 1 :]
        score[:, length - 1 :][better] = found[better]
        first = np.broadcast_to(np.arange(len(share)), found.shape)
        begins[:, length - 1 :][better] = first[better]
        side[:, length - 1 :][better] = np.where(more, 1, -1)[better]
    return Scores(score, begins, side)


def dispersion_of(counts: Floats, exposure: Floats) -> Floats:
    """How many times as much as Poisson counts each series varies about its level, at least 1.

    Examples
    --------
    >>> dispersion_of(np.array([[1.0, 1, 1, 1], [0, 8, 0, 8]]), np.ones(4)).round(2).tolist()
    [1.0, 5.33]
    """
    found = np.ones(len(counts))
    for block in (1, BLOCK):
        size = counts.shape[1] // block * block
        if size // block < 2:
            continue
        grouped = counts[:, :size].reshape(len(counts), -1, block).sum(axis=2)
        share = exposure[:size].reshape(-1, block).sum(axis=1)
        mean = grouped.sum(axis=1, keepdims=True) / max(share.sum(), 1e-12) * share
        off = np.where(mean > 0, (grouped - mean) ** 2 / np.where(mean > 0, mean, 1), 0)
        found = np.maximum(found, off.sum(axis=1) / (grouped.shape[1] - 1))
    return found


def drawn(
    rate: float, exposure: Floats, dispersion: float, draws: int, rng: np.random.Generator
) -> Floats:
    """Series of counts at one level that vary so many times as much as Poisson counts."""
    mean = np.broadcast_to(rate * exposure, (draws, len(exposure)))
    if dispersion <= 1:
        return rng.poisson(mean).astype(float)
    # A gamma of scale d - 1 makes the variance of the counts d times their mean.
    return rng.poisson(rng.gamma(mean / (dispersion - 1) + 1e-12, dispersion - 1)).astype(float)


def threshold(largest: Floats, chance: float) -> float:
    """The score that the largest of a series without change exceeds with this chance.

    Beyond one in ten the tail is drawn out as exponential, which that of likelihood ratios is.

    Examples
    --------
    >>> round(threshold(np.random.default_rng(1).exponential(size=9_999), 0.001), 1)
    6.9
    """
    if chance >= TAIL:
        return float(np.quantile(largest, 1 - chance))
    edge = float(np.quantile(largest, 1 - TAIL))
    beyond = largest[largest > edge] - edge
    scale = float(beyond.mean()) if len(beyond) else 0.0
    return edge + scale * float(np.log(TAIL / chance))


@dataclass(frozen=True)
class WatchedWorld:
    """Watches of an area whose counts vary as those of its baseline, baseline drawn anew too."""

    base: Floats
    share: Floats
    year: Floats
    draws: int

    def largest(self, times: float, rng: np.random.Generator) -> Floats:
        """The largest score up to each period, of rises alone where there is a rise."""
        # Half an incident: a baseline of none would be a world in which nothing can happen.
        rate = (self.base.sum() + 0.5) / self.share.sum()
        spread = float(dispersion_of(self.base[None], self.share)[0])
        base = drawn(rate, self.share, spread, self.draws, rng)
        now = drawn(rate * times, self.year, spread, self.draws, rng)
        found = scan_back(now, self.year, base, self.share)
        score = np.where(found.side > 0, found.score, 0) if times > 1 else found.score
        return np.asarray(np.maximum.accumulate(score, axis=1))


def _unlike(mine: Floats, share: Floats, known: Floats, weight: float) -> Floats:
    """Log-likelihood ratio that stretch and baseline have two levels and not one."""
    from scipy.special import xlogy

    both, part = mine + known, share / (share + weight)
    return np.asarray(
        xlogy(mine, mine / np.maximum(both * part, 1e-12))
        + xlogy(known, known / np.maximum(both * (1 - part), 1e-12))
    )
