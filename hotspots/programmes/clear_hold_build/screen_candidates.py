"""Screen candidate areas for Clear, Hold, Build: many categories, one table, every exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.arguments import draws_of, has_record, size_of
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError, listing, require
from hotspots.core.plain import plain_records
from hotspots.core.points import inside
from hotspots.core.record import NOT_GROUNDS, RunRecord
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.core.tables import ZONES, require_table
from hotspots.offences.tag_themes import found_by_officers
from hotspots.programmes.clear_hold_build.candidates import (
    PROXY,
    Candidates,
    assigned_areas,
    category_flags,
    flag_problem,
    given_areas,
    grown_areas,
    named,
    without_categories,
)
from hotspots.programmes.clear_hold_build.category_ranks import category_tables
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid

STAGE = "screen_clear_hold_build"
ANY_CATEGORY = "clear_hold_build"
FIXED_SEED = 94
GROWN_AREA_KM2 = 0.6
GROWN_WALK_M = 1_200.0


def screen_clear_hold_build(
    incidents: gpd.GeoDataFrame | Selection,
    candidates: gpd.GeoDataFrame | None = None,
    *,
    categories: Mapping[str, str | pd.Series] | None = None,
    night_time_economy: gpd.GeoDataFrame | pd.Series | None = None,
    grid: Grid | None = None,
    max_area_km2: float | None = None,
    undecided: str = "error",
    draws: int = 500,
    rng: np.random.Generator | int | None = None,
    record: RunRecord | None = None,
) -> ClearHoldBuildScreen:
    """Rank candidate areas in every category, and test why the first is not first in all.

    Parameters
    ----------
    incidents : Selection
        From :func:`select` with a question about all themes, since the categories say what is
        counted; shares are of the incidents inside its study area. A plain table stands for all its
        incidents. Of several partners those count whose codes can say what is in a category.
    candidates : GeoDataFrame, optional
        Areas or zones to compare (they may overlap). By default the areas the incidents are
        assigned to (:func:`assign_cells`, :func:`assign_clusters`); else up to forty neighbourhoods
        are grown from the blocks where the categories are busiest, and named by their street.
    categories : mapping of str to str or Series, optional
        Words for a category, and what belongs to it: a boolean column of ``incidents``, a boolean
        Series on their index, or the name of a bundled basket (``"class_b"``). By default the five
        of the partnership, and on open data :func:`police_uk_proxy_categories`. Categories may
        overlap: the result says by how much.
    night_time_economy : GeoDataFrame or Series, optional
        Zones, or a boolean Series of incidents, to set aside when the stated reason is tested.
    grid : Grid, optional
        Blocks to grow candidates from.
    max_area_km2 : float, optional
        Given areas that are larger are refused; grown ones stay below it (0.6 by default).
    undecided : {"error", "in", "out"}
        For categories named by basket: what to do with codes too coarse to tell, as in
        :func:`basket_members`.
    draws : int
        Resamples behind the rank intervals (95 %), of blocks as in
        :func:`~hotspots.evaluation.rank_uncertainty`; 0 leaves them out.
    rng : Generator or int, optional
        A fixed seed by default: the same input gives the same intervals.
    record : RunRecord, optional
        Gets the choices, the account of every row and the caveats.

    Returns
    -------
    ClearHoldBuildScreen
        ``table`` (candidates, most wins first), ``ranks`` (candidate by category), ``exceptions``
        (each category not won: who is first, by how much, and whether that holds without the
        night-time economy), ``overlaps`` of the categories.

    Raises
    ------
    InputError
        For incidents of one theme, categories that say nothing of some incidents, and candidates
        that are larger than allowed.

    Notes
    -----
    It misleads when wins are counted over categories that hold the same incidents, and when areas
    of different sizes compete: a larger area wins by its size. Drugs and weapons counts follow
    police activity.

    References
    ----------
    Pareto dominance: Ehrgott (2005), Multicriteria Optimization, doi:10.1007/3-540-27659-9.
    Poisson bootstrap: Hanley and MacGibbon (2006), Creating non-parametric bootstrap samples using
    Poisson frequencies, doi:10.1016/j.cmpb.2006.04.006.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> cells = hs.assign_cells(incidents, hs.H3Grid(8))
    >>> screen = screen_clear_hold_build(cells, draws=0)
    >>> screen.categories[0], int(screen.table["wins"].iloc[0])
    ('drugs (open-data proxy)', 3)
    """
    asked = _of_all_themes(incidents)
    flags = category_flags(asked.everything, categories, undecided)
    draws = draws_of(draws, least=0)
    if max_area_km2 is not None:
        max_area_km2 = size_of(max_area_km2, "max_area_km2")
    anything = np.logical_or.reduce(list(flags.values()))
    marked = asked.everything.assign(**{f"theme_{ANY_CATEGORY}": anything})
    chosen = asked.retagged(marked, ANY_CATEGORY)
    if candidates is not None:
        compared = given_areas(candidates, chosen.rows, max_area_km2)
    elif asked.assigned:
        mine = asked.area_ids.reindex(chosen.rows.index)
        compared = assigned_areas(mine, asked.grid, asked.everything.crs)
    else:
        compared = grown_areas(chosen.rows, grid, max_area_km2 or GROWN_AREA_KM2, GROWN_WALK_M)
    members = chosen.in_areas(compared.first(chosen.rows.index), made_by=STAGE)
    compared = named(compared, members)
    masked = None if night_time_economy is None else _mask(night_time_economy, chosen)
    tables = category_tables(
        members,
        compared,
        {name: flag[chosen.used] for name, flag in flags.items()},
        masked,
        draws,
        source_of(FIXED_SEED if rng is None else rng),
        found_by_officers(chosen.rows),
    )
    screen = ClearHoldBuildScreen(
        **tables, categories=tuple(flags), masked=masked is not None, draws=draws, members=members
    )
    if has_record(record):
        _note_down(record, screen, compared)
        if categories is None:
            _tell_of_others(record, asked)
    return screen


def _of_all_themes(incidents: gpd.GeoDataFrame | Selection) -> Selection:
    asked = as_selection(incidents)
    require(
        asked.question.theme is None,
        "`incidents` must be selected from all themes, since the categories say what is counted; "
        f"got those of {asked.theme!r}.",
        rule="not-of-all-themes",
    )
    return asked


def _mask(night_time_economy: gpd.GeoDataFrame | pd.Series, chosen: Selection) -> NDArray[np.bool_]:
    """Which of the incidents are set aside."""
    given = night_time_economy
    if isinstance(given, gpd.GeoSeries):
        given = gpd.GeoDataFrame(geometry=given)
    if isinstance(given, pd.Series):
        problem = flag_problem(given, chosen.everything.index)
        require(problem is None, f"`night_time_economy` {problem}")
        return np.asarray(given.reindex(chosen.rows.index), dtype=bool)
    require_table(given, ZONES, argument="night_time_economy", only=["geometry"])
    require_same_crs(chosen.rows, given, ("incidents", "night_time_economy"))
    return inside(chosen.rows, given)


def _note_down(record: RunRecord, screen: ClearHoldBuildScreen, compared: Candidates) -> None:
    held = int((np.diff(compared.inside.indptr) > 0).sum())
    outside = len(screen.members.rows) - held
    record.account(screen.members.closed(STAGE, held, noise=outside))
    record.choose(
        STAGE,
        categories=list(screen.categories),
        candidates=len(screen.table),
        night_time_economy_tested=screen.masked,
        draws=screen.draws,
    )
    record.warn_reader(POLICE_ACTIVITY, NOT_GROUNDS)


def _tell_of_others(record: RunRecord, asked: Selection) -> None:
    """Partners whose codes say nothing of the usual categories."""
    others = without_categories(asked.everything)
    if len(others):
        values = {"incidents": len(others), "schemes": ", ".join(others.unique())}
        record.warn_reader(Caveat("other-partners", values, counts_incidents=True))


POLICE_ACTIVITY = Caveat("police-activity")


@dataclass(frozen=True, eq=False)
class ClearHoldBuildScreen(Spoken):
    """Candidate areas side by side, to be decided by people.

    Attributes
    ----------
    table
        One row a candidate, most wins first: ``name``, ``wins``, ``categories`` (with any incident
        in a candidate), ``not_beaten`` (no other is as good in all and better in one),
        ``mean_rank``, ``wins_per_km2`` (where one has more than 1.5 times the ground of another:
        wins by count for each km²), ``wins_without_finds`` of ``categories_without_finds``
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
