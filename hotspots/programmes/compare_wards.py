"""Wards side by side: the six plans, theme by theme, each against the rest of the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.analysis.zones.zone_totals import (
    rank_zones,
    refuse_approximate,
    summarise_zones,
    zone_concentration,
)
from hotspots.core.arguments import has_record, listed, require_made
from hotspots.core.caveats import Caveat
from hotspots.core.errors import listing, require
from hotspots.core.plain import plain_records
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken, sentences_of
from hotspots.core.tables import ZONES, require_table
from hotspots.io.zones.from_lists import choose_zones
from hotspots.offences.tell_themes import theme_labels

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

KEPT = (
    "zone_name", "incident_count", "share_of_count", "count_per_km2", "population",
    "count_per_1000", "harm", "share_of_harm", "harm_per_km2", "rest_count", "rest_rate",
    "ratio_to_rest", "ratio_low", "ratio_high", "ratio_per", "against_rest",
    "approximate", "rank",
)  # fmt: skip
CELLS = ("cells", "cells_for_share", "share_held", "cells_if_even")


@dataclass(frozen=True, eq=False)
class WardComparison(Spoken):
    """Wards side by side.

    Attributes
    ----------
    table
        One row for each theme and ward, on (``theme``, ``zone_id``), in the order asked for.
    concentration
        For each theme with cells, how few of them hold half of it in each ward shown, from
        :func:`zone_concentration`.
    period
        Words for the time; where none was asked for, the months pooled.
    cautions
        What belongs beside the table.
    labels
        What each theme is called: a proxy by what it really is, where the record says so.
    outlines
        The outline of each ward shown.
    """

    table: pd.DataFrame
    concentration: Mapping[str, pd.DataFrame]
    period: str
    cautions: tuple[Caveat, ...]
    labels: Mapping[str, str]
    outlines: gpd.GeoSeries

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

    def with_outlines(self) -> gpd.GeoDataFrame:
        """A zones table, one row for each theme and ward with its outline, for maps and files."""
        table = self.table.reset_index("theme")
        table.insert(1, "kind", "ward")
        shapes = self.outlines.reindex(table.index)
        return gpd.GeoDataFrame(table, geometry=np.asarray(shapes), crs=self.outlines.crs)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        return {
            "period": self.period,
            "rows": plain_records(self.table),
            "concentration": list(sentences_of(self, "concentration")),
            "cautions": [str(caution) for caution in self.cautions],
            "sentence": self.to_sentence(),
        }


def compare_wards(
    wards: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    themes: Sequence[str | None] | None = None,
    only: str | Path | Iterable[str] | None = None,
    population: pd.Series | str | None = None,
    cells: Mapping[str, tuple[gpd.GeoDataFrame, pd.DataFrame]] | None = None,
    rank_by: str | None = None,
    record: RunRecord | None = None,
) -> WardComparison:
    """Put wards side by side, theme by theme, each against the rest of the city.

    Parameters
    ----------
    wards : GeoDataFrame
        Zones table of all wards.
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. The study area is the city;
        without one the wards together are. A ward's total is everything recorded there,
        institutional points too.
    themes : sequence of str, optional
        Themes, each counted by itself; None counts all incidents. By default that of the question,
        or, where it is about none, every theme the data carry.
    only : path or iterable of str, optional
        The wards to show, as names, ids or a TOML list (see :func:`choose_zones`); all by default.
    population : Series or str, optional
        Residents by ``zone_id`` of all wards, or the column of ``wards`` that holds them; rates are
        then per resident, else per km².
    cells : mapping, optional
        Theme to (areas, overlaps of these with the wards): adds how few cells hold half of it.
    rank_by : str, optional
        A column to rank the wards by within each theme. Refused for approximate outlines; without
        it the wards keep the order of the list.
    record : RunRecord, optional
        Gets accounts, choices and cautions.

    Returns
    -------
    WardComparison
        ``table``, ``side_by_side()``, ``with_outlines()``, ``to_sentence()``, ``to_dict()``.

    Raises
    ------
    InputError
        When approximate zones are to be ranked, and for themes the data do not carry.
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
    >>> everything = hs.select(incidents, hs.Question(within=city))
    >>> six = hs.compare_wards(wards, everything, themes=[None],
    ...                        only=hs.bundled("priority_wards.toml"))
    >>> six.side_by_side().shape
    (1, 6)
    """
    require_table(wards, ZONES, argument="wards")
    chosen = wards if only is None else choose_zones(wards, only)
    if rank_by is not None:
        refuse_approximate(chosen)
    if cells is not None:
        require_made("cells", cells, Mapping, '{"asb": (cells, overlaps)}')
    asked = as_selection(incidents).asked(include_institutional=True)
    if asked.within is None:
        asked = asked.asked(within=wards)
    themes = _themes(themes, asked)
    population = _residents(wards, population)
    tables: list[pd.DataFrame] = []
    concentration: dict[str, pd.DataFrame] = {}
    for theme in themes:
        counted = asked.of(theme)
        summary = summarise_zones(wards, counted, population=population, record=record)
        name = counted.theme
        if cells is not None and name in cells:
            require(
                isinstance(cells[name], tuple) and len(cells[name]) == 2,
                "`cells` must hold cells and their overlaps with the wards by theme, "
                'e.g. {"asb": (cells, overlaps)}.',
            )
            few = zone_concentration(*cells[name])
            concentration[name] = few.loc[[zone for zone in chosen.index if zone in few.index]]
        shown = summary.loc[chosen.index]
        table = _with_cells(shown, concentration.get(name))
        tables.append(table if rank_by is None else rank_zones(table, rank_by=rank_by))
    comparison = WardComparison(
        table=_stacked(tables),
        concentration=concentration,
        period=asked.period_words,
        cautions=_cautions(chosen, tables),
        labels=theme_labels(asked.source.tally.kinds),
        outlines=chosen.geometry,
    )
    if has_record(record):
        record.choose("compare_wards", wards=list(chosen["zone_name"]), rank_by=rank_by)
        record.warn_reader(*comparison.cautions)
    return comparison


def _themes(themes: Sequence[str | None] | None, asked: Selection) -> Sequence[str | None]:
    """The themes asked for, else that of the question, else all the data carry."""
    carried = asked.source.carried()
    if themes is None:
        return [asked.question.theme] if asked.question.theme or not carried else carried
    themes = listed(themes, "themes")
    told = set(asked.source.themes()) - set(asked.source.carried())  # by the question, and why
    known = [None, *carried, *told]
    unknown = [name for name in themes if name not in known]
    require(
        not unknown,
        f"`theme` must be one the data carry, which are {listing(carried)}; got "
        f"{listing(unknown)}.",
        rule="unknown-theme",
    )
    return list(dict.fromkeys(themes))


def _residents(wards: gpd.GeoDataFrame, population: pd.Series | str | None) -> pd.Series | None:
    """Residents by ward, of a column where it is named."""
    if not isinstance(population, str):
        return population
    require(
        population in wards.columns,
        f"`population` must be a column of the wards; got {population!r}, they have "
        f"{listing(wards.columns, most=30)}.",
        rule="no-such-column",
    )
    return wards[population].astype(float)


def _with_cells(summary: gpd.GeoDataFrame, few: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """The columns that say how few cells hold half of the theme in each ward."""
    if few is None:
        return summary
    return summary.assign(**{column: few[column].reindex(summary.index) for column in CELLS})


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    require(bool(tables), "`themes` must name at least one theme, or None for all incidents.")
    stacked = pd.concat([pd.DataFrame(table) for table in tables])
    stacked = stacked.set_index("theme", append=True).swaplevel()
    return stacked[[column for column in (*KEPT, *CELLS) if column in stacked.columns]]


def _cautions(wards: gpd.GeoDataFrame, tables: list[pd.DataFrame]) -> tuple[Caveat, ...]:
    found = []
    per = {one for table in tables for one in table["ratio_per"].dropna()}
    if wards["approximate"].eq(True).any():
        found.append(Caveat("approximate-wards"))
    found += [Caveat(f"per-{unit}") for unit in sorted(per)]
    found.append(Caveat("wards-widened"))
    return tuple(found)
