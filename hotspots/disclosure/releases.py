"""The one door out: what a reader may see of a run, decided once for all its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from hotspots.core.arguments import has_record, listed, require_made
from hotspots.core.behind import UNKNOWN, Behind, units_said, without_behind
from hotspots.core.errors import InputError, require
from hotspots.core.record import Audience, RunRecord, refuse_protect
from hotspots.core.tables import AREAS, ZONES, has_shapes
from hotspots.core.text.mends import Mend
from hotspots.disclosure.breakdowns import as_known, months_of, parts_of_file, release_breakdowns
from hotspots.disclosure.disclose_record import record_for_reader
from hotspots.disclosure.published import Published, holding, published_by, require_sealed, sealed
from hotspots.disclosure.refuse import check_marking, warn_of_gaps
from hotspots.disclosure.release_table import (
    by_theme,
    in_turn,
    is_outlined,
    release_overlaps,
    split,
    tables_of,
    values,
)
from hotspots.disclosure.rules import (
    Reader,
    count_columns,
    first,
    is_monthly,
    minimums_of,
    with_everything,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.decisions import Decision


@dataclass(frozen=True, eq=False, repr=False)
class Release:
    """Tables as their reader may see them; pages, files and commands take nothing else.

    Attributes
    ----------
    areas : tuple of GeoDataFrame
        Cells, clusters and other areas, one table a theme and kind.
    zones : tuple of GeoDataFrame
        Zones, with totals where they had any.
    overlaps : DataFrame, optional
        How areas and zones overlap.
    area_periods : tuple of DataFrame
        Counts by period, one table a theme.
    breakdowns : DataFrame, optional
        Hours, offences and months of places: ``incident_count`` of each ``part``, and what a
        reader may conclude of it; exact where nothing is withheld.
    tables : mapping of str to DataFrame
        Further tables by name.
    record : RunRecord
        The logbook as far as the reader may read it.
    earlier : tuple of DataFrame
        What the reader has already.
    published : tuple of Published
        Geographies, windows and minimums this release makes known.
    decisions : tuple of Decision, optional
        What was decided; None for readers who get nothing that was typed.
    history : tuple of DataFrame
        What the products before this one said of the areas, one table a theme, by period.
    behind : Behind
        Whether every record behind it was published one by one; themes that have some in common.
    lately : DataFrame, optional
        How the counts of the whole place changed lately.
    seal : tuple of str
        Hashes of what its tables said when it was made; one that was changed since is refused.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"kind": "h3-8", "theme": "asb", "incident_count": [13]},
    ...     index=["a"], geometry=[box(0, 0, 800, 800)], crs=27700)
    >>> shown = release(areas, audience="partner", marking="OFFICIAL")
    >>> shown, shown.withholds
    (Release for partner: 1 h3-8 (asb); 0 zones, True)
    """

    areas: tuple[gpd.GeoDataFrame, ...]
    zones: tuple[gpd.GeoDataFrame, ...]
    overlaps: pd.DataFrame | None
    area_periods: tuple[pd.DataFrame, ...]
    tables: Mapping[str, pd.DataFrame]
    record: RunRecord
    earlier: tuple[pd.DataFrame, ...] = ()
    published: tuple[Published, ...] = ()
    decisions: tuple[Decision, ...] | None = None
    history: tuple[pd.DataFrame, ...] = ()
    breakdowns: pd.DataFrame | None = None
    behind: Behind = UNKNOWN
    lately: pd.DataFrame | None = None
    seal: tuple[str, ...] = ()

    @property
    def every_table(self) -> list[pd.DataFrame]:
        """Areas, zones, overlaps, periods and further tables."""
        flat = [] if self.overlaps is None else [self.overlaps]
        return [*self.areas, *self.zones, *flat, *self.area_periods, *self.tables.values()]

    @property
    def cells(self) -> tuple[gpd.GeoDataFrame, ...]:
        """Areas that tile the ground."""
        return tuple(table for table in self.areas if not is_outlined(table, self.areas))

    @property
    def clusters(self) -> tuple[gpd.GeoDataFrame, ...]:
        """Areas that are drawn as outlines."""
        return tuple(table for table in self.areas if is_outlined(table, self.areas))

    @property
    def audience(self) -> Audience:
        """Whom the release is for."""
        return self.record.audience

    @property
    def withholds(self) -> bool:
        """Whether this reader sees less than there is."""
        return withholds(self.audience, self.behind)

    @property
    def told_behind(self) -> Behind:
        """What a file says of ``behind``: nothing of themes its reader has no table of."""
        tables = [*self.every_table, *self.earlier]
        told = [str(theme) for one in tables for theme in values(one, "theme")]
        wide = [str(name).removesuffix("_count") for one in tables for name in one.columns]
        return self.behind.among([*told, *wide])

    def with_sentences(self, sentences: Mapping[str, str]) -> Release:
        """The same release with sentences made from its own tables."""
        return replace(self, record=replace(self.record, sentences=dict(sentences)))

    def with_breakdowns(self, breakdowns: pd.DataFrame) -> Release:
        """The same release with hours and offences of its places, as far as its readers may see.

        For places chosen by what this release shows; months are judged with the periods: give those
        to :func:`release`.
        """
        reader = reader_of(self.record, [*self.areas, *self.zones], self.behind, self.earlier)
        parts = release_breakdowns(breakdowns, self.areas, reader, earlier=self.earlier)
        return holding(self, parts)

    def with_parts(self, parts: pd.DataFrame | None) -> Release:
        """The same release with parts of counts as they are, where its readers may have them.

        Exact ones where nothing is withheld; else those that were released for the same readers.
        """
        kept = parts_of_file(parts, self.audience if self.withholds else None)
        return self if kept is None else holding(self, kept)

    def with_lately(self, lately: pd.DataFrame | None) -> Release:
        """The same release with ``recent_changes``: exact counts, where nothing is withheld."""
        return self if self.withholds else replace(self, lately=lately)

    def __repr__(self) -> str:
        kinds = [
            f"{len(table):,} {first(table, 'kind')} ({first(table, 'theme')})"
            for table in self.areas
        ]
        zones = sum(map(len, self.zones))
        return f"Release for {self.audience}: {', '.join(kinds) or 'no areas'}; {zones:,} zones"


def release(
    areas: pd.DataFrame | Iterable[pd.DataFrame] = (),
    *,
    zones: pd.DataFrame | Iterable[pd.DataFrame] = (),
    overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    area_periods: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    breakdowns: pd.DataFrame | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    audience: Audience | None = None,
    marking: str | None = None,
    title: str | None = None,
    earlier: pd.DataFrame | Release | Iterable[pd.DataFrame | Release] = (),
    keep: Iterable[str] = (),
    decisions: Iterable[Decision] = (),
    share: bool = False,
    behind: Behind | None = None,
    record: RunRecord | None = None,
) -> Release:
    """Decide once what a reader may see: every page and file is made from what comes back.

    Parameters
    ----------
    areas : DataFrame or several
        Cells, clusters and other areas, one table a theme and kind.
    zones : DataFrame or several
        Zones tables, with or without totals.
    overlaps : DataFrame or several, optional
        From :func:`relate_to_zones`.
    area_periods : DataFrame or several, optional
        From :func:`count_by_period`.
    breakdowns : DataFrame, optional
        What makes up the counts of places: ``area_id``, ``theme``, ``breakdown`` ("hours",
        "offences", "months"), ``part`` and ``incident_count``, which sum to that of the place.
        Partners are shown parts of 5 and more, the public none.
    tables : mapping of str to DataFrame, optional
        Further tables by name.
    audience : {"internal", "partner", "public", "protect"}, optional
        Who it is for; the record's by default.
    marking, title : str, optional
        Handling words and heading; the record's by default.
    earlier : DataFrame, Release or several
        What these readers already have, as the library made or wrote it, last month's GeoPackage
        for instance (:func:`read_geopackage`). Where subtraction could tell a count under 5, counts
        are rounded more coarsely or withheld; another geography over an overlapping period is
        refused.
    keep : iterable of str
        Further columns you vouch for. Columns the library does not know are left out otherwise.
    decisions : iterable of Decision
        What was decided. It stays with internal readers.
    share : bool
        Give decisions to partners, too; never to the public, nor with Protect zones.
    behind : Behind, optional
        What is known of the incidents that were counted, for tables that do not say it themselves
        (columns ``published`` and ``themes_behind``, as the stages write them). Without either
        nothing is published already, and themes have no incidents in common (a warning says so).
    record : RunRecord, optional
        The logbook of the run, printed as far as its reader may read it. Nothing is decided by what
        stands in it, and it is left as it is.

    Returns
    -------
    Release
        For ``internal`` and ``protect``, and where every source was already published record by
        record: the tables as they are. Else counts below 5, none included, are withheld, all others
        rounded to 5; ``shown`` says in each row what was done, ``shown_low`` and ``shown_high``
        what a reader may conclude. ``partner``: harm is the middle of a band (``harm_low`` to
        ``harm_high`` are its edges) that holds the harm of the rounded count at the area's mean
        weight, withheld where fewer than 5 incidents carry a weight or one event or place is more
        than half; clusters are drawn on 100 m squares. ``public``: nothing derived from anything
        finer than the rounded counts.

    Raises
    ------
    InputError
        For incident rows or points, a Protect zone in another product, a Protect product without
        Protect marking, a geography too fine, a second geography, or a sensitive theme in public.

    Notes
    -----
    Rounding and withholding protect against arithmetic on what the library publishes. They cannot
    know what a reader has from elsewhere, for instance an export nobody passed as ``earlier``.

    References
    ----------
    Office for National Statistics, "Policy on protecting confidentiality in tables of birth and
    death statistics" (thresholds, rounding, secondary suppression); Hundepool et al. (2012)
    "Statistical Disclosure Control", https://doi.org/10.1002/9781118348239

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"kind": "h3-8", "theme": "asb", "incident_count": [13, 2, 0]},
    ...     index=["a", "b", "c"], geometry=[box(0, 0, 800, 800)] * 3, crs=27700)
    >>> shown = release(areas, audience="public", marking="PUBLISHED").areas[0]
    >>> shown[["incident_count", "shown", "shown_low", "shown_high"]].values.tolist()
    [[15.0, 'rounded', 13, 17], [nan, 'small', 0, 4], [nan, 'small', 0, 4]]
    """
    record = _record(record, audience, marking, title)
    cells, outlines = split(tables_of(areas, AREAS, "areas")), tables_of(zones, ZONES, "zones")
    require_made("tables", {} if tables is None else tables, Mapping, '{"streets": table}')
    further, keep = dict(tables or {}), listed(keep, "keep")
    refuse_protect(*cells, *outlines, *further.values(), record=record)
    before = _earlier(earlier)
    by_period = by_theme(area_periods)
    drawn = [*outlines, *filter(has_shapes, further.values())]
    flat = [one for one in further.values() if not has_shapes(one)]
    said = [*cells, *(one for _, one in by_period), *flat]
    if behind is None:
        behind = Behind.said_by(said, drawn)
    behind = behind.but_for([*said, *drawn])
    record = record.copy(units={**record.units, **units_said([*said, *drawn])})
    cells, outlines = [list(map(without_behind, some)) for some in (cells, outlines)]
    by_period = [(theme, without_behind(one)) for theme, one in by_period]
    further = {name: without_behind(table) for name, table in further.items()}
    every: list[Any] = [*cells, *outlines, *further.values()]
    reader = reader_of(record, every, behind, before)
    check_marking(reader)
    warn_of_gaps(cells, reader, behind)
    monthly = [] if breakdowns is None else by_theme(months_of(breakdowns, cells))
    told, found = in_turn(every, reader, before, keep, [*by_period, *monthly])
    safe = [one.table for one in told]
    periods, months = found[: len(by_period)], [one.table for one in found[len(by_period) :]]
    shown, drawn = safe[: len(cells)], safe[len(cells) : len(cells) + len(outlines)]
    related = release_overlaps(overlaps, shown, drawn, reader)
    parts = breakdowns
    if parts is not None:
        parts = release_breakdowns(parts, [*shown, *drawn], reader, months=months, earlier=before)
    everything = [*told, *periods, *([] if related is None else [related])]
    made = Release(
        areas=tuple(cast("list[gpd.GeoDataFrame]", shown)),
        zones=tuple(cast("list[gpd.GeoDataFrame]", drawn)),
        overlaps=None if related is None else related.table.reset_index(),
        area_periods=tuple(one.table.reset_index() for one in periods),
        tables=dict(zip(further, safe[len(cells) + len(outlines) :], strict=True)),
        record=record_for_reader(record, everything, published=behind.published),
        earlier=tuple(before),
        published=tuple(published_by(safe, reader)),
        decisions=_for_reader(decisions, record.audience, share),
        breakdowns=parts,
        behind=behind,
    )
    return sealed(made)


def _for_reader(
    decisions: Iterable[Decision], audience: Audience, share: bool
) -> tuple[Decision, ...] | None:
    """What was typed, for those who may have it: texts cannot be made safe, only kept back."""
    allowed = audience == "internal" or (audience == "partner" and share)
    return tuple(decisions) if allowed else None


def as_release(
    areas: Release | pd.DataFrame | Iterable[pd.DataFrame], record: RunRecord | None, **more: Any
) -> Release:
    """A release as it is; bare tables are released for the record's audience."""
    if isinstance(areas, Release):
        require(
            record is None and not any(more.values()),
            "a release is complete: its record, zones and other tables are in it; got more.",
            mend=Mend("give-to-release"),
            rule="release-complete",
        )
        return require_sealed(areas)
    return release(areas, record=record, **more)


def _record(
    record: RunRecord | None, audience: Audience | None, marking: str | None, title: str | None
) -> RunRecord:
    """The record of this release: the run's, with what was said here instead."""
    if has_record(record):
        said = {"audience": audience, "marking": marking, "title": title}
        return record.copy(**{name: value for name, value in said.items() if value is not None})
    require(
        audience is not None and marking is not None,
        "a release needs `audience` and `marking`, or a `record` that has them: who is it for, and "
        'how may it be handled? For instance `audience="partner"`, `marking="OFFICIAL"`.',
    )
    return RunRecord(title or "Hotspots", cast(str, marking), cast(Audience, audience))


def withholds(audience: Audience, behind: Behind) -> bool:
    """Whether these readers see less than there is."""
    return not Reader(audience, "", behind.published).sees_everything


def reader_of(
    record: RunRecord, tables: list[Any], behind: Behind, earlier: Iterable[pd.DataFrame] = ()
) -> Reader:
    """Who a release is for, what its tables say of themselves and what is known behind them."""
    named = [str(theme) for table in (*tables, *earlier) for theme in values(table, "theme")]
    named += [*behind.themes, *(name for part in behind.theme_parts for name in part)]
    themes, least = tuple(dict.fromkeys(named)), minimums_of(tables)
    parts = with_everything(behind.theme_parts, named)
    reader = Reader(record.audience, record.marking, behind.published, themes, least, parts=parts)
    counted = [table for table in tables if count_columns(table, reader) and not is_monthly(table)]
    kinds = frozenset(str(kind) for table in counted for kind in values(table, "kind"))
    return replace(reader, geographies=kinds)


def _earlier(earlier: Any) -> list[pd.DataFrame]:
    """Every table the reader has."""
    several = [earlier] if isinstance(earlier, (pd.DataFrame, Release)) else list(earlier or ())
    found: list[pd.DataFrame] = []
    for one in several:
        if isinstance(one, Release):
            parts = [] if one.breakdowns is None else as_known(one.breakdowns)
            found += [*one.areas, *one.zones, *one.area_periods, *parts]
        elif isinstance(one, pd.DataFrame):
            found += as_known(one)
        else:
            raise InputError(
                f"`earlier` must be tables or releases; got {type(one).__name__}.",
                mend=Mend("read-back"),
            )
    return found
