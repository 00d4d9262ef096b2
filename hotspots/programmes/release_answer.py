"""The table of a programme as its reader may see it, and the areas that its files draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.behind import Behind
from hotspots.core.periods import Period
from hotspots.core.tables import ZONES
from hotspots.disclosure import Release, release, withholds
from hotspots.disclosure.published import only
from hotspots.disclosure.refuse import refuse
from hotspots.disclosure.releases import reader_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.change_result import Change
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.programmes.clear_hold_build.screen_candidates import ClearHoldBuildScreen
    from hotspots.programmes.pspo_result import PspoEvidence
    from hotspots.programmes.tasking.product import TaskingProduct
    from hotspots.programmes.when import WhenAnswer

ANSWER = "answer"


def release_answer(
    answer: pd.DataFrame,
    record: RunRecord,
    *,
    behind: Behind | None = None,
    product: TaskingProduct | None = None,
    given: Release | None = None,
) -> Release:
    """Decide what the reader of a programme's table may see: a release of one table, "answer".

    ``behind`` is what is known of its incidents, where it does not say so itself.
    ``product`` is what the same readers get from ``hotspots run``: all of it, periods, clusters and
    zones too, and what it says they already have, is known to them; where several tables are asked
    about, it is worked out once with :func:`given_with` and passed as ``given``. The column
    ``sign_off`` is to be filled in and holds nothing of the data.
    """
    behind = Behind.said_by([answer]) if behind is None else behind
    refuse_unfit(answer, record, behind)
    known: list[Release | pd.DataFrame] = []
    given = given or given_with(product, record, behind)
    if given is not None:
        known = [given, *given.earlier]
        behind = replace(behind, theme_parts=given.behind.theme_parts)
    options: dict[str, Any] = {"earlier": known, "keep": ("sign_off",), "behind": behind}
    options["record"] = record
    table: pd.DataFrame
    if "zone_name" in answer.columns and hasattr(answer, "geom_type"):
        released = release(zones=_by_theme(answer), **options)
        table = pd.concat(released.zones)
    elif "kind" in answer.columns and hasattr(answer, "geom_type"):
        released = release(answer, **options)
        table = pd.concat(released.areas)
        # Released kind by kind, they stand as they were given; where something is withheld from
        # the readers, in order of what is shown.
        if not released.withholds:
            table = table.loc[[label for label in answer.index if label in table.index]]
    else:
        released = release(tables={ANSWER: answer}, **options)
        table = released.tables[ANSWER]
    return only(released, {ANSWER: table})


def refuse_unfit(answer: pd.DataFrame, record: RunRecord, behind: Behind) -> None:
    """Refuse a table that its readers can never have, before the product is run to judge it."""
    refuse(answer, reader_of(record, [answer], behind))


def given_with(product: TaskingProduct | None, record: RunRecord, behind: Behind) -> Release | None:
    """What the readers of an answer have of the product; its last meeting only if it was theirs.

    None where there is no product, or where its readers see everything.
    """
    if product is None or not withholds(record.audience, behind):
        return None
    theirs = replace(
        product,
        audience=record.audience,
        marking=record.marking,
        sections={},
        briefings=None,
        decisions=None,
        previous=product.previous if product.audience == record.audience else None,
    )
    return theirs.run().release()


def _by_theme(zones: pd.DataFrame) -> list[pd.DataFrame]:
    """One table a theme, in the order given; as it is where there is one or none."""
    if "theme" not in zones.columns or zones["theme"].nunique() < 2:
        return [zones]
    return [part for _, part in zones.groupby("theme", sort=False)]


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
    evidence: Iterable[PspoEvidence], orders: gpd.GeoDataFrame, clock: str
) -> gpd.GeoDataFrame:
    """Orders with the theme asked about, their incidents in all covered months, and their term."""
    found = [
        orders.iloc[[row]].assign(
            theme=one.theme,
            incident_count=int(one.series["inside"].sum()),
            term=one.term.status,
            period_from=Period.parse(str(one.series.index[0])).on_clock(clock).start,
            period_until=Period.parse(str(one.series.index[-1])).on_clock(clock).end,
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
    counted = _counted(zones, found.incidents)
    table = found.table
    windows = table[table["part"] == "window"].drop_duplicates("zone").set_index("zone")["what"]
    if not found.zones:
        return counted.assign(busiest=windows.iloc[0] if len(windows) else None)
    return counted.assign(busiest=counted["zone_name"].map(windows))


def outlines_of_visits(
    stays: pd.DataFrame, areas: gpd.GeoDataFrame, incidents: Selection
) -> gpd.GeoDataFrame:
    """Areas with their incidents, and by the visits that a timetable gives them in a week."""
    counted = _counted(areas.rename_axis("zone_id"), incidents)
    visits = stays.groupby("area_id")["visits"].sum().reindex(counted.index, fill_value=0)
    rank = visits.rank(ascending=False, method="min").astype("int64")
    return counted.assign(visits=visits, rank=rank).sort_values("rank", kind="stable")


def _counted(zones: gpd.GeoDataFrame, incidents: Selection) -> gpd.GeoDataFrame:
    """Zones with these incidents; when and what they were chosen for is not of these."""
    own = (*ZONES.names, "place_name", "ward_name", zones.geometry.name)
    return summarise_zones(zones[[name for name in zones if name in own]], incidents)
