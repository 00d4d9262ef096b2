"""A question about incidents, asked once: which theme, when, where, and what is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import InputError, require
from hotspots.core.hours import Hours
from hotspots.core.periods import Dates, Period
from hotspots.core.tables import ZONES, require_table

if TYPE_CHECKING:
    import geopandas as gpd

EVERYTHING = "all"
"""The name of no theme in particular, in tables and accounts."""


@dataclass(frozen=True, eq=False, repr=False)
class Question:
    """What is asked of incidents; :func:`select` answers which rows it is about.

    Parameters
    ----------
    theme : str, optional
        For instance ``"asb"``; needs the column ``theme_<theme>``. All incidents by default.
    period : str, Period or pair of days, optional
        For instance ``"2018-07"``; see :meth:`Period.parse`. All times by default.
    hours : str or Hours, optional
        Only these hours of the week, ``"Fri-Sat 22-03"``: see :meth:`Hours.parse`. Needs incidents
        whose hour is known. They are the ``hours`` of the period too.
    within : GeoDataFrame, optional
        Zones whose union is the study area.
    include_institutional : bool
        Keep incidents on police stations, prisons, hospitals and courts. Left out by default where
        they are known.
    include_sensitive : str, optional
        The reason for which incidents with sensitive offences are kept; it stands in the account.
        Without one they are left out where they are known.

    Raises
    ------
    InputError
        For a period or hours that cannot be read, or sensitive incidents without a reason.

    Examples
    --------
    >>> july = Question("asb", "2018-07")
    >>> july
    Question(theme='asb', period='July 2018')
    >>> july.during("2017-07").period.label
    'July 2017'
    >>> Question("asb", "2018-07", hours="Fri-Sat 22-03").during("2017-07").period.key
    '2017-07 Fri-Sat 22-03'
    """

    theme: str | None = None
    period: Dates | None = None
    within: gpd.GeoDataFrame | None = None
    include_institutional: bool = False
    include_sensitive: str | bool = False
    hours: Hours | str | None = None

    def __post_init__(self) -> None:
        if self.theme is not None and not (isinstance(self.theme, str) and self.theme.strip()):
            raise InputError(
                f'`theme` must be the name of a theme, for instance "asb"; got {self.theme!r}.'
            )
        hours = None if self.hours is None else Hours.parse(self.hours)
        if self.period is not None:
            period = Period.parse(self.period)
            require(
                hours is None or period.hours in (None, hours),
                "`period` and `hours` must not name two kinds of hours; got "
                f"{period.key!r} and {hours and hours.key!r}.",
                rule="two-hours",
            )
            hours = hours or period.hours
            object.__setattr__(self, "period", period.with_hours(hours))
        object.__setattr__(self, "hours", hours)
        if self.within is not None:
            require_table(self.within, ZONES, argument="within", only=["geometry"])
        object.__setattr__(self, "include_sensitive", _reason(self.include_sensitive))

    @property
    def span(self) -> Period | None:
        """The period; none where all times are asked about."""
        assert self.period is None or isinstance(self.period, Period)
        return self.period

    @property
    def window(self) -> Hours | None:
        """The hours of the week; none where all of them are asked about."""
        assert not isinstance(self.hours, str)
        return self.hours

    @property
    def theme_name(self) -> str:
        """The theme as tables and accounts call it."""
        return EVERYTHING if self.theme is None else self.theme

    @property
    def period_name(self) -> str:
        """The period as accounts call it."""
        if self.span is not None:
            return self.span.label
        return EVERYTHING if self.window is None else f"{EVERYTHING}, {self.window.label}"

    @property
    def reason(self) -> str:
        """Why sensitive incidents are kept; nothing where they are left out."""
        return str(self.include_sensitive or "")

    def during(self, period: Dates | None) -> Question:
        """The same question about another period; in the same hours, if it names none itself."""
        span = None if period is None else Period.parse(period)
        return replace(self, period=span, hours=(span and span.hours) or self.hours)

    def but(self, **changes: Any) -> Question:
        """The same question but for some of its parts; another period keeps the hours."""
        question, rest = self, dict(changes)
        if "hours" in rest:
            span = None if self.span is None else self.span.with_hours(None)
            question = replace(self, period=span, hours=rest.pop("hours"))
        if "period" in rest:
            question = question.during(rest.pop("period"))
        return replace(question, **rest) if rest else question

    def on_clock(self, timezone: str) -> Question:
        """The same question, its period on the clock of a place."""
        span = None if self.span is None else self.span.on_clock(timezone)
        return self if span is self.span else replace(self, period=span)

    def of(self, theme: str | None) -> Question:
        """The same question about another theme."""
        return replace(self, theme=theme)

    def __repr__(self) -> str:
        asked = {
            "theme": self.theme,
            "period": None if self.span is None else self.span.label,
            "hours": self.window.key if self.window and self.span is None else None,
            "within": None if self.within is None else f"{len(self.within)} zone(s)",
            "include_institutional": self.include_institutional or None,
            "include_sensitive": self.reason or None,
        }
        given = ", ".join(f"{name}={value!r}" for name, value in asked.items() if value is not None)
        return f"Question({given})"


def _reason(include_sensitive: str | bool) -> str | bool:
    """The reason given for keeping sensitive incidents; False when they are left out."""
    if include_sensitive is False:
        return False
    if not isinstance(include_sensitive, str) or not include_sensitive.strip():
        raise InputError(
            "`include_sensitive` must give the reason for showing domestic abuse, sexual offences "
            'and other sensitive incidents, e.g. `include_sensitive="strategic assessment"`; '
            f"got {include_sensitive!r}. The reason is recorded."
        )
    return include_sensitive.strip()
