"""Tables and values in the words of JSON, and text that no file format and no spreadsheet minds."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_UNWRITABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dictionaries, without geometry; the index included, unless it counts the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> plain_records(pd.DataFrame({"harm": [1.5, None]}, index=pd.Index(["a", "b"], name="id")))
    [{'id': 'a', 'harm': 1.5}, {'id': 'b', 'harm': None}]
    """
    shapes = [*geometry_columns(table), "geometry"]
    numbers = table.index.name is None and table.index.dtype.kind == "i"
    flat = table.drop(columns=shapes, errors="ignore")
    # An index that is called like a column is called "index".
    names = [None if name in flat.columns else name for name in flat.index.names]
    flat = flat.rename_axis(names).reset_index(drop=numbers)
    return [plain(row) for row in flat.to_dict(orient="records")]


def plain_parts(result: object, *names: str) -> dict[str, Any]:
    """Parts of a result by name: tables as rows, other results as they tell themselves.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> plain_parts(SimpleNamespace(top=3, choices=None), "top", "choices")
    {'top': 3, 'choices': None}
    """
    found = {name: getattr(result, name) for name in names}
    return {
        name: plain_records(value)
        if hasattr(value, "columns")
        else value.to_dict()
        if hasattr(value, "to_dict")
        else value
        for name, value in found.items()
    }


def geometry_columns(table: pd.DataFrame) -> list[Any]:
    """Names of the columns that hold shapes."""
    return [name for name, kind in table.dtypes.items() if str(kind) == "geometry"]


def plain(value: Any) -> Any:
    """A value JSON can say; whatever is missing or infinite becomes None.

    Times become ISO text; a date, or a naive midnight, becomes ``YYYY-MM-DD``. Tables by name,
    lists, sets (sorted) and arrays are taken apart; anything else becomes its text.

    Examples
    --------
    >>> plain({"at": date(2018, 7, 1), "harm": [1.5, float("inf")], 3: {"b", "a"}})
    {'at': '2018-07-01', 'harm': [1.5, None], '3': ['a', 'b']}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {clean_text(name): plain(item) for name, item in value.items()}
    if isinstance(value, Set):
        return [plain(item) for item in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return clean_text(value) if value.is_finite() else None
    # NaT counts as a date, and is unlike itself.
    if isinstance(value, date) and value == value:
        return _iso(value)
    return _plain_of_pandas(value)


def clean_text(value: object) -> str:
    """Text as it is, except what no file format can hold: NUL, half surrogates, non-characters.

    Those become U+FFFD, the sign for "a character stood here".

    Examples
    --------
    >>> clean_text("=1+1"), clean_text("a" + chr(0) + "b")
    ('=1+1', 'a\ufffdb')
    """
    return _UNWRITABLE.sub(_REPLACEMENT, str(value))


def still_text(text: str) -> str:
    """Text that moves nothing around it: neither a terminal nor the direction of writing.

    Control characters become U+FFFD; marks that change the direction of writing are left out: after
    one, "5.2 times" reads "2.5".

    Examples
    --------
    >>> still_text("Kirk" + chr(27) + "gate"), still_text(chr(0x202E) + "Kirkgate")
    ('Kirk\ufffdgate', 'Kirkgate')
    """
    if text.isprintable():  # such marks never are
        return text
    return _CONTROL.sub(_REPLACEMENT, _BIDI.sub("", text))


def one_line(text: str) -> str:
    """Still text in one line: a name with a line break reads as two.

    Examples
    --------
    >>> one_line("Mill" + chr(13) + chr(10) + "Hill" + chr(9) + "(east)")
    'Mill Hill (east)'
    """
    return text if text.isprintable() else still_text(" ".join(text.splitlines())).expandtabs(1)


def clipped(text: str, most: int = 60) -> str:
    """A text of so many letters at most, whatever a file holds.

    Examples
    --------
    >>> clipped("Mill Hill", 9), clipped("Mill Hill, east", 9)
    ('Mill Hill', 'Mill Hil…')
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def counted(number: int, thing: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "day"), counted(1200, "incident")
    ('1 day', '1,200 incidents')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def harmless(text: str) -> str:
    """Text that a spreadsheet shows and does not run: what it may take for a formula gets a ``'``.

    White space and characters nobody sees may stand in front of the formula, and its sign may be
    full-width, as Excel reads it in some languages.

    References
    ----------
    OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> harmless("High Street"), harmless("=1+1"), harmless(" ＝1+1"), harmless("2-4 Mill Lane")
    ('High Street', "'=1+1", "' ＝1+1", '2-4 Mill Lane')
    """
    if text[:1].isalnum():
        return text
    first = next((letter for letter in text if not _unseen(letter)), "")
    runs = first != "" and unicodedata.normalize("NFKC", first) in "=+-@"
    return f"'{text}" if runs or text.lstrip(" ").startswith(("\t", "\r", "\n")) else text


def _iso(moment: date) -> str:
    if isinstance(moment, datetime) and (moment.tzinfo or moment.time() != time()):
        return moment.isoformat()
    return moment.isoformat().partition("T")[0]


def _plain_of_pandas(value: Any) -> Any:
    """What only numpy and pandas know: their scalars, arrays, and kinds of missing."""
    import numpy as np
    import pandas as pd

    if isinstance(value, np.ndarray) and value.ndim == 0:
        return plain(value[()])
    if isinstance(value, (np.ndarray, pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return [plain(item) for item in value]
    if isinstance(value, np.floating):  # of a long double, `item` would be one again
        return plain(float(value))
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()  # finer ones would become numbers
        return plain(value) if isinstance(value, date) else None
    if isinstance(value, (np.bool_, np.integer, np.void)):
        return plain(value.item())
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else clean_text(value)


def _unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")
