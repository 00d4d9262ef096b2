"""What can be asked of clusters, and the one error that names every choice that means nothing."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from hotspots.core.errors import Findings, InputError, listing

Method = Literal["dbscan", "hdbscan"]


def check_choices(
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: str = "dbscan",
    max_area_km2: float | None = None,
    **counts: int,
) -> None:
    """Raise one error that names every choice that means nothing; None is not checked."""
    findings = Findings()
    for name, size in (("radius_m", radius_m), ("max_area_km2", max_area_km2)):
        if size is not None and not (_is_number(size) and np.isfinite(size) and size > 0):
            unit = "a distance in metres" if name == "radius_m" else "an area in km2"
            findings.error("size", f"`{name}` must be {unit} greater than 0; got {size!r}.")
    for name, count in {"min_incidents": min_incidents, **counts}.items():
        if count is not None and not (_is_number(count) and count == int(count) and count >= 1):
            findings.error(
                "count", f"`{name}` must be a whole number of at least 1; got {count!r}."
            )
    if method not in get_args(Method):
        findings.error(
            "method", f"`method` must be one of {listing(get_args(Method))}; got {method!r}."
        )
    findings.raise_errors(InputError)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
