"""One place on several supports, and one map beside another, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing
from hotspots.report.text.words import and_list, small_number


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
        f"({found.ground_km2 + found.other_ground_km2 - found.shared_ground_km2:,.2f} km2) "
        f"{found.ground_similarity:.0%}."
    )


def _areas(number: int) -> str:
    return "1 area" if number == 1 else f"{number:,} areas"


def _range(found: Any, name: str, *, value: bool = True) -> str:
    """A share with its interval."""
    low, high = getattr(found, f"{name}_low"), getattr(found, f"{name}_high")
    share = f"{getattr(found, name):.0%}, " if value else ""
    return f" ({share}{found.confidence:.0%} interval {low:.0%} to {high:.0%})"
