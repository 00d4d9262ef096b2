"""Packed files, judged by their list of contents before anything is unpacked.

A few kilobytes can unpack to more than a computer holds. So size, ratio and number of members are
looked at first, and nothing in an archive but ordinary files is read.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from hotspots.core.errors import DataError, Findings, listing, require
from hotspots.core.text.mends import Mend

LARGEST_GIB = 4.0
MOST_MEMBERS = 50_000
# Deflate can pack 1,032 to 1; tables of incidents come to some tens.
HIGHEST_RATIO = 200
SMALL_BYTES = 2**24
"""What unpacks to less than this may be packed as tightly as it likes."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
NESTED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".bz2", ".xz", ".cab")
# Of the list of contents: 46 bytes of its own, the name, what some programs add.
LONGEST_ENTRY = 512
NOT_A_ZIP = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, struct.error)
"""What the zip reader raises on damage, by its own tests of hostile files: told as a DataError."""


def zip_members(
    archive: Path | IO[bytes],
    name: str,
    *,
    wanted: Callable[[str], object] = lambda member: True,
    largest_gib: float = LARGEST_GIB,
    can_raise: bool = False,
) -> list[str]:
    """The files in a zip archive, once it is known that the wanted ones are safe to unpack.

    Parameters
    ----------
    archive : path or stream of bytes
        The archive; only its list of contents is read.
    name : str
        What to call it in messages.
    wanted : callable
        Which members will be read; only they have to be safe.
    largest_gib : float
        Most gibibytes that all wanted members together may unpack to.
    can_raise : bool
        Whether a caller can raise that limit by `largest_gib`.

    Returns
    -------
    list of str
        Names of all files in it, sorted, wanted or not.

    Raises
    ------
    DataError
        With every reason, when it is no zip archive, has too many members, unpacks to too much or
        too well to be honest, or when wanted members are locked, links, led out of the archive by
        their names, or packed in a way that cannot be read.

    Notes
    -----
    Misleads where a list of contents lies about sizes: :mod:`zipfile` then stops at the size that
    was told, and finds that the checksum is wrong.

    Examples
    --------
    >>> import io, zipfile
    >>> stream = io.BytesIO()
    >>> with zipfile.ZipFile(stream, "w") as made:
    ...     made.writestr("2018-07/street.csv", "Crime ID,Month")
    >>> zip_members(stream, "july.zip")
    ['2018-07/street.csv']
    """
    try:
        _check_length_of_list(archive, name)
        with zipfile.ZipFile(archive) as opened:
            members = [item for item in opened.infolist() if not item.is_dir()]
    except NOT_A_ZIP as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"a whole zip archive was expected; {error}. Download it again.",
            rule="bad-zip",
            file=name,
        ) from error
    findings = Findings()
    chosen = [item for item in members if wanted(item.filename)]
    _check_members(chosen, name, findings)
    _check_sizes(chosen, name, largest_gib, can_raise, findings)
    findings.raise_errors()
    return sorted(item.filename for item in members)


def too_large(name: str, largest_gib: float, *, can_raise: bool = False) -> DataError:
    """The error for a file that is, or unpacks to, more than the limit."""
    return DataError(
        f"at most {largest_gib:g} GiB are read, unpacked; it holds more.",
        rule="archive-size",
        file=name,
        mend=Mend("raise-limit") if can_raise else "Split it into months.",
    )


def too_tight(packed: int, unpacked: int) -> bool:
    """Whether something unpacks to more than honest tables do."""
    return unpacked > SMALL_BYTES and unpacked > HIGHEST_RATIO * max(packed, 1)


def _check_length_of_list(archive: Path | IO[bytes], name: str) -> None:
    """Refuse a list of contents too long to be read into memory; the end of the file tells."""
    if isinstance(archive, Path):
        with archive.open("rb") as stream:
            tail = _tail(stream)
    else:
        tail = _tail(archive)
    at, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    count = size = 0
    if 0 <= at <= len(tail) - 22:
        count, size = struct.unpack_from("<HL", tail, at + 10)
    if 0 <= wide <= len(tail) - 56:
        count, size = struct.unpack_from("<32xQQ", tail, wide)
    require(
        count <= MOST_MEMBERS and size <= MOST_MEMBERS * LONGEST_ENTRY,
        f"an archive of at most {MOST_MEMBERS:,} files was expected; it lists {count:,}.",
        DataError,
        rule="archive-too-many",
        file=name,
        mend="Unpack it yourself and name the folder, if it is right.",
    )


def _tail(stream: IO[bytes]) -> bytes:
    length = stream.seek(0, 2)
    # The record at the end may be followed by a comment of 65,535 bytes; the wide one stands before
    # it.
    stream.seek(max(0, length - 2**16 - 200))
    tail = stream.read()
    stream.seek(0)
    return tail


def _check_members(wanted: list[zipfile.ZipInfo], name: str, findings: Findings) -> None:
    """Ordinary files under ordinary names, not locked, packed in a way that can be read."""
    _tell(
        [item.filename for item in wanted if _leads_out(item.filename)], name, findings,
        "archive-path", "names in an archive must lead to a place inside it",
        "No ordinary program packs files so, and nothing of it was read: ask for a new archive.",
    )  # fmt: skip
    counted = Counter(item.filename for item in wanted)
    _tell(
        [member for member, times in counted.items() if times > 1], name, findings,
        "archive-twice", "names in an archive must differ; readers find one of two only",
        "Unpack it yourself, look at both, and name the folder.",
    )  # fmt: skip
    _tell(
        [item.filename for item in wanted if not _is_regular(item)], name, findings,
        "archive-link", "an archive of ordinary files was expected; links or devices are in it",
        "Pack the files themselves.",
    )  # fmt: skip
    _tell(
        [item.filename for item in wanted if item.flag_bits & 1], name, findings,
        "archive-locked", "the archive is locked with a password",
        "Unpack it yourself and name the folder.",
    )  # fmt: skip
    _tell(
        [item.filename for item in wanted if item.compress_type not in METHODS], name, findings,
        "archive-method", "files packed by Deflate were expected; another method was used",
        "Unpack it yourself and name the folder, or pack it again as plain zip.",
    )  # fmt: skip


def _tell(
    members: Iterable[str], name: str, findings: Findings, rule: str, message: str, mend: str
) -> None:
    bad = [member[:80] for member in members]
    if bad:
        findings.error(rule, f"{message}: {listing(bad, most=3)}.", file=name, mend=mend)


def _leads_out(member: str) -> bool:
    parts = member.replace("\\", "/").split("/")
    # A drive of Windows ("C:") is no place inside either.
    return parts[0] == "" or ".." in parts or parts[0].endswith(":")


def _is_regular(item: zipfile.ZipInfo) -> bool:
    # The mode of Unix is in the upper half; it is 0 where a system without one packed the file.
    kind = stat.S_IFMT(item.external_attr >> 16)
    return kind in (0, stat.S_IFREG)


def _check_sizes(
    wanted: list[zipfile.ZipInfo],
    name: str,
    largest_gib: float,
    can_raise: bool,
    findings: Findings,
) -> None:
    unpacked = sum(item.file_size for item in wanted)
    # By where they lie: bombs name the same packed bytes a thousand times, each with a ratio that
    # looks honest.
    packed = sum({item.header_offset: item.compress_size for item in wanted}.values())
    tight = any(too_tight(item.compress_size, item.file_size) for item in wanted)
    if tight or too_tight(packed, unpacked):
        worst = max(wanted, key=lambda item: item.file_size)
        findings.error(
            "archive-bomb",
            f"tables packed at most {HIGHEST_RATIO} times smaller were expected; "
            f"{worst.filename[:80]!r} has {worst.compress_size:,} bytes packed and "
            f"{worst.file_size:,} unpacked, as archives have that are made to fill a computer.",
            file=name, mend="If it is right, unpack it yourself and name the folder.",
        )  # fmt: skip
    elif unpacked > largest_gib * 2**30:
        findings.add(*too_large(name, largest_gib, can_raise=can_raise).findings)
