"""Words for what chance can do: percentages, probabilities, ends of intervals, verdicts."""

from __future__ import annotations

EVIDENCE = {
    "beyond-chance": "beyond chance, with its neighbours",
    "could-be-chance": "could be chance",
    "not-tested": "not tested",
}
"""Words for the codes of the column ``evidence``: the test is of an area and those around it."""


def percent_words(before: float, after: float) -> str:
    """A percentage in brackets, or nothing where there is no base for one.

    Examples
    --------
    >>> percent_words(120, 85), percent_words(0, 5)
    (' (-29 %)', '')
    """
    return f" ({after / before - 1:+.0%})".replace("%", " %") if before > 0 else ""


def p_words(p_value: float) -> str:
    """A probability as people write it; never a bare nought.

    Examples
    --------
    >>> p_words(0.2324), p_words(0.0002)
    ('p = 0.232', 'p < 0.001')
    """
    return "p < 0.001" if p_value < 0.0005 else f"p = {p_value:.3f}"


def verdict(
    low: float, high: float, *, nothing: float, chosen: bool = False, drift: bool = False
) -> str:
    """One sentence on whether the interval leaves room for no change.

    Where the areas were chosen from the counts compared, it claims nothing about chance; where it
    does not know how far places ``drift`` by themselves, it says so.
    """
    if low > nothing or high < nothing:
        outside = "No change lies outside the interval"
        if chosen:
            return f"{outside}, which knows nothing of how the areas were chosen."
        apart = "" if drift else "; how far places drift apart by themselves is not in it"
        return f"{outside}: chance alone would rarely give this{apart}."
    return (
        "The interval includes no change: chance alone could give this, so it shows neither that "
        "it worked nor that it did not."
    )


def places_apart(*ends: float, nothing: float, least: int, most: int = 6) -> int:
    """Decimal places with which the ends of an interval still lie where they do.

    Examples
    --------
    >>> places_apart(0.62, 0.997, nothing=1, least=2), places_apart(0.62, 0.8, nothing=1, least=2)
    (3, 2)
    """
    for places in range(least, most):
        if all(round(end, places) != nothing or end == nothing for end in ends):
            return places
    return most


def signed(value: float, places: int = 1) -> str:
    """A change with its sign, without a needless nought behind the point.

    Examples
    --------
    >>> signed(-10.0), signed(2.25)
    ('-10', '+2.2')
    """
    rounded = round(value, places)
    return f"{rounded:+,.0f}" if rounded == int(rounded) else f"{rounded:+,.{places}f}"
