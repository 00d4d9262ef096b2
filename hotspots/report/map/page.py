"""Finished tables to one page: checked, matched theme by theme, worded, assembled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hotspots.core.arguments import listed, whole_of
from hotspots.core.behind import Behind
from hotspots.core.crs import require_metres
from hotspots.core.errors import listing, require
from hotspots.core.record import ThemeStatus
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.core.text.mends import Mend
from hotspots.disclosure import Release, as_release, cards_in, release, release_cards
from hotspots.disclosure.release_table import tables_of
from hotspots.disclosure.rules import is_monthly, theme_of
from hotspots.offences.themes import theme_in_words
from hotspots.report.map.backdrop import Backdrop, OnlineTiles, backdrop_data
from hotspots.report.map.earlier import find_before, find_moves, history_of
from hotspots.report.map.map_data import map_data
from hotspots.report.map.reach import reach_of
from hotspots.report.map.theme_tables import ThemeTables, drawn_cells, top_places, zones_as_areas
from hotspots.report.map.view import page_view
from hotspots.report.map.written_page import WrittenPage
from hotspots.report.text.decision_words import decisions_data, decisions_view
from hotspots.report.text.headline import HEADINGS, recent_change_words
from hotspots.report.text.words import capital

if TYPE_CHECKING:
    from hotspots.analysis.when.cards_of_places import PlaceCards
    from hotspots.core.record import RunRecord
    from hotspots.report.map.standalone import HotspotMap
    from hotspots.report.text.section_words import SectionText


def map_areas(
    areas: Release | gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame],
    *,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord | None = None,
    top: int = 5,
    title: str | None = None,
    priority_wards: Sequence[str] = (),
    previous: Release | gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame] | None = None,
    backdrop: Backdrop | None = None,
    online_tiles: OnlineTiles | None = None,
    cards: Mapping[str, PlaceCards] | None = None,
    sites: gpd.GeoDataFrame | None = None,
    sections: Sequence[SectionText] = (),
) -> HotspotMap:
    """Draw finished areas as one page that works without a network.

    Parameters
    ----------
    areas : Release, or GeoDataFrame or several
        A release: its cells are shaded, its clusters drawn as outlines above them, its zones
        labelled, its counts by period are the times to choose from. Bare areas and ``zones`` are
        released for the record's audience. One table a theme.
    zones : sequence of GeoDataFrame
        Zones tables, where the areas are bare. Approximate ones are labelled "best fit". Protect
        zones are drawn only for the audience "protect".
    record : RunRecord, optional
        Where the areas are bare: title, marking, theme states, accounts, sentences, caveats and
        attributions of the run.
    top : int
        Places listed per theme.
    title : str, optional
        Heading of the page; the title of the release by default.
    priority_wards : sequence of str
        Names or ids of wards drawn with a heavier outline.
    previous : Release, or GeoDataFrame or several, optional
        The ranked tables of the last meeting, as the same readers have them: before and after,
        who moved, who joined the list, who left it. A release must have been made with these as
        ``earlier``.
    backdrop : path or GeoDataFrame, or several, optional
        Roads (lines, with a class where a column tells it) and names (points or roads with a name)
        of your own, drawn under the areas: main roads and the first names from afar, others near.
    online_tiles : OnlineTiles, optional
        A background from a tile server. The page then makes requests to that one host, which can
        see which places are looked at; without a network it says so and stays complete.
    cards : mapping of str to PlaceCards, optional
        By theme, what the cards of its listed places say of months, week and offences; drawn as
        far as these readers may see it (:func:`hotspots.disclosure.release_cards`).
    sites : GeoDataFrame, optional
        Sites of your own with ``kind`` and ``zone_name`` (:func:`hotspots.zones.sites`); the card
        of a listed place names those within 150 m. For internal readers only.
    sections : sequence of Told, optional
        What else was asked, in words, where nothing is withheld.

    Returns
    -------
    HotspotMap
        A ``folium.Map`` that saves as one HTML file, the same bytes for the same input.

    Raises
    ------
    InputError
        For tables without the columns needed, or areas or sites the audience may not have (see
        :func:`release`).

    Notes
    -----
    A shaded map draws the eye to large and dark areas; the table of places says how many
    incidents and how much harm there are. Incident points are never drawn. It misleads when a
    period is short: a cell of one month can be dark by chance.

    References
    ----------
    Web Content Accessibility Guidelines 2.2, https://www.w3.org/TR/WCAG22/

    Examples
    --------
    >>> from hotspots.core.record import RunRecord
    >>> record = RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> page = map_areas([], record=record)
    >>> "OPEN DATA - DEMONSTRATION" in page.to_html()
    True
    """
    options = dict(locals())
    from hotspots.report.map.standalone import HotspotMap

    return HotspotMap(make_page(**options))


def make_page(
    areas: Release | gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame],
    *,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord | None = None,
    top: int = 5,
    title: str | None = None,
    priority_wards: Sequence[str] = (),
    previous: Release | gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame] | None = None,
    backdrop: Backdrop | None = None,
    online_tiles: OnlineTiles | None = None,
    cards: Mapping[str, PlaceCards] | None = None,
    sites: gpd.GeoDataFrame | None = None,
    sections: Sequence[SectionText] = (),
) -> WrittenPage:
    """The page of :func:`map_areas`, for those who only write it: Folium takes long to load."""
    top = whole_of(top, "top", 0)
    released, before = _released(areas, zones, record, previous)
    record, zones = released.record, list(released.zones)
    if sites is not None:
        _check_sites(sites, released)
    require(
        not (released.withholds and sections),
        "`sections` hold exact counts; from these readers some are withheld.",
    )
    cells = [table for table in released.cells if len(table)]
    outlines = [table for table in released.clusters if len(table)]
    for number, table in enumerate([*cells, *outlines]):
        require_table(table, AREAS, argument=f"areas[{number}]")
    for number, table in enumerate(zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
    periods, overlaps = list(released.area_periods), released.overlaps
    demand = zones_as_areas(released) if not cells else []
    if demand:
        cells, top = demand, max(top, len(demand[0]))
    seen = cards_in(released) if cards is None else {
        name: release_cards(one, released, name) for name, one in cards.items()
    }  # fmt: skip
    themes = _match_themes(cells, outlines, periods, before, record, top, released.history, seen)
    for theme in themes:
        theme.sites = sites
    priority = listed(priority_wards, "priority_wards")
    data = map_data(themes, zones, record=record, overlaps=overlaps, priority=priority, top=top)
    data["backdrop"] = backdrop_data(backdrop)
    data["decisions"] = decisions_data(themes, released.decisions)
    data["tiles"] = online_tiles.as_data() if online_tiles else None
    view = page_view(themes, zones, record, title=title, tiles=online_tiles, top=top)
    for theme, shown in zip(themes, view["themes"], strict=True):
        shown["lately"] = _lately(theme.status.name, released.lately)
    view |= {"headings": HEADINGS, "sections": list(sections)}
    view["absent"] = "not published" if released.behind.published else "not in the data"
    view["decisions"] = decisions_view(themes, released.decisions)
    reach = reach_of(released)
    view["reach"] = reach and reach.view()
    if reach is not None:
        data["reach"] = reach.data()
    return WrittenPage(view, data, online_tiles)


def _lately(theme: str, lately: pd.DataFrame | None) -> list[tuple[str, ...]]:
    rows = [] if lately is None else lately[lately["theme"].eq(theme)].to_dict("records")
    return [recent_change_words(row) for row in rows]


def _check_sites(sites: gpd.GeoDataFrame, released: Release) -> None:
    audience = released.record.audience
    require(
        audience == "internal",
        f'`sites` are for the audience "internal"; this page is for {audience!r}.',
    )
    require_metres(sites, "sites")
    lacking = [name for name in ("kind", "zone_name") if name not in sites.columns]
    require(not lacking, f"`sites` need a column {listing(lacking)}; they have none.")


def _released(
    areas: Any, zones: Any, record: RunRecord | None, previous: Any
) -> tuple[Release, list[gpd.GeoDataFrame]]:
    """The release that is drawn, and the tables of the last meeting as its readers have them."""
    if isinstance(areas, Release):
        released = as_release(areas, record, zones=zones)
        last = previous.areas if isinstance(previous, Release) else previous
        if last is None:
            return released, []
        if not isinstance(previous, Release) or released.withholds:
            last = release(last, behind=released.behind, record=released.record).areas
        require(
            not released.withholds or all(_is_among(one, released.earlier) for one in last),
            "`previous` must be among what the readers of this release have already; it is not.",
            mend=Mend("release-earlier"),
        )
        return released, list(last)
    bare, outlines = tables_of(areas, AREAS, "areas"), tables_of(zones, ZONES, "zones")
    before = () if previous is None else previous
    last = release(before, behind=Behind.said_by(bare, outlines), record=record).areas
    return release(bare, zones=outlines, earlier=last, record=record), list(last)


def _is_among(table: pd.DataFrame, known: Sequence[pd.DataFrame]) -> bool:
    """Whether one of the tables a reader has shows the same counts of these areas."""
    counts = table["incident_count"].astype(float)
    return any(
        one["incident_count"].astype(float).reindex(table.index).equals(counts)
        for one in _of(theme_of(table), known)
        if "incident_count" in one.columns and one.index.is_unique and not is_monthly(one)
    )


def _of(theme: str, tables: Sequence[Any]) -> list[Any]:
    return [table for table in tables if theme_of(table) == theme]


def _match_themes(
    cells: list[gpd.GeoDataFrame],
    outlines: list[gpd.GeoDataFrame],
    periods: list[pd.DataFrame],
    before: list[gpd.GeoDataFrame],
    record: RunRecord,
    top: int,
    history: Sequence[pd.DataFrame],
    cards: Mapping[str, PlaceCards],
) -> list[ThemeTables]:
    """Tables per theme: the record's themes in their order, then any other that has areas."""
    names = [str(table["theme"].iloc[0]) for table in (*cells, *outlines)]
    order = dict.fromkeys([*record.themes, *names]) or {"": None}
    themes = []
    for name in order:
        label = capital(theme_in_words(name)) or "Areas"
        theme = ThemeTables(record.themes.get(name) or ThemeStatus(name, label, "measured"))
        theme.periods, theme.not_beside = _months_of(name, periods)
        theme.outlines = _of(name, outlines)
        mine = _of(name, cells)
        require(
            len(mine) < 2,
            f"`areas` must hold one table per theme; theme {name!r} has {len(mine)} (kinds "
            f"{[str(table['kind'].iloc[0]) for table in mine]}). Make one map for each kind.",
            rule="one-table-a-theme",
        )
        theme.previous = _of(name, before)
        theme.history, theme.cards = history_of(name, history), cards.get(name)
        if mine:
            theme.whole = mine[0]
            theme.before, reason = find_before(theme, top)
            theme.not_beside = reason or theme.not_beside
            earlier = None if theme.before is None else theme.before.table
            theme.cells = mine[0]
            if not theme.of_zones:
                theme.cells = drawn_cells(mine[0], theme.periods, earlier)
        theme.top = top_places(theme, top)
        theme.moves = find_moves(theme, top)
        themes.append(theme)
    return themes


def _months_of(theme: str, periods: list[pd.DataFrame]) -> tuple[pd.DataFrame | None, str]:
    """The periods of a theme; none, and a word about it, where every one of them is withheld."""
    months = [part for table in periods if len(part := table[table["theme"] == theme])]
    if not months:
        return None, ""
    together = pd.concat(months)
    if "disclosed_for" in together and not together["incident_count"].notna().any():
        return None, "Earlier periods and single months are not in this product."
    return together, ""
