"""The answer to "did it work": tables, ratios and cautions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED
from hotspots.analysis.evaluation.placebo import Placebo
from hotspots.analysis.evaluation.ratios import RateRatio
from hotspots.analysis.evaluation.windows import Windows
from hotspots.core.caveats import Caveat
from hotspots.core.periods import Period
from hotspots.core.plain import plain, plain_records
from hotspots.core.sentences import Spoken


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
