"""What a product tells, and whether it is still the same: ``hotspots audit`` and ``verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hotspots.cli.options import by_options, require_paths

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
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for row in found.to_dict()["areas"]:
            when = f", {row['start']} to {row['end']}" if "start" in row else ""
            most = "" if row["told"] else f" or {row['most']}"
            typer.echo(f"{row['area_id']} ({row['theme']}{when}): {row['fewest']}{most}")
        typer.echo(
            f"{len(found.areas):,} counts under 5 or unknown; {found.told:,} can be worked out "
            f"exactly, {found.narrow - found.told:,} to within two values."
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
        typer.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
    else:
        for word in ("missing", "changed"):
            for name in getattr(found, word):
                typer.echo(f"{word}: {name}")
        for name in found.extra:
            typer.echo(f"not of the product: {name}")
        typer.echo(f"{folder}: {found.state}")
    if found.state != "same":
        raise typer.Exit(PROBLEM)
