"""What the page says in words: facts, finding, places, numbers, zones. The template escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.months import clock_of
from hotspots.core.periods import day_words, in_order_of_time, span_of, span_of_areas
from hotspots.report.escape import plain_text, short_name
from hotspots.report.map.card_data import busiest_hours, has_months
from hotspots.report.map.earlier import others_as_long
from hotspots.report.map.theme_tables import (
    EQUIPPED,
    PROTECT,
    ThemeTables,
    demand_finding,
    demand_period,
    span_of_themes,
    unit_of_harm,
)
from hotspots.report.text.area_changes import change_view, left_places, listed_words, movement
from hotspots.report.text.decision_words import caveat_words
from hotspots.report.text.ground_words import standing, where_sentence
from hotspots.report.text.headline import kicker, ranked_words, sureness, verdict_key, what_changed
from hotspots.report.text.ratio_words import rate_per, rate_unit, rate_words
from hotspots.report.text.words import (
    READERS,
    alone,
    and_list,
    capital,
    choice_words,
    figure_words,
    grid_words,
    harm_words,
    kind_label,
    period_name,
    scale_words,
    short_period,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import Account, RunRecord
    from hotspots.report.map.backdrop import OnlineTiles

EARLIER_MONTHS = 3
LONG_NAME = 12
YEAR_BEFORE = "the year before"


@dataclass(frozen=True)
class Place:
    """One row of the table of places."""

    rank: str
    name: str
    ward: str
    count: str
    harm: str
    earlier: list[tuple[str, str]] = field(default_factory=list)
    movement: str = ""
    verdict: str = ""
    busiest: str = ""
    columns: list[str] = field(default_factory=list)
    listed: str = ""


def page_view(
    themes: list[ThemeTables],
    zones: Sequence[gpd.GeoDataFrame],
    record: RunRecord,
    *,
    title: str | None = None,
    tiles: OnlineTiles | None = None,
    top: int = 5,
) -> dict[str, Any]:
    """Everything the page's template writes, as plain text in lists and dictionaries."""
    marking = plain_text(record.marking)
    return {
        "title": plain_text(title or record.title),
        "marking": marking,
        "demonstration": "DEMONSTRATION" in marking.upper(),
        "old": not record.current,
        "facts": _facts(themes, record),
        "themes": [
            {
                "label": plain_text(capital(theme.status.label)),
                "state": theme.status.state,
                "note": plain_text(theme.status.note),
                "kicker": plain_text(kicker(theme)),
                "changed": plain_text(what_changed(theme)),
                "sentence": plain_text(capital(_finding(theme, record))),
                "unit": unit_of_harm(theme, record),
                "columns": [*(EQUIPPED[name] for name in _equipped(theme)), *_rated(theme)],
                "named": theme.of_zones,
                "months": has_months(theme),
                "weighed": not theme.of_zones and _list_has_harm(theme),
                "places": places,
                "then": _same_time(places),
                "key": _key(theme),
                "level": _level(theme, top),
                "left": " ".join(filter(None, [left_places(theme), theme.not_beside])),
                "change": change_view(theme, top),
                "rounded": theme.disclosed,
                "numbers": _numbers(theme, record),
            }
            for theme in themes
            for places in [[_place(theme, place, top) for place in theme.top]]
        ],
        "loud": [plain_text(caveat) for caveat in record.caveats if caveat.is_loud],
        "leading": [plain_text(caveat) for caveat in record.caveats if caveat.leads],
        "caveats": [plain_text(caveat) for caveat in caveat_words(record, themes)],
        "method": _method(themes, record),
        "zones": _zone_rows(zones, themes),
        "attributions": [
            plain_text(text).rstrip(".") + "."
            for text in (*record.attributions, *([tiles.attribution] if tiles else []))
        ],
        "tiles": tiles.host if tiles else "",
    }


def _facts(themes: list[ThemeTables], record: RunRecord) -> list[tuple[str, str]]:
    periods = list(dict.fromkeys(theme.period for theme in themes if theme.period))
    names = {name for theme in themes for name in _alike(theme)}
    names |= {theme.before.key for theme in themes if theme.before is not None}
    words = dict.fromkeys(period_name(month) for month in reversed(in_order_of_time(names)))
    others = [month for month in words if month not in periods]
    facts = [("Data", "; ".join(periods) or capital(demand_period(record)))]
    if others:
        facts.append(("Compared with", _joined(others)))
    areas = _grid(themes, system=False)
    if areas:
        facts.append(("Areas", capital(areas)))
    facts.append(("For", READERS[record.audience]))
    if record.made_on:
        facts.append(("Made on", day_words(record.made_on)))
    return [(term, text) for term, text in facts if text]


def _alike(theme: ThemeTables) -> list[str]:
    """Other periods to set beside the one of the areas, latest first: as long, or of any name."""
    if theme.periods is None or theme.whole is None or not theme.size:
        return []
    names = {str(name) for name in theme.periods["period"].unique()}
    return others_as_long(names, theme.key, span_of_areas(theme.whole))


def _grid(themes: list[ThemeTables], *, system: bool = True) -> str:
    for theme in themes:
        if theme.whole is not None and len(theme.whole):
            size, length = (theme.whole.get(name, ()) for name in ("area_km2", "length_m"))
            return grid_words(theme.kind, size, length, system=system)
    return ""


def _joined(parts: list[str]) -> str:
    if len(parts) > 4:
        return f"{len(parts)} months, {parts[-1]} to {parts[0]}"
    return and_list(parts)


def _finding(theme: ThemeTables, record: RunRecord) -> str:
    """The finding alone: the theme stands above it already."""
    if theme.of_zones:
        return demand_finding(theme, record)
    if theme.status.name in record.sentences:
        return alone(record.sentences[theme.status.name])
    if theme.status.state == "absent":
        return f"{theme.status.note or 'nothing of it came in: this is not zero'}."
    if theme.cells is None and not theme.outlines:
        return "no areas were made for this theme."
    if theme.cells is None or "disclosed_for" in theme.cells:
        first = "see the map"
        if theme.top:
            leader = _place(theme, theme.top[0])
            level = leader.rank.endswith("=")
            first = "several places are level first" if level else f"{leader.name} comes first"
        return f"{theme.status.label}, {theme.period}: {first}."
    return f"{theme.total:,.0f} incidents in {theme.period}."


def _place(theme: ThemeTables, where: tuple[int, int], top: int = 0) -> Place:
    row = theme.place(where)
    return Place(
        rank=theme.rank(where),
        name=short_name(row["place_name"]) or "Unnamed place",
        ward=short_name(row.get("ward_name")),
        count=figure_words(row["incident_count"], missing="withheld"),
        harm=harm_words(row) if theme.weighed else theme.no_harm,
        earlier=_earlier(theme, str(row.name)) if where[0] < 0 else [],
        movement=movement(theme, where),
        verdict=sureness(theme, where),
        busiest=busiest_hours(theme, where),
        columns=[
            *(figure_words(row[name], missing="") for name in _equipped(theme)),
            *(rate_words(row) for _ in _rated(theme)),
        ],
        listed=listed_words(theme.history, str(row.name), top) if where[0] < 0 else "",
    )


def _list_has_harm(theme: ThemeTables) -> bool:
    """Whether a column of harm would say anything of the places on the list."""
    listed = (theme.place(where) for where in theme.top)
    return theme.weighed and any(pd.notna(row.get("harm")) for row in listed)


def _equipped(theme: ThemeTables) -> list[str]:
    """Columns of Protect zones beside their counts, as far as they are known."""
    if not theme.of_zones or theme.whole is None:
        return []
    return [name for name in EQUIPPED if name in theme.whole]


def _rated(theme: ThemeTables) -> list[str]:
    """The heading of the rate that areas are ranked by, where they are."""
    table = theme.group(theme.top[0][0]) if theme.top else None
    per = rate_per(table)
    return [capital(rate_unit(per)[1])] if per else []


def _level(theme: ThemeTables, top: int) -> str:
    """Places that stand level where the list ends and are not on it."""
    rank, others = theme.unlisted(top)
    if not others:
        return ""
    more = "One more place stands" if others == 1 else f"{others:,} more places stand"
    return f"{more} level at {rank} and {'is' if others == 1 else 'are'} not listed."


def _key(theme: ThemeTables) -> str:
    """What the words of sureness mean, where any place has one."""
    if not any(sureness(theme, where) for where in theme.top):
        return ""
    return verdict_key(len(theme.top), ranked_words(theme))


def _earlier(theme: ThemeTables, area_id: str) -> list[tuple[str, str]]:
    """Counts of earlier periods, latest first: "41", "in Jul 2017"; "38", "the year before"."""
    names, before = _alike(theme), theme.before
    if theme.periods is not None and names:
        counts = theme.over_time("incident_count")
        absent = None if "disclosed_for" in theme.periods else 0
        lines = [
            (counts.get((area_id, name), absent), _then(theme, name))
            for name in names[:EARLIER_MONTHS]
        ]
    elif before is not None:
        when = _then(theme, before.key) if not theme.previous else "last time"
        lines = [(before.table["incident_count"].get(area_id), when)]
    else:
        lines = []
    if theme.previous and before is not None and names:
        lines.insert(0, (before.table["incident_count"].get(area_id), "last time"))
    missing = "withheld" if theme.disclosed else "not known"
    return [(figure_words(count, missing=missing), when) for count, when in lines]


def _same_time(places: list[Place]) -> str:
    """The one earlier time of all places where its name is long: it stands above them, once."""
    times = {tuple(when for _, when in place.earlier) for place in places}
    return YEAR_BEFORE if times == {(YEAR_BEFORE,)} else ""


def _then(theme: ThemeTables, period: str) -> str:
    """A period beside a number: "in Jul 2017", or "the year before" where its name is long."""
    name = short_period(period)
    if len(name) <= LONG_NAME or theme.whole is None or not theme.size:
        return f"in {name}"
    start = theme.whole["period_from"].iloc[0]
    span = span_of(period, clock_of(start))
    if span is None:
        return f"in {name}"
    return YEAR_BEFORE if span[0] + pd.DateOffset(years=1) == start else f"in {name}"


def _numbers(theme: ThemeTables, record: RunRecord) -> list[tuple[str, str]]:
    account = _account(theme, record)
    if account is None:
        return _rounded_rows(record) if theme.disclosed else []
    outside = "Outside the area (the files cover more)" if account.outside else "Outside the area"
    rows = [
        ("Used on this map", account.used),
        ("Without a location", account.unlocated),
        (outside, account.outside),
        ("At police stations, prisons, hospitals or courts (listed apart)", account.institutional),
        ("Left out as sensitive", account.sensitive),
    ]
    return [(label, f"{value:,}") for label, value in rows]


def _rounded_rows(record: RunRecord) -> list[tuple[str, str]]:
    """What the files held, where the account of a theme stays inside; rounded, and said to be."""
    if not record.sources:
        return []
    unlocated = sum(source.unlocated for source in record.sources)
    rows = [
        ("Rows read, of all themes and periods", record.read),
        ("Of them accepted", record.accepted),
        ("Of them without a location", unlocated),
    ]
    return [(label, f"about {value:,}" if value else "few, or none") for label, value in rows]


def _account(theme: ThemeTables, record: RunRecord) -> Account | None:
    """The account of the cells in their own period; the closest there is otherwise."""
    mine = [account for account in record.accounts if account.theme == theme.status.name]

    def closeness(account: Account) -> tuple[bool, bool]:
        return account.period == theme.period, account.stage == "aggregate_to_cells"

    return max(mine, key=closeness) if mine else None


def _method(themes: list[ThemeTables], record: RunRecord) -> list[str]:
    areas = _grid(themes)
    lines = [f"Areas: {areas}."] if areas else []
    scales = {
        str(scale)
        for theme in themes
        for table in (theme.cells, *theme.outlines)
        if table is not None and "harm_scale" in table
        for scale in table["harm_scale"].dropna().unique()
    }
    lines += [scale_words(scale, record.choices) for scale in sorted(scales)]
    lines += [f"{line}." for line in choice_words(record.choices, record.themes)]
    if any(theme.periods is not None or theme.before is not None for theme in themes):
        lines.append("Class bounds are the same at every time shown.")
    lines += [f"{line}." for line in [where_sentence(record.where)] if line]
    lines.append("No single incident is drawn.")
    return lines


def _zone_rows(
    zones: Sequence[gpd.GeoDataFrame], themes: list[ThemeTables]
) -> list[tuple[str, str]]:
    """Zones with dates or a status, one a row; the others of each kind by name in one.

    Protect zones that are listed as places are not named a second time.
    """
    listed = any(theme.of_zones for theme in themes)
    span = span_of_themes(themes)
    rows: list[tuple[str, str]] = []
    others: dict[str, list[str]] = {}
    for table in zones:
        for _, zone in table.iterrows():
            kind, name = str(zone["kind"]), short_name(zone["zone_name"])
            note = standing(zone, span)
            if kind in {"ward", "district"}:
                continue
            if note:
                rows.append((name, note))
            elif not (listed and kind == PROTECT):
                others.setdefault(kind_label(kind), []).append(name)
        wards = table[table["kind"].eq("ward")]
        if len(wards) and wards["approximate"].fillna(False).astype(bool).any():
            rows.append(("Ward outlines", "best fit: drawn and summed, never ranked"))
    for label, names in others.items():
        named = [name for name in names if name.casefold() != label.casefold()]
        if named:
            rows.append((label, ", ".join(named)))
    return rows
