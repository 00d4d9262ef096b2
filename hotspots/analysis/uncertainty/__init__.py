"""How sure a rank is: chance, clustering in places and months, harm weights, snapped locations."""

from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.analysis.uncertainty.snapping import placement_stress

__all__ = ["placement_stress", "rank_uncertainty"]
