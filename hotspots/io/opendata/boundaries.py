"""Official boundaries from the Open Geography service of the ONS, as `load_zones` reads them."""

from __future__ import annotations

import difflib
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from hotspots.core.arguments import listed, path_of, text_of, yes_of
from hotspots.core.errors import DataError, listing, require
from hotspots.io.opendata.arcgis import Service
from hotspots.io.opendata.download import Shelf, cache_folder
from hotspots.io.opendata.http import Client, Patience, Tell, checked_base

OPEN_GEOGRAPHY = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
CODES_AT_ONCE = 200
LICENCE = (
    "Open Government Licence v3.0. Contains National Statistics data © Crown copyright and "
    "database right. Contains OS data © Crown copyright and database right."
)
UK_DEGREES = (-9.5, 49.0, 2.5, 61.5)


@dataclass(frozen=True)
class BoundaryLayer:
    """A layer of the Open Geography service.

    Parameters
    ----------
    service : str
        Its name, e.g. ``"WD_MAY_2025_UK_BSC_V2"``. The letters at the end say how fine the outlines
        are: BFE and BFC full, BGC to 20 m, BSC to 200 m, BUC to 500 m.
    id_field, name_field : str
        Fields with code and name.
    district_field : str, optional
        Field with the code of the district. Without one, names are expected to begin with that of
        the district, as those of LSOAs do.
    features : int, optional
        How many features the whole layer has; a difference is warned of.
    lookup : str, optional
        Service that lists the codes of a district, for districts that are younger than the names.
    lookup_field : str
        The field of `lookup` with the code of the district.
    """

    service: str
    id_field: str
    name_field: str
    district_field: str | None = None
    features: int | None = None
    lookup: str | None = None
    lookup_field: str = "LAD25CD"

    def __post_init__(self) -> None:
        for name in ("service", "id_field", "name_field"):
            text_of(getattr(self, name), name)


LAYERS: dict[str, BoundaryLayer] = {
    "district": BoundaryLayer(
        "LAD_MAY_2025_UK_BUC", "LAD25CD", "LAD25NM", district_field="LAD25CD", features=361
    ),
    "ward": BoundaryLayer(
        "WD_MAY_2025_UK_BSC_V2", "WD25CD", "WD25NM", district_field="LAD25CD", features=8_405
    ),
    "lsoa": BoundaryLayer(
        "LSOA_2021_EW_BSC_V4_RUC",
        "LSOA21CD",
        "LSOA21NM",
        features=35_672,
        lookup="LSOA21_WD25_LAD25_EW_LU_v2",
    ),
}


def fetch_boundaries(
    district: str = "Leeds",
    *,
    kinds: Iterable[str] = ("ward", "lsoa", "district"),
    folder: str | PathLike[str] | None = None,
    cache: str | PathLike[str] | None = None,
    offline: bool = False,
    refresh: bool = False,
    layers: Mapping[str, BoundaryLayer] | None = None,
    base_url: str = OPEN_GEOGRAPHY,
    patience: Patience | None = None,
    progress: Tell | None = None,
) -> list[Path]:
    """Fetch the official wards, LSOAs and outline of a district; not again what is at hand.

    Parameters
    ----------
    district : str
        Name (``"Leeds"``) or code (``"E08000035"``) of a local authority district.
    kinds : iterable of {"ward", "lsoa", "district"}
        What to fetch.
    folder, cache, offline, refresh, patience, progress
        As for :func:`fetch_police_uk`.
    layers : mapping of str to BoundaryLayer, optional
        Other layers than the usual ones, by kind: finer outlines, another year, another kind.
    base_url : str
        Another ArcGIS server that answers as the Open Geography service does.

    Returns
    -------
    list of Path
        One GeoJSON file a kind (``leeds_ward.geojson``), in the order of `kinds`, that
        :func:`load_zones` reads without further words.

    Raises
    ------
    InputError
        For a kind that is not known.
    DataError
        For a district that is not known (with names that are near), and when not exactly the zones
        that the service counts have come, each once and with an outline.

    Notes
    -----
    Needs the extra ``fetch``. Misleads near borders: the usual outlines are simplified by the ONS,
    wards and LSOAs to 200 m, the district to 500 m, so that incidents next to a border may fall
    into the neighbour. Name a finer layer with `layers` before ranking wards.

    References
    ----------
    https://geoportal.statistics.gov.uk/ (Open Geography portal, ONS)

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as empty:
    ...     fetch_boundaries("Leeds", kinds=["ward"], cache=empty, offline=True)
    Traceback (most recent call last):
        ...
    hotspots.core.errors.DataError: leeds_ward.geojson is not in the cache, ...
    """
    chosen = _chosen(kinds, layers)
    district = text_of(district, "district")
    base, shelf = checked_base(base_url), Shelf(cache_folder(cache) / "boundaries")
    client, put = Client(patience), None if folder is None else path_of(folder, "folder")
    offline, refresh = yes_of(offline, "offline"), yes_of(refresh, "refresh")
    names = {kind: f"{slug(district)}_{kind}.geojson" for kind in chosen}
    again = refresh and not offline
    left = [
        kind
        for kind, layer in chosen.items()
        if again or not shelf.holds(names[kind], _check_file, service=layer.service)
    ]
    if left and offline:
        raise DataError(
            _missing(district, [names[kind] for kind in left], shelf), rule="not-cached"
        )
    if left:
        service = Service(client, base, progress)
        code, name = _district(service, district, chosen.get("district", LAYERS["district"]))
        for kind in left:
            _fetch_kind(service, kind, chosen[kind], code, name, shelf, names[kind])
    return shelf.copy_to(put, names.values())


def _chosen(
    kinds: Iterable[str], layers: Mapping[str, BoundaryLayer] | None
) -> dict[str, BoundaryLayer]:
    made = layers is None or isinstance(layers, Mapping)
    made = made and all(isinstance(one, BoundaryLayer) for one in (layers or {}).values())
    require(made, f"`layers` must map kinds to a BoundaryLayer; got {layers!r:.200}.")
    known = LAYERS | dict(layers or {})
    wanted = [kinds] if isinstance(kinds, str) else listed(kinds, "kinds")
    right = bool(wanted) and all(isinstance(one, str) and one in known for one in wanted)
    require(right, f"`kinds` must be some of {listing(known)}; got {wanted!r:.200}.")
    return {kind: known[kind] for kind in wanted}


def slug(text: str) -> str:
    """The name of a district as files have it."""
    return re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-") or "district"


def _missing(district: str, names: list[str], shelf: Shelf) -> str:
    are = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {are} not in the cache, and offline nothing is fetched. On a "
        f'machine with a network, run: hotspots fetch boundaries --district "{district}" --out DIR '
        f"and put the file{'s' if len(names) > 1 else ''} into {shelf.folder}."
    )


def _district(service: Service, district: str, layer: BoundaryLayer) -> tuple[str, str]:
    """Code and name of the district that was named either way."""
    rows, _ = service.rows(
        layer.service,
        "1=1",
        [layer.id_field, layer.name_field],
        what="districts",
        returnGeometry="false",
    )
    known = {
        str(row["attributes"][layer.id_field]): str(row["attributes"][layer.name_field])
        for row in rows
    }
    asked = district.strip().casefold()
    for code, name in known.items():
        if asked in (code.casefold(), name.casefold()):
            return code, name
    near = difflib.get_close_matches(district.strip().title(), known.values(), n=3)
    hint = f"Perhaps {listing(near)}." if near else "Use the name as the ONS writes it."
    raise DataError(
        f"a district {district!r} was expected among the {len(known)} of {layer.service}; there is "
        f"none. {hint}"
    )


def _fetch_kind(
    service: Service,
    kind: str,
    layer: BoundaryLayer,
    code: str,
    name: str,
    shelf: Shelf,
    file: str,
) -> None:
    _check_total(service, layer)
    features: list[dict[str, Any]] = []
    date = ""
    wheres, expected = _wheres(service, layer, code, name)
    for where in wheres:
        rows, date = service.rows(
            layer.service,
            where,
            [layer.id_field, layer.name_field],
            what=f"{name} {kind}",
            outSR="4326",
            f="geojson",
        )
        features += [_zone(row, kind, layer) for row in rows]
    if layer.district_field is None and expected is None:
        features = [one for one in features if _named_after(one["properties"]["zone_name"], name)]
    features.sort(key=lambda feature: str(feature["properties"]["zone_id"]))
    _check_zones([one["properties"]["zone_id"] for one in features], expected, layer, name)
    shelf.put(
        file,
        _as_bytes(f"{slug(name)}_{kind}", features),
        _check_file,
        url=f"{service.base}/{layer.service}/FeatureServer/0/query",
        service=layer.service,
        date=date,
        district=code,
        zones=len(features),
    )


def _check_total(service: Service, layer: BoundaryLayer) -> None:
    if layer.features is None:
        return
    counted = service.count(layer.service, "1=1")
    if counted != layer.features:
        warnings.warn(
            f"{layer.service}: {layer.features:,} features were expected in the whole layer; the "
            f"service counts {counted:,}. It may have been revised: check the zones on a map.",
            stacklevel=4,
        )


def _wheres(
    service: Service, layer: BoundaryLayer, code: str, name: str
) -> tuple[list[str], int | None]:
    """Conditions that together pick the district's zones; and how many those are, where known."""
    if layer.district_field is not None:
        return [f"{layer.district_field}='{code}'"], None
    if layer.lookup is not None:
        try:
            codes = _codes_in(service, layer, layer.lookup, code, name)
        except DataError as error:
            warnings.warn(
                f"{error} The zones are picked by name instead, which misses those of districts "
                "that were merged or renamed since.",
                stacklevel=4,
            )
        else:
            batches = [codes[at : at + CODES_AT_ONCE] for at in range(0, len(codes), CODES_AT_ONCE)]
            return [f"{layer.id_field} IN ({_quoted(batch)})" for batch in batches], len(codes)
    quoted = name.replace("'", "''")
    return [f"{layer.name_field} LIKE '{quoted} %'"], None


def _quoted(codes: list[str]) -> str:
    return ",".join(f"'{code}'" for code in codes)


def _codes_in(
    service: Service, layer: BoundaryLayer, lookup: str, code: str, name: str
) -> list[str]:
    rows, _ = service.rows(
        lookup,
        f"{layer.lookup_field}='{code}'",
        [layer.id_field],
        what=f"codes of {name}",
        returnGeometry="false",
    )
    codes = sorted({str(row.get("attributes", {}).get(layer.id_field)) for row in rows})
    if not codes or not all(re.fullmatch(r"[EWSN]\d{8}", one) for one in codes):
        raise DataError(
            f"{lookup}: codes of the areas in {name} were expected; got {listing(codes)}."
        )
    return codes


def _check_zones(ids: list[str], expected: int | None, layer: BoundaryLayer, name: str) -> None:
    """Every zone once, and as many as there must be."""
    twice = {one for one, times in Counter(ids).items() if times > 1}
    if not ids or twice:
        what = f"{listing(twice)} came twice" if twice else "none came"
        raise DataError(f"{layer.service}: zones of {name} were expected, each once; {what}.")
    if expected is not None and len(ids) != expected:
        raise DataError(
            f"{layer.service}: {layer.lookup} lists {expected:,} zones in {name}; "
            f"{len(ids):,} have an outline. The two do not belong together.",
            rule="outlines-missing",
        )


def _named_after(zone: str, district: str) -> bool:
    """Whether an area is named after a district: ``Leeds 001A``, not ``Leeds Abbey 001A``."""
    return re.fullmatch(r"\d+[A-Z]?", zone.removeprefix(f"{district} ")) is not None


def _zone(row: dict[str, Any], kind: str, layer: BoundaryLayer) -> dict[str, Any]:
    """A feature of the service as a zone."""
    own, shape = row.get("properties") or {}, row.get("geometry") or {}
    code, name = own.get(layer.id_field), own.get(layer.name_field)
    corner: Any = shape.get("coordinates")
    while isinstance(corner, list) and corner and isinstance(corner[0], list):
        corner = corner[0]
    west, south, east, north = UK_DEGREES
    placed = isinstance(corner, list) and len(corner) >= 2
    if not code or not name or shape.get("type") not in ("Polygon", "MultiPolygon") or not placed:
        raise DataError(
            f"{layer.service}: an outline with {layer.id_field} and {layer.name_field} was "
            f"expected; got {shape.get('type')!r} for {code!r}."
        )
    if not (west <= corner[0] <= east and south <= corner[1] <= north):
        raise DataError(
            f"{layer.service}: degrees in the United Kingdom were expected; got {corner[:2]}."
        )
    properties = {
        "zone_id": str(code),
        "zone_name": str(name),
        "kind": kind,
        "valid_from": None,
        "valid_until": None,
        "status": None,
        "approximate": False,
        "source": f"Office for National Statistics, Open Geography, {layer.service}",
        "licence": LICENCE,
    }
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _as_bytes(name: str, features: list[dict[str, Any]]) -> bytes:
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    head = json.dumps({"type": "FeatureCollection", "name": name})[:-1]
    return f'{head}, "features": [\n{lines}\n]}}\n'.encode()


def _check_file(path: Path) -> None:
    """Raise unless a file holds zones as they are written here."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        good = bool(features) and all("zone_id" in one["properties"] for one in features)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path.name}: GeoJSON with zones was expected; {error!r}.") from error
    if not good:
        raise DataError(f"{path.name}: GeoJSON with zones was expected; it has none.")
