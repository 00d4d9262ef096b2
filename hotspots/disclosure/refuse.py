"""Every reason why a table cannot go to an audience, in one error."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import in_system_of
from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.record import PROTECT, require_protect_marking
from hotspots.core.tables import has_shapes
from hotspots.core.text.mends import Mend
from hotspots.disclosure.over_time import is_dated, window
from hotspots.disclosure.reckoning import ALWAYS, column_of, themes_joined, window_of
from hotspots.disclosure.rules import (
    FEWEST,
    OFF_ROAD,
    PUBLIC_KINDS,
    SMALLEST_CELL_KM2,
    STATISTICAL,
    STREETS,
    TILINGS,
    Reader,
    could_be_cells,
    count_columns,
    counts_in_cells,
    is_monthly,
    is_released,
    is_sensitive,
    theme_of,
)
from hotspots.disclosure.same_ground import sharing_ground

if TYPE_CHECKING:
    from hotspots.core.behind import Behind

MANY = 20
"""Cells with few incidents among which one has none, in any town."""
MOST = 2.0**53
"""Whole numbers above it are not told apart."""


def check_marking(reader: Reader) -> None:
    """A Protect product says so."""
    if reader.audience == PROTECT:
        require_protect_marking(reader.marking)


def warn_of_gaps(cells: list[pd.DataFrame], reader: Reader, behind: Behind) -> None:
    """Say what is not known, or not there, and would tell readers more than is shown."""
    _warn_of_themes(cells, reader, behind)
    _warn_of_left_out(cells, reader)


def _warn_of_themes(cells: list[pd.DataFrame], reader: Reader, behind: Behind) -> None:
    """Say where themes are taken to be apart because nothing is known: one may bound another."""
    themes = set().union(*(_values(table, "theme") for table in cells))
    unknown = not (behind.themes or behind.theme_parts)
    if len(themes) > 1 and unknown and not reader.sees_everything:
        warnings.warn(
            f"which of the themes {listing(themes)} have incidents in common is not known: the "
            "tables hold no column 'themes_behind'. They are shown as if none had, so that counts "
            "of one may narrow those of another. Keep the column, which stages write.",
            stacklevel=4,
        )


def _warn_of_left_out(cells: list[pd.DataFrame], reader: Reader) -> None:
    """Say where cells without incidents seem to be left out: one that is there then tells one."""
    for table in cells if not reader.sees_everything else ():
        counts = pd.to_numeric(table["incident_count"], errors="coerce")
        few = counts[counts < FEWEST]
        if counts_in_cells(table) and len(few) >= MANY and few.min() > 0:
            warnings.warn(
                f"of {len(few):,} cells of {theme_of(table)!r} with fewer than {FEWEST} incidents "
                "none has 0: if those were left out, each that is there tells that something "
                "happened. Give all cells of the study area, as aggregate_to_cells makes them.",
                stacklevel=4,
            )


def refuse(areas: pd.DataFrame, reader: Reader) -> None:
    """Every reason why this table cannot go to this audience, in one error."""
    findings, audience = Findings(), reader.audience
    kinds = set(map(str, areas["kind"].dropna().unique())) if "kind" in areas.columns else set()
    if audience != "protect" and any(kind.lower().startswith("protect") for kind in kinds):
        findings.error(
            "protect",
            f"Protect zones belong in a product of their own; got them in one for {audience!r}.",
            mend=Mend("protect-release"),
        )
    counted, before = count_columns(areas, reader), len(findings)
    for name, _ in counted:
        _check_counts(findings, areas[name], name)
    whole = len(findings) == before
    if audience in ("partner", "public") and not reader.published:
        if {"offence", "occurred_from"} & set(areas.columns) or _has_points(areas):
            findings.error(
                "points",
                f"a product for {audience!r} holds no incidents and no points; got a table of "
                "them. Give areas: aggregate_to_cells, or find_clusters for partners.",
            )
        if "hours" in areas.columns and areas["hours"].notna().any():
            findings.error(
                "hours-of-others",
                f"counts of certain hours are for internal use; got a table of them for "
                f"{audience!r}: with the counts of the whole day, or of other hours, they could be "
                "subtracted. Ask without hours.",
            )
        if "breakdown" in areas.columns:
            findings.error(
                "parts-as-table",
                f"parts of counts go to {audience!r} as `breakdowns` of a release, judged beside "
                "the counts they sum to; got them as a table of their own. Give them there.",
            )
        if counted and has_shapes(areas):
            _check_shapes(findings, areas)
        totals = counted and whole and not is_monthly(areas)
        if totals and not is_released(areas, reader):
            check = _refuse_public if audience == "public" else _refuse_partner
            check(areas, kinds, reader, findings)
    findings.raise_errors(InputError)


def _check_counts(findings: Findings, column: pd.Series, name: str) -> None:
    """Counts are whole and not below 0; a missing one is withheld already."""
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    whole = (number >= 0) & (number <= MOST) & (number == np.floor(number))
    wrong = column[column.notna() & ~whole]
    if len(wrong):
        findings.error(
            "no-counts",
            f"`areas` must hold counts in {name!r}, whole numbers of 0 or more; "
            f"{len(wrong):,} of {len(column):,} are none, for instance {wrong.iloc[0]}.",
            mend="Give the counts themselves; a rate or a difference takes a column of its own.",
        )


def _check_shapes(findings: Findings, areas: Any) -> None:
    """What is subtracted is worked out on the ground, where cells lie and outlines do not cross."""
    shapes = areas.geometry.to_numpy()
    wrong = ~shapely.is_valid(shapes)
    wrong &= counts_in_cells(areas) | ~shapely.is_missing(shapes)
    if wrong.any():
        findings.error(
            "shape",
            f"the outline of {listing(map(str, areas.index[wrong]))} is missing or crosses itself, "
            "so what lies in it is not known.",
            mend=Mend("repair-outlines"),
        )


def _refuse_public(
    areas: pd.DataFrame, kinds: set[str], reader: Reader, findings: Findings
) -> None:
    unfit = sorted(kinds - set(PUBLIC_KINDS))
    if not kinds and len(areas):
        unfit = ["no kind at all"]
    if unfit:
        findings.error(
            "geography",
            f"a public product shows {', '.join(PUBLIC_KINDS[:-1])} or {PUBLIC_KINDS[-1]}; got "
            f"{listing(unfit)}.",
            mend=Mend("public-areas"),
        )
    others = sorted((kinds | reader.geographies) - {min(kinds, default="")})
    if kinds and others:
        findings.error(
            "second-geography",
            f"a public product shows one geography; got {listing(kinds | set(others))}. Two of "
            "them can be subtracted. Leave out the totals of one; its outlines may stay.",
        )
    names = {count.removesuffix("_count") for count, _ in count_columns(areas, reader)}
    sensitive = set(filter(is_sensitive, names | _values(areas, "theme")))
    if sensitive:
        findings.error(
            "sensitive",
            f"a public product holds no sensitive theme; got {listing(sensitive)}.",
            mend="Leave it out; briefings for the public come from a product file without it.",
        )


def _refuse_partner(
    areas: pd.DataFrame, kinds: set[str], reader: Reader, findings: Findings
) -> None:
    both = _that_fit(kinds | reader.geographies)
    if both & kinds and len(both) > 1:
        findings.error(
            "second-geography",
            f"a product for partners counts in one kind of small area; got {listing(both)}. Two of "
            "them can be subtracted (wards and statistical areas fit exactly). Choose one; the "
            "outlines of the other may stay.",
        )
    if (STREETS | {OFF_ROAD}) & kinds and "zone_name" not in areas.columns:
        findings.error(
            "street-segments",
            "a product for partners holds no street segments, no runs of them and no sites drawn "
            "around incidents: these are counted to the nearest street, or to no street, and not "
            "by the outline, so no sum beside them can be judged. Recount in cells, clusters or "
            "zones.",
        )
    elif (counts_in_cells(areas) or could_be_cells(areas)) and len(areas):
        size = float((areas.geometry.area / 1e6).max())
        if size < SMALLEST_CELL_KM2:
            findings.error(
                "cell-size",
                f"cells for partners must be at least {SMALLEST_CELL_KM2} km², or they are points; "
                f"got {size:.4f} km². Recount in larger cells.",
            )


def overlapping(
    areas: pd.DataFrame, earlier: list[pd.DataFrame], audience: str
) -> list[pd.DataFrame]:
    """The earlier tables of the same theme and geography; an error for another geography.

    The error is for one that the same product could not hold either, over an overlapping period.
    What partners have is no second geography of the public: it is there because partners read what
    is public, too.
    """
    same = [table for table in earlier if _shares(table, areas, "theme")]
    kinds, findings, kept, second = _values(areas, "kind"), Findings(), [], []
    for table in same:
        then = _values(table, "kind")
        of_public = audience == "public" and "partner" not in _values(table, "disclosed_for")
        both = kinds | then if of_public else _that_fit(kinds | then)
        if not then or not kinds or then & kinds:
            kept.append(table)
        elif len(both) > 1 and _count(areas, table) and _overlap_in_time(areas, table):
            second.append(listing(then))
    for counted in dict.fromkeys(second):
        findings.error(
            "second-geography",
            f"these readers have counts in {counted} of an overlapping period, from an earlier "
            f"export or the product that was named, and these are in {listing(kinds)}: the two can "
            "be subtracted. Count in the same areas, or in a period that does not overlap; for "
            "internal use ask with that audience.",
        )
    findings.raise_errors(InputError)
    return kept


def _count(*tables: pd.DataFrame) -> bool:
    """Whether all say how many: outlines alone cannot be subtracted, and have no days."""
    return all(any(str(name).endswith("_count") for name in one.columns) for one in tables)


def refuse_cells_after_zones(areas: Any, earlier: list[Any], reader: Reader) -> None:
    """Cells are decided before the zones around them; a reader must not have these alone.

    Zones of a theme that shares incidents with theirs are no better.

    A ward of 18 to 22 that somebody has tells the last of its cells, once the others are shown.
    """
    if not counts_in_cells(areas):
        return
    themes, kinds = themes_joined(theme_of(areas), reader.parts), _values(areas, "kind")
    counted = [
        one for one in earlier
        if any(column_of(one, theme) for theme in themes) and has_shapes(one) and len(one)
        and not (is_dated(one) and is_dated(areas) and not _overlap_in_time(areas, one))
    ]  # fmt: skip
    same = [window_of(one, ALWAYS) for one in counted if _values(one, "kind") & kinds]
    counted = [one for one in counted if window_of(one, (same or [ALWAYS])[0]) not in same]
    over = {
        kind for one in counted
        if len(sharing_ground(areas.geometry, in_system_of(areas, one).geometry)[0])
        for kind in _values(one, "kind") or {"zone"}
    }  # fmt: skip
    require(
        not over,
        f"these readers have totals of {listing(over)} over this ground and these days, and no "
        "cells: cells shown now could be subtracted from them. Release cells together with zones, "
        "or choose a period that does not overlap.",
        rule="cells-after-zones",
    )


def _overlap_in_time(areas: pd.DataFrame, earlier: pd.DataFrame) -> bool:
    if len(areas) == 0 or len(earlier) == 0:
        return False
    (start, end), (start_then, end_then) = window(areas), window(earlier)
    return start < end_then and start_then < end


def _shares(one: pd.DataFrame, other: pd.DataFrame, column: str) -> bool:
    """Whether two tables have a value of a column in common, or one does not know its values."""
    values = _values(one, column), _values(other, column)
    return not all(values) or bool(values[0] & values[1])


def _values(table: pd.DataFrame, column: str) -> set[str]:
    return set(map(str, table[column].dropna().unique())) if column in table.columns else set()


def _that_fit(kinds: set[str]) -> set[str]:
    """Those that tile the same ground so finely, or so exactly, that they can be subtracted."""
    fit = {kind for kind in kinds if TILINGS.fullmatch(kind)}
    return fit | (kinds & {"ward"}) if any(map(STATISTICAL.fullmatch, fit)) else fit


def _has_points(areas: pd.DataFrame) -> bool:
    if not hasattr(areas, "geom_type") or len(areas) == 0:
        return False
    return bool(areas.geom_type.isin(["Point", "MultiPoint"]).any())
