"""Vehicle nuisance: the stretches of road, and the sites off the road, where it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.analysis.streets import assign_runs, find_runs
from hotspots.analysis.troubles import count_in_areas, days_known, kept_of
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.core.arguments import has_record, whole_of
from hotspots.core.caveats import Caveat
from hotspots.core.crs import coordinates, require_same_crs
from hotspots.core.errors import require
from hotspots.core.grids import StreetSegments
from hotspots.core.months import local_times
from hotspots.core.plain import plain_parts, plain_records
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken
from hotspots.core.text.mends import Mend
from hotspots.core.totals import snapped_incidents

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

STAGE = "find_recurring_roads"
OFF_ROAD = "off_road"
SITE = "off-road-site"
OFF_THE_ROAD: dict[str, Any] = {"radius_m": 75.0, "min_incidents": 5}
KEPT = (
    "kind", "theme", "period_from", "period_until", "place_name", "rank", "incident_count",
    "active_months", "segments", "length_m", "count_per_100m", "from_road_m", "unweighted_count",
    "unique_points", "largest_point_share", "harm", "harm_low", "harm_high", "largest_event_share",
    "harm_scale", "min_incidents", "area_km2", "share_inside", "geometry",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RecurringRoads(Spoken):
    """Roads and off-road sites where incidents come back.

    Attributes
    ----------
    table
        Roads (``kind`` "street-run") and sites ("off-road-site"), most incidents first: areas with
        ``active_months``, and of roads ``segments``, ``length_m`` and ``count_per_100m``, of sites
        ``from_road_m``.
    segments
        Every segment, counted and tested.
    on_road, off_road
        Incidents within reach of a street, and all others.
    reach_m, min_incidents, min_months
        What was asked.
    indicative
        Whether places were snapped, so that a segment is the one a map point lies on.
    incidents
        What the question was about, on segments.
    """

    table: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    on_road: int
    off_road: int
    reach_m: float
    min_incidents: int
    min_months: int
    indicative: bool
    incidents: Selection

    @property
    def roads(self) -> gpd.GeoDataFrame:
        """The roads alone."""
        return self.table[self.table["kind"] != SITE]

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """The off-road sites alone."""
        return self.table[self.table["kind"] == SITE]

    def to_dict(self) -> dict[str, Any]:
        """Everything but geometry and single incidents, for JSON."""
        return {
            "theme": self.incidents.theme,
            "period": None if self.incidents.period is None else self.incidents.period.key,
            "incidents": self.incidents.total,
            **plain_parts(self, "on_road", "off_road"),
            "segments_tested": len(self.segments),
            **plain_parts(self, "reach_m", "min_incidents", "min_months", "indicative"),
            "places": plain_records(pd.DataFrame(self.table)),
            "sentence": self.to_sentence(),
        }


def find_recurring_roads(
    incidents: gpd.GeoDataFrame | Selection,
    streets: gpd.GeoDataFrame,
    *,
    reach_m: float = 30.0,
    min_incidents: int = 5,
    min_months: int = 3,
    sites: gpd.GeoDataFrame | None = None,
    indicative: bool = False,
    record: RunRecord | None = None,
) -> RecurringRoads:
    """Find the stretches of road where incidents recur, and the sites away from every road.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`, with a study area; for instance of the theme "vehicle_nuisance".
    streets : GeoDataFrame
        Segments from junction to junction, from :func:`load_streets`.
    reach_m : float
        An incident farther from every street is off the road.
    min_incidents, min_months : int
        Fewest incidents of a place, and fewest months in which it has any; where the period holds
        fewer months, all of them.
    sites : GeoDataFrame, optional
        Zones with names (parks, car parks) to call off-road sites by.
    indicative : bool
        Go on with snapped places, and say so.
    record : RunRecord, optional
        Gets the account of every row, the choices and the caveats.

    Returns
    -------
    RecurringRoads
        ``table``, ``roads``, ``sites``; print it for the sentence.

    Raises
    ------
    InputError
        For snapped incidents unless ``indicative``; without a study area.

    Notes
    -----
    A segment is flagged when it holds more than places, each with all its incidents, falling evenly
    on all metres of street would bring, corrected for the number of segments (5 % of flags false):
    nine calls from one address make no road. What happened on one segment on one day is tested as
    one, so that neighbours who call about one thing make none either; counts are of all. Flagged
    segments of one street that follow one another are one road. Off-road sites are clusters (5
    within 75 m): nothing tests them against chance, since nobody knows how much ground off the road
    could hold incidents. It misleads where complaints follow residents: a road nobody lives on is
    not reported.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=8_000)
    >>> roads = hs.streets.split_at_junctions(town.streets, crossings=True)
    >>> police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    >>> police = hs.tag_themes(police, hs.Themes.home_office())
    >>> asked = hs.select(police, hs.Question("vehicle_nuisance", within=town.district))
    >>> found = hs.operations.find_recurring_roads(asked, roads)
    >>> found.on_road + found.off_road == asked.total, len(found.sites)
    (True, 4)
    """
    chosen = as_selection(incidents)
    snapped = _require_exact(chosen, indicative)
    grid = StreetSegments(streets, reach_m=reach_m)
    require_same_crs(chosen.source, streets, ("incidents", "streets"))
    chosen = assign_cells(chosen, grid)
    segments = aggregate_to_cells(chosen, record=record)
    segments = _flagged(segments, chosen, record)
    joined = assign_runs(segments, chosen)
    clustered = assign_clusters(_off_the_road(chosen), **OFF_THE_ROAD)
    table = pd.concat(
        [_with_months(find_runs(joined), joined), _sites(clustered, streets, sites, chosen.theme)]
    )
    on_road = int(segments["incident_count"].sum())
    min_incidents = whole_of(min_incidents, "min_incidents")
    least = min(whole_of(min_months, "min_months"), _months_asked(chosen))
    found = RecurringRoads(
        table=_recurring(table, min_incidents, least),
        segments=segments,
        on_road=on_road,
        off_road=chosen.total - on_road,
        reach_m=reach_m,
        min_incidents=min_incidents,
        min_months=least,
        indicative=snapped > 0,
        incidents=chosen,
    )
    if has_record(record):
        asked = {"reach_m": reach_m, "min_incidents": min_incidents, "min_months": least}
        record.choose(STAGE, **asked, segments=len(segments), off_road=OFF_THE_ROAD)
        record.warn_reader(NOT_GROUNDS)
        if snapped:
            record.warn_reader(Caveat("segments-indicative"))
    return found


def _require_exact(chosen: Selection, indicative: bool) -> int:
    """How many incidents are snapped; refused unless asked for."""
    snapped = snapped_incidents(chosen)
    require(
        not snapped or indicative,
        f"streets need exact places; {snapped:,} of {chosen.total:,} incidents are snapped to map "
        "points, each of which stands for a whole street and more.",
        mend=Mend("indicative-streets"),
        rule="snapped-streets",
    )
    return snapped


def _flagged(
    segments: gpd.GeoDataFrame, chosen: Selection, record: RunRecord | None
) -> gpd.GeoDataFrame:
    """The segments tested, each day of each once where days are known; counted as they were."""
    rows = chosen.rows
    known = days_known(rows) & rows["area_id"].notna()
    day = local_times(rows["occurred_from"]).dt.normalize().where(known)
    alone = pd.Series(np.arange(len(rows)), rows.index).mask(known, -1)
    keys = pd.DataFrame({"area": rows["area_id"], "day": day, "alone": alone})
    # By place, so that the order of the rows does not say at which of several a day is counted.
    again = keys.iloc[np.lexsort(coordinates(rows.geometry))].duplicated().reindex(rows.index)
    once = kept_of(chosen, ~again.to_numpy())
    tested = segments.assign(incident_count=count_in_areas(once, segments.index))
    found = flag_hotspots(tested, once, neighbours={}, record=record)
    return found.assign(incident_count=segments["incident_count"])


def _off_the_road(chosen: Selection) -> Selection:
    """The incidents that are on no street."""
    away = pd.Series(False, index=chosen.everything.index)
    away[chosen.rows.index[chosen.area_ids.isna()]] = True
    marked = chosen.everything.assign(**{f"theme_{OFF_ROAD}": away})
    return chosen.retagged(marked, OFF_ROAD)


def _sites(
    clustered: Selection, streets: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, theme: str
) -> gpd.GeoDataFrame:
    """Clusters off the road, by the known site they are in, else by the nearest street."""
    found = _with_months(find_clusters(clustered), clustered)
    middle = found.geometry.representative_point()
    _, nearest = streets.sindex.nearest(middle, return_all=False)
    lines = streets.geometry.iloc[nearest].set_axis(found.index)
    found["from_road_m"] = middle.distance(lines).to_numpy()  # type: ignore[arg-type]
    names = streets.get("street_name", pd.Series(None, index=streets.index, dtype=object))
    found["place_name"] = [
        f"off the road by {name}" if isinstance(name, str) else "off the road"
        for name in names.iloc[nearest]
    ]
    if zones is not None and len(found):
        inside = relate_to_zones(found, zones, clustered).reset_index()
        inside = inside[inside["share_of_count"] > 0].sort_values(
            ["share_of_count", "zone_id"], ascending=[False, True]
        )
        known = inside.drop_duplicates("area_id").set_index("area_id")["zone_name"]
        found["place_name"] = known.reindex(found.index).fillna(found["place_name"])
    return found.assign(kind=SITE, theme=theme)


def _with_months(areas: gpd.GeoDataFrame, members: Selection) -> gpd.GeoDataFrame:
    """Areas with the number of months in which each has an incident."""
    parts = members.parts.in_order_of(areas.index)
    pairs = np.unique(np.column_stack([parts.area, parts.month]), axis=0)
    return areas.assign(active_months=np.bincount(pairs[:, 0], minlength=len(areas)))


def _months_asked(chosen: Selection) -> int:
    """How many months the question could hold."""
    if chosen.period is not None and chosen.period.whole_months is not None:
        first, last = chosen.period.whole_months
        return int(last - first + 1)
    months = chosen.source.months()
    return max(len(months), 1)


def _recurring(table: gpd.GeoDataFrame, min_incidents: int, months: int) -> gpd.GeoDataFrame:
    """The places that hold enough in enough months, most incidents first."""
    held = table["incident_count"].ge(min_incidents) & table["active_months"].ge(months)
    kept = table[held].copy()
    kept["rank"] = kept["incident_count"].rank(method="min", ascending=False).astype("Int64")
    order = np.lexsort((kept.index.astype(str), kept["rank"]))
    return kept[[name for name in KEPT if name in kept.columns]].iloc[order]
