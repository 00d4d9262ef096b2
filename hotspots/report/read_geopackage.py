"""Tables back from a file the library wrote: to compare with, and to take care beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import DataError
from hotspots.core.tables import TIMEZONE
from hotspots.io.read_vector import layer_names, read_vector
from hotspots.report.about import ABOUT_TABLE, about, with_codes
from hotspots.report.geopackage import OWN_TABLES

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("area_id", "zone_id")
TIMES = ("period_from", "period_until")


def read_geopackage(path: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of a product's GeoPackage, by layer; or the one of a GeoJSON file.

    Parameters
    ----------
    path : path
        What :func:`write_geopackage` or :func:`write_geojson` wrote.

    Returns
    -------
    dict
        GeoDataFrames in British National Grid, and plain tables for counts by period; ``area_id``
        or ``zone_id`` is the index again, ``period_from`` and ``period_until`` are times.

    Raises
    ------
    DataError
        When there is no such file, or it is neither.

    Notes
    -----
    Exact where the product was internal. For others the tables are as their readers have them, and
    adding them up misleads: counts are rounded, and withheld ones are missing, not zero.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> path = getfixture("tmp_path") / "leeds.gpkg"
    >>> _ = hs.write_geopackage({"wards": wards}, path, record=record)
    >>> read_geopackage(path)["wards"].index.name
    'zone_id'
    """
    file = Path(path)
    try:
        layers = layer_names(file)
        said = about(file)
        first_edition = ABOUT_TABLE in layers and not said.schema
        return {
            name: _table(file, name, first_edition, said.product.get("timezone", TIMEZONE))
            for name in layers
            if name not in OWN_TABLES
        }
    except DataError as error:
        raise DataError(
            f"{path}: a GeoPackage or GeoJSON that hotspots wrote was expected; this is none, or "
            "not there.",
            rule="not-ours",
        ) from error


def _table(path: Path, layer: str, first_edition: bool, timezone: str) -> pd.DataFrame:
    import geopandas as gpd
    import pandas as pd

    table = read_vector(path, layer=layer).rows
    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and table.crs.is_geographic:
        table = table.to_crs(BRITISH_NATIONAL_GRID)
    for name in set(TIMES) & set(table.columns):
        table[name] = pd.to_datetime(table[name], utc=True).dt.tz_convert(timezone)
    if first_edition:
        table = with_codes(table, path.name)
    index = [name for name in NAMES if name in table.columns][:1]
    index += ["period"] if "period" in table.columns else []
    return table.set_index(index) if index else table
