"""A QGIS project inside the GeoPackage: layers by theme under short names, one theme switched on.

QGIS keeps projects in the table ``qgis_projects`` of a GeoPackage: a name, and a zipped file in
hexadecimal letters. It is found under Project, Open From, GeoPackage, or in the browser panel.

Reference: QGIS documentation, "Saving and loading projects from GeoPackage",
https://docs.qgis.org/latest/en/docs/user_manual/introduction/project_files.html.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pyproj

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.plain import clean_text

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

NAME = "hotspots"
FIRST, MARGIN = 5, 0.12
"""Places that a project opens on, and the room around them: those of a page."""
_FIXED = (1980, 1, 1, 0, 0, 0)
_GEOMETRY = {"MultiPolygon": "Polygon", "MultiLineString": "Line", "Point": "Point"}


@dataclass(frozen=True)
class ProjectLayer:
    """One layer of the project: its table, and under which name, in which group, how it looks."""

    table: str
    name: str
    group: str
    shown: bool
    family: str
    style: str
    part: str = ""

    @property
    def id(self) -> str:
        """What the tree calls the layer."""
        return f"hotspots_{self.table}{self.part}"


def project_rows(
    layers: Sequence[ProjectLayer], tables: Sequence[gpd.GeoDataFrame], file: str, record: RunRecord
) -> tuple[str, str]:
    """Name and content of the project that shows the layers of a GeoPackage.

    Parameters
    ----------
    layers : sequence of ProjectLayer
        The first is drawn on top.
    tables : sequence of GeoDataFrame
        What they show: the project opens on their first places.
    file : str
        Name of the GeoPackage; the project looks for it where it lies itself.
    record : RunRecord
        Title and marking.
    """
    return NAME, _zipped(_document(layers, file, record, _extent(tables))).hex()


def _extent(tables: Sequence[gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    """The first places of the first theme that has any, as on the page; else what is counted."""
    ranked = [table for table in tables if "rank" in table]
    first = [table[table["rank"].le(FIRST).fillna(False).astype(bool)] for table in ranked]
    held = [table for table in tables if len(table)]
    counted = [table for table in held if "incident_count" in table] or held
    shown = [table for table in first if len(table)][:1] or counted
    if not shown:
        return 0.0, 0.0, 700_000.0, 1_300_000.0
    boxes = [table.geometry.to_crs(BRITISH_NATIONAL_GRID).total_bounds for table in shown]
    west, south, east, north = zip(*(map(float, box) for box in boxes), strict=True)
    left, low, right, top = min(west), min(south), max(east), max(north)
    margin = max(right - left, top - low) * MARGIN
    return left - margin, low - margin, right + margin, top + margin


@cache
def _system() -> str:
    """The coordinate system of every layer, as QGIS writes it."""
    wkt = pyproj.CRS(BRITISH_NATIONAL_GRID).to_wkt()
    return (
        f'<spatialrefsys nativeFormat="Wkt"><wkt>{escape(wkt)}</wkt>'
        f"<authid>{BRITISH_NATIONAL_GRID}</authid></spatialrefsys>"
    )


def _zipped(text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        # A zip file notes when it was made: with a fixed day, the same input gives the same bytes.
        archive.writestr(zipfile.ZipInfo(f"{NAME}.qgs", _FIXED), text)
    return held.getvalue()


def _document(
    layers: Sequence[ProjectLayer], file: str, record: RunRecord,
    extent: tuple[float, float, float, float],
) -> str:  # fmt: skip
    title = clean_text(f"{record.title} - {record.marking}")
    west, south, east, north = (f"{edge:.1f}" for edge in extent)
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis projectname={quoteattr(title)} version="3.22.0"><title>{escape(title)}</title>'
        f"<projectCrs>{_system()}</projectCrs>{_tree(layers, file)}"
        '<mapcanvas name="theMapCanvas"><units>meters</units>'
        f"<extent><xmin>{west}</xmin><ymin>{south}</ymin><xmax>{east}</xmax><ymax>{north}</ymax>"
        f"</extent><destinationsrs>{_system()}</destinationsrs></mapcanvas>"
        f"<projectlayers>{''.join(_layer(layer, file) for layer in layers)}</projectlayers>"
        '<properties><Paths><Absolute type="bool">false</Absolute></Paths><SpatialRefSys>'
        '<ProjectionsEnabled type="int">1</ProjectionsEnabled></SpatialRefSys></properties>'
        f'<ProjectViewSettings><DefaultViewExtent xmin="{west}" ymin="{south}" xmax="{east}" '
        f'ymax="{north}">{_system()}</DefaultViewExtent></ProjectViewSettings></qgis>'
    )


def _tree(layers: Sequence[ProjectLayer], file: str) -> str:
    """Groups in the order of their layers; QGIS draws the first on top."""
    groups = dict.fromkeys(layer.group for layer in layers)
    parts = []
    for group in groups:
        mine = [layer for layer in layers if layer.group == group]
        checked = "Qt::Checked" if any(layer.shown for layer in mine) else "Qt::Unchecked"
        inner = "".join(
            f"<layer-tree-layer id={quoteattr(layer.id)} name={quoteattr(layer.name)} "
            f'providerKey="ogr" source={quoteattr(_source(layer, file))} checked="Qt::Checked" '
            'expanded="0"/>'
            for layer in mine
        )
        parts.append(
            f"<layer-tree-group name={quoteattr(group)} checked="
            f'"{checked}" expanded="1">{inner}</layer-tree-group>'
        )
    return f"<layer-tree-group>{''.join(parts)}</layer-tree-group>"


def _source(layer: ProjectLayer, file: str) -> str:
    # Relative to the file the project lies in: it can be moved or sent, and still finds its layers.
    return f"./{file}|layername={layer.table}"


def _layer(layer: ProjectLayer, file: str) -> str:
    shape = _GEOMETRY.get(layer.family, "Polygon")
    return (
        f'<maplayer type="vector" geometry="{shape}" labelsEnabled="1" simplifyDrawingHints="1">'
        f"<id>{escape(layer.id)}</id><datasource>{escape(_source(layer, file))}</datasource>"
        f"<layername>{escape(layer.name)}</layername><srs>{_system()}</srs>"
        f'<provider encoding="UTF-8">ogr</provider>{layer.style}</maplayer>'
    )
