"""Screening for Clear, Hold, Build: who is first in most categories, and why not in the rest."""

from hotspots.screening.categories import police_uk_proxy_categories
from hotspots.screening.outcome import ClearHoldBuildScreen
from hotspots.screening.screen import screen_clear_hold_build

__all__ = ["ClearHoldBuildScreen", "police_uk_proxy_categories", "screen_clear_hold_build"]
