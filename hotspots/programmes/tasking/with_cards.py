"""The cards of the places a page lists, as the readers of a release may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.analysis.when import PlaceCards, place_cards
from hotspots.disclosure import Release, parts_of_cards, release_cards
from hotspots.disclosure.rules import first

if TYPE_CHECKING:
    from hotspots.core.select import Selection

Cards = dict[str, PlaceCards]


def with_cards(
    released: Release, asked: Mapping[str, Selection], *, top: int
) -> tuple[Release, Cards]:
    """Months, week and offences of the listed places and of those level with them, by theme.

    A release for partners then holds the parts they see, so that the next one knows of them.
    """
    exact = {theme: _of_listed(one, released, top) for theme, one in asked.items()}
    if released.withholds and released.audience == "partner" and released.breakdowns is None:
        parts = [parts_of_cards(cards, theme) for theme, cards in exact.items()]
        released = released.with_breakdowns(pd.concat(parts)) if parts else released
    shown = {theme: release_cards(cards, released, theme) for theme, cards in exact.items()}
    return released, shown


def _of_listed(asked: Selection, released: Release, top: int) -> PlaceCards:
    table = next(cells for cells in released.cells if first(cells, "theme") == asked.theme)
    rank = table["rank"].astype("Float64").dropna().sort_values(kind="stable")
    return place_cards(asked, rank.index[: 2 * top])
