"""How many clusters, how many members, and how large a cluster chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.members import Clustering, clustering_of, places_of
from hotspots.analysis.troubles import Unit, check_unit, in_troubles, trouble_of
from hotspots.core.errors import InputError, require, whole_of
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.stats.dbscan import covered, reach
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.arrays import Floats, Ints

ALPHA = 0.05
MOST_KEPT = 4_000_000
"""Chance maps of at most so many places in all are kept, for another radius or minimum."""
MOST_COUNTED, MOST_AT_A_PLACE = 10_000_000, 50
"""Up to so many incidents in all, and at a place, one by one is sooner and fits into memory."""
MEASURES = ("clusters", "members", "largest")
LEAST_OTHERS = 1 / 3
"""Of the incidents to compare with, so many must be of another kind, not the same at other times:
with fewer a lasting hotspot can hardly be 1.5 times as frequent in a place as everywhere."""
Null = Literal["constant-risk", "even-places", "dealt-places"]


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
        On ``area_id``, most incidents first: ``incident_count``; ``expected``, incidents that
        chance puts on the ground of the cluster; ``p_size``, the probability that a chance map
        holds any cluster with at least as many incidents; ``p_excess``, the probability that one
        holds any cluster as far beyond what is expected there (both family-wise); ``evidence``,
        ``beyond-chance`` where ``p_excess`` is 0.05 or less, else ``could-be-chance``, or
        ``not-tested`` where places were dealt: those never hit are not seen, so that a cluster
        of many places hit once is neither shown nor ruled out.
    incidents, places, draws : int
        Incidents dealt out, places they could fall on, chance maps made.
    null : {"constant-risk", "even-places", "dealt-places"}
        What a chance map is: which of all incidents are these is drawn anew, they fall on the
        places seen, on each alike, or what the places hold is dealt out among them.
    everyone : int
        Incidents of every kind and time in the study area.
    dealt : int
        What was dealt out: incidents, or troubles.
    """

    observed: pd.Series
    by_chance: pd.DataFrame
    clusters: pd.DataFrame
    incidents: int
    places: int
    draws: int
    null: Null
    everyone: int
    dealt: int

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
    at_risk: Literal["incidents", "places"] | None = None,
    unit: Unit = "incident",
    draws: int = 199,
    rng: np.random.Generator | int | None = None,
) -> ClusterChance:
    """Say how many clusters chance would give, and which of those found are larger than that.

    Parameters
    ----------
    incidents : Selection
        From :func:`assign_clusters` with DBSCAN. Those of other themes and periods in the table
        they came from say where incidents can be.
    at_risk : {"incidents", "places"}, optional
        What chance deals the incidents to. ``"incidents"``: which of all incidents in the study
        area are the ones asked about is drawn anew, without replacement, so that the theme has a
        constant share of all incidents. ``"places"``: each distinct place of any incident is as
        likely as any other. By default "incidents"; where a third or fewer of the others are of
        another kind (the rest are the same theme at other times, or there are none), what each
        place holds is dealt out among the places, all that happened at one together; "places"
        where incidents of several kinds are all asked about.
    unit : {"incident", "trouble"}
        What chance deals out by itself: every incident, or every trouble, with all its incidents:
        what happened at one place on one day (in one month at snapped places).
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
    ``p_size`` asks for a large cluster, and one busy centre that chance keeps busy hides all the
    others; ``p_excess`` asks for more than the ground explains (the scan statistic's likelihood
    ratio), and finds small dense ones.

    Where every incident is dealt by itself, repeat calls about one trouble look like more than
    chance (``unit="trouble"`` deals them together). Places that were never hit are not seen in the
    incidents: chance maps are squeezed onto fewer places than there are, and clusters look a little
    more ordinary than they are, which misleads most where few places were ever hit.

    References
    ----------
    Kulldorff, M. (1997), A spatial scan statistic. Communications in Statistics - Theory and
    Methods 26, 1481-1496. doi:10.1080/03610929708831995
    Diggle, P. J. and Chetwynd, A. G. (1991), Second-order analysis of spatial clustering for
    inhomogeneous populations. Biometrics 47, 1155-1163. doi:10.2307/2532668
    Westfall, P. H. and Young, S. S. (1993), Resampling-Based Multiple Testing. Wiley.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> x, y = np.divmod(np.arange(400), 20)
    >>> x, y = np.append(x, [3] * 30), np.append(y, [3] * 30)
    >>> incidents = gpd.GeoDataFrame({name: "-" for name in ["offence", "offence_scheme",
    ...     "time_precision", "location_precision", "source"]}, index=range(430),
    ...     geometry=gpd.points_from_xy(x * 200.0, y * 200.0), crs="EPSG:27700")
    >>> incidents["occurred_from"] = pd.Timestamp("2018-07-01", tz="Europe/London")
    >>> incidents["occurred_until"] = pd.Timestamp("2018-08-01", tz="Europe/London")
    >>> import hotspots as hs
    >>> clustered = hs.assign_clusters(incidents, radius_m=100, min_incidents=10)
    >>> found = hs.evaluation.cluster_chance(clustered, at_risk="places", draws=99)
    >>> found.table.loc["clusters", ["observed", "expected", "p_value"]].tolist()
    [1.0, 0.0, 0.01]
    """
    draws = whole_of(draws, "draws")
    found = clustering_of(incidents)
    check_unit(unit, incidents)
    pool = _pool(incidents, found, at_risk, unit)
    generator = source_of(rng)
    total = int(found.weights.sum())
    choices = found.choices
    judge = _Judge(reach(pool.places, choices.radius_m), pool.weights, choices.min_incidents)
    sizes = np.ones(total, dtype=np.int64)
    if unit == "trouble" and pool.null != "dealt-places":
        sizes = np.bincount(trouble_of(incidents.rows))
    if rng is None and unit == "incident" and draws * len(pool.places) <= MOST_KEPT:
        asked = [pool.null, pool.dealt_from.tobytes(), total, draws]
        dealt = incidents.source.places.for_good(
            "dealt", asked, lambda: _small([pool.deal(generator, sizes) for _ in range(draws)])
        )
    else:
        dealt = (pool.deal(generator, sizes) for _ in range(draws))
    drawn = [judge.look(one.astype(np.int64)) for one in dealt]
    here = judge.look(pool.totals)
    by_chance = pd.DataFrame([look.totals for look in drawn], columns=list(MEASURES))
    by_chance.index.name = "run"
    return ClusterChance(
        observed=pd.Series(here.totals, index=by_chance.columns),
        by_chance=by_chance,
        clusters=_judged(here, drawn, found.outlines.index, pool.null),
        incidents=total,
        places=int((pool.weights > 0).sum()),
        draws=int(draws),
        null=pool.null,
        everyone=pool.everyone,
        dealt=len(sizes),
    )


def _small(maps: list[Ints]) -> NDArray[np.unsignedinteger]:
    """The same numbers in as little memory as they need."""
    found = np.stack(maps)
    return found.astype(np.min_scalar_type(int(found.max(initial=0))))


@dataclass(frozen=True)
class _Pool:
    """Places that chance can choose, how likely each is, what each holds, and by which rule."""

    places: Ints
    weights: NDArray[Any]
    totals: Ints
    null: Null
    everyone: int

    @property
    def dealt_from(self) -> NDArray[Any]:
        """What decides, with the number dealt, what chance maps there can be."""
        return self.totals if self.null == "dealt-places" else self.weights

    def deal(self, rng: np.random.Generator, sizes: Ints) -> Ints:
        """What is of these sizes dealt to the places."""
        total = len(sizes)
        if total == 0:
            return np.zeros(len(self.places), dtype=np.int64)
        if self.null == "dealt-places":
            return rng.permutation(self.totals)
        if self.null == "constant-risk":
            most = min(MOST_COUNTED, MOST_AT_A_PLACE * len(self.weights))
            how: Any = "count" if self.weights.sum() <= most else "marginals"
            dealt = rng.multivariate_hypergeometric(self.weights, total, method=how)
        else:
            dealt = rng.multinomial(total, self.weights / self.weights.sum())
        if (sizes == 1).all():
            return dealt
        # Which trouble falls where is drawn as well: large ones are as likely anywhere.
        place = np.repeat(np.arange(len(dealt)), dealt)
        return np.bincount(place, rng.permutation(sizes), len(dealt)).astype(np.int64)


@dataclass(frozen=True)
class _Look:
    """Incidents in each cluster of one map, those expected on its ground, and its excess."""

    counts: Floats
    expected: Floats
    excess: Floats

    @property
    def totals(self) -> tuple[int, int, int]:
        """Clusters, incidents in them, incidents in the largest."""
        return len(self.counts), int(self.counts.sum()), int(self.counts.max(initial=0))


@dataclass(frozen=True)
class _Judge:
    """Finds the clusters of a map and holds them against what is at risk on their ground."""

    near: Any
    at_risk: NDArray[Any]
    minimum: int

    def look(self, weights: Ints) -> _Look:
        """The clusters of one map."""
        ground, _ = covered(self.near, weights, self.minimum)
        there = np.flatnonzero(ground >= 0)
        label, number = ground[there], int(ground.max(initial=-1)) + 1
        total = float(weights.sum())
        counts = np.bincount(label, weights[there], number).astype(float)
        held = np.bincount(label, self.at_risk[there], number)
        expected = np.asarray(total * held / max(float(self.at_risk.sum()), 1e-300), dtype=float)
        return _Look(counts, expected, _log_likelihood_ratio(counts, expected, total))


def _log_likelihood_ratio(counts: Floats, expected: Floats, total: float) -> Floats:
    """Kulldorff's: how much likelier the counts are with a higher risk there than elsewhere."""
    from scipy.special import rel_entr

    rest = np.maximum(total - expected, 0)
    ratio = rel_entr(counts, expected) + rel_entr(total - counts, rest)
    return np.asarray(np.where(counts > expected, ratio, 0.0))


def _pool(incidents: Selection, found: Clustering, at_risk: str | None, unit: Unit) -> _Pool:
    """What the incidents themselves show to be at risk."""
    everyone = incidents.asked(theme=None, period=None, hours=None)
    require(
        at_risk in (None, "incidents", "places"),
        f'`at_risk` must be "incidents" or "places"; got {at_risk!r}.',
    )
    everything, total = everyone.total, int(found.weights.sum())
    if at_risk == "incidents" and everything == total > 0:
        raise InputError(
            '`at_risk="incidents"` compares the incidents asked about with all others, and there '
            f"are no others: all {total:,} are asked about. Choose a theme or a period, give the "
            'other incidents too, or use `at_risk="places"`.',
            rule="no-others",
        )
    places, weights, _ = places_of(everyone if unit == "incident" else in_troubles(everyone))
    totals = np.zeros(len(places), dtype=np.int64)  # the pool holds all places that were found
    ours, all_places = (pd.MultiIndex.from_arrays(list(one.T)) for one in (found.places, places))
    totals[all_places.get_indexer(ours)] = found.weights
    null: Null = "constant-risk"
    needed = LEAST_OTHERS * (everything - total)
    if at_risk is None and _of_another_kind(everyone, incidents) <= needed:
        null = "dealt-places"
    elif at_risk == "places" or everything == total:
        null = "even-places"
    risk = weights if null == "constant-risk" else np.ones(len(places))
    return _Pool(places, risk, totals, null, everything)


def _of_another_kind(everyone: Selection, incidents: Selection) -> int:
    """Incidents that are not of the theme; where none is asked for, of the most frequent one.

    Where there are no themes, offences are what is known.
    """
    asked, source = incidents.question.theme, everyone.source
    themes = source.carried() if asked is None else [asked]
    of_one = [everyone.of(theme).total for theme in themes]
    if not themes:
        of_one = pd.Series(everyone.counts).groupby(source.of_kind("offence")).sum().tolist()
    return everyone.total - max(of_one, default=0)


def _judged(here: _Look, drawn: list[_Look], area_ids: pd.Index, null: Null) -> pd.DataFrame:
    """Each cluster against the most extreme cluster of each chance map."""

    def p_value(mine: Floats, extreme: list[float]) -> Floats:
        # As extreme counts as well, and sums of floats may differ in a last digit.
        beyond = np.array(extreme)[None, :] >= mine[:, None] * (1 - 1e-12)
        return np.asarray((beyond.sum(axis=1) + 1) / (len(drawn) + 1))

    table = pd.DataFrame(
        {
            "incident_count": here.counts.astype(int),
            "expected": here.expected,
            "p_size": p_value(here.counts, [look.counts.max(initial=0) for look in drawn]),
            "p_excess": p_value(here.excess, [look.excess.max(initial=0) for look in drawn]),
        },
        index=area_ids,
    )
    beyond = table["p_excess"] <= ALPHA
    rest = "not-tested" if null == "dealt-places" else "could-be-chance"
    table["evidence"] = np.where(beyond, "beyond-chance", rest).astype(object)
    return table.sort_values("incident_count", ascending=False, kind="stable")
