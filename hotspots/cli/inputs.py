"""From what was typed to tables: incidents of files or of a product, zones of files or of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from hotspots.core.behind import units_said
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.periods import Period
from hotspots.core.record import NOT_GROUNDS, RunRecord, refuse_protect
from hotspots.core.select import EVERYTHING, Question, Selection, select
from hotspots.core.tables import THEME, themes_in
from hotspots.disclosure import withholds
from hotspots.io.incidents.breaks import Break, dated_breaks
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import may_hold_incidents
from hotspots.io.incidents.intake import reaches
from hotspots.io.read_vector import columns_of, path_and_layer, read_vector
from hotspots.io.zones.read import load_zones
from hotspots.offences.baskets import members_by_source
from hotspots.programmes.patrols.patrol_areas import without_near_misses
from hotspots.programmes.protect.protect_product import ProtectProduct
from hotspots.programmes.release_answer import given_with
from hotspots.programmes.tasking.load_product import in_words_of_a_file, load_product
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.sources import (
    THEMES,
    IncidentSource,
    scale_named,
    themes_named,
    zones_of_kind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from pyproj import CRS

    from hotspots.cli.options import Request
    from hotspots.core.behind import Behind
    from hotspots.disclosure import Release

UNMARKED = "NOT MARKED - FOR THE SCREEN ONLY"
CHOSEN = ("period_from", "period_until")
HERE = Path()


@dataclass(frozen=True, eq=False)
class Gathered:
    """The tables a command works on, and the logbook of the run."""

    request: Request
    record: RunRecord
    incidents: gpd.GeoDataFrame
    within: gpd.GeoDataFrame | None
    period: str | None
    product: TaskingProduct | None
    read: tuple[str, ...]

    @cached_property
    def given(self) -> Release | None:
        """What readers who may not see everything have of the product already."""
        return given_with(self.product, self.record, self.behind)

    def zones(self, kind: str) -> gpd.GeoDataFrame | None:
        """The zones asked for, else those of this kind in the product, if any."""
        if not self.request.zones:
            return self.of_product(kind)
        return read_zones(
            self.request.zones,
            kind,
            self.record,
            id_field=self.request.zone_id,
            name_field=self.request.zone_name,
        )

    def of_product(self, kind: str) -> gpd.GeoDataFrame | None:
        """The zones of this kind in the product; None where there are none."""
        return None if self.product is None else zones_of_kind(self.product.zones, kind)

    def breaks(self, own: str | None) -> list[Break]:
        """Bundled breaks that concern this kind of data, and one's own."""
        return dated_breaks(self.incidents, own)

    def asked(self, theme: str | None = None) -> Selection:
        """The incidents of a theme in the period and the city of the request."""
        return self._chosen.of(theme)

    def of_all_times(self, theme: str | None = None) -> Selection:
        """The incidents of a theme in the city, for windows to be compared."""
        return self._everyone.asked(theme=theme, period=None)

    def of_basket(self, name: str) -> Selection:
        """The incidents of a basket in the period and the city, as a theme of its name."""
        members = members_by_source(self.incidents, name)
        table = self.incidents.assign(**{f"{THEME}{name}": members})
        return self._chosen.retagged(table, name)

    def theme_of(self, areas: gpd.GeoDataFrame) -> str | None:
        """The theme that areas were chosen for, where they say one that the incidents have."""
        told = set(areas["theme"].dropna().astype(str)) if "theme" in areas.columns else set()
        known = told & set(themes_in(self.incidents.columns))
        return known.pop() if len(told) == len(known) == 1 else None

    @property
    def behind(self) -> Behind:
        """What is known of the incidents behind every answer."""
        return self._everyone.source.tally.behind

    @cached_property
    def _chosen(self) -> Selection:
        """Everyone in the period; months the files do not hold are told, and none refused."""
        if self.period is not None:
            reaches(self._everyone.source.months(), Period.parse(self.period), self.record)
        return self._everyone

    @cached_property
    def _everyone(self) -> Selection:
        return select(self.incidents, Question(None, self.period, self.within))

    def deliver(
        self, found: Any, table: pd.DataFrame, columns: Sequence[str], most: int = 30, **more: Any
    ) -> None:
        """Say and write what a programme found, and its table; ``more`` as in :class:`Answer`."""
        from hotspots.cli.output import Answer, deliver

        words = more.pop("sentence") if "sentence" in more else found.to_sentence()
        facts = more.pop("facts") if "facts" in more else found.to_dict()
        deliver(Answer(words, facts, table, columns, most, **more), self)

    def keep_internal(self, why: str) -> None:
        """Refuse an answer that cannot be made safe for others, before it is worked out."""
        if withholds(self.record.audience, self.behind):
            raise InputError(
                f"`audience` {self.record.audience}: {why}, so this answer is for internal use. "
                'Ask for `audience="internal"`; a partner can be given the map of `hotspots run`, '
                "or the wards of `hotspots wards`, with small numbers withheld."
            )

    def about_violence(self, *themes: str | None) -> None:
        """Products about violence carry a line; all incidents together hold violence too."""
        if any(theme in (None, EVERYTHING) or "violence" in str(theme) for theme in themes):
            self.record.warn_reader(NOT_GROUNDS)


def gather(request: Request) -> Gathered:
    """Load what a request that was checked names."""
    product = _tasking_product(request.product) if request.product else None
    record = RunRecord(
        title=product.title if product else f"hotspots {request.command}",
        marking=request.marking or (product.marking if product else UNMARKED),
        audience=request.audience or (product.audience if product else "internal"),  # type: ignore[arg-type]
        made_on=product.made_on if product else None,
        current=product.current if product else True,
    )
    if product is None or request.product is None:
        incidents, intake = _source(request).take_in(record)
        read = tuple(intake.names)
    else:
        with in_words_of_a_file(request.product.name):  # its settings are at fault
            incidents = product.prepare(record)
        folders = [one for source in product.sources for one in source.paths if one.is_dir()]
        held = (file.name for folder in folders for file in folder.rglob("*"))
        read = (*incidents["source"].unique(), *filter(may_hold_incidents, held))
    within = product.within if product else None
    if request.within:
        within = read_zones(request.within, "district", record)
    period = request.period or (product.period if product else None)
    record.units = units_said([incidents])
    request.say("counting and comparing ...")
    return Gathered(request, record, incidents, within, period, product, read)


def read_zones(
    given: str,
    kind: str,
    record: RunRecord,
    *,
    id_field: str | None = None,
    name_field: str | None = None,
) -> gpd.GeoDataFrame:
    """Zones of ``FILE`` or ``FILE:LAYER``; a kind that the file gives them stays."""
    path, layer = path_and_layer(given)
    zones = load_zones(
        path,
        layer=layer,
        kind=None if "kind" in _columns(path, layer) else kind,
        id_field=id_field,
        name_field=name_field,
        record=record,
    )
    refuse_protect(zones, record=record)
    return zones


def with_choice(
    zones: gpd.GeoDataFrame, given: str, id_field: str | None = None
) -> gpd.GeoDataFrame:
    """Zones with the period they were chosen from, where their file says it: ranked areas do."""
    path, layer = path_and_layer(given)
    columns = _columns(path, layer)
    key = id_field or ("zone_id" if "zone_id" in columns else "area_id")
    if not {key, *CHOSEN} <= columns:
        return zones
    own = read_vector(path, layer=layer).rows
    held = own.set_axis(own[key].astype(str).str.strip())
    return zones.assign(**{name: held[name].reindex(zones.index) for name in CHOSEN})


def read_table(given: str | Path, crs: CRS | None) -> gpd.GeoDataFrame:
    """Points or polygons with columns of their own, in the coordinate system asked for."""
    path, layer = path_and_layer(str(given))
    table = read_vector(path, layer=layer, name=str(path)).rows
    if not isinstance(table, gpd.GeoDataFrame) or table.crs is None:
        raise DataError(
            "a map layer with a coordinate system was expected; it has none. Save it with one.",
            rule="no-crs",
            file=str(path),
        )
    assert crs is not None  # the incidents were loaded with one
    return table.to_crs(crs)


def read_areas(path: Path, crs: CRS | None) -> gpd.GeoDataFrame:
    """Patrol areas of the last review, as this command wrote them."""
    table = read_table(path, crs)
    require(
        "area_id" in table.columns,
        "areas of a last review have a column 'area_id'; this file has none.",
        DataError,
        rule="missing-column",
        file=str(path),
    )
    return without_near_misses(table).set_index("area_id")


def _tasking_product(path: Path) -> TaskingProduct:
    product = load_product(path)
    if isinstance(product, ProtectProduct):
        raise InputError(
            f"`product`: {path.name} is a Protect product, which enters no other answer. "
            f"`hotspots run {path.name}` makes it; this command takes a tasking product."
        )
    return product


def _source(request: Request) -> IncidentSource:
    layout = FieldMap.from_toml(request.fields) if request.fields else None
    scheme = layout.offence_scheme if layout else "police_uk"
    if request.themes is None and not (THEMES / f"{scheme}.toml").exists():
        raise InputError(
            f"the offence scheme {scheme!r} of the field map has no themes of its own here. Give "
            "a file of yours with `themes`."
        )
    return IncidentSource(
        paths=tuple(request.files or ()),
        themes=themes_named(request.themes or scheme, HERE),
        fields=layout,
        scale=scale_named(request.harm_scale, HERE) if request.harm_scale else None,
    )


def _columns(path: Path, layer: str | None) -> set[str]:
    """Columns of a layer; what is wrong with the file is said by whoever reads it."""
    try:
        return set(columns_of(path, layer))
    except DataError:
        return set()
