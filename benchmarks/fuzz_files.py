"""Damaged copies of real files and product files: read or refused in words, never a traceback.

Run: ``python benchmarks/fuzz_files.py [MUTANTS] [FOLDER...]`` (2,500: some minutes). Copies of real
incidents in eight kinds of file, zones, product files, and the files of any FOLDER; same seed, same
mutants. Prints what came of each kind of file, and every error nobody foresaw with its number.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import hotspots as hs
from hotspots.core.data import DEFINITIONS

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from mutants import damaged, originals, read

SEED = 15
LARGEST = 1_000_000


def main(mutants: int = 2_500, *folders: str) -> None:
    warnings.simplefilter("ignore")
    rng, found = random.Random(SEED), defaultdict[str, Counter[str]](Counter)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        files = originals(whole) + sorted((DEFINITIONS / "products").glob("*.toml"))
        files += [
            one for folder in folders for one in sorted(Path(folder).iterdir())
            if one.is_file() and one.stat().st_size < LARGEST and one.suffix != ".md"
        ]  # fmt: skip
        start = time.monotonic()
        for number in range(mutants):
            file = files[number % len(files)]
            place = Path(scratch) / f"{number}"
            place.mkdir()
            broken = place / file.name
            broken.write_bytes(damaged(file, rng))
            said = read(broken)
            found[file.suffix][said if said in ("read", "refused") else "unforeseen"] += 1
            if said not in ("read", "refused"):
                print(f"{number} {file.name}: {said}", flush=True)
            broken.unlink()
    for kind, came in sorted(found.items()):
        print(f"{kind}: {dict(came)}")
    took = time.monotonic() - start
    print(f"{mutants} mutants of {len(files)} files, {took:.0f} s; {hs.__version__}")


if __name__ == "__main__":
    main(*(int(one) if one.isdigit() else one for one in sys.argv[1:]))
