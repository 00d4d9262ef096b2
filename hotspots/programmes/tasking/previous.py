"""The product of the last meeting, read from its folder: what it said, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from hotspots.core.errors import DataError, require
from hotspots.core.periods import Period
from hotspots.core.record import sha256_of
from hotspots.io.typed_tables import DECISIONS
from hotspots.programmes.tasking.reread import GEOPACKAGE, read_product
from hotspots.report.history import said_of
from hotspots.report.read_geopackage import read_geopackage

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
