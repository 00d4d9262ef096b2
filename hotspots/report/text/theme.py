"""Findings in words: the one sentence about a theme that an inspector would read out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.ranking import how_many_listed
from hotspots.core.periods import Period, day_words, span_words
from hotspots.core.tables import AREAS, require_table
from hotspots.offences.themes import theme_in_words
from hotspots.report.text.ratio_words import no_count_passes, rate_per, rate_words
from hotspots.report.text.words import Sentence, and_list, capital, kind_name, small_number

MOST_LEADERS = 3
SHORT_DAYS = 180

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import ThemeStatus
    from hotspots.core.select import Selection


def describe_theme(
    ranked: gpd.GeoDataFrame | None,
    status: ThemeStatus | None,
    *,
    label: str = "",
    place: str,
    when: str,
    compared: dict[str, int] | None = None,
    in_none: int = 0,
    top: int = 5,
) -> str:
    """Say in one sentence where a theme concentrates; the caveats stand beside it.

    ``ranked`` are its ranked and named areas, None where the theme is absent from the data;
    ``when`` is the period in a sentence, ``compared`` incidents of the whole place in others;
    ``top`` says how many places to add up.
    """
    words = (status.label if status else theme_in_words(label)) or "Incidents"
    label = capital(words)
    if ranked is None or (status is not None and status.state == "absent"):
        note = status.note if status else ""
        return Sentence(label, f"{note or 'not in this data; this is not zero'}.")
    require_table(
        ranked, AREAS, argument="ranked", only=["incident_count", "place_name"], also=["rank"]
    )
    held = ranked[ranked["incident_count"] > 0]
    if "disclosed_for" in ranked.columns:
        return Sentence(label, _disclosed(held, ranked, place, when, top))
    if not len(held):
        none = f"none of the {in_none:,}" if in_none else "no"
        where = " lies in the areas that were counted" if in_none else ""
        return Sentence(label, f"{none} located incidents in {place} {when}{where}.")
    total, first = int(held["incident_count"].sum()), _first(held, top)
    listed = int(first["incident_count"].sum())
    # Areas with gaps between them do not make up the place.
    whole = f"the areas of {place} that were counted" if in_none else place
    apart = f"{in_none:,} more lie in none of these areas. " if in_none else ""
    hold = "place holds" if len(first) == 1 else "places hold"
    return Sentence(
        label,
        f"{total:,} located incidents in {whole} {when}{_beside(compared)}. {apart}"
        f"{small_number(len(first)).capitalize()} {hold} {listed:,} of them "
        f"({listed / total:.0%}) on "
        f"{ground_share(first, ranked)}, {_leaders(held)}.{_beyond(first)}",
    )


def compared_words(periods: pd.DataFrame | None, compare: Iterable[str]) -> dict[str, int]:
    """Incidents of the whole place in other periods, by their words in a sentence."""
    if periods is None:
        return {}
    totals = periods.reset_index().groupby("period")["incident_count"].sum()
    return {when_words(Period.parse(one)): int(totals[Period.parse(one).key]) for one in compare}


def _disclosed(
    held: gpd.GeoDataFrame, ranked: gpd.GeoDataFrame, place: str, when: str, top: int
) -> str:
    """The sentence from rounded numbers: what the places that are shown hold, and no more."""
    if not len(held):
        return f"no place in {place} holds 5 or more located incidents {when}."
    first = _first(held, top)
    if len(held) == 1:
        return (
            f"one place in {place} holds 5 or more located incidents {when}: "
            f"{_name(held.iloc[0])}, with about {held['incident_count'].iloc[0]:,.0f}"
            f"{_harm(held.iloc[0])}, on {ground_share(first, ranked)}; "
            "smaller numbers are withheld."
        )
    total, listed = int(held["incident_count"].sum()), int(first["incident_count"].sum())
    hold = "holds" if len(first) == 1 else "hold"
    those = f"{small_number(len(first)).capitalize()} of them {hold} about {listed:,}"
    return (
        f"{small_number(len(held))} places in {place} hold 5 or more located incidents "
        f"{when}, about {total:,} together; smaller numbers are withheld. "
        f"{'They lie' if len(first) == len(held) else those} on {ground_share(first, ranked)}, "
        f"{_leaders(held, 'about ')}."
    )


def _first(held: gpd.GeoDataFrame, top: int) -> gpd.GeoDataFrame:
    """The best-ranked areas; those without a rank come last, as in :func:`rank_areas`."""
    order = held["rank"].astype("Float64").fillna(float("inf"))
    order = order.sort_values(kind="stable")
    return held.loc[order.index[: how_many_listed(order, top)]]


def _beyond(first: gpd.GeoDataFrame) -> str:
    """How many and which of the first places hold more than chance; what short periods show."""
    if "is_hotspot" not in first or "evidence" not in first or first["evidence"].isna().any():
        return ""
    quiet = no_count_passes(first)
    if quiet.any():
        return _unasked(first, int(quiet.sum())) + _more_than_chance(first[~quiet], "others")
    return _more_than_chance(first, "places")


def _unasked(first: gpd.GeoDataFrame, many: int) -> str:
    """How many are busy where no count of their own passes a test of them and those around."""
    which = f"{small_number(many).capitalize()} of the places {'is' if many == 1 else 'are'}"
    which = "It is" if len(first) == 1 else which
    by_place = "null_model" in first and first["null_model"].eq("place-risk").all()
    busy = "at too few addresses" if by_place else "among quiet ones"
    return (
        f" {which} busy {busy}, where no count could pass the test of a place with those around "
        f"it: go by {'its rank' if many == 1 else 'their ranks'}."
    )


def _more_than_chance(first: gpd.GeoDataFrame, those: str) -> str:
    """How many of these places, or of the others, hold more than chance."""
    tested = first["evidence"].ne("not-tested")
    hot = first["is_hotspot"].astype(bool) & tested
    beyond = int(hot.sum())
    if not tested.any():
        return f" None of the {those} could be tested against chance." if len(first) else ""
    one = "It" if those == "places" else "The other"
    verb, rest = ("holds" if beyond <= 1 else "hold"), ("the rest" if beyond else "them")
    many = small_number(beyond).capitalize() if beyond else "None"
    told = f"{many} of the {those}{_which(first, hot)} {verb}"
    if beyond == len(first):
        told = f"{f'Each of the {those}' if beyond > 1 else one} holds"
    elif len(first) == 1:
        told, rest = f"{one} does not hold", "it"
    told = f" {told} more than chance alone would bring there"
    if beyond == len(first) or not _short(first):
        return f"{told}."
    return f"{told}; so short a period shows only the strongest: judge {rest} by twelve months."


def _which(first: gpd.GeoDataFrame, hot: pd.Series) -> str:
    """The names of those that hold more than chance, or of those that do not, where few."""
    named, others = ([_street(area) for _, area in first[of].iterrows()] for of in (hot, ~hot))
    if 0 < len(named) <= MOST_LEADERS:
        return f" ({and_list(named)})"
    return f" (not {and_list(others)})" if named and len(others) <= MOST_LEADERS else ""


def _short(first: gpd.GeoDataFrame) -> bool:
    """Whether the period is under half a year, of which few places can be told from chance."""
    if not {"period_from", "period_until"} <= set(first.columns):
        return False
    lasts = (first["period_until"] - first["period_from"]).max()
    return bool(lasts < pd.Timedelta(days=SHORT_DAYS))  # not so where a time is missing


def when_words(period: Period) -> str:
    """A period in a sentence: "in July 2018", "from April 2025 to March 2026"."""
    own = span_words(period.start, period.end)
    if period.with_hours(None).label != own or own == f"{period.start:%B %Y}":
        return f"in {period.label}"
    return f"{'on' if own == day_words(period.start) else 'from'} {period.label}"


def found_lines(found: Any) -> Iterator[str]:
    """What a prompt shows of ``find_hotspots``: the finding, what it is of, what to do next."""
    areas, clusters, account = found.areas, found.clusters, found.account
    yield found.to_sentence()
    left = {
        "of other times": account.out_of_period,
        "of other themes": account.out_of_theme,
        "sensitive": account.sensitive,
        "without a place": account.unlocated,
        "outside": account.outside,
        "at institutions": account.institutional,
    }
    told = ", ".join(f"{rows:,} {what}" for what, rows in left.items() if rows)
    others = f"; left out: {told}" if told else ""
    yield f"Counted: {account.used:,} of {account.accepted:,} incidents{others}."
    one, many = kind_name(str(areas["kind"].iloc[0]) if len(areas) else "area")
    hot = int(areas["is_hotspot"].fillna(False).sum())
    several = "not asked for" if clusters is None else f"{len(clusters):,}"
    yield (
        f"Areas: {len(areas):,} {one if len(areas) == 1 else many}, "
        f"{int((areas['incident_count'] > 0).sum()):,} with incidents, {hot:,} more than chance "
        f"with their neighbours. Clusters: {several}."
    )
    yield "Next: .map() for the page, hs.top(.areas) for a list, .choices for how, .write(...)."


def when_asked(incidents: Selection) -> str:
    """The period of a selection in a sentence; months that were pooled are from and to."""
    if incidents.period is not None:
        return when_words(incidents.period)
    several = len(incidents.source.months()) > 1
    return f"{'from' if several else 'in'} {incidents.period_words}"


def _beside(compared: dict[str, int] | None) -> str:
    if not compared:
        return ""
    words = ", ".join(f"{count:,} {then}" for then, count in compared.items())
    return f" ({words})"


def ground_share(first: gpd.GeoDataFrame, ranked: gpd.GeoDataFrame) -> str:
    """Of the ground of all areas, as far as it lies inside; of streets, of their length."""
    size = "length_m" if "length_m" in ranked.columns else "area_km2"
    held = ranked[size] * ranked["share_inside"].astype(float).fillna(1.0)
    whole = float(held.sum())
    share = float(held[first.index].sum()) / whole if whole else float("nan")
    of = "street length" if size == "length_m" else "ground"
    return f"{f'{share:.2%}' if share < 0.001 else f'{share:.1%}'} of the {of}"


def _leaders(held: gpd.GeoDataFrame, about: str = "") -> str:
    """Who leads: the one that is first, or all that share the first rank."""
    ranks = held["rank"].astype("Float64")
    first = held[ranks == ranks.min()] if ranks.notna().any() else held.iloc[:1]
    rated = rate_per(held)
    counts = [f"{about}{int(count):,}" for count in first["incident_count"]]
    if len(first) == 1:
        led = f"led by {_name(first.iloc[0], comma=True)} with {counts[0]}{_harm(first.iloc[0])}"
        return f"{led} ({rate_words(first.iloc[0], unit=True)})" if rated else led
    level = counts[0] if len(set(counts)) == 1 else ""
    if len(first) > MOST_LEADERS:
        return f"with {len(first):,} places level at the top" + (
            f" on {level} each" if level else ""
        )
    names = [
        _street(area) + ("" if level else f" ({count})")
        for count, (_, area) in zip(counts, first.iterrows(), strict=True)
    ]
    return f"led jointly by {and_list(names)}" + (f", with {level} each" if level else "")


def _name(area: pd.Series, *, comma: bool = False) -> str:
    ward = area.get("ward_name")
    known = isinstance(ward, str) and bool(ward)
    return _street(area) + (f", {ward}{',' if comma else ''}" if known else "")


def _street(area: pd.Series) -> str:
    name = area["place_name"]
    return name if isinstance(name, str) and name else "an unnamed place"


def _harm(area: pd.Series) -> str:
    """Harm of the leader; its band where the figure is withheld."""
    harm = area.get("harm")
    if harm is None or pd.isna(harm):
        return ""
    if isinstance(area.get("disclosed_for"), str):
        return f" (harm {area['harm_low']:,.0f} to {area['harm_high']:,.0f})"
    return f" (harm {harm:,.0f})"
