"""Areas, zones and months with totals: what of them is shown, banded, rounded or withheld."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.states import HarmShown, Shown
from hotspots.core.tables import has_shapes
from hotspots.disclosure.beside_zones import (
    ZonesBefore,
    cells_in_turn,
    months_in_turn,
    zones_before,
)
from hotspots.disclosure.count_classes import Seen, with_bounds
from hotspots.disclosure.over_space import shown_beside
from hotspots.disclosure.over_time import (
    ALONE,
    cut_by_earlier,
    days_of,
    periods_overlap,
    what_is_known,
    window,
)
from hotspots.disclosure.reckoning import ALWAYS, window_of
from hotspots.disclosure.rules import (
    FEWEST,
    MANY,
    MOST_HARM_EACH,
    MOST_SHARE,
    NAMES,
    NO_SHARE,
    SQUARE_M,
    Frame,
    count_columns,
    counts_in_cells,
    is_monthly,
    rounded,
    theme_of,
)
from hotspots.disclosure.same_ground import (
    has_band_beside,
    held_beside,
    sharing_ground,
    themes_beside,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hotspots.disclosure.reckoning import Workings
    from hotspots.disclosure.rules import Reader


def months(
    safe: Frame,
    areas: pd.DataFrame,
    reader: Reader,
    earlier: list[pd.DataFrame],
    same: list[pd.DataFrame],
    beside: list[pd.DataFrame],
    workings: Workings | None = None,
) -> Frame:
    """Counts by period: none for the public; for partners beside the totals of the same areas.

    ``same`` are tables of the same theme, ``beside`` all the reader has.

    Without these only areas with at least 5 in every month are shown, since a total that somebody
    else shows would tell a missing month, and nothing beside earlier products or where periods
    overlap. Beside cells nothing is shown of other areas: what zones and clusters hold is decided
    later, and a year of theirs by itself would tell cells apart.
    """
    counts = areas["incident_count"].astype(float)
    for count, harm in count_columns(areas, reader):
        safe[[name for name in (count, harm) if name in safe.columns]] = np.nan
    derived = {"harm", "harm_low", "harm_high", "count_per_km2", "rank"}
    for name in derived & set(safe.columns):
        safe[name] = np.nan
    same = [table for table in same if "incident_count" in table.columns]
    named = "area_id" in (*areas.columns, *areas.index.names)
    theme = _theme_of(areas, "incident_count")
    if reader.audience == "partner" and same and len(areas) and named and theme:
        themes = themes_beside(areas, theme, beside, reader)
        zones = _zones_before(areas, theme, same, beside, workings)
        seen = months_in_turn(
            areas, "incident_count", [*earlier, *same], themes=themes, zones=zones
        )
        rows = pd.MultiIndex.from_frame(areas.reset_index()[["area_id", "period"]])
        totals_of = [table.index for table in same if not is_monthly(table)]
        seen = seen[seen.index.get_level_values(0).isin(np.concatenate([[], *totals_of]))]
        safe["incident_count"] = seen["incident_count"].reindex(rows).to_numpy()
        safe["shown"] = seen["shown"].reindex(rows).fillna(Shown.LINKED.value).to_numpy()
        with_bounds(safe, ["incident_count"])
        return in_order_of_names(safe)
    owner = areas["area_id"] if "area_id" in areas.columns else areas.index.get_level_values(0)
    held = np.ones(len(areas), dtype=bool)
    if reader.audience == "partner" and not (earlier or same or periods_overlap(areas)):
        # Not `counts < FEWEST`: a missing count is withheld, too.
        held = np.asarray((~(counts >= FEWEST)).groupby(np.asarray(owner)).transform("any"))
    safe["incident_count"] = rounded(counts).mask(held)
    safe["shown"] = np.where(held, Shown.LINKED.value, Shown.ROUNDED.value).astype(object)
    with_bounds(safe, ["incident_count"])
    return in_order_of_names(safe)


def _zones_before(
    months: pd.DataFrame,
    theme: str,
    same: list[Any],
    tables: list[pd.DataFrame],
    workings: Workings | None,
) -> ZonesBefore | None:
    """What the reader has of zones over areas with counts by period, as their table draws these."""
    cells: Any = next((one for one in same if has_shapes(one) and one.index.is_unique), None)
    found = None if cells is None else zones_before(cells, theme, tables, workings)
    names = pd.Index(months.reset_index()["area_id"].unique())
    return None if found is None else found.among(cells.index, names)


def in_order_of_names(safe: Frame) -> Frame:
    """Rows in order of their index, or of area and period: the old order may follow counts."""
    if {"area_id", "period"} <= set(safe.columns):
        return safe.sort_values(["area_id", "period"], kind="stable", ignore_index=True)
    return safe.iloc[np.argsort(safe.index.map(str), kind="stable")]


def totals(
    safe: Frame,
    areas: pd.DataFrame,
    reader: Reader,
    earlier: list[pd.DataFrame],
    beside: list[Any],
    everything: list[pd.DataFrame],
    workings: Workings | None = None,
) -> Frame:
    """Areas and zones with totals: counts, harm, names, rank, order, outlines.

    Areas that would tell by being there go whole.

    ``earlier`` are tables of these areas, ``everything`` all tables the reader has.
    """
    if "kind" in areas.columns and (areas["kind"] == "cluster").any():
        safe = _on_squares(safe)
    codes = pd.Series(Shown.ROUNDED.value, index=safe.index, dtype=object)
    held, told = np.zeros((2, len(safe)), dtype=bool)
    # A cell without ground inside is listed for an incident on its border: being there says one.
    gone = np.asarray(_number(areas, "share_inside", 1.0) <= NO_SHARE)
    pairs = count_columns(areas, reader)
    several = len(pairs) > 1
    so_far: dict[str, Seen] = {}
    for count, harm in pairs:
        tables = (earlier, beside, everything)
        seen = _seen(safe, areas, count, reader, tables, (so_far if several else None, workings))
        so_far[_theme_of(areas, count)] = seen
        safe[count] = seen.counts
        missing = np.asarray(seen.counts.isna())
        merged = seen.fewer | seen.more
        codes[merged] = seen.codes(several)[merged]
        gone = gone if seen.gone is None else gone | seen.gone
        held, told = held | missing, told | seen.held
        theme = _theme_of(areas, count)
        if harm in areas.columns:
            missing = missing | has_band_beside(safe, theme, [*beside, *everything, safe], reader)
        _harm(safe, areas, count, harm, missing | merged, reader)
        _one_band_each(safe, harm)
    # Of several counts of a row one may be merged and another small: it says merged, from which a
    # reader can conclude less.
    codes[held & ~np.asarray(codes == Shown.MERGED)] = Shown.SMALL.value
    codes[told] = Shown.LINKED.value
    for name in {name for pair in pairs for name in pair} & set(safe.columns):
        safe[name] = safe[name].mask(told)  # which of several themes it was would tell, too
    names_and_density(safe, held | told)
    for name in harm_codes(safe):
        safe[name] = safe[name].mask(told, HarmShown.WITHHELD.value)
    safe["shown"] = codes
    with_bounds(safe, [count for count, _ in pairs])
    return _in_published_order(ranked_again(safe[~gone]))


def _seen(
    safe: Frame,
    areas: pd.DataFrame,
    count: str,
    reader: Reader,
    known: tuple[list[pd.DataFrame], list[Any], list[pd.DataFrame]],
    decided: tuple[Mapping[str, Seen] | None, Workings | None],
) -> Seen:
    """One column of counts as it is shown beside what the reader knows."""
    earlier, beside, everything = known
    so_far, workings = decided
    theme, themes = _theme_of(areas, count), ALONE
    if so_far is None:
        themes = themes_beside(areas, theme, [*beside, *everything], reader)
    dated = set().union(*map(days_of, earlier)) - set(ALWAYS)
    now = None if dated else window_of(areas, ALWAYS)
    exact = areas[count].astype(float)
    cut = cut_by_earlier(areas, count, earlier, themes=themes, now=now)
    cut = cut if so_far is None else cut.without_merging()
    cut = replace(cut, held=cut.held | held_beside(areas, theme, [*beside, *everything], reader))
    if counts_in_cells(areas):
        cells: Any = areas
        zones = zones_before(cells, theme, [*beside, *everything], workings)
        own = [one for table in earlier for one in what_is_known(table, count, areas.index)]
        days = now or window(areas)
        return cells_in_turn(exact, cut, [*own, *themes.bounds], days, zones)
    return shown_beside(
        safe,
        theme,
        exact,
        cut,
        beside,
        least=reader.minimums.get(theme, 0.0),
        earlier=everything,
        parts=reader.parts,
        so_far=so_far,
        workings=workings,
    )


def _theme_of(areas: pd.DataFrame, count: str) -> str:
    if count != "incident_count":
        return count.removesuffix("_count")
    return theme_of(areas)


def _harm(
    safe: pd.DataFrame,
    areas: pd.DataFrame,
    count: str,
    harm: str,
    held: NDArray[np.bool_],
    reader: Reader,
) -> None:
    """Harm as the middle of its band where that tells no event; missing elsewhere.

    The band is that of the rounded number of incidents with the mean weight of the exact number:
    where all weigh the same, bands of exact harm would tell seven incidents from six.
    """
    main = harm == "harm"
    counts = areas[count].astype(float)
    other = "unweighted_count" if main else count.replace("_count", "_unweighted_count")
    unweighted = _number(areas, other, np.nan)
    if harm not in areas.columns:
        return
    weighed = (counts - unweighted).where(counts - unweighted >= FEWEST)
    # The mean weight of the exact number times the rounded number.
    values = areas[harm].astype(float) / weighed * rounded(weighed)
    tells = _dominated(areas, weighed) | held
    fit = np.asarray(values.notna()) & (reader.audience == "partner") & ~tells
    low, high = harm_band(np.asarray(values, dtype=np.float64))
    fit &= ~np.asarray(low >= MOST_HARM_EACH * rounded(weighed))
    safe[harm] = np.where(fit, (low + high) / 2, np.nan)
    for name, edge in {"harm_low": low, "harm_high": high}.items():
        if main and (name in safe.columns or fit.any()):
            safe[name] = np.where(fit, edge, np.nan)
    if reader.audience == "partner":
        name = "harm_shown" if main else f"{harm}_shown"
        safe[name] = np.where(fit, HarmShown.BAND.value, HarmShown.WITHHELD.value).astype(object)


def _one_band_each(safe: pd.DataFrame, harm: str) -> None:
    """Of areas over the same ground the first by name keeps its band."""
    code = f"{harm}_shown"
    if not has_shapes(safe) or code not in safe.columns:
        return
    banded = np.flatnonzero(safe[code] == HarmShown.BAND)
    if len(banded) < 2:
        return
    order = banded[np.argsort(safe.index[banded].map(str), kind="stable")]
    pairs = sharing_ground(safe.geometry.iloc[order], safe.geometry.iloc[order])
    kept: set[int] = set()
    for one in range(len(order)):
        if not kept & set(pairs[1][pairs[0] == one]):
            kept.add(one)
    lost = np.isin(np.arange(len(safe)), np.delete(order, sorted(kept)))
    edges = {"harm_low", "harm_high"} if harm == "harm" else set()
    for name in {harm, *edges} & set(safe.columns):
        safe[name] = safe[name].mask(lost)
    safe[code] = safe[code].mask(lost, HarmShown.WITHHELD.value)


def harm_codes(safe: pd.DataFrame) -> list[str]:
    """Columns that say how harm is shown."""
    return [str(name) for name in safe.columns if str(name).endswith("harm_shown")]


def _number(areas: pd.DataFrame, name: str, otherwise: float) -> pd.Series:
    if name in areas.columns:
        return areas[name].astype(float)
    return pd.Series(otherwise, index=areas.index)


def _dominated(areas: pd.DataFrame, weighed: pd.Series) -> NDArray[np.bool_]:
    """One event is most of the harm or one place most of the incidents; unknown counts as yes.

    Among ``weighed`` incidents, those with a weight, of which there may be few in a large count.
    """
    event = _number(areas, "largest_event_share", np.nan)
    place = _number(areas, "largest_point_share", 0.0).fillna(0.0)
    unknown = np.asarray(event.isna() & ~(rounded(weighed) >= MANY))
    one_event, one_place = np.asarray(event > MOST_SHARE), np.asarray(place > MOST_SHARE)
    dominated: NDArray[np.bool_] = unknown | one_event | one_place
    return dominated


def harm_band(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of the band each value is in: 0, 1, 2, 5, 10, 20, 50 and so on, lower edge included.

    Examples
    --------
    >>> low, high = harm_band(np.array([0.4, 799.6, 1000.0]))
    >>> low.tolist(), high.tolist()
    ([0.0, 500.0, 1000.0], [1.0, 1000.0, 2000.0])
    """
    edges = np.array([0.0, *(step * 10.0**power for power in range(12) for step in (1, 2, 5))])
    known = np.where(np.isfinite(values), values, 0.0)
    place = np.clip(np.searchsorted(edges, known, side="right"), 1, len(edges) - 1)
    missing = ~np.isfinite(values)
    return np.where(missing, np.nan, edges[place - 1]), np.where(missing, np.nan, edges[place])


def names_and_density(safe: pd.DataFrame, held: NDArray[np.bool_]) -> None:
    """Names only where the count is shown; density from what is shown."""
    for name in set(NAMES) & set(safe.columns):
        safe[name] = safe[name].astype(object).where(~held, None)
    if "count_per_km2" in safe.columns:
        area = safe["area_km2"] if "area_km2" in safe.columns else np.nan
        counted = "incident_count" in safe.columns
        safe["count_per_km2"] = safe["incident_count"] / area if counted else np.nan


def _on_squares(clusters: Frame) -> Frame:
    """Clusters drawn on the 100 m squares they touch: round outlines would give away the points."""

    def squares(outline: Any) -> Any:
        if outline is None or outline.is_empty:
            return outline
        west, south, east, north = outline.bounds
        x = np.arange(west // SQUARE_M, east // SQUARE_M + 1) * SQUARE_M
        y = np.arange(south // SQUARE_M, north // SQUARE_M + 1) * SQUARE_M
        left, low = (part.ravel() for part in np.meshgrid(x, y))
        boxes = shapely.box(left, low, left + SQUARE_M, low + SQUARE_M)
        return shapely.union_all(boxes[shapely.intersects(boxes, outline)])

    drawn = clusters.copy()
    if hasattr(drawn, "geom_type"):
        shapes = [squares(outline) for outline in drawn.geometry]
        drawn = drawn.set_geometry(shapes, crs=clusters.crs)  # type: ignore[operator]
        drawn["area_km2"] = drawn.geometry.area / 1e6
        if "share_inside" in drawn.columns:
            # Measured on the exact outline, as which it must not be told.
            drawn["share_inside"] = np.nan
    return drawn


def ranked_again(safe: Frame) -> Frame:
    """Ranks from what is shown: a gap in the ranks would place what is withheld."""
    if "rank" not in safe.columns:
        return safe
    by = set(safe["ranked_by"].dropna()) if "ranked_by" in safe.columns else set()
    value = pd.Series(np.nan, index=safe.index)
    if by == {"harm"} and "harm" in safe.columns:
        value = safe["harm"]
    elif by == {"density"} and "area_km2" in safe.columns:
        value = safe["incident_count"] / safe["area_km2"]
    elif by == {"count"}:
        value = safe["incident_count"]
    ranks = value.where(value > 0).rank(method="min", ascending=False)
    return safe.assign(rank=ranks.astype("Int64"))


def _in_published_order(safe: Frame) -> Frame:
    """Rows in order of what is shown, then of their name: the old order knows what is withheld."""
    if "zone_name" in safe.columns or "incident_count" not in safe.columns:
        return in_order_of_names(safe)
    counts = safe["incident_count"].fillna(0.0)
    # Ranks are those of what is shown (`ranked_again`), so they give the order away to nobody.
    first = safe["rank"].astype(float) if "rank" in safe.columns else -counts
    keys = pd.DataFrame({"first": np.asarray(first), "then": -np.asarray(counts)})
    keys["name"] = safe.index.astype(str)
    return safe.iloc[keys.sort_values(["first", "then", "name"], kind="stable").index]
