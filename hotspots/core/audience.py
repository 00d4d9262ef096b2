"""Protect zones are a product of their own: nothing of them goes into any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotspots.core.errors import InputError
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.record import RunRecord

PROTECT: Final = "protect"


def is_protect(table: pd.DataFrame | None) -> bool:
    """Whether a table holds a row of the Protect product (``kind`` "protect")."""
    if table is None or "kind" not in getattr(table, "columns", ()):
        return False
    kinds = table["kind"].dropna().astype(str).str.casefold()
    return bool(kinds.str.startswith(PROTECT).any())


def require_protect_marking(marking: str) -> None:
    """Raise unless the handling words name PROTECT."""
    if PROTECT.upper() not in marking.upper():
        raise InputError(
            f"a product for the audience {PROTECT!r} needs a Protect marking; got {marking!r}. Use "
            "the originator's handling words; they must name PROTECT."
        )


def refuse_protect(*tables: pd.DataFrame | None, record: RunRecord | None) -> None:
    """Raise where Protect rows would enter a product made for anyone else."""
    if record is not None and record.audience != PROTECT and any(map(is_protect, tables)):
        raise InputError(
            "Protect zones, their sites and packs belong in a product of their own; got them in "
            f"one for the audience {record.audience!r}.",
            rule="protect",
            mend=Mend("protect-record"),
        )
