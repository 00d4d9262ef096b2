"""Findings in words: the one sentence about a theme that an inspector would read out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.columns import AREAS, require_table

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.record import ThemeStatus


def describe_theme(
    ranked: gpd.GeoDataFrame | None,
    status: ThemeStatus,
    *,
    place: str,
    period: str,
    compared: dict[str, int] | None = None,
    top: int = 5,
) -> str:
    """Say in one sentence where a theme concentrates.

    Parameters
    ----------
    ranked : GeoDataFrame or None
        Ranked and named areas of the theme; None where the theme is absent from the data.
    status : ThemeStatus
        What the data can say about the theme.
    place, period : str
        Words for where and when.
    compared : dict, optional
        Incidents of the whole place in other periods, by their words.
    top : int
        How many places to add up.

    Returns
    -------
    str

    Notes
    -----
    A sentence cannot carry the caveats; print them beside it.
    """
    label = status.label[:1].upper() + status.label[1:]
    if status.state == "absent" or ranked is None:
        return f"{label}: {status.note or 'not in this data; this is not zero'}."
    require_table(
        ranked, AREAS, argument="ranked", only=["incident_count", "place_name"], also=["rank"]
    )
    total = int(ranked["incident_count"].sum())
    withheld = bool(ranked["incident_count"].isna().any())
    if total == 0:
        few = "no place with 5 or more" if withheld else "no"
        return f"{label}: {few} located incidents in {place} in {period}."
    first = ranked.iloc[: min(top, int((ranked["incident_count"] > 0).sum()))]
    held = int(first["incident_count"].sum())
    leader = first.iloc[0]
    return (
        f"{label}: {total:,} located incidents in {'places with 5 or more of ' * withheld}{place} "
        f"in {period}{'' if withheld else _beside(compared)}. "
        f"{_places(len(first))} {held:,} of them ({held / total:.0%}) on "
        f"{_share(first['area_km2'].sum(), ranked)} of the ground, led by {_name(leader)} "
        f"with {int(leader['incident_count']):,}{_harm(leader)}."
    )


def _beside(compared: dict[str, int] | None) -> str:
    if not compared:
        return ""
    words = ", ".join(f"{count:,} in {period}" for period, count in compared.items())
    return f" ({words})"


def _places(count: int) -> str:
    words = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}
    return "One place holds" if count == 1 else f"{words.get(count, count)} places hold"


def _share(area_km2: float, ranked: gpd.GeoDataFrame) -> str:
    whole = float((ranked["area_km2"] * ranked["share_inside"]).sum())
    share = area_km2 / whole if whole else float("nan")
    return f"{share:.2%}" if share < 0.001 else f"{share:.1%}"


def _name(area: pd.Series) -> str:
    ward = area.get("ward_name")
    return f"{area['place_name']}" + (f", {ward}," if isinstance(ward, str) and ward else "")


def _harm(area: pd.Series) -> str:
    harm = area.get("harm")
    return "" if harm is None or pd.isna(harm) else f" (harm {harm:,.0f})"
