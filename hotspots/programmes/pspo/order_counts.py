"""Months, places and baskets inside an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED, Group
from hotspots.analysis.evaluation.windows import cut_short, silences_of
from hotspots.analysis.names import generic_places
from hotspots.core.crs import coordinates, grid_squares
from hotspots.core.errors import Findings, InputError
from hotspots.core.months import month_of, months_between
from hotspots.core.periods import months_of
from hotspots.offences.baskets import basket_names, members_by_source

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.change_result import Change
    from hotspots.core.periods import Period
    from hotspots.core.select import Selection
    from hotspots.programmes.pspo.evidence_result import Term

BASKET = "pspo_basket"


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
    recorded = set(month_of(everything["occurred_from"]).dropna())
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
    columns = {
        name: months[group.members].value_counts().reindex(held.every, fill_value=0).astype(int)
        for name, group in _columns(groups).items()
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
                f"the name of such a column or of a bundled basket; got {_came(given)}.",
            )
            continue
        masks[str(name)] = values.to_numpy(dtype=bool)
    findings.raise_errors(InputError)
    return masks


def _column(incidents: pd.DataFrame, name: str) -> pd.Series | None:
    """A column of the incidents, else what is in the bundled basket of that name."""
    if name in incidents.columns or name not in basket_names():
        return incidents.get(name)
    return members_by_source(incidents, name, undecided="out")


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


def _columns(groups: Mapping[str, Group]) -> dict[str, Group]:
    rings = {label: group for label, group in groups.items() if group.role == "ring"}
    return {"inside": groups[TREATED], **rings, "outside": groups[COMPARATOR]}


def _places(incidents: gpd.GeoDataFrame) -> pd.Series:
    """The street of each incident, or its 100 m square where it has none."""
    squares = _squares(incidents)
    if "place_name" not in incidents.columns:
        return squares
    streets = incidents["place_name"].astype(object)
    generic = streets.map(
        lambda name: not isinstance(name, str) or name.casefold() in generic_places()
    )
    return streets.where(~generic.astype(bool), squares)


def _squares(incidents: gpd.GeoDataFrame) -> pd.Series:
    x, y = coordinates(incidents.geometry)
    words = [f"square {name}" for name in grid_squares(x, y, incidents.crs)]
    return pd.Series(words, index=incidents.index, dtype=object)
