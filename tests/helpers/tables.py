"""Small hand-made tables, and the one helper that asserts a table contract on every result."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from pyproj import CRS
from shapely.geometry import box

from hotspots.core.data import bundled
from hotspots.core.tables import TableContract, require_table

BNG = CRS("EPSG:27700")
ORIGIN = (429_000, 433_000)


def first_rows(number: int, folder: Path) -> Path:
    """The first rows of the month of Leeds that comes along, in a file of its name."""
    file = bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    with gzip.open(file) as lines:
        (folder / file.stem).write_bytes(b"".join(itertools.islice(lines, number + 1)))
    return folder / file.stem


def incidents_at(
    points: Sequence[tuple[float, float] | None],
    *,
    month: str | Sequence[str] = "2018-07",
    offence: str | Sequence[str] = "Anti-social behaviour",
    **columns: object,
) -> gpd.GeoDataFrame:
    """Incidents at offsets in metres from a place in Leeds; None is an unlocated incident."""
    size = len(points)
    month_of, months = pd.factorize(np.array([month] * size if isinstance(month, str) else month))
    start, until = _spans(tuple(months))
    table = gpd.GeoDataFrame(
        {
            "offence": offence if isinstance(offence, str) else list(offence),
            "offence_scheme": "police_uk",
            "occurred_from": start.take(month_of),
            "occurred_until": until.take(month_of),
            "time_precision": "month",
            "location_precision": "snapped",
            "source": "made by hand",
            **columns,
        },
        geometry=_placed(points),
    )
    table.index = pd.Index([f"i{row}" for row in range(size)], name="incident_id", dtype=object)
    return table


@lru_cache
def _spans(months: tuple[str, ...]) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    start = pd.to_datetime([f"{month}-01" for month in months]).tz_localize("Europe/London")
    return start, start + pd.offsets.MonthBegin(1)


def _placed(points: Sequence[tuple[float, float] | None]) -> GeometryArray:
    """Points at these offsets from the place; none where there is none."""
    known = np.array([point is not None for point in points], dtype=bool)
    offsets = np.array([point for point in points if point is not None], dtype=float)
    made = np.full(len(points), None, dtype=object)
    made[known] = shapely.points(offsets.reshape(-1, 2) + ORIGIN)
    return GeometryArray(made, crs=BNG)


def zone(
    name: str, bounds: tuple[float, float, float, float], *, kind: str = "district"
) -> gpd.GeoDataFrame:
    """One rectangular zone at offsets in metres from the same place."""
    x, y = ORIGIN
    outline = box(x + bounds[0], y + bounds[1], x + bounds[2], y + bounds[3])
    return gpd.GeoDataFrame(
        {
            "zone_name": [name],
            "kind": [kind],
            "valid_from": [None],
            "valid_until": [None],
            "status": [None],
            "approximate": [False],
        },
        index=pd.Index([name.casefold()], name="zone_id", dtype=object),
        geometry=[outline],
        crs=BNG,
    )


def shuffled(table: gpd.GeoDataFrame, seed: int = 0) -> gpd.GeoDataFrame:
    """The same rows in another order, under other labels, with a column nobody asked for."""
    order = np.random.default_rng(seed).permutation(len(table))
    other = table.iloc[order].copy()
    other.index = pd.Index([f"x{row}" for row in range(len(table))], name=table.index.name)
    other["nobody_asked"] = "still here"
    return other


def assert_contract(table: pd.DataFrame, contract: TableContract) -> None:
    """The table keeps its contract."""
    require_table(table, contract, argument=contract.name)


def piles_and_noise(total, seed=1):
    """Half on 40 map points 1 km apart, half anywhere: where st_dbscan loses zero distances."""
    rng = np.random.default_rng(seed)
    points = np.array(list(itertools.product(range(8), range(5)))) * 1_000.0
    on_points = points[np.arange(total // 2) % 40]
    anywhere = np.round(rng.uniform(-20_000, 30_000, (total // 2, 2)), 3)
    return np.vstack([on_points, anywhere]), np.arange(total) < total // 2
