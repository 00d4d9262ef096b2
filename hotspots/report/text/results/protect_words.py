"""The Protect product in words, between its handling words and what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hotspots.core.caveats import Caveat

HANDLING = str(Caveat("partnership-zoning"))
STRAIGHT = "Distances are straight lines; a walk is longer."


def protect_demand(found: Any) -> Iterator[str]:
    """What is recorded in each zone, and which premises are far from a pack."""
    yield f"{found.marking}."
    for theme, rows in found.demand.groupby(level="theme", sort=False):
        counts = "; ".join(
            f"{row['zone_name']} {row['incident_count']:,}" for _, row in rows.iterrows()
        )
        yield f"Recorded incidents ({theme}, {found.period}): {counts or 'no zones'}."
    if found.sites is not None:
        yield f"{len(found.sites):,} premises in the register."
    if found.beyond is not None:
        yield (
            f"{len(found.beyond):,} of them are further than {found.reach_m:,.0f} m from every "
            "trauma pack."
        )
        yield STRAIGHT
    yield HANDLING


def pack_plan(plan: Any) -> Iterator[str]:
    """What the packs bring within reach, and how good a bound says that is."""
    share = f" ({plan.covered / plan.total:.0%})".replace("%", " %") if plan.total else ""
    quality = (
        "no choice of positions covers more"
        if plan.proven
        else f"at most {plan.gap:.1%} below the best possible".replace("%", " %")
    )
    yield (
        f"{len(plan.chosen):,} packs bring {plan.covered:,.6g} of {plan.total:,.6g}{share}, by "
        f"weight of sites, within {plan.reach_m:,.0f} m; {quality}."
    )
    if plan.spare:
        yield f"{plan.spare:,} packs would add nothing and are left over."
    yield STRAIGHT
    yield HANDLING
