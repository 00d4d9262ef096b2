"""Outlines written as text (WKT): a column of a CSV file, or a text file of polygons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.io.read_vector import Layers

TABLES, TEXTS = (".csv",), (".wkt", ".txt")
OUTLINE = re.compile(r"\s*(?:SRID=(\d+);)?\s*(?:MULTI)?POLYGON\b", re.IGNORECASE)
NEXT = re.compile(r"(?<![A-Z;])(?=(?:SRID=\d+;)?\s*(?:MULTI)?POLYGON)", re.IGNORECASE)
DEGREES, WHOLE_GRID = (-180, -90, 180, 90), (0, 0, 700_000, 1_300_000)


def read_wkt(path: Path) -> Layers | None:
    """The rows of a table with outlines as text, or of a text of outlines; None where it has none.

    A text carries no coordinate system unless it is EWKT: degrees and metres of the British
    National Grid are told from one another by their size, and which was taken is remarked.
    """
    ending = path.suffix.lower()
    if ending not in (*TABLES, *TEXTS):
        return None
    try:
        if ending in TABLES:
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        else:
            parts = [part for part in NEXT.split(path.read_text("utf-8-sig")) if part.strip()]
            ids = [f"{path.stem} {at}" if len(parts) > 1 else path.stem for at, _ in
                   enumerate(parts, 1)]  # fmt: skip
            table = pd.DataFrame({"zone_id": ids, "zone_name": ids, "wkt": parts}, dtype=object)
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError):
        return None
    found = [name for name in table.columns if _are_outlines(table[name])]
    return _placed(table, found[0]) if found else None


def _are_outlines(texts: pd.Series) -> bool:
    given = texts[texts.str.strip() != ""]
    return bool(len(given)) and bool(given.map(lambda text: bool(OUTLINE.match(text))).all())


def _placed(table: pd.DataFrame, column: str) -> Layers:
    """Outlines that cannot be read are missing, as those of any vector file."""
    import geopandas as gpd
    import shapely

    marks = table[column].map(lambda text: (OUTLINE.match(text) or [None, None])[1])
    bare = table[column].str.replace(r"^\s*SRID=\d+;", "", regex=True)
    shapes = shapely.from_wkt(bare.to_numpy(dtype=object), on_invalid="ignore")
    systems = set(marks.dropna())
    crs = f"EPSG:{systems.pop()}" if len(systems) == 1 else None
    remarks: tuple[str, ...] = ()
    if crs is None and not systems:
        crs = _by_size(shapely.total_bounds(shapes))
        remarks = (
            f"outlines as text carry no coordinate system; by their size they are in {crs}.",
        )
    rows = gpd.GeoDataFrame(table.drop(columns=column), geometry=shapes, crs=crs)
    return Layers(rows, remarks if crs else ())


def _by_size(bounds: Any) -> str | None:
    for box, system in ((DEGREES, "EPSG:4326"), (WHOLE_GRID, BRITISH_NATIONAL_GRID)):
        if np.all(bounds[:2] >= box[:2]) and np.all(bounds[2:] <= box[2:]):
            return system
    return None
