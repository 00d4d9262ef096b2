"""The truth about the town, as tables; and drawn over what was found there, for learning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.caveats import Caveat
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town import SALTMERE
from hotspots.demo.town.drawing import (
    COMPONENTS,
    DISPLACED_SHARE,
    HOMICIDE,
    OFFENCES,
    Draw,
    TownCalendar,
)
from hotspots.demo.town.layout import RING_M, Layout
from hotspots.demo.town.planted import hour_of_week
from hotspots.demo.town.town_places import DOORS

if TYPE_CHECKING:
    from hotspots.demo.town.town import Town
    from hotspots.disclosure import Release
    from hotspots.programmes.tasking.product import TaskingResults

THEMES = ("asb", "serious_violence", "vehicle_nuisance")


@dataclass(frozen=True)
class Truth:
    """What was planted.

    Attributes
    ----------
    hotspots : GeoDataFrame
        Polygons of all themes: ``theme``, ``area_name``, ``intensity`` (within its theme).
    patrol_areas : GeoDataFrame
        The 22 areas of serious violence, treated from ``treated_from`` on; ``chosen_before`` is the
        start of the baseline.
    near_misses : GeoDataFrame
        Eight weaker areas that were not chosen.
    screening_areas : GeoDataFrame
        Candidates of Clear-Hold-Build; ``role`` says which is the planted one and which the
        night-time economy.
    effects : DataFrame
        What changes when, where and by which factor.
    profiles : DataFrame
        Expected share of each hour of the week and factor of each month, by component.
    decoys : GeoDataFrame
        Homicide and institutional piles.
    twins : DataFrame
        Pairs of incidents that are one event told to two agencies.
    chains : DataFrame
        Near-repeat chains of deliberate fires.
    incidents : DataFrame
        By ``incident_id``: ``component``, ``theme``, ``hotspot_id``, ``displaced``.
    """

    hotspots: gpd.GeoDataFrame
    patrol_areas: gpd.GeoDataFrame
    near_misses: gpd.GeoDataFrame
    screening_areas: gpd.GeoDataFrame
    effects: pd.DataFrame
    profiles: pd.DataFrame
    decoys: gpd.GeoDataFrame
    twins: pd.DataFrame
    chains: pd.DataFrame
    incidents: pd.DataFrame


def build_truth(
    draw: Draw,
    table: gpd.GeoDataFrame,
    order: NDArray[np.intp],
    town: Layout,
    time: TownCalendar,
    fall: float,
) -> Truth:
    """Gather the truth of one town."""
    planted = town.planted
    dates = _dates(time)
    position = np.empty(len(order), dtype=np.intp)
    position[order] = np.arange(len(order))
    patrol = planted.patrol_areas.copy()
    patrol["chosen_before"] = dates["baseline"]
    patrol["treated_from"] = dates["treatment"]
    return Truth(
        hotspots=_hotspots(town),
        patrol_areas=patrol,
        near_misses=planted.near_misses.copy(),
        screening_areas=planted.screening_areas.copy(),
        effects=_effects(dates, fall),
        profiles=_profiles(),
        decoys=_decoys(town),
        twins=_pairs(table, draw.twin_of[order], position, "twin_id"),
        chains=_pairs(table, draw.chain[order], position, "first_id").sort_values(
            ["first_id", "incident_id"], ignore_index=True
        ),
        incidents=_labels(draw, table, order, town),
    )


def _dates(time: TownCalendar) -> dict[str, date]:
    months = int(time.months[-1]) + 1
    baseline = int(np.searchsorted(time.months, round(months / 3)))
    first = {
        "baseline": baseline,
        "treatment": time.treatment_from,
        "recording": time.recording_from,
        "online_form": time.online_form_from,
    }
    days = time.days
    return {
        name: (days[at] if at < len(days) else days[-1] + pd.Timedelta(days=1)).date()
        for name, at in first.items()
    }


def _hotspots(town: Layout) -> gpd.GeoDataFrame:
    planted = town.planted
    parts = (planted.asb, planted.patrol_areas, planted.vehicle_nuisance)
    tables = [part.assign(theme=name) for name, part in zip(THEMES, parts, strict=True)]
    columns = ["theme", "area_name", "intensity", "geometry"]
    return gpd.GeoDataFrame(
        pd.concat([part[columns] for part in tables]), crs=BRITISH_NATIONAL_GRID
    )


def _effects(dates: dict[str, date], fall: float) -> pd.DataFrame:
    asb = {item.name: item.facts for item in COMPONENTS}
    rows = [
        ("fall", "violence in the 22 patrol areas", 1 - fall, dates["treatment"]),
        (
            "displacement",
            f"of the violence taken out, moved up to {RING_M:.0f} m away",
            DISPLACED_SHARE if fall else 0.0,
            dates["treatment"],
        ),
        (
            "recording change",
            "police ASB log",
            asb["police_asb"]["recording"],
            dates["recording"],
        ),
        (
            "online form",
            "council ASB log",
            asb["council_asb"]["online_form"],
            dates["online_form"],
        ),
        ("no effect", "the three PSPO zones", 1.0, None),
    ]
    return pd.DataFrame(rows, columns=["effect", "where", "factor", "from_day"])


def _profiles() -> pd.DataFrame:
    rows: list[tuple[str, str, int, float]] = []
    for item in COMPONENTS:
        if item.copies:
            continue
        week = hour_of_week(item.week)
        for number, share in enumerate(week.ravel()):
            rows.append((item.name, "hour_of_week", number, float(share)))
        for month, factor in enumerate(SALTMERE["years"][item.season], start=1):
            rows.append((item.name, "month_of_year", month, factor))
    return pd.DataFrame(rows, columns=["component", "profile", "step", "value"])


def _decoys(town: Layout) -> gpd.GeoDataFrame:
    places = town.places
    home = town.ground.homicide_door // DOORS
    prison = int(np.flatnonzero(places["place_kind"].eq("Prison"))[0])
    police = int(np.flatnonzero(places["place_kind"].eq("Police Station"))[0])
    return gpd.GeoDataFrame(
        {
            "decoy": ["homicide", "institutional pile", "institutional pile"],
            "place_name": places["place_name"].iloc[[home, prison, police]].to_numpy(),
            "note": [
                "one event with more harm than a hotspot",
                "a prison: real incidents, no place to patrol",
                "a custody suite: where people are charged, not where it happened",
            ],
        },
        geometry=np.asarray(places.geometry.iloc[[home, prison, police]]),
        crs=BRITISH_NATIONAL_GRID,
    )


def _pairs(
    table: gpd.GeoDataFrame, other: NDArray[np.int64], position: NDArray[np.intp], name: str
) -> pd.DataFrame:
    """Each incident that belongs to another one, and which."""
    rows, index = np.flatnonzero(other >= 0), table.index
    return pd.DataFrame({"incident_id": index[rows], name: index[position[other[rows]]]})


def _labels(
    draw: Draw, table: gpd.GeoDataFrame, order: NDArray[np.intp], town: Layout
) -> pd.DataFrame:
    """Which process made each incident and which planted area of its own theme it is in."""
    component = draw.component[order]
    door = draw.door[order]
    names = pd.Index([item.name for item in COMPONENTS] + ["homicide"])
    code = component.astype(int)
    code[draw.offence[order] == OFFENCES.index(HOMICIDE)] = len(COMPONENTS)
    hotspot = np.full(len(order), -1)
    words: list[str] = []
    for planted, (index, area_of_door) in town.hotspot_of_door.items():
        mine = np.array([item.planted == planted for item in COMPONENTS])[component]
        inside = area_of_door[door[mine]]
        hotspot[mine] = np.where(inside >= 0, inside + len(words), -1)
        words += index
    themes = [item.theme for item in COMPONENTS] + ["serious_violence"]
    theme = np.array([THEMES.index(name) if name else -1 for name in themes])
    return pd.DataFrame(
        {
            "component": pd.Categorical.from_codes(code, names),
            "theme": pd.Categorical.from_codes(theme[code], pd.Index(THEMES)),
            "hotspot_id": pd.Categorical.from_codes(hotspot, pd.Index(words)),
            "displaced": draw.displaced[order],
        },
        index=table.index,
    )


PAGE = "planted.html"


def write_revealed(town: Town, results: TaskingResults, released: Release, folder: Path) -> Path:
    """Draw the product again with every planted area, found or missed, and say how many were.

    An area counts as found where a hexagon beyond chance, corrected for all hexagons, touches it.
    """
    from hotspots.report.map.page import make_page

    record = released.record.copy()
    planted = {
        theme: judged(town.truth.hotspots, cells, theme) for theme, cells in results.cells.items()
    }
    for theme, areas in planted.items():
        if areas.empty:
            continue
        strays = _strays(results.cells[theme], areas)
        said = REVEALED.format(
            theme=results.themes[theme].label, found=int(areas["found"].sum()),
            planted=len(areas), strays=strays,
        )  # fmt: skip
        record.warn_reader(Caveat.given(said))
    outlines = pd.concat(planted.values()).drop(columns=["theme", "found", "intensity"])
    told = replace(released, zones=(*released.zones, outlines), record=record)
    return make_page(told, top=results.product.top).save(folder / PAGE)


REVEALED = (
    "Revealed, {theme}: {found} of {planted} planted areas are touched by a hexagon beyond chance; "
    "{strays} such hexagons touch none. Layers, Planted areas, shows which."
)


def judged(truth: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, theme: str) -> gpd.GeoDataFrame:
    """The planted areas of a theme as zones, by name with whether they were found."""
    areas = truth[truth["theme"].eq(theme)]
    flagged = cells[cells["is_hotspot"]]
    found = areas.intersects(flagged.union_all()) if len(flagged) else areas["theme"].isna()
    words = found.map({True: "found", False: "missed"})
    return areas.assign(
        zone_name=areas["area_name"] + " (" + words + ")", kind="planted area", found=found,
        status=None, approximate=False, valid_from=None, valid_until=None,
    ).rename_axis("zone_id")  # fmt: skip


def _strays(cells: gpd.GeoDataFrame, areas: Any) -> int:
    flagged = cells[cells["is_hotspot"]]
    return int((~flagged.intersects(areas.union_all())).sum())
