"""Streets: read, cut at junctions; flagged runs joined and named; cells and streets compared."""

from hotspots.analysis.streets.agreement import SupportAgreement, compare_supports
from hotspots.analysis.streets.runs import Runs, assign_runs, find_runs
from hotspots.core.grids.junctions import split_at_junctions
from hotspots.io.load_streets import load_streets

__all__ = [
    "Runs",
    "SupportAgreement",
    "assign_runs",
    "compare_supports",
    "find_runs",
    "load_streets",
    "split_at_junctions",
]
