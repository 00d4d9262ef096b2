"""The attack on a product's own totals, as a check before it is sent.

What a reader knows is a list of sums: each cell, zone and cluster holds so many. Cells are cut
along the outlines of zones into pieces; numbers of incidents in the pieces that fit all sums make a
town that may be the true one. A withheld count is told when all such towns agree on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import in_system_of
from hotspots.core.errors import DataError, require
from hotspots.core.text.mends import Mend
from hotspots.disclosure.count_classes import OPEN_VALUES, bounds_of_shown
from hotspots.disclosure.over_space import column_of, cut_along, sums_of
from hotspots.disclosure.rules import FEWEST

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

WIDE = OPEN_VALUES - 1


def audit_totals(
    areas: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame] = (),
    *,
    clusters: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """What the totals of a disclosed product tell together about every withheld area.

    Parameters
    ----------
    areas : GeoDataFrame
        Disclosed cells of one theme that do not overlap, as they are shown.
    zones : GeoDataFrame or several
        Disclosed zones with a column ``<theme>_count`` (or ``incident_count`` of that theme). They
        may overlap.
    clusters : GeoDataFrame, optional
        Disclosed clusters of that theme: at least so many incidents lie inside.

    Returns
    -------
    DataFrame
        A row for each area known to hold fewer than 5: ``fewest`` and ``most`` incidents among
        the possible towns that were found, ``told`` where all possible towns agree, ``narrow``
        where fewer than 3 values are possible. The search ends once it found values 2 apart, so
        ``fewest`` and ``most`` are bounds only where ``narrow``.

    Raises
    ------
    InputError
        For areas that are not disclosed, or of several themes.
    DataError
        When no town fits: the tables do not belong together.

    Notes
    -----
    It knows what is in these tables and nothing else. For periods, see ``earlier`` of
    :func:`release`.

    Examples
    --------
    Two withheld cells and a ward of 8 to 12 around them: each holds four.

    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoDataFrame({"theme": "asb", "incident_count": [None, None],
    ...     "disclosed_for": "partner", "shown": "small"},
    ...     index=["a", "b"], geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=27700)
    >>> ward = gpd.GeoDataFrame({"asb_count": [10.0], "disclosed_for": "partner"},
    ...     geometry=[box(0, 0, 18, 9)], crs=27700)
    >>> audit_totals(cells, ward)[["fewest", "most", "told"]].values.tolist()
    [[4, 4, True], [4, 4, True]]
    """
    theme = _theme(areas)
    zones = [zones] if isinstance(zones, pd.DataFrame) else list(zones)
    fewest, most = _search(_what_is_known(areas, zones, clusters, theme))
    found = pd.DataFrame(
        {"fewest": fewest[: len(areas)], "most": most[: len(areas)]}, index=areas.index
    )
    found = found[found["most"].notna()].astype(int)
    width = found["most"] - found["fewest"]
    return found.assign(told=width == 0, narrow=width < WIDE)


def _theme(areas: gpd.GeoDataFrame) -> str:
    themes = set(areas["theme"])
    require(
        "disclosed_for" in areas.columns and len(themes) == 1,
        f"`areas` must be a disclosed table of one theme; got {len(themes)} themes"
        f"{'' if 'disclosed_for' in areas.columns else ' and exact counts'}.",
        mend=Mend("theme-by-theme"),
    )
    return str(next(iter(themes)))


@dataclass(frozen=True)
class _Known:
    """Pieces of areas, the area of each, and every sum of pieces with its bounds."""

    owner: NDArray[np.intp]
    inside: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def areas(self) -> int:
        return len(self.low) - int(self.inside.shape[1])

    def a_town(self, wish: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Counts of all areas in a possible town with much of what is wished for."""
        from scipy import sparse
        from scipy.optimize import Bounds, LinearConstraint, milp

        pieces = np.arange(len(self.owner))
        owned = sparse.csr_array((np.ones(len(pieces)), (self.owner, pieces)))
        sums = sparse.vstack([owned, sparse.csr_array(self.inside.T.astype(float))])
        found = milp(
            -wish[self.owner],
            constraints=LinearConstraint(sums, self.low, self.high),
            integrality=np.ones(len(pieces)),
            bounds=Bounds(0, np.inf),
        )
        if not found.success:
            return None
        return np.bincount(self.owner, np.round(found.x), minlength=self.areas).astype(float)

    def alike(self) -> NDArray[np.intp]:
        """A number for areas whose pieces lie in the same zones: what one can hold, all can."""
        packed = np.packbits(self.inside, axis=1)
        pieces = pd.Series([row.tobytes() for row in packed]).groupby(self.owner)
        kinds = pieces.agg(lambda rows: b"|".join(sorted(rows)))
        bounds = pd.Series(list(zip(self.low, self.high, strict=True))[: self.areas])
        return pd.factorize(pd.Series(list(zip(kinds, bounds, strict=True))))[0]


def _what_is_known(
    areas: gpd.GeoDataFrame,
    zones: list[gpd.GeoDataFrame],
    clusters: gpd.GeoDataFrame | None,
    theme: str,
) -> _Known:
    """All sums of a product; clusters hold at least what they show, zones just that."""
    tables = [*zones, *([] if clusters is None else [clusters])]
    tables = [table for table in tables if column_of(table, theme)]
    outlines = [shape for table in tables for shape in in_system_of(areas, table).geometry]
    owner, inside = cut_along(areas, outlines)
    low, high = (np.asarray(edge) for edge in bounds_of_shown(areas, "incident_count"))
    fewest, most = sums_of(tables, theme)
    return _Known(
        owner,
        inside,
        np.concatenate([low, [0.0], fewest]),
        np.concatenate([high, [np.inf], most]),
    )


def _search(known: _Known) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most of each area in the towns that were found, until they are wide enough.

    Many areas are moved at once as long as that gets on; the others are asked one by one.
    """
    alike = known.alike()
    held = np.flatnonzero(known.high[: known.areas] < FEWEST)
    asked = np.zeros(known.areas, dtype=bool)
    asked[pd.Series(held).groupby(alike[held]).first()] = True
    fewest, most = np.full((2, known.areas), np.array([[np.inf], [-np.inf]]))
    random, left = np.random.default_rng(0), -1

    def look(wish: NDArray[np.float64]) -> None:
        town = known.a_town(wish)
        if town is None:
            raise DataError(
                "no numbers of incidents fit these tables; got areas, zones or clusters of "
                "different themes, periods or study areas. Give the tables of one product.",
                rule="impossible-totals",
            )
        np.minimum(fewest, town, out=fewest)
        np.maximum(most, town, out=most)

    while (narrow := asked & ~(most - fewest >= WIDE)).any() and narrow.sum() != left:
        left = narrow.sum()
        for _ in range(3):
            wish = np.where(most >= WIDE, -1.0, 1.0) * random.uniform(0.5, 1.0, known.areas)
            look(wish * (asked & ~(most - fewest >= WIDE)))
    for one in np.flatnonzero(asked & ~(most - fewest >= WIDE)):
        for sign in (1.0, -1.0):
            look(sign * (np.arange(known.areas) == one))
    best = pd.DataFrame({"alike": alike, "fewest": fewest, "most": most})[asked].set_index("alike")
    found = best.reindex(alike)
    return np.asarray(found["fewest"]), np.asarray(found["most"])
