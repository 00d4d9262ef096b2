"""Where counts by day stop for longer than chance stops them; plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from hotspots.core.arrays import Bools, Floats, Ints

SILENCE, MISSING = 12.0, 4.6
"""Silence is a gap where twelve troubles or more would have been expected in it: chance leaves out
so many about 6 times in a million. It spoils a period where 4.6 or more of them would have been in
it (once in a hundred)."""
WEEK, AROUND, HARDLY = 7, 28, 0.05


class Silences(NamedTuple):
    """Silent times in order, the first before all days and the last after them.

    ``start`` and ``stop`` are the first day of each and the first after it (without meaning before
    the first and after the last), ``a_day`` the troubles that a day of it would have held.
    """

    start: Ints
    stop: Ints
    a_day: Floats


def silences_of(day: Ints, rows: Ints, known: int) -> Silences:
    """The silences of a source that holds so many rows on each of these days, in order.

    A time is silent against four weeks on either side, and never against more than the source has
    on the whole (in its ``known`` days), so that a quiet season is no silence; nor are weekdays on
    which it hardly ever holds anything. Counts that differ from week to week by more than Poisson's
    come in troubles of several: these are what is missed.
    """
    first, size = int(day[0]), int(day[-1] - day[0]) + 1
    held = np.bincount(day - first, rows, size).astype(float)
    together = _together(held)
    closed = _closed(held, first, together)
    works = ~closed[(first + np.arange(size)) % WEEK]
    start = np.concatenate([[0], day[:-1] - first + 1, [size]])
    stop = np.concatenate([[0], day[1:] - first, [size]])
    low, high = np.maximum(start - AROUND, 0), np.minimum(stop + AROUND, size)
    sums = [np.append(0, one.cumsum()) for one in (held, works)]
    around, days = (one[start] - one[low] + one[high] - one[stop] for one in sums)
    a_day = np.minimum(around / np.maximum(days, 1), held.sum() / (known * works.mean())) / together
    found = a_day * (sums[1][stop] - sums[1][start]) >= SILENCE
    found[[0, -1]] = True
    stop[0] -= _closed_days(closed, first - 1, -1)
    start[-1] += _closed_days(closed, first + size, 1)
    return Silences(*(one[found] for one in (start + first, stop + first, a_day * works.mean())))


def _together(held: Floats) -> float:
    """How many come together: the variance of a day and that a week before it, over Poisson's."""
    if len(held) <= AROUND:
        return 1.0
    apart = held[WEEK:] - held[:-WEEK]
    return max(1.0, float((apart**2).sum() / max(held[WEEK:].sum() + held[:-WEEK].sum(), 1.0)))


def _closed(held: Floats, first: int, together: float) -> Bools:
    """Weekdays, by day number, on which the source hardly ever holds anything and should."""
    by = np.bincount((first + np.arange(len(held))) % WEEK, held, WEEK)
    known = len(held) > AROUND and by.mean() / together >= MISSING
    closed: Bools = (by < HARDLY * by.mean()) & known
    return closed


def _closed_days(closed: Bools, day: int, step: int) -> int:
    """How many days in a row are closed, from one on, forwards or backwards."""
    return next(count for count in range(WEEK) if not closed[(day + step * count) % WEEK])
