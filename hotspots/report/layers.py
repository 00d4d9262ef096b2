"""Tables of a release as named layers, and named layers as a release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import require
from hotspots.core.record import RunRecord
from hotspots.disclosure import Release, as_release, release
from hotspots.disclosure.release_table import by_theme, split
from hotspots.disclosure.rules import WITHHELD, is_monthly, theme_of
from hotspots.report.files import distinct

EASY_PLURALS = {"ward", "district", "pspo", "ring", "corridor", "site", "lsoa"}
PLURALS = {"protect": "protect_zones"}


def layers_of(released: Release) -> dict[str, pd.DataFrame]:
    """Every table of a release that has shapes or periods, by the name of its layer."""
    layers: dict[str, pd.DataFrame] = {}
    for name, table in _named(released):
        layers[distinct(name, layers)] = table  # two grids of one theme, two files of one kind
    return layers


def _named(released: Release) -> Iterator[tuple[str, pd.DataFrame]]:
    record = released.record
    table: pd.DataFrame
    some = any(map(len, released.areas))
    for stem, tables in (("cells", released.cells), ("clusters", released.clusters)):
        for table in tables:
            if len(table) or not some:  # of a quiet month a table without rows has no theme
                yield _of_theme(stem, table, record), table
    for zones in released.zones:
        for kind, table in zones.groupby("kind", sort=True, dropna=False):
            yield kind_word("" if pd.isna(kind) else str(kind)), table
    for table in released.area_periods:
        if table["incident_count"].notna().any():
            yield _of_theme("periods", table, record), table.set_index(["area_id", "period"])
    for table in released.history:
        yield _of_theme("history", table, record), table
    if released.breakdowns is not None and len(released.breakdowns):
        yield "breakdowns", released.breakdowns.set_index("area_id")
    for name, table in released.tables.items():
        if hasattr(table, "geom_type"):
            yield layer_word(name), table


def _of_theme(stem: str, table: pd.DataFrame, record: RunRecord) -> str:
    """The stem and the theme of a table, which one without rows has not."""
    return f"{stem}_{theme_word(theme_of(table), record)}".rstrip("_")


def release_layers(
    layers: Mapping[str, pd.DataFrame], record: RunRecord | None
) -> tuple[dict[str, pd.DataFrame], Release]:
    """Layers under their own names, and the release that they make together."""
    of_counts = {name: table for name, table in layers.items() if "breakdown" in table}
    layers = {name: table for name, table in layers.items() if name not in of_counts}
    zones = {name for name, table in layers.items() if "zone_name" in table.columns}
    periods = {name for name, table in layers.items() if is_monthly(table)} - zones
    areas = {
        name for name, table in layers.items() if {"theme", "incident_count"} <= set(table.columns)
    } - (zones | periods)
    further = set(layers) - (zones | periods | areas)

    def those(names: set[str]) -> dict[str, pd.DataFrame]:
        return {name: table for name, table in layers.items() if name in names}

    released = release(
        those(areas).values(),
        zones=those(zones).values(),
        area_periods=those(periods).values(),
        tables=those(further),
        record=record,
    )
    parts = iter(released.areas)
    found = {
        name: _joined([next(parts) for _ in split([table])]) for name, table in those(areas).items()
    }
    found |= dict(zip(those(zones), released.zones, strict=True))
    months = iter(released.area_periods)
    for name, table in those(periods).items():
        one = _joined([next(months) for _ in by_theme(table)])
        found[name] = one if "area_id" in table.columns else one.set_index(["area_id", "period"])
    found |= dict(released.tables)
    for name, table in of_counts.items():
        theirs = released.with_parts(table).breakdowns
        if theirs is not None:
            found[name] = theirs.set_index("area_id")
    return {name: found[name] for name in [*layers, *of_counts] if name in found}, released


def theme_word(theme: str, record: RunRecord) -> str:
    """A theme in the name of a layer: a proxy goes by what it is, not by what it stands for."""
    status = record.themes.get(theme)
    if status is None or status.state != "proxy":
        return theme
    return layer_word(status.label.split("(")[0])


def kind_word(kind: str) -> str:
    """Name of a layer of zones: the kind in plain letters, several of it where English is easy."""
    word = layer_word(kind) or "zones"
    return PLURALS.get(word, f"{word}s" if word in EASY_PLURALS else word)


def layer_word(words: str) -> str:
    """Words as the name of a layer."""
    return re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return parts[0] if len(parts) == 1 else pd.concat(parts)


def one_table(table: Release | pd.DataFrame, record: RunRecord | None) -> tuple[Any, RunRecord]:
    """A released table and the record for its reader; bare tables are released here."""
    if not isinstance(table, Release):
        released = release(tables={"table": table}, record=record)
        return released.tables["table"], released.record
    as_release(table, None)
    every = [*table.areas, *table.zones, *table.area_periods, *table.tables.values()]
    require(
        len(every) == 1,
        f"a plain file holds one table; the release has {len(every)}. Release each by itself, or "
        "write a GeoPackage or a workbook.",
    )
    return every[0], table.record


Frame = TypeVar("Frame", bound=pd.DataFrame)
LEFT_OUT = "columns-left-out"
_FIGURES = re.compile(r"(.+_)?(harm_low|harm_high)|.+_unweighted_count|count_per_km2")


def leave_out_withheld(table: Frame) -> tuple[Frame, list[str]]:
    """A table made safe for others, without the figures that are missing in every row; their names.

    Count, harm and rank stay even where all are withheld: readers of the files look for them. So
    does everything that is no figure: names, times, kinds, and columns to be filled in.

    Examples
    --------
    >>> safe = pd.DataFrame({"incident_count": [None], "z": [None], "disclosed_for": ["partner"]})
    >>> leave_out_withheld(safe)[1]
    ['z']
    """
    if "disclosed_for" not in table.columns or not len(table):
        return table, []
    gone = [
        str(name)
        for name in table.columns
        if (name in WITHHELD or _FIGURES.fullmatch(str(name))) and bool(table[name].isna().all())
    ]
    return table.drop(columns=gone), gone


def telling(record: RunRecord, columns: Iterable[str]) -> RunRecord:
    """A record with a caveat that names the columns left out, unless it has one already."""
    names = sorted(set(columns))
    if not names or any(caveat.rule == LEFT_OUT for caveat in record.caveats):
        return record
    told = record.copy()
    told.warn_reader(Caveat(LEFT_OUT, {"columns": ", ".join(names).replace("_", " ")}))
    return told
