"""What a release held when it was made: a table that was changed since leaves by no door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    from hotspots.disclosure.releases import Release


def sealed(made: Release) -> Release:
    """A release that knows its tables again; one that withholds nothing has no need to."""
    if not made.withholds:
        return made
    return replace(made, seal=tuple(map(_hash, made.every_table)))


def require_sealed(released: Release) -> Release:
    """The release, unless a table of it is not as :func:`hotspots.release` made it."""
    require(
        not released.withholds or released.seal == tuple(map(_hash, released.every_table)),
        f"tables of a release for {released.audience} must stay as they were made; some were "
        "changed since, and what was joined or edited there was not checked.",
        mend=Mend("join-before-release"),
        rule="changed-after-release",
    )
    return released


def only(released: Release, tables: Mapping[str, pd.DataFrame]) -> Release:
    """For the same reader these tables alone, made of what was released to him."""
    return sealed(replace(require_sealed(released), areas=(), zones=(), tables=dict(tables)))


def _hash(table: pd.DataFrame) -> str:
    """Of all but the shapes, which nobody joins."""
    shapes = [name for name, kind in table.dtypes.items() if str(kind) == "geometry"]
    plain = pd.DataFrame(table.drop(columns=shapes))
    try:
        rows = pd.util.hash_pandas_object(plain)
    except TypeError:  # lists in cells
        rows = pd.util.hash_pandas_object(plain.astype(str))
    names = "\n".join(map(str, table.columns)).encode()
    return sha256(names + rows.to_numpy().tobytes()).hexdigest()
