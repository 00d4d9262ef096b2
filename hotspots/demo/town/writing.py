"""The town as files: extracts with field maps, zones, lists, and the truth in its own folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID, WGS84
from hotspots.core.schema import to_toml
from hotspots.core.tables import TIMEZONE
from hotspots.demo.town import SALTMERE
from hotspots.demo.town.drawing import (
    COMPONENTS,
    DAY_MINUTES,
    HOUR_MINUTES,
    OFFENCES,
    SOURCES,
    Draw,
)
from hotspots.demo.town.layout import Layout
from hotspots.demo.town.town_places import INSTITUTIONS
from hotspots.io.read_vector import fixed_clock

if TYPE_CHECKING:
    from hotspots.demo.town.town import Town

LAYERS = (
    "district",
    "wards",
    "pspo",
    "night_time_economy",
    "student_area",
    "crawl_corridor",
    "crawl_route",
    "off_road_sites",
    "car_meet_sites",
    "streets",
    "snap_points",
    "water",
    "land_use",
)
AGENCIES = tuple(SOURCES)
FIXED_STAMP = "2000-01-01T00:00:00.000Z"


def write_town(town: Town, folder: Path) -> Path:
    """Write everything except the Protect product."""
    for name in ("incidents", "zones", "lists", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        _write_extract(town, source, folder / "incidents")
    _write_layers({name: getattr(town, name) for name in LAYERS}, folder / "zones" / "town.gpkg")
    for name in ("district", "wards"):
        _write_geojson(getattr(town, name), folder / "zones" / f"{name}.geojson")
    _write_lists(town, folder / "lists")
    _write_truth(town, folder / "truth")
    _write_text(folder / "README.txt", _readme(town))
    return folder


def write_protect(town: Town, folder: Path) -> Path:
    """Write the Protect product, alone."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = town.protect
    layers = {
        "protect_zones": tables.zones,
        "protect_sites": tables.sites,
        "trauma_packs": tables.trauma_packs,
    }
    _write_layers(layers, folder / "protect.gpkg")
    _write_text(
        folder / "README.txt",
        f"{town.watermark}\n\n{town.name}: Protect zones, sites and trauma packs.\n"
        "Partnership zoning, not premises under the Act; recorded crime is not terrorist threat.\n"
        "Keep apart from every other product.\n",
    )
    return folder


def _write_extract(town: Town, source: str, folder: Path) -> None:
    """One agency's CSV in its own words and column order, and the field map that reads it."""
    rows = town.incidents[town.incidents["source"] == source]
    said, columns = SOURCES[source], SOURCES[source]["columns"]
    frame = pd.DataFrame(
        {columns[name]: value for name, value in _cells(rows, source).items() if name in columns}
    )
    frame.to_csv(folder / f"{source}.csv", index=False, lineterminator="\n", encoding="utf-8")
    lines = {
        "name": f"{town.name}: {said['title']}",
        **columns,
        "offence_scheme": said["scheme"],
        "location_precision": town.coordinates,
        "day_first": True,
        "attribution": town.watermark,
    }
    text = to_toml(lines)
    if source == "council":
        text += "\n[offence_words]\n" + to_toml(SALTMERE["council_words"])
    _write_text(folder / f"{source}.toml", f"# {town.watermark}\n{text}")


def _cells(rows: gpd.GeoDataFrame, source: str) -> dict[str, Any]:
    points = rows.geometry.to_numpy()
    begins = _clock(rows["occurred_from"])
    ends = _clock(rows["occurred_until"] - pd.Timedelta(minutes=1))  # the last minute, included
    interval = rows["time_precision"].eq("interval").to_numpy()
    offence = rows["offence"]
    if source == "council":
        offence = offence.map({code: word for word, code in SALTMERE["council_words"].items()})
    return {
        "reference": rows.index,
        "offence": offence.to_numpy(),
        "easting": _metres(shapely.get_x(points)),
        "northing": _metres(shapely.get_y(points)),
        "from_date": begins[0],
        "from_time": begins[1],
        "date": begins[0],
        "time": begins[1],
        "until_date": np.where(interval, ends[0], ""),
        "until_time": np.where(interval, ends[1], ""),
        "place_name": rows["place_name"].to_numpy(),
        "domestic": np.where(rows["domestic"], "Y", "N"),
    }


def _clock(times: pd.Series) -> tuple[Any, Any]:
    """Local day as 31/01/2024 and time as 23:59, made once for each distinct day and minute."""
    local = times.dt.tz_localize(None).to_numpy("datetime64[m]")
    day = local.astype("datetime64[D]")
    days, which = np.unique(day, return_inverse=True)
    words = pd.DatetimeIndex(days.astype("datetime64[s]")).strftime("%d/%m/%Y").to_numpy(object)
    minute = (local - day).astype(int)
    clock = np.array([f"{m // 60:02d}:{m % 60:02d}" for m in range(1_440)], dtype=object)
    return words[which] if len(days) else np.empty(0, dtype=object), clock[minute]


def _metres(values: Any) -> Any:
    """Text with one decimal; empty where a row has no place."""
    tenths = pd.Series(np.round(values, 1))
    return tenths.map(lambda value: f"{value:.1f}", na_action="ignore").to_numpy(object)


def _write_layers(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    path.unlink(missing_ok=True)
    with fixed_clock(FIXED_STAMP):
        for name, frame in layers.items():
            _dates_as_text(frame).reset_index().to_file(path, layer=name, driver="GPKG")


def _write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    _dates_as_text(frame).reset_index().to_crs(WGS84).to_file(
        path, driver="GeoJSON", COORDINATE_PRECISION=7
    )


def _dates_as_text(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dates as 2024-01-31: GeoPackage and GeoJSON readers agree on that, not on date types."""
    copy = frame.copy()
    for name in copy.columns:
        dated = copy[name].dtype == object
        if dated and copy[name].map(lambda value: isinstance(value, date)).any():
            copy[name] = copy[name].map(lambda value: value.isoformat() if value else None)
        elif isinstance(copy[name].dtype, pd.CategoricalDtype) or copy[name].isna().all():
            copy[name] = copy[name].astype(object)
    return copy


def _write_lists(town: Town, folder: Path) -> None:
    wards = town.wards[town.wards["priority"]]
    tables: dict[str, tuple[str, list[Any]]] = {
        "priority_wards": (
            "ward",
            [{"ward_code": code, "ward_name": name} for code, name in wards["zone_name"].items()],
        ),
        "pspo_orders": (
            "order",
            [
                {"zone_id": code, **row}
                for code, row in zip(
                    town.pspo.index,
                    town.pspo[
                        ["zone_name", "valid_from", "valid_until", "status", "prohibits"]
                    ].to_dict("records"),
                    strict=True,
                )
            ],
        ),
        "schools_calendar": ("entry", town.schools_calendar.to_dict("records")),
        "institutional_places": ("place", [{"place_name": name} for name in INSTITUTIONS]),
    }
    for name, (heading, rows) in tables.items():
        parts = [f"[[{heading}]]\n{to_toml(row)}" for row in rows]
        _write_text(folder / f"{name}.toml", f"# {town.watermark}\n\n" + "\n".join(parts))


def _write_truth(town: Town, folder: Path) -> None:
    truth = town.truth
    names = ("hotspots", "patrol_areas", "near_misses", "screening_areas", "decoys")
    _write_layers({name: getattr(truth, name) for name in names}, folder / "truth.gpkg")
    for name in ("effects", "profiles", "twins", "chains"):
        getattr(truth, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    truth.incidents.to_csv(folder / "incidents.csv", lineterminator="\n")


def _readme(town: Town) -> str:
    return (
        f"{town.watermark}\n\n"
        f"{town.name}, a town that does not exist, placed in the North Sea (EPSG:27700).\n"
        f"{len(town.incidents):,} incidents from {town.start:%B %Y} to before {town.end:%B %Y}.\n\n"
        "incidents/  one extract and one field map (TOML) for police, council and fire service\n"
        "zones/      town.gpkg with zones, streets and map points; wards, district as GeoJSON\n"
        "lists/      priority wards, PSPO orders, schools calendar, institutional places\n"
        "truth/      what was planted: look only after you have searched\n"
    )


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def incidents_table(
    draw: Draw, town: Layout, days: pd.DatetimeIndex, coordinates: str
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp]]:
    """The incidents table, and the position in the draw of each of its rows.

    Rows are sorted by source and time and numbered in that order, so that an id says nothing
    about how an incident was made.
    """
    source_of = np.array([AGENCIES.index(item.source) for item in COMPONENTS], dtype=np.int8)
    source = source_of[draw.component]
    draw.minute[:] = np.minimum(draw.minute, len(days) * DAY_MINUTES - 1)
    order = np.lexsort((draw.door, draw.minute, source))
    component, source = draw.component[order], source[order]
    minute, width, missing = draw.minute[order], draw.width[order], draw.unlocated[order]
    names, points = _where(town, draw.door[order], missing, coordinates)
    begins = _utc_minutes(minute, days)
    domestic = np.array([item.domestic for item in COMPONENTS])
    precision = 2 if coordinates == "snapped" else 1
    return gpd.GeoDataFrame(
        {
            "offence": _words(OFFENCES, draw.offence[order]),
            "offence_scheme": _words(tuple(said["scheme"] for said in SOURCES.values()), source),
            "occurred_from": _times(begins),
            "occurred_until": _times(begins + width),
            "time_precision": _words(("instant", "interval"), (width > 1).astype(int)),
            "location_precision": _words(
                ("unknown", "exact", "snapped"), np.where(missing, 0, precision)
            ),
            "source": _words(AGENCIES, source),
            "place_name": names,
            "domestic": domestic[component],
        },
        geometry=points,
        crs=BRITISH_NATIONAL_GRID,
        index=_ids(source),
    ), order


def _utc_minutes(minute: NDArray[np.int64], days: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Local minutes since the first midnight to minutes since 1970 in UTC.

    In the hour that spring skips clocks show an hour more; the hour that autumn repeats is taken as
    its first, summer-time half.
    """
    hours = pd.date_range(days[0], periods=len(days) * 24, freq="h")
    local = hours.tz_localize(
        TIMEZONE, ambiguous=np.ones(len(hours), dtype=bool), nonexistent="shift_forward"
    )
    stamps = local.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[m]").astype(np.int64)
    return np.asarray(stamps[minute // HOUR_MINUTES] + minute % HOUR_MINUTES)


def _times(minutes: NDArray[np.int64]) -> pd.DatetimeIndex:
    stamps = minutes.astype("datetime64[m]").astype("datetime64[us]")
    return pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(TIMEZONE)


def _words(words: tuple[str, ...], codes: NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """Text for each code, without making a million strings one by one."""
    return pd.Series(list(words)).take(np.asarray(codes, dtype=np.intp)).array


def _where(
    town: Layout, door: NDArray[np.int32], missing: NDArray[np.bool_], coordinates: str
) -> tuple[pd.api.extensions.ExtensionArray, NDArray[np.object_]]:
    """Names and points, made once for each address or map point and shared by its rows."""
    doors, names = town.ground.doors, town.places["place_name"].astype(str).tolist()
    place = doors.place[door]
    if coordinates == "snapped":
        names = [f"On or near {name}" for name in names]
        used, which = np.unique(place, return_inverse=True)
        points = np.asarray(town.places.geometry)[used]
    else:
        used, which = np.unique(door, return_inverse=True)
        points = np.asarray(shapely.points(doors.x[used], doors.y[used]))
    shared = points.astype(object)[which]
    shared[missing] = None
    words: pd.api.extensions.ExtensionArray = pd.Series([*names, None]).array
    return words.take(np.where(missing, len(names), place)), shared


def _ids(source: NDArray[np.int8]) -> pd.Index:
    """``police-0000001`` and so on, numbered within the source."""
    words: list[str] = []
    for code, name in enumerate(AGENCIES):
        words += [f"{name}-{i:07d}" for i in range(1, int((source == code).sum()) + 1)]
    return pd.Index(words, name="incident_id", dtype=pd.Series(["a"]).dtype)
