"""Which incidents a question is about, and where every other row went.

Cells, clusters and zones ask the same first question; it is answered here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError
from hotspots.core.periods import Period
from hotspots.core.points import inside
from hotspots.core.record import Account
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

EVERYTHING = "all"


@dataclass(frozen=True)
class Selection:
    """The incidents a question is about, as a mask, and the account of all others."""

    used: NDArray[np.bool_]
    account: Account
    period: Period | None
    theme: str

    def closed(self, in_areas: int, noise: int = 0) -> Account:
        """The account once the areas are known."""
        return replace(self.account, in_areas=int(in_areas), noise=int(noise))


def select_incidents(
    incidents: gpd.GeoDataFrame,
    *,
    stage: str,
    theme: str | None = None,
    period: str | Period | None = None,
    within: gpd.GeoDataFrame | None = None,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
) -> Selection:
    """Choose the incidents of a theme, a period and a study area; account for all the others.

    An incident belongs to the period that holds its ``occurred_from``. A point on the boundary of
    the study area is inside it.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    stage : str
        Name of the asking stage, for the account and for messages.
    theme : str, optional
        Needs the column ``theme_<name>``; all incidents by default.
    period : str or Period, optional
        See :meth:`Period.parse`; all times by default.
    within : GeoDataFrame, optional
        Zones whose union is the study area.
    include_institutional : bool
        Keep incidents on institutional points. Left out by default where the column exists.
    include_sensitive : str, optional
        The reason for which incidents with sensitive offences are kept; it stands in the account.
        Without one they are left out where the column exists.
    """
    reason = _reason(include_sensitive)
    theme_column = [] if theme is None else [f"theme_{theme}"]
    require_table(incidents, INCIDENTS, argument="incidents", also=theme_column)
    if within is not None:
        require_same_crs(incidents, within, ("incidents", "within"))
    left = np.ones(len(incidents), dtype=bool)
    counts: dict[str, int] = {}

    def put_aside(where: str, out: NDArray[np.bool_]) -> None:
        counts[where] = int((left & out).sum())
        left[out] = False

    chosen = None if period is None else Period.parse(period)
    nowhere = np.zeros(len(incidents), dtype=bool)
    put_aside("out_of_period", nowhere if chosen is None else ~_during(incidents, chosen))
    put_aside("out_of_theme", nowhere if theme is None else ~_flag(incidents, f"theme_{theme}"))
    put_aside("sensitive", nowhere if reason else _flag(incidents, "sensitive"))
    unlocated = np.asarray(incidents.geometry.isna() | incidents.geometry.is_empty)
    put_aside("unlocated", unlocated)
    put_aside("outside", nowhere if within is None else ~inside(incidents, within, left))
    put_aside(
        "institutional", nowhere if include_institutional else _flag(incidents, "institutional")
    )
    name = EVERYTHING if theme is None else theme
    account = Account(
        stage=stage,
        theme=name,
        period=EVERYTHING if chosen is None else chosen.label,
        accepted=len(incidents),
        used=int(left.sum()),
        sensitive_reason=reason,
        **counts,
    )
    account.check()
    return Selection(left, account, chosen, name)


def _reason(include_sensitive: str | bool) -> str:
    """The reason given for keeping sensitive incidents; nothing when they are left out."""
    if include_sensitive is False:
        return ""
    if include_sensitive is True or not include_sensitive.strip():
        raise InputError(
            "`include_sensitive` must give the reason for showing domestic abuse, sexual offences "
            'and other sensitive incidents, e.g. include_sensitive="strategic assessment"; '
            f"got {include_sensitive!r}. The reason is recorded."
        )
    return include_sensitive.strip()


def _during(incidents: gpd.GeoDataFrame, period: Period) -> NDArray[np.bool_]:
    start = incidents["occurred_from"]
    return np.asarray((start >= period.start) & (start < period.end))


def _flag(incidents: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    if column not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    flags = incidents[column]
    if flags.isna().any():
        raise InputError(
            f"`incidents` column {column!r} must be true or false for every row; "
            f"{int(flags.isna().sum()):,} of {len(flags):,} rows are missing."
        )
    return np.asarray(flags, dtype=bool)
