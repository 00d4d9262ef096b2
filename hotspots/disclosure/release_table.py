"""One table made safe for its reader, and overlaps on the ground as it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic

import numpy as np
import pandas as pd

from hotspots.analysis.zones.overlaps import ground_shares
from hotspots.core.arguments import require_made
from hotspots.core.caveats import Caveat
from hotspots.core.crs import in_system_of
from hotspots.core.errors import require
from hotspots.core.states import HarmShown, Shown
from hotspots.core.tables import TableContract, has_shapes, require_table
from hotspots.disclosure.count_classes import with_bounds
from hotspots.disclosure.over_time import is_dated
from hotspots.disclosure.reckoning import Workings, counts_these, on_other_ground
from hotspots.disclosure.refuse import overlapping, refuse, refuse_cells_after_zones
from hotspots.disclosure.rules import (
    FEWEST,
    OUTLINED,
    OVERLAPPING,
    TILINGS,
    Frame,
    Reader,
    clusters_of,
    could_be_cells,
    count_columns,
    counts_in_cells,
    first,
    is_monthly,
    is_released,
    known_columns,
)
from hotspots.disclosure.same_ground import on_days
from hotspots.disclosure.suppress import (
    harm_band,
    harm_codes,
    in_order_of_names,
    months,
    names_and_density,
    ranked_again,
    totals,
)
from hotspots.disclosure.ward_names import wards_as_drawn

SHARES = ["share_of_area", "share_of_zone"]


@dataclass(frozen=True)
class ReleasedTable(Generic[Frame]):
    """A released table, and what is said of it."""

    table: Frame
    caveats: tuple[Caveat, ...] = ()
    choice: dict[str, Any] = field(default_factory=dict)


def release_table(
    areas: Frame,
    reader: Reader,
    *,
    earlier: Iterable[pd.DataFrame] = (),
    beside: Iterable[pd.DataFrame] = (),
    keep: Iterable[str] = (),
    workings: Workings | None = None,
) -> ReleasedTable[Frame]:
    """A copy of a table that is safe for its reader.

    Parameters
    ----------
    areas : GeoDataFrame or DataFrame
        Areas, zones with or without totals, area_periods or overlaps.
    reader : Reader
        Who it is for.
    earlier : iterable of DataFrame
        Tables that audience already has, monthly ones included, as the library made or wrote them.
        Where subtraction could tell a count under 5, counts are rounded more coarsely or withheld;
        another geography over an overlapping period is refused.
    beside : iterable of DataFrame
        The tables that the same release shows already. A number that would tell a count under 5
        beside them is rounded more coarsely or withheld.
    keep : iterable of str
        Further columns the caller vouches for. Columns the library does not know are left out.
    workings : Workings, optional
        What was worked out for the tables before this one.
    """
    refuse(areas, reader)
    if reader.sees_everything:
        open_to_all = reader.published and reader.audience not in ("internal", "protect")
        return ReleasedTable(areas.copy(), (Caveat("published"),) if open_to_all else ())
    if is_released(areas, reader):
        return ReleasedTable(_checked_again(areas, reader, set(keep)))
    safe, earlier = known_columns(areas, reader, set(keep)), list(earlier)
    # What says no days counts on those of the table beside it.
    beside = [on_days(one, areas) if is_dated(areas) else one for one in beside]
    before = overlapping(areas, earlier, reader.audience)
    same = overlapping(areas, beside, reader.audience)
    refuse_cells_after_zones(areas, earlier, reader)
    if "share_of_area" in areas.columns and not count_columns(areas, reader):
        safe["shown"] = Shown.SHARE.value
        safe = in_order_of_names(safe)
    elif is_monthly(areas):
        safe = months(safe, areas, reader, before, same, [*beside, *earlier], workings)
    elif count_columns(areas, reader):
        before += [on_days(one, areas) for one in same
                   if counts_these(one, areas) and not on_other_ground(one, areas)]  # fmt: skip
        safe = totals(safe, areas, reader, before, beside, earlier, workings)
    else:
        safe["shown"] = Shown.EXACT.value
    safe["disclosed_for"] = reader.audience
    return _told(safe, areas, reader)


def _checked_again(areas: Frame, reader: Reader, keep: set[str]) -> Frame:
    """A released table without what may have been joined to it since.

    Columns nobody knows go, derived ones are emptied, harm is the middle of a band or missing,
    and ranks, names, density and bounds follow from the counts once more.
    """
    safe = known_columns(areas, reader, keep)
    pairs = count_columns(areas, reader)
    codes = ["shown", "disclosed_for", *(f"{harm}_shown" for _, harm in pairs)]
    for name in codes:
        if name in areas.columns:
            safe[name] = areas[name]
    for count, harm in pairs:
        for name in {harm, "harm_low", "harm_high"} & set(safe.columns):
            safe[name] = safe[name].where(_is_band(areas, harm) & areas[count].notna())
    if pairs and not is_monthly(areas):
        held = np.asarray(areas[[count for count, _ in pairs]].isna().any(axis=1))
        names_and_density(safe, held)
        safe = ranked_again(safe)
    with_bounds(safe, [count for count, _ in pairs])
    kept = [name for name in areas.columns if name in safe.columns]
    return safe[[*kept, *(name for name in safe.columns if name not in kept)]]


def _is_band(areas: pd.DataFrame, harm: str) -> pd.Series:
    """Where harm is the middle of a band, as the library shows it."""
    values = areas[harm].astype(float) if harm in areas.columns else pd.Series(np.nan, areas.index)
    low, high = harm_band(np.asarray(values, dtype=np.float64))
    return pd.Series((low + high) / 2 == values, index=areas.index)


def _told(safe: Frame, areas: pd.DataFrame, reader: Reader) -> ReleasedTable[Frame]:
    """The table with what was withheld in it, for the manifest and for the page."""
    if not count_columns(areas, reader) or is_monthly(areas):
        return ReleasedTable(safe)
    kinds = sorted(set(areas["kind"].astype(str))) if "kind" in areas.columns else []
    themes = sorted(set(areas["theme"].dropna().astype(str))) if "theme" in areas.columns else []
    codes, bands = safe["shown"], pd.DataFrame(safe[harm_codes(safe)])
    held = int(codes.isin([Shown.SMALL, Shown.LINKED]).sum())
    harm = int(
        ((codes == Shown.ROUNDED) & bands.isin([HarmShown.WITHHELD.value]).any(axis=1)).sum()
    )
    caveats = []
    if "min_incidents" in areas.columns:  # always: how many there are would tell, too
        caveats.append(Caveat("clusters-left-out", {"fewest": FEWEST}))
    if bool(bands.isin([HarmShown.BAND.value]).any(axis=None)):
        caveats.append(Caveat("harm-bands"))
    if len(safe):
        about = {"what": tuple(themes) or ("totals",), "kinds": tuple(kinds) or ("areas",)}
        counts = {"held": held, "areas": len(safe), "harm": harm, "fewest": FEWEST}
        caveats.append(Caveat("withheld", about | counts))
    choice = {
        "audience": reader.audience,
        "geography": kinds,
        "themes": themes,
        "areas": len(safe),
        "counts_withheld": held,
        "harm_withheld": harm,
        "left_out": sorted(map(str, set(areas.columns) - set(safe.columns))),
    }
    return ReleasedTable(safe, tuple(caveats), choice)


def in_turn(
    tables: list[Frame],
    reader: Reader,
    earlier: list[pd.DataFrame],
    keep: Iterable[str] = (),
    area_periods: Iterable[tuple[str, pd.DataFrame]] = (),
) -> tuple[list[ReleasedTable[Frame]], list[ReleasedTable[pd.DataFrame]]]:
    """All tables of one release, in the order given, and its counts by period.

    Cells come first, then their periods, then zones and clusters beside both: what halves of a year
    say of a cell, a zone around it must not complete. Themes of one table are told one by one.
    """
    apart = [[one] if reader.sees_everything else _by_theme(one) for one in tables]
    parts = [(number, part) for number, some in enumerate(apart) for part in some]
    small = _cells_of([part for _, part in parts])
    told: dict[int, ReleasedTable[Frame]] = {}
    periods: list[ReleasedTable[pd.DataFrame]] = []
    workings = Workings()

    def make(table: Any, kept: Iterable[str] = keep) -> ReleasedTable[Any]:
        beside: list[pd.DataFrame] = [one.table for one in told.values()]
        beside += [one.table for one in periods]
        return release_table(
            table, reader, earlier=earlier, beside=beside, keep=kept, workings=workings
        )

    for at in small:
        told[at] = make(parts[at][1])
    for _, part in area_periods:
        periods.append(make(part, ()))
    for at in range(len(parts)):
        told[at] = told[at] if at in told else make(parts[at][1])
    every = [
        _joined([told[at] for at, (of, _) in enumerate(parts) if of == number])
        for number in range(len(tables))
    ]
    if not reader.sees_everything:
        beside = [*tables, *earlier]
        every = [
            one
            if is_released(exact, reader)
            else replace(one, table=wards_as_drawn(one.table, beside))
            for one, exact in zip(every, tables, strict=True)
        ]
    return every, [_of_listed(one, tables, every) for one in periods]


def _by_theme(table: Frame) -> list[Any]:
    """One table a theme; as it is where there is one or none."""
    if "theme" not in table.columns or table["theme"].nunique(dropna=False) < 2:
        return [table]
    return [part for _, part in table.groupby("theme", sort=False, dropna=False)]


def _joined(parts: list[ReleasedTable[Frame]]) -> ReleasedTable[Frame]:
    if len(parts) == 1:
        return parts[0]
    caveats = tuple(caveat for one in parts for caveat in one.caveats)
    table: Any = pd.concat([one.table for one in parts])
    return ReleasedTable(table, caveats, parts[0].choice | {"areas": len(table)})


def _of_listed(
    periods: ReleasedTable[pd.DataFrame],
    tables: list[Frame],
    told: list[ReleasedTable[Frame]],
) -> ReleasedTable[pd.DataFrame]:
    """Counts by period without areas that were left out of their table: a row would name them."""
    theme = first(periods.table, "theme")
    given, kept = (
        {name for table in some if first(table, "theme") == theme for name in table.index}
        for some in (tables, [one.table for one in told])
    )
    names = periods.table.index.get_level_values("area_id")
    return replace(periods, table=periods.table[~names.isin(given - kept)])


def _cells_of(tables: Sequence[pd.DataFrame]) -> list[int]:
    """Which tables are cells; of a theme without any, the first that could be."""
    small = [number for number, table in enumerate(tables) if counts_in_cells(table)]
    having = {first(tables[number], "theme") for number in small}
    for number, table in enumerate(tables):
        if first(table, "theme") not in having and could_be_cells(table):
            having.add(first(table, "theme"))
            small.append(number)
    return small


def tables_of(tables: Any, contract: TableContract, argument: str) -> list[pd.DataFrame]:
    """Tables of areas or zones as a list, checked, their index called as it should be."""
    single = isinstance(tables, pd.DataFrame) or not isinstance(tables, Iterable)
    several = [tables] if single else list(tables)
    for number, table in enumerate(several):
        require_table(table, contract, argument=f"{argument}[{number}]", only=[])
    return [
        table.rename_axis(contract.index) if table.index.nlevels == 1 else table
        for table in several
    ]


def split(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """One table a theme and kind, in the order given."""
    found = []
    for table in tables:
        keys = [name for name in ("theme", "kind") if name in table.columns]
        several = any(table[name].nunique(dropna=False) > 1 for name in keys)
        if several:
            found += [part for _, part in table.groupby(keys, sort=False, dropna=False)]
        else:
            found.append(table)
    return found


def _several(tables: Any, argument: str, how: str) -> list[pd.DataFrame]:
    """One table, several or none, as a list."""
    single = isinstance(tables, (pd.DataFrame, pd.Series)) or not isinstance(tables, Iterable)
    several = [] if tables is None else [tables] if single else list(tables)
    for one in several:
        require_made(argument, one, pd.DataFrame, how)
    return several


def by_theme(area_periods: Any) -> list[tuple[str, pd.DataFrame]]:
    """Counts by period, one table a theme, identities in the index."""
    found = []
    for table in _several(area_periods, "area_periods", "count_by_period(areas, incidents)"):
        flat = table if "area_id" in table.columns else _named(table).reset_index()
        missing = {"area_id", "theme", "period", "incident_count"} - set(flat.columns)
        require(not missing, f"`area_periods` must have the column(s) {sorted(missing)}.")
        parts = flat.set_index(["area_id", "period"]).groupby("theme", sort=False, dropna=False)
        found += [("" if pd.isna(theme) else str(theme), part) for theme, part in parts]
    return found


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table if "area_id" in table.index.names else table.rename_axis("area_id")


def is_outlined(table: pd.DataFrame, among: Iterable[pd.DataFrame]) -> bool:
    """Whether areas are drawn as outlines: clusters, and what does not tile beside what does."""
    if not len(table):
        return "min_incidents" in table.columns
    if str(first(table, "kind")) in OUTLINED | OVERLAPPING:
        return True
    theme = first(table, "theme")
    beside = (other for other in among if len(other) and first(other, "theme") == theme)
    return not _tiles(table) and any(map(_tiles, beside))


def _tiles(table: pd.DataFrame) -> bool:
    return TILINGS.fullmatch(str(first(table, "kind"))) is not None


def values(table: pd.DataFrame, column: str) -> list[Any]:
    """What a column holds, each value once."""
    return list(table[column].dropna().unique()) if column in table.columns else []


def release_overlaps(
    overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None,
    areas: Sequence[pd.DataFrame],
    zones: Sequence[pd.DataFrame],
    reader: Reader,
) -> ReleasedTable[pd.DataFrame] | None:
    """All overlaps in one table, made safe; none where there are none.

    ``areas`` and ``zones`` are released already. Where something is withheld, areas that are left
    out are left out here, too; a zone that is there for an incident on its border alone goes; and
    clusters, which are drawn on squares, have the shares of these: two exact shares tell the size
    of the exact outline, and so how many places lie in it.
    """
    pairs = together(overlaps)
    if pairs is None:
        return None
    told = release_table(pairs, reader)
    if reader.sees_everything:
        return told
    return replace(told, table=_as_drawn(told.table, areas, zones))


def _as_drawn(pairs: pd.DataFrame, areas: Sequence[Any], zones: Sequence[Any]) -> pd.DataFrame:
    pairs = pairs[pairs["share_of_area"].ne(0)]
    if areas:
        listed = pd.Index([name for table in areas for name in table.index])
        pairs = pairs[pairs.index.get_level_values("area_id").isin(listed)]
    drawn = [part for table in areas if len(part := table[clusters_of(table)])]
    outlines = [table for table in zones if has_shapes(table) and len(table)]
    names = pairs.index.get_level_values("area_id")
    mine = np.asarray(names.isin([name for table in drawn for name in table.index]))
    safe = pairs.copy()
    safe.loc[mine, SHARES] = np.nan
    if drawn and outlines and mine.any():
        ground: Any = pd.concat([in_system_of(outlines[0], one) for one in outlines])
        squares: Any = pd.concat([in_system_of(ground, one) for one in drawn])
        shares = ground_shares(squares, ground)
        shares = shares[~shares.index.duplicated()]
        safe.loc[mine, SHARES] = shares.reindex(pairs.index[mine]).to_numpy()
    return safe


def together(overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None) -> pd.DataFrame | None:
    """All overlaps in one table; areas of the same ground are named once."""
    several = _several(overlaps, "overlaps", "relate_to_zones(areas, zones, incidents)")
    if not several:
        return None
    keys = ["area_id", "zone_id"]
    flat = [
        table.reset_index() if set(keys) & set(table.index.names) else table for table in several
    ]
    for table in flat:
        missing = [name for name in (*keys, "share_of_area") if name not in table]
        require(not missing, f"`overlaps` must be a table of overlaps; it lacks {missing}.")
    return pd.concat(flat, ignore_index=True).drop_duplicates(keys).set_index(keys)
