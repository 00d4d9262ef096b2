"""What results say: one table, from the class and the part asked for to the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hotspots.report.text.results import (
    change_words,
    cluster_words,
    order_words,
    place_words,
    ratio_words,
    screen_words,
)

WORDS: Mapping[str, Callable[..., Iterable[str]]] = {
    "Change": change_words.change,
    "Change.verdict": change_words.verdict,
    "ChangePlan": change_words.plan,
    "ClearHoldBuildScreen": screen_words.screen,
    "ClearHoldBuildScreen.paragraph": screen_words.paragraph,
    "ClusterChance": cluster_words.cluster_chance,
    "ClusterChance.null": cluster_words.null,
    "DisplacementDifference": ratio_words.displacement_difference,
    "Interruption": change_words.interruption,
    "Interruption.model": change_words.model,
    "PackPlan": place_words.pack_plan,
    "PatrolAreas": place_words.patrol_areas,
    "ProtectDemand": place_words.protect_demand,
    "PspoEvidence": order_words.order,
    "PspoEvidence.cannot_say": order_words.cannot_say,
    "PspoEvidence.change": order_words.change,
    "PspoEvidence.limb": order_words.limb,
    "PspoEvidence.rings": order_words.rings,
    "PspoEvidence.undecided": order_words.undecided,
    "RadiusSuggestion": cluster_words.radius_suggestion,
    "RateRatio": ratio_words.rate_ratio,
    "RateRatio.in_short": ratio_words.ratio_in_short,
    "RateRatio.told": ratio_words.ratio_told,
    "RegressionToTheMean": ratio_words.regression_to_the_mean,
    "RestOfCity": ratio_words.rest_of_city,
    "SmallestChange": change_words.smallest_change,
    "Term": order_words.term,
    "WardComparison": place_words.ward_comparison,
    "WardComparison.brief": place_words.wards_in_brief,
    "WardComparison.concentration": place_words.concentration,
}
