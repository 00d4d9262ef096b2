"""A still figure of one theme with matplotlib, where there is no browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from hotspots.core.errors import InputError, require, require_extra
from hotspots.core.record import ThemeStatus
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.disclosure import Release, as_release
from hotspots.report.map.theme_tables import ThemeTables, drawn_cells, top_places
from hotspots.report.symbology import COLUMNS, By

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord


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
        A release of one theme, whose clusters are not drawn where it has cells; bare areas and
        ``zones`` are released for the record's audience.
    zones : sequence of GeoDataFrame
        Zones tables, drawn as outlines, where the areas are bare.
    record : RunRecord, optional
        Where the areas are bare: marking, title, caveats and attributions.
    by : {"count", "harm"}
        What is shaded.
    top : int
        Ranked places that get a number.

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

    if not (isinstance(by, str) and by in COLUMNS):
        raise InputError(f'`by` must be "count" or "harm"; got {by!r}.')
    needs = ["kind", "theme", "incident_count", "place_name", "geometry"]
    also = ["harm"] if by == "harm" else []
    released = as_release(areas, record, zones=zones)
    tables = released.cells or released.areas
    require(len(tables) == 1, "`areas` must hold one theme; draw one figure for each.")
    safe, record, safe_zones = tables[0], released.record, list(released.zones)
    require_table(safe, AREAS, argument="areas", only=needs, also=also)
    for number, table in enumerate(safe_zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
    theme = ThemeTables(ThemeStatus("", "", "measured"), whole=safe, cells=drawn_cells(safe))
    theme.top = top_places(theme, top)
    return draw_figure(theme, safe_zones, record, by)
