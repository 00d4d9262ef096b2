"""Files of any size into a tally: block by block, every row accounted for, on one machine or many.

A block is read, checked, tagged and weighed like any file, and folded; whole numbers add up alike
in any order, so one laptop, several processes and a cluster give the same tally to the bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.arguments import has_record
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_system
from hotspots.core.errors import Finding, Findings, require_extra
from hotspots.core.points import NOWHERE, PlaceIndex, distinct_places
from hotspots.core.record import RejectedRow, RunRecord, SourceFile, sha256_of
from hotspots.core.tables import NOTE, STATE, THEME
from hotspots.core.tally import Tally, add, fold_rows, with_kinds
from hotspots.io.incidents.duplicates import require_rows_are_incidents
from hotspots.io.incidents.find_files import FileToRead, Paths
from hotspots.io.incidents.load import caveats_of
from hotspots.io.incidents.meaning import at_institutions
from hotspots.io.incidents.parse_file import Part, read_opened, read_source
from hotspots.io.incidents.read_binary import opened_frame
from hotspots.io.incidents.read_large import blocks_of, over_all_blocks
from hotspots.offences.tag_themes import tag_part, undecided_rows
from hotspots.offences.weigh_harm import weigh_harm

if TYPE_CHECKING:
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.offences.harm_scale import HarmScale
    from hotspots.offences.themes import Themes

BLOCK_MB = 64
TASK, FRAME = "block-", "frame"
SUMS = ("blank_reference", "out_of_scheme")
OF_WHOLE = ("distinct_points", "largest_pile", "repeated_references")
"""Facts that add up over blocks, and facts that no block can tell."""
TOGETHER = 16
"""Tallies are added so many at a time, and their sums at the end: less than one by one."""


def fold_files(
    paths: Paths,
    *,
    fields: FieldMap | None = None,
    themes: Themes | None = None,
    harm_scale: HarmScale | None = None,
    record: RunRecord | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    timezone: str | None = None,
    largest_gib: float = LARGEST_GIB,
    block_mb: float = BLOCK_MB,
) -> Tally:
    """Fold files that do not fit into memory into a tally, block by block.

    Parameters
    ----------
    paths, fields, record, crs, timezone, largest_gib
        As for :func:`load_incidents`.
    themes : Themes, optional
        Tags every incident; an offence they do not know stays untagged.
    harm_scale : HarmScale, optional
        Weighs every incident.
    block_mb : float
        Megabytes of a text file read at a time. Other files are read whole, one at a time.

    Returns
    -------
    Tally
        The same as that of ``fold(weigh_harm(tag_themes(load_incidents(paths), themes), scale))``;
        ``hs.select(tally, question)`` takes it for the incidents.

    Raises
    ------
    DataError
        With every finding, when a file cannot be read, lacks columns, or has no row of use.
    InputError
        Where the field map says that one incident is one reference: that needs all rows at once.

    Notes
    -----
    What needs all rows at once is not looked for: incidents told twice in two files, a fault of a
    whole column, suspicious piles. Run ``hotspots check`` on a part first. How a column is to be
    read is found out block by block. Days and hours are gone: a tally answers for whole months.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> hs.fold_files(hs.bundled("incidents"), themes=hs.Themes.police_uk(), record=record)
    <Tally of 87,348 incidents: 22,515 places, 3 months, 80 kinds, 62,013 lines>
    """
    work = _Work(fields, themes, harm_scale, crs, timezone)
    blocks, findings = blocks_of(paths, largest_gib, block_mb)
    folded = _Sum()
    for block in blocks:
        folded.take(work.fold(block))
    return _finished(folded, findings, work, record)


def fold_dask(
    paths: Paths | Any,
    *,
    scheduler: str | None = None,
    fields: FieldMap | None = None,
    themes: Themes | None = None,
    harm_scale: HarmScale | None = None,
    record: RunRecord | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    timezone: str | None = None,
    largest_gib: float = LARGEST_GIB,
    block_mb: float = BLOCK_MB,
    progress: Callable[[str], None] | None = None,
) -> Tally:
    """The same on several processes or machines, by Dask; the same tally to the bit.

    Parameters
    ----------
    paths : paths, or a Dask DataFrame
        As for :func:`fold_files`; or a frame, partition by partition, with ``fields`` unless its
        columns are those of data.police.uk. Rejected rows of it are numbered by partition.
    scheduler : str, optional
        ``"threads"``, ``"processes"`` (the default), ``"synchronous"``, or the address of a Dask
        scheduler, ``"tcp://host:8786"``; its workers must see the files under the same paths.
    progress : callable, optional
        Told after each block how many are folded, e.g. ``print``.
    fields, themes, harm_scale, record, crs, timezone, largest_gib, block_mb
        As for :func:`fold_files`.

    Returns
    -------
    Tally
        See :func:`fold_files`.

    Raises
    ------
    DataError
        As :func:`fold_files`.
    MissingExtraError
        Without the extra ``distributed``.

    Notes
    -----
    A block that a lost worker had is read again by another; nothing is counted twice, since a block
    is one task with one result. It pays where reading is the brake; what comes after works on the
    tally, on one machine.

    Examples
    --------
    >>> import hotspots as hs
    >>> file = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    >>> hs.fold_dask(file, scheduler="synchronous").total  # doctest: +SKIP
    31635
    """
    dask = require_extra("dask", "distributed", "folding files on several processes")
    work = _Work(fields, themes, harm_scale, crs, timezone)
    # A task goes by the number of its block, so what is in it need not be hashed.
    fold_one = dask.delayed(work.fold, pure=False)
    if hasattr(paths, "to_delayed"):
        parts, findings = enumerate(paths.to_delayed(), 1), Findings()
        fold_one = dask.delayed(work.fold_frame, pure=False)
    else:
        found, findings = blocks_of(paths, largest_gib, block_mb)
        parts = enumerate(found, 1)
    tasks = [fold_one(part, number, dask_key_name=f"{TASK}{number}") for number, part in parts]
    folded = _Sum()
    for one in _computed(tasks, scheduler or "processes", progress or (lambda _: None)):
        folded.take(one)
    return _finished(folded, findings, work, record)


def _computed(
    tasks: Sequence[Any], scheduler: str, progress: Callable[[str], None]
) -> Sequence[_Folded]:
    """What the tasks give, in their order; how far they are is said as they end."""
    import dask
    from dask.callbacks import Callback

    if "://" not in scheduler:
        with Callback(posttask=_Done(len(tasks), progress)):
            found: Sequence[_Folded] = dask.compute(*tasks, scheduler=scheduler)
            return found
    from distributed import Client, as_completed

    with Client(scheduler) as client:
        futures = client.compute(list(tasks))
        done = _Done(len(tasks), progress)
        for future in as_completed(futures):
            done(future.key)
        gathered: Sequence[_Folded] = client.gather(futures)
        return gathered


class _Done:
    """Says how many blocks are folded."""

    def __init__(self, of: int, progress: Callable[[str], None]) -> None:
        self.done, self.of, self.progress = 0, of, progress

    def __call__(self, key: object, *_: object) -> None:
        if str(key).startswith(TASK):
            self.done += 1
            self.progress(f"{self.done:,} of {self.of:,} blocks folded")


@dataclass
class _Folded:
    """What came of a block."""

    tally: Tally | None
    read: dict[str, list[int]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    paths: dict[str, Path] = field(default_factory=dict)
    fields: dict[str, FieldMap] = field(default_factory=dict)


@dataclass(frozen=True)
class _Work:
    """What is done with every block."""

    fields: FieldMap | None
    themes: Themes | None
    scale: HarmScale | None
    crs: Any
    timezone: str | None

    def __post_init__(self) -> None:
        require_system(self.crs)
        require_rows_are_incidents(self.fields)

    def fold(self, block: FileToRead, _: int = 0) -> _Folded:
        """Read and fold one block."""
        findings = Findings()
        source = block.asked(self.fields.layer if self.fields else None, timezone=self.timezone)
        parts = read_source(source, self.fields, self.crs, [], findings)
        return self._folded(parts, findings)

    def fold_frame(self, frame: pd.DataFrame, number: int) -> _Folded:
        """Read and fold one partition of a Dask frame; its rows are numbered within it."""
        findings = Findings()
        opened = opened_frame(frame, self.crs)
        source = FileToRead(FRAME, Path(f"partition {number}"), True, bytes, is_block=True)
        asked = source.asked(None, timezone=self.timezone)
        part = read_opened(asked, b"", opened, self.fields, self.crs, [], findings)
        found = self._folded([] if part is None else [part], findings)
        found.rejected = [replace(row, file=f"{FRAME}/{number}") for row in found.rejected]
        return found

    def _folded(self, parts: list[Part], findings: Findings) -> _Folded:
        tallies = [_tally_of(part, self.crs) for part in parts if len(part.frame)]
        found = _Folded(add(tallies) if tallies else None, faults=[*findings])
        for part in parts:
            name = part.source.name
            counts = [part.rows_read, len(part.frame), len(part.rejected), part.places.unlocated]
            found.read[name] = np.add(found.read.get(name, [0] * 4), counts).tolist()
            found.facts[name], found.paths[name] = part.facts, part.source.path
            found.fields[name] = part.fields
            found.findings += part.findings
            found.rejected += part.rejected
        return found

    def meaning(self, tally: Tally, rejected: int) -> Tally:
        """Themes and harm of each kind, which are those of its incidents."""
        kinds = gpd.GeoDataFrame(tally.kinds.assign(place=None), geometry="place", crs=self.crs)
        if "institutional" in kinds.columns:  # a file without names of places has none
            kinds["institutional"] = kinds["institutional"].eq(True)
        if self.themes is not None:
            kinds = _settled(tag_part(kinds, self.themes), tally, self.themes, rejected)
        if self.scale is not None:
            kinds = weigh_harm(kinds, self.scale)
        return with_kinds(tally, pd.DataFrame(kinds.drop(columns="place")))


def _tally_of(part: Part, crs: Any) -> Tally:
    """The tally of what was read of a table, without a point or an id for each row."""
    frame, spots = part.frame, part.places
    if "place_name" in frame.columns:
        frame = frame.assign(institutional=at_institutions(frame["place_name"]))
    used, own = np.unique(spots.codes[spots.codes >= 0], return_inverse=True)
    places, which = distinct_places(spots.x[used], spots.y[used])
    of_row = np.full(len(frame), NOWHERE, dtype=np.intp)
    of_row[spots.codes >= 0] = which[own]
    return fold_rows(frame, PlaceIndex(places, of_row), crs)[0]


class _Sum:
    """What came of all blocks so far."""

    def __init__(self) -> None:
        self._tallies: list[Tally] = []
        self._sums: list[Tally] = []
        self.all = _Folded(None)

    def take(self, one: _Folded) -> None:
        self._tallies += [] if one.tally is None else [one.tally]
        if len(self._tallies) == TOGETHER:
            self._sums.append(add(_emptied(self._tallies)))
        for name, counts in one.read.items():
            self.all.read[name] = np.add(self.all.read.get(name, [0] * 4), counts).tolist()
        for name, facts in one.facts.items():
            self.all.facts[name] = _merged(self.all.facts.get(name, {}), facts)
        self.all.paths |= one.paths
        self.all.fields |= one.fields
        self.all.rejected += one.rejected
        self.all.faults += one.faults
        self.all.findings += one.findings

    def tally(self) -> Tally | None:
        """The tally of all blocks, once; it takes the place of theirs."""
        self._sums += _emptied(self._tallies)
        return add(_emptied(self._sums)) if self._sums else None


def _emptied(tallies: list[Tally]) -> list[Tally]:
    """What was in a list, for one who adds it and lets it go."""
    return [tallies.pop() for _ in tallies[:]]


def _merged(facts: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The facts of a file of those of its blocks; what blocks cannot tell together is left out."""
    found = {**facts, **more}
    for name, value in more.items():
        before = facts.get(name)
        if isinstance(before, dict):
            found[name] = dict(sorted((Counter(before) + Counter(value)).items()))
        elif isinstance(before, list):
            found[name] = sorted({*before, *value})
        elif name in SUMS and before is not None:
            found[name] = before + value
    return {name: value for name, value in found.items() if not facts or name not in OF_WHOLE}


def _finished(folded: _Sum, findings: Findings, work: _Work, record: RunRecord | None) -> Tally:
    """The tally, once nothing stands against it, and the record of how it came."""
    findings.add(*over_all_blocks(folded.all.faults))
    tally = folded.tally()
    if tally is None and not findings.errors:
        findings.error("nothing-to-load", "incidents were expected; no file holds any.")
    findings.raise_errors()
    assert tally is not None
    tally = work.meaning(tally, len(folded.all.rejected))
    if has_record(record):
        _write_down(record, tally, folded.all, findings, work)
    return tally


def _settled(
    kinds: gpd.GeoDataFrame, tally: Tally, themes: Themes, rejected: int
) -> gpd.GeoDataFrame:
    """Themes of which not one incident came in are absent, as in a table."""
    count = np.bincount(tally.kind, tally.count, len(kinds)).astype(np.int64)
    for theme in themes:
        column = f"{THEME}{theme.name}"
        if kinds[column].any() or kinds[column + STATE].eq("absent").all():
            continue
        unsure = undecided_rows(kinds, theme, themes.offence_scheme, count)
        missing = pd.array([pd.NA] * len(kinds), dtype="boolean")
        note = theme.without_one(rejected=rejected, coarse=unsure).note
        said: dict[str, Any] = {column: missing, column + STATE: "absent", column + NOTE: note}
        kinds = kinds.assign(**said)
    return kinds


def _write_down(
    record: RunRecord, tally: Tally, found: _Folded, findings: Findings, work: _Work
) -> None:
    for name, counts in found.read.items():
        read, accepted, rejected, unlocated = counts
        path = found.paths[name]
        digest = sha256_of(path) if path.is_file() else ""
        facts = found.facts[name]
        record.sources.append(SourceFile(name, digest, read, accepted, rejected, unlocated, facts))
    record.quarantine.extend(found.rejected)
    for finding in (*findings, *over_all_blocks(found.findings)):
        record.find(finding)
    for theme in work.themes or ():
        column = f"{THEME}{theme.name}"
        states, notes = (tally.kinds[column + end].unique() for end in (STATE, NOTE))
        state, note = states[0], "; ".join(map(str, notes))
        record.tell_themes(replace(theme.status, state=state, note=note))
    for fields in found.fields.values():
        if fields.attribution:
            record.attribute(fields.attribution)
        record.governance.update(fields.governance)
    record.warn_reader(*caveats_of(found.facts[name] for name, n in found.read.items() if n[1]))
    record.choose("fold_files", crs=str(work.crs), files=len(found.read))
