"""What happened and what it weighs: offence codes, baskets, themes, harm scales.

Harm belongs to the kind of offence, never to the single incident. Every weight keeps its low and
high end, and every column of harm names its scale.
"""

from hotspots.core.record import ThemeStatus
from hotspots.offences.baskets import (
    Basket,
    basket_members,
    basket_names,
    basket_status,
    load_basket,
)
from hotspots.offences.themes import Theme

__all__ = [
    "Basket",
    "Theme",
    "ThemeStatus",
    "basket_members",
    "basket_names",
    "basket_status",
    "load_basket",
]
