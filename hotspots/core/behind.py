"""What must be known of the incidents behind a table before it is shown: it travels with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from hotspots.core.tables import THEME, themes_in

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.arrays import Bools

    Frame = TypeVar("Frame", bound=pd.DataFrame)

COLUMNS = ("published", "themes_behind")
UNIT = "harm_unit"
APART = ";"


@dataclass(frozen=True)
class Behind:
    """What is known of the incidents that tables were counted from.

    Stages write it into two columns of what they count, ``published`` and ``themes_behind``; a
    release reads these, and no log. Where ``published`` is lost, it is withheld; where
    ``themes_behind`` is, hours of one theme alone are shown, and themes inside one another are
    taken to be apart: keep it in tables of several themes.

    Attributes
    ----------
    published
        Whether every record was already published one by one by its source.
    theme_parts
        Themes that incidents are in together, each combination once, sorted; none where nothing is
        known of it.
    themes
        Themes they are tagged with, whether or not any incident is in one.
    """

    published: bool = False
    theme_parts: tuple[tuple[str, ...], ...] = ()
    themes: tuple[str, ...] = ()

    @classmethod
    def of(cls, kinds: pd.DataFrame) -> Behind:
        """What the kinds of a tally, or incidents themselves, say.

        Examples
        --------
        >>> import pandas as pd
        >>> kinds = pd.DataFrame({"published": True, "theme_asb": [True, True, None],
        ...                       "theme_noise": [True, False, False]})
        >>> Behind.of(kinds)
        Behind(published=True, theme_parts=(('asb',), ('asb', 'noise')), themes=('asb', 'noise'))
        """
        themes = np.array(sorted(themes_in(kinds.columns)), dtype=object)
        inside = [kinds[f"{THEME}{name}"].eq(True).fillna(False).to_numpy(bool) for name in themes]
        known = np.unique(np.column_stack(inside), axis=0) if inside else np.zeros((0, 0), bool)
        parts = {tuple(themes[row].tolist()) for row in known if row.any()}
        return cls(_all_published(kinds), tuple(sorted(parts)), tuple(themes.tolist()))

    @classmethod
    def said_by(cls, tables: Iterable[pd.DataFrame], zones: Iterable[pd.DataFrame] = ()) -> Behind:
        """What tables say of themselves; published only if all do that count anything.

        Zones without totals count nothing.
        """
        zones = list(zones)
        counted = [*tables, *(one for one in zones if any(str(n).endswith("_count") for n in one))]
        said = [one[COLUMNS[1]].dropna().unique() for one in counted if COLUMNS[1] in one.columns]
        told = [[tuple(part.split()) for part in str(text).split(APART)] for text in chain(*said)]
        parts = {part for _, *others in told for part in others if part}
        themes = sorted({name for names, *_ in told for name in names})
        published = bool(counted) and all(map(_all_published, counted))
        return cls(published, tuple(sorted(parts)), tuple(themes)).but_for(zones)

    def but_for(self, tables: Iterable[pd.DataFrame]) -> Behind:
        """The same, but not published where a table says that it is not."""
        apart = any("published" in one.columns and not _all_published(one) for one in tables)
        return replace(self, published=self.published and not apart)

    def among(self, themes: Iterable[str]) -> Behind:
        """What may be told to readers of these themes: of others not even that there are any.

        Examples
        --------
        >>> Behind(False, (("asb", "hate"), ("hate",)), ("asb", "hate")).among(["asb"])
        Behind(published=False, theme_parts=(('asb',),), themes=('asb',))
        """
        told = set(themes)
        parts = (tuple(name for name in part if name in told) for part in self.theme_parts)
        own = tuple(name for name in self.themes if name in told)
        return Behind(self.published, tuple(dict.fromkeys(part for part in parts if part)), own)

    @property
    def columns(self) -> dict[str, bool | str]:
        """The columns of a table that was counted from these incidents."""
        said = APART.join(" ".join(names) for names in (self.themes, *self.theme_parts))
        return dict(zip(COLUMNS, (self.published, said), strict=True))


UNKNOWN = Behind()
"""Nothing is known: what could be told is withheld."""


def without_behind(table: Frame) -> Frame:
    """The table without what was written into it for its release."""
    return table.drop(columns=[name for name in (*COLUMNS, UNIT) if name in table.columns])


def units_said(tables: Iterable[pd.DataFrame]) -> dict[str, str]:
    """The unit of each harm scale, as tables that were counted say.

    Examples
    --------
    >>> import pandas as pd
    >>> units_said([pd.DataFrame({"harm_scale": ["own"], "harm_unit": ["days"]})])
    {'own': 'days'}
    """
    found: dict[str, str] = {}
    for table in tables:
        if {"harm_scale", UNIT} <= set(table.columns):
            said = table[["harm_scale", UNIT]].dropna().drop_duplicates()
            found |= dict(said.itertuples(index=False, name=None))
    return found


def published_rows(table: pd.DataFrame) -> Bools:
    """Which rows say that they were published, also in a second column of a join (``published_x``).

    A number is no answer: a sum of yes and no is one.
    """
    at = [at for at, name in enumerate(table.columns) if str(name).startswith("published")]
    said = [table.iloc[:, one].infer_objects() for one in at]
    plain = all(str(one.dtype).startswith("bool") for one in said)
    if "published" not in table.columns or not plain:
        return np.zeros(len(table), dtype=bool)
    rows = [one.eq(True).fillna(False).to_numpy(dtype=bool) for one in said]
    return np.asarray(np.logical_and.reduce(rows))


def _all_published(table: pd.DataFrame) -> bool:
    return len(table) > 0 and bool(published_rows(table).all())
