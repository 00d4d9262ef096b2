"""What makes up the count of a place, as its reader may see it: hours, offences, months.

The parts of a place sum to its count, so what is shown of some tells of the others, and all of them
together of the count. Parts are shown one after another, each in the classes that are left open by
those before it; whatever the count may be within its bounds, every part keeps three values, and the
bounds of the count stay where they were. So nothing that is decided beside the count (wards, the
next product) has to know of the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.crs import in_system_of
from hotspots.core.errors import DataError, listing, require
from hotspots.core.states import Shown
from hotspots.core.tables import has_shapes
from hotspots.disclosure.count_classes import OPEN_VALUES, class_name, class_of
from hotspots.disclosure.reckoning import ALWAYS, window_of
from hotspots.disclosure.rules import BASE, TIMES, counts_in_cells, first
from hotspots.disclosure.same_ground import OFFENCES, sharing_ground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.disclosure.rules import Reader

HOURS, MONTHS = "hours", "months"
KEYS = ["area_id", "theme", "breakdown", "part"]
SPARE = OPEN_VALUES - 1
UNNAMED = "(not shown)"
"""Offences of a place that are not shown, without their names: a name says that there was one."""
_OF_FILE = {*KEYS, *TIMES, "kind", "incident_count", "disclosed_for",
            "shown", "shown_low", "shown_high"}  # fmt: skip
"""Of released parts; what was joined to them since nobody judged."""


def release_breakdowns(
    breakdowns: pd.DataFrame,
    areas: Sequence[pd.DataFrame],
    reader: Reader,
    *,
    months: Sequence[pd.DataFrame] = (),
    earlier: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Parts of the counts of places, as far as a reader may see them.

    Parameters
    ----------
    breakdowns : DataFrame
        ``area_id``, ``theme``, ``breakdown``, ``part`` and ``incident_count``, exact, a row each
        part. The parts of a breakdown are the same whatever the counts (all four bands of six
        hours, each offence of the theme, "not known"), and sum to the count of the place. Parts of
        "months" are periods (``2025-07``). Choose places by their released ranks, never by exact
        ones: being there tells that a place was chosen.
    areas : sequence of DataFrame
        The released tables these places stand in.
    reader : Reader
        Who it is for.
    months : sequence of DataFrame
        Released counts by month, from :func:`months_of`.
    earlier : sequence of DataFrame
        What the reader has from before.

    Returns
    -------
    DataFrame
        The same rows; where something is withheld those of places that are listed. For partners
        ``incident_count`` is rounded to 5 and missing below 5, ``shown`` is the code,
        ``shown_low`` and ``shown_high`` are what a reader may conclude: a count without a
        ``shown_high`` is "8 or more". Offences that are not shown are one row a place, "(not
        shown)", which is there whether there were any or not. The public is shown none.

    Raises
    ------
    InputError
        For columns that are missing, and counts that are no whole numbers.
    DataError
        Where parts do not sum to the count of their place.

    Notes
    -----
    The order of parts that are shown alike is not known. Months are stretches of time and judged
    with all other windows of the place, of cells only. Of places on the same ground, the first by
    name has hours and offences; of themes that have incidents in common, the first by name has
    hours and none has offences; and where an earlier release breaks down the same ground on some of
    the same days, there is nothing.
    """
    flat = _checked(breakdowns)
    if reader.sees_everything:
        return _of_places(_with_bounds(flat.assign(shown=Shown.EXACT.value)), areas)
    listed = {
        pair
        for one in areas
        if "theme" in one
        for pair in zip(one["theme"], one.index, strict=True)
    }
    keys = pd.Series(zip(flat["theme"], flat["area_id"], strict=True), index=flat.index)
    flat = flat[keys.isin(listed)].reset_index(drop=True)
    safe = flat.assign(incident_count=np.nan, shown=Shown.LINKED.value)
    safe["shown_low"], safe["shown_high"] = 0.0, np.inf
    if reader.audience == "partner":
        for (theme, name), rows in flat.groupby(["theme", "breakdown"], sort=True):
            if name == MONTHS:
                _put(safe, rows, _seen_months(rows, months))
            elif _is_open(str(theme), str(name), flat, reader):
                before = _earlier(earlier, str(theme), str(name), reader)
                places = _places(rows, areas, str(theme), before)
                _put(safe, rows, _in_turn(rows, places, closed=name != OFFENCES))
    safe = _of_places(_without_names(safe).assign(disclosed_for=reader.audience), areas)
    whole = {
        name: safe[name].where(np.isfinite(safe[name])).astype("Int64")
        for name in ("shown_low", "shown_high")
    }
    return safe.assign(**whole)


def months_of(breakdowns: pd.DataFrame, cells: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The months among breakdowns of cells, as counts by period that are yet to be released."""
    flat = _checked(breakdowns)
    flat = flat[flat["breakdown"] == MONTHS].drop(columns="breakdown")
    known = {(theme, name) for one in cells if counts_in_cells(one)
             for theme, name in zip(one["theme"], one.index, strict=True)}  # fmt: skip
    keys = zip(flat["theme"], flat["area_id"], strict=True)
    of_cells = np.array([key in known for key in keys], dtype=bool)
    return flat[of_cells].rename(columns={"part": "period"})


def as_known(table: pd.DataFrame) -> list[pd.DataFrame]:
    """A table a reader has: the months among breakdowns as counts by period, others as they are."""
    if "breakdown" not in table.columns:
        return [table]
    flat = table.reset_index() if "area_id" in table.index.names else table
    monthly = flat["breakdown"] == MONTHS
    months = flat[monthly].drop(columns=["breakdown", "kind", *TIMES], errors="ignore")
    whole = "shown" not in flat  # of an internal file, which tells all counts of its areas as well
    months = months[months["incident_count"].notna()] if whole else months
    months = months.rename(columns={"part": "period"}).set_index(["area_id", "period"])
    each = [one for _, one in months.groupby("theme", sort=False)]
    return [*each, *([] if whole or monthly.all() else [flat[~monthly]])]


def parts_of_file(parts: pd.DataFrame | None, withheld: str | None) -> pd.DataFrame | None:
    """Parts as a file holds them; where something is withheld, those released for this audience."""
    if parts is None:
        return None
    flat = parts.reset_index() if "area_id" in parts.index.names else parts
    if withheld is None:
        return flat
    said = flat.reindex(columns=["incident_count", "shown_low", "shown_high"])
    number = said.apply(pd.to_numeric, errors="coerce").astype(float)
    wide = number["shown_high"].fillna(np.inf) - number["shown_low"] >= SPARE
    theirs = set(flat.get("disclosed_for", ())) == {withheld} and bool(
        number.notna().equals(said.notna())
        and not (number["incident_count"] % BASE).any()
        and wide.all()
    )
    return flat[[name for name in flat if name in _OF_FILE]] if theirs else None


def _checked(breakdowns: pd.DataFrame) -> pd.DataFrame:
    missing = {*KEYS, "incident_count"} - set(breakdowns.columns)
    require(not missing, f"`breakdowns` must have the column(s) {listing(sorted(missing))}.")
    flat = breakdowns[[*KEYS, "incident_count"]].reset_index(drop=True)
    counts = pd.to_numeric(flat["incident_count"], errors="coerce").astype(float)
    require(
        bool(((counts >= 0) & (counts % 1 == 0)).all()),
        "`breakdowns` must hold whole numbers of incidents; what falls between two parts needs a "
        'part of its own, for instance "not known".',
    )
    require(not flat.duplicated(KEYS).any(), "`breakdowns` must name every part once.")
    return flat.assign(incident_count=counts)


def _with_bounds(flat: pd.DataFrame) -> pd.DataFrame:
    whole = flat["incident_count"].astype("Int64")
    return flat.assign(shown_low=whole, shown_high=whole)


def _of_places(rows: pd.DataFrame, areas: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The kind of each place and its days, for the next release."""
    names = ["kind", *TIMES]
    keys = pd.MultiIndex.from_frame(rows[["theme", "area_id"]])
    found = [
        one.reindex(columns=[*names, "theme"]).set_index("theme", append=True).swaplevel()
        for one in areas
        if "theme" in one.columns
    ]
    if not found:
        return rows
    of = pd.concat([one.rename_axis(["theme", "area_id"]) for one in found])
    of = of[~of.index.duplicated()].reindex(keys)
    return rows.assign(**{name: of[name].array for name in names})


def _put(safe: pd.DataFrame, rows: pd.DataFrame, seen: pd.DataFrame) -> None:
    for name in seen.columns:
        safe.loc[rows.index, name] = seen[name].to_numpy()


def _seen_months(rows: pd.DataFrame, months: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The months as they were released among the counts by period."""
    names = ["incident_count", "shown", "shown_low", "shown_high"]
    flat = [one.reset_index().set_index(["area_id", "theme", "period"])[names] for one in months]
    keys = pd.MultiIndex.from_frame(rows[["area_id", "theme", "part"]])
    found = pd.concat(flat).reindex(keys) if flat else pd.DataFrame(index=keys, columns=names)
    found["shown"] = found["shown"].fillna(Shown.LINKED.value)
    found["shown_low"] = found["shown_low"].astype(float).fillna(0.0)
    found["shown_high"] = found["shown_high"].astype(float).fillna(np.inf)
    return found.astype({"incident_count": float})


def _is_open(theme: str, name: str, flat: pd.DataFrame, reader: Reader) -> bool:
    """Whether no other theme of this reader says something of the same parts."""
    common = {other for other in reader.themes if other != theme and reader.overlap(theme, other)}
    if name == OFFENCES:
        return not common
    same = set(flat.loc[flat["breakdown"] == name, "theme"].astype(str))
    return not any(other < theme for other in common & same)


def _earlier(
    tables: Sequence[pd.DataFrame], theme: str, name: str, reader: Reader
) -> list[pd.DataFrame]:
    """What earlier releases broke down in the same way: rows of themes with common incidents."""
    found = []
    for table in (one.reset_index() for one in tables if "breakdown" in one.columns):
        common = [str(one) == theme or reader.overlap(theme, str(one)) for one in table["theme"]]
        found.append(table[table["breakdown"].eq(name) & np.array(common)])
    return [rows for rows in found if len(rows)]


def _places(
    rows: pd.DataFrame, areas: Sequence[pd.DataFrame], theme: str, earlier: Sequence[pd.DataFrame]
) -> dict[str, tuple[float, float]]:
    """Fewest and most of each place whose parts may be shown, by what its table shows."""
    asked, ground = set(rows["area_id"]), list[pd.DataFrame]()
    found: dict[str, tuple[float, float]] = {}
    for table in areas:
        if not len(table) or not {"theme", "incident_count", "shown_high"} <= set(table.columns):
            continue
        here = table[table.index.isin(asked) & (table["theme"] == theme)]
        here = here[here["incident_count"].notna() & here["shown_high"].notna()]
        # Cells lie apart; of all others each is tried against those before it, by name.
        parts = [here] if counts_in_cells(here) else [here.loc[[n]] for n in sorted(here.index)]
        for part in parts:
            free = part[~(_shares_ground(part, ground) | _is_broken_down(part, earlier))]
            ground.append(free)
            found |= {n: (float(low), float(high)) for n, low, high in
                      free[["shown_low", "shown_high"]].itertuples() if n not in found}  # fmt: skip
    return found


def _shares_ground(places: pd.DataFrame, others: list[pd.DataFrame]) -> NDArray[np.bool_]:
    """Places on ground that another place of this release has."""
    taken = np.zeros(len(places), dtype=bool)
    for other in others:
        if has_shapes(places) and has_shapes(other):
            taken[sharing_ground(places.geometry, in_system_of(places, other).geometry)[0]] = True
    return taken


def _is_broken_down(places: pd.DataFrame, earlier: Sequence[pd.DataFrame]) -> NDArray[np.bool_]:
    """Places that an earlier release broke down, or may have: it counted in other areas."""
    taken = np.zeros(len(places), dtype=bool)
    now = window_of(places, ALWAYS) if len(places) else ALWAYS
    for rows in earlier:
        start, end = window_of(rows, now)
        if start < now[1] and now[0] < end:
            apart = "kind" not in rows or bool((rows["kind"] != first(places, "kind")).any())
            taken |= apart | places.index.isin(rows["area_id"])
    return taken


def _without_names(safe: pd.DataFrame) -> pd.DataFrame:
    """Offences that are not shown, one row for each place: which occurred nobody may read."""
    of = safe["breakdown"] == OFFENCES
    more = safe.loc[of, ["area_id", "theme", "breakdown"]].drop_duplicates()
    more = more.assign(part=UNNAMED, shown=Shown.LINKED.value, shown_low=0.0, shown_high=np.inf)
    return pd.concat([safe[~of | safe["incident_count"].notna()], more], ignore_index=True)


def _in_turn(
    rows: pd.DataFrame, places: dict[str, tuple[float, float]], *, closed: bool
) -> pd.DataFrame:
    """The parts of each place by their names, one after another; more of them unless closed."""
    counts, names = rows["incident_count"].to_numpy(), np.asarray(rows["part"].astype(str))
    shown, fewest, most = (np.full(len(rows), value) for value in (np.nan, 0.0, np.inf))
    codes = np.full(len(rows), Shown.LINKED.value, dtype=object)
    for place, at in rows.groupby("area_id", sort=False).indices.items():
        if place not in places:
            continue
        low, high = places[str(place)]
        if not low <= counts[at].sum() <= high:
            raise DataError(
                f"the parts of {place!s} ({rows['breakdown'].iloc[at[0]]}) must sum to its count, "
                f"{low:.0f} to {high:.0f}; got {counts[at].sum():.0f}. Count them from the same "
                "incidents, with a part for those that are in none.",
                rule="parts-of-a-count",
            )
        order = np.take(at, np.argsort(names[at], kind="stable"))
        classes = _classes(counts[order], low, high, closed=closed)
        for row, (least, top) in zip(order, classes, strict=True):
            shown[row] = class_name(least) if least else np.nan
            fewest[row], most[row], codes[row] = least, top, _code(least, top)
    columns = {"incident_count": shown, "shown_low": fewest, "shown_high": most, "shown": codes}
    return pd.DataFrame(columns, index=rows.index)


def _classes(
    counts: Any, low: float, high: float, *, closed: bool = True
) -> list[tuple[float, float]]:
    """The class in which each part is shown, one after another.

    With ``fewest`` and ``most`` the sums of the edges, a part keeps three values whatever the
    count may be, and the count keeps its own, if ``fewest + 2 <= low`` and ``most >= high + 2``.
    Classes that would break the first are one class without an upper end; of the last part those
    that would break the second are one that begins with 0.
    """
    fewest = most = 0.0
    found = []
    for number, edges in enumerate(zip(*class_of(np.asarray(counts)), strict=True), 1):
        top = _highest_start(low - SPARE - fewest)
        start, end = map(float, edges)
        # Only the last part can close the sum from above, so it alone has to leave the count its
        # upper end.
        if closed and number == len(counts):
            least_end = max(high + SPARE - most, BASE - 1.0)
            bottom = float(class_of(least_end)[1])
            start, end = (0.0, bottom) if end <= bottom else (start, end)
            top = 0.0 if top <= bottom else top
        start, end = (top, np.inf) if start >= top else (start, end)
        fewest, most = fewest + start, most + end
        found.append((start, end))
    return found


def _highest_start(room: float) -> float:
    """The first count of the highest class that begins at ``room`` or below it."""
    if room < BASE:
        return 0.0
    return float(class_of(np.floor(room))[0])


def _code(fewest: float, most: float) -> str:
    if fewest == 0:
        return (Shown.SMALL if most == BASE - 1 else Shown.LINKED).value
    return (Shown.ROUNDED if np.isfinite(most) else Shown.AT_LEAST).value
