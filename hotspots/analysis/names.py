"""Names people use for areas: the street most incidents are on, and the ward; and the streets.

Never a cell code, and never "Supermarket".
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.crs import grid_squares, in_system_of, require_same_crs
from hotspots.core.data import DEFINITIONS
from hotspots.core.points import NOWHERE, PlaceIndex, inside, of_each
from hotspots.core.schema import Table, read_toml
from hotspots.core.select import Selection, require_members
from hotspots.core.tables import AREAS, INCIDENTS, OVERLAPS, require_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

PlacesT = TypeVar("PlacesT", bound=pd.DataFrame)
GENERIC_PLACES = DEFINITIONS / "generic_places.toml"
UNNAMED = "unnamed place"


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
    streets = named_streets(incidents.source.tally.streets)
    first, second = _busiest_streets(_by_area(streets, incidents), areas.index)
    named["place_name"] = first.fillna(_nearest_streets(areas[first.isna()], incidents, streets))
    if incidents.grid is not None and "place_name" in areas.columns:
        named["place_name"] = areas["place_name"].fillna(named["place_name"])
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
    known = pd.Series(np.asarray(texts, dtype=object)).str.strip()
    named = ~known.str.casefold().isin(generic_places()) & (known != "")
    return streets[np.append(named.to_numpy(dtype=bool), True)[code]]


def _by_area(streets: pd.DataFrame, incidents: Selection) -> pd.DataFrame:
    """How often each street stands in each area; in cells whatever the theme and period."""
    held = incidents.membership
    assert held is not None
    if held.by_place:
        area = of_each(held.codes, streets["place"].to_numpy(), NOWHERE)
        return streets.assign(area_id=pd.Categorical.from_codes(area, held.ids))
    everything = incidents.everything
    if "place_name" not in everything.columns:
        return streets.iloc[:0].assign(area_id=None)
    members = incidents.used & (held.codes >= 0)
    clusters = pd.Categorical.from_codes(held.codes[members], held.ids)
    streets_of = everything["place_name"].array[members]
    pairs = pd.DataFrame({"area_id": clusters, "place_name": streets_of})
    found = pairs.groupby(["area_id", "place_name"], observed=True).size().rename("count")
    return named_streets(found.reset_index().astype({"area_id": object}))


def _busiest_streets(counts: pd.DataFrame, area_ids: pd.Index) -> tuple[pd.Series, pd.Series]:
    """The street with most incidents in each area, and the runner-up; ties go by alphabet."""
    pairs = counts.groupby(["area_id", "place_name"], sort=False, observed=True)["count"].sum()
    counts = pairs.reset_index().astype({"area_id": object})
    ordered = counts.sort_values(["area_id", "count", "place_name"], ascending=[True, False, True])
    rank = ordered.groupby("area_id").cumcount()
    first, second = (
        ordered[rank == which].set_index("area_id")["place_name"].reindex(area_ids).astype(object)
        for which in (0, 1)
    )
    return first, second


def _nearest_streets(
    areas: gpd.GeoDataFrame, incidents: Selection, streets: pd.DataFrame
) -> pd.Series:
    """Street of the named incident nearest to the middle of each area."""
    from scipy.spatial import cKDTree

    known = streets[streets["place"] >= 0].drop_duplicates("place")
    if not len(known) or not len(areas):
        return pd.Series(UNNAMED, index=areas.index, dtype=object)
    metres = incidents.source.places.metres[known["place"]]
    middle = areas.geometry.representative_point()
    _, nearest = cKDTree(metres).query(np.column_stack([middle.x, middle.y]))
    return pd.Series(known["place_name"].to_numpy()[nearest], index=areas.index, dtype=object)


def _wards(areas: gpd.GeoDataFrame, overlaps: pd.DataFrame) -> pd.Series:
    """Name of the ward with most of the area's incidents, else with most of its ground."""
    require_table(overlaps, OVERLAPS, argument="overlaps")
    shares = overlaps[overlaps["kind"] == "ward"].reset_index().fillna({"share_of_count": 0.0})
    best = shares.sort_values(
        ["share_of_count", "share_of_area", "zone_id"], ascending=[False, False, True]
    ).drop_duplicates("area_id")
    names = pd.Series(best["zone_name"].to_numpy(), index=best["area_id"], dtype=object)
    return names.reindex(areas.index)


def _told_apart(named: gpd.GeoDataFrame, second: pd.Series) -> gpd.GeoDataFrame:
    twins = _twins(named)
    addition = second.where(twins & second.notna())
    named["place_name"] = named["place_name"].mask(
        addition.notna(), named["place_name"] + " / " + addition.fillna("")
    )
    unclear = _twins(named) | named["place_name"].eq(UNNAMED)
    middle = named[unclear].representative_point()
    spots = [f" ({square})" for square in grid_squares(middle.x, middle.y, named.crs)]
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
    located = places.of_row >= 0
    public = _is_public(incidents) & located & incidents["place_name"].notna().to_numpy()
    known = pd.DataFrame({"place_name": incidents["place_name"].array, "place": places.of_row})
    once = _busiest_points(named_streets(known[public]))
    x, y = places.metres[once["place"]].T
    shapes = gpd.points_from_xy(x, y, crs=incidents.crs)
    named = gpd.GeoDataFrame(once[["name", "incident_count"]], geometry=shapes)
    if within is not None:
        named = named[inside(named, in_system_of(named, within))]
    return named.reset_index(drop=True)


def _is_public(incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows that are snapped to a map point, and published one by one."""
    published = incidents.get("published", pd.Series(False, index=incidents.index))
    said = published.eq(True).fillna(False).astype(bool)
    public = incidents["location_precision"].eq("snapped") & said
    found: NDArray[np.bool_] = public.to_numpy(dtype=bool)
    return found


def _busiest_points(known: pd.DataFrame) -> pd.DataFrame:
    """The place of each name with most incidents: of several the most western, then southern."""
    code, texts = pd.factorize(known["place_name"])
    of_text, names = pd.factorize(pd.Series(texts).str.strip(), sort=True)
    size = int(known["place"].max()) + 1 if len(known) else 1
    keys = of_text[code] * size + known["place"].to_numpy()
    pairs, count = np.unique(keys, return_counts=True)  # places are sorted by x, then y
    name, place = np.divmod(pairs, size)
    most = np.zeros(len(names), dtype=count.dtype)
    np.maximum.at(most, name, count)
    busy = np.flatnonzero(count == most[name])
    first = busy[np.unique(name[busy], return_index=True)[1]]
    named = {"name": names[name[first]], "incident_count": count[first], "place": place[first]}
    return pd.DataFrame(named).sort_values(["incident_count", "name"], ascending=[False, True])
