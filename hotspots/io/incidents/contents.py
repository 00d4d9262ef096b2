"""What rows that can be used hold: places, times, offences, and what they can answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from hotspots.core.coverage import coverage
from hotspots.core.crs import in_system_of
from hotspots.core.months import months_between
from hotspots.core.periods import Period
from hotspots.core.plain import plain_records
from hotspots.core.points import NOWHERE, PlaceIndex, distinct_places, distinct_rows
from hotspots.core.tally import together
from hotspots.io.incidents.area import kept
from hotspots.io.incidents.breaks import crossed_breaks
from hotspots.io.incidents.capabilities import (
    answers,
    diagnose_points,
    lsoa_vintage,
    odd_dates,
    theme_states,
)
from hotspots.io.incidents.meaning import institution_names
from hotspots.io.incidents.parse_file import Part
from hotspots.io.incidents.parse_text import TEXT, with_texts
from hotspots.io.incidents.where import biggest_piles, forces_in, where_of
from hotspots.offences.codes import HOME_OFFICE, POLICE_UK, registered_code, spellings
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes

NEAREST, LIKENESS = 2, 0.8
SCHEMES = (HOME_OFFICE, POLICE_UK)
SENSITIVE_BY = ("offence", "domestic")
SOME_ROWS = 1 << 20
"""So many rows are compared with one another at a time."""

SOMEWHERE = shapely.Point(0, 0)
"""Stands for the point of every located row: where it is, only the places say."""


def contents_of(
    incidents: gpd.GeoDataFrame,
    places: PlaceIndex,
    parts: list[Part],
    within: gpd.GeoDataFrame | None,
    period: Period | None,
) -> dict[str, Any]:
    """What the accepted rows hold, of which the places are known (`held_rows`)."""
    forces = {force for part in parts for force in part.facts.get("police_forces", ())}
    where = where_of(incidents, within, places)
    if where:
        where |= forces_in(part.facts for part in parts)
    points = diagnose_points(incidents, places)
    time = _times(incidents)
    months = time["months"]
    schemes = sorted(incidents["offence_scheme"].unique())
    scheme = schemes[0] if len(schemes) == 1 else None
    crossed = crossed_breaks(list(months), scheme=scheme, places=forces)
    lost: Counter[str] = Counter()
    for part in parts:
        lost[part.fields.offence_scheme] += len(part.rejected)
    themes = theme_states(incidents, lost)
    told = [
        known for known in crossed if known.theme is None or themes[known.theme].state == "measured"
    ]
    asked = {} if period is None else {"period": _in_period(incidents, period)}
    return asked | {
        "where": where,
        "time": time,
        "coverage": _coverage(incidents, places, within),
        "offence_schemes": schemes,
        "offences": dict(sorted(_counts(incidents["offence"]).items(), key=lambda item: -item[1])),
        "points": points,
        "piles": biggest_piles(incidents, places),
        "institutions": _institutions(incidents),
        "sensitive": _sensitive(incidents),
        "repeats": _repeats(incidents, places),
        "lsoa_vintage": _vintages(incidents),
        "themes": {name: str(reading) for name, reading in themes.items()},
        "answers": answers(incidents, points, themes),
        "breaks": [str(known) for known in told],
    }


def held_rows(
    parts: list[Part], crs: Any
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp], NDArray[np.int64]]:
    """The rows of all files, numbered; which place each has, -1 for none; places in millimetres.

    An eighth of the memory of the table that :func:`load_incidents` makes of them.
    """
    parts = [part for part in parts if len(part.frame)]
    frame = _stacked([part.frame for part in parts])
    known = [distinct_places(part.places.x, part.places.y) for part in parts]
    places, of_all = distinct_rows(np.concatenate([each for each, _ in known]))
    ends = np.cumsum([len(each) for each, _ in known])
    of_row = [
        np.append(of_all[end - len(each) : end][own], NOWHERE)[part.places.codes]
        for part, (each, own), end in zip(parts, known, ends, strict=True)
    ]
    where = of_row[0] if len(of_row) == 1 else np.concatenate(of_row)
    points = np.full(len(where), None, dtype=object)
    # One point for all: a million of their own would be most of the memory.
    points[where >= 0] = SOMEWHERE
    table = gpd.GeoDataFrame(frame, geometry=gpd.array.GeometryArray(points, crs=crs))
    return table, where, places


def places_in_use(places: NDArray[np.int64], of_row: NDArray[np.intp]) -> PlaceIndex:
    """The places of some rows, without those that none of them has."""
    used = np.zeros(len(places), dtype=bool)
    used[of_row[of_row >= 0]] = True
    if used.all():
        return PlaceIndex(places, of_row)
    number = np.append(np.cumsum(used) - 1, NOWHERE)
    return PlaceIndex(places[used], number[of_row])


def nearest_known(words: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Each distinct word with its scheme and rows, most first, and the known words nearest to it.

    Examples
    --------
    >>> nearest_known([("Burglry", "police_uk", 3)])
    [{'offence': 'Burglry', 'scheme': 'police_uk', 'rows': 3, 'nearest': ['Burglary']}]
    """
    counts: Counter[tuple[str, str]] = Counter()
    for word, scheme, rows in words:
        counts[word, scheme] += rows
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"offence": word, "scheme": scheme, "rows": rows, "nearest": _nearest(word, scheme)}
        for (word, scheme), rows in ordered
    ]


def _times(incidents: gpd.GeoDataFrame) -> dict[str, Any]:
    """First and last time, and rows a month; dates that are typing errors stretch neither."""
    odd = np.logical_or.reduce(list(odd_dates(incidents["occurred_from"]).values()))
    starts, ends = incidents["occurred_from"][~odd], incidents["occurred_until"][~odd]
    own, _ = pd.factorize(starts)
    words = starts.dropna().drop_duplicates().dt.strftime("%Y-%m")
    months = _counts(pd.Series(pd.Categorical(words).take(own[own >= 0])))
    return {
        "first": starts.min().isoformat(),
        "last": ends.max().isoformat(),
        "precision": _counts(incidents["time_precision"]),
        "months": months,
        "months_without_rows": _gaps(list(months)),
        "rows_apart": int(odd.sum()),
    }


def _coverage(
    incidents: gpd.GeoDataFrame, places: PlaceIndex, within: gpd.GeoDataFrame | None
) -> list[dict[str, Any]]:
    """What each source holds of each month, without dates that are typing errors."""
    odd = np.logical_or.reduce(list(odd_dates(incidents["occurred_from"]).values()))
    area = None if within is None else in_system_of(incidents, within)
    if odd.any():
        incidents, places = incidents[~odd], PlaceIndex(places.places, places.of_row[~odd])
    return plain_records(coverage(incidents, within=area, places=places))


def _sensitive(incidents: gpd.GeoDataFrame) -> dict[str, int]:
    """Rows by offence that areas and maps leave out unless they are asked for with a reason."""
    bundled = {HOME_OFFICE: Themes.home_office, POLICE_UK: Themes.police_uk}
    found: dict[str, int] = {}
    for scheme, themes in bundled.items():
        rows = incidents.loc[(incidents["offence_scheme"] == scheme).to_numpy()]
        if rows.empty:
            continue
        code, first = together(rows, [name for name in SENSITIVE_BY if name in rows.columns])
        count = np.bincount(code, minlength=len(first))
        tagged = tag_themes(with_texts(rows.iloc[first]), themes(), unknown="untagged")
        if "sensitive" in tagged:
            left_out = tagged["sensitive"].to_numpy()
            found |= _counts(tagged["offence"][left_out], count[left_out])
    return found


def _in_period(incidents: gpd.GeoDataFrame, period: Period) -> dict[str, Any]:
    """What a product of this period would have."""
    there = incidents["occurred_from"].between(period.start, period.end, inclusive="left")
    starts, ends = (incidents[name][there] for name in ("occurred_from", "occurred_until"))
    return {
        "period": period.label,
        "rows": len(starts),
        "located": int((there & incidents.geometry.notna()).sum()),
        "first": None if not len(starts) else starts.min().isoformat(),
        "last": None if not len(ends) else ends.max().isoformat(),
    }


def _counts(column: pd.Series, rows: NDArray[np.intp] | None = None) -> dict[str, int]:
    """Rows by the values of a column, in order; each stands for one, or for `rows`."""
    codes, known = pd.factorize(column)
    counts = np.bincount(codes[codes >= 0], None if rows is None else rows[codes >= 0], len(known))
    return {name: int(n) for name, n in sorted(zip(map(str, known), counts, strict=True))}


def _gaps(months: list[str]) -> list[str]:
    every = months_between(months[0], months[-1]) if months else []
    return [month for month in every if month not in set(months)]


def _vintages(incidents: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Files by the vintage of their LSOA codes."""
    found: dict[str, list[str]] = {}
    coded = pd.DataFrame(incidents.filter(["source", "area_code"]))
    coded = coded.iloc[together(coded, list(coded.columns))[1]].astype(object)
    for source, rows in coded.groupby("source", sort=True):
        vintage = lsoa_vintage(rows)
        if vintage is not None:
            found.setdefault(vintage, []).append(str(source))
    return found


def _institutions(incidents: gpd.GeoDataFrame) -> dict[str, int]:
    if "place_name" not in incidents.columns:
        return {}
    names = institution_names()
    counts = _counts(incidents["place_name"].dropna())
    return {name: count for name, count in counts.items() if name.casefold() in names}


def _repeats(incidents: gpd.GeoDataFrame, places: PlaceIndex) -> dict[str, int]:
    """Repeated references, and rows that look alike in all that was read.

    A row with a reference of its own looks like no other.
    """
    repeats = {}
    may_be = np.ones(len(incidents), dtype=bool)
    if "reference" in incidents.columns:
        codes, known = pd.factorize(incidents["reference"])
        blank, count = codes < 0, np.bincount(codes[codes >= 0], minlength=len(known))
        again = len(codes) - int(blank.sum()) - len(known)
        repeats = {"blank_references": int(blank.sum()), "repeated_references": again}
        may_be = blank | (count > 1)[codes] if len(known) else blank
    rows = pd.DataFrame(incidents.drop(columns=["geometry", "source_row", "source"]))
    rows = rows if may_be.all() else rows[may_be]
    return {"rows_that_look_alike": _alike(rows, kept(places.of_row, may_be))} | repeats


def _alike(rows: pd.DataFrame, place: NDArray[np.intp]) -> int:
    """How many rows are as one before them; some places at a time, which takes less memory."""
    parts, found = 1 + len(rows) // SOME_ROWS, 0
    for part in range(parts):
        here = place % parts == part
        some = (rows if here.all() else rows[here]).assign(place=kept(place, here))
        found += len(some) - len(together(some, list(some.columns))[1])
    return found


def _nearest(word: str, scheme: str) -> list[str]:
    """Known words like it; of a list of one's own those that another list reads as they are."""
    as_it_is = (None if scheme in SCHEMES else registered_code(word, one) for one in SCHEMES)
    if code := next(filter(None, as_it_is), None):
        return [code]
    known = _spelt(scheme)
    found = get_close_matches(word.casefold(), known, n=len(known), cutoff=LIKENESS)
    return list(dict.fromkeys(known[plain] for plain in found))[:NEAREST]


@lru_cache(maxsize=4)
def _spelt(scheme: str) -> dict[str, str]:
    schemes = (scheme,) if scheme in SCHEMES else SCHEMES
    return {plain: word for one in reversed(schemes) for plain, word in spellings(one).items()}


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames under one another; what is a category in all that have it stays one."""
    if len(frames) == 1:
        return frames[0].set_axis(pd.RangeIndex(len(frames[0])))
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    alike = [
        name for name in names
        if all(frame[name].dtype == "category" for frame in frames if name in frame)
    ]  # fmt: skip
    others = [with_texts(frame.drop(columns=alike, errors="ignore")) for frame in frames]
    table = pd.concat(others, ignore_index=True)
    joined = {
        name: union_categoricals([_categories(frame, name) for frame in frames]) for name in alike
    }
    return table.assign(**joined)[names]


def _categories(frame: pd.DataFrame, name: str) -> Any:
    """A column as categories, all missing where a frame lacks it."""
    if name in frame:
        return frame[name].array
    nothing = np.full(len(frame), -1, dtype=np.int8)
    return pd.Categorical.from_codes(nothing, pd.Index([], dtype=TEXT))
