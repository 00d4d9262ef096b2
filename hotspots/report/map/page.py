"""Finished tables to one page: checked, matched theme by theme, worded, assembled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import geopandas as gpd
import pandas as pd

from hotspots.core.errors import InputError, require
from hotspots.core.record import ThemeStatus
from hotspots.core.tables import AREAS, OVERLAPS, ZONES, require_table
from hotspots.disclosure import apply_disclosure, disclose_record, disclose_tables
from hotspots.report.map.backdrop import OnlineTiles, backdrop_data
from hotspots.report.map.earlier import find_before
from hotspots.report.map.map_data import map_data
from hotspots.report.map.protect_view import zones_as_areas
from hotspots.report.map.standalone import HotspotMap
from hotspots.report.map.theme_tables import ThemeTables, drawn_cells, top_places
from hotspots.report.map.view import page_view

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

Tables: TypeAlias = gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame]


def map_areas(
    areas: Tables,
    *,
    clusters: Tables | None = None,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord,
    overlaps: pd.DataFrame | None = None,
    area_periods: pd.DataFrame | Sequence[pd.DataFrame] | None = None,
    top: int = 5,
    title: str | None = None,
    priority_wards: Sequence[str] = (),
    previous: Tables | None = None,
    backdrop: str | Path | gpd.GeoDataFrame | None = None,
    online_tiles: OnlineTiles | None = None,
) -> HotspotMap:
    """Draw finished areas as one page that works without a network.

    Parameters
    ----------
    areas : GeoDataFrame or sequence of GeoDataFrame
        Areas tables, one per theme, ranked where places are to be listed.
    clusters : GeoDataFrame or sequence of GeoDataFrame, optional
        Areas tables drawn as outlines: clusters, patrol areas, candidates.
    zones : sequence of GeoDataFrame
        Zones tables. Approximate ones are labelled "best fit". Protect zones are drawn only for the
        audience "protect".
    record : RunRecord
        Title, marking, theme states, accounts, sentences, caveats and attributions of the run.
    overlaps : DataFrame, optional
        Overlaps table, for the zones named in the details of a place.
    area_periods : DataFrame or sequence of DataFrame, optional
        Counts per ``theme``, ``area_id`` and ``period`` ("2018-07"): earlier months beside the
        count, and the month slider.
    top : int
        Places listed per theme.
    title : str, optional
        Heading of the page; the title of the record by default.
    priority_wards : sequence of str
        Names or ids of wards drawn with a heavier outline.
    previous : GeoDataFrame or sequence of GeoDataFrame, optional
        The ranked tables of the last meeting, as the same readers have them: before and after,
        who moved, who is new, who left the list.
    backdrop : path or GeoDataFrame, optional
        Roads (lines) and place names (points with ``name``) of your own, drawn under the areas.
    online_tiles : OnlineTiles, optional
        A background from a tile server. The page then makes requests to that one host, which can
        see which places are looked at; without a network it says so and stays complete.

    Returns
    -------
    HotspotMap
        A ``folium.Map`` that saves as one HTML file, the same bytes for the same input.

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
    require(top >= 0, f"`top` must be 0 or more places; got {top}.")
    _check_zones(zones, record)
    before = disclose_tables(_tables(previous, "previous"), record)
    given = _tables(areas, "areas"), _tables(clusters, "clusters"), list(zones)
    safe = iter(disclose_tables([*given[0], *given[1], *given[2]], record, earlier=before))
    cells, outlines, zones = ([next(safe) for _ in tables] for tables in given)
    periods = _disclosed_periods(_periods(area_periods), record, before, cells)
    flat = _flat_overlaps(overlaps)
    overlaps = None if flat is None else _disclosed(flat, record, ["area_id", "zone_id"])
    record = disclose_record(record)
    demand = zones_as_areas(zones, record) if not cells else None
    if demand is not None:
        cells, top = [demand], max(top, len(demand))
    themes = _match_themes(cells, outlines, periods, before, record, top)
    data = map_data(
        themes, zones, record=record, overlaps=overlaps, priority=priority_wards, top=top
    )
    data["backdrop"] = backdrop_data(backdrop)
    data["tiles"] = online_tiles.as_data() if online_tiles else None
    view = page_view(themes, zones, record, title=title, tiles=online_tiles, top=top)
    return HotspotMap(view, data, tiles=online_tiles)


def _tables(tables: Tables | None, argument: str) -> list[gpd.GeoDataFrame]:
    """One table per theme (and kind), checked; input order kept."""
    if tables is None:
        return []
    several = [tables] if isinstance(tables, pd.DataFrame) else list(tables)
    found = []
    for number, table in enumerate(several):
        name = argument if isinstance(tables, pd.DataFrame) else f"{argument}[{number}]"
        require_table(table, AREAS, argument=name)
        found += [part for _, part in table.groupby(["theme", "kind"], sort=False)]
    return found


def _flat_overlaps(overlaps: pd.DataFrame | None) -> pd.DataFrame | None:
    if overlaps is None:
        return None
    named = {"area_id", "zone_id"} & set(overlaps.index.names)
    flat = overlaps.reset_index() if named else overlaps
    missing = [name for name in ("area_id", "zone_id", "share_of_area") if name not in flat]
    require(not missing, f"`overlaps` must be a table of {OVERLAPS.name}; it lacks {missing}.")
    return flat


def _check_zones(zones: Sequence[gpd.GeoDataFrame], record: RunRecord) -> None:
    require(
        not isinstance(zones, pd.DataFrame),
        "`zones` must be a sequence of zones tables; got one table. Put it in a list: [wards].",
    )
    for number, table in enumerate(zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
        if record.audience != "protect" and table["kind"].eq("protect").any():
            raise InputError(
                f"`zones[{number}]` holds Protect zones, and the record is for the audience "
                f"{record.audience!r}. A hidden layer is still in the file: Protect zones are "
                'drawn only in a separate product with audience="protect".'
            )


def _periods(tables: pd.DataFrame | Sequence[pd.DataFrame] | None) -> list[pd.DataFrame]:
    if tables is None:
        return []
    found = []
    for table in [tables] if isinstance(tables, pd.DataFrame) else list(tables):
        flat = table if "area_id" in table else table.rename_axis("area_id").reset_index()
        missing = {"area_id", "theme", "period", "incident_count"} - set(flat.columns)
        require(not missing, f"`area_periods` must have the column(s) {sorted(missing)}.")
        found.append(flat)
    return found


def _disclosed_periods(
    tables: list[pd.DataFrame],
    record: RunRecord,
    before: Sequence[pd.DataFrame],
    cells: Sequence[gpd.GeoDataFrame],
) -> list[pd.DataFrame]:
    """Counts by period, theme by theme, beside what the page and its readers have already."""
    return [
        _disclosed(
            part, record, ["area_id", "period"], earlier=before, beside=_of(str(theme), cells)
        )
        for table in tables
        for theme, part in table.groupby("theme", sort=False)
    ]


def _disclosed(
    table: pd.DataFrame,
    record: RunRecord,
    keys: list[str],
    *,
    earlier: Sequence[pd.DataFrame] = (),
    beside: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """A flat table as the audience may see it; identities travel in the index."""
    if table.empty:
        return table
    flat = table.set_index(keys)
    return apply_disclosure(flat, record, earlier=earlier, beside=beside).reset_index()


def _of(theme: str, tables: Sequence[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    return [table for table in tables if table["theme"].iloc[0] == theme]


def _match_themes(
    cells: list[gpd.GeoDataFrame],
    outlines: list[gpd.GeoDataFrame],
    periods: list[pd.DataFrame],
    before: list[gpd.GeoDataFrame],
    record: RunRecord,
    top: int,
) -> list[ThemeTables]:
    """Tables per theme: the record's themes in their order, then any other that has areas."""
    names = [str(table["theme"].iloc[0]) for table in (*cells, *outlines)]
    order = dict.fromkeys([*record.themes, *names]) or {"": None}
    themes = []
    for name in order:
        label = name.replace("_", " ").capitalize() or "Areas"
        theme = ThemeTables(record.themes.get(name) or ThemeStatus(name, label, "measured"))
        theme.periods, theme.not_beside = _months_of(name, periods)
        theme.outlines = _of(name, outlines)
        mine = _of(name, cells)
        require(
            len(mine) < 2,
            f"`areas` must hold one table per theme; theme {name!r} has {len(mine)} (kinds "
            f"{[str(table['kind'].iloc[0]) for table in mine]}). Make one map for each kind.",
        )
        theme.previous = _of(name, before)
        if mine:
            theme.whole = mine[0]
            theme.before, reason = find_before(theme, top)
            theme.not_beside = reason or theme.not_beside
            earlier = None if theme.before is None else theme.before.table
            theme.cells = drawn_cells(mine[0], theme.periods, earlier)
        theme.top = top_places(theme, top)
        themes.append(theme)
    return themes


def _months_of(theme: str, periods: list[pd.DataFrame]) -> tuple[pd.DataFrame | None, str]:
    """The periods of a theme; none, and a word about it, where every one of them is withheld."""
    months = [part for table in periods if len(part := table[table["theme"] == theme])]
    if not months:
        return None, ""
    together = pd.concat(months)
    if "disclosed_for" in together and not together["incident_count"].notna().any():
        return None, "Earlier periods are withheld from this product."
    return together, ""
