"""Weighing the past: old incidents count less, neighbours lend, and the past decides how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.errors import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

HALF_LIVES = (3.0, 6.0, 12.0, 24.0)
WINDOWS = (12, 36, 60, None)
SPREADS = (0.0, 0.25, 0.5)
TRIED_AT = (0.01, 0.02, 0.05)
FEWEST_TRIED = 3


@dataclass(frozen=True)
class Weighing:
    """How much an incident counts by its age, and how much of it is lent to the neighbours.

    Attributes
    ----------
    half_life : float or None
        Periods after which an incident counts half; None where all count alike.
    window : int or None
        Periods looked back on; None for all.
    spread : float
        Share of an area's score that it gets from the mean of its neighbours.
    """

    half_life: float | None = None
    window: int | None = None
    spread: float = 0.0

    def of_age(self, steps: int) -> NDArray[np.float64]:
        """Weights of so many past periods, the latest last."""
        age = np.arange(steps)[::-1]
        if self.half_life is not None:
            return np.asarray(0.5 ** (age / self.half_life))
        return (age < (steps if self.window is None else self.window)).astype(float)


PLAIN = Weighing(window=12)


def weighings(half_lives: Sequence[float], spreads: Sequence[float]) -> list[Weighing]:
    """What is tried: plain counts first, so that a tie goes to the plainer one."""
    require(
        all(life > 0 for life in half_lives),
        f"`half_lives` must be above zero; got {list(half_lives)}.",
    )
    require(
        all(0 <= spread < 1 for spread in spreads),
        f"`spreads` must be at least 0 and below 1; got {list(spreads)}.",
    )
    ages = [*({"window": size} for size in WINDOWS), *({"half_life": one} for one in half_lives)]
    ordered = sorted({0.0, *spreads})
    return [Weighing(**age, spread=spread) for spread in ordered for age in ages]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Step:
    """A forecast of one period from those before it.

    Attributes
    ----------
    weighing : Weighing
        What did best so far.
    scores : array of float, shape (areas,)
        What is expected, in incidents of one period.
    tried : int
        Earlier periods it was chosen on.
    found : array of float, shape (weighings,)
        Mean PAI of each weighing over these.
    """

    weighing: Weighing
    scores: NDArray[np.float64]
    tried: int
    found: NDArray[np.float64]


def forecasts(
    counts: NDArray[np.float64],
    near: Any | None,
    tried: Sequence[Weighing],
    area: NDArray[np.float64],
) -> Iterator[Step]:
    """A forecast of every period but the first, and of the one after the last.

    Parameters
    ----------
    counts : array, shape (areas, periods)
        What the areas held, periods in order of time.
    near : sparse matrix, shape (areas, areas), optional
        Rows add up to one; without it nothing is lent.
    tried : sequence of Weighing
        What to choose from.
    area : array, shape (areas,)
        Size of each area.
    """
    total, times = np.zeros(len(tried)), 0
    for step in range(1, counts.shape[1] + 1):
        past = counts[:, :step]
        scores = _scores(past, near, tried)
        best = int(np.argmax(np.round(total, 9))) if times >= FEWEST_TRIED else 0
        mean = total / times if times else total
        scale = past.sum() / step / max(scores[:, best].sum(), 1e-300)
        yield Step(tried[best], scores[:, best] * scale, times, mean)
        if step < counts.shape[1] and counts[:, step].any():
            older = past.sum(axis=1)
            total += [pai(one, older, counts[:, step], area) for one in scores.T]
            times += 1


def _scores(
    past: NDArray[np.float64], near: Any | None, tried: Sequence[Weighing]
) -> NDArray[np.float64]:
    """What each weighing gives each area."""
    weights = np.column_stack([one.of_age(past.shape[1]) for one in tried])
    plain = np.asarray(past @ weights)
    spread = np.array([one.spread for one in tried])
    if near is None or not spread.any():
        return plain
    return np.asarray((1 - spread) * plain + spread * (near @ plain))


def pai(
    scores: NDArray[np.float64],
    older: NDArray[np.float64],
    came: NDArray[np.float64],
    area: NDArray[np.float64],
) -> float:
    """How many times more than chance the best 1, 2 and 5 % of the ground hold, on average.

    Equal scores go to what held more before; areas equal in that too share what they held.
    """
    order = np.lexsort((-older / area, -scores / area))
    level = np.ones(len(order), dtype=bool)
    level[1:] = (np.diff((scores / area)[order]) != 0) | (np.diff((older / area)[order]) != 0)
    group = np.cumsum(level) - 1
    held = np.bincount(group, came[order])
    size = np.bincount(group, area[order])
    upto, ground = np.append(0.0, held.cumsum()), np.append(0.0, size.cumsum())
    shares = np.array(TRIED_AT)
    hits = np.interp(shares * ground[-1], ground, upto) / upto[-1]
    return float((hits / shares).mean())
