"""The statutory limbs, what the data say to each, what they cannot say, and room to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.sentences import sentence_of

if TYPE_CHECKING:
    from hotspots.programmes.pspo.evidence_result import PspoEvidence

LIMBS = {
    "detrimental effect": "s59(2)",
    "persistent or continuing": "s59(3)(a)",
    "unreasonable": "s59(3)(b)",
    "justifies the restrictions": "s59(3)(c), s59(5)",
}


def limbs_table(evidence: PspoEvidence) -> pd.DataFrame:
    """One row for each limb: the evidence, what it cannot say, and an empty decision."""
    rows = [
        {
            "limb": limb,
            "section": section,
            "evidence": sentence_of(evidence, "limb", name=limb),
            "cannot_say": sentence_of(evidence, "cannot_say", name=limb),
            "decision": "",
            "status": sentence_of(evidence, "undecided"),
        }
        for limb, section in LIMBS.items()
    ]
    return pd.DataFrame(rows).set_index("limb")
