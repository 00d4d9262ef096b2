"""The last 28 days and the year to date, beside the same time before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.coverage import uncovered
from hotspots.core.periods import Period
from hotspots.core.select import EVERYTHING
from hotspots.stats.counts import Dispersion, overdispersion

if TYPE_CHECKING:
    from hotspots.core.coverage import Gap
    from hotspots.core.select import Selection

DAYS = 28
A_YEAR = {False: 13, True: 12}
"""Windows in a year: of 28 days, or months."""
FEWEST = 10
"""Incidents in both windows together; with fewer, no verdict."""
CONFIDENCE = 0.95
NO_CLEAR_CHANGE, MORE, FEWER, TOO_FEW = "no-clear-change", "more", "fewer", "too-few"
COLUMNS = ("theme", "comparison", "period", "other", "now", "then", "change", "low", "high",
           "verdict")  # fmt: skip


def recent_changes(everyone: Selection, themes: Iterable[str], period: str) -> pd.DataFrame:
    """Counts of the whole place lately and before, by theme.

    Parameters
    ----------
    everyone : Selection
        Incidents of all themes and times, with the study area.
    themes : iterable of str
        Themes the data carry.
    period : str
        What is analysed; its end is "now".

    Returns
    -------
    DataFrame
        A row a theme and comparison (``before``, ``year``, ``to-date``): the two periods, counts,
        ``change`` with its 95 % interval (``low``, ``high``; shares, -0.1 is a tenth fewer) and
        ``verdict``. Comparisons that not every source covers whole are left out. Days where times
        are days, else whole months.

    Notes
    -----
    The interval knows how much such windows differ by themselves, by Pearson's dispersion and
    Student's t: for the time before, a window and the one before it, over two years; for the year
    before, a window and that of a year before it, so that the season is no dispersion. Where that
    year is not held, all windows of the last year. It misleads across the seasons: 28 days of
    August are not those of July; the year before stands beside them for that reason.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). https://doi.org/10.1201/9780203753736
    """
    clock = everyone.source.timezone
    end = Period.parse(period).on_clock(clock).end
    source = everyone.source
    silences = source.silences(everyone.question.within)
    rows = []
    for theme in themes:
        mine = everyone.asked(theme=None if theme == EVERYTHING else theme, period=None)
        monthly = bool(mine.rows["time_precision"].eq("month").any())
        spread = _spread(mine, end, monthly, silences)
        for name, now, then in _comparisons(end, monthly):
            if uncovered(silences, now, then):
                continue
            counts = _counts(mine, [now, then])
            longer = 1.0 if monthly else (now.end - now.start) / (then.end - then.start)
            rows.append(
                {"theme": theme, "comparison": name, "period": now.key, "other": then.key}
                | change_of(counts[0], counts[1], spread[name], longer=longer)
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def change_of(now: int, then: int, usual: Dispersion, *, longer: float = 1.0) -> dict[str, Any]:
    """The change between two counts, its interval, and whether it is more than they usually differ.

    ``usual`` is how much windows like these do; ``longer`` how many times as long the first is.

    Examples
    --------
    >>> found = change_of(104, 100, overdispersion([90, 110, 100, 95, 105, 100, 98, 102]))
    >>> found["verdict"], round(found["change"], 2)
    ('no-clear-change', 0.04)
    """
    counts = {"now": now, "then": then}
    if now + then < FEWEST or not now or not then:
        return counts | {"change": None, "low": None, "high": None, "verdict": TOO_FEW}
    log = math.log(now / then / longer)
    low, high, *_ = usual.limits(log, 1 / now + 1 / then, CONFIDENCE)
    verdict = MORE if low > 0 else FEWER if high < 0 else NO_CLEAR_CHANGE
    shares = {"change": log, "low": low, "high": high}
    return counts | {name: math.exp(one) - 1 for name, one in shares.items()} | {"verdict": verdict}


def _spread(
    mine: Selection, end: pd.Timestamp, monthly: bool, silences: Sequence[Gap]
) -> dict[str, Dispersion]:
    """How much windows like those of each comparison differ, those compared now left out."""
    year = A_YEAR[monthly]
    periods = _windows(end, monthly)
    counts = zip(periods, _counts(mine, periods), strict=True)
    windows = [None if uncovered(silences, one) else count for one, count in counts]

    def of_pairs(pairs: Iterable[tuple[int, int]]) -> Dispersion:
        held = [(windows[a], windows[b]) for a, b in pairs]
        held = [pair for pair in held if None not in pair]
        found = overdispersion(*zip(*held, strict=True)) if held else Dispersion()
        return found if found.degrees_of_freedom else alone

    alone = overdispersion([count for count in windows[:year] if count is not None])
    a_year_apart = of_pairs((at, at + year) for at in range(1, year))
    one_after_another = of_pairs((at, at + 1) for at in range(2, 2 * year - 1, 2))
    return {"before": one_after_another, "year": a_year_apart, "to-date": a_year_apart}


def _counts(selection: Selection, periods: Iterable[Period]) -> list[int]:
    return [selection.asked(period=one).account.used for one in periods]


def _windows(end: pd.Timestamp, monthly: bool) -> list[Period]:
    """Two years of windows, one after another, the last one first."""
    length = pd.DateOffset(months=1) if monthly else pd.DateOffset(days=DAYS)
    edges = [end - k * length for k in range(2 * A_YEAR[monthly] + 1)]
    return [Period.parse(pair) for pair in zip(edges[1:], edges[:-1], strict=True)]


def _comparisons(end: pd.Timestamp, monthly: bool) -> list[tuple[str, Period, Period]]:
    length = pd.DateOffset(months=1) if monthly else pd.DateOffset(days=DAYS)
    year, start = pd.DateOffset(years=1), end - length
    january = (end - pd.DateOffset(days=1)).replace(month=1, day=1)
    found = [
        ("before", (start, end), (start - length, start)),
        ("year", (start, end), (start - year, end - year)),
        ("to-date", (january, end), (january - year, end - year)),
    ]
    return [(name, Period.parse(now), Period.parse(then)) for name, now, then in found]
