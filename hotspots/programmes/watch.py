"""Areas watched week by week against their own level: what changed since when, what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.windows import Windows, choice_of, of_all_times, refuse_breaks
from hotspots.core.arguments import draws_of, has_record, size_of
from hotspots.core.errors import RANGE, Findings, InputError
from hotspots.core.periods import Period
from hotspots.core.plain import plain_parts, plain_records
from hotspots.core.points import areas_among, inside
from hotspots.core.sentences import Spoken
from hotspots.offences.tell_themes import theme_labels
from hotspots.programmes.watch_chart import (
    FEWER,
    MORE,
    TOO_FEW,
    Every,
    WatchedArea,
    WatchRule,
    WatchTimes,
    drift_of,
    period_of,
    places_like,
)
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.io.incidents.breaks import Break

IN_A_YEAR = {"week": 52, "month": 12}
FEWEST_DRAWS = 99
EACH, MOST = 0.05, 1.0
Parts: TypeAlias = "tuple[NDArray[np.float64], ...]"
AREAS = ["place_name", "state", "since", "signal_on", "still", "count", "expected", "ratio",
         "baseline_count", "dispersion", "rise", "seen_after"]  # fmt: skip
CHART = ["area_id", "from", "until", "count", "expected", "score", "threshold", "signal", "since"]


@dataclass(frozen=True, eq=False)
class AreaWatch(Spoken):
    """A chart of each area, and what it says by now.

    Attributes
    ----------
    areas : GeoDataFrame
        By ``area_id``: ``place_name``, ``state`` (``more``, ``fewer``, ``no-signal``, ``too-few``;
        after an operation also ``returned`` to the level before it, and ``stayed-low``, below that
        level), ``since`` (where the stretch begins that is most unlike the baseline), ``signal_on``
        (first day on which that was known), ``still`` (whether the last period says it too),
        ``count`` and ``expected`` of the whole watch, their ``ratio``, ``baseline_count``,
        ``dispersion``, and ``seen_after``: after how many periods four in five rises to ``rise``
        times the baseline would have given a signal (missing where not within a year).
    chart : DataFrame
        A row an area and period: ``count``, ``expected``, ``score`` against ``threshold``,
        ``signal``, ``since``.
    every : {"week", "month"}
    started : Timestamp
    baseline : Period
    before : Period, optional
    false_alarms_a_year : float
    drift : float
        How many times as high thresholds are as chance alone asks for: so high that the budget
        holds in ``like_places`` other places of this size, where levels drift too.
    theme : str
    labels : mapping of str to str
        What themes are called.
    chosen : Period, optional
        The period the areas were chosen from, where they say so.
    """

    areas: gpd.GeoDataFrame
    chart: pd.DataFrame
    every: Every
    started: pd.Timestamp
    baseline: Period
    before: Period | None
    false_alarms_a_year: float
    drift: float
    like_places: int
    theme: str
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    chosen: Period | None = None

    @property
    def chosen_from(self) -> tuple[str, ...]:
        """Whether they were chosen for counts of the ``baseline``, or of what is ``watched``."""
        own = self.chosen
        if own is None:
            return ()
        last = pd.Timestamp(self.chart["until"].max()).tz_localize(self.started.tz)
        base = self.baseline
        spans = {"baseline": (base.start, base.end), "watched": (self.started, last)}
        return tuple(
            name for name, (start, end) in spans.items() if own.start < end and start < own.end
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything but the outlines, for JSON."""
        return {
            **plain_parts(self, "theme", "every"),
            "started": self.started.date().isoformat(),
            "baseline": self.baseline.label,
            "before": None if self.before is None else self.before.label,
            **plain_parts(self, "false_alarms_a_year", "drift", "like_places"),
            "chosen_from": list(self.chosen_from),
            "areas": plain_records(pd.DataFrame(self.areas.drop(columns="geometry")).reset_index()),
            "chart": plain_records(self.chart),
            "sentence": self.to_sentence(),
        }


def watch_areas(
    areas: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    started: object,
    baseline: str | Period | None = None,
    before: str | Period | None = None,
    every: Every = "week",
    false_alarms_a_year: float | None = None,
    draws: int = 999,
    breaks: Iterable[Break] = (),
    acknowledge_breaks: bool = False,
    rng: np.random.Generator | int | None = None,
    record: RunRecord | None = None,
) -> AreaWatch:
    """Watch areas against their own level: a control chart, and what came back after an operation.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas or zones to watch.
    incidents : GeoDataFrame or Selection
        Incidents of all times; the study area is what areas are set against.
    started : date or text
        First day of the watch: for an operation that ended, the day after its last.
    baseline : str or Period, optional
        What they are held against; the year before ``started`` by default. After an operation: the
        time of the operation.
    before : str or Period, optional
        The time before the operation. Then ``state`` says whether its level is back.
    every : {"week", "month"}
        How often a count is looked at; weeks begin on the day of the week of ``started``.
    false_alarms_a_year : float, optional
        The budget: so many areas a year, all together, give a signal while nothing changed. One in
        twenty of the areas by default, at most one.
    draws : int
        Simulated watches behind each threshold.
    breaks : iterable of Break
        Known changes of recording: not watched across one, unless
    acknowledge_breaks : bool
        says so; then it is a caution.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.
    record : RunRecord, optional
        Is told of breaks, and of periods that not every source covers whole: they are left out.

    Returns
    -------
    AreaWatch
        A chart of each area, and what it says by now.

    Raises
    ------
    InputError
        For a baseline too short to tell how counts vary, months asked by week, bad choices.

    Notes
    -----
    Expected is so many for each incident outside the area, so that seasons, and changes of
    recording everywhere, are no signal.
    Every stretch of periods up to now is compared with the baseline, and the most unlike one held
    against what it would be in a year of looking at counts that vary as those of the baseline do;
    that the baseline is itself a count is simulated too. A stretch that holds more counts its
    largest period as its second largest: a burst of one week is no level. Levels drift by
    themselves: thresholds are raised until the budget holds in other places of this size, where
    there are enough. It misleads where the baseline was chosen for being high: then "fewer" is what
    was to be expected. Nor does a signal say why.

    References
    ----------
    Lai, T. L. (1995) Sequential changepoint detection. JRSS B 57(4), 613-658; Woodall (2006)
    Control charts in health-care monitoring. Journal of Quality Technology 38(2), 89-104.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=6_000)
    >>> night = town.night_time_economy.rename_axis("area_id")
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> found = watch_areas(night, asked, started="2025-10-01", draws=99)
    >>> found.areas["state"].tolist()
    ['no-signal']
    """
    asked = of_all_times(incidents)
    areas = areas_among(asked.rows, areas)
    usual = min(EACH * max(len(areas), 1), MOST)
    budget = usual if false_alarms_a_year is None else false_alarms_a_year
    findings = Findings()
    findings.one_of("every", every, get_args(Every))
    findings.raise_errors(InputError)
    budget = size_of(budget, "false_alarms_a_year", rule=RANGE)
    draws = draws_of(draws, least=FEWEST_DRAWS, rule=RANGE)
    times = WatchTimes.of(asked, started, baseline, before, every)
    span = Windows(times.whole.start, times.whole, times.whole)
    told = refuse_breaks(span, breaks, acknowledged=acknowledge_breaks)
    if has_record(record):
        record.warn_reader(*told, *times.left_out)
    # One number for all areas: neither their order nor the other ones move a draw.
    seed = int(source_of(rng).integers(2**62))
    # At least a year, as the simulated worlds are: through the first year the threshold stays about
    # where it is.
    years = max(1.0, len(times.now) / IN_A_YEAR[every])
    # The chance of at least one false alarm where they come as a Poisson process, each area with
    # its share of the budget; expm1 keeps the digits of a small one.
    chance = float(-np.expm1(-budget * years / max(len(areas), 1)))
    *counts, whole = _counts(asked, areas, times.every)
    places = places_like(asked, areas, times)

    def both(own: NDArray[np.float64]) -> tuple[Parts, Parts]:
        return times.parts(own), times.parts(whole - own)

    drift = drift_of([both(own) for own in places], np.random.default_rng(seed))
    rule = WatchRule(chance, drift, int(draws), IN_A_YEAR[every], seed)
    watched = [WatchedArea.of(*both(own), rule) for own in counts]
    return AreaWatch(
        areas=_summary(areas, watched, times.now),
        chart=_chart(areas.index, watched, times.now),
        every=every,
        started=times.now[0].start,
        baseline=times.span(times.base),
        before=times.span(times.before) if times.before else None,
        false_alarms_a_year=float(budget),
        drift=drift,
        like_places=len(places),
        theme=asked.theme,
        labels=theme_labels(asked.source.tally.kinds),
        chosen=choice_of(areas, asked.source.timezone),
    )


def _counts(
    asked: Selection, areas: gpd.GeoDataFrame, periods: tuple[Period, ...]
) -> list[NDArray[np.float64]]:
    """Incidents of each period, in each area and last everywhere."""
    rows = asked.rows
    which, there = period_of(rows, periods)
    masks = [inside(rows, areas.iloc[[one]]) for one in range(len(areas))]
    everywhere = np.ones(len(rows), dtype=bool)
    size = len(periods)
    return [
        np.bincount(which[mask & there], minlength=size).astype(float)
        for mask in (*masks, everywhere)
    ]


def _summary(
    areas: gpd.GeoDataFrame, watched: list[WatchedArea], now: tuple[Period, ...]
) -> gpd.GeoDataFrame:
    names = areas["place_name"] if "place_name" in areas.columns else areas.get("zone_name")
    rows = []
    for at, one in enumerate(watched):
        last = one.last
        expected = float(one.expected.sum())
        rows.append(
            {
                "place_name": None if names is None else names.iloc[at],
                "state": one.state,
                "since": None if last is None else now[one.scores.begins[0, last]].start.date(),
                "signal_on": None if last is None else _first_day(one, last, now),
                "still": last is not None and last == len(now) - 1,
                "count": int(one.count.sum()),
                "expected": expected,
                "ratio": one.count.sum() / expected if expected else np.nan,
                "baseline_count": int(one.base),
                "dispersion": one.dispersion,
                "rise": one.rise,
                "seen_after": one.seen_after,
            }
        )
    table = pd.DataFrame(rows, columns=AREAS, index=areas.index.rename("area_id"))
    return areas[[areas.geometry.name]].set_axis(table.index).join(table)


def _first_day(one: WatchedArea, last: int, now: tuple[Period, ...]) -> date:
    """The day after the first period of the run of signals that the last belongs to."""
    told = one.scores.score[0] > one.threshold
    quiet = np.flatnonzero(~told[: last + 1])
    return now[int(quiet[-1]) + 1 if len(quiet) else 0].end.date()


def _chart(ids: pd.Index, watched: list[WatchedArea], now: tuple[Period, ...]) -> pd.DataFrame:
    parts = []
    for area, one in zip(ids, watched, strict=True):
        told = (one.scores.score[0] > one.threshold) & (one.state != TOO_FEW)
        side = np.where(one.scores.side[0] > 0, MORE, FEWER).astype(object)
        since = [now[begin].start.date() for begin in one.scores.begins[0]]
        parts.append(
            pd.DataFrame(
                {
                    "area_id": area,
                    "from": [period.start.date() for period in now],
                    "until": [period.end.date() for period in now],
                    "count": one.count.astype(int),
                    "expected": one.expected,
                    "score": one.scores.score[0],
                    "threshold": one.threshold,
                    "signal": pd.Series(side).where(told, None),
                    "since": pd.Series(since, dtype=object).where(told, None),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CHART)
