"""Areas in order, one theme at a time; ties share the better rank; what other weights change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.core.arguments import has_record
from hotspots.core.errors import InputError, require
from hotspots.core.select import as_selection
from hotspots.core.tables import AREAS, in_reading_order, require_table
from hotspots.core.totals import area_totals
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.weigh_harm import Transform, weigh_harm

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

RANKABLE = ("count", "harm", "density", "rate")
RATES = ("density", "rate")
TRANSFORMS: tuple[Transform, ...] = ("none", "sqrt")
EVIDENCE = ("rank_low", "rank_high", "p_top_k", "active_months", "one_event", "one_point")


def rank_areas(
    areas: gpd.GeoDataFrame,
    incidents: Selection | None = None,
    *,
    by: Literal["count", "harm", "density", "rate"] = "count",
    top: int = 10,
    draws: int = 500,
    rng: np.random.Generator | int | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Rank the areas of one theme.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of a single theme and period.
    incidents : Selection, optional
        The incidents the areas were counted from, with their areas: with them, ranks get intervals.
    by : {"count", "harm", "density", "rate"}
        ``incident_count``, ``harm``, incidents per km², or for each of what is ``at_risk`` in the
        areas (residents, addresses, metres of street).
    top, draws, rng : optional
        As in :func:`rank_uncertainty`.
    record : RunRecord, optional
        Gets the choice.

    Returns
    -------
    GeoDataFrame
        A copy in order of rank with ``rank`` (1 is the top; equal values share the better rank;
        missing where there is nothing to rank: no incidents, or no harm) and ``ranked_by``. Areas
        that tie stand in order of count, then harm, then ``area_id``. With incidents also
        ``rank_low`` and ``rank_high`` (90 %), ``p_top_k``, ``active_months``, ``one_event`` and
        ``one_point``; ranked by density or rate, ``rate`` and ``rate_per`` (what it is for each of:
        ``km2``, metres of street, the column at risk), with incidents its interval ``rate_low`` to
        ``rate_high`` (90 %). Ranked by harm, an area that is one event or one point has no rank;
        ranked by density or rate, one with a single incident. Columns stand in reading order:
        which, where, how many, how sure, then the rest.

    Raises
    ------
    InputError
        For areas of several themes, without the column to rank by, or incidents that are not those
        the areas were counted from.

    Notes
    -----
    A rank hides how close its neighbours are: small counts change places by chance. One ranking
    over all themes by harm would hide ASB, so a table with several themes is refused.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"theme": "asb", "incident_count": [2, 5, 5, 0]},
    ...     index=list("abcd"), geometry=[box(0, 0, 1, 1)] * 4, crs=27700)
    >>> rank_areas(areas)["rank"].tolist()
    [1, 1, 3, <NA>]
    """
    value = _value(areas, by)
    if areas["theme"].nunique() > 1:
        raise InputError(
            f"`areas` must hold one theme; got {', '.join(sorted(areas['theme'].unique()))}. Rank "
            "each theme by itself: one list by harm would make ASB and vehicle nuisance vanish.",
            rule="several-themes",
        )
    evidence = _evidence(areas, incidents, by=by, top=top, draws=draws, rng=rng)
    ranked = areas.assign(**evidence, **_rate(value, by))
    rankable = value > 0
    # One grave event, or one busy point, does not make a place rank by harm: it is told in its
    # columns.
    if by == "harm" and len(evidence.columns):
        rankable &= ~(ranked["one_event"] | ranked["one_point"])
    if by in RATES and len(evidence.columns):
        rankable &= ~ranked["one_event"]  # one incident on little ground is no rate
    ranked["rank"] = value.where(rankable).rank(method="min", ascending=False).astype("Int64")
    ranked["ranked_by"] = by
    if has_record(record):
        interval = {"draws": draws, "top": top} if len(evidence.columns) else {}
        record.choose("rank_areas", theme=_theme(areas), by=by, **interval)
    order = pd.DataFrame(
        {
            "rank": ranked["rank"].astype("Float64").fillna(float("inf")),
            "count": -ranked["incident_count"],
            "harm": -ranked["harm"].fillna(0) if "harm" in ranked.columns else 0,
            "id": ranked.index.astype(str),
        },
        index=ranked.index,
    )
    by_rank = order.reset_index(drop=True).sort_values(["rank", "count", "harm", "id"]).index
    return in_reading_order(ranked.iloc[by_rank])


def _value(areas: gpd.GeoDataFrame, by: str) -> pd.Series:
    if by not in RANKABLE:
        raise InputError(f"`by` must be one of {', '.join(RANKABLE)}; got {by!r}.")
    needs = {
        "count": ["incident_count"],
        "harm": ["harm"],
        "density": ["area_km2"],
        "rate": ["at_risk"],
    }[by]
    require_table(areas, AREAS, argument="areas", only=["theme", "incident_count", *needs])
    if by == "density":
        return areas["incident_count"] / areas["area_km2"]
    if by == "rate":
        return areas["incident_count"] / areas["at_risk"].where(areas["at_risk"] > 0)
    value = areas["incident_count" if by == "count" else "harm"]
    if by == "harm" and len(areas) and value.isna().all():
        raise InputError(
            f"`areas` of theme {_theme(areas)!r} have no harm: nothing in them can be weighed. "
            'Rank them `by="count"`.'
        )
    return value


def _rate(value: pd.Series, by: str) -> dict[str, Any]:
    """What areas are ranked by, where that is a rate."""
    if by == "density":
        return {"rate": value, "rate_per": "km2"}
    return {"rate": value} if by == "rate" else {}


def _evidence(areas: gpd.GeoDataFrame, incidents: Selection | None, **choices: Any) -> pd.DataFrame:
    """Rank intervals and what they rest on; no columns where no incidents were given."""
    if incidents is None:
        return pd.DataFrame(index=areas.index)
    found = rank_uncertainty(areas, incidents, **choices)
    if choices["by"] not in RATES:
        return found[list(EVIDENCE)]
    some = _value(areas, choices["by"]).notna()
    ends = {f"rate_{end}": found[f"value_{end}"].where(some) for end in ("low", "high")}
    return found[list(EVIDENCE)].assign(**ends)


def _theme(areas: gpd.GeoDataFrame) -> str:
    return str(areas["theme"].iloc[0]) if len(areas) else "none"


def how_many_listed(ranks: pd.Series, top: int) -> int:
    """How many of these ranked areas a list of about so many names.

    Of areas that share the last rank, none is chosen over another: all are listed, up to twice as
    many in all; else none of them, unless nothing stands above them.

    Examples
    --------
    >>> how_many_listed(pd.Series([1, 2, 3, 4, 5, 5, 5, 8]), 5)
    7
    >>> how_many_listed(pd.Series([1, 2, *[3] * 40]), 5), how_many_listed(pd.Series([1] * 40), 5)
    (2, 5)
    """
    known = ranks.to_numpy(dtype=float, na_value=np.nan)
    order = np.sort(known[~np.isnan(known)])
    if len(order) <= top or not top:
        return min(len(order), top)
    last = order[top - 1]
    whole, above = int((order <= last).sum()), int((order < last).sum())
    return whole if whole <= 2 * top else above or top


def listed_rows(areas: pd.DataFrame, top: int) -> list[int]:
    """Which rows a list of about so many names: by rank, then count, harm and id.

    Whether a place is on the list, was on an earlier one, entered, stayed or left is one question,
    and answered here for page, briefing and history alike. Areas that hold nothing are on no list.

    Examples
    --------
    >>> areas = pd.DataFrame({"rank": [2, 1, 2], "incident_count": [4, 7, 4]}, index=[*"bca"])
    >>> listed_rows(areas, 3), listed_rows(areas, 1)
    ([1, 2, 0], [1])
    """
    rank = areas["rank"].to_numpy(dtype=float, na_value=np.nan)
    count = areas["incident_count"].to_numpy(dtype=float, na_value=np.nan)
    rows = np.flatnonzero(~np.isnan(rank) & (count != 0))
    listed = how_many_listed(pd.Series(rank[rows]), top)
    if not listed:
        return []
    rows = rows[rank[rows] <= np.sort(rank[rows])[listed - 1]]
    harm = np.zeros(len(areas))
    if "harm" in areas:
        harm = areas["harm"].to_numpy(dtype=float, na_value=0.0)
        harm = np.where(np.isnan(harm), 0.0, harm)
    count = np.where(np.isnan(count), -np.inf, count)[rows]
    ids = areas.index[rows].astype(str)
    order = sorted(zip(rank[rows], -count, -harm[rows], ids, rows.tolist(), strict=True))
    return [row for *_, row in order[:listed]]


def rank_sensitivity(
    incidents: Selection,
    scales: Sequence[HarmScale],
) -> pd.DataFrame:
    """Rank areas by count and by the harm of several scales, side by side.

    Parameters
    ----------
    incidents : Selection
        Incidents with their areas, from :func:`assign_cells` or :func:`assign_clusters`.
    scales : sequence of HarmScale
        Scales to compare; each is tried as it is, and with the root of its weights.

    Returns
    -------
    DataFrame
        One row an area: the rank by ``count`` and by every scale, 1 the top, ties sharing the
        better rank, missing where nothing could be weighed; ``rank_low`` and ``rank_high`` over all
        of them.

    Raises
    ------
    InputError
        For no scale, or offences that a scale does not know.

    Notes
    -----
    A place that is in the top ten on one scale only owes that to the scale. It misleads when the
    scales are variants of one: they agree without being right.

    References
    ----------
    Harinam, V., Bavcevic, Z. and Ariel, B. (2022). Spatial distribution and developmental
    trajectories of crime versus crime severity. Crime Science 11, 14.
    https://doi.org/10.1186/s40163-022-00176-x

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    >>> ranks = hs.evaluation.rank_sensitivity(hs.assign_cells(incidents, hs.H3Grid(7)), [scale])
    >>> ranks.columns.tolist()[1:3]
    ['ons-css-police-uk-west-yorkshire', 'ons-css-police-uk-west-yorkshire (sqrt)']
    """
    require(bool(scales), "`scales` must hold at least one harm scale; got none.")
    chosen = as_selection(incidents)
    parts = chosen.parts
    areas = parts.ids[np.unique(parts.area[parts.area >= 0])].rename("area_id")
    ranks = pd.DataFrame(index=areas)
    ranks["count"] = _rank(area_totals(parts, areas)["incident_count"])
    for scale in scales:
        for transform in TRANSFORMS:
            weighed = weigh_harm(chosen.everything, scale, transform=transform)
            name = scale.name if transform == "none" else f"{scale.name} ({transform})"
            ranks[name] = _rank(area_totals(chosen.weighed(weighed).parts, areas)["harm"])
    tried = ranks.columns.tolist()
    ranks["rank_low"] = ranks[tried].min(axis=1)
    ranks["rank_high"] = ranks[tried].max(axis=1)
    return ranks


def _rank(values: pd.Series) -> pd.Series:
    return values.rank(method="min", ascending=False)
