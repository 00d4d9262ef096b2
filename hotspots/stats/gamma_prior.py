"""How unlike each other quiet and busy areas are: the gamma prior that counts share.

Areas differ in their underlying rate, and their counts differ by luck on top. With rates spread as
a gamma distribution and counts Poisson around them, counts follow a negative binomial; its fit
says how much of a high count is likely to be luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

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
