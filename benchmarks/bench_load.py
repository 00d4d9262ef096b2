"""How long a million rows take to load, validate and project, against a bare `pandas.read_csv`.

Run: python benchmarks/bench_load.py [rows]

The file is made from the bundled Leeds months, repeated and cut to length; both sides read it once
to warm the disk cache, then in turn, and the best of each counts. The promise is at most 6 times.
"""

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from hotspots.core.data import bundled
from hotspots.core.record import RunRecord
from hotspots.io.incidents import load_incidents

PROMISE = 6.0
ROUNDS = 5


def make_file(folder: Path, rows: int) -> Path:
    months = [
        gzip.decompress(file.read_bytes()) for file in sorted(bundled("incidents").glob("*.gz"))
    ]
    header = months[0].splitlines(keepends=True)[0]
    lines = [line for month in months for line in month.splitlines(keepends=True)[1:]]
    target = folder / "million-street.csv"
    with target.open("wb") as stream:
        stream.write(header)
        for start in range(0, rows, len(lines)):
            stream.writelines(lines[: rows - start])
    return target


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def load(file: Path, rows: int) -> None:
    record = RunRecord("Benchmark", marking="OPEN DATA - BENCHMARK")
    load_incidents(file, record=record, themes=None, harm_scale=None)
    assert record.read == record.accepted == rows


def main(rows: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = make_file(Path(folder), rows)
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(seconds(lambda: pd.read_csv(file)))
            ours.append(seconds(lambda: load(file, rows)))
        times = min(ours) / min(bare)
        size = file.stat().st_size / 1e6
    print(f"{rows:,} rows, {size:.0f} MB, pandas {pd.__version__}, best of {ROUNDS}")
    print(f"pandas.read_csv   {min(bare):6.2f} s")
    print(
        f"load_incidents    {min(ours):6.2f} s   {times:.1f} times (promised: at most {PROMISE:g})"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
