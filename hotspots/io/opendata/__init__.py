"""Official open data brought in: street crime of data.police.uk, boundaries (ONS), roads (OS).

Nothing here is needed to analyse files that are already at hand. What is fetched is verified before
it takes a file's place, and written down beside the files in ``fetched.json``.
"""

from hotspots.io.opendata.boundaries import BoundaryLayer, fetch_boundaries
from hotspots.io.opendata.http import FetchProgress, Patience
from hotspots.io.opendata.police_uk import fetch_police_uk
from hotspots.io.opendata.roads import fetch_roads

__all__ = [
    "BoundaryLayer",
    "FetchProgress",
    "Patience",
    "fetch_boundaries",
    "fetch_police_uk",
    "fetch_roads",
]
