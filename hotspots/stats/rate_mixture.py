"""Rates behind counts, whatever their distribution: nonparametric empirical Bayes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspots.core.errors import require

STEPS = 200
BELOW_ONE, MOST_ABOVE = 30, 600
LOWEST, HIGHEST = 0.05, 1.3
FINE = 0.25
"""Step of the grid in roots of rates: half a standard deviation of a root of a Poisson count."""
TINY = 1e-300

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RateMixture:
    """Rates, and how common each is among the areas.

    Attributes
    ----------
    rates : array, shape (rates,)
        Rising.
    weights : array, shape (rates,)
        Sum to 1.
    again : array, shape (draws, rates)
        The weights found again with areas weighed anew at random: what the fit is unsure of.
    """

    rates: Floats
    weights: Floats
    again: Floats

    def moments(self, counts: ArrayLike) -> tuple[Floats, Floats]:
        """Mean and variance of the rate of areas with these counts."""
        means, squares = self._means(self.weights[None], counts)
        return means[0], squares[0] - means[0] ** 2

    def redrawn(self, counts: ArrayLike) -> Floats:
        """The means by each of the fits to areas weighed anew, shape (draws, counts)."""
        return self._means(self.again, counts)[0]

    def _means(self, weights: Floats, counts: ArrayLike) -> tuple[Floats, Floats]:
        distinct, which = np.unique(np.asarray(counts, dtype=float), return_inverse=True)
        chance = _chance(distinct, self.rates)
        total = np.maximum(weights @ chance.T, TINY)
        means, squares = ((weights * self.rates**p) @ chance.T / total for p in (1, 2))
        return means[:, which], squares[:, which]


def fit_rate_mixture(
    counts: ArrayLike, *, draws: int = 40, rng: np.random.Generator | int = 0
) -> RateMixture:
    """Fit the rates behind counts without a shape for their distribution.

    Parameters
    ----------
    counts : array-like
        Count of each area, quiet ones included.
    draws : int
        How often the fit is done again with areas weighed at random (the Bayesian bootstrap, which
        leaves none out: the highest ones carry the tail).
    rng : Generator or int
        Of these draws.

    Returns
    -------
    RateMixture
        By maximum likelihood on a grid of rates, some 200 steps of the EM algorithm.

    Notes
    -----
    It misleads for the few highest of few areas: nothing beside them says how much of them is luck.

    References
    ----------
    Robbins, H. (1956). An Empirical Bayes Approach to Statistics. Third Berkeley Symposium 1.
    Rubin, D. B. (1981). The Bayesian Bootstrap. https://doi.org/10.1214/aos/1176345338
    Koenker, R. and Mizera, I. (2014). https://doi.org/10.1080/01621459.2013.869224

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = fit_rate_mixture(rng.poisson(np.repeat([1.0, 9.0], 500)))
    >>> found.moments([1, 9])[0].round(1).tolist()
    [1.1, 9.0]
    """
    values = np.asarray(counts, dtype=float).ravel()
    require(
        bool(len(values) and np.isfinite(values).all() and (values >= 0).all()),
        "`counts` must be zero or more for every area; some are negative or missing.",
    )
    distinct, times = np.unique(values, return_counts=True)
    rates = _grid(values)
    drawn = np.random.default_rng(rng).gamma(times, size=(draws, len(times)))
    weights = _expect_and_maximise(np.vstack([times, drawn]), _chance(distinct, rates))
    return RateMixture(rates, weights[0], weights[1:])


def _grid(counts: Floats) -> Floats:
    """Rates even in logarithm up to 1, even in root above."""
    lowest = max(min(LOWEST, float(counts.mean()) / 20), 1e-6)
    top = float(np.sqrt(max(HIGHEST * counts.max(), 2.0)))
    above = np.linspace(1.0, top, int(min(MOST_ABOVE, np.ceil((top - 1) / FINE) + 1)))
    return np.concatenate([np.geomspace(lowest, 1.0, BELOW_ONE, endpoint=False), above**2])


def _chance(counts: Floats, rates: Floats) -> Floats:
    """Poisson probability of every count under every rate."""
    from scipy.special import gammaln

    logs = counts[:, None] * np.log(rates) - rates - gammaln(counts + 1)[:, None]
    return np.asarray(np.exp(logs))


def _expect_and_maximise(times: Floats, chance: Floats) -> Floats:
    """Weights for every row of how often each count occurs."""
    weights = np.full((len(times), chance.shape[1]), 1 / chance.shape[1])
    size = times.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        weights = weights * ((times / np.maximum(weights @ chance.T, TINY)) @ chance) / size
    return weights
