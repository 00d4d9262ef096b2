"""Walking forward: every period forecast from the ones before it, method against method."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.forecast.areas import (
    COLUMNS,
    Step,
    forecasts,
    lending,
    weighings,
    wide_counts,
)
from hotspots.analysis.forecast.scores import AREA_SHARES, Ties, forecast_accuracy
from hotspots.core.arguments import listed, require_made, whole_of
from hotspots.core.errors import InputError, listing, require
from hotspots.stats.counts import t_quantile

Scorer = Callable[[pd.DataFrame], "pd.Series[Any]"]


def walk_forward(
    area_periods: pd.DataFrame,
    *,
    method: str | Scorer | Mapping[str, str | Scorer] = "count",
    by: Literal["count", "harm"] = "count",
    train: int = 12,
    area_ids: pd.Index | None = None,
    area_km2: pd.Series | None = None,
    area_shares: Sequence[float] = AREA_SHARES,
    ties: Ties = "history",
    neighbours: Any | None = None,
) -> pd.DataFrame:
    """Forecast every period from the ones before it, and score each forecast on what came.

    Parameters
    ----------
    area_periods : DataFrame
        Counts (and harm) of areas by period, see ``count_by_period``; area and period as index
        levels or as columns. A pair that is not there counts as zero.
    method : str, callable or mapping of name to either
        ``"count"`` and ``"harm"`` rank areas by their total over the training periods, ``"last"``
        by the last period alone, ``"forecast"`` by :func:`forecast_areas`, which looks back on all
        earlier periods and chooses its weights on them. A callable is given the training counts,
        one row an area and one column a period, and returns a score for each area, for instance
        ``lambda past: local_gi_star(past.sum(axis=1), neighbours)["z"]``.
    by : {"count", "harm"}
        What is to be found: ``incident_count`` or ``harm``.
    train : int
        Periods a forecast may look back on. Periods are taken in order; gaps between them are not
        filled.
    area_ids : Index, optional
        All areas, those that never held anything included. By default those in the table, which
        flatters every method if quiet areas were left out.
    area_km2, area_shares
        As in :func:`forecast_accuracy`.
    ties : {"history", "against", "for"}
        As there. "history", for every method alike: among equal forecasts those that held more in
        all earlier periods come first. A score that has no ties beats a count by the tie rule
        alone otherwise.
    neighbours : sparse matrix or mapping, optional
        For ``"forecast"``, as in :func:`forecast_areas`.

    Returns
    -------
    DataFrame
        One row for each method, period and area share: ``method``, ``period``, ``area_share`` and
        the columns of :func:`forecast_accuracy`, with ``observed`` the total there was to
        find. ``rri`` compares with the training periods.

    Raises
    ------
    InputError
        For too few periods, an unknown method, or areas that are not listed.

    Notes
    -----
    Each forecast sees earlier periods only. It misleads when the method itself was picked by
    looking at the same periods.

    References
    ----------
    Adepeju, M., Rosser, G. and Cheng, T. (2016). Novel evaluation metrics for sparse
    spatio-temporal point process hotspot predictions. IJGIS 30, 2133-2154.
    https://doi.org/10.1080/13658816.2016.1159684

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "area_id": ["a", "b", "a", "b", "a", "b"], "incident_count": [5, 1, 6, 0, 4, 2],
    ...     "period": ["2018-01", "2018-01", "2018-02", "2018-02", "2018-03", "2018-03"]})
    >>> walk = walk_forward(counts, train=1, area_shares=[0.5])
    >>> walk[["period", "hit_rate", "pai"]].round(3).to_numpy().tolist()
    [['2018-02', 1.0, 2.0], ['2018-03', 0.667, 1.333]]
    """
    methods = dict(method) if isinstance(method, Mapping) else {_name_of(method): method}
    train, area_shares = whole_of(train, "train"), listed(area_shares, "area_shares")
    require(by in COLUMNS, f"`by` must be 'count' or 'harm'; got {by!r}.")
    sought = COLUMNS[by]
    wide = {name: wide_counts(area_periods, name, area_ids) for name in _needed(methods, sought)}
    target = wide[sought]
    scorers = {name: _scorer(chosen) for name, chosen in methods.items() if chosen != "forecast"}
    fading = [name for name, chosen in methods.items() if chosen == "forecast"]
    steps = _forecasts(target, neighbours, area_km2) if fading else []
    tables = []
    for step in range(train, target.shape[1]):
        came, older = target.iloc[:, step], target.iloc[:, :step].sum(axis=1)
        scores: dict[str, tuple[pd.Series, Literal["amount", "score"]]] = {}
        for name, (column, scorer, kind) in scorers.items():
            past = wide[column or sought].iloc[:, step - train : step]
            scores[name] = _score(scorer, past, name), kind
        for name in fading:
            # Steps begin with the second period, so the forecast of one stands at the number before
            # it.
            scores[name] = pd.Series(steps[step - 1].scores, target.index), "amount"
        for name in methods:
            scored = forecast_accuracy(
                scores[name][0],
                came,
                area_km2=area_km2,
                area_shares=area_shares,
                ties=ties,
                predicted_is=scores[name][1],
                earlier=target.iloc[:, step - train : step].sum(axis=1),
                history=older if ties == "history" else None,
            )
            scored.insert(0, "period", str(came.name))
            scored.insert(0, "method", name)
            tables.append(scored.assign(observed=float(came.sum())).reset_index())
    return pd.concat(tables, ignore_index=True) if tables else _no_walk()


def summarise_walk(walk: pd.DataFrame, *, against: str | None = None) -> pd.DataFrame:
    """Compare methods over all periods of a walk.

    Parameters
    ----------
    walk : DataFrame
        From :func:`walk_forward`.
    against : str, optional
        Method the others are compared with; the first by default.

    Returns
    -------
    DataFrame
        Indexed by ``method`` and ``area_share``: ``periods``, ``hit_rate`` (all hits over all that
        was there), ``mean_pai``, ``mean_pei``, ``rri`` (``mean_pai`` over the mean PAI of the same
        areas in the training periods), and ``difference`` in hit rate from ``against``, the mean of
        the periods', with ``low`` and ``high`` (95 %, paired over periods, Student's t).

    Raises
    ------
    InputError
        When ``against`` is none of the walk's.

    Notes
    -----
    Periods are taken as independent. Where levels wander from month to month the interval is
    somewhat narrow, and where both methods mostly choose the same few areas, so that hardly a
    period tells them apart, far too narrow (``docs/accuracy.md``).

    References
    ----------
    Of ``rri``: Levine (2008), as for :func:`forecast_accuracy`.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "area_id": ["a", "b"] * 4, "incident_count": [5, 1, 0, 6, 4, 2, 7, 1],
    ...     "period": ["2018-01", "2018-01", "2018-02", "2018-02",
    ...                "2018-03", "2018-03", "2018-04", "2018-04"]})
    >>> walk = walk_forward(counts, method={"all": "count", "last": "last"}, train=2,
    ...                     area_shares=[0.5])
    >>> summarise_walk(walk)["hit_rate"].round(3).tolist()
    [0.214, 0.643]
    """
    require_made("walk", walk, pd.DataFrame, "walk_forward(counts)")
    names = list(dict.fromkeys(walk["method"]))
    base = against if against is not None else (names[0] if names else None)
    require(
        not names or base in names,
        f"`against` must be a method of the walk ({listing(names)}); got {against!r}.",
    )
    rows = {}
    for (name, share), held in walk.groupby(["method", "area_share"], sort=False):
        rival = walk[(walk["method"] == base) & (walk["area_share"] == share)]
        gaps = held.set_index("period")["hit_rate"] - rival.set_index("period")["hit_rate"]
        gaps = gaps.dropna()
        spread = float(gaps.std(ddof=1)) / math.sqrt(len(gaps)) if len(gaps) > 1 else math.nan
        reach = t_quantile(0.95, max(1, len(gaps) - 1)) * spread
        total = float(held["observed"].sum())
        rows[(name, share)] = {
            "periods": len(held),
            "hit_rate": float(held["hits"].sum()) / total if total > 0 else math.nan,
            "mean_pai": float(held["pai"].mean()),
            "mean_pei": float(held["pei"].mean()),
            "rri": _ratio(held["pai"].mean(), held["pai_earlier"].mean()),
            "difference": float(gaps.mean()) if len(gaps) else math.nan,
            "low": float(gaps.mean()) - reach if len(gaps) else math.nan,
            "high": float(gaps.mean()) + reach if len(gaps) else math.nan,
        }
    columns = ["periods", "hit_rate", "mean_pai", "mean_pei", "rri", "difference", "low", "high"]
    index = pd.MultiIndex.from_tuples(list(rows), names=["method", "area_share"])
    return pd.DataFrame(list(rows.values()), index=index, columns=columns)


def _forecasts(target: pd.DataFrame, neighbours: Any, area_km2: pd.Series | None) -> list[Step]:
    """A forecast of every period but the first, each from those before it."""
    size = np.ones(len(target)) if area_km2 is None else area_km2.reindex(target.index).to_numpy()
    rules = weighings(neighbours is not None)
    return list(forecasts(target.to_numpy(), lending(neighbours, target.index), rules, size))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else math.nan


def _name_of(method: str | Scorer) -> str:
    return method if isinstance(method, str) else getattr(method, "__name__", "method")


def _needed(methods: Mapping[str, str | Scorer], sought: str) -> list[str]:
    return list(dict.fromkeys([sought, *(["harm"] if "harm" in methods.values() else [])]))


def _scorer(
    method: str | Scorer,
) -> tuple[str | None, Scorer, Literal["amount", "score"]]:
    """Column a method looks at (None: the one to be found), its function, what it returns."""
    if callable(method):
        return None, method, "score"
    if method == "last":
        return None, lambda past: past.iloc[:, -1], "amount"
    if method in ("count", "harm"):
        column = "harm" if method == "harm" else None
        return column, lambda past: past.sum(axis=1), "amount"
    raise InputError(
        f'`method` must be "count", "harm", "last", "forecast" or a function; got {method!r}.'
    )


def _score(scorer: Scorer, past: pd.DataFrame, name: str) -> pd.Series:
    scores: Any = scorer(past)
    if isinstance(scores, pd.Series):
        return scores
    values = np.asarray(scores, dtype=float).ravel()
    require(
        len(values) == len(past),
        f"method {name!r} must return one score for each of {len(past):,} areas; got "
        f"{len(values):,}.",
        rule="wrong-length",
    )
    return pd.Series(values, past.index)


def _no_walk() -> pd.DataFrame:
    columns = ["area_share", "method", "period", "n_areas", "area_share_used", "hits", "hit_rate"]
    scores = ["pai", "best_hit_rate", "pei", "pai_earlier", "rri", "observed"]
    return pd.DataFrame(columns=[*columns, *scores])
