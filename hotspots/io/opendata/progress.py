"""Progress in a terminal, nothing where the output is not one; and warnings in plain words."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotspots.io.opendata.retry import FetchProgress, Tell


@contextmanager
def on_terminal() -> Iterator[Tell | None]:
    """A function that draws progress on standard error; None where that is no terminal.

    Warnings are gathered meanwhile, and said at the end.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        with _bar() as tell:
            yield tell
    for warning in told:
        sys.stderr.write(f"warning: {warning.message}\n")


@contextmanager
def _bar() -> Iterator[Tell | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    tasks = {}
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def tell(now: FetchProgress) -> None:
            if now.unit not in tasks:
                tasks[now.unit] = bar.add_task(now.what, total=now.total, amount="")
            bar.update(
                tasks[now.unit], description=now.what, completed=now.done, total=now.total,
                amount=amount(now),
            )  # fmt: skip

        yield tell


def amount(now: FetchProgress) -> str:
    """How much of how much.

    Examples
    --------
    >>> from hotspots.io.opendata.retry import FetchProgress
    >>> amount(FetchProgress("a.zip", 25_500_000, 1_700_000_000, "bytes"))
    '26 of 1,700 MB'
    >>> amount(FetchProgress("Leeds", 2, None, "months"))
    '2 months'
    """
    unit, by = ("MB", 1e6) if now.unit == "bytes" else (now.unit, 1)
    done = f"{now.done / by:,.0f}"
    return f"{done} {unit}" if now.total is None else f"{done} of {now.total / by:,.0f} {unit}"
