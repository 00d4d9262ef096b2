"""The areas of an answer: cells and clusters, counted, tested, named and ranked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells, study_cells
from hotspots.analysis.clusters.chance import cluster_chance
from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.names import name_areas
from hotspots.analysis.ranking import rank_areas
from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.core.arguments import has_record
from hotspots.core.errors import InputError, listing, require
from hotspots.core.remember import memory_of
from hotspots.core.select import Selection, select_from
from hotspots.core.source import Source
from hotspots.core.tables import INCIDENTS, THEME, require_table, themes_in
from hotspots.core.tally import together
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.meaning import AUTO, known_scheme, tag_institutions, with_meaning
from hotspots.io.incidents.where import tell_where

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.coverage import Gap
    from hotspots.core.grids import Grid
    from hotspots.core.question import Question
    from hotspots.core.record import RunRecord

MOST_PLACES = 60_000
CHANCE_DRAWS = 99
NAMES = ["place_name", "ward_name"]
TO_NAME_PLACES = "to name places; nothing is counted"


@dataclass(frozen=True, eq=False)
class AnswerCells:
    """Cells counted, tested, named and ranked; their overlaps with zones; the logbook so far.

    ``silences`` are those of the sources inside the study area.
    """

    incidents: Selection
    areas: gpd.GeoDataFrame
    overlaps: pd.DataFrame
    record: RunRecord
    silences: tuple[Gap, ...]

    def copy(self) -> AnswerCells:
        """The same but for the table of the incidents, sharing nothing that can be changed."""
        incidents = replace(self.incidents, source=self.incidents.source.of(None))
        areas, overlaps, record = self.areas.copy(), self.overlaps.copy(), _own(self.record)
        return AnswerCells(incidents, areas, overlaps, record, self.silences)


def cells_of(
    incidents: gpd.GeoDataFrame,
    question: Question,
    grid: Grid,
    zones: gpd.GeoDataFrame,
    *,
    by: str,
    record: RunRecord,
) -> AnswerCells:
    """The cells, worked out once for the same incidents, question, grid, zones and logbook.

    Whoever changes the clusters, the theme or the period asks the same of the same table again: see
    :func:`~hotspots.core.remember.memory_of`.
    """
    memory = memory_of(incidents)
    folded = memory.once(["folded", record], lambda: _folded(incidents, record), _Folded.copy)
    source = folded.over(incidents)
    log, ground = folded.record, [question.within, grid, zones]

    def found() -> AnswerCells:
        chosen = select_from(source, question, record=log)
        tell_where(source.rows, question.within, log, source.places)
        chosen = assign_cells(chosen, grid)
        names = memory.once(
            ["names", *ground], lambda: names_of_cells(chosen, zones), pd.DataFrame.copy
        )
        areas, overlaps = ranked_cells(chosen, zones, names, by=by, record=log)
        return AnswerCells(chosen, areas, overlaps, log, tuple(source.silences(question.within)))

    cells = memory.once(["cells", log, question, grid, zones, by], found, AnswerCells.copy)
    if cells.incidents.source is source:
        return cells
    same = replace(cells.incidents.question, within=question.within)
    chosen = replace(cells.incidents, source=source, question=same, grid=grid)
    return replace(cells, incidents=chosen)


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
    options = {name: value for name, value in choices.items() if name not in budget}
    known = [name for name in signature(assign_clusters).parameters if name != "incidents"]
    require(
        set(options) <= set(known),
        f"`clusters` may say {listing([*known, 'max_area_km2'])}; got {listing(choices)}.",
    )
    clustered = assign_clusters(incidents, **options)
    clusters = find_clusters(clustered, **budget, record=record)
    clusters["evidence"] = pd.Series("not-tested", index=clusters.index, dtype=object)
    by_number = not choices.get("min_harm") and choices.get("method", "dbscan") == "dbscan"
    # Only those found by numbers can be asked; of very many places the question would take longer
    # than all else together.
    if by_number and len(clusters) and len(clustered.source.places.places) <= MOST_PLACES:
        chance = cluster_chance(clustered, draws=CHANCE_DRAWS)
        clusters["evidence"] = found = chance.clusters["evidence"].reindex(clusters.index)
        if has_record(record):
            beyond = int((found == "beyond-chance").sum())
            told = {"null": chance.null, "draws": chance.draws, "beyond_chance": beyond}
            record.choose("cluster_chance", theme=clustered.theme, **told)
    overlaps = relate_to_zones(clusters, zones, clustered)
    named = name_areas(clusters, clustered, overlaps)
    by = "count" if by == "rate" else by  # what is at risk is known of the cells alone
    return rank_areas(named, by=by, record=record), overlaps  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class _Folded:
    """Incidents folded, and the columns that themes and harm put on their table."""

    source: Source
    columns: list[str]
    added: pd.DataFrame
    record: RunRecord

    def copy(self) -> _Folded:
        """The same but for the table, sharing nothing that can be changed."""
        return _Folded(self.source.of(None), self.columns, self.added.copy(), _own(self.record))

    def over(self, incidents: gpd.GeoDataFrame) -> Source:
        """The fold over the table that was given, with the columns put on it."""
        if not len(self.added.columns):
            return self.source.of(incidents)
        added = {name: self.added[name] for name in self.added.columns}
        return self.source.of(incidents.assign(**added)[self.columns])


def _folded(incidents: gpd.GeoDataFrame, record: RunRecord) -> _Folded:
    table = _with_meaning(incidents, record)
    require_table(table, INCIDENTS, argument="incidents")
    same = table is incidents
    put = [name for name in table if not (same or _held(incidents, table, name))]
    return _Folded(Source(table), list(table.columns), pd.DataFrame(table[put]), record)


def _held(incidents: gpd.GeoDataFrame, table: gpd.GeoDataFrame, name: Hashable) -> bool:
    """Whether the incidents held this column already; nothing moves them."""
    if name == table.active_geometry_name:
        return True
    return name in incidents and bool(incidents[name].equals(table[name]))


def _own(record: RunRecord) -> RunRecord:
    """A logbook that shares nothing that can be changed."""
    return deepcopy(record, {id(record.quarantine): list(record.quarantine)})


def _with_meaning(incidents: gpd.GeoDataFrame, record: RunRecord) -> gpd.GeoDataFrame:
    """Incidents with themes, harm and institutional points; what they have already stays."""
    found = incidents
    if "institutional" not in found.columns and "place_name" in found.columns:
        found = tag_institutions(found, record=record)
    if themes_in(found.columns):
        return _told_by_what(found, record)
    if known_scheme(found) is None:
        raise InputError(
            "`incidents` must be tagged with themes; they are not, and of the schemes "
            f"{listing(found['offence_scheme'].dropna().unique())} no themes are known by "
            "themselves.",
            mend=Mend("tag-each-source"),
            rule="untagged",
        )
    scale = None if "harm" in found.columns else AUTO
    return with_meaning(found, record, themes=AUTO, harm_scale=scale)


def _told_by_what(incidents: gpd.GeoDataFrame, record: RunRecord) -> gpd.GeoDataFrame:
    """What a record was not told of: tags and weights that are those of the scheme's defaults.

    An analyst's own tags and weights stay as they are.
    """
    if record.themes or known_scheme(incidents) is None:
        return incidents
    weighed = "harm" in incidents.columns
    tags = [f"{THEME}{name}" for name in themes_in(incidents.columns)]
    said = ["offence", "offence_scheme", "domestic", *tags, "harm"]
    _, first = together(incidents, [name for name in said if name in incidents.columns])
    each: gpd.GeoDataFrame = incidents.iloc[first]  # one of those that are alike
    again = with_meaning(each, None, themes=AUTO, harm_scale=AUTO if weighed else None)
    if themes_in(incidents.columns) != themes_in(again.columns) or not _alike(
        each[tags].astype("boolean"), again[tags].astype("boolean")
    ):
        return incidents
    own = weighed and not _alike(each[["harm"]], again[["harm"]])
    scale = AUTO if weighed and not own else None
    with_meaning(incidents, record, themes=AUTO, harm_scale=scale)
    return incidents


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return bool(pd.DataFrame(one).equals(pd.DataFrame(other)))
