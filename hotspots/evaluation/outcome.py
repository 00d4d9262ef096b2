"""The answer to "did it work": tables, ratios, cautions, and the sentence that joins them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.evaluation.groups import COMPARATOR, TREATED
from hotspots.evaluation.ratios import RateRatio, percent_words
from hotspots.evaluation.windows import Windows


@dataclass(frozen=True, eq=False)
class Change:
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
    leave_one_out
        Pooled change and mean of the zones' changes, in per cent, without each zone in turn.
    windows
        Start and windows as used.
    cautions
        Sentences that belong beside the result.
    """

    table: pd.DataFrame
    ratio: RateRatio
    harm_ratio: RateRatio | None
    usual: RateRatio | None
    leave_one_out: pd.DataFrame
    windows: Windows
    theme: str
    cautions: tuple[str, ...]

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

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        return {
            "theme": self.theme,
            "started": self.windows.started.isoformat(),
            "before": self.windows.before.label,
            "after": self.windows.after.label,
            "ratio": self.ratio.to_dict(),
            "harm_ratio": self.harm_ratio.to_dict() if self.harm_ratio else None,
            "usual": self.usual.to_dict() if self.usual else None,
            "pooled_change_percent": _plain(self.pooled_change_percent),
            "mean_change_percent": _plain(self.mean_change_percent),
            "table": _records(self.table),
            "leave_one_out": _records(self.leave_one_out),
            "cautions": list(self.cautions),
            "sentence": self.to_sentence(),
        }

    def to_sentence(self) -> str:
        """The result in words: windows, counts, ratio, spread over zones, return to the usual."""
        zones = len(self.areas)
        what = (
            f"incidents in the {zones:,} treated areas"
            if zones != 1
            else ("incidents in the treated area")
        )
        parts = [
            f"{self.windows.before.label} against {self.windows.after.label}: "
            + self.ratio.to_sentence(what, str(self.table.loc[COMPARATOR, "area_name"])),
            self._spread(),
            self._harm(),
            self._regression(),
        ]
        return " ".join(part for part in parts if part)

    def _spread(self) -> str:
        with_base = int(self.areas["change_percent"].notna().sum())
        if with_base < 2:
            return ""
        without = self.leave_one_out["pooled_percent"]
        return (
            f"Pooled the areas changed by {self.pooled_change_percent:+.1f} %, the mean of "
            f"{with_base:,} areas' own changes is {self.mean_change_percent:+.1f} %; leaving out "
            f"any one area the pooled change runs from {without.min():+.1f} to "
            f"{without.max():+.1f} %."
        )

    def _harm(self) -> str:
        if self.harm_ratio is None or math.isnan(self.harm_ratio.ratio):
            return ""
        before, after, *_ = self.harm_ratio.counts
        return (
            f"Harm went from {before:,.0f} to {after:,.0f}{percent_words(before, after)}, a "
            f"ratio of {self.harm_ratio.ratio:.2f} ({self.harm_ratio.low:.2f} to "
            f"{self.harm_ratio.high:.2f})."
        )

    def _regression(self) -> str:
        if self.usual is None or math.isnan(self.usual.ratio):
            return ""
        earlier, before, *_ = self.usual.counts
        start = (
            f"In the same months a year earlier these places held {earlier:,.0f} incidents, "
            f"{before:,.0f} in the before window"
        )
        if self.usual.low > 1:
            return (
                f"{start}: they were unusually high when the work began, so part of a fall would "
                "have come anyway."
            )
        return f"{start}: not unusually high, so little of a change is a return to the usual."


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.reset_index().to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
