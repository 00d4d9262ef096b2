"""What incidents mean: their themes, their harm, the institutions they were recorded at."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.arguments import has_record
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import InputError, require
from hotspots.core.record import RunRecord
from hotspots.core.schema import Table, read_toml
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.incidents.parse_text import MOST_STREETS, plain_place
from hotspots.offences.codes import HOME_OFFICE, POLICE_UK
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm

AUTO = "auto"
SCALES = {POLICE_UK: "ons-css-police-uk-west-yorkshire", HOME_OFFICE: "ons-css"}
"""The bundled scale of each scheme whose themes are known by themselves."""
LIST = DEFINITIONS / "institutions.toml"


def with_meaning(
    incidents: gpd.GeoDataFrame,
    record: RunRecord | None,
    *,
    themes: Themes | str | None,
    harm_scale: HarmScale | str | None,
    institutions: bool = True,
    rejected: int = 0,
) -> gpd.GeoDataFrame:
    """Incidents tagged and weighed, at institutions too; what a record is given tells by what.

    ``"auto"`` stands for the themes and the scale of the one offence scheme there is, if it is a
    known one, and for neither otherwise. Offences that the themes do not know are in none of them;
    those that a scale taken by itself does not know have no harm.
    """
    unknown: Literal["error", "missing"] = "missing" if harm_scale == AUTO else "error"
    scheme = known_scheme(incidents) if AUTO in (themes, harm_scale) else None
    chosen, scale = _themes(themes, scheme), _scale(harm_scale, scheme)
    found = incidents
    institutions = institutions and (chosen is not None or scale is not None)
    if institutions and "place_name" in found.columns and "institutional" not in found.columns:
        found = tag_institutions(found, record=record)
    if chosen is not None:
        found = tag_themes(found, chosen, unknown="untagged", rejected=rejected, record=record)
    return found if scale is None else weigh_harm(found, scale, unknown=unknown, record=record)


def known_scheme(incidents: gpd.GeoDataFrame) -> str | None:
    """The one offence scheme of incidents, if themes and a scale of it come with the library."""
    schemes = [one for one in incidents["offence_scheme"].unique() if not pd.isna(one)]
    return schemes[0] if len(schemes) == 1 and schemes[0] in SCALES else None


def _themes(given: Themes | str | None, scheme: str | None) -> Themes | None:
    if given == AUTO:
        given = scheme
    if given is None or isinstance(given, Themes):
        return given
    require(
        isinstance(given, (str, Path)),
        f'`themes` must be Themes, a name, a file or "auto"; got {type(given).__name__}.',
    )
    named = DEFINITIONS / "themes" / f"{given}.toml"
    return Themes.from_toml(named if named.exists() else given)


def _scale(given: HarmScale | str | None, scheme: str | None) -> HarmScale | None:
    if given == AUTO:
        given = None if scheme is None else SCALES[scheme]
    if given is None or isinstance(given, HarmScale):
        return given
    if given in HarmScale.bundled_names():
        return HarmScale.bundled(given)
    if isinstance(given, (str, Path)):
        return HarmScale.from_csv(given)
    raise InputError(
        f'`harm_scale` must be a HarmScale, a name, a file or "auto"; got {type(given).__name__}.'
    )


def tag_institutions(
    incidents: gpd.GeoDataFrame,
    names: Iterable[str] | None = None,
    *,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Mark incidents recorded at a police station, prison, hospital or court.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table with ``place_name``.
    names : iterable of str, optional
        Exact place names to mark instead of the bundled list. Case and "On or near" do not matter.
    record : RunRecord, optional
        Takes the number of incidents marked, by name.

    Returns
    -------
    GeoDataFrame
        A copy with ``institutional`` (boolean).

    Raises
    ------
    InputError
        For incidents without ``place_name``.

    Notes
    -----
    Misleads both ways: an offence found out in a prison or a hospital may have happened elsewhere,
    and an institution whose map point carries a street name is not marked. Names must match whole:
    "Hospital Road" is a street.

    References
    ----------
    Place types of anonymous map points: https://data.police.uk/about/#location-anonymisation

    Examples
    --------
    >>> from hotspots.core.data import bundled
    >>> from hotspots.io.incidents.load import load_incidents
    >>> july = load_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> int(tag_institutions(july)["institutional"].sum())
    188
    """
    require_table(incidents, INCIDENTS, argument="incidents")
    require(
        "place_name" in incidents.columns,
        "`incidents` must name their places, by which institutions are known; they have no "
        "`place_name`. Name its column in the field map, or leave this stage out.",
        rule="missing-column",
    )
    chosen = institution_names() if names is None else _plain(names)
    place, distinct, among = _among(incidents["place_name"], chosen)
    tagged = incidents.copy()
    tagged["institutional"] = among[place]
    if has_record(record):
        counts = np.bincount(place[among[place]], minlength=len(distinct)).tolist()
        held = {str(distinct[number]): count for number, count in enumerate(counts) if count}
        record.choose(
            "tag_institutions",
            names=sorted(chosen),
            incidents=dict(sorted(held.items())),
            total=int(tagged["institutional"].sum()),
        )
    return tagged


def at_institutions(places: pd.Series) -> NDArray[np.bool_]:
    """Which place names are those of the bundled institutions."""
    place, _, among = _among(places, institution_names())
    found: NDArray[np.bool_] = among[place]
    return found


def _among(
    places: pd.Series, chosen: frozenset[str]
) -> tuple[NDArray[np.intp], pd.Index, NDArray[np.bool_]]:
    """Which distinct name each row has, these, and which are chosen; the last is a missing name."""
    place, distinct = pd.factorize(places)
    return place, distinct, np.array([*(_key(str(name)) in chosen for name in distinct), False])


class KindTable(Table):
    """One kind of institution, and the place names it goes by."""

    name: str
    place_names: tuple[str, ...]


class InstitutionsFile(Table):
    """The bundled list of institutions."""

    kind: tuple[KindTable, ...]


def institution_names() -> frozenset[str]:
    """The bundled names, in lower case."""
    listed = read_toml(LIST, InstitutionsFile, what="the list of institutions")
    return _plain(name for kind in listed.kind for name in kind.place_names)


def _plain(names: Iterable[str]) -> frozenset[str]:
    listed = list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [None]
    if not all(isinstance(name, str) for name in listed):
        raise InputError(f"`names` must be a list of place names; got {names!r}.")
    return frozenset(_key(str(name)) for name in listed)


@lru_cache(maxsize=MOST_STREETS)
def _key(name: str) -> str:
    return (plain_place(name) or "").casefold()
