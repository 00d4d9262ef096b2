"""A still figure of one theme with matplotlib, where there is no browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from matplotlib.patches import Rectangle

from hotspots.core.errors import InputError, require, require_extra
from hotspots.core.record import ThemeStatus
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.disclosure import Release, as_release
from hotspots.report.map.theme_tables import ThemeTables, drawn_cells, top_places
from hotspots.report.symbology import COLUMNS, INK, WATER, By

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hotspots.core.record import RunRecord

AROUND, PART = 1.6, 0.5
"""Ground shown, in heights of the places; of the whole, the most that is worth a closer look."""
SMALL = 0.26
"""Of the map, the small one in its corner."""


def plot_areas(
    areas: Release | gpd.GeoDataFrame,
    *,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord | None = None,
    by: By = "count",
    top: int = 5,
) -> Any:
    """Draw the areas of one theme as a still figure, A4 landscape.

    Parameters
    ----------
    areas : Release or GeoDataFrame
        A release of one theme; bare areas and ``zones`` are released for the record's audience.
    zones : sequence of GeoDataFrame
        Zones tables, drawn as outlines, where the areas are bare.
    record : RunRecord, optional
        Where the areas are bare: marking, title, caveats and attributions.
    by : {"count", "harm"}
        What is shaded.
    top : int
        Ranked places that get a number. Where all of them lie in less than half of the ground, the
        figure opens on them, with the whole small in a corner; 0 shows the whole.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it; save it with ``figure.savefig("map.pdf")``.

    Raises
    ------
    MissingExtraError
        Where matplotlib is not installed.

    Notes
    -----
    Like any shaded map it draws the eye to large areas, and a short period shades by chance.

    References
    ----------
    Hunter (2007) "Matplotlib: A 2D graphics environment", https://doi.org/10.1109/MCSE.2007.55

    Examples
    --------
    >>> from hotspots.core.record import RunRecord
    >>> record = RunRecord("Town", marking="DEMONSTRATION")
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"kind": "square-250", "theme": "asb", "incident_count": [3, 0],
    ...     "place_name": "High Street"}, geometry=[box(0, 0, 250, 250)] * 2, crs=27700)
    >>> plot_areas(areas, record=record).get_size_inches().tolist()
    [11.69, 8.27]
    """
    require_extra("matplotlib", "plot", "plot_areas")
    from hotspots.report.map.draw_figure import draw_figure

    if by not in COLUMNS:
        raise InputError(f'`by` must be "count" or "harm"; got {by!r}.')
    needs = ["kind", "theme", "incident_count", "place_name", "geometry"]
    also = ["harm"] if by == "harm" else []
    released = as_release(areas, record, zones=zones)
    require(len(released.areas) == 1, "`areas` must hold one theme; draw one figure for each.")
    safe, record, safe_zones = released.areas[0], released.record, list(released.zones)
    require_table(safe, AREAS, argument="areas", only=needs, also=also)
    for number, table in enumerate(safe_zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
    theme = ThemeTables(ThemeStatus("", "", "measured"), whole=safe, cells=drawn_cells(safe))
    theme.top = top_places(theme, top)
    return draw_figure(theme, safe_zones, record, by)


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
