"""Kill a Dask worker in the middle of a fold: the tally must be the same to the bit.

    python benchmarks/kill_worker.py

About half a minute; needs the extra ``distributed``.
"""

import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import hotspots as hs

OPTIONS = {"block_mb": 0.01}


def main() -> None:
    """Fold a town's log twice, once with a worker killed after the first block."""
    from distributed import LocalCluster

    with TemporaryDirectory() as folder:
        town = hs.synthetic_town(incidents=20_000)
        path = Path(folder) / "log.csv"
        rows = town.incidents.drop(columns="geometry").assign(
            x=town.incidents.geometry.x, y=town.incidents.geometry.y
        )
        rows.to_csv(path, index=False)
        fields = hs.FieldMap(
            "log", offence="offence", date="occurred_from", easting="x", northing="y",
        )  # fmt: skip
        killed: list[int] = []

        def kill_one(_: str) -> None:
            if not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        quiet = {"dashboard_address": None, "silence_logs": 50, "local_directory": folder}
        with LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster:
            address = cluster.scheduler_address
            folded = hs.fold_dask(
                path, scheduler=address, fields=fields, progress=kill_one, **OPTIONS
            )
        whole = hs.fold_files(path, fields=fields, **OPTIONS)
        print(f"killed {killed}; {folded}; the same to the bit: {folded.equals(whole)}")


if __name__ == "__main__":
    main()
