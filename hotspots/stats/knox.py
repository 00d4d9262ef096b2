"""Pairs close in space and time, and how many chance would bring: Knox, on whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Metric = Literal["euclidean", "manhattan"]
Closed = Literal["left", "right"]
# Four times 255: whole blocks for `_column_sums`.
PAIRS_AT_ONCE = 1_020
DRAWS_AT_ONCE = 128
TIMES_AT_ONCE = 2**24
ROWS_OF_A_BYTE = 255


def close_pairs(
    places: NDArray[np.int64], edges: Sequence[float], metric: Metric, closed: Closed
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of places no further apart than the last edge, and the band of each.

    Parameters
    ----------
    places : array of int64, shape (n, 2)
        Whole millimetres.
    edges : sequence of float
        Millimetres, rising from 0. A pair at one place is in the first band.
    metric : {"euclidean", "manhattan"}
    closed : {"left", "right"}
        Which end of a band belongs to it; 0 always does.

    Returns
    -------
    tuple of array
        Pairs, shape (m, 2), and bands, shape (m,); memory grows with m, never with n squared.
    """
    from scipy.spatial import cKDTree

    norm = 1 if metric == "manhattan" else 2
    tree = cKDTree(places.astype(float))
    # One millimetre more than asked, since the tree rounds; the band is found in whole numbers.
    pairs = tree.query_pairs(edges[-1] + 1, p=norm, output_type="ndarray")
    gap = np.abs(places[pairs[:, 0]] - places[pairs[:, 1]])
    apart = gap.sum(axis=1) if norm == 1 else (gap**2).sum(axis=1)
    band = bands_of(apart, np.asarray(edges, dtype=float) ** norm, closed)
    within = band < len(edges) - 1
    return pairs[within], band[within]


def soon_pairs(
    places: NDArray[np.int64],
    parts: NDArray[np.intp],
    edges: Sequence[float],
    metric: Metric,
    closed: Closed,
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """As :func:`close_pairs`, only pairs in the same part of the time or in parts side by side.

    Memory grows with these, however many there are in all.

    Examples
    --------
    >>> places, parts = np.zeros((3, 2), dtype=np.int64), np.array([0, 1, 2])
    >>> soon_pairs(places, parts, [0, 5], "euclidean", "left")[0].tolist()
    [[0, 1], [1, 2]]
    """
    order = np.argsort(parts, kind="stable")
    ordered = parts[order]
    found = [(np.empty((0, 2), dtype=np.int32), np.empty(0, dtype=np.int32))]
    for part in np.unique(ordered).tolist():
        first, after, last = np.searchsorted(ordered, [part, part + 1, part + 2])
        rows = np.sort(order[first:last])
        pairs, band = close_pairs(places[rows], edges, metric, closed)
        if after < last:  # pairs of the next part come with it
            mine = (parts[rows[pairs]] == part).any(axis=1)
            pairs, band = pairs[mine], band[mine]
        found.append((rows[pairs].astype(np.int32), band.astype(np.int32)))
    pairs, band = (np.concatenate(some) for some in zip(*found, strict=True))
    return pairs, band


def space_pairs(
    places: NDArray[np.int64], edges: Sequence[float], metric: Metric, closed: Closed
) -> NDArray[np.int64]:
    """How many of all pairs are at one place, and in each band of distance (these included).

    Examples
    --------
    >>> places = np.array([[0, 0], [0, 0], [0, 3], [0, 5]])
    >>> space_pairs(places, [0, 3, 6], "euclidean", "left").tolist()
    [1, 2, 4]
    >>> space_pairs(places, [0, 3, 6], "euclidean", "right").tolist()
    [1, 4, 2]
    """
    from scipy.spatial import cKDTree

    distinct, held = np.unique(places, axis=0, return_counts=True)
    norm = 1 if metric == "manhattan" else 2
    if not len(places):
        return np.zeros(len(edges), dtype=np.int64)
    # Between the last whole number (of squares) that belongs to a band and the next.
    ends = np.asarray(edges[1:], dtype=float) ** norm
    limits = (np.ceil(ends) - 0.5 if closed == "left" else np.floor(ends) + 0.5) ** (1 / norm)
    tree = cKDTree(distinct.astype(float))
    both_ways = tree.count_neighbors(tree, np.append(0.0, limits), p=norm, weights=held)
    below = np.rint((both_ways - len(places)) / 2).astype(np.int64)
    return np.append(below[0], np.diff(below[1:], prepend=0))


def neighbours(places: NDArray[np.int64], reach: float) -> NDArray[np.int64]:
    """How many others are within reach of each place, in a straight line, this included.

    Examples
    --------
    >>> neighbours(np.array([[0, 0], [0, 0], [3, 4], [9, 9]]), 5).tolist()
    [2, 2, 2, 0]
    """
    from scipy.spatial import cKDTree

    tree = cKDTree(places.astype(float))
    distinct, rows = np.unique(places, axis=0, return_inverse=True)
    reach = (np.floor(reach**2) + 0.5) ** 0.5
    found = tree.query_ball_point(distinct.astype(float), reach, return_length=True)
    return np.asarray(found[rows.ravel()] - 1, dtype=np.int64)


def bands_of(
    values: NDArray[np.int64], edges: NDArray[np.float64], closed: Closed
) -> NDArray[np.intp]:
    """The band of each value; one more than the last where it is beyond all.

    Examples
    --------
    >>> values, edges = np.array([0, 3, 7]), np.array([0.0, 3.0, 7.0])
    >>> bands_of(values, edges, "left").tolist(), bands_of(values, edges, "right").tolist()
    ([0, 1, 2], [0, 0, 1])
    """
    side: Closed = "right" if closed == "left" else "left"
    return np.maximum(np.searchsorted(edges, values, side=side) - 1, 0)


def time_pairs(
    times: NDArray[np.int64], edges: NDArray[np.float64], closed: Closed
) -> NDArray[np.int64]:
    """How many of all pairs are in each band of time; memory grows with the times alone.

    Examples
    --------
    >>> time_pairs(np.array([0, 3, 7]), np.array([0.0, 4.0, 8.0]), "left").tolist()
    [1, 2]
    """
    ordered = np.sort(times)
    reach = ordered.astype(float)[:, None] + edges[None, 1:]
    side: Closed = "left" if closed == "left" else "right"
    until = np.searchsorted(ordered, reach.ravel(), side=side).reshape(reach.shape)
    below = (until - np.arange(1, len(ordered) + 1)[:, None]).sum(axis=0)
    return np.asarray(np.diff(below, prepend=0), dtype=np.int64)


def count_pairs(
    times: NDArray[np.int64],
    pairs: NDArray[np.integer],
    band: NDArray[np.integer],
    bands: int,
    edges: NDArray[np.float64],
    closed: Closed,
) -> NDArray[np.int64]:
    """Pairs by band of distance and of time, for each of several sets of times.

    Parameters
    ----------
    times : array of int, shape (n, sets)
        Whole units.
    pairs, band : array of int, shape (m, 2) and (m,)
        From :func:`close_pairs`.
    bands : int
        How many bands of distance.
    edges : array of float
        Units of time, rising from 0.
    closed : {"left", "right"}

    Returns
    -------
    array of int64, shape (bands, bands of time, sets)
    """
    # Times are whole: an edge between two of them is the next one, and the comparison that of whole
    # numbers.
    limits = np.ceil(edges[1:]) if closed == "left" else np.floor(edges[1:]) + 1
    below = np.zeros((bands, len(limits), times.shape[1]), dtype=np.int64)
    order = np.argsort(band, kind="stable")
    ends = np.searchsorted(band[order], np.arange(bands + 1))
    for one in range(bands):
        mine = pairs[order[ends[one] : ends[one + 1]]]
        for first in range(0, len(mine), PAIRS_AT_ONCE):
            some = mine[first : first + PAIRS_AT_ONCE]
            apart = np.take(times, some[:, 0], axis=0)
            np.subtract(apart, np.take(times, some[:, 1], axis=0), out=apart)
            np.abs(apart, out=apart)
            for at, limit in enumerate(limits):
                below[one, at] += _column_sums(apart < limit.astype(apart.dtype))
    return np.diff(below, axis=1, prepend=0)


def permuted_tails(
    times: NDArray[np.int64],
    pairs: NDArray[np.integer],
    band: NDArray[np.integer],
    observed: NDArray[np.int64],
    edges: NDArray[np.float64],
    closed: Closed,
    draws: int,
    rng: np.random.Generator,
    season: float = np.inf,
) -> NDArray[np.int64]:
    """In how many deals of the times over the places there are as many pairs or more.

    Times are dealt out within parts of the time, each as long as ``season`` or longer.
    """
    if not len(pairs):
        return np.full(observed.shape, draws, dtype=np.int64)
    largest = max(int(np.ptp(times)), float(edges[-1])) + 1
    # The narrowest kind that holds every gap: the work is reading memory.
    narrow = [kind for kind in (np.int16, np.int32) if largest < np.iinfo(kind).max]
    own = (times - times.min()).astype([*narrow, np.int64][0])
    tails = np.zeros(observed.shape, dtype=np.int64)
    at_once = min(DRAWS_AT_ONCE, max(TIMES_AT_ONCE // len(own), 1))
    dealt_anew = deals(own, season, rng, draws)
    while some := list(islice(dealt_anew, at_once)):
        dealt = np.ascontiguousarray(np.stack(some).T)
        counts = count_pairs(dealt, pairs, band, len(observed), edges, closed)
        tails += (counts >= observed[:, :, None]).sum(axis=2)
    return tails


def deals(
    times: NDArray[np.integer], season: float, rng: np.random.Generator, draws: int
) -> Iterator[NDArray[np.integer]]:
    """The times dealt out anew within equal parts of their span, as long as a season or longer.

    What happened at a place in a part stays as many: places keep the seasons they have. A span
    shorter than two seasons is one part.

    Examples
    --------
    >>> times = np.array([0, 20, 7, 95, 60, 99])
    >>> (dealt,) = deals(times, 50, np.random.default_rng(1), 1)
    >>> (dealt // 50).tolist() == (times // 50).tolist(), sorted(dealt.tolist())
    (True, [0, 7, 20, 60, 95, 99])
    """
    part = seasons_of(times, season)
    order = np.argsort(part, kind="stable")
    groups = np.split(times[order], np.bincount(part).cumsum()[:-1])
    for _ in range(draws):
        dealt = np.empty_like(times)
        dealt[order] = np.concatenate([rng.permutation(group) for group in groups])
        yield dealt


def seasons_of(times: NDArray[np.integer], season: float) -> NDArray[np.intp]:
    """The equal part of the span each time is in, as long as a season or longer, from 0 on."""
    since = (times - times.min(initial=np.iinfo(times.dtype).max)).astype(np.float64)
    span = float(since.max(initial=0.0)) + 1
    return np.asarray(since * (max(int(span // season), 1) / span), dtype=np.intp)


def _column_sums(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """True values of each column, added up as bytes first: ten times as fast."""
    rows = mask.view(np.uint8)
    whole = len(rows) - len(rows) % ROWS_OF_A_BYTE
    blocks = rows[:whole].reshape(-1, ROWS_OF_A_BYTE, rows.shape[1])
    return np.asarray(
        blocks.sum(axis=1, dtype=np.uint8).sum(axis=0, dtype=np.int64)
        + rows[whole:].sum(axis=0, dtype=np.uint8)
    )
