"""What a release makes known, for the next one, and whether it still is as it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.plain import geometry_columns
from hotspots.core.text.mends import Mend
from hotspots.disclosure.over_time import is_dated, window
from hotspots.disclosure.rules import Reader, count_columns, first, theme_of

if TYPE_CHECKING:
    from hotspots.disclosure.releases import Release


@dataclass(frozen=True)
class Published:
    """What one table of a release makes known, for the next release.

    Attributes
    ----------
    geography, theme
        Kind of area, and theme ("" where it holds several).
    start, end
        Window of time, as ISO text; empty where it has none.
    minimum
        Incidents every cluster has at least.
    """

    geography: str
    theme: str
    start: str = ""
    end: str = ""
    minimum: float = 0.0


def published_by(tables: Iterable[pd.DataFrame], reader: Reader) -> Iterator[Published]:
    """What tables that were made safe make known."""
    for table in tables:
        if not count_columns(table, reader) or not len(table):
            continue
        days = window(table) if is_dated(table) else ()
        start, end = [day.date().isoformat() for day in days] or ("", "")
        theme = theme_of(table)
        minimum = reader.minimums.get(theme, 0.0)
        yield Published(str(first(table, "kind")), theme, start, end, minimum)


def sealed(made: Release) -> Release:
    """A release that knows its tables again; one that withholds nothing has no need to."""
    if not made.withholds:
        return made
    return replace(made, seal=_hashes(made))


def require_sealed(released: Release) -> Release:
    """The release, unless a table of it is not as :func:`hotspots.release` made it."""
    require(
        not released.withholds or (released.lately is None and released.seal == _hashes(released)),
        f"tables of a release for {released.audience} must stay as they were made; some were "
        "changed since, and what was joined or edited there was not checked.",
        mend=Mend("join-before-release"),
        rule="changed-after-release",
    )
    return released


def holding(released: Release, parts: pd.DataFrame | None) -> Release:
    """The same release with other parts of its counts, which are sealed beside its tables."""
    seal = require_sealed(released).seal[: len([*released.every_table, *released.history])]
    own = () if parts is None or not released.withholds else (_hash(parts),)
    return replace(released, breakdowns=parts, seal=(*seal, *own))


def only(released: Release, tables: Mapping[str, pd.DataFrame]) -> Release:
    """For the same reader these tables alone, made of what was released to him."""
    return sealed(replace(require_sealed(released), areas=(), zones=(), tables=dict(tables)))


def _hashes(released: Release) -> tuple[str, ...]:
    parts = [] if released.breakdowns is None else [released.breakdowns]
    return tuple(map(_hash, [*released.every_table, *released.history, *parts]))


def _hash(table: pd.DataFrame) -> str:
    """Of all its columns; outlines as they are written, since exact ones could take their place."""
    shapes = {name: table[name].to_wkb() for name in geometry_columns(table)}
    plain = pd.DataFrame(table).assign(**shapes)
    try:
        rows = pd.util.hash_pandas_object(plain)
    except TypeError:  # lists in cells
        rows = pd.util.hash_pandas_object(plain.astype(str))
    names = "\n".join(map(str, table.columns)).encode()
    return sha256(names + rows.to_numpy().tobytes()).hexdigest()
