"""The columns of workbook and GeoPackage: words above them, how they look, those made for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import pandas as pd

from hotspots.core.periods import Period, span_of_areas
from hotspots.report.map.earlier import others_as_long
from hotspots.report.sheet import Field, Sheet
from hotspots.report.symbology import BEYOND, CORE, HALO, INK, flag_fills
from hotspots.report.text.headline import LIKELY, verdict
from hotspots.report.text.ratio_words import UNASKED, no_count_passes
from hotspots.report.text.words import capital, short_period

_LOOKS = (
    (re.compile(r"(^|_)share(_|$)|^p_top|(^|_)percent$"), "percent"),
    (re.compile(r"_km2$"), "three"),
    (re.compile(r"_m$|(^|_)harm(_|$)|(^|_)count$|^population$|^residents$"), "int"),
)
"""What the end of a name says about the unit: shares, areas, distances, harm and counts."""

LEADING = (
    Field("rank", "Rank", 7, "rank"),
    Field("place_name", "Place", 36),
    Field("ward_name", "Ward", 22),
    Field("incident_count", "Incidents", 10, "int"),
    Field("harm", "Harm", 11, "int"),
    Field("harm_share", "Share of the theme's harm", 11, "percent"),
    Field("largest_event_share", "Largest event's share of harm", 12, "percent"),
)
TO_FILL_IN = (
    Field("owner", "Owner", 18, "input"),
    Field("action", "Action", 28, "input"),
    Field("due", "Due", 14, "input"),
    Field("review", "Review", 14, "input"),
    Field("done", "Done", 14, "input"),
)
DECISION_FIELDS = (
    Field("theme", "Theme", 26),
    Field("place", "Place", 30),
    Field("action", "Action", 22),
    Field("note", "What exactly", 50),
    *(item for item in TO_FILL_IN if item.name != "action"),
    Field("area_id", "Area id", 20, "code"),
)
EVIDENCE = (
    Field("shown", "Shown or withheld", 60),
    Field("shown_low", "Incidents, at least", 10, "int"),
    Field("shown_high", "Incidents, at most", 10, "int"),
    Field("rank_low", "Rank interval, better end", 10, "int"),
    Field("rank_high", "Rank interval, worse end", 10, "int"),
    Field("p_top_k", "Chance of being among the first", 11, "percent"),
    Field("active_months", "Months with incidents", 10, "int"),
    Field("one_event", "One event is most of it", 10),
    Field("one_point", "All on one point", 10),
    Field("is_hotspot", "Hotspot after correction", 11),
    Field("is_core", "Of a hotspot, the cell itself is high", 12),
    Field("is_coldspot", "Coldspot after correction", 11),
    Field("relative_risk", "Neighbourhood's incidents per map point, against all", 14, "one"),
    Field("z", "z", 8, "three"),
    Field("p_value", "p", 8, "three"),
    Field("q_value", "q", 8, "three"),
    Field("evidence", "Evidence", 16),
    Field("n_tested", "Areas tested", 8, "int"),
    Field("n_neighbours", "Neighbours", 10, "int"),
    Field("points_at_risk", "Map points seen, any theme", 11, "int"),
    Field("stability", "Stability", 9, "percent"),
    Field("harm_low", "Harm, low", 11, "int"),
    Field("harm_high", "Harm, high", 11, "int"),
    Field("unweighted_count", "Incidents without a weight", 11, "int"),
    Field("unique_points", "Distinct map points", 9, "int"),
    Field("largest_point_share", "Busiest point's share of incidents", 11, "percent"),
    Field("at_risk", "At risk in the area", 11, "int"),
    Field("length_m", "Length, m", 9, "int"),
    Field("count_per_100m", "Incidents per 100 m", 10, "one"),
    Field("area_km2", "Area, km²", 9, "three"),
    Field("share_inside", "Share inside the study area", 9, "percent"),
    Field("area_id", "Area id", 20, "code"),
)
ZONE_FIELDS = (
    Field("zone_name", "Zone", 30),
    Field("kind", "Kind", 14),
    Field("theme", "Theme", 18),
    Field("incident_count", "Incidents", 10, "int"),
    Field("share_of_count", "Share of incidents", 10, "percent"),
    Field("harm", "Harm", 11, "int"),
    Field("harm_low", "Harm, low", 11, "int"),
    Field("harm_high", "Harm, high", 11, "int"),
    Field("unweighted_count", "Incidents without a weight", 11, "int"),
    Field("count_per_km2", "Incidents per km²", 10, "one"),
    Field("area_km2", "Area, km²", 10, "three"),
    Field("valid_from", "Valid from", 12),
    Field("valid_until", "Valid until", 12),
    Field("status", "Status", 20),
    Field("approximate", "Approximate outline", 12),
    Field("shown", "Shown or withheld", 44),
)
STATUS_FIELDS = (
    Field("theme", "Theme", 46),
    Field("state", "In this data", 14),
    Field("note", "What that means", 110),
)
PLACE_FIELDS = (
    Field("theme", "First places of each theme", 46),
    Field("rank", "Rank", 14, "rank"),
    Field("place", "Place", 110),
    Field("count", "Incidents", 12, "int"),
    Field("harm", "Harm", 12, "int"),
)
ACCOUNT_FIELDS = (
    Field("stage", "Stage", 20),
    Field("theme", "Theme", 20),
    Field("period", "Period", 22),
    *(
        Field(name, heading, 12, "int")
        for name, heading in (
            ("accepted", "Accepted rows"),
            ("out_of_period", "Out of the period"),
            ("out_of_theme", "Out of the theme"),
            ("sensitive", "Excluded as sensitive"),
            ("unlocated", "Unlocated"),
            ("outside", "Outside the study area"),
            ("institutional", "On an institutional point"),
            ("used", "Used"),
            ("parts", "Sum of the parts"),
            ("in_areas", "Used: in areas"),
            ("noise", "Used: in no cluster"),
        )
    ),
    Field("balances", "Balances", 10),
)
SOURCE_FIELDS = (
    Field("name", "File", 44),
    *(
        Field(name, heading, 11, "int")
        for name, heading in (
            ("read", "Rows read"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("unlocated", "Unlocated"),
        )
    ),
    Field("sha256", "SHA-256", 68, "code"),
)
COVERAGE_FIELDS = (
    Field("source", "Source", 44),
    Field("theme", "Theme", 30),
    Field("month", "Month", 10),
    Field("rows", "Rows", 10, "int"),
    Field("located", "Located", 10, "int"),
    Field("first_day", "First day", 12, "after"),
    Field("last_day", "Last day", 12),
    Field("whole", "Held whole", 10),
    Field("share_rejected", "Share of rows rejected", 11, "percent"),
)
CAPTIONS = {
    "harm_scale": "Harm scale",
    "ranked_by": "Ranked by",
    "kind": "Areas",
    "tested_value": "Tested",
    "null_model": "Tested against",
    "transform": "Transform",
    "correction": "Correction",
}
NOT_SHOWN = {
    *("disclosed_for", "harm_shown", "rate_per", "min_incidents", "rank_is_shared", "theme"),
    *("period_from", "period_until", *CAPTIONS),
}
MOST = 3
BEFORE, CHANGE = "incidents in ", "change since "
LISTED = 5
CHANCE, WITH_OTHERS, ALONE = "could be chance", "with its neighbours", "by itself"
FILLS = flag_fills(cores=True)
SHADES: dict[str, dict[str, Any]] = {
    LIKELY: {"bg_color": INK, "font_color": "#ffffff", "bold": True},
    CHANCE: {"bg_color": FILLS["Could be chance"]},
    WITH_OTHERS: {"bg_color": FILLS[HALO]},
    ALONE: {"bg_color": FILLS[CORE], "font_color": "#ffffff"},
}
"""How a cell with this word looks."""
SURE_FIELDS = (
    Field("likely_listed", "Among the first", 11, "after"),
    Field("beyond_chance", BEYOND, 28, "spaced"),
)

KNOWN = {item.name: item.heading for item in (*LEADING, *EVIDENCE, *ZONE_FIELDS)} | CAPTIONS | {
    "fid": "Row",
    "zone_id": "Zone id",
    "theme": "Theme",
    "period_from": "Counted from",
    "period_until": "Counted until, this moment not included",
    "min_incidents": "Fewest incidents of a cluster",
    "harm_shown": "Harm, shown or withheld",
    "disclosed_for": "Prepared for",
    "priority": "Priority ward",
    "licence": "Licence",
}  # fmt: skip
OF_THEME = {
    "count": "incidents",
    "harm": "harm",
    "harm_low": "harm, low",
    "harm_high": "harm, high",
    "harm_shown": "harm, shown or withheld",
    "unweighted_count": "incidents without a weight",
    "shown": "shown or withheld",
    "shown_low": "incidents, at least",
    "shown_high": "incidents, at most",
}
"""What follows the name of a theme in the columns of a zone."""


def rate_fields(heads: list[tuple[str, str]]) -> list[Field]:
    """Columns of a rate and its interval, as they were written."""
    return [Field(name, head, 11, "one") for name, head in heads]


def look_of(name: str, values: pd.Series) -> str:
    """How a column of a user's own looks: by its unit where the name tells it.

    Examples
    --------
    >>> import pandas as pd
    >>> [look_of(name, pd.Series([1.5])) for name in ("distance_m", "area_km2", "my_share", "note")]
    ['int', 'three', 'percent', 'three']
    """
    if str(values.dtype) not in ("int64", "float64"):
        return "text"
    for pattern, look in _LOOKS:
        if pattern.search(name):
            return "one" if look == "int" and "per" in name.split("_") else look
    known = values.dropna()
    return "int" if bool((known % 1 == 0).all()) else "three"


def with_earlier(table: pd.DataFrame, periods: pd.DataFrame | None) -> pd.DataFrame:
    """The areas with their counts in up to three other periods as long, the latest first.

    The change is to the latest of them. It is left out where numbers are rounded: the difference of
    two rounded numbers says nothing.
    """
    names = _other_periods(table, periods)
    if periods is None or not names:
        return table
    counts = periods.reset_index()
    texts = {name: counts[name].astype(str) for name in ("area_id", "period")}
    counts = counts.assign(**texts)
    held = counts.groupby(["area_id", "period"])["incident_count"].sum(min_count=1).unstack()
    ids, rounded = table.index.astype(str), "disclosed_for" in table
    found = {
        f"{BEFORE}{short_period(name)}": held[name].reindex(ids).set_axis(table.index)
        for name in names if name in held
    }  # fmt: skip
    if not rounded:
        found = {heading: column.fillna(0) for heading, column in found.items()}
        heading, latest = next(iter(found.items()))
        change = table["incident_count"].astype("Float64") - latest
        found[heading.replace(BEFORE, CHANGE)] = change
    return table.assign(**found)


def _other_periods(table: pd.DataFrame, periods: pd.DataFrame | None) -> list[str]:
    """Periods as long as that of the areas, the latest first."""
    if periods is None or not len(table) or table["period_from"].isna().iloc[0]:
        return []
    now = span_of_areas(table)
    names = set(map(str, periods.reset_index()["period"].unique()))
    return others_as_long(names, Period(*now, "").key, now)[:MOST]


def earlier_fields(table: pd.DataFrame) -> list[Field]:
    """The columns that :func:`with_earlier` made, for a sheet."""
    made = [str(name) for name in table.columns if str(name).startswith((BEFORE, CHANGE))]
    return [
        Field(name, capital(name), 13, "signed" if name.startswith(CHANGE) else "int")
        for name in made
    ]


def with_sureness(table: pd.DataFrame) -> pd.DataFrame:
    """The areas with whether they belong on the list, and whether they are more than chance.

    Examples
    --------
    >>> areas = pd.DataFrame({"rank": [1, 2], "rank_high": [2, 40], "is_hotspot": [True, True],
    ...     "is_core": [True, False], "evidence": "beyond-chance"}).reindex(range(40))
    >>> with_sureness(areas)[["likely_listed", "beyond_chance"]].head(2).values.tolist()
    [['likely', 'by itself'], ['unclear', 'with its neighbours']]
    """
    found: dict[str, list[str]] = {}
    if {"rank", "rank_high"} <= set(table):
        listed = int((table["rank"] <= LISTED).sum())
        highs = table["rank_high"].tolist()
        said = {high: verdict(high, listed, len(table)) for high in set(highs)}
        found |= {"likely_listed": [said[high] for high in highs]} if any(said.values()) else {}
    if "is_hotspot" in table:
        core = table["is_core"] if "is_core" in table else [False] * len(table)
        tested = table["evidence"].ne("not-tested") if "evidence" in table else [True] * len(table)
        rows = list(zip(tested, table["is_hotspot"], core, strict=True))
        words = {row: _beyond(*row) for row in set(rows)}
        told = pd.Series([words[row] for row in rows], index=table.index)
        found["beyond_chance"] = told.mask(no_count_passes(table), UNASKED).tolist()
    return table.assign(**found)


def _beyond(tested: Any, hotspot: Any, core: Any) -> str:
    if pd.isna(hotspot) or not tested:
        return ""
    if not hotspot:
        return CHANCE
    return ALONE if not pd.isna(core) and core else WITH_OTHERS


def shade(sheet: Sheet, header: int, last: int, fields: Sequence[Field]) -> None:
    """Shade the words of these columns as the page does."""
    names = {item.name for item in SURE_FIELDS}
    for column, item in enumerate(fields):
        if item.name in names and last > header:
            for word in SHADES:
                rule = {"type": "cell", "criteria": "==", "value": f'"{word}"'}
                rule["format"] = sheet.formats[word]
                sheet.page.conditional_format(header + 1, column, last, column, rule)


def field_words(name: str, themes: Mapping[str, str]) -> str:
    """What people read above a column.

    Parameters
    ----------
    name : str
        Of the column.
    themes : mapping of str to str
        Labels of the themes by their names.

    Examples
    --------
    >>> field_words("asb_shown_low", {"asb": "anti-social behaviour"})
    'Anti-social behaviour: incidents, at least'
    >>> field_words("zone_id", {}), field_words("my_own_note", {})
    ('Zone id', 'My own note')
    """
    if name in KNOWN:
        return KNOWN[name]
    for theme, label in themes.items():
        told = OF_THEME.get(name.removeprefix(f"{theme}_"))
        if told:
            return f"{capital(label)}: {told}"
    return capital(name.strip("_").replace("_", " "))


def aliases(table: pd.DataFrame, themes: Mapping[str, str]) -> str:
    """Words for every column of a layer, its row number and its index too."""
    names = dict.fromkeys(["fid", str(table.index.name or ""), *map(str, table.columns)])
    named = "".join(
        f'<alias field={quoteattr(name)} index="{number}" '
        f"name={quoteattr(field_words(name, themes))}/>"
        for number, name in enumerate(filter(None, names))
    )
    return f"<aliases>{named}</aliases>"
