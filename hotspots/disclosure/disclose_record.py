"""The logbook as far as its reader may see it: methods and fixed words, no figures of this run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hotspots.core.caveats import Caveat
from hotspots.core.errors import Findings
from hotspots.core.record import RunRecord, SourceFile
from hotspots.disclosure.rules import FEWEST
from hotspots.offences.tell_themes import themes_without_counts

if TYPE_CHECKING:
    from hotspots.disclosure.release_table import ReleasedTable

ROWS_BASE = 100
"""Rows of sources are totals of everything in them: rounded so far that they bound no area."""
WITHOUT_FIGURES = {
    "mostly-rejected": "many-rejected",
    "mostly-out-of-scheme": "many-out-of-scheme",
    "mostly-elsewhere": "many-elsewhere",
    "source-cut-short": "not-all-covered",
    "months-without-data": "not-all-covered",
    "not-compared": "not-beside",
}
"""Caveats with shares or silent days, and the same without: of 40 rows 95 % elsewhere leaves two,
and where a month is said to hold nothing, the months around it add up."""
LEFT_OUT = ["accounts", "findings", "figures in choices, caveats and sentences"]

METHODS = {
    "load_incidents": {"layout", "crs", "on_bad", "keep", "projection"},
    "tag_institutions": {"names"},
    "tag_themes": {"offence_scheme", "themes"},
    "weigh_harm": {
        *("harm_scale", "title", "edition", "unit", "transform", "cap", "default", "unweighted"),
    },
    "product": {"place", "period", "compare", "top"},
    "aggregate_to_cells": {"grid"},
    "find_clusters": {
        *("theme", "radius_m", "smallest_radius_m", "min_incidents", "method", "max_area_km2"),
        "engine",
    },
    "cluster_chance": {"theme", "null", "draws"},
    "flag_hotspots": {
        *("tested_value", "null_model", "transform", "correction", "alpha", "min_relative_risk"),
    },
    "rank_areas": {"theme", "by", "draws", "top"},
    "kernel_density": {"theme", "kernel", "bandwidth_m", "cell_m", "weights"},
    "select_patrol_areas": {
        *("theme", "grid", "by", "count", "min_incidents", "near_misses", "max_area_km2"),
        *("max_walk_m", "min_separation_m", "include_found_by_officers"),
    },
    "compare_wards": {"wards", "rank_by"},
    "compare_change": {
        *("theme", "started", "before", "after", "comparator", "rings_m", "confidence"),
    },
    "pspo_evidence": {"order", "theme", "rings_m", "today", "compared_with"},
    "screen_clear_hold_build": {"categories", "draws"},
    "release": {
        *("audience", "geography", "themes", "areas", "counts_withheld", "harm_withheld"),
        "left_out",
    },
}
"""What of the choices of each stage is method. All else, and stages not named here, stay inside."""


def disclose_record(record: RunRecord, *, published: bool = False) -> RunRecord:
    """The logbook as far as the audience may read it: no exact totals, no loose numbers.

    Parameters
    ----------
    record : RunRecord
        Left as it is.
    published : bool
        Whether every record of the run was already published one by one.

    Returns
    -------
    RunRecord
        The record itself where nothing has to be withheld; else a copy without accounts, findings
        and sentences, which may hold figures that the tables withhold. Of the choices only methods
        and their parameters are kept; a caveat that counts incidents of this run
        (``counts_incidents``), or may, is left out; one with shares of rows or silent days says so
        without them; rows of sources are rounded to 100, and rows read are those accepted and
        rejected. The full one belongs in the archive.

    Examples
    --------
    >>> record = RunRecord("Town", marking="OFFICIAL", audience="partner")
    >>> record.sentences["asb"] = "One cell holds 3 incidents."
    >>> record.choose("tag_institutions", names=["hospital"], incidents={"Hospital": 2})
    >>> safe = disclose_record(record)
    >>> safe.sentences, safe.choices["tag_institutions"]
    ({}, [{'names': ['hospital']}])
    """
    if record.audience in ("internal", "protect") or published or record.for_reader:
        return record
    safe = replace(
        record,
        sources=[_with_rounded_rows(source) for source in record.sources],
        accounts=[],
        entries=[],
        findings=Findings(),
        quarantine=[],
        sentences={},
        governance=dict(record.governance),
        said=[],
        where={},
        coverage=[],
        inputs={},
        earlier={},
        for_reader=True,
    )
    safe.themes = themes_without_counts(record, FEWEST)
    safe.attribute(*record.attributions)
    safe.warn_reader(*(_without_figures(c) for c in record.caveats if not c.counts_incidents))
    for stage, entries in record.choices.items():
        for entry in filter(None, (_methods(stage, entry) for entry in entries)):
            safe.choose(stage, **entry)
    held = ["where and coverage"] if record.where or record.coverage else []
    safe.choose("disclose_record", left_out=[*LEFT_OUT, *held])
    safe.warn_reader(Caveat("caveats-left-out"))  # always: how many would tell, too
    if safe.sources:
        safe.warn_reader(Caveat("rounded-rows", {"base": ROWS_BASE}))
    return safe


def record_for_reader(
    record: RunRecord, told: Iterable[ReleasedTable[Any]], *, published: bool
) -> RunRecord:
    """The logbook of a release for its reader, with what was withheld of its tables."""
    full = record.copy()
    for one in told:
        full.warn_reader(*one.caveats)
        if one.choice:
            full.choose("release", **one.choice)
    return disclose_record(full, published=published)


def _without_figures(caveat: Caveat) -> Caveat:
    if caveat.rule not in WITHOUT_FIGURES:
        return caveat
    kept = {
        name: caveat.values[name] for name in ("files", "other", "period") if name in caveat.values
    }
    return Caveat(WITHOUT_FIGURES[caveat.rule], kept, of=caveat.of)


def _with_rounded_rows(source: SourceFile) -> SourceFile:
    """Rows rounded so that read is still accepted and rejected together; no hash of the extract.

    Whoever guessed the extract could confirm it by its hash.
    """
    accepted, rejected = _rounded(source.accepted), _rounded(source.rejected)
    return replace(
        source,
        sha256="",
        read=accepted + rejected,
        accepted=accepted,
        rejected=rejected,
        unlocated=min(_rounded(source.unlocated), accepted),
        facts={},
    )


def _rounded(rows: int) -> int:
    return (rows + ROWS_BASE // 2) // ROWS_BASE * ROWS_BASE


def _methods(stage: str, entry: dict[str, Any]) -> dict[str, Any]:
    known = METHODS.get(stage, set())
    return {name: value for name, value in entry.items() if name in known and _is_plain(value)}


def _is_plain(value: Any) -> bool:
    """A word or a parameter, a list of them, or lists of words by name; never numbers by name."""
    if isinstance(value, dict):
        return all(_is_words(item) for item in value.values())
    return not isinstance(value, list) or not any(isinstance(x, (dict, list)) for x in value)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
