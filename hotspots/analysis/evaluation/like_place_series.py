"""The course of treated zones month by month, beside that of like places where nothing was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.comparison_groups import make_groups
from hotspots.analysis.evaluation.placebo import LikePlaces
from hotspots.analysis.evaluation.windows import (
    choose_windows,
    cut_short,
    of_all_times,
    silences_of,
)
from hotspots.core.crs import require_same_crs
from hotspots.core.months import clock_of, months_between
from hotspots.core.periods import read_time
from hotspots.core.tables import ZONES, require_table

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection


def like_series(
    zones: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame | Selection, *, started: object
) -> pd.DataFrame:
    """Count the incidents of treated zones, of the rest, and of like places, month by month.

    Parameters
    ----------
    zones : GeoDataFrame
        Treated zones, taken together as one.
    incidents : Selection
        From :func:`select` with a question about all times; a plain table stands for all its
        incidents. The study area is the city.
    started : date or str
        First day of the work.

    Returns
    -------
    DataFrame
        By month ("2023-04"), in order, without a gap and without a last month that is cut short:
        ``treated``, ``rest`` (all that is not treated), and a column for each of up to 120 like
        places that do not touch and hold at most four times more or less in all months together; of
        several zones, for each of 199 sets of them, each incident of a place counted so often that
        it holds as many as its zone. Fewer, or none, where few places are like the treated.

    Raises
    ------
    InputError
        For a start outside the months of the data.

    Notes
    -----
    It goes into ``interrupted_time_series(table["treated"], control=table["rest"],
    like=table.iloc[:, 2:])``. It misleads where something was done at the like places too.

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). https://doi.org/10.1198/jasa.2009.ap08746

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> table = like_series(town.night_time_economy, asked, started="2025-04-01")
    >>> table.columns[:2].tolist(), bool((table["rest"] > table["treated"]).all())
    (['treated', 'rest'], True)
    """
    require_table(zones, ZONES, argument="zones", only=["geometry"])
    chosen = of_all_times(incidents)
    require_same_crs(chosen.everything, zones, ("incidents", "zones"))
    held = chosen.source.months()
    months = months_between(held[0], held[-1]) if held else []
    months = months[: -1 if cut_short(chosen.everything, silences_of(chosen)) else None]
    start = read_time(started, "started", clock_of(chosen.everything["occurred_from"]))
    around = (
        (f"{months[0]}/{start:%Y-%m}", f"{start:%Y-%m}/{months[-1]}") if months else (None,) * 2
    )
    windows = choose_windows(
        chosen.everything, started=started, before=around[0], after=around[1], months=12
    )
    groups, _ = make_groups(chosen.rows, zones, "rest", ())
    treated, rest, like = LikePlaces(chosen.rows, groups, zones).series(windows, months)
    named = [f"like {number}" for number in range(1, like.shape[1] + 1)]
    columns = ["treated", "rest", *named]
    counts = np.column_stack([treated, rest, like]).astype(np.int64)
    return pd.DataFrame(counts, index=pd.Index(months, name="month"), columns=columns)
