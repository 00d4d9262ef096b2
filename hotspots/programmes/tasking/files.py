"""A released product on disk: map, GeoPackage, workbook and manifest, all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hotspots.disclosure import Release
from hotspots.report.geopackage import write_geopackage
from hotspots.report.layers import layers_of, leave_out_withheld, telling
from hotspots.report.map import map_areas
from hotspots.report.workbook.write_workbook import write_workbook

FILES = ("map.html", "hotspots.gpkg", "tables.xlsx", "manifest.json")


def write_product(
    released: Release,
    folder: str | Path,
    *,
    top: int = 5,
    priority_wards: Sequence[str] = (),
    geopackage: str = FILES[1],
) -> list[Path]:
    """Write the files of a release, in the order of ``FILES``; its GeoPackage may be named."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".hotspots-") as scratch:
        made = Path(scratch)
        page = map_areas(released, top=top, priority_wards=priority_wards)
        page.save(made / "map.html")
        layers = layers_of(released).values()
        gone = [name for table in layers for name in leave_out_withheld(table)[1]]
        write_geopackage(released, made / geopackage)
        write_workbook(released, made / "tables.xlsx")
        telling(released.record, gone).write(made / "manifest.json")
        names = [geopackage if name == FILES[1] else name for name in FILES]
        return [Path(shutil.move(made / name, target / name)) for name in names]
