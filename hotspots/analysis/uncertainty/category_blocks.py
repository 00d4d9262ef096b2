"""Blocks of incidents that count in several areas and several categories at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.analysis.uncertainty.bootstrap_ranks import Blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray


def blocks_by_category(
    inside: Any, category: NDArray[np.bool_], block: NDArray[np.intp], number: int
) -> Blocks:
    """Equal blocks together, drawn for every area and category at once.

    Parameters
    ----------
    inside : sparse, (incidents, areas)
        1 where an incident lies in an area; areas may overlap.
    category : array of bool, (incidents, categories)
    block : array of int, (incidents,)
        The block of each incident, below ``number``, in an order that the rows do not change.

    Returns
    -------
    Blocks
        Their areas are areas times categories, the categories of one area side by side.
    """
    from scipy.sparse import csr_array

    kinds = category.shape[1]
    incident, area = inside.tocoo().coords
    row, kind = np.nonzero(category[incident])
    shape = (number, inside.shape[1] * kinds)
    cells = block[incident[row]], area[row] * kinds + kind
    held = csr_array((np.ones(len(row)), cells), shape=shape)
    held.sort_indices()
    ends = held.indptr[1:-1]
    rows = zip(np.split(held.indices, ends), np.split(held.data, ends), strict=True)
    times = Counter((tuple(where.tolist()), tuple(size.tolist())) for where, size in rows)
    equal = sorted(times)
    group = np.repeat(np.arange(len(equal)), [len(where) for where, _ in equal])
    where = np.array([column for columns, _ in equal for column in columns], dtype=np.intp)
    size = np.array([amount for _, amounts in equal for amount in amounts])
    to_area = csr_array((size, (where, group)), shape=(shape[1], len(equal)))
    ones = np.ones(len(equal))
    return Blocks(np.array([times[one] for one in equal], float), ones, ones, to_area, None, None)
