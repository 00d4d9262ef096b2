"""The same incidents twice: in two files, in a month that came twice, in several rows of one."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.errors import Findings, listing
from hotspots.core.months import month_of, month_runs, month_words

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.io.incidents.parse_file import Part


def tell_overlaps(parts: list[Part], findings: Findings) -> None:
    """Rows whose reference came before, by file; a force and month that came twice is an error."""
    _refuse_months_twice(parts, findings)
    named = [part for part in parts if "reference" in part.frame.columns and len(part.frame)]
    if not named or (len(named) == 1 and not named[0].facts.get("repeated_references")):
        return
    sizes = [len(part.frame) for part in named]
    of_part = np.repeat(np.arange(len(named)), sizes)
    again, first = _came_before(pd.concat([part.frame["reference"] for part in named]), of_part)
    ends = np.cumsum(sizes)
    for number, (part, end, size) in enumerate(zip(named, ends, sizes, strict=True)):
        mine = again[end - size : end]
        homes = set(first[end - size : end][mine].tolist())
        kept = [named[one].fields.one_incident_is == "row" for one in homes | {number}]
        if mine.any() and any(kept):  # else `once` says how many are further rows of one incident
            others = sorted(homes - {number})
            _tell(part, mine, [named[other].source.label for other in others], findings)


def _came_before(
    references: pd.Series, of_part: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which rows have a reference that came before, and the part in which it came first."""
    codes, _ = pd.factorize(references)
    known = np.flatnonzero(codes >= 0)
    _, at = np.unique(codes[known], return_index=True)
    again = codes >= 0
    again[known[at]] = False
    home = np.append(of_part[known[at]], -1)
    return again, home[codes]


def once(table: gpd.GeoDataFrame, parts: list[Part], findings: Findings) -> gpd.GeoDataFrame:
    """The table with one row an incident, where its source says that a reference is one."""
    by_reference = [
        part.source.name for part in parts if part.fields.one_incident_is == "reference"
    ]
    if not by_reference or "reference" not in table.columns:
        return table
    asked = table["source"].isin(by_reference) & table["reference"].notna()
    further = asked & table["reference"].where(asked).duplicated()
    if further.any():
        rows = int(further.sum())
        findings.warn(
            "same-incident",
            f"rows that are further rows of an incident with the same reference: {rows:,}. The "
            f"first of each is kept, as the field map says; {int((~further).sum()):,} incidents.",
            rows=rows,
            file=str(table["source"][further].iloc[0]),
        )
    return table[~further]


def _refuse_months_twice(parts: list[Part], findings: Findings) -> None:
    """The same force and month in two files, as in two downloads, would count everything twice."""
    held: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        twice: dict[str, list[tuple[str, str]]] = {}
        for key in product(part.facts.get("police_forces", ()), part.facts.get("months", ())):
            for other in held.setdefault(key, []):
                twice.setdefault(other.source.label, []).append(key)
            held[key].append(part)
        for label, keys in twice.items():
            before = next(one for one in held[keys[0]] if one.source.label == label)
            if _alike(before.frame, part.frame):
                findings.error(
                    "month-twice",
                    f"every month of a force was expected once; {listing({f for f, _ in keys})} in "
                    f"{month_runs({month for _, month in keys}, month_words)} is in {label} too.",
                    file=part.source.label,
                    mend="Leave out the older of the two files.",
                )


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables share a reference, or one has none by which they could differ."""
    known = [table["reference"].dropna() for table in (one, other) if "reference" in table.columns]
    if len(known) < 2 or not all(map(len, known)):
        return True
    return bool(known[0].isin(known[1]).any())


def _tell(part: Part, again: NDArray[np.bool_], before: list[str], findings: Findings) -> None:
    rows, row = int(again.sum()), int(np.flatnonzero(again)[0])
    where = f" that are in {listing(before, most=3)} too" if before else " that came before"
    findings.warn(
        "reference-repeated",
        f"{rows:,} of its {len(again):,} rows{_whole_months(part, again)} have references{where}; "
        "all rows are kept.",
        rows=rows,
        file=part.source.name,
        line=int(part.frame["source_row"].iloc[row]),
        mend="Look whether the same incidents were loaded twice."
        if before
        else 'Say `one_incident_is="reference"` in the field map if a reference is one incident.',
    )


def _whole_months(part: Part, again: NDArray[np.bool_]) -> str:
    """The months of which every row came before, in brackets."""
    months = month_of(part.frame["occurred_from"]).reset_index(drop=True)
    whole = pd.Series(again).groupby(months).all()
    names = [str(month) for month in whole.index[whole]]
    return f" (all of {month_runs(names, month_words)})" if names else ""
