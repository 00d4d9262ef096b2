"""One configured tasking product: from files to a map, a GeoPackage, a workbook and a manifest.

A product is usually read from a small TOML file by :func:`load_product`; the demonstration is one
of them (``hotspots/data/products/leeds.toml``), to be copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import assign_cells
from hotspots.analysis.trends.by_period import count_by_period
from hotspots.analysis.zones.zone_totals import totals_in_zones
from hotspots.core.behind import Behind
from hotspots.core.caveats import Caveat
from hotspots.core.grids import Grid, H3Grid
from hotspots.core.held import tell_period
from hotspots.core.periods import Period
from hotspots.core.question import Question
from hotspots.core.record import Audience, RunRecord, ThemeStatus, sha256_of
from hotspots.core.select import Selection, select
from hotspots.disclosure import Release, release
from hotspots.disclosure.published import sealed
from hotspots.disclosure.rules import first
from hotspots.io.incidents.intake import check_coverage
from hotspots.io.incidents.where import tell_where
from hotspots.io.typed_tables import DECISIONS, read_decisions
from hotspots.offences.tell_themes import carried_themes
from hotspots.programmes.answer_areas import names_of_cells, ranked_cells, ranked_clusters
from hotspots.programmes.tasking.around import (
    STREETS,
    sites_for,
    tell_sites,
    under_areas,
    with_cards,
    with_study_area,
)
from hotspots.programmes.tasking.for_public import PublicBriefings, public_files, published_part
from hotspots.programmes.tasking.sources import (
    IncidentSource,
    load_sources,
    require_a_theme,
    tell_readers,
    themes_told,
)
from hotspots.programmes.tasking.written_product import GEOPACKAGE, with_priority, write_product
from hotspots.report.map import map_areas
from hotspots.report.text.theme import compared_words, describe_theme, when_words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.decisions import Decision
    from hotspots.programmes.tasking.previous import Previous
    from hotspots.programmes.tasking.sections import Section
    from hotspots.report.map.standalone import HotspotMap


@dataclass(frozen=True, eq=False)
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
    sites : sequence of GeoDataFrame
        The user's own sites, with ``kind`` and ``zone_name``: internal pages say which of them
        stand near a listed place.
    period : str
        What is analysed, for instance ``"2018-07"``.
    compare : sequence of str
        Other periods, shown beside it and never pooled with it.
    grid : Grid
        Cells.
    clusters : mapping
        Theme to ``{"radius_m": ..., "min_incidents": ...}``.
    rank_by : mapping
        Theme to ``"count"`` (by default), ``"harm"``, ``"density"`` or ``"rate"``.
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
    previous : Previous, optional
        The product of the last meeting, from :func:`read_previous`; its tables count as
        ``earlier``.
    decisions : path, optional
        ``decisions.csv``; see :meth:`remembering`.
    share : bool
        Give decisions to partners, too.
    briefings : PublicBriefings, optional
        Which zones get a briefing for the public.
    sections : mapping
        Key to settings of the sections beside the map, see :func:`make_sections`.
    current : bool
        False prints that the page does not show the present.
    invented : bool
        The place does not exist: the logbook names no district or grid square it lies in.
    backdrop : str or tuple of path
        Files of roads and names to draw under the areas; the word ``streets`` stands for the
        streets that the data name.
    inputs : mapping
        Files the product was read from, incidents apart, each with its SHA-256.

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.programmes.tasking.load_product import PRODUCTS
    >>> product = hs.load_product(PRODUCTS / "leeds.toml")
    >>> product.period, product.grid
    ('2018-07', H3Grid(resolution=9))
    """

    title: str
    marking: str
    sources: tuple[IncidentSource, ...]
    within: gpd.GeoDataFrame
    period: str
    place: str
    audience: Audience = "internal"
    zones: tuple[gpd.GeoDataFrame, ...] = ()
    sites: tuple[gpd.GeoDataFrame, ...] = ()
    compare: tuple[str, ...] = ()
    grid: Grid = field(default_factory=H3Grid)
    clusters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rank_by: Mapping[str, str] = field(default_factory=dict)
    priority_wards: tuple[str, ...] = ()
    caveats: tuple[Caveat | str, ...] = ()
    police_force: tuple[str, ...] = ()
    earlier: tuple[pd.DataFrame, ...] = ()
    previous: Previous | None = None
    decisions: Path | None = None
    share: bool = False
    briefings: PublicBriefings | None = None
    sections: Mapping[str, Any] = field(default_factory=dict)
    top: int = 5
    current: bool = True
    invented: bool = False
    made_on: date | None = None
    backdrop: str | tuple[str | Path, ...] = STREETS
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    earlier_files: Mapping[str, str] = field(default_factory=dict, repr=False)

    def remembering(self, folder: str | Path) -> TaskingProduct:
        """The same product with what was decided: in the folder it goes to, else in `previous`."""
        places = [Path(folder) / DECISIONS]
        places += [self.previous.decisions] if self.previous else []
        found = next((one for one in places if one.exists()), None)
        return replace(self, decisions=found)

    def run(self) -> TaskingResults:
        """Do the analysis, theme by theme."""
        from hotspots.programmes.news import recent_changes

        record = RunRecord(self.title, self.marking, self.audience, self.made_on)
        record.current = self.current
        record.inputs.update(self.inputs)
        record.earlier.update(self.earlier_files)
        tell_sites(self.sites, record)
        decisions = self._decided(record)
        incidents = self.prepare(record)
        require_a_theme(incidents, self.sources)
        everyone = assign_cells(select(incidents, Question(within=self.within)), self.grid)
        places = everyone.source.places
        compared = check_coverage(incidents, self.period, self.compare, record, self.within, places)
        tell_where(incidents, self.within, record, places, invented=self.invented)
        names = names_of_cells(everyone, self._all_zones)
        results = TaskingResults(self, record, incidents, compared, decisions)
        for theme in carried_themes(incidents):
            chosen = everyone.asked(theme=theme, period=self.period)
            tell_period(chosen, record)
            self._cells(chosen, names, results)
            self._clusters(chosen, results)
        results.lately = recent_changes(everyone, list(results.cells), self.period)
        record.sentences.update(results.sentences())
        counted = [self._summarised(zones, everyone, results) for zones in self.zones]
        results.zones = with_study_area(counted, self.within)
        if self.sections:  # their programmes are loaded only where they are asked for
            from hotspots.programmes.tasking.sections import Asked, make_sections

            given = incidents, self.within, self.zones, self.period, record
            asked = Asked(*given, self.priority_wards, self.previous, self.grid)
            results.sections = make_sections(self.sections, asked)
        return results

    def _decided(self, record: RunRecord) -> tuple[Decision, ...]:
        """What was decided, for readers who may have it; others' is not even read."""
        if self.previous is not None:
            record.inputs[f"{PREVIOUS}/{GEOPACKAGE}"] = self.previous.sha256
        nobody = release(share=self.share, record=record).decisions is None
        if self.decisions is None or nobody:
            return ()
        record.inputs[DECISIONS] = sha256_of(self.decisions)
        return read_decisions(self.decisions, record=record)

    def prepare(self, record: RunRecord) -> gpd.GeoDataFrame:
        """Incidents of all sources with themes and harm; what every page must say."""
        incidents, intake = load_sources(self.sources, record, within=self.within)
        tell_readers(
            incidents,
            record,
            intake=intake,
            periods=[self.period, *self.compare],
            places=[self.place, *self.police_force],
            caveats=self.caveats,
            current=self.current,
        )
        record.choose("product", place=self.place, period=self.period, top=self.top,
                      compare=self.compare)  # fmt: skip
        return incidents

    def _cells(self, chosen: Selection, names: pd.DataFrame, results: TaskingResults) -> None:
        """Cells of a theme, and other periods beside them."""
        theme = chosen.theme
        cells, overlaps = ranked_cells(
            chosen, self._all_zones, names, by=self._by(theme), record=results.record
        )
        results.cells[theme], results.overlaps[theme] = cells, overlaps
        results.asked[theme] = chosen
        periods = [self.period, *results.compared]
        results.area_periods[theme] = count_by_period(cells.sort_index(), chosen, periods=periods)

    def _clusters(self, chosen: Selection, results: TaskingResults) -> None:
        """Clusters of a theme, where the product asks for them."""
        if (theme := chosen.theme) not in self.clusters:
            return
        if _one_geography(results):
            results.record.warn_reader(Caveat("no-clusters"))
            return
        zones = self._all_zones
        results.clusters[theme], _ = ranked_clusters(
            chosen, zones, self.clusters[theme], by=self._by(theme), record=results.record
        )

    def _by(self, theme: str) -> str:
        return self.rank_by.get(theme, "count")

    @cached_property
    def _all_zones(self) -> gpd.GeoDataFrame:
        """Zones of every kind under one another: one table, asked about once."""
        return pd.concat(self.zones) if self.zones else self.within.iloc[:0]

    def _summarised(
        self, zones: gpd.GeoDataFrame, everyone: Selection, results: TaskingResults
    ) -> gpd.GeoDataFrame:
        """The zones with count and harm of each theme side by side; institutions included."""
        table = with_priority(zones, self.priority_wards)
        if _one_geography(results):
            results.record.warn_reader(Caveat("one-geography"))
            return table
        period = Period.parse(self.period).on_clock(everyone.source.timezone)
        table["period_from"], table["period_until"] = period.start, period.end
        if period.hours is not None:
            table["hours"] = period.hours.key
        for theme, cells in results.cells.items():
            recorded = everyone.asked(theme=theme, period=period, include_institutional=True)
            totals = totals_in_zones(zones, recorded)
            table[f"{theme}_count"] = totals["incident_count"]
            if "harm" in cells and cells["harm"].notna().any():
                table[f"{theme}_harm"] = totals["harm"]
                table[f"{theme}_unweighted_count"] = totals["unweighted_count"]
        return table


PREVIOUS = "previous"


def _one_geography(results: TaskingResults) -> bool:
    """Whether counts may stand in one kind of area only."""
    return results.record.audience == "public" and not results.behind.published


@dataclass
class TaskingResults:
    """The finished tables of a product, by theme, and its logbook."""

    product: TaskingProduct
    record: RunRecord
    incidents: gpd.GeoDataFrame = field(repr=False)
    compared: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cells: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    clusters: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    overlaps: dict[str, pd.DataFrame] = field(default_factory=dict)
    area_periods: dict[str, pd.DataFrame] = field(default_factory=dict)
    zones: list[gpd.GeoDataFrame] = field(default_factory=list)
    asked: dict[str, Selection] = field(default_factory=dict, repr=False)
    lately: pd.DataFrame = field(default_factory=pd.DataFrame)
    sections: list[Section] = field(default_factory=list)

    @property
    def behind(self) -> Behind:
        """What is known of the incidents behind the tables."""
        return Behind.said_by(self.cells.values())

    @cached_property
    def themes(self) -> dict[str, ThemeStatus]:
        """What the incidents say of each theme, as far as the audience may read it."""
        return themes_told(self.incidents, self.product.sources, self.record.audience, self.behind)

    def release(self) -> Release:
        """The tables as the audience of the record may see them, with sentences made from them."""
        previous = self.product.previous
        known = [*self.product.earlier, *(previous.tables if previous else ())]
        behind, record = self.behind, self.record.copy(drawn=tuple(self.themes.values()))
        if record.audience in ("partner", "public"):
            published, parts = published_part(self, known)
            known, behind = [*known, *published], replace(behind, theme_parts=tuple(parts))
        released = release(
            [*self.cells.values(), *self.clusters.values()],
            zones=self.zones,
            overlaps=list(self.overlaps.values()),
            area_periods=list(self.area_periods.values()),
            earlier=known,
            decisions=self.decisions,
            share=self.product.share,
            behind=behind,
            record=record,
        )
        if previous is not None:
            past = previous.history_of(self.cells.values())
            released = sealed(replace(released, history=past))
        if self.sections and not released.withholds:
            tables = {name: table for one in self.sections for name, table in one.tables.items()}
            lists = [one.listed for one in self.sections if one.listed is not None]
            released = replace(released, tables=tables, history=(*released.history, *lists))
        if released.withholds:
            return released.with_sentences(self.sentences(released))
        return released.with_lately(self.lately)

    def sentences(self, released: Release | None = None) -> dict[str, str]:
        """A sentence a theme: of the full tables, or of those a reader may see."""
        product = self.product
        cells, periods = self.cells, self.area_periods
        if released is not None:
            cells = {str(first(table, "theme")): table for table in released.cells}
            periods = {str(first(table, "theme")): table for table in released.area_periods}
        return {
            theme: describe_theme(
                cells.get(theme),
                status,
                place=product.place,
                when=when_words(Period.parse(product.period)),
                compared=compared_words(periods.get(theme), self.compared),
                in_none=self.asked[theme].in_none_of(cells[theme])
                if released is None and theme in cells
                else 0,
                top=product.top,
            )
            for theme, status in self.themes.items()
        }

    def map(self, released: Release | None = None) -> HotspotMap:
        """The page for the meeting."""
        released, drawn = self._drawn(released)
        return map_areas(released, **drawn)

    def _drawn(self, released: Release | None) -> tuple[Release, dict[str, Any]]:
        """A release, and what its page draws beside it, as its readers may see it."""
        product, previous = self.product, self.product.previous
        released = with_cards(released or self.release(), self.asked, top=product.top)
        return released, {
            "top": product.top,
            "priority_wards": product.priority_wards,
            "sites": sites_for(product.sites, released.record),
            "backdrop": under_areas(product.backdrop, released, self.incidents, product.within),
            "previous": list(previous.cells) if previous else None,
            "sections": [] if released.withholds else [one.told for one in self.sections],
        }

    def write(self, folder: str | Path, released: Release | None = None) -> list[Path]:
        """Write map, GeoPackage, workbook, briefing and manifest; all of them or none.

        Returns
        -------
        list of Path
            The files, in the order of ``FILES``, the briefing before the manifest.
        """
        released, drawn = self._drawn(released)
        public = public_files(self, folder)
        return write_product(released, folder, **drawn, briefing=True, beside=public)
