"""Whether files can be used as they are, and which two things to mend first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hotspots.core.errors import Finding
from hotspots.io.incidents.losses import MOST, MUCH, lost_share, systematic_faults
from hotspots.io.incidents.parse_file import Part

LEFT_OUT = ("unknown-layout", "not-incidents")
NO_SCHEME = "offences-of-no-scheme"
TO_MEND = 2
LONGEST = 150


def verdict_of(
    parts: Sequence[Part], of_files: Iterable[Finding], findings: Sequence[Finding]
) -> dict[str, Any]:
    """What a product would make of the files: the same rules stop it.

    Parameters
    ----------
    parts : sequence of Part
        The files that were read.
    of_files : iterable of Finding
        What is wrong with whole files.
    findings : sequence of Finding
        Everything that was found.
    """
    broken = [found for found in of_files if found.severity == "error"]
    wrong = list(dict.fromkeys(str(found.file) for found in broken))
    left_out = dict.fromkeys(str(found.file) for found in findings if found.rule in LEFT_OUT)
    aside = [name for name in left_out if name not in wrong]
    good = [part.source.name for part in parts if part.source.name not in wrong]
    out_of_scheme = sum(part.facts.get("out_of_scheme", 0) for part in parts)
    share = lost_share(parts, out_of_scheme)
    accepted = any(len(part.frame) for part in parts)
    sorted_by = not any(found.rule == NO_SCHEME for found in findings)
    usable = accepted and sorted_by and not (broken or systematic_faults(parts) or share > MOST)
    mend = [_short(found) for found in _ranked(findings, broken)[:TO_MEND]]
    return {
        "usable": usable,
        "text": _text(usable, mend),
        "mend": mend,
        "lost_share": round(share, 4),
        "banner_from": MUCH,
        "files": len(good) + len(wrong) + len(aside),
        "loaded": len(good),
        "wrong": wrong,
        "left_out": aside,
    }


def _ranked(findings: Sequence[Finding], broken: Sequence[Finding]) -> list[Finding]:
    """What stops the work first, then what loses most rows, one finding a rule."""
    ordered = sorted(
        (found for found in findings if found.severity != "note"),
        key=lambda found: (
            found not in broken,
            found.rule != "systematic-fault",
            found.severity != "error",
            -found.rows,
        ),
    )
    return list({found.rule: found for found in reversed(ordered)}.values())[::-1]


def _short(found: Finding) -> str:
    where = f"{found.file}: " if found.file else ""
    words = f"{where}{found.message}"
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _text(usable: bool, mend: Sequence[str]) -> str:
    """One line."""
    if usable and not mend:
        return "Usable as it is."
    told = " ".join(f"({number}) {words}" for number, words in enumerate(mend, 1))
    return f"Usable; look at: {told}" if usable else f"Not usable as it is; mend first: {told}"
