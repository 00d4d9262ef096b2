"""A first product of a district from open data alone: outlines and incidents are fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.core.crs import to_lonlat
from hotspots.core.errors import DataError, InputError, require
from hotspots.io.zones.read import load_zones
from hotspots.programmes.tasking.draft import Draft, draft_product, new_product
from hotspots.programmes.tasking.draft_area import district_area

if TYPE_CHECKING:
    from os import PathLike

    from hotspots.io.opendata.http import Patience, Tell


def draft_place(
    district: str,
    folder: str | Path,
    *,
    months: int = 24,
    cache: str | PathLike[str] | None = None,
    police_url: str = "https://data.police.uk",
    boundaries_url: str | None = None,
    patience: Patience | None = None,
    progress: Tell | None = None,
) -> Draft:
    """Fetch a district's outline, wards and last months of street crime; propose a product.

    Parameters
    ----------
    district : str
        Name or code of a local authority district of England or Wales.
    folder : path
        Where to write; made if needed. A product file that is there already is not replaced.
    months : int
        How many of the months that are published, from the last backwards.
    cache, patience, progress : optional
        As for :func:`fetch_police_uk`.
    police_url, boundaries_url : str, optional
        Other hosts that answer as data.police.uk and the Open Geography service do.

    Returns
    -------
    Draft
        The files and what could not be known.

    Raises
    ------
    DataError
        For a district or a force that is not known, and what fetching can raise.

    Notes
    -----
    It misleads where a force published nothing for a time: a month without incidents is told, and
    is no month without crime.
    """
    from hotspots.io.opendata import Patience as Waits
    from hotspots.io.opendata import fetch_police_uk
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY
    from hotspots.io.opendata.http import Client, checked_base
    from hotspots.io.opendata.police_uk_api import force_at, published_months

    require(months >= 1, f"`months` must be 1 or more; got {months!r}.", InputError)
    base, waits = Path(folder), patience or Waits()
    new_product(base)
    area = district_area(
        district, base, cache=cache, patience=waits, progress=progress,
        base_url=boundaries_url or OPEN_GEOGRAPHY,
    )  # fmt: skip
    outline = load_zones(area.files[0])
    client, host = Client(waits), checked_base(police_url)
    middle = outline.geometry.union_all().representative_point()
    lon, lat = to_lonlat([middle.x], [middle.y], outline.crs)
    force, name = force_at(client, host, float(lon[0]), float(lat[0]))
    held = sorted(published_months(client, host))[-months:]
    require(
        bool(held),
        "months that are published were expected; data.police.uk names none.",
        DataError,
        rule="month-missing",
    )
    files = fetch_police_uk(
        force, held[0], held[-1], folder=base / "incidents", cache=cache, prefer="api",
        within=outline, base_url=police_url, patience=waits, progress=progress,
    )  # fmt: skip
    few = f"{len(held)} of the {months} months that were asked for are published."
    notes = (*area.notes, *([few] if len(held) < months else []))
    return draft_product(
        files,
        base,
        area=replace(area, notes=notes, forces=(name,)),
        title=f"{area.place}: first look",
    )
