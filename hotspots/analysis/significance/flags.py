"""Areas that are more than chance, with the evidence for it in the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.significance.evidence import (
    HitPlaces,
    MapPoints,
    high_alone,
    hit_places,
    hot_areas,
    map_points,
    no_count_passes,
    with_evidence,
)
from hotspots.analysis.significance.study import (
    AGAINST_RISK,
    POINTS,
    WORTH_ACTING,
    Null,
    Of,
    Study,
    Transform,
    check_choices,
    check_draws,
    check_points,
    check_tables,
    make_study,
    null_and_risk,
    of_theme,
)
from hotspots.analysis.troubles import Unit, check_unit, count_in_areas, in_troubles
from hotspots.core.arguments import has_record
from hotspots.core.caveats import Caveat
from hotspots.core.errors import Finding, require
from hotspots.core.select import require_members
from hotspots.core.tables import AREAS, require_table
from hotspots.stats import nulls
from hotspots.stats.local import gi_star
from hotspots.stats.nulls import Correction, Tails, corrected, smallest_needed_p, source_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Floats
    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

FEWEST_MAPS = 999
FEWEST_AT_RISK = 2.0


def flag_hotspots(
    areas: gpd.GeoDataFrame,
    incidents: Selection | None = None,
    *,
    by: Of = "count",
    grid: Grid | None = None,
    neighbours: Mapping[Any, Iterable[Any]] | Any | None = None,
    null: Null | None = None,
    at_risk: pd.Series | None = None,
    transform: Transform = "sqrt",
    correction: Correction = "bh",
    alpha: float = 0.05,
    min_relative_risk: float | None = None,
    context: gpd.GeoDataFrame | None = None,
    unit: Unit = "incident",
    draws: int | None = None,
    rng: np.random.Generator | int | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Flag areas whose neighbourhood holds more, or less, than chance would give.

    Parameters
    ----------
    areas : GeoDataFrame
        Cells of a study area, empty ones included. Those with ``share_inside`` below one half are
        counted in their neighbours' sums but not tested.
    incidents : Selection, optional
        The incidents the areas were counted from, with their areas: where the areas do not carry
        ``points_at_risk``, map points are taken from all incidents there are.
    by : {"count", "harm"}
        Test ``incident_count`` or ``harm``.
    grid : Grid, optional
        Says who is whose neighbour; that of ``incidents``, or found from ``kind``, by default.
    neighbours : sparse matrix, or mapping of id to ids, optional
        Neighbours by name instead, as for :func:`local_gi_star`; every one counts the same.
    null : {"permutation", "constant-risk", "place-risk", "both", "shuffled-points", "all", \
"analytic"}, optional
        What chance is. ``permutation``: the values dealt out at random over all cells; the default
        where nothing is known to be at risk. ``constant-risk`` (counts only): every incident falls
        on any of ``at_risk`` with the same probability. ``place-risk`` (counts, a Selection):
        every place does, with all that happened there, in roots, so that one busy address or
        bus stop makes no hot neighbourhood; the default where the cells are unlike and
        carry ``at_risk`` of their own (:class:`PolygonCells`, :class:`StreetSegments`). ``both``:
        beyond both, in the same direction; the default where ``at_risk`` is known but what each
        map point holds is not. ``shuffled-points`` (counts, snapped places, a Selection): what the
        map points hold, dealt out anew over the map points, in roots; map points differ a lot among
        themselves, which constant risk does not know, and cells hold unlike numbers of them, which
        permutation does not know. ``all``: beyond all three; the default for counts of snapped
        places where ``incidents`` are given. ``analytic``: the normal distribution, which is wrong
        on counts with many zeros.
    at_risk : Series, optional
        By ``area_id``: map points (:func:`points_at_risk`), addresses or residents. Where it is
        not given, a column ``at_risk`` of the areas is used, else one ``points_at_risk``.
    transform : {"none", "sqrt", "log1p", "cap"}
        Applied to the values before Gi*; ``cap`` cuts at the 99th percentile.
    correction : {"bh", "by", "holm", "max-t", "none"}
        For the number of areas tested. ``bh`` and ``by`` hold the share of false flags at
        ``alpha``, ``holm`` and ``max-t`` the probability of any.
    alpha : float
        Error rate, two-sided.
    min_relative_risk : float, optional
        Smallest relative risk of a neighbourhood worth acting on (1.5), for nulls that know what is
        at risk: with more and more months ever smaller ones are beyond chance. 0 takes every one.
    context : GeoDataFrame, optional
        The same cells counted whole, with a ring around: those of a question asked
        ``within=study_area(city, ring_m=...)``. Sums are taken from here, so that edges have whole
        neighbourhoods.
    unit : {"incident", "trouble"}
        What is independent. ``trouble``: what happened at one place on one day (in one month at
        snapped places) is tested as one; needs ``incidents``, and ``by="count"``.
    draws : int, optional
        Random draws. By default the permutation null is exact, every way of dealing out the values
        counted; only large neighbourhoods in small maps are drawn, as often as the correction
        needs. For ``max-t``, shuffled maps (999).
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.
    record : RunRecord, optional
        Gets the choices and what was flagged.

    Returns
    -------
    GeoDataFrame
        A copy with ``z`` (Gi*; for ``constant-risk`` the standardised excess), ``p_value``,
        ``q_value`` (corrected), ``n_tested``, ``is_hotspot``, ``is_coldspot``, ``n_neighbours``,
        ``is_core`` (of a flagged neighbourhood the cell itself is high: it alone would be one in
        twenty by chance, and holds two incidents or more), ``evidence`` (``beyond-chance``,
        ``could-be-chance``, ``not-tested``), ``relative_risk`` (of the neighbourhood; missing where
        nothing is known to be at risk) and in words ``tested_value``, ``null_model``,
        ``transform``, ``correction``. Missing where not tested, but for an area that is high by
        itself where no count of its own could have passed (its neighbours are too quiet, or by
        ``place-risk`` its places too few): its neighbourhood has a p-value, and it is
        ``not-tested``. An area that holds one incident, or
        none, is never a hotspot.

    Raises
    ------
    InputError
        If the draws cannot resolve the p-value that the correction needs.

    Notes
    -----
    A flag belongs to a neighbourhood, not to a cell: the ring around one busy cell is flagged with
    it. Permutation alone mostly tells town from field. Not flagged is not safe: one month shows
    hardly more than the strongest. See ``docs/significance.md`` for measured false-flag rates and
    power.

    References
    ----------
    Ord & Getis (1995) doi:10.1111/j.1538-4632.1995.tb00912.x; Caldas de Castro, M. & Singer, B. H.
    (2006) Controlling the false discovery rate. Geographical Analysis 38(2), 180-208.
    doi:10.1111/j.0016-7363.2006.00682.x; Westfall, P. H. & Young, S. S. (1993) Resampling-Based
    Multiple Testing (max-t).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from hotspots.core.grids import SquareGrid
    >>> from shapely.geometry import box
    >>> grid = SquareGrid(250)
    >>> ids = grid.cover(box(1, 1, 4999, 4999))
    >>> areas = gpd.GeoDataFrame({"kind": grid.name, "incident_count": 1, "share_inside": 1.0},
    ...     index=ids, geometry=grid.polygons(ids), crs="EPSG:27700")
    >>> areas.loc[grid.cover(box(2001, 2001, 2499, 2499)), "incident_count"] = 30
    >>> flagged = flag_hotspots(areas)
    >>> int(flagged["n_tested"].iloc[0]), bool(flagged.loc["sq250-E2000N2000", "is_hotspot"])
    (400, True)
    """
    source = areas if context is None else context
    require_table(source, AREAS, argument="areas" if context is None else "context", only=[])
    if incidents is not None:
        require_members(areas, incidents)
    check_unit(unit, incidents)
    if grid is None and incidents is not None:
        grid = incidents.grid
    counted = source
    if unit == "trouble" and incidents is not None:
        counted, incidents = _once(source, incidents, by, wide=context is not None)
    null, at_risk = null_and_risk(source, incidents, by, null, at_risk, correction)
    check_choices(by, null, transform, correction, alpha, at_risk)
    check_points(by, null, correction, incidents, min_relative_risk)
    check_tables(areas, source, by)
    study = make_study(areas, counted, by, transform, null, at_risk, grid, neighbours)
    needed = smallest_needed_p(int(study.tested.sum()), alpha, correction)
    check_draws(draws, needed, null, correction)
    generator = source_of(rng)
    points: MapPoints | HitPlaces | None = None
    if incidents is not None and null in (*POINTS, "place-risk"):
        look = map_points if null in POINTS else hit_places
        points = look(incidents, study, wide=context is not None)
    tails = _tails(study, null, needed, draws, generator, points)
    p = tails.two_sided
    if correction == "max-t":
        q = np.maximum(p, _family_wise(study, null, p, alpha, draws, generator))
    else:
        q = corrected(p, correction)
    words = {
        "tested_value": by if unit == "incident" else "troubles",
        "null_model": null,
        "transform": study.transform,
    }
    words |= {"correction": correction}
    least = WORTH_ACTING if min_relative_risk is None else min_relative_risk
    least = least if null in AGAINST_RISK else 0.0
    hot = hot_areas(study, tails, q, alpha, least)
    high = high_alone(study, null, alpha, points)
    unasked = no_count_passes(study, null, correction, alpha, q, high & ~hot, points)
    result = with_evidence(areas, study, tails, q, alpha, words, hot, high & hot, unasked)
    if has_record(record):
        _log(record, result, study, alpha, least)
    return result


def _once(
    source: gpd.GeoDataFrame, incidents: Selection, by: Of, *, wide: bool
) -> tuple[gpd.GeoDataFrame, Selection]:
    """The areas with troubles for incidents, and the selection of these."""
    require(by == "count", f'`unit="trouble"` is for `by="count"`; got {by!r}.')
    once = in_troubles(incidents)
    around = in_troubles(incidents.asked(within=None)) if wide else once
    return source.assign(incident_count=count_in_areas(around, source.index)), once


def _tails(
    study: Study,
    null: str,
    needed: float,
    draws: int | None,
    rng: np.random.Generator,
    points: MapPoints | HitPlaces | None,
) -> Tails:
    if null == "analytic":
        from scipy.special import ndtr

        z = study.z[study.tested]
        return Tails(ndtr(-z), ndtr(z))
    tails = []
    if points is not None:
        tails.append(points.neighbourhoods(study.weights, study.tested))
    if null in ("permutation", "both", "all"):
        tails.append(
            nulls.permutation_tails(
                study.values,
                study.weights,
                study.tested,
                needed_p=needed,
                draws=draws,
                rng=rng,
            )
        )
    if null in ("constant-risk", "both", "all"):
        assert study.at_risk is not None
        tails.append(
            nulls.constant_risk_tails(study.raw, study.weights, study.tested, study.at_risk)
        )
    return reduce(Tails.and_also, tails)


def _family_wise(
    study: Study, null: str, p: Floats, alpha: float, draws: int | None, rng: np.random.Generator
) -> Floats:
    """Probability that the most extreme area of a chance map is as extreme as each area is."""
    draws = draws or max(FEWEST_MAPS, int(np.ceil(nulls.ENOUGH_BEYOND / alpha)) - 1)
    q = np.zeros(len(p))
    if not len(p):
        return q
    if null in ("permutation", "both"):
        extremes = nulls.permutation_extremes(
            study.values, study.weights, study.tested, draws=draws, rng=rng
        )
        size = np.abs(gi_star(study.values, study.weights)[study.tested])
        # As extreme counts as well; the two were summed in different orders.
        beyond = draws - np.searchsorted(np.sort(extremes), size * (1 - 1e-9))
        q = np.maximum(q, (beyond + 1) / (draws + 1))
    if null in ("constant-risk", "both"):
        assert study.at_risk is not None
        smallest = nulls.constant_risk_extremes(
            study.raw, study.weights, study.tested, study.at_risk, draws=draws, rng=rng
        )
        single = nulls.constant_risk_tails(study.raw, study.weights, study.tested, study.at_risk)
        beyond = np.searchsorted(np.sort(smallest), single.two_sided * (1 + 1e-9), "right")
        q = np.maximum(q, (beyond + 1) / (draws + 1))
    return q


def _log(
    record: RunRecord, result: gpd.GeoDataFrame, study: Study, alpha: float, least: float
) -> None:
    words = {
        name: result[name].iloc[0] if len(result) else None
        for name in ("tested_value", "null_model", "transform", "correction")
    }
    hot, cold = int(result["is_hotspot"].sum()), int(result["is_coldspot"].sum())
    tested = int(study.tested.sum())
    told: dict[str, Any] = {**words, "alpha": alpha}
    if least:
        told["min_relative_risk"] = least
    record.choose("flag_hotspots", **told, tested=tested, hot=hot, cold=cold)
    if words["null_model"] in ("permutation", "analytic"):
        record.find(
            Finding(
                "town-against-field",
                "Flags compare each cell with all cells of the study area, so they mostly tell "
                "built-up from open land. Naming what is at risk (`at_risk`) asks for more.",
                "note",
            )
        )
    if tested == 0 and len(result):
        record.find(
            Finding(
                "nothing-tested",
                f"None of {len(result):,} areas could be tested{of_theme(result)}: fewer than "
                "three areas, all values equal, or none half inside the study area.",
                "warning",
            )
        )
    if study.at_risk is not None and (study.at_risk > 0).any():
        _log_support(record, study.at_risk)


def _log_support(record: RunRecord, at_risk: Floats) -> None:
    """Say how many cells cannot hold anything, and when cells are finer than the map points."""
    empty, each = float((at_risk == 0).mean()), float(at_risk[at_risk > 0].mean())
    record.find(
        Finding(
            "structural-zeros",
            f"{100 * empty:.0f}% of cells hold nothing at risk and are zero by construction; the "
            f"others hold {each:.1f} on average.",
            "note",
        )
    )
    if each < FEWEST_AT_RISK:
        record.find(
            Finding(
                "finer-than-the-data",
                f"Cells that hold anything at risk hold {each:.1f} on average: a flag is one map "
                "point.",
                "warning",
                mend="Use coarser cells.",
            )
        )
        record.warn_reader(Caveat("finer-than-spacing"))
