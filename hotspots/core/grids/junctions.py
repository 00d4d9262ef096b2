"""Lines cut at their junctions, so that a segment runs from one junction to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.crs import require_metres
from hotspots.core.errors import require

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.core.arrays import Codes, Floats, Objects

NODE_M = 0.5
"""Ends of segments so near one another, or so near a line, are one junction."""
MILLIMETRES = 1_000


def split_at_junctions(lines: gpd.GeoDataFrame, *, crossings: bool = False) -> gpd.GeoDataFrame:
    """Cut lines where another ends on them or shares a corner with them.

    Parameters
    ----------
    lines : GeoDataFrame
        One row a street or a way, in metres.
    crossings : bool
        Cut lines where they merely cross, too. Leave it out where bridges are among them.

    Returns
    -------
    GeoDataFrame
        The same columns, one row a segment, in the order of the lines; a line that was cut gives
        segments named ``id-1``, ``id-2``, ...; one in a piece keeps its name. No length is lost.

    Raises
    ------
    InputError
        For rows that are no lines, or a table that is not in metres.

    Notes
    -----
    OS Open Roads is cut already, with bridges apart; ways of OpenStreetMap share a corner where
    they meet. It misleads where streets were drawn without ending on one another: a gap wider than
    half a metre is none to the eye and no junction to the network.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import LineString
    >>> mill, high = LineString([(0, 0), (100, 0)]), LineString([(40, 0), (40, 80)])
    >>> roads = gpd.GeoDataFrame(index=["mill", "high"], geometry=[mill, high], crs=27700)
    >>> split_at_junctions(roads).length.to_dict()
    {'mill-1': 40.0, 'mill-2': 60.0, 'high': 80.0}
    """
    import shapely

    require_lines(lines)
    parts, owner = shapely.get_parts(np.asarray(lines.geometry.array), return_index=True)
    cuts = [_shared_corners(parts), _ends_on(parts)]
    if crossings:
        cuts.append(_crossings(parts))
    pieces, piece_of = _cut(parts, np.concatenate(cuts))
    return _named(lines, pieces, owner[piece_of])


def require_lines(lines: gpd.GeoDataFrame) -> None:
    """Raise unless every row is a line in metres."""
    require_metres(lines, "lines")
    drawn = lines.geometry.geom_type.isin(["LineString", "MultiLineString"])
    require(
        bool(drawn.all()) and len(lines) > 0,
        f"`lines` must be lines, one or more; {int((~drawn).sum()):,} of {len(lines):,} rows "
        "are not.",
        rule="no-lines",
    )


def _shared_corners(parts: Objects) -> Floats:
    """Part and distance along it of every corner that is another's too."""
    import shapely

    corners, part = shapely.get_coordinates(parts, return_index=True)
    key = np.rint(corners * MILLIMETRES).astype(np.int64)
    _, place = np.unique(key, axis=0, return_inverse=True)
    once = np.unique(np.column_stack([place.ravel(), part]), axis=0)
    held = np.bincount(once[:, 0])
    step = np.hypot(*np.diff(corners, axis=0, prepend=corners[:1]).T)
    along = np.cumsum(step)
    first = np.r_[0, np.flatnonzero(np.diff(part)) + 1]
    # The sum runs on over all lines, jumps from one to the next included; they go with the start of
    # each.
    along -= np.repeat(along[first], np.diff(np.r_[first, len(part)]))
    shared = held[place.ravel()] > 1
    return np.column_stack([part[shared], along[shared]])


def _ends_on(parts: Objects) -> Floats:
    """Part and distance along it where another ends on it."""
    import shapely

    ends = np.concatenate([shapely.get_point(parts, where) for where in (0, -1)])
    end, line = shapely.STRtree(parts).query(ends, predicate="dwithin", distance=NODE_M)
    # All starts stand before all ends, so the rest of the division is the line an end is of.
    other = line != end % len(parts)
    end, line = end[other], line[other]
    return np.column_stack([line, shapely.line_locate_point(parts[line], ends[end])])


def _crossings(parts: Objects) -> Floats:
    """Part and distance along it where it crosses another."""
    import shapely

    one, other = shapely.STRtree(parts).query(parts, predicate="intersects")
    one, other = one[one != other], other[one != other]
    meet = shapely.intersection(parts[one], parts[other])
    points, pair = shapely.get_parts(meet, return_index=True)
    dot = shapely.get_type_id(points) == shapely.GeometryType.POINT
    return np.column_stack(
        [one[pair[dot]], shapely.line_locate_point(parts[one[pair[dot]]], points[dot])]
    )


def _cut(parts: Objects, cuts: Floats) -> tuple[Objects, Codes]:
    """The pieces, and the part each is of; cuts within a junction's width of an end are none."""
    import shapely
    from shapely.ops import substring

    part, along = cuts[:, 0].astype(np.intp), cuts[:, 1]
    length = shapely.length(parts)
    inner = (along > NODE_M) & (along < length[part] - NODE_M)
    part, along = part[inner], along[inner]
    order = np.lexsort((along, part))
    part, along = part[order], along[order]
    apart = np.r_[True, (np.diff(part) > 0) | (np.diff(along) > NODE_M)][: len(part)]
    part, along = part[apart], along[apart]
    pieces, piece_of = [], []
    bounds = np.searchsorted(part, np.arange(len(parts) + 1))
    for one, whole in enumerate(parts):
        at = [0.0, *along[bounds[one] : bounds[one + 1]].tolist(), float(length[one])]
        cut = len(at) > 2
        pieces += [substring(whole, *at[i : i + 2]) for i in range(len(at) - 1)] if cut else [whole]
        piece_of += [one] * (len(at) - 1)
    return np.array(pieces, dtype=object), np.array(piece_of, dtype=np.intp)


def _named(lines: gpd.GeoDataFrame, pieces: Objects, line: Codes) -> gpd.GeoDataFrame:
    import pandas as pd

    rows = lines.iloc[line]
    many = np.bincount(line, minlength=len(lines))[line] > 1
    ids: pd.Series = pd.Series(rows.index.astype(str))
    nth = (ids.groupby(line).cumcount() + 1).astype(str)
    names = ids.where(~many, ids + "-" + nth)
    index = pd.Index(names.to_numpy(dtype=object), name=lines.index.name, dtype=object)
    return rows.set_axis(index).set_geometry(pieces, crs=lines.crs)
