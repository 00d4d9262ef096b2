"""How long an order lasts, and what may be said about it on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, require
from hotspots.core.plain import plain
from hotspots.core.sentences import Spoken
from hotspots.io.zones.zone_columns import as_day

RENEWAL_UNKNOWN = "renewal unknown"
LONGEST_YEARS = 3


@dataclass(frozen=True)
class Term(Spoken):
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
    cautions: tuple[Caveat, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {name: plain(value) for name, value in vars(self).items()}


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
        cautions=tuple(_cautions(first, last, status, stated)),
    )


def _status(first: date, last: date | None, now: date | None) -> str:
    if now is None:
        return "not dated"
    if now < first:
        return "not yet begun"
    if last is None:
        return "no last day given"
    return RENEWAL_UNKNOWN if now > last else "within its published term"


def _cautions(first: date, last: date | None, status: str, stated: str | None) -> Iterator[Caveat]:
    if last is not None and last >= _years_on(first, LONGEST_YEARS):
        yield Caveat("long-term", {"years": LONGEST_YEARS})
    if status == RENEWAL_UNKNOWN and stated not in (None, RENEWAL_UNKNOWN):
        yield Caveat("lapsed-term", {"stated": stated})


def _day(value: object, argument: str) -> date | None:
    try:
        return as_day(value)
    except (ValueError, TypeError) as error:
        raise InputError(f'`{argument}` must be a day as "2023-04-01"; got {value!r}.') from error


def _years_on(day: date, years: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(years=years)).date()
