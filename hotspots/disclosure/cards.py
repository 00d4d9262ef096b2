"""What of the cards of places a reader may see: coarser bands, counts of five and more, classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.disclosure.count_classes import class_name
from hotspots.disclosure.rules import FEWEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.analysis.when.cards import PlaceCards
    from hotspots.core.record import Audience

SIX_HOURS = 6


def release_cards(cards: PlaceCards, areas: pd.DataFrame, audience: Audience) -> PlaceCards:
    """The cards as this audience may see them, beside the released table of the same areas.

    Parameters
    ----------
    cards : PlaceCards
        Exact ones.
    areas : DataFrame
        The areas as they were released: an area whose ``incident_count`` is missing there has an
        empty card.
    audience : {"internal", "partner", "public"}
        Whom they are for.

    Returns
    -------
    PlaceCards
        Internal: as they are, for the areas that are there. Partner: bands of six hours and
        offences in the classes of all counts (missing under 5; 5, 10, 15 ...), the months none:
        those that may be shown are in the released counts by period. Public: nothing but
        the areas.

    Notes
    -----
    Offences under 5 are left out, not called "other". It misleads where an empty band is read as
    "nothing happens": there were four or fewer.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.assign_cells(hs.select(town.incidents), hs.H3Grid(7))
    >>> cells = hs.aggregate_to_cells(hs.assign_cells(
    ...     hs.select(town.incidents, hs.Question(within=town.district)), hs.H3Grid(7)))
    >>> from hotspots.analysis.when import place_cards
    >>> shown = release_cards(place_cards(asked, cells.index), cells, "partner")
    >>> shown.week.shape[1:], float(np.nanmin(shown.week))
    ((7, 4), 5.0)
    """
    kept = cards.area_ids.isin(areas.index[areas["incident_count"].notna()])
    here = _of_areas(cards, kept)
    if audience == "internal":
        return here
    seen = kept[kept] & (audience == "partner") & (here.counts >= FEWEST)
    six = here.week.reshape(len(seen), 7, 24 // SIX_HOURS, SIX_HOURS).sum(axis=3)
    nothing = np.full((len(seen), 0), np.nan)
    return replace(
        here,
        months=(),
        month_counts=nothing,
        month_low=nothing,
        month_high=nothing,
        hours_each=SIX_HOURS,
        week=np.where(seen[:, None, None], _classes(np.round(six)), np.nan),
        timed=np.where(seen, class_name(here.timed), 0).astype(np.int64),
        counts=np.where(seen, class_name(here.counts), 0).astype(np.int64),
        offences=tuple(
            tuple((name, float(class_name(count))) for name, count in mix if count >= FEWEST)
            if one
            else ()
            for mix, one in zip(here.offences, seen, strict=True)
        ),
    )


def _of_areas(cards: PlaceCards, kept: NDArray[np.bool_]) -> PlaceCards:
    arrays = ("month_counts", "month_low", "month_high", "week", "timed", "counts")
    offences = tuple(mix for mix, one in zip(cards.offences, kept, strict=True) if one)
    rows = {name: getattr(cards, name)[kept] for name in arrays}
    return replace(cards, area_ids=cards.area_ids[kept], offences=offences, **rows)


def _classes(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    names = class_name(counts)
    return np.where(names > 0, names, np.nan)
