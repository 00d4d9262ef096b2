"""What is written beside an area that was tested: flag, core, and how far chance can give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.stats import nulls
from hotspots.stats.local import neighbour_counts
from hotspots.stats.nulls import Tails

if TYPE_CHECKING:
    from hotspots.analysis.significance.study import Study
    from hotspots.analysis.significance.support import MapPoints

FEWEST = 2


def hot_areas(
    study: Study, tails: Tails, q: NDArray[np.float64], alpha: float, least: float
) -> NDArray[np.bool_]:
    """Flagged neighbourhoods, of those with a relative risk worth acting on.

    An area that holds no incident, or one, is never called more than chance.
    """
    hot = np.zeros(len(study.ids), dtype=bool)
    hot[study.tested] = (q <= alpha) & (tails.high < tails.low)
    if least and study.relative_risk is not None:
        hot &= np.nan_to_num(study.relative_risk) >= least
    return hot & (study.counts >= FEWEST)


def high_alone(
    study: Study, null: str, alpha: float, points: MapPoints | None
) -> NDArray[np.bool_]:
    """Whether the cell itself holds more than chance would give it, uncorrected."""
    ordered = np.sort(study.raw)
    as_high = 1 - np.searchsorted(ordered, study.raw) / max(len(ordered), 1)
    from scipy.sparse import eye_array

    high: NDArray[np.bool_] = study.counts >= FEWEST
    if null in ("permutation", "both", "all", "analytic"):
        high &= as_high <= alpha
    if study.at_risk is not None and null in ("constant-risk", "both", "all"):
        alone = np.ones(len(study.raw), dtype=bool)
        each = nulls.constant_risk_tails(
            study.raw, eye_array(len(study.raw), format="csr"), alone, study.at_risk
        )
        high &= each.high <= alpha
    if points is not None:
        high &= points.alone().high <= alpha
    return high


def with_evidence(
    areas: gpd.GeoDataFrame,
    study: Study,
    tails: Tails,
    q: NDArray[np.float64],
    alpha: float,
    words: dict[str, str],
    hot: NDArray[np.bool_],
    core: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    """The areas with what was found, missing where not tested."""
    everywhere = pd.DataFrame(index=study.ids)
    everywhere["z"] = study.z
    for column, found in {"p_value": tails.two_sided, "q_value": q}.items():
        everywhere[column] = np.nan
        everywhere.loc[study.tested, column] = found
    cold = np.zeros(len(study.ids), dtype=bool)
    cold[study.tested] = (q <= alpha) & (tails.low < tails.high)
    everywhere["n_tested"] = int(study.tested.sum())
    everywhere["is_hotspot"], everywhere["is_coldspot"], everywhere["is_core"] = hot, cold, core
    told = np.where(hot | cold, "beyond-chance", "could-be-chance")
    everywhere["evidence"] = np.where(study.tested, told, "not-tested").astype(object)
    everywhere["n_neighbours"] = neighbour_counts(study.weights)
    known = study.relative_risk
    everywhere["relative_risk"] = np.nan if known is None else known
    fresh = [*everywhere.columns, *words]
    result = areas.drop(columns=[name for name in fresh if name in areas.columns])
    result = result.join(everywhere, how="left")
    for column, word in words.items():
        result[column] = pd.Series(word, index=result.index, dtype=object)
    return result
