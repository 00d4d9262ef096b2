"""From bytes to text: what a file really is, and how its letters are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hotspots.core.errors import DataError, require

CACHED_BYTES = 1 << 18

_OTHER_FORMATS: list[tuple[bytes | tuple[bytes, ...], str, str]] = [
    (
        b"PK\x03\x04",
        "is a zip archive, an Excel workbook or another spreadsheet",
        "Save a sheet as .xlsx or CSV (another name makes no .xlsx of an .ods or .xlsb).",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook, or one with a password",
        "Open it in Excel and save the sheet, without a password, as CSV or .xlsx.",
    ),
    (b"SQLite format 3", "is a GeoPackage or another SQLite file", "Name it .gpkg."),
    (b"PAR1", "is a Parquet file", "Name it .parquet."),
    (b"%PDF", "is a PDF", "Ask for the data as CSV."),
    ((b"\x89PNG", b"\xff\xd8\xff"), "is a picture", "Ask for the data as CSV."),
    (b"\x1f\x8b", "is gzip", "Name it .csv.gz."),
]
_OTHER_TEXTS: list[tuple[bytes | tuple[bytes, ...], str, str]] = [
    (
        (b"{", b"["),
        "looks like JSON",
        "Name it .json (data.police.uk API) or .geojson; export records of which each has a line "
        "of its own as CSV.",
    ),
    (
        b"<",
        "looks like a web page or XML",
        "A download that failed often saves the error page: download it again. A report named .xls "
        "may be one, too: open it in a spreadsheet and save it as .xlsx or CSV.",
    ),
]

# The mark of UTF-32 begins with that of UTF-16, so it is asked for first.
_MARKS = [
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
]


@dataclass(frozen=True)
class Text:
    """A file's bytes as UTF-8 without a byte-order mark, and what they were.

    `sealed` where they are those of the file, and their SHA-256 will be asked for.
    """

    data: bytes
    encoding: str
    had_mark: bool
    sealed: bool = False

    @cached_property
    def marks(self) -> Marks:
        """What stands in it."""
        return text_marks(self.data, sealed=self.sealed)


@dataclass(frozen=True)
class Marks:
    """What stands in a text; it is usual where it has no NUL, and no return without a line feed."""

    line_feeds: int
    returns: int
    is_ascii: bool
    is_usual: bool
    digest: str | None


def text_marks(data: bytes, *, sealed: bool = False) -> Marks:
    r"""All of it asked of one piece after another, which stays in the cache meanwhile.

    Examples
    --------
    >>> marks = text_marks(b"a,b\r\n1,2\r\n")
    >>> marks.line_feeds, marks.returns, marks.is_usual, text_marks(b"a\rb").is_usual
    (2, 2, True, False)
    """
    seal, buffer = hashlib.sha256(), np.frombuffer(data, dtype=np.uint8)
    feeds = returns = most = 0
    has_nul = False
    for at in range(0, len(buffer), CACHED_BYTES):
        piece = buffer[at : at + CACHED_BYTES]
        feeds += int(np.count_nonzero(piece == ord("\n")))
        # Searching is much faster than counting, and most texts have none.
        if data.find(b"\r", at, at + CACHED_BYTES) >= 0:
            returns += int(np.count_nonzero(piece == ord("\r")))
        has_nul = has_nul or data.find(b"\x00", at, at + CACHED_BYTES) >= 0
        most = max(most, int(piece.max()))
        if sealed:
            seal.update(piece.data)
    is_usual = not has_nul and (not returns or returns == data.count(b"\r\n"))
    digest = seal.hexdigest() if sealed else None
    return Marks(feeds, returns, most < 128, is_usual, digest)


def to_utf8(data: bytes, name: str, encoding: str | None = None, *, sealed: bool = False) -> Text:
    """Bytes of a text file as UTF-8; an error that says what it is when it is not text."""
    _refuse_other_formats(data, name)
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return Text(_decoded(data[len(mark) :], kind, name), kind, True)
    if encoding is not None:
        return Text(_decoded(data, encoding, name), encoding, False)
    unmarked = _encoding_without_mark(data)
    if unmarked is not None:
        return Text(_decoded(data, unmarked, name), unmarked, False)
    text = Text(data, "utf-8", False, sealed)
    if text.marks.is_ascii or is_utf8(data):
        return text
    return Text(_decoded(data, "cp1252", name), "cp1252", False)


def _refuse_other_formats(data: bytes, name: str) -> None:
    known = other_kind(data, name)
    if known:
        what, mend = known
        raise DataError(
            f"a CSV file was expected; this {what}.", rule="not-csv", file=name, mend=mend
        )


def other_kind(data: bytes, name: str) -> tuple[str, str] | None:
    """What a file is that is no table in text, and what to do; an empty one is refused."""
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    require(
        bool(start or data[2048:].strip(b"\xef\xbb\xbf \t\r\n\x00")),
        f"a header and rows were expected; it is empty ({len(data)} bytes).",
        DataError,
        rule="empty-file",
        file=name,
        mend="Download or export it again.",
    )
    known = [(what, mend) for magic, what, mend in _OTHER_FORMATS if data.startswith(magic)]
    known += [(what, mend) for first, what, mend in _OTHER_TEXTS if start.startswith(first)]
    if not known and _is_binary(data):
        return "is not text", "Export the data as CSV (UTF-8)."
    return known[0] if known else None


def is_utf8(data: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(data: bytes) -> bool:
    sample = np.frombuffer(data[:65536], dtype=np.uint8)
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    if _encoding_without_mark(data):
        return False
    control = (sample < 32) & ~np.isin(sample, (9, 10, 12, 13))
    # A stray control character happens in exports; in no text is it one letter of fifty.
    return bool(control.mean() > 0.02)


def _encoding_without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark shows as a NUL in almost every second byte."""
    sample = np.frombuffer(data[:65536], dtype=np.uint8)
    if len(sample) < 4:
        return None
    odd, even = (sample[1::2] == 0).mean(), (sample[::2] == 0).mean()
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def _decoded(data: bytes, encoding: str, name: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        # Five bytes mean nothing in cp1252; Latin-1 takes every byte, and nothing is lost.
        if encoding == "cp1252":
            return data.decode("latin-1").encode("utf-8")
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise DataError(
            f"text in {encoding} was expected; {error}. Save the file again as CSV UTF-8, or name "
            "its 'encoding' in the field map.",
            rule="encoding",
            file=name,
            line=line,
        ) from error
