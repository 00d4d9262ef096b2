"""Names people use for areas: the street most incidents are on, and the ward; and the streets.

Never a cell code, and never "Supermarket".
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import place_references, require_same_crs
from hotspots.core.data import DEFINITIONS
from hotspots.core.points import NOWHERE, PlaceIndex, inside, of_each
from hotspots.core.schema import Table, read_toml
from hotspots.core.select import Selection, require_members
from hotspots.core.tables import AREAS, INCIDENTS, OVERLAPS, require_table

if TYPE_CHECKING:
    from hotspots.core.arrays import Bools, Codes

PlacesT = TypeVar("PlacesT", bound=pd.DataFrame)
GENERIC_PLACES = DEFINITIONS / "generic_places.toml"
UNNAMED = "unnamed place"
PAIR = ("area_id", "zone_id")
QUICKLY_BUILT = {"balanced_tree": False, "compact_nodes": False}
"""A tree of many places that is asked about few."""


def name_areas(
    areas: gpd.GeoDataFrame, incidents: Selection, overlaps: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Give every area the name of its street, and of its ward.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table.
    incidents : Selection
        The incidents the areas were made from. Cells are named by ``place_name`` of all incidents
        there are, so that a quiet one has a name and every theme calls it the same; clusters by
        their members.
    overlaps : DataFrame, optional
        Overlaps of the areas with zones, from :func:`relate_to_zones`; those of kind "ward" name
        the ward.

    Returns
    -------
    GeoDataFrame
        A copy with ``place_name`` and, with overlaps, ``ward_name`` (missing where the area touches
        no ward). The name is the street with most incidents, else the nearest named street; cells
        with names of their own (beats, streets, official areas) keep them. Where two areas of a
        ward would share it, the second street is added ("Briggate / Boar Lane"), then a 100 m grid
        reference, which an unnamed place always has.

    Raises
    ------
    InputError
        For incidents that are not those the areas were made from, or another coordinate system.

    Notes
    -----
    On snapped data the street is that of the map point, which can be a street away from where the
    incidents happened. Do not map addresses to ``place_name``: it is printed on products.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> everything = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), hs.H3Grid(8))
    >>> cells = hs.aggregate_to_cells(everything).nlargest(2, "incident_count")
    >>> hs.name_areas(cells, everything)["place_name"].tolist()
    ['Boar Lane', 'Back Broughton Terrace']
    """
    require_table(areas, AREAS, argument="areas", only=["geometry"])
    require_members(areas, incidents)
    require_same_crs(areas, incidents.source, ("areas", "incidents"))
    named = areas.copy()
    every, known = incidents.source.tally.streets, incidents.source.places
    streets = known.once("named streets", every, lambda: named_streets(every))
    first, second = _busiest_streets(_by_area(streets, incidents, areas.index), areas.index)
    named["place_name"] = first.fillna(_nearest_streets(areas[first.isna()], incidents, streets))
    if incidents.grid is not None and "place_name" in areas.columns:
        named["place_name"] = areas["place_name"].astype(object).fillna(named["place_name"])
    if overlaps is not None:
        named["ward_name"] = _wards(areas, overlaps)
    return _told_apart(named, second)


class GenericPlacesFile(Table):
    """The bundled list of place texts that name no street."""

    source: str
    names: tuple[str, ...]


@cache
def generic_places() -> frozenset[str]:
    """Place texts that name a kind of place and not a street, in lower case."""
    listed = read_toml(GENERIC_PLACES, GenericPlacesFile, what="the list of generic places")
    return frozenset(name.casefold() for name in listed.names)


def named_streets(streets: PlacesT) -> PlacesT:
    """The names that name a street."""
    code, texts = pd.factorize(streets["place_name"])
    return streets[of_each(_is_street(texts), code, True)]


def _is_street(texts: pd.Index) -> Bools:
    known = pd.Series(np.asarray(texts, dtype=object)).str.strip()
    named = ~known.str.casefold().isin(generic_places()) & (known != "")
    return named.to_numpy(dtype=bool)


def _by_area(streets: pd.DataFrame, incidents: Selection, area_ids: pd.Index) -> pd.DataFrame:
    """How often (``count``) streets stand in each area, by its number; in cells of every theme."""
    held = incidents.membership
    assert held is not None
    if held.by_place:
        found, area = streets, of_each(held.codes, streets["place"].to_numpy(), NOWHERE)
    elif "place_name" in incidents.everything.columns:
        members = incidents.used & (held.codes >= 0)
        names = incidents.everything["place_name"].array[members]
        found = pd.DataFrame({"place_name": names, "area": held.codes[members], "count": 1})
        found = named_streets(found.dropna())
        area = found["area"].to_numpy()
    else:
        found, area = streets.iloc[:0], np.zeros(0, dtype=np.intp)
    area = of_each(area_ids.get_indexer(held.ids), area, NOWHERE)
    return found.assign(area=area)[area >= 0]


def _busiest_streets(counts: pd.DataFrame, area_ids: pd.Index) -> tuple[pd.Series, pd.Series]:
    """The street with most incidents in each area, and the runner-up; ties go by alphabet."""
    name, texts = pd.factorize(np.asarray(counts["place_name"], dtype=object), sort=True)
    size = max(len(texts), 1)
    pair, pairs = pd.factorize(counts["area"].to_numpy() * size + name)
    total = np.bincount(pair, counts["count"], len(pairs))
    area, name = np.divmod(pairs, size)
    order = np.lexsort((name, -total, area))
    area, street = area[order], texts[name[order]]
    ahead = np.searchsorted(area, area)
    found = np.full((2, len(area_ids)), None, dtype=object)
    for rank, streets in enumerate(found):
        at = np.arange(len(area)) - ahead == rank
        streets[area[at]] = street[at]
    first, second = (pd.Series(streets, index=area_ids, dtype=object) for streets in found)
    return first, second


def _nearest_streets(
    areas: gpd.GeoDataFrame, incidents: Selection, streets: pd.DataFrame
) -> pd.Series:
    """Street of the named incident nearest to the middle of each area."""
    from scipy.spatial import cKDTree

    place, first = np.unique(streets["place"], return_index=True)
    place, first = place[place >= 0], first[place >= 0]
    if not len(place) or not len(areas):
        return pd.Series(UNNAMED, index=areas.index, dtype=object)
    tree = cKDTree(incidents.source.places.metres[place], **QUICKLY_BUILT)
    _, nearest = tree.query(shapely.get_coordinates(areas.geometry.representative_point()))
    named = streets["place_name"].to_numpy()[first[nearest]]
    return pd.Series(named, index=areas.index, dtype=object)


def _wards(areas: gpd.GeoDataFrame, overlaps: pd.DataFrame) -> pd.Series:
    """Name of the ward with most of the area's incidents, else with most of its ground."""
    require_table(overlaps, OVERLAPS, argument="overlaps")
    ward = (overlaps["kind"] == "ward").to_numpy()
    area, zone = (
        pd.factorize(overlaps.index.get_level_values(name)[ward], sort=True) for name in PAIR
    )
    ground, count = (
        overlaps[name].to_numpy()[ward] for name in ("share_of_area", "share_of_count")
    )
    best = np.lexsort((zone[0], -ground, -np.nan_to_num(count), area[0]))
    first = best[np.unique(area[0][best], return_index=True)[1]]
    names = overlaps["zone_name"].to_numpy(dtype=object)[ward][first]
    return pd.Series(names, index=area[1], dtype=object).reindex(areas.index)


def _told_apart(named: gpd.GeoDataFrame, second: pd.Series) -> gpd.GeoDataFrame:
    twins = _twins(named)
    addition = second.where(twins & second.notna())
    named["place_name"] = named["place_name"].mask(
        addition.notna(), named["place_name"] + " / " + addition.fillna("")
    )
    unclear = _twins(named) | named["place_name"].eq(UNNAMED)
    middle = named[unclear].representative_point()
    spots = [f" ({spot})" for spot in place_references(middle.x, middle.y, named.crs)]
    named.loc[unclear, "place_name"] = named.loc[unclear, "place_name"] + spots
    return named


def _twins(named: gpd.GeoDataFrame) -> pd.Series:
    keys = ["place_name", "ward_name"] if "ward_name" in named.columns else ["place_name"]
    return named.duplicated(keys, keep=False)


def street_names(
    incidents: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame | None = None,
    *,
    places: PlaceIndex | None = None,
) -> gpd.GeoDataFrame:
    """Name the map points of published data by their streets, to say where on a map.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table with ``place_name``, of any theme and period.
    within : GeoDataFrame, optional
        A study area; names outside it are left out.
    places : PlaceIndex, optional
        Of the same rows, where it is known.

    Returns
    -------
    GeoDataFrame
        ``name``, ``incident_count`` and a point in metres for each street name, most incidents
        first. Of a name at several points, the one with most incidents.

    Raises
    ------
    InputError
        For a table without ``place_name``.

    Notes
    -----
    Only snapped points of data that were published record by record are named: there the point is
    public, whatever happened at it. It misleads where it is read as a map: a street without an
    incident has no name, and "Park Road" stands in one place of several.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> street_names(incidents)["name"].iloc[0]
    'Boar Lane'
    """
    require_table(incidents, INCIDENTS, argument="incidents", also=["place_name"])
    places = PlaceIndex.of(incidents) if places is None else places
    code, texts = pd.factorize(incidents["place_name"])
    named_here = of_each(_is_street(texts), code, False) & (places.of_row >= 0)
    public = _is_public(incidents) & named_here
    once = _busiest_points(code[public], texts, places.of_row[public])
    x, y = places.metres[once["place"]].T
    shapes = gpd.points_from_xy(x, y, crs=incidents.crs)
    named = gpd.GeoDataFrame(once[["name", "incident_count"]], geometry=shapes)
    if within is not None:
        named = named[inside(named, within)]
    return named.reset_index(drop=True)


def _is_public(incidents: gpd.GeoDataFrame) -> Bools:
    """Rows that are snapped to a map point, and published one by one."""
    published = incidents.get("published", pd.Series(False, index=incidents.index))
    said = published.eq(True).fillna(False).astype(bool)
    public = incidents["location_precision"].eq("snapped") & said
    found: Bools = public.to_numpy(dtype=bool)
    return found


def _busiest_points(code: Codes, texts: pd.Index, place: Codes) -> pd.DataFrame:
    """The place of each name with most incidents: of several the most western, then southern."""
    of_text, names = pd.factorize(pd.Series(texts).str.strip(), sort=True)
    size = int(place.max(initial=0)) + 1
    pairs, count = np.unique(of_text[code] * size + place, return_counts=True)  # by x, then y
    name, place = np.divmod(pairs, size)
    most = np.zeros(len(names), dtype=count.dtype)
    np.maximum.at(most, name, count)
    busy = np.flatnonzero(count == most[name])
    first = busy[np.unique(name[busy], return_index=True)[1]]
    named = {"name": names[name[first]], "incident_count": count[first], "place": place[first]}
    return pd.DataFrame(named).sort_values(["incident_count", "name"], ascending=[False, True])
