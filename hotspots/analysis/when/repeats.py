"""Whether one incident is followed by another, soon and near, beyond chance; and by which."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import known_to_the_day
from hotspots.core.arguments import draws_of, has_record, numbers_of, size_of, yes_of
from hotspots.core.caveats import Caveat
from hotspots.core.crs import coordinates
from hotspots.core.errors import RANGE, Findings, InputError, require
from hotspots.core.grids import StreetSegments
from hotspots.core.months import local_times
from hotspots.core.select import Selection, as_selection
from hotspots.stats.knox import (
    Closed,
    Metric,
    bands_of,
    count_pairs,
    permuted_tails,
    seasons_of,
    soon_pairs,
    space_pairs,
    time_pairs,
)
from hotspots.stats.nulls import corrected, source_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord

DAY_NS = 86_400_000_000_000
MM = 1_000
SEASON_DAYS = 56
ALPHA = 0.05
SAME_PLACE = "same place"


def near_repeats(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    distance_bands_m: Sequence[float],
    time_bands_days: Sequence[float],
    metric: Metric | StreetSegments = "euclidean",
    closed: Closed = "left",
    permutations: int = 999,
    rng: np.random.Generator | int | None = None,
    same_place_apart: bool = False,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """Pairs of incidents by how near and how soon, against what chance would bring (Knox).

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the day or better.
    distance_bands_m, time_bands_days : sequence of float
        Edges of the bands, rising; 0 is put in front where it is missing. ``[100, 200]`` are two
        bands: 0 to 100 m and 100 to 200 m.
    metric : {"euclidean", "manhattan"} or StreetSegments
        How distance is measured: as the crow flies, east-west plus north-south, or along streets
        from the nearest spot of the nearest segment. Incidents out of reach of all streets are
        then left out, and told.
    closed : {"left", "right"}
        Which end belongs to a band: "left", 100 to under 200; "right", over 100 to 200. A gap of 0
        is in the first band either way.
    permutations : int
        How often times are dealt out anew over places.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.
    same_place_apart : bool
        A distance band of its own, the first, for pairs at exactly one place. Refused on places
        that were snapped, where one place is many addresses.
    record : RunRecord, optional
        Gets the choices, and what a reader must know.

    Returns
    -------
    DataFrame
        One row per (``distance_band``, ``time_band``), in that order: ``observed`` (pairs),
        ``expected`` (the exact mean over all ways of dealing out the times), ``ratio`` (missing
        where nothing is expected), ``p_value`` (of as many pairs or more where times are dealt out
        within parts of eight weeks or longer, so that every place keeps its seasons),
        ``beyond_chance`` (the first band by its own p-value; the others only where the first is,
        by those of all of them, after Holm).

    Raises
    ------
    InputError
        For times known only to the month, snapped places where they are asked for by themselves,
        bands that do not rise.

    Notes
    -----
    An incident counts at the start of its interval, by the clock of its place. Memory grows with
    the pairs within reach whose seasons are the same or side by side. Where one part of the area is
    busy while another is quiet, incidents are near in space and time without one following another:
    ``p_value`` knows that of parts of eight weeks, or of twice the last edge where that is longer;
    ``ratio`` does not, and misleads there. Look at the bands together: a chain raises the nearest
    and soonest most, and those beside it a little. See ``docs/when.md``.

    References
    ----------
    Knox, E. G. (1964) The detection of space-time interactions. Applied Statistics 13(1), 25-30.
    doi:10.2307/2985220; Johnson, S. D. et al. (2007) Space-time patterns of risk. Journal of
    Quantitative Criminology 23, 201-219. doi:10.1007/s10940-007-9025-3

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> fires = town.incidents[town.incidents["offence_scheme"].eq("fire_service")]
    >>> found = near_repeats(fires, distance_bands_m=[200, 400], time_bands_days=[7, 14])
    >>> found.index[0], bool(found["ratio"].iloc[0] > 2)
    (('0 to under 200 m', '0 to under 7 days'), True)
    """
    edges_m = _edges(distance_bands_m, "distance_bands_m")
    edges_days = _edges(time_bands_days, "time_bands_days")
    _check_choices(metric, closed)
    permutations = draws_of(permutations, "permutations", rule=RANGE)
    rows = known_to_the_day(as_selection(incidents).rows)
    if isinstance(metric, StreetSegments):
        rows = _on_streets(rows, metric, record)
    same_place_apart = yes_of(same_place_apart, "same_place_apart")
    snapped = int(rows["location_precision"].eq("snapped").sum())
    require(
        not (same_place_apart and snapped),
        f"`same_place_apart` needs exact places; {snapped:,} of {len(rows):,} incidents are "
        "snapped to map points, each of which stands for many addresses.",
        rule="same-place-snapped",
        mend="Leave it out, and read the nearest band as it stands.",
    )
    places, times, unit, _ = on_whole_numbers(rows)
    units = edges_days * (DAY_NS / unit)
    season = season_of(edges_days[-1]) * (DAY_NS / unit)
    pairs, band, in_space = _banded(places, seasons_of(times, season), edges_m * MM, metric, closed)
    same = int(in_space[0])
    if same_place_apart:
        in_space[1] -= same
        band = np.where((places[pairs[:, 0]] == places[pairs[:, 1]]).all(axis=1), 0, band + 1)
    in_space = in_space[1 - same_place_apart :]
    counted = count_pairs(times[:, None], pairs, band, len(in_space), units, closed)[:, :, 0]
    tails = permuted_tails(
        times, pairs, band, counted, units, closed, permutations, source_of(rng), season
    )  # fmt: skip
    share = time_pairs(times, units, closed) / max(len(times) * (len(times) - 1) / 2, 1)
    expected = np.outer(in_space, share)
    if has_record(record):
        _log(record, rows, snapped, same, edges_days)
    bands = [_names(edges_m, "m", closed, same_place_apart), _names(edges_days, "days", closed)]
    index = pd.MultiIndex.from_product(bands, names=["distance_band", "time_band"])
    return _table(counted, expected, (tails + 1) / (permutations + 1), index)


def season_of(reach_days: float) -> float:
    """Days within which times are dealt out: places keep seasons that are longer."""
    return max(SEASON_DAYS, 2 * reach_days)


def _edges(bands: Sequence[float], argument: str) -> NDArray[np.float64]:
    try:
        edges = numbers_of(bands, argument)
    except InputError:
        edges = np.array([])
    rising = edges.ndim == 1 and edges.size and np.isfinite(edges).all() and edges[0] >= 0
    if not rising or (np.diff(edges) <= 0).any() or edges[-1] == 0:
        raise InputError(
            f"`{argument}` must be edges that rise from 0, such as 100 and 200; got {bands!r}.",
            rule="bands",
        )
    return edges if edges[0] == 0 else np.concatenate([[0.0], edges])


def _check_choices(metric: str | StreetSegments, closed: str) -> None:
    findings = Findings()
    if not isinstance(metric, StreetSegments):
        findings.one_of("metric", metric, get_args(Metric))
    findings.one_of("closed", closed, get_args(Closed))
    findings.raise_errors(InputError)


def _on_streets(
    rows: gpd.GeoDataFrame, streets: StreetSegments, record: RunRecord | None
) -> gpd.GeoDataFrame:
    """The incidents within reach of a street; how many are not is told."""
    on = pd.notna(streets.cell_ids(*coordinates(rows.geometry), rows.crs))
    gone = len(rows) - int(on.sum())
    if record is not None and gone:
        values = {"incidents": gone, "of": len(rows), "reach_m": streets.reach_m}
        record.warn_reader(Caveat("off-the-streets", values, counts_incidents=True))
    return rows[on]


def on_whole_numbers(
    rows: gpd.GeoDataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, NDArray[np.intp]]:
    """Places in millimetres, times in the largest unit that is exact, that unit in ns, the order.

    In one order, however the rows came, so that the same seed deals the same times.
    """
    times = local_times(rows["occurred_from"]).dt.as_unit("ns").astype("int64").to_numpy()
    times = times - times.min(initial=np.iinfo(np.int64).max)
    # Times known to the minute are small numbers then, which the deals go through faster.
    unit = int(np.gcd.reduce(np.append(times, DAY_NS)))
    metres = np.column_stack([rows.geometry.x, rows.geometry.y])
    places = np.rint(metres * MM).astype(np.int64)
    order = np.lexsort((times, places[:, 1], places[:, 0]))
    return places[order], times[order] // unit, unit, order


def _banded(
    places: NDArray[np.int64],
    seasons: NDArray[np.intp],
    edges: NDArray[np.float64],
    metric: Metric | StreetSegments,
    closed: Closed,
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.int64]]:
    """Pairs that may be soon, the band of each, and how many of all are at one place and in each.

    A time stays in its season, which is twice as long as the last edge of time or longer: of two
    times with a season between, none is soon however they are dealt out.
    """
    if isinstance(metric, StreetSegments):
        x, y = places.T / MM
        # One millimetre more than asked; the band is found in whole ones.
        pairs, metres = metric.pairs_within(x, y, (edges[-1] + 1) / MM)
        band = bands_of(np.rint(metres * MM).astype(np.int64), edges, closed)
        within = band < len(edges) - 1
        pairs, band = pairs[within], band[within]
        alike = (places[pairs[:, 0]] == places[pairs[:, 1]]).all(axis=1).sum()
        return pairs, band, np.append(alike, np.bincount(band, minlength=len(edges) - 1))
    soon, near = soon_pairs(places, seasons, edges.tolist(), metric, closed)
    return soon, near, space_pairs(places, edges.tolist(), metric, closed)


def _table(
    observed: NDArray[np.int64],
    expected: NDArray[np.float64],
    p_value: NDArray[np.float64],
    index: pd.MultiIndex,
) -> pd.DataFrame:
    """Many bands are many tests: the nearest and soonest comes first, then the others together."""
    p_value = p_value.ravel()
    ratio = (observed / np.where(expected > 0, expected, np.nan)).ravel()
    sure = np.append(p_value[:1], np.maximum(p_value[0], corrected(p_value[1:], "holm"))) <= ALPHA
    return pd.DataFrame(
        {
            "observed": observed.ravel(),
            "expected": expected.ravel(),
            "ratio": ratio,
            "p_value": p_value,
            "beyond_chance": sure & (ratio > 1),
        },
        index=index,
    )


def _names(
    edges: NDArray[np.float64], unit: str, closed: Closed, same_place_apart: bool = False
) -> list[str]:
    """What bands are called, with the ends that belong to them."""
    names = []
    for low, high in pairwise(edges):
        if closed == "left":
            names.append(f"{low:g} to under {high:g} {unit}")
        else:
            names.append(f"{'over ' if low else ''}{low:g} to {high:g} {unit}")
    return [SAME_PLACE, f"over {names[0]}", *names[1:]] if same_place_apart else names


def _log(
    record: RunRecord,
    rows: gpd.GeoDataFrame,
    snapped: int,
    same: int,
    edges_days: NDArray[np.float64],
) -> None:
    long = rows["occurred_until"] - rows["occurred_from"] > pd.Timedelta(days=edges_days[1])
    if long.any():
        values = {"incidents": int(long.sum()), "days": float(edges_days[1])}
        record.warn_reader(Caveat("start-stands", values, counts_incidents=True))
    if snapped and same:
        record.warn_reader(Caveat("same-place", {"pairs": same}, counts_incidents=True))


def repeat_chains(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    within_m: float,
    within_days: float,
    metric: Metric = "euclidean",
) -> pd.DataFrame:
    """Incidents that follow one another no further and no later than this, chain by chain.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the day or better.
    within_m, within_days : float
        How near and how soon the next one is, these included. Read them from
        :func:`near_repeats`: the farthest band that still holds more than chance brings.
    metric : {"euclidean", "manhattan"}
        How distance is measured.

    Returns
    -------
    DataFrame
        By ``incident_id``, only incidents of a chain of two or more, chains in order of time:
        ``chain_id`` (its first incident), ``step`` from 1, ``chain_length``, ``days_since`` the one
        before it in the chain (missing for the first).

    Raises
    ------
    InputError
        For times known only to the month, or a reach that is not above 0.

    Notes
    -----
    Every incident near and soon enough to any of a chain belongs to it, so one place that is always
    busy is one long chain. Chance makes chains too: ask :func:`near_repeats` first whether there is
    anything to chain. It misleads on snapped places, where one map point is many addresses.

    References
    ----------
    Haberman, C. P. & Ratcliffe, J. H. (2012) The predictive policing challenges of near repeat
    armed street robberies. Policing 6(2), 151-166. doi:10.1093/police/pas012

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> fires = town.incidents[town.incidents["offence_scheme"].eq("fire_service")]
    >>> chains = repeat_chains(fires, within_m=200, within_days=7)
    >>> bool((chains["chain_length"] >= 2).all()), int(chains["step"].min())
    (True, 1)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    within_m = size_of(within_m, "within_m", rule=RANGE)
    within_days = size_of(within_days, "within_days", rule=RANGE)
    findings = Findings()
    findings.one_of("metric", metric, get_args(Metric))
    findings.raise_errors(InputError)
    rows = known_to_the_day(as_selection(incidents).rows)
    places, times, unit, order = on_whole_numbers(rows)
    soon = within_days * (DAY_NS / unit)
    pairs, _ = soon_pairs(
        places, (times // max(soon, 1)).astype(np.intp), [0.0, within_m * MM], metric, "right"
    )
    one, other = pairs[np.abs(times[pairs[:, 0]] - times[pairs[:, 1]]) <= soon].T
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    chain = connected_components(links, directed=False)[1]
    ids = rows.index[order]
    table = pd.DataFrame({"chain": chain, "days": times * (unit / DAY_NS), "id": ids}, index=ids)
    table = table.sort_values(["days", "id"], kind="stable")
    of_chain = table.groupby("chain", sort=False)
    found = pd.DataFrame(
        {
            "chain_id": of_chain["id"].transform("first"),
            "step": of_chain.cumcount() + 1,
            "chain_length": of_chain["id"].transform("size"),
            "days_since": of_chain["days"].diff(),
        }
    )
    began = of_chain["days"].transform("first")
    in_order = np.lexsort((found["step"], found["chain_id"].astype(str), began))
    found = found.iloc[in_order]
    return found[found["chain_length"] > 1]
