"""The evidence on an order: its term and limbs, its months, places and baskets, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED, Group
from hotspots.analysis.evaluation.windows import cut_short, silences_of
from hotspots.analysis.interrupted_time_series import Interruption
from hotspots.analysis.names import generic_places
from hotspots.core.caveats import Caveat
from hotspots.core.crs import coordinates, grid_squares
from hotspots.core.errors import Findings, InputError, require
from hotspots.core.months import month_of, months_between
from hotspots.core.periods import months_of
from hotspots.core.plain import plain, plain_parts, plain_records
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.io.incidents.capabilities import even_dates
from hotspots.io.zones.zone_columns import as_day
from hotspots.offences.baskets import basket_names, members_by_source

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.periods import Period
    from hotspots.core.select import Selection

BASKET = "pspo_basket"


@dataclass(frozen=True, eq=False)
class PspoEvidence(Spoken):
    """What the data say about one order.

    Attributes
    ----------
    order_name, theme, label
        Which order, which incidents, and what these are called.
    term
        Its dates, the days left, and its status on the day given.
    share_of_city, city_wide
        How much of the study area it covers; from 95 % on there is no control inside the city.
    change
        Inside, rings and comparator in equal windows, from :func:`compare_change`; None where the
        data do not reach both sides. Of a city-wide order without comparator its own ratio.
    series
        By month: ``inside``, each ring, ``outside``, and the ``phase``.
    persistence
        Months with incidents, longest run, by phase.
    recurring
        Places inside with incidents in several months.
    baskets
        The same by prohibition.
    interruption
        For a city-wide order, its interrupted time series, where months suffice.
    cautions
        What belongs beside the result, by code.
    """

    order_name: str
    term: Term
    theme: str
    label: str
    share_of_city: float
    city_wide: bool
    change: Change | None
    series: pd.DataFrame
    persistence: dict[str, Any]
    recurring: pd.DataFrame
    baskets: pd.DataFrame
    interruption: Interruption | None
    cautions: tuple[Caveat, ...]

    @property
    def limbs(self) -> pd.DataFrame:
        """The statutory limbs, what the data say to each, and an empty ``decision``."""
        return limbs_table(self)

    def change_sentence(self) -> str:
        """Before and after inside the order; empty where there is none."""
        return sentence_of(self, "change")

    def ring_sentence(self) -> str:
        """The rings around the order; empty where there are none."""
        return sentence_of(self, "rings")

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing values as None."""
        return {
            "order": self.order_name,
            **plain_parts(self, "theme", "label", "term", "share_of_city", "city_wide", "change"),
            **plain_parts(self, "series", "persistence"),
            "recurring": plain_records(self.recurring.set_index("place")),
            **plain_parts(self, "baskets", "interruption", "limbs"),
            "cautions": [str(caution) for caution in self.cautions],
            "sentence": self.to_sentence(),
        }


RENEWAL_UNKNOWN = "renewal unknown"
NO_LAST_DAY = "no last day given"
LONGEST_YEARS = 3


@dataclass(frozen=True)
class Term(Spoken):
    """The published term of an order on a day.

    Attributes
    ----------
    valid_from, valid_until
        First and last day, both included; None where the table has none.
    today
        The day asked about; None where none was given.
    days_left
        Days from today to the last day; negative once it has passed.
    status
        "not yet begun", "within its published term", "renewal unknown" (the term has passed), "no
        last day given" or "not dated". Never "in force": an order can be ended early.
    stated
        What the table itself says.
    cautions
        What does not fit.
    """

    valid_from: date
    valid_until: date | None
    today: date | None
    days_left: int | None
    status: str
    stated: str | None
    cautions: tuple[Caveat, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {name: plain(value) for name, value in vars(self).items()}


def read_term(order: pd.Series, today: object) -> Term:
    """The term of an order, from its row; InputError where it does not say when it began."""
    name = order["zone_name"]
    first, last = (_day(order.get(column), column) for column in ("valid_from", "valid_until"))
    if first is None:
        raise InputError(
            f"the order {name!r} must say when it began (`valid_from`); without that there is no "
            "before and after."
        )
    require(
        last is None or last >= first,
        f"the order {name!r} must end on or after the day it began; got {first} to {last}.",
    )
    now = _day(today, "today")
    stated = order.get("status")
    stated = None if stated is None or pd.isna(stated) else str(stated)
    status = _status(first, last, now)
    return Term(
        valid_from=first,
        valid_until=last,
        today=now,
        days_left=(last - now).days if last and now else None,
        status=status,
        stated=stated,
        cautions=tuple(_cautions(first, last, status, stated)),
    )


def _status(first: date, last: date | None, now: date | None) -> str:
    if now is None:
        return "not dated"
    if now < first:
        return "not yet begun"
    if last is None:
        return NO_LAST_DAY
    return RENEWAL_UNKNOWN if now > last else "within its published term"


def _cautions(first: date, last: date | None, status: str, stated: str | None) -> Iterator[Caveat]:
    longest = pd.Timestamp(first) + pd.DateOffset(years=LONGEST_YEARS)
    if last is not None and last >= longest.date():
        yield Caveat("long-term", {"years": LONGEST_YEARS})
    if status == RENEWAL_UNKNOWN and stated not in (None, RENEWAL_UNKNOWN):
        yield Caveat("lapsed-term", {"stated": stated})


def _day(value: object, argument: str) -> date | None:
    try:
        return as_day(value)
    except (ValueError, TypeError) as error:
        raise InputError(f'`{argument}` must be a day as "2023-04-01"; got {value!r}.') from error


LIMBS = {
    "detrimental effect": "s59(2)",
    "persistent or continuing": "s59(3)(a)",
    "unreasonable": "s59(3)(b)",
    "justifies the restrictions": "s59(3)(c), s59(5)",
}


def limbs_table(evidence: PspoEvidence) -> pd.DataFrame:
    """One row for each limb: the evidence, what it cannot say, and an empty decision."""
    rows = [
        {
            "limb": limb,
            "section": section,
            "evidence": sentence_of(evidence, "limb", name=limb),
            "cannot_say": sentence_of(evidence, "cannot_say", name=limb),
            "decision": "",
            "status": sentence_of(evidence, "undecided"),
        }
        for limb, section in LIMBS.items()
    ]
    return pd.DataFrame(rows).set_index("limb")


@dataclass(frozen=True)
class Covered:
    """Whole months: before the start, within the term, all, gaps; a last one that is cut short."""

    before: list[str]
    within: list[str]
    every: list[str]
    gaps: list[str]
    cut: Period | None = None

    def phase(self, month: str) -> str:
        """Where a month stands; the one the start or the last day lies inside is neither."""
        if month in self.before:
            return "before"
        if month in self.within:
            return "within the term"
        return "after the term" if self.within and month > self.within[-1] else "neither"


def covered_months(asked: Selection, term: Term) -> Covered:
    """Months in which anything at all is recorded, in order, and where they stand."""
    everything = asked.everything
    cut = cut_short(everything, silences_of(asked))
    recorded = set(month_of(even_dates(everything["occurred_from"])).dropna())
    held = sorted(recorded.difference(months_of(cut) if cut is not None else ()))
    if not held:
        return Covered([], [], [], [], cut)
    first, last = pd.Timestamp(term.valid_from), term.valid_until
    periods = [pd.Period(month, freq="M") for month in held]
    before = [str(one) for one in periods if one.end_time < first]
    within = [
        str(one)
        for one in periods
        if one.start_time >= first and (last is None or one.end_time.date() <= last)
    ]
    every = months_between(held[0], held[-1])
    gaps = [month for month in every if month not in set(held)]
    return Covered(before, within, held, gaps, cut)


def monthly_table(
    used: gpd.GeoDataFrame, groups: Mapping[str, Group], held: Covered
) -> pd.DataFrame:
    """Incidents by covered month: inside, in each ring, in the rest, and where the month stands."""
    months = month_of(used["occurred_from"])
    rings = {label: group for label, group in groups.items() if group.role == "ring"}
    parts = {"inside": groups[TREATED], **rings, "outside": groups[COMPARATOR]}
    columns = {
        name: months[group.members].value_counts().reindex(held.every, fill_value=0).astype(int)
        for name, group in parts.items()
    }
    table = pd.DataFrame(columns, index=pd.Index(held.every, name="period"))
    table["phase"] = [held.phase(month) for month in table.index]
    return table


def runs(series: pd.DataFrame) -> dict[str, Any]:
    """How persistent: months with incidents inside, longest run of them, by phase and of late."""
    found: dict[str, Any] = {"months": len(series)}
    inside = series["inside"] > 0
    found["months_with"] = int(inside.sum())
    index = pd.PeriodIndex(series.index, freq="M").asi8 if len(series) else np.array([])
    # Of months in a row, number less place stays the same; after a gap it is another.
    streak = [key - place for place, key in enumerate(index)]
    flags = list(zip(streak, inside.tolist(), strict=True))
    found["longest_run"] = max((len(list(g)) for key, g in groupby(flags) if key[1]), default=0)
    for phase in ("before", "within the term"):
        part = inside[series["phase"] == phase]
        name = phase.replace(" ", "_")
        found |= {f"months_{name}": len(part), f"months_with_{name}": int(part.sum())}
    found["last_month_with"] = str(series.index[inside][-1]) if inside.any() else None
    return found


def recurring_places(
    inside: gpd.GeoDataFrame, area_ids: pd.Series | None, held: Covered, least: int
) -> pd.DataFrame:
    """Places inside the order with incidents in at least so many months, the most months first."""
    place = _places(inside) if area_ids is None else area_ids.reindex(inside.index)
    month = month_of(inside["occurred_from"])
    table = pd.DataFrame({"place": place.to_numpy(), "month": month.to_numpy()}).dropna()
    table["phase"] = [held.phase(one) for one in table["month"]]
    grouped = table.groupby("place", sort=True)
    found = pd.DataFrame(
        {
            "incident_count": grouped.size(),
            "months_with": grouped["month"].nunique(),
            "before": grouped["phase"].agg(lambda phase: int((phase == "before").sum())),
            "within_the_term": grouped["phase"].agg(lambda p: int((p == "within the term").sum())),
            "last_month": grouped["month"].max(),
        }
    )
    found = found[found["months_with"] >= least].rename_axis("place").reset_index()
    order = ["months_with", "incident_count", "place"]
    found = found.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return found.astype(dict.fromkeys(found.columns[1:5], int))


def basket_masks(incidents: pd.DataFrame, baskets: Mapping[str, pd.Series | str]) -> dict[str, Any]:
    """One boolean array for each prohibition; every fault named at once."""
    findings, masks = Findings(), {}
    for name, given in baskets.items():
        column = _column(incidents, given) if isinstance(given, str) else given
        fits = isinstance(column, pd.Series) and set(incidents.index) <= set(column.index)
        values = column.reindex(incidents.index) if fits and column is not None else None
        if values is None or values.isna().any() or not pd.api.types.is_bool_dtype(values.dtype):
            findings.error(
                "basket",
                f"the basket {name!r} must be a boolean Series with a value for every incident, "
                f"the name of such a column or of a basket; got {_came(given)}.",
                mend=f"Name a basket file of yours (.toml), or one of {', '.join(basket_names())}.",
            )
            continue
        masks[str(name)] = values.to_numpy(dtype=bool)
    findings.raise_errors(InputError)
    return masks


def _column(incidents: pd.DataFrame, name: str) -> pd.Series | None:
    """A column of the incidents, else what is in the basket of that name or file."""
    if name in incidents.columns or not (name in basket_names() or name.endswith(".toml")):
        return incidents.get(name)
    return members_by_source(incidents, name)


def _came(given: object) -> str:
    return repr(given) if isinstance(given, str) else f"a {type(given).__name__} that is not one"


def basket_table(
    inside: Mapping[str, Any],
    changes: Mapping[str, Change],
    incidents: pd.DataFrame,
    held: Covered,
) -> pd.DataFrame:
    """By prohibition: incidents and months inside, before and after, against the comparator."""
    months = month_of(incidents["occurred_from"])
    rows = []
    for name, mask in inside.items():
        mine = months[mask].dropna()
        row: dict[str, Any] = {
            "basket": name,
            "incident_count": int(mask.sum()),
            "months_with": int(mine.nunique()),
            "months_covered": len(held.every),
        }
        if name in changes:
            ratio, table = changes[name].ratio, changes[name].table
            row |= {"count_before": ratio.counts[0], "count_after": ratio.counts[1]}
            row |= {"rest_before": ratio.counts[2], "rest_after": ratio.counts[3]}
            row |= {"rate_ratio": ratio.ratio, "ratio_low": ratio.low, "ratio_high": ratio.high}
            for label in table.index[table["role"] == "ring"]:
                row[f"{label} before"] = table.loc[label, "count_before"]
                row[f"{label} after"] = table.loc[label, "count_after"]
        rows.append(row)
    always = ["basket", "incident_count", "months_with", "months_covered"]
    return pd.DataFrame(rows, columns=None if rows else always).set_index("basket")


def _places(incidents: gpd.GeoDataFrame) -> pd.Series:
    """The street of each incident, or its 100 m square where it has none."""
    named = grid_squares(*coordinates(incidents.geometry), incidents.crs)
    squares = pd.Series([f"square {name}" for name in named], incidents.index, dtype=object)
    if "place_name" not in incidents.columns:
        return squares
    streets = incidents["place_name"].astype(object)
    generic = streets.map(
        lambda name: not isinstance(name, str) or name.casefold() in generic_places()
    )
    return streets.where(~generic.astype(bool), squares)
