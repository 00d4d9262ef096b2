"""What a file says about itself: facts for people, and the same as data for the next release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots.core.plain import plain
from hotspots.disclosure import is_published
from hotspots.report.files import clean_text

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

ABOUT_TABLE = "about_this_product"
SCHEMA = 1
"""Version of the tables and facts of a file; the first version of the library wrote none."""
PUBLISHED_SOURCES = "published record by record"


@dataclass(frozen=True)
class Fact:
    """One thing a reader of a file must know, in words, and as data where a release needs it."""

    topic: str
    item: str
    said: Any
    data: dict[str, Any] | None = None

    def row(self) -> tuple[str, str, str, str | None]:
        """The fact as it stands in the table."""
        data = None
        if self.data is not None:
            data = json.dumps(plain(self.data), ensure_ascii=False, sort_keys=True)
        return (clean_text(self.topic), clean_text(self.item), clean_text(self.said), data)


def facts(record: RunRecord) -> list[Fact]:
    """Everything a reader of the file must know."""
    return list(_facts(record))


def _facts(record: RunRecord) -> Iterator[Fact]:
    yield Fact("product", "schema", SCHEMA)
    yield Fact("product", "marking", record.marking)
    yield Fact("product", "title", record.title)
    yield Fact("product", "audience", record.audience)
    if record.made_on:
        yield Fact("product", "made on", record.made_on.isoformat())
    if is_published(record):
        yield Fact("product", "sources", PUBLISHED_SOURCES)
    for theme, sentence in record.sentences.items():
        yield Fact("finding", theme, sentence)
    for status in record.themes.values():
        words = f"{status.label}: {status.state}" + (f" ({status.note})" if status.note else "")
        parts = {"label": status.label, "state": status.state, "note": status.note}
        yield Fact("theme", status.name, words, parts)
    for number, caveat in enumerate(record.caveats, 1):
        parts = {"rule": caveat.rule, "values": dict(caveat.values), "of": caveat.of}
        counts = {"counts_incidents": caveat.counts_incidents}
        yield Fact("caveat", str(number), caveat, parts | counts)
    for number, words in enumerate(record.attributions, 1):
        yield Fact("attribution", str(number), words)
    rows = (("read", record.read), ("accepted", record.accepted), ("rejected", record.rejected))
    for name, count in rows:
        yield Fact("rows", name, count)
    for source in record.sources:
        yield Fact("source", source.name, f"SHA-256 {source.sha256}")
    for name, words in record.governance.items():
        yield Fact("governance", name, words)
