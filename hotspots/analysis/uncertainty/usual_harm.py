"""The usual harm of an incident, lent to areas that hold few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIBRARY = 20_000
MOST_VALUES = 100
LEAST, MOST = 0.5, 1000.0


@dataclass(frozen=True)
class UsualHarm:
    """Incidents every area is lent before its own are looked at, drawn from all incidents.

    ``events`` and ``harm`` are a library of such loans; each use picks one at random.
    """

    events: NDArray[np.float64]
    harm: NDArray[np.float64]

    def mean_with(
        self,
        rng: np.random.Generator,
        events: NDArray[np.float64],
        harm: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Mean harm of an incident once a loan is added to an area's own."""
        pick = rng.integers(0, len(self.events), events.shape)
        mean: NDArray[np.float64] = (harm + self.harm[pick]) / (events + self.events[pick])
        return mean


def usual_harm(
    codes: NDArray[np.intp], harm: NDArray[np.float64], rng: np.random.Generator
) -> UsualHarm:
    """Size and harm of the loans: many incidents where areas are alike, few where they differ."""
    if len(harm) == 0:
        return UsualHarm(np.ones(1), np.ones(1))
    strength = credibility_constant(codes, harm)
    values, times = _kinds(np.sort(harm))
    loans = rng.gamma(strength * times / times.sum(), 1.0, (LIBRARY, len(values)))
    return UsualHarm(loans.sum(axis=1), loans @ values)


def credibility_constant(codes: NDArray[np.intp], harm: NDArray[np.float64]) -> float:
    """Variance of harm within areas over the variance of their means (Buehlmann and Straub).

    Held between a half and 1,000 incidents.
    """
    order = np.lexsort((harm, codes))
    codes, harm = codes[order], harm[order]
    counts = np.bincount(codes)
    totals = np.bincount(codes, harm)
    held = counts > 0
    means = totals[held] / counts[held]
    number, areas = len(harm), int(held.sum())
    if number <= areas or areas < 2:
        return MOST
    within = float((np.bincount(codes, harm**2)[held] - counts[held] * means**2).sum())
    within /= number - areas
    spread = float((counts[held] * (means - harm.mean()) ** 2).sum())
    between = (spread - (areas - 1) * within) / (number - float((counts**2).sum()) / number)
    if between <= 0:
        return MOST
    return float(np.clip(within / between, LEAST, MOST))


def _kinds(harm: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct harms and how many incidents have each; many distinct ones go into groups."""
    values, times = np.unique(harm, return_counts=True)
    if len(values) <= MOST_VALUES:
        return values, times.astype(float)
    groups = np.array_split(harm, MOST_VALUES)
    return (
        np.array([group.mean() for group in groups]),
        np.array([len(group) for group in groups], dtype=float),
    )
