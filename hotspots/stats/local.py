"""Local statistics as the literature has them: how an area and its neighbours differ from all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import numbers_of
from hotspots.core.errors import InputError, listing
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hotspots.core.arrays import Codes, Floats

FEWEST_AREAS = 3


def local_gi_star(
    values: pd.Series | ArrayLike, neighbours: Mapping[Any, Iterable[Any]] | Any
) -> pd.DataFrame:
    """Getis-Ord Gi*: how far the sum over an area and its neighbours is from its share of all.

    Parameters
    ----------
    values : Series or array, shape (n,)
        One number an area, zeros included. Every area of the study area must be there: leaving out
        empty ones raises the mean and hides hotspots.
    neighbours : sparse matrix of shape (n, n), or mapping of id to ids
        ``grid.neighbours(areas.index)``, any square matrix of weights in the order of ``values``,
        or for each area the ids of its neighbours (positions where ``values`` is an array). The
        area itself is always added with weight 1.

    Returns
    -------
    DataFrame
        ``z`` and ``n_neighbours`` (the area itself not counted) on the index of ``values``. ``z``
        is missing where it does not exist: fewer than three areas, all values equal, or an area
        whose neighbours are all areas there are. An area without neighbours is judged by its own
        value.

    Raises
    ------
    InputError
        For missing values, or neighbours of other areas.

    Notes
    -----
    ``z = (sum_j w_ij x_j - mean * W_i) / (S * sqrt((n * sum_j w_ij^2 - W_i^2) / (n - 1)))`` with
    ``S^2 = mean(x^2) - mean(x)^2``. On counts with many zeros and a long tail ``z`` is far from
    normal: reading 1.96 as "5 %" flags something on most maps of pure noise. Use
    :func:`flag_hotspots` to decide.

    References
    ----------
    Ord, J. K. & Getis, A. (1995) Local spatial autocorrelation statistics: distributional issues
    and an application. Geographical Analysis 27(4), 286-306. doi:10.1111/j.1538-4632.1995.tb00912.x

    Examples
    --------
    >>> chain = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3]}
    >>> local_gi_star([0, 0, 1, 5, 4], chain)["z"].round(3).tolist()
    [-1.557, -1.946, 0.0, 1.557, 1.946]
    """
    numbers, index = _numbers(values)
    weights = with_self(neighbour_matrix(neighbours, index))
    table = pd.DataFrame(index=index)
    table["z"] = gi_star(numbers, weights)
    table["n_neighbours"] = neighbour_counts(weights)
    return table


def local_moran(
    values: pd.Series | ArrayLike, neighbours: Mapping[Any, Iterable[Any]] | Any
) -> pd.DataFrame:
    """Local Moran's I: whether an area is like its neighbours, or an exception among them.

    Parameters
    ----------
    values, neighbours
        As for :func:`local_gi_star`. The area itself is left out, and the weights of its
        neighbours are divided by their sum.

    Returns
    -------
    DataFrame
        ``moran``, its ``z`` when all values are dealt out at random, ``quadrant`` (``high-high``,
        ``low-high``, ``low-low``, ``high-low``: the area, then its neighbours, against the mean)
        and ``n_neighbours``. Missing where it does not exist: fewer than four areas, all values
        equal, no neighbours.

    Raises
    ------
    InputError
        For missing values, or neighbours of other areas.

    Notes
    -----
    ``high-low`` areas are single busy cells, often one building; Gi* would smear them over their
    neighbours. ``z`` is far from normal on skewed counts, and a quadrant is no test: every area
    has one.

    References
    ----------
    Anselin, L. (1995) Local indicators of spatial association: LISA. Geographical Analysis 27(2),
    93-115. doi:10.1111/j.1538-4632.1995.tb00338.x. Moments: Sokal, R. R., Oden, N. L. & Thomson,
    B. A. (1998) Local spatial autocorrelation in a biological model. Geographical Analysis 30(4),
    331-354. doi:10.1111/j.1538-4632.1998.tb00406.x

    Examples
    --------
    >>> chain = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3]}
    >>> local_moran([0, 0, 1, 5, 4], chain)["quadrant"].tolist()
    ['low-low', 'low-low', 'low-high', 'high-high', 'high-high']
    """
    numbers, index = _numbers(values)
    weights = _shares(neighbour_matrix(neighbours, index))
    table = pd.DataFrame(index=index)
    counts = np.diff(weights.indptr)
    known = (counts > 0) & _varies(numbers, fewest=FEWEST_AREAS + 1)
    deviation = numbers - numbers.mean() if len(numbers) else numbers
    lag = weights @ deviation
    with np.errstate(invalid="ignore", divide="ignore"):
        moran = (len(numbers) - 1) * deviation * lag / (deviation @ deviation)
        expected, variance = _moran_moments(deviation, weights)
        z = (moran - expected) / np.sqrt(variance)
    table["moran"] = np.where(known, moran, np.nan)
    table["z"] = np.where(known & np.isfinite(z), z, np.nan)
    words = np.array(["low-low", "low-high", "high-low", "high-high"], dtype=object)
    quadrant = words[2 * (deviation > 0) + (lag > 0)]
    table["quadrant"] = pd.Series(np.where(known, quadrant, None), index=index, dtype=object)
    table["n_neighbours"] = counts
    return table


def gi_star(numbers: Floats, weights: Any) -> Floats:
    """Gi* from plain numbers and weights that hold the areas themselves; see local_gi_star."""
    size = len(numbers)
    if not _varies(numbers, fewest=FEWEST_AREAS):
        return np.full(size, np.nan)
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    spread = (size * squares - total**2) / (size - 1)
    # Nothing is left to compare with where a neighbourhood is the whole map; rounding leaves a
    # little.
    exists = spread > 1e-12 * squares
    scale = numbers.std() * np.sqrt(np.where(exists, spread, 1.0))
    z = (weights @ numbers - numbers.mean() * total) / scale
    return np.where(exists, z, np.nan)


def neighbour_matrix(neighbours: Mapping[Any, Iterable[Any]] | Any, index: pd.Index) -> Any:
    """Neighbours in any of their forms as a sparse matrix in the order of ``index``."""
    from scipy import sparse

    if isinstance(neighbours, Mapping):
        return _from_mapping(neighbours, index)
    try:
        matrix = sparse.csr_array(neighbours).astype(float)
    except (TypeError, ValueError, IndexError) as error:
        said = "`neighbours` must be areas by area, or a matrix of weights"
        raise InputError(f"{said}; got {type(neighbours).__name__}.") from error
    if matrix.ndim != 2 or matrix.shape != (len(index), len(index)):
        raise InputError(
            f"`neighbours` must have one row and one column for each of the {len(index):,} areas; "
            f"got {' x '.join(map(str, matrix.shape))}.",
            mend=Mend("make-neighbours"),
        )
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise InputError("`neighbours` must hold weights of zero or more, none missing.")
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def with_self(matrix: Any) -> Any:
    """The same weights with every area its own neighbour of weight 1."""
    from scipy import sparse

    others = _without_self(matrix)
    return (others + sparse.eye_array(matrix.shape[0], format="csr")).tocsr()


def neighbour_counts(weights: Any) -> Codes:
    """Neighbours of each area, itself not counted, from weights that hold the areas themselves."""
    others: Codes = np.diff(weights.indptr) - 1
    return others


def _numbers(values: pd.Series | ArrayLike) -> tuple[Floats, pd.Index]:
    index = values.index if isinstance(values, pd.Series) else None
    numbers = numbers_of(values, "values")
    if numbers.ndim != 1:
        raise InputError(f"`values` must be one number an area; got {numbers.ndim} dimensions.")
    unusable = int((~np.isfinite(numbers)).sum())
    if unusable:
        raise InputError(
            f"`values` must be a number for every area; {unusable:,} of {len(numbers):,} are "
            "missing. Put 0 where nothing happened, and leave out areas that are not observed."
        )
    if index is not None and not index.is_unique:
        raise InputError(
            f"`values` must name every area once; {int(index.duplicated().sum()):,} names repeat."
        )
    return numbers, pd.RangeIndex(len(numbers)) if index is None else index


def _from_mapping(neighbours: Mapping[Any, Iterable[Any]], index: pd.Index) -> Any:
    from scipy import sparse

    pairs = [(area, other) for area, others in neighbours.items() for other in set(others)]
    rows = index.get_indexer(pd.Index([area for area, _ in pairs], dtype=index.dtype))
    columns = index.get_indexer(pd.Index([other for _, other in pairs], dtype=index.dtype))
    unknown = {
        name
        for (area, other), row, column in zip(pairs, rows, columns, strict=True)
        for name, spot in ((area, row), (other, column))
        if spot < 0
    }
    if unknown:
        raise InputError(
            f"`neighbours` names {len(unknown):,} areas that `values` does not have: "
            f"{listing(unknown)}. Both must speak of the same areas."
        )
    ones = np.ones(len(pairs))
    return sparse.csr_array((ones, (rows, columns)), shape=(len(index), len(index)))


def _without_self(matrix: Any) -> Any:
    from scipy import sparse

    entries = sparse.coo_array(matrix)
    row, column = entries.coords
    kept = row != column
    return sparse.csr_array(
        (entries.data[kept], (row[kept], column[kept])), shape=matrix.shape, dtype=float
    )


def _shares(matrix: Any) -> Any:
    from scipy import sparse

    others = _without_self(matrix)
    total = np.asarray(others.sum(axis=1)).ravel()
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return (sparse.diags_array(inverse) @ others).tocsr()


def _varies(numbers: Floats, *, fewest: int) -> bool:
    return len(numbers) >= fewest and bool(np.ptp(numbers) > 0)


def _moran_moments(deviation: Floats, weights: Any) -> tuple[Floats, Floats]:
    """Expectation and variance when all values are dealt out at random (Sokal, A3 and A4)."""
    n = len(deviation)
    total = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.multiply(weights).sum(axis=1)).ravel()
    if n < FEWEST_AREAS + 1:
        return np.full(n, np.nan), np.full(n, np.nan)
    kurtosis = (deviation**4).mean() / (deviation**2).mean() ** 2
    expected = -total / (n - 1)
    variance = (
        squares * (n - kurtosis) / (n - 1)
        + (total**2 - squares) * (2 * kurtosis - n) / ((n - 1) * (n - 2))
        - expected**2
    )
    return expected, variance
