"""A Clear, Hold, Build screen in words: wins, exceptions, whether the reason holds, doubts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.record import NOT_GROUNDS
from hotspots.report.text.theme import when_asked
from hotspots.report.text.words import and_list, capital, small_number

POLICE_ACTIVITY = str(Caveat("police-activity"))
PROXY_CATEGORIES = str(Caveat("proxy-categories"))
WORTH_SAYING = 0.05
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def screen(found: Any, *, candidate: Any = None) -> Iterator[str]:
    """One candidate (by default the leader) in a sentence or two."""
    chosen = found.chosen(candidate)
    if chosen is None:
        yield _nothing(found)
        yield POLICE_ACTIVITY
        return
    row = found.table.loc[chosen]
    when = capital(when_asked(found.members))
    words = f"{when} {row['name']} is first in {_wins(row)}"
    if found.draws:
        words += f" and has most wins in {row['most_wins_share']:.0%} of resamples"
    lost = [_in_short(found, name, entry) for name, entry in found.lost(chosen)]
    yield f"{'; '.join([words, *lost])}."
    yield _by_ground(found, chosen)
    yield POLICE_ACTIVITY


def paragraph(found: Any, *, candidate: Any = None) -> Iterator[str]:
    """One candidate (by default the leader) in plain words: wins, exceptions, doubts."""
    chosen = found.chosen(candidate)
    if chosen is None:
        yield _nothing(found)
        yield POLICE_ACTIVITY
    else:
        yield _winning(found, chosen)
        for name, entry in found.lost(chosen):
            yield from _losing(found, chosen, name, entry)
        yield _by_ground(found, chosen)
        yield from _luck(found, chosen)
        yield _without_finds(found, chosen)
        yield _shared(found)
        yield PROXY_CATEGORIES if found.proxy else ""
        yield POLICE_ACTIVITY
        yield "This proposes a candidate; people decide."
    yield str(NOT_GROUNDS)


def _nothing(found: Any) -> str:
    if not len(found.table):
        return "There is no candidate area to compare."
    return "No category has an incident in a candidate area, so none is first."


def _in_short(found: Any, category: str, entry: pd.Series) -> str:
    words = f"in {category} it is {_ordinal(entry['rank'])}, behind {entry['beaten_by_name']}"
    if not found.masked:
        return words
    if pd.isna(entry["wins_when_masked"]):
        return f"{words}, and nothing is left to compare once the night-time economy is set aside"
    if entry["wins_when_masked"]:
        return f"{words}, but first once the night-time economy is set aside"
    return f"{words}, and not first without the night-time economy either"


def _winning(found: Any, chosen: Any) -> str:
    row = found.table.loc[chosen]
    when = f" {when_asked(found.members)}"
    wins = int(row["wins"])
    if not wins:
        return f"{row['name']} is first in {_wins(row)}{when}."
    details = []
    for category in found.categories:
        entry = found.ranks.loc[(chosen, category)]
        if not pd.isna(entry["rank"]) and entry["rank"] == 1:
            details.append(f"{category} ({int(entry['count']):,}, {_ahead(int(entry['lead']))})")
    level = found.table.index[(found.table["wins"] == wins) & (found.table.index != chosen)]
    together = f" {found.table.loc[level[0], 'name']} wins as many." if len(level) else ""
    return f"{row['name']} is first in {_wins(row)}{when}: {and_list(details)}.{together}"


def _by_ground(found: Any, chosen: Any) -> str:
    """Where candidates are of unlike size: how large each is, and who is first for each km2."""
    table = found.table
    if "wins_per_km2" not in table.columns:
        return ""
    row = table.loc[chosen]
    rivals = found.exceptions
    beaten_by: list[Any] = []
    if len(rivals) and chosen in rivals.index.get_level_values("area_id"):
        beaten_by = list(dict.fromkeys(rivals.xs(chosen, level="area_id")["beaten_by"]))
    shown = beaten_by or [one for one in table.index if one != chosen][:1]
    others = [f"{table.loc[one, 'name']} {table.loc[one, 'area_km2']:.2f} km2" for one in shown]
    contested, wins = int(row["categories"]), int(row["wins_per_km2"])
    of = _of(wins, contested) if wins else f"none of {_of(contested, None)}"
    words = (
        f"The areas are of unlike size: {row['name']} has {row['area_km2']:.2f} km2, "
        f"{and_list(others)}. For each km2 it is first in {of}"
    )
    best = table["wins_per_km2"].idxmax()
    if table.loc[best, "wins_per_km2"] > row["wins_per_km2"]:
        words += (
            f", {table.loc[best, 'name']} ({table.loc[best, 'area_km2']:.2f} km2) in "
            f"{small_number(int(table.loc[best, 'wins_per_km2']))}"
        )
    return f"{words}."


def _ahead(lead: int) -> str:
    return f"{lead:,} ahead of the next" if lead > 0 else "level with another"


def _losing(found: Any, chosen: Any, category: str, entry: pd.Series) -> Iterator[str]:
    winner = entry["beaten_by_name"]
    yield (
        f"In {category} it is {_ordinal(entry['rank'])}: {winner} has "
        f"{int(entry['winner_count']):,} against {int(entry['count']):,}, "
        f"{int(entry['behind_by']):,} more."
    )
    if not found.masked:
        return
    share = float(entry["winner_night_share"])
    all_in_it = f" ({winner} is all in it)" if share == 1 else ""
    yield f"{share:.0%} of those lie in the night-time economy{all_in_it}."
    yield _reason(found.table.loc[chosen, "name"], entry)


def _reason(name: str, entry: pd.Series) -> str:
    """Whether the night-time economy is why another is first."""
    if pd.isna(entry["wins_when_masked"]):
        return "Without it nothing is left to compare, so the reason cannot be tested."
    against = f"({int(entry['masked_count']):,} against {int(entry['masked_best_other']):,})"
    if entry["wins_when_masked"]:
        return f"With that set aside {name} is first {against}: the night-time economy explains it."
    return (
        f"With that set aside {name} is still not first {against}: the night-time economy does not "
        "explain it."
    )


def _luck(found: Any, chosen: Any) -> Iterator[str]:
    if not found.draws:
        return
    row = found.table.loc[chosen]
    low, high = int(row["wins_low"]), int(row["wins_high"])
    wins = f"{low}" if low == high else f"{low} to {high}"
    yield (
        f"In resamples it has {wins} wins (95%), and most wins in "
        f"{row['most_wins_share']:.0%} of them."
    )
    wide = [
        f"{category} {int(entry['rank_low'])} to {int(entry['rank_high'])}"
        for category in found.categories
        if not pd.isna((entry := found.ranks.loc[(chosen, category)])["rank"])
        and entry["rank_low"] != entry["rank_high"]
    ]
    if wide:
        yield f"Ranks that could be otherwise: {and_list(wide)}."


def _without_finds(found: Any, chosen: Any) -> str:
    """How it does without what officers find, who are where they were sent."""
    row = found.table.loc[chosen]
    left = int(row["categories_without_finds"])
    if not left:
        return "Without offences that officers mostly find nothing is left to compare."
    wins = int(row["wins_without_finds"])
    best = found.table["wins_without_finds"].idxmax()
    if left == 1 and found.table.loc[best, "wins_without_finds"] > 0:
        who = "it" if wins else found.table.loc[best, "name"]
        said = "Without offences that officers mostly find one category is left:"
        return f"{said} {who} is first in it."
    other = ""
    if found.table.loc[best, "wins_without_finds"] > wins:
        held = int(found.table.loc[best, "wins_without_finds"])
        other = f", {found.table.loc[best, 'name']} in {small_number(held)}"
    return (
        "Without offences that officers mostly find it is first in "
        f"{small_number(wins) if wins else 'none'} of {_of(left, None)}{other}."
    )


def _shared(found: Any) -> str:
    """Categories that hold the same incidents are not separate problems."""
    same = found.overlaps[found.overlaps["both"] > 0]
    same = same[same[["share_of_category", "share_of_other"]].max(axis=1) >= WORTH_SAYING]
    pairs = [
        f"{back:.0%} of {other} is {one}" if back >= share else f"{share:.0%} of {one} is {other}"
        for one, other, share, back in zip(
            same["category"],
            same["other"],
            same["share_of_category"].astype(float),
            same["share_of_other"].astype(float),
            strict=True,
        )
    ]
    if not pairs:
        return ""
    return f"Categories overlap, so wins are not separate problems: {and_list(pairs)}."


def _wins(row: pd.Series) -> str:
    wins, contested = int(row["wins"]), int(row["categories"])
    return _of(wins, contested) if wins else f"none of {_of(contested, None)}"


def _of(part: int, whole: int | None) -> str:
    noun = "category" if (part if whole is None else whole) == 1 else "categories"
    of = "" if whole is None else f" of {small_number(whole)}"
    return f"{small_number(part)}{of} {noun}"


def _ordinal(value: int) -> str:
    return ORDINALS[value - 1] if value <= len(ORDINALS) else f"number {value:,}"
