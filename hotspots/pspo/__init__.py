"""Evidence on a Public Spaces Protection Order, laid out by the statutory limbs for an officer."""

from hotspots.pspo.evidence import pspo_evidence
from hotspots.pspo.outcome import PspoEvidence
from hotspots.pspo.term import RENEWAL_UNKNOWN, Term

__all__ = ["RENEWAL_UNKNOWN", "PspoEvidence", "Term", "pspo_evidence"]
