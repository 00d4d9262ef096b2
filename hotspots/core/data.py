"""Where the bundled data and definitions are, in a checkout and in a wheel alike."""

from __future__ import annotations

from pathlib import Path

from hotspots.core.arguments import path_of
from hotspots.core.errors import DataError

PACKAGE = Path(__file__).resolve().parents[1]
DEFINITIONS = PACKAGE / "data"
"""Themes, baskets, harm scales, offence codes and products that come with the package."""


def bundled(name: str = "") -> Path:
    """Path of a bundled data file or folder.

    Parameters
    ----------
    name : str
        Path below ``data/``, for instance ``"boundaries/leeds.geojson"``; schemas, themes and
        baskets, too (``"schemas/areas.schema.json"``).

    Returns
    -------
    Path
        To read from; nothing is copied.

    Raises
    ------
    DataError
        When there is no such file, or the data did not come with the package.

    Notes
    -----
    It misleads as a sample of anywhere else: it is West Yorkshire in three Julys, snapped to map
    points.

    Examples
    --------
    >>> bundled("boundaries/leeds.geojson").name
    'leeds.geojson'
    """
    for root in (PACKAGE / "_bundled", PACKAGE.parent / "data", DEFINITIONS):
        candidate = root / path_of(name, "name")
        if root.is_dir() and candidate.exists():
            return candidate
    raise DataError(
        f"the bundled data {name!r} was not found beside the package. A wheel carries it inside, "
        "an editable install reads the top-level folder data/: reinstall from a complete checkout."
    )
