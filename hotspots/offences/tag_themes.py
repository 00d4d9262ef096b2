"""Which incidents belong to which theme, which are sensitive, and which officers mostly find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hotspots.core.arguments import has_record, require_made, require_word
from hotspots.core.errors import Finding, InputError, listing, require
from hotspots.core.record import RunRecord, ThemeStatus
from hotspots.core.select import Selection
from hotspots.core.tables import INCIDENTS, THEME, require_table, without_themes
from hotspots.core.text.mends import Mend
from hotspots.offences.baskets import NO_FLAG, basket_members, basket_status, domestic_rows
from hotspots.offences.codes import Offence, OffenceSet, distinct_offences, raise_unknown
from hotspots.offences.tell_themes import say_state, tell_record
from hotspots.offences.themes import DOMESTIC, Theme, Themes

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Ints

BASKET = "victim_reported"


def tag_themes(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    *,
    unknown: Literal["error", "untagged"] = "error",
    rejected: int = 0,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Say of every incident which themes it belongs to.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, all rows of one offence scheme; ``domestic`` is used where it is there.
        Tag each source with its own themes, then put the tables together.
    themes : Themes
        The themes of that scheme.
    unknown : {"error", "untagged"}
        An offence the scheme does not know is an error that lists all of them; ``"untagged"`` puts
        such rows in no theme and says how many.
    rejected : int
        Rows of the same files that could not be used: the note of a theme of which none came in
        says then that they may be such. :func:`load_incidents` knows how many when it tags.
    record : RunRecord, optional
        Gets each theme's status and the caveats products must carry. Where several sources are
        tagged into one record, their notes and caveats name their source as soon as they differ.

    Returns
    -------
    GeoDataFrame
        A copy with four columns for every theme: ``theme_<name>`` (boolean; missing where the
        theme is absent), ``theme_<name>_is`` (measured, proxy or absent), ``theme_<name>_note``
        (why) and ``theme_<name>_label`` (its words). Where the scheme can tell, ``sensitive``
        (boolean; domestic abuse, sexual offences, modern slavery, child exploitation, sex work,
        rough sleeping). Same index and order. What was tagged before is replaced.

    Raises
    ------
    InputError
        For incidents of another offence scheme than the themes'.
    DataError
        For offences nobody knows, each with its count, unless they may stay untagged.

    Notes
    -----
    A theme is absent, too, where not one incident of it came in: whether the extract carries it is
    not known then. It misleads when the state is forgotten, or where a table was cut to a few rows
    before: tag first, then choose. An incident can be in two themes, so themes do not add up.

    References
    ----------
    Home Office Counting Rules for Recorded Crime,
    https://www.gov.uk/government/publications/counting-rules-for-recorded-crime

    Examples
    --------
    >>> import geopandas as gpd
    >>> rows = {"offence": ["Anti-social behaviour", "Robbery"], "offence_scheme": "police_uk"}
    >>> incidents = gpd.GeoDataFrame(rows, geometry=[None, None], crs="EPSG:27700")
    >>> tag_themes(incidents, Themes.police_uk())["theme_asb"].tolist()
    [True, False]
    """
    require_table(
        incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme", "geometry"]
    )
    require_made("themes", themes, Themes, "Themes.police_uk()")
    require_word("unknown", unknown, ("error", "untagged"))
    tagged = _tagged(incidents, themes, unknown, partial(_found, rejected=rejected))
    if has_record(record):
        if tagged.kinds:
            _tell_sensitive(record, tagged.kinds)
        tell_record(
            record, themes, tagged.rows, tagged.undecided, tagged.found, untagged=tagged.untagged
        )
    return tagged.rows


def tag_part(incidents: gpd.GeoDataFrame, themes: Themes) -> gpd.GeoDataFrame:
    """The same of a part of a table: that it holds not one incident of a theme means nothing."""
    return _tagged(incidents, themes, "untagged", _carried).rows


def undecided_rows(incidents: pd.DataFrame, theme: Theme, scheme: str, count: Ints) -> int:
    """How many incidents are too coarse to tell, of rows that stand for `count` each."""
    distinct, which = distinct_offences(incidents)
    known = np.array([offence.code is not None for offence in distinct], dtype=bool)
    _, coarse = _members(theme.offence_set(scheme), distinct, known)
    return int(count[coarse[which] & _where_possible(theme, incidents)].sum())


def untagged_rows(incidents: gpd.GeoDataFrame, themes: Themes) -> int:
    """How many rows have an offence that the themes do not know."""
    distinct, which = distinct_offences(incidents)
    known = np.array([themes.knows(offence) for offence in distinct], dtype=bool)
    return int((~known)[which].sum())


def without_found_by_officers(incidents: Selection) -> tuple[Selection, int]:
    """The incidents but those of offences mostly found by officers, and how many these are.

    Drugs, weapons and what stop and search brings: a place chosen for them is searched more, and
    chosen again for what is found. They are accounted for as out of the theme. Offence schemes that
    the basket ``victim_reported`` does not know lose nothing.

    Raises
    ------
    InputError
        Where nothing else is asked about.

    Examples
    --------
    >>> import hotspots as hs
    >>> july = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> kept, left_out = without_found_by_officers(hs.select(july))
    >>> kept.total + left_out == hs.select(july).total, left_out
    (True, 710)
    """
    tally = incidents.source.tally
    found = found_by_officers(tally.kinds)[tally.kind]
    left_out = int(incidents.counts[found].sum())
    if not left_out:
        return incidents, 0
    if left_out == incidents.total:
        raise InputError(
            f"all {left_out:,} incidents asked about are of offences mostly found by officers; "
            "chosen by them, places are searched more and chosen again for what is found.",
            rule="found-by-officers",
            mend="Ask about what the public reports, or say why: "
            '`include_found_by_officers="the reason"`.',
        )
    account = replace(
        incidents.account,
        out_of_theme=incidents.account.out_of_theme + left_out,
        used=incidents.account.used - left_out,
    )
    by_row = incidents.by_row
    kept = replace(
        incidents,
        account=account,
        counts=np.where(found, 0, incidents.counts),
        by_row=None if by_row is None else by_row & ~found[incidents.source.line],
    )
    return kept, left_out


def found_by_officers(kinds: pd.DataFrame) -> Bools:
    """Of each kind of incident, whether it is in the classes that police work mostly finds."""
    found = np.zeros(len(kinds), dtype=bool)
    for scheme in kinds["offence_scheme"].astype(str).unique():
        mine = kinds["offence_scheme"].astype(str).eq(scheme).to_numpy()
        if basket_status(BASKET, scheme).state != "absent":
            rows = kinds[mine].reset_index(drop=True)
            found[mine] = ~basket_members(rows, BASKET, undecided="in").to_numpy()
    return found


@dataclass(frozen=True)
class _Tagged:
    """Incidents with their themes, and what was seen on the way."""

    rows: gpd.GeoDataFrame
    undecided: dict[str, int]
    found: dict[str, ThemeStatus]
    kinds: dict[str, Bools]
    untagged: int


def _tagged(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    unknown: str,
    status: Callable[[Theme, gpd.GeoDataFrame, int], ThemeStatus],
) -> _Tagged:
    incidents = without_themes(incidents)
    distinct, which = distinct_offences(incidents)
    known = _known(distinct, which, themes, unknown)
    rows, undecided = incidents.assign(), {}
    for theme in themes:
        inside, coarse = _members(theme.offence_set(themes.offence_scheme), distinct, known)
        possible = _where_possible(theme, incidents)
        rows[f"{THEME}{theme.name}"] = inside[which] & possible
        undecided[theme.name] = int((coarse[which] & possible).sum())
    found = {theme.name: status(theme, rows, undecided[theme.name]) for theme in themes}
    for one in found.values():
        say_state(rows, one)
    kinds = {}
    if themes.sensitive.can_tell:
        kinds = _sensitive_rows(incidents, themes, distinct, known, which)
        rows["sensitive"] = _any_of(incidents, kinds)
    return _Tagged(rows, undecided, found, kinds, int((~known)[which].sum()))


def _known(distinct: list[Offence], which: Codes, themes: Themes, unknown: str) -> Bools:
    """Which distinct offences the themes know; the others are an error unless asked otherwise."""
    schemes = {offence.scheme for offence in distinct} - {themes.offence_scheme}
    require(
        not schemes,
        f"these themes are for the offence scheme {themes.offence_scheme!r}; `incidents` also has "
        f"{listing(schemes)}. Tag each source with its own themes, then put the tables together.",
    )
    known = np.array([themes.knows(offence) for offence in distinct], dtype=bool)
    counts = np.bincount(which, minlength=len(distinct)).tolist()
    if unknown == "error":
        raise_unknown(
            [(distinct[number], counts[number]) for number in np.flatnonzero(~known).tolist()],
            expected=f"known to the scheme {themes.offence_scheme!r}",
            mend=Mend("leave-untagged"),
            rule="unknown-offence",
        )
    return known


def _members(chosen: OffenceSet, distinct: list[Offence], known: Bools) -> tuple[Bools, Bools]:
    """Which distinct offences belong, and which are too coarse to tell."""
    answers = [
        chosen.holds(offence.code) if is_known and offence.code is not None else False
        for offence, is_known in zip(distinct, known.tolist(), strict=True)
    ]
    inside = np.array([answer is True for answer in answers], dtype=bool)
    return inside, np.array([answer is None for answer in answers], dtype=bool)


def _where_possible(theme: Theme, incidents: pd.DataFrame) -> Bools:
    """Rows that can be in a theme: not the domestic ones where it leaves those out."""
    if not theme.not_domestic:
        return np.ones(len(incidents), dtype=bool)
    if "domestic" not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    return ~domestic_rows(incidents)


def _any_of(incidents: gpd.GeoDataFrame, kinds: Mapping[str, Bools]) -> Bools:
    """By offence (in doubt, yes), by the domestic flag, and as the source may have said already."""
    rows = np.zeros(len(incidents), dtype=bool)
    for some in kinds.values():
        rows |= some
    if "sensitive" in incidents.columns:
        rows |= np.asarray(incidents["sensitive"].eq(True).fillna(False), dtype=bool)
    return rows


def _sensitive_rows(
    incidents: gpd.GeoDataFrame, themes: Themes, distinct: list[Offence], known: Bools, which: Codes
) -> dict[str, Bools]:
    """The rows that each kind leaves out, but for the kinds that were admitted."""
    found = {}
    for kind, codes in themes.sensitive.offences.items():
        inside, coarse = _members(OffenceSet.of(themes.offence_scheme, codes), distinct, known)
        found[kind] = (inside | coarse)[which]
    if themes.sensitive.domestic_flag and "domestic" in incidents.columns:
        found[DOMESTIC] = domestic_rows(incidents)
    return {kind: rows for kind, rows in found.items() if kind not in themes.admitted}


def _tell_sensitive(record: RunRecord, kinds: Mapping[str, Bools]) -> None:
    """How many rows are left out as sensitive, and what makes them so."""
    counted = {kind: int(rows.sum()) for kind, rows in kinds.items() if rows.any()}
    if counted:
        total = int(np.logical_or.reduce(list(kinds.values())).sum())
        named = ", ".join(f"{kind} {rows:,}" for kind, rows in counted.items())
        record.find(
            Finding(
                "sensitive-left-out",
                f"rows left out of areas and maps as sensitive: {total:,} ({named}).",
                "warning",
                mend=Mend("admit-sensitive", {"column": next(iter(counted))}),
                rows=total,
            )
        )


def _carried(theme: Theme, tagged: gpd.GeoDataFrame, _: int = 0) -> ThemeStatus:
    """What the data can say about a theme, whatever came in."""
    if theme.not_domestic and "domestic" not in tagged.columns:
        return ThemeStatus(theme.name, theme.label, "absent", NO_FLAG)
    return theme.status


def _found(theme: Theme, tagged: gpd.GeoDataFrame, undecided: int, *, rejected: int) -> ThemeStatus:
    """The same once all rows are seen: absent where not one came in; others could have been."""
    carried = _carried(theme, tagged)
    none = carried.state != "absent" and not tagged[f"{THEME}{theme.name}"].any()
    return theme.without_one(rejected=rejected, coarse=undecided) if none else carried
