"""Answers: a table and a sentence for people, JSON for machines, files for an audience."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hotspots.cli.progress import say_words
from hotspots.cli.screen import table_text
from hotspots.core.errors import InputError
from hotspots.core.plain import plain, plain_records
from hotspots.core.record import NOT_GROUNDS, manifest_entry
from hotspots.core.totals import period_columns
from hotspots.programmes.release_answer import ANSWER, refuse_unfit, release_answer
from hotspots.report.answer import Shown, require_writable, write_answer
from hotspots.report.layers import leave_out_withheld, telling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from hotspots.cli.inputs import Gathered
    from hotspots.cli.options import Request
    from hotspots.core.caveats import Caveat
    from hotspots.core.record import RunRecord
    from hotspots.disclosure import Release


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
    brief
        A shorter sentence for the screen, where the table says the rest.
    heading
        What the table is about, on top of a page.
    outlines
        The areas it is about, where the table itself has no shapes.
    sheets, matrix, parts
        How a page lays it out; see :class:`hotspots.report.answer.Shown`.
    """

    sentence: str
    facts: dict[str, Any]
    table: pd.DataFrame
    columns: Sequence[str] = ()
    most: int = 30
    text: str = ""
    cautions: Sequence[Caveat] = ()
    brief: str = ""
    heading: str = ""
    outlines: pd.DataFrame | None = None
    sheets: Collection[str] = ()
    matrix: pd.DataFrame | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_screen(self) -> str:
        """The words that stand above the table."""
        return self.brief or self.sentence


def deliver(answer: Answer, gathered: Gathered) -> None:
    """Say the answer, show its table, then what else a reader must know."""
    record, request = gathered.record, gathered.request
    released = _released(answer.table, gathered)
    table, gone = leave_out_withheld(released.tables[ANSWER])
    shown = telling(released.record, gone)
    files = _write(answer, gathered, released, shown)
    request.say("")
    if request.as_json:
        facts = {"areas": plain_records(table)} if released.withholds else answer.facts
        everything = plain(_around(facts, shown, gathered))
        typer.echo(json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False))
        return
    say_words(_withheld(record) if released.withholds else answer.on_screen)
    most = request.limit or answer.most
    rows = answer.text or table_text(
        table, answer.columns, most=most, sort=request.sort, labels=_labels(record)
    )
    typer.echo(f"\n{rows}")
    _say_more(answer, shown, gathered, withheld=released.withholds)
    for path in files:
        typer.echo(f"\nwrote {path}, marked {record.marking}")


def _labels(record: RunRecord) -> dict[str, str]:
    return {name: status.label for name, status in record.themes.items()}


def _say_more(answer: Answer, shown: RunRecord, gathered: Gathered, *, withheld: bool) -> None:
    """What a reader must know beside the answer; of it, a quiet command says the gravest alone."""
    said = () if withheld or answer.brief else answer.cautions
    also = () if withheld else answer.cautions
    noted = [one for one in (*also, *shown.caveats) if one not in said]
    warned = [one for one in gathered.record.findings if one.severity == "warning"]
    if gathered.request.quiet:
        noted, warned = [one for one in noted if one.is_loud or one == NOT_GROUNDS], []
    lines = list(dict.fromkeys(map(str, noted)))
    if lines:
        say_words("".join(f"\nnote: {line}" for line in lines))
    for finding in warned:
        if finding.message in lines:  # a caveat that is found says so both ways
            continue
        say_words(f"warning: {finding.through(gathered.request.door)}", err=True)


def _released(table: pd.DataFrame, gathered: Gathered) -> Release:
    refuse_unfit(table, gathered.record, gathered.behind)
    if hasattr(table, "geom_type") and gathered.given:
        table = _dated(table, gathered)
    return release_answer(table, gathered.record, behind=gathered.behind, given=gathered.given)


def _write(
    answer: Answer, gathered: Gathered, released: Release, record: RunRecord
) -> Sequence[Path]:
    """The files asked for, all from what the reader may have; none if one of them cannot be."""
    paths = gathered.request.out or ()
    if not paths:
        return ()
    _spare_inputs(gathered.request, gathered.incidents["source"])
    safe = not released.withholds
    cautions = (*answer.cautions, *record.caveats) if safe else record.caveats
    drawn = answer.table if answer.outlines is None else answer.outlines
    outlines = None
    if hasattr(drawn, "geom_type"):
        same = answer.outlines is None and gathered.given  # dated already, see _released
        outlines = released if same else _released(_dated(drawn, gathered), gathered)
    shown = Shown(
        released,
        heading=answer.heading,
        words=[answer.on_screen] if safe else [_withheld(gathered.record)],
        columns=answer.columns,
        notes=[str(one) for one in cautions],
        outlines=outlines,
        sheets=answer.sheets,
        matrix=answer.matrix if safe else None,
        parts=answer.parts if safe else {},
        under=_streets(gathered, released) if answer.sheets else None,
    )
    require_writable(shown, paths)
    return [write_answer(shown, path) for path in paths]


def _streets(gathered: Gathered, released: Release) -> Sequence[Any]:
    """What lies under the areas of a sheet: as under the product's page, else named by the data."""
    from hotspots.programmes.tasking.around import STREETS, under_areas

    given = gathered.product.backdrop if gathered.product else STREETS
    incidents, within = gathered.incidents, gathered.within
    return under_areas(given, released, incidents=incidents, within=within)


def _dated(areas: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    """Areas with the time they are about: that asked about, or all there is."""
    if "period_from" in areas:
        return areas
    return areas.assign(**period_columns(gathered.asked()))


def _spare_inputs(request: Request, sources: pd.Series) -> None:
    """Refuse to write over a file that was read, or a folder's or an archive's that has rows."""
    named = [*(request.files or ()), request.product, request.fields]
    read = {path.resolve() for path in named if path is not None}
    names = {part for source in sources.unique() for part in Path(str(source)).parts}
    for path in request.out or ():
        if path.resolve() in read or (path.exists() and path.name in names):
            raise InputError(f"`out`: {path} was read as an input; write to another file.")


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
