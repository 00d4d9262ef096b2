"""A large text on the disk, block by block: it need not fit into memory.

Blocks end where a row ends. A regular text is looked over once and read as one table, the same as
of the whole; any other is handed on block by block, each a source of its own.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hotspots.core.arguments import size_of
from hotspots.core.errors import DataError, Finding, Findings
from hotspots.io.incidents.encoding import Marks, Text, is_utf8, text_marks, to_utf8
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import FileToRead, Paths, find_sources
from hotspots.io.incidents.read_arrow import with_arrow
from hotspots.io.incidents.read_binary import Opened
from hotspots.io.incidents.read_csv import (
    HEAD_BYTES,
    Head,
    Lines,
    TextTable,
    has_arrow,
    header_of,
    one_row_a_line,
    read_table,
    require_width,
)

LINES = (".csv", ".txt", ".tsv")
LARGE_BYTES, BLOCK_BYTES = 1 << 28, 1 << 23

OF_THE_FILE = frozenset(
    {"byte-order-mark", "column-twice", "delimiter", "encoding", "header-found", "header-variant"}
    | {"no-rows", "reader", "references-of-ones-own", "rows-of-ones-own", "unknown-layout"}
)
"""Rules about a file and not about rows of it: every block finds the same."""


def open_large(source: FileToRead, fields: FieldMap | None) -> Opened | None:
    """A large text that need not be in memory; None for what has to be read as a whole."""
    plain = source.member is None and source.ending in LINES and not source.is_block
    if not plain or not has_arrow() or (fields is not None and fields.encoding):
        return None
    try:
        size = source.path.stat().st_size
        if size <= LARGE_BYTES or size > source.largest_gib * 2**30:
            return None
        with source.path.open("rb") as stream:
            start = stream.read(HEAD_BYTES)
        # To the end of a line: a letter of several bytes must not be cut in two.
        known = to_utf8(start[: start.rfind(b"\n") + 1], source.name)
        if known.encoding != "utf-8" or known.had_mark:
            return None
        head = header_of(replace(known, data=start), fields, source.header_row)
        text = _Blocks.of(source.path, start, head.above)
    except (OSError, DataError):
        return None  # told where the whole is read
    if text is None:
        return None
    require_width(head.names, source.name)
    read = partial(_read, source, text, head)
    return Opened(head.names, read, known, rows=text.rows, header_line=head.above + 1)


def give_back() -> None:
    """Memory that pyarrow keeps for its next columns: of a large text it is much."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def blocks_of(
    paths: Paths, largest_gib: float, block_mb: float
) -> tuple[Iterator[FileToRead], Findings]:
    """Every block of every file, one after another, and what is wrong with the paths."""
    block_mb = size_of(block_mb, "block_mb")
    findings = Findings()
    sources = find_sources(paths, findings, largest_gib=largest_gib)
    findings.raise_errors()
    size = int(block_mb * 2**20)
    return (block for source in sources for block in _of_source(source, size)), findings


def over_all_blocks(findings: Iterable[Finding]) -> list[Finding]:
    """What blocks found as findings of their file: the first of each, with the rows of all."""
    alike: dict[tuple[str, str | None, str | None], list[Finding]] = {}
    for found in findings:
        alike.setdefault((found.rule, found.file, found.column), []).append(found)
    return [_of_all_blocks(found) for found in alike.values()]


@dataclass(frozen=True)
class _Blocks:
    """Where the blocks of a text end, and on which line the first row of each stands.

    `upper` is the text down to its header, `seal` the digest of what was read last.
    """

    path: Path
    upper: bytes
    header: bytes
    ends: list[int]
    lines: list[int]
    seal: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, start: bytes, above: int) -> _Blocks | None:
        """The blocks of a text in UTF-8 whose lines end as usual; None for any other."""
        lines = start.splitlines(keepends=True)
        upper = b"".join(lines[: above + 1])
        if not upper.endswith(b"\n") or not _is_usual(upper, text_marks(upper)):
            return None
        ends, first = [len(upper)], [above + 2]
        with path.open("rb") as stream:
            stream.seek(len(upper))
            while block := stream.read(BLOCK_BYTES) + stream.readline():
                marks = text_marks(block)
                if not _is_usual(block, marks):
                    return None
                ends.append(ends[-1] + len(block))
                # A last line without an end is one, too.
                first.append(first[-1] + marks.line_feeds + (not block.endswith(b"\n")))
        return cls(path, upper, lines[above], ends, first)

    @property
    def rows(self) -> int:
        """Lines below the header."""
        return self.lines[-1] - self.lines[0]

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return self.ends[-1]

    def some_lines(self, count: int) -> bytes:
        """The header, and so many lines from all over the text."""
        step = max((self.size - self.ends[0]) // count, 1)
        lines = [self.header]
        with self.path.open("rb") as stream:
            for at in range(self.ends[0], self.size, step):
                stream.seek(at)
                # The line that was landed in is cut off: the next one is whole.
                stream.readline()
                lines.append(stream.readline())
        return b"".join(lines)

    def __iter__(self) -> Iterator[bytes]:
        """Each block below the header; all of them make the digest."""
        seal = hashlib.sha256(self.upper)
        with self.path.open("rb") as stream:
            stream.seek(self.ends[0])
            for start, end in zip(self.ends[:-1], self.ends[1:], strict=True):
                block = stream.read(end - start)
                seal.update(block)
                # Each block is read as a file of its own, which has a header.
                yield self.header + block
        self.seal[:] = [seal.hexdigest()]

    def block(self, number: int) -> bytes:
        """One block without its header."""
        with self.path.open("rb") as stream:
            stream.seek(self.ends[number])
            return stream.read(self.ends[number + 1] - self.ends[number])


def _is_usual(data: bytes, marks: Marks) -> bool:
    """Whether a text is in UTF-8, without NULs and without returns that stand alone."""
    return marks.is_usual and (marks.is_ascii or is_utf8(data))


def _read(
    source: FileToRead,
    text: _Blocks,
    head: Head,
    wanted: Iterable[int],
    numbers: Collection[int] = (),
) -> TextTable:
    """The rows below the header, read as a whole where a line is not one row."""
    places = sorted(set(wanted))
    found = with_arrow(text, len(head.names), head.delimiter, places, numbers)
    cells = one_row_a_line(found, text.rows)
    if cells is None:
        data = source.read()
        table = read_table(
            Text(data, "utf-8", False), head.names, head.delimiter, places, above=head.above
        )
        return replace(table, has_nul=False, digest=hashlib.sha256(data).hexdigest())
    lines = np.arange(text.rows, dtype=np.int64) + text.lines[0]
    return TextTable(
        head.names, cells, lines, [], 0, head.delimiter, "utf-8",
        _LinesOnDisk(text), has_nul=False, digest=text.seal[0],
    )  # fmt: skip


class _LinesOnDisk:
    """Physical lines of a text by number, of one block at a time."""

    def __init__(self, text: _Blocks) -> None:
        self._text, self._at, self._lines = text, -1, Lines(b"")

    def __getitem__(self, number: int) -> str:
        at = bisect_right(self._text.lines, number) - 1
        if at != self._at:
            self._at, self._lines = at, Lines(self._text.block(at))
        return self._lines[number - self._text.lines[at] + 1]


def _of_all_blocks(found: list[Finding]) -> Finding:
    first, rows = found[0], sum(one.rows for one in found)
    if len(found) == 1 or first.rule in OF_THE_FILE:
        return first
    said = f"{first.message} That is the first block with any; all together have {rows:,} rows."
    return replace(first, message=said, rows=rows)


def _of_source(source: FileToRead, size: int) -> Iterator[FileToRead]:
    """A text file on the disk in blocks that end where a row ends; any other as it is."""
    plain = source.member is None and source.ending in LINES
    if not plain or source.path.stat().st_size <= size:
        yield source
        return
    with source.path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if b"\x00" in head:  # two bytes a letter, or no text: lines are not what they seem
            yield source
            return
        lines = head.splitlines(keepends=True)
        above = b"".join(lines[: header_of(Text(head, "utf-8", False)).above + 1])
        start, line = len(above), above.count(b"\n") + 1
        while start < source.path.stat().st_size:
            stream.seek(start)
            count, end = _rows(stream, size)
            read = partial(_read_block, source.path, above, start, end)
            down = line - 1 - above.count(b"\n")
            yield replace(source, read=read, is_block=True, lines_above=down)
            start, line = end, line + count


def _rows(stream: Any, size: int) -> tuple[int, int]:
    """How many lines a block has and where it ends: at a line end outside quotes."""
    data = stream.read(size)
    rest = stream.readline()
    # An odd number of quotes: the block ends inside a cell, and so inside a row.
    while rest and (data.count(b'"') + rest.count(b'"')) % 2:
        data, rest = data + rest, stream.readline()
    return data.count(b"\n") + rest.count(b"\n"), stream.tell()


def _read_block(path: Path, above: bytes, start: int, end: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(start)
        return above + stream.read(end - start)
