"""Rates of counts compared: the exact interval for the ratio of two Poisson rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import InputError, require

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
    from scipy import stats

    require(0 < confidence < 1, f"`confidence` must be between 0 and 1; got {confidence!r}.")
    one, other = np.asarray(count, dtype=float), np.asarray(other_count, dtype=float)
    if (np.concatenate([one.ravel(), other.ravel()]) < 0).any():
        raise InputError("counts must be zero or more; got negative ones.")
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.asarray(other_exposure, dtype=float) / np.asarray(exposure, dtype=float)
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, np.nan)
        scale = np.where(one + other > 0, scale, np.nan)
        low = np.where(one > 0, stats.beta.ppf(tail, one, other + 1), 0.0)
        high = np.where(other > 0, stats.beta.ppf(1 - tail, one + 1, other), 1.0)
        odds = (low / (1 - low), np.where(high < 1, high / (1 - high), np.inf))
        return Ratios(one / other * scale, odds[0] * scale, odds[1] * scale)
