"""How sure a rank is: chance, clustering in places and months, harm weights, snapped locations."""

from hotspots.uncertainty.placement import placement_stress
from hotspots.uncertainty.ranks import rank_uncertainty

__all__ = ["placement_stress", "rank_uncertainty"]
