"""The monthly pack in a proposed product file: sections that are one "#" away."""

from __future__ import annotations

from collections.abc import Mapping

from hotspots.core.schema import to_toml

PREVIOUS = 'previous = "last-month"'
WITH_HOURS = "instant"


def remembered() -> list[str]:
    """The setting that gives a pack its memory, as a comment."""
    return ["# What came, stayed and went since the last pack: name its folder.", f"#{PREVIOUS}"]


def offered(theme: str, precision: Mapping[str, int]) -> list[str]:
    r"""Sections that need nothing but incidents, as comments: without "#" they are settings.

    Parameters
    ----------
    theme : str
        The theme they are about.
    precision : mapping
        How many rows have a time of which precision: without hours nothing is offered on them.

    Examples
    --------
    >>> print("\n".join(offered("asb", {"month": 60})[1:5]))
    <BLANKLINE>
    # Where patrols could go, and what those places carry already.
    #[patrols]
    #theme = "asb"
    """
    sections = {
        "patrols": ("Where patrols could go, and what those places carry already.", theme),
        "when": ("On which days and at which hours.", [theme]),
        "new": ("What is new.", theme),
        "repeats": ("How soon and how near the next one follows.", theme),
    }
    if WITH_HOURS not in precision:
        del sections["when"], sections["new"], sections["repeats"]
    lines = ["# The monthly pack: take away the # before what is wanted."]
    for name, (why, about) in sections.items():
        key = "theme" if isinstance(about, str) else "themes"
        lines += ["", f"# {why}", f"#[{name}]", f"#{to_toml({key: about}).rstrip()}"]
    told = "[clear_hold_build], [wards], [pspo], [change], [watch], [timetable]"
    return [*lines, "", f"# More, with zones: {told}; see docs/product.md."]
