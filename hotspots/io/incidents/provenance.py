"""Whether rows in the layout of data.police.uk are what it publishes: by what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hotspots.core.errors import Findings
from hotspots.io.incidents.field_map import (
    OWN_POLICE_UK,
    POLICE_UK,
    REFERENCED_POLICE_UK,
    FieldMap,
)
from hotspots.io.incidents.parse_text import NOWHERE, ON_OR_NEAR, Texts

if TYPE_CHECKING:
    import pandas as pd

DIGEST = "[0-9a-fA-F]{64}"
MOSTLY = 0.9
SAMPLE = 10_000
"""Rows that are looked at, evenly through the table."""


def as_it_came(layout: FieldMap, cells: dict[str, Texts], name: str, noted: Findings) -> FieldMap:
    """The layout; what stands in the cells says whether the rows were published, not the header."""
    rows = len(next(iter(cells.values())))
    ours = layout.name == POLICE_UK
    if layout.name not in (POLICE_UK, OWN_POLICE_UK) or (
        ours and (not rows or is_published(cells))
    ):
        return layout
    if ours and have_map_points(cells):
        noted.note(
            "references-of-ones-own",
            "places are as data.police.uk publishes them, references are not: the rows are not "
            "taken as published one by one.",
            file=name,
            rows=rows,
        )
        return replace(layout, name=REFERENCED_POLICE_UK)
    noted.warn(
        "rows-of-ones-own",
        "the columns are those of data.police.uk, the rows are not as it publishes them: they are "
        "taken as your own, not published, and their points as places, not map points.",
        file=name,
        rows=rows,
    )
    return layout.of_ones_own()


def have_map_points(cells: Mapping[str, Texts]) -> bool:
    """Whether places are "On or near" a street, as at map points; else whether rows are published.

    A table with the same columns may be an extract of one's own: then its points are places.

    Examples
    --------
    >>> have_map_points({"place_name": Texts.of(["On or near Park Row", ""])})
    True
    >>> have_map_points({"place_name": Texts.of(["12 Park Row"])})
    False
    """
    named = _street_share(cells.get("place_name"))
    return is_published(cells) if named is None else named >= MOSTLY


def is_published(cells: Mapping[str, Texts]) -> bool:
    """Whether places are "On or near" a street and references digests, as far as there are any.

    Examples
    --------
    >>> is_published({"place_name": Texts.of(["On or near Park Row", ""])})
    True
    >>> is_published({"reference": Texts.of(["CR/1", "CR/2"])})
    False
    """
    signs = [_street_share(cells.get("place_name")), _digest_share(cells.get("reference"))]
    known = [share for share in signs if share is not None]
    return bool(known) and min(known) >= MOSTLY


def _street_share(column: Texts | None) -> float | None:
    """The share of the named places that are named as the publisher names them."""
    if column is None:
        return None
    plain = _some(column).str.casefold()
    return _share(plain.str.startswith(ON_OR_NEAR) | plain.isin(NOWHERE), plain)


def _digest_share(column: Texts | None) -> float | None:
    """The share of the references that are a digest."""
    plain = None if column is None else _some(column)
    return None if plain is None else _share(plain.str.fullmatch(DIGEST), plain)


def _some(column: Texts) -> pd.Series:
    """The texts of some rows, without the blanks around them."""
    codes = column.codes[:: max(1, len(column) // SAMPLE)]
    return column.distinct.take(codes).str.strip()


def _share(fits: pd.Series, plain: pd.Series) -> float | None:
    """The share that fit, of those that are not blank; None where all are."""
    filled = (plain != "").to_numpy()
    return float(fits.to_numpy(dtype=bool)[filled].mean()) if filled.any() else None
