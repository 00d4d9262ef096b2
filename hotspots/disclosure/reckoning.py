"""All that a reader knows of one theme as one system: pieces of ground by stretches of time.

Every count that was shown says that so many incidents lie in some ground between two days. Ground
is cut along all outlines, time at all days on which a count begins or ends; what the pieces can
hold together is what a reader can work out. The release asks it before the next number is shown,
and :func:`audit_totals` asks it of what was shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import in_system_of
from hotspots.core.tables import has_shapes
from hotspots.disclosure.count_classes import bounds_of
from hotspots.disclosure.over_time import Known, fits_together, is_dated, what_is_known, window
from hotspots.disclosure.rules import SLIVER_M2, TIMES, clusters_of, is_monthly, least_of, theme_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

ALWAYS = (pd.Timestamp("1970-01-01"), pd.Timestamp("1970-01-02"))
"""The window of tables without times."""
NEARLY_M = 0.1
# Half the edge of a square that holds any outline in metres.
WORLD_M = 1e8


@dataclass(frozen=True)
class ZoneSum:
    """So many incidents of a theme lie inside an outline between two times."""

    column: int
    start: pd.Timestamp
    end: pd.Timestamp
    low: float
    high: float
    theme: str = ""


@dataclass(frozen=True)
class Sums:
    """What tables say of the same ground: of every cell, and of outlines across cells.

    ``owner`` is the cell of each piece (one more stands for all ground outside), ``inside`` in
    which outlines it lies. ``parts`` are the themes that incidents are in together: an incident of
    a part counts in each of them, so that a theme inside another one bounds it.
    """

    owner: NDArray[np.intp]
    inside: NDArray[np.bool_]
    of_cells: tuple[Known, ...]
    of_zones: tuple[ZoneSum, ...]
    theme: str
    parts: tuple[tuple[str, ...], ...]

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.owner.max(initial=0)) if len(self.owner) else 0

    @property
    def own(self) -> list[Known]:
        """What is said of cells about the theme itself."""
        return [one for one in self.of_cells if one.theme == self.theme]

    @property
    def times(self) -> list[pd.Timestamp]:
        """All days on which a count begins or ends."""
        known: list[Known | ZoneSum] = [*self.of_cells, *self.of_zones]
        return sorted({one.start for one in known} | {one.end for one in known})


@dataclass
class Workings:
    """What was worked out of the tables of one release, kept while the others are decided."""

    grounds: dict[bytes, CutGround] = field(default_factory=dict)
    orders: dict[int, tuple[bytes, NDArray[np.intp]]] = field(default_factory=dict)
    said: dict[tuple[int, str, int], _Said] = field(default_factory=dict)
    days: dict[int, tuple[pd.Timestamp, pd.Timestamp] | None] = field(default_factory=dict)
    kept: list[pd.DataFrame] = field(default_factory=list)
    """The tables themselves: they are known by identity."""

    def window_of(
        self, table: pd.DataFrame, otherwise: tuple[pd.Timestamp, pd.Timestamp]
    ) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day of a table; those of another where it has none."""
        if id(table) not in self.days:
            self.days[id(table)] = window(table) if is_dated(table) else None
            self.kept.append(table)
        return self.days[id(table)] or otherwise

    def along(
        self, cells: gpd.GeoDataFrame, outlines: Sequence[bytes]
    ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The ground of these cells cut along outlines; tables of the same cells share it.

        Themes rank the same cells in different orders, so the ground has an order of its own.
        """
        if id(cells) not in self.orders:
            shapes = shapely.to_wkb(np.asarray(cells.geometry))
            order = np.argsort(shapes, kind="stable")
            key = hashlib.sha256(b"".join(shapes[order])).digest()
            self.orders[id(cells)] = key, np.r_[order, len(cells)]
            self.kept.append(cells)
        key, order = self.orders[id(cells)]
        if key not in self.grounds:
            self.grounds[key] = CutGround(cells.iloc[order[:-1]])
        owner, inside = self.grounds[key].along(outlines)
        return order[owner], inside

    def of(self, table: pd.DataFrame, theme: str, cells: gpd.GeoDataFrame, least: float) -> _Said:
        """What a table says of a theme, beside these cells."""
        key = (id(table), theme, id(cells))
        if key not in self.said:
            self.said[key] = _said(table, theme, cells, least, self)
            self.kept += [table, cells]
        return self.said[key]


def parts_of(theme: str, parts: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The parts of all themes that are joined to this one by incidents in common."""
    every, joined = {part for part in parts if part}, {theme}
    while more := {name for part in every if joined & set(part) for name in part} - joined:
        joined |= more
    found = sorted(part for part in every if joined & set(part))
    return tuple(found) if any(theme in part for part in found) else (*found, (theme,))


def themes_joined(theme: str, parts: Iterable[tuple[str, ...]]) -> list[str]:
    """A theme, and all that incidents in common join to it."""
    return [theme, *sorted({name for part in parts_of(theme, parts) for name in part} - {theme})]


def sums_of(
    cells: gpd.GeoDataFrame,
    tables: Sequence[pd.DataFrame],
    theme: str,
    *,
    asked: gpd.GeoDataFrame | None = None,
    least: float = 0.0,
    parts: Iterable[tuple[str, ...]] = (),
    workings: Workings | None = None,
) -> Sums:
    """What a table of cells and others say together.

    Tables of the same cells, monthly ones included, count these; all others with outlines count
    what lies inside. Outlines of ``asked`` come last, and nothing is said of them. ``least`` is
    what every cluster is known to hold. Themes that ``parts`` join to this one count as well.
    """
    workings, joined = workings or Workings(), parts_of(theme, parts)
    themes = themes_joined(theme, joined)
    now = workings.window_of(cells, ALWAYS)
    own = theme_of(cells) or theme
    of_cells = [Known(*now, *_shown(cells, "incident_count"), theme=own)]
    of_zones, outlines = [], dict[bytes, int]()
    for one in themes:
        for table in (table for table in tables if len(table)):
            said = workings.of(table, one, cells, least)
            of_cells += said.of_cells
            for shape, low, high in said.of_outlines:
                column = outlines.setdefault(shape, len(outlines))
                of_zones.append(ZoneSum(column, *said.days, low, high, one))
    every = list(outlines)
    if asked is not None:
        every += [_as_bytes(shape) for shape in in_system_of(cells, asked).geometry]
    owner, inside = workings.along(cells, every)
    return Sums(owner, inside, tuple(of_cells), tuple(of_zones), theme, joined)


@dataclass(frozen=True)
class _Said:
    """What a table says of one theme: of cells, and of outlines between two days."""

    of_cells: tuple[Known, ...] = ()
    of_outlines: tuple[tuple[bytes, float, float], ...] = ()
    days: tuple[pd.Timestamp, pd.Timestamp] = ALWAYS


def _said(
    table: pd.DataFrame, theme: str, cells: gpd.GeoDataFrame, least: float, workings: Workings
) -> _Said:
    column = column_of(table, theme)
    if column is None:
        return _Said()
    now = workings.window_of(cells, ALWAYS)
    if column == "incident_count" and counts_these(table, cells):
        has_days = is_monthly(table) or is_dated(table)
        dated = table if has_days else table.assign(**dict(zip(TIMES, now, strict=True)))
        known = what_is_known(dated, column, cells.index)
        return _Said(tuple(replace(one, theme=theme) for one in known))
    if not has_shapes(table):
        return _Said()
    outlined = _outlined(cells, table, column, least)
    return _Said((), tuple(outlined), workings.window_of(table, now))


def window_of(
    table: pd.DataFrame, otherwise: tuple[pd.Timestamp, pd.Timestamp]
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a table; those of another where it has none."""
    return window(table) if is_dated(table) else otherwise


def column_of(table: pd.DataFrame, theme: str) -> str | None:
    """The column of a table that counts a theme."""
    if f"{theme}_count" in table.columns:
        return f"{theme}_count"
    if not {"theme", "incident_count"} <= set(table.columns):
        return None
    return "incident_count" if table["theme"].eq(theme).any() else None


def counts_these(table: pd.DataFrame, cells: pd.DataFrame) -> bool:
    """Whether a table counts some of the same areas, by their names."""
    kinds = [set(one["kind"]) if "kind" in one.columns else set() for one in (table, cells)]
    names = table.reset_index()["area_id"] if is_monthly(table) else table.index
    same = not all(kinds) or kinds[0] == kinds[1]
    return same and bool(pd.Index(names).isin(cells.index).any())


def on_other_ground(table: Any, areas: Any) -> bool:
    """Whether areas of the same name have other outlines, as zones that are numbered afresh."""
    if not areas.index.is_unique:
        return True
    if not (has_shapes(table) and has_shapes(areas)) or is_monthly(table):
        return False
    one: Any = in_system_of(areas, table).geometry
    one = one[one.index.isin(areas.index)]
    return not bool(one.geom_equals_exact(areas.geometry.reindex(one.index), NEARLY_M).all())


def _outlined(
    cells: gpd.GeoDataFrame, table: gpd.GeoDataFrame, column: str, least: float
) -> Iterable[tuple[bytes, float, float]]:
    """Each outline, and the fewest and most it holds; a cluster at least what it shows."""
    low, high = _shown(table, column)
    low = np.maximum(low, least_of(table, least))
    high = np.where(clusters_of(table), np.inf, high)
    for shape, fewest, most in zip(in_system_of(cells, table).geometry, low, high, strict=True):
        if shape is not None and (fewest > 0 or np.isfinite(most)):
            yield bytes(shape.wkb), float(fewest), float(most)


def _shown(table: pd.DataFrame, column: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most by what a table shows, as numbers."""
    low, high = bounds_of(table, column)
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


def _as_bytes(shape: Any) -> bytes:
    """An outline; an empty one where there is none."""
    return bytes((shapely.Polygon() if shape is None else shape).wkb)


def about(sums: Sums, now: tuple[pd.Timestamp, pd.Timestamp]) -> Sums:
    """What can matter between two days: windows that overlap these, or one another.

    Cells whose counts contradict one another (data were revised) are known by the first table
    alone.
    """
    reach = _reached(now, [*sums.of_cells, *sums.of_zones])
    near: dict[str, list[Known]] = {}
    for one in sums.of_cells:
        if _within(one, reach):
            near.setdefault(one.theme, []).append(one)
    fit = [_that_fit(known, sums.cells) if len(known) > 1 else known for known in near.values()]
    of_zones = tuple(one for one in sums.of_zones if _within(one, reach))
    return replace(sums, of_cells=tuple(one for known in fit for one in known), of_zones=of_zones)


def _that_fit(known: list[Known], size: int) -> list[Known]:
    fits = fits_together(known, size)
    edges = [(np.where(fits, one.low, 0.0), np.where(fits, one.high, np.inf)) for one in known[1:]]
    more = zip(known[1:], edges, strict=True)
    return [known[0], *(replace(one, low=low, high=high) for one, (low, high) in more)]


def _reached(
    now: tuple[pd.Timestamp, pd.Timestamp], known: Sequence[Known | ZoneSum]
) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = now
    for _ in known:
        before = (start, end)
        for one in known:
            if one.start < end and start < one.end:
                start, end = min(start, one.start), max(end, one.end)
        if (start, end) == before:
            break
    return start, end


def _within(one: Known | ZoneSum, reach: tuple[pd.Timestamp, pd.Timestamp]) -> bool:
    return one.start >= reach[0] and one.end <= reach[1]


class CutGround:
    """Areas, and all the ground outside them, cut along one outline after another.

    Each outline cuts once, however often it is asked for.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        shapes = np.asarray(areas.geometry)
        world = shapely.box(-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)
        outside = shapely.difference(world, shapely.union_all(shapes))
        self.areas: int = len(areas)
        self.pieces: NDArray[Any] = np.array([*shapes, outside], dtype=object)
        self.owner: NDArray[np.intp] = np.arange(len(self.pieces))
        self.inside: NDArray[np.bool_] = np.zeros((len(self.pieces), 0), dtype=bool)
        self.columns: dict[bytes, int] = {}

    def along(self, outlines: Sequence[bytes]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The area of each piece, and the outlines it lies in; outlines as WKB.

        One more area, the last, is all the ground outside, where zones can hold anything.
        """
        for outline in outlines:
            if outline not in self.columns:
                self.columns[outline] = self.inside.shape[1]
                self._cut(shapely.from_wkb(outline))
        inside = self.inside[:, [self.columns[outline] for outline in outlines]]
        kept = np.bincount(self.owner)[self.owner] == 1  # a whole area; of others, each kind once
        rows = np.flatnonzero(~kept)
        # Eight outlines a byte: `unique` sorts rows of some bytes instead of hundreds of columns.
        keys = np.c_[self.owner[rows], np.packbits(inside[rows], axis=1)]
        kept[rows[np.unique(keys, axis=0, return_index=True)[1]]] = True
        return self.owner[kept], inside[kept]

    def _cut(self, outline: BaseGeometry) -> None:
        """Every piece that the outline crosses becomes two; slivers are left where they are."""
        pieces, owner = self.pieces, self.owner
        # The ground outside is one piece along all areas, so slivers of all of them add up in it.
        least = np.where(owner == self.areas, SLIVER_M2 * max(self.areas, 1), SLIVER_M2)
        # A prepared outline sorts pieces some thirty times faster than it cuts them, and most lie
        # wholly inside or outside.
        shapely.prepare(outline)
        touched = np.flatnonzero(shapely.intersects(outline, pieces))
        covered = shapely.covers(outline, pieces[touched])
        here = np.zeros(len(pieces), dtype=bool)
        here[touched[covered]] = True
        cut = touched[~covered]
        within = shapely.intersection(pieces[cut], outline)
        real = shapely.area(within) > least[cut]
        cut, within = cut[real], within[real]
        without = shapely.difference(pieces[cut], outline)
        split = shapely.area(without) > least[cut]
        pieces[cut] = within
        here[cut] = True
        rest = np.c_[self.inside[cut[split]], np.zeros(split.sum(), dtype=bool)]
        self.pieces = np.r_[pieces, without[split]]
        self.owner = np.r_[owner, owner[cut[split]]]
        self.inside = np.r_[np.c_[self.inside, here], rest]
