"""Incidents in: files of any partner become one table, and every row is accounted for."""

from hotspots.io.incidents.breaks import Break, crossed_breaks, known_breaks
from hotspots.io.incidents.check import IncidentCheck, check_incidents
from hotspots.io.incidents.duplicates import flag_twins
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.folding import fold_dask, fold_files
from hotspots.io.incidents.from_frame import incidents_from_frame
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.meaning import tag_institutions
from hotspots.io.incidents.row_faults import write_quarantine

__all__ = [
    "Break",
    "FieldMap",
    "IncidentCheck",
    "check_incidents",
    "crossed_breaks",
    "flag_twins",
    "fold_dask",
    "fold_files",
    "incidents_from_frame",
    "known_breaks",
    "load_incidents",
    "tag_institutions",
    "write_quarantine",
]
