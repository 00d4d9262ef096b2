"""Gi* period by period, with the reference window named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.errors import InputError
from hotspots.stats.local import gi_star, neighbour_matrix, with_self

if TYPE_CHECKING:
    from numpy.typing import NDArray

Reference = Literal["step", "all"]


def gi_star_by_period(
    values: pd.DataFrame,
    neighbours: Mapping[Any, Iterable[Any]] | Any,
    *,
    reference: Reference = "step",
) -> pd.DataFrame:
    """Gi* of every area in every period.

    Parameters
    ----------
    values : DataFrame
        One row an area, one column a period in order of time; from ``by_area(area_periods)``.
    neighbours : sparse matrix, or mapping of id to ids
        As for :func:`local_gi_star`, in the order of the rows: ``grid.neighbours(values.index)``.
    reference : {"step", "all"}
        What a neighbourhood is compared with: the areas of the same period (``step``: a rise of
        the whole town does not show), or all areas in all periods (``all``: it does).

    Returns
    -------
    DataFrame
        z in the shape of ``values``; missing where it does not exist.

    Notes
    -----
    Neighbours are neighbours in space, not in time. In ``step`` a quiet month makes small numbers
    stand out.

    Examples
    --------
    >>> months = pd.DataFrame([[0, 0], [0, 0], [1, 10], [5, 50], [4, 40]], columns=["a", "b"])
    >>> chain = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3]}
    >>> gi_star_by_period(months, chain).round(2).loc[4].tolist()
    [1.95, 1.95]
    >>> gi_star_by_period(months, chain, reference="all").round(2).loc[4].tolist()
    [-0.56, 2.93]
    """
    if reference not in get_args(Reference):
        raise InputError(f'`reference` must be "step" or "all"; got {reference!r}.')
    numbers = values.to_numpy(dtype=float)
    missing = int((~np.isfinite(numbers)).sum())
    if missing:
        raise InputError(
            f"`values` must be known for every area and period; {missing:,} are missing. Put 0 "
            "where nothing happened, and leave out periods that the data does not cover."
        )
    weights = with_self(neighbour_matrix(neighbours, values.index))
    z = _by_step(numbers, weights) if reference == "step" else _against_all(numbers, weights)
    return pd.DataFrame(z, index=values.index, columns=values.columns)


def _by_step(numbers: NDArray[np.float64], weights: Any) -> NDArray[np.float64]:
    columns = [gi_star(column, weights) for column in numbers.T]
    return np.column_stack(columns) if columns else numbers


def _against_all(numbers: NDArray[np.float64], weights: Any) -> NDArray[np.float64]:
    """One Gi* over all area-periods, in which neighbours are of the same period."""
    from scipy.sparse import block_diag

    steps = numbers.shape[1]
    if numbers.size == 0:
        return numbers
    stacked = gi_star(numbers.T.ravel(), block_diag([weights] * steps, format="csr"))
    return stacked.reshape(steps, -1).T
