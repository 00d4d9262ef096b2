"""Screen candidate areas for Clear, Hold, Build: many categories, one table, every exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import require
from hotspots.core.points import inside
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.select import Selection, as_selection
from hotspots.core.tables import ZONES, require_table
from hotspots.offences.found_by_officers import found_by_officers
from hotspots.programmes.clear_hold_build.candidates import (
    Candidates,
    assigned_areas,
    category_flags,
    flag_problem,
    given_areas,
    grown_areas,
    named,
    without_categories,
)
from hotspots.programmes.clear_hold_build.category_ranks import screened
from hotspots.programmes.clear_hold_build.screen_result import POLICE_ACTIVITY, ClearHoldBuildScreen

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

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
    _check(draws, max_area_km2)
    chosen = _of_any_category(asked, flags)
    compared = _candidates(candidates, asked, chosen, grid, max_area_km2)
    members = chosen.in_areas(compared.first(chosen.rows.index), made_by=STAGE)
    compared = named(compared, members)
    masked = None if night_time_economy is None else _mask(night_time_economy, chosen)
    screen = screened(
        members,
        compared,
        {name: flag[chosen.used] for name, flag in flags.items()},
        masked,
        draws,
        np.random.default_rng(FIXED_SEED if rng is None else rng),
        found_by_officers(chosen.rows),
    )
    if record is not None:
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


def _check(draws: int, max_area_km2: float | None) -> None:
    whole = isinstance(draws, (int, np.integer)) and not isinstance(draws, bool)
    require(whole and draws >= 0, f"`draws` must be a whole number, 0 or more; got {draws!r}.")
    require(
        max_area_km2 is None or max_area_km2 > 0,
        f"`max_area_km2` must be greater than 0; got {max_area_km2!r}.",
    )


def _of_any_category(asked: Selection, flags: Mapping[str, NDArray[np.bool_]]) -> Selection:
    """The incidents of any category, with the account of all others."""
    anything = np.logical_or.reduce(list(flags.values()))
    marked = asked.everything.assign(**{f"theme_{ANY_CATEGORY}": anything})
    return asked.retagged(marked, ANY_CATEGORY)


def _candidates(
    candidates: gpd.GeoDataFrame | None,
    asked: Selection,
    chosen: Selection,
    grid: Grid | None,
    max_area_km2: float | None,
) -> Candidates:
    if candidates is not None:
        return given_areas(candidates, chosen.rows, max_area_km2)
    if asked.assigned:
        return assigned_areas(
            asked.area_ids.reindex(chosen.rows.index), asked.grid, asked.everything.crs
        )
    return grown_areas(chosen.rows, grid, max_area_km2 or GROWN_AREA_KM2, GROWN_WALK_M)


def _mask(night_time_economy: gpd.GeoDataFrame | pd.Series, chosen: Selection) -> NDArray[np.bool_]:
    """Which of the incidents are set aside."""
    import geopandas as gpd

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
