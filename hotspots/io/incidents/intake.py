"""What came in with a load, as data: whoever decides on a load asks this, never its log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from hotspots.core.record import SourceFile

if TYPE_CHECKING:
    from hotspots.core.caveats import Caveat
    from hotspots.core.errors import Finding
    from hotspots.core.record import RejectedRow, RunRecord
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.io.incidents.parse_file import Part


@dataclass(frozen=True)
class Intake:
    """The files of one load, or of several together: their rows, what was found and chosen."""

    files: tuple[SourceFile, ...] = ()
    rejected: tuple[RejectedRow, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    layouts: tuple[FieldMap, ...] = field(default=(), repr=False)
    caveats: tuple[Caveat, ...] = ()
    choices: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(
        cls,
        parts: Sequence[Part],
        findings: Iterable[Finding],
        caveats: Iterable[Caveat],
        **choices: Any,
    ) -> Intake:
        """What was read of each file, with the findings about several of them."""
        return cls(
            files=tuple(map(_file, parts)),
            rejected=tuple(row for part in parts for row in part.rejected),
            findings=(*(found for part in parts for found in part.findings), *findings),
            layouts=tuple(part.fields for part in parts),
            caveats=tuple(caveats),
            choices=(choices,),
        )

    def __add__(self, other: Intake) -> Intake:
        both = ((getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        return Intake(*((*mine, *its) for mine, its in both))

    def write_to(self, record: RunRecord) -> None:
        """Everything the record has to know."""
        record.sources.extend(self.files)
        record.quarantine.extend(self.rejected)
        for layout in self.layouts:
            if layout.attribution:
                record.attribute(layout.attribution)
            record.governance.update(layout.governance)
        record.find(*self.findings)
        for choice in self.choices:
            record.choose("load_incidents", **choice)
        record.warn_reader(*self.caveats)

    @property
    def names(self) -> list[str]:
        """The files by name, in order."""
        return [file.name for file in self.files]

    @property
    def forces(self) -> frozenset[str]:
        """Police forces the files name; data.police.uk does."""
        return frozenset(one for file in self.files for one in file.facts.get("police_forces", ()))

    @property
    def reasons(self) -> Counter[str]:
        """Rejected rows by rule; a row with two faults counts for both."""
        return Counter(
            rule for row in self.rejected for rule in {found.rule for found in row.findings}
        )


def _file(part: Part) -> SourceFile:
    return SourceFile(
        part.source.name,
        part.sha256(),
        part.rows_read,
        len(part.frame),
        len(part.rejected),
        part.places.unlocated,
        part.facts,
    )
