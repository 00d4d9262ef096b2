"""The same incidents in areas and on streets: how many streets a hotspot is, and which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import require
from hotspots.core.grids import StreetSegments
from hotspots.core.plain import plain_parts, plain_records
from hotspots.core.points import of_each
from hotspots.core.select import Selection, require_members
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.core.tables import AREAS, require_table
from hotspots.core.totals import counts_by, snapped_incidents

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class SupportAgreement(Spoken):
    """Areas and streets side by side.

    Attributes
    ----------
    table
        One row an area, as it is ranked: ``place_name``, ``rank`` (by count, where the areas have
        none), ``incident_count``, ``on_street`` (of these), ``streets`` (the fewest that hold
        ``share`` of them), ``leading_street`` with ``leading_share`` and ``leading_length_m`` (of
        its segments with any), ``leading_segment`` with ``segment_count`` and ``segment_rank``.
    streets
        One row a street in an area, most first: ``street_name``, ``incident_count``,
        ``share_of_count`` (of the area's) and ``length_m``.
    total, in_areas, on_streets
        Incidents asked about; of these in the areas, and on a street.
    share, reach_m
        What was asked.
    indicative
        Whether any place is a map point, which stands for more than the segment it lies on.
    """

    table: pd.DataFrame
    streets: pd.DataFrame
    total: int
    in_areas: int
    on_streets: int
    share: float
    reach_m: float
    indicative: bool = False

    def to_sentence(self, area: Any = None) -> str:
        """One area (by default the first) in a sentence."""
        return sentence_of(self, area=area)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            **plain_parts(self, "total", "in_areas", "on_streets", "indicative"),
            "areas": plain_records(self.table),
            "streets": plain_records(self.streets),
        }


def compare_supports(
    areas: gpd.GeoDataFrame, incidents: Selection, streets: StreetSegments, *, share: float = 0.8
) -> SupportAgreement:
    """Say on which streets the incidents of each area lie, and how area and street rank.

    Parameters
    ----------
    areas : GeoDataFrame
        Cells, clusters or others, counted from the incidents; ranked and named where wanted.
    incidents : Selection
        The incidents with their areas.
    streets : StreetSegments
        An incident is on the nearest segment within reach.
    share : float
        An area is the fewest streets that hold so much of its incidents.

    Returns
    -------
    SupportAgreement
        Print it for the first area: "two streets; 81 % of its incidents lie on 140 m of ...".

    Raises
    ------
    InputError
        For incidents the areas were not counted from, or a share outside 0 to 1.

    Notes
    -----
    Streets without a name count segment by segment. It misleads on snapped data, where incidents of
    a whole street lie on one point and seem to lie on one short segment.

    References
    ----------
    Weisburd, D., Groff, E. and Yang, S.-M. (2012) The Criminology of Place. Oxford.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> lines = hs.streets.split_at_junctions(town.streets, crossings=True)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked = hs.assign_cells(asked, hs.H3Grid(9))
    >>> cells = hs.rank_areas(hs.aggregate_to_cells(asked)).head(10)
    >>> both = hs.streets.compare_supports(cells, asked, hs.StreetSegments(lines, reach_m=30))
    >>> len(both.table), bool((both.table["on_street"] <= both.table["incident_count"]).all())
    (10, True)
    """
    require_table(areas, AREAS, argument="areas", only=["incident_count"])
    require_members(areas, incidents)
    require(0 < share <= 1, f"`share` must be above 0 and up to 1; got {share!r}.")
    on = incidents.in_cells(streets)
    segments = _segment_counts(on)
    pairs = _pairs(areas, incidents, on, streets)
    by_street = _by_street(pairs)
    return SupportAgreement(
        table=_table(areas, pairs, by_street, segments, share),
        streets=by_street.set_index(["area_id", "street"]),
        total=incidents.total,
        in_areas=int(areas["incident_count"].sum()),
        on_streets=int(segments.sum()),
        share=share,
        reach_m=streets.reach_m,
        indicative=snapped_incidents(incidents) > 0,
    )


def _segment_counts(on: Selection) -> pd.Series:
    """Incidents of each segment that has any."""
    parts = on.parts
    held = parts.area >= 0
    return pd.Series(counts_by(parts.area[held], parts.count[held], len(parts.ids)), parts.ids)


def _pairs(
    areas: gpd.GeoDataFrame, incidents: Selection, on: Selection, streets: StreetSegments
) -> pd.DataFrame:
    """Incidents by area and segment, with the name and the length of the segment."""
    assert on.membership is not None
    parts = incidents.parts.in_order_of(areas.index)
    segment = of_each(on.membership.codes, parts.place, -1)
    held = segment >= 0
    size = max(len(on.membership.ids), 1)
    both, code = np.unique(parts.area[held] * size + segment[held], return_inverse=True)
    area, which = np.divmod(both, size)
    ids = on.membership.ids.to_numpy(dtype=object)[which]
    names = streets.zones["zone_name"].set_axis(streets.ids).reindex(ids).astype(object)
    return pd.DataFrame(
        {
            "area_id": areas.index.to_numpy()[area],
            "segment": ids,
            "street": [
                own if pd.isna(name) else name for name, own in zip(names, ids, strict=True)
            ],
            "incident_count": counts_by(code, parts.count[held], len(both)),
            "length_m": streets.at_risk(ids),
        }
    )


def _by_street(pairs: pd.DataFrame) -> pd.DataFrame:
    """Incidents by area and street, most first; the length of its segments with any."""
    streets = pairs.groupby(["area_id", "street"], sort=False, as_index=False).agg(
        incident_count=("incident_count", "sum"), length_m=("length_m", "sum")
    )
    whole = streets.groupby("area_id")["incident_count"].transform("sum")
    streets["share_of_count"] = streets["incident_count"] / whole
    return streets.sort_values(
        ["area_id", "incident_count", "street"], ascending=[True, False, True], ignore_index=True
    )


def _table(
    areas: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    by_street: pd.DataFrame,
    segments: pd.Series,
    share: float,
) -> pd.DataFrame:
    """One row an area, best rank first."""
    table = pd.DataFrame(areas[["incident_count"]])
    ids = pd.Series(areas.index.astype(str), index=areas.index, dtype=object)
    names = areas["place_name"].astype(object) if "place_name" in areas.columns else ids
    table.insert(0, "place_name", names.where(names.notna(), ids))
    ranked = areas["rank"] if "rank" in areas.columns else _rank(areas["incident_count"])
    table["rank"] = ranked.astype("Int64")
    table["on_street"] = pairs.groupby("area_id")["incident_count"].sum()
    table["on_street"] = table["on_street"].fillna(0).astype(int)
    before = by_street.groupby("area_id")["share_of_count"].cumsum() - by_street["share_of_count"]
    # The shares before a street: those that leave the wanted share open need it as well.
    table["streets"] = by_street[before < share - 1e-9].groupby("area_id").size()
    table["streets"] = table["streets"].fillna(0).astype(int)
    leading = by_street.drop_duplicates("area_id").set_index("area_id")
    table["leading_street"] = leading["street"]
    table["leading_share"] = leading["incident_count"] / table["incident_count"]
    table["leading_length_m"] = leading["length_m"]
    first = pairs.sort_values(
        ["area_id", "incident_count", "segment"], ascending=[True, False, True]
    ).drop_duplicates("area_id")
    first = first.set_index("area_id")
    table["leading_segment"] = first["segment"]
    table["segment_count"] = first["segment"].map(segments)
    table["segment_rank"] = first["segment"].map(_rank(segments))
    order = np.lexsort((table.index.astype(str), table["rank"].fillna(len(table) + 1)))
    return table.iloc[order]


def _rank(counts: pd.Series) -> pd.Series:
    return counts.rank(method="min", ascending=False)
