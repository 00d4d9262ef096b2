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
from hotspots.core.sentences import Spoken, sentence_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection

POLICE_ACTIVITY = Caveat("police-activity")
PROXY = "(open-data proxy)"


@dataclass(frozen=True, eq=False)
class ClearHoldBuildScreen(Spoken):
    """Candidate areas side by side, to be decided by people.

    Attributes
    ----------
    table
        One row a candidate, most wins first: ``name``, ``wins``, ``categories`` (with any incident
        in a candidate), ``not_beaten`` (no other is as good in all and better in one),
        ``mean_rank``, ``wins_per_km2`` (where one has more than 1.5 times the ground of another:
        wins by count for each km2), ``wins_without_finds`` of ``categories_without_finds``
        (offences that officers mostly find left out), ``wins_when_masked``, ``wins_low``,
        ``wins_high``,
        ``most_wins_share`` (of the resamples), an empty ``sign_off``, and the polygon where there
        is one.
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

    @property
    def proxy(self) -> bool:
        """Whether categories of open data stand in for those of the partnership."""
        return any(PROXY in name for name in self.categories)

    def to_sentence(self, candidate: Any = None) -> str:
        """One candidate (by default the leader) in a sentence or two."""
        return sentence_of(self, candidate=candidate)

    def to_paragraph(self, candidate: Any = None) -> str:
        """One candidate (by default the leader) in plain words: wins, exceptions, doubts."""
        return sentence_of(self, "paragraph", candidate=candidate)

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

    def chosen(self, candidate: Any = None) -> Any:
        """The candidate asked about, or the leader; InputError for one that is not there."""
        if candidate is None:
            return self.leader
        if candidate not in self.table.index:
            raise InputError(
                f"there is no candidate {candidate!r}; there are {listing(self.table.index)}.",
                rule="no-such-candidate",
            )
        return candidate

    def lost(self, candidate: Any) -> list[tuple[str, pd.Series]]:
        """Categories the candidate does not win, in the order they were given."""
        if candidate not in self.exceptions.index.get_level_values("area_id"):
            return []
        mine = pd.DataFrame(self.exceptions.xs(candidate, level="area_id"))
        rows = {str(name): row for name, row in mine.iterrows()}
        return [(name, rows[name]) for name in self.categories if name in rows]
