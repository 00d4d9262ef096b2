"""Fold a hundred million incidents in one process, and ask what an analyst asks of the tally.

    python benchmarks/bench_fold.py [MONTHS] [ROWS_A_MONTH] [--dask]

By default 120 monthly files of 833,334 rows (10^8, 2 GB packed), written into a temporary folder:
places at 30,000 map points, types as West Yorkshire has them. Prints processor seconds and the
peak of memory. ``--dask`` folds them by Dask as well: the tally must be the same to the bit.
"""

from __future__ import annotations

import argparse
import gzip
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from peers_steps import _city, _wards, places

import hotspots as hs
from hotspots.core.crs import to_lonlat

SEED, FIRST = 5, "2015-01"
MONTHS = [f"2015-{month:02d}" for month in range(1, 13)]
SCALE = "ons-css-police-uk-west-yorkshire"


def main() -> None:
    """Write the files, fold them, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("months", nargs="?", type=int, default=120)
    parser.add_argument("rows", nargs="?", type=int, default=833_334)
    parser.add_argument("--dask", action="store_true")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        write_months(Path(folder), given.months, given.rows)
        step = Steps()
        tally = hs.fold_files(folder, **meaning())
        step.done(f"fold {tally}")
        ask(tally, step)
        if given.dask:
            again = hs.fold_dask(folder, scheduler="threads", **meaning())
            step.done(f"by Dask, the same to the bit: {again.equals(tally)}")


def meaning() -> dict[str, object]:
    """Themes and harm."""
    return {"themes": hs.Themes.police_uk(), "harm_scale": hs.HarmScale.bundled(SCALE)}


def write_months(folder: Path, months: int, rows: int) -> None:
    """Monthly files of data.police.uk; a twelfth of the months is made, the rest is named anew."""
    names = [str(one) for one in pd.period_range(FIRST, periods=months, freq="M")]
    for number in range(min(12, months)):
        text = month_of(number, rows)
        for name in names[number::12]:
            file = folder / f"{name}-west-yorkshire-street.csv.gz"
            with gzip.open(file, "wb", compresslevel=1) as stream:
                stream.write(text.replace(b"0000-00", name.encode()))


def month_of(number: int, rows: int) -> bytes:
    """One month of incidents at map points, as CSV."""
    rng = np.random.default_rng([SEED, number])
    types = hs.load_incidents(
        hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    )["offence"].astype(str)  # fmt: skip
    spots = places(rows, "snapped")
    which = rng.integers(0, len(spots), rows)
    lon, lat = to_lonlat(*spots[which].T)
    street = np.unique(spots, axis=0, return_inverse=True)[1].reshape(-1)[which]
    table = pd.DataFrame(
        {
            "Crime ID": "",
            "Month": "0000-00",
            "Reported by": "West Yorkshire Police",
            "Falls within": "West Yorkshire Police",
            "Longitude": np.round(lon, 6),
            "Latitude": np.round(lat, 6),
            "Location": pd.Series(street).map(lambda one: f"On or near Street {one}"),
            "LSOA code": "E01011229",
            "LSOA name": "Leeds 111B",
            "Crime type": rng.choice(types.to_numpy(), rows),
            "Last outcome category": "",
            "Context": "",
        }
    )
    return table.to_csv(index=False).encode()


def ask(tally: hs.Tally, step: Steps) -> None:
    """Cells, clusters, wards, months, names and ranks of a year, and the page of it."""
    record = hs.RunRecord("Benchmark", marking="OPEN DATA")
    question = hs.Question("asb", "2015", within=_city())
    asb = hs.select(tally, question, record=record)
    step.done("select a theme and a year")
    marked = hs.assign_cells(asb, hs.H3Grid(9))
    cells = hs.flag_hotspots(hs.aggregate_to_cells(marked), marked)
    step.done("cells, tested")
    wards = _wards()
    overlaps = hs.relate_to_zones(cells, wards, marked)
    cells = hs.rank_areas(hs.name_areas(cells, marked, overlaps), marked)
    step.done("wards, names, ranks with intervals")
    clusters = hs.find_clusters(asb, radius_m=75, min_incidents=25)
    step.done(f"{len(clusters):,} clusters")
    hs.zones.summarise_zones(wards, asb)
    step.done("wards summed")
    hs.count_by_period(cells, marked, periods=MONTHS)
    step.done("twelve months by cell")
    released = hs.release([cells, clusters], zones=wards, overlaps=overlaps, record=record)
    with TemporaryDirectory() as folder:
        hs.map_areas(released).save(Path(folder) / "page.html")
    step.done("page")


class Steps:
    """Says how long each step took, and the most memory so far."""

    def __init__(self) -> None:
        self.since = time.process_time()

    def done(self, what: str) -> None:
        """Print a line, begin the next step."""
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        most = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        now = time.process_time()
        print(f"{now - self.since:8.1f} s  {most / 2**20:5.2f} GB at most  {what}", flush=True)
        self.since = now


if __name__ == "__main__":
    main()
