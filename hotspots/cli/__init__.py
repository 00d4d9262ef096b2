"""The partnership's programmes from the command line: ``hotspots jemlock | chb | pspo ...``.

Commands ask, call one function of the library, and say the answer; they compute nothing. Bodies
import what they need, so that ``--help`` answers at once.
"""

from __future__ import annotations

import typer

from hotspots.cli.evidence_commands import change, pspo
from hotspots.cli.place_commands import chb, jemlock, roads, wards
from hotspots.cli.product_commands import audit, init, place, verify
from hotspots.cli.watch_commands import new, timetable, watch
from hotspots.cli.when_commands import repeats, when

__all__ = ["add_commands"]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the front door."""
    places = (jemlock, chb, wards, roads, pspo)
    times = (when, repeats, new, watch, timetable)
    for command in (init, place, *places, change, *times, audit, verify):
        app.command()(command)
