"""Wards side by side in words, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.report.text.results.concentration_words import describe_concentration


def ward_comparison(found: Any) -> Iterator[str]:
    """Each theme in one sentence, how few cells hold half of it, and what to mind."""
    for theme, rows in found.table.groupby(level="theme", sort=False):
        said = "; ".join(_ward(row) for _, row in rows.iterrows())
        yield f"{_label(found, theme)}, {found.period}: {said}."
    yield from concentration(found)
    yield from map(str, found.cautions)


def concentration(found: Any) -> Iterator[str]:
    """How few cells hold half of each theme in each ward, where cells were given."""
    for theme, few in found.concentration.items():
        for said in describe_concentration(few):
            yield f"{_label(found, theme)}: {said}"


def _label(found: Any, theme: Any) -> str:
    return str(found.labels.get(str(theme), theme))


def _ward(row: pd.Series) -> str:
    words = f"{row['zone_name']} {row['incident_count']:,}"
    if pd.isna(row["ratio_to_rest"]):
        return words
    return (
        f"{words} ({row['ratio_to_rest']:.2f} times the rest of the city, "
        f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
    )
