"""A first product from files nobody described: field maps and a product file, proposed to correct.

What could not be known stands as a comment where it is decided, and is handed back to be said.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.errors import DataError, Findings, require
from hotspots.core.months import months_between
from hotspots.core.record import RunRecord
from hotspots.core.schema import to_toml
from hotspots.core.tables import THEME
from hotspots.core.text.mends import Mend
from hotspots.io.incidents import FieldMap, IncidentCheck, check_incidents, load_incidents
from hotspots.io.incidents.find_files import find_sources
from hotspots.io.incidents.guess_field_map import as_toml
from hotspots.io.incidents.load import UNMARKED
from hotspots.io.incidents.losses import MOST, refuse_losses
from hotspots.io.incidents.meaning import SCALES
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes, untagged_rows
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm
from hotspots.programmes.tasking.draft_area import Area, area_named, area_of, relative_to
from hotspots.programmes.tasking.draft_sections import offered, remembered

if TYPE_CHECKING:
    import geopandas as gpd

PRODUCT = "product.toml"
A_YEAR = 12
MOST_ALLOWED = 0.5
MOST_WORDS = 400
MOST_TOLD = 5
GUESSED = "# Guessed from names and cells: correct it, and run `hotspots run` again.\n"
DECIDE = "NOT MARKED - DECIDE BEFORE YOU SHARE IT"


@dataclass(frozen=True)
class Draft:
    """What was proposed.

    Attributes
    ----------
    product : Path
        The product file, for :func:`load_product`.
    files : tuple of Path
        All files that were written, the product file last.
    notes : tuple of str
        What was decided for want of knowledge, a sentence each.
    check : IncidentCheck
        What is in the files.
    """

    product: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]
    check: IncidentCheck = field(repr=False)


@dataclass
class _Source:
    """Files of one layout, as the product will name them."""

    paths: list[Path]
    fields: FieldMap | None
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


def draft_product(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    fields: FieldMap | None = None,
    within: str | Path | None = None,
    area: Area | None = None,
    title: str | None = None,
) -> Draft:
    """Propose field maps and a product file for files of incidents.

    Parameters
    ----------
    files : sequence of path
        Files, folders or archives, as :func:`load_incidents` takes them.
    folder : path
        Where to write; made if needed. A product file that is there already is not replaced.
    fields : FieldMap, optional
        Which columns hold what, for all of the files; guessed by default.
    within : path or str, optional
        The study area, a file of zones (``FILE:LAYER`` for a layer of one) or the name of a
        district, which is fetched. By default Leeds, where most places are there; otherwise the
        hull of the places.
    area : Area, optional
        A study area at hand, instead of ``within``.
    title : str, optional
        Heading of the page.

    Returns
    -------
    Draft
        The files and what could not be known.

    Raises
    ------
    DataError
        Where no field map can be guessed for any file, or more than half of the rows are lost.

    Notes
    -----
    It misleads when the proposal is taken for a decision: a guessed column, a period, an area that
    is the hull of the places each change what is found.
    """
    base = Path(folder)
    product = new_product(base)
    check = check_incidents(list(files), fields=fields)
    sources, left_out = _sources(files, check, fields)
    if not sources:
        raise _nothing_usable(check, base)
    base.mkdir(parents=True, exist_ok=True)
    described = [_described(one, base) for one in sources]
    written = [path for _, paths in described for path in paths]
    table = pd.concat([one for one, _ in described])
    chosen = area or (
        area_of(table, base, check) if within is None else area_named(str(within), base)
    )
    period, compare, when = _period(check, table)
    top = {
        "title": title or f"{chosen.place}: first look",
        "marking": DECIDE,
        "place": chosen.place,
        "period": period,
        **({"compare": [compare]} if compare else {}),
        **({"police_force": list(chosen.forces)} if chosen.forces else {}),
    }
    left_out += _unknown(check)
    notes = [*left_out, *(note for one in sources for note in one.notes), when, *chosen.notes]
    product.write_text(
        _product_text(top, when, sources, chosen, left_out, check), encoding="utf-8", newline="\n"
    )
    return Draft(product, (*written, *chosen.files, product), tuple(notes), check)


def new_product(base: Path) -> Path:
    """The product file to write in a folder; an error where there is one."""
    product = base / PRODUCT
    require(
        not product.exists(),
        f"{product} is there already and may hold your corrections. Make it with "
        "`hotspots run`, or name another folder.",
        rule="draft-exists",
    )
    return product


def _sources(
    files: Sequence[str | Path], check: IncidentCheck, given: FieldMap | None
) -> tuple[list[_Source], list[str]]:
    """The files by layout, and those that are left out, each with the reason."""
    guessed: Mapping[str, str] = check.content["guessed_field_maps"]
    read = {one["name"] for one in check.content["files"] if one["accepted"]}
    groups: dict[str, _Source] = {}
    left_out = []
    for source in find_sources(list(files), Findings()):
        name = source.name
        if not any(one == name or one.startswith(f"{name}/") for one in read):
            left_out.append(f"{source.label} was left out: {_why(name, check)}")
            continue
        text = guessed.get(name, "")
        layout = text.split("\n", 1)[1] if text else ""
        fields = _map(text) if text else given
        group = groups.setdefault(layout, _Source([], fields))
        if source.path not in group.paths:
            group.paths.append(source.path)
    return list(groups.values()), left_out


def _unknown(check: IncidentCheck) -> list[str]:
    """The commonest offences that are in no list, and the known ones nearest to them."""
    found = check.content["unknown_offences"]
    told = [
        f"{one['offence']!r} ({one['rows']:,} rows"
        + (f"; perhaps {' or '.join(map(repr, one['nearest']))})" if one["nearest"] else ")")
        for one in found[:MOST_TOLD]
    ]
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return [f"offences in no list are in no theme: {', '.join(told)}{more}."] if told else []


def _map(text: str) -> FieldMap:
    return FieldMap.from_mapping(tomllib.loads(text))


def _why(name: str, check: IncidentCheck) -> str:
    found = [one for one in check.findings if one.file == name and one.severity != "note"]
    return found[0].message if found else "no row of it could be used."


def _nothing_usable(check: IncidentCheck, base: Path) -> DataError:
    """No file can be used: what is known of each is written down, with blanks to fill in."""
    told = []
    for name, guess in check.content["guesses"].items():
        base.mkdir(parents=True, exist_ok=True)
        path = _kept(base / f"{Path(name).stem}-fields.toml", guess["to_fill_in"])
        why = "; ".join(f"{what}: {reason}" for what, reason in guess["missing"].items())
        told.append(f"{name} ({why or 'no row could be used'}); fill in {path} and give it")
    return DataError(
        f"no file could be used as it is. {'. '.join(told) or check.content['verdict']['text']}.",
        rule="nothing-to-load",
        mend=Mend("look-at-check"),
    )


def _described(source: _Source, base: Path) -> tuple[gpd.GeoDataFrame, list[Path]]:
    """Load the files once, and write down what a product needs to be told of them."""
    written: list[Path] = []
    stem = source.paths[0].name.split(".")[0]
    source.settings["path"] = [relative_to(path, base) for path in source.paths]
    if source.fields is not None:
        path = base / f"{stem}-fields.toml"
        source.fields = FieldMap.from_toml(_kept(path, GUESSED + as_toml(source.fields)))
        written.append(path)
        source.settings["fields"] = path.name
        source.notes.append(f"the columns of {source.paths[0].name} were guessed: see {path.name}.")
    record = RunRecord("hotspots init", UNMARKED)
    table = load_incidents(
        [*source.paths], fields=source.fields, record=record, themes=None, harm_scale=None
    )
    themes, own = _themes(table, base, stem, source)
    written += [own] if own else []
    _harm(table, source)
    _losses(table, themes, record, source)
    return table, written


def _kept(path: Path, text: str) -> Path:
    """The file with this text, unless it is there already: then it may hold corrections."""
    if not path.exists():
        path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _themes(
    table: gpd.GeoDataFrame, base: Path, stem: str, source: _Source
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
    _kept(path, _themes_text(scheme, words))
    source.settings["themes"] = path.name
    source.notes.append(_on_themes(source, len(words), path.name))
    own = Themes.from_toml(path)
    source.held = [one.name for one in own]
    return own, path


def _on_themes(source: _Source, words: int, file: str) -> str:
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


def _themes_text(scheme: str, words: pd.Series) -> str:
    offences = "".join(f"    {_text(word)},  # {rows:,} rows\n" for word, rows in words.items())
    return (
        "# Every offence of the file, in one theme. Sort them into themes of your own, one\n"
        "# [[theme]] each (docs/themes-and-harm.md); what belongs to none goes into `no_theme`.\n"
        f"offence_scheme = {_text(scheme)}\n\n"
        '[[theme]]\nname = "incidents"\nlabel = "all incidents"\nstate = "measured"\n'
        f"offences = [\n{offences}]\n"
    )


def _text(value: object) -> str:
    return to_toml({"x": str(value)}).removeprefix("x = ").rstrip("\n")


def _harm(table: gpd.GeoDataFrame, source: _Source) -> None:
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


def _losses(table: gpd.GeoDataFrame, themes: Themes, record: RunRecord, source: _Source) -> None:
    """Let a run go on where up to half of the rows are lost, and say so."""
    for allowed in (MOST, 0.3, 0.4, MOST_ALLOWED):
        try:
            unknown = untagged_rows(table, themes)
            refuse_losses(record.sources, out_of_scheme=unknown, allowed=allowed)
        except DataError as error:
            if allowed == MOST_ALLOWED:
                raise
            worst = error.findings[0].message
            continue
        if allowed > MOST:
            source.settings["allow_rejected"] = allowed
            source.notes.append(f"{worst} `allow_rejected` lets it through: mend that first.")
        return


def _period(check: IncidentCheck, table: gpd.GeoDataFrame) -> tuple[str, str | None, str]:
    """The last twelve whole months, and the twelve before them where they are held; why."""
    cut = {one["month"] for one in check.content["coverage"] if not one["whole"] and one["rows"]}
    held = list(check.content["time"]["months"])
    whole = [month for month in held if month not in cut] or held
    last = whole[-1]
    run = [last]
    for month in reversed(whole[:-1]):
        if months_between(month, run[0])[1:] != [run[0]]:
            break
        run.insert(0, month)
    now, before = run[-A_YEAR:], run[-2 * A_YEAR : -A_YEAR]
    period = now[0] if len(now) == 1 else f"{now[0]}/{now[-1]}"
    compare = f"{before[0]}/{before[-1]}" if len(before) == A_YEAR else None
    said = f"the period is {period}, the last {len(now)} whole month(s) without a gap"
    return period, compare, f"{said}; the files hold {held[0]} to {held[-1]}."


def _product_text(
    top: dict[str, Any],
    when: str,
    sources: Sequence[_Source],
    area: Area,
    left_out: Sequence[str],
    check: IncidentCheck,
) -> str:
    """The product file, with what could not be known as comments."""
    lines = [
        "# Proposed by `hotspots init`. Look at every line; docs/product.md says what each means.",
        "# Then: hotspots run product.toml --out product",
        *_comments([*left_out, when, "nobody but you can decide the marking and the audience."]),
        to_toml(top).rstrip(),
        *remembered(),
    ]
    for source in sources:
        settings = dict(source.settings)
        lines += ["", "[[incidents]]", *_comments(source.notes), to_toml(settings).rstrip()]
    lines += ["", "[within]", *_comments(area.notes), to_toml(area.within).rstrip()]
    for zones in area.zones:
        lines += ["", "[[zones]]", to_toml(zones).rstrip()]
    first = next(theme for source in sources for theme in source.held)
    lines += ["", *offered(first, check.content["time"]["precision"])]
    return "\n".join(lines) + "\n"


def _comments(notes: Iterable[str]) -> list[str]:
    return [
        line
        for note in notes
        for line in textwrap.wrap(
            note.replace("\n", " "), 96, initial_indent="# ", subsequent_indent="#   "
        )
    ]
