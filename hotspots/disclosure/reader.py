"""Who a release is for, and what they know of the data beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotspots.core.record import Audience, RunRecord


@dataclass(frozen=True)
class Reader:
    """The reader of a release.

    Attributes
    ----------
    audience, marking
        Whom the product is for, and how it may be handled.
    published
        Whether every record behind it was already published one by one by its source.
    themes
        Themes whose counts stand in columns ``<theme>_count``.
    minimums
        Incidents that every cluster of a theme has, as the methods say.
    geographies
        Kinds of area that carry totals in the same release.
    """

    audience: Audience
    marking: str
    published: bool = False
    themes: tuple[str, ...] = ()
    minimums: Mapping[str, float] = field(default_factory=dict)
    geographies: frozenset[str] = frozenset()

    @property
    def sees_everything(self) -> bool:
        """Whether nothing is withheld."""
        return self.audience in ("internal", "protect") or self.published


def is_published(record: RunRecord) -> bool:
    """Whether every source of the run was already published record by record.

    False where the record knows no source: nothing is known about the data then.
    """
    return bool(record.sources) and all(
        bool(source.facts.get("published_record_by_record")) for source in record.sources
    )
