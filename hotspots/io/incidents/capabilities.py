"""What a table of incidents can carry: points, dates, vintages, themes, and honest answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.crs import to_lonlat
from hotspots.core.errors import Finding
from hotspots.core.grids import H3Grid
from hotspots.core.periods import day_words
from hotspots.core.plain import counted
from hotspots.core.points import PlaceIndex
from hotspots.core.record import ThemeState
from hotspots.core.tables import says_something
from hotspots.io.incidents.place_cells import LEAST, SHARE
from hotspots.offences.baskets import NOT_ONE, Basket, load_basket

FINEST, COARSEST = 11, 7
FEWEST_POINTS, ROUNDED_M = 20, 20
THEMES = ("asb", "serious_violence", "vehicle_nuisance")
STATES = ("measured", "proxy", "unknown", "absent")
POINTS_IN_AN_HONEST_CELL = 3
UNSURE = "none was read, but rows that were rejected, or are too coarse to tell, may be such"
# Codes above it were given out with the areas of 2021.
LAST_LSOA_OF_2011 = 33_768
ENOUGH_CODES = 200

FAR = np.timedelta64(5 * 365, "D")
FEW_ODD, ODD_SHARE = 3, 0.01


def diagnose_points(incidents: gpd.GeoDataFrame, index: PlaceIndex) -> dict[str, Any]:
    """Distinct coordinates, piles, rounding, and the finest cell that is not an artefact of them.

    A cell is honest where the typical incident shares it with at least three distinct points; finer
    cells draw the list of map points, not the incidents.

    Notes
    -----
    Misleads on small files: few incidents make few piles, snapped or not.
    """
    places, inverse = index.places, index.of_row[index.of_row >= 0]
    located = len(inverse)
    if not located:
        return {"located": 0, "distinct_points": 0, "snapped": None, "finest_h3": None}
    piles = np.sort(np.bincount(inverse))[::-1]
    busiest = piles[: max(1, len(piles) // 100)].sum()
    lon, lat = to_lonlat(places[:, 0] / 1000, places[:, 1] / 1000, incidents.crs)
    decimals, rounded = _decimals(lon, lat), _rounded_m(places)
    declared = set(incidents["location_precision"].dropna().unique()) & {
        "snapped",
        "street",
        "postcode",
    }
    piled = located >= ENOUGH_CODES and float((piles >= 2).mean()) > 0.3
    limited = bool(declared or piled or decimals is not None or rounded is not None)
    finest, share = _finest(places, inverse, incidents.crs) if limited else (FINEST, None)
    return {
        "located": located,
        "distinct_points": len(places),
        "rows_per_point": round(located / len(places), 2),
        "largest_pile": int(piles[0]),
        "points_with_one_row": int((piles == 1).sum()),
        "share_on_busiest_1_percent": round(float(busiest / located), 3),
        "decimals_of_degrees": decimals,
        "rounded_m": rounded,
        "declared": sorted(declared),
        "snapped": limited,
        "finest_h3": finest,
        "points_in_typical_cell": share,
    }


def lsoa_vintage(incidents: pd.DataFrame) -> str | None:
    """2011 or 2021, as far as the codes can tell; None without codes."""
    if "area_code" not in incidents.columns:
        return None
    codes = incidents["area_code"].dropna().drop_duplicates().astype(str)
    english = codes[codes.str.fullmatch(r"E01[0-9]{6}")]
    if len(english) == 0:
        return None
    if (english.str[3:].astype(int) > LAST_LSOA_OF_2011).any():
        return "2021"
    return "2011" if len(english) >= ENOUGH_CODES else "2011 or 2021 (too few codes to tell)"


@dataclass(frozen=True)
class Carried:
    """What the offences at hand can say about a theme, and why."""

    state: ThemeState | Literal["unknown"]
    note: str = ""

    def __str__(self) -> str:
        return f"{self.state}: {self.note}" if self.note else self.state


def theme_states(
    incidents: gpd.GeoDataFrame, rejected: Mapping[str, int] | None = None
) -> dict[str, Carried]:
    """What the offences at hand can say about the three themes.

    Each scheme is asked with the reading of the bundled basket; over several schemes the best
    answer stands, since a theme is there if one of them carries it. Where rows of a scheme were
    `rejected`, what did not come in may be among them: then it is unknown.
    """
    lost = rejected or {}
    offences = incidents[["offence_scheme", "offence"]].dropna().drop_duplicates()
    by_scheme = {
        str(name): set(rows["offence"])
        for name, rows in offences.groupby("offence_scheme", observed=True)
    }
    states = {}
    for theme in THEMES:
        basket = load_basket(theme)
        found = [
            _state(basket, name, codes, lost.get(name, 0)) for name, codes in by_scheme.items()
        ]
        order = sorted(found, key=lambda one: STATES.index(one.state))
        states[theme] = order[0] if order else Carried("absent")
    return states


def answers(
    incidents: gpd.GeoDataFrame, points: dict[str, Any], states: Mapping[str, Carried]
) -> list[dict[str, str]]:
    """Questions of a tasking meeting: yes, with care, or no, and why."""
    return [
        *_about_places(points, len(incidents)),
        *_about_times(incidents),
        _about_theme("Where is serious violence?", states["serious_violence"]),
        _about_theme("Where is vehicle nuisance?", states["vehicle_nuisance"]),
        _about_domestic(incidents),
    ]


def odd_dates(starts: pd.Series) -> dict[str, NDArray[np.bool_]]:
    """Rows whose start is in the future, or years from all others, by rule.

    Parameters
    ----------
    starts : Series of zone-aware times
        When each row began.

    Examples
    --------
    >>> days = ["1900-01-01", "2025-07-15", "2025-07-16", "2025-07-17", "2052-07-14"]
    >>> odd = odd_dates(pd.Series(pd.to_datetime(days).tz_localize("Europe/London")))
    >>> {rule: rows.nonzero()[0].tolist() for rule, rows in odd.items()}
    {'date-future': [4], 'date-far': [0]}
    """
    own, moments = pd.factorize(starts, use_na_sentinel=False)
    rows = np.bincount(own, minlength=len(moments))
    days = pd.Series(moments).dt.tz_localize(None).to_numpy("datetime64[D]")
    future = days > np.datetime64(date.today())
    kept = np.unique(days[~np.isnat(days) & ~future])
    far = np.zeros(len(days), dtype=bool)
    most = max(FEW_ODD, ODD_SHARE * len(own))
    for cut in kept[1:][np.diff(kept) > FAR]:
        for side in (days < cut, (days >= cut) & ~future):
            # The smaller side of a leap of years, if it is small enough for typing errors.
            if 0 < rows[side].sum() <= most and rows[side].sum() < rows[~far & ~future].sum() / 2:
                far |= side
    return {"date-future": future[own], "date-far": far[own]}


def even_dates(starts: pd.Series) -> pd.Series:
    """The starts without odd dates, or all where none is left: no typing error is the last day.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-07-15", "2025-07-16", "2052-07-14"]).tz_localize("UTC")
    >>> even_dates(pd.Series(days)).max().date().isoformat()
    '2025-07-16'
    """
    first, last = starts.min(), starts.max()
    if last - first <= FAR and last.date() <= date.today():
        return starts  # as nearly always, and asked again and again
    even = starts[~np.logical_or.reduce(list(odd_dates(starts).values()))]
    return even if len(even) else starts


def tell_odd_dates(starts: pd.Series, lines: NDArray[np.int64], file: str) -> list[Finding]:
    """A warning for each kind, with the first line."""
    found = []
    for rule, rows in odd_dates(starts).items():
        if rows.any():
            first = int(np.flatnonzero(rows)[0])
            said = {"rows": int(rows.sum()), "read": day_words(starts.iloc[first])}
            where = {"file": file, "line": int(lines[first]), "rows": int(rows.sum())}
            found.append(Finding.of(rule, "warning", said=said, **where))
    return found


def _state(basket: Basket, scheme: str, offences: set[str], rejected: int) -> Carried:
    """What the offences of one scheme say to a basket, and why."""
    if scheme not in basket.readings:
        if scheme == "stop_and_search":
            return Carried("absent", "searches are not incidents")
        return Carried("unknown", "translate its words by 'offence_words' in the field map")
    reading = basket.readings[scheme]
    if reading.state == "absent":
        return Carried("absent", reading.note)
    asked = reading.offence_set(scheme)
    held = {asked.holds(str(offence)) for offence in offences}
    if True not in held:
        unsure = bool(rejected) or None in held
        return (
            Carried("unknown", UNSURE)
            if unsure
            else Carried("absent", reading.note_if_none or NOT_ONE)
        )
    if reading.state == "measured":
        return Carried("measured")
    own_name = reading.label.casefold() in ("", basket.title.casefold())
    return Carried("proxy", reading.note if own_name else reading.label)


def _about_places(points: dict[str, Any], rows: int) -> list[dict[str, str]]:
    located = points["located"] / rows if rows else 0.0
    finest, exact = points["finest_h3"], points["snapped"] is False and not _is_piled(points)
    fine = f"use cells of H3 resolution {finest} or coarser"
    cell = fine if finest else "too few points for cells"
    own = "points look like places of their own; check one or two by hand."
    shared = "points are shared by many addresses."
    if points["snapped"] is False and not exact:
        shared = "very many rows share one point: look whether it stands for an unknown place."
    why = f"{located:.1%} of rows have a place; {cell}."
    return [
        _answer("Where do incidents concentrate?", located > 0, located >= 0.9, why),
        _answer("Which address or premises?", exact, exact, own if exact else shared),
    ]


def _is_piled(points: dict[str, Any]) -> bool:
    """Whether one point holds more than its share."""
    return bool(points["largest_pile"] >= max(LEAST, SHARE * points["located"]))


def _about_times(incidents: gpd.GeoDataFrame) -> list[dict[str, str]]:
    precision = set(incidents["time_precision"].dropna().unique())
    hours, to_the_minute = bool(precision - {"month"}), precision == {"instant"}
    known = f"times are known as: {', '.join(sorted(precision))}."
    months = (
        even_dates(incidents["occurred_from"])
        .dropna()
        .drop_duplicates()
        .dt.strftime("%Y-%m")
        .nunique()
    )
    span = f"{counted(months, 'month')}; 24 or more tell seasons from trends."
    return [
        _answer("Which days of the week, which hours?", hours, to_the_minute, known),
        _answer("Is it rising or falling?", months >= 2, months >= 24, span),
    ]


def _about_theme(question: str, status: Carried) -> dict[str, str]:
    possible, good = status.state in ("measured", "proxy"), status.state == "measured"
    return _answer(question, possible, good, f"{str(status).rstrip('.')}.")


def _about_domestic(incidents: gpd.GeoDataFrame) -> dict[str, str]:
    flagged = says_something(incidents, "domestic")
    why = "a flag says which." if flagged else "nothing says which they are."
    return _answer("Can domestic incidents be left out?", flagged, flagged, why)


def _answer(question: str, possible: bool, good: bool, why: str) -> dict[str, str]:
    verdict = "yes" if good else "with care" if possible else "no"
    return {"question": question, "answer": verdict, "why": why}


def _decimals(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> int | None:
    """Decimals of the degrees, if they were rounded to four or fewer; None otherwise."""
    for count in (1, 2, 3, 4):
        scaled = np.concatenate([lon, lat]) * 10**count
        # Places are whole millimetres, some 1e-8 of a degree; what lies nearer to a round number is
        # round.
        if len(lon) > FEWEST_POINTS and np.abs(scaled - np.rint(scaled)).max() < 10**count * 5e-8:
            return count
    return None


def _rounded_m(places: NDArray[np.int64]) -> int | None:
    """The metres of which all coordinates are multiples, if there are many to a house."""
    common = int(np.gcd.reduce(places, axis=None)) // 1000
    return common if common >= ROUNDED_M and len(places) > FEWEST_POINTS else None


def _finest(
    places: NDArray[np.int64], inverse: NDArray[np.intp], crs: Any
) -> tuple[int | None, float | None]:
    """The finest resolution at which the typical incident shares its cell with enough points."""
    for resolution in range(FINEST, COARSEST - 1, -1):
        grid = H3Grid(resolution)
        cells, _ = pd.factorize(grid.cell_ids(places[:, 0] / 1000, places[:, 1] / 1000, crs))
        around = np.bincount(cells)[cells]
        typical = float(np.median(around[inverse]))
        if typical >= POINTS_IN_AN_HONEST_CELL:
            return resolution, typical
    return None, None
