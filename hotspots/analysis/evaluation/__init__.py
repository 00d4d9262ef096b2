"""Did it work: tests of change that keep a comparator, an interval and the counts in sight."""

from hotspots.analysis.evaluation.change import compare_change, like_series
from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.evaluation.comparators import Comparators, find_comparators
from hotspots.analysis.evaluation.placebo import Placebo
from hotspots.analysis.evaluation.plan import (
    ChangePlan,
    SmallestChange,
    plan_change,
    smallest_change,
)
from hotspots.analysis.evaluation.ratios import (
    RateRatio,
    RestOfCity,
    rate_ratio,
    rest_of_city_growth,
)
from hotspots.analysis.evaluation.regression_to_mean import (
    RegressionToTheMean,
    regression_to_the_mean,
)
from hotspots.analysis.evaluation.wdd import (
    DisplacementDifference,
    harm_weighted_displacement_difference,
    weighted_displacement_difference,
)
from hotspots.analysis.evaluation.wdd_by_month import cumulative_wdd

__all__ = [
    "Change",
    "ChangePlan",
    "Comparators",
    "DisplacementDifference",
    "Placebo",
    "RateRatio",
    "RegressionToTheMean",
    "RestOfCity",
    "SmallestChange",
    "compare_change",
    "cumulative_wdd",
    "find_comparators",
    "harm_weighted_displacement_difference",
    "like_series",
    "plan_change",
    "rate_ratio",
    "regression_to_the_mean",
    "rest_of_city_growth",
    "smallest_change",
    "weighted_displacement_difference",
]
