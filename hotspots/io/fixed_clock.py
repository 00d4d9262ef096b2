"""The clock that GDAL writes into files: the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fixed_clock(stamp: str) -> Iterator[None]:
    """GDAL writes this time as the time of change instead of the clock's.

    Nor does it wait for the disk after every layer: the file takes its place when it is whole.
    """
    import pyogrio

    options = {"OGR_CURRENT_DATE": stamp, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
