"""Evidence on a Public Spaces Protection Order, laid out by the statutory limbs for an officer."""

from hotspots.programmes.pspo.evidence_result import (
    NO_LAST_DAY,
    RENEWAL_UNKNOWN,
    PspoEvidence,
    Term,
)
from hotspots.programmes.pspo.gather_evidence import pspo_evidence

__all__ = ["NO_LAST_DAY", "RENEWAL_UNKNOWN", "PspoEvidence", "Term", "pspo_evidence"]
