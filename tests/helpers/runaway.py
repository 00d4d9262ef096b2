"""Two areas alike, one of them patrolled at first: is it chosen for ever?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from tables import incidents_at

from hotspots.analysis.cells import assign_cells
from hotspots.analysis.forecast.areas import forecast_areas
from hotspots.core.grids import SquareGrid
from hotspots.core.select import select

HISTORY, PUBLIC, FOUND, MORE = 6, 4.0, 4.0, 1.5
PLACES = ((100.0, 100.0), (2_100.0, 100.0))


def share_of_first(seed: int, rounds: int, reason: bool | str) -> float:
    """In which share of the rounds the area patrolled during the history is chosen again.

    In either area the public reports four incidents a month, officers find four, and half as many
    again where they patrol; the area of which more is forecast is patrolled next.
    """
    rng = np.random.default_rng(seed)
    months = pd.period_range("2020-01", periods=HISTORY + rounds, freq="M").astype(str)
    rows: list[tuple[int, str, str]] = []
    patrolled, firsts = 0, 0
    for number, month in enumerate(months):
        if number >= HISTORY:
            patrolled = _chosen(rows, reason, rng)
            firsts += patrolled == 0
        for area in (0, 1):
            found = rng.poisson(FOUND * (MORE if area == patrolled else 1.0))
            rows += [(area, month, "Violence and sexual offences")] * int(rng.poisson(PUBLIC))
            rows += [(area, month, "Drugs")] * int(found)
    return firsts / rounds


def _chosen(rows: list[tuple[int, str, str]], reason: bool | str, rng: np.random.Generator) -> int:
    """The area of which more is expected; a coin where it is the same."""
    area, month, offence = zip(*rows, strict=True)
    incidents = incidents_at([PLACES[one] for one in area], month=month, offence=offence)
    cells = assign_cells(select(incidents), SquareGrid(1_000))
    found = forecast_areas(cells, include_found_by_officers=reason).expected
    east = found.sort_index()
    return int(rng.integers(2)) if east.iloc[0] == east.iloc[1] else int(east.argmax())
