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

from hotspots.checks import DataError, InputError, listing, require
from hotspots.columns import INCIDENTS, require_table
from hotspots.offences import (
    HOME_OFFICE,
    POLICE_UK,
    Offence,
    distinct_offences,
    is_registered,
    lineage,
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
    offences : tuple of str
        Offences of the theme; a Home Office class stands for every offence below it.
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
    caveat: str = ""
    note_if_none: str = ""

    def __post_init__(self) -> None:
        require(
            self.name.isidentifier(),
            f"a theme's name becomes a column, so it must be letters, digits and underscores; "
            f"got {self.name!r}.",
        )
        require(
            self.state in get_args(ThemeState),
            f"theme {self.name!r}: `state` must be measured, proxy or absent; got {self.state!r}.",
        )
        require(
            (self.state == "absent") == (not self.offences),
            f"theme {self.name!r} is {self.state} and has {len(self.offences)} offences: a theme "
            "without offences is absent, and an absent theme has none.",
        )


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
        for name, offences in self._lists().items():
            strange = [offence for offence in offences if not self._knows(offence)]
            require(
                not strange,
                f"{name} lists {listing(strange)}, which the scheme {self.offence_scheme!r} does "
                "not know. Check the spelling, or name a scheme of your own.",
            )

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

        A scheme of one's own lists every offence that can come: in a theme, or in ``no_theme``.
        """
        file = Path(path)
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            return cls(
                offence_scheme=content.pop("offence_scheme"),
                themes=tuple(Theme(**_tuples(entry)) for entry in content.pop("theme", [])),
                sensitive=_sensitive(content.pop("sensitive", {})),
                **_tuples(content),
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
        return {
            theme.name: ThemeStatus(theme.name, theme.label, theme.state, theme.note)
            for theme in self.themes
        }

    def __iter__(self) -> Iterator[Theme]:
        return iter(self.themes)

    def __getitem__(self, name: str) -> Theme:
        for theme in self.themes:
            if theme.name == name:
                return theme
        raise InputError(
            f"there is no theme {name!r}; there are {listing(t.name for t in self.themes)}."
        )

    def _lists(self) -> dict[str, tuple[str, ...]]:
        return {
            **{f"theme {theme.name!r}": theme.offences for theme in self.themes},
            **{f"sensitive {name!r}": codes for name, codes in self.sensitive.offences.items()},
            "`no_theme`": self.no_theme,
        }

    def _knows(self, offence: str) -> bool:
        code = normalise_offence(offence, self.offence_scheme)
        return code is not None and is_registered(code, self.offence_scheme)


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
    lineages = _lineages(distinct, which, themes, unknown)
    tagged = incidents.copy()
    for theme in themes:
        tagged[f"theme_{theme.name}"] = _members(theme.offences, themes, lineages)[which]
    if themes.sensitive.can_tell:
        tagged["sensitive"] = _sensitive_rows(incidents, themes, lineages, which)
    if record is not None:
        untagged = sum(not lineages[number] for number in which.tolist())
        _write_down(record, themes, tagged, untagged)
    return tagged


def _lineages(
    distinct: list[Offence], which: NDArray[np.intp], themes: Themes, unknown: str
) -> list[list[str]]:
    """For each distinct offence itself and what it is part of; empty where it is unknown."""
    schemes = {offence.scheme for offence in distinct} - {themes.offence_scheme}
    require(
        not schemes,
        f"these themes are for the offence scheme {themes.offence_scheme!r}; `incidents` also has "
        f"{listing(schemes)}. Tag each source with its own themes, then put the tables together.",
    )
    listed = _canonical(
        [code for codes in themes._lists().values() for code in codes], themes.offence_scheme
    )
    lineages = [_lineage(offence, listed) for offence in distinct]
    if unknown == "error":
        counts = np.bincount(which, minlength=len(distinct)).tolist()
        raise_unknown(
            [
                (offence, count)
                for offence, count, found in zip(distinct, counts, lineages, strict=True)
                if not found
            ],
            expected=f"known to the scheme {themes.offence_scheme!r}",
            mend="Correct the spelling or the field map, add them to a theme file, or pass "
            'unknown="untagged" to leave them out of every theme, counted.',
            rule="unknown-offence",
        )
    return lineages


def _lineage(offence: Offence, listed: frozenset[str]) -> list[str]:
    if offence.code is None:
        return []
    found = lineage(offence.code, offence.scheme)
    if offence.scheme in (POLICE_UK, HOME_OFFICE):
        return found if is_registered(offence.code, offence.scheme) else []
    return found if listed.intersection(found) else []


def _canonical(offences: list[str] | tuple[str, ...], scheme: str) -> frozenset[str]:
    codes = (normalise_offence(offence, scheme) for offence in offences)
    return frozenset(code for code in codes if code is not None)


def _members(
    offences: tuple[str, ...], themes: Themes, lineages: list[list[str]]
) -> NDArray[np.bool_]:
    wanted = _canonical(offences, themes.offence_scheme)
    return np.array([not wanted.isdisjoint(found) for found in lineages], dtype=bool)


def _sensitive_rows(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    lineages: list[list[str]],
    which: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """By offence, by the domestic flag, and as the source itself may have said already."""
    rule = themes.sensitive
    codes = tuple(code for group in rule.offences.values() for code in group)
    rows = _members(codes, themes, lineages)[which]
    flags = (["domestic"] if rule.domestic_flag else []) + ["sensitive"]
    for flag in flags:
        if flag in incidents.columns:
            rows = rows | incidents[flag].eq(True).fillna(False).to_numpy(dtype=bool)
    return rows


def _write_down(record: RunRecord, themes: Themes, tagged: gpd.GeoDataFrame, untagged: int) -> None:
    for theme in themes:
        status, caveat = themes.status[theme.name], theme.caveat
        if theme.note_if_none and not tagged[f"theme_{theme.name}"].any():
            status = ThemeStatus(theme.name, theme.label, "absent", theme.note_if_none)
            caveat = f"{theme.label[:1].upper()}{theme.label[1:]}: {theme.note_if_none}."
        earlier = record.themes.get(theme.name, status)
        record.themes[theme.name] = _together(earlier, status)
        record.warn_reader(*filter(None, [caveat]))
    rule = themes.sensitive
    record.warn_reader(*filter(None, [rule.caveat]))
    if rule.domestic_flag and "domestic" not in tagged.columns:
        record.warn_reader(*filter(None, [rule.caveat_without_flag]))
    if untagged:
        record.warn_reader(
            f"{untagged:,} incidents carry an offence the scheme does not know and are in no theme."
        )
    record.choose(
        "tag_themes",
        offence_scheme=themes.offence_scheme,
        themes={theme.name: list(theme.offences) for theme in themes},
    )


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


def _sensitive(entry: dict[str, Any]) -> Sensitive:
    groups = {name: tuple(codes) for name, codes in entry.pop("offences", {}).items()}
    return Sensitive(offences=groups, **entry)


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
