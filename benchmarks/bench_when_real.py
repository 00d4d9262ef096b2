"""When, on real data with days, hours, or a start and an end.

Run: python benchmarks/bench_when_real.py FOLDER

The folder holds open data of Chicago (arson 2016, burglary 2014 to 2017: day), New York (vehicle
thefts 2014 to 2017: start and end) and Toronto (2014 to 2021: day and hour) as CSV.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs
from hotspots.analysis.when.days_and_months import days_of_week
from hotspots.analysis.when.live import live_list


def main() -> None:
    folder = Path(sys.argv[1])
    chicago = "America/Chicago"
    arson = pd.read_csv(folder / "chicago_arson_nearrepeat.csv.gz")
    days = pd.to_datetime(arson["date"])
    repeats("Chicago arson 2016", table(days, None, arson["X"], arson["Y"], "EPSG:26971", chicago))
    burglary = pd.read_csv(folder / "chicago_burglary_2014_2017.csv.gz")
    days = pd.to_datetime(burglary["date_single"], format="%d/%m/%Y")
    one = days.dt.year == 2014
    rows = table(days[one], None, burglary["x"][one], burglary["y"][one], "EPSG:26971", chicago)
    repeats("Chicago burglary 2014", rows)
    thefts(folder)
    toronto(folder)


def table(
    start: pd.Series, until: pd.Series | None, x: pd.Series, y: pd.Series, crs: str, zone: str
) -> gpd.GeoDataFrame:
    """Incidents, known to the day where there is no end."""
    clock = {"ambiguous": True, "nonexistent": "shift_forward"}
    start = start.dt.tz_localize(zone, **clock)
    ends = start + pd.Timedelta(days=1) if until is None else until.dt.tz_localize(zone, **clock)
    columns = {
        "offence": "incident", "offence_scheme": "own", "source": "city", "occurred_from": start,
        "occurred_until": ends, "time_precision": "day" if until is None else "interval",
        "location_precision": "exact",
    }  # fmt: skip
    found = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y, crs=crs))
    return found.set_index(pd.Index([f"i{at}" for at in range(len(found))], name="incident_id"))


def repeats(name: str, rows: gpd.GeoDataFrame) -> None:
    """Bands, and the list of 200 m and 7 days."""
    bands = {"distance_bands_m": [100, 200, 400], "time_bands_days": [7, 14], "permutations": 199}
    found = hs.when.near_repeats(rows, **bands)
    print(f"{name}: {len(rows):,}\n{found.round(3).to_string()}")
    live = live_list(rows, draws=99)
    print(f"list: {live.hit_rate:.1%}, by chance {live.by_chance / live.incidents:.1%}\n")


def thefts(folder: Path) -> None:
    """What counting by start would make of intervals."""
    rows = pd.read_csv(folder / "nyc_vehicle_thefts_2014_2017.csv.gz")
    start, until = (pd.to_datetime(rows[f"date_{one}"]) for one in ("start", "end"))
    known = start.notna() & (until > start) & rows["longitude"].notna()
    short = known & (until - start <= pd.Timedelta(days=1))
    points = gpd.points_from_xy(rows["longitude"], rows["latitude"], crs=4326).to_crs(32618)
    made = table(start, until, pd.Series(points.x), pd.Series(points.y), "EPSG:32618",
                 "America/New_York")  # fmt: skip
    print(f"New York thefts: {len(rows):,}, with start and end {known.sum():,}, at most a day long")
    print(f"{short.sum():,}; long ones say little about the hour")
    made = made[short.to_numpy()]
    shared = hs.when.hours_of_week(made).to_numpy().reshape(7, 24).sum(axis=0)
    local = made["occurred_from"].dt
    started = np.bincount(local.hour, minlength=24)
    for name, held in (("shared out", shared), ("by start", started)):
        order = np.argsort(-held)[:4]
        share = ", ".join(f"{hour:02d}: {held[hour] / held.sum():.1%}" for hour in order)
        print(f"  busiest hours {name}: {share}")
    night = {name: held[[22, 23, 0, 1, 2, 3, 4, 5]].sum() / held.sum()
             for name, held in (("shared out", shared), ("by start", started))}  # fmt: skip
    print("  22 to 06: " + ", ".join(f"{name} {share:.1%}" for name, share in night.items()))
    print(hs.when.busy_windows(made).round(3).to_string(), "\n")


def toronto(folder: Path) -> None:
    """Assaults of 2019 by hour and day."""
    rows = pd.read_csv(folder / "toronto_mci_train.csv.gz", low_memory=False)
    day = pd.to_datetime(rows["occurrencedate"].str[:10], errors="coerce")
    start = day + pd.to_timedelta(rows["occurrencehour"], unit="h")
    kept = rows["MCI"].eq("Assault") & day.dt.year.eq(2019) & rows["Long"].notna()
    points = gpd.points_from_xy(rows["Long"][kept], rows["Lat"][kept], crs=4326).to_crs(32617)
    made = table(start[kept], start[kept] + pd.Timedelta(hours=1), pd.Series(points.x),
                 pd.Series(points.y), "EPSG:32617", "America/Toronto")  # fmt: skip
    record = hs.RunRecord("Toronto", marking="OPEN DATA")
    found = hs.when.busy_windows(made, record=record)
    print(f"Toronto assaults 2019: {len(made):,}\n{found.round(3).to_string()}")
    for caveat in record.caveats:
        print(f"  told: {caveat}")
    print(days_of_week(made).round(3).to_string())


if __name__ == "__main__":
    main()
