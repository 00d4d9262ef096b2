"""What makes a cluster, and whether such choices mean anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from hotspots.core.errors import Findings, InputError, listing
from hotspots.stats.dbscan import Engine

Method = Literal["dbscan", "hdbscan"]
UNITS = {"radius_m": "a distance in metres", "max_area_km2": "an area in km2", "min_harm": "harm"}
WORDS = {"method": get_args(Method), "engine": get_args(Engine)}


@dataclass(frozen=True)
class ClusterChoices:
    """What makes a cluster: how near, how many, how much harm, and by which method and engine."""

    radius_m: float
    min_incidents: int
    method: str = "dbscan"
    min_harm: float | None = None
    engine: Engine = "auto"


def check_choices(
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    min_harm: float | None = None,
    method: str | None = None,
    engine: str | None = None,
    max_area_km2: float | None = None,
    **counts: int,
) -> None:
    """Raise one error that names every choice that means nothing; None is not checked."""
    findings = Findings()
    sizes = {"radius_m": radius_m, "max_area_km2": max_area_km2, "min_harm": min_harm}
    for name, size in sizes.items():
        if size is not None and not (_is_number(size) and np.isfinite(size) and size > 0):
            findings.error("size", f"`{name}` must be {UNITS[name]} greater than 0; got {size!r}.")
    for name, count in {"min_incidents": min_incidents, **counts}.items():
        if count is not None and not (_is_number(count) and count == int(count) and count >= 1):
            findings.error(
                "count", f"`{name}` must be a whole number of at least 1; got {count!r}."
            )
    for name, word in {"method": method, "engine": engine}.items():
        if word is not None and word not in WORDS[name]:
            findings.error(name, f"`{name}` must be one of {listing(WORDS[name])}; got {word!r}.")
    if min_harm is not None and method == "hdbscan":
        findings.error("method", '`min_harm` needs `method="dbscan"`; HDBSCAN knows no weights.')
    findings.raise_errors(InputError)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
