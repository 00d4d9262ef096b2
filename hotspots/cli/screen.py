"""What a command says on the screen, or into a pipe: nothing in it moves a terminal."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from hotspots.core.plain import still_text

if TYPE_CHECKING:
    from hotspots.core.errors import Finding
    from hotspots.core.record import RunRecord
    from hotspots.core.text.doors import Door

LONGEST_LINE = 100


def silent(_: str) -> None:
    """Say nothing."""


def say(text: str = "", *, err: bool = False, end: str = "\n") -> None:
    """Print text as it is, but for what would move a terminal, or turn the writing.

    Names come from files: of incidents, zones, themes, and of the files themselves.
    """
    typer.echo(still_text(text) + end, err=err, nl=False)


def say_json(content: Any) -> None:
    """Print JSON in ASCII, which every console and pipe has; other letters stand as their codes."""
    typer.echo(json.dumps(content, indent=2, allow_nan=False).replace("\x7f", "\\u007f"))


@contextmanager
def progress_line(wanted: bool = True) -> Iterator[Callable[[str], None]]:
    """A function that says what is being done; told nothing, it makes room for an answer.

    It writes to standard error, and only to a terminal: files and pipes hold answers.
    """
    if not (wanted and sys.stderr.isatty()):
        yield silent
        return
    from rich.console import Console

    status = Console(stderr=True).status("")

    def say(words: str) -> None:
        if words:
            status.update(words)
            status.start()
        else:
            status.stop()

    try:
        yield say
    finally:
        status.stop()


def say_words(words: str, *, err: bool = False) -> None:
    """Print words: on a terminal in lines that end between words, in a file each as one line."""
    words = still_text(words)
    if (sys.stderr if err else sys.stdout).isatty():
        words = in_lines(words, max(20, min(shutil.get_terminal_size().columns, LONGEST_LINE)))
    say(words, err=err)


def say_fault(words: object) -> None:
    """Print why nothing was done."""
    say(f"hotspots: {words}", err=True)


def in_lines(words: str, width: int) -> str:
    r"""Words in lines of so many letters; what goes on from a line above stands further in.

    Examples
    --------
    >>> print(in_lines("Boar Lane leads.\nnote: a hotspot is not grounds.", 20))
    Boar Lane leads.
    note: a hotspot is
      not grounds.
    """
    made = textwrap.TextWrapper(
        width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(made.fill(line) for line in words.split("\n"))


def say_product(
    record: RunRecord, files: Sequence[Path], door: Door, *, quiet: bool = False,
    told: list[Finding] | None = None,
) -> None:  # fmt: skip
    """What was found, what went in, what was written; warnings last, but those ``told`` before."""
    rows = f"{record.read:,} rows read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    say_words(rows if record.sources else record.title)
    for caveat in record.caveats:
        if caveat.is_loud:
            say_words(f"NOTE WELL: {caveat}")
    for sentence in record.sentences.values():
        say_words(sentence)
    if quiet:
        return
    say()
    say_files(files, "  ")
    told = [] if told is None else told
    for finding in record.findings:
        if finding.severity == "warning" and finding not in told:
            say_words(f"warning: {finding.through(door)}", err=True)
            told.append(finding)


def show(page: Path, open_page: bool) -> None:
    """Name the page to look at, and open it where that was asked for."""
    say(f"Open {page.resolve()}")
    if open_page:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def say_files(files: Sequence[Path], before: str = "") -> None:
    """What is there now."""
    for path in files:
        say(f"{before}{path}  ({path.stat().st_size / 1024:,.0f} KB)")
