"""How many clusters, how many members, and how large a cluster chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.members import Clustering, clustering_of, places_of
from hotspots.core.arguments import draws_of
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.stats.dbscan import covered, reach
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Codes, Floats, Ints

ALPHA = 0.05
MOST_KEPT = 4_000_000
"""Chance maps of at most so many places in all are kept, for another radius or minimum."""
MEASURES = ("clusters", "members", "largest")
LEAST_OTHERS = 0.5
"""For each incident so many must be of another kind: with fewer these can hardly be 1.5 times as
large a share of a place as of everywhere."""
LEAST_ALIKE = 30
"""Shares are dealt among at least so many places, those that hold about as many incidents."""
Null = Literal["dealt-shares", "dealt-places"]


@dataclass(frozen=True, eq=False)
class ClusterChance(Spoken):
    """Clusters found, beside the clusters of maps made by chance.

    Attributes
    ----------
    observed : Series
        ``clusters``, ``members`` (incidents in them) and ``largest`` (incidents in the largest).
    by_chance : DataFrame
        The same three, one row for each chance map.
    clusters : DataFrame
        On ``area_id``, most incidents first: ``incident_count``; ``expected``, incidents on the
        ground of the cluster if its share were that of everywhere; ``p_size``, the probability that
        a chance map holds any cluster with at least as many incidents; ``p_excess``, the
        probability that one holds any as far beyond what is expected there, without the place of
        each that is furthest beyond (both family-wise); ``evidence``, ``beyond-chance`` where
        ``p_excess`` is 0.05 or less, else ``could-be-chance``, or ``not-tested`` where all lie at
        one place, or where places were dealt: those never hit are not seen, so that a cluster of
        many places hit once is neither shown nor ruled out.
    incidents, places, draws : int
        Incidents asked about, places they could fall on, chance maps made.
    null : {"dealt-shares", "dealt-places"}
        What a chance map is: which share of what a place holds these incidents are is dealt out
        among places that hold about as many, or what the places hold is dealt out among them all.
    everyone : int
        These incidents, and those of other kinds at any time, in the study area.
    """

    observed: pd.Series
    by_chance: pd.DataFrame
    clusters: pd.DataFrame
    incidents: int
    places: int
    draws: int
    null: Null
    everyone: int

    @property
    def p_value(self) -> float:
        """Probability that chance gives at least as many clusters."""
        return float(self.table["p_value"].to_numpy()[0])

    @property
    def table(self) -> pd.DataFrame:
        """Observed, mean, 5 %, 50 % and 95 % of the chance maps, and p, for each of the three."""
        chance = self.by_chance
        beyond = (chance >= self.observed).sum()
        return pd.DataFrame(
            {
                "observed": self.observed,
                "expected": chance.mean(),
                "low": chance.quantile(0.05),
                "median": chance.quantile(0.5),
                "high": chance.quantile(0.95),
                "p_value": (beyond + 1) / (self.draws + 1),
            }
        ).loc[list(MEASURES)]


def cluster_chance(
    incidents: Selection,
    *,
    draws: int = 199,
    rng: np.random.Generator | int | None = None,
) -> ClusterChance:
    """Say how many clusters chance would give, and which of those found are larger than that.

    Parameters
    ----------
    incidents : Selection
        From :func:`assign_clusters` with DBSCAN. Those of other kinds in the table they came from
        say how many of them a place may hold.
    draws : int
        Chance maps to make; the smallest possible p-value is 1 / (draws + 1).
    rng : Generator or int, optional
        Source of chance; a fixed one by default.

    Returns
    -------
    ClusterChance
        Print it for a sentence.

    Raises
    ------
    InputError
        When an argument means nothing.

    Notes
    -----
    Places differ, in how much happens there and of what: a pile at one of them is no cluster.
    Chance maps keep what the places hold, and change which of them lie side by side. Where a theme
    is asked about and others are in the table, its share of each place is dealt among places that
    hold as many, so that a street where everything happens is none beyond chance. Where all
    incidents are asked about, or nearly all are of the theme, what the places hold is dealt.

    ``p_size`` asks for a large cluster, and one busy centre that chance keeps busy hides all the
    others; ``p_excess`` asks for more than the ground explains (the scan statistic's likelihood
    ratio), and finds small dense ones. Clusters beyond chance are set aside, and chance is asked
    again of the rest, until there are no more.

    It misleads where risk falls off slowly from a centre: busy places do lie together there. Places
    that were never hit are not seen: clusters look a little more ordinary than they are, which
    misleads most where few places were ever hit.

    References
    ----------
    Kulldorff, M. (1997), A spatial scan statistic. Communications in Statistics - Theory and
    Methods 26, 1481-1496. doi:10.1080/03610929708831995
    Zhang, Z., Assuncao, R. and Kulldorff, M. (2010), Spatial scan statistics adjusted for multiple
    clusters. Journal of Probability and Statistics, 642379. doi:10.1155/2010/642379
    Westfall, P. H. and Young, S. S. (1993), Resampling-Based Multiple Testing. Wiley.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> x, y = np.divmod(np.arange(400), 20)
    >>> x, y = np.append(x, [3, 4] * 30), np.append(y, [3] * 60)
    >>> incidents = gpd.GeoDataFrame({name: "-" for name in ["offence", "offence_scheme",
    ...     "time_precision", "location_precision", "source"]}, index=range(460),
    ...     geometry=gpd.points_from_xy(x * 200.0, y * 200.0), crs="EPSG:27700")
    >>> incidents["occurred_from"] = pd.Timestamp("2018-07-01", tz="Europe/London")
    >>> incidents["occurred_until"] = pd.Timestamp("2018-08-01", tz="Europe/London")
    >>> import hotspots as hs
    >>> clustered = hs.assign_clusters(incidents, radius_m=200, min_incidents=40)
    >>> found = hs.evaluation.cluster_chance(clustered, draws=99)
    >>> found.table.loc["clusters", ["observed", "p_value"]].tolist()
    [1.0, 0.04]
    """
    draws = draws_of(draws)
    found = clustering_of(incidents)
    pool, choices = _pool(incidents, found), found.choices

    def maps(dealt: _Pool) -> Iterable[Ints]:
        if dealt is pool and rng is None and draws * len(pool.places) <= MOST_KEPT:
            asked = [pool.own.tobytes(), pool.held.tobytes(), draws]
            kept: NDArray[Any] = incidents.source.places.for_good(
                "dealt", asked, lambda: _small([*pool.deal(source_of(None), draws)])
            )
            return kept
        return dealt.deal(source_of(rng), draws)

    near = reach(pool.places, choices.radius_m)
    here, drawn, p_excess = _held_against(pool, near, choices.min_incidents, maps)
    by_chance = pd.DataFrame([look.totals for look in drawn], columns=list(MEASURES))
    by_chance.index.name = "run"
    return ClusterChance(
        observed=pd.Series(here.totals, index=by_chance.columns),
        by_chance=by_chance,
        clusters=_judged(here, drawn, p_excess, found.outlines.index, pool.null),
        incidents=int(pool.own.sum()),
        places=len(pool.places),
        draws=draws,
        null=pool.null,
        everyone=pool.everyone,
    )


def _small(maps: list[Ints]) -> NDArray[np.unsignedinteger]:
    """The same numbers in as little memory as they need."""
    found = np.stack(maps)
    return found.astype(np.min_scalar_type(int(found.max(initial=0))))


@dataclass(frozen=True)
class _Pool:
    """Places, what each holds of these incidents and in all, and which may hold one another's."""

    places: Ints
    own: Ints
    held: Ints
    null: Null
    everyone: int

    @cached_property
    def alike(self) -> Ints:
        """A number for each place, the same where about as much is held."""
        _, of_place, sizes = np.unique(self.held, return_inverse=True, return_counts=True)
        group, size, groups = 0, 0, []
        for more in sizes.tolist():
            if size >= LEAST_ALIKE:
                group, size = group + 1, 0
            groups.append(group)
            size += more
        # What is left over is dealt with those below it.
        most = group if size >= LEAST_ALIKE else max(group - 1, 0)
        return np.minimum(np.array(groups, dtype=np.int64), most)[of_place]

    def deal(self, rng: np.random.Generator, draws: int) -> Iterator[Ints]:
        """Maps on which the shares of the places are dealt among those alike."""
        alike = self.alike.astype(np.min_scalar_type(int(self.alike.max(initial=0))))
        order = np.argsort(alike, kind="stable")
        for _ in range(draws):
            drawn = np.argsort(rng.random(len(order)), kind="stable")
            other = np.empty_like(order)
            # small numbers are sorted quicker than by `lexsort`, to the same
            other[order] = drawn[np.argsort(alike[drawn], kind="stable")]
            of = self.held[other]
            whole, rest = np.divmod(self.own[other] * self.held, of)
            yield whole + (rng.random(len(of)) * of < rest)

    def but(self, gone: Bools) -> _Pool:
        """The same without some of the places."""
        places, own, held = (each[~gone] for each in (self.places, self.own, self.held))
        return _Pool(places, own, held, self.null, self.everyone)


def _held_against(
    pool: _Pool, near: Any, minimum: int, maps: Callable[[_Pool], Iterable[Ints]]
) -> tuple[_Look, list[_Look], Floats]:
    """The clusters, those of chance maps, and how likely chance gives one as far beyond.

    What is beyond chance is set aside and chance asked again of the rest: piled up by chance maps
    elsewhere, a few strong clusters would hide the others.
    """
    ground, _ = covered(near, pool.own, minimum)
    p_excess = np.ones(int(ground.max(initial=-1)) + 1)
    first: tuple[_Look, list[_Look]] | None = None
    while True:
        here = _look(pool, pool.own, ground, len(p_excess))
        drawn = [
            _look(pool, one, covered(near, one, minimum)[0])
            for one in (np.asarray(each, dtype=np.int64) for each in maps(pool))
        ]
        first = first or (here, drawn)
        asked = p_excess > ALPHA
        now = _p_value(here.excess, [look.excess.max(initial=0) for look in drawn])
        p_excess[asked] = now[asked]
        gone = np.isin(ground, np.flatnonzero(asked & (now <= ALPHA)))
        if not gone.any():
            return *first, p_excess
        pool, near, ground = pool.but(gone), near[~gone][:, ~gone], ground[~gone]


@dataclass(frozen=True)
class _Look:
    """Of each cluster of one map its incidents, places and those expected, and its excess."""

    counts: Floats
    places: Ints
    expected: Floats
    excess: Floats

    @property
    def totals(self) -> tuple[int, int, int]:
        """Clusters, incidents in them, incidents in the largest."""
        return len(self.counts), int(self.counts.sum()), int(self.counts.max(initial=0))


def _look(pool: _Pool, weights: Ints, ground: Codes, number: int | None = None) -> _Look:
    """The clusters of one map, which lie on this ground, held against what is there in all."""
    there = np.flatnonzero(ground >= 0)
    label = ground[there]
    number = int(label.max(initial=-1)) + 1 if number is None else number
    total, mine = float(weights.sum()), weights[there]
    due = pool.held[there] * (total / max(int(pool.held.sum()), 1))
    counts = np.asarray(np.bincount(label, mine, number), dtype=float)
    expected = np.asarray(np.bincount(label, due, number), dtype=float)
    # Without the place of each that is furthest beyond: one busy door makes no cluster.
    order = np.lexsort((mine - due, label))
    top = order[np.diff(label[order], append=number) > 0]
    rest, due_there = counts.copy(), expected.copy()
    rest[label[top]] -= mine[top]
    due_there[label[top]] -= due[top]
    excess = _log_likelihood_ratio(rest, due_there, total)
    return _Look(counts, np.bincount(label, mine > 0, number), expected, excess)


def _log_likelihood_ratio(counts: Floats, expected: Floats, total: float) -> Floats:
    """Kulldorff's: how much likelier the counts are with a higher risk there than elsewhere."""
    from scipy.special import rel_entr

    rest = np.maximum(total - expected, 0)
    ratio = rel_entr(counts, expected) + rel_entr(total - counts, rest)
    return np.asarray(np.where(counts > expected, ratio, 0.0))


def _pool(incidents: Selection, found: Clustering) -> _Pool:
    """What the places hold of these incidents, and beside them of other kinds at any time."""
    everyone = incidents.asked(theme=None, period=None, hours=None)
    places, held, known = places_of(everyone)
    own = np.zeros(len(places), dtype=np.int64)
    own[np.searchsorted(known, found.known_as)] = found.weights
    same = places_of(everyone.of(incidents.question.theme))
    # At other times it is no yardstick: beside itself a hotspot that lasts is nothing unusual.
    held[np.searchsorted(known, same.known_as)] -= same.weights
    held += own
    everything = int(held.sum())
    if everything <= (1 + LEAST_OTHERS) * own.sum():
        return _Pool(places, own, np.ones_like(own), "dealt-places", everything)
    return _Pool(places, own, held, "dealt-shares", everything).but(held == 0)


def _p_value(mine: Floats, extreme: list[float]) -> Floats:
    # As extreme counts as well, and sums of floats may differ in a last digit.
    beyond = np.array(extreme)[None, :] >= mine[:, None] * (1 - 1e-12)
    return np.asarray((beyond.sum(axis=1) + 1) / (len(extreme) + 1))


def _judged(
    here: _Look, drawn: list[_Look], p_excess: Floats, area_ids: pd.Index, null: Null
) -> pd.DataFrame:
    """Each cluster against the most extreme cluster of each chance map."""
    untested = (null == "dealt-places") | (here.places <= 1)
    rest = np.where(untested, "not-tested", "could-be-chance")
    table = pd.DataFrame(
        {
            "incident_count": here.counts.astype(int),
            "expected": here.expected,
            "p_size": _p_value(here.counts, [look.counts.max(initial=0) for look in drawn]),
            "p_excess": p_excess,
            "evidence": np.where(p_excess <= ALPHA, "beyond-chance", rest).astype(object),
        },
        index=area_ids,
    )
    return table.sort_values("incident_count", ascending=False, kind="stable")
