"""Months as data.police.uk writes them, ``2025-01``."""

from __future__ import annotations

import re

from hotspots.core.errors import InputError

FIRST_MONTH = "2010-12"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"


def months_between(from_month: str, to_month: str) -> list[str]:
    """Every month from the first to the last, both included.

    Examples
    --------
    >>> months_between("2024-11", "2025-02")
    ['2024-11', '2024-12', '2025-01', '2025-02']
    """
    for argument, month in (("from_month", from_month), ("to_month", to_month)):
        if not (isinstance(month, str) and re.fullmatch(MONTH, month)):
            raise InputError(f'`{argument}` must be a month such as "2025-01"; got {month!r}.')
    if from_month > to_month:
        raise InputError(
            f"`from_month` must not be after `to_month`; got {from_month} and {to_month}."
        )
    if from_month < FIRST_MONTH:
        raise InputError(f"data.police.uk begins with {FIRST_MONTH}; got {from_month}.")
    months = [from_month]
    while months[-1] != to_month:
        months.append(later(months[-1], 1))
    return months


def later(month: str, by: int) -> str:
    """The month so many months later, or earlier.

    Examples
    --------
    >>> later("2025-01", -1), later("2024-11", 14)
    ('2024-12', '2026-01')
    """
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def spans(months: list[str]) -> str:
    """Months for a message, runs drawn together.

    Examples
    --------
    >>> spans(["2025-01", "2025-02", "2025-03", "2025-05"])
    '2025-01 to 2025-03, 2025-05'
    """
    runs: list[list[str]] = []
    for month in sorted(months):
        if runs and later(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
