"""The demonstration: real Leeds, and a town that does not exist."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from hotspots.configuration import PRODUCTS, load_product
from hotspots.record import RunRecord
from hotspots.samples import synthetic_town

TOWN_INCIDENTS = 12_000
TOWN_SEED = 1


@dataclass(frozen=True)
class Demonstrated:
    """One product of the demonstration: where it is, its logbook, its files."""

    folder: Path
    record: RunRecord
    files: tuple[Path, ...]


def write_demonstration(folder: Path) -> Iterator[Demonstrated]:
    """Write ``leeds/`` and the folder of the synthetic town, side by side on two cores.

    The town's folder also holds its extracts, field maps, zones and ``product.toml``: everything
    that is needed to run it again, and to copy for extracts of one's own.

    Parameters
    ----------
    folder : path
        Where to write; made if needed.

    Yields
    ------
    Demonstrated
        Each product, once it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        leeds, town = pool.submit(_leeds, folder), pool.submit(_town, folder)
        yield leeds.result()
        yield town.result()


def _leeds(folder: Path) -> Demonstrated:
    return _made(PRODUCTS / "leeds.toml", folder / "leeds")


def _town(folder: Path) -> Demonstrated:
    town = synthetic_town(seed=TOWN_SEED, incidents=TOWN_INCIDENTS)
    place = folder / town.name.casefold()
    town.write(place)
    configuration = place / "product.toml"
    shutil.copyfile(PRODUCTS / "town.toml", configuration)
    return _made(configuration, place)


def _made(configuration: Path, folder: Path) -> Demonstrated:
    results = load_product(configuration).run()
    return Demonstrated(folder, results.record, tuple(results.write(folder)))
