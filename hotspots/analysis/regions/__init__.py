"""Small blocks of ground, places grown from them, and the choice of places that fit together."""

from hotspots.analysis.regions.grow import (
    Blocks,
    Places,
    Reach,
    choose_grid,
    gather_blocks,
    grow_places,
    outlines_of,
    owners_of,
)
from hotspots.analysis.regions.set_packing import Packing, pack_places, relaxed_bound, too_close

__all__ = [
    "Blocks",
    "Packing",
    "Places",
    "Reach",
    "choose_grid",
    "gather_blocks",
    "grow_places",
    "outlines_of",
    "owners_of",
    "pack_places",
    "relaxed_bound",
    "too_close",
]
