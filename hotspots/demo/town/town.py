"""Saltmere: a town that does not exist, where the truth about crime is known.

It lies in the North Sea, so that nobody takes it for a real place. Its streets, wards and zones
depend on ``layout`` alone; its incidents on ``seed``, their number and the period as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.errors import Findings, InputError, is_whole, require
from hotspots.core.months import MONTH
from hotspots.demo.town.drawing import TownCalendar, draw_incidents
from hotspots.demo.town.layout import Layout, build_layout
from hotspots.demo.town.planted import in_holiday, schools_calendar
from hotspots.demo.town.town_places import TOWN_NAME
from hotspots.demo.town.town_zones import ProtectTables, pspo
from hotspots.demo.town.truth import Truth, build_truth
from hotspots.demo.town.writing import incidents_table, write_protect, write_town

Coordinates = Literal["exact", "snapped"]

WATERMARK = "SYNTHETIC TOWN - NOT A REAL PLACE - NO REAL PEOPLE"
MOST_INCIDENTS = 20_000_000
MOST_MONTHS = 120
RECORDING_CHANGE_AT = 0.40
ONLINE_FORM_AT = 0.55
TREATMENT_AT = 2 / 3


@dataclass(frozen=True, eq=False)
class Town:
    """A synthetic town: zones, incidents and the truth about them.

    Attributes
    ----------
    name, watermark : str
        What it is called, and the words every product made from it must carry.
    start, end : Timestamp
        Period of the incidents, half-open, Europe/London.
    coordinates : str
        ``"exact"`` or ``"snapped"``.
    district, wards, pspo, night_time_economy, student_area, crawl_corridor, off_road_sites,
    car_meet_sites : GeoDataFrame
        Zones tables. Wards carry ``priority`` and ``population``.
    crawl_route, streets, snap_points, water, land_use : GeoDataFrame
        Lines, points and polygons to draw and to name things with.
    schools_calendar : DataFrame
        Terms and holidays.
    protect : ProtectTables
        Nine zones, their sites and the trauma packs: a product of its own.
    incidents : GeoDataFrame
        Incidents table from three sources.
    truth : Truth
        What was planted.
    """

    name: str
    watermark: str
    start: pd.Timestamp
    end: pd.Timestamp
    coordinates: str
    district: gpd.GeoDataFrame
    wards: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    snap_points: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    land_use: gpd.GeoDataFrame
    pspo: gpd.GeoDataFrame
    night_time_economy: gpd.GeoDataFrame
    student_area: gpd.GeoDataFrame
    crawl_route: gpd.GeoDataFrame
    crawl_corridor: gpd.GeoDataFrame
    off_road_sites: gpd.GeoDataFrame
    car_meet_sites: gpd.GeoDataFrame
    schools_calendar: pd.DataFrame
    protect: ProtectTables
    incidents: gpd.GeoDataFrame
    truth: Truth

    def __repr__(self) -> str:
        return (
            f"Town({self.name!r}, {len(self.incidents):,} incidents from {self.start:%Y-%m} to "
            f"before {self.end:%Y-%m}, {self.coordinates} coordinates; {self.watermark})"
        )

    def write(self, folder: str | Path, *, protect: bool = False) -> Path:
        """Write the town as the files a partnership would have.

        Parameters
        ----------
        folder : path
            Made where it does not exist. Gets ``incidents/`` (a CSV and a field map per source),
            ``zones/`` (a GeoPackage; wards and district as GeoJSON too), ``lists/`` (TOML),
            ``truth/`` and a README.
        protect : bool
            Write the Protect product as well, alone into a folder of its own beside this one,
            named ``<folder>-protect``. Nothing of it is ever written into ``folder``.

        Returns
        -------
        Path
            The folder.

        Notes
        -----
        The same town gives the same bytes. Files of the same names are replaced; others stay.
        """
        target = write_town(self, Path(folder))
        if protect:
            write_protect(self, target.with_name(f"{target.name}-protect"))
        return target


def synthetic_town(
    seed: int = 1,
    *,
    incidents: int = 30_000,
    months: int = 36,
    start: str = "2023-04",
    coordinates: Coordinates = "exact",
    fall_share: float = 0.12,
    layout: int = 1,
) -> Town:
    """Make the synthetic town.

    Parameters
    ----------
    seed : int
        Draws the incidents. The same arguments give the same town to the byte.
    incidents : int
        How many, from 0 to 20 million, over all sources.
    months : int
        Length of the period, 1 to 120. Its last third is the time of treatment; the treated areas
        were chosen in the first third, before the baseline.
    start : str
        First month, as ``"2023-04"``.
    coordinates : {"exact", "snapped"}
        At an address, to 0.1 m, or on the map point the address belongs to.
    fall_share : float
        Planted fall of public-space violence in the treated areas, 0.12 for 12 %. A quarter of it
        moves to the ring around them. 0 plants nothing.
    layout : int
        Draws the streets, the zones and what is planted where. The town everybody knows is 1.

    Returns
    -------
    Town
        A fresh copy; nothing in it is shared with another town.

    Raises
    ------
    InputError
        For arguments out of range; all of them at once.

    Notes
    -----
    The town is as uneven as real Leeds and its mixture of offences is plausible, but its processes
    are far simpler than life: a method that works here has passed a test, not proved itself.

    References
    ----------
    Method of planting by components: Mohler et al. (2011), Self-exciting point process modeling of
    crime, doi:10.1198/jasa.2011.ap09546. Unevenness fitted to data.police.uk, West Yorkshire,
    July 2016 and July 2017.

    Examples
    --------
    >>> town = synthetic_town(incidents=1_000)
    >>> town.name, len(town.incidents), len(town.truth.patrol_areas)
    ('Saltmere', 1000, 22)
    """
    _check(seed, incidents, months, coordinates, fall_share, layout)
    first = _first_month(start)
    time = _timetable(first, months)
    town = build_layout(layout)
    draw = draw_incidents(seed, incidents, town.ground, time, fall_share)
    table, order = incidents_table(draw, town, time.days, coordinates)
    end = first + pd.DateOffset(months=months)
    of_layout = {one.name for one in fields(Town)} & {one.name for one in fields(Layout)}
    return Town(
        name=TOWN_NAME,
        watermark=WATERMARK,
        start=first.tz_localize("Europe/London"),
        end=end.tz_localize("Europe/London"),
        coordinates=coordinates,
        snap_points=town.places.drop(columns="ward"),
        pspo=pspo(town.district.geometry.iloc[0], town.plan, town.student_area, first, end),
        schools_calendar=time.holidays.copy(),
        protect=ProtectTables(**{name: one.copy() for name, one in vars(town.protect).items()}),
        incidents=table,
        truth=build_truth(draw, table, order, town, time, fall_share),
        **{name: getattr(town, name).copy() for name in of_layout - {"protect"}},
    )


def _check(
    seed: int, incidents: int, months: int, coordinates: str, fall_share: float, layout: int
) -> None:
    findings = Findings()
    for name, value, low, high in (
        ("seed", seed, 0, 2**63 - 1),
        ("incidents", incidents, 0, MOST_INCIDENTS),
        ("months", months, 1, MOST_MONTHS),
        ("layout", layout, 0, 2**63 - 1),
    ):
        if not is_whole(value, low) or value > high:
            findings.error(
                "out-of-range",
                f"`{name}` must be a whole number from {low:,} to {high:,}; got {value!r}.",
            )
    if coordinates not in get_args(Coordinates):
        findings.error(
            "coordinates", f'`coordinates` must be "exact" or "snapped"; got {coordinates!r}.'
        )
    if not (isinstance(fall_share, (int, float)) and 0 <= fall_share < 1):
        findings.error(
            "fall", f"`fall_share` must be a share from 0 to below 1; got {fall_share!r}."
        )
    findings.raise_errors(InputError)


def _first_month(start: str) -> pd.Timestamp:
    problem = f'`start` must be a month as "2023-04", from 1980 to 2100; got {start!r}.'
    require(isinstance(start, str) and bool(re.fullmatch(MONTH, start)), problem)
    require(1980 <= int(start[:4]) <= 2100, problem)
    return pd.Timestamp(f"{start}-01")


def _timetable(first: pd.Timestamp, months: int) -> TownCalendar:
    days = pd.date_range(first, first + pd.DateOffset(months=months), inclusive="left", freq="D")
    month = (days.year - first.year) * 12 + days.month - first.month
    numbers = month.to_numpy().astype(np.intp)

    def begins(share: float) -> int:
        return int(np.searchsorted(numbers, round(months * share)))

    holidays = schools_calendar(first.year - 1, int(days[-1].year))
    return TownCalendar(
        days=days,
        months=numbers,
        holidays=holidays,
        free=in_holiday(days, holidays),
        treatment_from=begins(TREATMENT_AT),
        recording_from=begins(RECORDING_CHANGE_AT),
        online_form_from=begins(ONLINE_FORM_AT),
    )
