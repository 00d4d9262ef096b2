"""What an interrupted time series found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.plain import plain, plain_records
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.stats.yardstick import FEWEST_LIKE


@dataclass(frozen=True, eq=False)
class Interruption(Spoken):
    """How a monthly series broke at a date.

    Attributes
    ----------
    ratio, low, high, p_value
        Monthly counts after the start over what the course before would have given, on average over
        the months after (geometric mean); with interval. 0.8 is a fall of 20 %.
    level
        Jump at the start, as a ratio, with ``level_low`` and ``level_high``.
    slope
        Change of the monthly growth factor, with interval; missing without ``slope_change``.
    observed, expected
        Incidents after the start, and what the course before would have given.
    dispersion, autocorrelation
        Variance over Poisson's (never below 1), and first-order correlation of the residuals (0
        where it is negative or within chance); both widen the intervals.
    table
        By month: ``count``, ``fitted``, ``without`` (expected had nothing changed), ``after``.
    seasonal, slope_change, lag, degrees_of_freedom
        The model: with a yearly wave, with a change of trend, months of Newey and West's lag, and
        what is left for Student's t; the last two are None where nothing was fitted.
    cautions
        What belongs beside the result, by code.
    controlled
        Whether the series was followed as a multiple of a comparator.
    places, as_extreme
        Like places where nothing was done, and how many of them broke as much; with 40 and more
        they give ``low``, ``high`` and ``p_value``.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    level: float
    level_low: float
    level_high: float
    slope: float
    slope_low: float
    slope_high: float
    observed: int
    expected: float
    dispersion: float
    autocorrelation: float
    confidence: float
    started: str
    table: pd.DataFrame
    seasonal: bool
    slope_change: bool
    lag: int | None
    degrees_of_freedom: int | None
    cautions: tuple[Caveat, ...]
    controlled: bool = False
    places: int = 0
    as_extreme: int = 0

    @property
    def beyond_chance(self) -> bool | None:
        """Whether the series broke more than those of like places do; None for no verdict.

        There is none with fewer than 40 like places, or where nothing was fitted.
        """
        if self.places < FEWEST_LIKE or math.isnan(self.ratio):
            return None
        return self.p_value <= 1 - self.confidence

    @property
    def model(self) -> str:
        """The regression that was fitted, in words."""
        return sentence_of(self, "model")

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        numbers = {name: value for name, value in vars(self).items() if name != "table"}
        return {
            **plain(numbers),
            "beyond_chance": self.beyond_chance,
            "model": self.model,
            "months": plain_records(self.table),
            "sentence": self.to_sentence(),
        }
