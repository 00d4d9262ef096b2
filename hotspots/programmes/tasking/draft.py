"""A first product proposed to correct: from files nobody described, or a district's open data.

What could not be known stands as a comment where it is decided, and is handed back to be said.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.crs import BRITISH_NATIONAL_GRID, to_lonlat
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.months import months_between
from hotspots.core.plain import clipped, counted, one_line
from hotspots.core.schema import to_toml
from hotspots.io.incidents.check import IncidentCheck, check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.zones.read import load_zones
from hotspots.programmes.tasking.draft_inputs import (
    DraftArea,
    DraftSource,
    area_named,
    area_of,
    describe,
    district_area,
    nothing_usable,
    sources_of_files,
)

if TYPE_CHECKING:
    from os import PathLike

    from hotspots.io.opendata.http import Tell

PRODUCT = "product.toml"
A_YEAR = 12
MOST_TOLD = 5
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


def draft_product(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    fields: FieldMap | None = None,
    within: str | Path | None = None,
    area: DraftArea | None = None,
    title: str | None = None,
    crs: str | None = None,
    timezone: str | None = None,
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
    crs : str, optional
        Projected system in metres of all tables. By default the British National Grid; where all
        longitudes and latitudes lie in one other part of the world, the UTM zone there.
    timezone : str, optional
        Zone of the place; London's clock by default.

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
    check, system = _checked(list(files), fields, crs, timezone)
    sources, left_out = sources_of_files(files, check, fields)
    if not sources:
        raise nothing_usable(check, base)
    base.mkdir(parents=True, exist_ok=True)
    described = [describe(one, base, system.settings, alone=len(sources) == 1) for one in sources]
    written = [path for _, paths in described for path in paths]
    table = pd.concat([one for one, _ in described])
    chosen = area or (
        area_of(table, base, check) if within is None else area_named(str(within), base, system.crs)
    )
    period, compare, when = _period(check)
    top = {
        "title": title or f"{chosen.place[:1].upper()}{chosen.place[1:]}: first look",
        "marking": DECIDE,
        "place": chosen.place,
        "period": period,
        **({"compare": [compare]} if compare else {}),
        **({"police_force": list(chosen.forces)} if chosen.forces else {}),
        **system.settings,
    }
    left_out += _unknown(check)
    said = [*left_out, *system.notes]
    notes = [*said, *(note for one in sources for note in one.notes), when, *chosen.notes]
    product.write_text(
        _product_text(top, when, sources, chosen, said, check), encoding="utf-8", newline="\n"
    )
    return Draft(product, (*written, *chosen.files, product), tuple(notes), check)


@dataclass(frozen=True)
class _System:
    """The system in metres of all tables, and the clock, as far as somebody named them."""

    crs: str
    timezone: str | None
    named: bool

    @property
    def settings(self) -> dict[str, str]:
        """What a product file has to say of them."""
        crs = {"crs": self.crs} if self.named or self.crs != BRITISH_NATIONAL_GRID else {}
        return crs | ({"timezone": self.timezone} if self.timezone else {})

    @property
    def notes(self) -> list[str]:
        """What was decided about them for want of knowledge."""
        if self.crs == BRITISH_NATIONAL_GRID:
            return []
        own = f"distances are measured in {self.crs}, as the places lie there: a country's own "
        clock = "days, months and hours are those of London's clock: name that of the place as "
        return [
            *([] if self.named else [f"{own}system in metres may be named as `crs`."]),
            *([] if self.timezone else [f"{clock}`timezone`, such as America/Toronto."]),
        ]


def _checked(
    files: list[str | Path], fields: FieldMap | None, crs: str | None, timezone: str | None
) -> tuple[IncidentCheck, _System]:
    """What is in the files, in the system that was named or else that of where they lie."""
    named = crs is not None
    crs = crs or BRITISH_NATIONAL_GRID
    check = check_incidents(files, fields=fields, crs=crs, timezone=timezone)
    causes = {tuple(file.get("place_cause", ())) for file in check.content["files"]}
    cause = causes.pop() if len(causes) == 1 else ()
    if not named and "abroad" in cause:
        there = check_incidents(files, fields=fields, crs=cause[1], timezone=timezone)
        # A cluster of strays abroad explains itself, not the file.
        if there.content["rows"]["unlocated"] < check.content["rows"]["unlocated"]:
            check, crs = there, cause[1]
    return check, _System(crs, timezone, named)


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


def _unknown(check: IncidentCheck) -> list[str]:
    """The commonest offences that are in no list, and the known ones nearest to them."""
    words = check.content["unknown_offences"]
    found = [one for one in words if one["offence"] not in one["nearest"]]
    told = [
        f"{clipped(one['offence'])!r} ({counted(one['rows'], 'row')}"
        + (f"; perhaps {' or '.join(map(repr, one['nearest']))})" if one["nearest"] else ")")
        for one in found[:MOST_TOLD]
    ]
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return [f"offences in no list here: {', '.join(told)}{more}."] if told else []


def _period(check: IncidentCheck) -> tuple[str, str | None, str]:
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
    said = f"the period is {period}, the last {counted(len(now), 'whole month')} without a gap"
    return period, compare, f"{said}; the files hold {held[0]} to {held[-1]}."


def _product_text(
    top: dict[str, Any],
    when: str,
    sources: Sequence[DraftSource],
    area: DraftArea,
    left_out: Sequence[str],
    check: IncidentCheck,
) -> str:
    """The product file, with what could not be known as comments."""
    lines = [
        "# Proposed by `hotspots init`. Look at every line; docs/product.md says what each means.",
        "# Then: hotspots run product.toml --out product",
        *_comments([*left_out, when, "nobody but you can decide the marking and the audience."]),
        to_toml(top).rstrip(),
        "# What came, stayed and went since the last pack: name its folder.",
        f"#{PREVIOUS}",
    ]
    for source in sources:
        settings = to_toml(source.settings).rstrip()
        lines += ["", "[[incidents]]", *_comments(source.notes), settings]
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
        for line in textwrap.wrap(one_line(note), 96, initial_indent="# ", subsequent_indent="#   ")
    ]


def draft_place(
    district: str,
    folder: str | Path,
    *,
    months: int = 24,
    cache: str | PathLike[str] | None = None,
    police_url: str = "https://data.police.uk",
    boundaries_url: str | None = None,
    progress: Tell | None = None,
) -> Draft:
    """Fetch a district's outline, wards and last months of street crime; propose a product.

    Parameters
    ----------
    district : str
        Name or code of a local authority district of England or Wales.
    folder : path
        Where to write; made if needed. A product file that is there already is not replaced.
    months : int
        How many of the months that are published, from the last backwards.
    cache, progress : optional
        As for :func:`fetch_police_uk`.
    police_url, boundaries_url : str, optional
        Other hosts that answer as data.police.uk and the Open Geography service do.

    Returns
    -------
    Draft
        The files and what could not be known.

    Raises
    ------
    DataError
        For a district or a force that is not known, and what fetching can raise.

    Notes
    -----
    It misleads where a force published nothing for a time: a month without incidents is told, and
    is no month without crime.
    """
    from hotspots.io.opendata import fetch_police_uk
    from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY
    from hotspots.io.opendata.http import Client, checked_base
    from hotspots.io.opendata.police_uk_api import force_at, published_months

    require(months >= 1, f"`months` must be 1 or more; got {months!r}.", InputError)
    base = Path(folder)
    new_product(base)
    area = district_area(
        district, base, cache=cache, progress=progress,
        base_url=boundaries_url or OPEN_GEOGRAPHY,
    )  # fmt: skip
    outline = load_zones(area.files[0])
    client, host = Client(), checked_base(police_url)
    middle = outline.geometry.union_all().representative_point()
    lon, lat = to_lonlat([middle.x], [middle.y], outline.crs)
    force, name = force_at(client, host, float(lon[0]), float(lat[0]))
    held = sorted(published_months(client, host))[-months:]
    require(
        bool(held),
        "months that are published were expected; data.police.uk names none.",
        DataError,
        rule="month-missing",
    )
    files = fetch_police_uk(
        force, held[0], held[-1], folder=base / "incidents", cache=cache, prefer="api",
        within=outline, base_url=police_url, progress=progress,
    )  # fmt: skip
    few = f"{len(held)} of the {months} months that were asked for are published."
    notes = (*area.notes, *([few] if len(held) < months else []))
    return draft_product(
        files,
        base,
        area=replace(area, notes=notes, forces=(name,)),
        title=f"{area.place}: first look",
    )


PREVIOUS = 'previous = "last-month"'
WITH_HOURS = "instant"


def offered(theme: str, precision: Mapping[str, int]) -> list[str]:
    r"""Sections that need nothing but incidents, as comments: without "#" they are settings.

    Parameters
    ----------
    theme : str
        The theme they are about.
    precision : mapping
        How many rows have a time of which precision: without hours nothing is offered on them.

    Examples
    --------
    >>> print("\n".join(offered("asb", {"month": 60})[1:5]))
    <BLANKLINE>
    # Where patrols could go, and what those places carry already.
    #[patrols]
    #theme = "asb"
    """
    sections = {
        "patrols": ("Where patrols could go, and what those places carry already.", theme),
        "when": ("On which days and at which hours.", [theme]),
        "new": ("What is new.", theme),
        "repeats": ("How soon and how near the next one follows.", theme),
    }
    if WITH_HOURS not in precision:
        del sections["when"], sections["new"], sections["repeats"]
    lines = ["# The monthly pack: take away the # before what is wanted."]
    for name, (why, about) in sections.items():
        key = "theme" if isinstance(about, str) else "themes"
        lines += ["", f"# {why}", f"#[{name}]", f"#{to_toml({key: about}).rstrip()}"]
    told = "[clear_hold_build], [wards], [pspo], [change], [watch], [timetable]"
    return [*lines, "", f"# More, with zones: {told}; see docs/product.md."]
