"""The review of patrol areas: what became of them, and of what the same rule chose before."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.evaluation.change import compare_change
from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.evaluation.comparison_groups import (
    COMPARATOR,
    TREATED,
    make_groups,
    totals_by_phase,
)
from hotspots.analysis.evaluation.ratios import rate_ratio
from hotspots.analysis.evaluation.windows import (
    Windows,
    choice_of,
    of_all_times,
    phases,
    years_earlier,
)
from hotspots.core.arguments import require_made
from hotspots.core.errors import listing, needed, require
from hotspots.core.months import clock_of
from hotspots.core.periods import months_of
from hotspots.core.plain import plain_parts
from hotspots.core.sentences import Spoken
from hotspots.core.tables import says_something
from hotspots.programmes.patrols.patrol_areas import PatrolAreas
from hotspots.programmes.patrols.select_areas import select_patrol_areas

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.periods import Period
    from hotspots.core.select import Selection

MOST_YEARS = 8
COLUMNS = ["chosen_from", "areas", "count_before", "count_after", "ratio"]


@dataclass(frozen=True, eq=False)
class PatrolReview(Spoken):
    """What became of patrol areas, and of those the same rule chose when nothing was done.

    Attributes
    ----------
    change
        Before and after, all areas together, against the rest of the city.
    earlier
        By how many years earlier: the period chosen from, the areas found, incidents in them before
        and after, and the ratio of their change to that of the rest.
    """

    change: Change
    earlier: pd.DataFrame

    @property
    def beyond_chance(self) -> bool | None:
        """The verdict of like places; None where fewer than 40 were as high."""
        return self.change.beyond_chance

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        told = plain_parts(self, "change", "earlier", "beyond_chance")
        return told | {"sentence": self.to_sentence()}


def review_patrol_areas(
    areas: PatrolAreas, incidents: gpd.GeoDataFrame | Selection, *, started: object, **options: Any
) -> PatrolReview:
    """Compare patrol areas before and after, beside what the same rule chose in earlier years.

    Parameters
    ----------
    areas : PatrolAreas
        From :func:`select_patrol_areas`, of a question with a period.
    incidents : Selection
        From :func:`select` with a question of the same theme about all times.
    started : date or str
        First day of the patrols.
    **options
        Rules of :func:`select_patrol_areas` that were not its defaults, such as ``max_area_km2``,
        for the choices of earlier years; ``by`` and ``count`` are those of ``areas``.

    Returns
    -------
    PatrolReview
        ``change``, ``earlier``, ``beyond_chance``, ``to_sentence()``.

    Raises
    ------
    InputError
        For areas of another theme, or that do not say what they were chosen from.

    Notes
    -----
    The busiest places of a city have no like places, so there is seldom a verdict. What they do by
    themselves is seen in earlier years: each year the same rule chooses again, and its areas are
    followed as long, before the patrols began. A fall no larger than those says nothing of patrols.
    It misleads where areas were patrolled in those years, too, and a few years are no distribution.

    References
    ----------
    Hauer, E. (1997). Observational Before-After Studies in Road Safety. Pergamon.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=6_000)
    >>> crime = hs.select(town.incidents, hs.Question(within=town.district))
    >>> found = hs.select_patrol_areas(crime.during("2024-04/2025-03"), by="count", count=4)
    >>> review = review_patrol_areas(found, crime, started="2025-04-01")
    >>> review.earlier["areas"].tolist()
    [4]
    """
    require_made("areas", areas, PatrolAreas, "select_patrol_areas(incidents, count=22)")
    asked = of_all_times(incidents)
    require(
        areas.theme == asked.theme,
        f"`incidents` must be of the theme the areas were chosen for, {areas.theme!r}; got those "
        f"of {asked.theme!r}.",
    )
    known = [name for name in signature(select_patrol_areas).parameters if name != "incidents"]
    unknown = [name for name in options if name not in known]
    require(not unknown, f"`options` are those of select_patrol_areas; got {listing(unknown)}.")
    change = compare_change(areas.selected, asked, started=started)
    rule = {"by": areas.choice.by, "count": areas.choice.wanted, **options}
    review = review_change(change, areas.selected, asked, **rule)
    return needed(review, "`areas` must be chosen from a period: select with one first.")


def review_change(
    change: Change, areas: gpd.GeoDataFrame, asked: Selection, **rule: Any
) -> PatrolReview | None:
    """What the same rule chose, and saw, in earlier years, beside a change of its areas.

    Parameters
    ----------
    change : Change
        Of the areas.
    areas : GeoDataFrame
        Those that were patrolled, as chosen or as read from a file.
    asked : Selection
        Incidents of their theme and of all times.
    **rule
        Of :func:`select_patrol_areas`; by default as many areas by what these were ranked by.

    Returns
    -------
    PatrolReview, optional
        Nothing where the areas do not say what they were chosen from, or by what, or were chosen
        for another theme.
    """
    chosen = choice_of(areas, clock_of(change.windows.started))
    other = "theme" in areas.columns and bool(areas["theme"].dropna().ne(asked.theme).any())
    if chosen is None or "ranked_by" not in areas.columns or other:
        return None
    rule = {"by": areas["ranked_by"].iloc[0], "count": len(areas), "near_misses": 0, **rule}
    if rule["by"] == "harm" and not says_something(asked.rows, "harm"):
        return None
    held, rows = set(asked.source.months()), {}
    for years in range(1, MOST_YEARS + 1):
        span, ago = years_earlier(chosen, years), change.windows.years_earlier(years)
        if not held.issuperset({*months_of(span), *months_of(ago.before), *months_of(ago.after)}):
            break
        if ago.after.end <= change.windows.started:
            rows[years] = _again(asked, span, ago, rule)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    return PatrolReview(change, table.rename_axis("years_earlier"))


def _again(
    asked: Selection, span: Period, windows: Windows, rule: dict[str, Any]
) -> tuple[str, int, int, int, float]:
    """What the rule would have chosen then, and what came of it."""
    found = select_patrol_areas(asked.during(span), **rule).selected
    groups, _ = make_groups(asked.rows, found, "rest", ())
    table = totals_by_phase(asked.rows, groups, phases(asked.rows, windows))
    before, after = (table[f"count_{when}"].astype(int).to_dict() for when in ("before", "after"))
    treated, rest = ((before[group], after[group]) for group in (TREATED, COMPARATOR))
    return span.label, len(found), *treated, rate_ratio(treated=treated, control=rest).ratio
