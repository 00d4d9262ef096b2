"""The official workbook of the Cambridge Crime Harm Index, read where the user keeps it.

Nothing of the workbook comes with this library: it is under copyright.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import is_zipfile

import numpy as np
import pandas as pd

from hotspots.core.archives import zip_members
from hotspots.core.errors import DataError, listing, require_extra
from hotspots.offences.codes import HOME_OFFICE, normalise_offence

ABOUT = {
    "unit": "days of imprisonment (starting point of the sentence of a first offender)",
    "source": "Cambridge Centre for Evidence-Based Policing, Cambridge Crime Harm Index",
    "licence": "Copyright Cambridge Centre for Evidence-Based Policing; read from the user's own "
    "copy of the workbook.",
    "caveat": "Harm is the starting point of the sentence, not the suffering of the victim. A code "
    "with several entries, and a class, carries the median of its entries.",
}

_SCORE, _CODE, _CLASS = "CCHI Score", "HOME_OFFICE_CLASSIFICATION", "CLASSIFICATION_CODE"


def read_workbook(
    file: Path, sheet: str | int | None
) -> tuple[list[tuple[str, float, float, float]], int]:
    """Offence, median, smallest and largest days of every code and class; entries left out."""
    require_extra("openpyxl", "excel", "reading the Cambridge workbook")
    return _medians(_rows(file, sheet))


def _rows(file: Path, sheet: str | int | None) -> pd.DataFrame:
    """Rows of the workbook with code, class and days; the header may stand below a title."""
    if is_zipfile(file):
        zip_members(file, file.name)
    try:
        sheets = pd.read_excel(file, sheet_name=sheet, header=None, dtype=object)
    except Exception as error:  # readers of workbooks raise whatever they like
        raise DataError(f"{file.name}: not a workbook that can be read: {error}") from error
    pages = sheets if isinstance(sheets, dict) else {str(sheet): sheets}
    for page in pages.values():
        rows = _below_header(page)
        if rows is not None:
            return rows
    raise DataError(
        f"{file.name}: the Cambridge workbook must have a sheet with the columns {_SCORE!r} and "
        f"{_CODE!r}; looked in {listing(pages)}. Name the sheet with `sheet`."
    )


def _below_header(page: pd.DataFrame) -> pd.DataFrame | None:
    wanted = {_plain(name): name for name in (_SCORE, _CODE, _CLASS)}
    for line in range(min(len(page), 30)):
        names = [wanted.get(_plain(cell)) for cell in page.iloc[line]]
        if _SCORE in names and _CODE in names:
            rows = page.iloc[line + 1 :].set_axis(
                [name or f"other {number}" for number, name in enumerate(names)], axis=1
            )
            return rows.reindex(columns=[_CODE, _CLASS, _SCORE])
    return None


def _plain(cell: object) -> str:
    return "".join(str(cell).casefold().replace("_", "").split())


def _medians(rows: pd.DataFrame) -> tuple[list[tuple[str, float, float, float]], int]:
    days = pd.to_numeric(rows[_SCORE], errors="coerce")
    found: dict[str, list[float]] = {}
    left_out = 0
    for texts, value in zip(rows[[_CODE, _CLASS]].itertuples(index=False), days, strict=True):
        codes = {normalise_offence(str(text), HOME_OFFICE) for text in texts if pd.notna(text)}
        codes.discard(None)
        if pd.isna(value) or not codes:
            left_out += int(pd.notna(value))
            continue
        for code in codes:
            found.setdefault(str(code), []).append(float(value))
    weights = [
        (code, float(np.median(values)), min(values), max(values))
        for code, values in sorted(found.items())
    ]
    return weights, left_out
