"""Hours of the week: how they are read and called, by the clock of a place; and fillers in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing
from hotspots.core.months import clock_of

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Ints
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS_OF_WEEK = 168
WITHOUT_HOURS = ("month", "day")
UNLIKELY = 0.001

_DAY, _HOUR = "[a-z]{3,9}", r"\d{1,2}(?::00)?"
_WINDOW = re.compile(
    rf"(?P<first>{_DAY})?(?:\s*-\s*(?P<last>{_DAY}))?\s*"
    rf"(?:(?P<begins>{_HOUR})\s*-\s*(?P<ends>{_HOUR}))?"
)


@dataclass(frozen=True)
class Hours:
    """Hours of the week, from and until on each of the days named, past midnight if need be.

    Attributes
    ----------
    key : str
        As tables name them and :meth:`parse` reads them back: ``"Fri-Sat 22-03"``.
    hours : tuple of int
        The hours of the week they hold, 0 being Monday 00:00 to 01:00.

    Examples
    --------
    >>> night = Hours.parse("Fri - saturday 22:00-03:00")
    >>> night.key, night.label, night.hours
    ('Fri-Sat 22-03', 'Fri-Sat 22:00-03:00', (118, 119, 120, 121, 122, 142, 143, 144, 145, 146))
    """

    key: str
    hours: tuple[int, ...]

    @classmethod
    def parse(cls, text: object) -> Hours:
        """Read ``"Fri-Sat 22-03"``, ``"22-03"`` (every day), ``"Sat-Sun"``, or several by comma.

        Days are those on which a window begins: Saturday 22-03 ends on Sunday.

        Examples
        --------
        >>> len(Hours.parse("19-07").hours), Hours.parse("Sun-Mon 23-1, Wed 9-12").key
        (84, 'Sun-Mon 23-01, Wed 09-12')
        """
        if isinstance(text, Hours):
            return text
        parts = text.split(",") if isinstance(text, str) else []
        windows = [_window(part.strip(), alone=len(parts) == 1) for part in parts]
        known = [window for window in windows if window is not None]
        if not known or len(known) < len(windows):
            raise InputError(
                'hours must look like "Fri-Sat 22-03", "22-03" (every day), "Sat-Sun" or '
                f'"Fri 22-02, Sat 22-04": full hours, days of three letters; got {text!r}.',
                rule="hours-format",
            )
        held = {hour for _, hours in known for hour in hours}
        return cls(", ".join(key for key, _ in known), tuple(sorted(held)))

    @property
    def label(self) -> str:
        """For people: ``"Fri-Sat 22:00-03:00"``."""
        return re.sub(r"(\d\d)-(\d\d)", r"\1:00-\2:00", self.key)

    @property
    def mask(self) -> Bools:
        """Which of the 168 hours they are."""
        import numpy as np

        return np.isin(np.arange(HOURS_OF_WEEK), self.hours)

    def hold(self, times: pd.Series) -> Bools:
        """Which times lie in them, by the clock of their place; a missing one does not."""
        import numpy as np

        local = times.dt.tz_convert(clock_of(times)).dt
        hour = (local.day_of_week * 24 + local.hour).fillna(HOURS_OF_WEEK)
        return np.asarray(np.append(self.mask, False)[hour.to_numpy(dtype=int)])


def clock_spikes(starts: pd.Series) -> Iterator[Caveat]:
    """Full hours that hold far more than those beside them: often a filler, not a time."""
    import numpy as np
    from scipy.special import bdtrc

    local = starts.dt.tz_convert(clock_of(starts)).dt
    full = (local.minute == 0) & (local.second == 0)
    held = np.bincount(local.hour[full], minlength=24)
    # Midnight and noon are what systems fill in; without fillers the middle one of three hours
    # holds about a third.
    for hour in (0, 12):
        beside = int(held[hour - 1] + held[hour + 1])
        chance = float(bdtrc(held[hour] - 1, held[hour] + beside, 1 / 3))
        if held[hour] > beside and chance < UNLIKELY:
            values = {"incidents": int(held[hour]), "hour": hour, "beside": beside / 2}
            yield Caveat("clock-spike", values, counts_incidents=True)


def require_hours(precision: NDArray[Any], asked: Ints) -> None:
    """Raise where the hour of an incident of the question is not known: which hours is a guess.

    ``asked`` incidents are known to ``precision``, of each kind of line.
    """
    import numpy as np

    coarse = np.isin(precision.astype(str), WITHOUT_HOURS) & (asked > 0)
    if coarse.any():
        known = listing(sorted(set(precision[coarse].astype(str))))
        raise InputError(
            f"`hours` need incidents whose hour is known; {int(asked[coarse].sum()):,} of "
            f"{int(asked.sum()):,} are known only to the {known} (data.police.uk has months only).",
            rule="times-too-coarse",
            mend="Leave these out, ask a source that has times, or ask without hours.",
        )


def tell_hours(found: Selection, record: RunRecord) -> None:
    """Tell a reader of certain hours of fillers, and of intervals that their start stands for."""
    window = found.question.window
    if window is not None and found.total:
        span = None if found.period is None else found.period.with_hours(None)
        wide = found.asked(period=span, hours=None)
        record.warn_reader(*told_of_hours(wide.rows, found.used[wide.used], window))


def told_of_hours(rows: gpd.GeoDataFrame, inside: Bools, hours: Hours) -> Iterator[Caveat]:
    """What a reader of hours must know: fillers, and intervals that their start stands for.

    ``rows`` are of all hours, ``inside`` says which of them start in these.
    """
    import pandas as pd

    yield from clock_spikes(rows["occurred_from"])
    last = rows["occurred_until"] - pd.Timedelta(1, "ns")
    length = rows["occurred_until"] - rows["occurred_from"]
    ends = hours.hold(last) & (length < pd.Timedelta(days=1)).to_numpy()
    values = {
        "hours": hours.label,
        "leave": int((inside & ~ends).sum()),
        "enter": int((~inside & ends).sum()),
        "count": int(inside.sum()),
    }
    if values["leave"] or values["enter"]:
        yield Caveat("start-stands-hours", values, counts_incidents=True)


def _window(text: str, *, alone: bool) -> tuple[str, list[int]] | None:
    """One window: its key and its hours; none where it cannot be read.

    Without hours it is whole days, which only stands alone: "Fri, Sat 22-03" could mean two things.
    """
    found = _WINDOW.fullmatch(text.casefold())
    if found is None or not text:
        return None
    days = [_day(found[name]) for name in ("first", "last") if found[name] is not None]
    if any(day is None for day in days) or (found["last"] and not found["first"]):
        return None
    first, last = (days[0], days[-1]) if days else (0, 6)
    assert first is not None and last is not None
    begins, ends = (
        int(found[name].split(":")[0]) if found[name] else None for name in ("begins", "ends")
    )
    if begins is None or ends is None:
        begins, ends = (0, 24) if alone else (0, 0)
    if not (0 <= begins < 24 and 0 <= ends <= 24 and begins != ends):
        return None
    names = "-".join(dict.fromkeys(DAYS[day][:3] for day in (first, last))) if days else ""
    span = f"{begins:02d}-{ends:02d}" if found["begins"] or not days else ""
    length = (ends - begins) % 24 or 24
    each = [(first + by) % 7 for by in range((last - first) % 7 + 1)]
    hours = [(day * 24 + begins + by) % HOURS_OF_WEEK for day in each for by in range(length)]
    return " ".join(part for part in (names, span) if part), hours


def _day(text: str) -> int | None:
    """A day by its name or the first three letters of it."""
    known = [at for at, day in enumerate(DAYS) if day.casefold().startswith(text)]
    return known[0] if len(known) == 1 else None
