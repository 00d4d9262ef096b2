"""What a period that is asked about holds: of the data any month and its days, and its last day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, require
from hotspots.core.hours import tell_hours
from hotspots.core.months import month_words, number_of_month
from hotspots.core.periods import Period, day_words, months_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.core.source import Source


def tell_period(found: Selection, record: RunRecord) -> None:
    """Tell a reader what a period does not show by its words: its last day, and its hours."""
    record.warn_reader(*last_days(found.question.span))
    tell_hours(found, record)


def last_days(*spans: Period | None) -> Iterator[Caveat]:
    """Told of periods by days that end on the last day of a month, which is then not in them.

    From the last day of a month to that of another nobody left one out.

    Examples
    --------
    >>> from hotspots.core.periods import Period
    >>> [told.values["written"] for told in last_days(Period.parse("2018-07-01/2018-07-31"))]
    ['2018-07']
    """
    import pandas as pd

    for span in spans:
        ends = [] if span is None else [span.start.tz_localize(None), span.end.tz_localize(None)]
        after = [end + pd.Timedelta(days=1) for end in ends]
        if span and [end.day == 1 and end == end.normalize() for end in after] == [False, True]:
            whole = Period.parse((ends[0].date(), after[1].date()))
            said = {"day": day_words(ends[1]), "period": span.label, "written": whole.key}
            yield Caveat("last-day-left-out", said)


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
