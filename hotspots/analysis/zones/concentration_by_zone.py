"""Which few cells make a zone's problem."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.errors import require
from hotspots.core.tables import AREAS, OVERLAPS, require_table

if TYPE_CHECKING:
    import geopandas as gpd

TINY = 1e-9


def zone_concentration(
    areas: gpd.GeoDataFrame,
    overlaps: pd.DataFrame,
    *,
    by: str = "count",
    share: float = 0.5,
) -> pd.DataFrame:
    """How few cells hold a share of each zone's incidents, and which they are.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of one theme and one kind of cell.
    overlaps : DataFrame
        Overlaps table of these areas, from :func:`relate_to_zones`: a cell on a zone's edge brings
        only its incidents inside the zone.
    by : {"count", "harm"}
        What is held.
    share : float
        The share asked about, above 0 and up to 1.

    Returns
    -------
    DataFrame
        By ``zone_id``, in its order: ``zone_name``, ``kind``, ``held`` (count or harm in the zone),
        ``cells`` (that touch the zone), ``cells_used`` (with any), ``cells_for_share`` (the fewest
        that hold the share), ``share_held`` by these, ``cells_if_even`` (how many it would take if
        incidents were spread as evenly as so few can be), ``leading_cells`` (their ``area_id``,
        most first), ``leading_places`` (their names, each once) and ``by``. Words for each row:
        :func:`describe_concentration`.

    Raises
    ------
    InputError
        For tables that lack columns, another ``by``, or a share outside 0 to 1.

    Notes
    -----
    Cells are drawn without regard to streets: a hot street on a cell border counts as two cells.
    Few incidents always sit in few cells; compare with ``cells_if_even``.

    References
    ----------
    Bernasco, W. and Steenbeek, W. (2017). https://doi.org/10.1007/s10940-016-9324-7

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoDataFrame({"kind": "square-100", "theme": "asb", "incident_count": [8, 1, 1],
    ...     "place_name": ["High Street", None, None]}, index=["a", "b", "c"],
    ...     geometry=[box(0, 0, 9, 9)] * 3, crs=27700)
    >>> overlaps = pd.DataFrame({"zone_name": "Armley", "kind": "ward", "share_of_area": 1.0,
    ...     "share_of_zone": 0.1, "share_of_count": 1.0, "share_of_harm": float("nan")},
    ...     index=pd.MultiIndex.from_product([["a", "b", "c"], ["w1"]],
    ...                                      names=["area_id", "zone_id"]))
    >>> few = zone_concentration(cells, overlaps).loc["w1"]
    >>> int(few["cells_for_share"]), int(few["cells"]), few["leading_places"]
    (1, 3, ['High Street'])
    """
    require(by in ("count", "harm"), f'`by` must be "count" or "harm"; got {by!r}.')
    require(0 < share <= 1, f"`share` must be above 0 and up to 1; got {share!r}.")
    column = "incident_count" if by == "count" else "harm"
    require_table(areas, AREAS, argument="areas", only=[column])
    require_table(overlaps, OVERLAPS, argument="overlaps")
    brought = _brought(areas, overlaps, column, f"share_of_{by}")
    names = areas["place_name"] if "place_name" in areas.columns else pd.Series(dtype=object)
    rows = [
        _one_zone(zone_id, part, share, by, names)
        for zone_id, part in brought.groupby("zone_id", sort=True)
    ]
    index = pd.Index([row.pop("zone_id") for row in rows], name="zone_id", dtype=object)
    return pd.DataFrame(rows, index=index, columns=COLUMNS)


COLUMNS = [
    "zone_name",
    "kind",
    "held",
    "cells",
    "cells_used",
    "cells_for_share",
    "share_held",
    "cells_if_even",
    "leading_cells",
    "leading_places",
    "by",
]


def _brought(
    areas: gpd.GeoDataFrame, overlaps: pd.DataFrame, column: str, share: str
) -> pd.DataFrame:
    """What each cell brings to each zone; a cell without incidents brings nothing."""
    flat = overlaps.reset_index()
    flat = flat[flat["area_id"].isin(areas.index)]
    whole = areas[column].reindex(flat["area_id"]).to_numpy(dtype=float)
    brought = np.nan_to_num(whole) * np.nan_to_num(flat[share].to_numpy(dtype=float))
    return flat.assign(brought=brought).sort_values(
        ["brought", "area_id"], ascending=[False, True], kind="stable"
    )


def _one_zone(
    zone_id: object, cells: pd.DataFrame, share: float, by: str, names: pd.Series
) -> dict[str, object]:
    held = float(cells["brought"].sum())
    running = cells["brought"].cumsum().to_numpy()
    used = int((cells["brought"] > 0).sum())
    needed = int(np.searchsorted(running, share * held * (1 - TINY)) + 1) if held > 0 else 0
    leading = cells["area_id"].iloc[:needed].tolist()
    spread = len(cells) if by == "harm" else min(len(cells), round(held))
    named = [names.get(label) for label in leading]
    return {
        "zone_id": zone_id,
        "zone_name": cells["zone_name"].iloc[0],
        "kind": cells["kind"].iloc[0],
        "held": round(held) if by == "count" else held,
        "cells": len(cells),
        "cells_used": used,
        "cells_for_share": needed,
        "share_held": running[needed - 1] / held if needed else math.nan,
        "cells_if_even": math.ceil(share * spread * (1 - TINY)),
        "leading_cells": leading,
        "leading_places": list(dict.fromkeys(name for name in named if isinstance(name, str))),
        "by": by,
    }
