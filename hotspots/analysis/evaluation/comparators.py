"""Places most like a treated one before the start, and how its change stands among theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import affinity

from hotspots.analysis.evaluation.comparison_groups import FEWEST, Laid
from hotspots.analysis.evaluation.windows import (
    Windows,
    choose_windows,
    of_all_times,
    refuse_unlike,
    silences_of,
)
from hotspots.core.arguments import size_of, whole_of
from hotspots.core.arrays import Bools, Codes, Floats
from hotspots.core.crs import coordinates, require_ground, require_same_crs
from hotspots.core.errors import require
from hotspots.core.months import month_of
from hotspots.core.periods import Dates, months_of
from hotspots.core.plain import plain, plain_records
from hotspots.core.points import distinct_places, lies_in
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.core.tables import ZONES, require_table
from hotspots.stats.yardstick import Yardstick, fit_yardstick

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


BLOCKS = ("level", "trend", "season", "mix")
MOST_CANDIDATES = 200
AS_BUSY = 4.0
FEWEST_BEFORE = 12
COMMON_OFFENCES = 12
SEED = 14


@dataclass(frozen=True, eq=False)
class Comparators(Spoken):
    """Places like a treated one, apart from it.

    Attributes
    ----------
    zones : GeoDataFrame
        The comparators, most alike first: ``zone_name``, ``kind``, ``unlike`` (distance in level,
        trend, season and mix; 1 is as far as two candidates usually are).
    balance : DataFrame
        By ``level``, ``trend``, ``season`` and ``mix``: ``treated``, mean of the ``comparators``
        and of all ``candidates`` (incidents a month; growth from the first half of the time before
        to the second; share of the busiest half year; share of the most common offence), and how
        ``unlike`` the comparators are, 0 being the same.
    months : DataFrame
        By month: ``treated``, ``comparators``, for :func:`interrupted_time_series`.
    ratio : float
        Change of the treated over that of the comparators.
    places, as_extreme : int
        Candidates that were judged by *their* comparators, and how many of them changed as much.
    windows : Windows
        What was compared, and ``cautions`` about it: a last month cut short is left out.
    theme : str
        What was counted.
    """

    zones: gpd.GeoDataFrame
    balance: pd.DataFrame
    months: pd.DataFrame
    ratio: float
    places: int
    as_extreme: int
    windows: Windows
    theme: str

    @property
    def p_value(self) -> float:
        """Share of the places that changed as much, the treated counted with them."""
        return (1 + self.as_extreme) / (1 + self.places)

    @property
    def beyond_chance(self) -> bool | None:
        """Whether at most one in twenty changed as much; None for fewer than 40 places."""
        return None if self.places < FEWEST or math.isnan(self.ratio) else self.p_value <= 0.05

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        numbers = ("ratio", "places", "as_extreme", "p_value", "beyond_chance", "theme")
        return {
            **{name: plain(getattr(self, name)) for name in numbers},
            "comparators": self.zones["zone_name"].tolist(),
            "balance": plain_records(self.balance.reset_index()),
            "cautions": [str(caution) for caution in self.windows.cautions],
            "sentence": self.to_sentence(),
        }


def find_comparators(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    started: object,
    before: Dates | None = None,
    after: Dates | None = None,
    months: int = 12,
    count: int = 10,
    min_separation_m: float = 250.0,
    candidates: gpd.GeoDataFrame | None = None,
    allow_empty_months: bool = False,
) -> Comparators:
    """Find the places most like the treated one before the start, apart from it and each other.

    Parameters
    ----------
    zones : GeoDataFrame
        Treated zones, taken together as one.
    incidents : Selection
        From :func:`select` with a question about all times; a plain table stands for all its
        incidents. The study area may be wider than the city: the rest of a county, for instance.
    started : date or str
        First day of the work. Likeness is judged by what came before it alone.
    before, after, months
        Windows of the comparison, as in :func:`compare_change`.
    count : int
        Comparators wanted.
    min_separation_m : float
        Ground between them and the treated zones.
    candidates : GeoDataFrame, optional
        Places to choose from, such as wards or patrol areas that were not treated; those that
        touch the treated or its surroundings are left out. By default the outline of the treated
        zones is laid elsewhere, where up to four times as much happened, or as little.
    allow_empty_months : bool
        As in :func:`compare_change`.

    Returns
    -------
    Comparators
        ``zones`` go into ``compare_change(..., comparator=)``; ``months`` into
        ``interrupted_time_series(months["treated"], control=months["comparators"])``.

    Raises
    ------
    InputError
        Where there are fewer candidates than ``count``, or fewer than 12 months before the start.
    DataError
        Months of the windows without any data, or a source that covers a part of them only.

    Notes
    -----
    The p-value is that of the treated among the candidates, each judged by the comparators most
    like it by the same rule. It misleads where something was done in the comparators too, and where
    the treated was chosen for being high: the comparators were not, so it falls back and they do
    not (:func:`regression_to_the_mean`). Alike before is no promise for after.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). Synthetic control methods for comparative
    case studies. JASA 105, 493-505. https://doi.org/10.1198/jasa.2009.ap08746

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> wards = town.wards.set_index("zone_name", drop=False)
    >>> first = wards.index[0]
    >>> found = find_comparators(wards.loc[[first]], asked, started="2025-04-01", count=2,
    ...     candidates=wards.drop(first), min_separation_m=0)
    >>> len(found.zones), found.balance.index.tolist(), found.beyond_chance
    (2, ['level', 'trend', 'season', 'mix'], None)
    """
    count = whole_of(count, "count")
    min_separation_m = size_of(min_separation_m, "min_separation_m", zero=True)
    chosen = _asked(zones, incidents)
    everything, silences = chosen.everything, silences_of(chosen)
    windows = choose_windows(
        everything, started=started, before=before, after=after, months=months, silences=silences
    )
    told = refuse_unlike(chosen, windows, silences, allowed=allow_empty_months)
    windows = replace(windows, cautions=(*windows.cautions, *told))
    treated = shapely.union_all(zones.geometry.to_numpy())
    city = _City(chosen, windows)
    held, outlines = _candidates(city, treated, min_separation_m, candidates, zones.crs)
    require(
        len(outlines) >= count,
        f"`count={count}` comparators were wanted; {len(outlines)} places of about the level of "
        "the treated lie apart from it.",
        rule="too-few-comparators",
        mend="Ask for fewer, a smaller `min_separation_m`, or give `candidates`.",
    )
    blocks = city.blocks(np.concatenate([[city.inside(treated)], held]))
    apart = _distances(blocks)
    order = np.argsort(apart[0, 1:], kind="stable")[:count]
    counts = np.concatenate([[city.counts(city.inside(treated))], [*map(city.counts, held)]])
    logs, spread = np.array([_change(one, counts, apart, count) for one in range(len(counts))]).T
    judged = fit_yardstick(logs[1:], spread[1:]) if len(outlines) > count else Yardstick()
    kept = outlines.iloc[order].assign(unlike=apart[0, 1:][order])
    if candidates is None:
        kept["zone_name"] = list(map(city.street, held[order], kept["zone_name"]))
    return Comparators(
        zones=kept,
        balance=_balance(city, blocks, apart, order + 1),
        months=city.monthly(city.inside(treated), held[order]),
        ratio=float(math.exp(logs[0])),
        places=judged.size,
        as_extreme=judged.as_extreme(float(logs[0]), float(spread[0])) if judged.size else 0,
        windows=windows,
        theme=chosen.theme,
    )


def _asked(zones: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame | Selection) -> Selection:
    """The selection, once the arguments can be used."""
    require_table(zones, ZONES, argument="zones", only=["geometry"])
    require_ground(zones, "zones")
    require(len(zones) > 0, "`zones` must hold a treated zone; got none.")
    chosen = of_all_times(incidents)
    require_same_crs(chosen.everything, zones, ("incidents", "zones"))
    require(chosen.total > 0, "comparators need incidents; got none.", rule="no-incidents")
    return chosen


class _City:
    """Distinct places of the incidents, and what happened at each, by month, window and offence."""

    def __init__(self, chosen: Selection, windows: Windows) -> None:
        used = chosen.rows
        places, place = distinct_places(*coordinates(used.geometry))
        self.places, self._size = places / 1000, len(places)
        self._place, self._streets = place, used.get("place_name")
        months = month_of(used["occurred_from"]).to_numpy()
        held = sorted(set(months_of(windows.before)) | {one for one in months if one is not None})
        first, last = f"{windows.started:%Y-%m}", months_of(windows.after)[-1]
        self.names = [one for one in held if one <= last]
        self.past = np.array([one < first for one in self.names])
        require(
            int(self.past.sum()) >= FEWEST_BEFORE,
            f"likeness needs {FEWEST_BEFORE} months before the start; got {int(self.past.sum())}.",
            rule="too-few-periods",
        )
        at = {name: number for number, name in enumerate(self.names)}
        number = np.array([at.get(one, -1) for one in months])
        self.by_month = self._table(place, number, len(self.names))
        self._window = [
            np.array([one in set(months_of(span)) for one in self.names])
            for span in (windows.before, windows.after)
        ]
        common = used["offence"].value_counts().index[:COMMON_OFFENCES]
        offence = pd.Index(common).get_indexer(pd.Index(used["offence"]))
        before = np.where((number >= 0) & self.past[number], offence, -1)
        self.by_offence = self._table(place, before, len(common))

    def _table(self, place: Codes, column: NDArray[Any], size: int) -> Floats:
        known = column >= 0
        flat = np.bincount(place[known] * size + column[known], minlength=self._size * size)
        return flat.reshape(self._size, size).astype(float)

    def inside(self, outline: BaseGeometry) -> Bools:
        """Which places lie in an outline."""
        return np.asarray(lies_in(outline, *self.places.T))

    def street(self, held: Bools, otherwise: str) -> str:
        """The street most incidents of some places are on; another name where none is known."""
        if self._streets is None:
            return otherwise
        streets = self._streets[held[self._place]].dropna()
        return str(streets.mode().iloc[0]) if len(streets) else otherwise

    def counts(self, held: Bools) -> Floats:
        """Incidents of the before and the after window."""
        months = self.by_month[held].sum(axis=0)
        return np.array([months[window].sum() for window in self._window])

    def monthly(self, treated: Bools, others: Bools) -> pd.DataFrame:
        """Counts by month of the treated, and of the comparators together."""
        beside = self.by_month[others.any(axis=0)].sum(axis=0).astype(int)
        mine = self.by_month[treated].sum(axis=0).astype(int)
        index = pd.Index(self.names, name="month")
        return pd.DataFrame({"treated": mine, "comparators": beside}, index=index)

    def blocks(self, held: Bools) -> dict[str, Floats]:
        """What places are alike by, of the time before: a few numbers for each place and block."""
        past = held @ self.by_month[:, self.past]
        total = np.maximum(past.sum(axis=1), 0.5)
        half = past.shape[1] // 2
        early, late = past[:, :half].sum(axis=1) + 0.5, past[:, half:].sum(axis=1) + 0.5
        angle = 2 * np.pi * np.array([int(name[5:]) for name in np.array(self.names)[self.past]])
        wave = np.column_stack([np.cos(angle / 12), np.sin(angle / 12)])
        mix = held @ self.by_offence
        return {
            "level": np.log(total)[:, None],
            "trend": np.log(late / early * half / (past.shape[1] - half))[:, None],
            "season": past @ wave / total[:, None],
            # Roots of shares: their distance is Hellinger's.
            "mix": np.sqrt(mix / np.maximum(mix.sum(axis=1), 1)[:, None]),
        }


def _candidates(
    city: _City,
    treated: BaseGeometry,
    min_separation_m: float,
    given: gpd.GeoDataFrame | None,
    crs: Any,
) -> tuple[Bools, gpd.GeoDataFrame]:
    """Which places each candidate holds, and their outlines."""
    barred = treated.buffer(min_separation_m) if min_separation_m else treated
    if given is not None:
        require_table(given, ZONES, argument="candidates", only=["geometry"])
        require_ground(given, "candidates")
        meets = given.intersects(barred) & ~given.touches(barred)
        free = given[~meets]
        held = [city.inside(one) for one in free.geometry]
        names = free.get("zone_name", free.index)
        table = free.assign(zone_name=[str(one) for one in names])
        return np.array(held, dtype=bool).reshape(len(free), len(city.places)), table
    level = city.by_month[:, city.past].sum(axis=1)
    mine = float(level[city.inside(treated)].sum())
    require(mine > 0, "nothing happened in the treated zones before the start.")
    laid = Laid(treated, city.places, level + 1e-9, np.random.default_rng(SEED))
    held_by = laid.totals(level)
    with np.errstate(divide="ignore"):
        unlike = np.abs(np.log(held_by / mine))
    away = shapely.distance(barred, shapely.points(laid.centres)) > laid.radius_m
    kept = laid.apart((unlike <= math.log(AS_BUSY)) & away, unlike, MOST_CANDIDATES)
    middle = treated.centroid
    shapes = [
        affinity.translate(treated, x - middle.x, y - middle.y) for x, y in laid.centres[kept]
    ]
    named = [f"Like place {number}" for number in range(1, len(shapes) + 1)]
    table = gpd.GeoDataFrame(
        {"zone_name": named, "kind": "comparator"},
        index=pd.Index([f"like-{number}" for number in range(1, len(shapes) + 1)], name="zone_id"),
        geometry=shapes,
        crs=crs,
    )
    held = [city.inside(one) for one in shapes]
    return np.array(held, dtype=bool).reshape(len(shapes), len(city.places)), table


def _distances(blocks: dict[str, Floats]) -> Floats:
    """How unlike any two places are: each block weighs the same; 1 is usual."""
    total = np.zeros((len(blocks["level"]), len(blocks["level"])))
    for values in blocks.values():
        squares = ((values[:, None, :] - values[None, :, :]) ** 2).sum(axis=2)
        usual = squares[1:, 1:].sum() / max((len(values) - 1) * (len(values) - 2), 1)
        total += squares / (usual or 1.0) / len(blocks)
    return np.asarray(np.sqrt(total))


def _change(one: int, counts: Floats, apart: Floats, count: int) -> tuple[float, float]:
    """Log of the change over that of the places most like it, and its Poisson variance."""
    others = np.argsort(apart[one], kind="stable")
    others = others[(others != one) & (others > 0)][:count]
    cells = np.maximum([*counts[one], *counts[others].sum(axis=0)], 0.5)
    return math.log(cells[1] / cells[0] * cells[2] / cells[3]), float((1 / cells).sum())


def _balance(city: _City, blocks: dict[str, Floats], apart: Floats, chosen: Codes) -> pd.DataFrame:
    """What the treated is like, and what its comparators and all candidates are."""
    swing = np.hypot(*blocks["season"].T)
    told = {
        "level": np.exp(blocks["level"][:, 0]) / int(city.past.sum()),
        "trend": np.exp(blocks["trend"][:, 0]),
        "season": 0.5 + 2 * swing / np.pi,
        "mix": blocks["mix"].max(axis=1) ** 2 if blocks["mix"].size else np.ones(len(apart)),
    }
    rows = {}
    for name in BLOCKS:
        squares = ((blocks[name] - blocks[name][0]) ** 2).sum(axis=1)
        usual = float(squares[1:].mean()) or 1.0
        rows[name] = {
            "treated": told[name][0],
            "comparators": told[name][chosen].mean(),
            "candidates": told[name][1:].mean(),
            "unlike": math.sqrt(float(squares[chosen].mean()) / usual),
        }
    return pd.DataFrame(rows).T.rename_axis("block")
