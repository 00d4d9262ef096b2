"""Find where crime and anti-social behaviour concentrate, how much harm it does, and what worked.

>>> import hotspots as hs

The main road, from incidents to a page, stands at this door. The toolbox lies beside it:
``hs.stats`` (arrays in, arrays out), ``hs.evaluation`` (how sure is it, how does it move, did it
work), ``hs.when`` (hours, seasons, events, repeats), ``hs.zones`` (zones made, chosen, summed),
``hs.streets`` (streets cut, joined, named), ``hs.operations`` (who goes where, was it done, who
bears it), ``hs.offences`` (baskets) and ``hs.opendata`` (official data fetched). A class that is
handed back is named beside the programmes, ``hs.operations.PatrolAreas``, or where it is made.

Everything is loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

__version__ = "0.1.0"

# pandas 2 announces what 3 does with a column that one table leaves empty: here they agree.
warnings.filterwarnings("ignore", "The behavior of .* concatenation", FutureWarning, r"hotspots\.")

_MAIN_ROAD = {
    "hotspots.analysis.cells": ["aggregate_to_cells", "assign_cells"],
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
    "hotspots.analysis.zones.overlaps": ["relate_to_zones"],
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
    "hotspots.programmes.clear_hold_build.screen_candidates": ["screen_clear_hold_build"],
    "hotspots.programmes.compare_wards": ["compare_wards"],
    "hotspots.programmes.find_hotspots": ["Hotspots", "find_hotspots"],
    "hotspots.programmes.patrols.select_areas": ["select_patrol_areas"],
    "hotspots.programmes.pspo_evidence": ["pspo_evidence"],
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
_TOOLBOX = {
    "evaluation": "hotspots.analysis.toolbox",
    "offences": "hotspots.offences",
    "opendata": "hotspots.io.opendata",
    "operations": "hotspots.programmes.operations",
    "stats": "hotspots.stats",
    "streets": "hotspots.analysis.streets",
    "when": "hotspots.analysis.when_toolbox",
    "zones": "hotspots.analysis.zones",
}
# Other programs import these from here: they open, and are listed where they live.
_RELIED_ON = {
    "hotspots.analysis.toolbox": ["classify_trend", "harm_weighted_displacement_difference"],
    "hotspots.stats": ["generalised_gini", "gini", "local_gi_star", "mann_kendall"],
}
# Handed back alone: there to be named by programs with a strict checker.
_HANDED_BACK = {
    "hotspots.demo.town.town": ["Town"],
    "hotspots.io.incidents.check": ["IncidentCheck"],
    "hotspots.report.map.standalone": ["HotspotMap"],
}
_HOME = {name: room for room, names in _MAIN_ROAD.items() for name in names}
_DOORS = _HOME | {
    name: room
    for more in (_RELIED_ON, _HANDED_BACK)
    for room, names in more.items()
    for name in names
}

__all__ = sorted(["__version__", *_HOME, *_TOOLBOX])


def __getattr__(name: str) -> Any:
    if name in _TOOLBOX:
        value = importlib.import_module(_TOOLBOX[name])
    elif name in _DOORS:
        value = getattr(importlib.import_module(_DOORS[name]), name)
    else:
        raise AttributeError(f"module 'hotspots' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
