"""Rules: what is known about columns, and the numbers and readers disclosure works with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import shapely

from hotspots.core.question import EVERYTHING
from hotspots.core.tables import AREAS, ZONES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.record import Audience

FEWEST = 5
"""Smaller counts, none included, are never shown to a partner or the public."""
BASE = 5
"""Rounded counts are whole multiples of this."""
HALF_BASE = (BASE - 1) // 2
"""The most by which a count and its rounded value differ."""
MOST_SHARE = 0.5
"""One event or one place that is more than this share dominates its area."""
MANY = 100
"""Incidents with a weight from which a zone has a band though nobody knows its largest event."""
MOST_HARM_EACH = 1_000.0
"""Harm per incident above which only killing and the like is left: such bands are withheld."""
SMALLEST_CELL_KM2 = 0.01
SQUARE_M = 100.0
SLIVER_M2 = 1.0
SLIVER_SHARE = 1e-3
NO_SHARE = 1e-9
STATISTICAL = re.compile(r"(?i)(oa|lsoa|msoa)[ _-]?(\d\d|\d{4})?")
"""Areas that tile wards and one another exactly, of whatever year."""
TILINGS = re.compile(rf"{STATISTICAL.pattern}|h3-\d+|square-\d+|hexagon-\d+|hex-\d+")
CLUSTER = "cluster"
STREETS = frozenset({"street", "street-run"})
"""Kinds whose incidents are counted to the nearest line and lie outside what is drawn."""
OFF_ROAD = "off-road-site"
OUTLINED = frozenset({"cluster", "patrol"})
"""Kinds of area that are drawn as outlines above cells."""
OVERLAPPING = frozenset({"street-run", "off-road-site", "pspo"})
"""Kinds that may lie over one another: outlines too, though what is shown of them differs."""
PUBLIC_KINDS = ("h3-8", "h3-7", "lsoa", "msoa", "ward", "district")
SENSITIVE = re.compile(
    r"(?<!excl_)(?<!without_)(?<!not_)(?<!s47_)"
    r"(domestic|sexual|rape|slavery|cuckoo|exploitation|hate|child|stalking|refuge|sex_?work|"
    r"indecent|harass|coerci|controlling|prostitut|honour|forced_?marriage|traffick|groom|intimate|"
    r"voyeur|upskirt|porn|image_based|mutilat|incest|familial|spiking|solicit|kerb_?crawl|"
    r"elder_?abuse|suicid|self_?harm|mental_health|missing_?(?:person|child)|"
    r"racial|religious|homophob|transphob|rough_?sleep|begg(?:ar|ing)|vagran|homeless|"
    r"(?<![a-z])(?:sex|vawg|dva?|da|dash|cse|csae?|cce|fgm|rasso|iva|ipv|mds)(?![a-z]))"
)
FACTS = {
    *("area_id", "zone_id", "kind", "theme", "zone_name", "valid_from", "valid_until", "status"),
    *("approximate", "is_priority"),
    *("period", "hours", "share_inside", "area_km2", "length_m", "harm_scale", "ranked_by"),
    "min_incidents",
    *("tested_value", "null_model", "transform", "correction", "share_of_area", "share_of_zone"),
}
TIMES = ("period_from", "period_until")
NAMES = ("place_name", "ward_name")
WITHHELD = {
    *("harm_share", "largest_event_share", "largest_point_share", "unique_points", "z", "p_value"),
    *("q_value", "share_of_count", "share_of_harm", "is_coldspot", "n_neighbours"),
    *("relative_risk", "moran", "quadrant", "n_tested", "is_hotspot", "rank_low", "rank_high"),
    *("is_core", "evidence", "unweighted_count"),
    *("p_top_k", "active_months", "one_event", "one_point", "stability", "stability_by_choice"),
}
"""Made from exact counts: each could tell two areas with the same rounded count apart."""
Frame = TypeVar("Frame", bound=pd.DataFrame)


def is_sensitive(name: str) -> bool:
    """Whether a name, of a theme or an offence, is of something that no public product shows.

    Examples
    --------
    >>> is_sensitive("Forced marriage"), is_sensitive("violence_excl_domestic")
    (True, False)
    """
    return SENSITIVE.search(re.sub(r"[\W_]+", "_", name.lower())) is not None


def first(table: pd.DataFrame, column: str) -> Any:
    """The first value of a column; nothing where there is none."""
    return table[column].iloc[0] if column in table.columns and len(table) else ""


def theme_of(table: pd.DataFrame) -> str:
    """The theme of a table, by its first row; nothing where it has none."""
    theme = first(table, "theme")
    return "" if pd.isna(theme) else str(theme)


def with_everything(
    parts: Iterable[tuple[str, ...]], themes: Iterable[str]
) -> tuple[tuple[str, ...], ...]:
    """Themes that incidents are in together, with that of all incidents where it is counted.

    Examples
    --------
    >>> with_everything([("asb",)], ["all", "asb"])
    (('all',), ('all', 'asb'))
    """
    known = tuple(parts)
    if EVERYTHING not in set(themes) or not known:
        return known
    return tuple(sorted({tuple(sorted({*part, EVERYTHING})) for part in [(), *known]}))


def is_monthly(areas: pd.DataFrame) -> bool:
    """Whether the table has a row a month."""
    return "period" in areas.index.names or "period" in areas.columns


def clusters_of(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are clusters: they show their members, and others can lie between these."""
    if "kind" not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(table["kind"] == CLUSTER)


def least_of(table: pd.DataFrame, least: float) -> NDArray[np.float64]:
    """What every area is known to hold by being listed: clusters and patrol areas have a least.

    ``least`` is for clusters that do not say theirs: those of another release had another one.
    """
    own = np.zeros(len(table))
    if "min_incidents" in table.columns:
        own = np.asarray(table["min_incidents"].fillna(0.0), dtype=float)
    return np.where(clusters_of(table) & (own == 0), least, own)


def minimums_of(tables: Iterable[pd.DataFrame]) -> dict[str, float]:
    """Incidents that every cluster of a theme has, as its reader knows from the methods."""
    least: dict[str, float] = {}
    for table in tables:
        if {"min_incidents", "theme"} <= set(table.columns):
            for theme, rows in table[clusters_of(table)].groupby("theme")["min_incidents"]:
                least[str(theme)] = max(least.get(str(theme), 0.0), float(rows.max()))
    return least


def counts_in_cells(areas: pd.DataFrame) -> bool:
    """Whether the table counts one theme in cells, or in the smallest statistical areas."""
    return _counts_one_theme(areas) and all(map(TILINGS.fullmatch, _kinds(areas)))


def could_be_cells(areas: pd.DataFrame) -> bool:
    """Whether a table counts one theme in areas that do not overlap, whatever they are called.

    Beats, wards, somebody's hexagons: they stand in for cells where a reader has none.
    """
    if not _counts_one_theme(areas) or "zone_name" in areas.columns:
        return False
    polygons = areas.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    free = polygons and not OUTLINED & set(_kinds(areas))
    return bool(free) and not overlap_one_another(areas)


def overlap_one_another(areas: Any) -> bool:
    """Whether two areas of a table have more than slivers of ground in common."""
    shapes = np.asarray(areas.geometry, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    return bool((shared > SLIVER_M2 + SLIVER_SHARE * shapely.area(shapes[one])).any())


def _counts_one_theme(areas: pd.DataFrame) -> bool:
    if areas.empty or not {"kind", "theme", "incident_count"} <= set(areas.columns):
        return False
    return hasattr(areas, "geom_type") and areas["theme"].nunique() == 1


def _kinds(areas: pd.DataFrame) -> list[str]:
    return [str(kind) for kind in areas["kind"].unique()]


def count_columns(areas: pd.DataFrame, reader: Reader) -> list[tuple[str, str]]:
    """Columns of counts, each with the column of its harm, there or not.

    ``incident_count``, and ``<theme>_count`` of the themes of the run; any other count is a
    breakdown nobody has checked.
    """
    pairs = [("incident_count", "harm")]
    pairs += [(f"{theme}_count", f"{theme}_harm") for theme in reader.themes]
    return [pair for pair in pairs if pair[0] in areas.columns]


def known_columns(areas: Frame, reader: Reader, keep: set[str]) -> Frame:
    """A copy of the columns whose meaning is known, the derived ones emptied, times in days."""
    pairs = {name for pair in count_columns(areas, reader) for name in pair}
    known = FACTS | WITHHELD | pairs | keep | {*TIMES, *NAMES, "rank"}
    known |= {"harm", "harm_low", "harm_high", "count_per_km2"}
    shape = areas.geometry.name if hasattr(areas, "geom_type") else None
    safe = areas[[name for name in areas.columns if name in known or name == shape]].copy()
    for name in WITHHELD & set(safe.columns) - keep:
        safe[name] = _nothing(name, len(safe))
    for name, whole in zip(TIMES, ("floor", "ceil"), strict=True):
        if name in safe.columns and getattr(safe[name].dtype, "tz", None) is not None:
            safe[name] = getattr(safe[name].dt, whole)("D", ambiguous="NaT", nonexistent="NaT")
    return safe


def _nothing(name: str, size: int) -> Any:
    column = {item.name: item for item in (*AREAS.always, *AREAS.sometimes, *ZONES.always)}.get(
        name
    )
    if name in ("is_coldspot", "is_core", "is_hotspot", "one_event", "one_point"):
        return pd.array([pd.NA] * size, dtype="boolean")
    if name in ("evidence", "quadrant") or (column is not None and column.kind.value == "text"):
        return np.full(size, None, dtype=object)
    return np.full(size, np.nan)


def is_released(areas: pd.DataFrame, reader: Reader) -> bool:
    """Whether the table was made safe for this audience, or for a wider one, already.

    A column can say so of figures it does not belong to, so the counts must look like it too.
    """
    if "disclosed_for" not in areas.columns or len(areas) == 0:
        return False
    safe = {"partner": {"partner", "public"}, "public": {"public"}}.get(reader.audience, set())
    counts = [areas[name].astype(float) for name, _ in count_columns(areas, reader)]
    looks_so = all(((one.dropna() >= FEWEST) & (one.dropna() % BASE == 0)).all() for one in counts)
    return set(areas["disclosed_for"]) <= safe and looks_so


def rounded(counts: Any) -> Any:
    """The nearest multiple of 5; halves cannot occur."""
    return np.floor(counts / BASE + 0.5) * BASE


@dataclass(frozen=True)
class Reader:
    """The reader of a release.

    Attributes
    ----------
    audience, marking
        Whom the product is for, and how it may be handled.
    published
        Whether every record behind it was already published one by one by its source.
    themes
        Themes whose counts stand in columns ``<theme>_count``.
    minimums
        Incidents that every cluster of a theme has, as the methods say.
    geographies
        Kinds of area that carry totals in the same release.
    parts
        Themes that incidents are in together, one entry a combination; none where that is not
        known.
    """

    audience: Audience
    marking: str
    published: bool = False
    themes: tuple[str, ...] = ()
    minimums: Mapping[str, float] = field(default_factory=dict)
    geographies: frozenset[str] = frozenset()
    parts: tuple[tuple[str, ...], ...] = ()

    def overlap(self, theme: str, other: str) -> bool:
        """Whether two themes have incidents in common, or may have."""
        known = {name for part in self.parts for name in part}
        return not {theme, other} <= known or any({theme, other} <= set(p) for p in self.parts)

    def contains(self, theme: str, other: str) -> bool:
        """Whether every incident of another theme is one of this theme."""
        inside = [part for part in self.parts if other in part]
        return theme != other and bool(inside) and all(theme in part for part in inside)

    @property
    def sees_everything(self) -> bool:
        """Whether nothing is withheld."""
        return self.audience in ("internal", "protect") or self.published
