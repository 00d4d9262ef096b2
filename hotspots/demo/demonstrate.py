"""The demonstration: real Leeds, and a town that does not exist.

The two are made side by side, the town in a process of its own that starts before anything heavy
is loaded here; that is why the imports stand inside the functions.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.core.caveats import Caveat
from hotspots.core.record import RunRecord, ThemeStatus

if TYPE_CHECKING:
    from hotspots.demo.town.town import Town
    from hotspots.programmes.tasking.product import TaskingResults

TOWN_INCIDENTS = 12_000
TOWN_SEED = 1
TRAUMA_REACH_M = 50
INPUTS = "inputs"
PROTECT_MARKING = "PROTECT - SYNTHETIC TOWN - NOT A REAL PLACE"


@dataclass(frozen=True)
class Demonstrated:
    """One product of the demonstration: where it is, its logbook, its files."""

    folder: Path
    record: RunRecord
    files: tuple[Path, ...]


def write_demonstration(folder: Path) -> Iterator[Demonstrated]:
    """Write ``leeds/`` and the folders of the synthetic town, side by side on two cores.

    What goes in stands apart from what comes out: the town's folder has ``inputs/`` with its
    extracts, field maps, zones and ``product.toml``, everything that is needed to run it again, and
    to copy for extracts of one's own. Its Protect zones are a product of their own in a folder of
    their own.

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
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        town = pool.submit(_town, folder)
        yield _leeds(folder)
        yield from town.result()


def _leeds(folder: Path) -> Demonstrated:
    from hotspots.programmes.tasking.load_product import PRODUCTS

    return _made(PRODUCTS / "leeds.toml", folder / "leeds")


def _town(folder: Path) -> list[Demonstrated]:
    from hotspots.demo.town.town import synthetic_town
    from hotspots.demo.town.writing import write_protect
    from hotspots.programmes.tasking.load_product import PRODUCTS, load_product

    town = synthetic_town(seed=TOWN_SEED, incidents=TOWN_INCIDENTS)
    place = folder / town.name.casefold()
    protect = folder / f"{place.name}-protect"
    inputs = town.write(place / INPUTS)
    write_protect(town, protect / INPUTS)
    shutil.copyfile(PRODUCTS / "town.toml", inputs / "product.toml")
    results = load_product(inputs / "product.toml").run()
    return [_written(results, place), _protect(town, results, protect)]


def _made(configuration: Path, folder: Path) -> Demonstrated:
    from hotspots.programmes.tasking.load_product import load_product

    return _written(load_product(configuration).run(), folder)


def _written(results: TaskingResults, folder: Path) -> Demonstrated:
    return Demonstrated(folder, results.record, tuple(results.write(folder)))


def _protect(town: Town, results: TaskingResults, folder: Path) -> Demonstrated:
    """The Protect zones: demand, premises and trauma packs, for that audience alone.

    The incidents are those of the town's product, so the rows are accounted for in the same way.
    """
    from hotspots.disclosure import release
    from hotspots.programmes.protect import protect_demand
    from hotspots.report.geopackage import write_geopackage
    from hotspots.report.map import map_areas
    from hotspots.report.workbook.write_workbook import write_workbook

    record = RunRecord(
        f"{town.name}: Protect zones",
        PROTECT_MARKING,
        audience="protect",
        sources=list(results.record.sources),
        attributions=list(results.record.attributions),
        governance=dict(results.record.governance),
    )
    packs = town.protect.trauma_packs
    found = protect_demand(
        town.protect.zones,
        results.incidents,
        record,
        register=town.protect.sites,
        trauma_packs=packs,
        reach_m=TRAUMA_REACH_M,
    )
    record.themes["protect_demand"] = ThemeStatus("protect_demand", "recorded demand", "measured")
    made_up = f"{town.name} does not exist: its zones, premises and packs are made up."
    record.warn_reader(Caveat("definition", {"text": made_up}))
    demand = found.demand.reset_index("theme", drop=True)
    zones = town.protect.zones.join(demand.drop(columns=["zone_name", "kind"], errors="ignore"))
    tables = {
        "Demand": found.demand,
        "Premises by tier": found.premises,
        "Protect sites": found.sites,
        "Trauma packs": packs,
    }
    released = release(
        zones=[town.district, town.wards, zones],
        tables={name: table for name, table in tables.items() if table is not None},
        record=record,
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = (
        map_areas(released).save(folder / "map.html"),
        write_geopackage(released, folder / "protect.gpkg"),
        write_workbook(released, folder / "tables.xlsx"),
        record.write(folder / "manifest.json"),
    )
    return Demonstrated(folder, record, files)
