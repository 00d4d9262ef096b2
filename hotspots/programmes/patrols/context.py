"""Other facts beside the areas: who lives there, and what was done there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates, require_metres, require_same_crs
from hotspots.core.errors import InputError, listing
from hotspots.core.points import lies_in
from hotspots.core.tables import AREAS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


def who_lives_there(
    areas: gpd.GeoDataFrame,
    population: gpd.GeoDataFrame,
    *,
    residents: str = "population",
    groups: Sequence[str],
) -> pd.DataFrame:
    """Who lives in the areas, against everybody in the population table.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table; together they are counted once, even where they overlap.
    population : GeoDataFrame
        Polygons (for instance LSOAs) that cover the city once, with numbers of residents.
    residents : str
        Column with all residents.
    groups : sequence of str
        Columns with the residents of each group.

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
    import shapely

    require_table(areas, AREAS, argument="areas", only=["geometry"])
    require_metres(population, "population")
    require_same_crs(areas, population, ("areas", "population"))
    columns = [residents, *groups]
    missing = [name for name in columns if name not in population.columns]
    if missing:
        raise InputError(
            f"`population` must have the column(s) {listing(missing)}; it has "
            f"{listing(population.columns, most=30)}."
        )
    outlines = np.asarray(population.geometry.array)
    ground = areas.geometry.union_all()
    share = shapely.area(shapely.intersection(outlines, ground)) / shapely.area(outlines)
    people = population[columns].astype(float)
    table = pd.DataFrame(
        {"in_areas": people.mul(share, axis=0).sum(), "in_city": people.sum()},
    ).rename_axis("group")
    for where in ("areas", "city"):
        everybody = float(people[residents].mul(share if where == "areas" else 1.0).sum())
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
    for name, points in activities.items():
        require_same_crs(areas, points, ("areas", name))
        counted[f"{name}_count"] = _inside(areas, points)
        per = counted["incident_count"].where(counted["incident_count"] > 0)
        counted[f"{name}_per_100_incidents"] = 100 * counted[f"{name}_count"] / per
    return counted.set_geometry(geometry)


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
