"""The cards of the places a page lists, as the readers of a release may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hotspots.analysis.when import PlaceCards, place_cards
from hotspots.disclosure import Release, release_cards
from hotspots.disclosure.rules import first

if TYPE_CHECKING:
    from hotspots.core.select import Selection


def cards_of(
    asked: Mapping[str, Selection], released: Release, *, top: int
) -> dict[str, PlaceCards]:
    """Months, week and offences of the listed places and of those level with them, by theme."""
    return {theme: _of_listed(one, released, top) for theme, one in asked.items()}


def _of_listed(asked: Selection, released: Release, top: int) -> PlaceCards:
    table = next(cells for cells in released.cells if first(cells, "theme") == asked.theme)
    rank = table["rank"].astype("Float64").dropna().sort_values(kind="stable")
    exact = place_cards(asked, rank.index[: 2 * top])
    return release_cards(exact, table, released.audience if released.withholds else "internal")
