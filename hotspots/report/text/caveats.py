"""What the data cannot tell, as the page says it: what was withheld is counted in one sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.disclosure.rules import HELD_BACK
from hotspots.report.text.words import kind_name

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.report.map.theme_tables import ThemeTables

_WITHHELD = re.compile(
    re.escape(HELD_BACK)
    + r" \((?P<what>.*) in (?P<kinds>[^:]*): (?P<held>[\d,]+) of (?P<size>[\d,]+)"
    r" areas withheld; harm of (?P<harm>[\d,]+) more withheld\)\."
)


def caveat_words(record: RunRecord, themes: list[ThemeTables]) -> list[str]:
    """The caveats of the record; those that count what was withheld become one."""
    weighed = {theme.status.name for theme in themes if theme.weighed}
    labels = {theme.status.name: theme.status.label for theme in themes}
    caveats: list[str] = []
    parts: list[str] = []
    where = None
    for caveat in record.caveats:
        match = _WITHHELD.fullmatch(caveat)
        if match is None:
            caveats.append(caveat)
            continue
        where = len(caveats) if where is None else where
        parts += _part(match, labels, weighed)
    if where is not None:
        said = f": {'; '.join(parts)}" if parts else ""
        caveats.insert(where, f"{HELD_BACK}{said}.")
    return caveats


def _part(match: re.Match[str], labels: dict[str, str], weighed: set[str]) -> list[str]:
    """One table in a few words; nothing where nothing was withheld in it."""
    held, harm, what = match["held"], match["harm"], match["what"]
    names = what.split(", ")
    harm = harm if what == "totals" or weighed & set(names) else "0"
    if held == harm == "0":
        return []
    kinds = " and ".join(kind_name(kind)[1] for kind in match["kinds"].split(", "))
    theme = "" if what == "totals" else f" ({', '.join(labels.get(name, name) for name in names)})"
    more = "" if harm == "0" else f", and the harm of {harm} more"
    return [f"{held} of {match['size']} {kinds}{theme}{more}"]
