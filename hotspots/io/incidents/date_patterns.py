"""How days, months and clocks are written: one table each, tried in their order."""

from __future__ import annotations

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NAME = r"(?P<name>[a-z]{3,9})\.?"
_HALF = r"\s*(?:(?P<half>[ap]\.?m\.?)|h(?:ou)?rs?\.?|uhr)?"
_ZONE = r"z|bst|(?:utc|gmt)?[+-](?:0\d|1[0-4])(?::?(?:00|15|30|45))?|utc|gmt"
_CLOCK = (
    r"(?:(?:[t ,:]+|[ ,]+(?:at|um|-) )"
    r"(?P<hour>\d{1,2})[:.h]?(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"{_HALF}\s*(?P<zone>{_ZONE})?(?: \([a-z ]+\))?)?"
)
DATES = [
    *(
        re.compile(pattern + _CLOCK, re.ASCII)
        for pattern in (
            r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
            r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[- /]?{_NAME}[-, /]*(?P<year>\d{{4}}|\d{{2}})",
            rf"{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
            r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
            r"(?P<year>\d{4})-?w(?P<week>\d{2})(?:-?(?P<weekday>[1-7]))?",
        )
    ),
    re.compile(
        r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
        r"t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?",
        re.ASCII,
    ),
]
WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? ")
WEEK_OF = re.compile(r"^(?:w/?[cb]|week (?:commencing|beginning|starting|of)):? ")
OFFSETS = r"(?:[ ,](\d{2}:?\d{2})|\d)\s*([+-]\d{2}:?\d{2})$"
"""A clock without seconds behind a blank, where there is one, and what looks like its zone."""
TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?)"
    rf"|(?P<joined>\d{{2}}))?{_HALF}",
    re.ASCII,
)
MONTH_TEXTS = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{2})",
        r"(?P<year>\d{4})[-/. ]?(?P<month>\d{1,2})",
        r"(?P<month>\d{1,2})[-/. ](?P<year>\d{4})",
        rf"{_NAME}[-/ ]?(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<year>\d{{4}}|\d{{2}})[-/ ]{_NAME}",
        r"(?P<year>\d{4})-(?P<month>\d{2})-01(?:[t ]00:00(?::00)?)?",
        r"0?1/(?P<month>\d{1,2})/(?P<year>\d{4})(?: 00:00(?::00)?)?",
    )
]
_DAY = r"(?:\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}[ -][a-z]{3,9}[ -]\d{2,4})"
UNREAD = {
    "date-span": rf"(?:between |from )?{_DAY}(?!\d).*(?:-|–|/| to | and | until | till )\s*"
    rf"(?:{_DAY}.*|\d{{1,2}}[:.]?\d{{2}}\s*(?:h(?:ou)?rs)?)",
    "date-coarse": r"(?:\d{4}[-/ ]*)?q[1-4]\b.*|(?:week|wk) ?\d.*|\d{4}(?:/\d{2,4})?|"
    r"(?:spring|summer|autumn|winter) \d{4}",
    "date-yearless": r"\d{1,2}(?:st|nd|rd|th)?[-/ ](?:[a-z]{3,9}|\d{1,2})(?: \d{1,2}:\d{2})?|"
    r"[a-z]{3,9} \d{1,2}(?:st|nd|rd|th)?",
}
"""What stands where a day is expected and is none, by the code of the finding that says so."""
