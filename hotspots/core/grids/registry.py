"""From the ``kind`` of an areas table back to the grid that made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.core.errors import InputError
from hotspots.core.grids.h3 import H3Grid
from hotspots.core.grids.national import HexGrid, SquareGrid

if TYPE_CHECKING:
    from hotspots.core.grids.protocol import Grid

_FAMILIES: dict[str, type[H3Grid] | type[SquareGrid] | type[HexGrid]] = {
    "h3": H3Grid,
    "square": SquareGrid,
    "hex": HexGrid,
}


def grid_named(name: str) -> Grid:
    """Grid of that name, as it stands in the column ``kind`` of an areas table.

    Parameters
    ----------
    name : str
        ``"h3-9"``, ``"square-250"`` (side in metres) or ``"hex-300"`` (flat to flat in metres).

    Examples
    --------
    >>> grid_named("square-250")
    SquareGrid(side_m=250)
    """
    match = re.fullmatch(r"(h3|square|hex)-(\d+)", str(name))
    if match is None:
        raise InputError(
            f'a grid is named like "h3-9", "square-250" or "hex-300"; got {name!r}. Areas that are '
            "not cells of a grid (clusters, zones) need their neighbours named by the caller."
        )
    return _FAMILIES[match[1]](int(match[2]))
