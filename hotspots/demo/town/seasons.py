"""When things happen: school holidays, days of the year, hours of the week."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.typing import NDArray

WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)

# Per component family: hour-of-week bumps (days, middle hour, width in hours, weight) and a floor.
Bump = tuple[tuple[int, ...], float, float, float]
WEEKS: dict[str, tuple[float, tuple[Bump, ...]]] = {
    "night": (0.01, (((4, 5), 23.5, 2.0, 6.0), ((5, 6), 1.5, 1.8, 7.0),
                     ((0, 1, 2, 3), 22.5, 2.2, 1.2))),
    "violence": (0.15, ((EVERY_DAY, 19.0, 4.0, 1.6), ((4, 5), 22.0, 2.5, 1.4))),
    "home": (0.35, ((EVERY_DAY, 20.5, 3.0, 1.0), ((5, 6), 1.0, 2.5, 1.2), ((6,), 17.0, 3.0, 0.5))),
    "asb": (0.08, ((EVERY_DAY, 18.5, 3.2, 1.6), ((4, 5), 21.5, 2.5, 1.2))),
    "noise": (0.05, (((4, 5), 23.0, 2.5, 2.6), ((5, 6), 1.5, 2.0, 2.6),
                     (EVERY_DAY, 20.0, 3.0, 0.5))),
    "office": (0.02, ((WEEKDAYS, 11.0, 3.0, 2.0), ((5, 6), 12.0, 3.0, 0.4))),
    "shops": (0.01, (((0, 1, 2, 3, 4, 5), 14.0, 3.0, 2.0), ((6,), 13.5, 2.2, 1.2))),
    "street": (0.12, ((EVERY_DAY, 17.0, 4.5, 1.4), ((4, 5), 21.0, 3.0, 0.5))),
    "away": (0.25, ((WEEKDAYS, 11.0, 4.0, 1.5), (EVERY_DAY, 2.0, 2.5, 0.8))),
    "cars": (0.02, (((4, 5), 21.5, 2.2, 3.2), ((6,), 15.0, 2.6, 2.8), (EVERY_DAY, 18.5, 2.5, 0.8))),
    "fires": (0.06, ((EVERY_DAY, 19.5, 3.0, 2.0), (EVERY_DAY, 16.0, 3.0, 0.5))),
    "crawl": (0.01, (((5,), 16.5, 3.2, 9.0), ((5,), 21.0, 2.2, 4.0), ((4, 6), 19.0, 3.0, 0.6))),
    "flat": (1.0, ()),
}  # fmt: skip

# Factor by month of the year, January first.
YEARS: dict[str, tuple[float, ...]] = {
    "flat": (1.0,) * 12,
    "summer": (0.72, 0.78, 0.9, 1.05, 1.15, 1.22, 1.3, 1.25, 1.05, 1.0, 0.85, 0.73),
    "mild": (0.93, 0.94, 0.97, 1.0, 1.04, 1.06, 1.08, 1.05, 1.0, 1.0, 0.97, 0.96),
    "winter": (1.15, 1.08, 1.0, 0.92, 0.88, 0.86, 0.88, 0.9, 0.98, 1.08, 1.14, 1.13),
    "fires": (0.7, 0.75, 1.0, 1.45, 1.1, 0.95, 1.05, 1.1, 0.9, 1.15, 1.35, 0.6),
    "students": (0.8, 1.1, 1.1, 0.95, 1.1, 0.9, 0.45, 0.45, 1.25, 1.5, 1.25, 0.75),
}
HOLIDAY_FACTOR = {"summer": 1.18, "fires": 1.35, "students": 0.75}


def hour_of_week(name: str) -> NDArray[np.float64]:
    """Share of each hour within its day, and weight of each day: 7 rows of 24, Monday first."""
    floor, bumps = WEEKS[name]
    hours = np.arange(24) + 0.5
    week: NDArray[np.float64] = np.full((7, 24), floor)
    for days, middle, width, weight in bumps:
        gap = (hours - middle + 12) % 24 - 12
        week[list(days)] += weight * np.exp(-0.5 * (gap / width) ** 2)
    week /= week.sum()
    return week


def day_weights(name: str, days: pd.DatetimeIndex, free: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weight of each day of the period by month of the year, school holiday and bonfire night."""
    weight = np.asarray(YEARS[name])[days.month.to_numpy() - 1]
    weight = weight * np.where(free, HOLIDAY_FACTOR.get(name, 1.0), 1.0)
    if name == "fires":
        bonfire = (days.month == 11) & (days.day >= 3) & (days.day <= 6)
        weight = weight * np.where(bonfire, 5.0, 1.0)
    return np.asarray(weight, dtype=float)


def in_holiday(days: pd.DatetimeIndex, calendar: pd.DataFrame) -> NDArray[np.bool_]:
    """Which days are school holidays."""
    free = np.zeros(len(days), dtype=bool)
    holidays = calendar[calendar["kind"] == "holiday"]
    for first, last in zip(holidays["first_day"], holidays["last_day"], strict=True):
        free |= (days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))
    return free


def schools_calendar(first_year: int, last_year: int) -> pd.DataFrame:
    """Terms and holidays of the school years that begin in these years, as a town might set them.

    Examples
    --------
    >>> schools_calendar(2023, 2023)[["name", "first_day"]].iloc[0].tolist()
    ['Autumn term 2023, first half', datetime.date(2023, 9, 5)]
    """
    rows: list[tuple[str, str, pd.Timestamp, pd.Timestamp]] = []
    for year in range(first_year, last_year + 1):
        rows += _school_year(year)
    frame = pd.DataFrame(rows, columns=["name", "kind", "first_day", "last_day"])
    for column in ("first_day", "last_day"):
        frame[column] = frame[column].dt.date
    frame.index = pd.Index(
        [f"school-{i:03d}" for i in range(1, len(frame) + 1)], name="calendar_id"
    )
    return frame


def _school_year(year: int) -> list[tuple[str, str, pd.Timestamp, pd.Timestamp]]:
    day = pd.Timedelta(days=1)
    start = _monday(f"{year}-09-01") + day
    autumn = _monday(f"{year}-10-24")
    christmas = _monday(f"{year}-12-19")
    spring = _monday(f"{year + 1}-02-12")
    at_easter = _monday(str(easter(year + 1))) - 7 * day
    whitsun = _monday(f"{year + 1}-05-25")
    summer = _monday(f"{year + 1}-07-22") + day
    again = _monday(f"{year + 1}-09-01") + day
    breaks = [
        ("Autumn half-term", autumn, autumn + 6 * day),
        ("Christmas", christmas, christmas + 13 * day),
        ("Spring half-term", spring, spring + 6 * day),
        ("Easter", at_easter, at_easter + 13 * day),
        ("Whitsun", whitsun, whitsun + 6 * day),
        ("Summer", summer, again - day),
    ]
    terms = _terms(year)
    rows = []
    for (name, first, last), term in zip(breaks, terms, strict=True):
        rows.append((term, "term", start, first - day))
        rows.append((f"{name} holiday {first.year}", "holiday", first, last))
        start = last + day
    return rows


def _terms(year: int) -> Iterable[str]:
    for term, of in (("Autumn", year), ("Spring", year + 1), ("Summer", year + 1)):
        yield f"{term} term {of}, first half"
        yield f"{term} term {of}, second half"


def _monday(text: str) -> pd.Timestamp:
    """The Monday on or after a day."""
    day = pd.Timestamp(text)
    return day + pd.Timedelta(days=(7 - day.day_of_week) % 7)
