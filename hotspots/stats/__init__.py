"""Statistics of arrays: arrays in, arrays out; nothing here knows a table of the library."""

from hotspots.stats.concentration import (
    concentration_table,
    eighty_twenty_table,
    generalised_gini,
    gini,
    lorenz_table,
)
from hotspots.stats.counts import Dispersion, e_test, gamma_interval, overdispersion
from hotspots.stats.local import local_gi_star, local_moran
from hotspots.stats.trend_test import TrendTest, mann_kendall, seasonal_mann_kendall

__all__ = [
    "Dispersion",
    "TrendTest",
    "concentration_table",
    "e_test",
    "eighty_twenty_table",
    "gamma_interval",
    "generalised_gini",
    "gini",
    "local_gi_star",
    "local_moran",
    "lorenz_table",
    "mann_kendall",
    "overdispersion",
    "seasonal_mann_kendall",
]
