"""Where to begin: ``hotspots init`` for files of one's own, ``hotspots place`` for open data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.finished import say_product, show
from hotspots.cli.options import FolderOption, OpenOption, by_options, require_paths

if TYPE_CHECKING:
    from hotspots.programmes.tasking.draft import Draft


@by_options
def init(
    files: Annotated[list[Path], typer.Argument(help="Files, folders or archives of incidents.")],
    within: Annotated[
        str | None,
        typer.Option("--within", help="Study area: FILE, FILE:LAYER, or a district to fetch."),
    ] = None,
    fields: Annotated[
        Path | None, typer.Option("--fields", help="Field map of the files, instead of a guess.")
    ] = None,
    out: FolderOption = Path("hotspots-start"),
    open_page: OpenOption = False,
) -> None:
    """Propose field maps and a product file for your own files, and make the first page."""
    require_paths(*files, fields)
    from hotspots.io.incidents import FieldMap
    from hotspots.programmes.tasking.draft import draft_product

    layout = None if fields is None else FieldMap.from_toml(fields)
    _made(draft_product(files, out, fields=layout, within=within), out, open_page)


@by_options
def place(
    district: Annotated[str, typer.Argument(help="Name or code of a local authority district.")],
    months: Annotated[int, typer.Option("--months", min=1, help="So many months, the last.")] = 24,
    out: FolderOption = Path("hotspots-place"),
    open_page: OpenOption = False,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder that keeps what was fetched.")
    ] = None,
    police_url: Annotated[str, typer.Option(help="Host to ask.")] = "https://data.police.uk",
    boundaries_url: Annotated[str | None, typer.Option(help="ArcGIS server to ask.")] = None,
) -> None:
    """Fetch open incidents and official outlines of a district, and make its first page."""
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY
    from hotspots.io.opendata.http import on_terminal
    from hotspots.programmes.tasking.draft_place import draft_place

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
    typer.echo("\nDecided for you, to be looked at:")
    for note in draft.notes:
        typer.echo(f"  - {note}")
    typer.echo("Written to be corrected:")
    for path in draft.files:
        typer.echo(f"  {path}")
    typer.echo("")
    show(files[0], open_page)
