"""Screening for Clear, Hold, Build: who is first in most categories, and why not in the rest."""

from hotspots.programmes.clear_hold_build.candidates import police_uk_proxy_categories
from hotspots.programmes.clear_hold_build.screen_candidates import screen_clear_hold_build
from hotspots.programmes.clear_hold_build.screen_result import ClearHoldBuildScreen

__all__ = ["ClearHoldBuildScreen", "police_uk_proxy_categories", "screen_clear_hold_build"]
