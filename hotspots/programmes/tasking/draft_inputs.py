"""What a first product is made of: its files by layout, and the area they lie in."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import MultiPoint

from hotspots.core.crs import BRITISH_NATIONAL_GRID, coordinates, in_system_of
from hotspots.core.data import bundled
from hotspots.core.errors import DataError, Findings, require
from hotspots.core.points import PlaceIndex, inside
from hotspots.core.schema import to_toml
from hotspots.core.tables import THEME
from hotspots.core.text.mends import Mend
from hotspots.disclosure.rules import is_sensitive
from hotspots.io.incidents.capabilities import diagnose_points
from hotspots.io.incidents.check import IncidentCheck
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import find_sources
from hotspots.io.incidents.guess_field_map import DOUBTS, as_toml
from hotspots.io.incidents.intake import MOST, Intake, losses_of, refuse_losses
from hotspots.io.incidents.load import take_in
from hotspots.io.incidents.meaning import SCALES
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes, untagged_rows
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm
from hotspots.report.layers import layer_word

STEPS = (MOST, 0.3, 0.4, 0.5)
"""Shares of rows that a proposed product may lose: the least that lets a source through."""
MOST_WORDS = 400
GUESSED = "# Guessed from names and cells: correct it, and run `hotspots run` again.\n"

LEEDS, WARDS = "boundaries/leeds.geojson", "boundaries/leeds_wards_best_fit.geojson"
MOSTLY_INSIDE = 0.8
EDGE = 0.01
"""The share of places at either end of each axis that may be strays and draw no hull."""
RIM_M = 250.0
WIDEST_KM2 = 5_000.0


@dataclass
class DraftSource:
    """Files of one layout, as the product will name them."""

    paths: list[Path]
    fields: FieldMap | None
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class DraftArea:
    """A study area as a product file names it, zones beside it, and what was decided."""

    place: str
    within: dict[str, Any]
    zones: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    forces: tuple[str, ...] = ()


def sources_of_files(
    files: Sequence[str | Path], check: IncidentCheck, given: FieldMap | None
) -> tuple[list[DraftSource], list[str]]:
    """The files by layout, and those that are left out, each with the reason."""
    guessed: Mapping[str, str] = check.content["guessed_field_maps"]
    read = {one["name"] for one in check.content["files"] if one["accepted"]}
    groups: dict[str, DraftSource] = {}
    left_out = []
    for source in find_sources(list(files), Findings()):
        name = source.name
        if not any(one == name or one.startswith(f"{name}/") for one in read):
            left_out.append(f"{source.label} was left out: {_why(name, check)}")
            continue
        text = guessed.get(name, "")
        layout = text.split("\n", 1)[1] if text else ""
        fields = FieldMap.from_mapping(tomllib.loads(text)) if text else given
        group = groups.setdefault(layout, DraftSource([], fields))
        if source.path not in group.paths:
            group.paths.append(source.path)
            group.notes += [
                found.message
                for found in check.findings
                if found.rule in DOUBTS and found.file == name
            ]
    return list(groups.values()), left_out


def nothing_usable(check: IncidentCheck, base: Path) -> DataError:
    """No file can be used: what is known of each is written down, with blanks to fill in."""
    told = []
    for name, guess in check.content["guesses"].items():
        why = "; ".join(f"{what}: {reason}" for what, reason in guess["missing"].items())
        told.append(f"{name} ({why or 'no row could be used'})")
        if "header" not in guess["missing"]:  # without one there is nothing to fill in
            base.mkdir(parents=True, exist_ok=True)
            path = _kept(base / f"{Path(name).stem}-fields.toml", guess["to_fill_in"])
            told[-1] += f"; fill in {path} and give it"
    return DataError(
        f"no file could be used as it is. {'. '.join(told) or check.content['verdict']['text']}.",
        rule="nothing-to-load",
        mend=Mend("look-at-check"),
    )


def describe(
    source: DraftSource, base: Path, system: Mapping[str, str], *, alone: bool
) -> tuple[gpd.GeoDataFrame, list[Path]]:
    """Load the files once, and write down what a product needs to be told of them.

    What is in no theme is a theme of its file, where the product has others (not ``alone``).
    ``system`` is what the product says of coordinates and clock.
    """
    written: list[Path] = []
    stem = source.paths[0].name.split(".")[0]
    source.settings["path"] = [relative_to(path, base) for path in source.paths]
    if source.fields is not None:
        path = base / f"{stem}-fields.toml"
        source.fields = FieldMap.from_toml(_kept(path, GUESSED + as_toml(source.fields)))
        written.append(path)
        source.settings["fields"] = path.name
        source.notes.append(f"the columns of {source.paths[0].name} were guessed: see {path.name}.")
        if (
            source.fields.easting
            and source.fields.coordinate_system is None
            and "crs" not in system
        ):
            source.notes.append(
                f"{source.fields.easting!r} and {source.fields.northing!r} were read as metres of "
                f"the National Grid of Great Britain: those of another system are named by `crs`."
            )
    crs, clock = system.get("crs", BRITISH_NATIONAL_GRID), system.get("timezone")
    table, intake = take_in([*source.paths], fields=source.fields, crs=crs, timezone=clock)
    if source.fields is not None and source.fields.location_precision == "unknown":
        source.notes.append(_on_precision(table, source.fields, written[0]))
    themes, own = _themes(table, base, stem, source, "" if alone else stem)
    written += [own] if own else []
    _harm(table, source)
    _losses(table, themes, intake, source)
    return table, written


def area_named(given: str, base: Path, crs: str = BRITISH_NATIONAL_GRID) -> DraftArea:
    """A file of zones, ``FILE`` or ``FILE:LAYER``; Leeds; or the district of that name, fetched."""
    path, layer = _path_and_layer(given)
    if path is None and given.casefold() == "leeds":
        return _leeds("the study area is Leeds; its outline and wards (a best fit) come along.")
    if path is None:
        return district_area(given, base)
    said: dict[str, Any] = {"path": relative_to(path, base)}
    if layer:
        said["layer"] = layer
    zones = load_zones(path, layer=layer, kind="district", crs=crs)
    names = zones["zone_name"].astype(str).tolist()
    return DraftArea(names[0] if len(names) == 1 else path.stem, said)


def district_area(district: str, base: Path, **fetching: Any) -> DraftArea:
    """The official outline and wards of a district, fetched into the folder of the product."""
    from hotspots.io.opendata import fetch_boundaries

    ward, outline = fetch_boundaries(
        district, kinds=("ward", "district"), folder=base / "zones", **fetching
    )
    name = str(load_zones(outline)["zone_name"].iloc[0])
    return DraftArea(
        name,
        {"path": relative_to(outline, base)},
        ({"path": relative_to(ward, base)},),
        files=(outline, ward),
    )


def area_of(incidents: gpd.GeoDataFrame, base: Path, check: IncidentCheck) -> DraftArea:
    """Leeds, which comes along, where most places are there; else the hull of the places."""
    located = incidents[incidents.geometry.notna()]
    require(
        len(located) > 0,
        "no incident has a place, so there is nothing to draw.",
        DataError,
        rule="nowhere",
    )
    leeds = in_system_of(located, load_zones(bundled(LEEDS), kind="district"))
    if float(np.mean(inside(located, leeds))) >= MOSTLY_INSIDE:
        return _leeds(
            "the study area is Leeds, where most of the places are; its outline comes along."
        )
    return _hull(located, base, next(iter(check.content["where"]["districts"]), ""))


def _leeds(note: str) -> DraftArea:
    said = {"path": f"bundled:{LEEDS}", "kind": "district"}
    return DraftArea("Leeds", said, ({"path": f"bundled:{WARDS}"},), (note,))


def relative_to(path: Path, base: Path) -> str:
    """A path as a file in a folder names it."""
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _why(name: str, check: IncidentCheck) -> str:
    found = [one for one in check.findings if one.file == name and one.severity != "note"]
    return found[0].message if found else "no row of it could be used."


def _kept(path: Path, text: str) -> Path:
    """The file with this text, unless it is there already: then it may hold corrections."""
    if not path.exists():
        path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _themes(
    table: gpd.GeoDataFrame, base: Path, stem: str, source: DraftSource, of: str
) -> tuple[Themes, Path | None]:
    """The themes of a known scheme, if it holds any; else one theme of everything, to be sorted."""
    scheme = str(table["offence_scheme"].iloc[0])
    if scheme in SCALES:
        known = Themes.police_uk() if scheme == "police_uk" else Themes.home_office()
        tagged = tag_themes(table, known, unknown="untagged")
        source.held = [one.name for one in known if tagged[f"{THEME}{one.name}"].any()]
        if source.held:
            source.settings["themes"] = scheme
            return known, None
    words = table["offence"].value_counts()
    require(
        len(words) <= MOST_WORDS,
        f"at most {MOST_WORDS} different offences were expected; {stem} has {len(words):,}, so the "
        "column is not one of offences. Correct the field map.",
        DataError,
        rule="too-many-offences",
    )
    path = base / f"{stem}-themes.toml"
    _kept(path, _themes_text(scheme, words, of, flagged="domestic" in table))
    source.settings["themes"] = path.name
    source.notes.append(_on_themes(source, len(words), path.name))
    own = Themes.from_toml(path)
    source.held = [one.name for one in own]
    return own, path


def _on_precision(table: gpd.GeoDataFrame, fields: FieldMap, path: Path) -> str:
    """How exact places are, as far as they look; the field map says it, unless it was corrected."""
    if diagnose_points(table, PlaceIndex.of(table))["snapped"]:
        if path.read_text(encoding="utf-8") == GUESSED + as_toml(fields):
            snapped = replace(fields, location_precision="snapped")
            path.write_text(GUESSED + as_toml(snapped), encoding="utf-8", newline="\n")
        return (
            "its places look rounded, or are map points that many share: "
            f'location_precision = "snapped" in {path.name} says so. Where each is a place of its '
            'own, say "exact".'
        )
    return (
        "how exact its places are nobody said: where each is a place of its own, say "
        f'location_precision = "exact" in {path.name}, and patrol areas are made of hexagons of '
        "100 m, not of whole cells."
    )


def _on_themes(source: DraftSource, words: int, file: str) -> str:
    name = source.paths[0].name
    if source.fields is not None and source.fields.offence_is:
        return (
            f"no column of offences was found in {name}, so all rows are one theme: name it as "
            f"`offence` in place of `offence_is` in {source.settings['fields']}, if there is one."
        )
    return (
        f"the offences of {name} are in no theme known here, so all of them are one theme: sort "
        f"its {words} words into themes in {file}."
    )


def _themes_text(scheme: str, words: pd.Series, of: str, *, flagged: bool) -> str:
    name, label = "incidents", "all incidents"
    if of:
        name, label = f"incidents_{layer_word(of)}", f"all incidents of {of}"
    offences = "".join(f"    {_text(word)},  # {rows:,} rows\n" for word, rows in words.items())
    return (
        "# Every offence of the file, in one theme. Sort them into themes of your own, one\n"
        "# [[theme]] each (docs/themes-and-harm.md); what belongs to none goes into `no_theme`.\n"
        '# One called "asb" is counted together with the "asb" of other files.\n'
        f"offence_scheme = {_text(scheme)}\n\n"
        f'[[theme]]\nname = "{name}"\nlabel = {_text(label)}\nstate = "measured"\n'
        f"offences = [\n{offences}]\n{_sensitive_text(words, flagged=flagged)}"
    )


def _sensitive_text(words: pd.Series, *, flagged: bool) -> str:
    """What stays out of areas and maps, by its words or a flag; nothing where none look so."""
    looks = [word for word in map(str, words.index) if is_sensitive(word)]
    looks = looks if len(looks) < len(words) else []  # a file of nothing else is asked about itself
    if not (looks or flagged):
        return ""
    caveat = "Which offences are sensitive was guessed by their words; others may be."
    listed = "".join(f"    {_text(word)},\n" for word in looks)
    offences = f'\n[sensitive.offences]\n"sensitive by name" = [\n{listed}]\n' if looks else ""
    flag = "domestic_flag = true\n" if flagged else ""
    return (
        "\n# What stays out of areas and maps, by what makes it sensitive. Look before you share.\n"
        f"[sensitive]\ncan_tell = true\n{flag}caveat = {_text(caveat)}\n{offences}"
    )


def _text(value: object) -> str:
    return to_toml({"x": str(value)}).removeprefix("x = ").rstrip("\n")


def _harm(table: gpd.GeoDataFrame, source: DraftSource) -> None:
    """The bundled scale of the scheme, where every offence has a weight."""
    scale = SCALES.get(str(table["offence_scheme"].iloc[0]))
    if scale is not None:
        try:
            weigh_harm(table, HarmScale.bundled(scale))
        except DataError:
            source.notes.append(
                f"harm is not weighed: some offences of {source.paths[0].name} have no weight on "
                f"the scale {scale}."
            )
            scale = None
    source.settings["harm_scale"] = scale or "none"


def _losses(table: gpd.GeoDataFrame, themes: Themes, intake: Intake, source: DraftSource) -> None:
    """Let a run go on where up to half of the rows are lost, and say so."""
    files, unknown, worst = intake.files, untagged_rows(table, themes), ""
    for allowed in STEPS:
        found = losses_of(files, out_of_scheme=unknown, allowed=allowed)
        if not found:
            break
        worst = found[0].message
    else:
        refuse_losses(files, out_of_scheme=unknown, allowed=allowed)
    if worst:
        source.settings["allow_rejected"] = allowed
        source.notes.append(f"{worst} `allow_rejected` lets it through: mend that first.")


def _hull(located: gpd.GeoDataFrame, base: Path, near: str) -> DraftArea:
    """The hull of the places without strays far from all others, written as a zone."""
    x, y = coordinates(located.geometry)
    kept = _without_strays(x) & _without_strays(y)
    hull = MultiPoint(np.column_stack([x[kept], y[kept]])).convex_hull.buffer(RIM_M)
    require(
        hull.area <= WIDEST_KM2 * 1e6,
        f"the places lie over {hull.area / 1e6:,.0f} square kilometres, too wide for one product. "
        "Name the study area with `within`.",
        DataError,
        rule="too-wide",
    )
    place = f"the area around {near}" if near else "the area of the incidents"
    zone = gpd.GeoDataFrame(
        {"zone_id": ["hull"], "zone_name": [place], "kind": ["study area"]},
        geometry=[hull],
        crs=located.crs,
    )
    path = base / "study-area.geojson"
    path.write_text(zone.to_crs("EPSG:4326").to_json(), encoding="utf-8", newline="\n")
    note = (
        f"the study area is the hull of the places ({hull.area / 1e6:,.0f} square kilometres), not "
        "an official one: empty ground beyond it is not tested, and ground nobody could report "
        "from is. Name the real one with `--within` or here."
    )
    return DraftArea(place, {"path": path.name, "approximate": True}, (), (note,), (path,))


def _without_strays(values: Any) -> Any:
    """Places within the bulk of them, or a quarter of its width beside it."""
    low, high = np.quantile(values, [EDGE, 1 - EDGE])
    more = (high - low) / 4
    return (values >= low - more) & (values <= high + more)


def _path_and_layer(given: str) -> tuple[Path | None, str | None]:
    if Path(given).exists():
        return Path(given), None
    path, _, layer = given.rpartition(":")
    if path and Path(path).is_file():
        return Path(path), layer
    return (Path(given), None) if Path(given).suffix else (None, None)
