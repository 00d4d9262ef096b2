"""The weeks or months of a watch: before an operation, of the baseline, and up to now."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.coverage import gaps, uncovered
from hotspots.core.errors import InputError, require
from hotspots.core.months import clock_of, month_ceiling, month_floor
from hotspots.core.periods import Period, read_time, span_words
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

Every = Literal["week", "month"]
FEWEST_PERIODS = {"week": 13, "month": 6}


@dataclass(frozen=True)
class WatchTimes:
    """Weeks or months before an operation, of the baseline, and of the watch up to now."""

    before: tuple[Period, ...]
    base: tuple[Period, ...]
    now: tuple[Period, ...]
    whole: Period
    left_out: tuple[Caveat, ...]

    @classmethod
    def of(
        cls,
        asked: Selection,
        started: object,
        baseline: str | Period | None,
        before: str | Period | None,
        every: Every,
    ) -> WatchTimes:
        """Read what was asked, and leave out what not every source covers whole."""
        held = asked.everything["occurred_from"]
        require(len(held) > 0, "a watch needs incidents; got none.", rule="no-incidents")
        if every == "week" and asked.rows["time_precision"].eq("month").any():
            raise InputError(
                "a watch by week needs the day of each incident; some are known only to the month.",
                rule="times-too-coarse",
                mend=Mend("watch-by-month"),
            )
        clock = clock_of(held)
        start = read_time(started, "started", clock)
        start = month_floor(start) if every == "month" else start.normalize()
        last = held.max().tz_convert(clock)
        last = (
            month_ceiling(last + pd.Timedelta(1, unit="s"))
            if asked.everything["time_precision"].eq("month").any()
            else last.normalize() + pd.DateOffset(days=1)
        )
        spans = [_span(one, clock) for one in (before, baseline)]
        if spans[1] is None:
            spans[1] = Period(start - pd.DateOffset(years=1), start, "")
        periods = [
            [] if one is None else _periods(start, one.start, min(one.end, start), every)
            for one in spans
        ] + [_periods(start, start, last, every)]
        silences = gaps(asked.everything, asked.question.within)
        first = held.min().tz_convert(clock).normalize()
        gone = [
            one for part in periods for one in part if one.start < first or uncovered(silences, one)
        ]
        kept = [tuple(one for one in part if one not in gone) for part in periods]
        _require_enough(kept, spans[0] is not None, every)
        names = ", ".join(one.key for one in gone)
        told = (Caveat("part-months", {"months": names}),) if gone else ()
        since = (kept[0] or kept[1])[0].start
        whole = Period(since, kept[2][-1].end, "")
        return cls(kept[0], kept[1], kept[2], whole, told)

    @property
    def every(self) -> tuple[Period, ...]:
        """All of them, in order."""
        return (*self.before, *self.base, *self.now)

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Days of each."""
        return np.array([(one.end - one.start) / pd.Timedelta(days=1) for one in self.every])

    def parts(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Values of all periods, taken apart."""
        first, second = len(self.before), len(self.before) + len(self.base)
        return values[:first], values[first:second], values[second:]

    @staticmethod
    def span(periods: tuple[Period, ...]) -> Period:
        """From the first to the last."""
        label = span_words(periods[0].start, periods[-1].end)
        return Period(periods[0].start, periods[-1].end, label)


def _span(given: str | Period | None, clock: str) -> Period | None:
    return None if given is None else Period.parse(given).on_clock(clock)


def _periods(
    started: pd.Timestamp, first: pd.Timestamp, last: pd.Timestamp, every: Every
) -> list[Period]:
    """Whole weeks or months between two moments, in step with the start of the watch."""
    step = pd.DateOffset(days=7) if every == "week" else pd.DateOffset(months=1)
    least = int((first - started) / pd.Timedelta(days=7 if every == "week" else 28)) - 2
    most = int((last - started) / pd.Timedelta(days=7 if every == "week" else 28)) + 2
    edges = [started + at * step for at in range(least, most + 1)]
    held = [(one, other) for one, other in pairwise(edges) if one >= first and other <= last]
    return [Period(one, other, span_words(one, other)) for one, other in held]


def _require_enough(kept: list[tuple[Period, ...]], has_before: bool, every: Every) -> None:
    least = FEWEST_PERIODS[every]
    wanted = {"baseline": kept[1], **({"before": kept[0]} if has_before else {})}
    for name, held in wanted.items():
        require(
            len(held) >= least,
            f"`{name}` must hold {least} whole {every}s that every source covers, to tell how "
            f"counts vary; got {len(held)}.",
            rule="too-few-periods",
        )
    require(
        len(kept[2]) > 0,
        f"`started` must lie a whole {every} before the last incident; it does not.",
        rule="too-few-periods",
    )


def period_of(
    rows: gpd.GeoDataFrame, periods: tuple[Period, ...]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Which period each incident starts in, and whether it starts in one."""
    starts, ends = (
        pd.DatetimeIndex([getattr(one, side) for one in periods]).as_unit("ns").asi8
        for side in ("start", "end")
    )
    order = np.argsort(starts, kind="stable")
    moments = rows["occurred_from"].dt.as_unit("ns").astype("int64").to_numpy()
    at = np.searchsorted(starts[order], moments, side="right") - 1
    which = order[np.maximum(at, 0)]
    return which, (at >= 0) & (moments < ends[which])
