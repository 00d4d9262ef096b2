"""What a column of texts could hold, by what stands in its cells and by what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.io.incidents.datetime_formats import parse_clock, parse_moment, parse_month
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.parse_numbers import read_numbers
from hotspots.io.incidents.parse_text import TEXT, Texts
from hotspots.io.incidents.place_cells import is_mostly
from hotspots.offences.codes import is_registered, normalise_offence

SAMPLE, ROWS = 500, 2_000
MOSTLY = 0.8
SCHEMES = ("police_uk", "home_office")
EITHER_WAY = tuple(
    FieldMap("any", longitude="x", latitude="y", date="d", offence="o", day_first=day_first)
    for day_first in (True, False)
)
NUMBER, CLOCK = r"[-+]?[\d,]*\.?\d+", r"\d{1,2}[:.]\d{2}\b(?![-/.]\d)"
MIDNIGHT = re.compile(r"[T ](?:00:00(?::00)?(?:\.0+)?|12:00(?::00)? ?AM)$", re.IGNORECASE)
DAY_NUMBER, LSOA = r"[2-7]\d{4}(?:\.\d+)?", r"[EWS]01\d{6}"


@dataclass(frozen=True)
class Sample:
    """A column: its name, and its first distinct texts that say something."""

    name: str
    place: int
    column: Texts

    @cached_property
    def texts(self) -> list[str]:
        """Distinct texts, without those that stand for nothing or unknown."""
        bare = self.column.bare.head(SAMPLE)
        said = Texts.of(bare)
        return [str(text) for text in bare[~said.blank]]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name: ``Committed On/From Date`` has four."""
        parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name)
        return frozenset(re.findall(r"[a-z]+", parted.casefold()))

    def numbers(self, degrees: bool) -> NDArray[np.float64]:
        """Its first cells as numbers of degrees or metres, row by row, missing where none."""
        cached = self._numbers
        if degrees not in cached:
            first = self.column.codes[:ROWS]
            cached[degrees], _ = read_numbers(self.column.bare.take(first), degrees)
        return cached[degrees]

    @cached_property
    def _numbers(self) -> dict[bool, NDArray[np.float64]]:
        return {}

    @cached_property
    def is_number(self) -> bool:
        """Whether nearly all that is said is numbers."""
        return self.share(lambda text: bool(re.fullmatch(NUMBER, text))) >= MOSTLY

    @cached_property
    def is_coordinate(self) -> bool:
        """Whether nearly all that is said is numbers, however they are written."""
        texts = pd.Series(self.texts, dtype=TEXT)
        read = [np.isfinite(read_numbers(texts, unit)[0]) for unit in (True, False)]
        return bool(self.texts) and max(float(one.mean()) for one in read) >= MOSTLY

    @cached_property
    def days(self) -> float:
        """Share of texts that are days."""
        return self.share(_is_day)

    @cached_property
    def day_numbers(self) -> float:
        """Share of texts that could be days as spreadsheets number them."""
        return self.share(lambda text: re.fullmatch(DAY_NUMBER, text) is not None)

    @cached_property
    def has_clock(self) -> bool:
        """Whether its days come with a time that is more than midnight."""
        return self.share(lambda text: bool(re.search(CLOCK, MIDNIGHT.sub("", text)))) >= 0.5

    @cached_property
    def months(self) -> float:
        """Share of texts that are months."""
        return self.share(lambda text: parse_month(text) is not None)

    @cached_property
    def clocks(self) -> float:
        """Share of texts that are times of day."""
        return self.share(lambda text: not np.isnan(parse_clock(text)[0]) or _has_zeros_lost(text))

    @cached_property
    def scheme(self) -> str | None:
        """The offence scheme that knows most of its texts."""
        for scheme in SCHEMES:
            if self.known(scheme) >= MOSTLY:
                return scheme
        return None

    def known(self, scheme: str) -> float:
        """Share of texts that are offences of a scheme."""

        def knows(text: str) -> bool:
            code = normalise_offence(text, scheme)
            return code is not None and is_registered(code, scheme)

        return self.share(knows)

    @cached_property
    def one_column_place(self) -> str | None:
        """The kind of place that stands in this one column."""
        kinds = (kind for kind in ("grid_reference", "position") if is_mostly(self.column, kind))
        return next(kinds, None)

    @cached_property
    def tells_apart(self) -> bool:
        """Whether it names rows, rather than counting or sorting them."""
        filled = int((~self.column.blank).sum())
        return filled > 0 and len(self.column.distinct) >= MOSTLY * filled

    @cached_property
    def is_lsoa(self) -> bool:
        """Whether it holds codes of statistical areas."""
        return self.share(lambda text: re.fullmatch(LSOA, text) is not None) >= MOSTLY

    def share(self, holds: Callable[[str], bool]) -> float:
        """Share of the sampled texts for which something holds."""
        return sum(map(holds, self.texts)) / len(self.texts) if self.texts else 0.0


def _is_day(text: str) -> bool:
    return any(not np.isnan(parse_moment(text, way)[0]) for way in EITHER_WAY) or bool(
        re.fullmatch(r"1\d{12}", text)
    )


def _has_zeros_lost(text: str) -> bool:
    return re.fullmatch(r"\d{1,4}", text) is not None and int(text) < 2400 and int(text[-2:]) < 60
