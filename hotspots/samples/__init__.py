"""Data to try things on: real Leeds, bundled, and a synthetic town with planted truth.

``bundled`` finds the real data in a checkout and in a wheel alike. The town is made by
:func:`hotspots.samples.town.synthetic_town`; it is loaded on first use, since it needs geometry.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotspots.checks import DataError

_PACKAGE = Path(__file__).resolve().parents[1]
_TOWN = ("Town", "synthetic_town")

__all__ = ["bundled", *_TOWN]


def bundled(name: str = "") -> Path:
    """Path of a bundled data file or folder.

    Parameters
    ----------
    name : str
        Path below ``data/``, for instance ``"boundaries/leeds.geojson"``.

    Examples
    --------
    >>> bundled("boundaries/leeds.geojson").name
    'leeds.geojson'
    """
    for root in (_PACKAGE / "_bundled", _PACKAGE.parent / "data"):
        candidate = root / name
        if root.is_dir() and candidate.exists():
            return candidate
    raise DataError(
        f"the bundled data {name!r} was not found beside the package. A wheel carries it inside, "
        "an editable install reads the top-level folder data/: reinstall from a complete checkout."
    )


def __getattr__(name: str) -> Any:
    if name not in _TOWN:
        raise AttributeError(f"module 'hotspots.samples' has no attribute {name!r}")
    from hotspots.samples import town

    return getattr(town, name)
