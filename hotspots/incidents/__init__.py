"""Incidents in: files of any partner become one table, and every row is accounted for."""

from hotspots.incidents.breaks import Break, crossed_breaks, known_breaks
from hotspots.incidents.checking import IncidentCheck, check_incidents
from hotspots.incidents.faults import write_quarantine
from hotspots.incidents.fields import FieldMap
from hotspots.incidents.institutions import tag_institutions
from hotspots.incidents.loading import load_incidents
from hotspots.incidents.twins import flag_twins

__all__ = [
    "Break",
    "FieldMap",
    "IncidentCheck",
    "check_incidents",
    "crossed_breaks",
    "flag_twins",
    "known_breaks",
    "load_incidents",
    "tag_institutions",
    "write_quarantine",
]
