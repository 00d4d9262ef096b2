"""Kill a run that writes a product over and over: whole products found, and what is left.

Run: ``python benchmarks/kill_writer.py [MOMENTS]`` (100: a few minutes). Half of the moments are
random, half aimed at the exchange of the folders (the manifest has just been written). POSIX only.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hotspots.report.manifest import MANIFEST, verify_product

WRITER = """
import sys
import geopandas as gpd
from shapely.geometry import box
import hotspots as hs
from hotspots.programmes.tasking.product import write_product
wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
both = [hs.release(zones=[wards], audience="internal", marking="OFFICIAL", title=title)
        for title in ("One", "Two")]
print("ready", flush=True)
for number in range(10_000):
    write_product(both[number % 2], sys.argv[1])
"""


def killed(folder: Path, kind: signal.Signals, wait_s: float | None) -> None:
    """Kill a writer after a while, or when a manifest appears in a folder that is being made."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.readline()
        while not (folder / MANIFEST).exists():
            time.sleep(0.01)
        if wait_s is not None:
            time.sleep(wait_s)
        else:
            while not any(folder.parent.glob(f".{folder.name}-*.new/{MANIFEST}")):
                pass
        run.send_signal(kind)


def main(moments: int = 100) -> None:
    rng, states = random.Random(15), Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "product"
        for number in range(moments):
            kind = (signal.SIGKILL, signal.SIGTERM)[number % 2]
            killed(folder, kind, rng.uniform(0, 1.5) if number % 4 < 2 else None)
            states[verify_product(folder).state] += 1
        left = len(list(folder.parent.glob(".product-*")))
    print(
        f"{moments} kills: {dict(states)}; {left} temporary folders, swept by a run an hour later"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
