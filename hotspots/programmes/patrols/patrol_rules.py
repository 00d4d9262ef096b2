"""What makes a patrol area, and the ranges in which each rule makes sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from hotspots.analysis.regions import Reach
from hotspots.core.errors import Findings, InputError

WHOLE_NUMBERS = {"count": 1, "near_misses": 0, "min_incidents": 1, "min_active_months": 0}
NUMBERS: dict[str, tuple[Callable[[float], bool], str]] = {
    "max_area_km2": (lambda value: value > 0, "greater than 0"),
    "max_walk_m": (lambda value: value > 0, "greater than 0"),
    "time_limit_s": (lambda value: value > 0, "greater than 0"),
    "min_separation_m": (lambda value: value >= 0, "of 0 metres or more"),
    "max_event_share": (lambda value: 0 < value <= 1, "above 0, at most 1"),
    "keep_overlap": (lambda value: 0 < value <= 1, "above 0, at most 1"),
    "block_share": (lambda value: 0 <= value <= 1, "from 0 to 1"),
}
USUAL_LEAST, LEAST = 10, 5
"""Fewest incidents of an area, and where too few places hold them: fewer would be anecdotes."""
WORDS: dict[str, tuple[str, ...]] = {
    "by": ("harm", "count", "forecast"),
    "method": ("exact", "greedy"),
}


@dataclass(frozen=True)
class PatrolRules:
    """What makes an area: the arguments of :func:`select_patrol_areas` of these names."""

    count: int
    near_misses: int
    max_area_km2: float
    max_walk_m: float
    min_separation_m: float
    by: str | None
    min_incidents: int
    min_active_months: int
    max_event_share: float
    block_share: float
    keep_overlap: float
    method: str
    time_limit_s: float
    include_found_by_officers: bool | str

    @classmethod
    def among(cls, arguments: Mapping[str, Any]) -> PatrolRules:
        """Those that are rules; one error names every one out of range."""
        rules = cls(**{rule.name: arguments[rule.name] for rule in fields(cls)})
        findings = Findings()
        for words in _out_of_range(asdict(rules)):
            findings.error("out-of-range", words)
        findings.raise_errors(InputError)
        return rules

    @property
    def reach(self) -> Reach:
        """How large an area may grow."""
        return Reach(self.max_area_km2, self.max_walk_m, self.block_share)


def _out_of_range(rules: Mapping[str, Any]) -> Iterator[str]:
    for name, least in WHOLE_NUMBERS.items():
        value = rules[name]
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            yield f"`{name}` must be a whole number of at least {least}; got {value!r}."
    for name, (holds, words) in NUMBERS.items():
        value = rules[name]
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or not holds(value):
            yield f"`{name}` must be a number {words}; got {value!r}."
    for name, known in WORDS.items():
        value = rules[name]
        if value not in known and not (name == "by" and value is None):
            yield f"`{name}` must be one of {', '.join(known)}; got {value!r}."
