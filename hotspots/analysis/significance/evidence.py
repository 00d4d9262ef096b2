"""What is written beside an area that was tested: flag, core, and how far chance can give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    p_value, q_value = np.full((2, len(study.ids)), np.nan)
    p_value[study.tested], q_value[study.tested] = tails.two_sided, q
    cold = np.zeros(len(study.ids), dtype=bool)
    cold[study.tested] = (q <= alpha) & (tails.low < tails.high)
    told = np.where(hot | cold, "beyond-chance", "could-be-chance")
    known = study.relative_risk
    found: dict[str, Any] = {
        "z": study.z,
        "p_value": p_value,
        "q_value": q_value,
        "n_tested": int(study.tested.sum()),
        "is_hotspot": hot,
        "is_coldspot": cold,
        "is_core": core,
        "evidence": np.where(study.tested, told, "not-tested").astype(object),
        "n_neighbours": neighbour_counts(study.weights),
        "relative_risk": np.nan if known is None else known,
    }
    found |= {name: pd.Series(word, study.ids, dtype=object) for name, word in words.items()}
    left = areas.drop(columns=[name for name in found if name in areas.columns])
    return left.join(pd.DataFrame(found, index=study.ids))
