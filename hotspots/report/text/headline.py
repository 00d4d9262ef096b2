"""The first thing a reader sees of a theme: how much, what changed, and how sure each place is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.change_map import FALLEN, RISEN
from hotspots.core.hours import DAYS
from hotspots.report.escape import short_name
from hotspots.report.text.theme import ground_share
from hotspots.report.text.words import (
    and_list,
    capital,
    kind_name,
    short_period,
    signed_percent,
    small_number,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.report.map.theme_tables import ThemeTables

LIKELY, UNCLEAR = "likely", "unclear"
HOURS = 6
STANDS_OUT = 1.5
BY_CHANCE, TOGETHER = 0.05, 3
"""Calls about one trouble fall on one day: so many are taken for one where days are judged."""
VERDICT_WORDS = {
    "no-clear-change": "no clear change",
    "more": "a rise beyond what is usual for such counts",
    "fewer": "a fall beyond what is usual for such counts",
    "too-few": "too few to tell",
    "not-known": "what is usual is not known",
}
COMPARED = {"before": "the time before", "year": "a year before", "to-date": "last year to date"}
HEADINGS = ("Period", "Incidents", "Compared with", "Incidents then", "Change per day", "Verdict")


def kicker(theme: ThemeTables) -> str:
    """Period and total of a theme with the total then: "July 2018 · 1,851 incidents (2,004 ...)".

    Only the period where counts are rounded or withheld.
    """
    if theme.whole is None or theme.disclosed or theme.of_zones:
        return theme.period
    before = theme.before
    then = "" if before is None else f" ({before.table['incident_count'].sum():,.0f} in "
    then += "" if before is None else f"{before.short})"
    number = theme.total
    return f"{theme.period} · {number:,.0f} incident{'' if number == 1 else 's'}{then}"


def what_changed(theme: ThemeTables) -> str:
    """What the listed places hold, who of them rose, and whether that is more than chance.

    Nothing where counts are rounded, no cells are listed, or candidates by their wins, which
    are no parts of one ground: the finding stands there then.
    """
    listed = [theme.place(place) for place in theme.top if place[0] < 0]
    if not listed or theme.whole is None or theme.disclosed or theme.of_zones or not theme.total:
        return ""
    if "wins" in theme.whole:
        return ""
    ids = [str(row.name) for row in listed]
    held = sum(float(row["incident_count"]) for row in listed) / theme.total
    many = f"{small_number(len(ids))} place{'' if len(ids) == 1 else 's'}"
    hold = "holds" if len(ids) == 1 else "hold"
    table = theme.group(-1).iloc[[item for group, item in theme.top if group < 0]]
    told = f"{capital(many)}, {ground_share(table, theme.whole)}, {hold} {held:.0%} of it."
    return " ".join(filter(None, [told, _movement(theme, ids), _new(theme, ids)]))


def verdict(rank_high: Any, listed: int, ranked: int) -> str:
    """Whether a place belongs on a list of so many: "likely", "unclear", nothing if not known.

    Likely where even the worse end of the interval of its rank is among the first twice as many;
    of no more than these, all are among them, and nothing is said.

    Examples
    --------
    >>> verdict(6, listed=5, ranked=300), verdict(212, listed=5, ranked=300), verdict(6, 5, 7)
    ('likely', 'unclear', '')
    """
    if rank_high is None or pd.isna(rank_high) or ranked <= 2 * listed:
        return ""
    return LIKELY if rank_high <= 2 * listed else UNCLEAR


def sureness(theme: ThemeTables, place: tuple[int, int]) -> str:
    """The :func:`verdict` on a listed place."""
    return verdict(theme.place(place).get("rank_high"), len(theme.top), _ranked(theme))


def ranked_words(theme: ThemeTables) -> str:
    """What the listed places are ranked among: "3,107 hexagons"; nothing where none is listed."""
    if not theme.top:
        return ""
    many = _ranked(theme)
    return f"{many:,} {kind_name(str(theme.place(theme.top[0])['kind']))[int(many != 1)]}"


def _ranked(theme: ThemeTables) -> int:
    group = theme.top[0][0]
    return theme.size if group < 0 else len(theme.group(group))


def verdict_key(listed: int, of: str) -> str:
    """What the words beside the places mean, in one line; ``of`` is all of what they are.

    Examples
    --------
    >>> print(verdict_key(5, "3,107 hexagons"))
    Whether a place belongs so high. Likely: among the first 10 of 3,107 hexagons (twice this list) even allowing for chance. Unclear: perhaps not.
    """  # noqa: E501
    return (
        f"Whether a place belongs so high. {capital(LIKELY)}: among the first {2 * listed} of {of} "
        f"(twice this list) even allowing for chance. {capital(UNCLEAR)}: perhaps not."
    )


def busiest(week: Any, hours_each: int) -> str:
    """The six hours of the day that hold most, with their share; no share where bands are coarse.

    Examples
    --------
    >>> week = np.zeros((7, 24))
    >>> week[4, 20:] = 2.0
    >>> week[0, 9] = 2.0
    >>> busiest(week, 1), busiest(np.zeros((7, 24)), 1)
    ('18–24 h, 80%', '')
    """
    held = _busiest_hours(week, hours_each)
    if held is None:
        return ""
    share = f", {held[1].sum() / np.nansum(week):.0%}"
    return f"{held[0]}{share if hours_each == 1 else ''}"


def busiest_days(week: Any, hours_each: int) -> str:
    """The days on which the busiest six hours fall, in words; hours after midnight are the night's.

    Days that hold half as much again as an even share ("mostly" where together more than half),
    and whether so many could fall on so few days by chance, were three calls about each trouble.

    Examples
    --------
    >>> week = np.zeros((7, 24))
    >>> week[4, 20:], week[5, 20:], week[0, 20] = 3.0, 3.0, 2.0
    >>> print(busiest_days(week, 1))
    Mostly Friday and Saturday, 18–24 h: 24 of the 26 at these hours.
    >>> print(busiest_days(np.ones((7, 24)), 1))
    Spread over the week, 00–06 h.
    """
    held = _busiest_hours(week, hours_each)
    if held is None:
        return ""
    hours, each_day = held
    full = each_day > STANDS_OUT * each_day.sum() / len(each_day)
    if not full.any():
        return f"Spread over the week, {hours}."
    names = and_list([name for name, one in zip(DAYS, full, strict=True) if one])
    said = (
        f"{'Mostly' if each_day[full].sum() * 2 > each_day.sum() else 'More on'} {names}, {hours}"
    )
    if hours_each > 1:
        return f"{said}, of what is shown."
    few, whole = round(float(each_day[full].sum())), round(float(each_day.sum()))
    # so many of seven days, chosen afterwards as the fullest
    many = int(full.sum())
    once = few // TOGETHER, math.ceil(whole / TOGETHER)
    ways = math.comb(len(DAYS), many) * _at_least(*once, many / len(DAYS))
    doubt = "; chance could give this" if ways > BY_CHANCE else ""
    return f"{said}: {few:,} of the {whole:,} at these hours{doubt}."


def _busiest_hours(week: Any, hours_each: int) -> tuple[str, NDArray[np.float64]] | None:
    """The six hours that hold most, in words, and what they hold on each day they begin on."""
    flat = np.nan_to_num(np.asarray(week, dtype=float)).ravel()
    if not flat.sum():
        return None
    bands = len(flat) // len(DAYS)
    size = max(HOURS // hours_each, 1)
    runs = sum(np.roll(flat, -step) for step in range(size)).reshape(len(DAYS), bands)
    first = int(np.argmax(runs.sum(axis=0)))
    until = (first * hours_each + HOURS) % 24 or 24
    return f"{first * hours_each:02d}–{until:02d} h", runs[:, first]


def _at_least(few: int, whole: int, share: float) -> float:
    """The chance that of so many at least so few fall into a share of the time."""
    ways = (math.lgamma(whole + 1) - math.lgamma(k + 1) - math.lgamma(whole - k + 1)
            for k in range(few, whole + 1))  # fmt: skip
    odds = math.log(share / (1 - share))
    return sum(
        math.exp(way + k * odds + whole * math.log1p(-share)) for k, way in enumerate(ways, few)
    )


def _movement(theme: ThemeTables, ids: list[str]) -> str:
    """How many rose and fell since then, and which of them by more than chance."""
    before = theme.before
    if before is None or before.rounded:
        return ""
    changes = before.changes.reindex(ids)
    difference = changes["count_now"].astype(float) - changes["count_before"].astype(float)
    ways = [("rose", int((difference > 0).sum())), ("fell", int((difference < 0).sum()))]
    ways = [(way, number) for way, number in ways if number]
    if not ways:
        return f"None changed {_since(theme)}."
    said = and_list([f"{small_number(number)} {way}" for way, number in ways])
    whole = len(ways) == 1 and ways[0][1] == len(ids) and len(ids) > 1
    said = f"all {said}" if whole else said
    return f"{capital(said)} {_since(theme)}{_beyond(theme, changes)}."


def _since(theme: ThemeTables) -> str:
    """Since when: "on the year before" where that is what it is."""
    assert theme.before is not None
    start, span = theme.before.span[0], theme.span
    if span is not None and start + pd.DateOffset(years=1) == span[0]:
        return "on the year before"
    return f"since {theme.before.short}"


def _beyond(theme: ThemeTables, changes: pd.DataFrame) -> str:
    """Which of those that moved did so by more than chance; the cards say the same of each."""
    beyond = changes.index[changes["change"].isin([RISEN, FALLEN])]
    if not len(beyond):
        return ", which could be chance"
    which = and_list([short_name(theme.names[area]) or "an unnamed place" for area in beyond])
    return f"; {which} by more than chance"


def _new(theme: ThemeTables, ids: list[str]) -> str:
    """How many were not among the first places then, and how many of then are no longer."""
    before = theme.before
    if before is None or not before.ranked or before.rounded:
        return ""
    new = len(set(before.entered) & set(ids))
    gone = len(before.left)
    many = "All of them" if new == len(ids) > 1 else capital(small_number(new))
    came = f"{many} joined the list" if new else ""
    went = f"{small_number(gone)} left {'it' if new else 'the list'}" if gone else ""
    return f"{capital(', '.join(filter(None, [came, went])))}." if came or went else ""


def recent_change_words(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """A row of ``recent_changes`` as it is shown, in the order of `HEADINGS`."""
    return (
        short_period(row["period"]),
        f"{row['now']:,}",
        short_period(row["other"]),
        f"{row['then']:,}",
        change_words(row),
        VERDICT_WORDS[row["verdict"]],
    )


def change_words(row: Mapping[Any, Any]) -> str:
    """A change with its interval, as whole percent; nothing where there is none.

    Examples
    --------
    >>> change_words({"change": 0.041, "low": -0.09, "high": 0.18, "verdict": "no-clear-change"})
    '+4% (-9% to +18%)'
    """
    if row["verdict"] == "too-few" or pd.isna(row["change"]):
        return ""
    change = signed_percent(row["change"])
    if pd.isna(row["low"]):
        return change
    return f"{change} ({signed_percent(row['low'])} to {signed_percent(row['high'])})"
