"""Sites, packs and candidates as points: checked, and how far they are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.audience import PROTECT
from hotspots.core.crs import coordinates, metres_problem, require_same_crs
from hotspots.core.errors import Findings, InputError

if TYPE_CHECKING:
    import geopandas as gpd


def check_points(points: gpd.GeoDataFrame, argument: str) -> gpd.GeoDataFrame:
    """A copy in order of its index, marked as Protect; every fault of the table at once."""
    findings = Findings()
    if not hasattr(points, "geom_type"):
        raise InputError(
            f"`{argument}` must be a GeoDataFrame of points; got {type(points).__name__}."
        )
    problem = metres_problem(points.crs, argument)
    if problem:
        findings.add(problem)
    bad = int((~points.geom_type.eq("Point") | points.geometry.is_empty).sum())
    if bad:
        findings.error(
            "no-point",
            f"`{argument}` must hold one point a row; {bad:,} of {len(points):,} rows hold none.",
        )
    if not points.index.is_unique:
        findings.error("index-not-unique", f"the index of `{argument}` must be unique.")
    findings.raise_errors(InputError)
    order = np.argsort(points.index.astype(str).to_numpy(), kind="stable")
    marked = points.iloc[order].assign(kind=PROTECT)
    return marked if marked.geometry.name == "geometry" else marked.rename_geometry("geometry")


def distances_m(sites: gpd.GeoDataFrame, packs: gpd.GeoDataFrame, name: str) -> Any:
    """Straight-line distance of every site (row) to every pack (column), in metres."""
    from scipy.spatial.distance import cdist

    require_same_crs(sites, packs, ("sites", name))
    one, other = (np.column_stack(coordinates(frame.geometry)) for frame in (sites, packs))
    return cdist(one, other).round(3)


def nearest(sites: gpd.GeoDataFrame, packs: gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    """The nearest pack of each site and how far it is; the first by identifier where several are.

    Without packs the pack is missing and the distance infinite.
    """
    if not len(packs) or not len(sites):
        missing = pd.Series(None, index=sites.index, dtype=object)
        return pd.DataFrame({"nearest_pack": missing, "distance_m": np.inf}, index=sites.index)
    away = distances_m(sites, packs, name)
    return pd.DataFrame(
        {"nearest_pack": packs.index.to_numpy()[away.argmin(axis=1)], "distance_m": away.min(1)},
        index=sites.index,
    )
