"""Text from data is never code: one place that makes JSON inert and text harmless.

A page has two doors for text. Server-side text goes through an autoescaping template; everything
else goes through :func:`inert_json` into a ``<script type="application/json">`` block, which no
browser executes, and from there into the page as text content. Where a stock Folium map writes text
itself, it gets :func:`inert_html`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hotspots.core.plain import clipped, still_text

if TYPE_CHECKING:
    from jinja2 import Environment

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "{": "\\u007b",
    "}": "\\u007d",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_MARKUP = re.compile("[<>&\"'`$\\\\{}%#=\u2028\u2029]")
LONGEST_NAME = 120


def inert_json(value: Any) -> str:
    r"""JSON that can stand inside a script element, whatever the text in it.

    Braces inside text are escaped too, so that no template engine downstream can find a template;
    structural braces stay. Not-a-number is refused: missing values are ``None``.

    Examples
    --------
    >>> inert_json({"name": "</script>{{7*7}}"})
    '{"name":"\\u003c/script\\u003e\\u007b\\u007b7*7\\u007d\\u007d"}'
    """
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "".join(_pieces(value, encoder))


def inert_html(value: Any) -> str:
    r"""Text as HTML that can pass through templates and scripts on its way into a page.

    Whatever could end a string, a template or a tag is written as a character entity.

    Examples
    --------
    >>> inert_html("<b>{{7*7}}")
    '&#60;b&#62;&#123;&#123;7*7&#125;&#125;'
    """
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", plain_text(value))


def templates(load: Callable[[str], str], *, escape: bool = True, **more: Any) -> Environment:
    """Templates of pages: texts are escaped, and what is missing is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(load),
        autoescape=escape,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **more,
    )


def policy_hash(text: str) -> str:
    """What the policy of a page calls a script or a style that stands in it."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def plain_text(value: Any) -> str:
    r"""Text as it will be shown: missing is empty, control characters become a visible mark.

    Marks that change the direction of writing are left out: they would turn the text around them.

    Examples
    --------
    >>> plain_text(float("nan")), plain_text("Kirk\x00gate")
    ('', 'Kirk�gate')
    >>> plain_text("\u202eKirkgate")
    'Kirkgate'
    """
    if type(value) is not str and (
        value is None or (isinstance(value, float) and math.isnan(value))
    ):
        return ""
    text = str(value)
    return "" if text in {"<NA>", "NaT"} else still_text(text)


def short_name(value: Any) -> str:
    """A name as it will be shown, at most 120 characters long.

    Examples
    --------
    >>> short_name("Kirkgate"), len(short_name("Kirkgate " * 99))
    ('Kirkgate', 120)
    """
    return clipped(plain_text(value), LONGEST_NAME)


def _pieces(value: Any, encoder: json.JSONEncoder) -> list[str]:
    if isinstance(value, dict):
        parts = ["{"]
        for position, (key, item) in enumerate(value.items()):
            parts += ["," if position else "", _quoted(str(key), encoder), ":"]
            parts += _pieces(item, encoder)
        return [*parts, "}"]
    if isinstance(value, (list, tuple)):
        kinds = set(map(type, value))
        # Nearly all of a page are lists of plain numbers: no text in them has to be made harmless.
        if kinds <= {int, float, bool, type(None)}:
            return [encoder.encode(value)]
        if kinds == {str}:
            return [_escaped(encoder.encode([plain_text(item) for item in value]))]
        parts = ["["]
        for position, item in enumerate(value):
            parts += ["," if position else "", *_pieces(item, encoder)]
        return [*parts, "]"]
    if isinstance(value, str):
        return [_quoted(value, encoder)]
    return [encoder.encode(value)]


def _quoted(text: str, encoder: json.JSONEncoder) -> str:
    return _escaped(encoder.encode(plain_text(text)))


def _escaped(quoted: str) -> str:
    """Quoted text, or a list of it: every brace in there is text."""
    for character, escape in _ESCAPES.items():
        quoted = quoted.replace(character, escape)
    return quoted
