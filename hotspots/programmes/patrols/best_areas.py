"""The best set of areas among the places grown, by rule: what each holds, how far it walks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.analysis.forecast.areas import forecast_areas
from hotspots.analysis.names import name_areas
from hotspots.analysis.regions.grow import (
    BasicUnits,
    CandidateAreas,
    Reach,
    gather_blocks,
    grow_places,
    outlines_of,
    owners_of,
)
from hotspots.analysis.regions.set_packing import Packing, pack_places, too_close
from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.core.errors import Findings, InputError, is_whole
from hotspots.core.text.mends import Mend
from hotspots.core.totals import area_totals, period_columns, share_inside, share_of_all_harm
from hotspots.offences.tell_themes import theme_labels
from hotspots.programmes.patrols.patrol_areas import NEAR_MISS, SELECTED, Choice, PatrolAreas
from hotspots.report.text.results.place_words import put_aside, unlabelled

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from hotspots.core.grids import Grid
    from hotspots.core.select import Selection

KIND = "patrol"
MIN_ACTIVE_MONTHS, MAX_EVENT_SHARE = 3, 0.5
FEW_INCIDENTS, FEW_MONTHS, ONE_EVENT = "few-incidents", "few-months", "one-event"
FIRST = (
    "kind", "theme", "status", "rank", "rank_low", "rank_high", "period_from", "period_until",
    "incident_count",
)  # fmt: skip
LAST = ("area_km2", "walk_m", "share_inside", "place_name", "ward_name", "sign_off", "geometry")


def best_areas(
    asked: Selection,
    rules: PatrolRules,
    grid: Grid,
    exclude: gpd.GeoDataFrame | None,
    wards: gpd.GeoDataFrame | None,
) -> PatrolAreas:
    """The areas of one selection of incidents, the best first, and the next best."""
    blocks = gather_blocks(asked.rows, grid)
    _require_room(blocks, rules, grid)
    worth = _worth(asked, blocks, rules, grid)
    grown = grow_places(blocks, worth, rules.reach, _allowed(blocks, exclude))
    months = min(MIN_ACTIVE_MONTHS, blocks.months.shape[1])
    broken = _broken_rules(grown, rules, months)
    fit = grown.take(np.flatnonzero(broken == ""))
    close = too_close(blocks, np.unique(grown.members.indices), rules.min_separation_m)
    packing = pack_places(fit, close, rules.count)
    taken = [fit.blocks_of(place) for place in packing.chosen]
    free = fit.take(np.flatnonzero(~_meets(fit, close, taken)))
    next_best = pack_places(free, close, rules.near_misses, exact=False)
    missed = [free.blocks_of(place) for place in next_best.chosen]
    areas, members = _areas_table(asked, blocks, taken + missed, wards)
    areas["status"] = [SELECTED] * len(taken) + [NEAR_MISS] * len(missed)
    areas["ranked_by"] = rules.by
    # Greedy and short: it only says which places would have been near the top without the rules.
    without_rules = pack_places(grown, close, rules.count, exact=False).chosen
    elsewhere = ~_meets(grown, close, taken)
    aside = [int(place) for place in without_rules if broken[place] and elsewhere[place]]
    theme = asked.question.theme
    labels = theme_labels(asked.source.tally.kinds)
    # What there is to hold, incidents in no block included; of a forecast, in the blocks. Added up
    # in order of size, so that the order of the rows moves no last digit.
    lost, total = blocks.of < 0, float(np.sort(worth).sum())
    if rules.by != "forecast":
        total += float(asked.rows["harm"][lost].sum() if rules.by == "harm" else lost.sum())
    return PatrolAreas(
        areas=areas,
        members=members,
        set_aside=_set_aside_table(asked, blocks, grown, aside, broken, rules, months),
        choice=_summary(packing, total, areas, blocks, rules),
        label=labels.get(theme or "", unlabelled(theme)),
    )


def presented(result: PatrolAreas) -> PatrolAreas:
    """Ranks with their intervals, never narrower than the rank itself, and columns in order."""
    areas, rerun = result.areas, result.victim_reported
    rank = pd.Series(np.arange(1, len(areas) + 1), index=areas.index, dtype="Int64")
    areas = areas.assign(rank=rank, rank_low=rank, rank_high=rank)
    if len(areas):
        by = result.choice.by
        ranks = rank_uncertainty(areas, result.members, by="harm" if by == "harm" else "count")
        # Resampled ranks are those of count or harm: of areas in order of a forecast, they may
        # leave out the rank itself.
        areas["rank_low"] = rank.where(rank < ranks["rank_low"], ranks["rank_low"].astype("Int64"))
        areas["rank_high"] = rank.where(
            rank > ranks["rank_high"], ranks["rank_high"].astype("Int64")
        )
    first = [name for name in FIRST if name in areas]
    last = [name for name in LAST if name in areas]
    middle = [name for name in areas.columns if name not in (*first, *last)]
    return replace(
        result,
        areas=areas[[*first, *middle, *last]],
        victim_reported=None if rerun is None else presented(rerun),
    )


def _worth(
    asked: Selection, blocks: BasicUnits, rules: PatrolRules, grid: Grid
) -> NDArray[np.float64]:
    """What the areas shall hold most of, block by block."""
    if rules.by != "forecast":
        return blocks.count.astype(float) if rules.by == "count" else blocks.harm
    if not len(blocks):
        return np.zeros(0)
    kept = rules.include_found_by_officers
    found = forecast_areas(asked.in_cells(grid), include_found_by_officers=kept)
    expected = found.expected.reindex(pd.Index(blocks.ids)).fillna(0.0)
    return expected.to_numpy(dtype=float)


def _require_room(blocks: BasicUnits, rules: PatrolRules, grid: Grid) -> None:
    """One block must fit into one area."""
    if len(blocks) and not _fitting(blocks, rules).any():
        smallest, widest = float(blocks.area_km2.min()), 2 * float(blocks.radius.min())
        raise InputError(
            f"one block ({grid.name}) has {smallest:.4f} km² and is {widest:.0f} m across, more "
            f"than an area may have (`max_area_km2={rules.max_area_km2:g}`, "
            f"`max_walk_m={rules.max_walk_m:g}`).",
            rule="block-too-large",
            mend=Mend("smaller-blocks"),
        )


def _fitting(blocks: BasicUnits, rules: PatrolRules) -> NDArray[np.bool_]:
    """Blocks that can be an area by themselves."""
    small = (blocks.area_km2 <= rules.max_area_km2) & (2 * blocks.radius <= rules.max_walk_m)
    return np.asarray(small)


def _allowed(blocks: BasicUnits, exclude: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """Blocks that share no ground with an excluded zone."""
    if exclude is None or not len(blocks):
        return np.ones(len(blocks), dtype=bool)
    barred = exclude.geometry.union_all()
    shapely.prepare(barred)
    meets = shapely.intersects(barred, blocks.outline)
    # Blocks and zones often share a border: touching is no ground in common.
    return np.asarray(~meets | shapely.touches(barred, blocks.outline))


def _broken_rules(places: CandidateAreas, rules: PatrolRules, months: int) -> NDArray[np.object_]:
    """The rule that keeps each place from being an area; empty where none does."""
    broken = np.full(len(places), "", dtype=object)
    # Of several rules broken the last one written is told: too few incidents explains the others.
    broken[_event_share(places) > MAX_EVENT_SHARE] = ONE_EVENT
    broken[places.active_months < months] = FEW_MONTHS
    broken[places.count < rules.min_incidents] = FEW_INCIDENTS
    return broken


def _event_share(places: CandidateAreas) -> NDArray[np.float64]:
    return np.asarray(places.largest / np.where(places.harm > 0, places.harm, np.inf))


def _meets(places: CandidateAreas, close: Any, taken: list[NDArray[np.intp]]) -> NDArray[np.bool_]:
    """Places too close to one of those taken."""
    held = np.zeros(places.members.shape[1])
    if taken:
        held[np.concatenate(taken)] = 1.0
    return np.asarray(places.members @ (close @ held) > 0)


def _areas_table(
    asked: Selection,
    blocks: BasicUnits,
    places: list[NDArray[np.intp]],
    wards: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, Selection]:
    """One row a place in the order given, named, and the incidents with their place."""
    outlines = outlines_of(blocks, places, KIND, asked.everything.crs)
    areas = gpd.GeoDataFrame(geometry=outlines)
    members = asked.in_areas(_labels(asked, blocks, places, areas.index), made_by=KIND)
    totals = share_of_all_harm(area_totals(members.parts, areas.index), asked)
    areas["kind"], areas["theme"] = KIND, asked.theme
    for name, stamp in period_columns(asked).items():
        areas[name] = stamp
    areas = areas.join(totals)
    areas["share_of_count"] = areas["incident_count"] / max(asked.total, 1)
    areas["active_months"] = [int(blocks.months[rows].any(axis=0).sum()) for rows in places]
    areas["blocks"] = [len(rows) for rows in places]
    areas["area_km2"] = [float(blocks.area_km2[rows].sum()) for rows in places]
    areas["walk_m"] = [_longest_line(outline) for outline in outlines]
    areas["share_inside"] = share_inside(areas.geometry, asked.within)
    areas["sign_off"] = pd.Series("", index=areas.index, dtype=object)
    overlaps = None if wards is None else relate_to_zones(areas, wards, members)
    return name_areas(areas, members, overlaps).rename_axis("area_id"), members


def _labels(
    asked: Selection, blocks: BasicUnits, places: Sequence[NDArray[np.intp]], ids: pd.Index
) -> pd.Series:
    names = np.array([*ids, None], dtype=object)[owners_of(blocks, places)]
    return pd.Series(names, index=asked.rows.index, name="area_id", dtype=object)


def _longest_line(outline: BaseGeometry) -> float:
    """Longest straight line between two corners."""
    from scipy.spatial.distance import pdist

    corners = shapely.get_coordinates(shapely.convex_hull(outline))
    return float(pdist(corners).max())


def _set_aside_table(
    asked: Selection,
    blocks: BasicUnits,
    grown: CandidateAreas,
    aside: list[int],
    broken: NDArray[np.object_],
    rules: PatrolRules,
    months: int,
) -> gpd.GeoDataFrame:
    """Places the rules kept out, each with the rule and the reason in words."""
    places = [grown.blocks_of(place) for place in aside]
    outlines = outlines_of(blocks, places, "aside", asked.everything.crs)
    table = gpd.GeoDataFrame(geometry=outlines)
    held = {
        FEW_INCIDENTS: (grown.count, rules.min_incidents),
        FEW_MONTHS: (grown.active_months, months),
        ONE_EVENT: (_event_share(grown), 0),
    }
    told = ((place, rule, *held[rule]) for place, rule in zip(aside, broken[aside], strict=True))
    reasons = [put_aside(rule, values[place], least) for place, rule, values, least in told]
    table["rule"] = pd.Series(broken[aside], index=table.index, dtype=object)
    table["reason"] = pd.Series(reasons, index=table.index, dtype=object)
    labels = _labels(asked, blocks, places, table.index)
    totals = area_totals(asked.in_areas(labels, made_by=KIND).parts, table.index)
    kept = ["incident_count", "harm", "largest_event_share"]
    table = table.join(totals[[name for name in kept if name in totals]])
    return table[[*(name for name in table if name != "geometry"), "geometry"]]


def _summary(
    packing: Packing,
    total: float,
    areas: gpd.GeoDataFrame,
    blocks: BasicUnits,
    rules: PatrolRules,
) -> Choice:
    chosen = areas[areas["status"] == SELECTED]
    return Choice(
        by=str(rules.by),
        wanted=rules.count,
        held=packing.value,
        total=total,
        best_possible=packing.bound,
        gap=packing.gap,
        method=packing.method,
        proven=packing.proven,
        incidents_held=int(chosen["incident_count"].sum()),
        incidents_total=len(blocks.of),
        area_km2=float(chosen["area_km2"].sum()),
        unreachable=len(blocks.of) - int(blocks.count[_fitting(blocks, rules)].sum()),
    )


WHOLE_NUMBERS = {"count": 1, "near_misses": 0, "min_incidents": 1}
NUMBERS: dict[str, tuple[Callable[[float], bool], str]] = {
    "max_area_km2": (lambda value: value > 0, "greater than 0"),
    "max_walk_m": (lambda value: value > 0, "greater than 0"),
    "min_separation_m": (lambda value: value >= 0, "of 0 metres or more"),
}
USUAL_LEAST, LEAST = 10, 5
"""Fewest incidents of an area, and where too few places hold them: fewer would be anecdotes."""
BY = ("harm", "count", "forecast")


@dataclass(frozen=True)
class PatrolRules:
    """What makes an area: the arguments of :func:`select_patrol_areas` of these names."""

    count: int
    near_misses: int
    max_area_km2: float
    max_walk_m: float
    min_separation_m: float
    by: str | None
    min_incidents: int
    include_found_by_officers: bool | str

    @classmethod
    def among(cls, arguments: Mapping[str, Any]) -> PatrolRules:
        """Those that are rules; one error names every one out of range."""
        rules = cls(**{rule.name: arguments[rule.name] for rule in fields(cls)})
        findings = Findings()
        for words in _out_of_range(asdict(rules)):
            findings.error("out-of-range", words)
        findings.raise_errors(InputError)
        return rules

    @property
    def reach(self) -> Reach:
        """How large an area may grow."""
        return Reach(self.max_area_km2, self.max_walk_m)


def _out_of_range(rules: Mapping[str, Any]) -> Iterator[str]:
    for name, least in WHOLE_NUMBERS.items():
        value = rules[name]
        if not is_whole(value, least):
            yield f"`{name}` must be a whole number of at least {least}; got {value!r}."
    for name, (holds, words) in NUMBERS.items():
        value = rules[name]
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or not holds(value):
            yield f"`{name}` must be a number {words}; got {value!r}."
    if rules["by"] not in (*BY, None):
        yield f"`by` must be one of {', '.join(BY)}; got {rules['by']!r}."
