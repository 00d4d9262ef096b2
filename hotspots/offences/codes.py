"""Offences as extracts write them, brought to one spelling.

Two schemes are built in. ``police_uk`` is the fourteen crime types of data.police.uk, in sentence
case, title case or as the API's short names. ``home_office`` is the Home Office codes: classes
(``8N``, ``92A``, ``37.1``) and the offences below them (``008/06``), with the police's own types of
anti-social behaviour beside them. Any other scheme is taken word for word.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import DataError, listing, require
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.arrays import Codes

POLICE_UK = "police_uk"
HOME_OFFICE = "home_office"
ASB = "Anti-social behaviour"
MISSING = "(missing)"
EVERYTHING = "*"

POLICE_UK_TYPES = {
    "anti-social-behaviour": ASB,
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-crime": "Other crime",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
}
"""Short name in the API and name in the street files."""

RETIRED_POLICE_UK_TYPES = ("Violent crime", "Public disorder and weapons")
"""Types published until spring 2013; they hold other offences than any type of today."""

_DATA = DEFINITIONS / "offences"
_NUMBERED = {"4": 10, "37": 2}
"""Classes whose number is followed by a number (4.1 to 4.10, 37.1 and 37.2), not by a letter."""

_SCATTERED = ("8", "36")
"""Numbers whose codes are spread over classes of other numbers (008/26 is 10D, 036/06 is 106)."""


class Offence(NamedTuple):
    """One distinct offence of a table: as written, its scheme, and its one spelling if known."""

    text: str
    scheme: str
    code: str | None


def normalise_offence(text: str, scheme: str) -> str | None:
    """The one spelling of an offence; None where the scheme does not know it.

    Parameters
    ----------
    text : str
        As the extract writes it.
    scheme : str
        ``"police_uk"``, ``"home_office"``, or a scheme of one's own, whose words are the same in
        capitals and small letters, and without the spaces around them.

    Notes
    -----
    Codes are text. A spreadsheet that took ``4.10`` (corporate manslaughter) for a number has made
    it ``4.1`` (manslaughter), which nobody can undo here. After a point two digits are asked for
    (``8.06``), except for classes 4 and 37, so that a damaged ``8.60`` is refused, not misread.

    References
    ----------
    Home Office, Counting Rules for Recorded Crime,
    https://www.gov.uk/government/publications/counting-rules-for-recorded-crime; crime types:
    https://data.police.uk/docs/method/crime-categories/

    Examples
    --------
    >>> [normalise_offence(code, "home_office") for code in ("8/6", "008/06", "8n", "37/1", "092A")]
    ['008/06', '008/06', '8N', '37.1', '92A']
    >>> normalise_offence("violent-crime", "police_uk")
    'Violence and sexual offences'
    >>> normalise_offence(" NOISE ", "own")
    'noise'
    """
    words = " ".join(str(text).split())
    if scheme == POLICE_UK:
        return _police_uk_type(words)
    if scheme == HOME_OFFICE:
        return _home_office_code(words) or _asb_words().get(_plain_words(words))
    return words.casefold() or None


def possible_classes(code: str, scheme: str) -> tuple[str, ...]:
    """Classes a Home Office code can be in: one, several where its letter is not settled, or none.

    A class is in itself, and a type of ASB is in ASB. Where the register does not list a code,
    every class with its number is possible (``028/01``: 28A to 28H).

    Examples
    --------
    >>> possible_classes("008/06", "home_office"), possible_classes("034/02", "home_office")
    (('8N',), ('34A', '34B'))
    """
    if scheme != HOME_OFFICE:
        return (code,)
    if code in home_office_classes():
        return (code,)
    if code in _asb_words().values():
        return (ASB,)
    listed = _home_office_details().get(code)
    if listed is not None:
        return listed
    number, _, part = code.partition("/")
    return _classes_by_number().get(number.lstrip("0"), ()) if part else ()


def is_registered(code: str, scheme: str) -> bool:
    """Whether a code in its one spelling is in the scheme, itself or through its class.

    Examples
    --------
    >>> is_registered("008/06", "home_office"), is_registered("8Z", "home_office")
    (True, False)
    """
    return bool(possible_classes(code, scheme))


def registered_code(text: str, scheme: str) -> str | None:
    """The one spelling of an offence that is in the scheme; None where it is not.

    Examples
    --------
    >>> registered_code("8/6", "home_office"), registered_code("8Z", "home_office")
    ('008/06', None)
    """
    code = normalise_offence(text, scheme)
    return code if code is not None and is_registered(code, scheme) else None


def spellings(scheme: str) -> dict[str, str]:
    """What an extract may write for a type or class of a scheme, in small letters, and its code.

    Examples
    --------
    >>> spellings("police_uk")["burglary"], spellings("home_office")["noise nuisance"]
    ('Burglary', 'ASB noise')
    """
    if scheme == POLICE_UK:
        return {name.casefold(): name for name in POLICE_UK_TYPES.values()}
    if scheme != HOME_OFFICE:
        return {}
    return _asb_words() | {code.casefold(): code for code in home_office_classes()}


@dataclass(frozen=True)
class OffenceSet:
    """Offences of one scheme: some, but not others; a class stands for every code below it.

    Parameters
    ----------
    scheme : str
        Offence scheme of the lists.
    offences, but_not : frozenset of str
        In their one spelling; ``"*"`` in ``offences`` is everything.
    in_part : frozenset of str
        Classes of which only a part belongs: a row that names no more than the class is undecided.
    """

    scheme: str
    offences: frozenset[str]
    but_not: frozenset[str] = frozenset()
    in_part: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        scheme: str,
        offences: Iterable[str],
        but_not: Iterable[str] = (),
        in_part: Iterable[str] = (),
    ) -> OffenceSet:
        """Lists in any spelling; offences the scheme cannot spell are an error."""
        lists = [[*offences], [*but_not], [*in_part]]
        strange = [
            text
            for text in (text for texts in lists for text in texts)
            if text != EVERYTHING and normalise_offence(text, scheme) is None
        ]
        require(
            not strange,
            f"the scheme {scheme!r} does not know {listing(strange)}. Check the spelling, or name "
            "a scheme of your own.",
        )
        return cls(
            scheme,
            *(frozenset(normalise_offence(t, scheme) or t for t in texts) for texts in lists),
        )

    def holds(self, code: str) -> bool | None:
        """Whether an offence belongs; None where its code is too coarse to tell.

        Examples
        --------
        >>> no_section_47 = OffenceSet.of("home_office", ["8N"], but_not=["8/6"])
        >>> [no_section_47.holds(code) for code in ("008/01", "008/06", "8N", "46")]
        [True, False, None, False]
        """
        if code in self.in_part:
            return None
        inside = EVERYTHING in self.offences or self._listed(code, self.offences)
        outside = self._listed(code, self.but_not)
        if inside is False or outside is True:
            return False
        return None if inside is None or outside is None else True

    def _listed(self, code: str, listed: frozenset[str]) -> bool | None:
        if code in listed:
            return True
        classes = possible_classes(code, self.scheme)
        answers = {part in listed for part in classes}
        if answers == {True}:
            return True
        below = code != ASB and any(
            code in possible_classes(other, self.scheme) for other in listed
        )
        return None if len(answers) == 2 or below else False


def distinct_offences(incidents: pd.DataFrame) -> tuple[list[Offence], Codes]:
    """The distinct offences of a table, and which one each row has.

    Work is done once for each spelling, not once for each of a million rows.
    """
    import pandas as pd

    texts, text_names = pd.factorize(incidents["offence"])
    schemes, scheme_names = pd.factorize(incidents["offence_scheme"])
    span = len(scheme_names) + 1
    inverse, keys = pd.factorize((texts + 1) * span + schemes + 1)
    return [
        _offence(
            None if text == 0 else str(text_names[text - 1]),
            MISSING if scheme == 0 else str(scheme_names[scheme - 1]),
        )
        for text, scheme in (divmod(int(key), span) for key in keys)
    ], np.asarray(inverse, dtype=np.intp)


def raise_unknown(
    unknown: Iterable[tuple[Offence, int]], *, expected: str, mend: str | Mend, rule: str
) -> None:
    """Raise one error that names every offence nobody knows, with how often it came."""
    ordered = sorted(unknown, key=lambda item: (-item[1], item[0].scheme, item[0].text))
    if not ordered:
        return
    rows = sum(count for _, count in ordered)
    named = "; ".join(
        f"{offence.text!r} ({offence.scheme}) {count:,} time{'s' if count != 1 else ''}"
        for offence, count in ordered
    )
    retired = {offence.text for offence, _ in ordered} & set(RETIRED_POLICE_UK_TYPES)
    hint = (
        " Types used until spring 2013 hold other offences than those of today: they cannot be "
        "translated."
        if retired
        else ""
    )
    raise DataError(
        f"every offence must be {expected}; {rows:,} rows carry {len(ordered):,} that are not: "
        f"{named}.{hint}",
        rule=rule,
        column="offence",
        mend=mend,
        rows=rows,
    )


@lru_cache(maxsize=1)
def home_office_classes() -> dict[str, str]:
    """Every Home Office class in the register, and its name."""
    return {row["code"]: row["description"] for row in _rows("home_office_classes.csv")}


@lru_cache(maxsize=1024)
def offence_name(offence: str) -> str:
    """An offence in words, as far as the register has them; other texts as they are.

    Examples
    --------
    >>> offence_name("8N"), offence_name("ASB nuisance")
    ('Assault with injury', 'ASB nuisance')
    """
    names = {row["code"]: row["description"] for row in _rows("home_office_details.csv")}
    return names.get(offence) or home_office_classes().get(offence, offence)


def _offence(text: str | None, scheme: str) -> Offence:
    if text is None or not text.strip():
        return Offence(MISSING, scheme, None)
    return Offence(text, scheme, normalise_offence(text, scheme))


def _police_uk_type(words: str) -> str | None:
    if words in POLICE_UK_TYPES:
        return POLICE_UK_TYPES[words]
    return spellings(POLICE_UK).get(words.casefold())


def _home_office_code(words: str) -> str | None:
    code = words.upper().replace(" ", "")
    if set(code.split("/")) == {"1", "4.1", "4.2", "4.10"}:
        return "1/4.1/4.10/4.2"
    if match := re.fullmatch(r"0*([1-9]\d{0,2})([A-Z]?)", code):
        return match[1] + match[2]
    if match := re.fullmatch(r"0*([1-9]\d{0,2})([/.])(\d{1,2})", code):
        number, mark, part = match[1], match[2], int(match[3])
        if 1 <= part <= _NUMBERED.get(number, 0):
            return f"{number}.{part}"
        if mark == "/" or (len(match[3]) == 2 and number not in _NUMBERED):
            return f"{int(number):03d}/{part:02d}"
    return None


def _plain_words(words: str) -> str:
    plain = re.sub(r"[^a-z]+", " ", words.casefold()).strip()
    return re.sub(r"^(anti ?social behaviour|asb)\b", "asb", plain)


@lru_cache(maxsize=1)
def _asb_words() -> dict[str, str]:
    return {
        _plain_words(word): row["code"]
        for row in _rows("asb_types.csv")
        for word in (row["code"], *row["also_written"].split(";"))
        if word
    }


@lru_cache(maxsize=1)
def _home_office_details() -> dict[str, tuple[str, ...]]:
    rows = _rows("home_office_details.csv")
    return {row["code"]: tuple(row["class"].split(";")) for row in rows}


@lru_cache(maxsize=1)
def _classes_by_number() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code in home_office_classes():
        if match := re.fullmatch(r"(\d+)[A-Z]?", code):
            found[match[1]] = (*found.get(match[1], ()), code)
    return {number: classes for number, classes in found.items() if number not in _SCATTERED}


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
