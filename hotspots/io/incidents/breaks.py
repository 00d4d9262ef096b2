"""Known breaks in the data, and which of them a comparison crosses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import pandas as pd
from pydantic import BeforeValidator, Field

from hotspots.core.arguments import has_record, listed
from hotspots.core.caveats import Caveat
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import InputError
from hotspots.core.periods import Period, day_words
from hotspots.core.record import RunRecord
from hotspots.core.schema import Day, Flag, Table, read_toml
from hotspots.core.tables import TIMEZONE

LIST, FORCES = DEFINITIONS / "breaks.toml", DEFINITIONS / "forces.toml"
Touches = Literal["points", "areas", "offences", "counts"]
DAY = pd.Timedelta(days=1)
ENGLAND_AND_WALES = "England and Wales"
TOUCHES: tuple[Touches, ...] = ("points", "areas", "offences", "counts")


@dataclass(frozen=True)
class Break:
    """A change in recording, placing or publishing, at a date or gradually.

    Attributes
    ----------
    name, what, advice, source
        What it is called, what changed, what to do, and where that is written.
    on
        First day of the new way; None for a change that came gradually.
    scheme, theme
        Offence scheme or theme it concerns; None for all.
    touches
        What it changes: points, areas, offences, counts.
    place
        Where it applies: a town, a police force, ``"England and Wales"``; None for everywhere.
    until
        First day after it, of something that passed, as lockdowns did.
    lasting
        Whether it is told of any period that touches it, and not only of periods on both sides:
        months a force did not supply are no number of their own.
    """

    name: str
    what: str
    advice: str
    source: str
    on: pd.Timestamp | None = None
    scheme: str | None = None
    theme: str | None = None
    touches: tuple[str, ...] = ()
    place: str | None = None
    until: pd.Timestamp | None = None
    lasting: bool = False

    def __str__(self) -> str:
        date = "" if self.on is None else f" ({day_words(self.on)})"
        if self.on is not None and self.lasting:
            end = "on" if self.until is None else f"to {day_words(self.until - DAY)}"
            date = f" ({'from ' * (end == 'on')}{day_words(self.on)} {end})"
        return f"{self.name}{date}: {self.what} {self.advice}"


def _as_day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


FirstDay: TypeAlias = Annotated[Day, BeforeValidator(_as_day)]


class BreakTable(Table):
    """One break, as it stands in a file."""

    name: str = Field(description="What it is called.")
    what: str = Field(description="What changed.")
    advice: str = Field(description="What to do about it.")
    source: str = Field(description="Where that is written.")
    on: FirstDay | None = Field(
        None, description="First day of the new way; left out for a change that came gradually."
    )
    scheme: str | None = Field(None, description="Offence scheme it concerns; all without one.")
    theme: str | None = Field(None, description="Theme it concerns; all without one.")
    touches: tuple[Touches, ...] = Field(TOUCHES, description="What it changes.")
    place: str | None = Field(
        None, description="Where it applies: a town, a police force; everywhere without one."
    )
    until: FirstDay | None = Field(None, description="First day after it, where it passed.")
    lasting: Flag = Field(
        False, description="Whether it is told of every period that touches it, not across it only."
    )


class BreaksFile(Table):
    """A list of known breaks."""

    breaks: tuple[BreakTable, ...] = Field(alias="break", description="One table for each break.")


class ForcesFile(Table):
    """The police forces that record by the same rules."""

    england_and_wales: tuple[str, ...]


def known_breaks(path: str | Path | None = None) -> list[Break]:
    """The bundled breaks, or those of a file of the same shape.

    Parameters
    ----------
    path : path, optional
        A TOML file of ``[[break]]`` tables; the bundled list by default.

    Returns
    -------
    list of Break
        Each with its day (none where it came gradually), what changed and what to do about it.

    Raises
    ------
    DataError
        With every missing, unknown and wrong setting of the file.

    Notes
    -----
    It misleads as a complete list: a force changes its recording without telling the public.

    Examples
    --------
    >>> [known.name for known in known_breaks()][2:4]
    ['map points of 2022', 'LSOAs of 2021']
    """
    listed = read_toml(path or LIST, BreaksFile, what="a list of breaks")
    return [_break(table) for table in listed.breaks]


def dated_breaks(incidents: pd.DataFrame, path: str | Path | None = None) -> list[Break]:
    """Bundled breaks at a day that concern the schemes of these incidents, and those of a file."""
    schemes = set(incidents["offence_scheme"].dropna().astype(str))
    bundled = [one for one in known_breaks() if one.on is not None and one.scheme in schemes]
    return [*bundled, *(known_breaks(path) if path else ())]


def crossed_breaks(
    periods: Iterable[str | Period],
    *,
    scheme: str | None = "police_uk",
    theme: str | None = None,
    touching: Iterable[str] = TOUCHES,
    places: Iterable[str] | None = None,
    breaks: Iterable[Break] | None = None,
    record: RunRecord | None = None,
) -> list[Break]:
    """Which known breaks lie between, or inside, the periods of a comparison.

    Parameters
    ----------
    periods : iterable of str or Period
        The periods that are compared or added up. One long period can cross a break by itself.
    scheme : str, optional
        Offence scheme of the data; breaks of other schemes are left out. None takes all.
    theme : str, optional
        Theme of the question; breaks of other themes are left out. None takes all.
    touching : iterable of str
        What the comparison rests on: points, areas, offences, counts.
    places : iterable of str, optional
        Where the data are from: towns, districts, police forces; a force of England or Wales stands
        for ``"England and Wales"`` too. Breaks of other places are left out. None takes all that
        came with a day; what lasted in a place is told to data of that place only.
    breaks : iterable of Break, optional
        Breaks to look at instead of the bundled ones.
    record : RunRecord, optional
        Takes a caveat for each break that is crossed.

    Returns
    -------
    list of Break
        In order of date; gradual ones last.

    Raises
    ------
    InputError
        For a period that cannot be read, or what nothing touches.

    Notes
    -----
    Misleads when a force changed something that nobody wrote down: no break found is no proof of
    comparable numbers.

    References
    ----------
    https://data.police.uk/changelog/

    Examples
    --------
    >>> [b.name for b in crossed_breaks(["2021-07", "2023-07"], theme="serious_violence")]
    ['map points of 2022', 'LSOAs of 2021']
    >>> crossed_breaks(["2016-07", "2017-07"], theme="serious_violence")
    []
    >>> [b.name for b in crossed_breaks(["2016-07", "2017-07"], places=["West Yorkshire Police"])]
    ['ASB recording']
    """
    spans = [Period.parse(period) for period in listed(periods, "periods")]
    wanted = listed(touching, "touching")
    if not all(one in TOUCHES for one in wanted):
        raise InputError(f"`touching` knows {', '.join(TOUCHES)}; got {wanted}.")
    here = None if places is None else _with_nation(map(str, listed(places, "places")))
    found = [
        known
        for known in (known_breaks() if breaks is None else breaks)
        if (scheme is None or known.scheme in (None, scheme))
        and (theme is None or known.theme in (None, theme))
        and _applies(known, here)
        and set(wanted) & set(known.touches)
        and _is_crossed(known, spans)
    ]
    last = pd.Timestamp.max.tz_localize("UTC")
    found.sort(key=lambda known: last if known.on is None else known.on)
    if has_record(record):
        record.warn_reader(*(Caveat("known-break", {"text": str(one)}) for one in found))
    return found


def _break(table: BreakTable) -> Break:
    days = {
        name: None if day is None else pd.Timestamp(day).tz_localize(TIMEZONE)
        for name, day in (("on", table.on), ("until", table.until))
    }
    return Break(**(dict(table) | days))


def _with_nation(places: Iterable[str]) -> set[str]:
    """Plain names of the places, and of England and Wales where one is a police force there."""
    here = {_plain(place) for place in places}
    return here | ({_plain(ENGLAND_AND_WALES)} if here & _forces() else set())


@lru_cache(maxsize=1)
def _forces() -> frozenset[str]:
    forces = read_toml(FORCES, ForcesFile, what="the list of police forces")
    return frozenset(map(_plain, forces.england_and_wales))


def _plain(place: str) -> str:
    """The name of a place or police force without what is spelt differently.

    "west-yorkshire" and "West Yorkshire Police" are one.
    """
    words = re.sub(r"[^a-z]+", " ", place.casefold().replace("&", " and ")).split()
    return " ".join(word for word in words if word not in ("police", "constabulary", "service"))


def _applies(known: Break, here: set[str] | None) -> bool:
    """Whether it is a matter of these places; of all places where none are named."""
    if known.place is None:
        return True
    # Where nobody says which forces there are, a gap of one force is no news for all.
    return not known.lasting if here is None else _plain(known.place) in here


def _is_crossed(known: Break, spans: list[Period]) -> bool:
    """Some time lies before the break and some after it."""
    if known.on is None:
        return len({(span.start, span.end) for span in spans}) > 1
    if known.lasting:
        return any(
            span.end > known.on and (known.until is None or span.start < known.until)
            for span in spans
        )
    return any(span.start < known.on for span in spans) and any(
        span.end > known.on for span in spans
    )
