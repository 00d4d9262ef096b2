"""Numbers as people write them: with commas of either kind, with a unit, in degrees and minutes."""

from __future__ import annotations

import re
from importlib.util import find_spec

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.arrays import Floats
from hotspots.core.errors import Findings
from hotspots.io.incidents.parse_text import PlainNumbers, Texts
from hotspots.io.incidents.row_faults import Faults

GEOMETRY = ("geometry x", "geometry y")
"""Columns that stand for the geometry of a file; what is no point has the name of its kind."""
SPACES = " \u00a0\u202f"
NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
ANGLE = (
    rf"(?P<before>[NSEWnsew])?[\s:=]*(?P<degrees>{NUMBER})\s*(?P<mark>[°ºd:])?"
    r"(?:\s*(?P<minutes>\d+(?:[.,]\d+)?)\s*(?P<prime>['’′m:])?"
    r"(?:\s*(?P<seconds>\d+(?:[.,]\d+)?)\s*(?:[\"”″s]|'')?)?)?"
    r"\s*(?P<behind>[NSEWnsew])?"
)
CUT = r"[-+]?\d(?:\.(?P<decimals>\d+))?E\+(?P<tens>\d+)"
MOST_CUT_M, MOST_CUT_DEGREES = 100.0, 0.001
UNIT = rf"({NUMBER})\s*(?:m(?:et(?:re|er)s?)?\s*[ENen]?|[ENen])"


def numbers_of(
    column: Texts, degrees: bool, name: str, faults: Faults, findings: Findings
) -> Floats:
    """Numbers of a column; not-a-number where it is blank, and where it is none (a fault)."""
    if isinstance(column, PlainNumbers):
        return column.numbers
    values, read = read_numbers(column.bare, degrees)
    for kind, found in read.items():
        rows = int(column.spread(found).sum())
        if rows:
            findings.note(
                "comma-in-number" if "commas" in kind else "number-written",
                f"numbers read with {kind}: {rows:,}.",
                file=faults.file,
                column=name,
                rows=rows,
            )
    cut = column.spread(_is_cut(column.bare, degrees))
    faults.add(cut, column.tell, rule="number-cut", column=name)
    spread = np.where(column.unknown, np.nan, column.spread(values))
    kind = "degrees, such as -1.549 or 53.8" if degrees else "metres, such as 429790"
    faults.add(
        np.isnan(spread) & ~column.blank,
        column.tell,
        rule="not-a-point" if name in GEOMETRY else "not-a-number",
        column=name,
        kind=kind,
    )
    return np.where(cut, np.nan, spread)


def _is_cut(texts: pd.Series, degrees: bool) -> NDArray[np.bool_]:
    """Which texts are numbers as a spreadsheet shows them in a narrow column, figures gone."""
    found = np.array(texts.str.contains("E+", regex=False), dtype=bool)
    if found.any():
        parts = texts[found].str.extract(f"^{CUT}$")
        gone = 10.0 ** (parts["tens"].astype(float) - parts["decimals"].str.len().fillna(0))
        found[found] = gone.to_numpy() > (MOST_CUT_DEGREES if degrees else MOST_CUT_M)
    return found


def read_numbers(texts: pd.Series, degrees: bool) -> tuple[Floats, dict[str, NDArray[np.bool_]]]:
    r"""The number each text stands for, and which were read in another way than plainly.

    Examples
    --------
    >>> read_numbers(pd.Series(["-1,55", "1.55W", "53°48'00.0\"N", "here"]), True)[0].tolist()
    [-1.55, -1.55, 53.8, nan]
    >>> read_numbers(pd.Series(["429,700", "429.700,5", "429700 m"]), False)[0].tolist()
    [429700.0, 429700.5, 429700.0]
    """
    values = _plainly(texts)
    values = np.where(np.isfinite(values), values, np.nan)
    read: dict[str, NDArray[np.bool_]] = {}
    doubtful = np.flatnonzero(np.isnan(values))
    if not len(doubtful):
        return values, read
    some = texts.iloc[doubtful]
    for kind, found in (_with_commas(some, degrees) | _in_words(some, degrees)).items():
        fits = np.isnan(values[doubtful]) & ~np.isnan(found)
        read[kind] = np.zeros(len(values), dtype=bool)
        read[kind][doubtful] = fits
        values[doubtful[fits]] = found[fits]
    return values, read


def _plainly(texts: pd.Series) -> Floats:
    """Numbers as programs write them; at once where there are no others."""
    if find_spec("pyarrow") is not None:
        import pyarrow as pa
        from pyarrow import compute

        words = pa.array(texts.array, from_pandas=True)
        try:
            filled = compute.if_else(compute.equal(words, ""), None, words)
            return np.array(compute.cast(filled, pa.float64()).to_numpy(zero_copy_only=False))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _with_commas(texts: pd.Series, degrees: bool) -> dict[str, Floats]:
    """Numbers as they are with commas: before decimals in degrees; between thousands in metres.

    In metres a comma is one before decimals where a point parts the thousands, where more than
    three digits stand before it, or other than three behind.
    """
    thousands = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    decimal = r"-?\d+,\d+" if degrees else r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"
    plain = texts.str.replace(" ", "", regex=False)
    read: dict[str, Floats] = {}
    if not degrees:
        spaces = dict.fromkeys(SPACES, "")
        spaced = rf"-?\d{{1,3}}(?:[{''.join(SPACES)}]\d{{3}})+(?:[.,]\d+)?"
        read = {
            "thousands commas": _read(plain, thousands, {",": ""}),
            "thousands spaces": _read(texts, spaced, {**spaces, ",": "."}),
        }
    return {**read, "decimal commas": _read(plain, decimal, {".": "", ",": "."})}


def _read(texts: pd.Series, pattern: str, written: dict[str, str]) -> Floats:
    fits = np.asarray(texts.str.fullmatch(pattern), dtype=bool)
    values = np.full(len(texts), np.nan)
    if not fits.any():
        return values
    found = texts[fits]
    for mark, other in written.items():
        found = found.str.replace(mark, other, regex=False)
    values[fits] = found.astype(float)
    return values


def _in_words(texts: pd.Series, degrees: bool) -> dict[str, Floats]:
    """Degrees with minutes, seconds or a letter for the side; metres with their unit."""
    if not degrees:
        bare = texts.str.extract(f"^{UNIT}$")[0].str.replace(",", ".", regex=False)
        return {"a unit": pd.to_numeric(bare, errors="coerce").to_numpy(dtype=float)}
    marked = np.asarray(texts.str.contains(r"[NSEWnsew°º:]"), dtype=bool)
    values = np.full(len(texts), np.nan)
    values[marked] = [angle(str(text)) for text in texts[marked]]
    return {"degrees and minutes, or letters": values}


def angle(text: str) -> float:
    """Degrees of a text such as 1°33'W; not-a-number where it is none."""
    found = re.fullmatch(ANGLE, text.strip())
    if not found:
        return np.nan
    degrees, minutes, seconds = (
        float((found[part] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
    )
    side = (found["before"] or found["behind"] or "").upper()
    # Two numbers with a blank between are minutes only where something says so.
    unsaid = found["minutes"] and not (side or found["prime"] or found["mark"])
    if minutes >= 60 or seconds >= 60 or unsaid or (found["before"] and found["behind"]):
        return np.nan
    whole = abs(degrees) + minutes / 60 + seconds / 3_600
    return -whole if side in ("S", "W") or found["degrees"].startswith("-") else whole
