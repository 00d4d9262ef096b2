"""Who is first in how many categories, who beats them in the rest, and whether the reason holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing
from hotspots.core.plain import plain_records
from hotspots.core.record import NOT_GROUNDS
from hotspots.report.text.grammar import and_list, small_number

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection

POLICE_ACTIVITY = Caveat("police-activity")
PROXY = "(open-data proxy)"
PROXY_CAVEAT = (
    "Open police data carries three coarse categories instead of five: this is a proxy, not the "
    "partnership's screen."
)
WORTH_SAYING = 0.05
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, eq=False)
class ClearHoldBuildScreen:
    """Candidate areas side by side, to be decided by people.

    Attributes
    ----------
    table
        One row a candidate, most wins first: ``name``, ``wins``, ``categories`` (with any incident
        in a candidate), ``not_beaten`` (no other is as good in all and better in one),
        ``mean_rank``, ``wins_when_masked``, ``wins_low``, ``wins_high``, ``most_wins_share`` (of
        the resamples), an empty ``sign_off``, and the polygon where there is one.
    ranks
        By candidate and category: ``count``, ``share`` of the study area, ``rank`` (missing where
        the count is zero), ``lead`` over the best other (below zero: behind it), ``rank_low``,
        ``rank_high``, and with a mask ``masked_count``, ``masked_rank``, ``night_share`` (of its
        incidents inside the night-time economy).
    exceptions
        By candidate and category not won: who is first, ``behind_by``, ``winner_night_share``, and
        the counts and ``wins_when_masked`` once the night-time economy is set aside (missing where
        nothing is left to compare).
    overlaps
        Each two categories: incidents in ``both``, ``jaccard``, and the share of each in the other.
    members
        The incidents of any category, with the first candidate each lies in.
    """

    table: pd.DataFrame | gpd.GeoDataFrame
    ranks: pd.DataFrame
    exceptions: pd.DataFrame
    overlaps: pd.DataFrame
    categories: tuple[str, ...]
    masked: bool
    draws: int
    members: Selection

    @property
    def period(self) -> str:
        """Words for the time; "all" where all times were asked about."""
        return self.members.question.period_name

    def with_names(self, names: Mapping[Any, str] | pd.Series) -> ClearHoldBuildScreen:
        """The same screen with other names for its candidates, for instance from ``name_areas``."""
        known = dict(names)
        table = self.table.assign(
            name=[known.get(key, old) for key, old in self.table["name"].items()]
        )
        winners = self.exceptions["beaten_by"].map(table["name"])
        exceptions = self.exceptions.assign(beaten_by_name=winners)
        return replace(self, table=table, exceptions=exceptions)

    @property
    def leader(self) -> Any:
        """``area_id`` with most wins; None where no category has an incident in a candidate."""
        return self.table.index[0] if len(self.table) and self.table["wins"].iloc[0] else None

    def to_sentence(self, candidate: Any = None) -> str:
        """One candidate (by default the leader) in a sentence or two."""
        chosen = self._chosen(candidate)
        if chosen is None:
            return f"{self._nothing()} {POLICE_ACTIVITY}"
        row = self.table.loc[chosen]
        words = f"{row['name']} is first in {_of(int(row['wins']), int(row['categories']))}"
        if self.draws:
            words += f" and has most wins in {row['most_wins_share']:.0%} of resamples"
        lost = [self._in_short(name, entry) for name, entry in self._lost(chosen)]
        if lost:
            words += f"; {'; '.join(lost)}"
        return f"{words}. {POLICE_ACTIVITY}"

    def to_paragraph(self, candidate: Any = None) -> str:
        """One candidate (by default the leader) in plain words: wins, exceptions, doubts."""
        chosen = self._chosen(candidate)
        if chosen is None:
            return f"{self._nothing()} {POLICE_ACTIVITY} {NOT_GROUNDS}"
        parts = [
            self._winning(chosen),
            *[self._losing(chosen, name, entry) for name, entry in self._lost(chosen)],
            self._luck(chosen),
            self._shared(),
            PROXY_CAVEAT if any(PROXY in name for name in self.categories) else "",
            str(POLICE_ACTIVITY),
            "This proposes a candidate; people decide.",
            str(NOT_GROUNDS),
        ]
        return " ".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """Everything but geometry and single incidents, for JSON; missing values as None."""
        return {
            "period": self.period,
            "categories": list(self.categories),
            "leader": None if self.leader is None else str(self.leader),
            "table": plain_records(pd.DataFrame(self.table)),
            "ranks": plain_records(self.ranks),
            "exceptions": plain_records(self.exceptions),
            "overlaps": plain_records(self.overlaps.set_index(["category", "other"])),
            "night_time_economy_tested": self.masked,
            "draws": self.draws,
            "cautions": [str(POLICE_ACTIVITY), str(NOT_GROUNDS)],
            "sentence": self.to_sentence(),
            "paragraph": self.to_paragraph(),
        }

    def _chosen(self, candidate: Any) -> Any:
        if candidate is None:
            return self.leader
        if candidate not in self.table.index:
            raise InputError(
                f"there is no candidate {candidate!r}; there are {listing(self.table.index)}."
            )
        return candidate

    def _nothing(self) -> str:
        if not len(self.table):
            return "There is no candidate area to compare."
        return "No category has an incident in a candidate area, so none is first."

    def _lost(self, chosen: Any) -> list[tuple[str, pd.Series]]:
        """Categories the candidate does not win, in the order they were given."""
        if chosen not in self.exceptions.index.get_level_values("area_id"):
            return []
        mine = pd.DataFrame(self.exceptions.xs(chosen, level="area_id"))
        rows = {str(name): row for name, row in mine.iterrows()}
        return [(name, rows[name]) for name in self.categories if name in rows]

    def _in_short(self, category: str, entry: pd.Series) -> str:
        words = f"in {category} it is {_ordinal(entry['rank'])}, behind {entry['beaten_by_name']}"
        if not self.masked:
            return words
        if pd.isna(entry["wins_when_masked"]):
            return (
                f"{words}, and nothing is left to compare once the night-time economy is set aside"
            )
        if entry["wins_when_masked"]:
            return f"{words}, but first once the night-time economy is set aside"
        return f"{words}, and not first without the night-time economy either"

    def _winning(self, chosen: Any) -> str:
        row = self.table.loc[chosen]
        when = "" if self.period == "all" else f" in {self.period}"
        wins, contested = int(row["wins"]), int(row["categories"])
        if not wins:
            return f"{row['name']} is first in none of {_of(contested, None)}{when}."
        details = []
        for category in self.categories:
            entry = self.ranks.loc[(chosen, category)]
            if not pd.isna(entry["rank"]) and entry["rank"] == 1:
                details.append(f"{category} ({int(entry['count']):,}, {self._ahead(entry)})")
        level = self.table.index[(self.table["wins"] == wins) & (self.table.index != chosen)]
        together = f" {self.table.loc[level[0], 'name']} wins as many." if len(level) else ""
        return (
            f"{row['name']} is first in {_of(wins, contested)}{when}: {and_list(details)}."
            f"{together}"
        )

    def _ahead(self, entry: pd.Series) -> str:
        lead = int(entry["lead"])
        return f"{lead:,} ahead of the next" if lead > 0 else "level with another"

    def _losing(self, chosen: Any, category: str, entry: pd.Series) -> str:
        name, winner = self.table.loc[chosen, "name"], entry["beaten_by_name"]
        words = (
            f"In {category} it is {_ordinal(entry['rank'])}: {winner} has "
            f"{int(entry['winner_count']):,} against {int(entry['count']):,}, "
            f"{int(entry['behind_by']):,} more."
        )
        if not self.masked:
            return words
        share = float(entry["winner_night_share"])
        words += f" {share:.0%} of those lie in the night-time economy"
        words += f" ({winner} is all in it)." if share == 1 else "."
        if pd.isna(entry["wins_when_masked"]):
            return f"{words} Without it nothing is left to compare, so the reason cannot be tested."
        mine, other = int(entry["masked_count"]), int(entry["masked_best_other"])
        if entry["wins_when_masked"]:
            return (
                f"{words} With that set aside {name} is first ({mine:,} against {other:,}): the "
                "stated reason holds."
            )
        return (
            f"{words} With that set aside {name} is still not first ({mine:,} against {other:,}): "
            "the stated reason does not hold."
        )

    def _luck(self, chosen: Any) -> str:
        if not self.draws:
            return ""
        row = self.table.loc[chosen]
        low, high = int(row["wins_low"]), int(row["wins_high"])
        wins = f"{low}" if low == high else f"{low} to {high}"
        wide = [
            f"{category} {int(entry['rank_low'])} to {int(entry['rank_high'])}"
            for category in self.categories
            if not pd.isna((entry := self.ranks.loc[(chosen, category)])["rank"])
            and entry["rank_low"] != entry["rank_high"]
        ]
        ranks = f" Ranks that could be otherwise: {and_list(wide)}." if wide else ""
        return (
            f"In resamples it has {wins} wins (95 %), and most wins in "
            f"{row['most_wins_share']:.0%} of them.{ranks}"
        )

    def _shared(self) -> str:
        """Categories that hold the same incidents are not separate problems."""
        same = self.overlaps[self.overlaps["both"] > 0]
        same = same[same[["share_of_category", "share_of_other"]].max(axis=1) >= WORTH_SAYING]
        if not len(same):
            return ""
        pairs = []
        for one, other, share, back in zip(
            same["category"],
            same["other"],
            same["share_of_category"].astype(float),
            same["share_of_other"].astype(float),
            strict=True,
        ):
            pairs.append(
                f"{back:.0%} of {other} is {one}"
                if back >= share
                else f"{share:.0%} of {one} is {other}"
            )
        return f"Categories overlap, so wins are not separate problems: {and_list(pairs)}."


def _of(part: int, whole: int | None) -> str:
    noun = "category" if (part if whole is None else whole) == 1 else "categories"
    of = "" if whole is None else f" of {small_number(whole)}"
    return f"{small_number(part)}{of} {noun}"


def _ordinal(value: int) -> str:
    return ORDINALS[value - 1] if value <= len(ORDINALS) else f"number {value:,}"
