"""Columns of which the audience may see not one value: left out, and named once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.disclosure.rules import WITHHELD

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

Frame = TypeVar("Frame", bound=pd.DataFrame)

LEFT_OUT = "columns-left-out"
_FIGURES = re.compile(r"(.+_)?(harm_low|harm_high)|.+_unweighted_count|count_per_km2")


def leave_out_withheld(table: Frame) -> tuple[Frame, list[str]]:
    """A table made safe for others, without the figures that are missing in every row; their names.

    Count, harm and rank stay even where all are withheld: readers of the files look for them. So
    does everything that is no figure: names, times, kinds, and columns to be filled in.

    Examples
    --------
    >>> safe = pd.DataFrame({"incident_count": [None], "z": [None], "disclosed_for": ["partner"]})
    >>> leave_out_withheld(safe)[1]
    ['z']
    """
    if "disclosed_for" not in table.columns or not len(table):
        return table, []
    gone = [
        str(name)
        for name in table.columns
        if (name in WITHHELD or _FIGURES.fullmatch(str(name))) and bool(table[name].isna().all())
    ]
    return table.drop(columns=gone), gone


def telling(record: RunRecord, columns: Iterable[str]) -> RunRecord:
    """A record with a caveat that names the columns left out, unless it has one already."""
    names = sorted(set(columns))
    if not names or any(caveat.rule == LEFT_OUT for caveat in record.caveats):
        return record
    caveat = Caveat(LEFT_OUT, {"columns": ", ".join(names)})
    return replace(record, caveats=[*record.caveats, caveat])
