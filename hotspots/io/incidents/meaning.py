"""What incidents mean: their themes, their harm, the institutions they were recorded at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import InputError, require
from hotspots.io.incidents.institutions import tag_institutions
from hotspots.offences.codes import HOME_OFFICE, POLICE_UK
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

AUTO = "auto"
SCALES = {POLICE_UK: "ons-css-police-uk-west-yorkshire", HOME_OFFICE: "ons-css"}
"""The bundled scale of each scheme whose themes are known by themselves."""


def with_meaning(
    incidents: gpd.GeoDataFrame,
    record: RunRecord | None,
    *,
    themes: Themes | str | None,
    harm_scale: HarmScale | str | None,
    institutions: bool = True,
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
        found = tag_themes(found, chosen, unknown="untagged", record=record)
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
