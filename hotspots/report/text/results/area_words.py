"""Areas in words: clusters and chance, what is expected where, and how other choices agree."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing
from hotspots.core.plain import counted
from hotspots.report.text.words import and_list, small_number

if TYPE_CHECKING:
    from hotspots.analysis.clusters.chance import ClusterChance
    from hotspots.analysis.clusters.radius import RadiusSuggestion

UNSEEN = "Places where nothing was ever recorded are not seen."


def radius_suggestion(hint: RadiusSuggestion) -> Iterator[str]:
    """What the distances say, and which radius follows."""
    tenth, half = hint.distance_to_kth.loc[0.1], hint.distance_to_kth.loc[0.5]
    if math.isfinite(half):
        yield (
            f"The closest tenth of incidents have {hint.min_incidents} incidents within "
            f"{tenth:,.0f} m, the closest half within {half:,.0f} m."
        )
    else:
        yield f"There are fewer than {hint.min_incidents} incidents, so no radius gives a cluster."
    yield (
        f"Half of all incidents lie less than {hint.spacing_m:,.0f} m from the next place where "
        "anything was recorded; a smaller radius finds piles on single map points."
    )
    yield from _suggested(hint) if hint.radius_m is not None else _none_suggested(hint)


def _none_suggested(hint: RadiusSuggestion) -> Iterator[str]:
    if not hint.table["clusters"].any():
        yield f"No candidate gives a cluster of {hint.min_incidents}: take a smaller minimum."
        return
    yield (
        f"No candidate from the spacing up gives a cluster within {hint.max_area_km2:g} km². Take "
        "other radii, a larger minimum or a larger budget."
    )


def _suggested(hint: RadiusSuggestion) -> Iterator[str]:
    row = hint.table.loc[hint.radius_m]
    within = row["clusters"] - row["over_budget"]
    yield (
        f"{hint.radius_m:g} m is suggested: there, clusters within {hint.max_area_km2:g} km² hold "
        f"most incidents ({row['share_within_budget']:.0%} of all, in {_clusters(within)})."
    )
    if row["one_point"]:
        yield f"{_clusters(row['one_point'])} of them on a single map point."
    if row["over_budget"]:
        yield (
            f"{_clusters(row['over_budget'])} more over the budget, the largest with "
            f"{row['largest_km2']:.2f} km²."
        )
        yield _strictest(hint)


def _strictest(hint: RadiusSuggestion) -> str:
    """The largest radius at which nothing is over the budget."""
    table = hint.table
    kept = table[(table["over_budget"] == 0) & (table["clusters"] > 0) & ~table["below_spacing"]]
    if kept.empty:
        return "No candidate from the spacing up keeps every cluster within the budget."
    row = kept.iloc[-1]
    return (
        f"To keep every cluster within it, take {row.name:g} m: {_clusters(row['clusters'])} with "
        f"{row['share_held']:.0%} of incidents."
    )


def cluster_chance(found: ClusterChance) -> Iterator[str]:
    """What was found, what chance gives, and what chance means here."""
    table = found.table
    number, members = table.loc["clusters"], table.loc["members"]
    large, dense = (found.clusters[name].le(0.05).sum() for name in ("p_size", "p_excess"))
    yield (
        f"{_clusters(int(found.observed['clusters']))} with {members['observed']:,.0f} "
        f"of {found.incidents:,} incidents found; chance gives {number['expected']:.1f} with "
        f"{members['expected']:,.0f} incidents (90% of {found.draws:,} chance maps have "
        f"{number['low']:.0f} to {number['high']:.0f} clusters; p {number['p_value']:.3f})."
    )
    yield (
        f"Against the most extreme cluster of each chance map, at 5%, {large} of those are "
        f"too large for chance and {dense} hold too much for their ground, one place of each aside."
    )
    yield f"Chance here means: {' '.join(null(found))}"


def null(found: ClusterChance) -> Iterator[str]:
    """What a chance map is."""
    incidents, places = f"{found.incidents:,}", f"{found.places:,}"
    if found.null == "dealt-shares":
        yield (
            f"{places} places hold these {incidents} and others, {found.everyone:,} in all with "
            "those of other kinds at any time; the share that these are of a place's could have "
            "been that of any place that holds about as many."
        )
    else:
        yield (
            f"what each of the {places} places seen in the study area holds of the {incidents} "
            "incidents could have been at any of them; too few incidents are of another kind to "
            "compare with, so of a cluster that is not beyond this nothing is said."
        )
    yield UNSEEN


def _clusters(number: Any) -> str:
    return "1 cluster" if number == 1 else f"{number:,.0f} clusters"


def support_agreement(found: Any, *, area: Any = None) -> Iterator[str]:
    """How many streets an area is, what lies on the first, and how both rank."""
    if not len(found.table):
        yield "There is no area to compare."
        return
    chosen = found.table.index[0] if area is None else area
    if chosen not in found.table.index:
        raise InputError(
            f"there is no area {chosen!r}; there are {listing(found.table.index)}.",
            rule="no-such-area",
        )
    row = found.table.loc[chosen]
    count, on = int(row["incident_count"]), int(row["on_street"])
    if not on:
        yield f"{row['place_name']}: none of its {count:,} incidents lies on a street."
        return
    streets = int(row["streets"])
    noun = "street" if streets == 1 else "streets"
    leading = round(row["leading_share"] * count)
    yield (
        f"{row['place_name']} is {small_number(streets)} {noun}: {leading:,} of its {count:,} "
        f"incidents ({row['leading_share']:.0%}) lie on {row['leading_length_m']:,.0f} m of "
        f"{row['leading_street']}."
    )
    if count > on:
        yield f"{count - on:,} lie more than {found.reach_m:g} m from every street."
    yield (
        f"It is number {int(row['rank']):,} among the areas; its busiest segment "
        f"({int(row['segment_count']):,}) is number {int(row['segment_rank']):,} among the streets."
    )
    if found.indicative:
        yield str(Caveat("segments-indicative"))


def sensitivity(found: Any) -> Iterator[str]:
    """How many of the first places always stay, and how often each does."""
    if not len(found.choices):
        yield "No other choice can be tried."
        return
    tried, size = len(found.choices), len(found.table)
    always = int((found.table["stays"] == tried).sum())
    yield (
        f"Of the first {small_number(size)} places {small_number(always) if always else 'none'} "
        f"{'stay' if always > 1 else 'stays'} among the first "
        f"{small_number(found.top)} under all {tried:,} choices tried of area, window, weight and "
        "institutions:"
    )
    named = [
        f"{row['place_name']} in {int(row['stays']):,} of {tried:,} ({_ranks(row)})"
        for _, row in found.table.iterrows()
    ]
    yield f"{and_list(named)}."


def _ranks(row: Any) -> str:
    """Where a place stands under all choices."""
    low, high = row["rank_low"], row["rank_high"]
    if pd.isna(low):
        return "in no area"
    if pd.isna(high):
        return f"number {low:,} at best"
    return f"number {low:,}" if low == high else f"number {low:,} to {high:,}"


def map_agreement(found: Any) -> Iterator[str]:
    """What two maps share, in incidents and on the ground."""
    if not (found.incidents or found.other_incidents):
        yield "Neither map holds an incident."
        return
    said = []
    for whole, share, of in (
        (found.incidents, "share", f"in the {_areas(found.areas)} of the one map"),
        (found.other_incidents, "other_share", f"in the {_areas(found.other_areas)} of the other"),
    ):
        said.append(
            f"{found.shared_incidents:,} of the {whole:,} {of}{_range(found, share)}"
            if whole
            else f"none {of}"
        )
    yield f"Of the incidents both maps hold {and_list(said)}."
    yield (
        f"Of all in either, {found.similarity:.0%} are in both"
        f"{_range(found, 'similarity', value=False)}; of the ground in either "
        f"({found.ground_km2 + found.other_ground_km2 - found.shared_ground_km2:,.2f} km²) "
        f"{found.ground_similarity:.0%}."
    )
    if pd.isna(found.similarity_low):
        yield "They lie in too few places apart for an interval."


def _areas(number: int) -> str:
    return "1 area" if number == 1 else f"{number:,} areas"


def _range(found: Any, name: str, *, value: bool = True) -> str:
    """A share with its interval."""
    low, high = getattr(found, f"{name}_low"), getattr(found, f"{name}_high")
    said = [f"{getattr(found, name):.0%}"] if value else []
    if not pd.isna(low):
        said.append(f"{found.confidence:.0%} interval {low:.0%} to {high:.0%}")
    return f" ({', '.join(said)})" if said else ""


def area_forecast(found: Any) -> Iterator[str]:
    """How the past is weighed, on how much it was tried, and what it gains over a plain count."""
    plain = found.tried[(found.tried["window"] == 12) & (found.tried["spread"] == 0)]
    best = found.tried["mean_pai"].max()
    yield f"Expected from {counted(found.periods, 'period')}: {weighing(found.weighing)}."
    if found.steps < 3:
        yield "There were too few periods to try how fast incidents fade."
    elif len(plain):
        yield (
            f"Tried on {counted(found.steps, 'period')}, each from those before, this would have "
            f"found {best:.1f} times as much in the best ground as chance; a plain count of 12 "
            f"periods {plain['mean_pai'].iloc[0]:.1f} times."
        )
    if found.left_out:
        yield f"{counted(found.left_out, 'incident')} mostly found by officers were left out."


def weighing(chosen: Any) -> str:
    """How much an incident counts by its age."""
    if chosen.half_life is not None:
        words = f"an incident counts half after {chosen.half_life:g} periods"
    elif chosen.window is None:
        words = "all periods count alike"
    else:
        words = f"the last {chosen.window} periods count alike"
    lent = f", and {chosen.spread:.0%} of a score come from the neighbours" if chosen.spread else ""
    return words + lent


def grid_advice(found: Any) -> Iterator[str]:
    """What to take, and how sure that is."""
    best = found.table.iloc[0]
    if found.better:
        yield (
            f"Take {found.grid.name} and {_method(found.method)}: over "
            f"{counted(found.months, 'month')} the best {found.area_share:.0%} of the ground held "
            f"{best['hit_rate']:.1%} of what came, {100 * best['difference']:+.1f} points "
            f"({100 * best['low']:+.1f} to {100 * best['high']:+.1f}) against the usual choice."
        )
        return
    yield (
        f"Stay with {found.grid.name} and {_method(found.method)}: over "
        f"{counted(found.months, 'month')} no other was better beyond luck; the best tried, "
        f"{best['grid']} and {_method(best['method'])}, by {100 * best['difference']:+.1f} points "
        f"({100 * best['low']:+.1f} to {100 * best['high']:+.1f})."
    )


def _method(name: str) -> str:
    if name == "forecast":
        return "the forecast"
    return f"a plain count of {name.removeprefix('count ')} months"
