"""What a choice of patrol areas leaves in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.core.errors import Finding
from hotspots.core.record import NOT_GROUNDS

if TYPE_CHECKING:
    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.programmes.patrols.patrol_areas import PatrolAreas
    from hotspots.programmes.patrols.patrol_rules import Rules

STAGE = "select_patrol_areas"


def label(record: RunRecord, theme: str, otherwise: str) -> str:
    """What the incidents of a theme are called, as far as the record knows."""
    status = record.themes.get(theme)
    return status.label if status is not None else otherwise


def note_down(
    record: RunRecord,
    result: PatrolAreas,
    selection: Selection,
    rules: Rules,
    grid: Grid,
    why: str,
) -> None:
    """The account, the choices, and what a reader must know before an area is patrolled."""
    inside = int(result.areas["incident_count"].sum())
    record.account(selection.closed(inside, noise=int(selection.used.sum()) - inside))
    record.choose(STAGE, theme=selection.theme, grid=grid.name, **rules.as_choices())
    record.find(Finding("patrol-blocks", why, "note"))
    record.warn_reader(NOT_GROUNDS)
    found = len(result.selected)
    if found < rules.count:
        record.find(
            Finding(
                "fewer-areas",
                f"{rules.count} areas were wanted and {found} places qualify. Lower "
                "`min_incidents`, look at a longer period, or accept fewer.",
                "warning",
            )
        )
    one_point = int((result.selected["unique_points"] == 1).sum())
    if one_point:
        record.find(
            Finding(
                "one-point-areas",
                "An area owes all its incidents to one coordinate: a map point or an address, "
                "not ground to patrol. Read `unique_points` and `largest_point_share`.",
                "warning",
                rows=one_point,
            )
        )
    for reason, rows in result.set_aside["reason"].value_counts(sort=False).items():
        record.find(
            Finding("put-aside", f"A place was put aside: {reason}.", "note", rows=int(rows))
        )
