"""The demonstration: real Leeds, and a town that does not exist.

The two are made side by side, the town in a process of its own that starts before anything heavy
is loaded here; that is why the imports stand inside the functions.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

TOWN_INCIDENTS = 12_000
TOWN_SEED = 1
INPUTS = "inputs"


@dataclass(frozen=True)
class Demonstrated:
    """One product of the demonstration: where it is, its logbook, its files."""

    folder: Path
    record: RunRecord
    files: tuple[Path, ...]


def write_demonstration(
    folder: Path, say: Callable[[str], None] = lambda _: None
) -> Iterator[Demonstrated]:
    """Write ``leeds/`` and the folders of the synthetic town, side by side on two cores.

    What goes in stands apart from what comes out: the town's folder has ``inputs/`` with its
    extracts, field maps, zones and ``product.toml``, everything that is needed to run it again, and
    to copy for extracts of one's own. ``inputs/truth/planted.html`` is its page with what was
    planted over it: found, or missed. Its Protect zones are a product of their own in a folder of
    their own, with ``protect.toml`` and what only that product may read.

    Parameters
    ----------
    folder : path
        Where to write; made if needed.
    say : callable, optional
        Is told what is being done.

    Yields
    ------
    Demonstrated
        Each product, once it is written; Leeds first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(
        max_workers=1,
        mp_context=get_context("spawn"),
        initializer=gc.set_threshold,
        initargs=gc.get_threshold(),
    ) as pool:
        town = pool.submit(_town, folder)
        yield _leeds(folder, say)
        say("Saltmere: making a town, its incidents, and their page ...")
        yield from town.result()


def _leeds(folder: Path, say: Callable[[str], None]) -> Demonstrated:
    say("Leeds: loading what it takes ...")
    from hotspots.programmes.tasking.load_product import PRODUCTS

    return _made(PRODUCTS / "leeds.toml", folder / "leeds", say)


def _town(folder: Path) -> list[Demonstrated]:
    from hotspots.demo.town.town import synthetic_town
    from hotspots.demo.town.truth import write_revealed
    from hotspots.demo.town.writing import write_protect
    from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
    from hotspots.programmes.tasking.product import TaskingProduct

    town = synthetic_town(seed=TOWN_SEED, incidents=TOWN_INCIDENTS)
    place = folder / town.name.casefold()
    protect = folder / f"{place.name}-protect"
    shutil.copyfile(PRODUCTS / "town.toml", town.write(place / INPUTS) / "product.toml")
    shutil.copyfile(PRODUCTS / "town-streets.toml", place / INPUTS / "product-streets.toml")
    own = write_protect(town, protect / INPUTS) / "protect.toml"
    shutil.copyfile(PRODUCTS / own.name, own)
    product = load_product(place / INPUTS / "product.toml")
    assert isinstance(product, TaskingProduct)
    results = product.run()
    made = Demonstrated(place, results.record, tuple(results.write(place)))
    write_revealed(town, results, place / INPUTS / "truth")
    return [made, _made(own, protect)]


def _made(
    configuration: Path, folder: Path, say: Callable[[str], None] = lambda _: None
) -> Demonstrated:
    from hotspots.programmes.tasking.load_product import load_product

    say(f"{folder.name.title()}: reading, counting, testing ...")
    results = load_product(configuration).run()
    say(f"{folder.name.title()}: drawing the page, writing the tables ...")
    return Demonstrated(folder, results.record, tuple(results.write(folder)))
