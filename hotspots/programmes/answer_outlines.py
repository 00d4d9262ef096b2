"""The areas an answer is about, with its figures: what its files draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import pandas as pd

from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.periods import Period

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation import Change
    from hotspots.core.select import Selection
    from hotspots.programmes.clear_hold_build.screen_result import ClearHoldBuildScreen
    from hotspots.programmes.pspo import PspoEvidence
    from hotspots.programmes.when import WhenAnswer

CATEGORIES = "clear_hold_build"
"""Stands for the theme of candidates: the incidents of all categories together."""


def outlines_of_change(change: Change, treated: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Treated zones with what became of them; ``incident_count`` is that of the time after."""
    zones = treated.loc[change.areas.index, ["zone_name", "kind", treated.geometry.name]]
    return zones.join(change.areas.drop(columns="area_name")).assign(
        theme=change.theme,
        incident_count=change.areas["count_after"],
        period_from=change.windows.after.start,
        period_until=change.windows.after.end,
    )


def outlines_of_orders(
    evidence: Iterable[PspoEvidence], orders: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Orders with the theme asked about, their incidents in all covered months, and their term."""
    found = [
        orders.iloc[[row]].assign(
            theme=one.theme,
            incident_count=int(one.series["inside"].sum()),
            term=one.term.status,
            period_from=Period.parse(str(one.series.index[0])).start,
            period_until=Period.parse(str(one.series.index[-1])).end,
        )
        for row, one in enumerate(evidence)
    ]
    return pd.concat(found)


def outlines_of_candidates(screen: ClearHoldBuildScreen) -> gpd.GeoDataFrame:
    """Candidates with their wins, and their incidents of any category."""
    held = screen.members.area_ids.value_counts()
    table = screen.table
    found = table.assign(
        theme=CATEGORIES,
        kind="clear-hold-build",
        place_name=table["name"],
        incident_count=held.reindex(table.index, fill_value=0).astype("int64"),
        rank=table["wins"].rank(ascending=False, method="min").astype("int64"),
    )
    return cast("gpd.GeoDataFrame", found)


def outlines_of_times(found: WhenAnswer, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Zones, or the study area, with their incidents and the window that stands out most."""
    counted = summarise_zones(zones, found.incidents)
    table = found.table
    windows = table[table["part"] == "window"].drop_duplicates("zone").set_index("zone")["what"]
    if not found.zones:
        return counted.assign(busiest=windows.iloc[0] if len(windows) else None)
    return counted.assign(busiest=counted["zone_name"].map(windows))


def outlines_of_visits(
    stays: pd.DataFrame, areas: gpd.GeoDataFrame, incidents: Selection
) -> gpd.GeoDataFrame:
    """Areas with their incidents and the visits that a timetable gives them in a week."""
    counted = summarise_zones(areas.rename_axis("zone_id"), incidents)
    visits = stays.groupby("area_id")["visits"].sum()
    return counted.assign(visits=visits.reindex(counted.index, fill_value=0))
