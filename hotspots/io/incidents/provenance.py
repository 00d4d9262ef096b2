"""Whether rows in the layout of data.police.uk are what it publishes: by what stands in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hotspots.io.incidents.parse_text import NOWHERE, ON_OR_NEAR, Texts

DIGEST = r"\s*[0-9a-fA-F]{64}\s*"
MOSTLY = 0.9


def is_published(cells: Mapping[str, Texts]) -> bool:
    """Whether places are "On or near" a street, and references digests.

    A table with the same columns may be an extract of one's own: then its points are places, and
    nobody has published its rows. Places and references decide where they are there; one of them
    must be.

    Examples
    --------
    >>> is_published({"place_name": Texts.of(["On or near Park Row", ""])})
    True
    >>> is_published({"reference": Texts.of(["CR/1", "CR/2"])})
    False
    """
    signs = [_street_share(cells.get("place_name")), _share(cells.get("reference"), DIGEST)]
    known = [share for share in signs if share is not None]
    return bool(known) and min(known) >= MOSTLY


def _street_share(column: Texts | None) -> float | None:
    """The share of the named places that are named as the publisher names them."""
    if column is None:
        return None
    plain = column.plain.str.casefold()
    return _of_filled(column, plain.str.startswith(ON_OR_NEAR) | plain.isin(NOWHERE))


def _share(column: Texts | None, shape: str) -> float | None:
    return None if column is None else _of_filled(column, column.distinct.str.fullmatch(shape))


def _of_filled(column: Texts, fits: object) -> float | None:
    """The share of the rows that fit, of those that are not blank; None where all are."""
    filled = column.spread(column.plain != "")
    return (
        float(column.spread(np.asarray(fits, dtype=bool))[filled].mean()) if filled.any() else None
    )
