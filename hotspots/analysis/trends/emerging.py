"""What story the z of an area tells over time, and how often a world without trends tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import draws_of, numbers_of, require_made, size_of
from hotspots.core.errors import InputError
from hotspots.stats.nulls import corrected, source_of
from hotspots.stats.trend_test import rises_of, z_and_p

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hotspots.core.arrays import Bools, Floats

FEWEST_STEPS = 10
NEARLY_ALWAYS = 0.9
NO_PATTERN = "none"
TREND_ALPHA = 0.05
"""Of the Mann-Kendall test that tells rising and falling from neither."""


def classify_trend(z_by_step: ArrayLike, *, significant_z: float = 1.96) -> str:
    """Name the story of one area: the category of its z-values in order of time.

    A step is hot where ``z > significant_z`` and cold where ``z < -significant_z``. If the last
    step is cold, the rules (``docs/trends.md``) are read for cold; otherwise for hot, and then for
    cold if nothing hot holds. They are read in their order and the first that holds is the answer;
    cold answers end in " cold".

    Parameters
    ----------
    z_by_step : array-like, shape (steps,)
        Gi* of one area, one a step, oldest first; at least ten.
    significant_z : float
        Where hot begins. Take more than 1.96 if many areas are classified.

    Returns
    -------
    str
        ``"new"``, ``"consecutive"``, ``"intensifying"``, ``"persistent"``, ``"diminishing"``,
        ``"sporadic"``, ``"oscillating"``, ``"historical"``, the same with ``" cold"``, or
        ``"none"``.

    Raises
    ------
    InputError
        For fewer steps than a category needs, or a z that is missing.

    Notes
    -----
    z compares an area with the rest of its reference window (see :func:`gi_star_by_period`): where
    the whole town rises alike, nothing intensifies. With monthly counts most areas are sporadic;
    :func:`months_in_top` says more then.

    References
    ----------
    After the categories of Esri's Emerging Hot Spot Analysis
    (https://pro.arcgis.com/en/pro-app/latest/tool-reference/space-time-pattern-mining/learnmoreemerging.htm),
    made exclusive.

    Examples
    --------
    >>> classify_trend([0] * 11 + [3])
    'new'
    >>> classify_trend([-5, -6] * 6)
    'persistent cold'
    """
    z = pd.DataFrame(_steps(z_by_step)[None])
    return str(classify_trends(z, significant_z=significant_z)["category"].iloc[0])


def classify_trends(z_by_step: pd.DataFrame, *, significant_z: float = 1.96) -> pd.DataFrame:
    """Name the story of every area, with what the name was read from.

    Parameters
    ----------
    z_by_step : DataFrame
        One row an area, one column a step in order of time, from :func:`gi_star_by_period`.
    significant_z : float
        As for :func:`classify_trend`.

    Returns
    -------
    DataFrame
        ``category``, ``steps``, ``steps_hot``, ``steps_cold``, ``hot_last``, ``cold_last``,
        ``trend_z``, ``trend_p`` and ``trend_q`` (Benjamini-Hochberg over the areas). An area with
        a missing z has no category.

    Raises
    ------
    InputError
        For fewer steps than a category needs.

    Notes
    -----
    Read :func:`classify_trend`. Of a thousand areas some are given a category by chance:
    :func:`trends_by_chance` says how many.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> table = pd.DataFrame([[0] * 11 + [3], [5] * 12], index=["a", "b"])
    >>> classify_trends(table)["category"].to_dict()
    {'a': 'new', 'b': 'persistent'}
    """
    require_made("z_by_step", z_by_step, pd.DataFrame, "gi_star_by_period(values, neighbours)")
    values, significant_z = z_by_step.to_numpy(dtype=float), size_of(significant_z, "significant_z")
    if z_by_step.shape[1] < FEWEST_STEPS:
        _steps(np.zeros(z_by_step.shape[1]))
    known = np.isfinite(values).all(axis=1)
    hot, cold = values > significant_z, values < -significant_z
    s, variance = rises_of(values[known])
    z, p = z_and_p(s, variance)
    direction = np.where(p <= TREND_ALPHA, np.sign(s), 0)
    table = pd.DataFrame(index=z_by_step.index)
    table["category"] = _where(known, _stories(hot[known], cold[known], direction), None, object)
    table["steps"] = values.shape[1]
    table["steps_hot"], table["steps_cold"] = hot.sum(axis=1), cold.sum(axis=1)
    table["hot_last"], table["cold_last"] = hot[:, -1], cold[:, -1]
    table["trend_z"] = _where(known, z, np.nan, float)
    table["trend_p"] = _where(known, p, np.nan, float)
    table["trend_q"] = _where(known, corrected(p, "bh"), np.nan, float)
    return table


def trends_by_chance(
    counts: pd.DataFrame,
    score: Callable[[pd.DataFrame], pd.DataFrame],
    *,
    draws: int = 20,
    rng: np.random.Generator | int | None = None,
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
    rng : Generator or int, optional
        Of the draws; the same every time unless given.

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
    draws = draws_of(draws)
    values = numbers_of(counts, "counts")
    total = values.sum()
    rates = np.outer(values.sum(axis=1), values.sum(axis=0)) / total if total else values
    source = source_of(rng)

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


def _steps(z_by_step: ArrayLike) -> Floats:
    z = numbers_of(z_by_step, "z_by_step")
    if z.ndim != 1 or len(z) < FEWEST_STEPS or not np.isfinite(z).all():
        raise InputError(
            f"`z_by_step` must hold at least {FEWEST_STEPS} steps of one area, none missing; got "
            f"{z.shape[-1] if z.ndim else 0} with {int((~np.isfinite(z)).sum())} missing. Three "
            "months are three months, not a trend."
        )
    return z


def _stories(hot: Bools, cold: Bools, direction: Floats) -> NDArray[np.object_]:
    """The category of each row; cold ones where the last step is cold or nothing hot holds."""
    as_hot, as_cold = _rules(hot, cold, direction), _rules(cold, hot, -direction)
    told = np.where(as_cold == NO_PATTERN, NO_PATTERN, as_cold + " cold")
    return np.where(cold[:, -1] | (as_hot == NO_PATTERN), told, as_hot)


def _rules(hot: Bools, cold: Bools, direction: Floats) -> NDArray[np.object_]:
    """The first rule that holds for hot; swap hot and cold, and the direction, for cold."""
    last, held = hot[:, -1], hot.sum(axis=1)
    # argmin finds the first step that is not hot, of all hot ones the first of all.
    run = np.where(hot.all(axis=1), held, np.argmin(hot[:, ::-1], axis=1))
    always, only = hot.mean(axis=1) >= NEARLY_ALWAYS, last & (run == held)
    rules = {
        NO_PATTERN: held == 0,
        "historical": always & ~last,
        "intensifying": always & (direction > 0),
        "diminishing": always & (direction < 0),
        "persistent": always,
        "new": only & (run == 1),
        "consecutive": only,
        "sporadic": ~cold.any(axis=1),
        "oscillating": last,
    }
    return np.select(list(rules.values()), list(rules), NO_PATTERN).astype(object)


def _where(known: Bools, values: ArrayLike, missing: object, dtype: type) -> NDArray[Any]:
    column: NDArray[Any] = np.full(len(known), missing, dtype=dtype)
    column[known] = values
    return column
