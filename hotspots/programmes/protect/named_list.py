"""The premises by name: a file of its own, for one recipient, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import require
from hotspots.core.periods import day_words
from hotspots.report.workbook.write_workbook import write_list

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

NAMED_LIST = "named-premises.xlsx"


@dataclass(frozen=True)
class NamedList:
    """Who gets the premises by name, and until when.

    Parameters
    ----------
    recipient : str
        Who gets the list, and nobody else.
    destroy_by : date
        The day by which it is destroyed.

    Raises
    ------
    InputError
        Without a recipient, or without a day.

    Notes
    -----
    What is printed on a file destroys nothing: somebody has to.
    """

    recipient: str
    destroy_by: date

    def __post_init__(self) -> None:
        require(
            isinstance(self.recipient, str) and bool(self.recipient.strip()),
            "`recipient` must say who gets the named list, and nobody else; got "
            f"{self.recipient!r}.",
        )
        require(
            type(self.destroy_by) is date,
            f"`destroy_by` must be the day by which the list is destroyed; got "
            f"{self.destroy_by!r}.",
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands above the list."""
        return (
            f"For {self.recipient.strip()} and nobody else. "
            f"Destroy by {day_words(self.destroy_by)}.",
            str(Caveat("partnership-zoning")),
        )


@dataclass(frozen=True, repr=False)
class NamedPremises:
    """The list of one product, ready to be written beside its files."""

    to: NamedList
    register: pd.DataFrame
    sites: pd.DataFrame
    record: RunRecord
    names: tuple[str, ...] = (NAMED_LIST,)

    def write(self, folder: Path) -> None:
        """Every column of the register, with what the product says of each of the premises."""
        told = self.sites.drop(columns=[*self.register.columns], errors="ignore")
        rows = pd.DataFrame(self.register.drop(columns=self.register.geometry.name)).join(told)
        rows = rows.drop(columns=str(rows.index.name), errors="ignore")
        write_list("Named premises", rows, folder / NAMED_LIST, self.to.lines, record=self.record)
