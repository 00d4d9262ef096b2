"""Weighted displacement difference: change in a treated place less change in its control."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.months import months_between
from hotspots.core.sentences import Spoken
from hotspots.stats.counts import normal_p, normal_quantile, pair_of_counts

Pair = Sequence[float]
NOTHING = (0.0, 0.0)


@dataclass(frozen=True)
class DisplacementDifference(Spoken):
    """A weighted displacement difference, and how much of it could be chance.

    Attributes
    ----------
    wdd
        Change in the treated area less change in its control, displacement areas included. Below
        zero is a fall.
    se
        Its standard error if counts are Poisson.
    local, displacement
        The two parts of ``wdd``: treated against control, and around them.
    confidence
        Of the interval ``low`` to ``high``.
    unit
        What is counted: incidents or harm.
    """

    wdd: float
    se: float
    local: float
    displacement: float
    confidence: float = 0.95
    unit: str = "incidents"

    @property
    def z(self) -> float:
        """``wdd`` in standard errors; missing when every count is zero."""
        return self.wdd / self.se if self.se > 0 else math.nan

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.wdd - normal_quantile(self.confidence) * self.se

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.wdd + normal_quantile(self.confidence) * self.se

    @property
    def p_value(self) -> float:
        """Two-sided probability of a difference this large if nothing had changed."""
        return normal_p(self.z)

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON."""
        extra = {"z": self.z, "low": self.low, "high": self.high, "p_value": self.p_value}
        numbers = asdict(self) | extra
        return {name: None if value != value else value for name, value in numbers.items()}


def weighted_displacement_difference(
    *,
    treated: Pair,
    control: Pair,
    treated_displacement: Pair | None = None,
    control_displacement: Pair | None = None,
    time_weights: Pair = (1, 1),
    area_weights: Sequence[float] = (1, 1, 1, 1),
    confidence: float = 0.95,
) -> DisplacementDifference:
    """Compare the change in a treated area with the change in its control, in incidents.

    Parameters
    ----------
    treated, control : (before, after)
        Counts of incidents.
    treated_displacement, control_displacement : (before, after), optional
        Counts around the treated area and around the control. With only the first, nothing is taken
        off for what would have happened there anyway.
    time_weights : (before, after)
        Length of the two periods, in any unit; each count is divided by it.
    area_weights : (treated, control, treated_displacement, control_displacement)
        Size of the areas, in any unit; each count is divided by it.
    confidence : float
        Of the interval.

    Returns
    -------
    DisplacementDifference
        ``wdd``, ``se``, ``z``, ``low``, ``high``, ``p_value``, ``local``, ``displacement`` and
        ``to_sentence()``.

    Raises
    ------
    InputError
        When a pair is not two counts (percentages are not enough), or a weight is not above zero.

    Notes
    -----
    It misleads when treated and control areas differ in size and no weights are given, when
    incidents come in bursts (the standard error is then too small; see
    :func:`~hotspots.stats.overdispersion`), and when the treated area was chosen because its
    "before" was high.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). A simple weighted displacement difference test to
    evaluate place based crime interventions. Crime Science 7:11.
    https://doi.org/10.1186/s40163-018-0085-5

    Examples
    --------
    >>> result = weighted_displacement_difference(treated=(20, 10), control=(20, 20))
    >>> result.wdd, round(result.se, 4)
    (-10.0, 8.3666)
    >>> print(result.to_sentence())
    Set against its control the treated area changed by -10 incidents; 95% interval -26.4 to +6.4,
    p = 0.232. The interval includes no change: chance alone could give this, so it shows neither
    that it worked nor that it did not.
    """
    pairs = [treated, control, treated_displacement, control_displacement]
    names = ["treated", "control", "treated_displacement", "control_displacement"]
    counts = np.array(
        [
            NOTHING if pair is None else pair_of_counts(pair, name)
            for pair, name in zip(pairs, names, strict=True)
        ]
    )
    weights = np.outer(
        positive_weights(area_weights, 4, "area_weights"),
        positive_weights(time_weights, 2, "time_weights"),
    )
    change = np.diff(counts / weights, axis=1).ravel()
    local, displacement = float(change[0] - change[1]), float(change[2] - change[3])
    se = math.sqrt(float((counts / weights**2).sum()))
    normal_quantile(confidence)
    return DisplacementDifference(local + displacement, se, local, displacement, confidence)


def harm_weighted_displacement_difference(
    results: Sequence[DisplacementDifference] | Mapping[str, DisplacementDifference],
    weights: Sequence[float] | Mapping[str, float],
    *,
    confidence: float | None = None,
) -> DisplacementDifference:
    """Pool differences of several offences into one, in harm.

    Parameters
    ----------
    results : sequence or mapping of DisplacementDifference
        One per offence, each from its own counts.
    weights : sequence or mapping of float
        Harm of one incident of each offence, in the same order or under the same names.
    confidence : float, optional
        Of the interval; that of the results by default, which must then agree.

    Returns
    -------
    DisplacementDifference
        In units of harm.

    Notes
    -----
    Offences are taken to vary independently and weights to be exact. It misleads when one rare,
    very harmful offence drives the total: look at the single results too.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). https://doi.org/10.1186/s40163-018-0085-5

    Examples
    --------
    >>> burglary = weighted_displacement_difference(treated=(20, 10), control=(20, 20))
    >>> theft = weighted_displacement_difference(treated=(70, 20), control=(80, 60))
    >>> harm_weighted_displacement_difference([burglary, theft], [10, 1]).wdd
    -130.0
    """
    parts, factors = _matched(results, weights)
    findings = Findings()
    for part in parts:
        if not isinstance(part, DisplacementDifference):
            findings.error(
                "wrong-kind",
                "`results` must come from `weighted_displacement_difference`; "
                f"got {type(part).__name__}.",
            )
    for factor in factors:
        if not (math.isfinite(factor) and factor >= 0):
            findings.error("weight", f"harm weights must be zero or more; got {factor!r}.")
    findings.raise_errors(InputError)
    levels = {part.confidence for part in parts} if confidence is None else {confidence}
    require(
        len(levels) <= 1,
        f"`results` must share one confidence; got {listing(levels)}. Pass `confidence`.",
    )
    pairs = list(zip(parts, factors, strict=True))
    return DisplacementDifference(
        wdd=float(sum(factor * part.wdd for part, factor in pairs)),
        se=math.sqrt(sum((factor * part.se) ** 2 for part, factor in pairs)),
        local=float(sum(factor * part.local for part, factor in pairs)),
        displacement=float(sum(factor * part.displacement for part, factor in pairs)),
        confidence=levels.pop() if levels else 0.95,
        unit="units of harm",
    )


def positive_weights(weights: Sequence[float], how_many: int, name: str) -> np.ndarray:
    """So many weights above zero, or an error that names the argument."""
    values = np.asarray(weights, dtype=float).ravel()
    require(
        len(values) == how_many and bool(np.isfinite(values).all() and (values > 0).all()),
        f"`{name}` must be {how_many} numbers above zero; got {tuple(weights)!r}.",
    )
    return values


def _matched(results: Any, weights: Any) -> tuple[list[Any], list[float]]:
    """Results and their weights, side by side."""
    if isinstance(results, Mapping) is not isinstance(weights, Mapping):
        raise InputError(
            "`results` and `weights` must both be mappings by offence, or both be in order."
        )
    if isinstance(results, Mapping) and isinstance(weights, Mapping):
        lacking = set(results) ^ set(weights)
        require(
            not lacking,
            f"`results` and `weights` must name the same offences; only one of them has "
            f"{listing(lacking)}.",
        )
        return list(results.values()), [float(weights[name]) for name in results]
    require(
        len(results) == len(weights),
        f"`weights` must have one number per result; got {len(weights)} for {len(results)}.",
        rule="wrong-length",
    )
    return list(results), [float(weight) for weight in weights]


def cumulative_wdd(
    treated: pd.Series,
    control: pd.Series,
    *,
    started: str,
    treated_displacement: pd.Series | None = None,
    control_displacement: pd.Series | None = None,
    baseline: Literal["average", "same_months"] = "average",
    area_weights: Sequence[float] = (1, 1, 1, 1),
    confidence: float = 0.95,
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
    area_weights, confidence
        As in :func:`weighted_displacement_difference`.

    Returns
    -------
    DataFrame
        Indexed by ``period``: ``months`` so far, ``treated`` and ``treated_expected`` so far, and
        ``wdd``, ``se``, ``z``, ``low``, ``high``, ``p_value``, ``local``, ``displacement``.

    Notes
    -----
    It misleads when one stops at the first month that looks good: each interval holds for a single
    look, so over twelve monthly looks an operation that does nothing leaves the 95 % band at least
    once in roughly one run of five. Decide beforehand when to judge.

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
    before = months < str(started)[:7]
    require(
        bool(before.any()),
        f"`started` must leave at least one month before it; got {started!r} and months from "
        f"{months[0] if len(months) else 'none'}.",
    )
    looks = _baseline_weights(months[before], months[~before], baseline)
    sizes = positive_weights(area_weights, 4, "area_weights")[:, None]
    expected = counts[:, before] @ looks.T / sizes
    so_far = np.cumsum(counts[:, ~before], axis=1) / sizes
    variance = (counts[:, before] @ (looks**2).T / sizes**2 + so_far / sizes).sum(axis=0)
    change = so_far - expected
    results = [
        DisplacementDifference(
            float(local + moved), float(se), float(local), float(moved), confidence
        )
        for local, moved, se in zip(
            change[0] - change[1], change[2] - change[3], np.sqrt(variance), strict=True
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
    named = series.copy()
    named.index = pd.Index([str(label)[:7] for label in series.index])
    return named


def _baseline_weights(before: np.ndarray, after: np.ndarray, baseline: str) -> np.ndarray:
    """How often each month before the start is counted when so many months have passed."""
    require(
        baseline in ("average", "same_months"),
        f'`baseline` must be "average" or "same_months"; got {baseline!r}.',
    )
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
