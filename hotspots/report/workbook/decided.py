"""What was decided, in the workbook: beside each place, and on a sheet of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.report.text.decision_words import (
    KIND_WORDS,
    beside_place,
    day_or_text,
    only_enforced_words,
)
from hotspots.report.workbook.sheet_columns import DECISION_FIELDS

if TYPE_CHECKING:
    from hotspots.core.decisions import Decision
    from hotspots.report.workbook.sheet import Sheet

DAYS = ("due", "review", "done")


def beside_places(
    table: pd.DataFrame, theme: str, decisions: Sequence[Decision] | None
) -> pd.DataFrame:
    """The areas with what was decided for each in the columns to fill in."""
    mine = [one for one in decisions or () if one.theme == theme]
    if not mine:
        return table
    found = {
        area: _joined(beside_place(mine, theme, area)) for area in {one.area_id for one in mine}
    }
    ids = table.index.astype(str)
    columns = {
        name: pd.Series([found.get(area, {}).get(name) for area in ids], table.index, dtype=object)
        for name in ("owner", "action", *DAYS)
    }
    return table.assign(**columns)


def _joined(decisions: Sequence[Decision]) -> dict[str, str]:
    """The decisions of one place, a line each."""
    rows = [_words(one) for one in decisions]
    for row in rows:
        row["action"] = ": ".join(filter(None, [row["action"], row["note"]]))
    return {name: "\n".join(filter(None, (row[name] for row in rows))) for name in rows[0]}


def _words(one: Decision) -> dict[str, str]:
    return {
        "owner": one.owner,
        "action": KIND_WORDS.get(one.action, one.action),
        "note": one.note,
        **{name: day_or_text(getattr(one, name)) for name in DAYS},
    }


def decided(sheet: Sheet, theme_words: dict[str, str], decisions: Sequence[Decision]) -> None:
    """Every decision, those for places that are not in this product as well."""
    sheet.open("Decisions", list(filter(None, [only_enforced_words(decisions)])))
    rows = pd.DataFrame(
        [
            {
                "theme": theme_words.get(one.theme, one.theme),
                "place": one.place,
                "area_id": one.area_id,
                **_words(one),
            }
            for one in decisions
        ],
        dtype=object,
    )
    header, last = sheet.table(rows, DECISION_FIELDS)
    sheet.page.freeze_panes(header + 1, 0)
    sheet.page.repeat_rows(header)
    sheet.page.autofilter(header, 0, last, len(DECISION_FIELDS) - 1)
    sheet.close(len(DECISION_FIELDS) - 1)
