"""What results say: one table, from the class and the part asked for to the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hotspots.report.text import ratio_words
from hotspots.report.text.results import (
    area_words,
    case_words,
    change_words,
    place_words,
    time_words,
)

WORDS: Mapping[str, Callable[..., Iterable[str]]] = {
    "AreaForecast": area_words.area_forecast,
    "AreaWatch": time_words.watch,
    "Change": change_words.change,
    "Change.verdict": change_words.verdict,
    "ChangePlan": change_words.plan,
    "ClearHoldBuildScreen": case_words.screen,
    "ClearHoldBuildScreen.paragraph": case_words.paragraph,
    "ClusterChance": area_words.cluster_chance,
    "ClusterChance.null": area_words.null,
    "Comparators": change_words.comparators,
    "DisplacementDifference": ratio_words.displacement_difference,
    "GridAdvice": area_words.grid_advice,
    "Interruption": change_words.interruption,
    "Interruption.model": change_words.model,
    "LiveList": time_words.live,
    "MapAgreement": area_words.map_agreement,
    "NewsAnswer": time_words.news,
    "PackPlan": place_words.pack_plan,
    "PatrolAreas": place_words.patrol_areas,
    "PatrolReview": change_words.patrol_review,
    "ProtectDemand": place_words.protect_demand,
    "PatrolShifts": time_words.shifts,
    "PspoEvidence": case_words.order,
    "PspoEvidence.cannot_say": case_words.cannot_say,
    "PspoEvidence.change": case_words.change,
    "PspoEvidence.limb": case_words.limb,
    "PspoEvidence.rings": case_words.rings,
    "PspoEvidence.undecided": case_words.undecided,
    "RadiusSuggestion": area_words.radius_suggestion,
    "RateRatio": ratio_words.rate_ratio,
    "RateRatio.in_short": ratio_words.ratio_in_short,
    "RateRatio.told": ratio_words.ratio_told,
    "RecurringRoads": place_words.recurring_roads,
    "RegressionToTheMean": ratio_words.regression_to_the_mean,
    "RepeatsAnswer": time_words.repeats,
    "RestOfCity": ratio_words.rest_of_city,
    "Sensitivity": area_words.sensitivity,
    "ServicePlan": time_words.services,
    "SmallestChange": change_words.smallest_change,
    "SupportAgreement": area_words.support_agreement,
    "Term": case_words.term,
    "WhenAnswer": time_words.when,
    "Timetable": time_words.timetable,
    "WardComparison": place_words.ward_comparison,
    "WardComparison.brief": place_words.wards_in_brief,
    "WardComparison.concentration": place_words.concentration,
}
