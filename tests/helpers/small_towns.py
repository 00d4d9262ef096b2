"""Cells in a row, wards around them and halves of a year: the smallest towns worth attacking."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

import hotspots as hs

SIDE = 500.0
YEAR = ("2025-01-01", "2026-01-01")


def cells(counts, *, days=YEAR, **more):
    """Square cells in a row."""
    squares = [box(SIDE * n, 0, SIDE * (n + 1), SIDE) for n in range(len(counts))]
    names = pd.Index([f"c{n}" for n in range(len(counts))], name="area_id")
    table = {"kind": "square-500", "theme": "asb", "incident_count": counts}
    return gpd.GeoDataFrame(table | dated(days) | more, index=names, geometry=squares, crs=27700)


def ward_of(table, count, *, kind="ward", **more):
    columns = {"zone_name": ["w"], "kind": kind, "theme": "asb", "asb_count": [count]}
    columns |= {name: list(table[name].iloc[:1]) for name in ("period_from", "period_until")}
    return gpd.GeoDataFrame(
        columns | more,
        index=pd.Index(["w"], name="zone_id"),
        geometry=[table.union_all()],
        crs=27700,
    )


def dated(days):
    first, last = (pd.Timestamp(day, tz="Europe/London") for day in days)
    return {"period_from": first, "period_until": last}


HALVES = ["2025-01/2025-06", "2025-07/2025-12"]


def halves(table, counts):
    rows = [
        {"area_id": name, "theme": "asb", "period": period, "incident_count": count}
        for name, pair in zip(table.index, counts, strict=True)
        for period, count in zip(HALVES, pair, strict=True)
    ]
    return pd.DataFrame(rows)


def released(*areas, **more):
    return hs.release(list(areas), audience="partner", marking="OFFICIAL", **more)
