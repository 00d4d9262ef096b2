"""The logbook of incidents whose loading was not written down: what their rows say themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.core.caveats import Caveat
from hotspots.core.record import RunRecord, SourceFile
from hotspots.io.incidents.field_map import POLICE_UK_ATTRIBUTION

if TYPE_CHECKING:
    import geopandas as gpd

UNMARKED = "NOT MARKED - FOR YOUR OWN EYES"


def record_of(incidents: gpd.GeoDataFrame, title: str) -> RunRecord:
    """A record with the sources, caveats and attributions that follow from the rows.

    It knows no hashes and no rejected rows: pass ``record=`` to :func:`load_incidents` for these.
    """
    record = RunRecord(title, UNMARKED)
    published = incidents["published"] if "published" in incidents.columns else None
    located = incidents.geometry.notna()
    for name, rows in incidents.groupby("source", sort=True).groups.items():
        open_data = published is not None and bool(published.loc[rows].eq(True).all())
        nowhere = int((~located.loc[rows]).sum())
        facts = {"published_record_by_record": open_data}
        record.sources.append(SourceFile(str(name), "", len(rows), len(rows), 0, nowhere, facts))
    street = incidents["offence_scheme"].eq("police_uk").any()
    chosen = {
        "snapped": incidents["location_precision"].eq("snapped").any(),
        "months": incidents["time_precision"].eq("month").any(),
        "police-uk-types": street,
    }
    record.warn_reader(*(Caveat(rule) for rule, holds in chosen.items() if holds))
    if published is not None and published.eq(True).any() and street:
        record.attribute(POLICE_UK_ATTRIBUTION)
    return record
