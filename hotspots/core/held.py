"""Whether incidents hold the time that is asked about: any month of it, and its days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import DataError, require
from hotspots.core.months import month_words, number_of_month
from hotspots.core.periods import months_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.periods import Period
    from hotspots.core.source import Source


def require_days(
    source: Source, span: Period | None, counts: NDArray[np.int64], name: str = "period"
) -> None:
    """Raise for a period that cuts a month of whose incidents no day is known.

    ``counts`` are the incidents of a question at any time, one number a line. Those known to the
    month count on its first day: a week holds all of them, or none.
    """
    if span is None or span.with_hours(None).whole_months is not None:
        return
    months = months_of(span)
    cut = [
        number_of_month(month)
        for month, edge in ((months[0], span.start), (months[-1], span.end))
        if edge.day != 1 or edge != edge.normalize()
    ]
    tally = source.tally
    monthly = (tally.kinds["time_precision"].astype(str) == "month").to_numpy()[tally.kind]
    coarse = int(counts[monthly & np.isin(tally.months, cut)[tally.month]].sum())
    require(
        not coarse,
        f"`{name}`: {span.label} cuts through months, and {coarse:,} incidents of these are known "
        "only to the month (data.police.uk has no days).",
        rule="times-too-coarse",
        mend='Ask about whole months ("2018-07"; of days the last is not in the period: '
        '"2018-07-01/2018-08-01"), or leave out the source without days.',
    )


def not_held(held: Sequence[str], one: Period, name: str = "period") -> list[str]:
    """The months of a period that the data do not hold; where they hold none, an error."""
    months = months_of(one)
    empty = [month for month in months if held and month not in held]
    require(
        not empty or len(empty) < len(months),
        f"`{name}`: {one.label} holds no incident at all. {reach(held)}: choose a period they "
        "hold, or add the missing files.",
        DataError,
        rule="no-incidents",
    )
    return empty


def reach(held: Sequence[str]) -> str:
    """The first and last month held, in words."""
    ends = [month_words(month) for month in (*held[:1], *held[-1:])]
    return f"The data begin in {ends[0]} and end in {ends[1]}" if ends else "There are no data"
