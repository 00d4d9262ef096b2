"""One line on the terminal that says what is being done; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def silent(_: str) -> None:
    """Say nothing."""


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
