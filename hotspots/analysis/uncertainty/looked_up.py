"""Poisson numbers and gamma amounts by the million, looked up instead of worked out one by one.

An even random number says which of so many equally likely steps a number falls into. The numbers at
both ends of a step are known beforehand; what is left to do hangs on how far they are apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 4096
LARGEST_MEAN = 64.0
"""Poisson numbers of larger means are few, and quick to draw; their tables would be long."""
NUMBERS = 160
"""Numbers that a Poisson number of the largest mean stays below, but for one in 10^20."""


@dataclass(frozen=True)
class PoissonTable:
    """Poisson numbers of the same means again and again.

    Where both ends of a step are the same number, that is the number. Else, once in some hundred
    times, the place within the step is drawn, too, and looked up: exact but for rounding.
    """

    means: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, draws: int) -> NDArray[np.float64]:
        """As many numbers of every mean, one row a mean."""
        numbers = np.empty((len(self.means), draws))
        row, table, up_to = self._tables
        step = rng.integers(0, STEPS, numbers.shape) + row[:, None] * STEPS
        # Without "clip" NumPy fills `out` by way of a copy; all steps are in range.
        table.take(step, out=numbers, mode="clip")
        unsure = np.flatnonzero(numbers < 0)
        place = (step.ravel()[unsure] + rng.random(len(unsure))) / STEPS
        found = np.searchsorted(up_to, place, side="right") - np.floor(place) * NUMBERS
        numbers.ravel()[unsure] = found
        large = self.means > LARGEST_MEAN
        numbers[large] = rng.poisson(self.means[large, None], (int(large.sum()), draws))
        return numbers

    @cached_property
    def _tables(self) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        """Row of each mean; number by row and step, -1 if unsure; chances, each row 1 higher."""
        from scipy.special import pdtr

        means, row = np.unique(np.minimum(self.means, LARGEST_MEAN), return_inverse=True)
        rows = np.arange(len(means))[:, None]
        up_to = (rows + pdtr(np.arange(NUMBERS), means[:, None])).ravel()
        low = np.searchsorted(up_to, rows + np.arange(STEPS) / STEPS, side="right")
        high = np.searchsorted(up_to, rows + np.arange(1, STEPS + 1) / STEPS, side="left")
        return row, np.where(low == high, low - rows * NUMBERS, -1.0).ravel(), up_to


@dataclass(frozen=True)
class GammaTable:
    """Gamma amounts of one shape: exact at both ends of a step, spread evenly in between.

    So no chance is wrong by more than one in 35,000, and but for the tails by far less. The
    outermost steps are worked out.
    """

    shape: float

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float64]:
        """So many amounts."""
        from scipy.special import gammainccinv, gammaincinv

        start, width = self._steps
        amounts = rng.random(size)
        amounts *= STEPS
        step = amounts.astype(np.intp)
        amounts -= step
        amounts *= width.take(step, mode="clip")
        amounts += start.take(step, mode="clip")
        ends = np.flatnonzero(np.isnan(amounts))
        chance = rng.random(len(ends)) / STEPS
        low = step.ravel()[ends] == 0
        tails = gammaincinv(self.shape, chance), gammainccinv(self.shape, chance)
        amounts.ravel()[ends] = np.where(low, *tails)
        return amounts

    @cached_property
    def _steps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Amount at the start of every step, and how far it is to the next; missing at the ends."""
        from scipy.special import gammaincinv

        start = gammaincinv(self.shape, np.arange(STEPS) / STEPS)
        width = np.append(np.diff(start), np.nan)
        width[0] = np.nan
        return start, width
