"""Candidate areas, given or grown, and which incidents lie in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.regions import (
    Reach,
    choose_grid,
    gather_blocks,
    grow_places,
    pack_places,
    too_close,
)
from hotspots.core.crs import coordinates, require_same_crs
from hotspots.core.errors import InputError, listing, require
from hotspots.core.points import distinct_places, square_ids
from hotspots.core.tables import AREAS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid

NAME_COLUMNS = ("place_name", "area_name", "zone_name")
BLOCK_SHARE = 0.2
MOST_GROWN = 40
MOST_SEEDS = 600


@dataclass(frozen=True)
class Candidates:
    """Areas to compare: a table with ``name``, and which incidents lie in each (sparse)."""

    table: pd.DataFrame
    inside: Any

    def labels(self, index: pd.Index) -> pd.Series:
        """The first candidate each incident lies in; missing for none."""
        matrix = self.inside.tocsr()
        somewhere = np.diff(matrix.indptr) > 0
        found = np.full(matrix.shape[0], None, dtype=object)
        first = matrix.indices[matrix.indptr[:-1][somewhere]]
        found[somewhere] = self.table.index.to_numpy(dtype=object)[first]
        return pd.Series(found, index=index, name="area_id", dtype=object)


def given_areas(
    areas: gpd.GeoDataFrame, used: gpd.GeoDataFrame, max_area_km2: float | None
) -> Candidates:
    """Polygons to compare, in order of id; a point on the border of two lies in both."""
    import shapely

    require_table(areas, AREAS, argument="candidates", only=["geometry"])
    require_same_crs(used, areas, ("incidents", "candidates"))
    areas = areas.iloc[np.argsort(areas.index.astype(str).to_numpy(), kind="stable")]
    table = areas.rename_axis("area_id").assign(
        name=_names(areas), area_km2=areas.geometry.area / 1e6
    )
    if max_area_km2 is not None:
        _require_budget(table, max_area_km2)
    x, y = coordinates(used.geometry)
    places, inverse = distinct_places(x, y)
    points = shapely.points(places / 1000)
    area, place = shapely.STRtree(points).query(areas.geometry.array, predicate="intersects")
    hits = _sparse(place, area, (len(places), len(areas)))
    return Candidates(table, hits[inverse] if len(inverse) else _sparse([], [], (0, len(areas))))


def given_labels(labels: pd.Series, incidents: gpd.GeoDataFrame, used: NDArray[Any]) -> Candidates:
    """Labels to compare, one each incident; missing for incidents outside every candidate."""
    strangers = len(labels.index.difference(incidents.index))
    require(
        strangers == 0 and labels.index.is_unique,
        f"`candidates` as labels must have the index of `incidents`, each once; {strangers:,} of "
        f"{len(labels):,} are unknown. Make them with label_cells or label_clusters.",
    )
    mine = labels.reindex(incidents.index)[used]
    codes, ids = pd.factorize(mine, sort=True)
    held = np.flatnonzero(codes >= 0)
    table = pd.DataFrame({"name": [str(name) for name in ids]}, index=pd.Index(ids, name="area_id"))
    return Candidates(table, _sparse(held, codes[held], (len(mine), len(ids))))


def grown_areas(
    used: gpd.GeoDataFrame, grid: Grid | None, max_area_km2: float, max_walk_m: float
) -> Candidates:
    """Neighbourhoods grown from the busiest blocks, at most forty, none overlapping another."""
    import geopandas as gpd
    import shapely

    blocks = gather_blocks(used, choose_grid(used)[0] if grid is None else grid)
    if len(blocks) and blocks.area_km2.min() > max_area_km2:
        raise InputError(
            f"one block has {blocks.area_km2.min():.3f} km2, more than a candidate may have "
            f"(`max_area_km2`={max_area_km2:g}). Allow more, or pass a finer `grid`."
        )
    worth = blocks.count.astype(float)
    every = np.ones(len(blocks), dtype=bool)
    reach = Reach(max_area_km2, max_walk_m, BLOCK_SHARE)
    places = grow_places(blocks, worth, reach, every, MOST_SEEDS)
    close = too_close(blocks, np.arange(len(blocks)), 0.0)
    chosen = pack_places(places, close, MOST_GROWN, time_limit_s=1.0, exact=False).chosen
    owner = np.full(len(blocks), -1, dtype=np.intp)
    shapes = []
    for number, place in enumerate(chosen):
        rows = places.blocks_of(place)
        owner[rows] = number
        shapes.append(shapely.union_all(blocks.outline[rows], grid_size=0.001))
    outlines = gpd.GeoSeries(shapes, crs=used.crs)
    table = gpd.GeoDataFrame({"area_km2": outlines.area / 1e6}, geometry=outlines)
    table.index = square_ids(outlines, "candidate")
    table["name"] = table.index.astype(object)
    mine = owner[blocks.of]
    held = np.flatnonzero(mine >= 0)
    return Candidates(table, _sparse(held, mine[held], (len(used), len(table))))


def _names(areas: gpd.GeoDataFrame) -> pd.Series:
    """The first column of names there is, else the id."""
    names = pd.Series(areas.index.astype(str), index=areas.index, dtype=object)
    for column in reversed(NAME_COLUMNS):
        if column in areas.columns:
            known = areas[column].astype(object)
            names = known.where(known.notna() & (known != ""), names)
    return names


def _require_budget(table: pd.DataFrame, max_area_km2: float) -> None:
    large = table[table["area_km2"] > max_area_km2]
    require(
        not len(large),
        f"`candidates` may have {max_area_km2:g} km2 each; {len(large):,} of {len(table):,} have "
        f"more: {listing(large['name'])}. A large area wins by its size; cut it, or allow more.",
    )


def _sparse(rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.sort_indices()
    return matrix
