"""The public: what it can count of a product by itself, and a briefing for each ward."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.trends.by_period import count_by_period
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.arguments import path_of
from hotspots.core.errors import DataError, listing, require
from hotspots.core.periods import Period, span_words
from hotspots.core.question import Question
from hotspots.core.select import select
from hotspots.core.totals import period_columns
from hotspots.disclosure import Release, release
from hotspots.disclosure.over_time import days_of
from hotspots.disclosure.rules import CLUSTER, FEWEST, TIMES
from hotspots.offences.tell_themes import carried_themes
from hotspots.programmes.tasking.sources import themes_told
from hotspots.report.about import read_geopackage
from hotspots.report.briefing import write_briefing
from hotspots.report.escape import plain_text, short_name
from hotspots.report.geopackage import write_geopackage
from hotspots.report.text.words import capital, kind_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from hotspots.core.record import RunRecord, ThemeStatus
    from hotspots.programmes.tasking.product import TaskingResults

EVERY_GEOPACKAGE = "public-*.gpkg"
LONGEST = 60


@dataclass(frozen=True, eq=False)
class PublicBriefings:
    """Which zones get one, and under which marking.

    Attributes
    ----------
    kind
        Kind of zones, such as ``ward``.
    marking
        Handling words: those of the product are for its own readers.
    earlier
        Tables the public has already.
    """

    kind: str
    marking: str
    earlier: tuple[pd.DataFrame, ...] = field(default=(), repr=False)

    def check(self, audience: str, kinds: set[str], *, sensitive: bool) -> None:
        """Raise where the product cannot have them."""
        require(
            audience == "internal",
            f"[briefings] are made beside an internal product; this one is for {audience!r}: make "
            "them with the internal product of the same period.",
            DataError,
            rule="briefings-audience",
        )
        require(
            not sensitive,
            "[sensitive] shows sensitive incidents, which no public briefing counts. Leave out one "
            "of [sensitive] and [briefings].",
            DataError,
            rule="sensitive",
        )
        require(
            self.kind in kinds,
            f"[briefings] names the zones {self.kind!r}; there are {listing(kinds)}.",
            DataError,
            rule="briefings-zones",
        )


@dataclass(frozen=True, eq=False)
class PublicFiles:
    """The briefings of one product, ready to be written beside its files.

    Each of ``themes`` with whether the incidents carry it.
    """

    released: Release
    period: str
    themes: tuple[tuple[ThemeStatus, bool], ...] = ()
    before: tuple[Path, ...] = ()

    @property
    def names(self) -> list[str]:
        """File names: what the public has for the next product to take care beside, then pages."""
        pages = [f"{stem}.{kind}" for stem in self._stems() for kind in ("html", "md")]
        return [_geopackage_for(self.period), *(one.name for one in self.before), *pages]

    def write(self, folder: Path) -> None:
        """Write all of them; those of the products before come along."""
        write_geopackage(self.released, folder / _geopackage_for(self.period))
        for one in self.before:
            shutil.copy2(one, folder / one.name)
        (table,) = self.released.zones
        for stem, (_, zone) in zip(self._stems(), table.iterrows(), strict=True):
            names = (f"{stem}.html", f"{stem}.md")
            write_briefing(_view(zone, self.released.record, self.themes), folder, names=names)

    def _stems(self) -> list[str]:
        """``public-mill-hill``; with the number of the zone where two are called alike."""
        (table,) = self.released.zones
        slugs = [
            re.sub(r"[^a-z0-9]+", "-", str(name).casefold()).strip("-")[:LONGEST]
            for name in table["zone_name"]
        ]
        return [
            f"public-{slug}" if slug and slugs.count(slug) == 1 else f"public-{slug}-{number}"
            for number, slug in enumerate(slugs, start=1)
        ]


def public_files(results: TaskingResults, folder: str | Path) -> PublicFiles | None:
    """The zones of a product as the public may see them; None where it asks for no briefings.

    What all briefings of other periods told is in the folder that ``previous`` names, or in that
    they are written to, and counts as ``earlier``.
    """
    asked = results.product.briefings
    if asked is None:
        return None
    mine = [table[table["kind"].eq(asked.kind)] for table in results.zones]
    table = pd.concat([one for one in mine if len(one)])
    previous, period = results.product.previous, Period.parse(results.product.period).key
    places = [path_of(folder, "folder"), *([previous.folder] if previous else ())]
    found = dict.fromkeys(file.resolve() for one in places for file in one.glob(EVERY_GEOPACKAGE))
    before = {file.name: file for file in sorted(found) if file.name != _geopackage_for(period)}
    told = [one for file in found if file.name in before for one in read_geopackage(file).values()]
    record = results.record.copy(audience="public", marking=asked.marking, sentences={})
    released = release(
        zones=[table], earlier=[*asked.earlier, *told], behind=results.behind, record=record
    )
    carried = carried_themes(results.incidents)
    said = themes_told(results.incidents, results.product.sources, "public", results.behind)
    themes = tuple((status, name in carried) for name, status in said.items())
    return PublicFiles(released, period, themes, tuple(before.values()))


def _geopackage_for(period: str) -> str:
    """What the public has of a period, as one file, by its key."""
    return f"public-{period.replace('/', '-to-')}.gpkg"


def _view(
    zone: pd.Series, record: RunRecord, themes: Iterable[tuple[ThemeStatus, bool]]
) -> dict[str, Any]:
    """What a briefing says of one zone, in the parts of a page."""
    name, period = short_name(zone["zone_name"]), ""
    if pd.notna(zone.get("period_from")):
        period = span_words(zone["period_from"], zone["period_until"])
    kind = capital(kind_name(str(zone["kind"]))[0])
    return {
        "title": f"{name}: {plain_text(record.title)}",
        "marking": plain_text(record.marking),
        "facts": [("Data", period), (kind, name)] if period else [(kind, name)],
        "themes": [
            {
                "label": plain_text(capital(status.label)),
                "sentence": _sentence(zone, status, carried=carried),
                "places": [],
            }
            for status, carried in themes
        ],
        "decisions": None,
        "sections": [],
        "loud": [plain_text(caveat) for caveat in record.caveats if caveat.is_loud],
        "leading": [plain_text(caveat) for caveat in record.caveats if caveat.leads],
        "caveats": [plain_text(caveat) for caveat in record.caveats],
        "attributions": [plain_text(text) for text in record.attributions],
    }


def _sentence(zone: pd.Series, status: ThemeStatus, *, carried: bool) -> str:
    """How many incidents the zone holds, as far as it is shown."""
    if not carried:
        return plain_text(capital(status.note or "the data do not carry it: this is not zero"))
    theme = status.name
    count = zone.get(f"{theme}_count")
    if count is None or pd.isna(count):
        high = zone.get(f"{theme}_shown_high")
        few = high is not None and not pd.isna(high) and high < FEWEST
        return f"Fewer than {FEWEST} incidents, or none." if few else "The number is not shown."
    rounded = "" if pd.isna(zone.get("disclosed_for")) else "About "
    return f"{rounded}{count:,.0f} incidents."


OPEN = "published_"
Parts = list[tuple[str, ...]]


def published_part(
    results: TaskingResults, known: Iterable[pd.DataFrame] = ()
) -> tuple[list[pd.DataFrame], Parts]:
    """What anybody can count of each theme, and the themes with these inside them.

    Cells of the period and of every stretch of whole months that the product, what it is compared
    with, or a table that readers have (``known``) begins or ends; and what lies inside the zones.
    Nothing where no source was published, or all were: then nothing is withheld.
    """
    rows = _published_rows(results.incidents)
    if rows is None:
        return [], list(results.behind.theme_parts)
    product, tables = results.product, list[pd.DataFrame]()
    asked = select(rows, Question(within=product.within))
    everyone = assign_cells(asked, product.grid)
    periods = _stretches([product.period, *results.compared], known)
    themes = [theme for theme in results.cells if theme in everyone.source.carried()]
    for theme in themes:
        now, cells = everyone.asked(theme=theme, period=product.period), results.cells[theme]
        counted = aggregate_to_cells(now).reindex(cells.index)
        same = {name: cells[name] for name in ("kind", *TIMES, "geometry")}
        found = [counted.assign(**same), count_by_period(counted, now, periods=periods)]
        days = {name: moment for name, moment in period_columns(now).items() if name in TIMES}
        for zones in product.zones:
            # As clusters: at least so many lie there, since a border may lie on either side of a
            # place, and zones need not follow the cells.
            counts = summarise_zones(zones, now)["incident_count"]
            own = zones[[zones.geometry.name]]
            found.append(own.assign(kind=CLUSTER, incident_count=counts, **days))
        tables += [table.assign(theme=f"{OPEN}{theme}") for table in found]
    parts = results.behind.theme_parts
    return tables, [*parts, *((*part, *(f"{OPEN}{name}" for name in part)) for part in parts)]


def _stretches(periods: Iterable[str], known: Iterable[pd.DataFrame]) -> list[str]:
    """Whole months between the days on which anything begins or ends: what is published is monthly.

    Time that no period of the product covers is left out.
    """
    spans = [Period.parse(one) for one in periods]
    days = {day.tz_localize(None) for span in spans for day in (span.start, span.end)}
    days |= {day for table in known for day in days_of(table)}
    firsts = sorted(day for day in days if day.day == 1 and day == day.normalize())
    return [
        f"{start:%Y-%m}/{end - pd.Timedelta(days=1):%Y-%m}"
        for start, end in pairwise(firsts)
        if any(span.start.tz_localize(None) <= start < span.end.tz_localize(None) for span in spans)
    ]


def _published_rows(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if "published" not in incidents.columns:
        return None
    is_open = incidents["published"].eq(True).fillna(False).to_numpy(dtype=bool)
    return incidents[is_open] if is_open.any() and not is_open.all() else None
