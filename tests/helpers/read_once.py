"""The same file with the same settings is parsed once, however many commands are typed.

What the readers of a product have of it is worked out once, too.

What is kept is found by the state of the files, every setting, and what the logbook held before;
the logbook is left as the loader left it. A refusal is never kept.
"""

from __future__ import annotations

import io
import pickle
from functools import cache
from pathlib import Path

import typer.main

from hotspots.cli import inputs
from hotspots.core.record import sha256_of
from hotspots.disclosure import withholds
from hotspots.programmes.tasking import sources
from hotspots.programmes.tasking.sources import IncidentSource

KEPT = 12
TABLES, ZONES, GIVEN = {}, {}, {}
RUN = ("title", "marking", "audience", "made_on", "inputs", "earlier")
"""What no loader reads or adds to."""


def read_once(patch):
    """For as long as ``patch`` holds; options are read from the commands once, too."""
    load, load_zones, given_with = IncidentSource.load, sources.load_zones, inputs.given_with

    def incidents(self, record):
        if not all(path.is_file() for path in self.paths):
            return load(self, record)
        before = {name: value for name, value in vars(record).items() if name not in RUN}
        key = _as_bytes((self, record.audience, _states(*self.paths), before))
        if key not in TABLES:
            made = load(self, record)
            _keep(TABLES, key, (made, record.copy()))
        made, after = TABLES[key]
        vars(record).update({name: vars(after.copy())[name] for name in before})
        return made.copy()

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
    patch.setattr(IncidentSource, "load", incidents)
    patch.setattr(sources, "load_zones", of_zones)
    patch.setattr(typer.main, "get_command", cache(typer.main.get_command))


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
