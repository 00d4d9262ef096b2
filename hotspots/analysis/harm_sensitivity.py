"""How much a ranking by harm owes to the choice of scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.select import as_selection
from hotspots.core.totals import area_totals
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.weigh_harm import Transform, weigh_harm

if TYPE_CHECKING:
    from hotspots.core.select import Selection


def rank_sensitivity(
    incidents: Selection,
    scales: Sequence[HarmScale],
    *,
    transforms: Sequence[Transform] = ("none", "sqrt"),
    default: float | None = None,
) -> pd.DataFrame:
    """Rank areas by count and by the harm of several scales, side by side.

    Parameters
    ----------
    incidents : Selection
        Incidents with their areas, from :func:`assign_cells` or :func:`assign_clusters`.
    scales : sequence of HarmScale
        Scales to compare; each is tried with every transform.
    transforms : sequence of {"none", "sqrt", "log1p"}
        See :func:`weigh_harm`.
    default : float, optional
        Weight for offences a scale does not know.

    Returns
    -------
    DataFrame
        One row an area: the rank by ``count`` and by every scale, 1 the top, ties sharing the
        better rank, missing where nothing could be weighed; ``rank_low`` and ``rank_high`` over all
        of them.

    Notes
    -----
    A place that is in the top ten on one scale only owes that to the scale. It misleads when the
    scales are variants of one: they agree without being right.

    References
    ----------
    Harinam, V., Bavcevic, Z. and Ariel, B. (2022). Spatial distribution and developmental
    trajectories of crime versus crime severity. Crime Science 11, 14.
    https://doi.org/10.1186/s40163-022-00176-x

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    >>> ranks = hs.evaluation.rank_sensitivity(hs.assign_cells(incidents, hs.H3Grid(7)), [scale])
    >>> ranks.columns.tolist()[1:3]
    ['ons-css-police-uk-west-yorkshire', 'ons-css-police-uk-west-yorkshire (sqrt)']
    """
    require(bool(scales), "`scales` must hold at least one harm scale; got none.")
    chosen = as_selection(incidents)
    rows, labels = chosen.rows, chosen.area_ids
    areas = pd.Index(sorted(labels.dropna().unique()), name="area_id", dtype=object)
    ranks = pd.DataFrame(index=areas)
    ranks["count"] = _rank(area_totals(rows, labels, areas)["incident_count"])
    for scale in scales:
        for transform in transforms:
            weighed = weigh_harm(rows, scale, transform=transform, default=default)
            name = scale.name if transform == "none" else f"{scale.name} ({transform})"
            ranks[name] = _rank(area_totals(weighed, labels, areas)["harm"])
    tried = ranks.columns.tolist()
    ranks["rank_low"] = ranks[tried].min(axis=1)
    ranks["rank_high"] = ranks[tried].max(axis=1)
    return ranks


def rank_overlap(ranks: pd.DataFrame, *, top: int = 10) -> pd.DataFrame:
    """How far two rankings share their top places (Jaccard: shared over all named).

    Parameters
    ----------
    ranks : DataFrame
        From :func:`rank_sensitivity`.
    top : int
        Places looked at; ties at the last place are all in.

    Returns
    -------
    DataFrame
        Square table between 0 (none shared) and 1 (the same places); missing where both are empty.

    Examples
    --------
    >>> ranks = pd.DataFrame({"count": [1, 2, 3], "harm": [1, 3, 2]}, index=list("abc"))
    >>> float(rank_overlap(ranks, top=2).loc["count", "harm"].round(3))
    0.333
    """
    require(top >= 1, f"`top` must be 1 or more; got {top!r}.")
    tried = [name for name in ranks.columns if name not in ("rank_low", "rank_high")]
    chosen = ranks[tried].le(top).astype(float)
    shared = chosen.T @ chosen
    sizes = chosen.sum()
    named = pd.DataFrame(
        sizes.to_numpy()[:, None] + sizes.to_numpy()[None, :], index=tried, columns=tried
    )
    return shared / (named - shared).where(named > 0)


def _rank(values: pd.Series) -> pd.Series:
    return values.rank(method="min", ascending=False)
