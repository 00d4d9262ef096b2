"""Protect zones: a product of its own, made only for the audience "protect"."""

from hotspots.programmes.protect.demand import ProtectDemand, protect_demand
from hotspots.programmes.protect.protect_product import NamedList, ProtectProduct, ProtectResults
from hotspots.programmes.protect.trauma_packs import PackPlan, place_trauma_packs
from hotspots.report.text.results.place_words import HANDLING

__all__ = [
    "HANDLING",
    "NamedList",
    "PackPlan",
    "ProtectDemand",
    "ProtectProduct",
    "ProtectResults",
    "place_trauma_packs",
    "protect_demand",
]
