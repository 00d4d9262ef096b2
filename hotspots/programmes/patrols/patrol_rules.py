"""What makes an area, and what is asked of the tables it is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.analysis.regions import Reach
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import Findings, InputError
from hotspots.core.tables import AREAS, INCIDENTS, ZONES, require_table

if TYPE_CHECKING:
    import geopandas as gpd

WORTHS = ("harm", "count")
METHODS = ("exact", "greedy")


@dataclass(frozen=True)
class Rules:
    """The options of :func:`select_patrol_areas` that make an area."""

    count: int
    near_misses: int
    max_area_km2: float
    max_walk_m: float
    min_separation_m: float
    by: str
    min_incidents: int
    min_active_months: int
    max_event_share: float
    block_share: float
    keep_overlap: float
    method: str
    time_limit_s: float

    @property
    def reach(self) -> Reach:
        """How large an area may grow."""
        return Reach(self.max_area_km2, self.max_walk_m, self.block_share)

    def months_needed(self, months: int) -> int:
        """Months an area must be active in, where the data have so many."""
        return min(self.min_active_months, months)

    def as_choices(self) -> dict[str, Any]:
        """For the record."""
        return asdict(self)

    def check(self) -> None:
        """Raise one error that names every option out of range."""
        findings = Findings()
        whole = {"count": 1, "near_misses": 0, "min_incidents": 1, "min_active_months": 0}
        for name, least in whole.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                findings.error(
                    "out-of-range",
                    f"`{name}` must be a whole number of at least {least}; got {value!r}.",
                )
        for name in ("max_area_km2", "max_walk_m", "time_limit_s"):
            self._in_range(findings, name, 0.0, np.inf, "greater than 0", open_low=True)
        self._in_range(findings, "min_separation_m", 0.0, np.inf, "of 0 metres or more")
        for name in ("max_event_share", "keep_overlap"):
            self._in_range(findings, name, 0.0, 1.0, "above 0, at most 1", open_low=True)
        self._in_range(findings, "block_share", 0.0, 1.0, "from 0 to 1")
        for name, words in (("by", WORTHS), ("method", METHODS)):
            if getattr(self, name) not in words:
                findings.error(
                    "unknown-word",
                    f"`{name}` must be one of {', '.join(words)}; got {getattr(self, name)!r}.",
                )
        findings.raise_errors(InputError)

    def _in_range(
        self,
        findings: Findings,
        name: str,
        low: float,
        high: float,
        words: str,
        *,
        open_low: bool = False,
    ) -> None:
        value = getattr(self, name)
        number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
        good = number and low <= value <= high and np.isfinite(value)
        if not good or (open_low and value == low):
            findings.error("out-of-range", f"`{name}` must be a number {words}; got {value!r}.")


def require_inputs(
    incidents: gpd.GeoDataFrame,
    by: str,
    within: gpd.GeoDataFrame | None,
    exclude: gpd.GeoDataFrame | None,
    previous: gpd.GeoDataFrame | None,
    victim_reported: str | None,
) -> None:
    """Check every table before any work is done."""
    flags = [] if victim_reported is None else [victim_reported]
    require_table(
        incidents,
        INCIDENTS,
        argument="incidents",
        also=[*(["harm"] if by == "harm" else []), *flags],
    )
    for name in flags:
        if incidents[name].isna().any() or incidents[name].dtype.kind != "b":
            raise InputError(
                f"`incidents` column {name!r} must be true or false for every row; got "
                f"{incidents[name].dtype} with {int(incidents[name].isna().sum()):,} missing."
            )
    for zones, argument in ((within, "within"), (exclude, "exclude")):
        if zones is not None:
            require_table(zones, ZONES, argument=argument, only=["geometry"])
            require_same_crs(incidents, zones, ("incidents", argument))
    if previous is not None:
        require_table(previous, AREAS, argument="previous", only=["geometry"])
        require_same_crs(incidents, previous, ("incidents", "previous"))
