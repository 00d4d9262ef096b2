"""What happens in each zone: count, harm, rates, share, the rest of the city, and its few cells."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.bursts import months_beside_rest
from hotspots.analysis.zones.overlaps import parts_in_zones
from hotspots.core.arguments import has_record, number_of, require_word, size_of
from hotspots.core.behind import COLUMNS as BEHIND
from hotspots.core.behind import UNIT
from hotspots.core.errors import InputError, listing, require
from hotspots.core.record import refuse_protect
from hotspots.core.select import Selection, as_selection
from hotspots.core.tables import AREAS, OVERLAPS, TILING_KINDS, ZONES, require_table
from hotspots.core.totals import all_harm, area_totals
from hotspots.stats.count_models import Ratios, exact_rate_ratios
from hotspots.stats.counts import normal_quantile

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

WRONG = 0.05
ZONE_TOTALS = (
    *("incident_count", "unweighted_count", "harm", "harm_low", "harm_high", "harm_scale"),
    *(UNIT, *BEHIND),
)


def summarise_zones(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    population: pd.Series | None = None,
    city_population: float | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Count and harm of a theme in each zone, with rates, share, and the rest of the city.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. Shares are of these. A
        ward's total is everything recorded there: ask ``Question(..., include_institutional=True)``
        where that is meant.
    population : Series, optional
        Residents by ``zone_id``; missing where not known.
    city_population : float, optional
        Residents of the study area. By default the sum of ``population`` where the zones tile it
        (wards, statistical areas) and all are known.
    record : RunRecord, optional
        Takes the account.

    Returns
    -------
    GeoDataFrame
        The zones with ``theme``, ``incident_count``, ``unweighted_count``, ``share_of_count``,
        ``area_km2``, ``count_per_km2`` and, where incidents carry harm, ``harm``,
        ``share_of_harm``, ``harm_per_km2``; with ``population``, ``count_per_1000``. With
        a study area, the rest of the city beside each zone: ``rest_count``, ``rest_rate``,
        ``ratio_to_rest`` with ``ratio_low`` and ``ratio_high`` (95 %), per resident where
        ``population`` is given, else per km² (``ratio_per``), and ``against_rest``: ``above`` or
        ``below`` where an interval that all zones hold together in 95 % leaves out 1, else
        ``alike``. Approximate zones are summed like others; do not rank them.

    Raises
    ------
    InputError
        For tables without the columns needed, other coordinate systems, or Protect zones and a
        record made for another audience.

    Notes
    -----
    Counts without a denominator mostly show where people are; per resident, a city centre looks
    worse than it is, since few of the people there live there. The interval is that of Poisson
    counts, widened by how unevenly months come, over fewer than five by how many a place has.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). https://doi.org/10.1093/biomet/26.4.404; McCullagh, P.
    and Nelder, J. A. (1989). https://doi.org/10.1201/9780203753736

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=record)
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> july = hs.select(incidents, hs.Question(period="2018-07", within=city))
    >>> summary = hs.zones.summarise_zones(wards, july)
    >>> int(summary["incident_count"].sum())
    10727
    """
    require_table(zones, ZONES, argument="zones")
    refuse_protect(zones, record=record)
    chosen = as_selection(incidents)
    within = chosen.within
    totals = totals_in_zones(zones, chosen)
    summary = zones.drop(columns=totals.columns, errors="ignore").join(totals)
    summary["theme"] = chosen.theme
    summary = _with_rates(summary, chosen)
    if population is not None:
        summary = _with_residents(summary, population)
    if within is not None:
        summary = _with_rest(summary, chosen, within, city_population)
    if has_record(record):
        record.account(replace(chosen.account, stage="summarise_zones"))
    return summary


def totals_in_zones(zones: gpd.GeoDataFrame, incidents: Selection) -> pd.DataFrame:
    """Counts and harm alone, as :func:`summarise_zones` has them: nothing is compared."""
    totals = area_totals(parts_in_zones(incidents, zones), zones.index)
    return totals[[name for name in ZONE_TOTALS if name in totals]]


def rank_zones(summary: gpd.GeoDataFrame, *, rank_by: str = "incident_count") -> gpd.GeoDataFrame:
    """Zones in order of a number, official outlines only.

    Parameters
    ----------
    summary : GeoDataFrame
        Zones with their numbers, from :func:`summarise_zones`.
    rank_by : str
        Column to rank by, the largest first.

    Returns
    -------
    GeoDataFrame
        A copy in order of ``rank`` (1 is the top, ties share the better rank), with ``ranked_by``.
        Zones without that number come last and have no rank.

    Raises
    ------
    InputError
        Where any zone is approximate.

    Notes
    -----
    A league table of zones misleads when they differ little: read the intervals first.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> zones = gpd.GeoDataFrame({"zone_name": ["A", "B"], "approximate": False, "n": [1, 3]},
    ...     index=["a", "b"], geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=27700)
    >>> rank_zones(zones, rank_by="n")["rank"].to_dict()
    {'b': 1, 'a': 2}
    """
    require(isinstance(rank_by, str), f"`rank_by` must name a column; got {rank_by!r}.")
    also = () if rank_by in getattr(summary, "columns", ()) else (rank_by,)
    require_table(summary, ZONES, argument="summary", only=["zone_name", "approximate"], also=also)
    refuse_approximate(summary)
    values = summary[rank_by].astype(float)
    ranked = summary.assign(
        rank=values.rank(method="min", ascending=False).astype("Int64"), ranked_by=rank_by
    )
    tie_break = ranked.index.astype(str).to_numpy()
    return ranked.iloc[np.lexsort((tie_break, ranked["rank"].fillna(len(ranked) + 1)))]


def refuse_approximate(zones: gpd.GeoDataFrame) -> None:
    """Raise where zones with stand-in outlines would be ranked."""
    names = zones.loc[zones["approximate"].eq(True), "zone_name"]
    require(
        not len(names),
        "approximate zones are drawn and summed, never ranked, since their outlines only stand in "
        "for official outlines (best-fit wards put about one incident in ten into the wrong "
        f"ward); got {listing(names, most=4)}. Load the official outlines, or read the numbers in "
        "the order of the list.",
    )


def _with_rates(summary: gpd.GeoDataFrame, chosen: Selection) -> gpd.GeoDataFrame:
    summary["share_of_count"] = summary["incident_count"] / max(chosen.total, 1)
    summary["area_km2"] = summary.geometry.area / 1e6
    summary["count_per_km2"] = summary["incident_count"] / summary["area_km2"]
    if "harm" in summary.columns:
        everything = all_harm(chosen)
        summary["share_of_harm"] = summary["harm"] / (everything if everything > 0 else np.nan)
        summary["harm_per_km2"] = summary["harm"] / summary["area_km2"]
    return summary


def _with_residents(summary: gpd.GeoDataFrame, population: pd.Series) -> gpd.GeoDataFrame:
    if not isinstance(population, pd.Series) or not population.index.is_unique:
        raise InputError(
            "`population` must be a Series of residents with one row for each `zone_id`; got "
            f"{type(population).__name__}."
        )
    residents = population.reindex(summary.index).astype(float)
    if len(summary) and residents.isna().all():
        raise InputError(
            f"`population` must be indexed by `zone_id`; none of {listing(population.index)} is "
            f"among the zones {listing(summary.index)}."
        )
    require(not (residents < 0).any(), "`population` must be zero or more; got negative numbers.")
    summary["population"] = residents
    summary["count_per_1000"] = 1000 * summary["incident_count"] / residents.where(residents > 0)
    return summary


def _with_rest(
    summary: gpd.GeoDataFrame,
    chosen: Selection,
    within: gpd.GeoDataFrame,
    city_population: float | None,
) -> gpd.GeoDataFrame:
    """The rest of the city: everything within the study area that is not in the zone."""
    city = within.geometry.union_all()
    if "population" in summary.columns:
        own, per = summary["population"], "resident"
        everyone = _city_population(summary, city_population)
    else:
        own, per = summary.geometry.intersection(city).area / 1e6, "km2"
        everyone = city.area / 1e6
    # A zone that is the whole city has no rest, whatever the last digits say.
    rest = (everyone - own).where(everyone - own > 1e-9 * everyone)
    summary["rest_count"] = chosen.total - summary["incident_count"]
    summary["rest_rate"] = summary["rest_count"] / rest * (1000 if per == "resident" else 1)
    bursts = months_beside_rest(parts_in_zones(chosen, summary), chosen)

    def ratios(wrong: float) -> Ratios:
        usual = normal_quantile(1 - wrong)
        wider = [one.value * (one.quantile(1 - wrong) / usual) ** 2 for one in bursts]
        count, others = summary["incident_count"] / wider, summary["rest_count"] / wider
        return exact_rate_ratios(count, own, others, rest, confidence=1 - wrong)

    each, together = ratios(WRONG), ratios(WRONG / max(len(summary), 1))
    summary["ratio_to_rest"], summary["ratio_low"] = each.ratio, each.low
    summary["ratio_high"], summary["ratio_per"] = each.high, per
    apart = np.select([together.low > 1, together.high < 1], ["above", "below"], "alike")
    known = pd.Series(apart, summary.index, dtype=object)
    summary["against_rest"] = known.where(summary["ratio_to_rest"].notna(), None)
    return summary


def _city_population(summary: gpd.GeoDataFrame, given: float | None) -> float:
    residents = summary["population"]
    if given is None:
        tiles = summary["kind"].nunique() <= 1 and summary["kind"].isin(TILING_KINDS).all()
        require(
            bool(tiles) and not residents.isna().any(),
            "`city_population` must be given unless the zones tile the city and the residents of "
            "every one are known: the rest of the city has all residents but the zone's.",
        )
        return float(residents.sum())
    given = size_of(given, "city_population")
    require(
        given >= residents.max(skipna=True) or bool(residents.isna().all()),
        f"`city_population` must be at least that of the largest zone ({residents.max():,.0f}); "
        f"got {given:,.0f}.",
    )
    return given


TINY = 1e-9


def zone_concentration(
    areas: gpd.GeoDataFrame,
    overlaps: pd.DataFrame,
    *,
    by: str = "count",
    share: float = 0.5,
) -> pd.DataFrame:
    """How few cells hold a share of each zone's incidents, and which they are.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of one theme and one kind of cell.
    overlaps : DataFrame
        Overlaps table of these areas, from :func:`relate_to_zones`: a cell on a zone's edge brings
        only its incidents inside the zone.
    by : {"count", "harm"}
        What is held.
    share : float
        The share asked about, above 0 and up to 1.

    Returns
    -------
    DataFrame
        By ``zone_id``, in its order: ``zone_name``, ``kind``, ``held`` (count or harm in the zone),
        ``cells`` (that touch the zone), ``cells_used`` (with any), ``cells_for_share`` (the fewest
        that hold the share), ``share_held`` by these, ``cells_if_even`` (how many it would take if
        incidents were spread as evenly as so few can be), ``leading_cells`` (their ``area_id``,
        most first), ``leading_places`` (their names, each once) and ``by``. Words for each row:
        :func:`describe_concentration`.

    Raises
    ------
    InputError
        For tables that lack columns, another ``by``, or a share outside 0 to 1.

    Notes
    -----
    Cells are drawn without regard to streets: a hot street on a cell border counts as two cells.
    Few incidents always sit in few cells; compare with ``cells_if_even``.

    References
    ----------
    Bernasco, W. and Steenbeek, W. (2017). https://doi.org/10.1007/s10940-016-9324-7

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoDataFrame({"kind": "square-100", "theme": "asb", "incident_count": [8, 1, 1],
    ...     "place_name": ["High Street", None, None]}, index=["a", "b", "c"],
    ...     geometry=[box(0, 0, 9, 9)] * 3, crs=27700)
    >>> overlaps = pd.DataFrame({"zone_name": "Armley", "kind": "ward", "share_of_area": 1.0,
    ...     "share_of_zone": 0.1, "share_of_count": 1.0, "share_of_harm": float("nan")},
    ...     index=pd.MultiIndex.from_product([["a", "b", "c"], ["w1"]],
    ...                                      names=["area_id", "zone_id"]))
    >>> few = zone_concentration(cells, overlaps).loc["w1"]
    >>> int(few["cells_for_share"]), int(few["cells"]), few["leading_places"]
    (1, 3, ['High Street'])
    """
    require_word("by", by, ("count", "harm"))
    require(
        0 < number_of(share, "share") <= 1, f"`share` must be above 0 and up to 1; got {share!r}."
    )
    column = "incident_count" if by == "count" else "harm"
    require_table(areas, AREAS, argument="areas", only=[column])
    require_table(overlaps, OVERLAPS, argument="overlaps")
    brought = _brought(areas, overlaps, column, f"share_of_{by}")
    names = areas["place_name"] if "place_name" in areas.columns else pd.Series(dtype=object)
    rows = [
        _one_zone(zone_id, part, share, by, names)
        for zone_id, part in brought.groupby("zone_id", sort=True)
    ]
    index = pd.Index([row.pop("zone_id") for row in rows], name="zone_id", dtype=object)
    return pd.DataFrame(rows, index=index, columns=COLUMNS)


COLUMNS = [
    "zone_name",
    "kind",
    "held",
    "cells",
    "cells_used",
    "cells_for_share",
    "share_held",
    "cells_if_even",
    "leading_cells",
    "leading_places",
    "by",
]


def _brought(
    areas: gpd.GeoDataFrame, overlaps: pd.DataFrame, column: str, share: str
) -> pd.DataFrame:
    """What each cell brings to each zone; a cell without incidents brings nothing."""
    flat = overlaps.reset_index()
    flat = flat[flat["area_id"].isin(areas.index)]
    whole = areas[column].reindex(flat["area_id"]).to_numpy(dtype=float)
    brought = np.nan_to_num(whole) * np.nan_to_num(flat[share].to_numpy(dtype=float))
    return flat.assign(brought=brought).sort_values(
        ["brought", "area_id"], ascending=[False, True], kind="stable"
    )


def _one_zone(
    zone_id: object, cells: pd.DataFrame, share: float, by: str, names: pd.Series
) -> dict[str, object]:
    held = float(cells["brought"].sum())
    running = cells["brought"].cumsum().to_numpy()
    used = int((cells["brought"] > 0).sum())
    # Sums may fall short of the share they reach by a last digit.
    needed = int(np.searchsorted(running, share * held * (1 - TINY)) + 1) if held > 0 else 0
    leading = cells["area_id"].iloc[:needed].tolist()
    spread = len(cells) if by == "harm" else min(len(cells), round(held))
    named = [names.get(label) for label in leading]
    return {
        "zone_id": zone_id,
        "zone_name": cells["zone_name"].iloc[0],
        "kind": cells["kind"].iloc[0],
        "held": round(held) if by == "count" else held,
        "cells": len(cells),
        "cells_used": used,
        "cells_for_share": needed,
        "share_held": running[needed - 1] / held if needed else math.nan,
        "cells_if_even": math.ceil(share * spread * (1 - TINY)),
        "leading_cells": leading,
        "leading_places": list(dict.fromkeys(name for name in named if isinstance(name, str))),
        "by": by,
    }
