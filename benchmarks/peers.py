"""Every step against what an analyst would write today: equal first, then how many times faster.

Run: python benchmarks/peers.py [rows ...] [--only STEP] [--guard]

Steps, their inputs and both sides are in `peers_steps.py`. Each side runs in a process of its own,
one after another in one run: processor seconds (the first call, imports done: cold; the best of
more: warm) and the peak of memory above the input. A ratio is printed only where both answers are
the same. Places are 150 dense spots and an even rest over the box of Leeds, each of its own
("exact") or moved to the nearest of 30,000 anchors ("snapped"), as forces publish them.

`--guard` runs one small case of every step and fails where it is not half as good as its own mark.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from peers_steps import SHAPES, STEPS, write_files

ROWS = (10_000, 100_000, 1_000_000)
SMALL = 20_000
LONG_S = 10.0
ROUNDS = 3


def measure(step: str, side: str, rows: int, shape: str, folder: Path) -> dict[str, Any]:
    """One side of one step in this process."""
    work, answer = STEPS[step].side(side, rows, shape, folder)
    before = _peak_mb(reset=True)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
        if times[0] > LONG_S:
            break
    peak = _peak_mb() - before
    return {"cold": times[0], "warm": min(times), "peak": peak, "answer": _digest(answer(result))}


def compare(step: str, rows: int, shape: str, folder: Path) -> float | None:
    """Print one line; how many times faster, None where it cannot be said."""
    line = f"{step:<34}{rows:>10,}  {shape:<8}"
    sides = []
    for side in ("by_hand", "ours"):
        job = [sys.executable, __file__, "--one", step, side, str(rows), shape, str(folder)]
        run = subprocess.run(job, capture_output=True, text=True)
        if run.returncode:
            last = (run.stderr.strip().splitlines() or ["no word"])[-1]
            print(f"{line}  {side} stopped: {last[:90]}", flush=True)
            return None
        sides.append(json.loads(run.stdout.splitlines()[-1]))
    hand, own = sides
    told = f"{hand['warm']:9.3f}{own['warm']:9.3f}{own['cold']:9.3f}"
    told += f"{hand['peak']:8.0f}{own['peak']:7.0f}"
    same = hand["answer"] == own["answer"]
    times = hand["warm"] / own["warm"]
    print(f"{line}{told}  {f'{times:8.1f} x' if same else '   OTHER ANSWER'}", flush=True)
    return times if same else None


def guard(folder: Path) -> int:
    """One small case of every step against the mark it once reached."""
    write_files(folder, SMALL)
    late = []
    for name, step in STEPS.items():
        for shape, mark in list(step.marks.items())[-1:]:  # map points, where they make a case
            times = compare(name, SMALL, shape, folder)
            if times is None or times < mark / 2:
                late.append(f"{name}, {shape}: {times and round(times, 2)}, mark {mark}")
    for line in late:
        print(f"less than half as good as it was: {line}", file=sys.stderr)
    return 1 if late else 0


def main() -> int:
    """Read the arguments; print the table."""
    if sys.argv[1:2] == ["--one"]:
        step, side, rows, shape, folder = sys.argv[2:]
        print(json.dumps(measure(step, side, int(rows), shape, Path(folder))))
        return 0
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("rows", nargs="*", type=int, default=ROWS)
    parser.add_argument("--only", metavar="STEP", help="steps whose name begins so")
    parser.add_argument("--guard", action="store_true", help="the small case against its marks")
    chosen = parser.parse_args()
    head = f"{'step':<34}{'rows':>10}  {'places':<8}{'by hand':>9}{'ours':>9}{'cold':>9}"
    print(f"{head}{'MB':>8}{'MB':>7}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.guard:
            return guard(folder)
        for rows in chosen.rows:
            write_files(folder, rows)
            for step in STEPS:
                for shape in SHAPES if step.startswith(chosen.only or "") else ():
                    if shape in STEPS[step].marks and rows <= STEPS[step].most_rows:
                        compare(step, rows, shape, folder)
    return 0


def _peak_mb(reset: bool = False) -> float:
    """Peak memory of this process in MB, on Linux; 0 elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = dict(
        line.split(":", 1) for line in status.read_text("ascii").splitlines() if ":" in line
    )
    return int(lines["VmHWM"].split()[0]) / 1024


def _digest(answer: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(answer).tobytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
