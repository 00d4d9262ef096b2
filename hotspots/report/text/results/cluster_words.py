"""Clusters in words: why a radius is suggested, and what chance alone would give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotspots.analysis.clusters import ClusterChance, RadiusSuggestion

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
        f"No candidate from the spacing up gives a cluster within {hint.max_area_km2:g} km2. Take "
        "other radii, a larger minimum or a larger budget."
    )


def _suggested(hint: RadiusSuggestion) -> Iterator[str]:
    row = hint.table.loc[hint.radius_m]
    within = row["clusters"] - row["over_budget"]
    yield (
        f"{hint.radius_m:g} m is suggested: there, clusters within {hint.max_area_km2:g} km2 hold "
        f"most incidents ({row['share_within_budget']:.0%} of all, in {_clusters(within)})."
    )
    if row["one_point"]:
        yield f"{_clusters(row['one_point'])} of them on a single map point."
    if row["over_budget"]:
        yield (
            f"{_clusters(row['over_budget'])} more over the budget, the largest with "
            f"{row['largest_km2']:.2f} km2."
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
        f"{members['expected']:,.0f} incidents (90 % of {found.draws:,} chance maps have "
        f"{number['low']:.0f} to {number['high']:.0f} clusters; p {number['p_value']:.3f})."
    )
    yield (
        f"Against the most extreme cluster of each chance map, at 5 %, {large} of those are "
        f"too large for chance and {dense} hold too much for their ground."
    )
    yield f"Chance here means: {' '.join(null(found))}"
    if found.dealt < found.incidents:
        yield (
            f"They are dealt as {found.dealt:,} troubles, the incidents at one place and time "
            "together."
        )


def null(found: ClusterChance) -> Iterator[str]:
    """What a chance map is."""
    incidents, places = f"{found.incidents:,}", f"{found.places:,}"
    if found.null == "constant-risk":
        yield (
            f"any {incidents} of the {found.everyone:,} incidents of every kind and time in the "
            f"study area, on {places} places, could have been these (constant risk)."
        )
        yield UNSEEN
    elif found.null == "even-places":
        yield (
            f"each of the {incidents} incidents falls on any of the {places} places seen in the "
            "study area with the same probability."
        )
        yield UNSEEN
    else:
        even = found.null == "given-places"
        how = "with the same probability" if even else "by what is at risk"
        yield f"each of the {incidents} incidents falls on any of the {places} places given {how}."
        yield f"{found.share_on_places:.0%} of the incidents lie on one of these places."


def _clusters(number: Any) -> str:
    return "1 cluster" if number == 1 else f"{number:,.0f} clusters"
