"""Find where crime and anti-social behaviour concentrate, how much harm it does, and what worked.

>>> import hotspots as hs

The main road, from incidents to a page, stands at this door. The toolbox lies beside it:
``hs.stats`` (arrays in, arrays out), ``hs.evaluation`` (how sure is it, how does it move, did it
work), ``hs.zones`` (zones made, chosen, compared), ``hs.streets`` (streets cut, joined, named),
``hs.offences`` (baskets) and ``hs.opendata`` (official data fetched). A class that is only handed
back, such as ``PatrolAreas``, is imported from its room when one wants to name it.

Everything is loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_MAIN_ROAD = {
    "hotspots.analysis.cells": ["aggregate_to_cells", "assign_cells"],
    "hotspots.analysis.change_map": ["compare_areas"],
    "hotspots.analysis.clusters.find": ["assign_clusters", "find_clusters", "label_clusters"],
    "hotspots.analysis.evaluation.change": ["compare_change"],
    "hotspots.analysis.evaluation.comparators": ["find_comparators"],
    "hotspots.analysis.evaluation.plan": ["smallest_change"],
    "hotspots.analysis.evaluation.regression_to_mean": ["regression_to_the_mean"],
    "hotspots.analysis.evaluation.wdd": ["weighted_displacement_difference"],
    "hotspots.analysis.forecast.advice": ["advise_grid"],
    "hotspots.analysis.forecast.areas": ["forecast_areas"],
    "hotspots.analysis.names": ["name_areas"],
    "hotspots.analysis.ranking": ["rank_areas"],
    "hotspots.analysis.significance.flags": ["flag_hotspots"],
    "hotspots.analysis.trends.by_period": ["count_by_period"],
    "hotspots.analysis.when.days_and_months": ["monthly_index"],
    "hotspots.analysis.when.events": ["event_index"],
    "hotspots.analysis.when.peak_windows": ["busy_windows"],
    "hotspots.analysis.when.repeats": ["near_repeats", "repeat_chains"],
    "hotspots.analysis.when.times": ["hours_of_week"],
    "hotspots.analysis.zones.overlaps": ["relate_to_zones"],
    "hotspots.analysis.zones.zone_totals": ["summarise_zones"],
    "hotspots.core.coverage": ["coverage"],
    "hotspots.core.data": ["bundled"],
    "hotspots.core.errors": ["DataError", "HotspotsError", "InputError", "MissingExtraError"],
    "hotspots.core.grids": [
        *("H3Grid", "HexGrid", "PolygonCells", "SquareGrid", "StreetSegments", "study_area"),
    ],
    "hotspots.core.periods": ["Period"],
    "hotspots.core.question": ["Question"],
    "hotspots.core.record": ["RunRecord"],
    "hotspots.core.select": ["Selection", "select"],
    "hotspots.core.tally": ["Tally", "fold"],
    "hotspots.demo.town.town": ["synthetic_town"],
    "hotspots.disclosure": ["Release", "audit_totals", "release"],
    "hotspots.io.incidents.check": ["check_incidents"],
    "hotspots.io.incidents.duplicates": ["flag_twins"],
    "hotspots.io.incidents.field_map": ["FieldMap"],
    "hotspots.io.incidents.folding": ["fold_dask", "fold_files"],
    "hotspots.io.incidents.from_frame": ["incidents_from_frame"],
    "hotspots.io.incidents.load": ["load_incidents"],
    "hotspots.io.incidents.meaning": ["tag_institutions"],
    "hotspots.io.incidents.row_faults": ["write_quarantine"],
    "hotspots.io.zones.read": ["load_zones"],
    "hotspots.offences.harm_scale": ["HarmScale"],
    "hotspots.offences.tag_themes": ["tag_themes"],
    "hotspots.offences.themes": ["Themes"],
    "hotspots.offences.tell_themes": ["themes_of"],
    "hotspots.offences.weigh_harm": ["weigh_harm"],
    "hotspots.programmes.burden": ["count_beside", "who_lives_there"],
    "hotspots.programmes.clear_hold_build.candidates": ["police_uk_proxy_categories"],
    "hotspots.programmes.clear_hold_build.screen_candidates": ["screen_clear_hold_build"],
    "hotspots.programmes.compare_wards": ["compare_wards"],
    "hotspots.programmes.find_hotspots": ["Hotspots", "find_hotspots"],
    "hotspots.programmes.patrols.select_areas": ["select_patrol_areas"],
    "hotspots.programmes.patrols.timetable": ["patrol_timetable"],
    "hotspots.programmes.protect.demand": ["protect_demand"],
    "hotspots.programmes.protect.trauma_packs": ["place_trauma_packs"],
    "hotspots.programmes.pspo_evidence": ["pspo_evidence"],
    "hotspots.programmes.recurring_roads": ["find_recurring_roads"],
    "hotspots.programmes.tasking.load_product": ["load_product"],
    "hotspots.programmes.tasking.product": ["TaskingProduct"],
    "hotspots.programmes.tasking.sources": ["IncidentSource"],
    "hotspots.report.answer": ["write_csv", "write_geojson"],
    "hotspots.report.geopackage": ["write_geopackage"],
    "hotspots.report.map": ["OnlineTiles", "map_areas", "plot_areas"],
    "hotspots.report.about": ["read_geopackage"],
    "hotspots.report.text.results.place_words": ["describe_concentration"],
    "hotspots.report.notebook": ["top"],
    "hotspots.report.write_workbook": ["write_workbook"],
}
_HOME = {name: room for room, names in _MAIN_ROAD.items() for name in names}
_TOOLBOX = {
    "evaluation": "hotspots.analysis.toolbox",
    "offences": "hotspots.offences",
    "opendata": "hotspots.io.opendata",
    "operations": "hotspots.programmes.operations",
    "stats": "hotspots.stats",
    "streets": "hotspots.analysis.streets",
    "zones": "hotspots.analysis.zones",
}

__all__ = sorted(["__version__", *_HOME, *_TOOLBOX])


def __getattr__(name: str) -> Any:
    if name in _TOOLBOX:
        value = importlib.import_module(_TOOLBOX[name])
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'hotspots' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
