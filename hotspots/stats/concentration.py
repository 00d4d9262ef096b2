"""How concentrated: few places hold much, and how few, with an interval."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.arguments import draws_of, listed, numbers_of
from hotspots.core.errors import InputError, require
from hotspots.core.tables import AREAS, require_table
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike

    from hotspots.core.arrays import Codes, Floats

SHARES = (0.25, 0.5, 0.8)
CONFIDENCE = 0.9


def gini(counts: ArrayLike) -> float:
    """Gini coefficient: 0 where all places hold the same, near 1 where one place holds all.

    Parameters
    ----------
    counts : array-like, shape (places,)
        One number a place, places without incidents included.

    Returns
    -------
    float
        ``(2 * sum(i * y_i) - n - 1) / n`` with shares ``y`` in rising order; missing where there
        are no incidents.

    Raises
    ------
    InputError
        For counts below zero or missing.

    Notes
    -----
    With fewer incidents than places most places are empty however evenly risk is spread, and the
    coefficient is high by arithmetic alone: use :func:`generalised_gini` then.

    References
    ----------
    Gini, C. (1912) Variabilità e mutabilità.

    Examples
    --------
    >>> round(gini([10, 8, 2, 0, 0, 0, 0, 0, 0, 0]), 6)
    0.78
    """
    numbers = np.sort(_counts(counts))
    n, total = len(numbers), numbers.sum()
    if total == 0:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float((2 * (ranks * (numbers / total)).sum() - n - 1) / n)


def generalised_gini(counts: ArrayLike) -> float:
    """Gini coefficient that is 0 where no two incidents share a place, if incidents are few.

    Parameters
    ----------
    counts : array-like, shape (places,)
        Incidents of each place, places without any included; whole numbers.

    Returns
    -------
    float
        Equal to :func:`gini` where there are at least as many incidents as places; missing where
        there are no incidents.

    Raises
    ------
    InputError
        For counts below zero or missing.

    Notes
    -----
    Comparable between years and crime types with different numbers of incidents, but not between
    cells of different sizes.

    References
    ----------
    Bernasco, W. & Steenbeek, W. (2017) More places than crimes: implications for evaluating the
    law of crime concentration at place. Journal of Quantitative Criminology 33, 451-467.
    doi:10.1007/s10940-016-9324-7

    Examples
    --------
    >>> generalised_gini([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    0.0
    >>> generalised_gini([2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    0.5
    """
    numbers = np.sort(_counts(counts))
    n, total = len(numbers), numbers.sum()
    if total == 0:
        return float("nan")
    lorenz = 2 * (np.arange(1, n + 1) * (numbers / total)).sum() - n - 1
    return float(max(1 / total, 1 / n) * lorenz - max(n / total, 1) + 1)


def lorenz_table(counts: pd.Series | ArrayLike) -> pd.DataFrame:
    """Places from the busiest to the quietest, with what they hold together.

    Parameters
    ----------
    counts : Series or array-like, shape (places,)
        One number a place, places without incidents included.

    Returns
    -------
    DataFrame
        In falling order (ties in order of the index): ``value``, ``share``, ``cumulative_share``,
        ``place_share`` (places so far, of all), ``even_share`` (what so many places would hold if
        incidents shared places as little as they can).

    Raises
    ------
    InputError
        For counts below zero or missing.

    Notes
    -----
    Few incidents over many places look concentrated by themselves: compare with ``even_share``.

    References
    ----------
    Lorenz, M. O. (1905) Methods of measuring the concentration of wealth. Publications of the
    American Statistical Association 9(70), 209-219. doi:10.2307/2276207

    Examples
    --------
    >>> lorenz_table(pd.Series([1, 3, 0, 0], index=list("abcd")))["cumulative_share"].tolist()
    [0.75, 1.0, 1.0, 1.0]
    """
    index = counts.index if isinstance(counts, pd.Series) else None
    # By name first: among equal counts the order of the rows decides nothing.
    values = pd.Series(_counts(counts), index=index).sort_index(kind="stable")
    values = values.sort_values(ascending=False, kind="stable")
    n, total = len(values), values.sum()
    table = pd.DataFrame({"value": values})
    table["share"] = values / total if total > 0 else np.nan
    table["cumulative_share"] = values.cumsum() / total if total > 0 else np.nan
    places = np.arange(1, n + 1)
    table["place_share"] = places / max(n, 1)
    table["even_share"] = np.minimum(places / max(min(n, total), 1), 1.0)
    return table


def concentration_table(
    counts: ArrayLike,
    shares: Iterable[float] = SHARES,
    *,
    draws: int = 999,
    rng: np.random.Generator | int | None = None,
) -> pd.DataFrame:
    """Say what share of places holds a quarter, half, four fifths of all incidents.

    Parameters
    ----------
    counts : array-like, shape (places,)
        One number a place, places without incidents included.
    shares : iterable of float
        Shares of all incidents.
    draws : int
        Bootstrap samples.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    DataFrame
        By ``incident_share``: ``places`` (fewest that hold it), ``place_share`` with
        ``place_share_low`` and ``place_share_high``, ``even_place_share`` (fewest that would hold
        it if incidents shared places as little as they can); then, the same in every row,
        ``confidence``, and ``gini`` and ``generalised_gini`` with ``_low`` and ``_high`` (that of
        fewer incidents than places would not hold, and is missing). Words for each row:
        :func:`describe_concentration`.

    Raises
    ------
    InputError
        For counts below zero or missing, or a share that is none.

    Notes
    -----
    The interval comes from drawing places again with replacement (percentiles): it says how much
    the figure hangs on single places, not how it would differ in another year. The busiest places
    of one period are partly lucky ones: the same places hold less in the next.

    References
    ----------
    Weisburd, D. (2015) The law of crime concentration and the criminology of place. Criminology
    53(2), 133-157. doi:10.1111/1745-9125.12070

    Examples
    --------
    >>> table = concentration_table([10, 8, 2, 0, 0, 0, 0, 0, 0, 0])
    >>> table["places"].to_dict()
    {0.25: 1, 0.5: 1, 0.8: 2}
    >>> table.loc[0.8, ["place_share", "place_share_low", "place_share_high"]].tolist()
    [0.2, 0.1, 0.4]
    """
    numbers = _counts(counts)
    wanted = numbers_of(listed(shares, "shares"), "shares")
    require(
        wanted.ndim == 1 and bool(((wanted > 0) & (wanted <= 1)).all()),
        f"`shares` must lie between 0 and 1; got {wanted.tolist()}.",
    )
    draws = draws_of(draws)
    n, total = len(numbers), numbers.sum()
    table = pd.DataFrame(index=pd.Index(wanted, name="incident_share"))
    places = _fewest_places(numbers, wanted)
    table["places"] = pd.array(places, dtype="Int64") if total > 0 else pd.NA
    table["place_share"] = places / n if total > 0 else np.nan
    generator = source_of(rng)
    samples = _resampled(numbers, wanted, draws, generator)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    bounds = (
        np.nanquantile(samples, tails, axis=0)
        if total > 0
        else np.full((2, len(wanted) + 2), np.nan)
    )
    if total < n:
        bounds[:, -1] = np.nan
    table["place_share_low"], table["place_share_high"] = bounds[:, : len(wanted)]
    # A share of a whole number may come out a digit above it, and would take a place more.
    even = np.ceil(wanted * min(n, total) - 1e-9)
    table["even_place_share"] = even / n if total > 0 else np.nan
    table["confidence"] = CONFIDENCE
    for column, (name, measure) in enumerate(MEASURES.items(), start=len(wanted)):
        table[name] = measure(numbers)
        table[f"{name}_low"], table[f"{name}_high"] = bounds[:, column]
    return table


def eighty_twenty_table(areas: gpd.GeoDataFrame, *, by: str = "count") -> pd.DataFrame:
    """Areas from the busiest down, with running shares of incidents and of ground.

    Parameters
    ----------
    areas : GeoDataFrame
        Cells of the whole study area, empty ones included, of one theme.
    by : {"count", "harm"}
        ``incident_count`` or ``harm``.

    Returns
    -------
    DataFrame
        By ``area_id``: ``place_name`` where there is one, the value, ``share``,
        ``cumulative_share``, ``place_share``, ``cumulative_km2``, ``ground_share`` and
        ``in_eighty`` (one of the fewest areas that together hold 80 %).

    Raises
    ------
    InputError
        When ``by`` is unknown, or a column is lacking.

    Notes
    -----
    Clusters are not the whole ground: for them the shares are of what lies in clusters. It misleads
    with few incidents: most areas are then empty however evenly risk is spread
    (:func:`lorenz_table` says how many), and the few that hold 80 % are partly lucky ones.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"incident_count": [1, 8, 1, 0], "area_km2": 0.5},
    ...     index=list("abcd"), geometry=[box(0, 0, 1, 1)] * 4, crs="EPSG:27700")
    >>> eighty_twenty_table(areas)["in_eighty"].to_dict()
    {'b': True, 'a': False, 'c': False, 'd': False}
    """
    column = {"count": "incident_count", "harm": "harm"}.get(str(by), "")
    require(bool(column), f"`by` must be 'count' or 'harm'; got {by!r}.")
    require_table(areas, AREAS, argument="areas", only=[column, "area_km2"])
    lorenz = lorenz_table(areas[column]).drop(columns="even_share")
    table = lorenz.rename(columns={"value": column})
    ground = areas["area_km2"].reindex(table.index)
    everything = ground.sum()
    table["cumulative_km2"] = ground.cumsum()
    table["ground_share"] = table["cumulative_km2"] / everything if everything > 0 else np.nan
    before = table["cumulative_share"].shift(fill_value=0.0)
    table["in_eighty"] = before.lt(0.8 - 1e-12) & table[column].gt(0)
    if "place_name" in areas.columns:
        table.insert(0, "place_name", areas["place_name"].reindex(table.index))
    return table


MEASURES = {"gini": gini, "generalised_gini": generalised_gini}


def _counts(counts: ArrayLike) -> Floats:
    numbers = numbers_of(counts, "counts")
    if numbers.ndim != 1 or not np.isfinite(numbers).all() or (numbers < 0).any():
        bad = int((~np.isfinite(numbers)).sum()), int((numbers < 0).sum())
        raise InputError(
            f"`counts` must be one number a place, zero or more, none missing; got "
            f"{numbers.ndim} dimension(s), {bad[0]:,} missing and {bad[1]:,} negative. Put 0 where "
            "nothing happened."
        )
    return numbers


def _fewest_places(numbers: Floats, shares: Floats) -> Codes:
    """Fewest places that hold at least each share of the total."""
    running = np.sort(numbers)[::-1].cumsum()
    total = running[-1] if len(running) else 0.0
    # A running sum of floats may fall short of the share it reaches by a last digit.
    return np.searchsorted(running, shares * total * (1 - 1e-12)) + 1


def _resampled(numbers: Floats, shares: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Place shares, Gini and generalised Gini of samples of places drawn with replacement."""
    n = len(numbers)
    found = np.full((draws, len(shares) + 2), np.nan)
    # The same seed draws the same samples, whatever the order of the places.
    ordered = np.sort(numbers)
    for draw in range(draws):
        sample = ordered[rng.integers(0, n, n)] if n else ordered
        if sample.sum() > 0:
            found[draw, : len(shares)] = _fewest_places(sample, shares) / n
            found[draw, len(shares) :] = [measure(sample) for measure in MEASURES.values()]
    return found
