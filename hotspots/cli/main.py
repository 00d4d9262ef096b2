"""The command ``hotspots``. Bodies import what they need, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots import __version__
from hotspots.cli import add_commands
from hotspots.cli.options import by_options, door_of
from hotspots.core.archives import LARGEST_GIB
from hotspots.core.errors import HotspotsError, InputError
from hotspots.core.text.doors import PYTHON, Door

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from hotspots.core.record import RunRecord

DATA_PROBLEM = 1
app = typer.Typer(
    name="hotspots",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find where crime and anti-social behaviour concentrate, and how much harm it does.",
)

fetch = typer.Typer(no_args_is_help=True, help="Fetch official open data; resumes, verifies.")
app.add_typer(fetch, name="fetch")

OutOption = Annotated[Path, typer.Option("--out", help="Folder to write into; made if needed.")]

OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Use what was fetched before; name what is missing.")
]
RefreshOption = Annotated[
    bool, typer.Option("--refresh", help="Fetch again what is there: months are mended later.")
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Folder that keeps what was fetched.")
]


@app.callback(invoke_without_command=True)
def _about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"hotspots {__version__}")
        raise typer.Exit


@app.command()
@by_options
def demo(out: OutOption = Path("hotspots-demo")) -> None:
    """Analyse real Leeds data of July 2018, and a synthetic town; no network needed."""
    from hotspots.cli.progress import progress_line
    from hotspots.demo.demonstrate import write_demonstration

    with progress_line() as say:
        for made in write_demonstration(out, say):
            say("")
            typer.echo(f"{made.folder.name}: ", nl=False)
            say_product(made.record, made.files, PYTHON)
            typer.echo("")
    typer.echo(f"The demonstration is in {out.resolve()}")


@app.command()
@by_options
def run(
    configuration: Annotated[Path, typer.Argument(help="Product configuration, a TOML file.")],
    out: OutOption = Path("hotspots-product"),
    allow_rejected: Annotated[
        float | None,
        typer.Option(
            "--allow-rejected", min=0, max=1, help="Share of rows that may be lost, such as 0.5."
        ),
    ] = None,
) -> None:
    """Make the product a configuration file describes: tasking, or Protect."""
    from hotspots.programmes.tasking.load_product import (
        in_words_of_a_file,
        load_product,
        product_door,
    )
    from hotspots.programmes.tasking.product import TaskingProduct

    product = load_product(configuration)
    if isinstance(product, TaskingProduct):
        product = product.remembering(out)
    if allow_rejected is not None:
        lenient = (replace(one, allow_rejected=allow_rejected) for one in product.sources)
        product = replace(product, sources=tuple(lenient))
    with in_words_of_a_file(configuration.name):
        results = product.run()
        if allow_rejected is not None:
            results.record.choose("run", allow_rejected=allow_rejected)
        released = results.release()
    say_product(released.record, results.write(out, released), product_door())


@app.command("map")
@by_options
def redraw(
    areas: Annotated[Path, typer.Argument(help="GeoPackage of areas, as hotspots writes it.")],
    out: Annotated[Path, typer.Option("--out", help="Page to write; .html is added if missing.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print it on A4.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Also take a picture.")] = False,
    title: Annotated[str | None, typer.Option(help="Heading; the file's own by default.")] = None,
    marking: Annotated[str | None, typer.Option(help="Handling words; the file's own.")] = None,
    audience: Annotated[
        str | None, typer.Option(help="internal, partner, public; the file's own by default.")
    ] = None,
    top: Annotated[int, typer.Option(help="Places to list per theme.")] = 5,
    previous: Annotated[
        Path | None, typer.Option(help="GeoPackage of the last meeting: before, and what changed.")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", help="GeoPackage these readers have already; repeat."),
    ] = None,
    no_earlier: Annotated[
        bool, typer.Option("--no-earlier", help="These readers have nothing yet.")
    ] = False,
) -> None:
    """Draw the areas of a GeoPackage as one page that needs no network."""
    from hotspots.programmes.tasking.reread import read_product
    from hotspots.report.read_geopackage import read_geopackage

    product = read_product(areas, title=title, marking=marking, audience=audience)  # type: ignore[arg-type]
    last = None if previous is None else read_product(previous, marking=marking)
    given = [table for file in earlier or () for table in read_geopackage(file).values()]
    page = product.map(
        top=top, previous=last, earlier=given if earlier or no_earlier or last else None
    )
    html = out if out.suffix.lower() in {".html", ".htm"} else out.with_suffix(".html")
    written = [page.save(html)]
    if pdf:
        written.append(page.to_pdf(html.with_suffix(".pdf")))
    if png:
        written.append(page.to_png(html.with_suffix(".png")))
    for path in written:
        typer.echo(f"{path}  ({path.stat().st_size / 1024:,.0f} KB)")


@app.command()
@by_options
def check(
    files: Annotated[list[Path], typer.Argument(help="Files, folders or archives of incidents.")],
    fields: Annotated[
        Path | None, typer.Option("--fields", help="Field map of one's own, a TOML file.")
    ] = None,
    save_fields: Annotated[
        Path | None,
        typer.Option("--save-fields", help="Save the guessed field map here, to correct and keep."),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option("--crs", help="System in metres to check in; for Ireland EPSG:2157."),
    ] = None,
    within: Annotated[
        str | None, typer.Option("--within", help="A study area, FILE or FILE:LAYER.")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help='Such as "2025-07".')] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="One sheet of a workbook.")] = None,
    header_row: Annotated[
        int | None, typer.Option("--header-row", min=1, help="Row that names the columns.")
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option("--rejected", help="Write rejected rows here (.csv), to mend.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    largest_gib: Annotated[
        float, typer.Option("--largest-gib", help="Most GiB a file or archive may unpack to.")
    ] = LARGEST_GIB,
) -> None:
    """Say what is in a file, what is wrong with it, and what it can and cannot answer."""
    from hotspots.core.crs import BRITISH_NATIONAL_GRID
    from hotspots.io.incidents import FieldMap, check_incidents, write_quarantine

    report = check_incidents(
        list(files), fields=None if fields is None else FieldMap.from_toml(fields),
        crs=crs or BRITISH_NATIONAL_GRID,
        within=None if within is None else _study_area(within), period=period, sheet=sheet,
        header_row=header_row, largest_gib=largest_gib,
    ).through(door_of(check))  # fmt: skip
    content = report.to_dict()
    if rejected is not None:
        write_quarantine(report.record, rejected)
    said = json.dumps(content, indent=2, allow_nan=False) if as_json else report.to_text()
    typer.echo(said.rstrip())
    if save_fields is not None:
        _save_fields(content["guessed_field_maps"], save_fields)
    if not report.ok:
        raise typer.Exit(DATA_PROBLEM)


def _study_area(given: str) -> GeoDataFrame:
    from hotspots.cli.inputs import read_zones
    from hotspots.core.record import RunRecord

    return read_zones(given, "district", RunRecord("hotspots check", "NOT MARKED"))


@fetch.command("police-uk")
@by_options
def fetch_street_crime(
    force: Annotated[str, typer.Option("--force", help='Such as "west-yorkshire".')],
    from_month: Annotated[str, typer.Option("--from", help="First month, such as 2025-01.")],
    to_month: Annotated[str, typer.Option("--to", help="Last month.")],
    out: OutOption = Path("hotspots-data/incidents"),
    offline: OfflineOption = False,
    refresh: RefreshOption = False,
    within: Annotated[
        Path | None,
        typer.Option(
            "--within", help="Ask the API for the area of these zones, instead of an archive."
        ),
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
    _say_fetched(files)


@fetch.command("boundaries")
@by_options
def fetch_outlines(
    district: Annotated[str, typer.Option("--district", help="Name or code.")] = "Leeds",
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="ward, lsoa or district; repeat for more.")
    ] = None,
    out: OutOption = Path("hotspots-data/boundaries"),
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
    _say_fetched(files)


add_commands(app)


def main() -> None:
    """Run the command; a problem with the data is a message and exit code 1, never a traceback."""
    try:
        app()
    except HotspotsError as error:
        typer.echo(f"hotspots: {error}", err=True)
        sys.exit(DATA_PROBLEM)
    except MemoryError:
        typer.echo(
            "hotspots: the data does not fit into memory; try a smaller part of it.", err=True
        )
        sys.exit(DATA_PROBLEM)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"hotspots: {where}{error.strerror or error}", err=True)
        sys.exit(DATA_PROBLEM)


def _say_fetched(files: Sequence[Path]) -> None:
    """What is there now."""
    for path in files:
        typer.echo(f"{path}  ({path.stat().st_size / 1024:,.0f} KB)")


def _save_fields(guessed: Mapping[str, str], path: Path) -> None:
    """Write the one guessed field map; there must be exactly one."""
    if len(guessed) != 1:
        raise InputError(
            f"`save_fields` saves one guessed field map; there are {len(guessed)}. Files in a "
            "known layout need none; check files of different layouts one by one."
        )
    (text,) = guessed.values()
    if path.exists():
        raise InputError(
            f"{path} is there already and may hold your corrections. Name another file, or move it."
        )
    path.write_text(text, encoding="utf-8", newline="\n")
    typer.echo(f"Saved the guessed field map to {path}: look at it before you use it.", err=True)


def say_product(record: RunRecord, files: Sequence[Path], door: Door) -> None:
    """What went in, what was written, what was found; warnings last."""
    rows = f"{record.read:,} rows read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    typer.echo(rows if record.sources else record.title)
    for path in files:
        typer.echo(f"  {path}  ({path.stat().st_size / 1024:,.0f} KB)")
    typer.echo("")
    for caveat in record.caveats:
        if caveat.is_loud:
            typer.echo(f"NOTE WELL: {caveat}")
    for sentence in record.sentences.values():
        typer.echo(sentence)
    for finding in record.findings:
        if finding.severity == "warning":
            typer.echo(f"warning: {finding.through(door)}", err=True)
