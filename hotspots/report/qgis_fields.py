"""Words over the columns of a layer in QGIS: those of the workbook, and plain ones for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from hotspots.report.text.words import capital
from hotspots.report.workbook.sheet_columns import CAPTIONS, EVIDENCE, LEADING, ZONE_FIELDS

if TYPE_CHECKING:
    import pandas as pd

KNOWN = {item.name: item.heading for item in (*LEADING, *EVIDENCE, *ZONE_FIELDS)} | CAPTIONS | {
    "fid": "Row",
    "zone_id": "Zone id",
    "theme": "Theme",
    "period_from": "Counted from",
    "period_until": "Counted until, this moment not included",
    "min_incidents": "Fewest incidents of a cluster",
    "harm_shown": "Harm, shown or withheld",
    "disclosed_for": "Prepared for",
    "priority": "Priority ward",
    "licence": "Licence",
}  # fmt: skip
OF_THEME = {
    "count": "incidents",
    "harm": "harm",
    "harm_low": "harm, low",
    "harm_high": "harm, high",
    "harm_shown": "harm, shown or withheld",
    "unweighted_count": "incidents without a weight",
    "shown": "shown or withheld",
    "shown_low": "incidents, at least",
    "shown_high": "incidents, at most",
}
"""What follows the name of a theme in the columns of a zone."""


def field_words(name: str, themes: Mapping[str, str]) -> str:
    """What people read above a column.

    Parameters
    ----------
    name : str
        Of the column.
    themes : mapping of str to str
        Labels of the themes by their names.

    Examples
    --------
    >>> field_words("asb_shown_low", {"asb": "anti-social behaviour"})
    'Anti-social behaviour: incidents, at least'
    >>> field_words("zone_id", {}), field_words("my_own_note", {})
    ('Zone id', 'My own note')
    """
    if name in KNOWN:
        return KNOWN[name]
    for theme, label in themes.items():
        told = OF_THEME.get(name.removeprefix(f"{theme}_"))
        if told:
            return f"{capital(label)}: {told}"
    return capital(name.strip("_").replace("_", " "))


def aliases(table: pd.DataFrame, themes: Mapping[str, str]) -> str:
    """Words for every column of a layer, its row number and its index too."""
    names = dict.fromkeys(["fid", str(table.index.name or ""), *map(str, table.columns)])
    named = "".join(
        f'<alias field={quoteattr(name)} index="{number}" '
        f"name={quoteattr(field_words(name, themes))}/>"
        for number, name in enumerate(filter(None, names))
    )
    return f"<aliases>{named}</aliases>"
