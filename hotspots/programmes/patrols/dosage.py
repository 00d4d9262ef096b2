"""What was done: visits to minutes, gaps and coverage by area and shift, against the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.arguments import require_made
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import DataError, require
from hotspots.core.hours import HOURS_OF_WEEK, Hours
from hotspots.core.months import clock_named
from hotspots.core.periods import Period
from hotspots.programmes.patrols.timetable import Timetable

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
COLUMNS = ["area_id", "from", "until"]
MEASURES = [
    *("visits", "minutes", "longest_gap_h", "planned_visits", "done", "coverage"),
    "unplanned_minutes",
]
ALL_HOURS = "all hours"
LONGEST_GAP = pd.Timedelta(minutes=10)


def patrol_dosage(
    visits: pd.DataFrame,
    plan: Timetable,
    period: Period,
    *,
    shifts: Mapping[str, str | Hours] | None = None,
) -> pd.DataFrame:
    """Minutes, gaps and coverage of visits by area and shift, against a timetable.

    Parameters
    ----------
    visits : DataFrame
        ``area_id``, ``from``, ``until`` (zone-aware times), one row a visit; other columns are not
        looked at. :func:`visits_from_positions` makes one of raw positions.
    plan : Timetable
        From :func:`patrol_timetable`; the same week again and again.
    period : Period
        The days to judge.
    shifts : mapping of str to Hours or str, optional
        ``{"day": "07-19", "night": "19-07"}``; all hours together by default.

    Returns
    -------
    DataFrame
        By ``area_id`` and ``shift``: ``visits`` that began in it, ``minutes``, ``longest_gap_h``
        (between the end of one visit and the start of the next, within stays planned; missing
        without any), ``planned_visits``, ``done`` (planned visits in whose slot the area was
        visited for the whole dose), ``coverage`` (their share, missing where none was planned),
        ``unplanned_minutes``.

    Raises
    ------
    DataError
        For visits that end before they start, or lack a column.

    Notes
    -----
    Two patrols in an area at once count once. A visit over the end of a slot is shared out between
    both. It misleads as a measure of effort: the way there, and what was done, are not in it.

    References
    ----------
    Koper, C. S. (1995) Justice Quarterly 12(4), 649-672. doi:10.1080/07418829500096231

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.programmes.patrols.timetable import Timetable
    >>> stays = pd.DataFrame({"area_id": ["a"], "hour": [0], "visits": [2]})
    >>> plan = Timetable(stays, 15, 2, 1, 0.5, 0.1, 0.05, True)
    >>> start = pd.DatetimeIndex(["2025-06-02 00:30"], tz="Europe/London")
    >>> seen = pd.DataFrame({"area_id": ["a"], "from": start, "until": start
    ...     + pd.Timedelta(minutes=20)})
    >>> week = hs.Period.parse("2025-06-02/2025-06-09")
    >>> patrol_dosage(seen, plan, week).iloc[0][["minutes", "planned_visits", "done"]].tolist()
    [20.0, 2.0, 1.0]
    """
    require_made("plan", plan, Timetable, "patrol_timetable(areas, incidents, budget_hours=40)")
    known = {ALL_HOURS: tuple(range(HOURS_OF_WEEK))}
    if shifts is not None:
        known = {name: Hours.parse(hours).hours for name, hours in shifts.items()}
    began, slots = _merged(visits, period), _planned(plan, period)
    ids = sorted({*plan.stays["area_id"], *began["area_id"]}, key=str)
    rows: list[tuple[object, ...]] = []
    for area in ids:
        mine, due = (table[table["area_id"] == area] for table in (began, slots))
        starts, ends = mine["start"].to_numpy(), mine["end"].to_numpy()
        first, last = (due[name].to_numpy()[:, None] for name in ("start", "end"))
        # Nanoseconds that each visit (columns) spends in each slot (rows).
        inside = np.clip(np.minimum(last, ends) - np.maximum(first, starts), 0, None)
        # One visit must be long enough by itself: three of five minutes are no visit of fifteen.
        dose = inside.max(axis=1, initial=0) >= plan.visit_minutes * MINUTE_NS
        planned = inside.sum(axis=0)
        for name, hours in known.items():
            held, asked = np.isin(mine["hour"], hours), np.isin(due["hour"], hours)
            minutes = float((ends - starts)[held].sum() / MINUTE_NS)
            number, done = int(asked.sum()), int(dose[asked].sum())
            coverage = done / number if number else float("nan")
            gap = _longest_gap(due[asked], starts, ends)
            beyond = minutes - float(planned[held].sum() / MINUTE_NS)
            visited = area, name, int(held.sum()), minutes, gap
            rows.append((*visited, number, done, coverage, beyond))
    columns = ["area_id", "shift", *MEASURES]
    return pd.DataFrame(rows, columns=columns).set_index(["area_id", "shift"])


def visits_from_positions(
    positions: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    radio: str | None = None,
) -> pd.DataFrame:
    """Visits of raw positions: in an area, no gap over ten minutes; nobody is named in the result.

    Parameters
    ----------
    positions : GeoDataFrame
        Points of radios or vehicles, with a zone-aware ``time``.
    areas : GeoDataFrame
        Areas by ``area_id``.
    radio : str, optional
        Column that tells radios apart while visits are made; it is not kept, nor is its order.
        Without it all are one.

    Returns
    -------
    DataFrame
        ``area_id``, ``from``, ``until``, in order of area and time. Who it was is not in it.

    Raises
    ------
    DataError
        For times without a zone.

    Notes
    -----
    A single position is a visit of no length. It misleads where radios report by distance: a
    patrol that stands still is not seen.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)], index=["a"], crs=27700)
    >>> times = pd.date_range("2025-06-02 20:00", periods=4, freq="5min", tz="Europe/London")
    >>> points = gpd.points_from_xy([1, 2, 3, 50], [1, 1, 1, 1], crs=27700)
    >>> found = visits_from_positions(gpd.GeoDataFrame({"time": times}, geometry=points), areas)
    >>> found["until"].iloc[0] - found["from"].iloc[0], list(found.columns)
    (Timedelta('0 days 00:10:00'), ['area_id', 'from', 'until'])
    """
    import geopandas as gpd

    require_same_crs(positions, areas, ("positions", "areas"))
    require(
        "time" in positions and getattr(positions["time"].dtype, "tz", None) is not None,
        "`positions` need a column 'time' of times with a zone.",
        DataError,
        rule="wrong-kind",
    )
    require(
        radio is None or radio in positions.columns,
        f"`radio` must name a column of `positions`; got {radio!r}.",
    )
    outlines = gpd.GeoDataFrame(
        {"area_id": areas.index.astype(object)}, geometry=areas.geometry.array
    )
    kept = ["time", *([] if radio is None else [radio]), positions.geometry.name]
    inside = gpd.sjoin(positions[kept].reset_index(drop=True), outlines, predicate="intersects")
    who = pd.Series(0, inside.index) if radio is None else pd.factorize(inside[radio])[0]
    table = pd.DataFrame({"area_id": inside["area_id"], "who": who, "time": inside["time"]})
    table = table.sort_values(["who", "area_id", "time"], kind="stable")
    same = table[["who", "area_id"]].eq(table[["who", "area_id"]].shift()).all(axis=1)
    soon = table["time"].diff() <= LONGEST_GAP
    table["visit"] = (~(same & soon)).to_numpy(dtype=bool).cumsum()
    ends = table.groupby("visit").agg(
        **{"area_id": ("area_id", "first"), "from": ("time", "min"), "until": ("time", "max")}
    )
    return ends.sort_values(COLUMNS, kind="stable", ignore_index=True)


def _merged(visits: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Visits of the period in UTC nanoseconds; those of one area that overlap are one."""
    require_made("visits", visits, pd.DataFrame, "visits_from_positions(positions, areas)")
    lacking = [name for name in COLUMNS if name not in visits.columns]
    if lacking:
        raise DataError(
            f"visits need area_id, from and until; they lack {', '.join(lacking)}.",
            rule="missing-column",
        )
    aware = all(getattr(visits[name].dtype, "tz", None) is not None for name in COLUMNS[1:])
    came = ", ".join(f"{name} {visits[name].dtype}" for name in COLUMNS[1:])
    require(
        aware,
        f"visits need times with a zone in from and until; got {came}. Say by which "
        "clock they are, for instance that of Europe/London.",
        DataError,
        rule="wrong-kind",
    )
    wrong = int((visits["until"] < visits["from"]).sum() + visits[COLUMNS].isna().any(axis=1).sum())
    if wrong:
        raise DataError(
            f"visits must end after they start; {wrong:,} of {len(visits):,} do not.",
            rule="visit-times",
        )
    require_made("period", period, Period, 'Period.parse("2026-05")')
    clock = clock_named(str(visits["from"].dt.tz))
    span = period.on_clock(clock)
    visits = visits.reset_index(drop=True)
    held = visits[(visits["from"] >= span.start) & (visits["from"] < span.end)]
    held = held.sort_values(["area_id", "from", "until"], kind="stable")
    start, end = (
        held[name].dt.tz_convert("UTC").dt.as_unit("ns").astype("int64") for name in COLUMNS[1:]
    )
    # The latest end so far, not that of the row before: a short visit inside a long one does not
    # open a new one.
    latest = end.groupby(held["area_id"]).cummax().groupby(held["area_id"]).shift()
    # The first of an area has no end before it: -1 lies before every visit, and opens a group.
    group = (~(start <= latest.fillna(-1))).cumsum()
    local = held["from"].dt.tz_convert(clock).dt
    table = pd.DataFrame(
        {"area_id": held["area_id"], "start": start, "end": end,
         "hour": local.day_of_week * 24 + local.hour}
    )  # fmt: skip
    how = {"area_id": "first", "start": "min", "end": "max", "hour": "first"}
    return table.groupby(group).agg(how).reset_index(drop=True)


def _planned(plan: Timetable, period: Period) -> pd.DataFrame:
    """Every visit that was due in the period, from when until when."""
    days = pd.date_range(period.start.normalize(), period.end, freq="D", inclusive="left")
    week = plan.slots
    parts = []
    for day in days:
        due = week[week["hour"] // 24 == day.day_of_week]
        naive = day.tz_localize(None) + pd.to_timedelta(due["hour"] % 24, unit="h")
        # On the day of the change the skipped hour falls to the next, and of the doubled one the
        # first counts: every planned visit stays one.
        start = naive.dt.tz_localize(day.tz, ambiguous=True, nonexistent="shift_forward")
        begins = start.dt.tz_convert("UTC").dt.as_unit("ns").astype("int64")
        parts.append(due.assign(start=begins, end=begins + plan.every_hours * HOUR_NS))
    empty = pd.DataFrame({"area_id": [], "hour": [], "start": [], "end": []}).astype(
        {"hour": "int64", "start": "int64", "end": "int64"}
    )
    return pd.concat(parts, ignore_index=True) if parts else empty


def _longest_gap(due: pd.DataFrame, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> float:
    """The longest time in hours without a visit, within a stay planned."""
    longest, begin, until = -1, None, None
    slots = [*zip(due["start"], due["end"], strict=True), (None, None)]
    for first, last in slots:
        # Slots that follow on are one stay: a gap runs on from one to the next.
        if begin is not None and first == until:
            until = last
            continue
        if begin is not None and until is not None:
            here = (ends > begin) & (starts < until)
            edges = np.sort(np.concatenate([starts[here], [until]]))
            free = np.sort(np.concatenate([[begin], ends[here]]))
            longest = max(longest, int((edges - free).max()))
        begin, until = first, last
    return longest / HOUR_NS if longest >= 0 else float("nan")
