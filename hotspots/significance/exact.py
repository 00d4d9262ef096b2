"""The permutation null without permuting: the exact distribution of a sum drawn from all values.

A neighbourhood of m areas holds m of the n values, drawn without replacement. The generating
function of such sums is the elementary symmetric polynomial of ``t ** value``; on the unit circle
Newton's identities make it from power sums, and one Fourier transform turns it into probabilities.
Values are whole numbers, so nothing is approximated but the last digits.
"""

from __future__ import annotations

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


def exact_tails(
    ordered: NDArray[np.int64], size: int, sums: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability that ``size`` of the values sum to at least, and to at most, each of ``sums``.

    Examples
    --------
    >>> high, low = exact_tails(np.array([0, 0, 1, 5]), 2, np.array([1, 6]))
    >>> high.round(6).tolist(), low.round(6).tolist()
    ([0.833333, 0.166667], [0.5, 1.0])
    """
    chance = _distribution(ordered, size)
    high = chance[::-1].cumsum()[::-1][sums]
    low = chance.cumsum()[sums]
    return np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0)


def _distribution(ordered: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Probability of each sum, from 0 to the largest that could be."""
    from scipy.fft import irfft, next_fast_len, rfft

    n = len(ordered)
    length = next_fast_len(size * int(ordered.max(initial=0)) + 1, real=True)
    power_sums = [
        rfft(np.bincount(power * ordered % length, minlength=length).astype(float))
        for power in range(1, size + 1)
    ]
    symmetric = [np.ones(len(power_sums[0]), dtype=complex)]
    for degree in range(1, size + 1):
        total = np.zeros_like(symmetric[0])
        ratio, sign = 1.0 / degree, 1.0
        for power in range(1, degree + 1):
            ratio *= (degree - power + 1) / (n - degree + power)
            total += sign * ratio * symmetric[degree - power] * power_sums[power - 1]
            sign = -sign
        symmetric.append(total)
    return np.maximum(irfft(symmetric[size], length), 0.0)
