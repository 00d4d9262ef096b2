"""One configured tasking product: from files to a map, a GeoPackage, a workbook and a manifest.

A product is usually read from a small TOML file by :func:`load_product`; the demonstration is one
of them (``hotspots/data/products/leeds.toml``), to be copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import assign_cells
from hotspots.analysis.trends import count_by_period
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.archives import LARGEST_GIB
from hotspots.core.caveats import Caveat
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.grids import Grid, H3Grid
from hotspots.core.periods import Period
from hotspots.core.question import Question
from hotspots.core.record import Audience, RunRecord
from hotspots.core.select import Selection, select
from hotspots.disclosure import is_published
from hotspots.io.incidents import FieldMap, crossed_breaks, load_incidents, tag_institutions
from hotspots.io.incidents.coverage import check_coverage, tell_losses
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm
from hotspots.programmes.tasking.chain import names_of_cells, ranked_cells, ranked_clusters
from hotspots.programmes.tasking.results import FILES, TaskingResults

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["FILES", "IncidentSource", "TaskingProduct", "TaskingResults"]


@dataclass(frozen=True)
class IncidentSource:
    """What one partner delivers: files, their columns, what counts as which theme, harm weights.

    Parameters
    ----------
    paths : sequence of path
        Files or folders :func:`load_incidents` reads.
    themes : Themes
        Themes and their status for this data.
    fields : FieldMap, optional
        Which columns hold what; not needed for data.police.uk.
    scale : HarmScale, optional
        Harm weights; without one the harm of this source is missing.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.
    crs : str
        Projected system in metres of all tables; that of ``within`` and ``zones`` too.
    """

    paths: tuple[Path, ...]
    themes: Themes
    fields: FieldMap | None = None
    scale: HarmScale | None = None
    largest_gib: float = LARGEST_GIB
    crs: str = BRITISH_NATIONAL_GRID

    def load(self, record: RunRecord) -> gpd.GeoDataFrame:
        """The incidents, tagged and weighed."""
        incidents = load_incidents(
            list(self.paths),
            fields=self.fields,
            record=record,
            crs=self.crs,
            largest_gib=self.largest_gib,
        )
        if "place_name" in incidents:
            incidents = tag_institutions(incidents, record=record)
        else:
            record.warn_reader(Caveat("unnamed-places"))
        incidents = tag_themes(incidents, self.themes, record=record)
        if self.scale is None:
            return incidents
        return weigh_harm(incidents, self.scale, record=record)


@dataclass(frozen=True)
class TaskingProduct:
    """What to analyse and for whom; :meth:`run` does it.

    Parameters
    ----------
    title, marking, audience, place
        Words for the page; see :class:`RunRecord`.
    sources : sequence of IncidentSource
        Files and what they hold, one entry a partner.
    within : GeoDataFrame
        The study area.
    zones : sequence of GeoDataFrame
        Wards, PSPO zones and others to relate the areas to.
    period : str
        What is analysed, for instance ``"2018-07"``.
    compare : sequence of str
        Other periods, shown beside it and never pooled with it.
    grid : Grid
        Cells.
    clusters : mapping
        Theme to ``{"radius_m": ..., "min_incidents": ...}``.
    rank_by : mapping
        Theme to ``"count"`` or ``"harm"``; count by default.
    priority_wards : sequence of str
        Wards drawn with a heavier outline.
    top : int
        Places to name per theme.
    police_force : sequence of str
        Forces the data are from, where the files do not say (data.police.uk does): they decide
        which known breaks in recording are told.
    earlier : sequence of DataFrame
        Tables the same readers already have, for partners and the public: what they and the new
        ones tell together is kept from them, see :func:`release`.
    current : bool
        False prints that the page does not show the present.
    """

    title: str
    marking: str
    sources: tuple[IncidentSource, ...]
    within: gpd.GeoDataFrame
    period: str
    place: str
    audience: Audience = "internal"
    zones: tuple[gpd.GeoDataFrame, ...] = ()
    compare: tuple[str, ...] = ()
    grid: Grid = field(default_factory=H3Grid)
    clusters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rank_by: Mapping[str, str] = field(default_factory=dict)
    priority_wards: tuple[str, ...] = ()
    caveats: tuple[Caveat | str, ...] = ()
    police_force: tuple[str, ...] = ()
    earlier: tuple[pd.DataFrame, ...] = ()
    top: int = 5
    current: bool = True
    made_on: date | None = None

    def run(self) -> TaskingResults:
        """Do the analysis, theme by theme."""
        record = RunRecord(self.title, self.marking, self.audience, made_on=self.made_on)
        incidents = self.prepare(record)
        check_coverage(incidents, self.period, self.compare, record)
        everyone = assign_cells(select(incidents, Question(within=self.within)), self.grid)
        names = names_of_cells(everyone, self._all_zones())
        results = TaskingResults(self, record, incidents)
        for theme, status in record.themes.items():
            if status.state != "absent":
                chosen = everyone.asked(theme=theme, period=self.period)
                self._cells(chosen, names, results)
                self._clusters(chosen, results)
        record.sentences.update(results.sentences())
        results.zones = [self._summarised(zones, everyone, results) for zones in self.zones]
        return results

    def prepare(self, record: RunRecord) -> gpd.GeoDataFrame:
        """Incidents of all sources with themes and harm; what every page must say."""
        incidents = _one_table([self._loaded(source, record) for source in self.sources])
        if not self.current:
            record.warn_reader(Caveat("not-current", {"end": Period.parse(self.period).label}))
        record.warn_reader(*map(_vouched, self.caveats))
        crossed_breaks(
            [self.period, *self.compare],
            scheme=_scheme(incidents),
            places=self._places(record),
            record=record,
        )
        record.choose(
            "product", place=self.place, period=self.period, compare=self.compare, top=self.top
        )
        return incidents

    def _loaded(self, source: IncidentSource, record: RunRecord) -> gpd.GeoDataFrame:
        """The incidents of one source; a warning where most of it was thrown away."""
        before = len(record.sources)
        incidents = source.load(record)
        files = [one.name for one in record.sources[before:]]
        tell_losses(incidents, self.within, files, record)
        return incidents

    def _places(self, record: RunRecord) -> set[str]:
        """Where the data are from: what the product says, and the forces the files name."""
        forces = {
            force for source in record.sources for force in source.facts.get("police_forces", ())
        }
        return {self.place, *self.police_force, *forces}

    def _cells(self, chosen: Selection, names: pd.DataFrame, results: TaskingResults) -> None:
        """Cells of a theme, and other periods beside them."""
        theme = chosen.theme
        cells, overlaps = ranked_cells(
            chosen, self._all_zones(), names, by=self._by(theme), record=results.record
        )
        results.cells[theme], results.overlaps[theme] = cells, overlaps
        periods = [self.period, *self.compare]
        results.area_periods[theme] = count_by_period(cells.sort_index(), chosen, periods=periods)

    def _clusters(self, chosen: Selection, results: TaskingResults) -> None:
        """Clusters of a theme, where the product asks for them."""
        theme = chosen.theme
        if theme not in self.clusters:
            return
        if _one_geography(results.record):
            results.record.warn_reader(Caveat("no-clusters"))
            return
        results.clusters[theme], _ = ranked_clusters(
            chosen,
            self._all_zones(),
            self.clusters[theme],
            by=self._by(theme),
            record=results.record,
        )

    def _by(self, theme: str) -> str:
        return self.rank_by.get(theme, "count")

    def _all_zones(self) -> gpd.GeoDataFrame:
        """Zones of every kind under one another."""
        return pd.concat(self.zones) if self.zones else self.within.iloc[:0]

    def _summarised(
        self, zones: gpd.GeoDataFrame, everyone: Selection, results: TaskingResults
    ) -> gpd.GeoDataFrame:
        """The zones with count and harm of each theme side by side; institutions included."""
        table = zones.copy()
        if _one_geography(results.record):
            results.record.warn_reader(Caveat("one-geography"))
            return table
        period = Period.parse(self.period)
        table["period_from"], table["period_until"] = period.start, period.end
        for theme, cells in results.cells.items():
            recorded = everyone.asked(theme=theme, period=period, include_institutional=True)
            summary = summarise_zones(zones, recorded)
            table[f"{theme}_count"] = summary["incident_count"]
            if "harm" in cells and cells["harm"].notna().any():
                table[f"{theme}_harm"] = summary["harm"]
                table[f"{theme}_unweighted_count"] = summary["unweighted_count"]
        return table


def _vouched(caveat: Caveat | str) -> Caveat:
    """A sentence of the product file: written for its readers, before anything was counted."""
    if isinstance(caveat, Caveat):
        return caveat
    return Caveat.given(caveat, counts_incidents=False)


def _one_geography(record: RunRecord) -> bool:
    """Whether counts may stand in one kind of area only."""
    return record.audience == "public" and not is_published(record)


def _scheme(incidents: gpd.GeoDataFrame) -> str | None:
    """The one offence scheme of the data; None where sources differ."""
    schemes = incidents["offence_scheme"].unique()
    return str(schemes[0]) if len(schemes) == 1 else None


def _one_table(tables: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """All sources under one another; a flag a source does not have is false, harm is missing."""
    if len(tables) == 1:
        return tables[0]
    stacked = pd.concat(tables)
    flags = [name for name in stacked if str(name).startswith("theme_")]
    for name in (*flags, "sensitive", "institutional", "domestic"):
        if name in stacked:
            stacked[name] = stacked[name].astype("boolean").fillna(False).astype(bool)
    return stacked
