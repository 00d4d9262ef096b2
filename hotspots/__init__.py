"""Find where crime and anti-social behaviour concentrate, how much harm it does, and what worked.

>>> import hotspots as hs

Every name below is loaded from its room on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "hotspots.accuracy": [
        "forecast_accuracy",
        "forecast_curve",
        "summarise_walk",
        "walk_forward",
    ],
    "hotspots.baskets": [
        "Basket",
        "basket_members",
        "basket_names",
        "basket_status",
        "load_basket",
    ],
    "hotspots.cells": ["aggregate_to_cells", "label_cells"],
    "hotspots.checks": [
        "DataError",
        "Finding",
        "HotspotsError",
        "InputError",
        "MissingExtraError",
    ],
    "hotspots.clusters": [
        "ClusterChance",
        "RadiusSuggestion",
        "cluster_chance",
        "cluster_stability",
        "find_clusters",
        "label_clusters",
        "suggest_radius",
    ],
    "hotspots.concentration": [
        "concentration_table",
        "eighty_twenty_table",
        "generalised_gini",
        "gini",
        "lorenz_table",
    ],
    "hotspots.density": ["density_at", "harm_density", "kernel_density"],
    "hotspots.differences": ["compare_areas"],
    "hotspots.evaluation": [
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
    ],
    "hotspots.disclosure": [
        *("apply_disclosure", "audit_totals", "disclose_record", "disclose_tables"),
    ],
    "hotspots.exports": [
        *("read_geopackage", "write_csv", "write_geojson", "write_geopackage", "write_workbook"),
    ],
    "hotspots.grids": ["H3Grid", "HexGrid", "SquareGrid", "grid_named", "study_area"],
    "hotspots.harm": ["HarmScale", "rank_overlap", "rank_sensitivity", "weigh_harm"],
    "hotspots.incidents": [
        "FieldMap",
        "check_incidents",
        "crossed_breaks",
        "flag_twins",
        "known_breaks",
        "load_incidents",
        "tag_institutions",
        "write_quarantine",
    ],
    "hotspots.interruption": ["Interruption", "interrupted_time_series"],
    "hotspots.maps": ["HotspotMap", "OnlineTiles", "map_areas", "plot_areas"],
    "hotspots.naming": ["name_areas"],
    "hotspots.patrols": [
        "PatrolAreas",
        "count_beside",
        "select_patrol_areas",
        "who_lives_there",
    ],
    "hotspots.configuration": ["load_product"],
    "hotspots.product": ["IncidentSource", "TaskingProduct"],
    "hotspots.protect": [
        "PackPlan",
        "ProtectDemand",
        "place_trauma_packs",
        "protect_demand",
    ],
    "hotspots.pspo": ["PspoEvidence", "pspo_evidence"],
    "hotspots.ranking": ["rank_areas"],
    "hotspots.record": ["RunRecord", "ThemeStatus"],
    "hotspots.samples": ["Town", "bundled", "synthetic_town"],
    "hotspots.screening": [
        "ClearHoldBuildScreen",
        "police_uk_proxy_categories",
        "screen_clear_hold_build",
    ],
    "hotspots.selection": ["Period"],
    "hotspots.significance": [
        "flag_hotspots",
        "gi_star_by_period",
        "local_gi_star",
        "local_moran",
        "points_at_risk",
    ],
    "hotspots.sources": [
        "BoundaryLayer",
        "FetchProgress",
        "Patience",
        "fetch_boundaries",
        "fetch_police_uk",
    ],
    "hotspots.themes": ["Theme", "Themes", "tag_themes"],
    "hotspots.timing": ["aoristic_weights", "hours_of_week"],
    "hotspots.trends": [
        "by_area",
        "classify_trend",
        "classify_trends",
        "count_by_period",
        "mann_kendall",
        "months_in_top",
    ],
    "hotspots.uncertainty": ["placement_stress", "rank_uncertainty"],
    "hotspots.zones": [
        "WardComparison",
        "choose_zones",
        "compare_wards",
        "corridor",
        "load_zones",
        "rank_zones",
        "relate_to_zones",
        "rings",
        "sites",
        "summarise_zones",
        "zone_concentration",
        "zone_difference",
        "zone_union",
        "zones_from_lsoas",
        "zones_in_term",
        "zones_of",
    ],
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hotspots' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
