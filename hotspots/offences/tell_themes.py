"""What sources can say of each theme, for a record and in a table: states and caveats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.record import Entry, SourceSays, ThemeState, ThemeStatus
from hotspots.core.tables import (
    BESIDE_THEME,
    INCIDENTS,
    LABEL,
    NOTE,
    STATE,
    THEME,
    require_table,
    says_something,
    themes_in,
)
from hotspots.core.tally import together
from hotspots.offences.themes import theme_in_words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.offences.themes import Theme, Themes

MOST_FILES = 3
ABSENT = "theme-absent"
FEW = "fewer than {fewest} incidents of it came in, or none; the extract may not carry it"
NOT_SAID = "not said"
SAID = ("label", "state", "note")


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
        _name(themes, tagged, record),
        found,
        tuple(dict.fromkeys(_caveats(themes, tagged, undecided, found, untagged))),
        themes.offence_scheme,
    )
    _say(record, [said])
    record.choose(
        "tag_themes",
        offence_scheme=themes.offence_scheme,
        themes={theme.name: list(theme.offences) for theme in themes},
        **({"admitted": dict(themes.admitted)} if themes.admitted else {}),
    )


def themes_without_counts(record: RunRecord, fewest: int) -> dict[str, ThemeStatus]:
    """The themes without a word of sources of which not one incident came in: that is a count.

    Where none came in from any, fewer than so many may have: :func:`hide_few` makes both alike.
    """
    found = dict(record.themes)
    for name in found:
        said = {one.source: one for one in _said(record) if name in one.themes}
        none = {source for source, one in said.items() if _came_in_none(one, name)}
        having = {source: one.themes[name] for source, one in said.items() if source not in none}
        if none and all(status.state == "absent" for status in having.values()):
            found[name] = replace(found[name], note=FEW.format(fewest=fewest))
        elif having:
            found[name] = _together(having)
    return found


def _came_in_none(said: SourceSays, name: str) -> bool:
    return any(theme == name and caveat.rule == ABSENT for theme, caveat in said.caveats)


def hide_few(incidents: gpd.GeoDataFrame, record: RunRecord, fewest: int) -> gpd.GeoDataFrame:
    """Themes of which fewer came in than may be told are absent, as those are of which none did.

    The record says so of every source; in the table the theme is missing.
    """
    few = [
        name
        for name in carried_themes(incidents)
        if int(incidents[f"{THEME}{name}"].sum()) < fewest
    ]
    note, said = FEW.format(fewest=fewest), []
    for one in _said(record):
        told = {name: one.themes[name] for name in few if name in one.themes}
        absent = {name: replace(status, state="absent", note=note) for name, status in told.items()}
        kept = [entry for entry in one.caveats if entry[0] not in told]
        kept += [(name, _none_came_in(status.label, note)) for name, status in told.items()]
        said.append(replace(one, themes={**one.themes, **absent}, caveats=tuple(kept)))
    _say(record, said)
    hidden = incidents.assign() if few else incidents
    for name in few:
        _on_all(hidden, name, {STATE: "absent", NOTE: note})
    return hidden


def say_state(tagged: gpd.GeoDataFrame, status: ThemeStatus) -> None:
    """Beside each theme what its source can say; what it cannot carry is missing, not false."""
    columns = {STATE: status.state, NOTE: status.note, LABEL: status.label}
    _on_all(tagged, status.name, columns)


def _on_all(tagged: gpd.GeoDataFrame, theme: str, columns: Mapping[str, str]) -> None:
    """The same on every row."""
    column, rows = f"{THEME}{theme}", len(tagged)
    if columns[STATE] == "absent":
        nothing = np.zeros(rows, dtype=bool)
        tagged[column] = pd.arrays.BooleanArray(nothing, ~nothing)
    alike = np.zeros(rows, dtype=np.int8)
    for end, word in columns.items():
        tagged[column + end] = pd.Categorical.from_codes(alike, pd.Index([word]), validate=False)


def keep_themes(record: RunRecord, names: Iterable[str]) -> None:
    """Say of these themes what was said, and no more of the others that were tagged."""
    wanted, said = set(names), []
    for one in _said(record):
        others = {status.label for name, status in one.themes.items() if name not in wanted}
        kept = tuple(
            (theme, caveat)
            for theme, caveat in one.caveats
            if (not theme or theme in wanted) and caveat.values.get("theme") not in others
        )
        themes = {name: status for name, status in one.themes.items() if name in wanted}
        said.append(replace(one, themes=themes, caveats=kept))
    _say(record, said)


def _say(record: RunRecord, said: Iterable[SourceSays]) -> None:
    """Add what sources say, and what all say together, instead of what was told before."""
    record.said.extend(said)
    every = _said(record)
    record.tell(Entry("tag_themes", caveats=tuple(_told(every))))
    names = dict.fromkeys(name for one in every for name in one.themes)
    record.themes = {
        name: _together({one.source: one.themes[name] for one in every if name in one.themes})
        for name in names
    }


def _said(record: RunRecord) -> list[SourceSays]:
    """What each source said last."""
    return list({one.source: one for one in record.said}.values())


def _name(themes: Themes, tagged: gpd.GeoDataFrame, record: RunRecord) -> str:
    """The files of a source, with the scheme where they hold two; without them, its themes."""
    files = [str(name) for name in tagged["source"].unique()] if "source" in tagged else []
    if not files:
        return themes.title or themes.offence_scheme
    more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
    name = ", ".join(files[:MOST_FILES]) + more
    same = next((one for one in _said(record) if one.source == name), None)
    return (
        name
        if same is None or same.scheme == themes.offence_scheme
        else (f"{name} ({themes.offence_scheme})")
    )


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
            yield theme.name, _none_came_in(theme.label, status.note)
        elif theme.caveat:
            yield theme.name, Caveat("definition", {"text": theme.caveat})
        if undecided[theme.name]:
            counted = {"incidents": undecided[theme.name], "theme": theme.label}
            yield "", Caveat("too-coarse", counted, counts_incidents=True)
    for caveat in _caveats_of_flags(themes, tagged):
        yield "", caveat
    if untagged:
        yield "", Caveat("unknown-offence", {"incidents": untagged}, counts_incidents=True)


def _none_came_in(label: str, note: str) -> Caveat:
    told = {"theme": f"{label[:1].upper()}{label[1:]}", "note": note}
    return Caveat(ABSENT, told, counts_incidents=True)


def _caveats_of_flags(themes: Themes, tagged: gpd.GeoDataFrame) -> Iterable[Caveat]:
    """What can, and what cannot, be left out as sensitive."""
    rule = themes.sensitive
    if rule.caveat:
        yield Caveat("definition", {"text": rule.caveat})
    elif not rule.can_tell:
        yield Caveat("sensitive-unknown")
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


def _told(said: Iterable[SourceSays]) -> list[Caveat]:
    """Every caveat once: bare where all sources share it that have its theme, else named."""
    sources: dict[tuple[str, Caveat], list[str]] = {}
    for one in said:
        for entry in one.caveats:
            sources.setdefault(entry, []).append(one.source)
    told: list[Caveat] = []
    for (theme, caveat), names in sources.items():
        asked = [one for one in said if not theme or theme in one.themes]
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
    if len(names) > MOST_FILES + 1:
        names = [*names[:MOST_FILES], f"{len(names) - MOST_FILES} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def themes_of(incidents: gpd.GeoDataFrame) -> pd.DataFrame:
    """What each source says about each theme: measured, a proxy, or nothing at all.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, from :func:`tag_themes`.

    Returns
    -------
    DataFrame
        On (``source``, ``theme``): ``label`` (its words), ``state`` (measured, proxy, absent; "not
        said" of columns that somebody else made), ``note`` (why), ``incidents`` (of the theme;
        missing where absent) and ``rows`` (of the source).

    Raises
    ------
    InputError
        For a table without the columns of incidents.

    Notes
    -----
    The number of incidents counts rows, wherever and whenever they were; it misleads as a measure
    of how much there is, since sources cover different places and months.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> file = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    >>> incidents = hs.tag_themes(hs.load_incidents(file, record=record), hs.Themes.police_uk())
    >>> hs.themes_of(incidents).droplevel("source")[["state", "incidents"]]
                         state  incidents
    theme
    asb               measured       5442
    serious_violence     proxy      10358
    vehicle_nuisance    absent       <NA>
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["source"])
    said = [_of_one(incidents, theme) for theme in themes_in(incidents.columns)]
    if not said:
        said = [pd.DataFrame(columns=["source", "theme", *SAID, "incidents", "rows"])]
    table = pd.concat(said).set_index(["source", "theme"])
    return table.sort_index(kind="stable").astype({"incidents": "Int64", "rows": "int64"})


def carried_themes(incidents: pd.DataFrame) -> list[str]:
    """The themes that any source of a table can carry, in the order they were tagged in."""
    named = themes_in(incidents.columns)
    return [name for name in named if says_something(incidents, f"{THEME}{name}")]


def themes_said(
    incidents: pd.DataFrame, definitions: Iterable[Themes] = (), *, fewest: int | None = None
) -> dict[str, ThemeStatus]:
    """What the incidents, or the kinds of a tally, say of each theme.

    For readers who are told no number below ``fewest``, that not one came in from a source is left
    out, or said as if fewer than so many had; the definitions tell which could have come in.
    """
    known = {(one.offence_scheme, theme.name): theme for one in definitions for theme in one}
    found = {}
    for name in themes_in(incidents.columns):
        said = _by_source(incidents, name, known)
        told = {source: status for source, (status, none) in said.items() if not (fewest and none)}
        if len(told) < len(said) and all(one.state == "absent" for one in told.values()):
            status = _together({source: one for source, (one, _) in said.items()})
            found[name] = replace(status, note=FEW.format(fewest=fewest))
        else:
            found[name] = (
                _together(told) if told else ThemeStatus(name, theme_in_words(name), "absent")
            )
    return found


def theme_labels(incidents: pd.DataFrame) -> dict[str, str]:
    """What incidents, or the kinds of a tally, call their themes; those tagged without words lack.

    Examples
    --------
    >>> import pandas as pd
    >>> theme_labels(pd.DataFrame({"theme_asb": [True], "theme_asb_label": ["ASB"],
    ...                            "theme_noise": [True]}))
    {'asb': 'ASB'}
    """
    said = themes_said(incidents)
    return {name: one.label for name, one in said.items() if f"{THEME}{name}{LABEL}" in incidents}


def _by_source(
    incidents: pd.DataFrame, name: str, known: Mapping[tuple[str, str], Theme]
) -> dict[str, tuple[ThemeStatus, bool]]:
    """What each source says, in their order; and whether it is only that not one came in."""
    column = f"{THEME}{name}"
    beside = (column + end for end in BESIDE_THEME)
    keys = ["source", "offence_scheme", column, *beside]
    _, first = together(incidents, [key for key in keys if key in incidents.columns])
    found: dict[str, tuple[ThemeStatus, bool]] = {}
    each = incidents.iloc[np.sort(first)].filter(keys)
    if column + STATE in each:
        each = each[each[column + STATE].notna()]
    for row in each.to_dict("records"):
        theme = known.get((row.get("offence_scheme", ""), name))
        unsaid = "absent" if pd.isna(row[column]) else NOT_SAID
        state, note = _state(row.get(column + STATE, unsaid)), row.get(column + NOTE, "")
        label = row.get(column + LABEL)
        words = theme_in_words(name) if pd.isna(label) else label
        status = ThemeStatus(name, words, state, "" if pd.isna(note) else note)
        none = theme is not None and state == "absent" != theme.state
        found.setdefault(str(row.get("source", "")), (status, none))
    return found


def _state(said: str) -> ThemeState:
    return next((one for one in get_args(ThemeState) if one == said), "measured")


def _of_one(incidents: gpd.GeoDataFrame, theme: str) -> pd.DataFrame:
    """One row a source."""
    flags = incidents[f"{THEME}{theme}"].astype("boolean")
    said = pd.DataFrame({"source": incidents["source"].astype(object)})
    unsaid_of = (theme_in_words(theme), NOT_SAID, "")
    for name, end, unsaid in zip(SAID, (LABEL, STATE, NOTE), unsaid_of, strict=True):
        column = f"{THEME}{theme}{end}"
        known = incidents[column].astype(object) if column in incidents.columns else unsaid
        said[name] = known
        said[name] = said[name].where(pd.notna(said[name]), unsaid)
    said.loc[flags.isna() & (said["state"] == NOT_SAID), "state"] = "absent"
    keys = ["source", *SAID]
    counted = said.assign(incidents=flags, rows=1).groupby(keys, sort=True)
    table = counted.agg(incidents=("incidents", "sum"), rows=("rows", "sum")).reset_index()
    table["incidents"] = table["incidents"].astype("Int64").mask(table["state"] == "absent")
    return table.assign(theme=theme)
