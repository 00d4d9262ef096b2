"""What the stages ask of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hotspots.core.crs import BRITISH_NATIONAL_GRID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Grid(Protocol):
    """What the stages ask of a grid."""

    @property
    def name(self) -> str:
        """Short name used as ``kind`` of the areas."""
        ...

    def cell_ids(
        self, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any = BRITISH_NATIONAL_GRID
    ) -> NDArray[np.object_]:
        """Cell of each point given in metres."""
        ...

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> NDArray[np.object_]:
        """Every cell that overlaps a polygon given in metres, sorted."""
        ...

    def polygons(
        self, cell_ids: NDArray[np.object_], crs: Any = BRITISH_NATIONAL_GRID
    ) -> NDArray[np.object_]:
        """Outline of each cell in metres."""
        ...

    def areas_km2(self, cell_ids: NDArray[np.object_]) -> NDArray[np.float64]:
        """Area of each cell on the ground."""
        ...

    def neighbours(self, cell_ids: NDArray[np.object_], rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other: a sparse matrix of ones."""
        ...
