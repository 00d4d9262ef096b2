"""What is new since the last meeting: places beyond what is usual, and the counts lately."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells
from hotspots.analysis.evaluation.windows import Windows, refuse_breaks
from hotspots.analysis.names import name_areas
from hotspots.analysis.when.new import what_is_new
from hotspots.core.arguments import has_record, listed, require_made, size_of
from hotspots.core.coverage import Gap, uncovered
from hotspots.core.errors import RANGE, Finding, InputError
from hotspots.core.held import require_days
from hotspots.core.months import clock_of, days_between, month_of
from hotspots.core.periods import Period
from hotspots.core.plain import plain_parts, plain_records
from hotspots.core.select import EVERYTHING, Selection
from hotspots.core.sentences import Spoken
from hotspots.io.incidents.capabilities import even_dates
from hotspots.offences.tell_themes import theme_labels
from hotspots.stats.count_models import correlation_of
from hotspots.stats.counts import Dispersion, overdispersion
from hotspots.stats.nulls import corrected

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.breaks import Break

TOO_COARSE = "times-too-coarse"
FEWEST_DRAWS, CHEAP = 999, 9_999


@dataclass(frozen=True, eq=False)
class NewsAnswer(Spoken):
    """Places where the last days hold more than usual, and the last 28 days beside those before.

    Attributes
    ----------
    places : GeoDataFrame, optional
        As :func:`what_is_new` gives them, with ``place_name`` and outline; by the cell in the
        middle.
    changes : DataFrame
        As ``recent_changes`` gives it: a row a theme and comparison.
    cannot : Finding, optional
        Why places have no answer.
    theme : str
        The theme places were looked for in.
    day : date
        Last day that is held.
    false_alarms_a_year, runs_a_year : float
        The budget.
    labels : mapping of str to str
        What themes are called.
    """

    places: gpd.GeoDataFrame | None
    changes: pd.DataFrame
    cannot: Finding | None
    theme: str
    day: Any
    false_alarms_a_year: float
    runs_a_year: float
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the outlines, for JSON."""
        return {
            "theme": self.theme,
            "day": self.day.isoformat(),
            "false_alarms_a_year": self.false_alarms_a_year,
            "runs_a_year": self.runs_a_year,
            **plain_parts(self, "places"),
            "changes": plain_records(self.changes),
            "cannot": None if self.cannot is None else str(self.cannot),
            "sentence": self.to_sentence(),
        }


def ask_what_is_new(
    incidents: Selection,
    *,
    themes: Iterable[str] | None = None,
    false_alarms_a_year: float = 1.0,
    runs_a_year: float = 52.0,
    breaks: Iterable[Break] = (),
    record: RunRecord | None = None,
) -> NewsAnswer:
    """Where the last days hold more than place and time explain, and what the counts did.

    Parameters
    ----------
    incidents : Selection
        Of one theme (or all) and of all times, assigned to cells; its last day is now.
    themes : iterable of str, optional
        Themes of the counts; that of ``incidents`` by default.
    false_alarms_a_year, runs_a_year
        See :func:`what_is_new`; it draws as often as the budget needs.
    breaks : iterable of Break
        Known changes of recording: those of the last two years are a caution.
    record : RunRecord, optional
        Is told of them.

    Returns
    -------
    NewsAnswer
        Places, and counts of the last 28 days and of the year to date with intervals.

    Raises
    ------
    InputError
        Without cells, and for a budget that cannot be kept.

    Notes
    -----
    Of months, places have no answer, and the counts compare months. It misleads as a search for
    causes, and where recording changed in one part of the area.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    >>> asked = hs.assign_cells(hs.select(police, hs.Question(within=town.district)), hs.H3Grid(8))
    >>> sorted(set(ask_what_is_new(asked).changes["comparison"]))
    ['before', 'to-date', 'year']
    """
    require_made("incidents", incidents, Selection, "assign_cells(select(rows, question), grid)")
    alarms = size_of(false_alarms_a_year, "false_alarms_a_year", rule=RANGE)
    runs = size_of(runs_a_year, "runs_a_year", rule=RANGE)
    held = even_dates(incidents.everything["occurred_from"])
    places, cannot = None, None
    try:
        found = what_is_new(
            incidents,
            false_alarms_a_year=alarms,
            runs_a_year=runs,
            draws=_enough(alarms, runs),
        )
        places = _named(found, incidents)
    except InputError as error:
        if any(one.rule != TOO_COARSE for one in error.findings):
            raise
        cannot = error.findings[0]
    monthly = bool(incidents.everything["time_precision"].eq("month").any())
    last = held.max().tz_convert(clock_of(held))
    if has_record(record):
        two_years = Period(last - pd.DateOffset(years=2), last, "")
        span = Windows(two_years.start, two_years, two_years)
        record.warn_reader(*refuse_breaks(span, breaks, acknowledged=True))
    until = (last.normalize() + pd.Timedelta(days=1)).date()
    period = month_of(held).max() if monthly else f"{until - pd.Timedelta(days=1)}/{until}"
    wanted = [incidents.theme] if themes is None else listed(themes, "themes")
    return NewsAnswer(
        places=places,
        changes=recent_changes(incidents, wanted, period),
        cannot=cannot,
        theme=incidents.theme,
        day=last.date(),
        false_alarms_a_year=alarms,
        runs_a_year=runs,
        labels=theme_labels(incidents.source.tally.kinds),
    )


def _enough(alarms: float, runs: float) -> int:
    """Permutations that can tell a chance as small as the budget of one run."""
    needed = math.ceil(runs / alarms)
    return max(FEWEST_DRAWS, needed, min(20 * needed, CHEAP))


def _named(found: pd.DataFrame, incidents: Selection) -> gpd.GeoDataFrame:
    """The places with their name and outline."""
    cells = name_areas(aggregate_to_cells(incidents), incidents)
    table = found.set_index("area_id")
    own = cells.loc[table.index, ["place_name", cells.geometry.name]]
    joined = own.join(table)
    return joined[["place_name", *table.columns, cells.geometry.name]]


DAYS = 28
A_YEAR = {False: 13, True: 12}
"""Windows in a year: of 28 days, or months."""
FEWEST = 10
"""Incidents in both windows together; with fewer, no verdict."""
ALPHA = 0.05
NO_CLEAR_CHANGE, MORE, FEWER = "no-clear-change", "more", "fewer"
TOO_FEW, NOT_KNOWN = "too-few", "not-known"
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
        ``change``, a day for a day (missing after nothing), with its interval (``low``, ``high``;
        shares, -0.1 is a tenth fewer) and ``verdict``. Comparisons that not every source covers
        whole are left out; where no others are known to tell what is usual, ``verdict`` is
        "not-known". Days where times are days, else whole months.

    Notes
    -----
    The interval knows how much such windows differ by themselves, by Pearson's dispersion and
    Student's t: for the time before, a window and the one before it, over two years; for the year
    before, a window and that of a year before it, so that the season is no dispersion, and for the
    year to date how such windows hang together. Where that year is not held, all windows of the
    last year. All rows are one look: where nothing changed in any of them, 95 in 100 tables call
    none changed, and of the intervals of rows called changed 95 % hold the change. One row alone
    has an interval of 95 %, of many that did not change they are wider. It misleads across the
    seasons: 28 days of August are not those of July; the year before stands beside them for that
    reason.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). https://doi.org/10.1201/9780203753736
    Benjamini, Y. and Yekutieli, D. (2005) False discovery rate-adjusted multiple confidence
    intervals for selected parameters. https://doi.org/10.1198/016214504000001907
    """
    clock = everyone.source.timezone
    end = Period.parse(period).on_clock(clock).end
    source = everyone.source
    silences = source.silences(everyone.question.within)
    asked: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for theme in themes:
        mine = everyone.asked(theme=None if theme == EVERYTHING else theme, period=None)
        monthly = bool(mine.rows["time_precision"].eq("month").any())
        spread = _spread(mine, end, monthly, silences)
        for name, now, then in _comparisons(end, monthly):
            if uncovered(silences, now, then):
                continue
            counts = _counts(mine, [now, then])
            days, others = (days_between(one.start, one.end) for one in (now, then))
            words = {"theme": theme, "comparison": name, "period": now.key, "other": then.key}
            pair = {"now": counts[0], "then": counts[1], "longer": days / others}
            asked.append((words, pair | {"usual": spread[name]}))
    found = changes_of([pair for _, pair in asked])
    rows = [words | change for (words, _), change in zip(asked, found, strict=True)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def changes_of(pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """:func:`change_of` each of several pairs that are looked at together.

    Of those that are called changed, 95 % of intervals hold the change.
    """
    p_values = np.array([change_of(**pair)["p_value"] for pair in pairs], dtype=float)
    tested = p_values[~np.isnan(p_values)]
    called = int((corrected(tested, "bh") <= ALPHA).sum())
    alpha = ALPHA * max(called, 1) / max(len(tested), 1)
    return [change_of(**pair, confidence=1 - alpha) for pair in pairs]


def change_of(
    now: int, then: int, usual: Dispersion, *, longer: float = 1.0, confidence: float = 1 - ALPHA
) -> dict[str, Any]:
    """The change between two counts, its interval, and whether it is more than they usually differ.

    ``usual`` is how much windows like these do; ``longer`` how many times as long the first is.
    After nothing a change has no size, and its interval no upper end. Where no other windows are
    known there is neither interval nor verdict.

    References
    ----------
    Wilson, E. B. (1927). https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> found = change_of(104, 100, overdispersion([90, 110, 100, 95, 105, 100, 98, 102]))
    >>> found["verdict"], round(found["change"], 2)
    ('no-clear-change', 0.04)
    >>> change_of(0, 100, overdispersion([90, 110, 100, 95, 105, 100, 98, 102]))["verdict"]
    'fewer'
    """
    found = {"now": now, "then": then} | dict.fromkeys(("change", "low", "high", "p_value"))
    if now + then < FEWEST:
        return found | {"verdict": TOO_FEW}
    held, even = now / (now + then), longer / (1 + longer)
    if not usual.degrees_of_freedom:
        change = now / then / longer - 1 if then else None
        return found | {"change": change, "verdict": NOT_KNOWN}
    # Wilson's interval of a share: windows that hold nothing have one, logarithms have none.
    each = usual.value / (now + then)
    wide = usual.quantile(confidence) ** 2 * each
    middle = (held + wide / 2) / (1 + wide)
    reach = math.sqrt(wide * (held * (1 - held) + wide / 4)) / (1 + wide)
    p_value = usual.p_value((held - even) / math.sqrt(even * (1 - even) * each))
    low, high = middle - reach, middle + reach
    verdict = MORE if low > even else FEWER if high < even else NO_CLEAR_CHANGE
    shares = {"change": held, "low": low, "high": high if then else 1.0}
    told = {
        name: None if one == 1 else one / (1 - one) / longer - 1 for name, one in shares.items()
    }
    return found | told | {"p_value": p_value, "verdict": verdict}


def _spread(
    mine: Selection, end: pd.Timestamp, monthly: bool, silences: Sequence[Gap]
) -> dict[str, Dispersion]:
    """How much windows like those of each comparison differ, those compared now left out."""
    year = A_YEAR[monthly]
    length = pd.DateOffset(months=1) if monthly else pd.DateOffset(days=DAYS)
    # Two years of windows, one after another, the last one first.
    edges = [end - k * length for k in range(2 * year + 1)]
    periods = [Period.parse(pair) for pair in zip(edges[1:], edges[:-1], strict=True)]
    counts = zip(periods, _counts(mine, periods), strict=True)
    windows = [None if uncovered(silences, one) else count for one, count in counts]
    return usual_of(windows, max(1, round((end - _january(end)) / (edges[0] - edges[1]))))


def usual_of(windows: Sequence[int | None], many: int) -> dict[str, Dispersion]:
    """The same of the counts of two years of windows, the last one first; None where not known.

    ``many`` windows make up the year to date: where they hang together, their sum varies more.
    """
    year = len(windows) // 2

    def of_pairs(pairs: Iterable[tuple[int, int]]) -> tuple[Dispersion, float]:
        both = [(windows[a], windows[b]) for a, b in pairs]
        held = np.array([pair for pair in both if None not in pair], dtype=float).reshape(-1, 2)
        found = overdispersion(*held.T)
        if not found.degrees_of_freedom:
            return alone, 0.0
        held = held[held.any(axis=1)]
        total = held.sum(axis=1)
        off = held[:, 0] - total * held[:, 0].sum() / total.sum()
        return found, correlation_of(off / np.sqrt(total), 1)

    alone = overdispersion([count for count in windows[:year] if count is not None])
    one_after_another, _ = of_pairs((at, at + 1) for at in range(2, 2 * year - 1, 2))
    a_year_apart, correlation = of_pairs((at, at + year) for at in range(1, year))
    apart = np.arange(1, many)
    memory = 1 + 2 * float(((1 - apart / many) * correlation**apart).sum())
    to_date = replace(a_year_apart, value=a_year_apart.value * memory)
    return {"before": one_after_another, "year": a_year_apart, "to-date": to_date}


def _counts(selection: Selection, periods: Iterable[Period]) -> list[int]:
    """How many of the incidents are in each period."""
    spans = [one.on_clock(selection.source.timezone) for one in periods]
    for span in spans:
        require_days(selection.source, span, selection.counts)
    moments = selection.everything["occurred_from"][selection.used].sort_values()
    edges = moments.searchsorted([edge for span in spans for edge in (span.start, span.end)])
    counts: list[int] = np.diff(edges)[::2].tolist()
    return counts


def _comparisons(end: pd.Timestamp, monthly: bool) -> list[tuple[str, Period, Period]]:
    length = pd.DateOffset(months=1) if monthly else pd.DateOffset(days=DAYS)
    year, start = pd.DateOffset(years=1), end - length
    january = _january(end)
    found = [
        ("before", (start, end), (start - length, start)),
        ("year", (start, end), (start - year, end - year)),
        ("to-date", (january, end), (january - year, end - year)),
    ]
    return [(name, Period.parse(now), Period.parse(then)) for name, now, then in found]


def _january(end: pd.Timestamp) -> pd.Timestamp:
    """The first day of the year that is told of."""
    return (end - pd.DateOffset(days=1)).replace(month=1, day=1)
