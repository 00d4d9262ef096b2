"""What categories of trend come from a world without trends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hotspots.analysis.trends.emerging import classify_trends
from hotspots.core.errors import require


def trends_by_chance(
    counts: pd.DataFrame,
    score: Callable[[pd.DataFrame], pd.DataFrame],
    *,
    draws: int = 20,
    rng: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """How many areas of each category a world without trends would show.

    Parameters
    ----------
    counts : DataFrame
        One row an area, one column a step in order of time; from ``by_area(area_periods)``.
    score : callable
        Makes z of such a table, as it is made of the real one:
        ``lambda counts: gi_star_by_period(counts, neighbours)``.
    draws : int
        Worlds to draw.
    rng : Generator or int
        Of the draws.

    Returns
    -------
    DataFrame
        By ``category``, the most frequent first: ``areas`` as observed, ``by_chance`` (mean of the
        draws), ``low`` and ``high`` (least and most of them).

    Raises
    ------
    InputError
        When ``draws`` is below 1, or there are too few steps.

    Notes
    -----
    In each world an area keeps its own rate in all steps, and all rise and fall together as the
    total did: counts are Poisson. What is as frequent there as on the real map is no news. It
    misleads where incidents come in bursts, which make more of the on-and-off categories.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> counts = pd.DataFrame(rng.poisson(2, (60, 12)))
    >>> found = trends_by_chance(counts, lambda held: (held - 2) / 2**0.5, draws=5)
    >>> bool((found["areas"] <= 2 * found["high"] + 3).all())
    True
    """
    require(draws >= 1, f"`draws` must be at least 1; got {draws!r}.")
    values = counts.to_numpy(dtype=float)
    total = values.sum()
    rates = np.outer(values.sum(axis=1), values.sum(axis=0)) / total if total else values
    source = np.random.default_rng(rng)

    def categories(table: pd.DataFrame) -> pd.Series:
        return classify_trends(score(table))["category"].value_counts()

    worlds = [
        categories(pd.DataFrame(source.poisson(rates), index=counts.index, columns=counts.columns))
        for _ in range(draws)
    ]
    drawn = pd.DataFrame(worlds).fillna(0)
    observed = categories(counts)
    names = [*observed.index, *(name for name in drawn.columns if name not in observed.index)]
    drawn = drawn.reindex(columns=names, fill_value=0)
    return pd.DataFrame(
        {
            "areas": observed.reindex(names, fill_value=0).astype(int),
            "by_chance": drawn.mean(),
            "low": drawn.min().astype(int),
            "high": drawn.max().astype(int),
        },
        index=pd.Index(names, name="category"),
    )
