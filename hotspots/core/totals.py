"""From incidents and labels to one row an area: the numbers every kind of area carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.behind import UNIT
from hotspots.core.points import distinct_rows
from hotspots.core.select import as_selection

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Floats, Ints
    from hotspots.core.select import Selection
    from hotspots.core.source import Parts

DENSE = 8
"""Sums stand in a table of all pairs where it is at most so many times as long as the parts."""
HARM_COLUMNS = ("harm", "harm_low", "harm_high")


def area_totals(parts: Parts, area_ids: pd.Index) -> pd.DataFrame:
    """Count, harm and concentration of each area, from whole numbers and never from polygons.

    Parameters
    ----------
    parts : Parts
        The incidents by line of the tally and area.
    area_ids : Index
        Areas to report, in order; those without incidents get zeros.

    Returns
    -------
    DataFrame
        ``incident_count``, ``unweighted_count``, ``unique_points``, ``largest_point_share`` and,
        where incidents carry harm, ``harm``, ``harm_low``, ``harm_high``, ``harm_share`` (of all
        these areas together, see :func:`share_of_all_harm`), ``largest_event_share``,
        ``harm_scale``, ``harm_unit``; last what a release must know
        (:class:`hotspots.core.behind.Behind`).
        Harm is missing, not zero, where nothing that was counted can be weighed.
    """
    every = parts.in_order_of(area_ids)
    held = of_a_kind(every, len(area_ids))
    totals: dict[str, Any] = {}
    totals["incident_count"] = counts_by(held.area, held.count, len(area_ids))
    weighed = "harm" in held.columns
    missing = pd.isna(held.of_kind("harm")) if weighed else np.ones(len(held.area), dtype=bool)
    unweighted = np.where(missing, held.count, 0)
    totals["unweighted_count"] = counts_by(held.area, unweighted, len(area_ids))
    totals["unique_points"], totals["largest_point_share"] = _point_shares(
        every, totals["incident_count"]
    )
    if weighed:
        _add_harm(totals, held, ~missing)
    return pd.DataFrame(totals, index=area_ids).assign(**parts.tally.behind.columns)


def of_a_kind(held: Parts, size: int) -> Parts:
    """The same incidents, those of one kind in one of so many areas in one part.

    What does not depend on place and month is summed over far fewer parts.
    """
    kinds = max(len(held.tally.kinds), 1)
    key = held.area * kinds + held.tally.kind[held.line]
    if size * kinds > DENSE * len(key):
        return held
    count = np.bincount(key, held.count, size * kinds).astype(np.int64)
    line = np.empty(size * kinds, dtype=np.intp)
    line[key] = held.line
    pairs = np.flatnonzero(count)
    return replace(held, line=line[pairs], area=pairs // kinds, count=count[pairs])


def counts_by(area: Codes, count: Ints, size: int) -> Ints:
    """How many in each area."""
    # Weights are floats to bincount: exact for whole numbers up to 2**53.
    return np.bincount(area, count, size).astype(np.int64)


def harm_sums(area: Codes, count: Ints, weight: Floats, size: int) -> Floats:
    """Counts times weight of each area, added from the smallest weight to the largest.

    Alike to the last digit however the incidents were ordered, folded or divided. The sum of an
    area is missing where a weight in it is.

    Examples
    --------
    >>> area, count = np.array([1, 0, 1]), np.array([2, 1, 1])
    >>> harm_sums(area, count, np.array([0.1, 5.0, 3.0]), 2).tolist()
    [5.0, 3.2]
    >>> harm_sums(area, count, np.array([0.1, 5.0, np.nan]), 2).tolist()
    [5.0, nan]
    """
    missing = pd.isna(weight)
    if missing.any():
        known = harm_sums(area[~missing], count[~missing], weight[~missing], size)
        known[area[missing]] = np.nan
        return known
    code, weights = pd.factorize(weight, sort=True)
    kinds = max(len(weights), 1)
    key = area * kinds + code
    if size * kinds <= DENSE * len(key):
        all_times = np.bincount(key, count, size * kinds)
        pairs = np.flatnonzero(all_times)
        times = all_times[pairs]
    else:
        pairs, pair = np.unique(key, return_inverse=True)
        times = np.bincount(pair, count, len(pairs))
    # In order of area, then weight: bincount adds in the order it is given.
    where, which = np.divmod(pairs, kinds)
    return np.bincount(where, times * np.asarray(weights, dtype=float)[which], size).astype(float)


def totals_in_spans(
    parts: Parts, area_ids: pd.Index, spans: Sequence[tuple[int, int]]
) -> list[pd.DataFrame]:
    """``incident_count`` and harm of each area in each span of months, all in one pass.

    `spans` are the first and the last month of each, counted from year 0; in order and apart. The
    numbers are those of :func:`area_totals` span by span, to the last digit.
    """
    if not len(spans):
        return []
    held, size = parts.in_order_of(area_ids), len(area_ids)
    starts, ends = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    span = np.searchsorted(starts, held.month, "right") - 1
    known = (span >= 0) & (held.month <= ends[span])
    every = size * len(spans)
    held = replace(held, line=held.line[known], area=(span * size + held.area)[known],
                   count=held.count[known])  # fmt: skip
    held = of_a_kind(held, every)
    key, count, span = held.area, held.count, held.area // max(size, 1)
    table = {"incident_count": counts_by(key, count, every)}
    if "harm" in held.columns:
        weighed = ~pd.isna(held.of_kind("harm"))
        unweighted = counts_by(key[~weighed], count[~weighed], every)
        nothing = (table["incident_count"] == unweighted) & (unweighted > 0)
        filled, with_weight = (np.bincount(some, minlength=len(spans)) for some in
                               (span, span[weighed]))  # fmt: skip
        # As `_add_harm` says of a span alone: one in which nothing is weighed has no harm, not 0.
        nothing |= np.repeat((filled > 0) & (with_weight == 0), size)
        for column in HARM_COLUMNS:
            if column in held.columns:
                weight = held.of_kind(column)[weighed]
                sums = harm_sums(key[weighed], count[weighed], weight, every)
                table[column] = np.where(nothing, np.nan, sums)
    whole = pd.DataFrame(table).assign(**parts.tally.behind.columns)
    return [whole[at * size : (at + 1) * size].set_axis(area_ids) for at in range(len(spans))]


def all_harm(incidents: Selection) -> float:
    """Harm of all the incidents; 0 where nothing can be weighed."""
    source = incidents.source
    if "harm" not in source.tally.kinds.columns:
        return 0.0
    weight = source.of_kind("harm")
    known = (incidents.counts > 0) & ~pd.isna(weight)
    nowhere = np.zeros(int(known.sum()), dtype=np.intp)
    return float(harm_sums(nowhere, incidents.counts[known], weight[known], 1)[0])


def share_of_all_harm(totals: pd.DataFrame, incidents: Selection) -> pd.DataFrame:
    """Totals of areas that need not hold all incidents, with ``harm_share`` of the harm of all."""
    if "harm" not in totals.columns:
        return totals
    everything = all_harm(incidents)
    return totals.assign(harm_share=totals["harm"] / (everything if everything > 0 else np.nan))


def points_at_risk(incidents: Selection) -> pd.Series:
    """Distinct map points of each area: the places where an incident can be recorded at all.

    Parameters
    ----------
    incidents : Selection
        Incidents with their areas, from :func:`assign_cells`. Every theme and every period of the
        table they came from counts: the more, the more map points are seen.

    Returns
    -------
    Series of int
        Distinct coordinates inside the study area by ``area_id``; areas without any are left out.

    Raises
    ------
    InputError
        When the incidents are not assigned to areas.

    Notes
    -----
    Map points that were never hit are not seen, so quiet areas look smaller than they are and the
    risk of busy ones a little lower. On exact coordinates every address is a point of its own and
    the count says little: use addresses or residents instead.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> asked = hs.select(incidents, hs.Question(period="2018-07", within=city))
    >>> int(hs.evaluation.points_at_risk(hs.assign_cells(asked, hs.H3Grid(9))).sum())
    4572
    """
    chosen = as_selection(incidents)
    everyone = chosen.asked(
        theme=None,
        period=None,
        hours=None,
        include_institutional=False,
        include_sensitive=False,
    )
    parts = replace(everyone, membership=chosen.membership).parts
    held = (parts.area >= 0) & (parts.place >= 0)
    pairs, _ = distinct_rows(np.column_stack([parts.area[held], parts.place[held]]))
    points = np.bincount(pairs[:, 0], minlength=len(parts.ids))
    found = pd.Series(points, parts.ids.rename("area_id"), name="points_at_risk")
    return found[found > 0]


def all_snapped(incidents: Selection) -> bool:
    """Whether every located incident there is sits on a map point of its source."""
    source = incidents.source
    precision = source.of_kind("location_precision")[source.tally.place >= 0]
    return len(precision) > 0 and bool((precision == "snapped").all())


def snapped_incidents(incidents: Selection) -> int:
    """How many of the incidents asked about sit on map points of their sources."""
    snapped = incidents.source.of_kind("location_precision") == "snapped"
    return int(incidents.counts[snapped].sum())


def period_columns(incidents: Selection) -> dict[str, Any]:
    """``period_from`` and ``period_until``: as asked, or as wide as all incidents there are."""
    period, tally = incidents.period, incidents.source.tally
    window = incidents.question.window
    hours = {} if window is None else {"hours": window.key}
    if period is not None:
        return {"period_from": period.start, "period_until": period.end, **hours}
    ends = {"period_from": tally.since, "period_until": tally.until}
    return {name: pd.NaT if moment is None else moment for name, moment in ends.items()} | hours


def in_area_order(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns as every areas table has them."""
    ahead = ["kind", "theme", "period_from", "period_until", "hours", "incident_count"]
    behind = ["area_km2", "over_budget", "share_inside", "place_name", "geometry"]
    first, last = ([name for name in some if name in areas.columns] for some in (ahead, behind))
    return areas[[*first, *(name for name in areas.columns if name not in (*first, *last)), *last]]


def as_floats(column: pd.Series) -> Floats:
    """The numbers of a column, whatever kind it is; NaN where one is missing."""
    return np.asarray(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def share_inside(outlines: gpd.GeoSeries, within: gpd.GeoDataFrame | None) -> Floats:
    """Share of each outline inside the study area; 1 without one. Only those on its edge are cut.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoSeries([box(0, 0, 2, 2), box(1, 0, 5, 2), box(9, 9, 10, 10)])
    >>> share_inside(cells, gpd.GeoDataFrame(geometry=[box(0, 0, 3, 3)])).tolist()
    [1.0, 0.5, 0.0]
    """
    import shapely

    polygons = np.asarray(outlines.array)
    if within is None or not len(polygons):
        return np.ones(len(polygons))
    area = within.geometry.union_all()
    shapely.prepare(area)
    share = shapely.contains(area, polygons).astype(float)
    edge = np.flatnonzero((share == 0) & shapely.intersects(area, polygons))
    cut = shapely.area(shapely.intersection(polygons[edge], area))
    share[edge] = np.clip(cut / shapely.area(polygons[edge]), 0, 1)
    return share


def _point_shares(held: Parts, counts: Ints) -> tuple[Ints, Floats]:
    """Distinct points of each area, and the share of its busiest."""
    size, places = len(counts), len(held.tally.places) + 1
    pairs, pair = np.unique(held.area * places + held.place + 1, return_inverse=True)
    owners = pairs // places
    piles = np.bincount(pair, held.count, len(pairs))
    largest = np.zeros(size)
    np.maximum.at(largest, owners, piles)
    with np.errstate(invalid="ignore"):
        share = np.where(counts > 0, largest / counts, np.nan)
    return np.bincount(owners, minlength=size), share


def _add_harm(totals: dict[str, Any], held: Parts, weighed: Bools) -> None:
    size = len(totals["incident_count"])
    area, count = held.area[weighed], held.count[weighed]
    anything_weighed = bool(weighed.any()) or not len(held.area)
    nothing_to_say = (totals["incident_count"] == totals["unweighted_count"]) & (
        totals["incident_count"] > 0
    )
    for column in HARM_COLUMNS:
        if column in held.columns:
            sums = harm_sums(area, count, held.of_kind(column)[weighed], size)
            totals[column] = np.where(nothing_to_say | (not anything_weighed), np.nan, sums)
    largest = np.zeros(size)
    np.maximum.at(largest, area, held.of_kind("harm")[weighed])
    everything = np.nansum(totals["harm"])
    with np.errstate(invalid="ignore", divide="ignore"):
        totals["harm_share"] = totals["harm"] / (everything if everything > 0 else np.nan)
        totals["largest_event_share"] = np.where(
            totals["harm"] > 0, largest / totals["harm"], np.nan
        )
    kinds = held.tally.kinds.iloc[np.unique(held.tally.kind[held.line])]
    scales, units = (
        pd.Series(kinds.get(column, []), dtype=object).dropna().unique()
        for column in ("harm_scale", UNIT)
    )
    totals["harm_scale"] = " + ".join(sorted(map(str, scales))) if len(scales) else None
    totals[UNIT] = units[0] if len(scales) == len(units) == 1 else None
