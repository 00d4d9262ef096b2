"""Finished tables to one page: checked, matched theme by theme, worded, assembled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import pandas as pd

from hotspots.checks import InputError, require
from hotspots.columns import AREAS, OVERLAPS, ZONES, require_table
from hotspots.maps.layers import ThemeTables, drawn_cells, map_data, top_places
from hotspots.maps.safe import plain_text
from hotspots.maps.standalone import HotspotMap
from hotspots.maps.wording import choice_words, grid_words, month_words, short_month, zone_note
from hotspots.record import ThemeStatus

if TYPE_CHECKING:
    from hotspots.record import Account, RunRecord

Tables: TypeAlias = gpd.GeoDataFrame | Sequence[gpd.GeoDataFrame]
EARLIER_MONTHS = 3


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
    allow_unsafe_layers: bool = False,
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
    allow_unsafe_layers : bool
        Let stock Folium layers be added by hand. They put text from the data into scripts.

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
    >>> from hotspots.record import RunRecord
    >>> record = RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> page = map_areas([], record=record)
    >>> "OPEN DATA - DEMONSTRATION" in page.to_html()
    True
    """
    require(top >= 0, f"`top` must be 0 or more places; got {top}.")
    cell_tables, outline_tables = _tables(areas, "areas"), _tables(clusters, "clusters")
    _check_zones(zones, record)
    overlaps = _flat_overlaps(overlaps)
    periods = _periods(area_periods)
    themes, sizes, totals = _match_themes(cell_tables, outline_tables, periods, record, top)
    data = map_data(
        themes, zones, record=record, overlaps=overlaps, priority=priority_wards, sizes=sizes
    )
    view = _view(themes, totals, zones, record, title, cell_tables)
    return HotspotMap(view, data, allow_unsafe_layers=allow_unsafe_layers)


# What came in ------------------------------------------------------------------------------------


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


def _match_themes(
    cells: list[gpd.GeoDataFrame],
    outlines: list[gpd.GeoDataFrame],
    periods: list[pd.DataFrame],
    record: RunRecord,
    top: int,
) -> tuple[list[ThemeTables], list[int], list[float]]:
    """Tables per theme: the record's themes in their order, then any other that has areas."""
    names = [str(table["theme"].iloc[0]) for table in (*cells, *outlines)]
    order = dict.fromkeys([*record.themes, *names]) or {"": None}
    themes, sizes, totals = [], [], []
    for name in order:
        label = name.replace("_", " ").capitalize() or "Areas"
        theme = ThemeTables(record.themes.get(name) or ThemeStatus(name, label, "measured"))
        months = [part for table in periods if len(part := table[table["theme"] == name])]
        theme.periods = pd.concat(months) if months else None
        theme.outlines = [table for table in outlines if table["theme"].iloc[0] == name]
        mine = [table for table in cells if table["theme"].iloc[0] == name]
        require(
            len(mine) < 2,
            f"`areas` must hold one table per theme; theme {name!r} has {len(mine)} (kinds "
            f"{[str(table['kind'].iloc[0]) for table in mine]}). Make one map for each kind.",
        )
        theme.cells = drawn_cells(mine[0], theme.periods) if mine else None
        theme.top = top_places(theme, top)
        themes.append(theme)
        sizes.append(len(mine[0]) if mine else 0)
        totals.append(float(mine[0]["incident_count"].sum()) if mine else 0.0)
    return themes, sizes, totals


# What the page says ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """One row of the table of places."""

    name: str
    ward: str
    count: str
    earlier: list[str]
    harm: str


def _view(
    themes: list[ThemeTables],
    totals: list[float],
    zones: Sequence[gpd.GeoDataFrame],
    record: RunRecord,
    title: str | None,
    cells: list[gpd.GeoDataFrame],
) -> dict[str, Any]:
    marking = plain_text(record.marking)
    return {
        "title": plain_text(title or record.title),
        "marking": marking,
        "demonstration": "DEMONSTRATION" in marking.upper(),
        "facts": _facts(themes, record, cells),
        "themes": [
            {
                "label": plain_text(theme.status.label),
                "state": theme.status.state,
                "note": plain_text(theme.status.note),
                "sentence": plain_text(_sentence(theme, total, record)),
                "places": [_place(theme, place) for place in theme.top],
                "weighed": theme.weighed,
                "numbers": _numbers(theme, record),
            }
            for theme, total in zip(themes, totals, strict=True)
        ],
        "caveats": [plain_text(caveat) for caveat in record.caveats],
        "method": _method(themes, record, cells),
        "zones": _zone_rows(zones),
        "attributions": [plain_text(text) for text in record.attributions],
    }


def _facts(
    themes: list[ThemeTables], record: RunRecord, cells: list[gpd.GeoDataFrame]
) -> list[tuple[str, str]]:
    periods = list(dict.fromkeys(theme.period for theme in themes if theme.period))
    months = sorted(
        {
            str(month)
            for theme in themes
            if theme.periods is not None
            for month in theme.periods["period"].unique()
        },
        reverse=True,
    )
    others = [month_words(month) for month in months if month_words(month) not in periods]
    facts = [("Data", "; ".join(periods))]
    if others:
        facts.append(("Compared with", _joined(others)))
    if cells:
        facts.append(("Areas", grid_words(str(cells[0]["kind"].iloc[0]), cells[0]["area_km2"])))
    if record.made_on:
        facts.append(("Made on", f"{record.made_on.day} {record.made_on.strftime('%B %Y')}"))
    return [(term, text) for term, text in facts if text]


def _joined(parts: list[str]) -> str:
    if len(parts) > 4:
        return f"{len(parts)} months, {parts[-1]} to {parts[0]}"
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _sentence(theme: ThemeTables, total: float, record: RunRecord) -> str:
    if theme.status.name in record.sentences:
        return record.sentences[theme.status.name]
    if theme.status.state == "absent":
        return f"{theme.status.label}: {theme.status.note or 'not published: this is not zero'}."
    if theme.cells is None and not theme.outlines:
        return f"{theme.status.label}: no areas were made for this theme."
    return f"{theme.status.label}: {total:,.0f} incidents in {theme.period}."


def _place(theme: ThemeTables, where: tuple[int, int]) -> Place:
    row = theme.place(where)
    return Place(
        name=plain_text(row["place_name"]) or "Unnamed place",
        ward=plain_text(row.get("ward_name")),
        count=_figure(row["incident_count"]),
        earlier=_earlier(theme, str(row.name)) if where[0] < 0 else [],
        harm=_figure(row.get("harm")) if theme.weighed else "not weighed",
    )


def _figure(value: Any) -> str:
    return "withheld" if value is None or pd.isna(value) else f"{float(value):,.0f}"


def _earlier(theme: ThemeTables, area_id: str) -> list[str]:
    """Counts of the other months, latest first: "41 in July 2017"."""
    if theme.periods is None:
        return []
    mine = theme.periods[theme.periods["area_id"].astype(str) == area_id]
    counts = mine.groupby(mine["period"].astype(str))["incident_count"].sum()
    months = sorted({str(month) for month in theme.periods["period"]}, reverse=True)
    others = [month for month in months if month_words(month) != theme.period]
    return [
        f"{counts.get(month, 0):,.0f} in {short_month(month)}" for month in others[:EARLIER_MONTHS]
    ]


def _numbers(theme: ThemeTables, record: RunRecord) -> list[tuple[str, str]]:
    account = _account(theme, record)
    if account is None:
        return []
    rows = [
        ("Used on this map", account.used),
        ("Without a location", account.unlocated),
        ("Outside the area", account.outside),
        ("At police stations, prisons, hospitals or courts (listed apart)", account.institutional),
        ("Left out as sensitive", account.sensitive),
    ]
    return [(label, f"{value:,}") for label, value in rows]


def _account(theme: ThemeTables, record: RunRecord) -> Account | None:
    """The account of the cells in their own period; the closest there is otherwise."""
    mine = [account for account in record.accounts if account.theme == theme.status.name]

    def closeness(account: Account) -> tuple[bool, bool]:
        return account.period == theme.period, "cell" in account.stage

    return max(mine, key=closeness) if mine else None


def _method(
    themes: list[ThemeTables], record: RunRecord, cells: list[gpd.GeoDataFrame]
) -> list[str]:
    lines = []
    if cells:
        kind = str(cells[0]["kind"].iloc[0])
        lines.append(f"Areas: {grid_words(kind, cells[0]['area_km2'])}.")
    scales = {
        plain_text(scale)
        for theme in themes
        for table in (theme.cells, *theme.outlines)
        if table is not None and "harm_scale" in table
        for scale in table["harm_scale"].dropna().unique()
    }
    lines += [f"Harm scale: {scale}." for scale in sorted(scales)]
    lines += [f"{line}." for line in choice_words(record.choices)]
    lines.append("Class bounds are the same in every month shown. No single incident is drawn.")
    return lines


def _zone_rows(zones: Sequence[gpd.GeoDataFrame]) -> list[tuple[str, str]]:
    """Zones with dates or a status; wards and districts speak for themselves."""
    rows = []
    for table in zones:
        for _, zone in table.iterrows():
            if str(zone["kind"]) in {"ward", "district"}:
                continue
            rows.append((plain_text(zone["zone_name"]), zone_note(zone)))
        wards = table[table["kind"].eq("ward")]
        if len(wards) and wards["approximate"].fillna(False).astype(bool).any():
            rows.append(("Ward outlines", "best fit: drawn and summed, never ranked"))
    return rows
