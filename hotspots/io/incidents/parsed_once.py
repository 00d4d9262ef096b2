"""Files that several products are made of, parsed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from hotspots.core.errors import Finding, Findings
from hotspots.core.record import sha256_of
from hotspots.core.remember import digest

if TYPE_CHECKING:
    from hotspots.io.incidents.find_files import Source
    from hotspots.io.incidents.parse_file import Part

Parsed: TypeAlias = "dict[bytes, tuple[list[Part], list[Finding]]]"
_known: ContextVar[Parsed | None] = ContextVar("known", default=None)


@contextmanager
def parsed_once(kept: Parsed | None = None) -> Iterator[None]:
    """While it lasts a file is parsed once, as long as its bytes and what is asked stay the same.

    For products made one after another of the same files; what was parsed is kept until it ends,
    or in ``kept`` for the next time.
    """
    before = _known.set({} if kept is None else kept)
    try:
        yield
    finally:
        _known.reset(before)


def once_parsed(
    source: Source, asked: list[Any], findings: Findings, parse: Callable[[Findings], list[Part]]
) -> list[Part]:
    """What ``parse`` gives and finds, or gave and found of the same bytes when asked the same."""
    known = _known.get()
    key = None if known is None else _key(source, asked)
    if known is None or key is None:
        return parse(findings)
    if key not in known:
        own = Findings()
        known[key] = parse(own), own.items
    parts, found = known[key]
    findings.add(*found)
    return [replace(part, facts=deepcopy(part.facts)) for part in parts]


def _key(source: Source, asked: list[Any]) -> bytes | None:
    """All that the answer depends on; none for what is no file by itself."""
    if source.member is not None or source.parts or not source.path.is_file():
        return None
    about = (source.label, source.named, source.largest_gib, source.part, source.sheet)
    more = (source.header_row, source.timezone, source.is_block, source.lines_above)
    return digest([*about, *more, source.path.resolve().as_posix(), sha256_of(source.path), *asked])
