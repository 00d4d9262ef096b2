"""The same file with the same settings is parsed once, however many commands are typed.

What the readers of a product have of it is worked out once, too. The table of all sources is the
same one each time, so that it is folded once; at the end it is asked whether anybody changed it.

What is kept is found by the state of the files, every setting, and what the logbook held before;
the logbook is left as the loader left it. A refusal is never kept.
"""

from __future__ import annotations

import io
import pickle
from functools import cache
from pathlib import Path

import pandas as pd
import typer.main

from hotspots.cli import inputs
from hotspots.core import source as asked
from hotspots.core.record import sha256_of
from hotspots.disclosure import withholds
from hotspots.programmes.tasking import product as tasking
from hotspots.programmes.tasking import sources
from hotspots.programmes.tasking.sources import IncidentSource

KEPT = 12
TABLES, ZONES, GIVEN, WHOLE, FOLDED = {}, {}, {}, {}, {}
RUN = ("title", "marking", "audience", "made_on", "inputs", "earlier")
"""What no loader reads or adds to."""


def read_once(patch):
    """For as long as ``patch`` holds; options are read from the commands once, too."""
    take_in, load_zones, given_with = IncidentSource.take_in, sources.load_zones, inputs.given_with
    load_sources, fold_rows = tasking.load_sources, asked.fold_rows

    def of_one(self, record):
        return _loaded(TABLES, [self], record, None, lambda: take_in(self, record))

    def of_all(several, record, *, within=None):
        several = list(several)
        return _loaded(
            WHOLE, several, record, within, lambda: load_sources(several, record, within=within)
        )

    def folded(rows, places, crs):
        if not any(rows is table for (table, _), _ in (*TABLES.values(), *WHOLE.values())):
            return fold_rows(rows, places, crs)
        if id(rows) not in FOLDED:
            _keep(FOLDED, id(rows), (rows, _hashed(rows), fold_rows(rows, places, crs)))
        return FOLDED[id(rows)][-1]

    def of_zones(path, **options):
        if not Path(path).is_file():
            return load_zones(path, **options)
        key = _as_bytes((path, _states(path), options))
        if key not in ZONES:
            _keep(ZONES, key, load_zones(path, **options))
        return ZONES[key].copy()

    def given(product, record, behind):
        if product is None or not withholds(record.audience, behind):
            return None
        paths = [path for source in product.sources for path in source.paths]
        files = *product.inputs.items(), *map(sha256_of, paths)
        key = (files, record.audience, record.marking, record.made_on)
        if key not in GIVEN:
            _keep(GIVEN, key, given_with(product, record, behind))
        return GIVEN[key]

    patch.setattr(inputs, "given_with", given)
    patch.setattr(IncidentSource, "take_in", of_one)
    patch.setattr(tasking, "load_sources", of_all)
    patch.setattr(asked, "fold_rows", folded)
    patch.setattr(sources, "load_zones", of_zones)
    patch.setattr(typer.main, "get_command", cache(typer.main.get_command))


def assert_unchanged():
    """Nobody wrote into the tables that are handed to everybody."""
    for rows, as_it_was, _ in FOLDED.values():
        assert _hashed(rows) == as_it_was


def _hashed(rows):
    """Of every column but the points."""
    plain = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    return pd.util.hash_pandas_object(plain).sum(), *rows.columns


def _loaded(held, several, record, within, load):
    """The table of these sources; the logbook is left as their loader leaves it."""
    paths = [path for source in several for path in source.paths]
    if not all(path.is_file() for path in paths):
        return load()
    before = {name: value for name, value in vars(record).items() if name not in RUN}
    key = _as_bytes((several, within, record.audience, _states(*paths), before))
    if key not in held:
        made = load()
        _keep(held, key, (made, record.copy()))
    made, after = held[key]
    vars(record).update({name: vars(after.copy())[name] for name in before})
    return made


def _as_bytes(asked):
    """Equal settings are equal bytes, whether or not their parts are the same objects."""
    written = io.BytesIO()
    pickler = pickle.Pickler(written)
    pickler.fast = True
    pickler.dump(asked)
    return written.getvalue()


def _states(*paths):
    """As long as a file is not written again, it is the same."""
    stats = [Path(path).stat() for path in paths]
    return [(one.st_ino, one.st_mtime_ns, one.st_size) for one in stats]


def _keep(held, key, made):
    """The oldest goes where there is one too many."""
    while len(held) >= KEPT:
        held.pop(next(iter(held)))
    held[key] = made
