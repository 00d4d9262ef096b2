"""Finished tables to what people hold: map, figure, workbook, GeoPackage, CSV, words."""
