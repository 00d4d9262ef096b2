"""Which incidents a question is about, and where every other row went; answered once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError, listing
from hotspots.core.points import PlaceIndex
from hotspots.core.question import EVERYTHING, Question
from hotspots.core.record import Account
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.periods import Period
    from hotspots.core.record import RunRecord

__all__ = ["EVERYTHING", "Question", "Selection", "as_selection", "require_members", "select"]

THEME = "theme_"


def select(
    incidents: gpd.GeoDataFrame | Selection,
    question: Question | None = None,
    *,
    record: RunRecord | None = None,
) -> Selection:
    """Choose the incidents a question is about; account for all the others.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents table; of a selection, the table it came from.
    question : Question, optional
        Theme, period and study area; everything by default.
    record : RunRecord, optional
        Gets the account of every row.

    Returns
    -------
    Selection
        ``rows`` and the ``account`` of all others. Each row is in exactly one place, in this order:
        out of the period, out of the theme, sensitive, unlocated, outside, institutional, used.

    Raises
    ------
    InputError
        For a theme the incidents do not have, or another coordinate system than the study area's.

    Notes
    -----
    An incident belongs to the period that holds its ``occurred_from``. A point on the boundary of
    the study area is inside it. It misleads where a source cannot carry the theme: what is not
    there was not looked for.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> hs.select(incidents, hs.Question(period="2018-07", within=city))
    Selection(all, July 2018: 10,727 of 31,635 incidents)
    """
    if isinstance(incidents, Selection):
        found = _selected(
            incidents.everything, question or Question(), incidents.places, incidents.fates
        )
    else:
        require_table(incidents, INCIDENTS, argument="incidents")
        places = PlaceIndex(incidents)
        fates = Fates(incidents, places)
        found = _selected(incidents, question or Question(), places, fates)
    if record is not None:
        record.account(found.account)
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """The incidents a question is about, the account of all others, and their areas if assigned.

    Attributes
    ----------
    rows : GeoDataFrame
        The incidents; with ``area_id`` once they are assigned (missing where in no area).
    question : Question
        What was asked.
    account : Account
        Where every row of ``everything`` went.
    everything : GeoDataFrame
        The table the rows came from: other periods, map points at risk and street names are there.
    used : array of bool, shape (len(everything),)
        Which rows of ``everything`` the question is about.
    places : PlaceIndex
        The distinct places of ``everything``, worked out once.
    fates : Fates
        Where each row of ``everything`` goes, worked out once a theme.
    grid : Grid, optional
        What :func:`assign_cells` used.
    made_by : optional
        What assigned the areas where they are no cells: what :func:`assign_clusters` found, or a
        programme.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked, len(asked.everything), int(asked.used.sum())
    (Selection(all, all times: 971 of 1,000 incidents), 1000, 971)
    """

    rows: gpd.GeoDataFrame
    question: Question
    account: Account
    everything: gpd.GeoDataFrame
    used: NDArray[np.bool_]
    places: PlaceIndex
    fates: Fates
    grid: Grid | None = None
    made_by: Any = None

    @property
    def theme(self) -> str:
        """The theme as tables and accounts call it; "all" where none was asked for."""
        return self.question.theme_name

    @property
    def period(self) -> Period | None:
        """The period; none where all times were asked about."""
        return self.question.span

    @property
    def within(self) -> gpd.GeoDataFrame | None:
        """The study area."""
        return self.question.within

    @property
    def assigned(self) -> bool:
        """Whether the rows know their areas."""
        made = self.grid is not None or self.made_by is not None
        return made and "area_id" in self.rows.columns

    @property
    def area_ids(self) -> pd.Series:
        """``area_id`` of each row; an error where none are assigned."""
        if not self.assigned:
            raise InputError(
                "`incidents` must be assigned to areas first; these are not.",
                rule="unassigned",
                mend=Mend("assign-first"),
            )
        return self.rows["area_id"]

    def during(self, period: str | Period | tuple[object, object] | None) -> Selection:
        """The same question about another period, in the same cells; clusters are not kept."""
        return self._asked(self.question.during(period))

    def of(self, theme: str | None) -> Selection:
        """The same question about another theme, in the same cells; clusters are not kept."""
        return self._asked(self.question.of(theme))

    def retagged(self, everything: gpd.GeoDataFrame, theme: str) -> Selection:
        """The same question about a theme of the same rows with themes of their own."""
        fates = Fates(everything, self.places)
        return replace(self, everything=everything, fates=fates).of(theme)

    def asked(self, **changes: Any) -> Selection:
        """The same question but for some of its parts, in the same cells; clusters are not kept."""
        return self._asked(replace(self.question, **changes))

    def in_cells(self, grid: Grid) -> Selection:
        """The rows with the cell of each; see :func:`assign_cells`."""
        ids = self.places.cells(grid, self.everything.crs)[self.used]
        rows = self.rows.assign(area_id=ids.astype(object))
        return replace(self, rows=rows, grid=grid, made_by=None)

    def in_areas(self, area_ids: pd.Series, made_by: Any) -> Selection:
        """The rows with areas that were not made by a grid; missing where in none."""
        labels = area_ids.reindex(self.rows.index).astype(object)
        return replace(self, rows=self.rows.assign(area_id=labels), grid=None, made_by=made_by)

    def everywhere(self) -> pd.Series:
        """``area_id`` of all incidents there are: of every theme and time in cells, else the rows'.

        Members of clusters are only those that were clustered.
        """
        import pandas as pd

        if self.grid is None:
            return self.area_ids.reindex(self.everything.index)
        ids = self.places.cells(self.grid, self.everything.crs)
        return pd.Series(ids, index=self.everything.index, name="area_id", dtype=object)

    def closed(self, stage: str, in_areas: int, noise: int = 0) -> Account:
        """The account once the areas are known."""
        return replace(self.account, stage=stage, in_areas=int(in_areas), noise=int(noise))

    def _asked(self, question: Question) -> Selection:
        found = _selected(self.everything, question, self.places, self.fates)
        return found if self.grid is None else found.in_cells(self.grid)

    def __repr__(self) -> str:
        size, all_of_them = len(self.rows), len(self.everything)
        period = "all times" if self.period is None else self.period.label
        areas = "" if self.grid is None else f", in cells of {self.grid.name}"
        areas = areas if self.made_by is None else ", in areas"
        return f"Selection({self.theme}, {period}: {size:,} of {all_of_them:,} incidents{areas})"


def as_selection(incidents: gpd.GeoDataFrame | Selection) -> Selection:
    """A selection as it is; a plain frame stands for all its incidents."""
    return incidents if isinstance(incidents, Selection) else select(incidents)


def require_members(areas: pd.DataFrame, incidents: gpd.GeoDataFrame | Selection) -> None:
    """Raise unless the areas were counted from these incidents: theme, period, counts agree.

    Areas may be some of those that were counted; columns that are not there are not compared.
    """
    incidents = as_selection(incidents)
    held = incidents.area_ids
    apart = []
    themes = set(areas["theme"].astype(str)) if "theme" in areas.columns else set()
    if themes - {incidents.theme}:
        apart.append(f"theme {listing(themes)} and not {incidents.theme!r}")
    if incidents.period is not None and {"period_from", "period_until"} <= set(areas.columns):
        starts, ends = areas["period_from"].dropna(), areas["period_until"].dropna()
        if (starts != incidents.period.start).any() or (ends != incidents.period.end).any():
            apart.append(f"another period than {incidents.period.label}")
    if "incident_count" in areas.columns:
        counted = held.value_counts().reindex(areas.index, fill_value=0)
        other = counted.to_numpy() != areas["incident_count"].to_numpy()
        if other.any():
            apart.append(f"another count in {int(other.sum()):,} of {len(areas):,} areas")
    if apart:
        raise InputError(
            "`areas` must be those counted from `incidents`; they have "
            f"{' and '.join(apart)}. Pass the selection that the areas were made from.",
            rule="other-selection",
        )


def _selected(
    incidents: gpd.GeoDataFrame, question: Question, places: PlaceIndex, fates: Fates
) -> Selection:
    fate = fates.of(question)
    span = question.span
    now = np.ones(len(incidents), dtype=bool) if span is None else _during(incidents, span)
    aside = dict(zip(ASIDE, np.bincount(fate[now], minlength=USED + 1).tolist(), strict=False))
    used = now & (fate == USED)
    if question.include_institutional:
        used |= now & (fate == ASIDE.index("institutional"))
        aside["institutional"] = 0
    account = Account(
        stage="select",
        theme=question.theme_name,
        period=question.period_name,
        accepted=len(incidents),
        out_of_period=len(incidents) - int(now.sum()),
        used=int(used.sum()),
        sensitive_reason=question.reason,
        **aside,
    )
    account.check()
    return Selection(incidents[used], question, account, incidents, used, places, fates)


ASIDE = ("out_of_theme", "sensitive", "unlocated", "outside", "institutional")
USED = len(ASIDE)


class Fates:
    """Where each row of a table goes, the first that applies, whatever the period.

    Worked out once a theme: another period, or institutional points too, asks for no new one.
    """

    def __init__(self, incidents: gpd.GeoDataFrame, places: PlaceIndex) -> None:
        self._incidents, self._places = incidents, places
        self._known: list[tuple[Question, NDArray[np.uint8]]] = []

    def __len__(self) -> int:
        """How many were worked out."""
        return len(self._known)

    def of(self, question: Question) -> NDArray[np.uint8]:
        """The position in ``ASIDE`` of each row, or ``USED``."""
        for asked, fate in self._known:
            alike = asked.theme == question.theme and asked.within is question.within
            if alike and bool(asked.reason) == bool(question.reason):
                return fate
        self._known.append((question, self._worked_out(question)))
        return self._known[-1][1]

    def _worked_out(self, question: Question) -> NDArray[np.uint8]:
        incidents, within = self._incidents, question.within
        fate = np.full(len(incidents), USED, dtype=np.uint8)
        if within is not None:
            require_same_crs(incidents, within, ("incidents", "within"))
        outs: dict[str, NDArray[np.bool_] | bool] = {
            "institutional": _flag(incidents, "institutional"),
            "outside": within is not None and ~self._places.inside(within),
            "unlocated": ~self._places.located,
            "sensitive": not question.reason and _flag(incidents, "sensitive"),
            "out_of_theme": question.theme is not None and ~_in_theme(incidents, question.theme),
        }
        for where, out in outs.items():
            fate[np.broadcast_to(out, fate.shape)] = ASIDE.index(where)
        return fate


def _during(incidents: gpd.GeoDataFrame, period: Period) -> NDArray[np.bool_]:
    start = incidents["occurred_from"]
    return np.asarray((start >= period.start) & (start < period.end))


def _in_theme(incidents: gpd.GeoDataFrame, theme: str) -> NDArray[np.bool_]:
    column = f"{THEME}{theme}"
    if column not in incidents.columns:
        known = [name.removeprefix(THEME) for name in incidents.columns if name.startswith(THEME)]
        raise InputError(
            f"`theme` must be one the incidents have; got {theme!r}.",
            rule="unknown-theme",
            mend=f"The incidents have {listing(known)}." if known else Mend("tag-first"),
        )
    return _flag(incidents, column)


def _flag(incidents: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    if column not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    flags = incidents[column]
    if flags.isna().any():
        raise InputError(
            f"`incidents` column {column!r} must be true or false for every row; "
            f"{int(flags.isna().sum()):,} of {len(flags):,} rows are missing.",
            rule="wrong-kind",
        )
    return np.asarray(flags, dtype=bool)
