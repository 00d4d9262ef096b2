"""Where a theme concentrates, in one call: every stage with its usual choices, all of them told."""

from __future__ import annotations

import html
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

from hotspots.analysis.clusters.find import NO_RADIUS
from hotspots.analysis.trends.by_period import count_by_period
from hotspots.core.arguments import listed, require_made
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, require
from hotspots.core.grids import Grid, H3Grid
from hotspots.core.held import not_held
from hotspots.core.hours import Hours
from hotspots.core.periods import Dates, Period
from hotspots.core.question import Question
from hotspots.core.record import Audience, RunRecord
from hotspots.core.select import Selection
from hotspots.core.source import Source
from hotspots.core.tables import ZONES, has_shapes, require_table
from hotspots.core.tally import Tally
from hotspots.core.text.mends import Mend
from hotspots.disclosure import Release, release
from hotspots.io.incidents.from_frame import incidents_from_frame
from hotspots.io.incidents.intake import comparable
from hotspots.io.incidents.load import UNMARKED, load_incidents, record_of
from hotspots.offences.tell_themes import theme_labels
from hotspots.programmes.answer_areas import cells_of, ranked_clusters
from hotspots.programmes.choice_sensitivity import Sensitivity, choice_sensitivity
from hotspots.programmes.tasking.around import STREETS, under_areas, with_cards, with_study_area
from hotspots.programmes.tasking.written_product import write_product
from hotspots.report.map import map_areas
from hotspots.report.notebook import top
from hotspots.report.text.theme import describe_theme, found_lines, when_asked, when_words

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

    from hotspots.core.record import Account
    from hotspots.io.incidents.find_files import Paths
    from hotspots.report.map.standalone import HotspotMap


Incidents: TypeAlias = "gpd.GeoDataFrame | Selection | pd.DataFrame | Paths"
TOLD = ("source-cut-short", "not-compared", "in-no-area", "overlapping-cells")


@dataclass(frozen=True, eq=False, repr=False)
class Hotspots:
    """Where a theme concentrates; print it for the sentence.

    Attributes
    ----------
    incidents : Selection
        The incidents the question is about, in cells.
    areas : GeoDataFrame
        Cells: counted, tested, named and ranked with intervals.
    clusters : GeoDataFrame, optional
        Clusters, named and ranked.
    overlaps : DataFrame
        How cells and zones overlap.
    area_periods : DataFrame
        Counts of every cell in the period and those beside it.
    zones : tuple of GeoDataFrame
        What the areas were related to.
    record : RunRecord
        The logbook: sources, choices, accounts, caveats.
    place : str
        What the study area is called.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> asked = hs.Question("asb", "2018-07", within=city)
    >>> found = hs.find_hotspots(incidents, asked, grid=hs.H3Grid(7), clusters=False)
    >>> found.areas[["place_name", "rank"]].iloc[0].to_dict(), found.clusters
    ({'place_name': 'Boar Lane', 'rank': 1}, None)
    """

    incidents: Selection
    areas: gpd.GeoDataFrame
    clusters: gpd.GeoDataFrame | None
    overlaps: pd.DataFrame
    area_periods: pd.DataFrame
    zones: tuple[gpd.GeoDataFrame, ...]
    record: RunRecord
    place: str

    @property
    def account(self) -> Account:
        """Where every incident went."""
        return self.incidents.account

    @property
    def choices(self) -> dict[str, Any]:
        """Every choice that was made, by stage."""
        return {stage: entries for stage, entries in self.record.choices.items() if entries}

    def release(
        self,
        *,
        audience: Audience | None = None,
        marking: str | None = None,
        earlier: Iterable[Any] = (),
    ) -> Release:
        """The tables as this audience may see them, with the sentence made from them."""
        asked = self.record.themes.get(self.incidents.theme)
        released = release(
            [self.areas, *([] if self.clusters is None else [self.clusters])],
            zones=with_study_area(self.zones, self.incidents.question.within),
            overlaps=self.overlaps,
            area_periods=self.area_periods,
            audience=audience,
            marking=marking,
            earlier=earlier,
            record=self.record.copy(drawn=() if asked is None else (asked,)),
        )
        sentence = self._sentence(released.cells[0])
        return released.with_sentences({self.incidents.theme: sentence})

    def map(
        self, *, audience: Audience | None = None, marking: str | None = None, top: int = 5
    ) -> HotspotMap:
        """The page: one file that works without a network."""
        released = self.release(audience=audience, marking=marking)
        released = with_cards(released, {self.incidents.theme: self.incidents}, top=top)
        return map_areas(released, top=top, backdrop=self._under(released))

    def _under(self, released: Release) -> list[str | Path | gpd.GeoDataFrame]:
        """The streets that the data name."""
        everyone = self.incidents.everything
        rows = everyone if isinstance(everyone, pd.DataFrame) else None
        within, places = self.incidents.question.within, self.incidents.source.places
        return under_areas((STREETS,), released, incidents=rows, within=within, places=places)

    def to_folium(
        self, *, audience: Audience | None = None, marking: str | None = None
    ) -> folium.Map:
        """An ordinary Folium map of what the page holds, for layers and plugins of one's own."""
        return self.map(audience=audience, marking=marking).to_folium()

    def write(
        self,
        folder: str | Path,
        *,
        marking: str,
        audience: Audience,
        earlier: Iterable[Any] = (),
        top: int = 5,
    ) -> list[Path]:
        """Write map, GeoPackage, workbook and manifest into a folder; all of them or none."""
        released = self.release(audience=audience, marking=marking, earlier=earlier)
        released = with_cards(released, {self.incidents.theme: self.incidents}, top=top)
        return write_product(released, folder, top=top, backdrop=self._under(released))

    def sensitivity(self, **choices: Any) -> Sensitivity:
        """Which of the first ten stay among the first ten: see :func:`choice_sensitivity`.

        Choices are its arguments: ``grids``, ``radii_m``, ``windows``, ``scales``, ``top``.
        """
        return choice_sensitivity(self.areas, self.incidents, **choices)

    def to_sentence(self) -> str:
        """The sentence an inspector would read out."""
        return self._sentence(self.areas)

    def _sentence(self, areas: gpd.GeoDataFrame) -> str:
        theme = self.incidents.theme
        labels = theme_labels(self.incidents.source.tally.kinds)
        compared = self.area_periods.groupby("period")["incident_count"].sum()
        own = None if self.incidents.period is None else self.incidents.period.key
        return describe_theme(
            areas,
            None,
            label=labels.get(theme, theme),
            place=self.place,
            when=when_asked(self.incidents),
            in_none=self.incidents.in_none_of(areas) if areas is self.areas else 0,
            compared={
                when_words(Period.parse(str(key))): int(n)
                for key, n in compared.items()
                if key != own
            },
        )

    def __str__(self) -> str:
        return self.to_sentence()

    def __repr__(self) -> str:
        return "\n".join(found_lines(self))

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.to_sentence())}</p>{top(self.areas).to_html(escape=True)}"


def find_hotspots(
    incidents: Incidents,
    question: Question | None = None,
    *,
    theme: str | None = None,
    period: Dates | None = None,
    within: gpd.GeoDataFrame | None = None,
    hours: str | Hours | None = None,
    zones: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame] = (),
    compare: Iterable[str] = (),
    grid: Grid | None = None,
    clusters: Mapping[str, Any] | bool = True,
    by: Literal["count", "harm", "density", "rate"] = "count",
    place: str | None = None,
    record: RunRecord | None = None,
) -> Hotspots:
    """Find where a theme concentrates: select, count, test, relate, name, rank and cluster.

    Parameters
    ----------
    incidents : GeoDataFrame, Selection, path, list of paths or DataFrame
        From :func:`load_incidents` or :func:`incidents_from_frame`; or files or a frame for them to
        read. Without themes and harm they are tagged and weighed by the defaults of their offence
        scheme (data.police.uk, Home Office codes), which is told among the choices.
    question : Question, optional
        Instead of ``theme``, ``period``, ``within`` and ``hours``.
    theme, period, within, hours : optional
        What is asked; see :class:`Question`. The study area is needed.
    zones : GeoDataFrame or several, optional
        Wards, orders and others to relate the areas to.
    compare : iterable of str
        Other periods, counted beside this one and never pooled with it.
    grid : Grid, optional
        Cells; ``H3Grid(9)`` by default.
    clusters : bool or mapping
        Choices of :func:`assign_clusters`; True leaves them to it (none are drawn, and that is
        told, where no radius gives one), False finds none.
    by : {"count", "harm", "density", "rate"}
        What areas are ranked by, see :func:`rank_areas`; clusters have no rate and go by count.
    place : str, optional
        What the study area is called; the name of its one zone by default.
    record : RunRecord, optional
        The logbook :func:`load_incidents` wrote into: with it the product names the hashes of its
        sources, and every rejected row is accounted for. It is left as it is.

    Returns
    -------
    Hotspots
        ``areas``, ``clusters``, ``overlaps``, ``choices``, ``account``; print it for the sentence,
        ``.map()`` for the page, ``.write(folder, marking=, audience=)`` for the files.

    Raises
    ------
    InputError
        Without a study area, for a theme the incidents do not have, or for days of incidents that
        are known to the month only.
    DataError
        For a period in which the data hold no incident of any kind: that is not a zero.

    Notes
    -----
    A place that leads by count is not thereby beyond chance: read ``is_hotspot`` and the rank
    interval beside it. It misleads where a single month is asked about and read as a habit.

    Asked again of the same table, what did not change is not worked out again; a table, zones or
    a question that changed, in place too, are noticed.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=hs.RunRecord("Leeds", "OPEN"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> found = hs.find_hotspots(incidents, theme="asb", period="2018-07", within=city)
    >>> len(found.areas), int(found.areas["is_hotspot"].sum()), found.account.used
    (6201, 9, 1851)
    """
    asked = Question(theme, period, within, hours=hours) if question is None else question
    require_made("question", asked, Question, 'Question("asb", "2018-07", within=city)')
    given = (theme, period, within, hours)
    require(
        question is None or all(part is None for part in given),
        "`question` says theme, period, study area and hours already; got them twice. Give one of "
        "both.",
    )
    require(
        asked.within is not None,
        "hotspots need a study area, since empty cells count too; the question has none.",
        mend=Mend("pass-within"),
    )
    name = place or _place(asked.within)
    table, log = _table_of(incidents, name, record, asked.within.crs)  # type: ignore[union-attr]
    outlines = (zones,) if isinstance(zones, pd.DataFrame) else tuple(zones)
    for number, outline in enumerate(outlines):
        require_table(outline, ZONES, argument=f"zones[{number}]", only=["geometry"])
    related: Any = pd.concat(outlines) if outlines else asked.within.iloc[:0]  # type: ignore[union-attr]
    cells = cells_of(table, asked, grid or H3Grid(9), related, by=by, record=log)
    chosen, areas, log = cells.incidents, cells.areas, cells.record
    drawn = None
    if not isinstance(clusters, bool):
        require_made("clusters", clusters, Mapping, '{"radius_m": 100}')
    if clusters is not False and chosen.total:
        drawn = _clusters(chosen, related, clusters, by, log)
    periods: list[str | Period] = [] if asked.span is None else [asked.span]
    others = [
        asked.during(other).span or Period.parse(other) for other in listed(compare, "compare")
    ]
    if asked.span is None:
        periods += others
    else:
        not_held(chosen.source.months(), asked.span)
        periods += comparable(asked.span, others, log, cells.silences)
    months = count_by_period(areas.sort_index(), chosen, periods=periods or None)
    if record is None:
        _warn(log)
    return Hotspots(chosen, areas, drawn, cells.overlaps, months, outlines, log, name)


def _clusters(
    chosen: Selection,
    zones: gpd.GeoDataFrame,
    asked: Mapping[str, Any] | bool,
    by: str,
    log: RunRecord,
) -> gpd.GeoDataFrame | None:
    """Clusters as asked for; none, and told, where all was left open and no radius gives one."""
    wanted = asked if isinstance(asked, Mapping) else {}
    try:
        return ranked_clusters(chosen, zones, wanted, by=by, record=log)[0]
    except InputError as error:
        if wanted or error.findings[0].rule != NO_RADIUS:
            raise
        log.warn_reader(Caveat("no-radius"))
        return None


def _place(within: gpd.GeoDataFrame | None) -> str:
    """The name of the one zone of a study area."""
    if within is None or len(within) != 1 or "zone_name" not in within.columns:
        return "the study area"
    return str(within["zone_name"].iloc[0])


def _table_of(
    incidents: Incidents, name: str, record: RunRecord | None, crs: Any
) -> tuple[gpd.GeoDataFrame, RunRecord]:
    """The incidents table, read first if it is none yet, and a logbook of its own."""
    if isinstance(incidents, Selection):
        incidents = incidents.everything
    if isinstance(incidents, Tally):
        return Source(incidents).rows, RunRecord(name, UNMARKED)  # refused: there are no rows
    log = RunRecord(name, UNMARKED) if record is None else record.copy()
    if isinstance(incidents, pd.DataFrame):
        if "offence_scheme" in incidents.columns and has_shapes(incidents):
            return incidents, record_of(incidents, name) if record is None else log
        table = incidents_from_frame(incidents, record=log, crs=crs)
        return table, log
    return load_incidents(incidents, record=log, crs=crs), log


def _warn(record: RunRecord) -> None:
    """What a reader of the sentence alone would not know."""
    for finding in record.findings:
        if finding.rule in TOLD:
            warnings.warn(str(finding), stacklevel=3)
