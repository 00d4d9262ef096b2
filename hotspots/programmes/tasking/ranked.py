"""Cells and clusters of a theme from its incidents: counted, tested, named and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, study_cells
from hotspots.analysis.clusters.chance import cluster_chance
from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.names import name_areas
from hotspots.analysis.ranking import rank_areas
from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.analysis.zones.overlaps import relate_to_zones

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

MOST_PLACES = 60_000
CHANCE_DRAWS = 99
NAMES = ["place_name", "ward_name"]
TO_NAME_PLACES = "to name places; nothing is counted"


def names_of_cells(incidents: Selection, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Street and ward of each cell, from all incidents there are: the same in every theme."""
    everyone = incidents.asked(
        theme=None,
        period=None,
        hours=None,
        include_institutional=True,
        include_sensitive=TO_NAME_PLACES,
    )
    cells, _ = study_cells(everyone)
    overlaps = relate_to_zones(cells, zones, everyone)
    return name_areas(cells, everyone, overlaps)[NAMES]


def ranked_cells(
    incidents: Selection,
    zones: gpd.GeoDataFrame,
    names: pd.DataFrame,
    *,
    by: str = "count",
    record: RunRecord | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Cells of a theme, tested, named and ranked with intervals; and their overlaps with zones."""
    cells = aggregate_to_cells(incidents, record=record)
    cells = flag_hotspots(cells, incidents, record=record)
    overlaps = relate_to_zones(cells, zones, incidents)
    named = cells.assign(**names.reindex(cells.index))
    ranked = rank_areas(named, incidents, by=by, record=record)  # type: ignore[arg-type]
    return ranked, overlaps


def ranked_clusters(
    incidents: Selection,
    zones: gpd.GeoDataFrame,
    choices: Mapping[str, Any],
    *,
    by: str = "count",
    record: RunRecord | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Clusters of a theme, held against chance, named by their members and ranked.

    Beside them stand their overlaps with zones.
    """
    budget = {name: choices[name] for name in ("max_area_km2",) if name in choices}
    clustered = assign_clusters(
        incidents, **{name: value for name, value in choices.items() if name not in budget}
    )
    clusters = find_clusters(clustered, **budget, record=record)
    clusters["evidence"] = _evidence_of(clusters, clustered, choices, record)
    overlaps = relate_to_zones(clusters, zones, clustered)
    named = name_areas(clusters, clustered, overlaps)
    by = "count" if by == "rate" else by  # what is at risk is known of the cells alone
    return rank_areas(named, by=by, record=record), overlaps  # type: ignore[arg-type]


def _evidence_of(
    clusters: gpd.GeoDataFrame,
    clustered: Selection,
    choices: Mapping[str, Any],
    record: RunRecord | None,
) -> pd.Series:
    """Whether chance gives clusters like these; only those found by numbers can be asked.

    Of very many places the question would take longer than all else together.
    """
    by_number = not choices.get("min_harm") and choices.get("method", "dbscan") == "dbscan"
    many = len(clustered.source.places.places) > MOST_PLACES
    if clusters.empty or many or not by_number:
        return pd.Series("not-tested", index=clusters.index, dtype=object)
    chance = cluster_chance(clustered, draws=CHANCE_DRAWS)
    found = chance.clusters["evidence"].reindex(clusters.index)
    if record is not None:
        beyond = int((found == "beyond-chance").sum())
        told = {"null": chance.null, "draws": chance.draws, "beyond_chance": beyond}
        record.choose("cluster_chance", theme=clustered.theme, **told)
    return found
