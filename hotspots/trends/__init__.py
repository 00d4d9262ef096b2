"""Areas over time: counts by month, what stays on top, what rises and falls."""

from hotspots.trends.categories import TREND_RULES, classify_trend, classify_trends
from hotspots.trends.mann_kendall import TrendTest, mann_kendall
from hotspots.trends.periods import by_area, count_by_period, months_in_top

__all__ = [
    "TREND_RULES",
    "TrendTest",
    "by_area",
    "classify_trend",
    "classify_trends",
    "count_by_period",
    "mann_kendall",
    "months_in_top",
]
