"""Themes: anti-social behaviour, serious violence and vehicle nuisance, as far as the data go.

A theme is a list of offences and a *state*: the data at hand **measure** it, hold only a **proxy**
for it, or it is **absent** from them. A theme that is absent is never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag

from hotspots.core.arguments import path_of
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import DataError, InputError, listing, require
from hotspots.core.record import ThemeState, ThemeStatus
from hotspots.core.schema import TABLE, Flag, Table, read_toml
from hotspots.core.sentences import ShownInNotebook
from hotspots.core.tables import BESIDE_THEME
from hotspots.offences.baskets import NOT_ONE, Reading, load_basket
from hotspots.offences.codes import (
    HOME_OFFICE,
    POLICE_UK,
    Offence,
    OffenceSet,
    is_registered,
    normalise_offence,
)

_BUNDLED = DEFINITIONS / "themes"


@dataclass(frozen=True)
class Theme:
    """One question the partnership asks, and what the data at hand can say about it.

    Parameters
    ----------
    name : str
        Short name; incidents get the column ``theme_<name>``.
    label : str
        Words for maps and tables. A proxy says here what it really is.
    state : {"measured", "proxy", "absent"}
        What the data can carry.
    note : str
        Why, in one sentence.
    offences, but_not, in_part : tuple of str
        What is in it and what is not; a Home Office class stands for every code below it. Rows of a
        class ``in_part`` are undecided: left out, and counted in a caveat.
    not_domestic : bool
        Leaves out rows flagged as domestic, where the data carry the flag.
    caveat : str
        A sentence every product must carry.
    note_if_none : str
        Where not one incident belongs to the theme, it is absent, with this note: an extract
        without a single ASB row is an extract without the ASB log. There are words for it if this
        is empty.
    """

    __pydantic_config__ = TABLE

    name: str
    label: str
    state: ThemeState
    note: str = ""
    offences: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()
    not_domestic: Flag = False
    caveat: str = ""
    note_if_none: str = ""

    def __post_init__(self) -> None:
        require(
            self.name.isidentifier(),
            f"a theme's name becomes a column, so it must be letters, digits and underscores; "
            f"got {self.name!r}.",
        )
        require(
            not self.name.endswith(BESIDE_THEME),
            f"a theme's name must not end in one of {listing(BESIDE_THEME)}, as columns beside it "
            f"do; got {self.name!r}.",
        )
        Reading(self.state, self.label, self.offences)

    @classmethod
    def from_basket(cls, name: str | Path, scheme: str) -> Theme:
        """The theme that asks the question of a basket of data in a scheme.

        Examples
        --------
        >>> Theme.from_basket("knife_crime", "police_uk").state
        'proxy'
        """
        basket = load_basket(name)
        reading = vars(basket.reading(scheme)).copy()
        return cls(name=basket.name, **{**reading, "label": reading["label"] or basket.title})

    @property
    def status(self) -> ThemeStatus:
        """What this kind of data can say about it."""
        return ThemeStatus(self.name, self.label, self.state, self.note)

    def without_one(self, *, rejected: int = 0, coarse: int = 0) -> ThemeStatus:
        """What is said of it where not one incident came in; other rows could have been such.

        It says no number: a status goes to every reader.
        """
        counts = {"were rejected": rejected, "are too coarse to tell": coarse}
        told = " or ".join(what for what, rows in counts.items() if rows)
        none = self.note_if_none or NOT_ONE
        note = (
            f"none was read, but rows that {told} may be such; this is not zero" if told else none
        )
        return ThemeStatus(self.name, self.label, "absent", note)

    def offence_set(self, scheme: str) -> OffenceSet:
        """The offences of the theme, ready to ask."""
        return OffenceSet.of(scheme, self.offences, self.but_not, self.in_part)


DOMESTIC = "domestic abuse"
"""The kind of sensitive incidents that a flag tells, not an offence."""


@dataclass(frozen=True)
class Sensitive:
    """What stays out of areas and maps by default, and whether the data can tell.

    Parameters
    ----------
    can_tell : bool
        Whether the data name sensitive offences at all.
    offences : mapping
        Lists of offences, by what makes them sensitive.
    domestic_flag : bool
        Whether the data flag domestic abuse.
    caveat : str
        A sentence every product must carry.
    caveat_without_flag : str
        The sentence to carry where the flag is missing.
    """

    __pydantic_config__ = TABLE

    can_tell: Flag = False
    offences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    domestic_flag: Flag = False
    caveat: str = ""
    caveat_without_flag: str = ""


class OfBasket(Table):
    """A theme that asks the question of a basket."""

    basket: str = Field(description="A basket's name, or the path of its TOML file.")


def _of_basket_or_written_out(table: Any) -> str:
    named = isinstance(table, Mapping) and "basket" in table
    return OfBasket.__name__ if named else Theme.__name__


ThemeTable: TypeAlias = Annotated[
    Annotated[OfBasket, Tag(OfBasket.__name__)] | Annotated[Theme, Tag(Theme.__name__)],
    Discriminator(_of_basket_or_written_out),
]


class ThemesFile(Table):
    """The themes of one offence scheme, as they stand in a file."""

    offence_scheme: str = Field(
        description="Scheme of the offences: police_uk, home_office, or a name of one's own."
    )
    theme: tuple[ThemeTable, ...] = Field((), description="One table for each theme.")
    sensitive: Sensitive = Field(
        default_factory=Sensitive, description="What stays out of areas and maps."
    )
    no_theme: tuple[str, ...] = Field((), description="Offences that are in no theme.")
    title: str = ""
    source: str = Field("", description="Where the lists are from.")


@dataclass(frozen=True, repr=False)
class Themes(ShownInNotebook):
    """The themes of one offence scheme.

    Examples
    --------
    >>> themes = Themes.police_uk()
    >>> {name: status.state for name, status in themes.status.items()}
    {'asb': 'measured', 'serious_violence': 'proxy', 'vehicle_nuisance': 'absent'}
    >>> themes["vehicle_nuisance"].note
    'not counted, since data.police.uk has no crime type for it; this is not zero'
    """

    offence_scheme: str
    themes: tuple[Theme, ...]
    sensitive: Sensitive = Sensitive()
    no_theme: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    admitted: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [theme.name for theme in self.themes]
        repeated = {name for name in names if names.count(name) > 1}
        require(not repeated, f"themes must have different names; {listing(repeated)} repeat.")
        for codes in self._lists():
            OffenceSet.of(self.offence_scheme, codes)

    def __repr__(self) -> str:
        said = ", ".join(f"{theme.name} ({theme.state})" for theme in self.themes)
        return f"<Themes of {self.offence_scheme}: {said}>"

    @classmethod
    @cache
    def police_uk(cls) -> Themes:
        """The three themes on data.police.uk street crime."""
        return cls.from_toml(_BUNDLED / "police_uk.toml")

    @classmethod
    @cache
    def home_office(cls) -> Themes:
        """The three themes on an extract with Home Office codes."""
        return cls.from_toml(_BUNDLED / "home_office.toml")

    @classmethod
    def from_toml(cls, path: str | Path) -> Themes:
        """Read themes from a TOML file; the bundled ones in ``hotspots/data/themes`` show how.

        A theme is written out, or names a basket (``basket = "knife_crime"``). A scheme of one's
        own lists every offence that can come: in a theme, or in ``no_theme``.

        Raises
        ------
        DataError
            For a file that is none, or that says what means nothing.
        """
        file = path_of(path)
        said = read_toml(file, ThemesFile, what="a file of themes")
        try:
            themes = tuple(_theme(table, said.offence_scheme, file.parent) for table in said.theme)
            about = {name: one for name, one in said if name != "theme"}
            return cls(themes=themes, **about)
        except InputError as error:
            raise DataError(error.in_file(file.name)) from error

    def admit(self, kinds: Iterable[str], *, reason: str) -> Themes:
        """The same themes, with kinds of sensitive incidents that are not left out.

        Parameters
        ----------
        kinds : iterable of str
            Some of ``sensitive_kinds``.
        reason : str
            Why; it stands in the record and on every page.

        Raises
        ------
        InputError
            For other kinds, or no reason.

        Examples
        --------
        >>> themes = Themes.home_office().admit(["rough sleeping"], reason="Order on begging.")
        >>> dict(themes.admitted)
        {'rough sleeping': 'Order on begging.'}
        """
        asked, known = tuple(kinds), self.sensitive_kinds
        require(
            bool(asked) and set(asked) <= set(known),
            f"`include` must name kinds of sensitive incidents; got {listing(asked) or 'none'}. "
            f"There are {listing(known) or 'none'}.",
            rule="sensitive-kind",
        )
        require(
            bool(reason.strip()),
            "`reason` must say why sensitive incidents are shown; got nothing. It is recorded.",
            rule="sensitive-reason",
        )
        return replace(self, admitted={**self.admitted, **dict.fromkeys(asked, reason.strip())})

    @property
    def sensitive_kinds(self) -> tuple[str, ...]:
        """What makes incidents sensitive, by the names that :meth:`admit` takes."""
        flag = (DOMESTIC,) if self.sensitive.domestic_flag else ()
        return (*self.sensitive.offences, *flag)

    @property
    def status(self) -> dict[str, ThemeStatus]:
        """What this kind of data can say about each theme."""
        return {theme.name: theme.status for theme in self.themes}

    def __iter__(self) -> Iterator[Theme]:
        return iter(self.themes)

    def __getitem__(self, name: str) -> Theme:
        for theme in self.themes:
            if theme.name == name:
                return theme
        raise InputError(
            f"there is no theme {name!r}; there are {listing(t.name for t in self.themes)}."
        )

    def knows(self, offence: Offence) -> bool:
        """Whether an offence is in the scheme or in any list of these themes."""
        if offence.code is None:
            return False
        named = {
            normalise_offence(t, self.offence_scheme) for codes in self._lists() for t in codes
        }
        built_in = self.offence_scheme in (POLICE_UK, HOME_OFFICE)
        return offence.code in named or (built_in and is_registered(offence.code, offence.scheme))

    def _lists(self) -> list[tuple[str, ...]]:
        of_themes = [
            codes
            for theme in self.themes
            for codes in (theme.offences, theme.but_not, theme.in_part)
        ]
        return [*of_themes, *self.sensitive.offences.values(), self.no_theme]


def _theme(table: Theme | OfBasket, scheme: str, folder: Path) -> Theme:
    if isinstance(table, Theme):
        return table
    name = table.basket
    return Theme.from_basket(folder / name if name.endswith(".toml") else name, scheme)


def theme_in_words(name: str) -> str:
    """What a theme is called where nothing says so in words.

    Examples
    --------
    >>> theme_in_words("asb"), theme_in_words("vehicle_nuisance")
    ('anti-social behaviour', 'vehicle nuisance')
    """
    return "anti-social behaviour" if name == "asb" else name.replace("_", " ")
