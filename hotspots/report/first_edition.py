"""What the first version of the library wrote in words, read as the codes and parts of today."""

from __future__ import annotations

import re
from datetime import datetime

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, InputError
from hotspots.core.periods import Period
from hotspots.core.record import ThemeStatus
from hotspots.core.states import HarmShown, Shown
from hotspots.report.text.words import Sentence

_ROUNDED = "count rounded to 5"
CODES: dict[str, tuple[Shown, HarmShown | None]] = {
    "shown": (Shown.EXACT, None),
    _ROUNDED: (Shown.ROUNDED, None),
    f"{_ROUNDED}, harm in a band": (Shown.ROUNDED, HarmShown.BAND),
    f"{_ROUNDED}, harm withheld: too few, or one event or place dominates": (
        Shown.ROUNDED,
        HarmShown.WITHHELD,
    ),
    f"{_ROUNDED}, up to 4 too high, so that nothing small is told": (Shown.MERGED_UP, None),
    f"{_ROUNDED}, up to 4 too low, so that nothing small is told": (Shown.MERGED_DOWN, None),
    "counts rounded to 5, up to 4 off, so that nothing small is told": (Shown.MERGED, None),
    "withheld: fewer than 5 incidents, or none": (Shown.SMALL, None),
    "withheld: beside other numbers a reader has, this count would tell a small one": (
        Shown.LINKED,
        None,
    ),
    "months withheld": (Shown.LINKED, None),
    "shares of incidents withheld": (Shown.SHARE, None),
}
_STATUS = re.compile(r"(?P<label>.*): (?P<state>measured|proxy|absent)(?: \((?P<note>.*)\))?", re.S)
_WITHHELD = re.compile(
    r"Counts below (?P<fewest>\d+), none included, are not shown \((?P<what>.*) in "
    r"(?P<kinds>[^:]*): (?P<held>[\d,]+) of (?P<areas>[\d,]+) areas withheld; harm of "
    r"(?P<harm>[\d,]+) more withheld\)\."
)


def with_codes(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """A table with codes for the words of its column ``disclosure``, and keys for its periods."""
    found = table
    if "disclosure" in table.columns:
        words = table["disclosure"].astype(object)
        strange = set(words.dropna().unique()) - set(CODES)
        if strange or words.isna().any():
            raise DataError(
                f"{file}: the column 'disclosure' must say what the first version of the library "
                f"wrote; it also says {sorted(map(str, strange)) or 'nothing'}. What a reader may "
                "conclude of such rows is not known: give the file as it was written.",
                rule="unknown-words",
            )
        found = table.drop(columns="disclosure")
        found["shown"] = words.map(lambda said: CODES[said][0].value)
        harm = [CODES[said][1] for said in words]
        if any(harm):
            found["harm_shown"] = [None if one is None else one.value for one in harm]
    if "period" in found.columns:
        found = found.assign(period=found["period"].map(lambda name: period_key(str(name), file)))
    return found


def period_key(name: str, file: str) -> str:
    """The key of a period by what it was called.

    Examples
    --------
    >>> period_key("January 2018 to March 2018", "a.gpkg"), period_key("2018-07", "a.gpkg")
    ('2018-01/2018-03', '2018-07')
    """
    try:
        return Period.parse(name).key
    except InputError:
        ends = [_of_words(words, file) for words in name.split(" to ")]
        return Period(ends[0].start, ends[-1].end, name).key


def _of_words(words: str, file: str) -> Period:
    """The month of "July 2018", the day of "3 July 2018", the year of "2018"."""
    for form, months, days in (("%B %Y", 1, 0), ("%d %B %Y", 0, 1), ("%Y", 12, 0)):
        try:
            start = pd.Timestamp(datetime.strptime(words, form))
        except ValueError:
            continue
        end = start + pd.DateOffset(months=months, days=days)
        return Period.parse((start.date().isoformat(), end.date().isoformat()))
    raise DataError(
        f'{file}: a period is called "July 2018" or "3 July 2018 to 9 July 2018"; got {words!r}.'
    )


def status_of(name: str, said: str) -> ThemeStatus | None:
    """What the data could say about a theme, as it was written."""
    match = _STATUS.fullmatch(said)
    if match is None:
        return None
    return ThemeStatus(name, match["label"], match["state"], match["note"] or "")  # type: ignore[arg-type]


def sentence_of(said: str, label: str) -> str:
    """A finding as it was written: with the label of its theme in front, if it has one."""
    first, colon, rest = said.partition(": ")
    own = bool(colon) and first.casefold() == label.casefold()
    return Sentence(first, rest) if own else said


def caveat_of(said: str) -> Caveat:
    """A caveat as it was written: whoever reads the file has read it."""
    match = _WITHHELD.fullmatch(said)
    if match is None:
        return Caveat.given(said, counts_incidents=False)
    counts = {
        name: int(match[name].replace(",", "")) for name in ("fewest", "held", "areas", "harm")
    }
    names = {name: tuple(match[name].split(", ")) for name in ("what", "kinds")}
    return Caveat("withheld", names | counts)
