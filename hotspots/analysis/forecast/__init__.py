"""Prospective accuracy: would last period's choice of areas have found this period's crime."""

from hotspots.analysis.forecast.advice import GridAdvice, advise_grid
from hotspots.analysis.forecast.areas import AreaForecast, forecast_areas
from hotspots.analysis.forecast.backtest import summarise_walk, walk_forward
from hotspots.analysis.forecast.scores import forecast_accuracy, forecast_curve

__all__ = [
    "AreaForecast",
    "GridAdvice",
    "advise_grid",
    "forecast_accuracy",
    "forecast_areas",
    "forecast_curve",
    "summarise_walk",
    "walk_forward",
]
