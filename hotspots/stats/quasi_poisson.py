"""Regression of counts that vary more than chance, and remember the month before.

References: McCullagh and Nelder (1989), Generalized Linear Models, 2nd ed.; Newey and West (1987),
doi:10.2307/1913610.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

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

    def ratio(self, contrast: Any) -> tuple[float, float, float, float]:
        """A rate ratio, its interval and p-value, by the wider of the covariances."""
        from scipy import stats

        quantile = float(stats.t.ppf((1 + self.confidence) / 2, self.free))
        middle = float(contrast @ self.beta)
        se = math.sqrt(max(float(contrast @ one @ contrast) for one in self.covariances))
        low, high = middle - quantile * se, middle + quantile * se
        p_value = float(2 * stats.t.sf(abs(middle) / se, self.free))
        return math.exp(middle), math.exp(low), math.exp(high), p_value


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
