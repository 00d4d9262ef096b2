"""The Protect product: zones with recorded demand, ranked and shaded like any other areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.report.escape import short_name
from hotspots.report.text.words import and_list, figure_words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.report.map.theme_tables import ThemeTables

PROTECT = "protect"
CHOICE = "protect_demand"
MOST_NAMED = 3
OF_FIRST = ("share_of_count", "count_per_km2", "harm", "share_of_harm")


def zones_as_areas(zones: Sequence[gpd.GeoDataFrame], record: RunRecord) -> list[gpd.GeoDataFrame]:
    """Protect zones with ``incident_count`` as ranked areas tables, one a theme; none without.

    The count is that of the first theme; another has its own column, such as ``asb_count``. Zones
    may overlap: their counts are never added up.
    """
    if record.audience != PROTECT:
        return []
    for table in zones:
        mine = table[table["kind"].eq(PROTECT)]
        if len(mine) and "incident_count" in mine:
            first, *others = list(record.themes) or [PROTECT]
            beside = [_of_theme(mine, name) for name in others if f"{name}_count" in mine]
            return [_ranked(mine.assign(theme=first)), *map(_ranked, beside)]
    return []


def _of_theme(zones: gpd.GeoDataFrame, theme: str) -> gpd.GeoDataFrame:
    """The zones with the figures of another theme than the first."""
    count, harm = zones[f"{theme}_count"], zones.get(f"{theme}_harm")
    bare = zones.drop(columns=[name for name in OF_FIRST if name in zones])
    own = bare.assign(theme=theme, incident_count=count)
    return own if harm is None else own.assign(harm=harm)


def _ranked(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    count = zones["incident_count"]
    rank = count.where(count > 0).rank(method="min", ascending=False)
    area = zones["area_km2"] if "area_km2" in zones else zones.geometry.area / 1e6
    never = pd.Series(pd.NaT, index=zones.index)
    return zones.assign(
        place_name=zones["zone_name"], rank=rank, area_km2=area,
        period_from=never, period_until=never,
    ).sort_values("rank", kind="stable")  # fmt: skip


def demand_finding(theme: ThemeTables, record: RunRecord) -> str:
    """Which zones hold most recorded incidents, and how many premises are far from a pack."""
    named = [
        f"{short_name(row['place_name']) or 'Unnamed zone'} ({row['incident_count']:,.0f})"
        for row in (theme.place(place) for place in theme.top[:MOST_NAMED])
    ]
    period = demand_period(record)
    when = f", {period}" if period else ""
    if not named:
        said = f"No incidents are recorded in the zones{when}."
    else:
        first, *others = named
        then = f", then in {and_list(others)}" if others else ""
        said = f"Most incidents are recorded in {first}{then}{when}."
    return " ".join(filter(None, [said, _premises(_choice(record))]))


def empty_zones(theme: ThemeTables) -> str:
    """The zones that are on no list, because nothing is recorded in them."""
    assert theme.whole is not None
    names = [short_name(name) for name in theme.whole.loc[theme.whole["rank"].isna(), "place_name"]]
    return f"No incidents are recorded in {', '.join(names)}." if names and theme.top else ""


def demand_period(record: RunRecord) -> str:
    """The period of the demand, in words, as far as the record knows it."""
    return str(_choice(record).get("period") or "")


def _choice(record: RunRecord) -> dict[str, Any]:
    entries = record.choices.get(CHOICE, [])
    return entries[-1] if entries else {}


def _premises(choice: dict[str, Any]) -> str:
    premises, reach = choice.get("premises"), choice.get("reach_m")
    if not premises:
        return ""
    if not reach or not choice.get("trauma_packs"):
        return f"{premises:,} premises are in the register."
    beyond = choice.get("beyond_reach") or 0
    number = figure_words(beyond, missing="") if beyond else "None"
    return (
        f"{number} of {premises:,} premises {'is' if beyond == 1 else 'are'} further than "
        f"{reach:,.0f} m from every trauma pack in a straight line; a walk is longer."
    )
