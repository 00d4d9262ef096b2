"""What of the cards of places a reader may see: parts of their counts, as these were released."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.disclosure.breakdowns import HOURS, KEYS, MONTHS
from hotspots.disclosure.same_ground import OFFENCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.analysis.when.cards_of_places import PlaceCards
    from hotspots.disclosure.releases import Release

SIX_HOURS = 6
BANDS = 24 // SIX_HOURS
UNKNOWN = "not known"
COLUMNS = [*KEYS, "incident_count"]


def parts_of_cards(cards: PlaceCards, theme: str) -> pd.DataFrame:
    """Bands of six hours and offences of places as parts that sum to the count of each.

    Returns
    -------
    DataFrame
        For :meth:`Release.with_breakdowns`; intervals that were shared out are whole incidents
        again, and those without an hour are a part of their own.
    """
    names = sorted({name for mix in cards.offences for name, _ in mix})
    hours = [str(band) for band in range(7 * BANDS)]
    week = _in_bands(cards.week).reshape(len(cards.area_ids), 7 * BANDS)
    rows = []
    for at, area_id in enumerate(cards.area_ids):
        whole = _whole(week[at], int(cards.timed[at]))
        counts = dict(cards.offences[at])
        parts = [(HOURS, name, held) for name, held in zip(hours, whole, strict=True)]
        parts.append((HOURS, UNKNOWN, int(cards.counts[at] - cards.timed[at])))
        parts += [(OFFENCES, name, int(counts.get(name, 0))) for name in names]
        rows += [(area_id, theme, *part) for part in parts]
    return pd.DataFrame(rows, columns=COLUMNS)


def exact_parts(cards: PlaceCards, theme: str) -> pd.DataFrame:
    """All that cards say as parts, intervals shared out; months of all other areas.

    For a release that withholds nothing. Of areas without a card, months with none are left out.
    """
    places, size = np.asarray(cards.area_ids), len(cards.months)
    months = np.asarray(cards.months, dtype=object)
    week = cards.week.reshape(len(places), 7 * 24)
    at, hour = np.nonzero(week)
    mix = [(place, *one) for place, of in zip(places, cards.offences, strict=True) for one in of]
    of_place, name, count = zip(*mix, strict=True) if mix else ((), (), ())
    parts: list[tuple[Any, ...]] = [
        (HOURS, places, UNKNOWN, cards.counts - cards.timed),
        (HOURS, places[at], hour.astype(str), week[at, hour]),
        (OFFENCES, of_place, name, count),
        (MONTHS, places.repeat(size), np.tile(months, len(places)), cards.month_counts.ravel()),
    ]
    if cards.others is not None:
        parts.append((MONTHS, *(cards.others[name] for name in cards.others)))
    tables = [pd.DataFrame(dict(zip(COLUMNS, (area, theme, of, part, count), strict=True)))
              for of, area, part, count in parts]  # fmt: skip
    return pd.concat(tables, ignore_index=True).astype({"incident_count": float})


def cards_in(released: Release) -> dict[str, PlaceCards]:
    """The cards of a release, by theme, as far as its readers have parts of them."""
    parts = released.breakdowns
    if parts is None or ("shown" in parts) != released.withholds:
        return {}
    if not released.withholds:
        return exact_cards(parts)
    ids = parts.groupby("theme", sort=False)["area_id"].unique()
    return {str(theme): release_cards(_blank(pd.Index(own)), released, str(theme))
            for theme, own in ids.items()}  # fmt: skip


def exact_cards(parts: pd.DataFrame) -> dict[str, PlaceCards]:
    """The cards of :func:`exact_parts`, by theme; a ``ValueError`` for what it would not write."""
    whole = parts.reindex(columns=COLUMNS)
    return {str(theme): _cards_of(rows) for theme, rows in whole.groupby("theme", sort=False)}


def _blank(ids: pd.Index) -> PlaceCards:
    from hotspots.analysis.when.cards_of_places import PlaceCards

    no, nothing, week = np.zeros(len(ids), int), np.zeros((len(ids), 0)), np.zeros((len(ids), 7, 4))
    return PlaceCards(ids, (), nothing, nothing, nothing, SIX_HOURS, week, no, no, ((),) * len(ids))


def _cards_of(parts: pd.DataFrame) -> PlaceCards:
    from hotspots.analysis.when.cards_of_places import PlaceCards, expected_months

    hours, mix, monthly = (parts[parts["breakdown"] == name] for name in (HOURS, OFFENCES, MONTHS))
    untimed = hours[hours["part"] == UNKNOWN].set_index("area_id")["incident_count"]
    ids = pd.Index(untimed.index, dtype=object)
    hours = hours[hours["part"] != UNKNOWN]
    hour = hours["part"].astype(int)
    if not (ids.is_unique and hours["area_id"].isin(ids).all() and hour.between(0, 167).all()):
        raise ValueError("an hour of the week, 0 to 167, of a place with a card was expected")
    week = np.zeros((len(ids), 7 * 24))
    week[ids.get_indexer(hours["area_id"]), hour] = hours["incident_count"]
    pd.to_datetime(monthly["part"], format="%Y-%m")
    own = monthly[monthly["area_id"].isin(ids)]
    wide = own.pivot(index="area_id", columns="part", values="incident_count").reindex(ids)
    counts = wide.to_numpy(dtype=float)
    others = monthly.drop(own.index).rename(columns={"part": "period"})
    city = np.nansum(counts, axis=0) + others.groupby("period")["incident_count"].sum().reindex(
        wide.columns, fill_value=0.0
    )
    low, high = expected_months(counts, np.where(np.isnan(counts).all(axis=0), np.nan, city))
    held = mix.groupby("area_id")["incident_count"].sum().reindex(ids, fill_value=0)
    offences = {area: tuple(zip(rows["part"], rows["incident_count"], strict=True))
                for area, rows in mix.groupby("area_id")}  # fmt: skip
    return PlaceCards(
        ids,
        tuple(wide.columns),
        counts,
        low,
        high,
        1,
        week.reshape(len(ids), 7, 24),
        (held - untimed).to_numpy(dtype=np.int64),
        held.to_numpy(dtype=np.int64),
        tuple(offences.get(area, ()) for area in ids),
        others[["area_id", "period", "incident_count"]],
    )


def release_cards(cards: PlaceCards, released: Release, theme: str) -> PlaceCards:
    """The cards as the readers of a release may see them.

    Parameters
    ----------
    cards : PlaceCards
        Exact ones.
    released : Release
        An area whose ``incident_count`` is missing there has an empty card. Partners see the parts
        that it holds (:meth:`Release.with_breakdowns`), and no others.
    theme : str
        Which theme they are about.

    Returns
    -------
    PlaceCards
        Internal: as they are, for the areas that are there. Partner: bands of six hours and
        offences as they were released (in fives; the highest can be "and more"), the months none:
        those that may be shown are in the released counts by period. Public: nothing but the areas.

    Notes
    -----
    Offences under 5 are left out, not called "other". It misleads where an empty band is read as
    "nothing happens": there were few, or a number beside it would have told the count.

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.analysis.when.cards_of_places import place_cards
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.Question(within=town.district)
    >>> asked = hs.assign_cells(hs.select(town.incidents, asked), hs.H3Grid(7))
    >>> cells = hs.aggregate_to_cells(asked)
    >>> cards, theme = place_cards(asked, cells.index[:40]), cells["theme"].iloc[0]
    >>> released = hs.release([cells], audience="partner", marking="OFFICIAL")
    >>> released = released.with_breakdowns(parts_of_cards(cards, theme))
    >>> shown = release_cards(cards, released, theme)
    >>> shown.week.shape[1:], float(np.nanmin(shown.week))
    ((7, 4), 5.0)
    """
    tables = [one for one in released.areas if len(one) and one["theme"].iloc[0] == theme]
    known = (
        pd.concat([one["incident_count"] for one in tables]) if tables else pd.Series(dtype=float)
    )
    kept = cards.area_ids.isin(known.index[known.notna()])
    here = _of_areas(cards, kept)
    if not released.withholds:
        return here
    parts = released.breakdowns
    if parts is None:
        parts = pd.DataFrame(columns=COLUMNS)
    parts = parts[(parts["theme"] == theme) & parts["incident_count"].notna()]
    week = _seen_week(here.area_ids, parts[parts["breakdown"] == HOURS])
    any_hour = np.isfinite(week).any(axis=(1, 2))
    counts = known[~known.index.duplicated()].reindex(here.area_ids).to_numpy(dtype=np.int64)
    nothing = np.full((len(here.area_ids), 0), np.nan)
    return replace(
        here,
        months=(),
        month_counts=nothing,
        month_low=nothing,
        month_high=nothing,
        hours_each=SIX_HOURS,
        week=week,
        timed=np.where(any_hour, counts, 0),
        counts=counts,
        offences=_seen_offences(here.area_ids, parts[parts["breakdown"] == OFFENCES]),
        others=None,
    )


def _of_areas(cards: PlaceCards, kept: NDArray[np.bool_]) -> PlaceCards:
    arrays = ("month_counts", "month_low", "month_high", "week", "timed", "counts")
    offences = tuple(mix for mix, one in zip(cards.offences, kept, strict=True) if one)
    rows = {name: getattr(cards, name)[kept] for name in arrays}
    return replace(cards, area_ids=cards.area_ids[kept], offences=offences, **rows)


def _in_bands(week: NDArray[np.float64]) -> NDArray[np.float64]:
    banded: NDArray[np.float64] = week.reshape(len(week), 7, BANDS, SIX_HOURS).sum(axis=3)
    return banded


def _whole(shares: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers that sum to the total, each next to its share: the largest remainders win."""
    # Shares are sums of floats: what comes to 2.9999999999 is 3.
    whole = np.floor(shares + 1e-9).astype(np.int64)
    first = np.argsort(whole - shares, kind="stable")
    whole[first[: max(0, total - int(whole.sum()))]] += 1
    return whole


def _seen_week(area_ids: pd.Index, parts: pd.DataFrame) -> NDArray[np.float64]:
    week = np.full((len(area_ids), 7 * BANDS), np.nan)
    parts = parts[parts["part"] != UNKNOWN]
    at = area_ids.get_indexer(pd.Index(parts["area_id"]))
    band = parts["part"].astype(np.int64).to_numpy()
    week[at[at >= 0], band[at >= 0]] = parts["incident_count"].to_numpy(dtype=float)[at >= 0]
    return week.reshape(len(area_ids), 7, BANDS)


def _seen_offences(
    area_ids: pd.Index, parts: pd.DataFrame
) -> tuple[tuple[tuple[str, float], ...], ...]:
    parts = parts.sort_values(["incident_count", "part"], ascending=[False, True])
    pairs = {
        str(area_id): tuple(
            (str(name), float(n)) for name, n in held[["part", "incident_count"]].values
        )
        for area_id, held in parts.groupby("area_id")
    }
    return tuple(pairs.get(str(area_id), ()) for area_id in area_ids)
