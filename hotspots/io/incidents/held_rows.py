"""The accepted rows of all files for a check: a number for a text, none for an id, no points."""

from __future__ import annotations

from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from hotspots.core.points import NOWHERE, PlaceIndex, distinct_places, distinct_rows
from hotspots.io.incidents.parse_file import Part
from hotspots.io.incidents.parse_text import TEXT, repeated

Frame = TypeVar("Frame", bound=pd.DataFrame)
SOMEWHERE = shapely.Point(0, 0)
"""Stands for the point of every located row: where it is, only the places say."""


def held_rows(
    parts: list[Part], crs: Any
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp], NDArray[np.int64]]:
    """The rows of all files, numbered; which place each has, -1 for none; places in millimetres.

    An eighth of the memory of the table that :func:`load_incidents` makes of them.
    """
    parts = [part for part in parts if len(part.frame)]
    frame = _stacked([part.frame for part in parts])
    known = [distinct_places(part.places.x, part.places.y) for part in parts]
    places, of_all = distinct_rows(np.concatenate([each for each, _ in known]))
    ends = np.cumsum([len(each) for each, _ in known])
    of_row = [
        np.append(of_all[end - len(each) : end][own], NOWHERE)[part.places.codes]
        for part, (each, own), end in zip(parts, known, ends, strict=True)
    ]
    where = of_row[0] if len(of_row) == 1 else np.concatenate(of_row)
    points = np.full(len(where), None, dtype=object)
    points[where >= 0] = SOMEWHERE
    table = gpd.GeoDataFrame(frame, geometry=gpd.array.GeometryArray(points, crs=crs))
    return table, where, places


def places_in_use(places: NDArray[np.int64], of_row: NDArray[np.intp]) -> PlaceIndex:
    """The places of some rows, without those that none of them has."""
    used = np.zeros(len(places), dtype=bool)
    used[of_row[of_row >= 0]] = True
    if used.all():
        return PlaceIndex(places, of_row)
    number = np.append(np.cumsum(used) - 1, NOWHERE)
    return PlaceIndex(places[used], number[of_row])


def with_texts(frame: Frame) -> Frame:
    """A frame whose categories, which are for reading, are the texts they stand for."""
    alike = [name for name in frame.columns if frame[name].dtype == "category"]
    return frame.assign(**{str(name): _texts(frame[name]) for name in alike})


def _texts(column: pd.Series) -> pd.Series:
    known, codes = column.cat.categories.array, column.cat.codes.to_numpy()
    if len(known) == 1 and not codes.any():
        return repeated(str(known[0]), len(codes)).set_axis(column.index)
    return pd.Series(known.take(codes, allow_fill=True), index=column.index, dtype=TEXT)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames under one another; what is a category in all that have it stays one."""
    if len(frames) == 1:
        return frames[0].set_axis(pd.RangeIndex(len(frames[0])))
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    alike = [
        name for name in names
        if all(frame[name].dtype == "category" for frame in frames if name in frame)
    ]  # fmt: skip
    others = [with_texts(frame.drop(columns=alike, errors="ignore")) for frame in frames]
    table = pd.concat(others, ignore_index=True)
    joined = {
        name: union_categoricals([_categories(frame, name) for frame in frames]) for name in alike
    }
    return table.assign(**joined)[names]


def _categories(frame: pd.DataFrame, name: str) -> Any:
    """A column as categories, all missing where a frame lacks it."""
    if name in frame:
        return frame[name].array
    nothing = np.full(len(frame), -1, dtype=np.int8)
    return pd.Categorical.from_codes(nothing, pd.Index([], dtype=TEXT))
