"""What a file says of itself: facts for people, the same as data, and its tables read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.arguments import path_of
from hotspots.core.behind import Behind
from hotspots.core.caveats import Caveat
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import DataError, require
from hotspots.core.plain import clean_text, plain
from hotspots.core.record import Account, ThemeStatus
from hotspots.core.tables import TIMEZONE
from hotspots.io.guard import JSON
from hotspots.io.read_vector import layer_names, read_vector
from hotspots.report.files import one_of_ours, undamaged
from hotspots.report.first_edition import caveat_of, sentence_of, status_of, with_codes
from hotspots.report.text.ground_words import where_sentence
from hotspots.report.text.headline import recent_change_words
from hotspots.report.text.words import Sentence, choice_words, choices_told

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.disclosure import Release

ABOUT_TABLE = "about_this_product"
PROJECT_TABLE = "qgis_projects"
OWN_TABLES = {ABOUT_TABLE, "layer_styles", PROJECT_TABLE}
SCHEMA = 1
"""Version of the tables and facts of a file; the first version of the library wrote none."""
UNIT = "harm unit"
FACTS = ("schema", "made_on", "behind", "themes", "earlier", "accounts", "findings", "caveats",
         "choices", "where", "lately")  # fmt: skip
NAMES = ("area_id", "zone_id")
TIMES = ("period_from", "period_until")


@dataclass(frozen=True)
class Fact:
    """One thing a reader of a file must know, in words, and as data where a release needs it."""

    topic: str
    item: str
    said: Any
    data: dict[str, Any] | None = None

    def row(self) -> tuple[str, str, str, str | None]:
        """The fact as it stands in the table."""
        data = None
        if self.data is not None:
            data = json.dumps(plain(self.data), ensure_ascii=False)
        return (clean_text(self.topic), clean_text(self.item), clean_text(self.said), data)


def facts(released: Release, record: RunRecord) -> Iterator[Fact]:
    """Everything a reader of the file must know; the record may tell more than the release's."""
    behind = released.told_behind
    yield Fact("product", "schema", SCHEMA)
    yield Fact("product", "marking", record.marking)
    yield Fact("product", "title", record.title)
    yield Fact("product", "audience", record.audience)
    if record.made_on:
        yield Fact("product", "made on", record.made_on.isoformat())
    if behind.published:
        said = "published record by record"
        yield Fact("product", "sources", said, {"published_record_by_record": True})
    for counted in record.choices.get("protect_demand", [])[-1:]:
        yield Fact("product", "counted", counted["period"], counted)
    for theme, sentence in record.sentences.items():
        parts = None
        if isinstance(sentence, Sentence):
            parts = {"label": sentence.label, "alone": sentence.alone}
        yield Fact("finding", theme, sentence, parts)
    for status in record.themes.values():
        words = f"{status.label}: {status.state}" + (f" ({status.note})" if status.note else "")
        yield Fact("theme", status.name, words, asdict(status))
    for name, sha256 in record.earlier.items():
        yield Fact("earlier", name, f"SHA-256 {sha256}", {"sha256": sha256})
    for number, part in enumerate(behind.theme_parts, 1):
        yield Fact("themes in common", str(number), " and ".join(part), {"themes": list(part)})
    for scale, unit in record.units.items():
        yield Fact(UNIT, scale, unit)
    for number, caveat in enumerate(record.caveats, 1):
        yield Fact("caveat", str(number), caveat, asdict(caveat))
    for number, words in enumerate(record.attributions, 1):
        yield Fact("attribution", str(number), words)
    rows = (("read", record.read), ("accepted", record.accepted), ("rejected", record.rejected))
    for name, count in rows:
        yield Fact("rows", name, count)
    for account in record.accounts:
        said = f"{account.theme}, {account.period}: {account.used:,} used of {account.accepted:,}"
        yield Fact("account", account.stage, said, asdict(account))
    for source in record.sources:
        yield Fact("source", source.name, f"SHA-256 {source.sha256}")
    for name, words in record.governance.items():
        yield Fact("governance", name, words)
    yield from _told_on_pages(released, record)


def _told_on_pages(released: Release, record: RunRecord) -> Iterator[Fact]:
    """What a page says besides, so that it can be drawn again."""
    for stage, choice, words in choices_told(record.choices, record.themes):
        yield Fact("choice", stage, words, choice)
    if record.where:
        yield Fact("where", "incidents", where_sentence(record.where), record.where)
    lately: Any = released.lately
    for row in [] if lately is None else lately.to_dict("records"):
        yield Fact("lately", row["theme"], " | ".join(recent_change_words(row)), row)


@dataclass(frozen=True)
class FileFacts:
    """What a file says about itself.

    ``said`` holds facts by topic, each an item and its words; ``data`` the same where they are
    data. ``schema`` is 0 for files of the first version of the library, or of others.
    """

    said: Mapping[str, list[tuple[str, str]]]
    data: Mapping[str, list[tuple[str, dict[str, Any] | None]]]

    @property
    def product(self) -> dict[str, str]:
        """Marking, title, audience and the like."""
        return dict(self.said.get("product", []))

    @property
    def behind(self) -> Behind:
        """Whether all it was made from was published record by record; themes in common."""
        source = dict(self.data.get("product", [])).get("sources") or {}
        parts = self.data.get("themes in common", [])
        return Behind(
            source.get("published_record_by_record") is True,
            tuple(tuple(map(str, (part or {}).get("themes", ()))) for _, part in parts),
        )

    @property
    def schema(self) -> int:
        """Version of the tables and facts."""
        return int(self.product.get("schema", 0))

    @property
    def made_on(self) -> date | None:
        """The day it was made, where it says so."""
        said = self.product.get("made on")
        return None if said is None else date.fromisoformat(said)

    @property
    def themes(self) -> list[ThemeStatus]:
        """What the data could say about each theme."""
        if self.schema:
            return [ThemeStatus(**(parts or {})) for _, parts in self.data.get("theme", [])]
        old = [status_of(name, said) for name, said in self.said.get("theme", [])]
        return [status for status in old if status is not None]

    @property
    def earlier(self) -> dict[str, str]:
        """Files that the readers of the product had already, with their hashes."""
        return {
            name: str((said or {}).get("sha256")) for name, said in self.data.get("earlier", [])
        }

    @property
    def accounts(self) -> list[Account]:
        """Where the rows went, for readers who may know."""
        return [Account(**part) for _, part in self.data.get("account", []) if part]

    @property
    def findings(self) -> dict[str, str]:
        """What was found, by theme or stage."""
        said = dict(self.said.get("finding", []))
        if not self.schema:
            labels = {status.name: status.label for status in self.themes}
            return {name: sentence_of(words, labels.get(name, "")) for name, words in said.items()}
        parts = {name: part for name, part in self.data.get("finding", []) if part}
        return said | {name: Sentence(**part) for name, part in parts.items()}

    @property
    def choices(self) -> list[tuple[str, dict[str, Any]]]:
        """How it was counted, stage by stage, as far as a page says so."""
        found = [(stage, choice or {}) for stage, choice in self.data.get("choice", [])]
        for stage, choice in found:
            choice_words({stage: [choice]}, {})
        return found

    @property
    def where(self) -> dict[str, Any]:
        """Where its incidents fall."""
        found = dict(self.data.get("where", [])).get("incidents") or {}
        where_sentence(found)
        return found

    @property
    def lately(self) -> pd.DataFrame | None:
        """How the counts of the whole place changed lately."""
        rows = [row or {} for _, row in self.data.get("lately", [])]
        for row in rows:
            recent_change_words(row)
        return pd.DataFrame(rows) if rows else None

    @property
    def caveats(self) -> list[Caveat]:
        """Caveats in order."""
        if self.schema:
            found = [Caveat(**(parts or {})) for _, parts in self.data.get("caveat", [])]
            # Names stood in one text once, as they still do in the words.
            once = [isinstance(one.values.get("kinds"), str) for one in found]
            return [caveat_of(str(c)) if old else c for c, old in zip(found, once, strict=True)]
        return [caveat_of(said) for _, said in self.said.get("caveat", [])]


def about(path: str | Path) -> FileFacts:
    """What a GeoPackage or GeoJSON of ours says about itself; nothing where it does not."""
    said: dict[str, list[tuple[str, str]]] = {}
    data: dict[str, list[tuple[str, dict[str, Any] | None]]] = {}
    with undamaged(path, f"`{ABOUT_TABLE}`"):
        for topic, item, words, part in _rows(Path(path)):
            said.setdefault(str(topic), []).append((str(item), str(words)))
            known = json.loads(part) if isinstance(part, str) and part else None
            data.setdefault(str(topic), []).append((str(item), known))
        found = FileFacts(said, data)
        for name in FACTS:
            getattr(found, name)
    return found


def _rows(file: Path) -> Iterable[tuple[Any, Any, Any, Any]]:
    """Topic, item, words and data of each fact."""
    if file.suffix.lower() in JSON:
        return _rows_beside_features(file)
    if ABOUT_TABLE not in layer_names(file):
        return ()
    table = read_vector(file, layer=ABOUT_TABLE).rows
    parts = table["data"] if "data" in table.columns else [None] * len(table)
    return zip(table["topic"], table["item"], table["said"], parts, strict=True)


def _rows_beside_features(file: Path) -> list[tuple[Any, Any, Any, Any]]:
    layer_names(file)  # judges it
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return [(topic, item, said, data) for topic, item, said, data in content[ABOUT_TABLE]]
    except (ValueError, TypeError, LookupError, RecursionError):
        return []


def read_geopackage(path: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of a product's GeoPackage, by layer; or the one of a GeoJSON file.

    Parameters
    ----------
    path : path
        What :func:`write_geopackage` or :func:`write_geojson` wrote.

    Returns
    -------
    dict
        GeoDataFrames in British National Grid, and plain tables for counts by period; ``area_id``
        or ``zone_id`` is the index again, ``period_from`` and ``period_until`` are times.

    Raises
    ------
    DataError
        When there is no such file, it is neither, it is damaged, or of a newer schema.

    Notes
    -----
    Exact where the product was internal. For others the tables are as their readers have them, and
    adding them up misleads: counts are rounded, and withheld ones are missing, not zero.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> path = getfixture("tmp_path") / "leeds.gpkg"
    >>> _ = hs.write_geopackage({"wards": wards}, path, record=record)
    >>> read_geopackage(path)["wards"].index.name
    'zone_id'
    """
    file = path_of(path)
    with one_of_ours(path):
        layers, said = layer_names(file), about(file)
    require(
        said.schema <= SCHEMA,
        f"{path}: schema {SCHEMA} or an earlier one was expected; it is written in schema "
        f"{said.schema}, whose columns may mean something else. Read it with a newer hotspots.",
        DataError,
        rule="newer-schema",
    )
    first_edition = ABOUT_TABLE in layers and not said.schema
    with one_of_ours(path):
        return {
            name: _table(file, name, first_edition, said.product.get("timezone", TIMEZONE))
            for name in layers
            if name not in OWN_TABLES
        }


def _table(path: Path, layer: str, first_edition: bool, timezone: str) -> pd.DataFrame:
    import geopandas as gpd

    table = read_vector(path, layer=layer).rows
    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and table.crs.is_geographic:
        table = table.to_crs(BRITISH_NATIONAL_GRID)
    with undamaged(path, f"times and ranks of {layer}"):
        for name in {*TIMES} & {*table.columns}:
            times = pd.to_datetime(table[name], utc=True, format="ISO8601")
            table[name] = times.dt.tz_convert(timezone)
        table.filter(["rank"]).astype("Int64")
    if first_edition:
        table = with_codes(table, path.name)
    index = [name for name in NAMES if name in table.columns][:1]
    index += ["period"] if "period" in table.columns else []
    return table.set_index(index) if index else table
