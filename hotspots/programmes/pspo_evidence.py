"""What the data say about an order: inside, outside and around it, before and after its start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.change import compare_change
from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED, make_groups
from hotspots.analysis.evaluation.windows import month_cut_short, of_all_times
from hotspots.analysis.interrupted_time_series import (
    FEWEST_MONTHS,
    Interruption,
    interrupted_time_series,
)
from hotspots.core.arguments import has_record, listed, whole_of
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError, require
from hotspots.core.periods import Period
from hotspots.core.record import refuse_protect
from hotspots.core.select import EVERYTHING, Selection
from hotspots.core.tables import ZONES, require_table
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.capabilities import even_dates
from hotspots.offences.tell_themes import theme_labels
from hotspots.offences.themes import theme_in_words
from hotspots.programmes.pspo_result import (
    BASKET,
    Covered,
    PspoEvidence,
    Term,
    basket_masks,
    basket_table,
    covered_months,
    monthly_table,
    read_term,
    recurring_places,
    runs,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

CITY_WIDE = 0.95
PROHIBITED, ASB = "prohibited", "asb"


def pspo_evidence(
    order: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    baskets: Mapping[str, pd.Series | str] | None = None,
    rings_m: Sequence[float] = (250, 500),
    comparator: gpd.GeoDataFrame | None = None,
    today: date | str | None = None,
    months: int = 12,
    before: str | Period | None = None,
    after: str | Period | None = None,
    recurring_months: int = 3,
    breaks: Iterable[Any] = (),
    acknowledge_breaks: bool = False,
    confidence: float = 0.95,
    record: RunRecord | None = None,
) -> PspoEvidence:
    """Lay out what the data say about one order, by the statutory limbs, for an officer to decide.

    Parameters
    ----------
    order : GeoDataFrame
        Zones table with exactly one row; needs ``valid_from``.
    incidents : Selection
        From :func:`select` with a question about all times; a plain table stands for all its
        incidents. A question without a theme is asked about what the order prohibits: the incidents
        of its ``baskets``, or, without any, anti-social behaviour where the incidents carry that
        theme (which is told). The study area is the city. Where incidents have areas
        (:func:`assign_cells`), recurring places are these; else the street (``place_name``), or the
        100 m square.
    baskets : mapping, optional
        For each prohibition of the order a boolean Series on the index of the incidents, the name
        of a boolean column, or that of a bundled basket (``"asb_nuisance"``). Baskets are counted
        on their own, whatever theme the question is about.
    rings_m : sequence of float
        Outer edges of the rings around the order, to see displacement.
    comparator : GeoDataFrame, optional
        Zones to compare with instead of the rest of the city, such as another district. May lie
        outside the study area.
    today : date or str, optional
        Day to count the rest of the term from. The clock is never read.
    months : int
        Longest windows; before and after are equally long, within the term, and cover the same
        months of the year where the data allow.
    before, after : str or Period, optional
        Windows of your own; they must be equally long.
    recurring_months : int
        A place is recurring with incidents in at least so many months.
    breaks, acknowledge_breaks, confidence : optional
        As in :func:`compare_change`.
    record : RunRecord, optional
        Gets account, choices, sentence and cautions.

    Returns
    -------
    PspoEvidence
        ``term``, ``change``, ``series``, ``recurring``, ``baskets``, ``interruption``, ``limbs``,
        ``cautions``, ``to_sentence()``, ``to_dict()``.

    Raises
    ------
    InputError
        For more or fewer than one order, an order without a start, unequal windows, baskets that
        do not fit.
    DataError
        For months missing from the windows.

    Notes
    -----
    Data do not decide an order: whether an effect is detrimental and a behaviour unreasonable is a
    judgement about people, and recorded incidents depend on who reports. An order that moves people
    on can look like success inside and displacement in the ring.

    References
    ----------
    Anti-social Behaviour, Crime and Policing Act 2014, sections 59 to 61,
    https://www.legislation.gov.uk/ukpga/2014/12/part/4/chapter/2

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> found = hs.pspo_evidence(town.pspo.iloc[[2]], asked, today=town.end.date())
    >>> found.term.status, found.city_wide, len(found.limbs)
    ('within its published term', False, 4)
    """
    asked, months = of_all_times(incidents), whole_of(months, "months")
    rings_m, breaks = listed(rings_m, "rings_m"), listed(breaks, "breaks")
    term = _check_order(order, asked.everything, today, record)
    masks = basket_masks(asked.everything, baskets or {})
    asked, about = _prohibited(order, asked, masks)
    used = asked.rows[asked.rows.index.isin(even_dates(asked.everything["occurred_from"]).index)]
    share = _share_covered(order, used, asked.within)
    wide = share >= CITY_WIDE
    held = covered_months(asked, term)
    windows, why_not = _windows(held, months, before, after)
    options = {
        "started": term.valid_from,
        "breaks": breaks,
        "acknowledge_breaks": acknowledge_breaks,
        "confidence": confidence,
        **_control(comparator, rings_m, wide=wide),
    }
    city = asked.asked(within=_city(order, asked, comparator, wide=wide))
    change, by_basket = _compare(order, city, masks, windows, options)
    groups, _ = make_groups(used, order, "rest", [] if wide else rings_m)
    series = monthly_table(used, groups, held)
    beside = None if comparator is None else _beside(order, city, comparator, held)
    evidence = PspoEvidence(
        order_name=str(order["zone_name"].iloc[0]),
        term=term,
        theme=asked.theme,
        label=_label(asked),
        share_of_city=share,
        city_wide=wide,
        change=change,
        series=series,
        persistence=runs(series),
        recurring=recurring_places(
            used[groups[TREATED].members],
            asked.area_ids if asked.assigned else None,
            held,
            recurring_months,
        ),
        baskets=basket_table(_inside(order, asked, masks), by_basket, asked.everything, held),
        interruption=_interruption(series, beside, term, confidence) if wide else None,
        cautions=_cautions(share, wide, comparator, change, [*about, *why_not], term, held),
    )
    if has_record(record):
        _write(record, evidence, asked, rings_m)
    return evidence


def _prohibited(
    order: gpd.GeoDataFrame, asked: Selection, masks: Mapping[str, Any]
) -> tuple[Selection, list[Caveat]]:
    """Without a theme, what an order prohibits, else anti-social behaviour."""
    if asked.question.theme is not None:
        return asked, []
    if masks:
        union = np.any([np.asarray(mask) for mask in masks.values()], axis=0)
        marked = asked.everything.assign(**{f"theme_{PROHIBITED}": union})
        return asked.retagged(marked, PROHIBITED), []
    if ASB in asked.source.carried():
        words = order.get("prohibits", pd.Series([None])).iloc[0]
        if isinstance(words, str) and words.strip():
            return asked.of(ASB), [Caveat("order-words-asked-of-asb", {"words": words.strip()})]
        return asked.of(ASB), [Caveat("order-asked-of-asb")]
    return asked, []


def _inside(order: gpd.GeoDataFrame, asked: Selection, masks: Mapping[str, Any]) -> dict[str, Any]:
    """What each basket holds inside the order, whatever the theme."""
    everyone = asked.of(None).used & asked.asked(theme=None, within=order).used
    return {name: mask & everyone for name, mask in masks.items()}


def _compare(
    order: gpd.GeoDataFrame,
    city: Selection,
    masks: Mapping[str, Any],
    windows: dict[str, Any] | None,
    options: dict[str, Any],
) -> tuple[Change | None, dict[str, Change]]:
    """The change of the theme and of each basket, all in the same windows."""
    if windows is None:
        return None, {}
    change = compare_change(order, city, **windows, **options)
    same: dict[str, Any] = {"before": change.windows.before, "after": change.windows.after}
    by_basket = {}
    for name, mask in masks.items():
        marked = city.everything.assign(**{f"theme_{BASKET}": mask})
        held = city.retagged(marked, BASKET)
        by_basket[name] = compare_change(order, held, **same, **options)
    return change, by_basket


def _label(asked: Selection) -> str:
    """What the incidents are called: a proxy by what it really is, where they say so."""
    theme = asked.theme
    if theme == EVERYTHING:
        return "all incidents"
    if theme == PROHIBITED:
        return "what the order prohibits"
    return theme_labels(asked.source.tally.kinds).get(theme, theme_in_words(theme))


def _check_order(
    order: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame, today: object, record: RunRecord | None
) -> Term:
    require_table(order, ZONES, argument="order", only=["zone_name", "kind", "geometry"])
    require(
        len(order) == 1,
        f"`order` must be a zones table with one row, one order at a time; got {len(order):,} "
        "rows.",
        mend=Mend("one-order"),
    )
    refuse_protect(order, record=record)
    require_same_crs(incidents, order, ("incidents", "order"))
    return read_term(order.iloc[0], today)


def _share_covered(
    order: gpd.GeoDataFrame, used: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None
) -> float:
    """Share of the study area inside the order; of the incidents where there is no study area."""
    shape = order.geometry.iloc[0]
    if within is not None:
        city = within.geometry.union_all()
        return float(city.intersection(shape).area / city.area) if city.area > 0 else 0.0
    return float(used.intersects(shape).mean()) if len(used) else 0.0


def _windows(
    held: Covered, months: int, before: str | Period | None, after: str | Period | None
) -> tuple[dict[str, Any] | None, list[Caveat]]:
    """The windows to compare, or None and why there are none."""
    if before is not None or after is not None:
        if before is None or after is None:
            raise InputError("`before` and `after` must be given together, or neither.")
        return _equal(Period.parse(before), Period.parse(after)), []
    most = min(months, len(held.before), len(held.within))
    if most > 0:
        return {"months": most}, []
    return None, [Caveat("no-month-within" if held.before else "no-month-before")]


def _equal(before: Period, after: Period) -> dict[str, Any]:
    lengths = [one.end.tz_localize(None) - one.start.tz_localize(None) for one in (before, after)]
    spans = [
        12 * (o.end.year - o.start.year) + o.end.month - o.start.month for o in (before, after)
    ]
    require(
        lengths[0] == lengths[1] or (spans[0] == spans[1] > 0),
        f"the windows must be equally long; got {before.label} and {after.label}.",
    )
    return {"before": before, "after": after}


def _control(
    comparator: gpd.GeoDataFrame | None, rings_m: Sequence[float], *, wide: bool
) -> dict[str, Any]:
    """What the order is compared with: zones given, or what the study area leaves of the city."""
    around: dict[str, Any] = {"rings_m": () if wide else rings_m}
    return around if comparator is None else around | {"comparator": comparator}


def _city(
    order: gpd.GeoDataFrame, asked: Selection, comparator: gpd.GeoDataFrame | None, *, wide: bool
) -> gpd.GeoDataFrame | None:
    """The study area of the comparison; of a city-wide order itself, so that nothing is the rest.

    Zones to compare with may lie anywhere.
    """
    if comparator is not None:
        return None
    return order if wide else asked.within


def _beside(
    order: gpd.GeoDataFrame, city: Selection, comparator: gpd.GeoDataFrame, held: Covered
) -> pd.Series | None:
    """Incidents of the comparator by month, where every month has some."""
    groups, _ = make_groups(city.rows, order, comparator, ())
    counts: pd.Series = monthly_table(city.rows, groups, held)["outside"]
    return counts if len(counts) and bool((counts > 0).all()) else None


def _interruption(
    series: pd.DataFrame, beside: pd.Series | None, term: Term, confidence: float
) -> Interruption | None:
    """The series of a city-wide order, where it is long enough and has no gap."""
    try:
        return interrupted_time_series(
            series["inside"],
            started=term.valid_from,
            until=term.valid_until,
            control=beside,
            confidence=confidence,
        )
    except InputError:
        return None


def _cautions(
    share: float,
    wide: bool,
    comparator: object,
    change: Change | None,
    why_not: list[Caveat],
    term: Term,
    held: Covered,
) -> tuple[Caveat, ...]:
    found = [*why_not]
    if wide and comparator is None:
        found.append(Caveat("no-control", {"share": 100 * share}))
    months = {"before": len(held.before), "within": len(held.within)}
    if wide and min(months.values()) < FEWEST_MONTHS:
        found.append(Caveat("short-series", {"fewest": FEWEST_MONTHS} | months))
    if held.cut is not None:
        found.append(month_cut_short(held.cut))
    if held.gaps:
        found.append(Caveat("gap-months", {"months": len(held.gaps), "first": held.gaps[0]}))
    found += term.cautions
    return tuple(dict.fromkeys([*found, *(change.cautions if change else ())]))


def _write(
    record: RunRecord, evidence: PspoEvidence, asked: Selection, rings_m: Sequence[float]
) -> None:
    record.account(replace(asked.account, stage="pspo_evidence"))
    record.choose(
        "pspo_evidence",
        order=evidence.order_name,
        theme=evidence.theme,
        rings_m=rings_m,
        today=evidence.term.today,
        compared_with=COMPARATOR if not evidence.city_wide else "nothing inside the city",
    )
    record.sentences[f"pspo_evidence {evidence.order_name}"] = evidence.to_sentence()
    record.warn_reader(*evidence.cautions)
