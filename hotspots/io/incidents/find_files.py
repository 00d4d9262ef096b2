"""From paths to named sources: files, folders, gzip and zip archives, in a fixed order."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path, PurePath, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from hotspots.core.archives import (
    HIGHEST_RATIO,
    LARGEST_GIB,
    NESTED,
    too_large,
    too_tight,
    zip_members,
)
from hotspots.core.arguments import path_of, size_of
from hotspots.core.errors import DataError, Findings, InputError
from hotspots.io.guard import ENDINGS as VECTOR_ENDINGS
from hotspots.io.guard import FOLDER, SEVERAL_FILES, belongs, files_of, unpacked, vector_members
from hotspots.io.postgis import is_address, label_of, read_database

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]

TEXT_ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".txt.gz", ".tsv.gz")
DATABASE = "(database)"
"""What stands for the ending of a source that is no file."""
WORKBOOKS = (".xlsx", ".xlsm")
TABLE_ENDINGS = (*WORKBOOKS, ".parquet", ".geojson.gz", ".json.gz", DATABASE, *VECTOR_ENDINGS)
ENDINGS = (*TEXT_ENDINGS, *TABLE_ENDINGS)
PARTS: tuple[str, ...] = tuple(ending for others in SEVERAL_FILES.values() for ending in others)
NOT_OPENED = {
    (".xls", ".xlsb", ".ods", ".numbers", ".mdb", ".accdb"): "Save it as .xlsx or CSV.",
    NESTED: "Unpack it, and name the folder.",
}
"""What may hold incidents and is passed over where others are read, and what to do."""
CHUNK = 2**20
OURS = ("fetched.json", "manifest.json")
"""What `hotspots fetch` and products write beside their files; no incidents are in them."""


@dataclass(frozen=True)
class FileToRead:
    """One file to read, or one member of an archive; of a workbook perhaps one sheet.

    `part` is the sheet it stands for, `sheet`, `header_row` and `timezone` are what the
    caller named. A block is a part of a text, so many lines down: nothing is worked out that only
    the whole can tell.
    """

    name: str
    path: Path
    named: bool
    read: Callable[[], bytes]
    member: str | None = None
    largest_gib: float = LARGEST_GIB
    part: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    timezone: str | None = None
    is_block: bool = False
    lines_above: int = 0

    @property
    def ending(self) -> str:
        """The recognised ending, in lower case."""
        if is_address(self.path):
            return DATABASE
        lower = (self.member or self.path.name).lower()
        return next(
            (end for end in sorted(ENDINGS, key=len, reverse=True) if lower.endswith(end)), ""
        )

    @property
    def parts(self) -> bool:
        """Whether it is several files, which GDAL wants on a disk."""
        return self.ending in (*SEVERAL_FILES, FOLDER)

    @contextmanager
    def on_disk(self, data: bytes) -> Iterator[Path]:
        """Where it lies, unpacked for the while if it is packed."""
        if self.member is not None and self.parts:
            with unpacked(self.path, self.member, largest_gib=self.largest_gib) as path:
                yield path
        elif self.member is not None or self.ending.endswith(".gz"):
            with TemporaryDirectory(prefix="hotspots-") as folder:
                path = Path(folder) / f"unpacked{self.ending.removesuffix('.gz')}"
                path.write_bytes(data)
                yield path
        else:
            yield self.path

    @property
    def label(self) -> str:
        """Where it came from, for messages: an archive's member names its archive."""
        if self.member is None:
            return self.name
        sheet = "" if self.part is None else f"/{self.part}"
        return f"{self.path.name}/{self.member}{sheet}"

    def asked(
        self,
        layer: str | None = None,
        *,
        sheet: str | None = None,
        header_row: int | None = None,
        timezone: str | None = None,
    ) -> FileToRead:
        """The source, as the caller named parts of it: of a database, a table or a query."""
        asked = replace(self, sheet=sheet, header_row=header_row, timezone=timezone)
        if self.ending != DATABASE:
            return asked
        read = partial(read_database, self.path, layer, largest_gib=self.largest_gib)
        return replace(asked, name=label_of(self.path, layer), read=read)

    def sheet_of(self, part: str | None) -> FileToRead:
        """One of its sheets, by its name."""
        return self if part is None else replace(self, name=f"{self.name}/{part}", part=part)


def find_sources(
    paths: Paths, findings: Findings, *, largest_gib: float = LARGEST_GIB, **asked: Any
) -> list[FileToRead]:
    """Every source below the paths, each with a name of its own; problems go to `findings`.

    A file, and an archive as a whole, may hold `largest_gib` when unpacked, and no more; what else
    is ``asked`` goes to `FileToRead.asked`.
    """
    largest_gib = size_of(largest_gib, "largest_gib")
    found: list[FileToRead] = []
    seen: set[Path] = set()
    for path in _as_paths(paths):
        if is_address(path):
            read = partial(read_database, path, None, largest_gib=largest_gib)
            found.append(FileToRead(label_of(path), path, True, read, None, largest_gib))
            continue
        if not path_of(path, "paths").exists():
            findings.error(
                "no-such-file",
                "a file or folder was expected here; there is none.",
                file=str(path),
                mend="Check the spelling and the working folder.",
            )
            continue
        folder = path.is_dir() and path.suffix.lower() != FOLDER
        if not path.is_dir() and not path.is_file():
            findings.error(
                "not-a-file",
                "an ordinary file or folder was expected; this is a device or pipe.",
                file=str(path),
                mend="Save its content as a file first.",
            )
            continue
        named = not folder
        for file in [path] if named else _files_in(path, findings):
            if file.resolve() in seen:
                findings.warn(
                    "path-repeated",
                    "the same path was given twice; it is read once.",
                    file=file.name,
                )
                continue
            seen.add(file.resolve())
            found += _sources_of(file, named, largest_gib, findings)
    return [source.asked(**asked) for source in _with_own_names(found)]


def _as_paths(paths: Paths) -> list[Path]:
    if isinstance(paths, (str, PathLike)):
        return [Path(paths)]
    if isinstance(paths, Iterable) and not hasattr(paths, "columns"):
        given = list(paths)
        if given and all(isinstance(path, (str, PathLike)) for path in given):
            return [Path(path) for path in given]
    raise InputError(
        f"`paths` must be a path, or a list with at least one path; got {paths!r:.200}.",
        mend="A table in memory goes to `incidents_from_frame`.",
    )


def _files_in(folder: Path, findings: Findings) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if _is_file(path, folder))
    shown = [path for path in files if not _hidden(path.relative_to(folder))]
    known = [path for path in shown if may_hold_incidents(path.name)]
    taken = {part for path in known for part in (path, *files_of(path))}
    for path in (one for one in shown if one not in taken):
        _tell_skipped(path.name, path.name, findings)
    if not known:
        findings.error(
            "empty-folder",
            f"a folder with incident files was expected; it holds {len(shown)} other file(s).",
            file=str(folder),
            mend=f"Files must end in {', '.join(ENDINGS)} or .zip.",
        )
    return known


def _tell_skipped(name: str, file: str, findings: Findings) -> None:
    """Told of a file that is not read; a warning where incidents may be in it all the same."""
    mend = next((do for ends, do in NOT_OPENED.items() if name.lower().endswith(ends)), None)
    if mend:
        findings.warn("file-skipped", "files of its kind are not read.", file=file, mend=mend)
    else:
        findings.note("file-skipped", "not a kind of file that holds incidents.", file=file)


def _is_file(path: Path, folder: Path) -> bool:
    """Whether it is a file of its own, as a File Geodatabase is and the files in it are not."""
    inside = any(part.lower().endswith(FOLDER) for part in path.relative_to(folder).parts[:-1])
    return not inside and (path.is_file() or path.suffix.lower() == FOLDER)


def _hidden(path: PurePath) -> bool:
    return path.name in OURS or any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)


def may_hold_incidents(name: str) -> bool:
    """Whether a file of a folder is read, by its ending."""
    return name.lower().endswith((*ENDINGS, ".zip"))


def _sources_of(
    file: Path, named: bool, largest_gib: float, findings: Findings
) -> Iterator[FileToRead]:
    lower = file.name.lower()
    if lower.endswith(".zip"):
        yield from _members_of(file, largest_gib, findings)
    elif lower.endswith(".gz"):
        yield FileToRead(
            file.name, file, named, partial(_unzipped, file, largest_gib), None, largest_gib
        )
    else:
        yield FileToRead(
            file.name, file, named, partial(_bytes_of, file, largest_gib), None, largest_gib
        )


def _bytes_of(file: Path, largest_gib: float) -> bytes:
    """All bytes of a file, or of the files it is made of, one after another."""
    try:
        parts = files_of(file)
        if sum(part.stat().st_size for part in parts) > largest_gib * 2**30:
            raise too_large(file.name, largest_gib, can_raise=True)
        data = b"".join(part.read_bytes() for part in parts)
    except OSError as error:
        held = isinstance(error, PermissionError)  # as Windows says of a workbook that is open
        closed = " If it is open in Excel, close it there." if held else ""
        wrong = f"the file could not be read: {error.strerror}.{closed}"
        raise DataError(wrong, rule="unreadable", file=file.name) from error
    if file.suffix.lower() in WORKBOOKS:
        _check_workbook(data, file.name, largest_gib)
    return data


def _check_workbook(data: bytes, name: str, largest_gib: float) -> None:
    """A workbook is a zip archive; what is none is judged where workbooks are opened."""
    if data.startswith(b"PK"):
        zip_members(io.BytesIO(data), name, largest_gib=largest_gib, can_raise=True)


def _unzipped(file: Path, largest_gib: float) -> bytes:
    try:
        with file.open("rb") as stream:
            return _gunzipped(stream, file.stat().st_size, file.name, largest_gib)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"a whole gzip file was expected; {error}. Download or compress it again; a plain CSV "
            "file must not end in .gz.",
            rule="bad-gzip",
            file=file.name,
        ) from error


def _gunzipped(packed: IO[bytes], size: int, name: str, largest_gib: float) -> bytes:
    """Unpack piece by piece; gzip does not say beforehand how much there is."""
    data = bytearray()
    with gzip.open(packed) as stream:
        while piece := stream.read(CHUNK):
            data += piece
            if too_tight(size, len(data)):
                raise DataError(
                    f"a table packed at most {HIGHEST_RATIO} times smaller was expected; {size:,} "
                    f"bytes unpack to more than {len(data):,}, as files do that are made to fill a "
                    "computer. If it is right, unpack it yourself and name the file.",
                    rule="archive-bomb",
                    file=name,
                )
            if len(data) > largest_gib * 2**30:
                raise too_large(name, largest_gib, can_raise=True)
    return bytes(data)


def _members_of(file: Path, largest_gib: float, findings: Findings) -> Iterator[FileToRead]:
    try:
        members = zip_members(
            file, file.name, wanted=_may_be_read, largest_gib=largest_gib, can_raise=True
        )
    except DataError as error:
        findings.add(*error.findings)
        return
    shown = [name for name in members if not _hidden(PurePosixPath(name))]
    known = _known_members(shown)
    parts = {name: [name] for name in known}
    for name in known:
        if name.lower().endswith((*SEVERAL_FILES, FOLDER)):
            parts[name] = [one for one in shown if belongs(name, one)]
    taken = {one for some in parts.values() for one in some}
    for name in shown:
        if name not in taken:
            _tell_skipped(name, f"{file.name}/{name}", findings)
    if not known:
        findings.error(
            "empty-zip",
            f"an archive with CSV files was expected; it holds {_some(shown)}.",
            file=file.name,
            mend="Name the archive that data.police.uk built, or its CSV files.",
        )
    for name in known:
        read = partial(_member, file, name, parts[name], largest_gib)
        yield FileToRead(PurePosixPath(name).name, file, False, read, name, largest_gib)


def _known_members(shown: list[str]) -> list[str]:
    """Members that are read, a File Geodatabase as one, in the order of their names."""
    plain = [name for name in shown if _holds_incidents(name)]
    return sorted({*plain, *vector_members(shown)})


def _may_be_read(member: str) -> bool:
    """Whether a member must be safe: it holds incidents, or belongs to one that does."""
    inside = any(part.lower().endswith(FOLDER) for part in PurePosixPath(member).parts)
    return inside or member.lower().endswith(PARTS) or _holds_incidents(member)


def _holds_incidents(member: str) -> bool:
    """Whether a member will be read. A name that leads upwards is not hidden, but refused."""
    parts = [part for part in PurePosixPath(member).parts if part != ".."]
    return member.lower().endswith(ENDINGS) and bool(parts) and not _hidden(PurePosixPath(*parts))


def _some(names: list[str]) -> str:
    """Some of the names, for a message."""
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "") if names else "nothing"


def _member(file: Path, name: str, parts: list[str], largest_gib: float) -> bytes:
    """All bytes of a member, or of the members it is made of; at once, it would unpack all."""
    label, data = f"{file.name}/{name}", b""
    try:
        with zipfile.ZipFile(file) as archive:
            for part in sorted(parts):
                with archive.open(part) as stream:
                    data += b"".join(iter(partial(stream.read, CHUNK), b""))
        if name.lower().endswith(".gz"):
            data = _gunzipped(io.BytesIO(data), len(data), label, largest_gib)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise DataError(
            f"a whole file was expected in the archive; {error}. Download the archive again.",
            rule="bad-zip",
            file=label,
        ) from error
    if name.lower().endswith(WORKBOOKS):
        _check_workbook(data, label, largest_gib)
    return data


def _with_own_names(sources: list[FileToRead]) -> list[FileToRead]:
    """Names that differ: by file name, then with the parent folder, then numbered."""
    once = Counter(source.name for source in sources)
    with_parent = [
        source.name if once[source.name] == 1 else f"{_parent(source)}/{source.name}"
        for source in sources
    ]
    twice = Counter(with_parent)
    counted: Counter[str] = Counter()
    named = []
    for source, name in zip(sources, with_parent, strict=True):
        counted[name] += 1
        own = name if twice[name] == 1 else f"{name}#{counted[name]}"
        named.append(replace(source, name=own))
    return named


def _parent(source: FileToRead) -> str:
    if source.member is not None:
        parent = PurePosixPath(source.member).parent.name
        return parent or source.path.name
    return source.path.resolve().parent.name
