"""Answers: a table and a sentence for a terminal, JSON for machines, files for an audience."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.cli.screen import say, say_json, say_words
from hotspots.core.errors import InputError, listing
from hotspots.core.plain import clipped, one_line, plain, plain_records
from hotspots.core.record import NOT_GROUNDS, manifest_entry, sha256_of
from hotspots.core.totals import period_columns
from hotspots.io.incidents.find_files import may_hold_incidents
from hotspots.offences.tell_themes import keep_themes
from hotspots.programmes.release_answer import ANSWER, refuse_unfit, release_answer
from hotspots.report.answer import ReleasedAnswer, require_writable, write_answer
from hotspots.report.layers import leave_out_withheld, telling
from hotspots.report.text.decision_words import told_caveats
from hotspots.report.text.section_words import HEADINGS, RANGES, cells_of, heading_of
from hotspots.report.text.words import READERS

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from hotspots.cli.inputs import Gathered
    from hotspots.core.caveats import Caveat
    from hotspots.core.record import RunRecord
    from hotspots.disclosure import Release

BETTER_IF_LOW = ("rank", "mean_rank")
GAP, NARROWEST, WIDEST = 2, 14, 32
NARROW = 80
OVER_INPUT = "`{option}`: {path} was read as an input; write to another file."


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
        How a page lays it out; see :class:`hotspots.report.answer.ReleasedAnswer`.
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
    _keep_to_the_point(answer, record)
    released = _released(answer.table, gathered)
    table, gone = leave_out_withheld(released.tables[ANSWER])
    shown = telling(released.record, gone)
    files = _write(answer, gathered, released, shown)
    request.say("")
    if request.as_json:
        facts = {"areas": plain_records(table)} if released.withholds else answer.facts
        everything = plain(_around(facts, shown, gathered))
        say_json(everything)
        return
    withheld = f"{_withheld(record)} For the exact answer, ask with --audience internal."
    say_words(withheld if released.withholds else answer.on_screen)
    most = request.limit or answer.most
    labels = {name: status.label for name, status in record.themes.items()}
    rows = answer.text or table_text(
        table, answer.columns, most=most, sort=request.sort, labels=labels
    )
    say(f"\n{rows}")
    _say_more(answer, shown, gathered, withheld=released.withholds)
    for number, path in enumerate(files):
        say(f"{'' if number else chr(10)}wrote {path}, marked {record.marking}")


def _keep_to_the_point(answer: Answer, record: RunRecord) -> None:
    """What is said of themes that the answer is not of belongs to other answers."""
    drawn = answer.table if answer.outlines is None else answer.outlines
    themes = set(drawn["theme"].dropna()) if "theme" in drawn else set()
    if themes and themes <= set(record.themes):
        keep_themes(record, themes)


def _say_more(answer: Answer, shown: RunRecord, gathered: Gathered, *, withheld: bool) -> None:
    """What a reader must know beside the answer; of it, a quiet command says the gravest alone."""
    said = () if withheld or answer.brief else answer.cautions
    also = () if withheld else answer.cautions
    noted = [one for one in (*also, *shown.caveats) if one not in said]
    warned = [one for one in shown.findings if one.severity == "warning"]
    if gathered.request.quiet:
        noted, warned = [one for one in noted if one.is_loud or one == NOT_GROUNDS], []
    lines = told_caveats(noted, shown.themes)
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
    _spare_inputs(gathered)
    safe = not released.withholds
    cautions = (*answer.cautions, *record.caveats) if safe else record.caveats
    drawn = answer.table if answer.outlines is None else answer.outlines
    outlines = None
    if hasattr(drawn, "geom_type"):
        same = answer.outlines is None and gathered.given  # dated already, see _released
        outlines = released if same else _released(_dated(drawn, gathered), gathered)
    words = answer.on_screen if safe else _withheld(gathered.record)
    notes = told_caveats(cautions, record.themes)
    shown = ReleasedAnswer(
        released,
        heading=answer.heading,
        words=[words],
        columns=answer.columns,
        notes=[note for note in notes if note not in words],
        outlines=outlines,
        sheets=answer.sheets,
        matrix=answer.matrix if safe else None,
        parts=answer.parts if safe else {},
        of_product=gathered.product is not None,
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


def _spare_inputs(gathered: Gathered) -> None:
    """Refuse to write over a file that was read, or one of a folder or an archive with rows."""
    given, product = gathered.request, gathered.product
    names = {part for source in gathered.read for part in Path(source).parts}
    hashes = set() if product is None else set(product.inputs.values())
    under = () if product is None else product.backdrop
    for path in given.out or ():
        spare_inputs("out", path, [*given.named, *under])
        if path.is_file() and (path.name in names or sha256_of(path) in hashes):
            raise InputError(OVER_INPUT.format(option="out", path=path))


def spare_inputs(option: str, path: Path, named: Iterable[str | Path]) -> None:
    """Refuse to write over what was named to be read: a file, FILE:LAYER, NAME=FILE, a folder's."""
    read: set[Path] = set()
    for text in map(str, named):
        for one in filter(None, (text, text.rpartition(":")[0], text.partition("=")[2])):
            with suppress(OSError, ValueError):
                read.add(Path(one).resolve())
    target = path.resolve()
    held = target.is_file() and may_hold_incidents(target.name)
    if target in read or (held and not read.isdisjoint(target.parents)):
        raise InputError(OVER_INPUT.format(option=option, path=path))


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
    reader = READERS[record.audience].lower()
    return f"Shown as far as {reader} may see it: small counts are withheld, others rounded."


def table_text(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    most: int,
    sort: str | None = None,
    labels: Mapping[str, str] | None = None,
    width: int | None = None,
) -> str:
    """The columns people read, as many as fit; the names of those that do not.

    Parameters
    ----------
    table : DataFrame
        What was found; where it has several themes, each stands under its own heading.
    columns : sequence of str
        Columns in reading order; those the table does not have, or that say nothing, are left out.
    most : int
        Rows shown of each theme.
    sort : str, optional
        Column to sort by: numbers from the highest, ranks from the first, texts from A.
    labels : mapping of str to str, optional
        What each theme is called.
    width : int, optional
        Letters in a line; those of the terminal, or 80, by default.

    Examples
    --------
    >>> import pandas as pd
    >>> ranked = pd.DataFrame({"place_name": ["Quay", "Mill"], "rank": [2, 1],
    ...                        "rank_low": [1, 1], "rank_high": [40, 2]})
    >>> print(table_text(ranked, ["rank", "place_name"], most=1, sort="rank", width=80))
    rank        place
    1 (1 to 2)  Mill
    ... and 1 more
    """
    if not len(table):
        return "(no rows)"
    ordered = _sorted(table, columns, sort)
    several = "theme" in ordered and ordered["theme"].nunique() > 1
    parts = list(ordered.groupby("theme", sort=False)) if several else [("", ordered)]
    telling = _telling(ordered, columns)
    shown = {name: [_cells(part, name)[:most] for _, part in parts] for name in telling}
    fitting, left_out = _fitting(shown, width or shutil.get_terminal_size((NARROW, 24)).columns)
    lines: list[str] = []
    for number, (theme, part) in enumerate(parts):
        lines += ["", (labels or {}).get(str(theme), str(theme))] if several else []
        lines += _lines({name: (wide, shown[name][number]) for name, wide in fitting.items()})
        more = len(part) - most
        lines += [f"... and {more:,} more"] if more > 0 else []
    if left_out:
        lines.append(f"Not shown for want of width: {', '.join(left_out)}.")
    return "\n".join(lines).strip("\n")


def _sorted(table: pd.DataFrame, columns: Sequence[str], sort: str | None) -> pd.DataFrame:
    if sort is None:
        return table
    named = {HEADINGS[name]: name for name in columns if name in HEADINGS and name in table}
    name = named.get(sort, sort)
    if name not in table.columns or name == "geometry":
        known = [name for name in columns if name in table.columns]
        raise InputError(f"`sort` must be one of {listing(known, most=30)}; got {sort!r}.")
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    number = is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])
    ascending = not number or name in BETTER_IF_LOW
    return table.sort_values(name, ascending=ascending, kind="stable")


def _telling(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns that are there and say something of any row."""
    ends = {end for pair in RANGES.values() for end in pair}
    there = [name for name in columns if name in table.columns and name not in ends]
    return [name for name in there if name != "theme" and any(_cells(table, name))]


def _cells(table: pd.DataFrame, name: str) -> list[str]:
    return [clipped(one_line(cell), WIDEST) for cell in cells_of(table, name)]


def _fitting(shown: dict[str, list[list[str]]], width: int) -> tuple[dict[str, int], list[str]]:
    """The columns from the left that fit, with their widths; words give way to numbers first."""
    wide = {
        name: max(len(heading_of(name)), *(len(cell) for part in parts for cell in part))
        for name, parts in shown.items()
    }
    texts = [name for name in wide if name.endswith("name")]
    names = list(wide)
    while len(names) > 1 and _over(wide, names, texts, width) > 0:
        names.pop()
    over = _over(wide, names, [], width)
    for name in texts:
        if name in names and over > 0:
            least = max(NARROWEST, wide[name] - over)
            over -= wide[name] - min(wide[name], least)
            wide[name] = min(wide[name], least)
    gone = [heading_of(name) for name in wide if name not in names]
    return {name: wide[name] for name in names}, gone


def _over(wide: dict[str, int], names: list[str], texts: list[str], width: int) -> int:
    needed = (min(wide[name], NARROWEST) if name in texts else wide[name] for name in names)
    return sum(needed) + GAP * (len(names) - 1) - width


def _lines(columns: dict[str, tuple[int, list[str]]]) -> Iterator[str]:
    """The heading and the rows; numbers end, and words begin, where their column does."""
    gap = " " * GAP
    cells = [[heading_of(name), *values] for name, (_, values) in columns.items()]
    right = [all(_is_number(value) for value in values) for _, values in columns.values()]
    for row in zip(*cells, strict=True):
        parts = (
            clipped(cell, wide).rjust(wide) if numeric else clipped(cell, wide).ljust(wide)
            for cell, (wide, _), numeric in zip(row, columns.values(), right, strict=True)
        )
        yield gap.join(parts).rstrip()


def _is_number(cell: str) -> bool:
    return not cell.removeprefix("withheld").strip("+-0123456789.,=%")
