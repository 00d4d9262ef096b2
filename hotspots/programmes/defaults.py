"""What incidents mean where nobody said: themes and harm of a layout that is recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.core.errors import InputError, listing
from hotspots.core.tables import themes_in
from hotspots.core.text.mends import Mend
from hotspots.io.incidents import tag_institutions
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

SCALES = {"police_uk": "ons-css-police-uk-west-yorkshire", "home_office": "ons-css"}


def with_meaning(incidents: gpd.GeoDataFrame, record: RunRecord) -> gpd.GeoDataFrame:
    """Incidents with themes, harm and institutional points; what they have already stays."""
    found = incidents
    if "institutional" not in found.columns and "place_name" in found.columns:
        found = tag_institutions(found, record=record)
    if themes_in(found.columns):
        return found
    schemes = sorted(found["offence_scheme"].dropna().unique())
    if len(schemes) != 1 or schemes[0] not in SCALES:
        raise InputError(
            f"`incidents` must be tagged with themes; they are not, and of the schemes "
            f"{listing(schemes)} no themes are known by themselves.",
            mend=Mend("tag-each-source"),
            rule="untagged",
        )
    scheme = schemes[0]
    themes = Themes.police_uk() if scheme == "police_uk" else Themes.home_office()
    found = tag_themes(found, themes, record=record)
    if "harm" in found.columns:
        return found
    return weigh_harm(found, HarmScale.bundled(SCALES[scheme]), record=record)
