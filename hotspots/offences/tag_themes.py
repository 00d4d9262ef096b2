"""Which incidents belong to which theme, and which are sensitive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hotspots.core.errors import listing, require
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.offences.baskets import domestic_rows
from hotspots.offences.codes import Offence, OffenceSet, distinct_offences, raise_unknown
from hotspots.offences.theme_status import tell_record
from hotspots.offences.themes import Theme, Themes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord


def tag_themes(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    *,
    unknown: Literal["error", "untagged"] = "error",
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
    record : RunRecord, optional
        Gets each theme's status and the caveats products must carry. Where several sources are
        tagged into one record, their notes and caveats name their source as soon as they differ.

    Returns
    -------
    GeoDataFrame
        A copy with ``theme_<name>`` for every theme (boolean; all False where the theme is absent)
        and, where the scheme can tell, ``sensitive`` (boolean; domestic abuse, sexual offences,
        modern slavery, child exploitation, sex work, rough sleeping). Same index and order.

    Notes
    -----
    It misleads when the state is forgotten: a column of False means "no such incident" only for a
    measured theme. An incident can be in two themes, so themes do not add up to a total.

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
    require(
        unknown in ("error", "untagged"),
        f'`unknown` must be "error" or "untagged"; got {unknown!r}.',
    )
    distinct, which = distinct_offences(incidents)
    known = _known(distinct, which, themes, unknown)
    tagged, undecided = incidents.copy(), {}
    for theme in themes:
        inside, coarse = _members(theme.offence_set(themes.offence_scheme), distinct, known)
        possible = _where_possible(theme, incidents)
        tagged[f"theme_{theme.name}"] = inside[which] & possible
        undecided[theme.name] = int((coarse[which] & possible).sum())
    if themes.sensitive.can_tell:
        tagged["sensitive"] = _sensitive_rows(incidents, themes, distinct, known, which)
    if record is not None:
        tell_record(record, themes, tagged, undecided, untagged=int((~known)[which].sum()))
    return tagged


def _known(
    distinct: list[Offence], which: NDArray[np.intp], themes: Themes, unknown: str
) -> NDArray[np.bool_]:
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
            mend="Correct the spelling or the field map, list them in a theme file, or pass "
            'unknown="untagged" to leave them out of every theme, counted.',
            rule="unknown-offence",
        )
    return known


def _members(
    chosen: OffenceSet, distinct: list[Offence], known: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which distinct offences belong, and which are too coarse to tell."""
    answers = [
        chosen.holds(offence.code) if is_known and offence.code is not None else False
        for offence, is_known in zip(distinct, known.tolist(), strict=True)
    ]
    inside = np.array([answer is True for answer in answers], dtype=bool)
    return inside, np.array([answer is None for answer in answers], dtype=bool)


def _where_possible(theme: Theme, incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows that can be in a theme: not the domestic ones where it leaves those out."""
    if not theme.not_domestic:
        return np.ones(len(incidents), dtype=bool)
    if "domestic" not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    return ~domestic_rows(incidents)


def _sensitive_rows(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    distinct: list[Offence],
    known: NDArray[np.bool_],
    which: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """By offence (in doubt, yes), by the domestic flag, and as the source may have said already."""
    rule = themes.sensitive
    codes = [code for group in rule.offences.values() for code in group]
    inside, coarse = _members(OffenceSet.of(themes.offence_scheme, codes), distinct, known)
    rows = (inside | coarse)[which]
    if rule.domestic_flag and "domestic" in incidents.columns:
        rows = rows | domestic_rows(incidents)
    if "sensitive" in incidents.columns:
        rows = rows | np.asarray(incidents["sensitive"].eq(True).fillna(False), dtype=bool)
    return rows
