"""Real incidents for the benchmarks: a folder of data.police.uk files, or a table of points.

A table (CSV, also gzipped) has longitude and latitude in degrees or x and y in metres, and a date;
where it has a column of offences, each of them is a theme.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

EARTH_M = 6_371_008.8
DEGREES = (("longitude", "latitude"), ("lon", "lat"), ("long", "lat"))
MOST_UNREAD = 0.05
THEMES = ("asb", "serious_violence")


def options_of_source() -> argparse.ArgumentParser:
    """A command that reads such a source, for further options."""
    ask = argparse.ArgumentParser()
    ask.add_argument("source")
    ask.add_argument("--offence", default="", help="column of a table whose values are themes")
    ask.add_argument("--day-first", action="store_true")
    ask.add_argument("--themes", nargs="+", help="by default all that are common")
    return ask


def by_theme(asked: argparse.Namespace) -> Iterator[tuple[str, hs.Selection]]:
    """The incidents of the source, theme by theme."""
    incidents = read(asked.source, offence=asked.offence, day_first=asked.day_first)
    for theme in asked.themes or themes_of(incidents):
        yield theme, hs.select(incidents, hs.Question(theme))


def read(
    source: str, *, offence: str = "", day_first: bool = False, since: str = "2014-01-01"
) -> gpd.GeoDataFrame:
    """Incidents with themes; in metres."""
    if Path(source).is_dir():
        record = hs.RunRecord("Benchmark", marking="OPEN DATA")
        incidents = hs.load_incidents(source, record=record)
        return hs.tag_themes(incidents, hs.Themes.police_uk(), record=record)
    rows = pd.read_csv(source, low_memory=False)
    names = {str(name).casefold(): name for name in rows.columns}
    date = next(names[name] for name in names if "date" in name and "until" not in name)
    day = pd.to_datetime(rows[date].astype(str).str[:10], dayfirst=day_first, errors="coerce")
    if day.isna().mean() > MOST_UNREAD:
        raise SystemExit(f"{day.isna().mean():.0%} of the dates were not read: try --day-first.")
    x, y = _metres(rows, names)
    known = np.isfinite(x) & np.isfinite(y) & day.ge(since).to_numpy()
    start = day[known].dt.tz_localize("Europe/London")
    table = {
        "offence": rows[offence][known] if offence else "incident",
        "offence_scheme": "own",
        "occurred_from": start,
        "occurred_until": start + pd.Timedelta(days=1),
        "time_precision": "day",
        "location_precision": "exact",
        "source": Path(source).name,
    }
    points = gpd.points_from_xy(x[known], y[known], crs=27700)
    incidents = gpd.GeoDataFrame(table, geometry=points).reset_index(drop=True)
    for name in sorted(set(incidents["offence"])):
        incidents[f"theme_{name}"] = incidents["offence"].eq(name)
    return incidents


def themes_of(incidents: gpd.GeoDataFrame, least: int = 10_000) -> list[str]:
    """Themes to try: the two of the police.uk files, else the common offences."""
    named = [one for one in THEMES if f"theme_{one}" in incidents.columns]
    if named:
        return named
    columns = [name for name in incidents.columns if str(name).startswith("theme_")]
    return [str(name)[6:] for name in columns if incidents[name].sum() >= least]


def _metres(rows: pd.DataFrame, names: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    pair = next((pair for pair in DEGREES if set(pair) <= set(names)), None)
    x, y = (rows[names[name]].to_numpy(dtype=float) for name in pair or ("x", "y"))
    if pair is None:
        return x, y
    far = (np.abs(x - np.nanmedian(x)) > 2) | (np.abs(y - np.nanmedian(y)) > 2)
    x, y = np.where(far, np.nan, x), np.where(far, np.nan, y)
    north = np.radians(y) * EARTH_M
    return np.radians(x) * EARTH_M * np.cos(np.radians(np.nanmedian(y))), north
