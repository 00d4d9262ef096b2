"""Finished tables to files: GeoPackage for QGIS, workbook for Excel, CSV, GeoJSON.

Nothing is computed here. Every file is written whole or not at all, the same input gives the same
bytes, carries the marking of the run, and holds text from the data as text.
"""

from __future__ import annotations

from hotspots.exports.geopackage import write_geopackage
from hotspots.exports.plain_files import write_csv, write_geojson
from hotspots.exports.reading import read_geopackage
from hotspots.exports.workbook import write_workbook

__all__ = ["read_geopackage", "write_csv", "write_geojson", "write_geopackage", "write_workbook"]
