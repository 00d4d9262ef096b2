"""The data that comes with the library: real Leeds, found in a checkout and in a wheel alike."""

from __future__ import annotations

from pathlib import Path

from hotspots.checks import DataError

_PACKAGE = Path(__file__).resolve().parent


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
        f"the bundled data {name!r} was not found beside the package. A wheel carries it inside, an "
        "editable install reads the top-level folder data/: reinstall from a complete checkout."
    )
