"""What may be shown to whom: tables made safe for the audience of the run, before they are drawn.

A count of one, or a harm that equals one weight, is an incident. Columns are shown because they are
known to be safe, never because nobody thought of them. The reasons stand in ``docs/disclosure.md``.
"""

from __future__ import annotations

from hotspots.disclosure.apply import apply_disclosure, disclose_tables
from hotspots.disclosure.audit import audit_totals
from hotspots.disclosure.disclose_record import disclose_record
from hotspots.disclosure.rules import is_published
from hotspots.disclosure.suppress import harm_band

__all__ = [
    "apply_disclosure",
    "audit_totals",
    "disclose_record",
    "disclose_tables",
    "harm_band",
    "is_published",
]
