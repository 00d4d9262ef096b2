"""Vocabulary: the five tables of the library, their columns, and what is asked of each.

A stage says which table it takes and which columns it needs beyond the ones that are always there;
:func:`require_table` checks that before any work is done. Kinds are asked for, not exact dtypes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeGuard

from hotspots.core.errors import Findings, InputError, listing
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

TIMEZONE = "Europe/London"
TILING_KINDS = frozenset({"district", "ward", "lsoa", "msoa", "police_area"})
"""Kinds of zone that tile a district: a place on a shared border belongs to one of them."""


class Kind(StrEnum):
    """What a column holds, whatever its dtype."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "zone-aware time"
    GEOMETRY = "geometry"
    ANY = "anything"


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind and what it means."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class TableContract:
    """One table: its name, its index, the columns that are always and sometimes there."""

    name: str
    index: str
    always: tuple[Column, ...]
    sometimes: tuple[Column, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns that are always there, in order."""
        return [column.name for column in self.always]

    def column(self, name: str) -> Column:
        """The column of that name; unknown names may hold anything."""
        known = {column.name: column for column in (*self.always, *self.sometimes)}
        return known.get(name, Column(name, Kind.ANY, ""))


def _columns(kind: Kind, /, **meanings: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, meaning) for name, meaning in meanings.items())


INCIDENTS = TableContract(
    "incidents",
    "incident_id",
    always=(
        *_columns(
            Kind.TEXT,
            offence="what happened, in the words or codes of `offence_scheme`",
            offence_scheme="police_uk, home_office, or a name of one's own",
        ),
        *_columns(
            Kind.TIME,
            occurred_from="start of the time in which it happened (included)",
            occurred_until="end of that time (excluded)",
        ),
        *_columns(
            Kind.TEXT,
            time_precision="instant, interval, day or month",
            location_precision="exact, snapped, street, postcode or unknown",
            source="file the row came from",
        ),
        Column("geometry", Kind.GEOMETRY, "point in metres; missing where unlocated"),
    ),
    sometimes=(
        Column("source_row", Kind.NUMBER, "line in that file; the header is line 1"),
        *_columns(
            Kind.TEXT,
            reference="the source's own reference (police.uk Crime ID); not unique",
            place_name="place as the source names it",
            area_name="name of the statistical area as the source gives it",
            area_code="code of the statistical area as the source gives it",
            place_state="why it has a place, or none (core/states.py)",
            harm_scale="scale the harm was taken from",
        ),
        *_columns(
            Kind.BOOLEAN,
            domestic="flagged as domestic by the source",
            sensitive="left out of areas and maps unless asked for with a reason",
            institutional="sits on a police station, prison, hospital or court",
            published="its source was already published record by record",
        ),
        *_columns(
            Kind.NUMBER,
            harm="harm of the offence, in units of the scale; missing where no weight exists",
            harm_low="lower end of the range of that weight",
            harm_high="upper end of the range of that weight",
        ),
    ),
)

AREAS = TableContract(
    "areas",
    "area_id",
    always=(
        *_columns(Kind.TEXT, kind="h3-9, square-250, cluster ...", theme="theme it was made for"),
        *_columns(
            Kind.TIME,
            period_from="start of the period (included)",
            period_until="end of the period (excluded)",
        ),
        *_columns(
            Kind.NUMBER,
            incident_count="incidents in the area",
            unweighted_count="those of them for which no harm weight exists (for instance ASB)",
            unique_points="distinct coordinates among them",
            largest_point_share="share of the incidents on the busiest coordinate",
            area_km2="area on the ground",
            share_inside="share of the area inside the study area",
        ),
        Column("place_name", Kind.TEXT, "a name people use; missing until the area is named"),
        Column("geometry", Kind.GEOMETRY, "polygon in metres"),
    ),
    sometimes=(
        *_columns(
            Kind.NUMBER,
            harm="harm in the area; missing where nothing in the theme can be weighed",
            harm_low="lower end of its range",
            harm_high="upper end of its range",
            harm_share="share of the theme's harm",
            largest_event_share="share of the area's harm from its single most harmful event",
            z="local statistic",
            p_value="probability under the named null",
            q_value="p corrected for the number tested",
            n_tested="areas tested",
            relative_risk="share of incidents over share of what is at risk, with its neighbours",
            at_risk="residents, addresses or metres in the area, where the areas are unlike",
            rate="incidents for each of what is at risk, or for each km², as `rate_per` says",
            rate_low="lower end of its interval",
            rate_high="higher end of its interval",
            length_m="length of a street segment",
            count_per_100m="incidents on each 100 m of it",
            points_at_risk="map points seen in the area, whatever the theme and period",
            rank="1 is the top; ties share the better rank",
            rank_low="better end of the rank interval",
            rank_high="worse end of the rank interval",
            min_incidents="least number that a cluster or patrol area holds",
            shown_low="fewest incidents a reader may conclude",
            shown_high="most incidents a reader may conclude; missing where open",
            stability="how often the area comes back under resampling",
            stability_by_choice="how often it comes back with another radius and minimum",
        ),
        *_columns(
            Kind.BOOLEAN,
            is_hotspot="flagged after correction: the area with its neighbours",
            is_core="of those flagged, the area itself is high",
            over_budget="larger than the size budget that was asked for",
        ),
        *_columns(
            Kind.TEXT,
            harm_scale="scale the harm was taken from",
            ward_name="ward that holds most of its incidents",
            rate_per="what the rate is for each of: km2, m (of street), residents ...",
            evidence="beyond-chance, could-be-chance or not-tested",
            hours="hours of the week that were counted, where not all: Fri-Sat 22-03",
            shown="what was done to the count before it was shown (core/states.py)",
            harm_shown="what was done to the harm before it was shown",
        ),
    ),
)

AREA_PERIODS = TableContract(
    "area_periods",
    "(area_id, period)",
    always=(
        Column("theme", Kind.TEXT, "theme it was counted for"),
        Column("incident_count", Kind.NUMBER, "incidents in that month"),
    ),
    sometimes=(Column("harm", Kind.NUMBER, "harm in that month"),),
)

ZONES = TableContract(
    "zones",
    "zone_id",
    always=(
        *_columns(Kind.TEXT, zone_name="name", kind="district, ward, pspo, protect ..."),
        *_columns(
            Kind.ANY,
            valid_from="first day; missing means open",
            valid_until="last day; missing means open",
        ),
        Column("status", Kind.TEXT, 'for instance "renewal unknown"'),
        Column("approximate", Kind.BOOLEAN, "drawn and summed, never ranked"),
        Column("geometry", Kind.GEOMETRY, "polygon in metres"),
    ),
)

OVERLAPS = TableContract(
    "overlaps",
    "(area_id, zone_id)",
    always=(
        *_columns(Kind.TEXT, zone_name="name of the zone", kind="kind of the zone"),
        *_columns(
            Kind.NUMBER,
            share_of_area="share of the area's ground inside the zone",
            share_of_zone="share of the zone's ground inside the area",
            share_of_count="share of the area's incidents inside the zone",
            share_of_harm="share of the area's harm inside the zone",
        ),
    ),
)


def require_table(
    frame: pd.DataFrame,
    table: TableContract,
    *,
    argument: str,
    also: Iterable[str] = (),
    only: Iterable[str] | None = None,
) -> None:
    """Check that a frame keeps the contract of a table; raise one error with every finding.

    Parameters
    ----------
    frame : DataFrame
        The caller's argument.
    table : Table
        The contract.
    argument : str
        The caller's name for the frame, used in messages.
    also : iterable of str
        Columns needed beyond those that are always there.
    only : iterable of str, optional
        Check these columns instead of all that are always there.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"`{argument}` must be a GeoDataFrame of {table.name}; got {type(frame).__name__}."
        )
    if frame.columns.nlevels > 1 or not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique()
        came = f"{listing(twice)} repeated" if len(twice) else f"{frame.columns.nlevels} levels"
        raise InputError(f"`{argument}` must have columns of one name each; it has {came}.")
    findings = Findings()
    wanted = [*(table.names if only is None else only), *also]
    missing = [name for name in wanted if name not in frame.columns and name != "geometry"]
    if missing:
        findings.error(
            "missing-column",
            f"`{argument}` must be a table of {table.name} with the column(s) {listing(missing)}; "
            f"it has {listing(frame.columns, most=30)}.",
            mend=_where_from(missing),
        )
    if not frame.index.is_unique:
        repeated = int(frame.index.duplicated().sum())
        findings.error(
            "index-not-unique",
            f"the index of `{argument}` ({table.index}) must be unique; {repeated:,} of "
            f"{len(frame):,} labels repeat.",
            mend=Mend("reset-index"),
        )
    for name in wanted:
        if name in frame.columns and name != "geometry":
            column = table.column(name)
            if not _is_kind(frame[name], column.kind):
                findings.error(
                    "wrong-kind",
                    f"`{argument}` column {name!r} must hold {column.kind.value}; "
                    f"got {frame[name].dtype}.",
                )
    if "geometry" in wanted:
        _check_geometry(frame, argument, findings)
    findings.raise_errors(InputError)


def has_shapes(table: pd.DataFrame) -> TypeGuard[gpd.GeoDataFrame]:
    """Whether a table has points or outlines: a GeoDataFrame that knows its geometry."""
    return getattr(table, "active_geometry_name", None) in getattr(table, "columns", ())


def _is_kind(series: pd.Series, kind: Kind) -> bool:
    """By its type, which is known without a look at the values; what is all missing may be any."""
    return kind is Kind.ANY or _holds(series.dtype, kind) or bool(series.isna().all())


def _holds(dtype: Any, kind: Kind) -> bool:
    from pandas.api import types

    if kind is Kind.TEXT:
        texts = types.is_string_dtype(dtype) or types.is_object_dtype(dtype)
        return bool(texts or dtype.name == "category")
    if kind is Kind.NUMBER:
        return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)
    if kind is Kind.BOOLEAN:
        return types.is_bool_dtype(dtype)
    return getattr(dtype, "tz", None) is not None


def _check_geometry(frame: pd.DataFrame, argument: str, findings: Findings) -> None:
    from hotspots.core.crs import metres_problem, some_places

    if not has_shapes(frame):
        came = f"a {type(frame).__name__} without"
        findings.error("no-geometry", f"`{argument}` must be a table with shapes; got {came}.")
        return
    problem = metres_problem(frame.crs, argument, some_places(frame.geometry))
    if problem:
        findings.add(problem)


THEME, STATE, NOTE, LABEL = "theme_", "_is", "_note", "_label"
"""``theme_asb`` says which incidents are ASB; ``theme_asb_is`` and ``theme_asb_note`` what their
source can say about ASB at all, and why; ``theme_asb_label`` what it is called."""
BESIDE_THEME = (STATE, NOTE, LABEL)


def themes_in(columns: Iterable[object]) -> list[str]:
    """The themes a table is tagged with, by its columns.

    Examples
    --------
    >>> themes_in(["offence", "theme_asb", "theme_asb_is", "theme_asb_note"])
    ['asb']
    """
    names = map(str, columns)
    flags = [name for name in names if name.startswith(THEME) and not name.endswith(BESIDE_THEME)]
    return [name.removeprefix(THEME) for name in flags]


READING_ORDER = (
    "rank", "status", "place_name", "zone_name", "area_name", "name", "ward_name", "incident_count",
    "harm", "rank_low", "rank_high", "evidence", "is_hotspot", "is_core", "stability", "p_top_k",
    "active_months", "one_event", "one_point", "harm_low", "harm_high", "harm_share",
)  # fmt: skip
"""Columns people read first: which, where, how many, how sure."""


def in_reading_order(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A table with the columns people read first in front, the others as they were."""
    first = [name for name in READING_ORDER if name in areas.columns]
    return areas[[*first, *(name for name in areas.columns if name not in first)]]


_MADE_BY = {
    "occurred_from": "incidents_from_frame(frame, offence=..., when=...)",
    "theme_": "tag_themes(incidents, Themes.police_uk())",
    "harm": "weigh_harm(incidents, HarmScale.bundled(...))",
    "rank": "rank_areas(areas, by='count')",
    "is_hotspot": "flag_hotspots(areas)",
    "zone_name": "load_zones(path, kind=...)",
}


def _where_from(missing: list[str]) -> Mend | None:
    hints = {hint for name in missing for stem, hint in _MADE_BY.items() if name.startswith(stem)}
    stages = " and ".join(f"`{hint}`" for hint in sorted(hints))
    return Mend("made-by", {"stages": stages}) if hints else None


def on_every_row(text: str, rows: int) -> pd.api.extensions.ExtensionArray:
    """A column of one text; given the bare text, pandas would read it once a row.

    >>> list(on_every_row("a", 2))
    ['a', 'a']
    """
    import pandas as pd

    return pd.Series([text]).array.repeat(rows)


def without_themes(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Incidents without what a tagging said of them: their themes, and what is sensitive."""
    ends = ("", *BESIDE_THEME)
    own = {f"{THEME}{name}{end}" for name in themes_in(incidents.columns) for end in ends}
    return incidents.drop(columns=own | {"sensitive"} if own else own, errors="ignore")


def says_something(table: pd.DataFrame, column: str) -> bool:
    """Whether a column is there, and holds anything."""
    return column in table.columns and bool(table[column].notna().any())
