"""Regression to the mean: places chosen for being high fall back without anyone doing anything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from hotspots.core.errors import InputError, listing, require
from hotspots.core.sentences import Spoken
from hotspots.stats.count_models import fit_gamma_prior
from hotspots.stats.counts import normal_p, normal_quantile


@dataclass(frozen=True)
class RegressionToTheMean(Spoken):
    """What would have happened to chosen areas by choice alone.

    Attributes
    ----------
    n_treated, n_candidates
        Areas chosen, and areas they were chosen from (the chosen ones included).
    before
        Incidents in the chosen areas when they were chosen.
    expected_after
        Incidents to expect in them afterwards had nothing been done.
    trend
        Change of the areas not chosen, already inside ``expected_after``; 1 when not known.
    after, ratio, low, high, p_value
        What came, as a multiple of what was expected; missing when not known.
    confidence
        Of the interval.
    """

    n_treated: int
    n_candidates: int
    before: float
    expected_after: float
    trend: float
    after: float
    ratio: float
    low: float
    high: float
    p_value: float
    confidence: float

    @property
    def expected_change_percent(self) -> float:
        """Change to expect from choice and trend alone, in per cent."""
        return 100 * (self.expected_after / self.before - 1) if self.before > 0 else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON."""
        numbers = asdict(self) | {"expected_change_percent": self.expected_change_percent}
        return {name: None if value != value else value for name, value in numbers.items()}


def regression_to_the_mean(
    before: pd.Series,
    treated: Iterable[Any],
    *,
    after: pd.Series | None = None,
    confidence: float = 0.95,
) -> RegressionToTheMean:
    """How far chosen areas would have fallen back without any treatment.

    Parameters
    ----------
    before : Series
        Count of every area that could have been chosen, in the period the choice was made on; the
        index is ``area_id``. Quiet areas belong to it too.
    treated : iterable
        Areas that were chosen.
    after : Series, optional
        Counts of the same areas over a later period of the same length. The areas not chosen then
        give the trend.
    confidence : float
        Of the interval.

    Returns
    -------
    RegressionToTheMean
        With ``to_sentence()``.

    Raises
    ------
    InputError
        For treated areas that are not among the candidates, or counts that are no counts.

    Notes
    -----
    Empirical Bayes: a gamma prior fitted to all areas draws each count towards the mean, as far as
    luck alone explains the spread. It misleads when areas were chosen on another period or by
    another rule than their count (the fall expected here is then too large), and when the spread is
    not gamma: a few very busy places are drawn back too much, places of the middle too little.

    References
    ----------
    Hauer, E. (1997). Observational Before-After Studies in Road Safety. Pergamon.

    Examples
    --------
    >>> before = pd.Series([14, 9, 4, 3, 2, 1, 1, 0, 0, 0], index=list("abcdefghij"))
    >>> found = regression_to_the_mean(before, ["a", "b"])
    >>> found.before, round(found.expected_after, 1)
    (23.0, 20.3)
    """
    normal_quantile(confidence)
    require(
        isinstance(before, pd.Series) and before.index.is_unique,
        "`before` must be a Series of counts whose index, the area_id, is unique.",
    )
    chosen = pd.Index(list(dict.fromkeys(treated)))
    unknown = chosen.difference(before.index)
    if len(unknown):
        raise InputError(
            f"`treated` must be areas of `before`; {len(unknown):,} of {len(chosen):,} are not: "
            f"{listing(unknown)}."
        )
    prior = fit_gamma_prior(before.to_numpy(dtype=float))
    shrunk = pd.Series(prior.expected(before.to_numpy(dtype=float)), index=before.index)
    spread = float((shrunk[chosen] / (prior.rate + 1)).sum())
    trend, came = _trend(before, after, chosen, shrunk)
    expected = float(shrunk[chosen].sum())
    ratio, low, high, p_value = _against(came, expected, spread, trend, confidence)
    return RegressionToTheMean(
        n_treated=len(chosen),
        n_candidates=len(before),
        before=float(before[chosen].sum()),
        expected_after=expected * trend,
        trend=trend,
        after=came,
        ratio=ratio,
        low=low,
        high=high,
        p_value=p_value,
        confidence=confidence,
    )


def _trend(
    before: pd.Series, after: pd.Series | None, chosen: pd.Index, shrunk: pd.Series
) -> tuple[float, float]:
    """Change of the areas not chosen, and what came in the chosen ones."""
    if after is None:
        return 1.0, math.nan
    lacking = before.index.difference(after.index)
    require(
        len(lacking) == 0,
        f"`after` must have a count for every area of `before`; {len(lacking):,} are missing.",
    )
    rest = before.index.difference(chosen)
    usual = float(shrunk[rest].sum())
    trend = float(after[rest].sum()) / usual if usual > 0 else 1.0
    return trend, float(after[chosen].sum())


def _against(
    came: float, expected: float, spread: float, trend: float, confidence: float
) -> tuple[float, float, float, float]:
    wanted = expected * trend
    if math.isnan(came) or came <= 0 or wanted <= 0:
        ratio = came / wanted if wanted > 0 else math.nan
        return ratio, math.nan, math.nan, math.nan
    log_ratio = math.log(came / wanted)
    se = math.sqrt(1 / came + spread / expected**2)
    reach = normal_quantile(confidence) * se
    low, high = math.exp(log_ratio - reach), math.exp(log_ratio + reach)
    return came / wanted, low, high, normal_p(log_ratio / se)
