"""What the cards of the listed places say beside their counts, as data of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.analysis.zones.overlaps import REACH_M, sites_near
from hotspots.core.periods import Period, months_of
from hotspots.offences.codes import offence_name
from hotspots.report.escape import short_name
from hotspots.report.map.encode import numbers
from hotspots.report.text.area_changes import movement
from hotspots.report.text.ground_words import around_words
from hotspots.report.text.headline import busiest, busiest_days, sureness
from hotspots.report.text.words import short_period

if TYPE_CHECKING:
    from hotspots.report.map.theme_tables import ThemeTables

MOST_OFFENCES = 5
FEWEST_MONTHS = 12


def has_months(theme: ThemeTables) -> bool:
    """Whether the data of a theme cover enough months to draw them one by one."""
    cards = theme.cards
    if cards is None or not len(cards.area_ids) or not cards.months:
        return False
    return int(np.isfinite(cards.month_counts).any(axis=0).sum()) >= FEWEST_MONTHS


def card_months(theme: ThemeTables) -> dict[str, Any] | None:
    """Names of the months of a theme's cards, and which of them are of the period."""
    cards = theme.cards
    if cards is None or not has_months(theme):
        return None
    now = set(months_of(Period.parse(theme.key))) if theme.key else set()
    return {
        "ticks": [short_period(month) for month in cards.months],
        "now": [int(month in now) for month in cards.months],
    }


def listed_places(theme: ThemeTables) -> list[dict[str, Any]]:
    """The listed places: where they are, how sure, how they moved, and their cards."""
    return [
        {
            "group": place[0],
            "item": place[1],
            "rank": theme.rank(place),
            "verdict": sureness(theme, place),
            "moved": movement(theme, place),
            "card": card_of(theme, place),
        }
        | near_of(theme, place)
        for place in theme.top
    ]


def card_of(theme: ThemeTables, place: tuple[int, int]) -> dict[str, Any] | None:
    """Months with what to expect, week and offences of one place; nothing where not known."""
    at = _row(theme, place)
    if at is None:
        return None
    cards = theme.cards
    assert cards is not None
    some, monthly = bool(cards.timed[at]), has_months(theme)
    return {
        "months": numbers(cards.month_counts[at], 0) if monthly else [],
        "low": numbers(cards.month_low[at], 1) if monthly else [],
        "high": numbers(cards.month_high[at], 1) if monthly else [],
        "hours": cards.hours_each,
        "week": [numbers(day, 1) for day in cards.week[at]] if some else None,
        "timed": int(cards.timed[at]),
        "busy": busiest_days(cards.week[at], cards.hours_each) if some else "",
        "mix": _offences(cards.offences[at]),
    }


def near_of(theme: ThemeTables, place: tuple[int, int]) -> dict[str, Any]:
    """What stands around one place, as facts of its card; nothing where no sites were given."""
    if theme.sites is None:
        return {}
    group, item = place
    areas = theme.group(group)
    assert areas.crs is not None
    near = sites_near(areas.iloc[[item]], theme.sites.to_crs(areas.crs))
    return {"near": [list(fact) for fact in around_words(near, REACH_M)]}


def busiest_hours(theme: ThemeTables, place: tuple[int, int]) -> str:
    """The busiest six hours of one place in words; nothing where its times are not known."""
    at = _row(theme, place)
    if at is None or theme.cards is None:
        return ""
    return busiest(theme.cards.week[at], theme.cards.hours_each)


def _row(theme: ThemeTables, place: tuple[int, int]) -> int | None:
    """The row of the cards a place has; cells alone have cards."""
    if theme.cards is None or place[0] >= 0:
        return None
    ids = theme.cards.area_ids.astype(str).tolist()
    name = str(theme.place(place).name)
    return ids.index(name) if name in ids else None


def _offences(mix: tuple[tuple[str, float], ...]) -> list[list[Any]]:
    """The most frequent offences, without a first word that all of them share; one tells none."""
    if len(mix) < 2:
        return []
    mix = tuple((offence_name(offence), count) for offence, count in mix)
    first = {name.split(" ")[0] for name, _ in mix}
    cut = len(first.pop()) + 1 if len(first) == 1 else 0
    return [[short_name(name[cut:] or name), count] for name, count in mix[:MOST_OFFENCES]]
