"""The command ``hotspots``. Bodies import what they need, so that ``--help`` answers at once."""

from __future__ import annotations

import atexit
import gc
import sys
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots import __version__
from hotspots.cli.evidence_commands import change, pspo
from hotspots.cli.options import (
    BriefOption,
    FolderOption,
    OpenOption,
    by_options,
    door_of,
    require_paths,
)
from hotspots.cli.place_commands import chb, jemlock, roads, wards
from hotspots.cli.product_commands import audit, fetch, init, place, verify
from hotspots.cli.screen import (
    progress_line,
    say,
    say_fault,
    say_files,
    say_json,
    say_product,
    say_words,
    show,
)
from hotspots.cli.time_commands import new, repeats, timetable, watch, when
from hotspots.core.archives import LARGEST_GIB
from hotspots.core.errors import HotspotsError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from hotspots.core.errors import Finding

DATA_PROBLEM = 1
COLLECTED_AFTER = 50_000
"""Objects made before circles among them are looked for: a run makes many, and few circles."""
app: typer.Typer = typer.Typer(
    name="hotspots",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find where crime and anti-social behaviour concentrate, and how much harm it does.",
)


@app.callback(invoke_without_command=True)
def _about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        say(f"hotspots {__version__}")
        raise typer.Exit


@app.command()
@by_options
def demo(
    out: FolderOption = Path("hotspots-demo"),
    open_page: OpenOption = False,
    quiet: BriefOption = False,
) -> None:
    """Analyse real Leeds data of July 2018, and a synthetic town; no network needed."""
    with progress_line(not quiet) as progress:
        progress("loading what it takes ...")
        from hotspots.demo.demonstrate import write_demonstration
        from hotspots.programmes.tasking.load_product import product_door

        told: list[Finding] = []  # two products of the town read the same files
        for made in write_demonstration(out, progress):
            progress("")
            say(f"{made.folder.name}: ", end="")
            say_product(made.record, made.files, product_door(), quiet=quiet, told=told)
            say()
            if made.folder.name == "leeds":
                show(made.files[0], open_page)
                say()
    say(f"The demonstration is in {out.resolve()}")


@app.command()
@by_options
def run(
    configuration: Annotated[
        Path | None, typer.Argument(help="Product configuration, a TOML file.")
    ] = None,
    product: Annotated[
        Path | None, typer.Option(help="The same, as the other commands say it.")
    ] = None,
    out: FolderOption = Path("hotspots-product"),
    allow_rejected: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of rows that may be lost, such as 0.5."),
    ] = None,
    open_page: OpenOption = False,
    quiet: BriefOption = False,
) -> None:
    """Make the product a configuration file describes: tasking, or Protect."""
    file = configuration or product
    if file is None or (configuration and product):
        raise typer.BadParameter("give one product configuration, a TOML file.")
    require_paths(file)
    with progress_line(not quiet) as progress:
        progress("reading the configuration ...")
        from hotspots.programmes.audit_products import never_held_against
        from hotspots.programmes.tasking.load_product import (
            in_words_of_a_file,
            load_product,
            product_door,
        )
        from hotspots.programmes.tasking.product import TaskingProduct
        from hotspots.report.manifest import product_before

        asked, (title, audience) = load_product(file), product_before(out)
        if isinstance(asked, TaskingProduct):
            asked = asked.remembering(out)
        if allow_rejected is not None:
            lenient = (replace(one, allow_rejected=allow_rejected) for one in asked.sources)
            asked = replace(asked, sources=tuple(lenient))
        progress("reading, counting, testing ...")
        with in_words_of_a_file(file.name):
            results = asked.run()
            if allow_rejected is not None:
                results.record.choose("run", allow_rejected=allow_rejected)
            released = results.release()
        apart = list[Path]()
        if released.withholds and isinstance(asked, TaskingProduct):
            apart = never_held_against(out, asked)
        progress("drawing the page, writing the tables ...")
        files = results.write(out, released)
        progress("")
        say_product(released.record, files, product_door(), quiet=quiet)
        _say_apart(apart, out)
        if title and (title, audience) != (released.record.title, released.record.audience):
            say_words(
                f'This took the place of "{title}" (audience {audience}) in {out}. To keep both, '
                "and to see what changed, write each into a folder of its own and name the last "
                "one as `previous`.",
                err=True,
            )
    show(files[0], open_page)


def _say_apart(files: Sequence[Path], out: Path) -> None:
    """Products that somebody may have beside this one, and what can be done about it."""
    if files:
        folders = " ".join(dict.fromkeys(str(file.parent) for file in files))
        say_words(
            f"warning: {', '.join(map(str, files))}: for the same readers, of days in common, and "
            "this product was not held against it. Whoever has both can subtract them. Name it as "
            f"`earlier`, or see what they tell together: hotspots audit {out} {folders}",
            err=True,
        )


@app.command("map")
@by_options
def redraw(
    areas: Annotated[
        Path, typer.Argument(help="GeoPackage or GeoJSON of areas, or a product's folder.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Page to write; beside the areas by default.")
    ] = None,
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
        list[Path] | None, typer.Option(help="GeoPackage these readers have already; repeat.")
    ] = None,
    no_earlier: Annotated[
        bool, typer.Option("--no-earlier", help="These readers have nothing yet.")
    ] = False,
    backdrop: Annotated[
        list[str] | None,
        typer.Option(help="Roads and names to draw under them: FILE or FILE:LAYER; repeat."),
    ] = None,
    open_page: OpenOption = False,
    quiet: BriefOption = False,
) -> None:
    """Draw the areas that a command or a product wrote as one page that needs no network."""
    require_paths(areas, previous, *(earlier or ()), *(backdrop or ()))
    from hotspots.programmes.tasking.written_product import earlier_files, read_product
    from hotspots.report.about import read_geopackage

    product = read_product(areas, title=title, marking=marking, audience=audience)  # type: ignore[arg-type]
    last = None if previous is None else read_product(previous, marking=marking)
    files = earlier_files(product, areas, earlier or ())
    known = [table for file in files for table in read_geopackage(file).values()]
    page = product.map(
        top=top,
        previous=last,
        earlier=known if files or no_earlier or last else None,
        backdrop=backdrop or ("streets",),
    )
    named = out or areas
    html = named if named.suffix.lower() in {".html", ".htm"} else named.with_suffix(".html")
    written = [page.save(html)]
    if pdf:
        written.append(page.to_pdf(html.with_suffix(".pdf")))
    if png:
        written.append(page.to_png(html.with_suffix(".png")))
    if not quiet:
        say_files(written)
    show(html, open_page)


@app.command()
@by_options
def check(
    files: Annotated[list[Path], typer.Argument(help="Files, folders or archives of incidents.")],
    fields: Annotated[
        Path | None, typer.Option(help="Field map of one's own, a TOML file.")
    ] = None,
    save_fields: Annotated[
        Path | None, typer.Option(help="Save the guessed field map here, to correct and keep.")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="System in metres to check in; for Ireland EPSG:2157.")
    ] = None,
    within: Annotated[str | None, typer.Option(help="A study area, FILE or FILE:LAYER.")] = None,
    period: Annotated[str | None, typer.Option(help='Such as "2025-07".')] = None,
    sheet: Annotated[str | None, typer.Option(help="One sheet of a workbook.")] = None,
    header_row: Annotated[
        int | None, typer.Option(min=1, help="Row that names the columns.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Clock of the place; America/New_York.")
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option(help="Write rejected rows here (.csv), to mend.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    largest_gib: Annotated[
        float, typer.Option(help="Most GiB a file or archive may unpack to.")
    ] = LARGEST_GIB,
) -> None:
    """Say what is in a file, what is wrong with it, and what it can and cannot answer."""
    require_paths(fields, *(() if as_json else files))
    if rejected is not None:
        from hotspots.cli.output import spare_inputs

        spare_inputs("rejected", rejected, [*files, *([fields] if fields else ())])
    from hotspots.core.crs import BRITISH_NATIONAL_GRID
    from hotspots.io.incidents.check import check_incidents
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.io.incidents.row_faults import write_quarantine

    report = check_incidents(
        list(files), fields=None if fields is None else FieldMap.from_toml(fields),
        crs=crs or BRITISH_NATIONAL_GRID,
        within=None if within is None else _study_area(within), period=period, sheet=sheet,
        header_row=header_row, timezone=timezone, largest_gib=largest_gib,
    ).through(door_of(check))  # fmt: skip
    content = report.to_dict()
    if rejected is not None:
        write_quarantine(report.record, rejected)
    if as_json:
        say_json(content)
    else:
        say(report.to_text().rstrip())
    if save_fields is not None:
        _save_fields(content["guessed_field_maps"], save_fields)
    if not report.ok:
        raise typer.Exit(DATA_PROBLEM)


def _study_area(given: str) -> GeoDataFrame:
    from hotspots.cli.inputs import read_zones
    from hotspots.core.record import RunRecord

    return read_zones(given, "district", RunRecord("hotspots check", "NOT MARKED"))


app.add_typer(fetch, name="fetch")
for one in (
    *(init, place, jemlock, chb, wards, roads, pspo, change),
    *(when, repeats, new, watch, timetable, audit, verify),
):
    app.command()(one)


def main() -> None:
    """Run the command; a problem with the data is a message and exit code 1, never a traceback."""
    gc.set_threshold(COLLECTED_AFTER)
    atexit.register(gc.freeze)  # what is there goes with the process; none of it is looked through
    if isinstance(sys.stdout, TextIOWrapper):  # of Windows, in a file: it has no letters of Wales
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except HotspotsError as error:
        say_fault(error)
        sys.exit(DATA_PROBLEM)
    except MemoryError:
        say_fault("the data does not fit into memory; try a smaller part of it.")
        sys.exit(DATA_PROBLEM)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say_fault(f"{where}{error.strerror or error}")
        sys.exit(DATA_PROBLEM)
    except Exception as error:
        say_fault(_unforeseen(error))
        sys.exit(DATA_PROBLEM)


def _unforeseen(error: Exception) -> str:
    """What is said of an error nobody foresaw; its detail goes into a log beside other scratch."""
    import tempfile
    import traceback

    asked = [word for word in sys.argv[1:] if Path(word).exists()]
    named = f" while working on {', '.join(asked)}" if asked else ""
    with tempfile.NamedTemporaryFile(
        "w", prefix="hotspots-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    return (
        f"something unforeseen happened{named} ({type(error).__name__}). The file may be damaged: "
        "try to open it in another program and save it anew. If it opens there, please report "
        f"this with {log.name}, which holds the details; look first that it names nobody."
    )


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
    say(f"Saved the guessed field map to {path}: look at it before you use it.", err=True)
