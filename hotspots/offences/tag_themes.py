"""Which incidents belong to which theme, and which are sensitive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import Finding, listing, require
from hotspots.core.record import RunRecord, SourceSays, ThemeState, ThemeStatus
from hotspots.core.tables import INCIDENTS, NOTE, STATE, THEME, require_table, without_themes
from hotspots.core.text.mends import Mend
from hotspots.offences.baskets import NO_FLAG, domestic_rows
from hotspots.offences.codes import Offence, OffenceSet, distinct_offences, raise_unknown
from hotspots.offences.themes import DOMESTIC, Theme, Themes

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord
    from hotspots.offences.themes import Theme, Themes


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
        A copy with three columns for every theme: ``theme_<name>`` (boolean; missing where the
        theme is absent), ``theme_<name>_is`` (measured, proxy or absent) and ``theme_<name>_note``
        (why). Where the scheme can tell, ``sensitive`` (boolean; domestic abuse, sexual offences,
        modern slavery, child exploitation, sex work, rough sleeping). Same index and order. What
        was tagged before is replaced.

    Raises
    ------
    InputError
        For incidents of another offence scheme than the themes'.
    DataError
        For offences nobody knows, each with its count, unless they may stay untagged.

    Notes
    -----
    A theme is absent, too, where not one incident of it came in and its definition says that this
    means an incomplete extract. It misleads when the state is forgotten: "no such incident" is
    known of a measured theme only. An incident can be in two themes, so themes do not add up.

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
    incidents = without_themes(incidents)
    distinct, which = distinct_offences(incidents)
    known = _known(distinct, which, themes, unknown)
    tagged, undecided = incidents.copy(), {}
    for theme in themes:
        inside, coarse = _members(theme.offence_set(themes.offence_scheme), distinct, known)
        possible = _where_possible(theme, incidents)
        tagged[f"theme_{theme.name}"] = inside[which] & possible
        undecided[theme.name] = int((coarse[which] & possible).sum())
    found = {theme.name: _found(theme, tagged, _rejected(tagged, record)) for theme in themes}
    for status in found.values():
        _say_state(tagged, status)
    if themes.sensitive.can_tell:
        kinds = _sensitive_rows(incidents, themes, distinct, known, which)
        tagged["sensitive"] = _any_of(incidents, kinds)
        if record is not None:
            _tell_sensitive(record, kinds)
    if record is not None:
        record.theme_parts[:] = sorted({*record.theme_parts, *_parts(tagged, themes)})
        untagged = int((~known)[which].sum())
        tell_record(record, themes, tagged, undecided, found, untagged=untagged)
    return tagged


def _parts(tagged: gpd.GeoDataFrame, themes: Themes) -> set[tuple[str, ...]]:
    """Themes that incidents are in together, each combination once."""
    names = sorted(theme.name for theme in themes)
    inside = tagged[[f"theme_{name}" for name in names]].eq(True).fillna(False).drop_duplicates()
    rows = inside.to_numpy(dtype=bool)
    return {tuple(np.array(names)[row].tolist()) for row in rows if row.any()}


def untagged_rows(incidents: gpd.GeoDataFrame, themes: Themes) -> int:
    """How many rows have an offence that the themes do not know."""
    distinct, which = distinct_offences(incidents)
    known = np.array([themes.knows(offence) for offence in distinct], dtype=bool)
    return int((~known)[which].sum())


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
            mend=Mend("leave-untagged"),
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


def _any_of(
    incidents: gpd.GeoDataFrame, kinds: Mapping[str, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """By offence (in doubt, yes), by the domestic flag, and as the source may have said already."""
    rows = np.zeros(len(incidents), dtype=bool)
    for some in kinds.values():
        rows |= some
    if "sensitive" in incidents.columns:
        rows |= np.asarray(incidents["sensitive"].eq(True).fillna(False), dtype=bool)
    return rows


def _sensitive_rows(
    incidents: gpd.GeoDataFrame,
    themes: Themes,
    distinct: list[Offence],
    known: NDArray[np.bool_],
    which: NDArray[np.intp],
) -> dict[str, NDArray[np.bool_]]:
    """The rows that each kind leaves out, but for the kinds that were admitted."""
    found = {}
    for kind, codes in themes.sensitive.offences.items():
        inside, coarse = _members(OffenceSet.of(themes.offence_scheme, codes), distinct, known)
        found[kind] = (inside | coarse)[which]
    if themes.sensitive.domestic_flag and "domestic" in incidents.columns:
        found[DOMESTIC] = domestic_rows(incidents)
    return {kind: rows for kind, rows in found.items() if kind not in themes.admitted}


def _tell_sensitive(record: RunRecord, kinds: Mapping[str, NDArray[np.bool_]]) -> None:
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


MOST_FILES = 3


def tell_record(
    record: RunRecord,
    themes: Themes,
    tagged: gpd.GeoDataFrame,
    undecided: Mapping[str, int],
    found: Mapping[str, ThemeStatus],
    *,
    untagged: int,
) -> None:
    """Write down what a source says about its themes, beside what other sources said."""
    said = SourceSays(
        found,
        tuple(dict.fromkeys(_caveats(themes, tagged, undecided, found, untagged))),
        themes.offence_scheme,
    )
    _replace_caveats(record, _name(themes, tagged, record), said)
    names = dict.fromkeys(name for one in record.said.values() for name in one.themes)
    record.themes = {
        name: _together(
            {source: one.themes[name] for source, one in record.said.items() if name in one.themes}
        )
        for name in names
    }
    record.choose(
        "tag_themes",
        offence_scheme=themes.offence_scheme,
        themes={theme.name: list(theme.offences) for theme in themes},
        **({"admitted": dict(themes.admitted)} if themes.admitted else {}),
    )


def keep_themes(record: RunRecord, names: Iterable[str]) -> None:
    """Say of these themes what was said, and no more of the others that were tagged."""
    wanted, before = set(names), _told(record.said)
    for source, one in record.said.items():
        others = {status.label for name, status in one.themes.items() if name not in wanted}
        kept = tuple(
            (theme, caveat)
            for theme, caveat in one.caveats
            if (not theme or theme in wanted) and caveat.values.get("theme") not in others
        )
        themes = {name: status for name, status in one.themes.items() if name in wanted}
        record.said[source] = replace(one, themes=themes, caveats=kept)
    gone = set(before) - set(_told(record.said))
    record.caveats[:] = [caveat for caveat in record.caveats if caveat not in gone]
    record.themes = {name: one for name, one in record.themes.items() if name in wanted}


def _name(themes: Themes, tagged: gpd.GeoDataFrame, record: RunRecord) -> str:
    """The files of a source, with the scheme where they hold two; without them, its themes."""
    files = [str(name) for name in tagged["source"].unique()] if "source" in tagged else []
    if not files:
        return themes.title or themes.offence_scheme
    more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
    name = ", ".join(files[:MOST_FILES]) + more
    same = record.said.get(name)
    return (
        name
        if same is None or same.scheme == themes.offence_scheme
        else (f"{name} ({themes.offence_scheme})")
    )


def _found(theme: Theme, tagged: gpd.GeoDataFrame, rejected: int) -> ThemeStatus:
    """The status of a theme once the data are seen; rejected rows could have been of it."""
    if theme.not_domestic and "domestic" not in tagged.columns:
        return ThemeStatus(theme.name, theme.label, "absent", NO_FLAG)
    if theme.note_if_none and not tagged[f"theme_{theme.name}"].any():
        note = theme.note_if_none
        if rejected:
            note = f"none was read, but {rejected:,} rejected row(s) may be such; this is not zero"
        return ThemeStatus(theme.name, theme.label, "absent", note)
    return theme.status


def _rejected(tagged: gpd.GeoDataFrame, record: RunRecord | None) -> int:
    """Rows of the same files that were rejected."""
    if record is None or "source" not in tagged.columns:
        return 0
    files = set(tagged["source"].unique())
    return sum(one.rejected for one in record.sources if one.name in files)


def _say_state(tagged: gpd.GeoDataFrame, status: ThemeStatus) -> None:
    """Beside each theme what its source can say; what it cannot carry is missing, not false."""
    column = f"{THEME}{status.name}"
    if status.state == "absent":
        tagged[column] = pd.array([pd.NA] * len(tagged), dtype="boolean")
    alike = np.zeros(len(tagged), dtype=np.int8)
    for end, word in ((STATE, status.state), (NOTE, status.note)):
        tagged[column + end] = pd.Categorical.from_codes(alike, categories=pd.Index([word]))


def _caveats(
    themes: Themes,
    tagged: gpd.GeoDataFrame,
    undecided: Mapping[str, int],
    found: Mapping[str, ThemeStatus],
    untagged: int,
) -> Iterable[tuple[str, Caveat]]:
    """Caveats of a source, each with the theme it is about, or nothing where about all."""
    for theme in themes:
        status = found[theme.name]
        if status != theme.status:
            label = f"{theme.label[:1].upper()}{theme.label[1:]}"
            yield theme.name, Caveat("theme-absent", {"theme": label, "note": status.note})
        elif theme.caveat:
            yield theme.name, Caveat("definition", {"text": theme.caveat})
        if undecided[theme.name]:
            counted = {"incidents": undecided[theme.name], "theme": theme.label}
            yield "", Caveat("too-coarse", counted, counts_incidents=True)
    for caveat in _caveats_of_flags(themes, tagged):
        yield "", caveat
    if untagged:
        yield "", Caveat("unknown-offence", {"incidents": untagged}, counts_incidents=True)


def _caveats_of_flags(themes: Themes, tagged: gpd.GeoDataFrame) -> Iterable[Caveat]:
    """What can, and what cannot, be left out as sensitive."""
    rule = themes.sensitive
    if rule.caveat:
        yield Caveat("definition", {"text": rule.caveat})
    for kind, reason in themes.admitted.items():
        yield Caveat("sensitive-included", {"kind": kind, "reason": reason})
    if not rule.domestic_flag:
        return
    if "domestic" not in tagged.columns:
        if rule.caveat_without_flag:
            yield Caveat("definition", {"text": rule.caveat_without_flag})
    elif tagged["domestic"].isna().any():
        counted = {"incidents": int(tagged["domestic"].isna().sum())}
        yield Caveat("no-domestic-flag", counted, counts_incidents=True)


def _replace_caveats(record: RunRecord, source: str, said: SourceSays) -> None:
    """Put the caveats of one more source among those of the others, where these stand."""
    before = _told(record.said)
    record.said[source] = said
    place = min((record.caveats.index(c) for c in before if c in record.caveats), default=None)
    kept = [caveat for caveat in record.caveats if caveat not in before]
    told = [caveat for caveat in _told(record.said) if caveat not in kept]
    place = len(kept) if place is None else place
    record.caveats[:] = [*kept[:place], *told, *kept[place:]]


def _told(said: Mapping[str, SourceSays]) -> list[Caveat]:
    """Every caveat once: bare where all sources share it that have its theme, else named."""
    sources: dict[tuple[str, Caveat], list[str]] = {}
    for source, one in said.items():
        for entry in one.caveats:
            sources.setdefault(entry, []).append(source)
    told: list[Caveat] = []
    for (theme, caveat), names in sources.items():
        asked = [source for source, one in said.items() if not theme or theme in one.themes]
        shared = len(names) == len(asked)
        told.append(caveat if shared else replace(caveat, of=_words(names)))
    return told


def _together(found: Mapping[str, ThemeStatus]) -> ThemeStatus:
    """The status of a theme over its sources: no better than the weakest that has it."""
    having = {source: status for source, status in found.items() if status.state != "absent"}
    weakest = max((having or found).values(), key=lambda one: get_args(ThemeState).index(one.state))
    note = _notes(having or found)
    if having and len(having) < len(found):
        lacking = {source: status for source, status in found.items() if source not in having}
        note = f"{note} Not in every source: {_notes(lacking, name=True)}".strip()
    return ThemeStatus(weakest.name, weakest.label, weakest.state, note)


def _notes(found: Mapping[str, ThemeStatus], *, name: bool = False) -> str:
    """Every note once, with its sources where notes differ."""
    sources: dict[str, list[str]] = {}
    for source, status in found.items():
        sources.setdefault(status.note, []).append(source)
    if len(sources) == 1 and not name:
        return next(iter(sources))
    parts = [f"{_words(names)}: {note or 'nothing is noted'}" for note, names in sources.items()]
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def _words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
