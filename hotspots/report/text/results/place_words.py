"""Where to be, in words: patrol areas, Protect zones and packs, wards side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import require
from hotspots.core.grids import Grid, HexGrid
from hotspots.core.plain import counted
from hotspots.core.question import EVERYTHING
from hotspots.core.record import NOT_GROUNDS
from hotspots.offences.themes import theme_in_words
from hotspots.report.text.ratio_words import ratio_unit
from hotspots.report.text.words import and_list, capital, incidents_of, small_number


def patrol_areas(found: Any) -> Iterator[str]:
    """The choice, the next in line, what was put aside, the last review, and who decides."""
    yield _holding(found)
    if found.left_out:
        verb = "was" if found.left_out == 1 else "were"
        yield f"{counted(found.left_out, 'incident')} mostly found by officers {verb} left out."
    yield _quality(found)
    missed, lost = found.near_misses, found.choice.unreachable
    if len(missed):
        yield (
            f"Next in line: {len(missed)} near {'miss' if len(missed) == 1 else 'misses'}, the "
            f"first with {int(missed['incident_count'].iloc[0]):,} incidents against "
            f"{int(found.selected['incident_count'].iloc[-1]):,} in the last area chosen."
        )
    if lost:
        yield (
            f"{counted(lost, 'incident')} of them {'lies' if lost == 1 else 'lie'} in no block, or "
            "in one larger than an area may be."
        )
    yield _kept_out(found)
    yield from _beside_other_lists(found)
    yield "Areas are candidates for officers to sign off."
    yield str(NOT_GROUNDS)


def unlabelled(theme: str | None) -> str:
    """What incidents are called where no label of their theme is known.

    Examples
    --------
    >>> unlabelled("all"), unlabelled("serious_violence")
    ('incidents', 'incidents tagged serious violence')
    """
    named = theme not in (None, EVERYTHING)
    return f"incidents tagged {str(theme).replace('_', ' ')}" if named else "incidents"


def put_aside(rule: str, held: float, needed: int = 0) -> str:
    """Why a place was kept out.

    Examples
    --------
    >>> put_aside("few-incidents", 1, 5), put_aside("one-event", 0.75)
    ('1 incident, 5 needed', 'one event holds 75% of the harm')
    """
    if rule == "few-incidents":
        return f"{counted(int(held), 'incident')}, {needed:,} needed"
    if rule == "few-months":
        return f"{counted(int(held), 'active month')}, {needed} needed"
    return f"one event holds {held:.0%} of the harm"


def blocks(fitting: Grid, exact_share: float, given: Grid | None = None) -> str:
    """Why areas are built from these blocks: those that fit the data, or those asked for."""
    exact = isinstance(fitting, HexGrid)
    if given is not None:
        words = f"Areas are built from {given.name} blocks, as asked for."
        mind = " Most coordinates are not exact: small blocks show where map points are."
        return words if exact else words + mind
    if isinstance(fitting, HexGrid):
        return (
            f"Areas are built from hexagons of {fitting.flat_to_flat_m:g} m, side to side: "
            f"{exact_share:.0%} of the coordinates are exact."
        )
    return (
        f"Areas are built from H3 cells of resolution {getattr(fitting, 'resolution', '')} (about "
        f"0.093 km² at Leeds): {1 - exact_share:.0%} of the coordinates are not exact, so smaller "
        "blocks would show where map points are."
    )


def _holding(found: Any) -> str:
    choice, number = found.choice, len(found.selected)
    when = f", {found.members.period_words}" if choice.incidents_total else ""
    incidents = f"{_located(found)}{when}"
    if not choice.incidents_total:
        return f"No {incidents}: no area can be chosen."
    if not number:
        return f"No place qualifies as an area among the {choice.incidents_total:,} {incidents}."
    wanted = f" ({choice.wanted} were wanted)" if number < choice.wanted else ""
    harm = f"{_share(choice.held, choice.total)} of the harm and " if choice.by == "harm" else ""
    held = _share(choice.incidents_held, choice.incidents_total)
    areas, verb = ("area", "holds") if number == 1 else ("areas", "hold")
    return (
        f"{number} patrol {areas}{wanted} on {choice.area_km2:.2f} km² {verb} {harm}{held} of "
        f"the {choice.incidents_total:,} {incidents}, led by {_first(found)}."
    )


def _first(found: Any) -> str:
    first = found.selected.iloc[0]
    name = first["place_name"] if isinstance(first["place_name"], str) else first.name
    return f"{name} with {int(first['incident_count']):,}"


def _quality(found: Any) -> str:
    choice = found.choice
    what = {"harm": "harm", "forecast": "expected incidents"}.get(choice.by, "incidents")
    if not len(found.selected):
        return ""
    if choice.proven:
        return f"No other choice among the places considered holds more {what}."
    return (
        f"This is at most {choice.gap:.1%} of {what} below the best possible choice among the "
        "places considered."
    )


def _kept_out(found: Any) -> str:
    if not len(found.set_aside):
        return ""
    one_event = int(found.set_aside["rule"].eq("one-event").sum())
    others = len(found.set_aside) - one_event
    words = [f"{one_event} because a single event holds most of the harm"] * bool(one_event)
    words += [f"{others} for too few incidents or months"] * bool(others)
    return f"Put aside: {and_list(words)}."


def _beside_other_lists(found: Any) -> Iterator[str]:
    """What became of the areas of the last review, and who comes back of those victims told of."""
    if found.changes is not None:
        counts = found.changes["change"].value_counts()
        words = [f"{int(counts.get(word, 0))} {word}" for word in ("stayed", "entered", "left")]
        yield f"Since the last review {', '.join(words)}."
    if found.victim_reported is not None:
        again = int(found.selected["victim_reported_too"].sum())
        yield (
            f"Chosen from victim-reported incidents alone, {again} of {len(found.selected)} areas "
            "come back."
        )


def _located(found: Any) -> str:
    known = found.label != unlabelled(found.members.question.theme)
    return f"located {incidents_of(found.label)}" if known else str(found.label)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole > 0 else "none"


HANDLING = str(Caveat("partnership-zoning"))
MOST_COUNTED = 5
STRAIGHT = "Distances are straight lines; a walk is longer."


def protect_demand(found: Any) -> Iterator[str]:
    """What is recorded in each zone, and which premises are far from a pack."""
    yield f"{found.marking}."
    for theme, rows in found.demand.groupby(level="theme", sort=False):
        counts = "; ".join(
            f"{row['zone_name']} {row['incident_count']:,}" for _, row in rows.iterrows()
        )
        yield f"Recorded incidents ({theme}, {found.period}): {counts or 'no zones'}."
    if found.sites is not None:
        yield f"{len(found.sites):,} premises in the register."
    if found.beyond is not None:
        yield (
            f"{len(found.beyond):,} of them are further than {found.reach_m:,.0f} m from every "
            "trauma pack."
        )
        yield STRAIGHT
    yield HANDLING


def pack_plan(plan: Any) -> Iterator[str]:
    """What the packs bring within reach, and how good a bound says that is."""
    share = f" ({plan.covered / plan.total:.0%})" if plan.total else ""
    quality = (
        "no choice of positions covers more"
        if plan.proven
        else f"at most {plan.gap:.1%} below the best possible"
    )
    yield (
        f"{len(plan.chosen):,} packs bring {plan.covered:,.6g} of {plan.total:,.6g}{share}, by "
        f"weight of sites, within {plan.reach_m:,.0f} m; {quality}."
    )
    if plan.spare:
        yield f"{plan.spare:,} packs would add nothing and are left over."
    yield STRAIGHT
    yield HANDLING


def ward_comparison(found: Any) -> Iterator[str]:
    """Each theme in one sentence, how few cells hold half of it, and what to mind."""
    for theme, rows in found.table.groupby(level="theme", sort=False):
        said = "; ".join(_ward(row) for _, row in rows.iterrows())
        yield f"{_label(found, theme)}, {found.period}: {said}."
    yield from concentration(found)
    yield from map(str, found.cautions)


def wards_in_brief(found: Any) -> Iterator[str]:
    """Each theme in one sentence: the wards that stand above and below the rest of the city."""
    for theme, rows in found.table.groupby(level="theme", sort=False):
        told = rows[rows["ratio_to_rest"].notna()]
        above = told[told["against_rest"] == "above"].sort_values("ratio_to_rest", ascending=False)
        below = told[told["against_rest"] == "below"].sort_values("ratio_to_rest")
        under = "below it" if len(above) else "below the rest of the city"
        parts = [
            f"{_few(named)} {side}"
            for side, named in (("above the rest of the city", above), (under, below))
            if len(named)
        ]
        said = "; ".join(parts) or "no ward stands apart from the rest of the city"
        if not len(told):
            first = rows.loc[rows["incident_count"].idxmax()]
            said = f"most in {first['zone_name']}, {first['incident_count']:,}"
        yield f"{capital(_label(found, theme))}, {found.period}: {said}."


def _few(rows: pd.DataFrame) -> str:
    """The first wards with their ratios, and how many more."""
    named = [
        f"{row['zone_name']} (none elsewhere)"
        if math.isinf(row["ratio_to_rest"])
        else f"{row['zone_name']} ({row['ratio_to_rest']:.1f} times {_per(row)})"
        for _, row in rows.head(MOST_WARDS).iterrows()
    ]
    more = len(rows) - len(named)
    return and_list([*named, f"{more} more"] if more else named)


def concentration(found: Any) -> Iterator[str]:
    """How few cells hold half of each theme in each ward, where cells were given."""
    for theme, few in found.concentration.items():
        for said in describe_concentration(few):
            yield f"{_label(found, theme)}: {said}"


def _label(found: Any, theme: Any) -> str:
    return str(found.labels.get(str(theme)) or theme_in_words(str(theme)))


def _per(row: pd.Series) -> str:
    """What its ratio compares."""
    return ratio_unit(row["ratio_per"])


def _ward(row: pd.Series) -> str:
    words = f"{row['zone_name']} {row['incident_count']:,}"
    if pd.isna(row["ratio_to_rest"]):
        return words
    if math.isinf(row["ratio_to_rest"]):
        return f"{words} (none in the rest of the city)"
    return (
        f"{words} ({row['ratio_to_rest']:.2f} times the rest of the city {_per(row)}, "
        f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
    )


MOST_NAMES, MOST_WARDS = 5, 3


def describe_concentration(table: pd.DataFrame) -> pd.Series:
    """Say in a sentence what each row of a table of concentration holds.

    Parameters
    ----------
    table : DataFrame
        From :func:`concentration_table` or :func:`zone_concentration`.

    Returns
    -------
    Series
        A sentence for each row, on the same index.

    Raises
    ------
    InputError
        For any other table.

    Notes
    -----
    A sentence names a share, not whether it is more than few incidents give by themselves: read
    ``even_place_share`` or ``cells_if_even`` beside it.

    Examples
    --------
    >>> import hotspots as hs
    >>> table = hs.stats.concentration_table([10, 8, 2, 0, 0, 0, 0, 0, 0, 0])
    >>> describe_concentration(table).loc[0.8]
    '20.0% of places hold 80% of incidents (90% interval 10.0 to 40.0%).'
    """
    columns = getattr(table, "columns", ())
    words = next((say for column, say in _WORDS.items() if column in columns), None)
    require(
        words is not None,
        "`table` must come from `concentration_table` or `zone_concentration`; it has neither "
        "`place_share` nor `cells_for_share`.",
    )
    assert words is not None
    said = [words(label, row) for label, row in table.iterrows()]
    return pd.Series(said, index=table.index, dtype=object, name="sentence")


def _places(share: Any, row: pd.Series) -> str:
    if pd.isna(row["place_share"]):
        return "No incidents."
    low, high = row["place_share_low"], row["place_share_high"]
    return (
        f"{100 * row['place_share']:.1f}% of places hold {100 * share:.0f}% of incidents "
        f"({100 * row['confidence']:.0f}% interval {100 * low:.1f} to {100 * high:.1f}%)."
    )


def _cells(_: Any, row: pd.Series) -> str:
    zone, needed, counted = row["zone_name"], row["cells_for_share"], row["by"] == "count"
    if not needed:
        return f"{zone} holds no {'incidents' if counted else 'harm'} of this theme."
    what = f"the {row['held']:,.0f} incidents" if counted else f"the harm ({row['held']:,.0f})"
    holds = "holds" if needed == 1 else "hold"
    return (
        f"{needed:,} of {row['cells']:,} cells {holds} {100 * row['share_held']:.0f}% of {what} "
        f"in {zone}{_names(row['leading_places'])}."
    )


def _names(places: list[str]) -> str:
    if not places:
        return ""
    more = " and others" if len(places) > MOST_NAMES else ""
    return f": {'; '.join(places[:MOST_NAMES])}{more}"


_WORDS = {"place_share": _places, "cells_for_share": _cells}


def recurring_roads(found: Any) -> Iterator[str]:
    """How many lie on streets, which stretches recur, and which sites off the road."""
    asked = found.incidents
    theme = capital(theme_in_words(asked.theme))
    yield (
        f"{theme}, {asked.period_words}: {found.on_road:,} of {asked.total:,} incidents lie "
        f"within {found.reach_m:g} m of a street, {found.off_road:,} off the road."
    )
    tested = f"{len(found.segments):,} segments tested"
    roads, sites = found.roads, found.sites
    months = "1 month" if found.min_months == 1 else f"{found.min_months} months"
    if len(roads):
        verb = "stretch of road holds" if len(roads) == 1 else "stretches of road hold"
        yield (
            f"{small_number(len(roads)).capitalize()} {verb} more than the length explains, in "
            f"{months} or more ({tested}; about one flagged segment in twenty is chance): "
            f"{_counted_places(roads)}."
        )
    else:
        yield f"No stretch of road holds more than its length explains ({tested})."
    if len(sites):
        verb = "site off the road holds" if len(sites) == 1 else "sites off the road hold"
        held = int(sites["incident_count"].sum())
        yield (
            f"{small_number(len(sites)).capitalize()} {verb} {held:,}: "
            f"{_counted_places(sites)}; these are not tested against chance."
        )
    if found.indicative:
        yield str(Caveat("segments-indicative"))


def _counted_places(areas: Any) -> str:
    """The first places with their counts."""
    named = [
        f"{name} ({int(count):,})"
        for name, count in zip(areas["place_name"], areas["incident_count"], strict=True)
    ][:MOST_COUNTED]
    more = len(areas) - len(named)
    return and_list([*named, f"{more:,} more"] if more else named)
