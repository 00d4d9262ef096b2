"""What came in with a load, as data, and what it does not hold: rows, months, places elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from hotspots.core.caveats import Caveat
from hotspots.core.coverage import Gap, gaps, uncovered
from hotspots.core.crs import coordinates
from hotspots.core.errors import DataError, Finding, InputError, require
from hotspots.core.held import last_days, not_held, reach
from hotspots.core.months import month_runs, month_words, periods_of
from hotspots.core.periods import Period, months_of
from hotspots.core.points import inside
from hotspots.core.record import RunRecord, SourceFile
from hotspots.core.text.findings import CAUSES, FINDINGS
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.where import look_exchanged

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.points import PlaceIndex
    from hotspots.core.record import RejectedRow
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.io.incidents.parse_file import Part

Read: TypeAlias = "Part | SourceFile"
"""A file that was read."""
MUCH, MOST = 0.05, 0.20
"""From here on a banner tells of lost rows; from here on nothing is made of them unless asked."""
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""What is offered to somebody who goes on all the same: the least of these that is enough."""
CAUSED = ("outside", "metres-not-degrees")
"""Faults of places that one cause may explain."""
USUAL = ("zero-zero", "filler-place", "default-point")
"""Faults of places that are a system's way to say that it knows none."""
OF_ALL = ("outside",)
"""Faults that a file may have from end to end, and the source be right: one force of all."""
MOST_LOST = 0.50
REASONS = 3


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


def systematic_faults(files: Sequence[Read], *, allowed: float = MOST) -> list[Finding]:
    """A warning for each fault that more than a fifth of a file's rows have.

    A place outside the area is weighed over all files: one of them may be of another country.
    """
    found = []
    for file in files:
        counts = Counter(file.facts.get("faults", {}))
        for rule, rows in counts.items():
            if rule not in (*USUAL, *OF_ALL) and rows > allowed * file.read:
                found.append(_systematic(rule, rows, file.read, [file]))
    whole = sum(file.read for file in files)
    for rule in OF_ALL:
        rows = sum(file.facts.get("faults", {}).get(rule, 0) for file in files)
        if rows > allowed * whole:
            found.append(_systematic(rule, rows, whole, files))
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
    found = losses_of(files, out_of_scheme=out_of_scheme, allowed=allowed)
    if found:
        enough = (
            step
            for step in STEPS
            if not losses_of(files, out_of_scheme=out_of_scheme, allowed=step)
        )
        least = next(enough, None)
        last = found[-1]
        if least is not None and not any("place_cause" in file.facts for file in files):
            last = replace(last, mend=Mend("allow-rejected", {"least": least}))
        raise DataError([_stopping(one) for one in (*found[:-1], last)])


def losses_of(
    files: Sequence[Read], *, out_of_scheme: int = 0, allowed: float = MOST
) -> list[Finding]:
    """What speaks against a source of which no more than so much may be lost."""
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
                mend="Mend what `hotspots check` lists.",
            ),
        )
    return found


def check_coverage(
    incidents: gpd.GeoDataFrame,
    period: str,
    compare: Sequence[str],
    record: RunRecord,
    within: gpd.GeoDataFrame | None = None,
    places: PlaceIndex | None = None,
) -> tuple[str, ...]:
    """Refuse periods the data do not reach; tell silences; say what may be compared.

    A month or a source that is silent counts as nothing and looks like a fall: periods are
    comparable only where every source that holds any of them, inside the study area, covers both
    whole. ``places`` are those of the incidents, where they are known.
    """
    own, others = Period.parse(period), [Period.parse(other) for other in compare]
    spans = [(one.start, one.end) for one in others]
    require(
        (own.start, own.end) not in spans,
        f"`compare` must name other periods; {own.label} is the `period` itself.",
        InputError,
        rule="same-period",
    )
    for caveat in last_days(own, *others):
        _tell(record, caveat)
    held = periods_of(incidents)
    named = [("period", own), *(("compare", other) for other in others)]
    short = {one for name, one in named if not reaches(held, one, record, name)}
    silences = gaps(incidents, within, places=places) if len(incidents) else []
    return comparable(own, others, record, silences, short)


def reaches(held: Sequence[str], one: Period, record: RunRecord, name: str = "period") -> bool:
    """Whether the months held are all of a period; missing ones are told, nothing at all refused.

    Months without data look like months without incidents.
    """
    months, empty = months_of(one), not_held(held, one, name)
    if not empty:
        return True
    runs = month_runs(empty, month_words)
    holds = f"{runs} hold{'s' if len(empty) == 1 else ''} nothing"
    whole = f"{len(months) - len(empty)} months, not {len(months)}"
    words = f"{_edge(held, months)}: {holds}, so the totals of {one.label} are of {whole}."
    _tell(record, Caveat("months-without-data", {"text": words}))
    return False


def comparable(
    own: Period,
    others: Sequence[Period],
    record: RunRecord,
    silences: Sequence[Gap],
    short: Collection[Period] = (),
) -> tuple[str, ...]:
    """The keys of the periods that can be set beside one; the others are told, with the reason.

    ``silences`` are those of the incidents inside the study area.
    """
    for gap in uncovered(silences, own):
        _tell(record, Caveat("source-cut-short", {"gap": str(gap), "period": own.label}))
    kept = []
    for other in others:
        why = "; ".join(map(str, uncovered(silences, own, other)))
        if not why and {own, other} & set(short):
            why = "months without data"
        if why:
            told = {"other": other.label, "period": own.label, "why": why}
            _tell(record, Caveat("not-compared", told))
        else:
            kept.append(other.key)
    return tuple(kept)


def tell_losses(
    incidents: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame | None,
    intake: Intake,
    record: RunRecord,
) -> None:
    """Warn where much of a source was rejected, lies elsewhere, or nowhere; rules, never rows."""
    files, names = intake.files, intake.names
    read, rejected = sum(one.read for one in files), sum(one.rejected for one in files)
    name = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more files"
    if read and rejected > MUCH * read:
        most = intake.reasons.most_common(REASONS)
        why = ", ".join(f"{rule} ({count:,})" for rule, count in most)
        _tell(record, Caveat("mostly-rejected", {"files": name, "share": 100 * rejected / read}))
        reasons = {"files": name, "reasons": why}
        _tell(record, Caveat("rejected-reasons", reasons, counts_incidents=True))
    strange = sum(one.facts.get("out_of_scheme", 0) for one in files)
    if strange and rejected + strange > MUCH * read:
        told = {"files": name, "share": 100 * strange / read}
        _tell(record, Caveat("mostly-out-of-scheme", told))
    if not len(incidents):
        return
    nowhere = float(incidents.geometry.isna().mean())
    outside = 0.0 if within is None else 1 - nowhere - float(inside(incidents, within).mean())
    if nowhere + outside > MOST_LOST:
        shares = {"outside": 100 * outside, "nowhere": 100 * nowhere}
        _tell(record, Caveat("mostly-elsewhere", {"files": name} | shares))
        found = incidents.geometry
        if within is not None and look_exchanged(*coordinates(found), found.crs, within):
            said = {"area": "the study area"}
            record.find(Finding.of("perhaps-exchanged", "warning", said=said, file=name))


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


def _rejected(file: Read) -> int:
    return file.rejected if isinstance(file.rejected, int) else len(file.rejected)


def _stopping(found: Finding) -> Finding:
    return replace(found, severity="error", line=None)


def _systematic(rule: str, rows: int, of: int, files: Sequence[Read]) -> Finding:
    """The fault of a file, with the one cause that explains it where that is known."""
    causes = [file.facts["place_cause"] for file in files if "place_cause" in file.facts]
    cause: str = ""
    mend = FINDINGS.get(rule, ("", None))[1]
    if rule in CAUSED and causes and causes.count(causes[0]) == len(causes):
        code, unit, factor = causes[0]
        would_be, mend = CAUSES[code]
        cause = f"; nearly all would be places {would_be.format(said=unit, factor=factor)}"
        if isinstance(mend, Mend):
            mend = replace(mend, values={"other": unit})
        else:
            mend = mend.format(factor=factor)
    said = {"fault": rule.replace("-", " "), "rows": rows, "of": of, "share": rows / max(of, 1)}
    found = Finding.of(
        "systematic-fault",
        "warning",
        said=said | {"cause": cause},
        file=files[0].name if len(files) == 1 else None,
        rows=rows,
    )
    return replace(found, mend=mend)


def _tell(record: RunRecord, caveat: Caveat) -> None:
    record.find(Finding(caveat.rule, str(caveat), "warning"))
    record.warn_reader(caveat)


def _edge(held: Sequence[str], months: list[str]) -> str:
    """Which end of the data the period goes beyond."""
    early, late = months[0] < held[0], months[-1] > held[-1]
    if early == late:
        return reach(held) if early else "The data have gaps"
    first, last = month_words(held[0]), month_words(held[-1])
    return f"The data begin in {first}" if early else f"The data end in {last}"
