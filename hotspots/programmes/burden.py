"""Burden beside benefit: who lives in areas of work, and what they carry already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import listed, require_made
from hotspots.core.crs import coordinates, in_system_of, require_metres, require_same_crs
from hotspots.core.errors import InputError, listing, require
from hotspots.core.points import lies_in
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.io.typed_tables import ACTIVITY
from hotspots.report.text.section_words import DEPRIVED, zones_touched

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

GROUND = ("ward", "district")
"""Kinds of zone that are only where a place is; all others are orders, operations and the like."""
HOURS, *DONE = ACTIVITY
PER_HOURS = 100
RESIDENTS = "population"
MOST_DEPRIVED = 2
"""Deciles that count as the most deprived."""


def burden_beside(
    areas: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame | None = None,
    *,
    deprivation: str | None = None,
    groups: Sequence[str] = (),
    zones: Iterable[gpd.GeoDataFrame] = (),
    activity: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Set beside each area who lives there, what else is in force there, and what is done there.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas that are to be patrolled or worked in.
    homes : GeoDataFrame, optional
        Polygons that cover the city once, with residents in ``population``.
    deprivation : str, optional
        Column of ``homes`` with the decile of deprivation (1 the most deprived).
    groups : sequence of str
        Columns of ``homes`` with the residents of each group.
    zones : iterable of GeoDataFrame
        Orders, operations and other zones; wards and districts are left out.
    activity : DataFrame, optional
        By ``area_id``: ``patrol_hours``, and any of ``searches``, ``arrests``, ``finds``.

    Returns
    -------
    GeoDataFrame
        A copy with ``overlaps_with`` in words and, as far as the data were given, ``residents``
        (people), ``deprivation_decile`` (mean over residents), ``share_<group>`` of the residents,
        ``<searches>_per_100_hours`` (missing without hours). What was not given is no column, and
        no zero.

    Raises
    ------
    InputError
        For tables without the columns named, or in another coordinate system.

    Notes
    -----
    Residents are spread evenly over their polygon, and are not who is in the street at night. Few
    hours make a rate of anything: read the hours beside it. It is a question for an equality
    assessment, not its answer.

    References
    ----------
    Public sector equality duty, Equality Act 2010, section 149.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 100, 50)], crs=27700)
    >>> homes = gpd.GeoDataFrame({"population": [200], "imd": [2]}, geometry=[box(0, 0, 100, 100)],
    ...                          crs=27700)
    >>> done = pd.DataFrame({"patrol_hours": [50], "searches": [4]}, index=["a"])
    >>> beside = burden_beside(areas, homes, deprivation="imd", activity=done)
    >>> beside.loc["a", ["residents", "deprivation_decile", "searches_per_100_hours"]].tolist()
    [100.0, 2.0, 8.0]
    """
    require_table(areas, AREAS, argument="areas", only=["geometry"])
    found, groups = areas.copy(), listed(groups, "groups")
    if homes is not None:
        _check(areas, homes, [*groups, deprivation])
        share = _shares(areas, homes)
        people = share * homes[RESIDENTS].to_numpy(dtype=float)
        found["residents"] = people.sum(axis=1)
        whole = np.where(found["residents"] > 0, found["residents"], np.nan)
        if deprivation:
            found["deprivation_decile"] = people @ homes[deprivation].to_numpy(dtype=float) / whole
        for group in groups:
            found[f"share_{group}"] = share @ homes[group].to_numpy(dtype=float) / whole
    for number, one in enumerate(zones := listed(zones, "zones")):
        require_table(one, ZONES, argument=f"zones[{number}]", only=["kind"])
    others = [in_system_of(areas, one[~one["kind"].isin(GROUND)]) for one in zones]
    found["overlaps_with"] = pd.Series(
        [_touched(shape, others) for shape in found.geometry], index=found.index, dtype=object
    )
    return found if activity is None else found.join(_rates(activity), how="left")


def who_lives_there(
    areas: gpd.GeoDataFrame,
    population: gpd.GeoDataFrame,
    *,
    groups: Sequence[str] = (),
    deprivation: str | None = None,
) -> pd.DataFrame:
    """Who lives in the areas, against everybody in the population table.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table; together they are counted once, even where they overlap.
    population : GeoDataFrame
        Polygons (for instance LSOAs) that cover the city once, with residents in ``population``.
    groups : sequence of str
        Columns with the residents of each group.
    deprivation : str, optional
        Column with the decile of deprivation: the last row is then of the two most deprived.

    Returns
    -------
    DataFrame
        One row a group, all residents first: ``in_areas``, ``in_city`` (people),
        ``share_in_areas``, ``share_in_city`` (of all residents there) and ``ratio`` of the two
        shares; above 1 the group lives in the areas more than elsewhere.

    Raises
    ------
    InputError
        For a population without the columns asked for, or in another coordinate system.

    Notes
    -----
    Residents are spread evenly over the ground of their polygon, which is wrong where half of it is
    a park; and residents are not who is in the street on a Saturday night. It is a question for an
    equality assessment, not its answer.

    References
    ----------
    Public sector equality duty, Equality Act 2010, section 149. Areal weighting: Goodchild and Lam
    (1980), Areal interpolation: a variant of the traditional spatial problem, Geo-Processing 1.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 50)], crs=27700)
    >>> homes = gpd.GeoDataFrame({"population": [200, 800], "under_25": [100, 200]},
    ...     geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=27700)
    >>> who_lives_there(areas, homes, groups=["under_25"])["in_areas"].tolist()
    [100.0, 50.0]
    """
    require_table(areas, AREAS, argument="areas", only=["geometry"])
    groups = listed(groups, "groups")
    _check(areas, population, [*groups, deprivation], "population")
    columns = [RESIDENTS, *groups]
    if deprivation:
        poorest = population[deprivation].astype(float) <= MOST_DEPRIVED
        population = population.assign(**{DEPRIVED: population[RESIDENTS].where(poorest, 0)})
        columns.append(DEPRIVED)
    outlines = np.asarray(population.geometry.array)
    ground = areas.geometry.union_all()
    share = shapely.area(shapely.intersection(outlines, ground)) / shapely.area(outlines)
    people = population[columns].astype(float)
    table = pd.DataFrame(
        {"in_areas": people.mul(share, axis=0).sum(), "in_city": people.sum()},
    ).rename_axis("group")
    for where in ("areas", "city"):
        everybody = float(people[RESIDENTS].mul(share if where == "areas" else 1.0).sum())
        table[f"share_in_{where}"] = table[f"in_{where}"] / (everybody or np.nan)
    table["ratio"] = table["share_in_areas"] / table["share_in_city"].replace(0.0, np.nan)
    return table


def count_beside(
    areas: gpd.GeoDataFrame, activities: Mapping[str, gpd.GeoDataFrame]
) -> gpd.GeoDataFrame:
    """Count what was done in each area, beside its incidents.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table.
    activities : mapping of str to GeoDataFrame
        For instance ``{"stops": stops, "arrests": arrests, "weapons": finds, "fpns": notices}``:
        points in the coordinate system of the areas. Where a table has ``occurred_from``, only what
        lies in the area's period counts.

    Returns
    -------
    GeoDataFrame
        A copy with ``<name>_count`` and ``<name>_per_100_incidents`` (missing without incidents). A
        point on the border of two areas counts in the first of them.

    Raises
    ------
    InputError
        For points in another coordinate system than the areas.

    Notes
    -----
    What is done in a place changes what is found there: more stops find more weapons. Neither
    column says that the one caused the other.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> areas = gpd.GeoDataFrame({"incident_count": [50]}, geometry=[box(0, 0, 9, 9)], crs=27700)
    >>> stops = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(2, 2), Point(99, 99)], crs=27700)
    >>> count_beside(areas, {"stops": stops})["stops_per_100_incidents"].tolist()
    [4.0]
    """
    require_table(areas, AREAS, argument="areas", only=["incident_count", "geometry"])
    counted = areas.copy()
    geometry = counted.pop(str(areas.geometry.name))
    require_made("activities", activities, Mapping, '{"stops": stops}')
    for name, points in activities.items():
        require_same_crs(areas, points, ("areas", name))
        counted[f"{name}_count"] = _inside(areas, points)
        per = counted["incident_count"].where(counted["incident_count"] > 0)
        counted[f"{name}_per_100_incidents"] = 100 * counted[f"{name}_count"] / per
    return counted.set_geometry(geometry)


def _check(
    areas: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame,
    columns: Sequence[str | None],
    argument: str = "homes",
) -> None:
    require_metres(homes, argument)
    require_same_crs(areas, homes, ("areas", argument))
    held = [*homes.columns]  # what cannot be the name of a column may be asked for, too
    missing = [name for name in filter(None, [RESIDENTS, *columns]) if name not in held]
    if missing:
        raise InputError(
            f"`{argument}` must have the column(s) {listing(missing)}; it has "
            f"{listing(homes.columns, most=30)}.",
            rule="burden-columns",
        )


def _shares(areas: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> Any:
    """Of each polygon of homes (column), how much of its ground lies in each area (row)."""
    outlines = np.asarray(homes.geometry.array)
    pairs = areas.sindex.query(outlines, predicate="intersects")
    held = np.zeros((len(areas), len(homes)))
    home, area = pairs
    shapes = np.asarray(areas.geometry.array)
    common = shapely.area(shapely.intersection(outlines[home], shapes[area]))
    held[area, home] = common / shapely.area(outlines[home])
    return held


def _touched(shape: Any, zones: list[gpd.GeoDataFrame]) -> str:
    touching = (table[table.intersects(shape).to_numpy()] for table in zones)
    return zones_touched(zone for table in touching for _, zone in table.iterrows())


def _rates(activity: pd.DataFrame) -> pd.DataFrame:
    require_made("activity", activity, pd.DataFrame, "read_activity(path)")
    known = [name for name in DONE if name in activity]
    require(
        HOURS in activity and bool(known) and activity.index.is_unique,
        f"`activity` needs one row an area, {HOURS} and any of {listing(DONE)}; it has "
        f"{listing(activity.columns, most=30)}.",
        rule="burden-activity",
    )
    hours = activity[HOURS].astype(float)
    rates = {
        f"{name}_per_{PER_HOURS}_hours": PER_HOURS * activity[name] / hours.where(hours > 0)
        for name in known
    }
    return pd.DataFrame({HOURS: hours} | rates)


def _inside(areas: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> NDArray[np.int64]:
    x, y = coordinates(points.geometry)
    free = np.isfinite(x)
    dated = "occurred_from" in points.columns and "period_from" in areas.columns
    counts = np.zeros(len(areas), dtype=np.int64)
    for position, outline in enumerate(areas.geometry):
        hit = free & lies_in(outline, x, y)
        free &= ~hit
        if dated:
            when = points["occurred_from"]
            row = areas.iloc[position]
            hit &= ((when >= row["period_from"]) & (when < row["period_until"])).to_numpy()
        counts[position] = int(hit.sum())
    return counts
