"""What stands under and around the areas of a page, as its readers may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from hotspots.analysis.names import UNNAMED, street_names
from hotspots.analysis.when.cards_of_places import PlaceCards, place_cards
from hotspots.core.errors import Finding
from hotspots.disclosure import Release, exact_parts, parts_of_cards
from hotspots.disclosure.rules import first

if TYPE_CHECKING:
    from hotspots.core.points import PlaceIndex
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

STREETS, NOTHING = "streets", "none"
"""Words of a product file: the streets the data name; nothing at all."""


def under_areas(
    given: str | Iterable[str | Path],
    released: Release,
    incidents: gpd.GeoDataFrame | None = None,
    within: gpd.GeoDataFrame | None = None,
    places: PlaceIndex | None = None,
) -> list[str | Path | gpd.GeoDataFrame]:
    """The backdrop of a page, with ``streets`` in the place of the word.

    Streets are those of public map points where every record was published by itself; otherwise
    those that name the areas this reader has, in the middle of each: no name tells a point.
    ``places`` are those of the incidents, where they are known.
    """
    chosen: list[str | Path | gpd.GeoDataFrame] = []
    for one in [given] if isinstance(given, str) else given:
        if one == STREETS:
            public = released.behind.published
            if public and incidents is not None and "place_name" in incidents.columns:
                chosen.append(street_names(incidents, within, places=places))
            else:
                chosen.append(names_of_areas(released))
        elif one != NOTHING:
            chosen.append(one)
    return chosen


def names_of_areas(released: Release) -> gpd.GeoDataFrame:
    """The street of each cell that holds something, as this reader knows it, in its middle."""
    held = [cells[cells["incident_count"].fillna(0) > 0] for cells in released.cells]
    held = [cells for cells in held if len(cells)]
    if not held:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs=27700)
    named = gpd.GeoDataFrame(
        pd.concat([cells[["place_name", "incident_count", "geometry"]] for cells in held])
    )
    names = named["place_name"].astype(object).str.split(" / ").str[0]
    named = named.assign(name=names.str.replace(r" \([^()]*\)$", "", regex=True))
    told = named["name"].notna() & named["name"].ne(UNNAMED)
    busiest = named[told].sort_values(["incident_count", "name"], ascending=[False, True])
    once = busiest.drop_duplicates("name")[["name", "geometry"]]
    return once.set_geometry(once.representative_point()).reset_index(drop=True)


def with_study_area(
    zones: Sequence[gpd.GeoDataFrame], within: gpd.GeoDataFrame | None
) -> list[gpd.GeoDataFrame]:
    """The zones, and the outline of the study area where none of them is its district.

    The outline carries no count: it is drawn, and says nothing.
    """
    there = any("kind" in table and table["kind"].eq("district").any() for table in zones)
    if there or within is None or not len(within):
        return list(zones)
    columns: dict[str, Any] = {
        "zone_name": within.get("zone_name", pd.Series("Study area", index=within.index)),
        "kind": "district", "valid_from": None, "valid_until": None, "status": None,
        "approximate": False,
    }  # fmt: skip
    outline = gpd.GeoDataFrame(columns, index=within.index, geometry=within.geometry)
    return [*zones, outline.rename_axis("zone_id")]


def sites_for(given: Sequence[gpd.GeoDataFrame], record: RunRecord) -> gpd.GeoDataFrame | None:
    """All sites in one table for internal readers; nobody else gets them."""
    if record.audience != "internal" or not given:
        return None
    joined: gpd.GeoDataFrame = pd.concat(given, ignore_index=True)
    return joined


def tell_sites(given: Sequence[gpd.GeoDataFrame], record: RunRecord) -> None:
    """Say that the sites are left out for readers who do not get them."""
    if given and record.audience != "internal":
        record.find(
            Finding(
                "sites-left-out",
                "[[sites]] are for internal products; this one is for the audience "
                f'"{record.audience}", and its page leaves them out.',
                "warning",
            )
        )


def with_cards(released: Release, asked: Mapping[str, Selection], *, top: int) -> Release:
    """The release with months, week and offences of the listed places and those level with them.

    Exact and with the months of all areas where nothing is withheld, so that its file can be drawn
    again; for partners the parts they see, so that the next release knows of them.
    """
    exact = {theme: _of_listed(one, released, top) for theme, one in asked.items()}
    if not exact or (released.withholds and released.audience != "partner"):
        return released
    if not released.withholds:
        return released.with_parts(pd.concat([exact_parts(exact[one], one) for one in exact]))
    if released.breakdowns is not None:
        return released
    parts = [parts_of_cards(cards, theme) for theme, cards in exact.items()]
    return released.with_breakdowns(pd.concat(parts))


def _of_listed(asked: Selection, released: Release, top: int) -> PlaceCards:
    table = next(cells for cells in released.cells if first(cells, "theme") == asked.theme)
    rank = table["rank"].astype("Float64").dropna().sort_values(kind="stable")
    return place_cards(asked, rank.index[: 2 * top])
