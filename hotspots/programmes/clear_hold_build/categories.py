"""What belongs to each category: columns, masks, bundled baskets, or the open-data proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.offences.baskets import basket_members, basket_names
from hotspots.offences.codes import POLICE_UK
from hotspots.programmes.clear_hold_build.screen_result import PROXY

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

MOST_CATEGORIES = 60
PARTNERSHIP_FIVE = {
    "Class B drugs": "class_b",
    "cannabis possession": "cannabis_possession",
    "cannabis trafficking": "cannabis_trafficking",
    "weapon possession": "weapon_possession",
    "violence (without section 47 and domestic)": "violence_excl_s47_domestic",
}
PROXY_TYPES = ("Drugs", "Possession of weapons", "Violence and sexual offences")


def police_uk_proxy_categories(incidents: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Three categories open police data can carry, each named as a proxy.

    The five of the partnership (Class B drugs, cannabis possession, cannabis trafficking, weapon
    possession, violence without section 47 and domestic) cannot be told apart there.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents of the scheme ``police_uk``.

    Returns
    -------
    dict of str to Series
        For ``categories=``: drugs, possession of weapons, violence and sexual offences.

    Notes
    -----
    "Violence and sexual offences" holds common assault, domestic abuse and sexual offences at home:
    who is first in it says little about violence in the street.

    References
    ----------
    https://data.police.uk/about/ (crime types).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"offence": ["Drugs", "Burglary"], "offence_scheme": "police_uk"})
    >>> {name: int(flags.sum()) for name, flags in police_uk_proxy_categories(rows).items()}
    {'drugs (open-data proxy)': 1, 'possession of weapons (open-data proxy)': 0,
     'violence and sexual offences (open-data proxy)': 0}
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["offence", "offence_scheme"])
    others = set(incidents["offence_scheme"].dropna().unique()) - {"police_uk"}
    require(
        not others,
        f"the open-data proxy needs incidents of the scheme 'police_uk'; got {listing(others)}. On "
        "a force extract use the five categories (see `basket_members`).",
    )
    offence = incidents["offence"].astype(object)
    return {f"{name[0].lower()}{name[1:]} {PROXY}": offence.eq(name) for name in PROXY_TYPES}


def category_flags(
    incidents: gpd.GeoDataFrame,
    categories: Mapping[str, str | pd.Series] | None,
    undecided: str,
) -> dict[str, NDArray[np.bool_]]:
    """A mask for each category on the rows of the incidents; every fault named at once."""
    require_table(incidents, INCIDENTS, argument="incidents")
    if categories is None:
        open_data = set(incidents["offence_scheme"].unique()) == {POLICE_UK}
        categories = police_uk_proxy_categories(incidents) if open_data else PARTNERSHIP_FIVE
    require(
        isinstance(categories, Mapping) and 1 <= len(categories) <= MOST_CATEGORIES,
        f"`categories` must map 1 to {MOST_CATEGORIES} names to boolean columns or Series; got "
        f"{len(categories) if hasattr(categories, '__len__') else type(categories).__name__}.",
    )
    findings = Findings()
    flags = {}
    for name, given in categories.items():
        column: Any = given
        if isinstance(given, str):
            if given not in incidents.columns and given not in basket_names():
                findings.error(
                    "missing-column",
                    f"category {name!r} needs the column {given!r} in `incidents`, which has "
                    f"{listing(incidents.columns, most=30)}, or the name of a basket.",
                )
                continue
            own = given in incidents.columns
            column = (
                incidents[given] if own else basket_members(incidents, given, undecided=undecided)
            )
        problem = flag_problem(column, incidents.index)
        if problem:
            findings.error("bad-category", f"category {name!r} {problem}")
        else:
            flags[str(name)] = np.asarray(column.reindex(incidents.index), dtype=bool)
    findings.raise_errors(InputError)
    return flags


def flag_problem(column: Any, index: pd.Index) -> str | None:
    """Why a column cannot say true or false of every incident; None when it can."""
    if not isinstance(column, pd.Series):
        return f"must be a column name or a boolean Series; got {type(column).__name__}."
    if not column.index.is_unique or len(index.difference(column.index)):
        missing = len(index.difference(column.index))
        return f"must have a value for every incident; {missing:,} of {len(index):,} have none."
    if column.isna().any() or (len(column) and column.dtype.kind != "b" and
                               str(column.dtype) != "boolean"):  # fmt: skip
        return f"must be true or false for every incident; got {column.dtype}."
    return None
