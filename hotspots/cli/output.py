"""Answers: a table and a sentence for people, JSON for machines, files for an audience."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hotspots.core.errors import InputError
from hotspots.core.plain import plain, plain_records
from hotspots.core.record import manifest_entry
from hotspots.programmes.release_answer import ANSWER, release_answer
from hotspots.report.csv_geojson import write_csv, write_geojson
from hotspots.report.layers import leave_out_withheld, telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hotspots.cli.inputs import Gathered
    from hotspots.cli.options import Request
    from hotspots.core.caveats import Caveat
    from hotspots.core.record import RunRecord
    from hotspots.disclosure import Release

WIDTH = 32
KEPT = ("sign_off",)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a command found.

    Attributes
    ----------
    sentence
        The result in words.
    facts
        All of it, for JSON.
    table
        What is written to files.
    columns, most
        Those people see on the screen, and so many rows.
    text
        Lines to show instead of the table.
    cautions
        Caveats the sentence says itself.
    """

    sentence: str
    facts: dict[str, Any]
    table: pd.DataFrame
    columns: Sequence[str] = ()
    most: int = 30
    text: str = ""
    cautions: Sequence[Caveat] = ()


def deliver(answer: Answer, gathered: Gathered) -> None:
    """Show, write, and end with the sentence."""
    record, request = gathered.record, gathered.request
    released = release_answer(
        answer.table, record, incidents=gathered.asked(), product=gathered.product
    )
    table, gone = leave_out_withheld(released.tables[ANSWER])
    _spare_inputs(request, record)
    files = [_written(path, released) for path in request.out or ()]
    shown = telling(released.record, gone)
    if request.as_json:
        facts = {"areas": plain_records(table)} if released.withholds else answer.facts
        everything = plain(_around(facts, shown, gathered))
        typer.echo(json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(f"{answer.text or _as_text(table, answer.columns, answer.most)}\n")
    sentence = _withheld(record) if released.withholds else answer.sentence
    said = () if released.withholds else answer.cautions
    noted = [caveat for caveat in shown.caveats if caveat not in said]
    for line in dict.fromkeys(map(str, noted)):
        typer.echo(f"note: {line}")
    for finding in record.findings:
        if finding.severity == "warning":
            typer.echo(f"warning: {finding.through(request.door)}", err=True)
    for path in files:
        typer.echo(f"wrote {path}, marked {record.marking}")
    typer.echo("")
    typer.echo(sentence)


def _spare_inputs(request: Request, record: RunRecord) -> None:
    """Refuse to write over a file that was read."""
    named = [*(request.files or ()), request.product, request.fields]
    read = {path.resolve() for path in named if path is not None}
    names = {Path(source.name).name for source in record.sources}
    for path in request.out or ():
        if path.resolve() in read or (path.exists() and path.name in names):
            raise InputError(f"`out`: {path} was read as an input; write to another file.")


def _written(path: Path, released: Release) -> Path:
    if path.suffix.lower() == ".csv":
        return write_csv(released, path)
    if not hasattr(released.tables[ANSWER], "geom_type"):
        raise InputError("`out`: this answer has no outlines; write it as .csv.")
    return write_geojson(released, path)


def _around(facts: dict[str, Any], record: RunRecord, gathered: Gathered) -> dict[str, Any]:
    """The facts, and what a machine must know about the run."""
    manifest, door = record.manifest(), gathered.request.door
    warned = [found.through(door) for found in record.findings if found.severity == "warning"]
    kept = ("title", "marking", "audience", "rows", "caveats", "attributions")
    return {
        "command": gathered.request.command,
        **{name: manifest[name] for name in kept},
        "warnings": [manifest_entry(found) for found in warned],
        "result": facts,
    }


def _withheld(record: RunRecord) -> str:
    return (
        f"Shown as far as the audience {record.audience!r} may see it: small counts are withheld, "
        "others rounded. For the exact answer, ask without --audience."
    )


def _as_text(table: pd.DataFrame, columns: Sequence[str], most: int) -> str:
    """The columns people read, one row a line."""
    import pandas as pd

    if not len(table):
        return "(no rows)"
    kept = [name for name in columns if name in table.columns]
    if "disclosed_for" in table.columns:  # a column of withheld figures says nothing
        kept = [name for name in kept if name in KEPT or table[name].notna().any()]
    seen = pd.DataFrame(table)[kept].head(most)
    cells = {str(name): [_words(value) for value in seen[name]] for name in kept}
    text = pd.DataFrame(cells, index=seen.index).to_string()
    more = len(table) - len(seen)
    return f"{text}\n... and {more:,} more" if more else text


def _words(value: Any) -> str:
    """A number as people write it, a missing one as nothing."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
