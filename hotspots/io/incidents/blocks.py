"""Text files in blocks that end where a row ends, so that a file need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from hotspots.core.errors import Finding, Findings, require
from hotspots.io.incidents.encoding import Text
from hotspots.io.incidents.find_files import Paths, Source, find_sources, require_limit
from hotspots.io.incidents.read_csv import HEAD_BYTES, header_of

LINES = (".csv", ".txt", ".tsv")
OF_THE_FILE = frozenset(
    {"byte-order-mark", "column-twice", "delimiter", "encoding", "header-found", "header-variant"}
    | {"no-rows", "reader", "references-of-ones-own", "rows-of-ones-own", "unknown-layout"}
)
"""Rules about a file and not about rows of it: every block finds the same."""


def blocks_of(
    paths: Paths, largest_gib: float, block_mb: float
) -> tuple[Iterator[Source], Findings]:
    """Every block of every file, one after another, and what is wrong with the paths."""
    require(block_mb > 0, f"`block_mb` must be above zero; got {block_mb!r}.")
    require_limit(largest_gib)
    findings = Findings()
    sources = find_sources(paths, findings, largest_gib=largest_gib)
    findings.raise_errors()
    size = int(block_mb * 2**20)
    return (block for source in sources for block in _of_source(source, size)), findings


def together(findings: Iterable[Finding]) -> list[Finding]:
    """What blocks found as findings of their file: the first of each, with the rows of all."""
    alike: dict[tuple[str, str | None, str | None], list[Finding]] = {}
    for found in findings:
        alike.setdefault((found.rule, found.file, found.column), []).append(found)
    return [_of_all_blocks(found) for found in alike.values()]


def _of_all_blocks(found: list[Finding]) -> Finding:
    first, rows = found[0], sum(one.rows for one in found)
    if len(found) == 1 or first.rule in OF_THE_FILE:
        return first
    said = f"{first.message} That is the first block with any; all together have {rows:,} rows."
    return replace(first, message=said, rows=rows)


def _of_source(source: Source, size: int) -> Iterator[Source]:
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
    while rest and (data.count(b'"') + rest.count(b'"')) % 2:
        data, rest = data + rest, stream.readline()
    return data.count(b"\n") + rest.count(b"\n"), stream.tell()


def _read_block(path: Path, above: bytes, start: int, end: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(start)
        return above + stream.read(end - start)
