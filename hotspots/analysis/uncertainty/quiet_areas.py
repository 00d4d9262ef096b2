"""Areas that nothing came to in a draw: all alike, and drawn only as far as they pass another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 4096
SMALLEST = 1e-12
RAREST = 60.0
"""Amounts as rare as one in exp(60) do not come."""


@dataclass(frozen=True)
class QuietAreas:
    """Areas that hold nothing; in a draw they are joined by those that nothing came to.

    Each has a gamma amount of incidents of one shape, times a mean harm taken at random from
    ``means`` where areas are ranked by harm. So their order is a lottery, and of their amounts only
    those above the least of another area need to be drawn. The ranks are distributed as if every
    amount had been.
    """

    number: int
    shape: float
    means: NDArray[np.float64] | None
    rng: np.random.Generator

    def ranks_among(
        self, falling: NDArray[np.float64], joined: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Ranks of areas with these amounts, which fall, and of some areas nothing came to."""
        size = len(falling)
        quiet = self._amounts_above(falling[-1] if size else np.inf, joined)
        ahead = np.searchsorted(-falling, -quiet)
        passed = np.bincount(ahead, minlength=size + 1)[:size].cumsum()
        lot = self.rng.choice(self.number + joined, joined, replace=False)
        ahead = np.append(ahead, size)[np.minimum(lot, len(quiet))]
        return 1 + np.arange(size) + passed, 1 + lot + ahead

    def _amounts_above(self, least: float, joined: int) -> NDArray[np.float64]:
        """Amounts of quiet areas, falling, as far as they are not below the least."""
        amount, rarity = self._rarity
        most = 1.0 if self.means is None else max(self.means.max(), SMALLEST)
        # By the largest mean, so that none is missed; what falls short by its own is dropped below.
        enough = np.interp(least / most, amount, rarity)
        number = self.rng.binomial(self.number + joined, np.exp(-enough))
        rare = enough + np.sort(self.rng.standard_exponential(number))
        found = np.interp(rare, rarity, amount)
        if self.means is not None:
            found *= self.means[self.rng.integers(0, len(self.means), number)]
            found = np.sort(found[found >= least])
        return found[::-1]

    @cached_property
    def _rarity(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Amounts, and minus the logarithm of the chance of more: that is exponential."""
        from scipy.special import gammaincc, gammaincinv

        least = max(gammaincinv(self.shape, SMALLEST), SMALLEST)
        # Chernoff: above a + sqrt(2 a t) + t a gamma amount is as rare as exp(-t), and sqrt(2 * 60)
        # is 11.
        most = self.shape + 11 * np.sqrt(self.shape) + RAREST
        amount = np.append(0.0, np.geomspace(least, most, STEPS))
        return amount, -np.log(gammaincc(self.shape, amount))
