"""What a still figure shows of the ground: the places, as the page, and where these lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from matplotlib.patches import Rectangle

from hotspots.report.symbology import INK, WATER

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hotspots.report.map.theme_tables import ThemeTables

AROUND, PART = 1.6, 0.5
"""Ground shown, in heights of the places; of the whole, the most that is worth a closer look."""
SMALL = 0.26
"""Of the map, the small one in its corner."""


def show_places(axes: Any, theme: ThemeTables) -> bool:
    """Turn to the places where all of them lie in a small part of the whole; whether it did."""
    if len(theme.top) < 2:
        return False
    shapes = gpd.GeoSeries([theme.place(place).geometry for place in theme.top])
    west, south, east, north = shapes.total_bounds
    box = axes.bbox
    tall = AROUND * max(north - south, (east - west) * box.height / box.width)
    if tall > PART * np.ptp(axes.get_ylim()):
        return False
    wide = tall * box.width / box.height
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - wide / 2, x + wide / 2)
    axes.set_ylim(y - tall / 2, y + tall / 2)
    axes.set_axis_on()
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    return True


def draw_locator(
    figure: Figure, axes: Any, theme: ThemeTables, zones: Sequence[gpd.GeoDataFrame]
) -> Any:
    """The whole ground in the corner with fewest places, and on it what the map shows."""
    at = axes.get_position()
    width, height = at.width * SMALL, at.height * SMALL
    middles = [theme.place(place).geometry.centroid for place in theme.top]
    shares = axes.transAxes.inverted().transform(
        axes.transData.transform([(one.x, one.y) for one in middles])
    )
    corners = [(0, 1 - SMALL), (0, 0), (1 - SMALL, 1 - SMALL)]

    def inside(corner: tuple[float, float]) -> int:
        return int(((shares >= corner) & (shares <= np.add(corner, SMALL))).all(axis=1).sum())

    east, north = min(corners, key=inside)
    place = (at.x0 + east * at.width, at.y0 + north * at.height, width, height)
    small = figure.add_axes(place, aspect="equal", xticks=[], yticks=[], zorder=8)
    small.set_adjustable("datalim")
    _ground(theme, zones).plot(ax=small, color=WATER, edgecolor=INK, linewidth=0.6, aspect=None)
    (west, right), (south, top) = axes.get_xlim(), axes.get_ylim()
    small.set(xlabel="", ylabel="")
    small.add_patch(
        Rectangle((west, south), right - west, top - south, fill=False, ec=INK, linewidth=1.4)
    )
    return small


def _ground(theme: ThemeTables, zones: Sequence[gpd.GeoDataFrame]) -> gpd.GeoSeries:
    """The district, else the wards, else all areas as one."""
    for kind in ("district", "ward"):
        for table in zones:
            if len(mine := table[table["kind"] == kind]):
                return mine.geometry
    assert theme.whole is not None
    return gpd.GeoSeries([theme.whole.geometry.union_all()], crs=theme.whole.crs)
