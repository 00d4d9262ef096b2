"""Columns over which a day or a time is split: found by their names, and by what stands in them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hotspots.io.incidents.column_kinds import MOSTLY, Sample
from hotspots.io.incidents.column_names import FROM, OCCURRED, REPORTED, UNTIL
from hotspots.io.incidents.datetime_formats import MONTHS
from hotspots.io.incidents.field_map import plain_name

PARTS: dict[str, tuple[str, ...]] = {
    "year": ("year", "yyyy", "yr", "yy", "y"),
    "month": ("month", "mth", "mon", "mm", "m"),
    "day": ("day", "dom", "dd", "d", "date"),
    "hour": ("hour", "hours", "hh", "hr", "hrs"),
    "minute": ("minute", "minutes", "mins", "min", "mi", "mm"),
}
LONG = ("year", "month", "day", "hour", "minute")
SIDES = OCCURRED | REPORTED | FROM | UNTIL
LEAST_TO_KNOW = 4


@dataclass(frozen=True)
class Split:
    """The columns over which one day is split, and what their names say of it."""

    parts: Mapping[str, Sample]
    words: frozenset[str]
    place: int

    def columns(self, *wanted: str) -> tuple[str, ...]:
        """The names of some parts, the largest first."""
        return tuple(self.parts[part].name for part in wanted if part in self.parts)

    @property
    def day(self) -> tuple[str, ...]:
        """The columns of the day, or of the month where no day is known; else none."""
        found = self.columns("year", "month", "day")
        return found if {"year", "month"} <= self.parts.keys() else ()


def find_splits(samples: Sequence[Sample]) -> list[Split]:
    """Every group of columns that share what is left of their names, with at least two parts."""
    groups: dict[str, dict[str, Sample]] = defaultdict(dict)
    for sample in samples:
        for part, of in _named(sample.name):
            if sample.share(HOLDS[part]) >= MOSTLY and sample.texts:
                groups[of].setdefault(part, sample)
    found = [_split(of, parts) for of, parts in groups.items() if len(parts) > 1]
    return found if any(split.day for split in found) else [*found, *_by_content(samples)]


def _split(of: str, parts: Mapping[str, Sample]) -> Split:
    words = frozenset.union(*(one.words for one in parts.values()))
    words |= {side for side in SIDES if len(side) >= LEAST_TO_KNOW and of.startswith(side)}
    return Split(parts, words, min(one.place for one in parts.values()))


def _named(name: str) -> list[tuple[str, str]]:
    """What part a name may say it is, and of what: ``OCC_YEAR`` is the year of ``occ``.

    Examples
    --------
    >>> _named("OCC_YEAR"), _named("Year of occurrence"), _named("occurrenceday"), _named("Street")
    ([('year', 'occ')], [('year', 'occurrence')], [('day', 'occurrence')], [])
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [word for word in re.findall(r"[a-z]+", parted.casefold()) if word not in ("of", "the")]
    if "week" in words:
        return []
    found = []
    for part, called in PARTS.items():
        for place in (-1, 0):
            if words and words[place] in called:
                found.append((part, "".join(words[:-1] if place else words[1:])))
                break
    if not found and len(words) == 1:
        plain = plain_name(name)
        found = [(part, plain.removesuffix(part)) for part in LONG if plain.endswith(part)]
    return found


def _by_content(samples: Sequence[Sample]) -> list[Split]:
    """Three columns side by side, of which the cells alone say that they are a day."""
    by_place = {sample.place: sample for sample in samples}
    for place in sorted(by_place):
        three = [by_place.get(place + step) for step in range(3)]
        for order in (("year", "month", "day"), ("day", "month", "year"), ("month", "day", "year")):
            parts = {part: one for part, one in zip(order, three, strict=True) if one is not None}
            if len(parts) == 3 and all(one.share(HOLDS[part]) == 1 for part, one in parts.items()):
                days = {int(text) for text in parts["day"].texts}
                if max(days) > 12 and parts["year"].share(_whole_year) == 1:
                    return [Split(parts, frozenset(), place)]
    return []


def _between(low: int, high: int) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        plain = text.removesuffix(".0")
        return plain.isdecimal() and len(plain) <= 4 and low <= int(plain) <= high

    return holds


_whole_year = _between(1950, 2100)


def _is_month(text: str) -> bool:
    return _between(1, 12)(text) or (text[:3].casefold() in MONTHS and text.isalpha())


def _is_year(text: str) -> bool:
    return _whole_year(text) or (len(text) == 2 and text.isdecimal())


HOLDS: Mapping[str, Callable[[str], bool]] = {
    "year": _is_year,
    "month": _is_month,
    "day": _between(1, 31),
    "hour": _between(0, 24),
    "minute": _between(0, 59),
}
