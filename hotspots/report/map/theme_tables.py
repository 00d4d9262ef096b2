"""What the map was given about each theme, and where its places stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.periods import Period, Span, span_words
from hotspots.report.text.words import rank_label, standing

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import ThemeStatus
    from hotspots.report.map.earlier import Before


@dataclass
class ThemeTables:
    """Everything the map was given about one theme.

    ``whole`` is the table of areas as the audience may see it, ``cells`` the part that is drawn.
    A place is a group (-1 for cells, else the number of a table of outlines) and a row in it.
    """

    status: ThemeStatus
    whole: gpd.GeoDataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    outlines: list[gpd.GeoDataFrame] = field(default_factory=list)
    periods: pd.DataFrame | None = None
    top: list[tuple[int, int]] = field(default_factory=list)
    previous: list[gpd.GeoDataFrame] = field(default_factory=list)
    before: Before | None = None
    not_beside: str = ""

    @property
    def tables(self) -> list[gpd.GeoDataFrame]:
        """The areas and the outlines, as far as there are any."""
        return [table for table in (self.whole, *self.outlines) if table is not None]

    @property
    def size(self) -> int:
        """How many areas there are, empty ones included."""
        return 0 if self.whole is None else len(self.whole)

    @property
    def total(self) -> float:
        """Incidents in the areas, as far as they are shown."""
        return 0.0 if self.whole is None else float(self.whole["incident_count"].sum())

    @property
    def period(self) -> str:
        """The period of the areas, in words."""
        for table in self.tables:
            if len(table):
                return span_words(table["period_from"].iloc[0], table["period_until"].iloc[0])
        return ""

    @property
    def span(self) -> Span | None:
        """Start and end of the period of the areas; none where it is not known."""
        for table in self.tables:
            if len(table) and table["period_from"].notna().iloc[0]:
                return table["period_from"].iloc[0], table["period_until"].iloc[0]
        return None

    @property
    def key(self) -> str:
        """The period of the areas as tables name it."""
        return Period(*self.span, "").key if self.span else ""

    @property
    def short(self) -> str:
        """The period of the areas with months of three letters."""
        return span_words(*self.span, short=True) if self.span else ""

    @property
    def weighed(self) -> bool:
        """Whether any area has harm."""
        return any("harm" in table and bool(table["harm"].notna().any()) for table in self.tables)

    @property
    def disclosed(self) -> bool:
        """Whether numbers are rounded and small ones withheld."""
        return any("disclosed_for" in table for table in self.tables)

    @property
    def no_harm(self) -> str:
        """What stands in the place of harm where no area has any."""
        return "not shown" if self.disclosed else "not weighed"

    @property
    def of_zones(self) -> bool:
        """Whether the areas are Protect zones with their demand."""
        if not self.size or self.whole is None:
            return False
        return bool(self.whole["kind"].eq("protect").all())

    def group(self, number: int) -> gpd.GeoDataFrame:
        """The table a place is in."""
        table = self.cells if number < 0 else self.outlines[number]
        assert table is not None
        return table

    def place(self, place: tuple[int, int]) -> pd.Series:
        """The row of one place."""
        group, item = place
        return self.group(group).iloc[item]

    def rank(self, place: tuple[int, int]) -> str:
        """Where a place stands, as the whole page writes it: "3", or "3=" where others stand too.

        "3=" follows the custom of league tables: two places third, none fourth.
        """
        table = self.group(place[0])
        rank = self.place(place).get("rank")
        return "" if rank is None or pd.isna(rank) else rank_label(rank, table["rank"])

    def standing(self, place: tuple[int, int]) -> str:
        """Rank of a place with its interval, in words."""
        return standing(self.place(place), rank=self.rank(place))

    def unlisted(self) -> tuple[str, int]:
        """The rank at which the list ends, and how many other areas share it."""
        if not self.top:
            return "", 0
        last = self.place(self.top[-1])["rank"]
        level = int((self.group(self.top[-1][0])["rank"] == last).sum())
        listed = sum(self.place(place)["rank"] == last for place in self.top)
        return self.rank(self.top[-1]), level - listed


def drawn_cells(cells: gpd.GeoDataFrame, *others: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """The cells that hold something now, at another time, or a withheld number.

    ``others`` are tables of other times, with ``incident_count`` and ``area_id`` (or on it).
    """
    now = cells["incident_count"]
    keep = now.isna() | (now > 0)
    for table in others:
        if table is not None:
            owner = table["area_id"] if "area_id" in table else table.index.to_series()
            count = table["incident_count"].astype(float)
            some = owner[(count.isna() | (count > 0)).to_numpy()].unique()
            keep |= cells.index.astype(str).isin(some.astype(str))
    return cells[keep]


def top_places(theme: ThemeTables, most: int) -> list[tuple[int, int]]:
    """The best-ranked places: cells where cells are ranked, else the first ranked outlines.

    Places that tie stand in order of count, harm and id, whatever the order of the table.
    """
    for group, table in enumerate([theme.cells, *theme.outlines], start=-1):
        if table is None or "rank" not in table or not table["rank"].notna().any():
            continue
        harm = table["harm"].fillna(0.0) if "harm" in table else 0.0
        order = pd.DataFrame(
            {
                "rank": table["rank"].astype("Float64"),
                "count": -table["incident_count"].astype(float),
                "harm": -1.0 * harm,
                "id": table.index.astype(str),
            }
        ).reset_index(drop=True)
        order = order[order["rank"].notna() & (order["count"] != 0)]
        order = order.sort_values(["rank", "count", "harm", "id"], kind="stable")
        return [(group, int(item)) for item in order.index[:most]]
    return []
