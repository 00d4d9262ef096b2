"""Weighted displacement difference: change in a treated place less change in its control."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from hotspots.core.arguments import listed, number_of, numbers_of
from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.plain import plain
from hotspots.core.sentences import Spoken
from hotspots.stats.counts import Dispersion, dispersion_of, normal_quantile, pair_of_counts

Pair = Sequence[float]
NOTHING = (0.0, 0.0)
UNLIKE, TREND_MATTERS = 1.5, 0.5
"""Areas that differ by more are unlike; a trend that brings more standard errors is looked at."""


@dataclass(frozen=True)
class DisplacementDifference(Spoken):
    """A weighted displacement difference, and how much of it could be chance.

    Attributes
    ----------
    wdd
        Change in the treated area less change in its control, displacement areas included. Below
        zero is a fall.
    se
        Its standard error: Poisson, widened by the overdispersion and the drift.
    local, displacement
        The two parts of ``wdd``: treated against control, and around them.
    confidence
        Of the interval ``low`` to ``high``.
    unit
        What is counted: incidents or harm.
    alike
        Whether treated and control were about as large before (at most 1.5 times), or weighed by
        their size: else one trend for both gives a difference by itself.
    degrees_of_freedom
        Behind the overdispersion; 0 where it was not estimated.
    drift
        How far places drift apart by themselves, as given; 0 where it is not in the interval.
    shared_trend
        What one trend for all areas, in proportion, would bring by itself, their levels being
        unlike.
    """

    wdd: float
    se: float
    local: float
    displacement: float
    confidence: float = 0.95
    unit: str = "incidents"
    alike: bool = True
    degrees_of_freedom: int = 0
    drift: float = 0.0
    shared_trend: float = 0.0

    @property
    def beyond_chance(self) -> bool | None:
        """Whether the interval leaves out no change; None where there is no verdict.

        There is none where nothing was counted, where the areas differ in size and were not
        weighed, and where one trend for areas of unlike level would explain the difference.
        """
        if not self.alike or self.se == 0:
            return None
        matters = abs(self.shared_trend) > TREND_MATTERS * self.se
        beyond = not self.low <= 0 <= self.high
        if beyond and matters and self.low <= self.shared_trend <= self.high:
            return None
        return beyond

    @property
    def z(self) -> float:
        """``wdd`` in standard errors; missing when every count is zero."""
        return self.wdd / self.se if self.se > 0 else math.nan

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.wdd - self._reach

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.wdd + self._reach

    @property
    def _spread(self) -> Dispersion:
        return Dispersion(1.0, self.degrees_of_freedom)

    @property
    def _reach(self) -> float:
        return self._spread.quantile(self.confidence) * self.se

    @property
    def p_value(self) -> float:
        """Two-sided probability of a difference this large if nothing had changed."""
        return self._spread.p_value(self.z)

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON."""
        names = ("z", "low", "high", "p_value", "beyond_chance")
        extra = {name: getattr(self, name) for name in names}
        numbers = asdict(self) | extra
        return {name: plain(value) for name, value in numbers.items()}


def weighted_displacement_difference(
    *,
    treated: Pair,
    control: Pair,
    treated_displacement: Pair | None = None,
    control_displacement: Pair | None = None,
    time_weights: Pair = (1, 1),
    area_weights: Sequence[float] | None = None,
    overdispersion: float | Dispersion = 1.0,
    drift: float = 0.0,
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
        Size of the areas, in any unit; each count is divided by it. Without them areas must have
        been about as large before: where counts differ by more than 1.5 times there are numbers and
        no verdict. With them areas that were unlike before, for their size, still are: where one
        trend for all, in proportion, would explain the difference there is no verdict either.
    overdispersion : float or Dispersion
        Variance over what Poisson gives, at least 1, for instance from
        :func:`~hotspots.stats.overdispersion`.
    drift : float
        How far each of the areas drifts by itself, standard deviation of the logarithm of its
        change: ``change.placebo.drift`` of :func:`compare_change`.
    confidence : float
        Of the interval.

    Returns
    -------
    DisplacementDifference
        ``wdd``, ``se``, ``z``, ``low``, ``high``, ``p_value``, ``beyond_chance``, ``local``,
        ``displacement`` and ``to_sentence()``.

    Raises
    ------
    InputError
        When a pair is not two counts (percentages are not enough), or a weight is not above zero.

    Notes
    -----
    A trend that both areas share moves the larger one by more incidents: with (100, 80) against
    (1,000, 800) both fell by 20 %, and the difference is +180. Hence no verdict for areas that
    differ; :func:`~hotspots.evaluation.rate_ratio` compares them as ratios. It misleads when
    incidents come in bursts and no overdispersion is given, when places drift apart by themselves
    and no drift is given (a quarter of untreated places of a city are then called changed; see
    :func:`compare_change`), and when the treated area was chosen because its "before" was high.

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
    sizes = (1, 1, 1, 1) if area_weights is None else area_weights
    weights = np.outer(
        positive_weights(sizes, 4, "area_weights"),
        positive_weights(time_weights, 2, "time_weights"),
    )
    levels = counts / weights
    change = np.diff(levels, axis=1).ravel()
    local, displacement = float(change[0] - change[1]), float(change[2] - change[3])
    spread = dispersion_of(overdispersion)
    require(
        0 <= number_of(drift, "drift") < math.inf,
        f"`drift` must be a standard deviation of zero or more; got {drift!r}.",
    )
    # Drift is a share of the level, so it moves each area by that share of its count before.
    drifted = drift**2 * float((levels[:, 0] ** 2).sum())
    se = math.sqrt(spread.value * float((counts / weights**2).sum()) + drifted)
    normal_quantile(confidence)
    return DisplacementDifference(
        wdd=local + displacement,
        se=se,
        local=local,
        displacement=displacement,
        confidence=confidence,
        alike=area_weights is not None or _alike(counts[:, 0]),
        degrees_of_freedom=spread.degrees_of_freedom,
        drift=float(drift),
        shared_trend=_shared_trend(counts, levels, time_weights),
    )


def _shared_trend(counts: np.ndarray, levels: np.ndarray, time_weights: Pair) -> float:
    """The difference where all areas together change as they did, each in proportion."""
    before, after = counts.sum(axis=0) / np.asarray(time_weights, dtype=float)
    if before == 0:
        return 0.0
    return float((after / before - 1) * (levels[:, 0] @ (1, -1, 1, -1)))


def _alike(before: np.ndarray) -> bool:
    """Whether each area and its control held about as many incidents before."""
    pairs = [before[:2]] + ([before[2:]] if before[2:].min() > 0 else [])
    return all(pair.max() <= UNLIKE * pair.min() for pair in pairs)


def harm_weighted_displacement_difference(
    results: Sequence[DisplacementDifference] | Mapping[str, DisplacementDifference],
    weights: Sequence[float] | Mapping[str, float],
) -> DisplacementDifference:
    """Pool differences of several offences into one, in harm.

    Parameters
    ----------
    results : sequence or mapping of DisplacementDifference
        One per offence, each from its own counts.
    weights : sequence or mapping of float
        Harm of one incident of each offence, in the same order or under the same names.

    Returns
    -------
    DisplacementDifference
        In units of harm.

    Raises
    ------
    InputError
        For results of another kind, weights below zero, or two levels of confidence.

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
    levels = {part.confidence for part in parts}
    require(len(levels) <= 1, f"`results` must share one confidence; got {listing(levels)}.")
    pairs = list(zip(parts, factors, strict=True))
    free = [part.degrees_of_freedom for part in parts if part.degrees_of_freedom]
    return DisplacementDifference(
        wdd=float(sum(factor * part.wdd for part, factor in pairs)),
        se=math.sqrt(sum((factor * part.se) ** 2 for part, factor in pairs)),
        local=float(sum(factor * part.local for part, factor in pairs)),
        displacement=float(sum(factor * part.displacement for part, factor in pairs)),
        confidence=levels.pop() if levels else 0.95,
        unit="units of harm",
        alike=all(part.alike for part in parts),
        degrees_of_freedom=min(free, default=0),
        drift=min((part.drift for part in parts), default=0.0),
        shared_trend=float(sum(factor * part.shared_trend for part, factor in pairs)),
    )


def positive_weights(weights: Sequence[float], how_many: int, name: str) -> np.ndarray:
    """So many weights above zero, or an error that names the argument."""
    values = numbers_of(weights, name).ravel()
    require(
        len(values) == how_many and bool(np.isfinite(values).all() and (values > 0).all()),
        f"`{name}` must be {how_many} numbers above zero; got {weights!r}.",
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
    given, numbers = listed(results, "results"), numbers_of(listed(weights, "weights"), "weights")
    require(
        len(given) == len(numbers),
        f"`weights` must have one number per result; got {len(numbers)} for {len(given)}.",
        rule="wrong-length",
    )
    return given, numbers.tolist()
