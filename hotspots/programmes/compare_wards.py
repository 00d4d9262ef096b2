"""Wards side by side: the six plans, theme by theme, each against the rest of the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.zones.zone_concentration import zone_concentration
from hotspots.analysis.zones.zone_totals import rank_zones, refuse_approximate, summarise_zones
from hotspots.core.errors import listing, require
from hotspots.core.periods import Period
from hotspots.core.plain import plain_records
from hotspots.core.select import EVERYTHING
from hotspots.core.tables import ZONES, require_table
from hotspots.io.zones.from_lists import choose_zones

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

KEPT = (
    "zone_name", "incident_count", "share_of_count", "count_per_km2", "population",
    "count_per_1000", "harm", "share_of_harm", "harm_per_km2", "rest_count", "rest_rate",
    "ratio_to_rest", "ratio_low", "ratio_high", "ratio_per", "approximate", "rank",
)  # fmt: skip
CELLS = ("cells", "cells_for_share", "share_held", "cells_if_even")


@dataclass(frozen=True, eq=False)
class WardComparison:
    """Wards side by side.

    Attributes
    ----------
    table
        One row for each theme and ward, on (``theme``, ``zone_id``), in the order asked for.
    sentences
        For each theme and ward how few cells hold half of it, where cells were given.
    period
        Words for the time.
    cautions
        Sentences that belong beside the table.
    labels
        What each theme is called: a proxy by what it really is, where the record says so.
    """

    table: pd.DataFrame
    sentences: Mapping[tuple[str, str], str]
    period: str
    cautions: tuple[str, ...]
    labels: Mapping[str, str]

    def side_by_side(self, column: str = "incident_count") -> pd.DataFrame:
        """One number of every ward: themes down, wards across."""
        require(
            column in self.table.columns,
            f"`column` must be one of {listing(self.table.columns, most=30)}; got {column!r}.",
        )
        wide = self.table.reset_index()
        themes = list(dict.fromkeys(wide["theme"]))
        names = list(dict.fromkeys(wide["zone_name"]))
        return wide.pivot(index="theme", columns="zone_name", values=column).loc[themes, names]

    def to_sentence(self) -> str:
        """Each theme in one sentence, wards in the order asked for."""
        parts = []
        for theme, rows in self.table.groupby(level="theme", sort=False):
            said = [_ward_words(row) for _, row in rows.iterrows()]
            label = self.labels.get(str(theme), str(theme))
            parts.append(f"{label}, {self.period}: {'; '.join(said)}.")
        return " ".join([*parts, *self.sentences.values(), *self.cautions])

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        return {
            "period": self.period,
            "rows": plain_records(self.table),
            "concentration": list(self.sentences.values()),
            "cautions": list(self.cautions),
            "sentence": self.to_sentence(),
        }


def compare_wards(
    wards: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    themes: Sequence[str | None],
    within: gpd.GeoDataFrame,
    only: str | Path | Iterable[str] | None = None,
    period: str | Period | None = None,
    population: pd.Series | None = None,
    cells: Mapping[str, tuple[gpd.GeoDataFrame, pd.DataFrame]] | None = None,
    rank_by: str | None = None,
    record: RunRecord | None = None,
) -> WardComparison:
    """Put wards side by side, theme by theme, each against the rest of the city.

    Parameters
    ----------
    wards : GeoDataFrame
        Zones table of all wards.
    incidents : GeoDataFrame
        Incidents table.
    themes : sequence of str
        Themes, each counted by itself; None counts all incidents.
    within : GeoDataFrame
        The city.
    only : path or iterable of str, optional
        The wards to show, as names, ids or a TOML list (see :func:`choose_zones`); all by default.
    period : str or Period, optional
        All times by default.
    population : Series, optional
        Residents by ``zone_id`` of all wards; rates are then per resident, else per km2.
    cells : mapping, optional
        Theme to (areas, overlaps of these with the wards): adds how few cells hold half of it.
    rank_by : str, optional
        A column to rank the wards by within each theme. Refused for approximate outlines; without
        it the wards keep the order of the list.
    record : RunRecord, optional
        Gets accounts, choices and cautions; its theme labels are used in sentences.

    Returns
    -------
    WardComparison
        ``table``, ``side_by_side()``, ``to_sentence()``, ``to_dict()``.

    Raises
    ------
    InputError
        When approximate zones are to be ranked.
    DataError
        For wards of the list that are not in the table.

    Notes
    -----
    The rest of the city is everything but that one ward, so six wards have six different rests. It
    misleads where a ward holds the city centre: few of the people there live there.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> july = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    >>> incidents = hs.load_incidents(july, record=record)
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> six = compare_wards(wards, incidents, themes=[None], within=city,
    ...                     only=hs.bundled("priority_wards.toml"))
    >>> six.side_by_side().shape
    (1, 6)
    """
    require_table(wards, ZONES, argument="wards")
    chosen = wards if only is None else choose_zones(wards, only)
    if rank_by is not None:
        refuse_approximate(chosen)
    known = record.themes if record is not None else {}
    labels = {name: status.label for name, status in known.items()}
    tables: list[pd.DataFrame] = []
    sentences: dict[tuple[str, str], str] = {}
    for theme in themes:
        summary = summarise_zones(
            wards,
            incidents,
            theme=theme,
            period=period,
            within=within,
            population=population,
            record=record,
        ).loc[chosen.index]
        name = theme or EVERYTHING
        given = (cells or {}).get(name)
        table, said = _with_cells(summary, given, name, labels.get(name, name))
        tables.append(table if rank_by is None else rank_zones(table, by=rank_by))
        sentences |= said
    label = "all times" if period is None else Period.parse(period).label
    comparison = WardComparison(
        _stacked(tables), sentences, label, _cautions(chosen, population), labels
    )
    if record is not None:
        record.choose("compare_wards", wards=list(chosen["zone_name"]), rank_by=rank_by)
        record.warn_reader(*comparison.cautions)
    return comparison


def _with_cells(
    summary: gpd.GeoDataFrame,
    given: tuple[gpd.GeoDataFrame, pd.DataFrame] | None,
    theme: str,
    label: str,
) -> tuple[gpd.GeoDataFrame, dict[tuple[str, str], str]]:
    """How few cells hold half of the theme in each ward, and the sentences about it."""
    if given is None:
        return summary, {}
    few = zone_concentration(*given).reindex(summary.index)
    held = few["sentence"].dropna()
    sentences = {(theme, str(zone)): f"{label}: {said}" for zone, said in held.items()}
    return summary.assign(**{column: few[column] for column in CELLS}), sentences


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    require(bool(tables), "`themes` must name at least one theme, or None for all incidents.")
    stacked = pd.concat([pd.DataFrame(table) for table in tables])
    stacked = stacked.set_index("theme", append=True).swaplevel()
    return stacked[[column for column in (*KEPT, *CELLS) if column in stacked.columns]]


def _cautions(wards: gpd.GeoDataFrame, population: pd.Series | None) -> tuple[str, ...]:
    found = []
    if wards["approximate"].eq(True).any():
        found.append(
            "Ward outlines are approximate: about one incident in ten may stand in the wrong ward. "
            "The order is that of the list, not a ranking."
        )
    if population is None:
        found.append("Ratios are per km2: a ward with much open land looks quieter than it is.")
    else:
        found.append("Ratios are per resident: where many people visit, they look too high.")
    return tuple(found)


def _ward_words(row: pd.Series) -> str:
    words = f"{row['zone_name']} {row['incident_count']:,}"
    if pd.isna(row["ratio_to_rest"]):
        return words
    return (
        f"{words} ({row['ratio_to_rest']:.2f} times the rest of the city, "
        f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
    )
