"""What patrols did, as their logs have it; whoever did it is not read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hotspots.core.errors import DataError, listing, require

COLUMNS = ["area_id", "from", "until"]
ACTIVITY = ("patrol_hours", "searches", "arrests", "finds")


def read_visits(path: str | Path, clock: str) -> pd.DataFrame:
    r"""Visits from a CSV file; no other column is read, so no name of an officer comes in.

    Parameters
    ----------
    path : str or Path
        Columns ``area_id``, ``from``, ``until``, as ``2025-06-02 20:15``.
    clock : str
        Time zone of times that carry none.

    Returns
    -------
    DataFrame
        ``area_id``, ``from``, ``until`` with a zone.

    Raises
    ------
    DataError
        For a file without these columns, and times that cannot be read.

    Notes
    -----
    It misleads where the log rounds to the quarter of an hour.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "visits.csv"
    >>> text = "area_id,officer,from,until\na,PC 1,2025-06-02 20:00,2025-06-02 20:15\n"
    >>> _ = path.write_text(text)
    >>> read_visits(path, "Europe/London").columns.tolist()
    ['area_id', 'from', 'until']
    """
    name = Path(path).name
    try:
        table = pd.read_csv(path, usecols=COLUMNS, dtype=str, encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(
            "visits need the columns area_id, from and until; this file has them not, or cannot "
            "be read.",
            rule="missing-column",
            file=name,
        ) from error
    for column in COLUMNS[1:]:
        times = pd.to_datetime(table[column], errors="coerce", format="ISO8601")
        wrong = int(times.isna().sum())
        require(
            wrong == 0,
            f"times must look like 2025-06-02 20:15; {wrong:,} of {len(table):,} in {column!r} "
            "do not.",
            DataError,
            rule="visit-times",
            file=name,
        )
        if times.dt.tz is None:
            times = times.dt.tz_localize(clock, ambiguous=True, nonexistent="shift_forward")
        table[column] = times.dt.tz_convert(clock)
    return table[COLUMNS]


def read_activity(path: str | Path) -> pd.DataFrame:
    r"""Hours of patrol by area, and what was done in them, from a CSV file.

    Parameters
    ----------
    path : str or Path
        A column ``area_id``; the others as :func:`burden_beside` takes them.

    Returns
    -------
    DataFrame
        On ``area_id``, numbers.

    Raises
    ------
    DataError
        For a file without ``area_id``, and cells that hold no number.

    Notes
    -----
    It misleads where the hours are those that were planned.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "done.csv"
    >>> _ = path.write_text("area_id,patrol_hours,searches\na,50,4\n")
    >>> read_activity(path).loc["a"].tolist()
    [50, 4]
    """
    name = Path(path).name
    try:
        table = pd.read_csv(path, dtype={"area_id": str}, encoding="utf-8-sig")
        known = [one for one in ACTIVITY if one in table]
        found: pd.DataFrame = table.set_index("area_id")[known].apply(pd.to_numeric)
    except (KeyError, ValueError, TypeError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(
            f"activity needs a column 'area_id', and numbers in any of {listing(ACTIVITY)}; this "
            "file has them not, or cannot be read.",
            rule="burden-activity",
            file=name,
        ) from error
    return found
