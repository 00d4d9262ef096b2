"""Days and periods as they are typed: read alike by every option, never guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from hotspots.core.errors import InputError

if TYPE_CHECKING:
    from hotspots.core.periods import Period

ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
BRITISH = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})")
SPAN = r"\d{4}|\d{4}-\d{2}|\d{4}-\d{2}/\d{4}-\d{2}|\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}"


def read_day(typed: str, option: str) -> date:
    """The day that was typed, ISO or British: the first number with strokes is the day.

    Examples
    --------
    >>> read_day("2025-04-01", "started") == read_day("01/04/2025", "started")
    True
    """
    found = ISO.fullmatch(typed.strip()) or BRITISH.fullmatch(typed.strip())
    try:
        if found is not None:
            return date(*(int(found[part]) for part in ("year", "month", "day")))
    except ValueError:
        pass
    raise InputError(
        f"`{option}` must be a day as 2025-04-01, or as 01/04/2025 (day/month/year, the year with "
        f"four digits); got {typed!r}."
    )


def read_span(typed: str, option: str) -> Period:
    """The period that was typed: years and months, or two ISO days of which the last is left out.

    Examples
    --------
    >>> read_span("2024-04/2025-03", "period").label
    'April 2024 to March 2025'
    """
    from hotspots.core.periods import Period

    why = ""
    if re.fullmatch(SPAN, typed.strip()):
        try:
            return Period.parse(typed.strip())
        except InputError as error:
            why = f" ({str(error).rpartition(': ')[2].rstrip('.')})"
    raise InputError(
        f"`{option}` must be a period as 2025, 2025-04, 2024-04/2025-03 or 2024-04-01/2025-04-01; "
        f"got {typed!r}{why}."
    )
