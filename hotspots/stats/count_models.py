"""Counts as Poisson or gamma-Poisson: rate ratios with exact intervals, priors, dispersion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.errors import InputError, require
from hotspots.stats.counts import t_p, t_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Ratios:
    """Ratios of rates with their intervals, one for each pair.

    ``ratio`` and ``low`` can be 0 and ``ratio`` and ``high`` infinite where one count is zero; all
    are missing where both counts are zero or something was never exposed.
    """

    ratio: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


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
        What the incidents are set against (km2, residents, months), in one unit.
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

    require(0 < confidence < 1, f"`confidence` must be between 0 and 1; got {confidence!r}.")
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

    def expected(self, counts: ArrayLike) -> NDArray[np.float64]:
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
    lag = int(4 * (len(values) / 100) ** (2 / 9))
    correlation = _correlation((values - fitted) / np.sqrt(fitted), design.shape[1])
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
    mean = values + 0.5
    linear = np.log(mean)
    beta = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        target = linear - offset + (values - mean) / mean
        root = np.sqrt(mean)[:, None]
        new = np.linalg.lstsq(design * root, target * root[:, 0], rcond=None)[0]
        done = np.abs(new - beta).max() < 1e-12 * (1 + np.abs(new).max())
        beta = new
        linear = np.clip(offset + design @ beta, -30, 30)
        mean = np.exp(linear)
        if done:
            break
    return beta


def _correlation(residuals: Any, terms: int) -> float:
    """First-order correlation, mended for the terms fitted; 0 where it may be chance or negative.

    Smooth terms take correlation out of residuals: about one over the number of months for each.
    """
    squares, size = float(residuals @ residuals), len(residuals)
    if squares == 0:
        return 0.0
    found = float(residuals[1:] @ residuals[:-1]) / squares + terms / size
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
