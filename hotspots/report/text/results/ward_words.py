"""Wards side by side in words, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.errors import require


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


MOST_NAMES = 5


def describe_concentration(table: pd.DataFrame) -> pd.Series:
    """Say in a sentence what each row of a table of concentration holds.

    Parameters
    ----------
    table : DataFrame
        From :func:`concentration_table` or :func:`zone_concentration`.

    Returns
    -------
    Series
        A sentence for each row, on the same index.

    Raises
    ------
    InputError
        For any other table.

    Notes
    -----
    A sentence names a share, not whether it is more than few incidents give by themselves: read
    ``even_place_share`` or ``cells_if_even`` beside it.

    Examples
    --------
    >>> import hotspots as hs
    >>> table = hs.stats.concentration_table([10, 8, 2, 0, 0, 0, 0, 0, 0, 0])
    >>> describe_concentration(table).loc[0.8]
    '20.0 % of places hold 80 % of incidents (90 % interval 10.0 to 40.0 %).'
    """
    words = next((say for column, say in _WORDS.items() if column in table.columns), None)
    require(
        words is not None,
        "`table` must come from `concentration_table` or `zone_concentration`; it has neither "
        "`place_share` nor `cells_for_share`.",
    )
    assert words is not None
    said = [words(label, row) for label, row in table.iterrows()]
    return pd.Series(said, index=table.index, dtype=object, name="sentence")


def _places(share: Any, row: pd.Series) -> str:
    if pd.isna(row["place_share"]):
        return "No incidents."
    low, high = row["place_share_low"], row["place_share_high"]
    return (
        f"{100 * row['place_share']:.1f} % of places hold {100 * share:.0f} % of incidents "
        f"({100 * row['level']:.0f} % interval {100 * low:.1f} to {100 * high:.1f} %)."
    )


def _cells(_: Any, row: pd.Series) -> str:
    zone, needed, counted = row["zone_name"], row["cells_for_share"], row["by"] == "count"
    if not needed:
        return f"{zone} holds no {'incidents' if counted else 'harm'} of this theme."
    what = f"the {row['held']:,.0f} incidents" if counted else f"the harm ({row['held']:,.0f})"
    holds = "holds" if needed == 1 else "hold"
    return (
        f"{needed:,} of {row['cells']:,} cells {holds} {100 * row['share_held']:.0f} % of {what} "
        f"in {zone}{_names(row['leading_places'])}."
    )


def _names(places: list[str]) -> str:
    if not places:
        return ""
    more = " and others" if len(places) > MOST_NAMES else ""
    return f": {'; '.join(places[:MOST_NAMES])}{more}"


_WORDS = {"place_share": _places, "cells_for_share": _cells}
