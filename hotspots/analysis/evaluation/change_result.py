"""The answer to "did it work": its table, ratios and cautions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from hotspots.analysis.evaluation.placebo import LikePlaces, Placebo, Yardsticks
from hotspots.analysis.evaluation.ratios import RateRatio, ratio_of_totals
from hotspots.analysis.evaluation.windows import Windows, phases
from hotspots.core.caveats import Caveat
from hotspots.core.periods import Period
from hotspots.core.plain import plain, plain_records
from hotspots.core.sentences import Spoken
from hotspots.stats.counts import FEWEST_FREE, Dispersion, overdispersion
from hotspots.stats.yardstick import Yardstick


@dataclass(frozen=True, eq=False)
class Change(Spoken):
    """Before and after, treated and comparator, and what a reader must know.

    Attributes
    ----------
    table
        One row for each treated zone, for all treated together, for each ring and for the
        comparator: counts and harm before and after, change, and the ratio against the comparator.
    ratio, harm_ratio
        All treated zones against the comparator; ``harm_ratio`` is None where there is no harm.
    usual
        The before window against the same months a year earlier: well above 1 means that the places
        were unusually high when the work began. None where the data does not reach back.
    placebo
        What like places did where nothing was done: how many there are, how many changed as much.
    leave_one_out
        Pooled change and mean of the zones' changes, in per cent, without each zone in turn.
    windows
        Start and windows as used.
    cautions
        What belongs beside the result, by code.
    chosen
        The period from which the treated zones were chosen, where they say so.
    label
        What the theme is called, where the record knows.
    """

    table: pd.DataFrame
    ratio: RateRatio
    harm_ratio: RateRatio | None
    usual: RateRatio | None
    placebo: Placebo
    leave_one_out: pd.DataFrame
    windows: Windows
    theme: str
    cautions: tuple[Caveat, ...]
    chosen: Period | None = None
    label: str = ""

    @property
    def areas(self) -> pd.DataFrame:
        """The rows of single treated zones."""
        return self.table[self.table["role"] == "treated area"]

    @property
    def pooled_change_percent(self) -> float:
        """Change of all treated zones taken as one."""
        return float(self.table["change_percent"][TREATED])

    @property
    def mean_change_percent(self) -> float:
        """Mean of the zones' own changes; zones with nothing before have none."""
        return float(self.areas["change_percent"].mean())

    @property
    def beyond_chance(self) -> bool | None:
        """Whether the treated changed more than like places do where nothing was done.

        None where there is no verdict: fewer than 40 like places, nothing counted, or zones chosen
        from their counts after the start.
        """
        late = self.chosen is not None and _meet(self.chosen, self.windows.after)
        if late or not self.placebo.enough or math.isnan(self.ratio.ratio):
            return None
        return self.placebo.p_value <= 1 - self.ratio.confidence

    @property
    def chosen_from_windows(self) -> bool:
        """Whether the zones were chosen for their counts in a period that is compared."""
        windows = self.windows.before, self.windows.after
        return self.chosen is not None and any(_meet(self.chosen, one) for one in windows)

    @property
    def choice(self) -> tuple[Caveat, ...]:
        """How the zones were chosen and what follows for the result, by code."""
        if self.chosen is None:
            return (Caveat("choice-unknown"),)
        windows = self.windows
        met = {"chosen-high": windows.before, "chosen-late": windows.after}
        rules = [rule for rule, window in met.items() if _meet(self.chosen, window)]
        values = {"period": self.chosen.label}
        return tuple(Caveat(rule, values) for rule in rules or ["chosen-apart"])

    @property
    def comparator_name(self) -> str:
        """What the treated zones are compared with."""
        return str(self.table.loc[COMPARATOR, "area_name"])

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        return {
            "theme": self.theme,
            "label": self.label,
            "started": self.windows.started.isoformat(),
            "before": self.windows.before.label,
            "after": self.windows.after.label,
            "chosen_from": self.chosen.label if self.chosen else None,
            "chosen_from_windows": self.chosen_from_windows,
            "ratio": self.ratio.to_dict(),
            "harm_ratio": self.harm_ratio.to_dict() if self.harm_ratio else None,
            "usual": self.usual.to_dict() if self.usual else None,
            "beyond_chance": self.beyond_chance,
            "placebo": self.placebo.to_dict(),
            "pooled_change_percent": plain(self.pooled_change_percent),
            "mean_change_percent": plain(self.mean_change_percent),
            "table": plain_records(self.table),
            "leave_one_out": plain_records(self.leave_one_out),
            "cautions": [str(caution) for caution in self.cautions],
            "sentence": self.to_sentence(),
        }


def chosen_high(chosen: Period | None, windows: Windows) -> Period | None:
    """The period of the choice where that meets the before window and not the after one."""
    if chosen is None or _meet(chosen, windows.after) or not _meet(chosen, windows.before):
        return None
    return chosen


def _meet(one: Period, other: Period) -> bool:
    return bool(one.start < other.end and other.start < one.end)


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
    # Given both windows of a zone together, the later count is binomial with one share for all.
    statistic = float(((late - share * both) ** 2 / (both * share * (1 - share))).sum())
    return Dispersion(max(1.0, statistic / free), free)
