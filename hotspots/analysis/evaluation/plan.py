"""Before anything is done: the smallest change that would be seen, and from when on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.evaluation.change_result import chosen_high
from hotspots.analysis.evaluation.comparison_groups import COMPARATOR, TREATED, make_groups
from hotspots.analysis.evaluation.placebo import LikePlaces
from hotspots.analysis.evaluation.windows import (
    choice_of,
    choose_windows,
    cut_short,
    month_cut_short,
    of_all_times,
    phases,
    silences_of,
)
from hotspots.core.arguments import listed, share_of, size_of, whole_of
from hotspots.core.caveats import Caveat
from hotspots.core.coverage import uncovered
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import require
from hotspots.core.months import clock_of, month_ceiling, month_of
from hotspots.core.periods import months_of, read_time
from hotspots.core.plain import plain, plain_records
from hotspots.core.sentences import Spoken
from hotspots.core.tables import ZONES, require_table
from hotspots.io.incidents.capabilities import even_dates
from hotspots.stats.counts import normal_quantile
from hotspots.stats.yardstick import smallest_seen

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection

POWER, CONFIDENCE = 0.8, 0.95
FIELDS = ("count", "comparator_count", "places", "drift", "smallest_fall", "smallest_rise")


@dataclass(frozen=True)
class SmallestChange(Spoken):
    """The smallest change that counts like these would show.

    Attributes
    ----------
    fall, rise
        In per cent; missing where not even a fall to nothing, or twenty times as many, would.
    treated, control
        Counts of one window; the control missing without one.
    power
        Share of such changes that would be seen.
    confidence
        Of the verdict.
    """

    fall: float
    rise: float
    treated: float
    control: float
    power: float
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        return {name: plain(value) for name, value in vars(self).items()}


def smallest_change(
    treated: float,
    control: float | None = None,
    *,
    drift: float = 0.0,
    overdispersion: float = 1.0,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> SmallestChange:
    """The smallest fall and rise that two windows of such counts would show.

    Parameters
    ----------
    treated, control : int
        Incidents of one window, as long as the one after will be.
    drift : float
        How far like places drift apart by themselves, standard deviation of the logarithm of the
        ratio: ``change.placebo.drift`` of an earlier comparison, or of :func:`plan_change`.
    overdispersion : float
        Variance of counts over what Poisson gives, at least 1.
    power : float
        Share of such changes that would be seen.
    confidence : float
        Of the verdict.

    Returns
    -------
    SmallestChange
        ``fall`` and ``rise`` in per cent, ``to_sentence()``.

    Raises
    ------
    InputError
        For counts below zero, or a power or confidence that is no share.

    Notes
    -----
    It misleads without the drift: two small windows of one place can seem to show a fall that
    places of its kind show by themselves.

    References
    ----------
    Rothman, K. J., Greenland, S. and Lash, T. L. (2008). Modern Epidemiology, 3rd ed., chapter 14.

    Examples
    --------
    >>> found = smallest_change(246, 153)
    >>> round(found.fall), round(found.rise)
    (35, 48)
    """
    given = {"treated": treated} | ({} if control is None else {"control": control})
    counts = [size_of(count, name, zero=True) for name, count in given.items()]
    power, drift = share_of(power, "power"), size_of(drift, "drift", zero=True)
    more = size_of(overdispersion, "overdispersion") >= 1
    require(more, f"`overdispersion` must be 1 or more; got {overdispersion!r}.")
    windows = tuple(count for count in counts for _ in range(2))
    fall, rise = smallest_seen(
        windows,
        quantile=normal_quantile(confidence),
        drift=drift**2,
        overdispersion=float(overdispersion),
        power=power,
    )
    beside = math.nan if control is None else float(control)
    return SmallestChange(
        round(100 * fall, 1), round(100 * rise, 1), float(treated), beside, power, confidence
    )


@dataclass(frozen=True, eq=False)
class ChangePlan(Spoken):
    """What a comparison of zones could show, by how long one waits.

    Attributes
    ----------
    table
        One row a number of months: incidents of the zones and of the comparator in so many months,
        like places, their drift, the smallest fall and rise in per cent that would be seen; missing
        where there are fewer than 40 like places.
    fall
        The fall asked about, in per cent.
    months
        Fewest months that would show it; None where none of those tried would.
    visible
        First day on which it would be seen, where a start is known.
    zones
        Zones planned for.
    theme
        Of the incidents.
    power
        Share of such changes that would be seen.
    cautions
        What belongs beside it, by code: a last month cut short is left out.
    """

    table: pd.DataFrame
    fall: float
    months: int | None
    visible: pd.Timestamp | None
    zones: int
    theme: str
    power: float
    cautions: tuple[Caveat, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing numbers as None."""
        told = {"table": plain_records(self.table), "cautions": [*map(str, self.cautions)]}
        numbers = {name: plain(value) for name, value in vars(self).items() if name not in told}
        return numbers | told | {"sentence": self.to_sentence()}


def plan_change(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    started: object | None = None,
    months: Sequence[int] = (1, 2, 3, 6, 9, 12, 18, 24),
    fall: float = 20.0,
) -> ChangePlan:
    """What a fall would have to be to show in these zones, and after how many months.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones where something will be done.
    incidents : Selection
        From :func:`select` with a question about all times up to now; a plain table stands for all
        its incidents.
    started : date or str, optional
        First day of the work; by default the day after the months of the data.
    months : sequence of int
        Lengths of the windows to try.
    fall : float
        A fall in per cent, to find from when on it would show, at the power and confidence of
        :func:`smallest_change`.

    Returns
    -------
    ChangePlan
        ``table``, ``months``, ``visible``, ``to_sentence()``.

    Raises
    ------
    InputError
        For incidents that hold no whole month, or options out of range.

    Notes
    -----
    The last months of the data stand for the window after the start, the same months of the year
    before (of two years before, where more than a year is asked for) for the one before; like
    places give drift and quantile, as in :func:`compare_change`. A last month that is cut short is
    none of them, and lengths that not every source covers whole are left out. It misleads where the
    zones were chosen at their highest: they will hold fewer, and show less.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). https://doi.org/10.1198/jasa.2009.ap08746

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=4_000)
    >>> crime = hs.select(town.incidents, hs.Question(within=town.district))
    >>> plan = plan_change(town.night_time_economy, crime, months=[6, 12])
    >>> plan.table["count"].is_monotonic_increasing
    True
    """
    require_table(zones, ZONES, argument="zones", only=["geometry"])
    require(size_of(fall, "fall") < 100, f"`fall` must be below 100 per cent; got {fall!r}.")
    lengths = {whole_of(one, "months") for one in listed(months, "months")}
    chosen = of_all_times(incidents)
    require_same_crs(chosen.everything, zones, ("incidents", "zones"))
    held = set(month_of(chosen.everything["occurred_from"]).dropna().unique())
    require(len(held) > 1, "`incidents` must hold at least two months.")
    ahead = _Ahead(chosen, zones, held)
    rows = {length: ahead.row(length) for length in sorted(lengths)}
    kept = {length: row for length, row in rows.items() if row is not None}
    table = pd.DataFrame.from_dict(kept, orient="index", columns=list(FIELDS))
    table.index.name = "months"
    shown = table.index[table["smallest_fall"] <= fall]
    first = ahead.now if started is None else read_time(started, "started", clock_of(ahead.now))
    return ChangePlan(
        table=table,
        fall=float(fall),
        months=int(shown[0]) if len(shown) else None,
        visible=first + pd.DateOffset(months=int(shown[0])) if len(shown) else None,
        zones=len(zones),
        theme=chosen.theme,
        power=POWER,
        cautions=ahead.cautions,
    )


class _Ahead:
    """The zones and their like places, as the last months of the data show them."""

    def __init__(
        self,
        chosen: Selection,
        zones: gpd.GeoDataFrame,
        held: set[str],
    ) -> None:
        self._chosen, self._zones, self._held = chosen, zones, held
        self._groups, _ = make_groups(chosen.rows, zones, "rest", ())
        self._like = LikePlaces(chosen.rows, self._groups, zones)
        self._silences = silences_of(chosen)
        last, cut = (
            even_dates(chosen.everything["occurred_from"]).max(),
            cut_short(chosen.everything, self._silences),
        )
        self.now = month_ceiling(last.tz_convert(clock_of(last)) + pd.Timedelta(seconds=1))
        self._end = self.now if cut is None else cut.start
        self.cautions = () if cut is None else (month_cut_short(cut),)

    def row(self, months: int) -> tuple[float, ...] | None:
        """Counts, like places and smallest changes; None where the data do not reach back."""
        began = self._end - pd.DateOffset(months=months)
        windows = choose_windows(
            self._chosen.everything,
            started=began,
            before=None,
            after=None,
            months=months,
            silences=self._silences,
        )
        wanted = [*months_of(windows.before), *months_of(windows.after)]
        silent = uncovered(self._silences, windows.before, windows.after)
        if silent or len(wanted) < 2 * months or not self._held.issuperset(wanted):
            return None
        high = chosen_high(choice_of(self._zones, clock_of(windows.started)), windows)
        found = self._like.yardsticks(windows, self._held, high)
        late = phases(self._chosen.rows, windows)["after"]
        mine, beside = (
            int((self._groups[name].members & late).sum()) for name in (TREATED, COMPARATOR)
        )
        yardstick = found.of(TREATED)
        if yardstick is None or not mine:
            return (mine, beside, found.places, math.nan, math.nan, math.nan)
        counts = (mine, mine, beside, beside)
        ends = yardstick.smallest(counts, confidence=CONFIDENCE, power=POWER)
        told = (round(100 * one, 1) for one in ends)
        return (mine, beside, found.places, math.sqrt(yardstick.drift), *told)
