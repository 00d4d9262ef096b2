"""A tasking product from its configuration file; faults are gathered and named once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.archives import LARGEST_GIB
from hotspots.checks import DataError, Findings, InputError, listing
from hotspots.grids import Grid, H3Grid
from hotspots.harm import HarmScale
from hotspots.incidents import FieldMap
from hotspots.product import IncidentSource, TaskingProduct
from hotspots.samples import bundled
from hotspots.themes import Themes
from hotspots.zones import load_zones

if TYPE_CHECKING:
    import geopandas as gpd

PRODUCTS = Path(__file__).parent / "data" / "products"
THEMES = Path(__file__).parent / "data" / "themes"
BUNDLED = "bundled:"
KEYS = {
    "title", "marking", "audience", "place", "current", "made_on", "incidents", "fields",
    "period", "compare", "themes", "harm_scale", "top", "caveats", "grid", "within", "zones",
    "clusters", "rank_by", "priority_wards", "largest_gib",
    "police_force",
}  # fmt: skip
REQUIRED = ("title", "marking", "place", "incidents", "period", "within")
WIDEST_RADIUS_M = 5_000
TYPES: dict[str, tuple[Any, str]] = {
    **dict.fromkeys(("title", "marking", "audience", "place", "period"), (str, "a text")),
    **dict.fromkeys(("themes", "harm_scale", "fields"), (str, "a text")),
    "top": (int, "a whole number"),
    "largest_gib": ((int, float), "a number of gibibytes"),
    "current": (bool, "true or false"),
    "compare": (list, 'a list of periods, e.g. ["2017-07"]'),
    "caveats": (list, "a list of texts"),
    "police_force": ((str, list), "the name of a police force, or a list of them"),
    "incidents": ((str, list), "a path, a list of paths, or [[incidents]] tables"),
    "within": (dict, "a table with a path"),
    "zones": (list, "[[zones]] tables"),
    "grid": (dict, "a table, e.g. h3 = 9"),
    "clusters": (dict, "tables by theme"),
    "rank_by": (dict, "a table by theme"),
}
SOURCE_KEYS = ("fields", "themes", "harm_scale", "largest_gib")
NO_HARM = "none"


def load_product(path: str | Path) -> TaskingProduct:
    """Read a tasking product from its configuration file.

    Parameters
    ----------
    path : path
        A TOML file; ``hotspots/data/products/leeds.toml`` is one to copy. Paths in it are relative
        to it; ``bundled:`` stands for the data that comes with the library.

    Raises
    ------
    DataError
        With every missing and unknown setting.

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.configuration import PRODUCTS
    >>> hs.load_product(PRODUCTS / "leeds.toml").period
    '2018-07'
    """
    path = Path(path)
    settings = _settings(path)
    base = path.resolve().parent
    sources = tuple(_source(entry, settings, base) for entry in _entries(settings))
    _check_themes(settings.get("clusters", {}), sources, path.name)
    simple = ("title", "marking", "place", "period", "audience", "top", "current", "made_on")
    return TaskingProduct(
        sources=sources,
        within=_zones(settings["within"] | {"kind": "district"}, base),
        zones=tuple(_zones(entry, base) for entry in settings.get("zones", [])),
        grid=_grid(settings.get("grid", {"h3": 9})),
        clusters=settings.get("clusters", {}),
        rank_by=settings.get("rank_by", {}),
        compare=tuple(settings.get("compare", ())),
        caveats=tuple(settings.get("caveats", ())),
        police_force=_texts(settings.get("police_force", ())),
        priority_wards=_priority_wards(settings.get("priority_wards"), base),
        **{name: settings[name] for name in simple if name in settings},
    )


def _check_themes(
    clusters: Mapping[str, Any], sources: tuple[IncidentSource, ...], file: str
) -> None:
    known = {theme.name for source in sources for theme in source.themes}
    unknown = set(clusters) - known
    if unknown:
        raise DataError(
            f"{file}: [clusters] names the theme(s) {listing(unknown)}; the sources know "
            f"{listing(known)}."
        )


def _settings(path: Path) -> dict[str, Any]:
    """The settings of a configuration file; unknown and missing ones are named together."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such configuration file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: a product is a TOML file; this one cannot be read: {error}."
        ) from error
    findings = Findings()
    missing = [name for name in REQUIRED if name not in settings]
    if missing:
        findings.error(
            "missing-setting", f"needs the setting(s) {listing(missing)}.", file=path.name
        )
    unknown = sorted(set(settings) - KEYS)
    if unknown:
        findings.error(
            "unknown-setting",
            f"does not know the setting(s) {listing(unknown)}; it knows {listing(KEYS, most=30)}.",
            file=path.name,
        )
    for name, (kind, words) in TYPES.items():
        value = settings.get(name)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if value is not None and wrong:
            findings.error(
                "setting-type", f"`{name}` must be {words}; got {value!r}.", file=path.name
            )
    for entry in (settings.get("within"), *_tables(settings.get("zones"))):
        if isinstance(entry, Mapping) and not isinstance(entry.get("path"), str):
            findings.error(
                "zones-path", f"zones need a `path`; got {dict(entry)!r}.", file=path.name
            )
    _check_clusters(settings.get("clusters"), findings, path.name)
    findings.raise_errors(DataError)
    return settings


def _tables(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _check_clusters(clusters: Any, findings: Findings, file: str) -> None:
    """Every theme's rule has a radius a patrol can cover and a minimum."""
    if not isinstance(clusters, Mapping):
        return
    for theme, rule in clusters.items():
        if not isinstance(rule, Mapping) or set(rule) != {"radius_m", "min_incidents"}:
            findings.error(
                "clusters", f"[clusters.{theme}] needs radius_m and min_incidents; got {rule!r}.",
                file=file,
            )  # fmt: skip
        elif not (_number(rule["radius_m"]) and 0 < rule["radius_m"] <= WIDEST_RADIUS_M):
            findings.error(
                "clusters", f"[clusters.{theme}] radius_m must be above 0 and at most "
                f"{WIDEST_RADIUS_M:,} m; got {rule['radius_m']!r}.", file=file,
            )  # fmt: skip


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _resolve(text: str, base: Path) -> Path:
    return bundled(text.removeprefix(BUNDLED)) if text.startswith(BUNDLED) else base / text


def _entries(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The incident sources: a path, a list of paths, or one table ``[[incidents]]`` a partner."""
    given = settings["incidents"]
    if isinstance(given, list) and given and isinstance(given[0], Mapping):
        return given
    return [{"path": given}]


def _source(entry: Mapping[str, Any], settings: Mapping[str, Any], base: Path) -> IncidentSource:
    """One source; what it does not say itself it takes from the product."""
    chosen: dict[str, Any] = {name: settings.get(name) for name in SOURCE_KEYS} | dict(entry)
    paths = [chosen["path"]] if isinstance(chosen["path"], str) else chosen["path"]
    fields, scale = chosen["fields"], chosen["harm_scale"]
    return IncidentSource(
        paths=tuple(_resolve(path, base) for path in paths),
        themes=themes_named(chosen["themes"] or "police_uk", base),
        fields=FieldMap.from_toml(_resolve(fields, base)) if fields else None,
        scale=scale_named(scale, base) if scale and scale != NO_HARM else None,
        largest_gib=chosen["largest_gib"] or LARGEST_GIB,
    )


def _zones(entry: Mapping[str, Any], base: Path) -> gpd.GeoDataFrame:
    options = {name: value for name, value in entry.items() if name != "path"}
    return load_zones(_resolve(entry["path"], base), **options)


def _priority_wards(listed: str | list[str] | None, base: Path) -> tuple[str, ...]:
    """Names of wards, given in place or as a TOML file with ``[[ward]]`` entries."""
    if isinstance(listed, str):
        text = _resolve(listed, base).read_text(encoding="utf-8")
        return tuple(ward["ward_name"] for ward in tomllib.loads(text)["ward"])
    return tuple(listed or ())


def themes_named(name: str, base: Path) -> Themes:
    """Themes that come with the library, by name, or a file of one's own."""
    bundled_file = THEMES / f"{name}.toml"
    return Themes.from_toml(bundled_file if bundled_file.exists() else _resolve(name, base))


def scale_named(name: str, base: Path) -> HarmScale:
    """A harm scale that comes with the library, by name, or a CSV file of one's own."""
    if name in HarmScale.bundled_names():
        return HarmScale.bundled(name)
    return HarmScale.from_csv(_resolve(name, base))


def _grid(entry: Mapping[str, Any]) -> Grid:
    if set(entry) != {"h3"}:
        raise InputError(f"a grid must be given as `h3 = 9`; got {dict(entry)!r}.")
    return H3Grid(entry["h3"])
