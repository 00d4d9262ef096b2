"""The town that does not exist, as files in a folder beside the product that asks about them."""

from __future__ import annotations

import shutil
from pathlib import Path

from hotspots.demo.town.town import Town
from hotspots.programmes.tasking.load_product import PRODUCTS


def as_product(town: Town, folder: Path) -> Path:
    """Its files, and ``product.toml``."""
    town.write(folder)
    shutil.copyfile(PRODUCTS / "town.toml", folder / "product.toml")
    return folder
