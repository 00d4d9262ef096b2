"""How much a ranking by harm owes to the choice of scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import InputError, require
from hotspots.core.totals import area_totals
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.weigh_harm import Transform, weigh_harm

if TYPE_CHECKING:
    import geopandas as gpd


def rank_sensitivity(
    incidents: gpd.GeoDataFrame,
    labels: pd.Series,
    scales: Sequence[HarmScale],
    *,
    transforms: Sequence[Transform] = ("none", "sqrt"),
    default: float | None = None,
) -> pd.DataFrame:
    """Rank areas by count and by the harm of several scales, side by side.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    labels : Series of str
        ``area_id`` of each incident, on the same index; missing where it is in no area.
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
    >>> import geopandas as gpd
    >>> rows = {"offence": ["Robbery"] + ["Shoplifting"] * 3, "offence_scheme": "police_uk"}
    >>> incidents = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([0] * 4, [0] * 4), crs=27700)
    >>> labels = pd.Series(["north", "south", "south", "south"])
    >>> scale = HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    >>> ranks = rank_sensitivity(incidents, labels, [scale], transforms=["none"])
    >>> ranks.iloc[:, :2].values.tolist()
    [[2.0, 1.0], [1.0, 2.0]]
    """
    require(bool(scales), "`scales` must hold at least one harm scale; got none.")
    if not incidents.index.equals(labels.index):
        raise InputError(
            "`labels` must have the index of `incidents`; theirs differ. Make it with "
            "`labels.reindex(incidents.index)`."
        )
    areas = pd.Index(sorted(labels.dropna().unique()), name="area_id", dtype=object)
    ranks = pd.DataFrame(index=areas)
    ranks["count"] = _rank(area_totals(incidents, labels, areas)["incident_count"])
    for scale in scales:
        for transform in transforms:
            weighed = weigh_harm(incidents, scale, transform=transform, default=default)
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
