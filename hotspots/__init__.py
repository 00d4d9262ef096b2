"""Find where crime and anti-social behaviour concentrate, how much harm it does, and what worked.

>>> import hotspots as hs

Every name below is loaded from its room on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "hotspots.analysis.cells": ["aggregate_to_cells", "assign_cells"],
    "hotspots.analysis.change_map": ["compare_areas"],
    "hotspots.analysis.clusters": [
        "ClusterChance",
        "RadiusSuggestion",
        "cluster_chance",
        "cluster_stability",
        "find_clusters",
        "assign_clusters",
        "suggest_radius",
    ],
    "hotspots.analysis.density": ["density_at", "harm_density", "kernel_density"],
    "hotspots.analysis.evaluation": [
        "Change",
        "DisplacementDifference",
        "RateRatio",
        "RegressionToTheMean",
        "RestOfCity",
        "compare_change",
        "cumulative_wdd",
        "harm_weighted_displacement_difference",
        "rate_ratio",
        "regression_to_the_mean",
        "rest_of_city_growth",
        "weighted_displacement_difference",
    ],
    "hotspots.analysis.forecast": [
        "forecast_accuracy",
        "forecast_curve",
        "summarise_walk",
        "walk_forward",
    ],
    "hotspots.analysis.harm_sensitivity": ["rank_overlap", "rank_sensitivity"],
    "hotspots.analysis.interrupted_time_series": ["Interruption", "interrupted_time_series"],
    "hotspots.analysis.names": ["name_areas"],
    "hotspots.analysis.ranking": ["rank_areas"],
    "hotspots.analysis.significance": ["flag_hotspots", "gi_star_by_period"],
    "hotspots.analysis.timing": ["aoristic_weights", "hours_of_week"],
    "hotspots.analysis.trends": [
        "by_area",
        "classify_trend",
        "classify_trends",
        "count_by_period",
        "months_in_top",
    ],
    "hotspots.analysis.uncertainty": ["placement_stress", "rank_uncertainty"],
    "hotspots.analysis.zones.overlaps": ["relate_to_zones", "zones_of"],
    "hotspots.analysis.zones.zone_concentration": ["zone_concentration"],
    "hotspots.analysis.zones.zone_totals": ["rank_zones", "summarise_zones"],
    "hotspots.core.data": ["bundled"],
    "hotspots.core.errors": [
        "DataError",
        "Finding",
        "HotspotsError",
        "InputError",
        "MissingExtraError",
    ],
    "hotspots.core.grids": ["H3Grid", "HexGrid", "SquareGrid", "grid_named", "study_area"],
    "hotspots.core.question": ["Question"],
    "hotspots.core.record": ["RunRecord", "ThemeStatus"],
    "hotspots.core.periods": ["Period"],
    "hotspots.core.select": ["Selection", "select"],
    "hotspots.core.totals": ["points_at_risk"],
    "hotspots.demo.town.town": ["Town", "synthetic_town"],
    "hotspots.disclosure": ["Release", "audit_totals", "release"],
    "hotspots.io.incidents": [
        "FieldMap",
        "check_incidents",
        "crossed_breaks",
        "flag_twins",
        "known_breaks",
        "load_incidents",
        "tag_institutions",
        "write_quarantine",
    ],
    "hotspots.io.opendata": [
        "BoundaryLayer",
        "FetchProgress",
        "Patience",
        "fetch_boundaries",
        "fetch_police_uk",
    ],
    "hotspots.io.zones.build": ["corridor", "rings", "zone_difference", "zone_union"],
    "hotspots.io.zones.from_lists": ["choose_zones", "zones_from_lsoas"],
    "hotspots.io.zones.in_force": ["zones_in_term"],
    "hotspots.io.zones.read": ["load_zones"],
    "hotspots.io.zones.sites": ["sites"],
    "hotspots.offences.baskets": [
        "Basket",
        "basket_members",
        "basket_names",
        "basket_status",
        "load_basket",
    ],
    "hotspots.offences.harm_scale": ["HarmScale"],
    "hotspots.offences.tag_themes": ["tag_themes"],
    "hotspots.offences.themes": ["Theme", "Themes"],
    "hotspots.offences.weigh_harm": ["weigh_harm"],
    "hotspots.programmes.clear_hold_build": [
        "ClearHoldBuildScreen",
        "police_uk_proxy_categories",
        "screen_clear_hold_build",
    ],
    "hotspots.programmes.compare_wards": ["WardComparison", "compare_wards"],
    "hotspots.programmes.find_hotspots": ["Hotspots", "find_hotspots"],
    "hotspots.programmes.patrols": [
        "PatrolAreas",
        "count_beside",
        "select_patrol_areas",
        "who_lives_there",
    ],
    "hotspots.programmes.protect": [
        "PackPlan",
        "ProtectDemand",
        "place_trauma_packs",
        "protect_demand",
    ],
    "hotspots.programmes.pspo": ["PspoEvidence", "pspo_evidence"],
    "hotspots.programmes.tasking.load_product": ["load_product"],
    "hotspots.programmes.tasking.product": ["IncidentSource", "TaskingProduct"],
    "hotspots.report.csv_geojson": ["write_csv", "write_geojson"],
    "hotspots.report.geopackage": ["write_geopackage"],
    "hotspots.report.map": ["HotspotMap", "OnlineTiles", "map_areas", "plot_areas"],
    "hotspots.report.read_geopackage": ["read_geopackage"],
    "hotspots.report.text.results.concentration_words": ["describe_concentration"],
    "hotspots.report.workbook.write_workbook": ["write_workbook"],
    "hotspots.stats.concentration": [
        "concentration_table",
        "eighty_twenty_table",
        "generalised_gini",
        "gini",
        "lorenz_table",
    ],
    "hotspots.stats.counts": ["Dispersion", "e_test", "overdispersion"],
    "hotspots.stats.local": ["local_gi_star", "local_moran"],
    "hotspots.stats.mann_kendall": ["mann_kendall"],
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
