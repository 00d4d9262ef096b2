"""Places where recording piles up: police stations, prisons, hospitals, courts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import InputError
from hotspots.core.record import RunRecord
from hotspots.core.schema import Table, read_toml
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.incidents.parse_text import MOST_STREETS, plain_place

LIST = DEFINITIONS / "institutions.toml"


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
    >>> from hotspots.io.incidents import load_incidents
    >>> july = load_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> int(tag_institutions(july)["institutional"].sum())
    188
    """
    require_table(incidents, INCIDENTS, argument="incidents", also=["place_name"])
    chosen = institution_names() if names is None else _plain(names)
    place, distinct, among = _among(incidents["place_name"], chosen)
    tagged = incidents.copy()
    tagged["institutional"] = among[place]
    if record is not None:
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
    if isinstance(names, str):
        raise InputError(f"`names` must be a list of place names; got the text {names!r}.")
    return frozenset(_key(name) for name in names)


@lru_cache(maxsize=MOST_STREETS)
def _key(name: str) -> str:
    return (plain_place(name) or "").casefold()
