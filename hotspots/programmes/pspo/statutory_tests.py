"""The statutory limbs, what the data say to each, what they cannot say, and room to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from hotspots.programmes.pspo.evidence_result import PspoEvidence

DECISION = "for an officer to decide"
LIMBS = (
    (
        "detrimental effect",
        "s59(2)",
        "Recorded incidents are not yet an effect on the quality of life: add complaints, "
        "statements and surveys of people in the locality.",
    ),
    (
        "persistent or continuing",
        "s59(3)(a)",
        "A quiet month can be a month in which nobody reported.",
    ),
    (
        "unreasonable",
        "s59(3)(b)",
        "No count makes a behaviour unreasonable; say who did what, and what is ordinary there.",
    ),
    (
        "justifies the restrictions",
        "s59(3)(c), s59(5)",
        "Whether each prohibition is reasonable, and the least that will do, is a judgement; "
        "freedom of expression and assembly must be regarded (s72).",
    ),
)


def limbs_table(evidence: PspoEvidence) -> pd.DataFrame:
    """One row for each limb: the evidence, what it cannot say, and an empty decision."""
    said = (_effect(evidence), _persistence(evidence), _behaviours(evidence), _change(evidence))
    rows = [
        {"limb": limb, "section": section, "evidence": words, "cannot_say": limits}
        for (limb, section, limits), words in zip(LIMBS, said, strict=True)
    ]
    return pd.DataFrame(rows).assign(decision="", status=DECISION).set_index("limb")


def _effect(evidence: PspoEvidence) -> str:
    inside = int(evidence.series["inside"].sum()) if len(evidence.series) else 0
    months = evidence.persistence["months"]
    return f"{inside:,} incidents inside the order in {months:,} months of data."


def _persistence(evidence: PspoEvidence) -> str:
    found = evidence.persistence
    words = [
        f"Incidents in {found['months_with']:,} of {found['months']:,} months (before the start "
        f"{found['months_with_before']:,} of {found['months_before']:,}, within the term "
        f"{found['months_with_within_the_term']:,} of {found['months_within_the_term']:,}); "
        f"longest unbroken run {found['longest_run']:,}"
        + (f"; last in {found['last_month_with']}." if found["last_month_with"] else ".")
    ]
    if len(evidence.recurring):
        first = evidence.recurring.head(5)
        places = "; ".join(
            f"{row.place} ({row.incident_count:,} in {row.months_with:,} months)"
            for row in first.itertuples()
        )
        words.append(f"{len(evidence.recurring):,} recurring places, first {places}.")
    else:
        words.append("No recurring place.")
    return " ".join(words)


def _behaviours(evidence: PspoEvidence) -> str:
    if not len(evidence.baskets):
        return "No prohibition was given as a basket of offences, so behaviours are not told apart."
    parts = []
    for name, row in evidence.baskets.iterrows():
        words = f"{name}: {row['incident_count']:,.0f} in {row['months_with']:,.0f} months"
        if pd.notna(row.get("count_before")):
            words += f" ({row['count_before']:,.0f} before, {row['count_after']:,.0f} after)"
        parts.append(words)
    return f"Inside the order, by prohibition: {'; '.join(parts)}."


def _change(evidence: PspoEvidence) -> str:
    words = [evidence.change_sentence(), evidence.ring_sentence()]
    if evidence.interruption is not None:
        words.append(evidence.interruption.to_sentence())
    return " ".join(word for word in words if word) or "No before and after can be compared."
