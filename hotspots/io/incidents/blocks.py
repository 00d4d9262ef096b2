"""Text files in blocks that end where a row ends, so that a file need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from hotspots.core.errors import Findings, require
from hotspots.io.incidents.encoding import Text
from hotspots.io.incidents.find_files import Paths, Source, find_sources, require_limit
from hotspots.io.incidents.read_csv import HEAD_BYTES, header_of

LINES = (".csv", ".txt", ".tsv")


@dataclass(frozen=True)
class Block:
    """A part of a file: its bytes, with what stands above its rows, and how far these are down."""

    source: Source
    first_line: int = 1


def blocks_of(
    paths: Paths, largest_gib: float, block_mb: float
) -> tuple[Iterator[Block], Findings]:
    """Every block of every file, one after another, and what is wrong with the paths."""
    require(block_mb > 0, f"`block_mb` must be above zero; got {block_mb!r}.")
    require_limit(largest_gib)
    findings = Findings()
    sources = find_sources(paths, findings, largest_gib=largest_gib)
    findings.raise_errors()
    size = int(block_mb * 2**20)
    return (block for source in sources for block in _of_source(source, size)), findings


def _of_source(source: Source, size: int) -> Iterator[Block]:
    """A text file on the disk in blocks that end where a row ends; any other as it is."""
    plain = source.member is None and source.ending in LINES
    if not plain or source.path.stat().st_size <= size:
        yield Block(source)
        return
    with source.path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if b"\x00" in head:  # two bytes a letter, or no text: lines are not what they seem
            yield Block(source)
            return
        lines = head.splitlines(keepends=True)
        above = b"".join(lines[: header_of(Text(head, "utf-8", False)).above + 1])
        start, line = len(above), above.count(b"\n") + 1
        while start < source.path.stat().st_size:
            stream.seek(start)
            count, end = _rows(stream, size)
            read = partial(_read_block, source.path, above, start, end)
            yield Block(replace(source, read=read, is_block=True), line - above.count(b"\n"))
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
