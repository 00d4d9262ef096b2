"""An analyst's loop: one question, a threshold changed, the table and the map again.

Run: python benchmarks/bench_again.py [rows]

Processor seconds of the first call (imports and all) and the best of three of each that follows, on
the places of `peers.py`; every later answer is compared with that of a copy of the tables, which
nobody has asked about. At the end `rank_areas` with intervals on the bundled incidents.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peers_steps import MARKING, MINIMUM, RADIUS_M, SHAPES, write_files

import hotspots as hs

ROUNDS = 3


def timed(name: str, work: Callable[[int], Any], rounds: int = ROUNDS) -> Any:
    """Print the least of the processor seconds; the last result."""
    took = []
    for number in range(rounds):
        start = time.process_time()
        found = work(number)
        took.append(time.process_time() - start)
    print(f"{name:<44}{min(took):8.2f}", flush=True)
    return found


def loop(file: Path, minimum: int) -> None:
    """The loop on one file of incidents."""
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"), kind="ward")
    incidents = hs.load_incidents(file, record=hs.RunRecord("Benchmark", marking=MARKING))

    def ask(least: int, table: Any = incidents, **changes: Any) -> hs.Hotspots:
        clusters = {"radius_m": RADIUS_M, "min_incidents": least}
        asked = {"theme": "asb", "period": "2018", "within": city, "zones": wards} | changes
        return hs.find_hotspots(table, clusters=clusters, **asked)

    timed("first", lambda _: ask(minimum), rounds=1)
    found = timed("another minimum", lambda nth: ask(minimum + 1 + nth))
    timed("its page", lambda _: found.map().to_html())
    timed("another period", lambda nth: ask(minimum, period=f"2018-0{nth + 1}"))
    alone = ask(minimum + ROUNDS, incidents.copy())
    same = found.areas.equals(alone.areas) and found.clusters.equals(alone.clusters)
    print(f"{'as if asked first':<44}{'yes' if same else 'NO':>8}", flush=True)


def ranks() -> None:
    """Rank intervals of many cells."""
    record = hs.RunRecord("Benchmark", marking=MARKING)
    incidents = hs.load_incidents(hs.bundled("incidents"), record=record)
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    everything = hs.select(incidents, hs.Question(within=city))
    chosen = hs.assign_cells(everything, hs.H3Grid(10))
    cells = hs.aggregate_to_cells(chosen)
    timed(f"rank_areas, {len(cells):,} cells", lambda _: hs.rank_areas(cells, chosen))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name), rows)
        for shape in SHAPES:
            print(f"-- {rows:,} incidents, {shape}")
            loop(Path(name) / f"{rows}-{shape}-street.csv", MINIMUM[rows])
    ranks()
