"""The evidence on an order: its tables, its words, and everything as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.analysis.evaluation import Change
from hotspots.analysis.interrupted_time_series import Interruption
from hotspots.core.plain import plain_records
from hotspots.programmes.pspo.term import Term


@dataclass(frozen=True, eq=False)
class PspoEvidence:
    """What the data say about one order.

    Attributes
    ----------
    order_name, theme, label
        Which order, which incidents, and what these are called.
    term
        Its dates, the days left, and its status on the day given.
    share_of_city, city_wide
        How much of the study area it covers; from 95 % on there is no control inside the city.
    change
        Inside, rings and comparator before and after, in equal windows, from
        :func:`compare_change`; None where the data do not reach both sides. For a city-wide order
        without comparator its ratio is that of the order alone.
    series
        By month: ``inside``, each ring, ``outside``, and the ``phase``.
    persistence
        Months with incidents, longest run, by phase.
    recurring
        Places inside with incidents in several months.
    baskets
        The same by prohibition.
    interruption
        For a city-wide order, its interrupted time series, where months suffice.
    limbs
        The statutory limbs, with an empty ``decision``.
    cautions
        Sentences that belong beside the result.
    """

    order_name: str
    term: Term
    theme: str
    label: str
    share_of_city: float
    city_wide: bool
    change: Change | None
    series: pd.DataFrame
    persistence: dict[str, Any]
    recurring: pd.DataFrame
    baskets: pd.DataFrame
    interruption: Interruption | None
    limbs: pd.DataFrame
    cautions: tuple[str, ...]

    def change_sentence(self) -> str:
        """Before and after inside the order; empty where there is none."""
        if self.change is None:
            return ""
        windows = self.change.windows
        comparator = str(self.change.table["area_name"].iloc[-1])
        return (
            f"{windows.before.label} against {windows.after.label}: "
            + self.change.ratio.to_sentence("incidents inside the order", comparator)
        )

    def ring_sentence(self) -> str:
        """The rings around the order; empty where there are none."""
        if self.change is None:
            return ""
        rings = self.change.table[self.change.table["role"] == "ring"]
        said = [
            f"{label} from {row['count_before']:,} to {row['count_after']:,}"
            for label, row in rings.iterrows()
        ]
        return f"Around it: {'; '.join(said)}." if said else ""

    def to_sentence(self) -> str:
        """The evidence in words: term, change, rings, persistence, cautions, and who decides."""
        parts = [
            f"{self.order_name}, {self.label}.",
            self.term.to_sentence(),
            self.change_sentence(),
            self.ring_sentence(),
            self.interruption.to_sentence() if self.interruption else "",
            str(self.limbs.loc["persistent or continuing", "evidence"]) if len(self.limbs) else "",
            *self.cautions,
            "The statutory tests of section 59 are for an officer to decide.",
        ]
        return " ".join(dict.fromkeys(part for part in parts if part))

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON; missing values as None."""
        return {
            "order": self.order_name,
            "theme": self.theme,
            "label": self.label,
            "term": self.term.to_dict(),
            "share_of_city": self.share_of_city,
            "city_wide": self.city_wide,
            "change": self.change.to_dict() if self.change else None,
            "series": plain_records(self.series),
            "persistence": dict(self.persistence),
            "recurring": plain_records(self.recurring.set_index("place")),
            "baskets": plain_records(self.baskets),
            "interruption": self.interruption.to_dict() if self.interruption else None,
            "limbs": plain_records(self.limbs),
            "cautions": list(self.cautions),
            "sentence": self.to_sentence(),
        }
