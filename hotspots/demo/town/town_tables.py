"""From arrays to the incidents table: order, names, times in Europe/London, points."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.tables import TIMEZONE
from hotspots.demo.town.components import COMPONENTS, SCHEME_OF
from hotspots.demo.town.drawing import DAY_MINUTES, HOUR_MINUTES, OFFENCES, Draw
from hotspots.demo.town.layout import Layout

SOURCES = tuple(SCHEME_OF)


def incidents_table(
    draw: Draw, town: Layout, days: pd.DatetimeIndex, coordinates: str
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp]]:
    """The incidents table, and the position in the draw of each of its rows.

    Rows are sorted by source and time and numbered in that order, so that an id says nothing
    about how an incident was made.
    """
    source_of = np.array([SOURCES.index(item.source) for item in COMPONENTS], dtype=np.int8)
    source = source_of[draw.component]
    draw.minute[:] = np.minimum(draw.minute, len(days) * DAY_MINUTES - 1)
    order = np.lexsort((draw.door, draw.minute, source))
    component, source = draw.component[order], source[order]
    minute, width, missing = draw.minute[order], draw.width[order], draw.unlocated[order]
    place = town.ground.doors.place[draw.door[order]]
    begins = _utc_minutes(minute, days)
    domestic = np.array([item.domestic for item in COMPONENTS])
    precision = 2 if coordinates == "snapped" else 1
    return gpd.GeoDataFrame(
        {
            "offence": _words(OFFENCES, draw.offence[order]),
            "offence_scheme": _words(tuple(SCHEME_OF.values()), source),
            "occurred_from": _times(begins),
            "occurred_until": _times(begins + width),
            "time_precision": _words(("instant", "interval"), (width > 1).astype(int)),
            "location_precision": _words(
                ("unknown", "exact", "snapped"), np.where(missing, 0, precision)
            ),
            "source": _words(SOURCES, source),
            "place_name": _place_names(town, place, missing, coordinates),
            "domestic": domestic[component],
        },
        geometry=_points(draw, town, order, place, missing, coordinates),
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


def _place_names(
    town: Layout, place: NDArray[np.intp], missing: NDArray[np.bool_], coordinates: str
) -> pd.api.extensions.ExtensionArray:
    names = town.places["place_name"].astype(str).tolist()
    if coordinates == "snapped":
        names = [f"On or near {name}" for name in names]
    words: pd.api.extensions.ExtensionArray = pd.Series([*names, None]).array
    return words.take(np.where(missing, len(names), place))


def _points(
    draw: Draw,
    town: Layout,
    order: NDArray[np.intp],
    place: NDArray[np.intp],
    missing: NDArray[np.bool_],
    coordinates: str,
) -> NDArray[np.object_]:
    """Points made once for each address or map point and shared by its rows."""
    if coordinates == "snapped":
        used, which = np.unique(place, return_inverse=True)
        points = np.asarray(town.places.geometry)[used]
    else:
        doors = town.ground.doors
        used, which = np.unique(draw.door[order], return_inverse=True)
        points = np.asarray(shapely.points(doors.x[used], doors.y[used]))
    result = points.astype(object)[which]
    result[missing] = None
    return result


def _ids(source: NDArray[np.int8]) -> pd.Index:
    """``police-0000001`` and so on, numbered within the source."""
    words: list[str] = []
    for code, name in enumerate(SOURCES):
        words += [f"{name}-{i:07d}" for i in range(1, int((source == code).sum()) + 1)]
    return pd.Index(words, name="incident_id", dtype=pd.Series(["a"]).dtype)
