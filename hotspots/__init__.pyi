"""Types of the front door, written by scripts/write_stub.py."""

from hotspots import offences as offences
from hotspots import stats as stats
from hotspots.analysis import streets as streets
from hotspots.analysis import toolbox as evaluation
from hotspots.analysis import when_toolbox as when
from hotspots.analysis import zones as zones
from hotspots.analysis.cells import aggregate_to_cells as aggregate_to_cells
from hotspots.analysis.cells import assign_cells as assign_cells
from hotspots.analysis.clusters.find import assign_clusters as assign_clusters
from hotspots.analysis.clusters.find import find_clusters as find_clusters
from hotspots.analysis.clusters.find import label_clusters as label_clusters
from hotspots.analysis.evaluation.change import compare_change as compare_change
from hotspots.analysis.evaluation.comparators import find_comparators as find_comparators
from hotspots.analysis.evaluation.plan import smallest_change as smallest_change
from hotspots.analysis.evaluation.regression_to_mean import (
    regression_to_the_mean as regression_to_the_mean,
)
from hotspots.analysis.evaluation.wdd import (
    weighted_displacement_difference as weighted_displacement_difference,
)
from hotspots.analysis.forecast.advice import advise_grid as advise_grid
from hotspots.analysis.forecast.areas import forecast_areas as forecast_areas
from hotspots.analysis.names import name_areas as name_areas
from hotspots.analysis.ranking import rank_areas as rank_areas
from hotspots.analysis.significance.flags import flag_hotspots as flag_hotspots
from hotspots.analysis.toolbox import classify_trend as classify_trend
from hotspots.analysis.toolbox import (
    harm_weighted_displacement_difference as harm_weighted_displacement_difference,
)
from hotspots.analysis.trends.by_period import count_by_period as count_by_period
from hotspots.analysis.zones.overlaps import relate_to_zones as relate_to_zones
from hotspots.core.coverage import coverage as coverage
from hotspots.core.data import bundled as bundled
from hotspots.core.errors import DataError as DataError
from hotspots.core.errors import HotspotsError as HotspotsError
from hotspots.core.errors import InputError as InputError
from hotspots.core.errors import MissingExtraError as MissingExtraError
from hotspots.core.grids import H3Grid as H3Grid
from hotspots.core.grids import HexGrid as HexGrid
from hotspots.core.grids import PolygonCells as PolygonCells
from hotspots.core.grids import SquareGrid as SquareGrid
from hotspots.core.grids import StreetSegments as StreetSegments
from hotspots.core.grids import study_area as study_area
from hotspots.core.periods import Period as Period
from hotspots.core.question import Question as Question
from hotspots.core.record import RunRecord as RunRecord
from hotspots.core.select import Selection as Selection
from hotspots.core.select import select as select
from hotspots.core.tally import Tally as Tally
from hotspots.core.tally import fold as fold
from hotspots.demo.town.town import Town as Town
from hotspots.demo.town.town import synthetic_town as synthetic_town
from hotspots.disclosure import Release as Release
from hotspots.disclosure import audit_totals as audit_totals
from hotspots.disclosure import release as release
from hotspots.io import opendata as opendata
from hotspots.io.incidents.check import IncidentCheck as IncidentCheck
from hotspots.io.incidents.check import check_incidents as check_incidents
from hotspots.io.incidents.duplicates import flag_twins as flag_twins
from hotspots.io.incidents.field_map import FieldMap as FieldMap
from hotspots.io.incidents.folding import fold_dask as fold_dask
from hotspots.io.incidents.folding import fold_files as fold_files
from hotspots.io.incidents.from_frame import incidents_from_frame as incidents_from_frame
from hotspots.io.incidents.load import load_incidents as load_incidents
from hotspots.io.incidents.meaning import tag_institutions as tag_institutions
from hotspots.io.incidents.row_faults import write_quarantine as write_quarantine
from hotspots.io.zones.read import load_zones as load_zones
from hotspots.offences.harm_scale import HarmScale as HarmScale
from hotspots.offences.tag_themes import tag_themes as tag_themes
from hotspots.offences.tell_themes import themes_of as themes_of
from hotspots.offences.themes import Themes as Themes
from hotspots.offences.weigh_harm import weigh_harm as weigh_harm
from hotspots.programmes import operations as operations
from hotspots.programmes.clear_hold_build.screen_candidates import (
    screen_clear_hold_build as screen_clear_hold_build,
)
from hotspots.programmes.compare_wards import compare_wards as compare_wards
from hotspots.programmes.find_hotspots import Hotspots as Hotspots
from hotspots.programmes.find_hotspots import find_hotspots as find_hotspots
from hotspots.programmes.patrols.select_areas import select_patrol_areas as select_patrol_areas
from hotspots.programmes.pspo_evidence import pspo_evidence as pspo_evidence
from hotspots.programmes.tasking.load_product import load_product as load_product
from hotspots.programmes.tasking.product import TaskingProduct as TaskingProduct
from hotspots.programmes.tasking.sources import IncidentSource as IncidentSource
from hotspots.report.about import read_geopackage as read_geopackage
from hotspots.report.answer import write_csv as write_csv
from hotspots.report.answer import write_geojson as write_geojson
from hotspots.report.geopackage import write_geopackage as write_geopackage
from hotspots.report.map import OnlineTiles as OnlineTiles
from hotspots.report.map import map_areas as map_areas
from hotspots.report.map import plot_areas as plot_areas
from hotspots.report.map.standalone import HotspotMap as HotspotMap
from hotspots.report.notebook import top as top
from hotspots.report.text.results.place_words import (
    describe_concentration as describe_concentration,
)
from hotspots.report.write_workbook import write_workbook as write_workbook
from hotspots.stats import generalised_gini as generalised_gini
from hotspots.stats import gini as gini
from hotspots.stats import local_gi_star as local_gi_star
from hotspots.stats import mann_kendall as mann_kendall

__version__: str
__all__ = [
    "DataError",
    "FieldMap",
    "H3Grid",
    "HarmScale",
    "HexGrid",
    "Hotspots",
    "HotspotsError",
    "IncidentSource",
    "InputError",
    "MissingExtraError",
    "OnlineTiles",
    "Period",
    "PolygonCells",
    "Question",
    "Release",
    "RunRecord",
    "Selection",
    "SquareGrid",
    "StreetSegments",
    "Tally",
    "TaskingProduct",
    "Themes",
    "__version__",
    "advise_grid",
    "aggregate_to_cells",
    "assign_cells",
    "assign_clusters",
    "audit_totals",
    "bundled",
    "check_incidents",
    "compare_change",
    "compare_wards",
    "count_by_period",
    "coverage",
    "describe_concentration",
    "evaluation",
    "find_clusters",
    "find_comparators",
    "find_hotspots",
    "flag_hotspots",
    "flag_twins",
    "fold",
    "fold_dask",
    "fold_files",
    "forecast_areas",
    "incidents_from_frame",
    "label_clusters",
    "load_incidents",
    "load_product",
    "load_zones",
    "map_areas",
    "name_areas",
    "offences",
    "opendata",
    "operations",
    "plot_areas",
    "pspo_evidence",
    "rank_areas",
    "read_geopackage",
    "regression_to_the_mean",
    "relate_to_zones",
    "release",
    "screen_clear_hold_build",
    "select",
    "select_patrol_areas",
    "smallest_change",
    "stats",
    "streets",
    "study_area",
    "synthetic_town",
    "tag_institutions",
    "tag_themes",
    "themes_of",
    "top",
    "weigh_harm",
    "weighted_displacement_difference",
    "when",
    "write_csv",
    "write_geojson",
    "write_geopackage",
    "write_quarantine",
    "write_workbook",
    "zones",
]
