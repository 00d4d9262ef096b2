"""Prospective accuracy: would last period's choice of areas have found this period's crime."""

from hotspots.analysis.forecast.backtest import summarise_walk, walk_forward
from hotspots.analysis.forecast.scores import forecast_accuracy, forecast_curve

__all__ = ["forecast_accuracy", "forecast_curve", "summarise_walk", "walk_forward"]
