"""The product on two sheets of paper, and as Markdown for e-mails: no map, no script."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.report.escape import policy_hash, templates
from hotspots.report.text.headline import HEADINGS

if TYPE_CHECKING:
    from jinja2 import Environment

BRIEFING = ("briefing.html", "briefing.md")
MOST_CAVEATS = 6
_MARKS = re.compile(r"([\\`*_\[\]|~<>]|&(?=#?\w+;)|^[#+-])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")


def write_briefing(
    view: dict[str, Any],
    folder: Path,
    *,
    names: tuple[str, str] = BRIEFING,
) -> list[Path]:
    """Write the words of a page as ``briefing.html`` and ``briefing.md``.

    Parameters
    ----------
    view : dict
        What the page says, for the same readers.
    folder : path
        Where to write.
    names : pair of str
        Of the two files.

    Returns
    -------
    list of Path
        The two files.
    """
    first = list(dict.fromkeys([*view["loud"], *view["leading"]]))
    themes = [(theme["label"], theme.get("lately", ())) for theme in view["themes"]]
    given = view | {
        "headings": ("Theme", *HEADINGS),
        "lately": [(label, *row) for label, rows in themes for row in rows],
        "caveats": list(dict.fromkeys([*first, *view["caveats"]])),
        "most": max(MOST_CAVEATS, len(first)),
    }
    page, text = (folder / name for name in names)
    written = rendered("briefing.html.j2", "briefing.css", given)
    page.write_text(f"{written}\n", encoding="utf-8", newline="\n")
    plain = _environment(escape=False).get_template("briefing.md.j2").render(**given)
    text.write_text(plain.strip() + "\n", encoding="utf-8", newline="\n")
    return [page, text]


def rendered(template: str, style: str, view: dict[str, Any]) -> str:
    """A page whose policy allows its own style and nothing else; every text in it is escaped."""
    from markupsafe import Markup

    looks = "".join(map(_asset, dict.fromkeys(("briefing.css", style))))
    policy = f"default-src 'none'; style-src {policy_hash(looks)}; base-uri 'none'"
    page = _environment(escape=True).get_template(template)
    return page.render(**view, style=Markup(looks), policy=policy)  # noqa: S704


def markdown(value: object) -> str:
    r"""Text that Markdown shows as it is, in one line.

    Examples
    --------
    >>> print(markdown("[Mill] *Lane* <b>\nx"))
    \[Mill\] \*Lane\* \<b\> x
    """
    marked = _MARKS.sub(r"\\\1", " ".join(str(value).split()))
    return _NUMBERED.sub(r"\1\\\2", marked)


@lru_cache(maxsize=2)
def _environment(*, escape: bool) -> Environment:
    return templates(_asset, escape=escape, finalize=None if escape else markdown)


@lru_cache(maxsize=5)
def _asset(name: str) -> str:
    return (resources.files("hotspots.report") / "assets" / name).read_text(encoding="utf-8")
