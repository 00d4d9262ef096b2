"""One incident twice: told to two agencies, in two files, in a month that came twice."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.arguments import has_record
from hotspots.core.crs import coordinates
from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.months import month_of, month_runs, month_words
from hotspots.core.record import RunRecord
from hotspots.core.tables import INCIDENTS, THEME, require_table, themes_in

if TYPE_CHECKING:
    from hotspots.io.incidents.field_map import FieldMap
    from hotspots.io.incidents.parse_file import Part

MOST_PAIRS = 20_000_000
WITHIN_M, WITHIN_S = 50.0, 2 * 3_600
LEAST_SCORE = 0.5
FEWEST_ALIKE, MOSTLY_ALIKE = 3, 0.9


def flag_twins(
    incidents: gpd.GeoDataFrame,
    *,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Flag incidents that two agencies may both have recorded.

    Two incidents of different sources can be twins when they are at most 50 m and their times at
    most two hours apart; where themes are tagged, they must share one. The score is ``(1 -
    distance / 50 m) * (1 - gap / 2 h) * min(1, 2 h / width)``: 1 for the same place and time, less
    with distance, with the gap between the times, and with vague times. From 0.5 on it is flagged.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    record : RunRecord, optional
        Takes how many were compared, and flagged.

    Returns
    -------
    GeoDataFrame
        A copy with ``twin_of`` (id of the best match at another agency, missing without one) and
        ``twin_score`` (missing without one). Every row stays.

    Raises
    ------
    InputError
        For a table without the columns of incidents, or too many pairs to compare.

    Notes
    -----
    Incidents known only by month, or without a place, are not compared. Misleads where many things
    happen at one spot on one night: a busy street has neighbours in time that are no twins.

    Examples
    --------
    >>> from hotspots.io.incidents.load import load_incidents
    >>> from hotspots.core.data import bundled
    >>> july = load_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> int(flag_twins(july)["twin_of"].notna().sum())
    0
    """
    require_table(incidents, INCIDENTS, argument="incidents", also=["source"])
    flagged = incidents.copy()
    usable = np.flatnonzero(
        incidents.geometry.notna()
        & ~incidents.geometry.is_empty
        & incidents["occurred_from"].notna()
        & (incidents["time_precision"] != "month")
    )
    one, two, distance = _pairs(incidents, usable)
    score = (1 - distance / WITHIN_M) * _time_score(incidents, one, two)
    kept = (score >= LEAST_SCORE) & _share_a_theme(incidents, one, two)
    best, partner = _best(one[kept], two[kept], score[kept], incidents.index)
    scores, twins = np.full(len(incidents), np.nan), np.full(len(incidents), None, dtype=object)
    scores[best] = partner["score"]
    twins[best] = incidents.index.to_numpy(dtype=object)[partner["row"]]
    flagged["twin_of"], flagged["twin_score"] = pd.Series(twins, index=flagged.index), scores
    if has_record(record):
        record.choose("flag_twins", compared=len(usable), flagged=len(best))
    return flagged


def _pairs(
    incidents: gpd.GeoDataFrame, usable: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Rows of different agencies within the radius, and how far apart they are."""
    from scipy.spatial import cKDTree

    x, y = coordinates(incidents.geometry.iloc[usable])
    places = np.column_stack([x, y])
    if len(places) == 0:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing, np.empty(0)
    tree = cKDTree(places)
    # Each pair is counted from both ends.
    if tree.count_neighbors(tree, WITHIN_M) > 2 * MOST_PAIRS:
        raise InputError(
            f"more than {MOST_PAIRS:,} pairs lie within {WITHIN_M:g} m of each other. Choose a "
            "shorter period."
        )
    near = tree.query_pairs(WITHIN_M, output_type="ndarray")
    codes, _ = pd.factorize(incidents["source"].iloc[usable])
    near = near[codes[near[:, 0]] != codes[near[:, 1]]]
    distance = np.hypot(*(places[near[:, 0]] - places[near[:, 1]]).T)
    return usable[near[:, 0]], usable[near[:, 1]], distance


def _time_score(
    incidents: gpd.GeoDataFrame, one: NDArray[np.intp], two: NDArray[np.intp]
) -> NDArray[np.float64]:
    """1 for precise times that meet, 0 for times farther apart than allowed."""
    start, end = (_seconds(incidents[name]) for name in ("occurred_from", "occurred_until"))
    gap = np.maximum(start[one], start[two]) - np.minimum(end[one], end[two])
    width = np.maximum(end[one] - start[one], end[two] - start[two])
    near = np.clip(1 - np.maximum(gap, 0) / WITHIN_S, 0, None)
    return np.asarray(near * np.minimum(1, WITHIN_S / np.maximum(width, 1)))


def _seconds(times: pd.Series) -> NDArray[np.float64]:
    since = times - pd.Timestamp(0, tz="UTC")
    return np.asarray(since.dt.total_seconds(), dtype=float)


def _share_a_theme(
    incidents: gpd.GeoDataFrame, one: NDArray[np.intp], two: NDArray[np.intp]
) -> NDArray[np.bool_]:
    themes = themes_in(incidents.columns)
    shared = np.full(len(one), not themes)
    for name in themes:
        flags = incidents[f"{THEME}{name}"].fillna(False).to_numpy(dtype=bool)
        shared |= flags[one] & flags[two]
    return shared


def _best(
    one: NDArray[np.intp], two: NDArray[np.intp], score: NDArray[np.float64], ids: pd.Index
) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """For every row its best partner; among equals the one whose id comes first."""
    both = pd.DataFrame(
        {
            "row": np.concatenate([two, one]),
            "of": np.concatenate([one, two]),
            "score": np.concatenate([score, score]),
        }
    )
    both["id"] = ids.astype(str).to_numpy(dtype=object)[both["row"]] if len(both) else ""
    ranked = both.sort_values(["of", "score", "id"], ascending=[True, False, True])
    best = ranked.drop_duplicates("of")
    return best["of"].to_numpy(dtype=np.intp), best


def tell_overlaps(parts: list[Part], findings: Findings) -> None:
    """Rows whose reference came before, by file; a force and month that came twice is an error."""
    _refuse_months_twice(parts, findings)
    _tell_rows_alike(parts, findings)
    named = [part for part in parts if "reference" in part.frame.columns and len(part.frame)]
    if not named or (len(named) == 1 and not named[0].facts.get("repeated_references")):
        return
    sizes = [len(part.frame) for part in named]
    of_part = np.repeat(np.arange(len(named)), sizes)
    again, first = _came_before(pd.concat([part.frame["reference"] for part in named]), of_part)
    ends = np.cumsum(sizes)
    for number, (part, end, size) in enumerate(zip(named, ends, sizes, strict=True)):
        mine = again[end - size : end]
        homes = set(first[end - size : end][mine].tolist())
        kept = [named[one].fields.one_incident_is == "row" for one in homes | {number}]
        if mine.any() and any(kept):  # else `once` says how many are further rows of one incident
            others = sorted(homes - {number})
            _tell(part, mine, [named[other].source.label for other in others], findings)


def _came_before(
    references: pd.Series, of_part: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which rows have a reference that came before, and the part in which it came first."""
    codes, _ = pd.factorize(references)
    known = np.flatnonzero(codes >= 0)
    _, at = np.unique(codes[known], return_index=True)
    again = codes >= 0
    again[known[at]] = False
    home = np.append(of_part[known[at]], -1)
    return again, home[codes]


def once(table: gpd.GeoDataFrame, parts: list[Part], findings: Findings) -> gpd.GeoDataFrame:
    """The table with one row an incident, where its source says that a reference is one."""
    by_reference = [
        part.source.name for part in parts if part.fields.one_incident_is == "reference"
    ]
    if not by_reference or "reference" not in table.columns:
        return table
    asked = table["source"].isin(by_reference) & table["reference"].notna()
    further = asked & table["reference"].where(asked).duplicated()
    if further.any():
        rows = int(further.sum())
        findings.warn(
            "same-incident",
            f"rows that are further rows of an incident with the same reference: {rows:,}. The "
            f"first of each is kept, as the field map says; {int((~further).sum()):,} incidents.",
            rows=rows,
            file=str(table["source"][further].iloc[0]),
        )
    return table[~further]


def require_rows_are_incidents(fields: FieldMap | None) -> None:
    """Refuse blocks of a file whose rows can be further rows of an incident in another block."""
    require(
        fields is None or fields.one_incident_is == "row",
        "incidents that have several rows cannot be counted block by block; the field map says "
        '`one_incident_is="reference"`.',
        rule="blocks-of-references",
        mend="Leave further rows of a reference out of the files, or use `load_incidents`.",
    )


def _refuse_months_twice(parts: list[Part], findings: Findings) -> None:
    """The same force and month in two files, as in two downloads, would count everything twice."""
    held: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        twice: dict[str, list[tuple[str, str]]] = {}
        for key in product(part.facts.get("police_forces", ()), part.facts.get("months", ())):
            for other in held.setdefault(key, []):
                twice.setdefault(other.source.label, []).append(key)
            held[key].append(part)
        for label, keys in twice.items():
            before = next(one for one in held[keys[0]] if one.source.label == label)
            if _alike(before.frame, part.frame):
                findings.error(
                    "month-twice",
                    f"every month of a force was expected once; {listing({f for f, _ in keys})} in "
                    f"{month_runs({month for _, month in keys}, month_words)} is in {label} too.",
                    file=part.source.label,
                    mend="Leave out the older of the two files.",
                )


def _tell_rows_alike(parts: list[Part], findings: Findings) -> None:
    """Files without references of which nearly all rows of the time of both are in both."""
    without = {id(part) for part in parts if not _has_references(part)}
    pairs = [
        (before, part)
        for before, part in combinations(parts if without else [], 2)
        if not without.isdisjoint((id(before), id(part)))
        and before.facts.get("months", {}).keys() & part.facts.get("months", {}).keys()
    ]
    held = {id(part): _rows_in_time(part) for pair in pairs for part in pair}
    for before, part in pairs:
        both = [held[id(before)], held[id(part)]]
        if not all(map(len, both)):
            continue
        first, last = max(one.index[0] for one in both), min(one.index[-1] for one in both)
        theirs, mine = (one.loc[first:last].value_counts() for one in both)
        alike = int(np.minimum(*mine.align(theirs, join="inner")).sum())
        if alike >= max(FEWEST_ALIKE, MOSTLY_ALIKE * min(mine.sum(), theirs.sum())):
            findings.warn(
                "rows-alike",
                f"{alike:,} of its {len(part.frame):,} rows are like rows of "
                f"{before.source.label!r} in place, time and offence; all rows are kept.",
                rows=alike,
                file=part.source.label,
                mend="Look whether the same incidents were loaded twice.",
            )


def _has_references(part: Part) -> bool:
    return "reference" in part.frame.columns and bool(part.frame["reference"].notna().any())


def _rows_in_time(part: Part) -> pd.Series:
    """A number for what each located row says, equal where it says the same, by its start."""
    located = part.places.codes >= 0
    codes = part.places.codes[located]
    said = part.frame.loc[located, ["offence", "occurred_from", "occurred_until"]]
    said = said.astype({"offence": str}).assign(x=part.places.x[codes], y=part.places.y[codes])
    rows = pd.util.hash_pandas_object(said, index=False)
    return rows.set_axis(pd.DatetimeIndex(said["occurred_from"])).sort_index()


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables share a reference, or one has none by which they could differ."""
    known = [table["reference"].dropna() for table in (one, other) if "reference" in table.columns]
    if len(known) < 2 or not all(map(len, known)):
        return True
    return bool(known[0].isin(known[1]).any())


def _tell(part: Part, again: NDArray[np.bool_], before: list[str], findings: Findings) -> None:
    rows, row = int(again.sum()), int(np.flatnonzero(again)[0])
    where = f" that are in {listing(before, most=3)} too" if before else " that came before"
    findings.warn(
        "reference-repeated",
        f"{rows:,} of its {len(again):,} rows{_whole_months(part, again)} have references{where}; "
        "all rows are kept.",
        rows=rows,
        file=part.source.name,
        line=int(part.frame["source_row"].iloc[row]),
        mend="Look whether the same incidents were loaded twice."
        if before
        else 'Say `one_incident_is="reference"` in the field map if a reference is one incident.',
    )


def _whole_months(part: Part, again: NDArray[np.bool_]) -> str:
    """The months of which every row came before, in brackets."""
    months = month_of(part.frame["occurred_from"]).reset_index(drop=True)
    whole = pd.Series(again).groupby(months).all()
    names = [str(month) for month in whole.index[whole]]
    return f" (all of {month_runs(names, month_words)})" if names else ""
