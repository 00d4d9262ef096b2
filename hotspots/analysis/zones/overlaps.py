"""How areas, zones, sites and grids lie to one another, and which zones an incident is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import size_of
from hotspots.core.crs import require_metres, require_same_crs
from hotspots.core.grids.adjacency import require_grid
from hotspots.core.points import PlaceIndex, of_each
from hotspots.core.select import Selection, require_members
from hotspots.core.source import Parts
from hotspots.core.tables import AREAS, INCIDENTS, OVERLAPS, TILING_KINDS, ZONES, require_table
from hotspots.core.totals import counts_by, harm_sums, of_a_kind

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Floats, Ints
    from hotspots.core.grids import Grid

PAIR = ["area_id", "zone_id"]

REACH_M = 150.0


def zones_of(incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Which zones each incident lies in.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    zones : GeoDataFrame
        Zones table with ``kind``; zones may overlap one another.

    Returns
    -------
    DataFrame
        One row a pair, columns ``incident_id`` and ``zone_id``. An incident can be in several
        zones, or in none; each distinct coordinate is tested once.

    Raises
    ------
    InputError
        When a column is lacking, or the coordinate systems differ.

    Notes
    -----
    A border belongs to a zone; where zones tile the ground (wards, statistical areas), to the first
    of them by id. It misleads on snapped data: a map point on a border stands for both sides.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> here = gpd.GeoDataFrame(index=["i1", "i2"], geometry=[Point(1, 1), Point(9, 1)], crs=27700)
    >>> squares = [box(0, 0, 2, 2), box(0, 0, 10, 2)]
    >>> orders = gpd.GeoDataFrame({"kind": "pspo"}, ["o1", "o2"], geometry=squares, crs=27700)
    >>> zones_of(here, orders).values.tolist()
    [['i1', 'o1'], ['i1', 'o2'], ['i2', 'o2']]
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["geometry"])
    require_table(zones, ZONES, argument="zones", only=["kind", "geometry"])
    require_same_crs(incidents, zones, ("incidents", "zones"))
    places = PlaceIndex.of(incidents)
    row = np.flatnonzero(places.of_row >= 0)
    pair, zone = _pairs(places.of_row[row], places, zones)
    ids = pd.Series(zones.index.to_numpy()).take(zone)
    return pd.DataFrame({"incident_id": incidents.index[row[pair]], "zone_id": ids.array})


def parts_in_zones(incidents: Selection, zones: gpd.GeoDataFrame) -> Parts:
    """The incidents counted by zone; one in several zones counts in each, one in none nowhere."""
    require_table(zones, ZONES, argument="zones", only=["kind", "geometry"])
    source = incidents.source
    require_same_crs(source, zones, ("incidents", "zones"))
    line = np.flatnonzero(incidents.counts)
    pair, zone = _pairs(source.tally.place[line], source.places, zones)
    held = line[pair]
    return Parts(source.tally, zones.index, held, zone, incidents.counts[held])


def relate_to_zones(
    areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, incidents: Selection
) -> pd.DataFrame:
    """How areas and zones overlap, on the ground and in incidents.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table.
    zones : GeoDataFrame
        Zones table; may overlap one another.
    incidents : Selection
        The incidents the areas were made from, with their areas. Shares of count and harm come from
        these, never from drawn polygons.

    Returns
    -------
    DataFrame
        Overlaps table on (``area_id``, ``zone_id``): ``share_of_area`` and ``share_of_zone`` on the
        ground, ``share_of_count`` and ``share_of_harm`` of the area's incidents inside the zone,
        with ``zone_name`` and ``kind`` of the zone.

    Raises
    ------
    InputError
        For incidents that are not those the areas were made from.

    Notes
    -----
    Zones may overlap, so the shares of one area can add up to more than 1. It misleads on snapped
    data, where a map point on a border street stands for addresses on either side.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> everything = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), hs.H3Grid(8))
    >>> cells = hs.aggregate_to_cells(everything).nlargest(1, "incident_count")
    >>> hs.relate_to_zones(cells, wards, everything)[["zone_name", "share_of_count"]].round(2)
                                               zone_name  share_of_count
    area_id         zone_id
    881942c5d7fffff E05011399        Hunslet & Riverside            0.18
                    E05011403  Little London & Woodhouse            0.82
    """
    require_table(areas, AREAS, argument="areas", only=["geometry"])
    require_table(zones, ZONES, argument="zones", only=["zone_name", "kind", "geometry"])
    require_same_crs(areas, zones, ("areas", "zones"))
    require_members(areas, incidents)
    require_same_crs(incidents.source, zones, ("incidents", "zones"))
    ground = _ground(areas, zones, incidents)
    parts = incidents.parts.in_order_of(areas.index)
    part, zone = _pairs(parts.place, incidents.source.places, zones)
    many = max(len(zones), 1)
    inside, code = np.unique(parts.area[part] * many + zone, return_inverse=True)
    in_both = replace(parts, line=parts.line[part], area=code, count=parts.count[part])
    held, harm = _count_and_harm(in_both, len(inside))
    count, all_harm = _count_and_harm(parts, len(areas))
    touching = _positions(ground.index, 0, areas.index) * many
    touching += _positions(ground.index, 1, zones.index)
    pairs, at_ground, at_inside = _in_either(touching, inside, areas.index, zones.index)
    area_of, zone_of = np.divmod(pairs, many)
    columns = {name: np.zeros(len(pairs)) for name in ground.columns}
    for name, shares in columns.items():
        shares[at_ground] = ground[name].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, some, whole, nothing in (
            ("count", held, count, 0.0),
            # Where nothing could be weighed the share of harm is unknown, not none.
            ("harm", harm, all_harm, np.nan),
        ):
            found = np.full(len(pairs), nothing)
            found[at_inside] = some
            columns[f"share_of_{name}"] = found / whole[area_of]
    index = pd.MultiIndex.from_arrays([areas.index[area_of], zones.index[zone_of]], names=PAIR)
    overlaps = pd.DataFrame(columns, index=index)
    for name in ("zone_name", "kind"):
        overlaps[name] = zones[name].take(zone_of).to_numpy()
    return overlaps[OVERLAPS.names]


def sites_near(
    areas: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, reach_m: float = REACH_M
) -> pd.DataFrame:
    """Which sites stand within reach of which areas.

    Parameters
    ----------
    areas : GeoDataFrame
        By ``area_id``, in metres.
    sites : GeoDataFrame
        Points with ``kind`` and ``zone_name``, as :func:`hotspots.zones.sites` makes them.
    reach_m : float
        How far from the edge of an area.

    Returns
    -------
    DataFrame
        A row for each area and site, ``area_id``, ``kind``, ``zone_name``, ``distance_m`` (0
        inside): areas in their order, the nearest site first, then by kind and name.

    Raises
    ------
    InputError
        For a reach that is not above 0, and tables that are not in one metric system.

    Notes
    -----
    It misleads where it is read as a cause: sites stand where people are, and so do incidents. It
    says nothing about what was not listed, and distances are as the crow flies.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> places = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 100, 100)], crs=27700)
    >>> halls = gpd.GeoDataFrame({"kind": "hall", "zone_name": ["In", "By", "Far"]},
    ...     geometry=[Point(50, 50), Point(140, 50), Point(300, 50)], crs=27700)
    >>> sites_near(places, halls)[["zone_name", "distance_m"]].values.tolist()
    [['In', 0.0], ['By', 40.0]]
    """
    reach_m = size_of(reach_m, "reach_m")
    require_metres(areas, "areas")
    require_same_crs(areas, sites, ("areas", "sites"))
    shapes = np.asarray(areas.geometry)
    area, site = sites.sindex.query(shapes, predicate="dwithin", distance=reach_m)
    near = pd.DataFrame(
        {
            "area_id": np.asarray(areas.index, dtype=object)[area],
            "kind": sites["kind"].to_numpy(dtype=object)[site],
            "zone_name": sites["zone_name"].to_numpy(dtype=object)[site],
            "distance_m": shapely.distance(np.asarray(sites.geometry)[site], shapes[area]),
            "order": area,
        }
    )
    by = ["order", "distance_m", "kind", "zone_name"]
    return near.sort_values(by, kind="stable", ignore_index=True).drop(columns="order")


def _count_and_harm(parts: Parts, size: int) -> tuple[Ints, Floats]:
    """Incidents and harm of the areas of parts; harm is missing where nothing can be weighed."""
    held = of_a_kind(parts, size)
    key, count = held.area, held.count
    harm = np.full(size, np.nan)
    if "harm" in held.columns:
        weight = held.of_kind("harm")
        known = ~pd.isna(weight)
        weighed = counts_by(key[known], count[known], size) > 0
        harm[weighed] = harm_sums(key[known], count[known], weight[known], size)[weighed]
    return counts_by(key, count, size), harm


def _positions(pairs: pd.Index, level: int, ids: pd.Index) -> Codes:
    """Where the areas, or the zones, of pairs stand in their table."""
    assert isinstance(pairs, pd.MultiIndex)
    return ids.get_indexer(pairs.levels[level])[pairs.codes[level]]


def _in_either(
    one: Codes, other: Codes, area_ids: pd.Index, zone_ids: pd.Index
) -> tuple[Codes, Codes, Codes]:
    """Pairs that either holds, by id of area, then zone, and where those of each stand in them."""
    pairs, position = np.unique(np.concatenate([one, other]), return_inverse=True)
    if not np.array_equal(one, other):
        area, zone = np.divmod(pairs, max(len(zone_ids), 1))
        by_id = [
            pd.factorize(ids, sort=True)[0][at] for ids, at in ((zone_ids, zone), (area_ids, area))
        ]
        order = np.lexsort(by_id)
        pairs, position = pairs[order], np.argsort(order)[position]
    return pairs, position[: len(one)], position[len(one) :]


def _pairs(place: Codes, places: PlaceIndex, zones: gpd.GeoDataFrame) -> tuple[Codes, Codes]:
    """Which of these are in which zone, each known by its place; those nowhere are in none."""
    many, zone = places.once("zones", zones, lambda: _places_in_zones(places, zones))
    held = of_each(many, place, 0)
    pair = np.repeat(np.arange(len(place)), held)
    ahead = of_each(np.cumsum(many) - many, place, 0) - (np.cumsum(held) - held)
    return pair, zone[ahead[pair] + np.arange(len(pair))]


def _places_in_zones(places: PlaceIndex, zones: gpd.GeoDataFrame) -> tuple[Codes, Codes]:
    """In how many zones each place is, and those zones, place after place.

    In tiling kinds a place on a border is in the first zone by id.
    """
    size = len(places.places)
    taken: dict[str, Bools] = {}
    pairs = [np.zeros(0, dtype=np.intp)]
    squares, outlines, kinds = places.squares, zones.geometry.to_numpy(), zones["kind"].tolist()
    for column in np.argsort(zones.index.astype(str).to_numpy(), kind="stable"):
        hit, kind = squares.inside(outlines[column]), kinds[column]
        if kind in TILING_KINDS:
            before = taken.setdefault(kind, np.zeros(size, dtype=bool))
            hit = hit[~before[hit]]
            before[hit] = True
        pairs.append(hit * len(zones) + column)
    place, zone = np.divmod(np.sort(np.concatenate(pairs)), max(len(zones), 1))
    return np.bincount(place, minlength=size), zone


def _ground(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, incidents: Selection) -> pd.DataFrame:
    """The shares of the ground; of cells, which every theme and period has, worked out once."""
    if incidents.grid is None:
        return ground_shares(areas, zones)
    shapes = [areas[[areas.geometry.name]], zones[[zones.geometry.name]]]
    found: pd.DataFrame = incidents.source.places.for_good(
        "shares of ground", shapes, lambda: ground_shares(areas, zones)
    )
    return found


def ground_shares(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """How much of the ground of areas and zones they have in common, a row a pair that has any."""
    outlines = np.asarray(zones.geometry.array)
    if len(areas) > len(zones):  # the fewer of both are asked, since they are prepared for it
        tree = shapely.STRtree(np.asarray(areas.geometry.array))
        zone_of, area_of = tree.query(outlines, predicate="intersects")
        order = np.lexsort((zone_of, area_of))
        area_of, zone_of = area_of[order], zone_of[order]
    else:
        area_of, zone_of = zones.sindex.query(areas.geometry, predicate="intersects")
    one = np.asarray(areas.geometry.array)[area_of]
    shapely.prepare(outlines)
    other = outlines[zone_of]
    common = shapely.area(one)
    edge = ~shapely.contains(other, one)
    common[edge] = shapely.area(shapely.intersection(one[edge], other[edge]))
    index = pd.MultiIndex.from_arrays([areas.index[area_of], zones.index[zone_of]], names=PAIR)
    shares = pd.DataFrame(
        {
            "share_of_area": common / shapely.area(one),
            "share_of_zone": common / shapely.area(other),
        },
        index=index,
    )
    touching: pd.DataFrame = shares[common > 0].clip(upper=1.0)
    return touching


SLIVER_SHARE = 1e-9


def grid_overlaps(grid: Grid, other: Grid, within: gpd.GeoDataFrame) -> pd.DataFrame:
    """How the cells of two grids overlap on the ground.

    Parameters
    ----------
    grid, other : Grid
        For instance ``HexGrid(350)`` and ``PolygonCells(their_hexagons)``.
    within : GeoDataFrame
        Study area: only cells that touch it are compared, each whole.

    Returns
    -------
    DataFrame
        On (``area_id``, ``other_id``), sorted: ``share_of_area`` and ``share_of_other`` of the
        ground of each that lies in the other.

    Raises
    ------
    InputError
        For a study area that is not in metres.

    Notes
    -----
    Identifiers of two grids of nearly the same size cannot be joined; this table says which cell of
    theirs is mostly which of ours. It misleads where counts are carried over by shares of ground:
    incidents are not spread evenly, so count them anew in the other grid.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from hotspots.core.grids import SquareGrid
    >>> town = gpd.GeoDataFrame(geometry=[box(10, 10, 190, 90)], crs=27700)
    >>> grid_overlaps(SquareGrid(100), SquareGrid(200), town)
                                    share_of_area  share_of_other
    area_id        other_id
    sq100-E0N0     sq200-E0N0                 1.0            0.25
    sq100-E100N0   sq200-E0N0                 1.0            0.25
    """
    require_metres(within, "within")
    require_grid(grid, other)
    ground = within.geometry.union_all()
    ids, others = (np.asarray(one.cover(ground, within.crs)) for one in (grid, other))
    mine, its = grid.polygons(ids, within.crs), other.polygons(others, within.crs)
    there, here = shapely.STRtree(mine).query(its, predicate="intersects")
    common = shapely.area(shapely.intersection(mine[here], its[there]))
    table = pd.DataFrame(
        {
            "area_id": ids[here],
            "other_id": others[there],
            "share_of_area": common / shapely.area(mine[here]),
            "share_of_other": common / shapely.area(its[there]),
        }
    )
    table = table[table["share_of_area"] > SLIVER_SHARE]
    return table.set_index(["area_id", "other_id"]).sort_index()
