"""A column of text in which every distinct text is kept, and read, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TEXT = pd.Series(["a"]).dtype
"""What this pandas calls text: ``str`` from 3.0 on, ``object`` before."""

BLANKS = frozenset({"", "null", "none", "nan", "n/a", "na", "#n/a", "-"})
"""What extracts write where nothing is known."""


@dataclass(frozen=True)
class Texts:
    """Distinct texts, and which one each row has."""

    codes: NDArray[np.intp]
    distinct: pd.Series

    @classmethod
    def of(cls, values: Any) -> Texts:
        """Texts of a sequence.

        Examples
        --------
        >>> column = Texts.of(["a", "b", "a"])
        >>> column.codes.tolist(), column.distinct.tolist(), len(column)
        ([0, 1, 0], ['a', 'b'], 3)
        """
        codes, distinct = pd.factorize(pd.Series(values, dtype=TEXT))
        return cls(codes, pd.Series(distinct, dtype=TEXT))

    @classmethod
    def one(cls, text: str | None, size: int) -> Texts:
        """The same text for every row."""
        return cls(np.zeros(size, dtype=np.intp), pd.Series([text], dtype=TEXT))

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def plain(self) -> pd.Series:
        """Distinct texts without the blanks around them."""
        return self.distinct.str.strip()

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """Rows that say nothing."""
        return self.spread(self.plain.str.lower().isin(BLANKS))

    def spread(self, values: Any) -> NDArray[Any]:
        """Values of the distinct texts, given to every row."""
        found = np.asarray(values)
        return found[self.codes] if len(found) else np.empty(0, dtype=found.dtype)

    def tell(self, rows: NDArray[np.intp]) -> list[str]:
        """The texts of some rows."""
        return [str(text) for text in self.distinct.take(self.codes[rows])]

    def map(self, read: Callable[[str], str | None]) -> pd.Series:
        """Every distinct text read once, given to every row; None is missing."""
        return self.series([read(str(text)) for text in self.distinct])

    def series(self, values: Sequence[str | None] | pd.Series | None = None) -> pd.Series:
        """A column with one text for every row, from one for each distinct text."""
        taken = self.distinct if values is None else pd.Series(values, dtype=TEXT)
        taken = taken.take(self.codes)
        return taken.set_axis(pd.RangeIndex(len(self.codes)))
