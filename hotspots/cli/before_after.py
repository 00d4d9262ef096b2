"""What ``pspo`` and ``change`` are both asked: windows, breaks in the data, who to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.core.periods import read_span

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.cli.inputs import Gathered
    from hotspots.core.periods import Period
    from hotspots.io.incidents.breaks import Break

SUBTRACTED = "counts before and after can be subtracted from one another"

ThemeOption = Annotated[
    str | None, typer.Option("--theme", help="Theme; all incidents by default.")
]
BeforeOption = Annotated[str | None, typer.Option("--before", help="Window of your own.")]
AfterOption = Annotated[str | None, typer.Option("--after", help="Window of your own.")]
MonthsOption = Annotated[int, typer.Option("--months", help="Longest default windows.")]
RingOption = Annotated[
    list[float] | None, typer.Option("--ring", help="Edge of a ring in metres; repeat.")
]
BreaksOption = Annotated[
    str | None,
    typer.Option("--breaks", help="Your known breaks in the data (TOML), beside the bundled ones."),
]
GoOnOption = Annotated[
    bool,
    typer.Option("--acknowledge-breaks", help="Go on across a known break, with a caution."),
]
ComparatorOption = Annotated[
    str | None,
    typer.Option(
        "--comparator",
        help="Zones to compare with: FILE or FILE:LAYER. Of patrol areas, the near misses.",
    ),
]


def window(typed: str | None, option: str) -> Period | None:
    """A window that was typed, if any."""
    return None if typed is None else read_span(typed, option)


def comparator_of(given: str | None, have: Gathered) -> Any:
    """Zones to compare with; of patrol areas those that were next in line."""
    from hotspots.cli.inputs import read_zones
    from hotspots.core.errors import require
    from hotspots.programmes.patrols.patrol_areas import NEAR_MISS

    if given is None:
        return None
    found: gpd.GeoDataFrame = read_zones(given, "comparator", have.record)
    missed = found["status"].eq(NEAR_MISS)
    require(
        bool(missed.any()) or not found["kind"].eq("patrol").any(),
        f"`comparator`: {given} holds patrol areas and no near misses, so nothing in it was left "
        "untreated. Choose areas with `near_misses`, or leave the option out.",
    )
    return found[missed] if missed.any() else found


def breaks_of(have: Gathered, given: str | None) -> list[Break]:
    """Bundled breaks that concern this kind of data, and one's own."""
    from hotspots.io.incidents import known_breaks

    schemes = set(have.incidents["offence_scheme"].dropna().astype(str).unique())
    bundled = [one for one in known_breaks() if one.on is not None and one.scheme in schemes]
    return [*bundled, *(known_breaks(given) if given else ())]
