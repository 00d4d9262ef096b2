"""The command ``hotspots``. Bodies import what they need, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots import __version__
from hotspots.checks import HotspotsError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotspots.product import TaskingProduct
    from hotspots.record import RunRecord

DATA_PROBLEM = 1
app = typer.Typer(
    name="hotspots",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find where crime and anti-social behaviour concentrate, and how much harm it does.",
)

OutOption = Annotated[Path, typer.Option("--out", help="Folder to write into; made if needed.")]


@app.callback(invoke_without_command=True)
def _about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(f"hotspots {__version__}")
        raise typer.Exit


@app.command()
def demo(out: OutOption = Path("hotspots-demo")) -> None:
    """Analyse real Leeds data of July 2018, and a synthetic town; no network needed."""
    from hotspots.demonstration import write_demonstration

    for made in write_demonstration(out):
        typer.echo(f"{made.folder.name}: ", nl=False)
        _say(made.record, made.files)
        typer.echo("")
    typer.echo(f"The demonstration is in {out.resolve()}")


@app.command()
def run(
    configuration: Annotated[Path, typer.Argument(help="Product configuration, a TOML file.")],
    out: OutOption = Path("hotspots-product"),
) -> None:
    """Make the tasking product a configuration file describes."""
    from hotspots.configuration import load_product

    _make(load_product(configuration), out)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Files, folders or archives of incidents.")],
    fields: Annotated[
        Path | None, typer.Option("--fields", help="Field map of one's own, a TOML file.")
    ] = None,
    save_fields: Annotated[
        Path | None,
        typer.Option("--save-fields", help="Save the guessed field map here, to correct and keep."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Say what is in a file, what is wrong with it, and what it can and cannot answer."""
    from hotspots.incidents import FieldMap, check_incidents

    layout = None if fields is None else FieldMap.from_toml(fields)
    report = check_incidents(list(files), fields=layout)
    content = report.to_dict()
    typer.echo(json.dumps(content, indent=2) if as_json else report.to_text())
    if save_fields is not None:
        _save_fields(content["guessed_field_maps"], save_fields)
    if not report.ok:
        raise typer.Exit(DATA_PROBLEM)


def main() -> None:
    """Run the command; a problem with the data is a message and exit code 1, never a traceback."""
    try:
        app()
    except HotspotsError as error:
        typer.echo(f"hotspots: {error}", err=True)
        sys.exit(DATA_PROBLEM)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"hotspots: {where}{error.strerror or error}", err=True)
        sys.exit(DATA_PROBLEM)


def _save_fields(guessed: Mapping[str, str], path: Path) -> None:
    """Write the one guessed field map; there must be exactly one."""
    if len(guessed) != 1:
        raise InputError(
            f"--save-fields saves one guessed field map; there are {len(guessed)}. Files in a "
            "known layout need none; check files of different layouts one by one."
        )
    (text,) = guessed.values()
    path.write_text(text, encoding="utf-8", newline="\n")
    typer.echo(f"Saved the guessed field map to {path}: look at it before you use it.", err=True)


def _make(product: TaskingProduct, folder: Path) -> None:
    """Run, write, and say so."""
    results = product.run()
    _say(results.record, results.write(folder))


def _say(record: RunRecord, files: Sequence[Path]) -> None:
    """What went in, what was written, what was found; warnings last."""
    typer.echo(
        f"{record.read:,} rows read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    )
    for path in files:
        typer.echo(f"  {path}  ({path.stat().st_size / 1024:,.0f} KB)")
    typer.echo("")
    for sentence in record.sentences.values():
        typer.echo(sentence)
    for finding in record.findings:
        if finding.severity == "warning":
            typer.echo(f"warning: {finding}", err=True)
