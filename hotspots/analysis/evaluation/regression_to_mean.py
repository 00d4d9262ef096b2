"""Regression to the mean: places chosen for being high fall back without anyone doing anything."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import listed
from hotspots.core.arrays import Bools, Codes, Floats
from hotspots.core.errors import InputError, listing, require
from hotspots.core.plain import plain
from hotspots.core.sentences import Spoken
from hotspots.stats.count_models import fit_rate_mixture
from hotspots.stats.counts import FEWEST_FREE, Dispersion

CONFIDENCE = 0.95


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
    drift
        How far areas not chosen, about as busy, drift apart beyond chance: standard deviation as a
        fraction; missing when not known.
    after, ratio, low, high, p_value
        What came, as a multiple of what was expected; missing when not known.
    confidence
        Of the interval.
    earlier
        The same ratio for the same choice in earlier years, where nothing was done; of years that
        hold nothing to compare there is none, and they are no known years.
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
    confidence: float = CONFIDENCE
    drift: float = math.nan
    earlier: tuple[float, ...] = ()

    @property
    def expected_change_percent(self) -> float:
        """Change to expect from choice and trend alone, in per cent."""
        return 100 * (self.expected_after / self.before - 1) if self.before > 0 else math.nan

    @property
    def years_enough(self) -> bool:
        """Whether the same choice is known of two earlier years or more."""
        return len(self.earlier) >= FEWEST_EARLIER

    @property
    def beyond_chance(self) -> bool | None:
        """Whether more or fewer came than choice, trend, drift and chance explain.

        None where there is no verdict: fewer than two earlier years, fewer than 40 areas that were
        not chosen, or no interval.
        """
        few = self.n_candidates - self.n_treated < FEWEST_BESIDE
        if few or not self.years_enough or math.isnan(self.low):
            return None
        return not self.low <= 1 <= self.high

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON."""
        numbers = asdict(self) | {"expected_change_percent": self.expected_change_percent}
        numbers |= {"earlier": list(self.earlier), "beyond_chance": self.beyond_chance}
        return {name: plain(value) for name, value in numbers.items()}


def regression_to_the_mean(
    before: pd.Series,
    treated: Iterable[Any],
    *,
    after: pd.Series | None = None,
    earlier: Iterable[tuple[pd.Series, pd.Series]] = (),
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
        Counts of the same areas over a later period of the same length. The areas not chosen, about
        as busy as the chosen, then give trend and drift.
    earlier : iterable of (before, after), optional
        Counts of earlier years, when nothing was done: as many areas are chosen, the highest, and
        what came of them stands beside the result. The interval is at least as wide as their
        ratios were wrong. With fewer than two there is no verdict.

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
    Empirical Bayes: the rates behind the counts of all areas are found without a shape for their
    distribution, and each count is drawn towards them as far as luck alone explains the spread. How
    much areas rise or fall besides, and how far they drift apart, is read from those that were not
    chosen and are nearest to the chosen (five for each, at least 40). The interval holds chance,
    drift, and what fit and trend are unsure of; its quantile is Student's t, of as many degrees of
    freedom as areas chosen less one. It misleads when areas were chosen on another
    period or by another rule than their count (the fall expected here is then too large), and where
    the busiest areas revert more than the next ones do, as they do where a year has highs of its
    own: only earlier years show that.

    References
    ----------
    Hauer, E. (1997). Observational Before-After Studies in Road Safety. Pergamon.
    Robbins, H. (1956). An Empirical Bayes Approach to Statistics. Third Berkeley Symposium 1.

    Examples
    --------
    >>> before = pd.Series([14, 9, 4, 3, 2, 1, 1, 0, 0, 0], index=list("abcdefghij"))
    >>> found = regression_to_the_mean(before, ["a", "b"])
    >>> found.before, round(found.expected_after, 1)
    (23.0, 22.2)
    """
    require(
        isinstance(before, pd.Series) and before.index.is_unique,
        "`before` must be a Series of counts whose index, the area_id, is unique.",
    )
    named = listed(treated, "treated")
    listable = all(isinstance(one, Hashable) for one in named)
    require(listable, f"`treated` must be a list of areas; got {treated!r:.200}.")
    chosen = pd.Index(named, tupleize_cols=False).unique()
    unknown = chosen[~chosen.isin(before.index)]
    if len(unknown):
        raise InputError(
            f"`treated` must be areas of `before`; {len(unknown):,} of {len(chosen):,} are not: "
            f"{listing(unknown)}."
        )
    counts = before.to_numpy(dtype=float)
    held = before.index.isin(chosen)
    mixture = fit_rate_mixture(counts) if len(counts) else None
    if mixture is None or not held.any() or not counts.any():
        return _nothing(before, chosen)
    rates, spread = mixture.moments(counts)
    redrawn = mixture.redrawn(counts[held]).sum(axis=1)
    unsure = float(np.var(np.log(redrawn[redrawn > 0])))
    known = Expected(rates, spread, held, unsure)
    told: dict[str, Any] = {
        "n_treated": len(chosen),
        "n_candidates": len(before),
        "before": float(counts[held].sum()),
    }
    if after is None:
        return RegressionToTheMean(expected_after=known.total, **told | NOT_YET)
    again = (_again(one, other, len(chosen)) for one, other in earlier)
    ratios = tuple(ratio for ratio in again if ratio > 0)
    found = _against(known, _later(before, after), _missed(ratios))
    return RegressionToTheMean(**told | found, earlier=ratios)


@dataclass(frozen=True, eq=False)
class Expected:
    """Rates to expect, what is unknown of each, who was chosen, and variance of the fit."""

    rates: Floats
    spread: Floats
    chosen: Bools
    unsure: float

    @property
    def total(self) -> float:
        """Incidents to expect in the chosen areas."""
        return float(self.rates[self.chosen].sum())

    def beside(self) -> Codes:
        """The areas not chosen that are nearest to the chosen, by what is expected of them."""
        rest = np.flatnonzero(~self.chosen)
        middle = math.log(self.rates[self.chosen].mean())
        away = np.abs(np.log(self.rates[rest]) - middle)
        size = max(FEWEST_BESIDE, BESIDE * int(self.chosen.sum()))
        return np.asarray(rest[np.argsort(away, kind="stable")[:size]])


BESIDE, FEWEST_BESIDE, FEWEST_EARLIER = 5, 40, 2
_UNKNOWN = dict.fromkeys(("after", "ratio", "low", "high", "p_value"), math.nan)
NOT_YET: dict[str, Any] = {"trend": 1.0, **_UNKNOWN}
"""What is said where no later count is known."""


def _against(known: Expected, after: Floats, missed: float) -> dict[str, float]:
    """What came against what was to be expected, with trend and drift of areas not chosen."""
    near, chosen = known.beside(), known.chosen
    usual = float(known.rates[near].sum())
    trend = float(after[near].sum()) / usual if usual > 0 else 1.0
    grown, unknown = trend * known.rates, trend**2 * known.spread
    away = (after - grown) ** 2
    surplus = float((away - grown - unknown)[near].sum())
    # What areas beside are off by, less chance and less what is unknown of their rates.
    drift = max(0.0, surplus) / max(float((grown[near] ** 2).sum()), TINY)
    came, wanted = float(after[chosen].sum()), float(grown[chosen].sum())
    found = {"expected_after": wanted, "trend": trend, "drift": math.sqrt(drift), "after": came}
    missing = dict.fromkeys(("low", "high", "p_value"), math.nan)
    if came <= 0 or wanted <= 0:
        return found | missing | {"ratio": came / wanted if wanted > 0 else math.nan}
    of_chosen = wanted + float((unknown + drift * grown**2)[chosen].sum())
    of_trend = float(away[near].sum()) / max(float(after[near].sum()), TINY) ** 2
    # Never surer than the same rule turned out to be in earlier years.
    se = max(math.sqrt(of_chosen / wanted**2 + known.unsure + of_trend), missed)
    sure = Dispersion(1.0, max(int(chosen.sum()) - 1, FEWEST_FREE))
    log_ratio, reach = math.log(came / wanted), sure.quantile(CONFIDENCE) * se
    ends = {"low": math.exp(log_ratio - reach), "high": math.exp(log_ratio + reach)}
    return found | ends | {"ratio": came / wanted, "p_value": sure.p_value(log_ratio / se)}


TINY = 1e-300


def _later(before: pd.Series, after: pd.Series) -> Floats:
    """Counts of the later period, in the order of the earlier one."""
    require(isinstance(after, pd.Series), "`after` must be a Series of counts by area_id.")
    lacking = before.index.difference(after.index)
    require(
        len(lacking) == 0,
        f"`after` must have a count for every area of `before`; {len(lacking):,} are missing.",
    )
    return np.asarray(after.reindex(before.index), dtype=float)


def _again(before: pd.Series, after: pd.Series, size: int) -> float:
    """The ratio of the same choice in an earlier year."""
    return regression_to_the_mean(before, before.nlargest(size).index, after=after).ratio


def _missed(ratios: tuple[float, ...]) -> float:
    """How far off what was expected was in earlier years: root of the mean square of the logs."""
    logs = [math.log(one) for one in ratios]
    return math.sqrt(sum(log**2 for log in logs) / len(logs)) if logs else 0.0


def _nothing(before: pd.Series, chosen: pd.Index) -> RegressionToTheMean:
    """Where nothing was counted, or nothing chosen, nothing can fall back."""
    held = float(before[chosen].sum())
    return RegressionToTheMean(len(chosen), len(before), held, expected_after=0.0, **NOT_YET)
