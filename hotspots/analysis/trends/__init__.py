"""Areas over time: counts by month, what stays on top, what rises and falls."""

from hotspots.analysis.trends.by_chance import trends_by_chance
from hotspots.analysis.trends.emerging import (
    TREND_RULES,
    by_area,
    classify_trend,
    classify_trends,
    count_by_period,
    months_in_top,
)

__all__ = [
    "TREND_RULES",
    "by_area",
    "classify_trend",
    "classify_trends",
    "count_by_period",
    "months_in_top",
    "trends_by_chance",
]
