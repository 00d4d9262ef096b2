"""Themes: anti-social behaviour, serious violence and vehicle nuisance, as far as the data go.

A theme is a list of offences and a *state*: the data at hand **measure** it, hold only a **proxy**
for it, or it is **absent** from them. A theme that is absent is never a zero.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from hotspots.baskets import NO_FLAG, Reading, domestic_rows, load_basket, tuples
from hotspots.checks import DataError, InputError, listing, require
from hotspots.columns import INCIDENTS, require_table
from hotspots.offences import (
    HOME_OFFICE,
    POLICE_UK,
    Offence,
    OffenceSet,
    distinct_offences,
    is_registered,
    normalise_offence,
    raise_unknown,
)
from hotspots.record import RunRecord, ThemeState, ThemeStatus

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_BUNDLED = Path(__file__).resolve().parent / "data" / "themes"


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
        If given and not one incident belongs to the theme, the theme is absent with this note: an
        extract without a single ASB row is an extract without the ASB log.
    """

    name: str
    label: str
    state: ThemeState
    note: str = ""
    offences: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()
    in_part: tuple[str, ...] = ()
    not_domestic: bool = False
    caveat: str = ""
    note_if_none: str = ""

    def __post_init__(self) -> None:
        require(
            self.name.isidentifier(),
            f"a theme's name becomes a column, so it must be letters, digits and underscores; "
            f"got {self.name!r}.",
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

    def offence_set(self, scheme: str) -> OffenceSet:
        """The offences of the theme, ready to ask."""
        return OffenceSet.of(scheme, self.offences, self.but_not, self.in_part)


@dataclass(frozen=True)
class Sensitive:
    """What stays out of areas and maps by default, and whether the data can tell."""

    can_tell: bool = False
    offences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    domestic_flag: bool = False
    caveat: str = ""
    caveat_without_flag: str = ""


@dataclass(frozen=True)
class Themes:
    """The themes of one offence scheme.

    Examples
    --------
    >>> themes = Themes.police_uk()
    >>> {name: status.state for name, status in themes.status.items()}
    {'asb': 'measured', 'serious_violence': 'proxy', 'vehicle_nuisance': 'absent'}
    >>> themes["vehicle_nuisance"].note
    'not published: this is not zero'
    """

    offence_scheme: str
    themes: tuple[Theme, ...]
    sensitive: Sensitive = Sensitive()
    no_theme: tuple[str, ...] = ()
    title: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        names = [theme.name for theme in self.themes]
        repeated = {name for name in names if names.count(name) > 1}
        require(not repeated, f"themes must have different names; {listing(repeated)} repeat.")
        for codes in self._lists():
            OffenceSet.of(self.offence_scheme, codes)

    @classmethod
    def police_uk(cls) -> Themes:
        """The three themes on data.police.uk street crime."""
        return cls.from_toml(_BUNDLED / "police_uk.toml")

    @classmethod
    def home_office(cls) -> Themes:
        """The three themes on an extract with Home Office codes."""
        return cls.from_toml(_BUNDLED / "home_office.toml")

    @classmethod
    def from_toml(cls, path: str | Path) -> Themes:
        """Read themes from a TOML file; the bundled ones in ``hotspots/data/themes`` show how.

        A theme is written out, or names a basket (``basket = "knife_crime"``). A scheme of one's
        own lists every offence that can come: in a theme, or in ``no_theme``.
        """
        file = Path(path)
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            scheme = content.pop("offence_scheme")
            return cls(
                offence_scheme=scheme,
                themes=tuple(
                    _theme(entry, scheme, file.parent) for entry in content.pop("theme", [])
                ),
                sensitive=_sensitive(content.pop("sensitive", {})),
                **tuples(content),
            )
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataError(f"{file.name}: themes could not be read: {error}") from error
        except (KeyError, TypeError, InputError) as error:
            raise DataError(
                f"{file.name}: a theme file must hold `offence_scheme` and `[[theme]]` tables with "
                f"name, label, state and offences: {error}"
            ) from error

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


def tag_themes(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    *,
    unknown: Literal["error", "untagged"] = "error",
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Say of every incident which themes it belongs to.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, all rows of one offence scheme; ``domestic`` is used where it is there.
        Tag each source with its own themes, then put the tables together.
    themes : Themes
        The themes of that scheme.
    unknown : {"error", "untagged"}
        An offence the scheme does not know is an error that lists all of them; ``"untagged"`` puts
        such rows in no theme and says how many.
    record : RunRecord, optional
        Gets each theme's status and the caveats products must carry.

    Returns
    -------
    GeoDataFrame
        A copy with ``theme_<name>`` for every theme (boolean; all False where the theme is absent)
        and, where the scheme can tell, ``sensitive`` (boolean; domestic abuse, sexual offences,
        modern slavery, child exploitation, sex work, rough sleeping). Same index and order.

    Notes
    -----
    It misleads when the state is forgotten: a column of False means "no such incident" only for a
    measured theme. An incident can be in two themes, so themes do not add up to a total.

    References
    ----------
    Home Office Counting Rules for Recorded Crime,
    https://www.gov.uk/government/publications/counting-rules-for-recorded-crime

    Examples
    --------
    >>> import geopandas as gpd
    >>> rows = {"offence": ["Anti-social behaviour", "Robbery"], "offence_scheme": "police_uk"}
    >>> incidents = gpd.GeoDataFrame(rows, geometry=[None, None], crs="EPSG:27700")
    >>> tag_themes(incidents, Themes.police_uk())["theme_asb"].tolist()
    [True, False]
    """
    require_table(
        incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme", "geometry"]
    )
    require(
        unknown in ("error", "untagged"),
        f'`unknown` must be "error" or "untagged"; got {unknown!r}.',
    )
    distinct, which = distinct_offences(incidents)
    known = _known(distinct, which, themes, unknown)
    tagged, undecided = incidents.copy(), {}
    for theme in themes:
        inside, coarse = _members(theme.offence_set(themes.offence_scheme), distinct, known)
        possible = _where_possible(theme, incidents)
        tagged[f"theme_{theme.name}"] = inside[which] & possible
        undecided[theme.name] = int((coarse[which] & possible).sum())
    if themes.sensitive.can_tell:
        tagged["sensitive"] = _sensitive_rows(incidents, themes, distinct, known, which)
    if record is not None:
        _write_down(record, themes, tagged, undecided, untagged=int((~known)[which].sum()))
    return tagged


def _known(
    distinct: list[Offence], which: NDArray[np.intp], themes: Themes, unknown: str
) -> NDArray[np.bool_]:
    """Which distinct offences the themes know; the others are an error unless asked otherwise."""
    schemes = {offence.scheme for offence in distinct} - {themes.offence_scheme}
    require(
        not schemes,
        f"these themes are for the offence scheme {themes.offence_scheme!r}; `incidents` also has "
        f"{listing(schemes)}. Tag each source with its own themes, then put the tables together.",
    )
    known = np.array([themes.knows(offence) for offence in distinct], dtype=bool)
    counts = np.bincount(which, minlength=len(distinct)).tolist()
    if unknown == "error":
        raise_unknown(
            [(distinct[number], counts[number]) for number in np.flatnonzero(~known).tolist()],
            expected=f"known to the scheme {themes.offence_scheme!r}",
            mend="Correct the spelling or the field map, list them in a theme file, or pass "
            'unknown="untagged" to leave them out of every theme, counted.',
            rule="unknown-offence",
        )
    return known


def _members(
    chosen: OffenceSet, distinct: list[Offence], known: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which distinct offences belong, and which are too coarse to tell."""
    answers = [
        chosen.holds(offence.code) if is_known and offence.code is not None else False
        for offence, is_known in zip(distinct, known.tolist(), strict=True)
    ]
    inside = np.array([answer is True for answer in answers], dtype=bool)
    return inside, np.array([answer is None for answer in answers], dtype=bool)


def _where_possible(theme: Theme, incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows that can be in a theme: not the domestic ones where it leaves those out."""
    if not theme.not_domestic:
        return np.ones(len(incidents), dtype=bool)
    if "domestic" not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    return ~domestic_rows(incidents)


def _sensitive_rows(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    distinct: list[Offence],
    known: NDArray[np.bool_],
    which: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """By offence (in doubt, yes), by the domestic flag, and as the source may have said already."""
    rule = themes.sensitive
    codes = [code for group in rule.offences.values() for code in group]
    inside, coarse = _members(OffenceSet.of(themes.offence_scheme, codes), distinct, known)
    rows = (inside | coarse)[which]
    if rule.domestic_flag and "domestic" in incidents.columns:
        rows = rows | domestic_rows(incidents)
    if "sensitive" in incidents.columns:
        rows = rows | np.asarray(incidents["sensitive"].eq(True).fillna(False), dtype=bool)
    return rows


def _write_down(
    record: RunRecord,
    themes: Themes,
    tagged: gpd.GeoDataFrame,
    undecided: Mapping[str, int],
    *,
    untagged: int,
) -> None:
    for theme in themes:
        status = _found(theme, tagged)
        record.themes[theme.name] = _together(record.themes.get(theme.name, status), status)
        words = f"{theme.label[:1].upper()}{theme.label[1:]}: {status.note}."
        caveat = theme.caveat if status == theme.status else words
        record.warn_reader(*filter(None, [caveat]))
        if undecided[theme.name]:
            record.warn_reader(
                f"{undecided[theme.name]:,} incidents carry an offence code too coarse to tell "
                f"whether they belong to {theme.label}; they are left out."
            )
    rule = themes.sensitive
    record.warn_reader(*filter(None, [rule.caveat]))
    if rule.domestic_flag and "domestic" not in tagged.columns:
        record.warn_reader(*filter(None, [rule.caveat_without_flag]))
    if rule.domestic_flag and "domestic" in tagged.columns and tagged["domestic"].isna().any():
        record.warn_reader(
            f"{int(tagged['domestic'].isna().sum()):,} incidents carry no domestic abuse flag, yes "
            "or no; they are treated as not domestic."
        )
    if untagged:
        record.warn_reader(
            f"{untagged:,} incidents carry an offence the scheme does not know and are in no theme."
        )
    record.choose(
        "tag_themes",
        offence_scheme=themes.offence_scheme,
        themes={theme.name: list(theme.offences) for theme in themes},
    )


def _found(theme: Theme, tagged: gpd.GeoDataFrame) -> ThemeStatus:
    """The status of a theme once the data are seen."""
    if theme.not_domestic and "domestic" not in tagged.columns:
        return ThemeStatus(theme.name, theme.label, "absent", NO_FLAG)
    if theme.note_if_none and not tagged[f"theme_{theme.name}"].any():
        return ThemeStatus(theme.name, theme.label, "absent", theme.note_if_none)
    return theme.status


def _together(one: ThemeStatus, other: ThemeStatus) -> ThemeStatus:
    """The status of a theme over two sources: no better than the weaker one that has it."""
    if one == other:
        return one
    better, worse = sorted(
        (one, other), key=lambda status: get_args(ThemeState).index(status.state)
    )
    if worse.state == "absent" and better.state != "absent":
        note = f"{better.note} Not in every source: {worse.note}."
        return ThemeStatus(better.name, better.label, better.state, note.strip())
    return worse


def _theme(entry: dict[str, Any], scheme: str, folder: Path) -> Theme:
    if set(entry) == {"basket"}:
        basket = str(entry["basket"])
        return Theme.from_basket(folder / basket if basket.endswith(".toml") else basket, scheme)
    return Theme(**tuples(entry))


def _sensitive(entry: dict[str, Any]) -> Sensitive:
    groups = {name: tuple(codes) for name, codes in entry.pop("offences", {}).items()}
    return Sensitive(offences=groups, **entry)
