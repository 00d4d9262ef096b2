"""How far apart untouched places drift, as a yardstick for one that was touched."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from hotspots.core.arrays import Bools, Floats
from hotspots.core.errors import require
from hotspots.stats.counts import normal_quantile

FARTHEST = 3.0
"""Standard deviations from which on a place no longer widens the drift by itself."""
USUAL_SQUARE = (
    math.erf(FARTHEST / 2**0.5)
    - FARTHEST * (2 / math.pi) ** 0.5 * math.exp(-(FARTHEST**2) / 2)
    + FARTHEST**2 * math.erfc(FARTHEST / 2**0.5)
)
"""Mean square of a standard normal cut there."""
WIDEST_DRIFT = 16.0
FEWEST_LIKE = 40
"""Like places from which on there is a verdict."""


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What the logarithm of a ratio of change does where nothing was done.

    Attributes
    ----------
    drift
        Variance of the logarithm beyond that of the counts.
    scores
        How far each untouched place lies from the middle one, in standard deviations of its own;
        sorted.
    middle
        Where they lie: 0, or what choice alone brings.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> found = fit_yardstick(rng.normal(0, 0.5, 400), np.full(400, 0.16))
    >>> round(found.drift, 2), round(found.quantile(0.95), 2)
    (0.05, 1.99)
    """

    drift: float = 0.0
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    middle: float = 0.0

    @property
    def size(self) -> int:
        """How many untouched places."""
        return len(self.scores)

    def score(self, log_ratio: float, variance: float) -> float:
        """How far a place lies from the middle, in standard deviations."""
        return abs(log_ratio - self.middle) / math.sqrt(variance + self.drift)

    def as_extreme(self, log_ratio: float, variance: float) -> int:
        """How many untouched places changed as much."""
        return self.size - int(np.searchsorted(self.scores, self.score(log_ratio, variance)))

    def quantile(self, confidence: float) -> float:
        """What so many of untouched places stay within, one more among them counted."""
        normal_quantile(confidence)
        # (1 - 0.9) * 40 comes out as 3.999999999999999.
        beyond = math.floor((1 - confidence) * (self.size + 1) + 1e-9)
        return float(self.scores[-beyond]) if 0 < beyond <= self.size else math.inf

    def limits(
        self, log_ratio: float, variance: float, confidence: float
    ) -> tuple[float, float, float, float]:
        """Ends of the interval of the logarithm, p-value, and inflation of the variance."""
        spread = variance + self.drift
        reach = self.quantile(confidence) * math.sqrt(spread)
        p_value = (1 + self.as_extreme(log_ratio, variance)) / (1 + self.size)
        return log_ratio - reach, log_ratio + reach, p_value, spread / variance

    def smallest(
        self,
        counts: tuple[float, ...],
        *,
        confidence: float = 0.95,
        power: float = 0.8,
    ) -> tuple[float, float]:
        """As :func:`smallest_seen`, told from this drift by a verdict of this confidence."""
        return smallest_seen(
            counts, quantile=self.quantile(confidence), drift=self.drift, power=power
        )


FALLS = -np.log1p(-np.arange(0.001, 1.0, 0.001))
RISES = np.log1p(np.arange(0.001, 19.0, 0.001))


def smallest_seen(
    counts: tuple[float, ...],
    *,
    quantile: float,
    drift: float = 0.0,
    overdispersion: float = 1.0,
    power: float = 0.8,
) -> tuple[float, float]:
    """Smallest fall and smallest rise, as fractions, that lie beyond a quantile so often.

    Parameters
    ----------
    counts : (before, expected after) or (..., comparator before, comparator after)
        Of the place as it would go on.
    quantile : float
        In standard deviations, from which on a change is told from chance.
    drift : float
        Variance of the logarithm of the ratio beyond that of the counts.
    overdispersion : float
        Variance of the counts over what Poisson gives.
    power : float
        Share of such changes that would be seen.

    Returns
    -------
    (float, float)
        Missing where not even an end of all, or twenty times as many, would be seen.

    Examples
    --------
    >>> [round(one, 2) for one in smallest_seen((246, 246, 153, 153), quantile=1.96)]
    [0.35, 0.48]
    """
    from scipy.special import ndtri

    # Half an incident where there is none: a logarithm needs one.
    before, expected, *beside = (max(float(count), 0.5) for count in counts)
    others = 1 / before + sum(1 / count for count in beside)
    needed = quantile + float(ndtri(power))

    def seen(log_change: Floats) -> Bools:
        after = np.maximum(expected * np.exp(log_change), 0.5)
        variance = overdispersion * (others + 1 / after) + drift
        return np.asarray(np.abs(np.log(after / expected)) >= needed * np.sqrt(variance))

    fall, rise = FALLS[seen(-FALLS)], RISES[seen(RISES)]
    return (
        float(-np.expm1(-fall[0])) if len(fall) else math.nan,
        float(np.expm1(rise[0])) if len(rise) else math.nan,
    )


def fit_yardstick(
    log_ratios: ArrayLike, variances: ArrayLike, *, centred: bool = False
) -> Yardstick:
    """Make a yardstick of places where nothing was done.

    Parameters
    ----------
    log_ratios : array-like, shape (places,)
        Logarithm of the ratio of change of each place.
    variances : array-like, shape (places,)
        What its counts alone would give.
    centred : bool
        Measure from the median and not from no change: places chosen alike move alike.

    Returns
    -------
    Yardstick
        The drift is the variance beyond the counts under which the squares, cut at three standard
        deviations, are on average what normal ones are; ranks do the rest, so that tails need no
        model.

    Notes
    -----
    It misleads where the places are unlike the one to be judged, or lie on top of one another: they
    then count for fewer than they are.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). Synthetic control methods. Journal of the
    American Statistical Association 105, 493-505. https://doi.org/10.1198/jasa.2009.ap08746

    Examples
    --------
    >>> fit_yardstick([0.1, -0.2, 0.3], [0.04, 0.04, 0.04]).as_extreme(0.25, 0.04)
    1
    """
    logs, own = np.asarray(log_ratios, dtype=float), np.asarray(variances, dtype=float)
    require(
        logs.shape == own.shape and bool((own > 0).all()),
        "`log_ratios` and `variances` must have one value for each place, variances above zero; "
        f"got shapes {logs.shape} and {own.shape}.",
    )
    if not len(logs):
        return Yardstick()
    middle = float(np.median(logs)) if centred else 0.0
    away = logs - middle
    drift = usual_surplus(lambda drift: away**2 / (own + drift), most=WIDEST_DRIFT)
    return Yardstick(drift, np.sort(np.abs(away) / np.sqrt(own + drift)), middle)


def usual_surplus(squares: Callable[[float], Floats], *, most: float) -> float:
    """The variance beyond chance under which squares are as those of normal values.

    Parameters
    ----------
    squares : callable
        Squared distances in standard deviations, array of shape (places,), for a given surplus of
        variance; they fall as it rises.
    most : float
        Largest surplus.

    Returns
    -------
    float
        From 0 to ``most``; squares are cut at three standard deviations.
    """
    from scipy.optimize import brentq

    def beyond(surplus: float) -> float:
        return float(np.minimum(squares(surplus), FARTHEST**2).mean() - USUAL_SQUARE)

    if beyond(0.0) <= 0:
        return 0.0
    return most if beyond(most) >= 0 else float(brentq(beyond, 0.0, most))
