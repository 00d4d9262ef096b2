"""Prospective accuracy: would last period's choice of areas have found this period's crime."""

from hotspots.accuracy.scores import forecast_accuracy, forecast_curve
from hotspots.accuracy.walk import summarise_walk, walk_forward

__all__ = ["forecast_accuracy", "forecast_curve", "summarise_walk", "walk_forward"]
