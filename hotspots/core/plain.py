"""Tables and values in the words of JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def plain_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dictionaries, index included, without geometry.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_records(pd.DataFrame({"harm": [1.5, None]}, index=pd.Index(["a", "b"], name="id")))
    [{'id': 'a', 'harm': 1.5}, {'id': 'b', 'harm': None}]
    """
    flat = table.drop(columns="geometry", errors="ignore").reset_index()
    return [
        {str(name): plain(value) for name, value in row.items()}
        for row in flat.to_dict(orient="records")
    ]


def plain(value: Any) -> Any:
    """A value JSON can say; missing and infinite ones become None."""
    if value is None or str(value) in ("<NA>", "NaT"):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
