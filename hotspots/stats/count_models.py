"""Counts as Poisson and their rates: exact ratios, priors and mixtures, regressions in time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hotspots.core.arguments import share_of
from hotspots.core.arrays import Floats
from hotspots.core.errors import InputError, require
from hotspots.stats.counts import t_p, t_quantile


@dataclass(frozen=True)
class Ratios:
    """Ratios of rates with their intervals, one for each pair.

    ``ratio`` and ``low`` can be 0 and ``ratio`` and ``high`` infinite where one count is zero; all
    are missing where both counts are zero or something was never exposed.
    """

    ratio: Floats
    low: Floats
    high: Floats


def exact_rate_ratios(
    count: ArrayLike,
    exposure: ArrayLike,
    other_count: ArrayLike,
    other_exposure: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Ratios:
    """Rate over other rate, with the exact interval; works for arrays and for zero counts.

    Parameters
    ----------
    count, other_count : array_like of int
        Incidents.
    exposure, other_exposure : array_like
        What the incidents are set against (km², residents, months), in one unit.
    confidence : float
        Of the interval.

    Notes
    -----
    Given the total, the first count is binomial, whose interval is Clopper and Pearson's: never
    too narrow for Poisson counts. It misleads where incidents come in bursts: then it is too narrow
    all the same.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). https://doi.org/10.1093/biomet/26.4.404

    Examples
    --------
    >>> found = exact_rate_ratios(11, 800, 21, 3011)
    >>> float(found.ratio.round(4)), float(found.low.round(4)), float(found.high.round(4))
    (1.9715, 0.8584, 4.2773)
    """
    from scipy.special import betaincinv

    confidence = share_of(confidence, "confidence")
    one, other = np.asarray(count, dtype=float), np.asarray(other_count, dtype=float)
    if (np.concatenate([one.ravel(), other.ravel()]) < 0).any():
        raise InputError("counts must be zero or more; got negative ones.")
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.asarray(other_exposure, dtype=float) / np.asarray(exposure, dtype=float)
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, np.nan)
        scale = np.where(one + other > 0, scale, np.nan)
        low = np.where(one > 0, betaincinv(one, other + 1, tail), 0.0)
        high = np.where(other > 0, betaincinv(one + 1, other, 1 - tail), 1.0)
        odds = (low / (1 - low), np.where(high < 1, high / (1 - high), np.inf))
        return Ratios(one / other * scale, odds[0] * scale, odds[1] * scale)


_SHAPE_BOUNDS = (1e-4, 1e4)
SPREAD_OF_LOG_SHAPE = 1.5


@dataclass(frozen=True)
class GammaPrior:
    """Spread of the underlying rates: ``shape / rate`` is their mean.

    Attributes
    ----------
    shape
        Small where few areas hold almost everything, large where areas are alike.
    rate
        Weight of the prior against one period of counting.
    """

    shape: float
    rate: float

    def expected(self, counts: ArrayLike) -> Floats:
        """Underlying rate of areas with these counts: each count drawn towards the mean."""
        return (self.shape + np.asarray(counts, dtype=float)) / (self.rate + 1)


def fit_gamma_prior(counts: ArrayLike) -> GammaPrior:
    """Fit the gamma prior of the rates behind counts.

    By maximum likelihood, with a weak pull of the shape towards 1 (its logarithm is taken as normal
    with a standard deviation of 1.5): a handful of areas cannot show that they are all alike.

    Parameters
    ----------
    counts : array_like
        Count of each area, quiet ones included: areas left out because nothing happened there make
        the rest look more alike than they are.

    Returns
    -------
    GammaPrior
        Shape is held between 0.0001 and 10,000. With no counts at all it is 1/2 (Jeffreys).

    References
    ----------
    Hauer, E. (1997). Observational Before-After Studies in Road Safety. Pergamon.

    Examples
    --------
    >>> prior = fit_gamma_prior([0, 0, 0, 1, 0, 12, 0, 3])
    >>> round(prior.shape, 3), round(prior.shape / prior.rate, 3)
    (0.274, 2.0)
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    values = np.asarray(counts, dtype=float).ravel()
    require(
        bool(np.isfinite(values).all() and (values >= 0).all()),
        "`counts` must be zero or more for every area; some are negative or missing.",
    )
    mean = float(values.mean()) if len(values) else 0.0
    if mean == 0:
        return GammaPrior(shape=0.5, rate=float("inf") if len(values) else 0.5)
    distinct, times = np.unique(values, return_counts=True)

    def unlikely(log_shape: float) -> float:
        shape = float(np.exp(log_shape))
        terms = (
            gammaln(shape + distinct)
            - gammaln(shape)
            + shape * np.log(shape / (shape + mean))
            + distinct * np.log(mean / (shape + mean))
        )
        return 0.5 * (log_shape / SPREAD_OF_LOG_SHAPE) ** 2 - float((times * terms).sum())

    low, high = np.log(_SHAPE_BOUNDS)
    found = minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    shape = float(np.exp(found.x))
    return GammaPrior(shape=shape, rate=shape / mean)


MOST_STEPS = 100
STRONGEST = 0.9


@dataclass(frozen=True)
class CountFit:
    """A fitted series, and what is needed to say how sure a contrast of its terms is."""

    design: Any
    beta: Any
    fitted: Any
    free: int
    dispersion: float
    correlation: float
    lag: int
    covariances: Any
    confidence: float

    def log_ratio(self, contrast: Any) -> tuple[float, float]:
        """Logarithm of a rate ratio and its standard error, by the wider of the covariances."""
        variance = max(float(contrast @ one @ contrast) for one in self.covariances)
        return float(contrast @ self.beta), math.sqrt(variance)

    def ratio(self, contrast: Any) -> tuple[float, float, float, float]:
        """A rate ratio, its interval and p-value."""
        quantile = t_quantile(self.confidence, self.free)
        middle, se = self.log_ratio(contrast)
        low, high = middle - quantile * se, middle + quantile * se
        with np.errstate(over="ignore"):
            ratio, least, most = (float(np.exp(one)) for one in (middle, low, high))
        return ratio, least, most, t_p(middle / se, self.free)


def fit_counts(values: Any, days: Any, design: Any, confidence: float) -> CountFit:
    """A quasi-Poisson regression of counts in time, with room for memory from month to month."""
    beta = fit_poisson(values, design, np.log(days))
    fitted = days * np.exp(design @ beta)
    free = len(values) - design.shape[1]
    dispersion = max(1.0, float(((values - fitted) ** 2 / fitted).sum() / free))
    # Newey and West's rule of thumb (1994).
    lag = int(4 * (len(values) / 100) ** (2 / 9))
    correlation = correlation_of((values - fitted) / np.sqrt(fitted), design.shape[1])
    # By so much months that hang together (first order) make the variance of their mean larger.
    memory = (1 + correlation) / (1 - correlation)
    covariances = _covariances(values, fitted, design, dispersion * memory, lag)
    return CountFit(
        design, beta, fitted, free, dispersion, correlation, lag, covariances, confidence
    )


def fit_poisson(values: Any, design: Any, offset: Any) -> Any:
    """Coefficients of a Poisson regression with log link, by iteratively reweighted least squares.

    Examples
    --------
    >>> fit_poisson(np.array([2.0, 4.0, 8.0]), np.array([[1, 0], [1, 1], [1, 2.0]]), 0.0).round(4)
    array([0.6931, 0.6931])
    """
    # A start near the answer that has a logarithm where a month holds nothing.
    mean = values + 0.5
    linear = np.log(mean)
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        target = linear - offset + (values - mean) / mean
        root = np.sqrt(mean)[:, None]
        new = np.linalg.lstsq(design * root, target * root[:, 0], rcond=None)[0]
        done = np.abs(new - beta).max() < 1e-12 * (1 + np.abs(new).max())
        beta = new
        # No count is beyond these, and a step that overshoots stays finite.
        linear = np.clip(offset + design @ beta, -30, 30)
        mean = np.exp(linear)
        if done:
            break
    return beta


def correlation_of(residuals: Any, terms: int) -> float:
    """First-order correlation, mended for the terms fitted; 0 where it may be chance or negative.

    Smooth terms take correlation out of residuals: about one over the number of months for each.
    """
    squares, size = float(residuals @ residuals), len(residuals)
    if squares == 0:
        return 0.0
    found = float(residuals[1:] @ residuals[:-1]) / squares + terms / size
    # Within one standard error of none it is taken for chance.
    return min(found, STRONGEST) if found > 1 / math.sqrt(size) else 0.0


def _covariances(
    values: Any, fitted: Any, design: Any, dispersion: float, lag: int
) -> tuple[Any, Any]:
    """Quasi-Poisson and Newey-West covariance (Bartlett weights, degrees of freedom corrected)."""
    bread = np.linalg.pinv(design.T @ (design * fitted[:, None]))
    scores = design * (values - fitted)[:, None]
    meat = scores.T @ scores
    for step in range(1, lag + 1):
        common = scores[step:].T @ scores[:-step]
        meat += (1 - step / (lag + 1)) * (common + common.T)
    size, terms = design.shape
    return dispersion * bread, bread @ meat @ bread * size / (size - terms)


STEPS, REDRAWN, FIXED_SEED = 200, 40, 0
BELOW_ONE, MOST_ABOVE = 30, 600
LOWEST, HIGHEST = 0.05, 1.3
FINE = 0.25
"""Step of the grid in roots of rates: half a standard deviation of a root of a Poisson count."""
TINY = 1e-300


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


def fit_rate_mixture(counts: ArrayLike) -> RateMixture:
    """Fit the rates behind counts without a shape for their distribution.

    Parameters
    ----------
    counts : array-like
        Count of each area, quiet ones included.

    Returns
    -------
    RateMixture
        By maximum likelihood on a grid of rates, some 200 steps of the EM algorithm; and 40 times
        again with areas weighed at random (the Bayesian bootstrap, which leaves none out: the
        highest ones carry the tail), always the same way.

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
    # Rubin's weights of areas, each exponential: those of areas with one count sum to a gamma.
    drawn = np.random.default_rng(FIXED_SEED).gamma(times, size=(REDRAWN, len(times)))
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
