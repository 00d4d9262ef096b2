"""The first places of a ranking, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.tables import AREAS, require_table, says_something
from hotspots.report.text.likelihood import EVIDENCE
from hotspots.report.text.words import rank_label

if TYPE_CHECKING:
    import geopandas as gpd

AS_THEY_ARE = ("place_name", "ward_name", "incident_count", "harm")
HEADS = {
    "place_name": "place", "ward_name": "ward", "incident_count": "incidents",
    "rank_interval": "rank range",
}  # fmt: skip
IN_SHORT = {EVIDENCE["beyond-chance"]: "beyond chance"}
WIDTH = 80


def top(areas: gpd.GeoDataFrame, top: int = 10) -> pd.DataFrame:
    """Show the first places of a ranking: where, how many, how sure.

    Parameters
    ----------
    areas : GeoDataFrame
        Ranked areas of one theme, from :func:`rank_areas`.
    top : int
        Places shown.

    Returns
    -------
    DataFrame
        On ``area_id``, in order of rank: ``rank`` in words ("3=" where it is shared), then, as far
        as the areas have them, ``place_name``, ``ward_name``, ``incident_count``, ``harm`` (in the
        unit of the scale), ``rank_interval`` ("2 to 212") and ``evidence`` in words. Areas without
        a rank are not in it. Printed, it is cut to 80 columns and leaves out the ids.

    Raises
    ------
    InputError
        For areas that are not ranked, or fewer places than none.

    Notes
    -----
    A list ends somewhere: where the last rank is shared ("7="), others stand level and may not be
    on it. It misleads when the interval is not read: "3" with "2 to 212" is as good as 200 others.

    Examples
    --------
    >>> import geopandas as gpd, hotspots as hs
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"theme": "asb", "incident_count": [5, 9, 5],
    ...     "place_name": ["Mill Lane", "Market Square", "Quay"]}, index=list("abc"),
    ...     geometry=[box(0, 0, 1, 1)] * 3, crs=27700)
    >>> print(hs.top(hs.rank_areas(areas), 2))
    rank         place  incidents
       1 Market Square          9
      2=     Mill Lane          5
    """
    require(top >= 0, f"`top` must be 0 or more places; got {top}.")
    require_table(areas, AREAS, argument="areas", only=["rank"])
    placed = pd.DataFrame(areas[areas["rank"].notna()])
    first = placed.sort_values("rank", kind="stable").head(top)
    shown: dict[str, Any] = {"rank": [rank_label(rank, placed["rank"]) for rank in first["rank"]]}
    shown |= {name: first[name] for name in AS_THEY_ARE if says_something(placed, name)}
    if "rank_low" in first and "rank_high" in first:
        ends = zip(first["rank_low"], first["rank_high"], strict=True)
        shown["rank_interval"] = [_interval(*both) for both in ends]
    if "evidence" in first:
        shown["evidence"] = [EVIDENCE.get(str(code), "") for code in first["evidence"]]
    return TopPlaces(shown, index=first.index.rename("area_id"))


class TopPlaces(pd.DataFrame):
    """A table whose printed form fits a screen of 80 columns; every method gives a plain one."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        plain = pd.DataFrame(self).rename(columns=HEADS)
        if "evidence" in plain:
            plain["evidence"] = plain["evidence"].replace(IN_SHORT)
        texts = [name for name in ("place", "ward") if name in plain]
        taken = len(plain.drop(columns=texts).to_string(index=False).split("\n", 1)[0])
        for left, name in zip(range(len(texts), 0, -1), texts, strict=True):
            room = max((WIDTH - taken) // left - 2, len(name))
            plain[name] = [_clipped(text, room) for text in plain[name]]
            taken += max([len(name), *plain[name].str.len()]) + 2
        return str(plain.to_string(index=False))


def _clipped(text: Any, room: int) -> str:
    said = text if isinstance(text, str) else ""
    return said if len(said) <= room else f"{said[: room - 1]}…"


def _interval(low: Any, high: Any) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
