"""Months on both sides of a change of recording are one series only where somebody says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hotspots.core.periods import Period

if TYPE_CHECKING:
    from hotspots.analysis.evaluation.windows import Break, KnownBreak
    from hotspots.core.record import RunRecord


def refuse_across_breaks(
    months: list[str],
    clock: str,
    breaks: Iterable[Break | KnownBreak],
    *,
    acknowledged: bool,
    record: RunRecord | None,
) -> None:
    """An error where a break lies inside these months; told, if it is acknowledged."""
    if not months:
        return
    from hotspots.analysis.evaluation.windows import Windows, refuse_breaks

    span = Period.parse(f"{months[0]}/{months[-1]}").on_clock(clock)
    told = refuse_breaks(Windows(span.start, span, span), breaks, acknowledged=acknowledged)
    if record is not None:
        record.warn_reader(*told)
