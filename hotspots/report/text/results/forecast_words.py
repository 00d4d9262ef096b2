"""Where the next period's incidents are expected, in words, and which cells to count in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hotspots.report.text.words import counted


def area_forecast(found: Any) -> Iterator[str]:
    """How the past is weighed, on how much it was tried, and what it gains over a plain count."""
    plain = found.tried[(found.tried["window"] == 12) & (found.tried["spread"] == 0)]
    best = found.tried["mean_pai"].max()
    yield f"Expected from {counted(found.periods, 'period')}: {weighing(found.weighing)}."
    if found.steps < 3:
        yield "There were too few periods to try how fast incidents fade."
    elif len(plain):
        yield (
            f"Tried on {counted(found.steps, 'period')}, each from those before, this would have "
            f"found {best:.1f} times as much in the best ground as chance; a plain count of 12 "
            f"periods {plain['mean_pai'].iloc[0]:.1f} times."
        )
    if found.left_out:
        yield f"{counted(found.left_out, 'incident')} mostly found by officers were left out."


def weighing(chosen: Any) -> str:
    """How much an incident counts by its age."""
    if chosen.half_life is not None:
        words = f"an incident counts half after {chosen.half_life:g} periods"
    elif chosen.window is None:
        words = "all periods count alike"
    else:
        words = f"the last {chosen.window} periods count alike"
    lent = f", and {chosen.spread:.0%} of a score come from the neighbours" if chosen.spread else ""
    return words + lent


def grid_advice(found: Any) -> Iterator[str]:
    """What to take, and how sure that is."""
    best = found.table.iloc[0]
    if found.better:
        yield (
            f"Take {found.grid.name} and {_method(found.method)}: over "
            f"{counted(found.months, 'month')} the best {found.area_share:.0%} of the ground held "
            f"{best['hit_rate']:.1%} of what came, {100 * best['difference']:+.1f} points "
            f"({100 * best['low']:+.1f} to {100 * best['high']:+.1f}) against the usual choice."
        )
        return
    yield (
        f"Stay with {found.grid.name} and {_method(found.method)}: over "
        f"{counted(found.months, 'month')} no other was better beyond luck; the best tried, "
        f"{best['grid']} and {_method(best['method'])}, by {100 * best['difference']:+.1f} points "
        f"({100 * best['low']:+.1f} to {100 * best['high']:+.1f})."
    )


def _method(name: str) -> str:
    if name == "forecast":
        return "the forecast"
    return f"a plain count of {name.removeprefix('count ')} months"
