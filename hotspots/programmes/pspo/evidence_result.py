"""The evidence on an order: its tables, and everything as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from hotspots.analysis.evaluation import Change
from hotspots.analysis.interrupted_time_series import Interruption
from hotspots.core.caveats import Caveat
from hotspots.core.plain import plain_records
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.programmes.pspo.statutory_tests import limbs_table
from hotspots.programmes.pspo.term import Term


@dataclass(frozen=True, eq=False)
class PspoEvidence(Spoken):
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
    cautions
        What belongs beside the result, by code.
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
    cautions: tuple[Caveat, ...]

    @property
    def limbs(self) -> pd.DataFrame:
        """The statutory limbs, what the data say to each, and an empty ``decision``."""
        return limbs_table(self)

    def change_sentence(self) -> str:
        """Before and after inside the order; empty where there is none."""
        return sentence_of(self, "change")

    def ring_sentence(self) -> str:
        """The rings around the order; empty where there are none."""
        return sentence_of(self, "rings")

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
            "cautions": [str(caution) for caution in self.cautions],
            "sentence": self.to_sentence(),
        }
