"""How much of what was read cannot be used, and where that is a fault of the file, not of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from hotspots.core.errors import DataError, Finding
from hotspots.core.text.mends import Mend

MUCH, MOST = 0.05, 0.20
"""From here on a banner tells of lost rows; from here on nothing is made of them unless asked."""
USUAL = ("zero-zero", "filler-place", "default-point")
"""Faults of places that are a system's way to say that it knows none."""
OF_ALL = ("outside",)
"""Faults that a file may have from end to end, and the source be right: one force of all."""


class Read(Protocol):
    """What is known of one file that was read."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def read(self) -> int:
        """Rows in it."""
        ...

    @property
    def rejected(self) -> Any:
        """Rows that cannot be used."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """Rows by fault, and rows out of the scheme."""
        ...


def systematic_faults(files: Sequence[Read], *, allowed: float = MOST) -> list[Finding]:
    """A warning for each fault that more than a fifth of a file's rows have.

    A place outside the area is weighed over all files: one of them may be of another country.
    """
    found = []
    for file in files:
        counts = Counter(file.facts.get("faults", {}))
        for rule, rows in counts.items():
            if rule not in (*USUAL, *OF_ALL) and rows > allowed * file.read:
                found.append(_systematic(rule, rows, file.read, file.name))
    whole = sum(file.read for file in files)
    for rule in OF_ALL:
        rows = sum(file.facts.get("faults", {}).get(rule, 0) for file in files)
        if rows > allowed * whole:
            found.append(_systematic(rule, rows, whole, files[0].name if len(files) == 1 else None))
    return found


def lost_share(files: Iterable[Read], out_of_scheme: int = 0) -> float:
    """Share of rows that were rejected, or whose offence is in no list of its scheme."""
    files = list(files)
    lost = sum(map(_rejected, files)) + out_of_scheme
    return float(lost / max(sum(file.read for file in files), 1))


def refuse_losses(files: Sequence[Read], *, out_of_scheme: int = 0, allowed: float = MOST) -> None:
    """Raise where too much of a source is lost, or a fault is one of the file.

    Parameters
    ----------
    files : sequence
        The files of one source, as they were read.
    out_of_scheme : int
        Accepted rows whose offence is in no list of its scheme.
    allowed : float
        Largest share that may be lost.
    """
    found = systematic_faults(files, allowed=allowed)
    share = lost_share(files, out_of_scheme)
    if share > allowed:
        name = files[0].name if len(files) == 1 else None
        found.insert(
            0,
            Finding(
                "too-many-rejected",
                f"at most {allowed:.0%} of rows rejected or out of the offence scheme were "
                f"expected; {share:.0%} of {sum(file.read for file in files):,} are.",
                file=name,
            ),
        )
    if found:
        raise DataError(
            [*(_stopping(one) for one in found[:-1]), _stopping(found[-1], Mend("allow-rejected"))]
        )


def _rejected(file: Read) -> int:
    return file.rejected if isinstance(file.rejected, int) else len(file.rejected)


def _stopping(found: Finding, mend: Mend | None = None) -> Finding:
    return Finding(found.rule, found.message, "error", file=found.file, mend=mend, rows=found.rows)


def _systematic(rule: str, rows: int, of: int, file: str | None) -> Finding:
    said = {"fault": rule.replace("-", " "), "rows": rows, "of": of, "share": rows / max(of, 1)}
    return Finding.of("systematic-fault", "warning", said=said, file=file, rows=rows)
