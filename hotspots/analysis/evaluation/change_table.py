"""The table of a comparison: totals, changes, and ratios with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.comparison_groups import (
    COMPARATOR,
    TREATED,
    Group,
    monthly_counts,
    totals_by_phase,
)
from hotspots.analysis.evaluation.placebo import LikePlaces, Yardsticks
from hotspots.analysis.evaluation.ratios import RateRatio, ratio_of_totals
from hotspots.analysis.evaluation.windows import Windows, phases
from hotspots.core.periods import Period
from hotspots.stats.counts import FEWEST_FREE, Dispersion, overdispersion
from hotspots.stats.yardstick import Yardstick


@dataclass(frozen=True, eq=False)
class Compared:
    """Totals and ratios of one pair of windows, and what makes their intervals.

    Attributes
    ----------
    table
        One row for each zone, for all treated, for each ring and for the comparator.
    months
        Dispersion of the monthly counts, or of the zones among each other if that is larger.
    like
        What like places did; where there are enough, intervals come from them.
    windows
        Windows compared.
    confidence
        Of the intervals.
    """

    table: pd.DataFrame
    months: Dispersion
    like: Yardsticks
    windows: Windows
    confidence: float

    def spread(self, label: str) -> Dispersion | Yardstick:
        """What makes the interval of a row."""
        return self.like.of(label) or self.months

    def ratio(self, label: str, *, harm: bool = False) -> RateRatio:
        """A row against the comparator, or alone where that is empty."""
        what, square = ("harm", "squares") if harm else ("count", "count")
        beside = self.table.loc[COMPARATOR, ["count_before", "count_after"]].sum()
        rows = [label] if beside == 0 else [label, COMPARATOR]
        totals, squares = (
            np.array(
                [self.table.loc[row, f"{stem}_{when}"] for row in rows for when in WINDOWS],
                dtype=float,
            )
            for stem in (what, square)
        )
        return ratio_of_totals(
            totals,
            squares,
            exposure=self.windows.exposure,
            dispersion=self.spread(label),
            confidence=self.confidence,
        )


WINDOWS = ("before", "after")


def compare_groups(
    incidents: gpd.GeoDataFrame,
    groups: Mapping[str, Group],
    windows: Windows,
    like: LikePlaces,
    *,
    held: set[str],
    chosen: Period | None,
    confidence: float,
) -> Compared:
    """The table of totals and ratios, and the spread behind the intervals."""
    phase = phases(incidents, windows)
    table = totals_by_phase(incidents, groups, phase)
    treated, late = monthly_counts(incidents, groups[TREATED], phase, windows)
    others, _ = monthly_counts(incidents, groups[COMPARATOR], phase, windows)
    by_month = overdispersion(treated, others if others.any() else None, after=late)
    months = max(by_month, _between_areas(table), key=lambda one: one.value)
    yardsticks = like.yardsticks(windows, held, chosen)
    compared = Compared(table, months, yardsticks, windows, confidence)
    table["change"] = table["count_after"] - table["count_before"]
    table["change_percent"] = _percent(table["count_before"], table["count_after"])
    if "harm_before" in table.columns:
        table["harm_change_percent"] = _percent(table["harm_before"], table["harm_after"])
        return _with_ratios(_with_ratios(compared, "rate"), "harm")
    return _with_ratios(compared, "rate")


def _with_ratios(compared: Compared, stem: str) -> Compared:
    table = compared.table
    ratios = {
        label: compared.ratio(label, harm=stem == "harm")
        for label in table.index
        if label != COMPARATOR
    }
    for column, part in _RATIO_COLUMNS.items():
        values = {label: getattr(ratio, part) for label, ratio in ratios.items()}
        table[f"{stem}_{column}"] = pd.Series(values, dtype=float).reindex(table.index)
    return compared


_RATIO_COLUMNS = {"ratio": "ratio", "ratio_low": "low", "ratio_high": "high", "p_value": "p_value"}


def _percent(before: pd.Series, after: pd.Series) -> pd.Series:
    """Change in per cent; missing where there is nothing to start from."""
    base = before.astype(float).where(before > 0)
    return 100 * (after / base - 1)


def _between_areas(table: pd.DataFrame) -> Dispersion:
    """How much more the treated zones' own changes differ than chance lets them.

    Places drift apart from year to year without anyone doing anything; months alone do not show it.
    """
    areas = table[table["role"] == "treated area"]
    late = areas["count_after"].to_numpy(dtype=float)
    both = areas["count_before"].to_numpy(dtype=float) + late
    late, both = late[both > 0], both[both > 0]
    share = late.sum() / both.sum() if len(both) else 0.0
    free = len(both) - 1
    if free < FEWEST_FREE or not 0 < share < 1:
        return Dispersion()
    statistic = float(((late - share * both) ** 2 / (both * share * (1 - share))).sum())
    return Dispersion(max(1.0, statistic / free), free)
