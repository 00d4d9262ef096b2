"""The evidence on an order: its term, its limbs, its tables, and everything as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.interrupted_time_series import Interruption
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, require
from hotspots.core.plain import plain, plain_parts, plain_records
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.io.zones.zone_columns import as_day


@dataclass(frozen=True, eq=False)
class PspoEvidence(Spoken):
    """What the data say about one order.

    Attributes
    ----------
    order_name, theme, label
        Which order, which incidents, and what these are called.
    term
        Its dates, the days left, and its status on the day given.
    share_of_city, city_wide
        How much of the study area it covers; from 95 % on there is no control inside the city.
    change
        Inside, rings and comparator before and after, in equal windows, from
        :func:`compare_change`; None where the data do not reach both sides. For a city-wide order
        without comparator its ratio is that of the order alone.
    series
        By month: ``inside``, each ring, ``outside``, and the ``phase``.
    persistence
        Months with incidents, longest run, by phase.
    recurring
        Places inside with incidents in several months.
    baskets
        The same by prohibition.
    interruption
        For a city-wide order, its interrupted time series, where months suffice.
    cautions
        What belongs beside the result, by code.
    """

    order_name: str
    term: Term
    theme: str
    label: str
    share_of_city: float
    city_wide: bool
    change: Change | None
    series: pd.DataFrame
    persistence: dict[str, Any]
    recurring: pd.DataFrame
    baskets: pd.DataFrame
    interruption: Interruption | None
    cautions: tuple[Caveat, ...]

    @property
    def limbs(self) -> pd.DataFrame:
        """The statutory limbs, what the data say to each, and an empty ``decision``."""
        return limbs_table(self)

    def change_sentence(self) -> str:
        """Before and after inside the order; empty where there is none."""
        return sentence_of(self, "change")

    def ring_sentence(self) -> str:
        """The rings around the order; empty where there are none."""
        return sentence_of(self, "rings")

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing values as None."""
        return {
            "order": self.order_name,
            **plain_parts(self, "theme", "label", "term", "share_of_city", "city_wide", "change"),
            **plain_parts(self, "series", "persistence"),
            "recurring": plain_records(self.recurring.set_index("place")),
            **plain_parts(self, "baskets", "interruption", "limbs"),
            "cautions": [str(caution) for caution in self.cautions],
            "sentence": self.to_sentence(),
        }


RENEWAL_UNKNOWN = "renewal unknown"
NO_LAST_DAY = "no last day given"
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
        return NO_LAST_DAY
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


LIMBS = {
    "detrimental effect": "s59(2)",
    "persistent or continuing": "s59(3)(a)",
    "unreasonable": "s59(3)(b)",
    "justifies the restrictions": "s59(3)(c), s59(5)",
}


def limbs_table(evidence: PspoEvidence) -> pd.DataFrame:
    """One row for each limb: the evidence, what it cannot say, and an empty decision."""
    rows = [
        {
            "limb": limb,
            "section": section,
            "evidence": sentence_of(evidence, "limb", name=limb),
            "cannot_say": sentence_of(evidence, "cannot_say", name=limb),
            "decision": "",
            "status": sentence_of(evidence, "undecided"),
        }
        for limb, section in LIMBS.items()
    ]
    return pd.DataFrame(rows).set_index("limb")
