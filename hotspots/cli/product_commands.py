"""Products: ``fetch``, ``init`` and ``place`` begin one, ``audit`` and ``verify`` look at them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.options import (
    FolderOption,
    OpenOption,
    by_options,
    require_paths,
)
from hotspots.cli.screen import say, say_files, say_json, say_product, say_words, show

if TYPE_CHECKING:
    from hotspots.programmes.tasking.draft import Draft

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


@by_options
def init(
    files: Annotated[list[Path], typer.Argument(help="Files, folders or archives of incidents.")],
    within: Annotated[
        str | None, typer.Option(help="Study area: FILE, FILE:LAYER, or a district to fetch.")
    ] = None,
    fields: Annotated[
        Path | None, typer.Option(help="Field map of the files, instead of a guess.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="System in metres of another country; of Illinois EPSG:26971."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Clock of the place; America/New_York.")
    ] = None,
    out: FolderOption = Path("hotspots-start"),
    open_page: OpenOption = False,
) -> None:
    """Propose field maps and a product file for your own files, and make the first page."""
    require_paths(*files, fields)
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.programmes.tasking.draft import draft_product

    layout = None if fields is None else FieldMap.from_toml(fields)
    draft = draft_product(
        files, out, fields=layout, within=within, crs=crs, timezone=timezone
    )  # fmt: skip
    _made(draft, out, open_page)


@by_options
def place(
    district: Annotated[str, typer.Argument(help="Name or code of a local authority district.")],
    months: Annotated[int, typer.Option(min=1, help="So many months, the last.")] = 24,
    out: FolderOption = Path("hotspots-place"),
    open_page: OpenOption = False,
    cache: CacheOption = None,
    police_url: Annotated[str, typer.Option(help="Host to ask.")] = "https://data.police.uk",
    boundaries_url: Annotated[str | None, typer.Option(help="ArcGIS server to ask.")] = None,
) -> None:
    """Fetch open incidents and official outlines of a district, and make its first page."""
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY
    from hotspots.io.opendata.http import on_terminal
    from hotspots.programmes.tasking.draft import draft_place

    with on_terminal() as progress:
        draft = draft_place(
            district, out, months=months, cache=cache, police_url=police_url,
            boundaries_url=boundaries_url or OPEN_GEOGRAPHY, progress=progress,
        )  # fmt: skip
    _made(draft, out, open_page)


def _made(draft: Draft, out: Path, open_page: bool) -> None:
    """Run what was proposed, say what could not be known, name the page."""
    from hotspots.programmes.tasking.load_product import (
        in_words_of_a_file,
        load_product,
        product_door,
    )

    with in_words_of_a_file(draft.product.name):
        results = load_product(draft.product).run()
        released = results.release()
    files = results.write(out / "product", released)
    say_product(released.record, files, product_door())
    say("\nDecided for you, to be looked at:")
    for note in draft.notes:
        say_words(f"  - {note}")
    say("Written to be corrected:")
    for path in draft.files:
        say(f"  {path}")
    say()
    show(files[0], open_page)


PROBLEM = 1

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@by_options
def audit(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of products, all that the same readers have.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Try to work out withheld counts from products, as their readers could; exit 1 if one is."""
    require_paths(*folders)
    from hotspots.programmes.audit_products import audit_products

    found = audit_products(folders)
    if as_json:
        say_json(found.to_dict())
    else:
        for file, count in found.shown.items():
            say_words(f"{file} is internal and shows {count:,} counts under 5 as they are.")
        for file in found.published:
            say_words(f"{file}: each record behind it was published one by one; nothing to tell.")
        for finding in found.findings:
            say_words(str(finding))
        for row in found.to_dict()["areas"]:
            if "shown_in" in row:
                continue
            when = f", {row['start']} to {row['end']}" if "start" in row else ""
            most = "" if row["told"] else f" or {row['most']}"
            say_words(f"{row['area_id']} ({row['theme']}{when}): {row['fewest']}{most}")
        more = f" Of {found.bounded:,} only bounds are known." if found.bounded else ""
        say(
            f"{len(found.areas):,} counts under 5 or unknown; {found.told:,} can be worked out "
            f"exactly, {found.narrow - found.told:,} to within two values.{more}"
        )
    if found.told:
        raise typer.Exit(PROBLEM)


@by_options
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a product.")],
    inputs: Annotated[
        Path | None, typer.Option(help="Folder of its product file: what went in is compared too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a product is the one its manifest names; exit 1 if changed or incomplete."""
    from hotspots.report.manifest import verify_product

    found = verify_product(folder, inputs=inputs)
    if as_json:
        say_json(found.to_dict())
    else:
        for word in ("missing", "changed"):
            for name in getattr(found, word):
                say_words(f"{word}: {name}")
        for name in found.extra:
            say_words(f"not of the product: {name}")
        say(f"{folder}: {found.state}")
    if found.state != "same":
        raise typer.Exit(PROBLEM)


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
