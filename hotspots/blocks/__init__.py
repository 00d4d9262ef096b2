"""Small blocks of ground, places grown from them, and the choice of places that fit together."""

from hotspots.blocks.gathering import Blocks, choose_grid, gather_blocks
from hotspots.blocks.growing import Places, Reach, grow_places
from hotspots.blocks.packing import Packing, pack_places, relaxed_bound, too_close

__all__ = [
    "Blocks",
    "Packing",
    "Places",
    "Reach",
    "choose_grid",
    "gather_blocks",
    "grow_places",
    "pack_places",
    "relaxed_bound",
    "too_close",
]
