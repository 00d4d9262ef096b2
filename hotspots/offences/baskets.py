"""Baskets: named, cited lists of offences, and what each kind of data can say about them.

A basket is one question ("knife crime"). For every offence scheme it has a *reading*: the data
**measure** it, hold a **proxy** that is labelled as what it is, or it is **absent** and asking for
it is refused with the reason. The bundled ones are TOML files to copy and edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, get_args

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from hotspots.core.arguments import path_of, require_word
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.core.record import ThemeState, ThemeStatus
from hotspots.core.schema import TABLE, Flag, Table, read_toml
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.core.text.mends import Mend
from hotspots.offences.codes import (
    Offence,
    OffenceSet,
    distinct_offences,
    is_registered,
    raise_unknown,
)

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.arrays import Bools, Codes

_BUNDLED = DEFINITIONS / "baskets"
NOT_ONE = "no such incident came in: the extract may not carry it; this is not zero"
NO_FLAG = "the data carry no domestic abuse flag (column 'domestic'), which this question needs"


@dataclass(frozen=True)
class Reading:
    """What one kind of data can say about a question.

    Parameters
    ----------
    state : {"measured", "proxy", "absent"}
        What the data can carry.
    label : str
        Words for maps and tables. A proxy says here what it really is.
    offences, but_not : tuple of str
        What is in it; a class stands for every code below it, ``"*"`` for everything.
    in_part : tuple of str
        Classes that belong only in part: rows that name no more than the class are undecided.
    not_domestic : bool
        Leaves out rows flagged as domestic, and so needs that flag.
    note : str
        Why, in one sentence; the reason of a refusal.
    note_if_none : str
        Why it is absent where not one incident belongs; there are words for it if this is empty.
    caveat : str
        A sentence every product must carry.
    """

    __pydantic_config__ = TABLE

    state: ThemeState
    label: str = ""
    offences: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()
    not_domestic: Flag = False
    note: str = ""
    note_if_none: str = ""
    caveat: str = ""

    def __post_init__(self) -> None:
        require(
            self.state in get_args(ThemeState),
            f"`state` must be measured, proxy or absent; got {self.state!r}.",
        )
        require(
            (self.state == "absent") == (not self.offences),
            f"a list that is {self.state} has {len(self.offences)} offences: without offences it "
            "is absent, and what is absent has none.",
        )

    def offence_set(self, scheme: str) -> OffenceSet:
        """The offences of this reading, ready to ask."""
        return OffenceSet.of(scheme, self.offences, self.but_not, self.in_part)


class BasketFile(Table):
    """A basket as it stands in a file: words, and a reading for each offence scheme."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Reading]

    title: str = Field(description="The question, in words.")
    note: str = Field("", description="What readers of the file should know.")
    source: str = Field("", description="Where the lists of offences are from.")

    @property
    def readings(self) -> dict[str, Reading]:
        """The reading on each offence scheme."""
        return self.__pydantic_extra__

    @model_validator(mode="after")
    def _offences_are_known(self) -> BasketFile:
        findings = Findings()
        for scheme, reading in self.readings.items():
            try:
                reading.offence_set(scheme)
            except InputError as error:
                findings.add(*error.in_file(f"[{scheme}]"))
        findings.raise_errors(InputError)
        return self


@dataclass(frozen=True)
class Basket:
    """One question, and its reading on every offence scheme.

    Examples
    --------
    >>> basket = load_basket("knife_crime")
    >>> basket_status(basket, "police_uk").label
    'possession of weapons of any kind'
    """

    name: str
    title: str
    readings: Mapping[str, Reading] = field(default_factory=dict)
    note: str = ""
    source: str = ""

    def reading(self, scheme: str) -> Reading:
        """The reading on a scheme; absent where the basket does not mention it."""
        silent = Reading(
            "absent",
            self.title,
            note=f"the basket {self.name!r} says nothing about the offence scheme {scheme!r}; it "
            f"reads {listing(self.readings)}",
        )
        return self.readings.get(scheme, silent)


def basket_names() -> list[str]:
    """Names of the baskets that come with the library.

    Returns
    -------
    list of str
        In order of the alphabet; :func:`load_basket` takes each of them.

    Notes
    -----
    A name says nothing of what a source can carry: :func:`basket_status` does.

    Examples
    --------
    >>> basket_names()[:3]
    ['arson', 'asb', 'asb_environmental']
    """
    return sorted(path.stem for path in _BUNDLED.glob("*.toml"))


def load_basket(name: str | Path) -> Basket:
    """Read a basket: a bundled one by name, or one's own TOML file by path.

    Parameters
    ----------
    name : str or path
        For instance ``"serious_violence"`` or ``"my_basket.toml"``.

    Returns
    -------
    Basket
        A question with a reading for each offence scheme.

    Raises
    ------
    InputError
        For a name nobody knows; the nearest is told.
    DataError
        With every missing, unknown and wrong setting of a file.

    Notes
    -----
    It misleads when read by its name alone: ``reading(scheme).state`` says whether a scheme
    measures it, stands in for it, or cannot carry it.

    Examples
    --------
    >>> load_basket("cannabis_possession").reading("home_office").offences
    ('092/61', '092/66', '92E')
    """
    bundled = str(name) in basket_names()
    file = _BUNDLED / f"{name}.toml" if bundled else path_of(name, "name")
    require(
        bundled or file.suffix == ".toml",
        f"there is no basket {str(name)!r}; there are {listing(basket_names(), most=30)}. For one "
        "of your own give the path of its .toml file.",
    )
    said = (_bundled if bundled else _read)(file)
    return Basket(file.stem, said.title, dict(said.readings), said.note, said.source)


def basket_status(
    basket: Basket | str, scheme: str, *, incidents: pd.DataFrame | None = None
) -> ThemeStatus:
    """What a kind of data, or the data at hand, can say about a basket.

    Parameters
    ----------
    basket : Basket or str
        A basket, or the name of a bundled one.
    scheme : str
        Offence scheme of the data.
    incidents : DataFrame, optional
        The data at hand. A basket that needs the domestic flag is absent where that column is
        missing, and one that finds not a single row where it should is absent too.

    Returns
    -------
    ThemeStatus
        ``state`` measured, proxy or absent, the label and the reason.

    Raises
    ------
    InputError
        For an unknown basket.

    Notes
    -----
    "Absent" is no zero: the source cannot tell. "Proxy" counts something near, not the thing
    itself.

    Examples
    --------
    >>> basket_status("arson", "police_uk").state
    'absent'
    """
    asked = _asked(basket)
    reading = asked.reading(scheme)
    label = reading.label or asked.title
    status = ThemeStatus(asked.name, label, reading.state, reading.note)
    if incidents is None or reading.state == "absent":
        return status
    if reading.not_domestic and "domestic" not in incidents.columns:
        return ThemeStatus(asked.name, label, "absent", NO_FLAG)
    if basket_members(incidents, asked, undecided="out").any():
        return status
    return ThemeStatus(asked.name, label, "absent", reading.note_if_none or NOT_ONE)


def basket_members(
    incidents: pd.DataFrame, basket: Basket | str, *, undecided: str = "error"
) -> pd.Series:
    """Which incidents belong to a basket.

    Parameters
    ----------
    incidents : DataFrame
        Incidents table; rows of several offence schemes are each read by their own.
    basket : Basket or str
        A basket, or the name of a bundled one.
    undecided : {"error", "in", "out"}
        What to do with rows whose code is too coarse to tell: ``8N`` (assault with injury) when the
        basket leaves out section 47 (``008/06``). An error by default.

    Returns
    -------
    Series of bool
        On the index of ``incidents``.

    Raises
    ------
    InputError
        For an unknown basket, or codes too coarse to tell where ``undecided`` is "error".

    Notes
    -----
    Raises `DataError` with the reason where the data cannot carry the question at all. It misleads
    when the label is dropped: on data.police.uk most baskets are proxies. Baskets overlap, so they
    do not add up.

    References
    ----------
    Home Office Counting Rules for Recorded Crime,
    https://www.gov.uk/government/publications/counting-rules-for-recorded-crime

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"offence": ["092/61", "34B"], "offence_scheme": "home_office"})
    >>> basket_members(rows, "cannabis_possession").tolist()
    [True, False]
    """
    import pandas as pd

    require_table(incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme"])
    require_word("undecided", undecided, ("error", "in", "out"))
    asked = _asked(basket)
    distinct, which = distinct_offences(incidents)
    schemes = {offence.scheme for offence in distinct}
    _refuse(asked, schemes, incidents)
    chosen = {scheme: asked.reading(scheme).offence_set(scheme) for scheme in schemes}
    answers = [
        None if offence.code is None else chosen[offence.scheme].holds(offence.code)
        for offence in distinct
    ]
    _refuse_rows(asked, distinct, answers, np.bincount(which, minlength=len(distinct)), undecided)
    doubt = undecided == "in"
    inside = np.array([doubt if answer is None else answer for answer in answers], dtype=bool)
    members = inside[which] if len(which) else np.zeros(0, dtype=bool)
    needs_flag = [scheme for scheme, read in asked.readings.items() if read.not_domestic]
    if needs_flag and "domestic" in incidents.columns:
        members &= ~(domestic_rows(incidents) & incidents["offence_scheme"].isin(needs_flag))
    return pd.Series(members, index=incidents.index, name=asked.name)


def members_by_source(incidents: pd.DataFrame, basket: str) -> pd.Series:
    """Which incidents are in a basket; sources that cannot say hold none, if another one can."""
    import pandas as pd

    schemes = incidents["offence_scheme"].astype(str)
    able = [one for one in schemes.unique() if basket_status(basket, one).state != "absent"]
    asked = incidents[schemes.isin(able)] if able else incidents
    found = basket_members(asked, basket, undecided="out")
    return pd.Series(found.reindex(incidents.index, fill_value=False), dtype=bool)


def domestic_rows(incidents: pd.DataFrame) -> Bools:
    """Rows flagged as domestic; a missing flag is no flag."""
    flags = incidents["domestic"]
    return np.asarray(flags.eq(True).fillna(False), dtype=bool)


def _read(file: Path) -> BasketFile:
    return read_toml(file, BasketFile, what="a basket")


_bundled = lru_cache(maxsize=64)(_read)
"""Every file that is loaded asks for half a dozen of them."""


def _asked(basket: Basket | str) -> Basket:
    return basket if isinstance(basket, Basket) else load_basket(basket)


def _refuse(basket: Basket, schemes: set[str], incidents: pd.DataFrame) -> None:
    """Say what the data cannot carry; one error for all schemes."""
    findings = Findings()
    for scheme in sorted(schemes):
        reading = basket.reading(scheme)
        reason = reading.note if reading.state == "absent" else ""
        if reading.not_domestic and "domestic" not in incidents.columns:
            reason = NO_FLAG
        if reason:
            findings.error(
                "question-not-carried",
                f"data in the offence scheme {scheme!r} cannot say anything about "
                f"{basket.title!r}: {reason}.",
                mend="This is not zero. Ask another question, or bring data that carry it.",
            )
    findings.raise_errors(DataError)


def _refuse_rows(
    basket: Basket,
    distinct: list[Offence],
    answers: list[bool | None],
    counts: Codes,
    undecided: str,
) -> None:
    rows = list(zip(distinct, counts.tolist(), answers, strict=True))
    raise_unknown(
        [(offence, n) for offence, n, answer in rows if answer is None and not _known(offence)],
        expected="known to its offence scheme",
        mend="Correct the spelling or the field map.",
        rule="unknown-offence",
    )
    if undecided == "error":
        raise_unknown(
            [(offence, n) for offence, n, answer in rows if answer is None],
            expected=f"fine enough to tell whether it belongs to {basket.title!r}",
            mend=Mend("decide-too-coarse"),
            rule="offence-too-coarse",
        )


def _known(offence: Offence) -> bool:
    return offence.code is not None and is_registered(offence.code, offence.scheme)
