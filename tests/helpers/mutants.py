"""Damaged copies of real files: bytes turned, cut, doubled and swapped, always the same ones."""

from __future__ import annotations

import gzip
import io
import random
import signal
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd

import hotspots as hs

ROWS = 40
LONGEST_S = 30


def originals(folder: Path) -> list[Path]:
    """Real incidents of July 2018 in Leeds in every kind of file, and zones in two."""
    table = pd.read_csv(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"), nrows=ROWS)
    name = "2018-07-west-yorkshire-street"
    csv = folder / f"{name}.csv"
    table.to_csv(csv, index=False)
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(csv.read_bytes(), mtime=0))
    with zipfile.ZipFile(folder / "months.zip", "w") as archive:
        archive.writestr(f"2018-07/{name}.csv", csv.read_bytes())
    table.to_excel(folder / f"{name}.xlsx", index=False)
    table.to_parquet(folder / f"{name}.parquet")
    wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson")).head(3)
    points = gpd.points_from_xy(table["Longitude"], table["Latitude"])
    places = gpd.GeoDataFrame(table, geometry=points, crs=4326)
    for ending, driver in (("gpkg", "GPKG"), ("geojson", "GeoJSON")):
        places.to_file(folder / f"places.{ending}", driver=driver)
        wards.reset_index().to_file(folder / f"zones_wards.{ending}", driver=driver)
    return sorted(one for one in folder.iterdir() if one.is_file())


def damaged(whole: Path, rng: random.Random) -> bytes:
    """A mutant of a file; of what is packed, every other time of its content."""
    data = whole.read_bytes()
    if rng.random() < 0.5 or whole.suffix not in (".gz", ".zip", ".xlsx"):
        return mutant(data, rng)
    if whole.suffix == ".gz":
        return gzip.compress(mutant(gzip.decompress(data), rng), mtime=0)
    packed = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(packed, "w") as new:
        hit = rng.choice(old.namelist())
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, mutant(inside, rng) if name == hit and inside else inside)
    return packed.getvalue()


def mutant(data: bytes, rng: random.Random) -> bytes:
    """One to three faults, in a place and of a kind that only the random numbers know."""
    broken = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at, size = rng.randrange(len(broken)), rng.choice([1, 1, 4, 40, 400])
        kind = rng.randrange(6)
        if kind == 0:
            broken[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            broken[at : at + size] = rng.randbytes(size)
        elif kind == 2:
            del broken[at : at + size]
        elif kind == 3:
            broken[at:at] = broken[at : at + size]
        elif kind == 4:
            del broken[max(at, 1) :]
        else:
            broken[at : at + 1] = rng.choice([b"\x00", b'"', b",", b"\n", b"[" * 50, b"9" * 30])
        broken = broken or bytearray(b"x")
    return bytes(broken)


def read(path: Path) -> str:
    """What comes of a file: "read", "refused", or the name of an error nobody foresaw."""
    record = hs.RunRecord("Mutants", marking="OFFICIAL")
    try:
        with in_time():
            if path.name.startswith("zones"):
                hs.load_zones(path, kind="ward")
            elif path.suffix == ".toml":
                hs.load_product(path)
            else:
                rows = hs.load_incidents(path, record=record, themes=None)
                assert record.read == record.accepted + record.rejected
                assert len(rows) == record.accepted
    except hs.HotspotsError:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:120]
    return "read"


@contextmanager
def in_time() -> Iterator[None]:
    """TimeoutError where a file is worked on for too long."""
    if sys.platform == "win32":
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"more than {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
