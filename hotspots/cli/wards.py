"""Wards side by side, theme by theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.options import Request, command

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.cli.inputs import Gathered
    from hotspots.programmes.compare_wards import WardComparison

WARD_COLUMNS = (
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
    from hotspots.core.errors import require
    from hotspots.programmes.compare_wards import compare_wards

    have = gather(request)
    outlines = have.zones("ward")
    require(outlines is not None, "wards are needed: give their file with `zones`.")
    assert outlines is not None
    require(not (every and only), "`only` and --all contradict one another.")
    shown = None if every else _only(only, have)
    _known(theme, have)
    asked = [None if name == "all" else name for name in theme or _carried(have)]
    have.about_violence(*asked)
    compared = compare_wards(
        outlines,
        have.incidents,
        themes=asked,
        within=outlines if have.within is None else have.within,
        only=shown,
        period=have.period,
        population=_residents(outlines, residents),
        rank_by=rank_by,
        record=have.record,
    )
    table = _with_outlines(compared, outlines)
    if shown is not None and only is None:
        have.record.warn_reader(
            f"{table.index.nunique()} of {len(outlines)} wards: those the product names as "
            "priority; --all shows every one."
        )
    deliver(Answer(compared.to_sentence(), compared.to_dict(), table, WARD_COLUMNS), have)


def _carried(have: Gathered) -> list[str]:
    """The themes the data at hand carry."""
    return [name for name, status in have.record.themes.items() if status.state != "absent"]


def _known(themes: list[str] | None, have: Gathered) -> None:
    """Refuse a theme the data do not carry, in names of themes."""
    from hotspots.core.errors import listing, require

    carried = _carried(have)
    unknown = [name for name in themes or () if name not in ("all", *carried)]
    require(
        not unknown,
        f"`theme` must be one of {listing(carried)}, or 'all'; got {listing(unknown)}.",
    )


def _only(given: list[str] | None, have: Gathered) -> list[str] | Path | None:
    if given and len(given) == 1 and given[0].endswith(".toml"):
        return Path(given[0])
    if given:
        return given
    return list(have.product.priority_wards) or None if have.product else None


def _residents(outlines: gpd.GeoDataFrame, column: str | None) -> pd.Series | None:
    from hotspots.core.errors import listing, require

    if column is None:
        return None
    require(
        column in outlines.columns,
        f"`residents` must be a column of the wards; got {column!r}, they have "
        f"{listing(outlines.columns, most=30)}.",
    )
    return outlines[column].astype(float)


def _with_outlines(compared: WardComparison, outlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A row for each theme and ward, with the ward's outline."""
    import geopandas as gpd

    table = compared.table.reset_index("theme")
    table.insert(1, "kind", "ward")
    shapes = outlines.geometry.reindex(table.index)
    return gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=outlines.crs)
