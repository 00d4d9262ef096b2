"""Attack the files of products: is anything in them that the numbers shown do not say?

Run: ``python benchmarks/attack_twins.py [TWINS] [INCIDENTS]`` (14 twins of 4,000: 3 minutes). The
town of the demonstration as a product for partners, and twins of it with an incident more, three
more, one fewer, another hour, street, place or offence. Where every count and band of a twin is
shown as before, all its files must have the same bytes. Same seed, same twins.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import hotspots as hs
from hotspots.core.record import sha256_of
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product

SEED = 1
SHOWN = "count|shown|harm|area_id|zone_id|period|theme|part"


def made(inputs: Path, out: Path) -> tuple[list[str], dict[str, str]]:
    """What a product shows, and the hashes of its files."""
    results = load_product(inputs / "product.toml").run()
    released = results.release()
    results.write(out, released)
    tables = [table.reset_index().filter(regex=SHOWN) for table in released.every_table]
    said = [table.sort_values([*table], key=lambda one: one.astype(str)) for table in tables]
    return [one.to_csv(index=False) for one in said], {
        file.name: sha256_of(file) for file in out.iterdir()
    }


def changed(table: pd.DataFrame, how: str, rng: np.random.Generator, columns: Any) -> pd.DataFrame:
    """An extract with one thing changed."""
    reference, hour, street, east, offence, rare = columns
    at = rng.integers(len(table) * 2 // 3, len(table))  # in the year that is shown
    if how in ("one more", "three more"):
        more = table.iloc[[at] * (1 if how == "one more" else 3)].copy()
        more[reference] = [f"more-{number}" for number in range(len(more))]
        return pd.concat([table, more])
    if how == "one fewer":
        return table.drop(index=table.index[at])
    table = table.copy()
    name = {"hour": hour, "street": street, "place": east, "offence": offence}[how]
    values = {hour: "03:33", street: "A Street Of Its Own", offence: rare}
    before = float(table.loc[at, east])
    table.loc[at, name] = values.get(name, f"{before + 3:.1f}")
    return table


EXTRACTS = {
    "police.csv": ("Crime No", "From Time", "Street", "Easting", "HO Code", "1"),
    "council.csv": ("Ref", "At", "Road", "X", "Report type", "Noise"),
}
HOW = ("one more", "three more", "one fewer", "hour", "street", "place", "offence")


def main(twins: int = 14, incidents: int = 4_000) -> None:
    rng, found = np.random.default_rng(SEED), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = folder / "inputs"
        hs.synthetic_town(seed=SEED, incidents=incidents).write(inputs)
        text = (PRODUCTS / "town.toml").read_text(encoding="utf-8")
        text = text.replace('audience = "internal"', 'audience = "partner"')
        (inputs / "product.toml").write_text(text, encoding="utf-8")
        first, files = made(inputs, folder / "first")
        for twin in range(twins):
            extract, how = rng.choice([*EXTRACTS]), HOW[twin % len(HOW)]
            path = inputs / "incidents" / extract
            before = path.read_bytes()
            table = changed(pd.read_csv(path, dtype=str), how, rng, EXTRACTS[extract])
            table.to_csv(path, index=False)
            said, own = made(inputs, folder / "twin")
            path.write_bytes(before)
            differ = [file for file in files if own[file] != files[file]]
            told = "shown otherwise" if said != first else ", ".join(differ) or "the same bytes"
            found[told] += 1
            print(f"{extract}, {how}: {told}", flush=True)
    print(dict(found))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
