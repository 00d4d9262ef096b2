"""What stands around a place, in words: the user's own sites, never as a cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.report.escape import short_name
from hotspots.report.text.words import capital

if TYPE_CHECKING:
    import pandas as pd

MOST_NEAR = 12
"""Sites that a card names."""


def around_words(near: pd.DataFrame, reach_m: float) -> list[tuple[str, str]]:
    """Terms and texts of a card: the nearest sites by kind, and how many more there are.

    Examples
    --------
    >>> import pandas as pd
    >>> near = pd.DataFrame({"kind": ["pub", "CCTV", "pub"], "zone_name": ["The Crown", "", "Hop"],
    ...                      "distance_m": [0.0, 12.4, 90.0]})
    >>> for term, text in around_words(near, 150.0):
    ...     print(f"{term}: {text}")
    Around: sites that were given, within 150 m of the edge; never as a cause
    Pub, within 150 m: The Crown, inside; Hop, 90 m
    CCTV, within 150 m: 12 m
    """
    reach = f"within {reach_m:,.0f} m"
    if near.empty:
        return [("Around", f"none of the sites that were given is {reach} of the edge")]
    said = [("Around", f"sites that were given, {reach} of the edge; never as a cause")]
    for kind, some in near.head(MOST_NEAR).groupby("kind", sort=False):
        listed = map(_site, some["zone_name"], some["distance_m"])
        label = capital(short_name(str(kind).replace("_", " ")))
        said.append((f"{label}, {reach}", "; ".join(listed)))
    more = len(near) - MOST_NEAR
    return [*said, (f"Not named, {reach}", f"{more:,} more")] if more > 0 else said


def _site(name: object, distance_m: float) -> str:
    far = "inside" if distance_m <= 0 else f"{max(1, round(distance_m)):,} m"
    return f"{named}, {far}" if (named := short_name(name)) else far
