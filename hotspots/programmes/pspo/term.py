"""How long an order lasts, and what may be said about it on a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from hotspots.core.errors import InputError, require
from hotspots.core.periods import day_words
from hotspots.core.plain import plain
from hotspots.io.zones.zone_columns import as_day
from hotspots.report.text.grammar import counted

RENEWAL_UNKNOWN = "renewal unknown"
LONGEST_YEARS = 3


@dataclass(frozen=True)
class Term:
    """The published term of an order on a day.

    Attributes
    ----------
    valid_from, valid_until
        First and last day, both included; None where the table has none.
    today
        The day asked about; None where none was given.
    days_left
        Days from today to the last day; negative once it has passed.
    status
        "not yet begun", "within its published term", "renewal unknown" (the term has passed), "no
        last day given" or "not dated". Never "in force": an order can be ended early.
    stated
        What the table itself says.
    cautions
        What does not fit.
    """

    valid_from: date
    valid_until: date | None
    today: date | None
    days_left: int | None
    status: str
    stated: str | None
    cautions: tuple[str, ...]

    def to_sentence(self) -> str:
        """The term in words."""
        last = f"to {day_words(self.valid_until)}" if self.valid_until else "with no last day given"
        head = f"Published term: {day_words(self.valid_from)} {last}."
        if self.today is None:
            return f"{head} No day was given to count from."
        if self.status == RENEWAL_UNKNOWN:
            ago = counted(-(self.days_left or 0), "day")
            return f"{head} It ended {ago} before {day_words(self.today)}: {RENEWAL_UNKNOWN}."
        left = counted(self.days_left, "day") if self.days_left is not None else ""
        left = f", {left} to its last day" if left else ""
        return f"{head} On {day_words(self.today)}: {self.status}{left}."

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return plain(asdict(self))


def read_term(order: pd.Series, today: object) -> Term:
    """The term of an order, from its row; InputError where it does not say when it began."""
    name = order["zone_name"]
    first, last = (_day(order.get(column), column) for column in ("valid_from", "valid_until"))
    if first is None:
        raise InputError(
            f"the order {name!r} must say when it began (`valid_from`); without that there is no "
            "before and after."
        )
    require(
        last is None or last >= first,
        f"the order {name!r} must end on or after the day it began; got {first} to {last}.",
    )
    now = _day(today, "today")
    stated = order.get("status")
    stated = None if stated is None or pd.isna(stated) else str(stated)
    status = _status(first, last, now)
    return Term(
        valid_from=first,
        valid_until=last,
        today=now,
        days_left=(last - now).days if last and now else None,
        status=status,
        stated=stated,
        cautions=_cautions(first, last, status, stated),
    )


def _status(first: date, last: date | None, now: date | None) -> str:
    if now is None:
        return "not dated"
    if now < first:
        return "not yet begun"
    if last is None:
        return "no last day given"
    return RENEWAL_UNKNOWN if now > last else "within its published term"


def _cautions(first: date, last: date | None, status: str, stated: str | None) -> tuple[str, ...]:
    found = []
    if last is not None and last >= _years_on(first, LONGEST_YEARS):
        found.append(
            f"The term is longer than the {LONGEST_YEARS} years an order can last without an "
            "extension (section 60): check the dates."
        )
    if status == RENEWAL_UNKNOWN and stated not in (None, RENEWAL_UNKNOWN):
        found.append(
            f'The table says "{stated}", but the last day given has passed. If the order was '
            "renewed, load it with its new dates."
        )
    return tuple(found)


def _day(value: object, argument: str) -> date | None:
    try:
        return as_day(value)
    except (ValueError, TypeError) as error:
        raise InputError(f'`{argument}` must be a day as "2023-04-01"; got {value!r}.') from error


def _years_on(day: date, years: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(years=years)).date()
