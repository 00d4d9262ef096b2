"""The files of a product, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hotspots.core.errors import require
from hotspots.io.typed_tables import DECISIONS, write_decisions
from hotspots.report.briefing import BRIEFING, write_briefing
from hotspots.report.files import replacing_folder
from hotspots.report.geopackage import write_geopackage
from hotspots.report.layers import layers_of, leave_out_withheld, telling
from hotspots.report.manifest import outputs_before, write_manifest
from hotspots.report.map.page import make_page
from hotspots.report.write_workbook import write_workbook

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.when.cards_of_places import PlaceCards
    from hotspots.disclosure import Release
    from hotspots.report.map.backdrop import Backdrop
    from hotspots.report.text.headline import RecentChange
    from hotspots.report.text.section_words import Told


class FilesBeside(Protocol):
    """Files of a product that its readers get apart from the others."""

    @property
    def names(self) -> Sequence[str]:
        """Their names."""
        ...

    def write(self, folder: Path) -> None:
        """Write all of them."""
        ...


PRIORITY = "is_priority"
FILES = ("map.html", "hotspots.gpkg", "tables.xlsx", "manifest.json")


def write_product(
    released: Release,
    folder: str | Path,
    *,
    top: int = 5,
    priority_wards: Sequence[str] = (),
    backdrop: Backdrop | None = None,
    cards: Mapping[str, PlaceCards] | None = None,
    sites: gpd.GeoDataFrame | None = None,
    geopackage: str = FILES[1],
    previous: Sequence[gpd.GeoDataFrame] | None = None,
    lately: Sequence[RecentChange] | None = None,
    beside: FilesBeside | None = None,
    sections: Sequence[Told] = (),
    replaced: Sequence[str] = (),
) -> list[Path]:
    """Write the files of a release, in the order of ``FILES``; its GeoPackage may be named.

    The folder is swapped whole: until the new product is complete the old one stays. Files that no
    manifest names are carried over; decisions that come from elsewhere are written once, and never
    over others. A product for readers who get no decisions is not written where there are some.
    With ``lately``, which may be empty, there is a briefing too. Files called like one of
    ``replaced`` go, whoever changed them since.
    """
    target = Path(folder)
    names = [geopackage if name == FILES[1] else name for name in FILES]
    if lately is not None:
        names[-1:-1] = BRIEFING
    if beside is not None:
        names[-1:-1] = beside.names
    require(
        released.decisions is not None or not (target / DECISIONS).exists(),
        f"{target} holds {DECISIONS}, and the readers of this product get none of it: the folder "
        "could be sent with it. Write into a folder of its own.",
        rule="decisions-of-others",
    )
    gone = {*BRIEFING, *replaced, *outputs_before(target)}
    with replacing_folder(target, names, gone=gone) as made:
        page = make_page(
            released,
            top=top,
            priority_wards=priority_wards,
            previous=previous,
            backdrop=backdrop,
            cards=cards,
            sites=sites,
            lately=lately or (),
            sections=sections,
        )
        page.save(made / FILES[0])
        layers = layers_of(released).values()
        withheld = [name for table in layers for name in leave_out_withheld(table)[1]]
        write_geopackage(released, made / geopackage)
        write_workbook(released, made / FILES[2])
        if lately is not None:
            write_briefing(page.view, made, lately)
        if beside is not None:
            beside.write(made)
        write_manifest(telling(released.record, withheld), made, names[:-1])
        if released.decisions and not (target / DECISIONS).exists():
            write_decisions(released.decisions, made / DECISIONS)
    return [target / name for name in names]


def with_priority(zones: gpd.GeoDataFrame, wards: Sequence[str]) -> gpd.GeoDataFrame:
    """Zones that say of themselves which of them are a priority, if any are named."""
    names = list(wards)
    if not names:
        return zones.copy()
    return zones.assign(**{PRIORITY: zones["zone_name"].isin(names) | zones.index.isin(names)})
