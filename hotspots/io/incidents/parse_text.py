"""Text columns: offences, place names, references and flags, each distinct text read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.errors import Findings, listing
from hotspots.core.plain import still_text
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.row_faults import Faults
from hotspots.offences.codes import (
    HOME_OFFICE,
    POLICE_UK,
    POLICE_UK_TYPES,
    RETIRED_POLICE_UK_TYPES,
    normalise_offence,
    possible_classes,
)

ON_OR_NEAR = "on or near"
CAPITAL_S = re.compile(r"(?<=[a-z]['’])S\b")
"""Of "Queen'S Road", as data.police.uk spells it."""
MOST_STREETS = 2**17
NOWHERE = frozenset({"no location", ""})
YES = frozenset(
    {"yes", "y", "true", "t", "1"} | {"domestic", "da", "dv", "domestic abuse", "domestic violence"}
)
Frame = TypeVar("Frame", bound=pd.DataFrame)
NO = frozenset({"no", "n", "false", "f", "0", "non-domestic", "not domestic"})


def offence_column(column: Texts, fields: FieldMap, faults: Faults, noted: Findings) -> pd.Series:
    """Offences in the one spelling of their scheme; rows with an unknown one are put aside."""
    found = _read(column.bare, fields)
    name = fields.offence or ""
    unknown = column.spread(np.array([offence is None for offence in found], dtype=bool))
    empty = unknown & column.spread(column.plain == "")
    faults.add(empty, column.tell, rule="offence-missing", column=name)
    known = (
        f"one of the {len(POLICE_UK_TYPES)} types of data.police.uk"
        if fields.offence_scheme == POLICE_UK
        else f"an offence in the shape of the scheme {fields.offence_scheme!r}"
    )
    faults.add(
        unknown & ~empty,
        column.tell,
        rule="offence-unknown",
        column=name,
        known=known,
    )
    _note_odd_offences({offence for offence in found if offence}, fields, faults.file, noted)
    return column.category(found)


def text_column(column: Texts) -> pd.Series:
    """Text without blanks around it; missing where it says nothing, or that it is not known."""
    return (column.series if column.apart else column.category)(column.known())


def place_names(column: Texts) -> pd.Series:
    """Places without "On or near"; missing where the source says that it does not know."""
    return column.category([_place_once(str(text)) for text in column.distinct])


def plain_place(text: str) -> str | None:
    """A place name as people say it; None where there is none.

    Examples
    --------
    >>> plain_place("On or near Queen'S Road"), plain_place("No Location")
    ("Queen's Road", None)
    """
    plain = still_text(" ".join(text.split()))
    if plain.casefold().startswith(ON_OR_NEAR):
        plain = plain[len(ON_OR_NEAR) :].strip()
    plain = CAPITAL_S.sub("s", plain)
    return None if plain.casefold() in NO_PLACE else plain


_place_once = lru_cache(maxsize=MOST_STREETS)(plain_place)
"""Blocks of a large file, and the search for institutions, ask of the same streets again."""


def flag_column(column: Texts, name: str, file: str, noted: Findings) -> pd.Series:
    """Yes and no as a nullable boolean; missing where the source says neither."""
    plain = [str(text).casefold() for text in column.plain]
    told = YES | NO | BLANKS | UNKNOWN_WORDS | column.missing
    odd = [low not in told for low in plain]
    if any(odd):
        noted.warn(
            "flag-unknown",
            "yes or no was expected; anything else is taken as not known.",
            file=file,
            column=name,
            value=plain[odd.index(True)],
            rows=int(column.spread(odd).sum()),
        )
    values = [True if low in YES else False if low in NO else pd.NA for low in plain]
    return pd.Series(pd.array(values, dtype="boolean").take(column.codes))


def _read(texts: Iterable[str], fields: FieldMap) -> list[str | None]:
    """Offences of a scheme; words of the source are known in capitals and small letters."""
    given = {str(word).strip().casefold(): str(told) for word, told in fields.offence_words.items()}
    given |= {str(word).strip(): str(told) for word, told in fields.offence_words.items()}
    told = ((text.strip(), text) for text in map(str, texts))
    words = [given.get(word, given.get(word.casefold(), text)) for word, text in told]
    return [_one_spelling(one, fields.offence_scheme) for one in words]


def _one_spelling(words: str, scheme: str) -> str | None:
    if scheme == POLICE_UK:
        for retired in RETIRED_POLICE_UK_TYPES:
            if words.strip().casefold() == retired.casefold():
                return retired
    code = normalise_offence(words, scheme)
    return code if scheme in (POLICE_UK, HOME_OFFICE) else " ".join(words.split()) or None


def _note_odd_offences(found: set[str], fields: FieldMap, file: str, noted: Findings) -> None:
    retired = found & set(RETIRED_POLICE_UK_TYPES)
    if fields.offence_scheme == POLICE_UK and retired:
        noted.warn(
            "offence-retired",
            f"{listing(retired)} were published until spring 2013 and hold "
            "other offences than any type of today.",
            file=file,
            column=fields.offence,
        )
    coded = fields.offence_scheme == HOME_OFFICE
    strange = {offence for offence in found if coded and not possible_classes(offence, HOME_OFFICE)}
    if strange:
        noted.warn(
            "offence-unregistered",
            f"codes have the right shape but are in no list here: {listing(strange)}.",
            file=file,
            column=fields.offence,
        )


TEXT = pd.Series(["a"]).dtype
"""What this pandas calls text: ``str`` from 3.0 on, ``object`` before."""
BLANKS = frozenset(
    {"", "null", "none", "nan", "n/a", "na", "#n/a", "-"}
    | {"<null>", "(null)", "#null!", "#value!", "#ref!", "#name?", "#div/0!", "#num!"}
)
"""What extracts write where nothing was written."""
UNKNOWN_WORDS = frozenset(
    {"n/k", "nk", "n.k.", "not known", "unknown", "unk", "not recorded", "not stated"}
    | {"not specified", "not available", "tbc", "tba", "?", "??", "???"}
)
"""What people write where they do not know."""
NO_PLACE = NOWHERE | BLANKS | UNKNOWN_WORDS
DIGITS = frozenset("0123456789-.")
MANY = 1_000


def of_arrow(chunk: Any) -> pd.Series:
    """Texts of Arrow as a column, without one object a text where this pandas can."""
    if hasattr(TEXT, "__from_arrow__"):
        return pd.Series(TEXT.__from_arrow__(chunk))
    return pd.Series(chunk.to_pandas(), dtype=TEXT)


def repeated(text: str, size: int) -> pd.Series:
    """One text so many times.

    Examples
    --------
    >>> repeated("Robbery", 2).tolist()
    ['Robbery', 'Robbery']
    """
    if not hasattr(TEXT, "__from_arrow__") or find_spec("pyarrow") is None:
        return pd.Series(text, index=pd.RangeIndex(size), dtype=TEXT)
    import pyarrow as pa

    return of_arrow(pa.repeat(pa.scalar(text, pa.large_string()), size))


def numbered(name: str, lines: pd.Series) -> pd.Series:
    """A name with each line, as in ``"log.csv:7"``.

    Examples
    --------
    >>> numbered("log.csv", pd.Series([2, 3])).tolist()
    ['log.csv:2', 'log.csv:3']
    """
    if find_spec("pyarrow") is None:
        return name + ":" + lines.astype(str)
    import pyarrow as pa
    from pyarrow import compute

    words = compute.cast(pa.array(lines.to_numpy()), pa.large_string())
    before = pa.scalar(f"{name}:", pa.large_string())
    return of_arrow(compute.binary_join_element_wise(before, words, pa.scalar("", words.type)))


def with_texts(frame: Frame) -> Frame:
    """A frame whose categories, which are for reading, are the texts they stand for."""
    alike = [name for name in frame.columns if frame[name].dtype == "category"]
    return frame.assign(**{str(name): _texts(frame[name]) for name in alike})


def _texts(column: pd.Series) -> pd.Series:
    known, codes = column.cat.categories.array, column.cat.codes.to_numpy()
    if len(known) == 1 and not codes.any():
        return repeated(str(known[0]), len(codes)).set_axis(column.index)
    return pd.Series(known.take(codes, allow_fill=True), index=column.index, dtype=TEXT)


@dataclass(frozen=True)
class Texts:
    """Distinct texts, and which one each row has.

    Where texts stand `apart` each row has its own, though some may be alike.
    """

    codes: NDArray[np.signedinteger[Any]]
    distinct: pd.Series
    missing: frozenset[str] = frozenset()
    apart: bool = False

    @classmethod
    def of(cls, values: Any) -> Texts:
        """Texts of a sequence.

        Examples
        --------
        >>> column = Texts.of(["a", "b", "a"])
        >>> column.codes.tolist(), column.distinct.tolist(), len(column)
        ([0, 1, 0], ['a', 'b'], 3)
        """
        codes, distinct = pd.factorize(pd.Series(values, dtype=TEXT))
        return cls(codes, pd.Series(distinct, dtype=TEXT))

    @classmethod
    def one(cls, text: str | None, size: int) -> Texts:
        """The same text for every row."""
        return cls(np.zeros(size, dtype=np.intp), pd.Series([text], dtype=TEXT))

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def plain(self) -> pd.Series:
        """Distinct texts without the blanks around them."""
        return self.distinct.str.strip()

    @cached_property
    def bare(self) -> pd.Series:
        """Distinct texts without what keeps spreadsheets from reading them: '1 and ="1".

        Examples
        --------
        >>> Texts.of(["'0815", '="0815"', " 0815 "]).bare.tolist()
        ['0815', '0815', '0815']
        """
        wrapped = self.plain.str.startswith(("'", "’", '="'))
        if not wrapped.any():
            return self.plain
        unwrapped = self.plain.str.replace(r"^(?:=\"|['’])(.*?)[\"'’]?$", r"\1", regex=True)
        return self.plain.where(~wrapped, unwrapped.str.strip())

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Rows in which nothing stands."""
        return self.spread(np.asarray(self.plain == "", dtype=bool))

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """Rows that say nothing, or that they do not know."""
        return self.spread(self.unknown_texts)

    @cached_property
    def unknown(self) -> NDArray[np.bool_]:
        """Rows with a word for unknown: a usual one, or one the field map names."""
        return self.spread(self._unknown)

    @cached_property
    def unknown_texts(self) -> NDArray[np.bool_]:
        """Which distinct texts say nothing, or that they do not know."""
        return self._among(BLANKS) | self._unknown

    @cached_property
    def _unknown(self) -> NDArray[np.bool_]:
        """Which distinct texts are such a word."""
        return self._among(UNKNOWN_WORDS | self.missing)

    def _among(self, words: frozenset[str]) -> NDArray[np.bool_]:
        """Which distinct texts are one of some words; of many, long ones and numbers are not."""
        found = np.ones(len(self.bare), dtype=bool)
        if len(found) > MANY:
            lengths = [len(word) for word in words]
            found = np.array(self.bare.str.len().between(min(lengths), max(lengths)), dtype=bool)
            # Numbers begin with a digit; these words do not, unless the field map names one.
            numbers = DIGITS - {word[:1] for word in words}
            found[found] = ~self.bare[found].str.slice(0, 1).isin(numbers)
        texts = self.bare[found].tolist()
        found[found] = [isinstance(text, str) and text.casefold() in words for text in texts]
        return found

    def known(self) -> pd.Series:
        """Distinct texts, missing where they say nothing, or that they do not know."""
        return self.plain.where(~self.unknown_texts)

    def taking(self, missing: Iterable[str]) -> Texts:
        """The same texts, some of which are words for unknown."""
        return replace(self, missing=frozenset(word.strip().casefold() for word in missing))

    def spread(self, values: Any) -> NDArray[Any]:
        """Values of the distinct texts, given to every row."""
        found = np.asarray(values)
        if self.apart:
            return found
        return found[self.codes] if len(found) > 1 else np.repeat(found, len(self.codes), axis=0)

    def tell(self, rows: NDArray[np.intp]) -> list[str]:
        """The texts of some rows."""
        return [str(text) for text in self.distinct.take(self.codes[rows])]

    def category(self, values: Sequence[str | None] | pd.Series | None = None) -> pd.Series:
        """The same as `series`, as a category: one number a row."""
        taken = self.distinct if values is None else pd.Series(values, dtype=TEXT)
        codes, known = pd.factorize(taken)
        codes = codes.astype(np.min_scalar_type(-2 - len(known)))  # what pandas takes for so many
        of_row = codes[self.codes] if len(codes) > 1 else np.repeat(codes, len(self.codes))
        told = pd.Categorical.from_codes(of_row, pd.Index(known, dtype=TEXT), validate=False)
        return pd.Series(told, index=pd.RangeIndex(len(self.codes)))

    def series(self, values: Sequence[str | None] | pd.Series | None = None) -> pd.Series:
        """A column with one text for every row, from one for each distinct text."""
        taken = self.distinct if values is None else pd.Series(values, dtype=TEXT)
        if not self.apart:
            taken = taken.take(self.codes)
        return taken.set_axis(pd.RangeIndex(len(self.codes)))


class PlainNumbers(Texts):
    """A column that was read as numbers, not-a-number where nothing stands.

    Its texts are read again where one is asked for.
    """

    apart = True

    def __init__(self, numbers: NDArray[np.float64], read: Callable[[], Texts]) -> None:
        vars(self).update(numbers=numbers, read=read)  # what it comes of is frozen

    numbers: NDArray[np.float64]
    read: Callable[[], Texts]

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def codes(self) -> NDArray[np.intp]:
        """Each row has a text of its own."""
        return np.arange(len(self), dtype=np.intp)

    @cached_property
    def distinct(self) -> pd.Series:
        """The texts as they stand in the file."""
        return self.read().distinct

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Rows in which nothing stands."""
        return self.blank

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """Rows that say nothing."""
        return np.isnan(self.numbers)

    @cached_property
    def unknown(self) -> NDArray[np.bool_]:
        """No word stands here."""
        return np.zeros(len(self), dtype=bool)

    def taking(self, missing: Iterable[str]) -> Texts:
        """The same, as texts where some are words for unknown: a number may be one."""
        words = list(missing)
        return self.read().taking(words) if words else self
