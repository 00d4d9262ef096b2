"""Dates that are typing errors rather than times: told, and kept out of what is summed up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.errors import Finding
from hotspots.core.periods import day_words

GAP = np.timedelta64(5 * 365, "D")
FEW, SHARE = 3, 0.01


def odd_dates(starts: pd.Series, *, today: date | None = None) -> dict[str, NDArray[np.bool_]]:
    """Rows whose start is in the future, or years from all others, by rule.

    Parameters
    ----------
    starts : Series of zone-aware times
        When each row began.
    today : date, optional
        The present day by default.

    Examples
    --------
    >>> days = ["1900-01-01", "2025-07-15", "2025-07-16", "2025-07-17", "2052-07-14"]
    >>> odd = odd_dates(pd.Series(pd.to_datetime(days).tz_localize("Europe/London")))
    >>> {rule: rows.nonzero()[0].tolist() for rule, rows in odd.items()}
    {'date-future': [4], 'date-far': [0]}
    """
    own, moments = pd.factorize(starts, use_na_sentinel=False)
    rows = np.bincount(own, minlength=len(moments))
    days = pd.Series(moments).dt.tz_localize(None).to_numpy("datetime64[D]")
    future = days > np.datetime64(today or date.today())
    kept = np.unique(days[~np.isnat(days) & ~future])
    far = np.zeros(len(days), dtype=bool)
    most = max(FEW, SHARE * len(own))
    for cut in kept[1:][np.diff(kept) > GAP]:
        for side in (days < cut, (days >= cut) & ~future):
            if 0 < rows[side].sum() <= most and rows[side].sum() < rows[~far & ~future].sum() / 2:
                far |= side
    return {"date-future": future[own], "date-far": far[own]}


def tell_odd_dates(starts: pd.Series, lines: NDArray[np.int64], file: str) -> list[Finding]:
    """A warning for each kind, with the first line."""
    found = []
    for rule, rows in odd_dates(starts).items():
        if rows.any():
            first = int(np.flatnonzero(rows)[0])
            said = {"rows": int(rows.sum()), "read": day_words(starts.iloc[first])}
            where = {"file": file, "line": int(lines[first]), "rows": int(rows.sum())}
            found.append(Finding.of(rule, "warning", said=said, **where))
    return found
