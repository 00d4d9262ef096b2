"""The answer to "did it work": tables, ratios, cautions, and the sentence that joins them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED
from hotspots.analysis.evaluation.ratios import RateRatio, percent_words
from hotspots.analysis.evaluation.windows import Windows
from hotspots.core.periods import Period
from hotspots.core.plain import plain, plain_records
from hotspots.stats.counts import places_apart

CHOSEN_HIGH = (
    "These areas were chosen for being high in the period compared ({period}): most of such a fall "
    "can be a return to the usual; compare with a window before the choice."
)
CHOSEN_LATE = (
    "These areas were chosen for being high after the start ({period}): they look as if they had "
    "risen; choose first, judge afterwards."
)
CHOSEN_BEFORE = "The areas were chosen from {period}, which is in neither window."
CHOICE_UNKNOWN = (
    "How the areas were chosen is not known: this takes it that it was not for being high in the "
    "before window."
)


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
    chosen
        The period from which the treated zones were chosen, where they say so.
    """

    table: pd.DataFrame
    ratio: RateRatio
    harm_ratio: RateRatio | None
    usual: RateRatio | None
    leave_one_out: pd.DataFrame
    windows: Windows
    theme: str
    cautions: tuple[str, ...]
    chosen: Period | None = None

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
    def chosen_from_windows(self) -> bool:
        """Whether the zones were chosen for their counts in a period that is compared."""
        windows = self.windows.before, self.windows.after
        return self.chosen is not None and any(_meet(self.chosen, one) for one in windows)

    def choice_sentence(self) -> str:
        """How the zones were chosen, and what follows for the result."""
        if self.chosen is None:
            return CHOICE_UNKNOWN
        early = CHOSEN_HIGH if _meet(self.chosen, self.windows.before) else ""
        late = CHOSEN_LATE if _meet(self.chosen, self.windows.after) else ""
        words = " ".join(part for part in (early, late) if part) or CHOSEN_BEFORE
        return words.format(period=self.chosen.label)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        return {
            "theme": self.theme,
            "started": self.windows.started.isoformat(),
            "before": self.windows.before.label,
            "after": self.windows.after.label,
            "chosen_from": self.chosen.label if self.chosen else None,
            "chosen_from_windows": self.chosen_from_windows,
            "ratio": self.ratio.to_dict(),
            "harm_ratio": self.harm_ratio.to_dict() if self.harm_ratio else None,
            "usual": self.usual.to_dict() if self.usual else None,
            "pooled_change_percent": plain(self.pooled_change_percent),
            "mean_change_percent": plain(self.mean_change_percent),
            "table": plain_records(self.table),
            "leave_one_out": plain_records(self.leave_one_out),
            "cautions": list(self.cautions),
            "sentence": self.to_sentence(),
        }

    def to_sentence(self) -> str:
        """The result in words: windows, counts, ratio, spread over zones, return to the usual.

        Zones that were chosen for their counts in a window say so first.
        """
        zones = len(self.areas)
        what = (
            f"incidents in the {zones:,} treated areas"
            if zones != 1
            else ("incidents in the treated area")
        )
        biased = self.chosen_from_windows
        rest = str(self.table.loc[COMPARATOR, "area_name"])
        parts = [
            self.choice_sentence() if biased else "",
            f"{self.windows.before.label} against {self.windows.after.label}: "
            + self.ratio.to_sentence(what, rest, chosen=biased),
            self._spread(),
            self._harm(),
            self._regression(),
            "" if biased else self.choice_sentence(),
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
        low, high = self.harm_ratio.low, self.harm_ratio.high
        places = places_apart(low, high, nothing=1.0, least=2)
        return (
            f"Harm went from {before:,.0f} to {after:,.0f}{percent_words(before, after)}, a "
            f"ratio of {self.harm_ratio.ratio:.2f} ({low:.{places}f} to {high:.{places}f})."
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
        if self.chosen_from_windows:
            return f"{start}."
        return f"{start}: they do not show that the places were unusually high."


def _meet(one: Period, other: Period) -> bool:
    return bool(one.start < other.end and other.start < one.end)
