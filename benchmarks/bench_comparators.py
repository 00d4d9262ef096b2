"""How often do comparators call an untreated place changed, and do they follow it better than all?

Run: python benchmarks/bench_comparators.py DATA [--offence COLUMN] [--started 2024-07-01]

Circles round random incidents, of places with 20 incidents before and more; a start that never was.
Printed by theme and radius: the share called beyond chance (nominal 5 %), and how far the treated
drifts from its comparators and from the rest of the city (root mean square of the log ratio). Seeds
below 900, and Sheffield from July 2024, were looked at while it was built.
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import numpy as np
from reading import read, themes_of

import hotspots as hs


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("data")
    ask.add_argument("--offence", default="")
    ask.add_argument("--started", default="2024-07-01")
    ask.add_argument("--radii", type=int, nargs="+", default=[300, 600, 1_200])
    ask.add_argument("--zones", type=int, default=25)
    ask.add_argument("--themes", nargs="+", default=None)
    ask.add_argument("--seed", type=int, default=900)
    asked = ask.parse_args()
    incidents = read(asked.data, offence=asked.offence)
    incidents = incidents[~incidents.geometry.isna()]
    for theme in asked.themes or themes_of(incidents):
        chosen = hs.select(incidents, hs.Question(theme))
        for radius in asked.radii:
            tried(theme, chosen, radius, asked)


def tried(theme: str, chosen: hs.Selection, radius: int, asked: argparse.Namespace) -> None:
    """One line: false calls, and how far the treated drifts from either."""
    rng, size, started = np.random.default_rng(asked.seed + radius), asked.zones, asked.started
    points = chosen.rows.geometry.to_numpy()
    called, near, far = [], [], []
    for middle in rng.choice(points, 4 * size, replace=False):
        shape = gpd.GeoDataFrame(
            {"zone_name": ["zone"], "kind": "placebo"}, geometry=[middle.buffer(radius)], crs=27700
        )
        try:
            found = hs.find_comparators(shape, chosen, started=started)
        except hs.InputError:
            continue
        if found.balance.loc["level", "treated"] * 12 < 20 or found.beyond_chance is None:
            continue
        called.append(found.beyond_chance)
        near.append(np.log(max(found.ratio, 0.01)))
        inside = chosen.rows.within(shape.geometry.iloc[0]).to_numpy()
        start = chosen.rows["occurred_from"]
        times = [
            (start >= span.start) & (start < span.end)
            for span in (found.windows.before, found.windows.after)
        ]
        mine = [max((inside & one).sum(), 0.5) for one in times]
        rest = [(~inside & one).sum() for one in times]
        far.append(np.log(mine[1] / mine[0] * rest[0] / rest[1]))
        if len(called) == size:
            break
    share = np.mean(called)
    error = np.sqrt(share * (1 - share) / len(called))
    drift = [np.sqrt(np.mean(np.square(one))) for one in (near, far)]
    print(
        f"{theme}, {radius:,} m: {len(called)} zones, called beyond chance {share:.1%} "
        f"(se {error:.1%}); drift from comparators {drift[0]:.3f}, from the rest {drift[1]:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
