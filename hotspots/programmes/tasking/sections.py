"""Sections of a product: what its file asks beside the map, each a sentence and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import assign_cells
from hotspots.analysis.evaluation.change import compare_change
from hotspots.analysis.when.peak_windows import busy_windows
from hotspots.analysis.when.times import with_hours
from hotspots.core.behind import without_behind
from hotspots.core.errors import DataError, listing, require
from hotspots.core.grids import Grid, H3Grid
from hotspots.core.question import Question
from hotspots.core.record import NOT_GROUNDS, RunRecord
from hotspots.core.select import Selection, select
from hotspots.core.sentences import sentences_of
from hotspots.core.tables import has_shapes
from hotspots.io.incidents.breaks import Break, dated_breaks
from hotspots.offences.tell_themes import carried_themes, theme_labels
from hotspots.programmes.burden import burden_beside, who_lives_there
from hotspots.programmes.clear_hold_build.screen_candidates import (
    POLICE_ACTIVITY,
    screen_clear_hold_build,
)
from hotspots.programmes.compare_wards import compare_wards
from hotspots.programmes.news import ask_what_is_new
from hotspots.programmes.patrols.patrol_areas import SELECTED, without_near_misses
from hotspots.programmes.patrols.select_areas import select_patrol_areas
from hotspots.programmes.patrols.timetable import patrol_timetable
from hotspots.programmes.pspo_evidence import pspo_evidence
from hotspots.programmes.tasking.previous import times_listed, with_list
from hotspots.programmes.tasking.sources import zones_of_kind
from hotspots.programmes.tasking.tables_file import SECTIONS
from hotspots.programmes.watch import watch_areas
from hotspots.programmes.when import ask_repeats
from hotspots.report.text.section_words import (
    CANDIDATE_COLUMNS,
    NO_EQUALITY_VIEW,
    PATROL_COLUMNS,
    TITLES,
    WARD_HEADINGS,
    SectionText,
    beside_rows,
    equality_words,
    ward_rows,
    when_words,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.tasking.previous import Previous

NIGHT = "night_time_economy"
RESIDENTS = "population"
BURDEN = ("population", "groups", "deprivation", "activity")
MOST_CANDIDATES = 10


@dataclass(frozen=True, eq=False)
class Section:
    """What one key of the product file asked for.

    Attributes
    ----------
    key
        Which key it was.
    sentences
        The answer in words.
    tables
        By name, for the workbook; those with outlines also for the GeoPackage.
    headings, rows
        A list that stands under the sentences, in words.
    listed
        What this product and those before it listed, for the next one; see ``with_list``.
    """

    key: str
    sentences: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    listed: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """Its heading."""
        return TITLES[self.key]

    @property
    def told(self) -> SectionText:
        """What page and briefing say of it."""
        return SectionText(self.title, self.sentences, self.headings, self.rows)


@dataclass(frozen=True, eq=False)
class Asked:
    """What every section is made from."""

    incidents: gpd.GeoDataFrame
    within: gpd.GeoDataFrame
    zones: tuple[gpd.GeoDataFrame, ...]
    period: str
    record: RunRecord
    priority_wards: tuple[str, ...] = ()
    previous: Previous | None = None
    grid: Grid = field(default_factory=H3Grid)

    def of(self, theme: str | None = None) -> Selection:
        """Incidents of a theme in the period."""
        return self._select(theme, self.period)

    def of_all_times(self, theme: str | None = None) -> Selection:
        """Incidents of a theme at all times."""
        return self._select(theme, None)

    def of_kind(self, kind: str) -> gpd.GeoDataFrame | None:
        """The zones of a kind, from whichever file; None where there are none."""
        return zones_of_kind(self.zones, kind)

    def needed(self, kind: str) -> gpd.GeoDataFrame:
        """The zones of a kind that are known to be there, see :func:`check_sections`."""
        found = self.of_kind(kind)
        assert found is not None
        return found

    def listed(self, section: str) -> pd.DataFrame | None:
        """What the products before listed in a section."""
        return self.previous.listed.get(section) if self.previous else None

    def breaks(self) -> list[Break]:
        """Known breaks in this kind of data."""
        return dated_breaks(self.incidents)

    def _select(self, theme: str | None, period: str | None) -> Selection:
        return select(self.incidents, Question(None, period, self.within)).of(theme)


def make_sections(wanted: Mapping[str, Any], asked: Asked) -> list[Section]:
    """The sections that a product file names, in the order of the keys."""
    made = (MAKERS[key](wanted[key], asked) for key in SECTIONS if key in wanted)
    # Without columns for a release: sections are not released, they stay whole or out.
    return [
        replace(
            one,
            tables={name: without_behind(table) for name, table in one.tables.items()},
            listed=None if one.listed is None else without_behind(one.listed),
        )
        for one in made
    ]


def _patrols(table: Any, asked: Asked) -> Section:
    apart = {"theme", *BURDEN}
    found = select_patrol_areas(
        asked.of(table.theme),
        **table.model_dump(exclude=apart),
        previous=asked.previous.patrols if asked.previous else None,
        wards=asked.of_kind("ward"),
        record=asked.record,
    )
    asked.record.warn_reader(NOT_GROUNDS)
    areas, lives, words, city = _with_burden(found.areas, found.selected, table, asked)
    listed = with_list(asked.listed("patrols"), found.selected, "patrols", asked.period)
    areas = areas.assign(times_chosen=times_listed(areas, listed))
    tables: dict[str, pd.DataFrame] = {"Patrol areas": areas}
    if lives is not None:
        tables["Who lives there"] = lives
    shown = areas[areas["status"].eq(SELECTED)]
    headings, rows = beside_rows(shown, PATROL_COLUMNS, city)
    return Section("patrols", (found.to_sentence(), words), tables, headings, rows, listed)


def _with_burden(
    areas: gpd.GeoDataFrame, chosen: gpd.GeoDataFrame, table: Any, asked: Asked
) -> tuple[gpd.GeoDataFrame, pd.DataFrame | None, str, dict[str, float]]:
    """Areas with their burden; who lives in those chosen, also in words; and the whole city's."""
    homes = asked.needed(table.population) if table.population else None
    wanted: dict[str, Any] = {"deprivation": table.deprivation, "groups": table.groups}
    lives, words, city = None, NO_EQUALITY_VIEW, dict[str, float]()
    if homes is not None:
        needs = [RESIDENTS, *table.groups, *filter(None, [table.deprivation])]
        missing = [name for name in needs if name not in homes]
        require(
            not missing,
            f"the section needs the column(s) {listing(missing)} in the zones "
            f"{table.population!r}.",
            DataError,
            rule="section-columns",
        )
        lives = who_lives_there(chosen, homes, **wanted)
        words, lives = equality_words(lives), lives.rename_axis("group").reset_index()
        people = homes[RESIDENTS].astype(float)
        whole = float(people.sum()) or float("nan")
        city = {"residents": float(people.sum())}
        city |= {f"share_{name}": float(homes[name].sum()) / whole for name in table.groups}
        if table.deprivation:
            deciles = homes[table.deprivation].astype(float)
            city["deprivation_decile"] = float((people * deciles).sum()) / whole
    beside = burden_beside(areas, homes, zones=asked.zones, activity=table.activity, **wanted)
    return beside, lives, words, city


def _clear_hold_build(table: Any, asked: Asked) -> Section:
    screen = screen_clear_hold_build(
        asked.of(),
        asked.needed(table.zones) if table.zones else None,
        night_time_economy=asked.of_kind(NIGHT),
        undecided=table.undecided,
        draws=table.draws,
        record=asked.record,
    )
    asked.record.warn_reader(POLICE_ACTIVITY, NOT_GROUNDS)
    flat = pd.DataFrame(screen.table).drop(columns="geometry", errors="ignore")
    if not has_shapes(screen.table):
        said = (screen.to_paragraph(), NO_EQUALITY_VIEW)
        return Section("clear_hold_build", said, {TITLES["clear_hold_build"]: flat})
    candidates = screen.table
    before = asked.listed("clear_hold_build")
    listed = with_list(before, candidates, "clear_hold_build", asked.period)
    beside, lives, words, city = _with_burden(candidates, candidates.iloc[:1], table, asked)
    beside["times_listed"] = times_listed(candidates, listed)
    beside["times_first"] = times_listed(candidates, listed[listed["rank"].eq(1)])
    flat = flat.join(beside[beside.columns.difference(candidates.columns)])
    tables: dict[str, pd.DataFrame] = {TITLES["clear_hold_build"]: flat}
    if lives is not None:
        tables["Who lives in the first one"] = lives
        words = f"In the first of them: {words}"
    shown = flat.iloc[:MOST_CANDIDATES]
    headings, rows = beside_rows(shown, CANDIDATE_COLUMNS, city)
    said = (screen.to_paragraph(), words)
    return Section("clear_hold_build", said, tables, headings, rows, listed)


def _wards(table: Any, asked: Asked) -> Section:
    compared = compare_wards(
        asked.needed("ward"),
        asked.of(),
        only=asked.priority_wards or None,
        population=table.residents,
        record=asked.record,
    )
    asked.record.warn_reader(*compared.cautions)
    flat = pd.DataFrame(compared.with_outlines()).drop(columns="geometry", errors="ignore")
    said = tuple(sentences_of(compared, "brief"))
    rows = tuple(ward_rows(compared))
    return Section("wards", said, {"Wards": flat}, WARD_HEADINGS, rows)


def _pspo(table: Any, asked: Asked) -> Section:
    orders = asked.needed("pspo")
    found = [
        pspo_evidence(
            orders.iloc[[row]],
            asked.of_all_times(table.theme),
            today=table.today,
            months=table.months,
            breaks=asked.breaks(),
            acknowledge_breaks=table.acknowledge_breaks,
            record=asked.record.copy(),
        )
        for row in range(len(orders))
    ]
    asked.record.warn_reader(*(caution for one in found for caution in one.cautions))
    limbs = pd.concat([one.limbs.assign(order=one.order_name) for one in found])
    words = tuple(one.to_sentence() for one in found)
    return Section("pspo", words, {"Orders": limbs.rename_axis("limb").reset_index()})


def _change(table: Any, asked: Asked) -> Section:
    record = asked.record.copy()
    result = compare_change(
        without_near_misses(asked.needed(table.zones)),
        asked.of_all_times(table.theme),
        started=table.started,
        months=table.months,
        breaks=asked.breaks(),
        acknowledge_breaks=table.acknowledge_breaks,
        record=record,
    )
    asked.record.warn_reader(*record.caveats)
    flat = pd.DataFrame(result.table).drop(columns="geometry", errors="ignore")
    return Section("change", (result.to_sentence(),), {"Change": flat})


def _when(table: Any, asked: Asked) -> Section:
    themes, labels = table.themes or carried_themes(asked.incidents), theme_labels(asked.incidents)
    found = {
        theme: busy_windows(asked.of(theme), window_hours=table.hours, record=asked.record)
        for theme in themes
    }
    said = when_words((labels.get(theme, theme), rows) for theme, rows in found.items())
    together = pd.concat([rows.assign(theme=theme) for theme, rows in found.items()])
    return Section("when", tuple(said), {"When": together.reset_index(drop=True)})


def _new(table: Any, asked: Asked) -> Section:
    everyone = assign_cells(asked.of_all_times(table.theme), asked.grid)
    found = ask_what_is_new(
        everyone,
        false_alarms_a_year=table.false_alarms_a_year,
        runs_a_year=table.runs_a_year,
        breaks=asked.breaks(),
        record=asked.record,
    )
    tables = {"28 days, year to date": found.changes}
    if found.places is not None:
        flat = pd.DataFrame(found.places).drop(columns="geometry").reset_index()
        tables = {"What is new": flat} | tables
    return Section("new", (found.to_sentence(),), tables)


def _repeats(table: Any, asked: Asked) -> Section:
    near, soon = table.within_m, table.within_days
    found = ask_repeats(
        asked.of_all_times(table.theme),
        distance_bands_m=(near, 2 * near, 4 * near),
        time_bands_days=(soon, 2 * soon, 4 * soon),
        record=asked.record,
    )
    live = pd.DataFrame(found.live.areas).drop(columns="geometry").reset_index()
    tables = {"Soon and near": found.table.reset_index(), "Where one may follow now": live}
    return Section("repeats", (found.to_sentence(),), tables)


def _watch(table: Any, asked: Asked) -> Section:
    found = watch_areas(
        _named_areas(table, asked),
        asked.of_all_times(table.theme),
        breaks=asked.breaks(),
        record=asked.record,
        **table.model_dump(exclude={"zones", "theme"}),
    )
    flat = pd.DataFrame(found.areas).drop(columns="geometry").reset_index()
    return Section("watch", (found.to_sentence(),), {"Areas watched": flat, "Chart": found.chart})


def _timetable(table: Any, asked: Asked) -> Section:
    rows = with_hours(asked.of(table.theme).rows, asked.record)
    rest = table.model_dump(exclude={"zones", "theme"})
    plan = patrol_timetable(_named_areas(table, asked), rows, **rest)
    return Section("timetable", (plan.to_sentence(),), {"Timetable": plan.stays})


def _named_areas(table: Any, asked: Asked) -> gpd.GeoDataFrame:
    zones = without_near_misses(asked.needed(table.zones))
    return zones.assign(place_name=zones["zone_name"]).rename_axis("area_id")


MAKERS: dict[str, Callable[[Any, Asked], Section]] = {
    "patrols": _patrols,
    "clear_hold_build": _clear_hold_build,
    "wards": _wards,
    "pspo": _pspo,
    "change": _change,
    "when": _when,
    "new": _new,
    "repeats": _repeats,
    "watch": _watch,
    "timetable": _timetable,
}
