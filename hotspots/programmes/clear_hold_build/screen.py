"""Screen candidate areas for Clear, Hold, Build: many categories, one table, every exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import require_same_crs
from hotspots.core.errors import require
from hotspots.core.periods import Period
from hotspots.core.points import inside
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.select import Selection, select_incidents
from hotspots.core.tables import ZONES, require_table
from hotspots.programmes.clear_hold_build.candidate_tables import screened
from hotspots.programmes.clear_hold_build.candidates import (
    Candidates,
    given_areas,
    given_labels,
    grown_areas,
)
from hotspots.programmes.clear_hold_build.categories import category_flags, flag_problem
from hotspots.programmes.clear_hold_build.screen_result import POLICE_ACTIVITY, ClearHoldBuildScreen

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

STAGE = "screen_clear_hold_build"
FIXED_SEED = 94
GROWN_AREA_KM2 = 0.6
GROWN_WALK_M = 1_200.0


def screen_clear_hold_build(
    incidents: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame | pd.Series | None = None,
    *,
    categories: Mapping[str, str | pd.Series] | None = None,
    night_time_economy: gpd.GeoDataFrame | pd.Series | None = None,
    period: str | Period | None = None,
    within: gpd.GeoDataFrame | None = None,
    grid: Grid | None = None,
    max_area_km2: float | None = None,
    undecided: str = "error",
    draws: int = 500,
    rng: np.random.Generator | int | None = None,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
    record: RunRecord | None = None,
) -> ClearHoldBuildScreen:
    """Rank candidate areas in every category, and test why the first is not first in all.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    candidates : GeoDataFrame or Series, optional
        Areas or zones to compare (they may overlap), or ``area_id`` of each incident from
        :func:`label_cells` or :func:`label_clusters`. By default up to forty neighbourhoods are
        grown from the blocks where the categories are busiest.
    categories : mapping of str to str or Series, optional
        Words for a category, and what belongs to it: a boolean column of ``incidents``, a boolean
        Series on their index, or the name of a bundled basket (``"class_b"``). By default the five
        of the partnership, and on open data :func:`police_uk_proxy_categories`. Categories may
        overlap: the result says by how much.
    night_time_economy : GeoDataFrame or Series, optional
        Zones, or a boolean Series of incidents, to set aside when the stated reason is tested.
    period : str or Period, optional
        For instance ``"2024-04/2025-03"``.
    within : GeoDataFrame, optional
        Zones whose union is the study area; shares are of the incidents inside it.
    grid : Grid, optional
        Blocks to grow candidates from.
    max_area_km2 : float, optional
        Given areas that are larger are refused; grown ones stay below it (0.6 by default).
    undecided : {"error", "in", "out"}
        For categories named by basket: what to do with codes too coarse to tell, as in
        :func:`basket_members`.
    draws : int
        Poisson resamples behind the rank intervals (95 %); 0 leaves them out.
    rng : Generator or int, optional
        A fixed seed by default: the same input gives the same intervals.
    include_institutional, include_sensitive : optional
        Keep incidents with those flags; sensitive ones need a reason.
    record : RunRecord, optional
        Gets the choices, the account of every row and the caveats.

    Returns
    -------
    ClearHoldBuildScreen
        ``table`` (candidates, most wins first), ``ranks`` (candidate by category), ``exceptions``
        (each category not won: who is first, by how much, and whether that holds without the
        night-time economy), ``overlaps`` of the categories.

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
    >>> import geopandas as gpd, hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> cells = hs.label_cells(incidents, hs.H3Grid(8))
    >>> screen = screen_clear_hold_build(incidents, cells, draws=0)
    >>> screen.categories[0], int(screen.table["wins"].iloc[0])
    ('drugs (open-data proxy)', 3)
    """
    flags = category_flags(incidents, categories, undecided)
    _check(draws, max_area_km2)
    selection = _select(incidents, flags, period, within, include_institutional, include_sensitive)
    used = incidents[selection.used]
    compared = _candidates(candidates, incidents, selection, used, grid, max_area_km2)
    masked = _mask(night_time_economy, incidents, selection, used)
    category = np.column_stack([flag[selection.used] for flag in flags.values()])
    screen = screened(
        compared,
        category,
        list(flags),
        masked,
        draws,
        np.random.default_rng(FIXED_SEED if rng is None else rng),
        masks=night_time_economy is not None,
    )
    screen = screen.of_period(
        selection.account.period, compared.labels(used.index).reindex(incidents.index)
    )
    if record is not None:
        _log(record, screen, selection, compared, draws)
    return screen


def _check(draws: int, max_area_km2: float | None) -> None:
    whole = isinstance(draws, (int, np.integer)) and not isinstance(draws, bool)
    require(whole and draws >= 0, f"`draws` must be a whole number, 0 or more; got {draws!r}.")
    require(
        max_area_km2 is None or max_area_km2 > 0,
        f"`max_area_km2` must be greater than 0; got {max_area_km2!r}.",
    )


def _select(
    incidents: gpd.GeoDataFrame,
    flags: Mapping[str, NDArray[np.bool_]],
    period: str | Period | None,
    within: gpd.GeoDataFrame | None,
    include_institutional: bool,
    include_sensitive: str | bool,
) -> Selection:
    """The incidents of any category, with the account of all others."""
    anything = np.logical_or.reduce(list(flags.values()))
    return select_incidents(
        incidents.assign(theme_clear_hold_build=anything),
        stage=STAGE,
        theme="clear_hold_build",
        period=period,
        within=within,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )


def _candidates(
    candidates: gpd.GeoDataFrame | pd.Series | None,
    incidents: gpd.GeoDataFrame,
    selection: Selection,
    used: gpd.GeoDataFrame,
    grid: Grid | None,
    max_area_km2: float | None,
) -> Candidates:
    if candidates is None:
        return grown_areas(used, grid, max_area_km2 or GROWN_AREA_KM2, GROWN_WALK_M)
    if isinstance(candidates, pd.Series) and not hasattr(candidates, "crs"):
        return given_labels(candidates, incidents, selection.used)
    return given_areas(candidates, used, max_area_km2)


def _mask(
    night_time_economy: gpd.GeoDataFrame | pd.Series | None,
    incidents: gpd.GeoDataFrame,
    selection: Selection,
    used: gpd.GeoDataFrame,
) -> NDArray[np.bool_]:
    """Which of the used incidents are set aside."""
    if night_time_economy is None:
        return np.zeros(len(used), dtype=bool)
    if isinstance(night_time_economy, pd.Series) and not hasattr(night_time_economy, "crs"):
        problem = flag_problem(night_time_economy, incidents.index)
        require(problem is None, f"`night_time_economy` {problem}")
        return np.asarray(night_time_economy.reindex(used.index), dtype=bool)
    require_table(night_time_economy, ZONES, argument="night_time_economy", only=["geometry"])
    require_same_crs(used, night_time_economy, ("incidents", "night_time_economy"))
    return inside(used, night_time_economy)


def _log(
    record: RunRecord,
    screen: ClearHoldBuildScreen,
    selection: Selection,
    compared: Candidates,
    draws: int,
) -> None:
    held = int((np.diff(compared.inside.indptr) > 0).sum())
    record.account(selection.closed(held, noise=int(selection.used.sum()) - held))
    record.choose(
        STAGE,
        categories=list(screen.categories),
        candidates=len(screen.table),
        night_time_economy_tested=screen.masked,
        draws=draws,
    )
    record.warn_reader(POLICE_ACTIVITY, NOT_GROUNDS)
