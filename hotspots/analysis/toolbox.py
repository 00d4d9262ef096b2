"""What ``hs.evaluation`` holds: how sure is it, how does it move, would it last, did it work."""

from hotspots.analysis.change_map import compare_areas
from hotspots.analysis.clusters.chance import ClusterChance, cluster_chance
from hotspots.analysis.clusters.radius import RadiusSuggestion, suggest_radius
from hotspots.analysis.clusters.stability import cluster_stability
from hotspots.analysis.density import density_at, harm_density, kernel_density
from hotspots.analysis.evaluation.change import like_series
from hotspots.analysis.evaluation.change_result import Change
from hotspots.analysis.evaluation.comparators import Comparators
from hotspots.analysis.evaluation.placebo import Placebo
from hotspots.analysis.evaluation.plan import ChangePlan, SmallestChange, plan_change
from hotspots.analysis.evaluation.ratios import (
    RateRatio,
    RestOfCity,
    rate_ratio,
    rest_of_city_growth,
)
from hotspots.analysis.evaluation.regression_to_mean import RegressionToTheMean
from hotspots.analysis.evaluation.wdd import (
    DisplacementDifference,
    harm_weighted_displacement_difference,
)
from hotspots.analysis.evaluation.wdd_by_month import cumulative_wdd
from hotspots.analysis.forecast.advice import GridAdvice
from hotspots.analysis.forecast.areas import AreaForecast
from hotspots.analysis.forecast.backtest import summarise_walk, walk_forward
from hotspots.analysis.forecast.scores import forecast_accuracy
from hotspots.analysis.interrupted_time_series import Interruption, interrupted_time_series
from hotspots.analysis.map_agreement import MapAgreement, map_agreement
from hotspots.analysis.ranking import rank_sensitivity
from hotspots.analysis.significance.study import gi_star_by_period
from hotspots.analysis.trends.by_period import by_area, months_in_top
from hotspots.analysis.trends.emerging import classify_trend, classify_trends, trends_by_chance
from hotspots.analysis.troubles import troubles
from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.analysis.uncertainty.snapping import placement_stress
from hotspots.core.totals import points_at_risk
from hotspots.io.incidents.breaks import Break, crossed_breaks, known_breaks

__all__ = [
    "AreaForecast",
    "Break",
    "Change",
    "ChangePlan",
    "ClusterChance",
    "Comparators",
    "DisplacementDifference",
    "GridAdvice",
    "Interruption",
    "MapAgreement",
    "Placebo",
    "RadiusSuggestion",
    "RateRatio",
    "RegressionToTheMean",
    "RestOfCity",
    "SmallestChange",
    "by_area",
    "classify_trend",
    "classify_trends",
    "cluster_chance",
    "cluster_stability",
    "compare_areas",
    "crossed_breaks",
    "cumulative_wdd",
    "density_at",
    "forecast_accuracy",
    "gi_star_by_period",
    "harm_density",
    "harm_weighted_displacement_difference",
    "interrupted_time_series",
    "kernel_density",
    "known_breaks",
    "like_series",
    "map_agreement",
    "months_in_top",
    "placement_stress",
    "plan_change",
    "points_at_risk",
    "rank_sensitivity",
    "rank_uncertainty",
    "rate_ratio",
    "rest_of_city_growth",
    "suggest_radius",
    "summarise_walk",
    "trends_by_chance",
    "troubles",
    "walk_forward",
]
