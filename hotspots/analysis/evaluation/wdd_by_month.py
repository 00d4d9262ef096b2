"""Watching a running operation: the weighted displacement difference month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.wdd import DisplacementDifference, positive_weights
from hotspots.core.arguments import require_made, require_word
from hotspots.core.errors import Findings, InputError, require
from hotspots.core.months import months_between
from hotspots.core.periods import read_time
from hotspots.stats.counts import Dispersion, dispersion_of


def cumulative_wdd(
    treated: pd.Series,
    control: pd.Series,
    *,
    started: str,
    treated_displacement: pd.Series | None = None,
    control_displacement: pd.Series | None = None,
    baseline: Literal["average", "same_months"] = "average",
    area_weights: Sequence[float] = (1, 1, 1, 1),
    overdispersion: float | Dispersion = 1.0,
) -> pd.DataFrame:
    """Watch a running operation: the weighted displacement difference so far, month by month.

    Parameters
    ----------
    treated, control, treated_displacement, control_displacement : Series
        Count of each month, indexed by month (``"2023-04"``), no month missing.
    started : str
        First month of the operation.
    baseline : {"average", "same_months"}
        What each month is compared with: the average month before the start, or the same month of
        the last year before the start.
    area_weights, overdispersion
        As in :func:`weighted_displacement_difference`.

    Returns
    -------
    DataFrame
        Indexed by ``period``: ``months`` so far, ``treated`` and ``treated_expected`` so far, and
        ``wdd``, ``se``, ``z``, ``low``, ``high``, ``p_value``, ``local``, ``displacement``.

    Raises
    ------
    InputError
        For no month before the start, months that differ, or weights that are no weights.

    Notes
    -----
    It misleads when one stops at the first month that looks good: each interval holds for a single
    look, so over twelve monthly looks an operation that does nothing leaves the 95 % band at least
    once in roughly one run of five, and in one of two where months vary twice as much as Poisson
    counts and no overdispersion is given. Decide beforehand when to judge. Areas of unlike size
    need ``area_weights``: a trend that both share moves the larger one by more incidents.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). https://doi.org/10.1186/s40163-018-0085-5

    Examples
    --------
    >>> months = ["2023-01", "2023-02", "2023-03", "2023-04"]
    >>> watch = cumulative_wdd(
    ...     pd.Series([9, 11, 6, 5], months), pd.Series([10, 10, 10, 9], months), started="2023-03")
    >>> watch[["months", "wdd"]].to_numpy().tolist()
    [[1.0, -4.0], [2.0, -8.0]]
    """
    given = (treated, control, treated_displacement, control_displacement)
    months, counts = _monthly(given)
    before = months < f"{read_time(started, 'started'):%Y-%m}"
    require(
        bool(before.any()),
        f"`started` must leave at least one month before it; got {started!r} and months from "
        f"{months[0] if len(months) else 'none'}.",
    )
    looks = _baseline_weights(months[before], months[~before], baseline)
    sizes = positive_weights(area_weights, 4, "area_weights")[:, None]
    expected = counts[:, before] @ looks.T / sizes
    so_far = np.cumsum(counts[:, ~before], axis=1) / sizes
    # A month that stands for several is counted that often, and its variance with the square.
    variance = (counts[:, before] @ (looks**2).T / sizes**2 + so_far / sizes).sum(axis=0)
    change = so_far - expected
    spread = dispersion_of(overdispersion)
    results = [
        DisplacementDifference(
            wdd=float(local + moved),
            se=float(se),
            local=float(local),
            displacement=float(moved),
            degrees_of_freedom=spread.degrees_of_freedom,
        )
        for local, moved, se in zip(
            change[0] - change[1],
            change[2] - change[3],
            np.sqrt(spread.value * variance),
            strict=True,
        )
    ]
    return pd.DataFrame(
        {
            "months": np.arange(1, len(results) + 1),
            "treated": so_far[0],
            "treated_expected": expected[0],
            **{
                name: np.array([getattr(result, name) for result in results], dtype=float)
                for name in ("wdd", "se", "z", "low", "high", "p_value", "local", "displacement")
            },
        },
        index=pd.Index(months[~before], name="period"),
    )


def _monthly(given: Sequence[pd.Series | None]) -> tuple[np.ndarray, np.ndarray]:
    """Months in order, and one row of counts per area (zeros where none was given)."""
    first = given[0]
    assert first is not None
    named = [None if one is None else _by_month(one) for one in given]
    months = sorted(_by_month(first).index)
    findings = Findings()
    for one in named:
        if one is not None and sorted(one.index) != months:
            findings.error("months", "every series must cover the same months, each once.")
    every = months_between(months[0], months[-1]) if months else []
    gaps = sorted(set(every) - set(months))
    if gaps:
        findings.error("months", f"every month must have a count, zero included; missing {gaps}.")
    findings.raise_errors(InputError)
    rows = [
        np.zeros(len(months)) if one is None else one.reindex(months).to_numpy(dtype=float)
        for one in named
    ]
    counts = np.array(rows).reshape(4, len(months))
    require(
        bool(np.isfinite(counts).all() and (counts >= 0).all()),
        "monthly counts must be zero or more; some are negative or missing.",
    )
    return np.array(months, dtype=object), counts


def _by_month(series: pd.Series) -> pd.Series:
    require_made("treated", series, pd.Series, "counts.groupby(month).sum()")
    named = series.copy()
    named.index = pd.Index([str(label)[:7] for label in series.index])
    return named


def _baseline_weights(before: np.ndarray, after: np.ndarray, baseline: str) -> np.ndarray:
    """How often each month before the start is counted when so many months have passed."""
    require_word("baseline", baseline, ("average", "same_months"))
    if baseline == "average":
        passed = np.arange(1, len(after) + 1)[:, None]
        return np.broadcast_to(passed / len(before), (len(after), len(before))).astype(float)
    last_year = list(before[-12:])
    calendar = [month[5:] for month in last_year]
    missing = sorted({month[5:] for month in after} - set(calendar))
    require(
        not missing,
        f"the year before the start must hold the same calendar months; it lacks {missing}. "
        'Use `baseline="average"`.',
    )
    steps = np.zeros((len(after), len(before)))
    offset = len(before) - len(last_year)
    for row, month in enumerate(after):
        steps[row, offset + calendar.index(month[5:])] = 1
    return np.cumsum(steps, axis=0)
