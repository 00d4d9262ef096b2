"""What a test is told, what it takes where it is not told, and what does not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.significance.study import AT_RISK, Null, Of, Transform
from hotspots.core.errors import Findings, InputError
from hotspots.core.text.mends import Mend
from hotspots.core.totals import all_snapped, points_at_risk
from hotspots.stats.nulls import Correction

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection

OWN_RISK = "at_risk"
POINTS = ("shuffled-points", "all")
AGAINST_RISK = ("constant-risk", "both", *POINTS)
WORTH_ACTING = 1.5


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
    if own:
        return "constant-risk", at_risk
    if at_risk is None:
        return "permutation", None
    dealt = by == "count" and correction != "max-t"
    known = dealt and incidents is not None and all_snapped(incidents)
    return ("all" if known else "both"), at_risk


def check_choices(
    by: str, null: str, transform: str, correction: str, alpha: float, at_risk: pd.Series | None
) -> None:
    """Raise unless every choice is known, and the null can be had."""
    findings = Findings()
    offered = {"by": (by, Of), "null": (null, Null), "transform": (transform, Transform)}
    for name, (value, choices) in (offered | {"correction": (correction, Correction)}).items():
        if value not in get_args(choices):
            known = ", ".join(get_args(choices))
            findings.error("unknown-choice", f"`{name}` must be one of {known}; got {value!r}.")
    if not 0 < alpha < 1:
        findings.error("alpha", f"`alpha` must be between 0 and 1; got {alpha!r}.")
    if null in ("constant-risk", "both", "all") and at_risk is None:
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
    if null in POINTS and (by == "harm" or correction == "max-t"):
        findings.error(
            "unknown-choice",
            f"`null={null!r}` is for `by='count'` and every correction but max-t; got "
            f"{by!r} and {correction!r}.",
        )
    if min_relative_risk is not None and not min_relative_risk >= 0:
        findings.error(
            "argument", f"`min_relative_risk` must be zero or more; got {min_relative_risk!r}."
        )
    findings.raise_errors(InputError)


def check_draws(draws: int | None, needed: float, null: str, correction: str) -> None:
    """Raise where so many draws could never flag anything."""
    if draws is None or null not in ("permutation", "both", "all"):
        return
    if draws < 1 or 2 / (draws + 1) > needed:
        raise InputError(
            f"`draws` must resolve the p-value that `correction={correction!r}` needs to flag "
            f"one area, {needed:.1e}; the smallest two-sided p of {draws:,} draws is "
            f"{2 / (draws + 1):.1e}, so nothing could ever be flagged. Ask for at least "
            f"{int(np.ceil(2 / needed)):,}, or leave it out and it is chosen.",
            rule="too-few-draws",
        )


def _seen_at_risk(areas: gpd.GeoDataFrame, incidents: Selection | None) -> pd.Series | None:
    """What the areas say is at risk in them, else their map points; none where not snapped."""
    if OWN_RISK in areas.columns:
        return areas[OWN_RISK]
    if AT_RISK in areas.columns:
        return areas[AT_RISK]
    if incidents is None or not all_snapped(incidents):
        return None
    return points_at_risk(incidents).reindex(areas.index, fill_value=0)
