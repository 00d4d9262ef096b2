"""The last 28 days and the year to date, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from hotspots.report.text.words import period_name

if TYPE_CHECKING:
    import pandas as pd

VERDICT_WORDS = {
    "no-clear-change": "no clear change",
    "more": "more than these counts usually differ",
    "fewer": "fewer than these counts usually differ",
    "too-few": "too few to tell",
}
COMPARED = {"before": "the time before", "year": "a year before", "to-date": "last year to date"}
HEADINGS = ("Theme", "Period", "Incidents", "Compared with", "Incidents then", "Change", "Verdict")


@dataclass(frozen=True)
class RecentChange:
    """One line of the table, in the order of `HEADINGS`."""

    theme: str
    period: str
    now: str
    other: str
    then: str
    change: str
    verdict: str

    @property
    def of_theme(self) -> tuple[str, ...]:
        """The line without its theme."""
        return astuple(self)[1:]


def recent_change_rows(table: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[RecentChange]:
    """The table as it is shown, themes by their labels."""
    for row in table.to_dict("records"):
        yield RecentChange(
            labels.get(row["theme"], row["theme"]),
            period_name(row["period"]),
            f"{row['now']:,}",
            period_name(row["other"]),
            f"{row['then']:,}",
            change_words(row),
            VERDICT_WORDS[row["verdict"]],
        )


def change_words(row: Mapping[Any, Any]) -> str:
    """A change with its interval, as whole percent.

    Examples
    --------
    >>> change_words({"change": 0.041, "low": -0.09, "high": 0.18, "verdict": "no-clear-change"})
    '+4 % (-9 % to +18 %)'
    """
    if row["verdict"] == "too-few":
        return ""
    return f"{row['change']:+.0%} ({row['low']:+.0%} to {row['high']:+.0%})".replace("%", " %")
