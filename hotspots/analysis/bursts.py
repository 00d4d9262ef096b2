"""How much more the count of an area varies than single incidents would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.trends.by_period import flat_periods
from hotspots.analysis.troubles import days_known, trouble_of
from hotspots.core.months import as_long, clock_of, month_named
from hotspots.core.periods import Span, span_of
from hotspots.core.points import PlaceIndex
from hotspots.stats.counts import FEWEST_FREE, Dispersion, overdispersion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.select import Selection
    from hotspots.core.source import Parts

MONTHS, INCIDENTS, NOTHING_KNOWN = "months", "incidents", "nothing"
"""What is known of how an area varies by itself, as codes."""

ENOUGH, MOST_OF_ALL = 2.5, 0.5
UNUSUAL = 0.05
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Bursts:
    """How much more each area varies than single incidents.

    Attributes
    ----------
    variance : array of float, shape (areas,)
        Over that of single incidents; 1 at the least.
    free : array of float, shape (areas,)
        Degrees of freedom it was read from; 0 where it is no estimate.
    against : array of str, shape (areas,)
        What it was read from, ``MONTHS``, ``INCIDENTS`` or ``NOTHING_KNOWN``.
    """

    variance: NDArray[np.float64]
    free: NDArray[np.float64]
    against: NDArray[np.object_]

    @classmethod
    def none(cls, size: int, against: str = NOTHING_KNOWN) -> Bursts:
        """Of areas of which nothing is known, or of which all is one trouble each."""
        return cls(np.ones(size), np.zeros(size), np.full(size, against, dtype=object))

    def or_more(self, other: Bursts) -> Bursts:
        """The larger of two, area by area."""
        return self.but(other.variance > self.variance, other)

    def but(self, where: NDArray[np.bool_], other: Bursts) -> Bursts:
        """These, and the others where it is said."""
        return Bursts(
            np.where(where, other.variance, self.variance),
            np.where(where, other.free, self.free),
            np.where(where, other.against, self.against),
        )


def bursts_of_places(
    windows: tuple[Selection, Selection], share: float, area_ids: pd.Index, *, snapped: bool
) -> Bursts:
    """What the incidents of two windows tell, the later one first.

    What is independent is a trouble where days and places are known, else a place (every incident
    without ``snapped``); each leans to the later window by what it holds there beyond the share.
    """
    rows = pd.concat([one.rows for one in windows])
    area = np.concatenate([area_ids.get_indexer(pd.Index(one.area_ids)) for one in windows])
    late = np.repeat([1.0, 0.0], [len(one.rows) for one in windows])
    other = PlaceIndex.of(rows).of_row if snapped else np.arange(len(rows))
    key = np.where(days_known(rows), trouble_of(rows), -1 - other)
    whole = pd.DataFrame({"area": area, "key": key, "late": late})
    parts = whole[area >= 0].groupby(["area", "key"])["late"].agg(["sum", "size"]).reset_index()
    lean = (parts["sum"] - share * parts["size"]) ** 2
    held, found = (np.bincount(parts["area"], one, len(area_ids)) for one in (parts["size"], lean))
    variance = np.maximum(found / np.maximum(share * (1 - share) * held, TINY), 1.0)
    return replace(Bursts.none(len(area_ids), INCIDENTS), variance=variance)


def months_of_areas(incidents: Selection) -> pd.DataFrame:
    """Counts by ``area_id`` and ``period`` in all months of the table, those of none left out."""
    parts = incidents.during(None).parts
    held = parts.area >= 0
    month = pd.Series(parts.month[held]).map(month_named)
    table = pd.DataFrame({"area_id": parts.ids[parts.area[held]], "period": month})
    table["incident_count"] = parts.count[held]
    return table.groupby(["area_id", "period"])[["incident_count"]].sum()


def months_beside_rest(parts: Parts, chosen: Selection) -> list[Dispersion]:
    """How much more the months of each area vary, beside those of the rest, than Poisson counts.

    ``parts`` are those of the selection by area. Few bursts a year tell little of one area: what
    all have is taken, but where one varies by more than one in twenty then would. In too few
    months what comes from one place is taken for one burst: too much where places are busy.
    """
    from scipy.special import chdtri

    tally = chosen.source.tally
    whole = np.bincount(tally.month, chosen.counts, len(tally.months))
    own = np.zeros((len(parts.ids), len(whole)))
    held = parts.area >= 0
    np.add.at(own, (parts.area[held], tally.month[parts.line[held]]), parts.count[held])
    each = [overdispersion(one[whole > 0], (whole - one)[whole > 0]) for one in own]
    free = sum(one.degrees_of_freedom for one in each)
    if not free:
        located = tally.place >= 0
        size = np.bincount(tally.place[located], chosen.counts[located])
        more = float((size * (size - 1)).sum()) / max(chosen.total, 1)
        return [Dispersion(1.0 + more)] * len(each)
    shared = sum(one.value * one.degrees_of_freedom for one in each) / free
    usual = Dispersion(shared, free)

    def is_odd(one: Dispersion) -> bool:
        known = one.degrees_of_freedom
        return bool(known and one.value * known > shared * chdtri(known, UNUSUAL))

    return [one if is_odd(one) else usual for one in each]


def bursts_of_months(
    area_periods: pd.DataFrame,
    windows: tuple[Span, Span],
    area_ids: pd.Index,
    held: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Bursts | None:
    """What the months of each area tell; None where they are too few.

    About what all areas did in a month, and about the area's own level in each of the windows and
    outside them, so that a change between the windows is none of it. Nothing where one of twenty
    areas of single incidents would vary as much. An area is not known that has a month withheld or
    none at all, that is more than half of all there is, or whose months hold less than ``ENOUGH``
    times what a month of the larger of its two counts ``held`` does: had it come in bursts as
    large, they need not show one.
    """
    from scipy.special import chdtri

    table = flat_periods(area_periods, "incident_count")
    keys = [table[name].astype(str) for name in ("area_id", "period")]
    months = table["incident_count"].astype(float).groupby(keys).sum(min_count=1)
    counts = months.unstack(fill_value=0).reindex(area_ids.astype(str))
    whole = counts.notna().all(axis=1)
    counts = counts.where(whole, 0.0)
    squares, told, most_of_all = np.zeros((3, len(counts)))
    free = 0
    apart = _apart(list(counts.columns), windows)
    most = np.fmax(*(one / max(len(names), 1) for one, names in zip(held, apart, strict=False)))
    for names in filter(None, apart):
        own = counts[names].to_numpy(dtype=float)
        share = own.sum(axis=1, keepdims=True) / max(own.sum(), 1.0)
        if len(names) > 1:
            told += own.sum(axis=1)
            most_of_all = np.fmax(most_of_all, share[:, 0])
        usual = share * own.sum(axis=0)
        # An area is part of what all did: what is left of it is so much smaller.
        left = np.maximum(usual * (1 - share), TINY)
        squares += ((own - usual) ** 2 / left).sum(axis=1)
        free += len(names) - 1
    if free < FEWEST_FREE:
        return None
    varies = squares > chdtri(free, UNUSUAL)
    known = whole & (told >= ENOUGH * most) & (most_of_all <= MOST_OF_ALL)
    return Bursts(
        np.where(varies, squares / free, 1.0),
        np.where(varies, float(free), 0.0),
        np.where(known, MONTHS, NOTHING_KNOWN).astype(object),
    )


def _apart(names: list[str], windows: tuple[Span, Span]) -> list[list[str]]:
    """The shortest periods of one length: those in each window, and those in none."""
    clock = clock_of(windows[0][0])
    spans = {name: span for name in names if (span := span_of(name, clock)) is not None}
    inside: list[list[str]] = [[], [], []]
    if not spans:
        return inside
    least = min(spans.values(), key=lambda span: span[1] - span[0])
    for name, span in spans.items():
        if not as_long(span, least):
            continue
        touched = [at for at, one in enumerate(windows) if span[0] < one[1] and one[0] < span[1]]
        if len(touched) < 2:
            inside[touched[0] if touched else 2].append(name)
    return inside
