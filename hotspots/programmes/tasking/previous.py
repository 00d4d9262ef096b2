"""Earlier products: the one of the last meeting, and what the sections of each listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import shapely

from hotspots.core.errors import DataError, require
from hotspots.core.periods import Period
from hotspots.core.record import sha256_of
from hotspots.io.typed_tables import DECISIONS
from hotspots.programmes.patrols.patrol_areas import KEEP_OVERLAP
from hotspots.programmes.tasking.written_product import GEOPACKAGE, read_product
from hotspots.report.about import read_geopackage
from hotspots.report.map.earlier import said_of

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class Previous:
    """An earlier product as its readers have it.

    Attributes
    ----------
    folder
        Where it stands.
    cells
        Its areas, one table a theme.
    history
        What it and the products before it said of the areas, one table a theme, by period.
    tables
        Everything its readers have, for :func:`release`.
    """

    folder: Path
    audience: str
    sha256: str
    cells: tuple[gpd.GeoDataFrame, ...] = field(repr=False)
    history: tuple[pd.DataFrame, ...] = field(repr=False)
    tables: tuple[pd.DataFrame, ...] = field(repr=False)

    def history_of(self, cells: Iterable[gpd.GeoDataFrame]) -> tuple[pd.DataFrame, ...]:
        """The history of areas of the same kind: an id of another grid says nothing here."""
        kinds = {str(table["kind"].iloc[0]) for table in cells if len(table)}
        return tuple(one for one in self.history if str(one["kind"].iloc[0]) in kinds)

    @property
    def patrols(self) -> gpd.GeoDataFrame | None:
        """Its patrol areas, none of them perhaps, if it had that section."""
        found = [one for one in self.tables if "times_chosen" in one]
        return cast("gpd.GeoDataFrame", found[0]) if found else None

    @property
    def listed(self) -> dict[str, pd.DataFrame]:
        """By section, what it and the products before it listed; see ``with_list``."""
        found = (one for one in self.tables if "outline" in one and len(one))
        return {str(one["theme"].iloc[0]): one for one in found}

    @property
    def decisions(self) -> Path:
        """Where its decisions stand, if there are any."""
        return self.folder / DECISIONS

    def check(self, period: str, audience: str) -> None:
        """Raise where it is no earlier product for the same readers."""
        require(
            self.audience == audience,
            f"`previous` was made for the audience {self.audience!r}, and this product is for "
            f"{audience!r}: the one must not tell the readers of the other what they may not see.",
            DataError,
            rule="previous-audience",
        )
        start = Period.parse(period).start.tz_localize(None)
        theirs = [table["period_from"].iloc[0].tz_localize(None) for table in self.cells]
        require(
            all(one < start for one in theirs),
            "`previous` must begin before this product; it begins at the same time or later.",
            DataError,
            rule="previous-later",
        )


def read_previous(folder: Path) -> Previous:
    """Read the product in a folder.

    Raises
    ------
    DataError
        Where the folder holds no GeoPackage of a product.
    """
    file = folder / GEOPACKAGE
    require(
        file.is_file(),
        f"`previous` must be the folder of an earlier product, with {GEOPACKAGE} in it; "
        f"{folder} has none.",
        DataError,
        rule="no-previous",
    )
    product = read_product(file)
    return Previous(
        folder,
        product.record.audience,
        sha256_of(file),
        tuple(table for table in product.cells if len(table)),
        tuple(said_of(product.cells, product.history)),
        tuple(read_geopackage(file).values()),
    )


METRE_DECIMALS = 1
KEPT = ("theme", "kind", "rank", "outline")
"""Columns of the lists, on ``area_id`` and ``period``; ``outline`` as WKT in the system of the
product."""


def with_list(
    before: pd.DataFrame | None, areas: gpd.GeoDataFrame, section: str, period: str
) -> pd.DataFrame:
    """The lists of the products before, and under them this one: its areas in their order."""
    key = Period.parse(period).key
    outlines = areas.geometry.to_wkt(rounding_precision=METRE_DECIMALS)
    own = pd.DataFrame(
        {
            "theme": section, "kind": section, "rank": np.arange(1, len(areas) + 1),
            "outline": outlines.to_numpy(dtype=object), "period": key,
        },
        index=pd.Index(areas.index.astype(str), name="area_id"),
    )  # fmt: skip
    own = own.set_index("period", append=True)
    if before is None:
        return own
    past = before[before.index.get_level_values("period") != key]
    return pd.concat([past[list(KEPT)], own]) if len(past) else own


def times_listed(areas: gpd.GeoDataFrame, lists: pd.DataFrame) -> pd.Series:
    """In how many of the products each area was listed.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> january = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 100, 100)], crs=27700)
    >>> february = january.set_axis(["b"]).translate(30).to_frame("geometry")
    >>> lists = with_list(with_list(None, january, "patrols", "2026-01"), february, "patrols",
    ...                   "2026-02")
    >>> times_listed(february, lists).tolist()
    [2]
    """
    outlines = shapely.from_wkt(lists["outline"].to_numpy(dtype=object))
    shapes = np.asarray(areas.geometry.array)
    at, other = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[at], outlines[other]))
    whole = shapely.area(shapes[at]) + shapely.area(outlines[other]) - common
    same = (common >= KEEP_OVERLAP * whole) & (common > 0)
    periods = lists.index.get_level_values("period").to_numpy()
    found = pd.DataFrame({"area": at[same], "period": periods[other[same]]}).drop_duplicates()
    times = np.bincount(found["area"].to_numpy(dtype=int), minlength=len(areas))
    return pd.Series(times, areas.index)
