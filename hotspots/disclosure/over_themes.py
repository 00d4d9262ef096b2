"""What counts of some themes in an area tell of another one: every incident is in some together.

Nuisance inside ASB bounds it; and where all violence is with or without a weapon, two counts under
5 of these bound it as well. Areas that show the same are asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hotspots.disclosure.variables import fewest_and_most, in_whole_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 3
"""Of two themes bounding one another; a fourth told nothing more in any town that was tried."""


def ends_among(
    theme: str,
    others: Sequence[str],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    parts: Iterable[tuple[str, ...]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most of a theme in each area, by the bounds of other themes.

    ``low`` and ``high`` are areas by others; ``parts`` are the themes that incidents are in
    together. Where nothing fits nothing is known.
    """
    from scipy import sparse

    names = {theme, *others}
    kinds = sorted({tuple(name for name in part if name in names) for part in parts} - {()})
    found = np.tile([0.0, np.inf], (len(low), 1))
    if not others or {(name,) for name in names} <= set(kinds):  # each can be alone: none is bound
        return found[:, 0], found[:, 1]
    rows = sparse.csr_array([[float(name in kind) for kind in kinds] for name in others])
    wish = np.array([float(theme in kind) for kind in kinds])
    alike, of = np.unique(np.c_[low, high], axis=0, return_inverse=True)
    answers = []
    for edge in alike:
        known = edge[: len(others)], edge[len(others) :]
        ends = fewest_and_most(rows, *known, wish)
        answers.append((0.0, np.inf) if ends is None else in_whole_numbers(ends))
    found = np.array(answers).reshape(-1, 2)[of.ravel()]
    return found[:, 0], found[:, 1]


def settled(
    mine: NDArray[np.float64], others: Iterable[tuple[bool, NDArray[np.float64]]]
) -> list[NDArray[np.float64]]:
    """Bounds of a theme over time, and of each other theme and what is in the wider one alone.

    Each bounds the other two, whatever the days: nuisance of July and of August in ASB of both.
    Squares as :func:`over_time.worked_out` gives them; each other theme lies around it or inside.
    """
    beside = [other for _, other in others]
    for _ in range(ROUNDS):
        found = []
        for at, (around, _) in enumerate(others):
            wide, inside = (beside[at], mine) if around else (mine, beside[at])
            rest = wide + inside.swapaxes(1, 2)
            # Incidents outside the inner theme cannot be undone later either.
            later, earlier = np.tril_indices(rest.shape[1])
            rest[:, later, earlier] = np.minimum(rest[:, later, earlier], 0.0)
            rest = closed(rest)
            wide = closed(np.minimum(wide, inside + rest))
            inside = closed(np.minimum(inside, wide + rest.swapaxes(1, 2)))
            beside[at], mine = (wide, inside) if around else (inside, wide)
            found += [beside[at], rest]
    return [mine, *found]


def closed(most: NDArray[np.float64]) -> NDArray[np.float64]:
    """What follows along shortest paths."""
    for middle in range(most.shape[1]):
        most = np.minimum(most, most[:, :, middle, None] + most[:, None, middle, :])
    return most
