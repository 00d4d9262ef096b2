"""Zones put together from small areas by a list: community committees, policing teams, students."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from pydantic import Field, model_validator

from hotspots.core.arguments import listed, text_of, yes_of
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.core.schema import AnyText, Flag, Table, Whole, read_toml
from hotspots.core.tables import ZONES, require_table
from hotspots.io.zones.table import no_zones, one_zone

if TYPE_CHECKING:
    import geopandas as gpd

Lists: TypeAlias = "str | Path | Mapping[str, Iterable[str]] | pd.Series | pd.DataFrame"

ID_WORDS = re.compile(r"[^a-z0-9]+")


def zones_from_lsoas(
    lsoas: gpd.GeoDataFrame,
    lists: Lists,
    *,
    kind: str | None = None,
    may_overlap: bool = False,
    approximate: bool | None = None,
) -> gpd.GeoDataFrame:
    """Zones made of small areas that are listed: LSOAs, or wards, or any zones that tile.

    Parameters
    ----------
    lsoas : GeoDataFrame
        Zones table of the small areas. A list may name them by ``zone_id`` or by ``zone_name``.
    lists : path, mapping, Series or DataFrame
        A TOML file (see Notes); a mapping of zone name to members; a Series of zone names indexed
        by member; or a DataFrame whose first two columns are member and zone name.
    kind : str, optional
        Kind of the zones; that of the TOML file by default.
    may_overlap : bool
        Let a small area be in two zones.
    approximate : bool, optional
        Whether the outlines only stand in for official ones. By default what the TOML file says,
        else True.

    Returns
    -------
    GeoDataFrame
        Zones table in order of ``zone_id``, with ``members`` (how many small areas).

    Raises
    ------
    DataError
        For members the table does not have, members listed twice, zones without members; all
        together.

    Notes
    -----
    The TOML file has ``kind``, optionally ``approximate`` and ``title``, ``source``, ``status`` for
    people, and one ``[[zone]]`` each with ``zone_name``, ``members`` and optionally ``zone_id``.
    Lists go stale: LSOAs of 2011 and of 2021 share most codes but not all, and ward codes are
    re-issued. A zone made of whole small areas takes in ground that a finer boundary leaves out.

    Examples
    --------
    >>> import hotspots as hs
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> committees = zones_from_lsoas(wards, hs.bundled("community_committees.toml"))
    >>> len(committees), int(committees["members"].sum())
    (10, 33)
    """
    require_table(lsoas, ZONES, argument="lsoas", only=["zone_name", "geometry"])
    given = _read_lists(lists)
    named = given.kind if kind is None else text_of(kind, "kind")
    if named is None:
        raise InputError('say what the zones are with `kind`, e.g. `kind="policing_team"`.')
    members = _find_members(lsoas, given, yes_of(may_overlap, "may_overlap"))
    rough = given.approximate if approximate is None else yes_of(approximate, "approximate")
    if "approximate" in lsoas.columns and lsoas["approximate"].eq(True).any():
        rough = True
    found = [
        one_zone(
            lsoas.loc[labels].union_all(),
            lsoas.crs,
            zone_id=given.ids[name],
            zone_name=name,
            kind=named,
            approximate=rough,
        ).assign(members=len(labels))
        for name, labels in members.items()
    ]
    if not found:
        return no_zones(lsoas.crs).assign(members=pd.Series(dtype=int))
    columns = [*ZONES.names[:-1], "members", "geometry"]
    return pd.concat(found)[columns].sort_index()


def choose_zones(zones: gpd.GeoDataFrame, only: str | Path | Iterable[str]) -> gpd.GeoDataFrame:
    """The zones of a list, in the order of the list: the six priority wards.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    only : path or iterable of str
        Names or identifiers, or a TOML file with ``[[ward]]`` entries that have ``ward_code`` and
        ``ward_name``. Names are compared without case, "&" being "and".

    Returns
    -------
    GeoDataFrame
        The rows chosen, nothing added.

    Raises
    ------
    DataError
        For entries that are not among the zones, all of them named.

    Notes
    -----
    Codes of wards are re-issued after small boundary orders, so a name counts where a code fails.

    Examples
    --------
    >>> import hotspots as hs
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> choose_zones(wards, hs.bundled("priority_wards.toml"))["zone_name"].tolist()[:2]
    ['Armley', 'Beeston & Holbeck']
    """
    require_table(zones, ZONES, argument="zones", only=["zone_name"])
    if isinstance(only, Path) or (isinstance(only, str) and only.endswith(".toml")):
        of_file = read_toml(only, WardList, what="a list of wards")
        entries = [(ward.ward_code, ward.ward_name) for ward in of_file.ward]
    else:
        names = [only] if isinstance(only, str) else listed(only, "only")
        entries = [(None, str(name)) for name in names]
    look_up = _look_up(zones)
    labels = [
        next((look_up[word_key(w)] for w in entry if w and word_key(w) in look_up), None)
        for entry in entries
    ]
    lost = [name for (_, name), label in zip(entries, labels, strict=True) if label is None]
    require(
        not lost,
        f"the list must name zones of the table; {listing(lost)} not found among "
        f"{listing(zones['zone_name'], most=40)}.",
        DataError,
    )
    return zones.loc[list(dict.fromkeys(labels))]


class About(Table):
    """What a list says of itself, for people."""

    title: str = ""
    status: str = Field("", description="How official the list is.")
    source: str = Field("", description="Who drew the list up, and when.")
    licence: str = ""
    code_vintage: str = Field("", description="Edition of the codes.")
    note: str = ""
    paragraphs: tuple[Whole, ...] = Field((), description="Where in the source it is written.")


class ZoneTable(Table):
    """One zone and the small areas it is made of."""

    zone_name: str = Field(min_length=1, description="Name of the zone.")
    members: tuple[str, ...] = Field((), description="Names or identifiers of small areas.")
    zone_id: AnyText | None = Field(None, description="Identifier; made of the name without one.")

    @property
    def identifier(self) -> str:
        """The identifier given, or one made of the name."""
        return self.zone_id or zone_identifier(self.zone_name)


class ZoneList(About):
    """Zones put together from small areas."""

    kind: str | None = Field(None, description="Kind of all zones, e.g. policing_team.")
    approximate: Flag = Field(
        True, description="Whether the outlines only stand in for official ones."
    )
    zone: tuple[ZoneTable, ...] = Field(min_length=1, description="One table for each zone.")

    @model_validator(mode="after")
    def _are_different(self) -> ZoneList:
        names = pd.Series([zone.zone_name for zone in self.zone])
        ids = pd.Series([zone.identifier for zone in self.zone])
        twice = {*names[names.duplicated()], *ids[ids.duplicated()]}
        require(
            not twice,
            f"names and identifiers of zones must be unique; {listing(twice)} repeat.",
        )
        return self


class WardTable(Table):
    """One ward."""

    ward_name: str = Field(description="Name of the ward; counts where the code fails.")
    ward_code: str | None = Field(None, description="Official code of the ward.")


class WardList(About):
    """Wards chosen by name or code."""

    ward: tuple[WardTable, ...] = Field((), description="One table for each ward.")


class _Lists:
    """What a list says: names in order, their members, ids, and the facts of the file."""

    def __init__(self, members: Mapping[str, Iterable[str]]) -> None:
        self.members = {
            str(name): [str(m) for m in listed(some, "lists")] for name, some in members.items()
        }
        self.ids = {name: zone_identifier(name) for name in self.members}
        self.kind: str | None = None
        self.approximate = True
        self.source = "the list"


def _read_lists(lists: Lists) -> _Lists:
    if isinstance(lists, (str, Path)):
        return _from_toml(Path(lists))
    if isinstance(lists, pd.DataFrame):
        require(lists.shape[1] >= 2, "`lists` must have a column of members and one of zones.")
        lists = pd.Series(lists.iloc[:, 1].to_numpy(), index=lists.iloc[:, 0].astype(str))
    if isinstance(lists, pd.Series):
        pairs = lists.dropna()
        names = list(dict.fromkeys(pairs.astype(str)))
        return _Lists({name: pairs.index[pairs.astype(str) == name] for name in names})
    if isinstance(lists, Mapping) and not any(isinstance(some, str) for some in lists.values()):
        return _Lists(lists)
    raise InputError(
        "`lists` must be a TOML file, a mapping of zone name to members, a Series or a DataFrame; "
        f"got {type(lists).__name__}."
    )


def _from_toml(path: Path) -> _Lists:
    said = read_toml(path, ZoneList, what="a list of zones")
    found = _Lists({zone.zone_name: zone.members for zone in said.zone})
    found.ids = {zone.zone_name: zone.identifier for zone in said.zone}
    found.kind, found.approximate = said.kind, said.approximate
    found.source = path.name
    return found


def _find_members(
    lsoas: gpd.GeoDataFrame, given: _Lists, may_overlap: bool
) -> dict[str, list[Any]]:
    """Labels of the members of each zone; every fault named at once."""
    findings, look_up = Findings(), _look_up(lsoas)
    owner: dict[Any, str] = {}
    members: dict[str, list[Any]] = {}
    for name, wanted in given.members.items():
        lost = [member for member in wanted if word_key(member) not in look_up]
        if lost or not wanted:
            came = f"{listing(lost)} not found. Is the list of another year?"
            findings.error(
                "zone-members",
                f"{given.source}: the zone {name!r} must be made of areas of the table; "
                f"{came if lost else 'it lists none.'}",
            )
        keys = dict.fromkeys(word_key(member) for member in wanted)
        members[name] = list(dict.fromkeys(look_up[key] for key in keys if key in look_up))
        for label in members[name] if not may_overlap else []:
            if owner.setdefault(label, name) != name:
                findings.error(
                    "zone-members",
                    f"{given.source}: {label!r} is listed in {owner[label]!r} and in {name!r}. "
                    "Take it out of one, or say `may_overlap=True`.",
                )
    findings.raise_errors(DataError)
    return members


def _look_up(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Label by name and by identifier; the identifier wins."""
    names = {word_key(name): label for label, name in zones["zone_name"].items()}
    return names | {word_key(label): label for label in zones.index}


def zone_identifier(name: str) -> str:
    """An identifier made of a name."""
    return ID_WORDS.sub("-", name.casefold().replace("&", " and ")).strip("-")


def word_key(text: object) -> str:
    """A name without case and punctuation, to be compared."""
    words = str(text).casefold().replace("&", " and ")
    return " ".join(ID_WORDS.sub(" ", words).split())
