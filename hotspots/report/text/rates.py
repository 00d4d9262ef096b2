"""Rates as they are written: what they are for, at a scale that reads well, with their interval."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hotspots.report.escape import plain_text

RATED = ("density", "rate")
"""What areas are ranked by, where that is a rate."""
_UNITS = {"km2": (1.0, "per km2"), "m": (100.0, "per 100 m")}


def rate_unit(per: str) -> tuple[float, str]:
    """What a rate is multiplied by to be written, and for how much it then is.

    Examples
    --------
    >>> rate_unit("km2"), rate_unit("m"), rate_unit("usual_residents")
    ((1.0, 'per km2'), (100.0, 'per 100 m'), (1000.0, 'per 1,000 usual residents'))
    """
    return _UNITS.get(per, (1_000.0, f"per 1,000 {plain_text(per).replace('_', ' ')}"))


def rate_per(areas: pd.DataFrame | None) -> str:
    """What areas that are ranked by a rate have it for; nothing where they are not.

    Examples
    --------
    >>> rate_per(pd.DataFrame({"ranked_by": ["rate"], "rate_per": "residents", "rate": 0.1}))
    'residents'
    """
    if areas is None or "ranked_by" not in areas.columns:
        return ""
    if "disclosed_for" in areas.columns:
        return "km2" if set(areas["ranked_by"].dropna()) == {"density"} else ""
    if not {"rate_per", "rate"} <= set(areas.columns):
        return ""
    if not set(areas["ranked_by"].dropna()) & set(RATED):
        return ""
    return str(next(iter(areas["rate_per"].dropna()), ""))


def rate_words(area: Any, *, unit: bool = False) -> str:
    """The rate of an area with its interval; that of a rounded count, about so many per km2.

    Examples
    --------
    >>> rate_words({"rate": 0.0042, "rate_low": 0.0021, "rate_high": 0.0079, "rate_per": "homes"})
    '4.2 (2.1 to 7.9)'
    >>> rate_words({"rate": 120.4, "rate_per": "km2"}, unit=True)
    '120 per km2'
    >>> rate_words({"incident_count": 15.0, "area_km2": 0.5, "disclosed_for": "partner"})
    'about 30.0'
    >>> ends = {"rate_low": 41.0, "rate_high": 277.0}
    >>> rate_words({"rate": 110.0, "rate_per": "km2"} | ends, unit=True)
    '110 per km2, 90% interval 41.0 to 277'
    """
    if isinstance(area.get("disclosed_for"), str):
        about = area["incident_count"] / area["area_km2"]
        said = "" if pd.isna(about) else f"about {_figure(about)}"
        return f"{said} per km2" if unit and said else said
    if pd.isna(area.get("rate")):
        return ""
    scale, words = rate_unit(str(area["rate_per"]))
    said = _figure(area["rate"] * scale) + (f" {words}" if unit else "")
    low, high = area.get("rate_low"), area.get("rate_high")
    if pd.isna(low) or pd.isna(high):
        return said
    ends = f"{_figure(low * scale)} to {_figure(high * scale)}"
    return f"{said}, 90% interval {ends}" if unit else f"{said} ({ends})"


def _figure(number: float) -> str:
    """About three digits, as many as a rate can carry."""
    digits = 0 if number >= 100 else 1 if number >= 1 else 2
    return f"{number:,.{digits}f}"


def rates_as_written(areas: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Areas with their rates at the scale they are written in, and the headings of the columns."""
    if not {"rate", "rate_per"} <= set(areas.columns) or areas["rate_per"].dropna().nunique() != 1:
        return areas, []
    scale, words = rate_unit(str(areas["rate_per"].dropna().iloc[0]))
    heads = {
        "rate": f"Incidents {words}",
        "rate_low": "Rate, low end",
        "rate_high": "Rate, high end",
    }
    there = [name for name in heads if name in areas.columns and areas[name].notna().any()]
    scaled = areas.assign(**{name: areas[name] * scale for name in there})
    return scaled, [(name, heads[name]) for name in there]
