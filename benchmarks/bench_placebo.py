"""How often is nothing called a change? Real months, places nobody treated, a start that never was.

Run: python benchmarks/bench_placebo.py FOLDER [runs]

FOLDER holds consecutive months of one city (data.police.uk). In each run 22 busy cells are drawn at
random and "treated" from the middle of the data on.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

import hotspots as hs


def main(folder: str, runs: int) -> None:
    record = hs.RunRecord("Placebo", marking="OPEN DATA")
    incidents = hs.load_incidents(folder, record=record)
    incidents = hs.tag_themes(incidents, hs.Themes.police_uk(), record=record)
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson")).iloc[:1].copy()
    city.geometry = [incidents.geometry.dropna().union_all().convex_hull]
    city = city.set_crs(incidents.crs, allow_override=True)
    rng = np.random.default_rng(0)
    for theme in ("asb", "serious_violence"):
        in_city = hs.select(incidents, hs.Question(theme, within=city))
        cells = hs.aggregate_to_cells(hs.assign_cells(in_city, hs.H3Grid(9)))
        everywhere = in_city.asked(within=None)
        busy = cells[cells["incident_count"] >= 30]
        found = []
        for _ in range(runs):
            treated = busy.sample(22, random_state=int(rng.integers(1 << 30)))
            change = hs.compare_change(treated, everywhere, started="2024-05-01")
            found.append(
                {
                    "ratio": change.ratio.ratio,
                    "called": not change.ratio.low <= 1 <= change.ratio.high,
                    "overdispersion": change.ratio.overdispersion,
                    "single_called": (change.areas["rate_p_value"] < 0.05).mean(),
                }
            )
        print(theme, len(busy), "busy cells;", pd.DataFrame(found).mean().round(3).to_dict())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60)
