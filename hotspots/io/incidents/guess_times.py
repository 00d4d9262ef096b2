"""The columns that say when: what happened comes before what was reported."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from hotspots.core.text.findings import FINDINGS
from hotspots.io.incidents.column_kinds import (
    FROM,
    MOSTLY,
    NOT_WHEN,
    OCCURRED,
    REPORTED,
    UNTIL,
    Sample,
    is_called,
)
from hotspots.io.incidents.date_patterns import MONTHS
from hotspots.io.incidents.datetime_formats import unread_as
from hotspots.io.incidents.field_map import plain_name
from hotspots.io.incidents.field_map_faults import parts_of

CLOCK_WORDS = frozenset({"time", "hour", "at", "hrs", "clock", "hhmm"})
DATE_WORDS = frozenset({"date", "day", "when", "time", "datetime", "on", "timestamp"})
DAY = ("year", "month", "day")
IN_ITS_NAME = 0.5
"""So many cells are enough where the name says what they are."""

PARTS: dict[str, tuple[str, ...]] = {
    "year": ("year", "yyyy", "yr", "yy", "y"),
    "month": ("month", "mth", "mon", "mm", "m"),
    "day": ("day", "dom", "dd", "d", "date"),
    "hour": ("hour", "hours", "hh", "hr", "hrs"),
    "minute": ("minute", "minutes", "mins", "min", "mi", "mm"),
}
WHEN_WORDS = (DATE_WORDS | CLOCK_WORDS | {"of", "the", "local"}).union(*PARTS.values())
LONG = ("year", "month", "day", "hour", "minute")
SIDES = OCCURRED | REPORTED | FROM | UNTIL
LEAST_TO_KNOW = 4


@dataclass(frozen=True)
class TimeColumns:
    """The columns with the time, how sure each is, and why there are none."""

    columns: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    sure: dict[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def names(self) -> list[str]:
        """The columns, every part of what is split."""
        return [name for given in self.columns.values() for name in parts_of(given)]


def find_times(samples: Sequence[Sample]) -> TimeColumns:
    """The days likeliest to be when it happened, in one column or split; else a month."""
    splits = find_splits(samples)
    days = [sample for sample in samples if _is_days(sample)]
    clocks = [sample for sample in samples if sample not in days and _is_clock(sample)]
    start = _likeliest(days)
    split = _likeliest([one for one in splits if len(one.day) == len(DAY)])
    if split is not None and (start is None or _rank(split) > _rank(start)):
        return _split_days(split, splits)
    if start is None:
        return _month(samples, days, splits)
    end = _end_of(start, days)
    chosen = {("from_date" if end else "date"): start}
    if end is not None:
        chosen["until_date"] = end
    else:
        chosen = _from_and_until(start, clocks) or chosen
    for what, day in list(chosen.items()):
        clock = _clock_of(day, [one for one in clocks if one not in chosen.values()], days)
        if clock is not None and what.replace("date", "time") not in chosen:
            chosen[what.replace("date", "time")] = clock
    columns = {what: _with_minutes(one, splits) for what, one in chosen.items()}
    return TimeColumns(columns, {one.name: _sure(one, days) for one in chosen.values()})


def _likeliest(days: Sequence[Days]) -> Days | None:
    """The days likeliest to be when it happened, of those that may be; of equals the first."""
    may_be = [one for one in days if _rank(one) >= 0]
    return max(may_be, key=lambda one: (_rank(one), -one.place), default=None)


def _is_days(sample: Sample) -> bool:
    dated = bool(sample.words & (DATE_WORDS | OCCURRED | REPORTED | FROM | UNTIL))
    return sample.days >= MOSTLY or (dated and sample.days + sample.day_numbers >= IN_ITS_NAME)


def _is_clock(sample: Sample) -> bool:
    called = bool(sample.words & CLOCK_WORDS) or is_called(sample.name, "time")
    return called and sample.clocks >= IN_ITS_NAME


def is_unread_clock(sample: Sample) -> bool:
    """Whether a column is called a time of day, and holds what is none."""
    called = bool(sample.words & {"time", "hour"}) and bool(sample.texts)
    return called and not _is_days(sample) and not _is_clock(sample)


def _rank(sample: Sample | Split) -> int:
    """What a column of days is likeliest to be: when it happened, best."""
    words = sample.words
    if words & NOT_WHEN:
        return -1
    if words & UNTIL and not words & FROM:
        return 0 if not words & OCCURRED else 1
    if words & FROM:
        return 5
    if words & OCCURRED and not words & REPORTED:
        return 4
    if words & REPORTED:
        return 2
    return 3 if words <= WHEN_WORDS else 1


def _end_of(start: Days, days: Sequence[Days]) -> Days | None:
    """The day, in one column or several, that ends what this one starts."""
    ends = [
        one
        for one in days
        if one is not start and one.words & UNTIL and not one.words & (NOT_WHEN | FROM | REPORTED)
    ]
    begins = start.words & (FROM | OCCURRED)
    return max(ends, key=lambda one: len(one.words & start.words), default=None) if begins else None


def _from_and_until(day: Sample, clocks: Sequence[Sample]) -> dict[str, Sample]:
    """The times from and until of one day, where two columns say so."""
    if day.has_clock:
        return {}
    may_be = [one for one in clocks if not one.words & (NOT_WHEN | REPORTED)]
    start = [one for one in may_be if one.words & FROM and not one.words & UNTIL]
    end = [one for one in may_be if one.words & UNTIL and not one.words & FROM]
    if not start or not end:
        return {}
    until = {"until_date": day, "until_time": end[0]}
    return {**until, "from_date": day, "from_time": start[0]}  # the last says what the day is


def _clock_of(day: Sample, clocks: Sequence[Sample], days: Sequence[Sample]) -> Sample | None:
    """The clock that belongs to a column of days, by the words they share and where they stand."""
    if day.has_clock or not clocks:
        return None

    def near(one: Sample) -> tuple[int, int, int]:
        shared = len((one.words - CLOCK_WORDS) & (day.words - DATE_WORDS))
        sides = (FROM, UNTIL, OCCURRED, REPORTED)
        apart = sum(bool(one.words & side) != bool(day.words & side) for side in sides)
        return shared, -apart, -abs(one.place - day.place)

    best = max(clocks, key=near)
    others = [one for one in days if one is not day and not one.has_clock]
    strange = best.words & (FROM | UNTIL | OCCURRED | REPORTED)
    if strange and not strange & day.words and any(strange & one.words for one in others):
        return None  # it is the clock of another day
    return best


def _with_minutes(clock: Sample, splits: Sequence[Split]) -> str | tuple[str, ...]:
    """An hour with its minute, where that has a column of its own."""
    for split in splits:
        if split.parts.get("hour") is clock and "minute" in split.parts:
            return split.columns("hour", "minute")
    return clock.name


def _split_days(start: Split, splits: Sequence[Split]) -> TimeColumns:
    """A day that is split over year, month and day, with its hour; and its end so."""
    days = [split for split in splits if len(split.day) == len(DAY)]
    end = _end_of(start, days)
    columns: dict[str, str | tuple[str, ...]] = {}
    for role, day in ({"from": start, "until": end} if end else {"": start}).items():
        prefix = f"{role}_" if role else ""
        columns[f"{prefix}date"] = day.day
        clock = day.columns("hour", "minute") if "hour" in day.parts else ()
        if clock:
            columns[f"{prefix}time"] = clock if len(clock) > 1 else clock[0]
    sure = "sure" if len(days) == 1 or start.words & (OCCURRED | FROM) else "likely"
    found = TimeColumns(columns)
    return TimeColumns(columns, dict.fromkeys(found.names, sure))


def _month(
    samples: Sequence[Sample], days: Sequence[Sample], splits: Sequence[Split]
) -> TimeColumns:
    months = [sample for sample in samples if sample.months >= MOSTLY]
    called = [one for one in months if is_called(one.name, "month")]
    called = called or [one for one in months if not one.is_number]
    if called:
        return TimeColumns({"month": called[0].name}, {called[0].name: "sure"})
    for split in splits:
        if split.day and not split.words & NOT_WHEN:
            return TimeColumns({"month": split.day[:2]}, dict.fromkeys(split.day[:2], "likely"))
    return TimeColumns(why=_why(samples, days))


def _why(samples: Sequence[Sample], days: Sequence[Sample]) -> str:
    parts = [one.name for what in DAY for one in samples if what in one.words and one.is_number]
    if len(parts) > 1:
        said = ", ".join(map(repr, parts))
        return f"the day seems split over {said}; year, month and day are needed"
    if days:
        named = ", ".join(repr(one.name) for one in days[:3])
        return f"{named} hold days, but not those on which something happened or was reported"
    for one in samples:
        if one.words & DATE_WORDS and one.texts:
            like = {rule: texts.mean() for rule, texts in unread_as(pd.Series(one.texts)).items()}
            rule = max(like, key=like.__getitem__)
            why = " ".join(map(str, FINDINGS[rule])).rstrip(".") if like[rule] >= MOSTLY else ""
            said = f"no days that can be read, such as {one.texts[0]!r}{why and f': {why}'}"
            return f"{one.name!r} could be a time by name, but its cells are {said}"
    return "no column holds days or months"


def _sure(sample: Sample, days: Sequence[Sample]) -> str:
    """Sure where its name says when; else likely, and a guess beside other columns of days."""
    if sample.words & (OCCURRED | FROM | UNTIL) or is_called(sample.name, "date"):
        return "sure" if len(days) == 1 or sample.words & (OCCURRED | FROM | UNTIL) else "likely"
    return "likely" if len(days) <= 1 or sample.words & CLOCK_WORDS else "perhaps"


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


Days = TypeVar("Days", Sample, Split)


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
