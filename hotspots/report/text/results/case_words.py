"""A case in words: the evidence on an order, limb by limb; a Clear, Hold, Build screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.periods import day_words
from hotspots.core.plain import counted
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.sentences import sentence_of
from hotspots.report.text.results import change_words
from hotspots.report.text.theme import when_asked
from hotspots.report.text.words import and_list, capital, small_number

UNDECIDED = "for an officer to decide"
CANNOT_SAY = {
    "detrimental effect": "Recorded incidents are not yet an effect on the quality of life: add "
    "complaints, statements and surveys of people in the locality.",
    "persistent or continuing": "A quiet month can be a month in which nobody reported.",
    "unreasonable": "No count makes a behaviour unreasonable; say who did what, and what is "
    "ordinary there.",
    "justifies the restrictions": "Whether each prohibition is reasonable, and the least that will "
    "do, is a judgement; freedom of expression and assembly must be regarded (s72).",
}


def order(found: Any) -> Iterator[str]:
    """The evidence in words: term, change, rings, persistence, cautions, and who decides."""
    parts = [
        f"{found.order_name}, {found.label}.",
        sentence_of(found.term),
        *change(found),
        *rings(found),
        *_own_course(found),
        " ".join(_persistence(found)),
        *map(str, found.cautions),
        f"The statutory tests of section 59 are {UNDECIDED}.",
    ]
    yield from dict.fromkeys(parts)


def change(found: Any) -> Iterator[str]:
    """Before and after inside the order; nothing where there is none."""
    if found.change is None:
        return
    yield change_words.compared(found.change, "incidents inside the order")
    yield from change_words.verdict(found.change)


def rings(found: Any) -> Iterator[str]:
    """The rings around the order; nothing where there are none."""
    if found.change is None:
        return
    table = found.change.table[found.change.table["role"] == "ring"]
    said = [
        f"{label} from {row['count_before']:,} to {row['count_after']:,}"
        for label, row in table.iterrows()
    ]
    if said:
        yield f"Around it: {'; '.join(said)}."


def limb(found: Any, *, name: str) -> Iterator[str]:
    """What the data say to one statutory limb."""
    return _LIMBS[name](found)


def _effect(found: Any) -> Iterator[str]:
    inside = int(found.series["inside"].sum()) if len(found.series) else 0
    months = found.persistence["months"]
    yield f"{inside:,} incidents inside the order in {months:,} months of data."


def _persistence(found: Any) -> Iterator[str]:
    held = found.persistence
    yield (
        f"Incidents in {held['months_with']:,} of {held['months']:,} months (before the start "
        f"{held['months_with_before']:,} of {held['months_before']:,}, within the term "
        f"{held['months_with_within_the_term']:,} of {held['months_within_the_term']:,}); "
        f"longest unbroken run {held['longest_run']:,}"
        + (f"; last in {held['last_month_with']}." if held["last_month_with"] else ".")
    )
    if not len(found.recurring):
        yield "No recurring place."
        return
    places = "; ".join(
        f"{row.place} ({row.incident_count:,} in {row.months_with:,} months)"
        for row in found.recurring.head(5).itertuples()
    )
    yield f"{counted(len(found.recurring), 'recurring place')}, first {places}."


def _behaviours(found: Any) -> Iterator[str]:
    if not len(found.baskets):
        yield "No prohibition was given as a basket of offences, so behaviours are not told apart."
        return
    parts = []
    for name, row in found.baskets.iterrows():
        words = f"{name}: {row['incident_count']:,.0f} in {row['months_with']:,.0f} months"
        if pd.notna(row.get("count_before")):
            words += f" ({row['count_before']:,.0f} before, {row['count_after']:,.0f} after)"
        parts.append(words)
    yield f"Inside the order, by prohibition: {'; '.join(parts)}."


def _restrictions(found: Any) -> Iterator[str]:
    said = [*change(found), *rings(found), *_own_course(found)]
    yield from said or ["No before and after can be compared."]


def _own_course(found: Any) -> Iterator[str]:
    """The interrupted time series, in one text."""
    if found.interruption is not None:
        yield sentence_of(found.interruption)


_LIMBS = {
    "detrimental effect": _effect,
    "persistent or continuing": _persistence,
    "unreasonable": _behaviours,
    "justifies the restrictions": _restrictions,
}


def cannot_say(_: Any, *, name: str) -> Iterator[str]:
    """What no data say to one statutory limb."""
    yield CANNOT_SAY[name]


def undecided(_: Any) -> Iterator[str]:
    """Who decides."""
    yield UNDECIDED


def term(found: Any) -> Iterator[str]:
    """The published term of an order, on a day."""
    last = f"to {day_words(found.valid_until)}" if found.valid_until else "with no last day given"
    yield f"Published term: {day_words(found.valid_from)} {last}."
    if found.today is None:
        yield "No day was given to count from."
        return
    if found.status == "renewal unknown":
        ago = counted(-(found.days_left or 0), "day")
        yield f"It ended {ago} before {day_words(found.today)}: {found.status}."
        return
    left = ""
    if found.days_left is not None:
        left = f", {counted(found.days_left, 'day')} to its last day"
    yield f"On {day_words(found.today)}: {found.status}{left}."


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
    """Where candidates are of unlike size: how large each is, and who is first for each km²."""
    table = found.table
    if "wins_per_km2" not in table.columns:
        return ""
    row = table.loc[chosen]
    rivals = found.exceptions
    beaten_by: list[Any] = []
    if len(rivals) and chosen in rivals.index.get_level_values("area_id"):
        beaten_by = list(dict.fromkeys(rivals.xs(chosen, level="area_id")["beaten_by"]))
    shown = beaten_by or [one for one in table.index if one != chosen][:1]
    others = [f"{table.loc[one, 'name']} {table.loc[one, 'area_km2']:.2f} km²" for one in shown]
    contested, wins = int(row["categories"]), int(row["wins_per_km2"])
    of = _of(wins, contested) if wins else f"none of {_of(contested, None)}"
    sizes = table["area_km2"]
    words = (
        f"The areas are of unlike size, {sizes.min():.2f} to {sizes.max():.2f} km²: {row['name']} "
        f"has {row['area_km2']:.2f}, {and_list(others)}. For each km² it is first in {of}"
    )
    best = table["wins_per_km2"].idxmax()
    if table.loc[best, "wins_per_km2"] > row["wins_per_km2"]:
        words += (
            f", {table.loc[best, 'name']} ({table.loc[best, 'area_km2']:.2f} km²) in "
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
