"""What chance would do: the null distributions a neighbourhood is compared with.

Every null answers with two tails, how often chance is at least as high and at least as low, for
each tested area. Plain arrays in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hotspots.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Floats, Ints

SCALE = 1 << 17
ENOUGH_BEYOND = 20
FIRST_DRAWS = 10_000
MOST_DRAWS = 20_000_000
BLOCK_VALUES = 2_000_000
ENOUGH_AROUND = 0.01


def source_of(rng: np.random.Generator | int | None) -> np.random.Generator:
    """The source of random numbers that was asked for; by default one that is the same each time.

    Examples
    --------
    >>> bool(source_of(None).random() == source_of(0).random())
    True
    """
    try:
        return np.random.default_rng(0 if rng is None else rng)
    except (TypeError, ValueError) as error:
        said = f"`rng` must be a whole number from 0 on, or a Generator; got {rng!r}."
        raise InputError(said) from error


@dataclass(frozen=True)
class Tails:
    """Probability, under a null, of a neighbourhood at least as high and at least as low."""

    high: Floats
    low: Floats

    @property
    def two_sided(self) -> Floats:
        """Twice the smaller tail, at most 1."""
        both: Floats = np.minimum(1.0, 2 * np.minimum(self.high, self.low))
        return both

    def and_also(self, other: Tails) -> Tails:
        """Beyond both nulls at once, in the same direction: the larger tail counts."""
        return Tails(np.maximum(self.high, other.high), np.maximum(self.low, other.low))


def permutation_tails(
    values: Floats,
    weights: Any,
    tested: Bools,
    *,
    needed_p: float,
    draws: int | None,
    rng: np.random.Generator,
) -> Tails:
    """All values dealt out at random to all areas.

    A neighbourhood of m areas then holds m of the n values, drawn without replacement, whichever
    area it is: the null is the same for all areas with as many neighbours. It is computed exactly,
    or, for large neighbourhoods in small maps and where ``draws`` are asked for, sampled: a shuffle
    of all values, cut into pieces of m, gives n // m draws.
    """
    sizes = np.diff(weights.indptr)
    steps = whole_steps(values, int(sizes.max(initial=1)))
    ordered = np.sort(steps)
    observed = whole_sums(weights, steps)
    high, low = np.full(len(values), np.nan), np.full(len(values), np.nan)
    all_sizes = np.unique(sizes[tested]).tolist()
    exact = [size for size in all_sizes if draws is None and can_be_exact(ordered, size)]
    chances = sum_distributions(ordered, exact)
    for size in all_sizes:
        mine = np.flatnonzero(tested & (sizes == size))
        sums, place = np.unique(observed[mine], return_inverse=True)
        if size in chances:
            tails = exact_tails(chances[size], sums)
        else:
            tails = _pooled_tails(ordered, size, sums, needed_p, draws, rng)
        high[mine], low[mine] = tails.high[place], tails.low[place]
    return Tails(high[tested], low[tested])


def around_tails(values: Floats, weights: Any, asked: Bools) -> Floats:
    """Chance that areas dealt all other values hold what the neighbours of each asked area hold.

    Were an area's own value without bounds, this chance times that of a neighbourhood to be dealt
    it, m of n, would be its upper tail in :func:`permutation_tails`: no own value gives less.
    """
    from scipy.sparse import eye_array

    others = (weights - eye_array(len(values), format="csr")).tocsr()
    others.eliminate_zeros()
    sizes = np.diff(others.indptr)[asked]
    found = np.ones(len(sizes))
    have = np.zeros(len(values), dtype=bool)
    have[np.flatnonzero(asked)[sizes > 0]] = True
    dealt = permutation_tails(
        values, others, have, needed_p=ENOUGH_AROUND, draws=None, rng=source_of(None)
    )
    found[sizes > 0] = dealt.high
    # Of these deals some hold the area's own value: at most so many of its size.
    own = sizes / len(values)
    left: Floats = np.maximum(found - own, 0.0) / (1.0 - own)
    return left


def permutation_extremes(
    values: Floats, weights: Any, tested: Bools, *, draws: int, rng: np.random.Generator
) -> Floats:
    """Largest absolute Gi* among the tested areas of each shuffled map."""
    size, total = len(values), np.diff(weights.indptr)[tested]
    spread = values.std() * np.sqrt(np.maximum(size * total - total**2, 0) / (size - 1))
    usable = spread > 0
    found = []
    # Sorted first, here as elsewhere: a seed gives the same maps whatever the order of the areas.
    for shuffled in _shuffles(np.sort(values), draws, rng):
        sums = (weights @ shuffled.T)[tested][usable]
        deviation = sums - (values.mean() * total[usable])[:, None]
        found.append((np.abs(deviation) / spread[usable, None]).max(axis=0, initial=0.0))
    return np.concatenate(found)


def constant_risk_tails(counts: Floats, weights: Any, tested: Bools, at_risk: Floats) -> Tails:
    """Every incident falls on anything at risk with the same probability: exact, a binomial."""
    observed = np.rint(weights @ counts)[tested].astype(np.int64)
    share = neighbourhood_shares(weights, at_risk)[tested]
    return _binomial_tails(observed, int(counts.sum()), share)


def constant_risk_extremes(
    counts: Floats,
    weights: Any,
    tested: Bools,
    at_risk: Floats,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Smallest two-sided p among the tested areas of each map made by constant risk."""
    total, share = int(counts.sum()), at_risk / at_risk.sum()
    shares, kind = np.unique(neighbourhood_shares(weights, at_risk)[tested], return_inverse=True)
    smallest = np.empty(draws)
    done = 0
    for block in _blocks(draws, len(counts)):
        maps = rng.multinomial(total, share, size=block)
        sums = (weights @ maps.T)[tested].astype(np.int64)
        # The binomial once for each kind of neighbourhood and count, not for every area of every
        # map.
        possible = np.arange(int(sums.max(initial=0)) + 1)
        two_sided = _binomial_tails(possible, total, shares[:, None]).two_sided
        smallest[done : done + block] = two_sided[kind[:, None], sums].min(axis=0, initial=1.0)
        done += block
    return smallest


def _binomial_tails(seen: Ints, total: int, share: Floats) -> Tails:
    from scipy.special import bdtr, bdtrc

    high = np.where(seen > 0, bdtrc(seen - 1, total, share), 1.0)
    return Tails(high, np.where(seen < total, bdtr(seen, total, share), 1.0))


def neighbourhood_shares(weights: Any, at_risk: Floats) -> Floats:
    """Share of everything at risk that lies in each neighbourhood."""
    everything = at_risk.sum()
    if not everything > 0:
        return np.zeros(len(at_risk))
    shares: Floats = np.asarray(weights @ at_risk) / everything
    return shares.clip(0.0, 1.0)


def whole_steps(values: Floats, largest_size: int) -> Ints:
    """Values as whole numbers: as they are, or on a scale whose sums stay within a fixed length."""
    most = values.max(initial=0)
    if most * largest_size < LONGEST and (values == np.rint(values)).all():
        return values.astype(np.int64)
    scaled: Floats = values / most * (SCALE // largest_size)
    return np.rint(scaled).astype(np.int64)


def whole_sums(weights: Any, steps: Ints) -> Ints:
    """Sum over each neighbourhood in whole numbers."""
    # No row is empty, each area being its own neighbour: of an empty one reduceat gives the next
    # value.
    entries = np.append(steps[weights.indices], 0)
    sums = np.add.reduceat(entries, weights.indptr[:-1]) if len(steps) else entries[:0]
    return np.asarray(sums, dtype=np.int64)


def _pooled_tails(
    ordered: Ints,
    size: int,
    sums: Ints,
    needed_p: float,
    draws: int | None,
    rng: np.random.Generator,
) -> Tails:
    """Tails of each sum, from as many draws as the smallest of them asks for."""
    most = draws if draws is not None else _draws_needed(needed_p)
    pieces = len(ordered) // size
    beyond = np.zeros(len(sums) + 1, dtype=np.int64)
    below = np.zeros(len(sums) + 1, dtype=np.int64)
    drawn = 0
    while drawn < most:
        batch = most if draws is not None else min(max(FIRST_DRAWS, 4 * drawn), most)
        for shuffled in _shuffles(ordered, -(-(batch - drawn) // pieces), rng):
            cut = shuffled[:, : pieces * size].reshape(len(shuffled), pieces, size)
            found = cut.sum(axis=2).ravel()
            # A draw equal to a sum is both at least and at most as much.
            beyond += np.bincount(np.searchsorted(sums, found, "right"), minlength=len(beyond))
            below += np.bincount(np.searchsorted(sums, found, "left"), minlength=len(below))
            drawn += len(found)
        at_least = beyond[::-1].cumsum()[::-1][1:]
        at_most = below.cumsum()[:-1]
        # A tail with 20 draws in it is known well enough; rarer ones ask for more.
        if np.minimum(at_least, at_most).min(initial=ENOUGH_BEYOND) >= ENOUGH_BEYOND:
            break
    # The map itself is one of the deals, so no p-value is 0 (Phipson and Smyth 2010).
    return Tails((at_least + 1) / (drawn + 1), (at_most + 1) / (drawn + 1))


def _draws_needed(needed_p: float) -> int:
    """Draws that leave some beyond the threshold of a tail, or an error that says it cannot be."""
    fewest = 2 / needed_p
    if fewest > MOST_DRAWS:
        raise InputError(
            f"to flag one area here, a p-value of {needed_p:.1e} must be resolved; that takes more "
            f"than {fewest:,.0f} random draws, and {MOST_DRAWS:,} is the most this makes. Test "
            'fewer areas, choose `correction="bh"` or `correction="max-t"`, or '
            '`null="constant-risk"`, which is exact.'
        )
    return int(min(ENOUGH_BEYOND * fewest, MOST_DRAWS))


def _shuffles(
    ordered: NDArray[Any], draws: int, rng: np.random.Generator
) -> Iterator[NDArray[Any]]:
    for block in _blocks(draws, len(ordered)):
        yield rng.permuted(np.broadcast_to(ordered, (block, len(ordered))), axis=1)


def _blocks(draws: int, width: int) -> Iterator[int]:
    most = max(1, BLOCK_VALUES // max(width, 1))
    while draws > 0:
        yield min(draws, most)
        draws -= most


Correction = Literal["bh", "by", "holm", "max-t", "none"]


def corrected(p: Floats, method: Correction) -> Floats:
    """P-values corrected for their number; ``max-t`` is made by the null itself, not here.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995) doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini, Y. &
    Yekutieli, D. (2001) doi:10.1214/aos/1013699998; Holm, S. (1979) jstor.org/stable/4615733.

    Examples
    --------
    >>> corrected(np.array([0.01, 0.04, 0.03]), "holm").round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    if method in ("bh", "by") and len(p):
        order = np.argsort(p)
        place = np.arange(1, len(p) + 1)
        steps = p[order] * (len(p) / place) * ((1 / place).sum() if method == "by" else 1.0)
        q = np.empty(len(p))
        q[order] = np.minimum.accumulate(steps[::-1])[::-1]
        return np.clip(q, 0, 1)
    if method == "holm":
        order = np.argsort(p, kind="stable")
        steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        q = np.empty(len(p))
        q[order] = np.minimum(steps, 1.0)
        return q
    return p.copy()


def smallest_needed_p(tested: int, alpha: float, method: Correction, beside: int = 0) -> float:
    """P-value that an area must reach to be flagged among so many, beside others that are."""
    many = max(tested, 1)
    if method == "holm":
        return alpha / max(many - beside, 1)
    if method in ("bh", "by"):
        times = (1 / np.arange(1, many + 1)).sum() if method == "by" else 1.0
        return float(alpha * min(beside + 1, many) / (many * times))
    return alpha


LONGEST = 1 << 18
STABLE = 4.0
ROUNDING = 1e-12


def can_be_exact(ordered: Ints, size: int) -> bool:
    """Whether sums of so many values are few enough to list, and Newton's identities are stable."""
    return size * size <= STABLE * len(ordered) and size * int(ordered.max(initial=0)) < LONGEST


def sum_distributions(ordered: Ints, sizes: Iterable[int]) -> dict[int, Floats]:
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
    # Modulo the length of the table: no sum that is asked for is longer.
    power_sums = [
        rfft(np.bincount(power * ordered % length, minlength=length).astype(float))
        for power in range(1, largest + 1)
    ]
    symmetric = [np.ones(length // 2 + 1, dtype=complex)]
    for degree in range(1, largest + 1):
        total = np.zeros_like(symmetric[0])
        ratio, sign = 1.0 / degree, 1.0
        for power in range(1, degree + 1):
            # Divided by the number of choices on the way: undivided, terms outgrow floats.
            ratio *= (degree - power + 1) / (n - degree + power)
            total += sign * ratio * symmetric[degree - power] * power_sums[power - 1]
            sign = -sign
        symmetric.append(total)
    # What has no chance comes back from the transform as plus or minus 1e-17.
    return {size: np.maximum(irfft(symmetric[size], length), 0.0) for size in sorted(wanted)}


def exact_tails(chance: Floats, sums: Ints) -> Tails:
    """Probability of at least, and of at most, each of the sums.

    Examples
    --------
    >>> tails = exact_tails(np.array([0.5, 0.25, 0.25]), np.array([1, 2]))
    >>> tails.high.tolist(), tails.low.tolist()
    ([0.5, 0.25], [0.75, 1.0])
    """
    high = chance[::-1].cumsum()[::-1][sums]
    low = chance.cumsum()[sums]
    return Tails(np.clip(high, ROUNDING, 1.0), np.clip(low, ROUNDING, 1.0))
