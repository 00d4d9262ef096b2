"""How areas and zones overlap, as their reader may have it: on the ground as it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.zones.overlaps import ground_shares
from hotspots.core.crs import in_system_of
from hotspots.core.errors import require
from hotspots.core.tables import has_shapes
from hotspots.disclosure.release_table import Told, release_table
from hotspots.disclosure.rules import clusters_of

if TYPE_CHECKING:
    from hotspots.disclosure.rules import Reader

SHARES = ["share_of_area", "share_of_zone"]


def release_overlaps(
    overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None,
    areas: Sequence[pd.DataFrame],
    zones: Sequence[pd.DataFrame],
    reader: Reader,
) -> Told[pd.DataFrame] | None:
    """All overlaps in one table, made safe; none where there are none.

    ``areas`` and ``zones`` are released already. Where something is withheld, areas that are left
    out are left out here, too; a zone that is there for an incident on its border alone goes; and
    clusters, which are drawn on squares, have the shares of these: two exact shares tell the size
    of the exact outline, and so how many places lie in it.
    """
    pairs = together(overlaps)
    if pairs is None:
        return None
    told = release_table(pairs, reader)
    if reader.sees_everything:
        return told
    return replace(told, table=_as_drawn(told.table, areas, zones))


def _as_drawn(pairs: pd.DataFrame, areas: Sequence[Any], zones: Sequence[Any]) -> pd.DataFrame:
    pairs = pairs[pairs["share_of_area"].ne(0)]
    if areas:
        listed = pd.Index([name for table in areas for name in table.index])
        pairs = pairs[pairs.index.get_level_values("area_id").isin(listed)]
    drawn = [part for table in areas if len(part := table[clusters_of(table)])]
    outlines = [table for table in zones if has_shapes(table) and len(table)]
    names = pairs.index.get_level_values("area_id")
    mine = np.asarray(names.isin([name for table in drawn for name in table.index]))
    safe = pairs.copy()
    safe.loc[mine, SHARES] = np.nan
    if drawn and outlines and mine.any():
        ground: Any = pd.concat([in_system_of(outlines[0], one) for one in outlines])
        squares: Any = pd.concat([in_system_of(ground, one) for one in drawn])
        shares = ground_shares(squares, ground)
        shares = shares[~shares.index.duplicated()]
        safe.loc[mine, SHARES] = shares.reindex(pairs.index[mine]).to_numpy()
    return safe


def together(overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None) -> pd.DataFrame | None:
    """All overlaps in one table; areas of the same ground are named once."""
    several = [overlaps] if isinstance(overlaps, pd.DataFrame) else list(overlaps or ())
    if not several:
        return None
    keys = ["area_id", "zone_id"]
    flat = [
        table.reset_index() if set(keys) & set(table.index.names) else table for table in several
    ]
    for table in flat:
        missing = [name for name in (*keys, "share_of_area") if name not in table]
        require(not missing, f"`overlaps` must be a table of overlaps; it lacks {missing}.")
    return pd.concat(flat, ignore_index=True).drop_duplicates(keys).set_index(keys)
