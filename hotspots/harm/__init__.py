"""Harm: what an offence weighs on a published scale, as far as its code can tell.

Harm belongs to the kind of offence, never to the single incident. Every weight keeps its low and
high end, and every column of harm names its scale.
"""

from hotspots.harm.scale import HarmScale, Weight
from hotspots.harm.sensitivity import rank_overlap, rank_sensitivity
from hotspots.harm.weighing import Transform, weigh_harm

__all__ = [
    "HarmScale",
    "Transform",
    "Weight",
    "rank_overlap",
    "rank_sensitivity",
    "weigh_harm",
]
