"""Areas in order, one theme at a time; ties share the better rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.checks import InputError
from hotspots.columns import AREAS, require_table

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.record import RunRecord

RANKABLE = ("count", "harm", "density")


def rank_areas(
    areas: gpd.GeoDataFrame, *, by: str = "count", record: RunRecord | None = None
) -> gpd.GeoDataFrame:
    """Rank the areas of one theme.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of a single theme and period.
    by : {"count", "harm", "density"}
        ``incident_count``, ``harm``, or incidents per km2.

    Returns
    -------
    GeoDataFrame
        A copy in order of rank with ``rank`` (1 is the top; equal values share the better rank;
        missing where there is nothing to rank: no incidents, or no harm) and ``ranked_by``. Areas
        that tie stand in order of count, then harm, then ``area_id``.

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
            "each theme by itself: one list by harm would make ASB and vehicle nuisance vanish."
        )
    ranked = areas.copy()
    ranked["rank"] = value.where(value > 0).rank(method="min", ascending=False).astype("Int64")
    ranked["ranked_by"] = by
    if record is not None:
        record.choose("rank_areas", theme=_theme(areas), by=by)
    order = pd.DataFrame(
        {
            "rank": ranked["rank"].astype("Float64").fillna(float("inf")),
            "count": -ranked["incident_count"],
            "harm": -ranked["harm"].fillna(0) if "harm" in ranked.columns else 0,
            "id": ranked.index.astype(str),
        },
        index=ranked.index,
    )
    return ranked.loc[order.sort_values(["rank", "count", "harm", "id"]).index]


def _value(areas: gpd.GeoDataFrame, by: str) -> pd.Series:
    if by not in RANKABLE:
        raise InputError(f"`by` must be one of {', '.join(RANKABLE)}; got {by!r}.")
    needs = {"count": ["incident_count"], "harm": ["harm"], "density": ["area_km2"]}[by]
    require_table(areas, AREAS, argument="areas", only=["theme", "incident_count", *needs])
    if by == "density":
        return areas["incident_count"] / areas["area_km2"]
    value = areas["incident_count" if by == "count" else "harm"]
    if by == "harm" and len(areas) and value.isna().all():
        raise InputError(
            f"`areas` of theme {_theme(areas)!r} have no harm: nothing in them can be weighed. "
            'Rank them by="count".'
        )
    return value


def _theme(areas: gpd.GeoDataFrame) -> str:
    return str(areas["theme"].iloc[0]) if len(areas) else "none"
