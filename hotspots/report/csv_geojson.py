"""CSV that Excel opens without running anything, and GeoJSON for the web."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.crs import WGS84
from hotspots.core.errors import InputError
from hotspots.core.plain import clean_text, harmless, plain
from hotspots.core.text.mends import Mend
from hotspots.disclosure import Release, release
from hotspots.report.about import ABOUT_TABLE, facts
from hotspots.report.files import plain_table, replacing
from hotspots.report.layers import leave_out_withheld, one_table, telling

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord

AREAS_SCHEMA = 1
"""Version of ``data/schemas/areas.schema.json``, which other tools read such files by."""
DECIMALS = 6
"""Of degrees: about 0.1 m on the ground."""


def write_csv(
    table: Release | pd.DataFrame, path: str | Path, *, record: RunRecord | None = None
) -> Path:
    """Write a table as CSV that Excel opens in the right encoding and without running anything.

    Parameters
    ----------
    table : Release or DataFrame
        A release of one table, or any table of the library; its index comes first, shapes are left
        out.
    path : path
        A name that ends in ``.csv``.
    record : RunRecord, optional
        For a bare table, which is released for the record's audience. The marking becomes the last
        column, so that copied rows keep it.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For a wrong file name, a file that is open elsewhere, or a table the audience may not have
        (see :func:`release`).

    Notes
    -----
    UTF-8 with byte-order mark, commas, every text quoted. Text that a spreadsheet would take for a
    formula gets an apostrophe in front; a program that reads the file has to take it away again. It
    misleads when opened alone: the caveats are in the other files of the product.

    References
    ----------
    RFC 4180, https://doi.org/10.17487/RFC4180; OWASP, "CSV Injection",
    https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> import hotspots as hs, pandas as pd
    >>> record = hs.RunRecord("Leeds", marking="OFFICIAL")
    >>> path = getfixture("tmp_path") / "wards.csv"
    >>> table = pd.DataFrame({"count": [3]}, index=pd.Index(["=1+1"], name="ward"))
    >>> print(write_csv(table, path, record=record).read_text(encoding="utf-8-sig"))
    "ward","count","marking"
    "'=1+1",3,"OFFICIAL"
    <BLANKLINE>
    """
    safe, record = one_table(table, record)
    flat = plain_table(leave_out_withheld(safe)[0])
    flat["marking"] = clean_text(record.marking)
    rows = zip(*(flat[name].tolist() for name in flat), strict=True)
    with (
        replacing(path, ".csv") as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerow([harmless(str(name)) for name in flat])
        writer.writerows([[_csv_value(value) for value in row] for row in rows])
    return Path(path)


def _csv_value(value: Any) -> Any:
    found = plain(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return harmless(found) if isinstance(found, str) else found


def write_geojson(
    areas: Release | gpd.GeoDataFrame, path: str | Path, *, record: RunRecord | None = None
) -> Path:
    """Write areas or zones as GeoJSON in longitude and latitude.

    Parameters
    ----------
    areas : Release or GeoDataFrame
        A release of one table, or areas or zones in any coordinate system; the index becomes the
        ``id`` of the feature.
    path : path
        A name that ends in ``.geojson``.
    record : RunRecord, optional
        For a bare table, which is released for the record's audience. Marking, title, caveats and
        attributions stand beside the features, and in ``about_this_product`` the rows of that
        table of a GeoPackage, so that ``hotspots map`` can draw the file.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For a wrong file name, a file that is open elsewhere, or areas the audience may not have
        (see :func:`release`).

    Notes
    -----
    Coordinates are rounded to 6 decimals (about 0.1 m): neighbours keep their common corners, but
    areas measured from the file differ in the last digits. What every column means and is measured
    in stands in ``hotspots/data/schemas/areas.schema.json``; ``hotspots_schema`` is its version. It
    misleads where a program drops what stands beside the features: marking and caveats.

    References
    ----------
    RFC 7946, https://doi.org/10.17487/RFC7946

    Examples
    --------
    >>> import hotspots as hs, json
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> path = write_geojson(city, getfixture("tmp_path") / "city.geojson", record=record)
    >>> json.loads(path.read_text())["marking"]
    'OPEN DATA - DEMONSTRATION'
    """
    released = (
        areas if isinstance(areas, Release) else release(tables={"table": areas}, record=record)
    )
    safe, record = one_table(released, None)
    safe, gone = leave_out_withheld(safe)
    record = telling(record, gone)
    collection = {
        "type": "FeatureCollection",
        "hotspots_schema": AREAS_SCHEMA,
        "marking": clean_text(record.marking),
        "title": clean_text(record.title),
        "caveats": [clean_text(words) for words in record.caveat_texts],
        "attributions": [clean_text(words) for words in record.attributions],
        ABOUT_TABLE: [fact.row() for fact in facts(record, released.told_behind)],
        "features": _features(safe),
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    with replacing(path, ".geojson") as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
    return Path(path)


def _features(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    import shapely

    if areas.crs is None:
        raise InputError(
            "`areas` have no coordinate system, so they cannot be placed.",
            rule="wrong-crs",
            mend=Mend("set-crs", {"argument": "areas"}),
        )
    flat = plain_table(areas)
    shapes = shapely.transform(areas.geometry.to_crs(WGS84).to_numpy(), _rounded)
    return [
        {
            "type": "Feature",
            "id": plain(label),
            "properties": dict(zip(flat.columns, map(plain, row), strict=True)),
            "geometry": None if shape is None else shapely.geometry.mapping(_wound(shape)),
        }
        for label, row, shape in zip(
            flat.iloc[:, 0], flat.itertuples(index=False), shapes, strict=True
        )
    ]


def _rounded(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    return coordinates.round(DECIMALS)


def _wound(shape: Any) -> Any:
    """Outer rings counter-clockwise, holes clockwise, as RFC 7946 asks."""
    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.polygon import orient

    if isinstance(shape, Polygon):
        return orient(shape)
    if isinstance(shape, MultiPolygon):
        return MultiPolygon([orient(part) for part in shape.geoms])
    return shape
