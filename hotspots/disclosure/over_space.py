"""Totals of zones and clusters beside all that a product shows: which classes would tell.

What is shown so far are sums of incidents in pieces of ground. A linear programme gives the fewest
and the most that the next zone can hold; near these two ends few towns are possible, and classes
are merged there. Cells that are cut alike and show the same are one variable, to keep it quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.crs import in_system_of
from hotspots.core.tables import has_shapes
from hotspots.disclosure.count_classes import (
    OPEN_VALUES,
    Cut,
    Seen,
    bounds_of_shown,
    class_name,
    class_of,
    shown,
)
from hotspots.disclosure.over_time import bounds_now
from hotspots.disclosure.rules import counts_in_cells

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


NEARLY = 1e-6


def shown_beside(
    zones: pd.DataFrame,
    theme: str,
    exact: pd.Series,
    cut: Cut,
    beside: Sequence[gpd.GeoDataFrame],
    *,
    least: float = 0.0,
    earlier: Sequence[pd.DataFrame] = (),
) -> Seen:
    """Counts of zones or clusters as they are shown beside tables that are shown already.

    Four cells of 8 to 12 in a ward of 28 to 32 would leave nothing for any other cell; a cluster of
    8 over two cells of fewer than 5 would mean four in each; two wards of fewer than 5 around one
    cell of 8 to 12 would hold four each. One zone comes after another, each beside those before it,
    so no class depends on the count it shows. ``least`` is what a cluster is known to hold;
    ``earlier`` products narrow what the reader knows of the cells.
    """
    cells = next((t for t in beside if counts_in_cells(t) and column_of(t, theme)), None)
    if cells is None or not len(zones) or not has_shapes(zones):
        return shown(exact, cut)
    others = [t for t in beside if t is not cells and has_shapes(t) and column_of(t, theme)]
    known = _Known(cells, [*others, zones], theme, _of_cells(cells, theme, earlier), least)
    fewer, more, held, gone = np.zeros((4, len(zones)), dtype=bool)
    counts = pd.Series(np.nan, index=exact.index)
    clusters = _clusters(zones)
    for row in np.argsort(zones.index.map(str), kind="stable"):
        column = known.size - len(zones) + row
        fewest, most = known.ends(column)
        fewest = least if clusters[row] else fewest
        here = Cut(cut.lowest[[row]], cut.highest[[row]], cut.held[[row]])
        here = here.and_also(_cut(fewest, most))
        gone[row] = clusters[row] and most - fewest < OPEN_VALUES - 1
        seen = shown(exact.iloc[[row]], replace(here, held=here.held | gone[row]))
        fewer[row], more[row], held[row] = seen.fewer[0], seen.more[0], seen.held[0]
        counts.iloc[row] = seen.counts.iloc[0]
        known.learn(column, *(float(edge[0]) for edge in seen.bounds()))
    return Seen(counts, fewer, more, held, gone)


def _clusters(zones: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are clusters: they show their members, and others can lie between these."""
    if "kind" not in zones.columns:
        return np.zeros(len(zones), dtype=bool)
    return np.asarray(zones["kind"] == CLUSTER)


def _cut(fewest: float, most: float) -> Cut:
    """The classes of both ends where fewer than three of their counts are possible."""
    ends = []
    for end in (fewest, most):
        low, high = (float(edge) for edge in class_of(end))
        left = min(high, most) - max(low, fewest) + 1
        tells = left < OPEN_VALUES and most > fewest and np.isfinite(end)
        ends.append(np.array([float(class_name(end)) if tells else np.nan]))
    return Cut(ends[0], ends[1], np.zeros(1, dtype=bool))


class _Known:
    """What can be said of each zone from cells, and from the zones that are shown already."""

    def __init__(
        self,
        cells: gpd.GeoDataFrame,
        zones: list[gpd.GeoDataFrame],
        theme: str,
        bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
        least: float,
    ) -> None:
        outlines = [shape for table in zones for shape in in_system_of(cells, table).geometry]
        owner, inside = cut_along(cells, outlines)
        self.size = len(outlines)
        self._gather(owner, inside, np.r_[bounds[0], 0.0], np.r_[bounds[1], np.inf])
        self.least = np.concatenate([least * _clusters(table) for table in zones])
        low, high = sums_of(zones[:-1], theme)
        for column, (fewest, most) in enumerate(zip(low, high, strict=True)):
            self.learn(column, fewest, most)

    def _gather(
        self,
        owner: NDArray[np.intp],
        inside: NDArray[np.bool_],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        """One group of variables for all cells that are cut alike and show the same."""
        found: dict[tuple[Any, ...], int] = {}
        packed = [row.tobytes() for row in np.packbits(inside, axis=1)]
        parts: list[set[bytes]] = [set() for _ in low]
        for piece, cell in zip(packed, owner, strict=True):
            parts[cell].add(piece)
        for one, fewest, most in zip(parts, low, high, strict=True):
            kind = (tuple(sorted(one)), float(fewest), float(most))
            found[kind] = found.get(kind, 0) + 1
        group = [number for number, (kind, *_) in enumerate(found) for _ in kind]
        bits = [np.frombuffer(part, dtype=np.uint8) for kind, *_ in found for part in kind]
        width = inside.shape[1]
        self.inside = np.array([np.unpackbits(one)[:width] for one in bits], dtype=float)
        member = np.arange(len(found))[:, None] == np.array(group)[None, :]
        self.rows = list(member.astype(float))
        self.low = [size * fewest for (_, fewest, _), size in found.items()]
        self.high = [size * most for (_, _, most), size in found.items()]

    def learn(self, column: int, low: float, high: float) -> None:
        """A zone holds so many; a cluster at least, and what every cluster of the theme holds."""
        if self.least[column]:
            low, high = max(low, self.least[column]), np.inf
        if low > 0 or np.isfinite(high):
            self.rows.append(self.inside[:, column])
            self.low.append(float(low))
            self.high.append(float(high))

    def ends(self, column: int) -> tuple[float, float]:
        """Fewest and most incidents a zone can hold; nothing is known where nothing fits."""
        from scipy.optimize import LinearConstraint, milp

        goal = self.inside[:, column]
        sums = LinearConstraint(np.array(self.rows), self.low, self.high)
        found = []
        for sign in (1.0, -1.0):
            answer = milp(sign * goal, constraints=sums)
            if answer.status == 3 and sign < 0:
                found.append(np.inf)
            elif not answer.success:
                return 0.0, np.inf
            else:
                found.append(sign * float(answer.fun))
        return np.ceil(found[0] - NEARLY), np.floor(found[1] + NEARLY)


def _of_cells(
    cells: gpd.GeoDataFrame, theme: str, earlier: Sequence[pd.DataFrame]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most of each cell, from what is shown now and was shown before."""
    if "disclosed_for" in cells.columns:
        low, high = (np.asarray(edge) for edge in bounds_of_shown(cells, "incident_count"))
    else:
        low, high = class_of(np.asarray(cells["incident_count"], dtype=float))
    same = [
        table
        for table in earlier
        if column_of(table, theme) == "incident_count"
        and ("kind" not in table.columns or set(table["kind"]) == set(cells["kind"]))
    ]
    return bounds_now(cells, "incident_count", same, low, high)


SLIVER_M2 = 1.0
WORLD_M = 1e8
MOST_KEPT = 8
CLUSTER = "cluster"


def column_of(table: pd.DataFrame, theme: str) -> str | None:
    """The column of a table that counts a theme."""
    if f"{theme}_count" in table.columns:
        return f"{theme}_count"
    named = "theme" in table.columns and theme in set(table["theme"])
    return "incident_count" if named and "incident_count" in table.columns else None


def sums_of(
    tables: Iterable[gpd.GeoDataFrame], theme: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most inside each zone and cluster of disclosed tables, in their order.

    A cluster shows its members; other incidents can lie between them.
    """
    low, high = [np.array([])], [np.array([])]
    for table in tables:
        column = column_of(table, theme)
        fewest, most = bounds_of_shown(table, column) if column else (table.index * 0.0, np.inf)
        clusters = "kind" in table.columns and (table["kind"] == CLUSTER).to_numpy()
        low.append(np.broadcast_to(np.asarray(fewest, dtype=float), len(table)))
        high.append(np.where(clusters, np.inf, np.broadcast_to(most, len(table))))
    return np.concatenate(low), np.concatenate(high)


def cut_along(
    areas: gpd.GeoDataFrame, outlines: list[BaseGeometry]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Areas cut along every outline: the area of each piece, and the outlines it lies in.

    One more area, the last, is all the ground outside them, where zones can hold anything.
    """
    import shapely

    shapes = np.asarray(areas.geometry)
    key = _key(shapes)
    names = tuple(_key(np.array([outline])) for outline in outlines)
    found = _FOUND.get(key)
    if found is None or found.outlines != names[: len(found.outlines)]:
        world = shapely.box(-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)
        outside = shapely.difference(world, shapely.union_all(shapes))
        pieces = np.array([*shapes, outside], dtype=object)
        found = _Pieces((), pieces, np.arange(len(pieces)), np.zeros((len(pieces), 0), dtype=bool))
    for name, outline in list(zip(names, outlines, strict=True))[len(found.outlines) :]:
        found = _cut_once(found, name, outline, len(areas))
    if len(_FOUND) >= MOST_KEPT:
        _FOUND.clear()
    _FOUND[key] = found
    return found.owner, found.inside


@dataclass(frozen=True)
class _Pieces:
    """Areas cut along some outlines; kept, since the next zone is cut beside the same ones."""

    outlines: tuple[int, ...]
    pieces: NDArray[np.object_]
    owner: NDArray[np.intp]
    inside: NDArray[np.bool_]


_FOUND: dict[int, _Pieces] = {}


def _cut_once(found: _Pieces, name: int, outline: BaseGeometry, areas: int) -> _Pieces:
    """Every piece that the outline crosses becomes two; slivers are left where they are."""
    import shapely

    pieces, owner = found.pieces.copy(), found.owner
    least = np.where(owner == areas, SLIVER_M2 * max(areas, 1), SLIVER_M2)
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
    inside = np.c_[found.inside, here]
    rest = np.c_[found.inside[cut[split]], np.zeros(split.sum(), dtype=bool)]
    return _Pieces(
        (*found.outlines, name),
        np.r_[pieces, without[split]],
        np.r_[owner, owner[cut[split]]],
        np.r_[inside, rest],
    )


def _key(shapes: NDArray[np.object_]) -> int:
    import shapely

    return hash(tuple(shapely.to_wkb(shapes)))
