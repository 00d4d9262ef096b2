"""The permutation null without permuting: the exact distribution of a sum drawn from all values.

A neighbourhood of m areas holds m of the n values, drawn without replacement. The generating
function of such sums is the elementary symmetric polynomial of ``t ** value``; on the unit circle
Newton's identities make it from power sums, and one Fourier transform turns it into probabilities.
Values are whole numbers, so nothing is approximated but the last digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 1 << 18
STABLE = 4.0
ROUNDING = 1e-12


def can_be_exact(ordered: NDArray[np.int64], size: int) -> bool:
    """Whether sums of so many values are few enough to list, and Newton's identities are stable."""
    return size * size <= STABLE * len(ordered) and size * int(ordered.max(initial=0)) < LONGEST


def sum_distributions(
    ordered: NDArray[np.int64], sizes: Iterable[int]
) -> dict[int, NDArray[np.float64]]:
    """Probability of each sum of so many of the values, drawn without replacement, by size.

    Examples
    --------
    >>> sum_distributions(np.array([0, 0, 1, 3]), [1, 2])[2].round(4)[:5].tolist()
    [0.1667, 0.3333, 0.0, 0.3333, 0.1667]
    """
    from scipy.fft import irfft, next_fast_len, rfft

    wanted = set(sizes)
    largest = max(wanted, default=0)
    n, length = len(ordered), largest * int(ordered.max(initial=0)) + 1
    length = next_fast_len(length, real=True)
    power_sums = [
        rfft(np.bincount(power * ordered % length, minlength=length).astype(float))
        for power in range(1, largest + 1)
    ]
    symmetric = [np.ones(length // 2 + 1, dtype=complex)]
    for degree in range(1, largest + 1):
        total = np.zeros_like(symmetric[0])
        ratio, sign = 1.0 / degree, 1.0
        for power in range(1, degree + 1):
            ratio *= (degree - power + 1) / (n - degree + power)
            total += sign * ratio * symmetric[degree - power] * power_sums[power - 1]
            sign = -sign
        symmetric.append(total)
    return {size: np.maximum(irfft(symmetric[size], length), 0.0) for size in sorted(wanted)}


def exact_tails(
    chance: NDArray[np.float64], sums: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability of at least, and of at most, each of the sums.

    Examples
    --------
    >>> high, low = exact_tails(np.array([0.5, 0.25, 0.25]), np.array([1, 2]))
    >>> high.tolist(), low.tolist()
    ([0.5, 0.25], [0.75, 1.0])
    """
    high = chance[::-1].cumsum()[::-1][sums]
    low = chance.cumsum()[sums]
    return np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0)
