"""Did it work: counts and harm before and after a start, against a comparator, and by month."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.change_result import Change, Compared, chosen_high, compare_groups
from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED, Group, make_groups
from hotspots.analysis.evaluation.placebo import LikePlaces, placebo_of
from hotspots.analysis.evaluation.ratios import RateRatio
from hotspots.analysis.evaluation.windows import (
    DatedBreak,
    Windows,
    choice_of,
    choose_windows,
    cut_short,
    of_all_times,
    phases,
    refuse_breaks,
    refuse_unlike,
    silences_of,
)
from hotspots.core.arguments import has_record, listed
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_ground, require_same_crs
from hotspots.core.errors import require
from hotspots.core.months import clock_of, month_of, months_between
from hotspots.core.periods import Dates, months_of, read_time
from hotspots.core.select import Selection
from hotspots.core.tables import ZONES, require_table
from hotspots.offences.tell_themes import theme_labels
from hotspots.stats.counts import Dispersion, normal_quantile

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.breaks import Break as KnownBreak


def compare_change(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    started: object,
    before: Dates | None = None,
    after: Dates | None = None,
    months: int = 12,
    comparator: Literal["rest"] | gpd.GeoDataFrame = "rest",
    rings_m: Sequence[float] = (),
    breaks: Iterable[DatedBreak | KnownBreak] = (),
    acknowledge_breaks: bool = False,
    allow_empty_months: bool = False,
    confidence: float = 0.95,
    record: RunRecord | None = None,
) -> Change:
    """Compare treated zones before and after a start with a place that was not treated.

    Parameters
    ----------
    zones : GeoDataFrame
        Treated zones. An incident in two of them counts once in their total. Areas that were ranked
        (patrol areas, cells) carry ``period_from`` and ``period_until``, from which they were
        chosen: where that meets a window, the sentence says so first.
    incidents : Selection
        From :func:`select` with a question about all times; a plain table stands for all its
        incidents. The study area is the city. Harm is compared too where they have ``harm``.
    started : date or str
        First day of the work, for instance ``"2023-04-01"``.
    before, after : str or Period, optional
        Windows. By default the whole months since the start, at most ``months``, and the same
        months of the year before. A window that straddles the start is cut there, with a caution.
    months : int
        Longest default window.
    comparator : "rest" or GeoDataFrame
        All of the city that is neither treated nor in a ring, or zones of your own, such as the
        next-ranked areas that were not treated.
    rings_m : sequence of float
        Edges of rings around the treated zones in metres, to see displacement or diffusion.
    breaks : iterable of (date, text) or Break
        Known breaks in the data, your own or ``known_breaks()``. One between the windows' outer
        edges is an error.
    acknowledge_breaks : bool
        Go on in spite of breaks and print them as cautions.
    allow_empty_months : bool
        Accept months without any incident of any kind, and sources that do not cover both windows
        whole; by default they are taken for missing files.
    confidence : float
        Of all intervals.
    record : RunRecord, optional
        Gets the account, the choices, the sentence and the cautions.

    Returns
    -------
    Change
        ``table``, ``ratio``, ``harm_ratio``, ``beyond_chance`` (None where there is no verdict),
        ``placebo``, ``to_sentence()``, ``to_dict()`` and more.

    Raises
    ------
    InputError
        Unusable windows, zones or comparator, or a break that is not acknowledged.
    DataError
        Months of the windows without any data, or a source that covers a part of them only.

    Notes
    -----
    The ratio is the treated change over the comparator's. Whether it is beyond chance is asked of
    up to 120 like places where nothing was done: the outline of the zone laid elsewhere in the
    city, about as busy, apart from the treated, its rings and each other, and the same in earlier
    years where this year has few. Their changes give the interval, the verdict and the drift; with
    fewer than 40 of them there is no verdict, and the interval is that of counts and months alone,
    which is too narrow for places that drift. Zones that were chosen for being high in the before
    window are judged by places that were as high. It misleads when something was done at the like
    places too, when the comparator took up displaced incidents, and when many single zones are read
    one by one: of twenty, one is beyond chance by chance.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). https://doi.org/10.1186/s40163-018-0085-5
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). https://doi.org/10.1198/jasa.2009.ap08746
    McCullagh, P. and Nelder, J. A. (1989). https://doi.org/10.1201/9780203753736

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from shapely.geometry import box
    >>> month = pd.to_datetime(["2023-03-01", "2023-04-01"]).tz_localize("Europe/London")
    >>> rows = [(0, 60, 500), (1, 40, 500), (0, 200, 5000), (1, 200, 5000)]
    >>> incidents = gpd.GeoDataFrame({
    ...     "offence": "Public order", "offence_scheme": "police_uk",
    ...     "occurred_from": [month[m] for m, n, _ in rows for _ in range(n)],
    ...     "occurred_until": [month[m] + pd.DateOffset(months=1) for m, n, _ in rows
    ...                        for _ in range(n)],
    ...     "time_precision": "month", "location_precision": "snapped", "source": "example"},
    ...     geometry=gpd.points_from_xy([x for _, n, x in rows for _ in range(n)], 0.0, crs=27700))
    >>> zones = gpd.GeoDataFrame({"zone_name": ["Square"], "kind": ["pspo"]}, index=["Z1"],
    ...     geometry=[box(0, -500, 1000, 500)], crs=27700)
    >>> change = compare_change(zones, incidents, started="2023-04-01")
    >>> change.table[["count_before", "count_after", "rate_ratio"]].round(2)
                 count_before  count_after  rate_ratio
    area_id
    Z1                     60           40        0.67
    all treated            60           40        0.67
    comparator            200          200         NaN
    """
    normal_quantile(confidence)
    require_table(zones, ZONES, argument="zones", only=["geometry"])
    require_ground(zones, "zones")
    chosen = of_all_times(incidents)
    everything, used = chosen.everything, chosen.rows
    require_same_crs(everything, zones, ("incidents", "zones"))
    silences = silences_of(chosen)
    windows = choose_windows(
        everything, started=started, before=before, after=after, months=months, silences=silences
    )
    cautions = [*windows.cautions]
    cautions += refuse_breaks(windows, breaks, acknowledged=acknowledge_breaks)
    cautions += refuse_unlike(chosen, windows, silences, allowed=allow_empty_months)
    rings_m = listed(rings_m, "rings_m")
    groups, about = make_groups(used, zones, comparator, rings_m)
    like = LikePlaces(used, groups, zones, max(rings_m, default=0.0))
    held = set(month_of(everything["occurred_from"]).dropna().unique())
    high = chosen_high(choice_of(zones, clock_of(windows.started)), windows)
    asked: dict[str, Any] = {"like": like, "held": held, "confidence": confidence}
    compared = compare_groups(used, groups, windows, chosen=high, **asked)
    usual = _usual(used, groups, windows, asked)
    table = compared.table
    cautions += [*about, *_cautions(used, zones, compared, usual)]
    ratio = compared.ratio(TREATED)
    change = Change(
        table=table.drop(columns=["squares_before", "squares_after"], errors="ignore"),
        ratio=ratio,
        harm_ratio=compared.ratio(TREATED, harm=True) if "harm_before" in table.columns else None,
        usual=usual,
        placebo=placebo_of(ratio, compared.like, as_high=high is not None),
        leave_one_out=_leave_one_out(used, groups, table, windows),
        windows=windows,
        theme=chosen.theme,
        cautions=tuple(cautions),
        chosen=choice_of(zones, clock_of(windows.started)),
        label=theme_labels(chosen.source.tally.kinds).get(chosen.theme, ""),
    )
    if change.chosen_from_windows:
        change = replace(change, cautions=(*change.choice, *change.cautions))
    if has_record(record):
        _write(record, change, chosen, comparator, rings_m, confidence)
    return change


def _usual(
    used: gpd.GeoDataFrame, groups: dict[str, Group], windows: Windows, asked: dict[str, Any]
) -> RateRatio | None:
    """The before window against the one a year earlier, where the data reaches back that far."""
    earlier = windows.earlier()
    if not asked["held"].issuperset(months_of(earlier.before)):
        return None
    return compare_groups(used, groups, earlier, chosen=None, **asked).ratio(TREATED)


def _leave_one_out(
    used: gpd.GeoDataFrame, groups: dict[str, Group], table: pd.DataFrame, windows: Windows
) -> pd.DataFrame:
    """Pooled and mean change without each zone; shared incidents leave with their last zone."""
    phase = phases(used, windows)
    zones = [label for label, group in groups.items() if group.role == "treated area"]
    # An incident in two zones stays as long as one of them does.
    times_held = np.sum([groups[label].members for label in zones], axis=0)
    percents = table["change_percent"]
    rows = []
    for label in zones if len(zones) > 1 else []:
        kept = (times_held - groups[label].members) > 0
        early, late = (int((kept & phase[name]).sum()) for name in ("before", "after"))
        rows.append(
            {
                "pooled_percent": 100 * (late / early - 1) if early else math.nan,
                "mean_percent": percents[[one for one in zones if one != label]].mean(),
            }
        )
    index = pd.Index(zones if len(zones) > 1 else [], name="area_id")
    return pd.DataFrame(rows, index=index, columns=["pooled_percent", "mean_percent"], dtype=float)


def _cautions(
    used: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    compared: Compared,
    usual: RateRatio | None,
) -> Iterator[Caveat]:
    table, months = compared.table, compared.months
    total, straddling = int(table["count_before"][TREATED]), table["count_straddling"]
    beside = table.loc[COMPARATOR, ["count_before", "count_after"]].sum()
    if straddling[TREATED] or straddling[COMPARATOR]:
        astride = {"treated": straddling[TREATED], "comparator": straddling[COMPARATOR]}
        yield Caveat("straddling", astride, counts_incidents=True)
    if "approximate" in zones.columns and zones["approximate"].eq(True).any():
        yield Caveat("approximate-treated")
    if beside == 0:
        yield Caveat("comparator-empty", counts_incidents=True)
    if isinstance(compared.spread(TREATED), Dispersion):
        if months.degrees_of_freedom == 0:
            yield Caveat("few-months")
        elif months.value > 1.5:
            yield Caveat("bursts", {"variance": months.value}, counts_incidents=True)
    if 0 < total < 20:
        yield Caveat("few-before", {"incidents": total}, counts_incidents=True)
    if usual is None:
        yield Caveat("no-earlier-year")
    if len(used) and used["location_precision"].eq("snapped").any():
        yield Caveat("treated-snapped")


def _write(
    record: RunRecord,
    change: Change,
    chosen: Selection,
    comparator: object,
    rings_m: Sequence[float],
    confidence: float,
) -> None:
    record.account(replace(chosen.account, stage="compare_change"))
    record.choose(
        "compare_change",
        theme=change.theme,
        started=change.windows.started.isoformat(),
        before=change.windows.before.label,
        after=change.windows.after.label,
        comparator=comparator if isinstance(comparator, str) else "zones given",
        rings_m=list(rings_m),
        confidence=confidence,
    )
    record.sentences["compare_change"] = change.to_sentence()
    record.warn_reader(*change.cautions)


def like_series(
    zones: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame | Selection, *, started: object
) -> pd.DataFrame:
    """Count the incidents of treated zones, of the rest, and of like places, month by month.

    Parameters
    ----------
    zones : GeoDataFrame
        Treated zones, taken together as one.
    incidents : Selection
        From :func:`select` with a question about all times; a plain table stands for all its
        incidents. The study area is the city.
    started : date or str
        First day of the work.

    Returns
    -------
    DataFrame
        By month ("2023-04"), in order, without a gap and without a last month that is cut short:
        ``treated``, ``rest`` (all that is not treated), and a column for each of up to 120 like
        places that do not touch and hold at most four times more or less in all months together; of
        several zones, for each of 199 sets of them, each incident of a place counted so often that
        it holds as many as its zone. Fewer, or none, where few places are like the treated.

    Raises
    ------
    InputError
        For a start outside the months of the data.

    Notes
    -----
    It goes into ``interrupted_time_series(table["treated"], control=table["rest"],
    like=table.iloc[:, 2:])``. It misleads where something was done at the like places too.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). https://doi.org/10.1198/jasa.2009.ap08746

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> table = like_series(town.night_time_economy, asked, started="2025-04-01")
    >>> table.columns[:2].tolist(), bool((table["rest"] > table["treated"]).all())
    (['treated', 'rest'], True)
    """
    require_table(zones, ZONES, argument="zones", only=["geometry"])
    chosen = of_all_times(incidents)
    require_same_crs(chosen.everything, zones, ("incidents", "zones"))
    require(chosen.total > 0, "a series needs incidents; got none.", rule="no-incidents")
    held = chosen.source.months()
    months = months_between(held[0], held[-1])
    months = months[: -1 if cut_short(chosen.everything, silences_of(chosen)) else None]
    start = read_time(started, "started", clock_of(chosen.everything["occurred_from"]))
    around = (
        (f"{months[0]}/{start:%Y-%m}", f"{start:%Y-%m}/{months[-1]}") if months else (None,) * 2
    )
    windows = choose_windows(
        chosen.everything, started=started, before=around[0], after=around[1], months=12
    )
    groups, _ = make_groups(chosen.rows, zones, "rest", ())
    treated, rest, like = LikePlaces(chosen.rows, groups, zones).series(windows, months)
    named = [f"like {number}" for number in range(1, like.shape[1] + 1)]
    columns = ["treated", "rest", *named]
    counts = np.column_stack([treated, rest, like]).astype(np.int64)
    return pd.DataFrame(counts, index=pd.Index(months, name="month"), columns=columns)
