"""Bytes, build time and drawing time of the page against folium.GeoJson, in the same run.

Run: python benchmarks/bench_map.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from hotspots.core.grids import H3Grid  # noqa: E402
from hotspots.core.record import RunRecord  # noqa: E402
from hotspots.core.tables import TIMEZONE  # noqa: E402
from hotspots.report.map import map_areas  # noqa: E402

SIZES = (2_000, 10_000, 30_000)
ATTRIBUTES = ["place_name", "incident_count", "harm", "largest_point_share", "rank", "ward_name"]


def cells(size: int) -> gpd.GeoDataFrame:
    """A patch of hexagons with six attributes, every one with incidents."""
    import h3

    centre = h3.latlng_to_cell(53.80, -1.55, 9)
    ids = np.array(sorted(h3.grid_disk(centre, 105)), dtype=object)[:size]
    grid, random = H3Grid(9), np.random.default_rng(7)
    count = random.poisson(6, size) + 1
    start = pd.Timestamp("2018-07-01", tz=TIMEZONE)
    return gpd.GeoDataFrame(
        {
            "kind": "h3-9", "theme": "asb", "period_from": start,
            "period_until": start + pd.DateOffset(months=1), "incident_count": count,
            "unweighted_count": 0, "unique_points": 1,
            "largest_point_share": (1 / count).round(3), "area_km2": 0.093, "share_inside": 1.0,
            "place_name": [f"Street {n}" for n in random.integers(0, 900, size)],
            "ward_name": [f"Ward {n}" for n in random.integers(0, 33, size)],
            "harm": count * 139.9,
            "rank": pd.Series(count).rank(ascending=False, method="min").to_numpy(),
        },
        index=pd.Index(ids.astype(str), name="area_id"),
        geometry=list(grid.polygons(ids)), crs=27700,
    )  # fmt: skip


def stock(areas: gpd.GeoDataFrame) -> str:
    """The same cells with the same attributes by stock Folium."""
    page = folium.Map([53.8, -1.55], tiles=None, prefer_canvas=True)
    columns = areas[[*ATTRIBUTES, "geometry"]]
    tooltip = folium.GeoJsonTooltip(ATTRIBUTES)
    folium.GeoJson(columns.to_crs(4326), tooltip=tooltip).add_to(page)
    return page.get_root().render()


def ours(areas: gpd.GeoDataFrame) -> str:
    """The page."""
    return map_areas(areas, record=RunRecord("Bench", marking="DEMONSTRATION")).to_html()


def timed(make: Callable[[gpd.GeoDataFrame], str], areas: gpd.GeoDataFrame) -> tuple[str, float]:
    """Text and the best time of three."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        text = make(areas)
        best = min(best, time.perf_counter() - start)
    return text, best


def frame_milliseconds(page: str) -> float:
    """Milliseconds to draw the whole picture once after a pan, in an installed browser."""
    from browser import opened, running_browser

    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        path = Path(folder) / "map.html"
        path.write_text(page, encoding="utf-8")
        with opened(browser, path, color_scheme="light") as witness:  # in a session of its own
            witness.until_on_paper()
            return float(
                witness.page.evaluate(
                    """() => {
                      const times = [];
                      for (let k = 0; k < 10; k++) {
                        const start = performance.now();
                        window.hotspots.map.panBy([k % 2 ? 60 : -60, 0], { animate: false });
                        times.push(performance.now() - start);
                      }
                      return times.sort((a, b) => a - b)[5];
                    }"""
                )
            )


def main() -> None:
    """Print one row per size."""
    heads = ["cells", "folium KB", "page KB", "bytes", "folium s", "page s", "faster", "redraw ms"]
    print("".join(f"{head:>11}" for head in heads))
    for size in SIZES:
        areas = cells(size)
        theirs, slow = timed(stock, areas)
        mine, quick = timed(ours, areas)
        large, small = (len(text.encode()) / 1024 for text in (theirs, mine))
        row = [f"{size:,}", f"{large:,.0f}", f"{small:,.0f}", f"{small / large:.2f}"]
        row += [f"{slow:.2f}", f"{quick:.2f}", f"{slow / quick:.1f}x"]
        print("".join(f"{cell:>11}" for cell in [*row, f"{frame_milliseconds(mine):.0f}"]))


if __name__ == "__main__":
    main()
