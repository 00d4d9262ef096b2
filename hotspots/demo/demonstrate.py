"""The demonstration: real Leeds, and a town that does not exist."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.io.incidents.parse_file import parsed_once
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
from hotspots.programmes.tasking.product import TaskingProduct

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.programmes.protect.protect_product import ProtectResults
    from hotspots.programmes.tasking.product import TaskingResults

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
    """Write ``leeds/``, then the folders of the synthetic town.

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
    with _small_tables():
        leeds = _made(PRODUCTS / "leeds.toml", folder / "leeds", say)
    yield leeds
    with _small_tables():
        town, protect = _town(folder, say)
    yield town
    with _small_tables():
        files = protect.write(folder / f"{town.folder.name}-protect")
    yield Demonstrated(files[0].parent, protect.record, tuple(files))


@contextmanager
def _small_tables() -> Iterator[None]:
    """Texts as Python's own: with some thousand rows sooner by a fourteenth, and the same bytes."""
    with pd.option_context("mode.string_storage", "python"):
        yield


def _made(configuration: Path, folder: Path, say: Callable[[str], None]) -> Demonstrated:
    say(READING.format(folder.name.title()))
    results = load_product(configuration).run()
    say(DRAWING.format(folder.name.title()))
    return Demonstrated(folder, results.record, tuple(results.write(folder)))


def _town(
    folder: Path, say: Callable[[str], None]
) -> tuple[Demonstrated, TaskingResults | ProtectResults]:
    """The product of the town, and what its Protect product found, still to be written."""
    say("Saltmere: making a town, its streets and incidents ...")
    from hotspots.demo.town.town import synthetic_town  # Leeds stands sooner without them
    from hotspots.demo.town.truth import write_revealed
    from hotspots.demo.town.writing import write_protect

    town = synthetic_town(seed=TOWN_SEED, incidents=TOWN_INCIDENTS)
    place = folder / town.name.casefold()
    shutil.copyfile(PRODUCTS / "town.toml", town.write(place / INPUTS) / "product.toml")
    shutil.copyfile(PRODUCTS / "town-streets.toml", place / INPUTS / "product-streets.toml")
    own = write_protect(town, folder / f"{place.name}-protect" / INPUTS) / "protect.toml"
    shutil.copyfile(PRODUCTS / own.name, own)
    say(READING.format(town.name))
    product = load_product(place / INPUTS / "product.toml")
    assert isinstance(product, TaskingProduct)
    with parsed_once():
        results, guarded = product.run(), load_product(own).run()
    say(DRAWING.format(town.name))
    released = results.release()
    made = Demonstrated(place, results.record, tuple(results.write(place, released)))
    write_revealed(town, results, released, place / INPUTS / "truth")
    return made, guarded


READING = "{}: reading, counting, testing ..."
DRAWING = "{}: drawing the page, writing the tables ..."
