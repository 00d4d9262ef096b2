"""What a test stands on: choices, values, neighbours, what is at risk, and who is tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.arguments import draws_of, numbers_of, require_word, share_of, size_of
from hotspots.core.errors import Findings, InputError, listing
from hotspots.core.grids import grid_named
from hotspots.core.tables import AREAS, require_table
from hotspots.core.text.mends import Mend
from hotspots.core.totals import all_snapped, points_at_risk
from hotspots.stats import nulls
from hotspots.stats.local import gi_star, neighbour_matrix, with_self
from hotspots.stats.nulls import Correction

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Floats
    from hotspots.core.grids import Grid
    from hotspots.core.select import Selection

Of = Literal["count", "harm"]
Null = Literal[
    "permutation", "constant-risk", "place-risk", "both", "shuffled-points", "all", "analytic"
]
Transform = Literal["none", "sqrt", "log1p", "cap"]
COLUMN = {"count": "incident_count", "harm": "harm"}
AT_RISK = "points_at_risk"
TESTED_SHARE_INSIDE = 0.5
CAP_PERCENTILE = 99

OWN_RISK, SLIVER = "at_risk", 1e-6
POINTS = ("shuffled-points", "all")
OF_RISK = ("constant-risk", "place-risk")
AGAINST_RISK = (*OF_RISK, "both", *POINTS)
WORTH_ACTING = 1.5


@dataclass(frozen=True)
class Study:
    """The numbers behind a test, in order of ``area_id`` so that row order changes nothing."""

    ids: pd.Index
    counts: Floats
    raw: Floats
    values: Floats
    weights: Any
    z: Floats
    tested: Bools
    transform: str
    at_risk: Floats | None

    @property
    def relative_risk(self) -> Floats | None:
        """Neighbourhood's share of the incidents over its share of what is at risk."""
        if self.at_risk is None:
            return None
        shares = nulls.neighbourhood_shares(self.weights, self.at_risk)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.weights @ self.raw) / self.raw.sum() / shares)


def make_study(
    areas: gpd.GeoDataFrame,
    source: gpd.GeoDataFrame,
    by: Of,
    transform: Transform,
    null: Null,
    at_risk: pd.Series | None,
    grid: Grid | None,
    neighbours: Any,
) -> Study:
    """Values, weights and Gi* of all areas of ``source``, and which of ``areas`` are tested."""
    ids = source.index[np.argsort(source.index.astype(str).to_numpy(), kind="stable")]
    raw = source.loc[ids, COLUMN[by]].to_numpy(dtype=float)
    counts = source.loc[ids, COLUMN["count"]].to_numpy(dtype=float)
    weights = _weights(source, ids, grid, neighbours)
    risk = None if at_risk is None else _risk(at_risk, ids, raw)
    # Risk deals out incidents or places, so their number is tested and no transform of one's own.
    transform_used = {"constant-risk": "none", "place-risk": "sqrt"}.get(null, transform)
    values = _transformed(raw, transform_used)
    z = gi_star(values, weights)
    if null in OF_RISK and risk is not None:
        z = _excess(raw, weights, risk)
    share = areas["share_inside"].reindex(ids).to_numpy(dtype=float)
    tested = (share >= TESTED_SHARE_INSIDE) & np.isfinite(z)
    return Study(ids, counts, raw, values, weights, z, tested, transform_used, risk)


def check_tables(areas: gpd.GeoDataFrame, source: gpd.GeoDataFrame, by: Of) -> None:
    """Raise unless the tables have what the test needs for every area."""
    column = COLUMN[by]
    require_table(areas, AREAS, argument="areas", only=["share_inside", column, COLUMN["count"]])
    if source is not areas:
        require_table(source, AREAS, argument="context", only=[column, COLUMN["count"]])
        left_out = int((~areas.index.isin(source.index)).sum())
        if left_out:
            raise InputError(
                f"`context` must hold every area; {left_out:,} of {len(areas):,} are not in it.",
                mend=Mend("wider-context"),
                rule="outside-context",
            )
    missing = int(source[column].isna().sum())
    if missing:
        raise InputError(
            f"column {column!r} must be known for every area; it is missing in {missing:,} of "
            f"{len(source):,}, where nothing that was counted can be weighed.",
            mend=Mend("fill-harm", {"column": column}),
            rule="unknown-values",
        )
    if (source[column] < 0).any():
        raise InputError(f"column {column!r} must not be negative; {source[column].min()} is.")


def _weights(source: gpd.GeoDataFrame, ids: pd.Index, grid: Grid | None, neighbours: Any) -> Any:
    """Ones for every area and its neighbours, in order of ``ids``."""
    if isinstance(neighbours, Mapping):
        matrix = neighbour_matrix(neighbours, ids)
    elif neighbours is not None:
        order = source.index.get_indexer(ids)
        matrix = neighbour_matrix(neighbours, source.index)[order][:, order]
    else:
        found = grid if grid is not None else _grid_of(source)
        matrix = neighbour_matrix(found.neighbours(ids.to_numpy()) if found else {}, ids)
    weights = with_self(matrix)
    weights.data[:] = 1.0
    return weights


def _grid_of(source: gpd.GeoDataFrame) -> Grid | None:
    if len(source) == 0:
        return None
    require_table(source, AREAS, argument="areas", only=["kind"])
    kinds = source["kind"].unique()
    if len(kinds) > 1:
        raise InputError(f"areas must be of one kind to have neighbours; got {listing(kinds)}.")
    return grid_named(kinds[0])


def _risk(at_risk: pd.Series, ids: pd.Index, raw: Floats) -> Floats:
    if not isinstance(at_risk, pd.Series) or not at_risk.index.is_unique:
        raise InputError("`at_risk` must be a Series with one number for each area_id.")
    risk = at_risk.reindex(ids, fill_value=0).to_numpy(dtype=float)
    if not np.isfinite(risk).all() or (risk < 0).any():
        raise InputError("`at_risk` must be zero or more for every area, none missing.")
    impossible = int(((risk == 0) & (raw > 0)).sum())
    if impossible:
        raise InputError(
            f"`at_risk` must be above zero wherever something happened; it is zero in "
            f"{impossible:,} areas with incidents.",
            mend=Mend("floor-at-risk"),
        )
    return risk


def _transformed(raw: Floats, transform: str) -> Floats:
    if transform == "sqrt":
        return np.sqrt(raw)
    if transform == "log1p":
        return np.log1p(raw)
    if transform == "cap" and (raw > 0).any():
        # Where few areas hold anything the percentile is 0, and would cap everything away.
        return np.minimum(raw, max(np.percentile(raw, CAP_PERCENTILE), raw[raw > 0].min()))
    return raw


def _excess(raw: Floats, weights: Any, risk: Floats) -> Floats:
    """Standardised excess of a neighbourhood over constant risk."""
    if risk.sum() == 0:
        return np.full(len(raw), np.nan)
    share, total = nulls.neighbourhood_shares(weights, risk), raw.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (weights @ raw - total * share) / np.sqrt(total * share * (1 - share))
    return np.where(np.isfinite(z), z, np.nan)


Reference = Literal["step", "all"]


def gi_star_by_period(
    values: pd.DataFrame,
    neighbours: Mapping[Any, Iterable[Any]] | Any,
    *,
    reference: Reference = "step",
) -> pd.DataFrame:
    """Gi* of every area in every period.

    Parameters
    ----------
    values : DataFrame
        One row an area, one column a period in order of time; from ``by_area(area_periods)``.
    neighbours : sparse matrix, or mapping of id to ids
        As for :func:`local_gi_star`, in the order of the rows: ``grid.neighbours(values.index)``.
    reference : {"step", "all"}
        What a neighbourhood is compared with: the areas of the same period (``step``: a rise of
        the whole town does not show), or all areas in all periods (``all``: it does).

    Returns
    -------
    DataFrame
        z in the shape of ``values``; missing where it does not exist.

    Raises
    ------
    InputError
        For missing values, an unknown ``reference``, or neighbours of other areas.

    Notes
    -----
    Neighbours are neighbours in space, not in time. In ``step`` a quiet month makes small numbers
    stand out.

    References
    ----------
    Ord and Getis (1995), as for :func:`local_gi_star`.

    Examples
    --------
    >>> months = pd.DataFrame([[0, 0], [0, 0], [1, 10], [5, 50], [4, 40]], columns=["a", "b"])
    >>> chain = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3]}
    >>> gi_star_by_period(months, chain).round(2).loc[4].tolist()
    [1.95, 1.95]
    >>> gi_star_by_period(months, chain, reference="all").round(2).loc[4].tolist()
    [-0.56, 2.93]
    """
    require_word("reference", reference, get_args(Reference))
    numbers = numbers_of(values, "values")
    missing = int((~np.isfinite(numbers)).sum())
    if missing:
        raise InputError(
            f"`values` must be known for every area and period; {missing:,} are missing. Put 0 "
            "where nothing happened, and leave out periods that the data does not cover."
        )
    weights = with_self(neighbour_matrix(neighbours, values.index))
    z = _by_step(numbers, weights) if reference == "step" else _against_all(numbers, weights)
    return pd.DataFrame(z, index=values.index, columns=values.columns)


def _by_step(numbers: Floats, weights: Any) -> Floats:
    columns = [gi_star(column, weights) for column in numbers.T]
    return np.column_stack(columns) if columns else numbers


def _against_all(numbers: Floats, weights: Any) -> Floats:
    """One Gi* over all area-periods, in which neighbours are of the same period."""
    from scipy.sparse import block_diag

    steps = numbers.shape[1]
    if numbers.size == 0:
        return numbers
    # One block a period: neighbours across periods are none.
    stacked = gi_star(numbers.T.ravel(), block_diag([weights] * steps, format="csr"))
    return stacked.reshape(steps, -1).T


def of_theme(areas: gpd.GeoDataFrame) -> str:
    """The theme of the areas, in brackets; nothing where they have none or several."""
    themes = list(areas["theme"].unique()) if "theme" in areas.columns else []
    return f" ({themes[0]})" if len(themes) == 1 else ""


def null_and_risk(
    areas: gpd.GeoDataFrame,
    incidents: Selection | None,
    by: Of,
    null: Null | None,
    at_risk: pd.Series | None,
    correction: Correction,
) -> tuple[Null, pd.Series | None]:
    """The null to test against, and what is at risk in the areas, as far as it is known."""
    own = at_risk is None and by == "count" and OWN_RISK in areas.columns
    if at_risk is None and by == "count":
        at_risk = _seen_at_risk(areas, incidents)
    if null is not None:
        return null, at_risk
    dealt = by == "count" and correction != "max-t" and incidents is not None
    if own:
        return ("place-risk" if dealt else "constant-risk"), at_risk
    if at_risk is None:
        return "permutation", None
    known = dealt and incidents is not None and all_snapped(incidents)
    return ("all" if known else "both"), at_risk


def check_choices(
    by: str, null: str, transform: str, correction: str, alpha: float, at_risk: pd.Series | None
) -> None:
    """Raise unless every choice is known, and the null can be had."""
    findings = Findings()
    findings.one_of("by", by, get_args(Of))
    findings.one_of("null", null, get_args(Null))
    findings.one_of("transform", transform, get_args(Transform))
    findings.one_of("correction", correction, get_args(Correction))
    share_of(alpha, "alpha")
    if null in (*OF_RISK, "both", "all") and at_risk is None:
        findings.error(
            "nothing-at-risk",
            f"`null={null!r}` must be told what is at risk in each area; `at_risk` is missing.",
            mend=Mend("count-at-risk"),
        )
    if null in ("constant-risk", "both") and by == "harm":
        findings.error(
            "harm-has-no-constant-risk",
            f"`null={null!r}` deals out incidents one by one, so it is for `by='count'` only: the "
            "harm of single incidents is not in an areas table. Use `null='permutation'` for harm.",
        )
    if null == "analytic" and correction == "max-t":
        findings.error(
            "max-t", "`correction='max-t'` needs a null that can be drawn; got analytic."
        )
    findings.raise_errors(InputError)


def check_points(
    by: str,
    null: str,
    correction: str,
    incidents: Selection | None,
    min_relative_risk: float | None,
) -> None:
    """Raise where the map points must be known and are not."""
    findings = Findings()
    if null in POINTS and (incidents is None or not all_snapped(incidents)):
        findings.error(
            "nothing-at-risk",
            f"`null={null!r}` must know what each map point holds: `incidents` must be the "
            "selection the areas were counted from, of snapped places.",
        )
    if null == "place-risk" and incidents is None:
        findings.error(
            "nothing-at-risk",
            "`null='place-risk'` must know what each place holds: `incidents` must be the "
            "selection the areas were counted from.",
        )
    if null in (*POINTS, "place-risk") and (by == "harm" or correction == "max-t"):
        findings.error(
            "unknown-choice",
            f"`null={null!r}` is for `by='count'` and every correction but max-t; got "
            f"{by!r} and {correction!r}.",
        )
    if min_relative_risk is not None:
        size_of(min_relative_risk, "min_relative_risk", zero=True)
    findings.raise_errors(InputError)


def check_draws(draws: int | None, needed: float, null: str, correction: str) -> None:
    """Raise where so many draws could never flag anything."""
    if draws is None or null not in ("permutation", "both", "all"):
        return
    if 2 / (draws_of(draws, least=0) + 1) > needed:
        raise InputError(
            f"`draws` must resolve the p-value that `correction={correction!r}` needs to flag "
            f"one area, {needed:.1e}; the smallest two-sided p of {draws:,} draws is "
            f"{2 / (draws + 1):.1e}, so nothing could ever be flagged. Ask for at least "
            f"{int(np.ceil(2 / needed)):,}, or leave it out and it is chosen.",
            rule="too-few-draws",
        )


def _seen_at_risk(areas: gpd.GeoDataFrame, incidents: Selection | None) -> pd.Series | None:
    """What the areas say is at risk in them, else their map points; none where not snapped."""
    if OWN_RISK in areas.columns and "share_inside" in areas.columns:
        inside = areas["share_inside"].where(areas["share_inside"] > 0, SLIVER)
        return areas[OWN_RISK] * inside  # of an area on the edge as much as lies inside
    if OWN_RISK in areas.columns:
        return areas[OWN_RISK]
    if AT_RISK in areas.columns:
        return areas[AT_RISK]
    if incidents is None or not all_snapped(incidents):
        return None
    return points_at_risk(incidents).reindex(areas.index, fill_value=0)
