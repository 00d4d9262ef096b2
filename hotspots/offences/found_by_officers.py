"""Offences that are mostly found by officers, set aside where a choice sends officers again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import InputError
from hotspots.core.select import Selection
from hotspots.offences.baskets import basket_members, basket_status

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BASKET = "victim_reported"


def without_found_by_officers(incidents: Selection) -> tuple[Selection, int]:
    """The incidents but those of offences mostly found by officers, and how many these are.

    Drugs, weapons and what stop and search brings: a place chosen for them is searched more, and
    chosen again for what is found. They are accounted for as out of the theme. Offence schemes that
    the basket ``victim_reported`` does not know lose nothing.

    Raises
    ------
    InputError
        Where nothing else is asked about.

    Examples
    --------
    >>> import hotspots as hs
    >>> july = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> kept, left_out = without_found_by_officers(hs.select(july))
    >>> kept.total + left_out == hs.select(july).total, left_out
    (True, 710)
    """
    tally = incidents.source.tally
    found = found_by_officers(tally.kinds)[tally.kind]
    left_out = int(incidents.counts[found].sum())
    if not left_out:
        return incidents, 0
    if left_out == incidents.total:
        raise InputError(
            f"all {left_out:,} incidents asked about are of offences mostly found by officers; "
            "chosen by them, places are searched more and chosen again for what is found.",
            rule="found-by-officers",
            mend="Ask about what the public reports, or say why: "
            '`include_found_by_officers="the reason"`.',
        )
    account = replace(
        incidents.account,
        out_of_theme=incidents.account.out_of_theme + left_out,
        used=incidents.account.used - left_out,
    )
    by_row = incidents.by_row
    kept = replace(
        incidents,
        account=account,
        counts=np.where(found, 0, incidents.counts),
        by_row=None if by_row is None else by_row & ~found[incidents.source.line],
    )
    return kept, left_out


def found_by_officers(kinds: pd.DataFrame) -> NDArray[np.bool_]:
    """Of each kind of incident, whether it is in the classes that police work mostly finds."""
    found = np.zeros(len(kinds), dtype=bool)
    for scheme in kinds["offence_scheme"].astype(str).unique():
        mine = kinds["offence_scheme"].astype(str).eq(scheme).to_numpy()
        if basket_status(BASKET, scheme).state != "absent":
            rows = kinds[mine].reset_index(drop=True)
            found[mine] = ~basket_members(rows, BASKET, undecided="in").to_numpy()
    return found
