"""One configured Protect product: from files to a map, a GeoPackage, a workbook and a manifest.

It is usually read from a small TOML file by :func:`load_product`; that of the demonstration is
``hotspots/data/products/protect.toml``, to be copied. Its premises by name are a file of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from hotspots.core.behind import UNKNOWN, Behind
from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, Findings, HotspotsError, require
from hotspots.core.months import periods_of
from hotspots.core.periods import day_words
from hotspots.core.question import EVERYTHING, Question
from hotspots.core.record import PROTECT, RunRecord, ThemeStatus, require_protect_marking
from hotspots.core.select import select
from hotspots.disclosure import Release, release
from hotspots.io.incidents.intake import check_coverage
from hotspots.io.zones.without_outline import load_points
from hotspots.offences.tell_themes import carried_themes, keep_themes, themes_said
from hotspots.programmes.protect.demand import ProtectDemand, protect_demand
from hotspots.programmes.protect.trauma_packs import check_points
from hotspots.programmes.tasking.sources import (
    IncidentSource,
    check_themes,
    load_sources,
    path_at,
    sources_of,
    tell_readers,
    texts,
    zones_at,
)
from hotspots.programmes.tasking.written_product import write_product
from hotspots.report.map import map_areas
from hotspots.report.map.reach import PACKS, SITES
from hotspots.report.write_workbook import write_list

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.protect.protect_file import PointsTable, ProtectFile
    from hotspots.report.map.standalone import HotspotMap

ALL_RECORDED = ThemeStatus("protect_demand", "recorded demand", "measured")
"""What a page calls all incidents together."""


@dataclass(frozen=True, eq=False, repr=False)
class ProtectProduct:
    """What to count in which Protect zones; :meth:`run` does it, for the audience "protect" alone.

    Parameters
    ----------
    title, place
        Words for the page; see :class:`RunRecord`.
    marking : str
        The originator's handling words; they must name PROTECT.
    sources : sequence of IncidentSource
        Files and what they hold, one entry a partner.
    zones : GeoDataFrame
        Zones table, every row of kind "protect"; zones may overlap.
    period : str, optional
        What is counted, for instance ``"2025"``; all times by default.
    demand : sequence of str
        Themes, each counted by itself; ``"all"`` counts all incidents.
    register : GeoDataFrame, optional
        Premises, one point a row, with ``tier`` as the register gives it.
    trauma_packs : GeoDataFrame, optional
        Packs, one point a row; needs ``register`` and ``reach_m``.
    reach_m : float, optional
        How near a pack should be, in metres in a straight line.
    named_list : NamedList, optional
        Who gets the premises by name, in a file of their own; without it nobody does.
    within : GeoDataFrame, optional
        The study area; without it, shares are of all incidents there are.
    outlines : sequence of GeoDataFrame
        Wards and other zones tables to draw.
    police_force : sequence of str
        Forces the data are from, where the files do not say: they decide which known breaks in
        recording are told.
    current : bool
        False prints that the page does not show the present.
    inputs : mapping
        Files the product was read from, incidents apart, each with its SHA-256.

    Raises
    ------
    InputError
        For a marking that does not name PROTECT, and a named list without a register.
    """

    title: str
    marking: str
    place: str
    sources: tuple[IncidentSource, ...]
    zones: gpd.GeoDataFrame
    period: str | None = None
    demand: tuple[str, ...] = (EVERYTHING,)
    register: gpd.GeoDataFrame | None = None
    trauma_packs: gpd.GeoDataFrame | None = None
    reach_m: float | None = None
    named_list: NamedList | None = None
    within: gpd.GeoDataFrame | None = None
    outlines: tuple[gpd.GeoDataFrame, ...] = ()
    caveats: tuple[Caveat | str, ...] = ()
    police_force: tuple[str, ...] = ()
    current: bool = True
    made_on: date | None = None
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    audience: ClassVar[Literal["protect"]] = PROTECT

    def __post_init__(self) -> None:
        require_protect_marking(self.marking)
        require(
            self.named_list is None or self.register is not None,
            "`named_list` needs `register`, whose premises it lists; got none.",
        )

    def __repr__(self) -> str:
        return f"ProtectProduct({self.title!r}, {len(self.zones):,} zones; not shown)"

    @property
    def counted(self) -> tuple[str, ...]:
        """What is counted: all incidents first, then the themes in their order."""
        return tuple(sorted(self.demand, key=lambda theme: theme != EVERYTHING))

    def run(self) -> ProtectResults:
        """Count what is recorded in the zones; look up premises and packs."""
        record = RunRecord(self.title, self.marking, PROTECT, self.made_on, current=self.current)
        record.inputs.update(self.inputs)
        record.warn_reader(Caveat("partnership-zoning"))
        incidents = self.prepare(record)
        asked = select(incidents, Question(period=self.period, within=self.within))
        found = protect_demand(
            self.zones,
            asked,
            record,
            themes=[None if theme == EVERYTHING else theme for theme in self.counted],
            register=self.register,
            trauma_packs=self.trauma_packs,
            reach_m=self.reach_m,
        )
        if self.named_list is not None:
            record.choose("named_list", file=NAMED_LIST, recipient=self.named_list.recipient,
                          destroy_by=self.named_list.destroy_by.isoformat())  # fmt: skip
        return ProtectResults(self, record, found, asked.source.tally.behind)

    def prepare(self, record: RunRecord) -> gpd.GeoDataFrame:
        """Incidents of all sources with themes and harm; what every page must say."""
        incidents, intake = load_sources(self.sources, record, within=self.within)
        if self.period is not None:
            check_coverage(incidents, self.period, (), record)
        self._tell_themes(incidents, record)
        tell_readers(
            incidents,
            record,
            intake=intake,
            periods=[self.period] if self.period else _all_times(incidents),
            places=[self.place, *self.police_force],
            caveats=self.caveats,
            current=self.current,
            touching=("points", "offences", "counts"),
        )
        record.choose("product", place=self.place, period=self.period, demand=self.demand)
        return incidents

    def _tell_themes(self, incidents: gpd.GeoDataFrame, record: RunRecord) -> None:
        """The themes in the order asked for; one that the data lack is no zero, and refused."""
        definitions = [source.themes for source in self.sources]
        said, carried = themes_said(incidents, definitions), carried_themes(incidents)
        keep_themes(record, self.demand)
        absent = [said[name] for name in self.counted if name in said and name not in carried]
        require(
            not absent,
            "`demand` names what the data do not hold, which is not zero: "
            f"{'; '.join(f'{theme.name} ({theme.note})' for theme in absent)}. Leave it out.",
            DataError,
            rule="not-held",
        )
        statuses = [said.get(theme, ALL_RECORDED) for theme in self.counted]
        record.drawn = tuple(statuses)


def _all_times(incidents: gpd.GeoDataFrame) -> list[str]:
    """From the first to the last month of the data; nothing where no time is known."""
    months = periods_of(incidents)
    return [f"{months[0]}/{months[-1]}"] if months else []


def protect_product(file: ProtectFile, base: Path) -> ProtectProduct:
    """The product a file describes; paths in it are relative to ``base``."""
    found = _all_of(
        {
            "sources": lambda: sources_of(file, base),
            "zones": lambda: zones_at(file.zones, base, file.crs, kind=PROTECT),
            "register": lambda: _points(file.premises, "[register]", file, base),
            "trauma_packs": lambda: _points(file.trauma_packs, "[trauma_packs]", file, base),
            "within": lambda: (
                file.within and zones_at(file.within, base, file.crs, kind="district")
            ),
            "outlines": lambda: tuple(zones_at(one, base, file.crs) for one in file.outlines),
        }
    )
    check_themes("`demand`", set(file.demand) - {EVERYTHING}, found["sources"])
    simple = ("title", "marking", "place", "period", "demand", "reach_m", "caveats", "current",
              "made_on")  # fmt: skip
    named = file.named_list
    return ProtectProduct(
        police_force=texts(file.police_force),
        named_list=NamedList(named.recipient, named.destroy_by) if named else None,
        **found,
        **{name: getattr(file, name) for name in simple},
    )


def _all_of(loaders: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each loader gives; what is wrong with the files in one error."""
    findings, found = Findings(), {}
    for name, load in loaders.items():
        try:
            found[name] = load()
        except HotspotsError as error:
            findings.add(*error.findings)
    findings.raise_errors(DataError)
    return found


def _points(
    table: PointsTable | None, name: str, file: ProtectFile, base: Path
) -> gpd.GeoDataFrame | None:
    if table is None:
        return None
    said = table.model_dump(exclude={"path"})
    points = load_points(path_at(table.path, base), kind=PROTECT, crs=file.crs, **said)
    return check_points(points, name)


GEOPACKAGE = "protect.gpkg"
PACK_COLUMNS = ("zone_id", "site_id", "kind", "geometry")
"""Of the packs: where one hangs is told by identifiers, not by whose wall it is."""


@dataclass(repr=False)
class ProtectResults:
    """The finished tables of a Protect product, and its logbook."""

    product: ProtectProduct
    record: RunRecord
    found: ProtectDemand
    behind: Behind = UNKNOWN

    def __repr__(self) -> str:
        return f"ProtectResults({self.found!r})"

    def release(self) -> Release:
        """The tables for the audience "protect": refused where the marking does not name it."""
        tables = {
            "Demand": self.found.demand,
            "Premises by tier": self.found.premises,
            SITES: self.found.sites,
            PACKS: self._packs(),
        }
        return release(
            zones=[*self.product.outlines, self.zones()],
            tables={name: table for name, table in tables.items() if table is not None},
            behind=self.behind,
            record=self.record,
        )

    def _packs(self) -> gpd.GeoDataFrame | None:
        packs = self.product.trauma_packs
        return None if packs is None else packs.filter([*PACK_COLUMNS])

    def zones(self) -> gpd.GeoDataFrame:
        """The zones with their demand: of the first theme in full, of the others as columns."""
        first, *others = self.product.counted
        demand = self.found.demand
        drawn = demand.xs(first, level="theme").drop(columns=["zone_name", "kind"])
        zones = self.product.zones.drop(columns=drawn.columns, errors="ignore").join(drawn)
        for theme in others:
            beside = demand.xs(theme, level="theme")
            zones[f"{theme}_count"] = beside["incident_count"]
            if "harm" in beside:
                zones[f"{theme}_harm"] = beside["harm"]
        return self._equipped(zones)

    def _equipped(self, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The zones with how many premises, packs, and premises out of reach of one stand there."""
        sites, packs = self.found.sites, self.product.trauma_packs
        if sites is not None:
            each = sites["zone_ids"].str.split(" ").explode()
            zones["premises"] = each.value_counts().reindex(zones.index, fill_value=0)
            if "within_reach" in sites:
                far = each[~sites["within_reach"].reindex(each.index)]
                zones["beyond_reach"] = far.value_counts().reindex(zones.index, fill_value=0)
        if packs is not None:
            held, _ = zones.sindex.query(packs.geometry, predicate="intersects")[::-1]
            zones["trauma_packs"] = np.bincount(held, minlength=len(zones))
        return zones

    def map(self, released: Release | None = None) -> HotspotMap:
        """The page for those who may see it."""
        return map_areas(released or self.release())

    def write(self, folder: str | Path, released: Release | None = None) -> list[Path]:
        """Write map, GeoPackage, workbook and manifest; all of them or none.

        The premises by name are written where :attr:`ProtectProduct.named_list` asks for them; a
        list of the product that stood there goes.
        """
        return write_product(
            released or self.release(),
            folder,
            geopackage=GEOPACKAGE,
            beside=self.named_premises(),
            replaced=[NAMED_LIST],
        )

    def named_premises(self) -> NamedPremises | None:
        """The premises by name, where the product asks for them."""
        to, register, sites = self.product.named_list, self.product.register, self.found.sites
        if to is None or register is None or sites is None:
            return None
        return NamedPremises(to, register, sites, self.record)


NAMED_LIST = "named-premises.xlsx"


@dataclass(frozen=True)
class NamedList:
    """Who gets the premises by name, and until when.

    Parameters
    ----------
    recipient : str
        Who gets the list, and nobody else.
    destroy_by : date
        The day by which it is destroyed.

    Raises
    ------
    InputError
        Without a recipient, or without a day.

    Notes
    -----
    What is printed on a file destroys nothing: somebody has to.
    """

    recipient: str
    destroy_by: date

    def __post_init__(self) -> None:
        require(
            isinstance(self.recipient, str) and bool(self.recipient.strip()),
            "`recipient` must say who gets the named list, and nobody else; got "
            f"{self.recipient!r}.",
        )
        require(
            type(self.destroy_by) is date,
            f"`destroy_by` must be the day by which the list is destroyed; got "
            f"{self.destroy_by!r}.",
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands above the list."""
        return (
            f"For {self.recipient.strip()} and nobody else. "
            f"Destroy by {day_words(self.destroy_by)}.",
            str(Caveat("partnership-zoning")),
        )


@dataclass(frozen=True, repr=False)
class NamedPremises:
    """The list of one product, ready to be written beside its files."""

    to: NamedList
    register: pd.DataFrame
    sites: pd.DataFrame
    record: RunRecord
    names: tuple[str, ...] = (NAMED_LIST,)

    def write(self, folder: Path) -> None:
        """Every column of the register, with what the product says of each of the premises."""
        told = self.sites.drop(columns=[*self.register.columns], errors="ignore")
        rows = pd.DataFrame(self.register.drop(columns=self.register.geometry.name)).join(told)
        rows = rows.drop(columns=str(rows.index.name), errors="ignore")
        write_list("Named premises", rows, folder / NAMED_LIST, self.to.lines, record=self.record)
