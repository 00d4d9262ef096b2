"""Scores of a forecast: hit rate, accuracy and efficiency of the areas it puts first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.arguments import listed, numbers_of, require_word
from hotspots.core.errors import Findings, InputError, listing, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hotspots.core.arrays import Codes, Floats

Ties = Literal["against", "for", "history"]
AREA_SHARES = (0.01, 0.02, 0.05, 0.10)
_ROUNDING = 1e-9


def forecast_accuracy(
    predicted: ArrayLike,
    observed: ArrayLike,
    *,
    area_km2: ArrayLike | None = None,
    area_shares: Sequence[float] = AREA_SHARES,
    ties: Ties = "against",
    predicted_is: Literal["amount", "score"] = "amount",
    earlier: ArrayLike | None = None,
    history: ArrayLike | None = None,
) -> pd.DataFrame:
    """Score a forecast by what the areas it puts first went on to hold.

    Parameters
    ----------
    predicted : Series or array, shape (areas,)
        One number an area, the larger the more is expected.
    observed : Series or array, shape (areas,)
        Incidents or harm that came, of the same areas; quiet areas belong to it. Two Series are
        matched by index, so their order does not matter.
    area_km2 : Series or array, shape (areas,), optional
        Size of each area; all alike by default.
    area_shares : sequence of float
        Shares of the study area that could be patrolled. Areas are taken in order of forecast while
        together they stay within the share.
    ties : {"against", "for", "history"}
        Among equal forecasts, whether the areas that turned out quiet or busy come first. "against"
        gives the worst score the forecast deserves, of areas of unlike size nearly so; the two
        together show how much ties matter.
        "history": those with more ``history`` come first, and what is equal in that too against.
    predicted_is : {"amount", "score"}
        Amounts, such as counts and harm, are ranked per km²; scores, such as z, as they are.
    earlier : Series or array, shape (areas,), optional
        What the same areas held in the period the forecast was made from; adds ``pai_earlier`` and
        ``rri``.
    history : Series or array, shape (areas,), optional
        What the same areas ever held before, for ``ties="history"``.

    Returns
    -------
    DataFrame
        Indexed by ``area_share``: ``n_areas``, ``area_share_used``, ``hits`` (what the chosen areas
        held), ``hit_rate`` (share of all), ``pai`` (hit rate over area share; 1 is chance),
        ``best_hit_rate`` (the most any choice of the same area could hold) and ``pei`` (hit rate
        over that). A share too small for one area has ``n_areas`` 0 and no ``pai``.

    Raises
    ------
    InputError
        When areas do not match, or values are missing.

    Notes
    -----
    ``best_hit_rate`` allows part of a last area, so with areas of unequal size ``pei`` is never too
    high. It misleads when incidents sit on few snapped points: the places hardly can change, and a
    high score says little about foresight.

    References
    ----------
    Chainey, S., Tompson, L. and Uhlig, S. (2008). The utility of hotspot mapping for predicting
    spatial patterns of crime. Security Journal 21, 4-28. https://doi.org/10.1057/palgrave.sj.8350066
    Hunt, J. M. (2016). Do crime hot spots move? Exploring the effects of the modifiable areal unit
    problem and modifiable temporal unit problem on crime hot spot stability. American University.
    Levine, N. (2008). The "hottest" part of a hotspot: comments. Security Journal 21, 295-302.

    Examples
    --------
    >>> found = forecast_accuracy([8, 4, 4, 2, 1, 0], [6, 7, 3, 2, 1, 0], area_shares=[1 / 6, 0.5])
    >>> found[["n_areas", "hit_rate", "pai", "pei"]].round(3)
                n_areas  hit_rate    pai    pei
    area_share
    0.166667          1     0.316  1.895  0.857
    0.500000          3     0.842  1.684  1.000
    """
    ranked = _rank(predicted, observed, area_km2, earlier, ties, predicted_is, history)
    shares = numbers_of(listed(area_shares, "area_shares"), "area_shares").ravel()
    require(
        bool(((shares > 0) & (shares <= 1)).all()),
        f"`area_shares` must be above 0 and at most 1, e.g. 0.05; got {shares.tolist()}.",
    )
    within = np.cumsum(ranked.area)
    # A share of the ground may fall short of the areas that make it up by a last digit.
    taken = np.searchsorted(within, shares * ranked.area.sum() * (1 + _ROUNDING), side="right")
    return _scores(ranked, taken, pd.Index(shares, name="area_share"))


@dataclass(frozen=True)
class _Ranked:
    """Areas in the order of the forecast."""

    area: Floats
    observed: Floats
    earlier: Floats | None


def _rank(
    predicted: ArrayLike,
    observed: ArrayLike,
    area_km2: ArrayLike | None,
    earlier: ArrayLike | None,
    ties: str,
    predicted_is: str,
    history: ArrayLike | None,
) -> _Ranked:
    known = ", ".join(get_args(Ties))
    require(ties in get_args(Ties), f"`ties` must be one of {known}; got {ties!r}.")
    require(
        ties != "history" or history is not None,
        '`ties="history"` needs what the areas held before; `history` is missing.',
    )
    require_word("predicted_is", predicted_is, ("amount", "score"))
    values = _aligned(
        predicted=predicted,
        observed=observed,
        area_km2=area_km2,
        earlier=earlier,
        history=history,
    )
    came, size = values["observed"], values["area_km2"]
    density = came / size
    forecast = values["predicted"] / size if predicted_is == "amount" else values["predicted"]
    older = values.get("history", np.zeros(len(size))) / size
    # The worst order for the forecast: among equals the ground with fewest comes first.
    against = (-size, density, -older, -forecast)
    keys = (size, -density, -forecast) if ties == "for" else against
    order = np.lexsort(keys)
    before = values.get("earlier")
    return _Ranked(size[order], came[order], None if before is None else before[order])


def _aligned(**given: Any) -> dict[str, Floats]:
    """The arguments as arrays of one length; Series are matched by the index of the first."""
    first = given["predicted"]
    index = first.index if isinstance(first, pd.Series) else None
    findings = Findings()
    values = {}
    for name, value in given.items():
        if value is None:
            wanted = name in ("predicted", "observed")
            require(not wanted, f"`{name}` must be numbers; got None.")
            continue
        if index is not None and isinstance(value, pd.Series):
            if not (index.is_unique and value.index.is_unique):
                findings.error("index", f"the index of `{name}` and `predicted` must be unique.")
                continue
            strangers = value.index.symmetric_difference(index)
            if len(strangers):
                findings.error(
                    "areas",
                    f"`predicted` and `{name}` must be of the same areas; {len(strangers):,} are "
                    f"in only one of them: {listing(strangers)}. Quiet areas count too: fill "
                    "with 0.",
                )
                continue
            value = value.reindex(index)
        values[name] = numbers_of(value, name).ravel()
    findings.raise_errors(InputError)
    values.setdefault("area_km2", np.ones(len(values["predicted"])))
    _check_values(values)
    return values


def _check_values(values: Mapping[str, Floats]) -> None:
    findings = Findings()
    size = len(values["predicted"])
    for name, value in values.items():
        if len(value) != size:
            findings.error("length", f"`{name}` must have {size:,} values; got {len(value):,}.")
        elif not np.isfinite(value).all():
            missing = int((~np.isfinite(value)).sum())
            findings.error(
                "missing", f"`{name}` must be a number for every area; {missing:,} are missing."
            )
        elif name in ("observed", "earlier", "history") and (value < 0).any():
            findings.error("negative", f"`{name}` must be zero or more.")
        elif name == "area_km2" and (value <= 0).any():
            findings.error("area", "`area_km2` must be above zero for every area.")
    findings.raise_errors(InputError)


def _scores(ranked: _Ranked, taken: Codes, index: pd.Index) -> pd.DataFrame:
    area = _cumulative(ranked.area)
    held = _cumulative(ranked.observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = area[taken] / area[-1]
        hit_rate = held[taken] / held[-1]
        best = _best(ranked, area[taken]) / held[-1]
        table = pd.DataFrame(
            {
                "n_areas": taken,
                "area_share_used": share,
                "hits": held[taken],
                "hit_rate": hit_rate,
                "pai": np.where(taken > 0, hit_rate / share, np.nan),
                "best_hit_rate": best,
                "pei": np.where(taken > 0, hit_rate / best, np.nan),
            },
            index=index,
        )
        if ranked.earlier is not None:
            before = _cumulative(ranked.earlier)
            rate = before[taken] / before[-1]
            table["pai_earlier"] = np.where(taken > 0, rate / share, np.nan)
            table["rri"] = table["pai"] / table["pai_earlier"]
    return table


def _best(ranked: _Ranked, area: Floats) -> Floats:
    """The most that any choice of so much area could hold, part of a last area allowed."""
    order = np.argsort(-ranked.observed / ranked.area, kind="stable")
    return np.interp(area, _cumulative(ranked.area[order]), _cumulative(ranked.observed[order]))


def _cumulative(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])
