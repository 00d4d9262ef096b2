"""What a notebook shows: first places of a ranking; a logbook, scale or result in short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.arguments import whole_of
from hotspots.core.plain import clipped
from hotspots.core.record import manifest_entry
from hotspots.core.tables import AREAS, READING_ORDER, require_table, says_something
from hotspots.report.text.decision_words import told_caveats
from hotspots.report.text.ratio_words import EVIDENCE, UNASKED, no_count_passes
from hotspots.report.text.words import capital, rank_label, theme_words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.offences.harm_scale import HarmScale
    from hotspots.offences.themes import Themes

AS_THEY_ARE = ("place_name", "ward_name", "incident_count", "harm")
HEADS = {
    "place_name": "place", "ward_name": "ward", "incident_count": "incidents",
    "rank_interval": "rank range",
}  # fmt: skip
BEYOND, BY_ITSELF = EVIDENCE["beyond-chance"], "beyond chance, by itself"
IN_SHORT = {BEYOND: "beyond chance", BY_ITSELF: "beyond chance", UNASKED: "not tested"}
WIDTH = 80

MOST = 10
COLUMNS = 12
TABLES = ("areas", "table", "limbs")
"""Attributes in which results keep their rows."""


def top(areas: gpd.GeoDataFrame, top: int = 10) -> pd.DataFrame:
    """Show the first places of a ranking: where, how many, how sure.

    Parameters
    ----------
    areas : GeoDataFrame
        Ranked areas of one theme, from :func:`rank_areas`.
    top : int
        Places shown.

    Returns
    -------
    DataFrame
        On ``area_id``, in order of rank: ``rank`` in words ("3=" where it is shared), then, as far
        as the areas have them, ``place_name``, ``ward_name``, ``incident_count``, ``harm`` (in the
        unit of the scale), ``rank_interval`` ("2 to 212") and ``evidence`` in words. Areas without
        a rank are not in it. Printed, it is cut to 80 columns and leaves out the ids.

    Raises
    ------
    InputError
        For areas that are not ranked, or fewer places than none.

    Notes
    -----
    A list ends somewhere: where the last rank is shared ("7="), others stand level and may not be
    on it. It misleads when the interval is not read: "3" with "2 to 212" is as good as 200 others.

    Examples
    --------
    >>> import geopandas as gpd, hotspots as hs
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"theme": "asb", "incident_count": [5, 9, 5],
    ...     "place_name": ["Mill Lane", "Market Square", "Quay"]}, index=list("abc"),
    ...     geometry=[box(0, 0, 1, 1)] * 3, crs=27700)
    >>> print(hs.top(hs.rank_areas(areas), 2))
    rank         place  incidents
       1 Market Square          9
      2=     Mill Lane          5
    """
    top = whole_of(top, "top", 0)
    require_table(areas, AREAS, argument="areas", only=["rank"])
    placed = pd.DataFrame(areas[areas["rank"].notna()]).rename_axis("area_id")
    first = placed.sort_values("rank", kind="stable").head(top)
    shown: dict[str, Any] = {"rank": [rank_label(rank, placed["rank"]) for rank in first["rank"]]}
    shown |= {name: first[name] for name in AS_THEY_ARE if says_something(placed, name)}
    if "rank_low" in first and "rank_high" in first:
        ends = zip(first["rank_low"], first["rank_high"], strict=True)
        shown["rank_interval"] = [_interval(*both) for both in ends]
    if "evidence" in first:
        shown["evidence"] = _evidence(first)
    return TopPlaces(shown, index=first.index)


class TopPlaces(pd.DataFrame):
    """A table whose printed form fits a screen of 80 columns; every method gives a plain one."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        plain = pd.DataFrame(self).rename(columns=HEADS)
        if "evidence" in plain:
            plain["evidence"] = plain["evidence"].replace(IN_SHORT)
        texts = [name for name in ("place", "ward") if name in plain]
        taken = len(plain.drop(columns=texts).to_string(index=False).split("\n", 1)[0])
        for left, name in zip(range(len(texts), 0, -1), texts, strict=True):
            room = max((WIDTH - taken) // left - 2, len(name))
            words = [clipped(text if isinstance(text, str) else "", room) for text in plain[name]]
            plain[name], taken = words, taken + max([len(name), *map(len, words)]) + 2
        return str(plain.to_string(index=False))


def _evidence(areas: pd.DataFrame) -> list[str]:
    """The words of page and workbook: more than chance by itself, or with its neighbours."""
    core = areas["is_core"].fillna(False) if "is_core" in areas else [False] * len(areas)
    words = [EVIDENCE.get(str(code), "") for code in areas["evidence"]]
    both = zip(words, core, no_count_passes(areas), strict=True)
    told = (
        BY_ITSELF if word == BEYOND and alone else UNASKED if none else word
        for word, alone, none in both
    )
    return list(told)


def _interval(low: Any, high: Any) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def html_of(thing: Any) -> str:
    """Show a thing as a piece of HTML; every text in it is escaped.

    Examples
    --------
    >>> from hotspots.core.record import RunRecord
    >>> "0 rows read" in html_of(RunRecord("Leeds", marking="OPEN DATA"))
    True
    """
    shows: dict[str, Callable[[Any], str]] = {
        "RunRecord": _record,
        "HarmScale": _scale,
        "Themes": _themes,
    }
    kinds = [kind.__name__ for kind in type(thing).__mro__]
    found = next((shows[name] for name in kinds if name in shows), _result)
    return found(thing)


def table_html(table: pd.DataFrame) -> str:
    """The first rows of a table, in reading order, and how many more there are.

    Examples
    --------
    >>> import pandas as pd
    >>> "2 more rows" in table_html(pd.DataFrame({"rank": range(MOST + 2)}))
    True
    """
    names = [str(name) for name in table.columns if name != "geometry"]
    known = [name for name in READING_ORDER if name in names]
    ordered = [*known, *(name for name in names if name not in known)][:COLUMNS]
    rows = pd.DataFrame(table)[ordered].head(MOST)
    html = rows.to_html(
        escape=True, na_rep="", justify="left", float_format=lambda value: f"{value:,.3g}"
    )
    more = len(table) - len(rows)
    return f"{html}{_said(f'{more:,} more rows') if more else ''}"


def _record(record: RunRecord) -> str:
    """Where every row went; rejected rows by their number alone, warnings without what came."""
    rows = f"{record.read:,} rows read, {record.accepted:,} accepted, {record.rejected:,} rejected"
    sources = [
        (one.name, one.read, one.accepted, one.rejected, one.unlocated) for one in record.sources
    ]
    accounts = [
        (theme_words(one.theme, record.themes), one.period, one.used, one.outside, one.unlocated,
         one.institutional, one.sensitive)
        for one in record.accounts
    ]  # fmt: skip
    told = told_caveats(record.caveats, record.themes)
    warned = [manifest_entry(one) for one in record.findings if one.severity == "warning"]
    return "".join(
        (
            _heading(record.title, f"{record.marking}, for {record.audience}"),
            _said(rows),
            _rows(
                ("theme", "period", "used", "outside", "without a place", "at institutions",
                 "sensitive"),
                dict.fromkeys(accounts),
            ),
            _folded("Files", _rows(
                ("file", "read", "accepted", "rejected", "without a place"), sources
            ), len(sources)),
            _folded("Choices", _list(
                f"{stage}: {', '.join(f'{name} = {value}' for name, value in one.items())}"
                for stage, entries in record.choices.items() for one in entries
            ), sum(map(len, record.choices.values()))),
            _folded("Warnings", _list(one["message"] for one in warned), len(warned)),
            _folded("What a reader must know", _list(told), len(told)),
            _folded("Sources to name", _list(record.attributions), len(record.attributions)),
        )
    )  # fmt: skip


def _scale(scale: HarmScale) -> str:
    heaviest = sorted(scale.weights, key=lambda one: -one.weight)[:MOST]
    rows = [(one.offence, f"{one.weight:,.4g}", f"{one.low:,.4g}", f"{one.high:,.4g}")
            for one in heaviest]  # fmt: skip
    more = len(scale.weights) - len(rows)
    unweighted = f"Without a weight: {', '.join(scale.unweighted)}." if scale.unweighted else ""
    return "".join(
        (
            _heading(scale.title or scale.name, f"edition {scale.edition}, in {scale.unit}"),
            _said(f"{len(scale.weights):,} offences of {scale.offence_scheme}. {unweighted}"),
            _rows(("heaviest", "weight", "low", "high"), rows),
            _said(f"{more:,} more" if more > 0 else ""),
            _said(scale.caveat),
            _folded("Source", _list([scale.source, scale.licence]), 1),
        )
    )


def _themes(themes: Themes) -> str:
    rows = [(one.label, one.state, one.note, ", ".join(one.offences[:6])
             + (" ..." if len(one.offences) > 6 else "")) for one in themes]  # fmt: skip
    kinds = ", ".join(themes.sensitive_kinds)
    return "".join(
        (
            _heading(themes.title or f"Themes of {themes.offence_scheme}", ""),
            _rows(("theme", "in this data", "what that means", "offences"), rows),
            _said(f"Left out as sensitive: {kinds}." if kinds else ""),
        )
    )


def _result(result: Any) -> str:
    """The sentence of a result, and its rows where it has any."""
    found = (getattr(result, name, None) for name in TABLES)
    table = next((one for one in found if isinstance(one, pd.DataFrame)), None)
    return _said(capital(result.to_sentence())) + ("" if table is None else table_html(table))


def _heading(title: str, beside: str) -> str:
    more = f" <small>{escape(beside)}</small>" if beside else ""
    return f"<p><b>{escape(title)}</b>{more}</p>"


def _said(words: str) -> str:
    return f"<p>{escape(words.strip())}</p>" if words.strip() else ""


def _rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    told = [[f"{one:,}" if isinstance(one, int) else one for one in row] for row in rows]
    table = pd.DataFrame(told, columns=list(names))
    return table.to_html(index=False, escape=True, justify="left") if len(table) else ""


def _list(words: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(str(one))}</li>" for one in words if one) + "</ul>"


def _folded(title: str, content: str, number: int) -> str:
    if not number:
        return ""
    return f"<details><summary>{escape(title)} ({number:,})</summary>{content}</details>"
