"""Did it work: tests of change that keep a comparator, an interval and the counts in sight."""

from hotspots.evaluation.chance import Dispersion, e_test, overdispersion
from hotspots.evaluation.change import compare_change
from hotspots.evaluation.displacement import (
    DisplacementDifference,
    harm_weighted_displacement_difference,
    weighted_displacement_difference,
)
from hotspots.evaluation.monitoring import cumulative_wdd
from hotspots.evaluation.outcome import Change
from hotspots.evaluation.ratios import RateRatio, RestOfCity, rate_ratio, rest_of_city_growth
from hotspots.evaluation.regression import RegressionToTheMean, regression_to_the_mean

__all__ = [
    "Change",
    "Dispersion",
    "DisplacementDifference",
    "RateRatio",
    "RegressionToTheMean",
    "RestOfCity",
    "compare_change",
    "cumulative_wdd",
    "e_test",
    "harm_weighted_displacement_difference",
    "overdispersion",
    "rate_ratio",
    "regression_to_the_mean",
    "rest_of_city_growth",
    "weighted_displacement_difference",
]
