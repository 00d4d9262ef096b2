"""What is recorded in each Protect zone, which premises are there, and how far a pack is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.zones.overlaps import zones_of
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.arguments import listed, size_of
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError, listing, require
from hotspots.core.plain import plain_parts
from hotspots.core.record import PROTECT
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken
from hotspots.core.tables import ZONES, require_table
from hotspots.core.text.mends import Mend
from hotspots.programmes.protect.trauma_packs import check_points, nearest
from hotspots.report.text.results.place_words import HANDLING

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

OUTSIDE = "outside every zone"
NO_TIER = "not known"
KEPT = (
    "zone_name", "kind", "incident_count", "share_of_count", "area_km2", "count_per_km2", "harm",
    "share_of_harm",
)  # fmt: skip
SITE_COLUMNS = ("tier", "kind", "geometry")
"""Of the register: no name and no other word that would tell whose premises they are."""


@dataclass(frozen=True, eq=False, repr=False)
class ProtectDemand(Spoken):
    """The Protect product: for the audience "protect" and nobody else.

    Attributes
    ----------
    demand
        Recorded incidents by (``theme``, ``zone_id``).
    premises
        Premises by zone and tier, when a register was given; the last row holds those outside
        every zone. Premises in two zones count in both.
    sites
        The premises by their identifiers, with ``tier`` and ``zone_ids``, and with packs
        ``nearest_pack``, ``distance_m`` and ``within_reach``. Names and the other columns of the
        register stay there: join them where they are needed.
    reach_m
        The distance asked about.
    period, marking
        Words for the time, and the originator's handling words.
    """

    demand: pd.DataFrame
    premises: pd.DataFrame | None
    sites: gpd.GeoDataFrame | None
    reach_m: float | None
    period: str
    marking: str

    def __repr__(self) -> str:
        zones = self.demand.index.get_level_values("zone_id").nunique()
        return f"ProtectDemand({zones} zones; not shown)"

    __str__ = __repr__

    @property
    def beyond(self) -> gpd.GeoDataFrame | None:
        """The sites further than ``reach_m`` from every pack, the furthest first."""
        if self.sites is None or "within_reach" not in self.sites.columns:
            return None
        away = self.sites[~self.sites["within_reach"]]
        return away.sort_values("distance_m", ascending=False, kind="stable")

    def to_dict(self) -> dict[str, Any]:
        """Everything but the geometry, for JSON; missing values as None."""
        return {
            "marking": self.marking,
            "handling": HANDLING,
            "kind": PROTECT,
            **plain_parts(self, "period", "demand", "premises", "sites", "reach_m"),
            "sentence": self.to_sentence(),
        }


def protect_demand(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    record: RunRecord,
    *,
    themes: Sequence[str | None] | None = None,
    register: gpd.GeoDataFrame | None = None,
    trauma_packs: gpd.GeoDataFrame | None = None,
    reach_m: float | None = None,
) -> ProtectDemand:
    """Recorded demand in each Protect zone, premises by tier, and who is far from a trauma pack.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table, every row of kind "protect"; zones may overlap.
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. Everything recorded in a
        zone counts, institutional points too.
    record : RunRecord
        With ``audience="protect"`` and the originator's handling words as ``marking``.
    themes : sequence of str, optional
        Themes, each counted by itself; None counts all incidents. By default that of the question.
    register : GeoDataFrame, optional
        Premises, one point a row, with ``tier`` as the register gives it.
    trauma_packs : GeoDataFrame, optional
        Packs, one point a row; needs ``register`` and ``reach_m``.
    reach_m : float, optional
        How near a pack should be, in metres in a straight line.

    Returns
    -------
    ProtectDemand
        ``demand``, ``premises``, ``sites``, ``beyond``, ``to_sentence()``, ``to_dict()``; every row
        carries ``kind`` "protect", so that no other product takes it.

    Raises
    ------
    InputError
        For a record made for anyone else, zones of another kind, or points that are none.

    Notes
    -----
    It prints "Partnership zoning, not premises under the Act; recorded crime is not terrorist
    threat." A quiet zone is not a safe one, and a busy one mostly shows where people are.

    References
    ----------
    Terrorism (Protection of Premises) Act 2025, https://www.legislation.gov.uk/ukpga/2025/10

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.demo.town.town import synthetic_town
    >>> town = synthetic_town(incidents=1_000)
    >>> record = hs.RunRecord("Nine zones", marking="PROTECT - SYNTHETIC", audience="protect")
    >>> found = protect_demand(town.protect.zones, town.incidents, record,
    ...                        register=town.protect.sites,
    ...                        trauma_packs=town.protect.trauma_packs, reach_m=50)
    >>> found, len(found.demand)
    (ProtectDemand(9 zones; not shown), 9)
    """
    _check(zones, record, register, trauma_packs, reach_m)
    reach_m = None if reach_m is None else size_of(reach_m, "reach_m")
    asked = as_selection(incidents).asked(include_institutional=True)
    themes = [asked.question.theme] if themes is None else listed(themes, "themes")
    demand = _demand(zones, asked, themes, record)
    sites = premises = None
    if register is not None:
        sites = check_points(register, "register")
        sites = sites[[name for name in SITE_COLUMNS if name in sites.columns]]
        require_same_crs(zones, sites, ("zones", "register"))
        pairs = _zones_of_sites(sites, zones)
        premises = _premises(sites, zones, pairs)
        sites["zone_ids"] = pairs.groupby("site")["zone_id"].agg(" ".join).reindex(sites.index)
    if sites is not None and trauma_packs is not None:
        packs = check_points(trauma_packs, "trauma_packs")
        sites = sites.join(nearest(sites, packs, "trauma_packs"))
        sites["within_reach"] = sites["distance_m"] <= (reach_m or 0)
    label = asked.period_words
    found = ProtectDemand(demand, premises, sites, reach_m, label, record.marking)
    record.choose(
        "protect_demand",
        zones=len(zones),
        themes=themes,
        period=label,
        premises=0 if sites is None else len(sites),
        trauma_packs=0 if trauma_packs is None else len(trauma_packs),
        beyond_reach=0 if found.beyond is None else len(found.beyond),
        reach_m=reach_m,
    )
    record.warn_reader(Caveat("partnership-zoning"))
    record.sentences["protect_demand"] = found.to_sentence()
    return found


def require_protect(record: RunRecord) -> None:
    """Raise unless the record was made for the audience "protect", and says so."""
    audience = getattr(record, "audience", None)
    require(
        audience == PROTECT,
        'the Protect product needs a record with `audience="protect"` and the handling words of '
        f"the originator; got {f'the audience {audience!r}' if audience else 'no record'}. It is a "
        "product of its own and enters no other.",
    )


def _check(
    zones: gpd.GeoDataFrame,
    record: RunRecord,
    register: gpd.GeoDataFrame | None,
    trauma_packs: gpd.GeoDataFrame | None,
    reach_m: float | None,
) -> None:
    require_protect(record)
    require_table(zones, ZONES, argument="zones")
    others = zones.loc[~zones["kind"].astype(str).eq(PROTECT), "kind"]
    require(
        not len(others),
        f'`zones` must all be of kind "protect"; got {listing(set(others))}.',
        mend=Mend("protect-zones"),
        rule="wrong-zones",
    )
    if trauma_packs is not None and (register is None or reach_m is None):
        raise InputError(
            "`trauma_packs` needs `register` (whom they are for) and `reach_m` (how near is near)."
        )


def _demand(
    zones: gpd.GeoDataFrame, asked: Selection, themes: Sequence[str | None], record: RunRecord
) -> pd.DataFrame:
    require(len(themes) > 0, "`themes` must name at least one theme, or None for all incidents.")
    tables = []
    for theme in themes:
        summary = summarise_zones(zones, asked.of(theme), record=record)
        kept = [name for name in (*KEPT, "theme") if name in summary.columns]
        tables.append(pd.DataFrame(summary[kept]))
    return pd.concat(tables).rename_axis("zone_id").set_index("theme", append=True).swaplevel()


def _zones_of_sites(sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    pairs = zones_of(sites[["geometry"]], zones)
    return pairs.rename(columns={"incident_id": "site"}).sort_values(["site", "zone_id"])


def _premises(
    sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, pairs: pd.DataFrame
) -> pd.DataFrame:
    """How many premises of each tier stand in each zone, and outside every zone."""
    if "tier" in sites.columns:
        tiers = sites["tier"].astype(object).where(sites["tier"].notna(), NO_TIER).astype(str)
    else:
        tiers = pd.Series(NO_TIER, index=sites.index, dtype=object)
    lost = sites.index[~sites.index.isin(pairs["site"])]
    alone = pd.DataFrame({"site": lost, "zone_id": OUTSIDE})
    every = pd.concat([pairs.astype(object), alone.astype(object)], ignore_index=True)
    rows = pd.Index([*zones.index, OUTSIDE], name="zone_id")
    found = pd.crosstab(every["zone_id"], every["site"].map(tiers).rename("tier"))
    found = found.reindex(index=rows, columns=sorted(set(tiers)), fill_value=0)
    found["premises"] = found.sum(axis=1).astype(int)
    return found.rename_axis(columns=None).assign(kind=PROTECT)
