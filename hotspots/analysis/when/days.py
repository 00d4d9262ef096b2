"""The days of the week: of all incidents, or of zones against the rest, by an exact test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.errors import InputError, require
from hotspots.core.hours import DAYS
from hotspots.core.months import clock_of
from hotspots.core.points import inside
from hotspots.core.select import as_selection
from hotspots.stats.count_models import exact_rate_ratios

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

FIXED_SEED = 0
EVERYWHERE = "everywhere"
FEWEST_WEEKS = 5


def days_of_week(
    incidents: gpd.GeoDataFrame | Selection,
    zones: gpd.GeoDataFrame | None = None,
    *,
    draws: int = 1_999,
    confidence: float = 0.95,
    rng: np.random.Generator | int | None = None,
) -> pd.DataFrame:
    """How each day of the week compares with the others, or in zones with the days outside them.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents whose times are known to the day; counted on the day they start, in whole weeks
        from Monday to Sunday.
    zones : GeoDataFrame, optional
        Zones, each set against all incidents outside it.
    draws : int
        How often the days of each week are dealt out anew.
    confidence : float
        Of the intervals, each by itself.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    DataFrame
        Seven rows a zone: ``zone`` ("everywhere" without zones), ``day``, ``count``, ``share``,
        ``ratio`` with ``low`` and ``high`` (to a day of the rest of the week; with zones, to the
        share of that day outside), ``p_value`` (corrected for seven days).

    Raises
    ------
    InputError
        For times known only to the month, and under five whole weeks.

    Notes
    -----
    The test deals the days of each week out anew, so bursts, seasons and years change nothing:
    without zones it is exact; with zones, days are first set against what the rest of the city had
    that week, and it is exact where zones vary alike on all days. The largest of the seven
    departures is compared, so one of seven days is called by chance in 5 of 100. It misleads where
    reports are dated by the day they were written down.

    References
    ----------
    Westfall, P. H. & Young, S. S. (1993) Resampling-Based Multiple Testing, Wiley (the largest of
    several departures under permutation).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> days = days_of_week(town.incidents)
    >>> len(days), round(float(days["share"].sum()), 6)
    (7, 1.0)
    """
    require(0 < confidence < 1, f"`confidence` must be between 0 and 1; got {confidence!r}.")
    rows = as_selection(incidents).rows
    week, day = _weeks(rows)
    places: list[tuple[str, NDArray[np.bool_] | None]] = [(EVERYWHERE, None)]
    if zones is not None:
        names = zones["zone_name"].astype(str)
        places = [(name, inside(rows, zones.iloc[[at]])) for at, name in enumerate(names)]
    source = np.random.default_rng(FIXED_SEED if rng is None else rng)
    tables = []
    for name, among in places:
        mine = _by_week(week, day, np.ones(len(rows), dtype=bool) if among is None else among)
        rest = None if among is None else _by_week(week, day, ~among)
        found = _compared(mine, rest, draws, confidence, source)
        tables.append(found.assign(zone=name)[["zone", *found.columns]])
    return pd.concat(tables, ignore_index=True)


def _weeks(rows: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The whole week each incident starts in, counted from 0, -1 in none; and the day of it."""
    coarse = int(rows["time_precision"].eq("month").sum())
    if coarse:
        raise InputError(
            f"days need the day of each incident; {coarse:,} of {len(rows):,} are known only to "
            "the month (data.police.uk has months only).",
            rule="times-too-coarse",
            mend="Leave these out, or ask a source that has days.",
        )
    start = rows["occurred_from"]
    local = start.dt.tz_convert(clock_of(start)).dt.tz_localize(None)
    number = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    week, day = np.divmod(number + 3, 7)  # the first of January 1970 was a Thursday
    whole = np.array([], dtype=np.int64)
    if len(week):
        first = week.min() + (day[week == week.min()].min() > 0)
        whole = np.arange(first, week.max() + (day[week == week.max()].max() == 6))
    weeks = len(whole)
    if weeks < FEWEST_WEEKS:
        raise InputError(
            f"days of the week need {FEWEST_WEEKS} whole weeks; got {weeks}.",
            rule="too-few-weeks",
        )
    return np.where(np.isin(week, whole), week - whole[0], -1), day


def _by_week(
    week: NDArray[np.int64], day: NDArray[np.int64], among: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Incidents by week and day."""
    held = among & (week >= 0)
    size = int(week.max()) + 1
    counts = np.bincount(week[held] * 7 + day[held], minlength=size * 7)
    return counts.reshape(size, 7).astype(float)


def _compared(
    mine: NDArray[np.float64],
    rest: NDArray[np.float64] | None,
    draws: int,
    confidence: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    counts, total = mine.sum(axis=0), mine.sum()
    usual = np.full(7, 1 / 7) if rest is None else rest.sum(axis=0) / max(rest.sum(), 1)
    off = mine - mine.sum(axis=1, keepdims=True) * usual
    if rest is not None:
        off = off / np.sqrt(np.where(usual > 0, usual, np.inf))
    pulls = off.sum(axis=0)
    largest = np.empty(draws)
    for at in range(draws):
        largest[at] = np.abs(rng.permuted(off, axis=1).sum(axis=0)).max()
    as_large = (largest[:, None] >= np.abs(pulls) - 1e-9).sum(axis=0)
    expected = total * usual * (1 - usual)
    bursts = ((mine - mine.sum(axis=1, keepdims=True) * usual) ** 2).sum(axis=0)
    bursts = np.maximum(bursts / np.where(expected > 0, expected, np.inf), 1.0)
    others = (total - counts, np.full(7, 6.0)) if rest is None else (rest.sum(axis=0), rest.sum())
    exposure = np.ones(7) if rest is None else np.full(7, total)
    ends = exact_rate_ratios(
        counts / bursts, exposure, others[0] / bursts, others[1], confidence=confidence
    )
    return pd.DataFrame(
        {
            "day": DAYS,
            "count": counts.astype(int),
            "share": counts / max(total, 1),
            "ratio": ends.ratio,
            "low": ends.low,
            "high": ends.high,
            "p_value": (as_large + 1) / (draws + 1),
        }
    )
