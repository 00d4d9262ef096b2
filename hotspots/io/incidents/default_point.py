"""One point for very many rows: a place that systems write where they know none, or a true one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotspots.core.crs import grid_squares, to_lonlat
from hotspots.core.errors import Finding
from hotspots.core.place_state import PlaceState
from hotspots.io.incidents.parse_coordinates import Places
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.row_faults import Faults

SHARE, LEAST, OTHERS = 0.2, 10, 3
ROUND_M = 10_000
SAME_NAMES = 0.5


def without_default_point(
    places: Places, names: Texts | None, crs: Any, faults: Faults
) -> tuple[Places, Finding | None]:
    """Places without a default point, and what is said of a point that holds very many rows.

    A point is taken for a default where it stands on round kilometres or degrees, or where its rows
    name very different places; where nothing says so, it stays and is told.
    """
    counts = np.bincount(places.codes[places.codes >= 0], minlength=len(places.x))
    located = int(counts.sum())
    if not located or counts.max() < max(LEAST, SHARE * located):
        return places, None
    point = int(counts.argmax())
    next_one = int(np.delete(counts, point).max(initial=0))
    if len(counts) == 1 or next_one * OTHERS > counts[point]:
        return places, None
    rows = places.codes == point
    x, y = float(places.x[point]), float(places.y[point])
    why = _why(x, y, rows, names, crs)
    rule = "default-point" if why else "one-point"
    said = {"rows": int(rows.sum()), "located": located, "why": why}
    finding = Finding.of(
        rule,
        "warning",
        said=said | {"where": grid_squares([x], [y], crs)[0]},
        file=faults.file,
        line=int(faults.lines[np.flatnonzero(rows)[0]]),
        rows=said["rows"],
    )
    return (places.without(rows, PlaceState.DEFAULT_POINT) if why else places), finding


def _why(x: float, y: float, rows: NDArray[np.bool_], names: Texts | None, crs: Any) -> str:
    """What says that a point is a default; nothing where nothing does."""
    lon, lat = to_lonlat([x], [y], crs)
    whole = np.abs(np.array([lon[0], lat[0]]) - np.round([lon[0], lat[0]])).max() < 1e-6
    if whole or (x % ROUND_M == 0 and y % ROUND_M == 0):
        return "a round one"
    if names is not None:
        named = names.codes[rows & ~names.blank]
        if len(named) and len(np.unique(named)) >= max(LEAST / 2, SAME_NAMES * len(named)):
            return "and name very different places"
    return ""
