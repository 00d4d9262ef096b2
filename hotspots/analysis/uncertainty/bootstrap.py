"""Blocks of incidents that come and go together, and fast draws of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.analysis.uncertainty.bootstrap_ranks import Ranking

PARTS = ["events", "amount", "down", "up"]


@dataclass(frozen=True)
class Blocks:
    """Groups of equal blocks of one area.

    A block is drawn a Poisson(1) number of times. ``times`` equal blocks of one area are together
    drawn a Poisson(times) number of times, which is the same and far less work.
    """

    times: NDArray[np.float64]
    events: NDArray[np.float64]
    amount: NDArray[np.float64]
    to_area: Any
    down: Any
    up: Any

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self.times)

    def draw(
        self, source: np.random.Generator, draws: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Events and amount of every area in each of so many draws."""
        taken = source.poisson(self.times[:, None], (self.size, draws))
        events = np.asarray(self.to_area @ (taken * self.events[:, None]))
        if self.down is None:
            return events, np.asarray(self.to_area @ (taken * self.amount[:, None]))
        lean = source.uniform(-1, 1, (self.down.shape[1], draws))
        amounts = self.amount[:, None] + self.up @ np.maximum(lean, 0)
        amounts += self.down @ np.minimum(lean, 0)
        return events, np.asarray(self.to_area @ (taken * amounts))


def block_incidents(ranking: Ranking, *, with_range: bool) -> Blocks:
    """Group incidents into blocks by area, map point and month, and equal blocks together."""
    events = _events(ranking, with_range=with_range)
    keys = ["area", "place", "month"]
    parts = events.groupby([*keys, "offence"], sort=True)[PARTS].sum().round(9).reset_index()
    blocks = parts.groupby(keys, sort=True).agg(
        offences=("offence", "size"), offence=("offence", "first"), **{p: (p, "sum") for p in PARTS}
    )
    blocks["alone"] = np.where(blocks["offences"] > 1, np.arange(len(blocks)), -1)
    same = ["area", "offence", *PARTS, "alone"]
    flat = blocks.reset_index()
    flat["group"] = flat.groupby(same, sort=True).ngroup()
    groups = flat.groupby("group", sort=True).agg(
        times=("group", "size"),
        **{name: (name, "first") for name in ("area", "events", "amount")},
    )
    size, areas = len(groups), len(ranking.area_ids)
    to_area = _sparse(np.ones(size), groups["area"], np.arange(size), (areas, size))
    ranged = with_range and bool((parts[["down", "up"]] != 0).any(axis=None))
    down = up = None
    if ranged:
        first = flat.drop_duplicates("group")
        used = parts.merge(first[[*keys, "group"]], on=keys)
        shape = (size, int(parts["offence"].max()) + 1)
        down = _sparse(used["down"], used["group"], used["offence"], shape)
        up = _sparse(used["up"], used["group"], used["offence"], shape)
    return Blocks(
        times=groups["times"].to_numpy(dtype=float),
        events=groups["events"].to_numpy(dtype=float),
        amount=groups["amount"].to_numpy(dtype=float),
        to_area=to_area,
        down=down,
        up=up,
    )


def _events(ranking: Ranking, *, with_range: bool) -> pd.DataFrame:
    """One row an incident: where, when, which offence, how much and how sure that is."""
    members = ranking.members
    amount = np.nan_to_num(ranking.weight)
    down, up = np.zeros(len(members)), np.zeros(len(members))
    offence = np.zeros(len(members), dtype=np.intp)
    if ranking.by == "harm" and with_range and {"harm_low", "harm_high"} <= set(members.columns):
        low, high = (members[name].to_numpy(dtype=float) for name in ("harm_low", "harm_high"))
        down = np.nan_to_num(np.maximum(amount - low, 0))
        up = np.nan_to_num(np.maximum(high - amount, 0))
        if "offence" in members.columns:
            offence, _ = pd.factorize(members["offence"].astype(str), sort=True)
    events = pd.DataFrame(
        {
            "area": ranking.codes,
            "place": ranking.place,
            "month": ranking.month,
            "offence": offence,
            "events": (~np.isnan(ranking.weight)).astype(float),
            "amount": amount,
            "down": down,
            "up": up,
        }
    )
    return events.sort_values(list(events.columns), ignore_index=True)


def _sparse(values: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    data = np.asarray(values, dtype=float)
    return csr_array((data, (np.asarray(rows), np.asarray(columns))), shape=shape)
