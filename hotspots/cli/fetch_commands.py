"""Official open data from its sources: ``hotspots fetch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotspots.cli.options import FolderOption, by_options
from hotspots.cli.progress import say_files

fetch: typer.Typer = typer.Typer(
    no_args_is_help=True, help="Fetch official open data; resumes, verifies."
)

OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Use what was fetched before; name what is missing.")
]
RefreshOption = Annotated[
    bool, typer.Option("--refresh", help="Fetch again what is there: months are mended later.")
]
CacheOption = Annotated[Path | None, typer.Option(help="Folder that keeps what was fetched.")]


@fetch.command("police-uk")
@by_options
def fetch_street_crime(
    force: Annotated[str, typer.Option(help='Such as "west-yorkshire".')],
    from_month: Annotated[str, typer.Option("--from", help="First month, such as 2025-01.")],
    to_month: Annotated[str, typer.Option("--to", help="Last month.")],
    out: FolderOption = Path("hotspots-data/incidents"),
    offline: OfflineOption = False,
    refresh: RefreshOption = False,
    within: Annotated[
        Path | None,
        typer.Option(help="Ask the API for the area of these zones, instead of an archive."),
    ] = None,
    cache: CacheOption = None,
    base_url: Annotated[str, typer.Option(help="Host to ask.")] = "https://data.police.uk",
) -> None:
    """Fetch street crime of a police force by month, as `load_incidents` reads it."""
    from hotspots.io.opendata import fetch_police_uk
    from hotspots.io.opendata.http import on_terminal

    area = None
    if within is not None:
        from hotspots.io.zones.read import load_zones

        area = load_zones(within, kind="area")
    with on_terminal() as progress:
        files = fetch_police_uk(
            force, from_month, to_month, folder=out, cache=cache, offline=offline,
            refresh=refresh, prefer="archive" if area is None else "api", within=area,
            base_url=base_url, progress=progress,
        )  # fmt: skip
    say_files(files)


@fetch.command("boundaries")
@by_options
def fetch_outlines(
    district: Annotated[str, typer.Option(help="Name or code.")] = "Leeds",
    kind: Annotated[
        list[str] | None, typer.Option(help="ward, lsoa or district; repeat for more.")
    ] = None,
    out: FolderOption = Path("hotspots-data/boundaries"),
    offline: OfflineOption = False,
    refresh: RefreshOption = False,
    cache: CacheOption = None,
    base_url: Annotated[str | None, typer.Option(help="ArcGIS server to ask.")] = None,
) -> None:
    """Fetch official wards, LSOAs and the outline of a district, as `load_zones` reads them."""
    from hotspots.io.opendata import fetch_boundaries
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY
    from hotspots.io.opendata.http import on_terminal

    with on_terminal() as progress:
        files = fetch_boundaries(
            district, kinds=kind or ("ward", "lsoa", "district"), folder=out, cache=cache,
            offline=offline, refresh=refresh, base_url=base_url or OPEN_GEOGRAPHY,
            progress=progress,
        )  # fmt: skip
    say_files(files)


@fetch.command("roads")
@by_options
def fetch_streets(
    district: Annotated[str, typer.Option(help="Name or code.")] = "Leeds",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="GeoPackage to write; by default hotspots-data/roads/DISTRICT.gpkg."
        ),
    ] = None,
    offline: OfflineOption = False,
    refresh: RefreshOption = False,
    cache: CacheOption = None,
    base_url: Annotated[str | None, typer.Option(help="OS Downloads API to ask.")] = None,
    boundaries_url: Annotated[str | None, typer.Option(help="ArcGIS server to ask.")] = None,
) -> None:
    """Fetch the roads of a district (OS Open Roads), for `--backdrop` and `--streets`."""
    from hotspots.io.opendata import fetch_roads
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY, slug
    from hotspots.io.opendata.http import on_terminal
    from hotspots.io.opendata.roads import OS_DOWNLOADS

    with on_terminal() as progress:
        file = fetch_roads(
            district, file=out or Path(f"hotspots-data/roads/{slug(district)}.gpkg"), cache=cache,
            offline=offline, refresh=refresh, base_url=base_url or OS_DOWNLOADS,
            boundaries_url=boundaries_url or OPEN_GEOGRAPHY, progress=progress,
        )  # fmt: skip
    say_files([file])
