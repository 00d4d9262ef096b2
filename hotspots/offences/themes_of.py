"""What the sources of a table can say about each theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.tables import INCIDENTS, NOTE, STATE, THEME, require_table, themes_in

if TYPE_CHECKING:
    import geopandas as gpd

NOT_SAID = "not said"


def themes_of(incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """What each source says about each theme: measured, a proxy, or nothing at all.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, from :func:`tag_themes`.

    Returns
    -------
    DataFrame
        On (``source``, ``theme``): ``state`` (measured, proxy, absent; "not said" of columns that
        somebody else made), ``note`` (why), ``incidents`` (of the theme; missing where absent) and
        ``rows`` (of the source).

    Raises
    ------
    InputError
        For a table without the columns of incidents.

    Notes
    -----
    The number of incidents counts rows, wherever and whenever they were; it misleads as a measure
    of how much there is, since sources cover different places and months.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> file = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    >>> incidents = hs.tag_themes(hs.load_incidents(file, record=record), hs.Themes.police_uk())
    >>> hs.themes_of(incidents).droplevel("source")[["state", "incidents"]]
                         state  incidents
    theme
    asb               measured       5442
    serious_violence     proxy      10358
    vehicle_nuisance    absent       <NA>
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["source"])
    said = [_of_one(incidents, theme) for theme in themes_in(incidents.columns)]
    if not said:
        said = [pd.DataFrame(columns=["source", "theme", "state", "note", "incidents", "rows"])]
    table = pd.concat(said).set_index(["source", "theme"])
    return table.sort_index(kind="stable").astype({"incidents": "Int64", "rows": "int64"})


def _of_one(incidents: gpd.GeoDataFrame, theme: str) -> pd.DataFrame:
    """One row a source."""
    flags = incidents[f"{THEME}{theme}"].astype("boolean")
    said = pd.DataFrame({"source": incidents["source"].astype(object)})
    for name, end, unsaid in (("state", STATE, NOT_SAID), ("note", NOTE, "")):
        column = f"{THEME}{theme}{end}"
        known = incidents[column].astype(object) if column in incidents.columns else unsaid
        said[name] = known
        said[name] = said[name].where(pd.notna(said[name]), unsaid)
    said.loc[flags.isna() & (said["state"] == NOT_SAID), "state"] = "absent"
    keys = ["source", "state", "note"]
    counted = said.assign(incidents=flags, rows=1).groupby(keys, sort=True)
    table = counted.agg(incidents=("incidents", "sum"), rows=("rows", "sum")).reset_index()
    table["incidents"] = table["incidents"].astype("Int64").mask(table["state"] == "absent")
    return table.assign(theme=theme)
