"""Wards side by side, theme by theme: ``hotspots wards``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.options import Request, command

if TYPE_CHECKING:
    from hotspots.cli.inputs import Gathered

COLUMNS = (
    "theme", "zone_name", "rank", "incident_count", "share_of_count", "count_per_km2",
    "count_per_1000", "ratio_to_rest", "ratio_low", "ratio_high", "harm",
)  # fmt: skip


@command("All wards: FILE or FILE:LAYER; a product's own otherwise.", period=True)
def wards(
    request: Request,
    *,
    theme: Annotated[
        list[str] | None,
        typer.Option(help="Theme; repeat. By default all the data carry; 'all' pools everything."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Wards to show, by name or as a TOML list; a product's own otherwise."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every ward, also where a product names some.")
    ] = False,
    residents: Annotated[
        str | None, typer.Option(help="Column of the wards with residents: rates per 1,000.")
    ] = None,
    rank_by: Annotated[
        str | None, typer.Option(help="Column to rank by; refused for approximate outlines.")
    ] = None,
) -> None:
    """Put wards side by side, theme by theme, each against the rest of the city."""
    from hotspots.cli.inputs import gather
    from hotspots.cli.output import Answer, deliver
    from hotspots.core.caveats import Caveat
    from hotspots.core.errors import require
    from hotspots.programmes.compare_wards import compare_wards

    require(not (every and only), "`only` and `every` contradict one another; got both. Give one.")
    have = gather(request)
    outlines = have.zones("ward")
    require(outlines is not None, "wards are needed: give their file with `zones`.")
    assert outlines is not None
    shown = None if every else _only(only, have)
    compared = compare_wards(
        outlines,
        have.asked(),
        themes=[None if name == "all" else name for name in theme] if theme else None,
        only=shown,
        population=residents,
        rank_by=rank_by,
        record=have.record,
    )
    have.about_violence(*compared.table.index.unique("theme"))
    table = compared.with_outlines()
    if shown is not None and only is None:
        of_all = {"shown": table.index.nunique(), "wards": len(outlines)}
        have.record.warn_reader(Caveat("priority-wards", of_all))
    words, said = compared.to_sentence(), compared.cautions
    deliver(Answer(words, compared.to_dict(), table, COLUMNS, cautions=said), have)


def _only(given: list[str] | None, have: Gathered) -> list[str] | Path | None:
    if given and len(given) == 1 and given[0].endswith(".toml"):
        return Path(given[0])
    if given:
        return given
    return list(have.product.priority_wards) or None if have.product else None
