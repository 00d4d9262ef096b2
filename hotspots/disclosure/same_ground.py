"""What a reader has of the same ground: bands of harm, and themes around one another.

Bands that share incidents can be subtracted: a ward of 20,000 or more around two cells of 5,000 or
less leaves 10,000 for a cell with fewer than five incidents, and few offences weigh that. So a band
is shown only where no other band of that theme, in this release or an earlier one, lies over the
same ground on the same days. Readers see which those are: that a band is missing tells nothing.
And what is shown of vehicle nuisance bounds what is shown of ASB.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import in_system_of
from hotspots.core.states import HarmShown
from hotspots.core.tables import has_shapes
from hotspots.disclosure.over_time import Related, ThemesBeside, is_dated, what_is_known
from hotspots.disclosure.reckoning import ALWAYS, column_of, themes_joined, window_of
from hotspots.disclosure.rules import SLIVER_M2, TIMES, is_monthly

INSIDE = "share_inside"
NEARLY_INSIDE = 1e-3
OFFENCES = "offences"

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.disclosure.rules import Reader


def has_band_beside(
    areas: pd.DataFrame, theme: str, tables: Iterable[pd.DataFrame], reader: Reader
) -> NDArray[np.bool_]:
    """Areas over ground whose harm a reader has already, of days that overlap.

    The same area over the same days may be shown again: its number is the same. Of themes that have
    incidents in common it is not: what is in one of them alone would have the difference.
    """
    found = np.zeros(len(areas), dtype=bool)
    if not has_shapes(areas):
        return found
    common = [theme, *(one for one in reader.themes if one != theme and reader.overlap(one, theme))]
    for table, other in product(tables, common):
        having = _have_harm(table, other)
        if (table is areas and other == theme) or not having.any():
            continue
        banded: Any = table[having]
        if not _same_days(areas, banded):
            continue
        mine, its = sharing_ground(areas.geometry, in_system_of(areas, banded).geometry)
        again = areas.index[mine] == banded.index[its]
        found[mine[~(again & (other == theme) & _same_window(areas, banded))]] = True
    return found


def sharing_ground(one: Any, other: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of outlines that have more than a sliver of ground in common."""
    first, second = (np.asarray(shapes, dtype=object) for shapes in (one, other))
    left, right = shapely.STRtree(second).query(first, predicate="intersects")
    real = shapely.area(shapely.intersection(first[left], second[right])) > SLIVER_M2
    return left[real], right[real]


def _have_harm(table: pd.DataFrame, theme: str) -> NDArray[np.bool_]:
    """Which rows of a table show the harm of a theme."""
    some = not {"harm", f"{theme}_harm"}.isdisjoint(table.columns) and has_shapes(table)
    count = column_of(table, theme) if some else None
    harm = "harm" if count == "incident_count" else f"{theme}_harm"
    if count is None or harm not in table.columns:
        return np.zeros(len(table), dtype=bool)
    code = f"{harm}_shown"
    shown = table[code] != HarmShown.WITHHELD if code in table.columns else True
    having: NDArray[np.bool_] = (table[harm].notna() & shown).to_numpy(dtype=bool, na_value=False)
    return having


def _same_days(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    if not (is_dated(one) and is_dated(other)):
        return True
    (start, end), (from_, until) = window_of(one, ALWAYS), window_of(other, ALWAYS)
    return bool(start < until and from_ < end)


def _same_window(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return is_dated(one) and is_dated(other) and window_of(one, ALWAYS) == window_of(other, ALWAYS)


def themes_beside(
    areas: pd.DataFrame, theme: str, tables: Iterable[pd.DataFrame], reader: Reader
) -> ThemesBeside:
    """What a reader knows of the same areas, for themes that share incidents with this one."""
    _, *joined = themes_joined(theme, reader.parts)
    every, names = list(tables) if joined else [], pd.Index(_area_names(areas).unique())
    found = []
    for other in joined:
        known = []
        for table in every:
            if column_of(table, other) == "incident_count" and _area_names(table).isin(names).any():
                known += what_is_known(on_days(table, areas), "incident_count", names)
        if known:
            nested = reader.contains(other, theme) or reader.contains(theme, other)
            around = reader.contains(other, theme) if nested else None
            found.append(Related(other, around, tuple(known)))
    return ThemesBeside(theme, tuple(found), reader.parts)


def held_beside(
    areas: pd.DataFrame, theme: str, tables: Iterable[pd.DataFrame], reader: Reader
) -> NDArray[np.bool_]:
    """Areas whose count would tell one that stands in no table.

    What lies in another part of the same cell, where that is cut by another study area; an offence
    among those that an earlier release named for a theme with incidents in common; and what tells
    two rows of the same name apart.
    """
    tables = list(tables)
    found = np.asarray(areas.index.duplicated(keep=False)) & bool(tables)
    for table in tables:
        if {"breakdown", "theme"} <= set(table.columns):
            others = [one for one in set(table["theme"].astype(str)) - {theme}
                      if reader.overlap(theme, one)]  # fmt: skip
            rows = table["breakdown"].eq(OFFENCES) & table["theme"].isin(others)
            found |= areas.index.isin(_area_names(table)[np.asarray(rows)])
        elif {INSIDE} <= set(table.columns) & set(areas.columns) and table.index.is_unique:
            then = table[INSIDE].reindex(areas.index).astype(float)
            found |= np.asarray((then - areas[INSIDE].astype(float)).abs() > NEARLY_INSIDE)
    return found


def _area_names(table: pd.DataFrame) -> Any:
    if "area_id" in table.columns:
        return table["area_id"]
    return table.index.get_level_values(0)


def on_days(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """A table that counts between days; between those of areas beside it where it says none."""
    if is_monthly(table) or is_dated(table):
        return table
    return table.assign(**dict(zip(TIMES, window_of(areas, ALWAYS), strict=True)))
