"""From paths to named sources: files, folders, gzip and zip archives, in a fixed order."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path, PurePosixPath

from hotspots.checks import DataError, Findings, InputError

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]

TEXT_ENDINGS = (".csv", ".csv.gz", ".txt", ".tsv", ".txt.gz", ".tsv.gz")
TABLE_ENDINGS = (".xlsx", ".gpkg", ".geojson", ".geojson.gz", ".json", ".json.gz", ".parquet")
ENDINGS = (*TEXT_ENDINGS, *TABLE_ENDINGS)
LARGEST_BYTES = 8 * 2**30
FETCHED = "fetched.json"
"""What `hotspots fetch` writes beside the files it brings; it holds no incidents."""


@dataclass(frozen=True)
class Source:
    """One file to read, or one member of an archive."""

    name: str
    path: Path
    named: bool
    read: Callable[[], bytes]
    member: str | None = None

    @property
    def ending(self) -> str:
        """The recognised ending, in lower case."""
        lower = (self.member or self.path.name).lower()
        return next(
            (end for end in sorted(ENDINGS, key=len, reverse=True) if lower.endswith(end)), ""
        )

    @property
    def label(self) -> str:
        """Where it came from, for messages: an archive's member names its archive."""
        return f"{self.path.name}/{self.member}" if self.member else self.name


def find_sources(paths: Paths, findings: Findings) -> list[Source]:
    """Every source below the paths, each with a name of its own; problems go to `findings`."""
    found: list[Source] = []
    seen: set[Path] = set()
    for path in _as_paths(paths):
        if not path.exists():
            findings.error(
                "no-such-file", "a file or folder was expected here; there is none.",
                file=str(path), mend="Check the spelling and the working folder.",
            )  # fmt: skip
            continue
        named = not path.is_dir()
        for file in [path] if named else _files_in(path, findings):
            if file.resolve() in seen:
                findings.warn(
                    "path-repeated", "the same path was given twice; it is read once.",
                    file=file.name,
                )  # fmt: skip
                continue
            seen.add(file.resolve())
            found += _sources_of(file, named, findings)
    return _with_own_names(found)


def _as_paths(paths: Paths) -> list[Path]:
    if isinstance(paths, (str, PathLike)):
        return [Path(paths)]
    if isinstance(paths, Iterable):
        given = list(paths)
        if given and all(isinstance(path, (str, PathLike)) for path in given):
            return [Path(path) for path in given]
    raise InputError(
        f"`paths` must be a path, or a list with at least one path; got {paths!r:.200}."
    )


def _files_in(folder: Path, findings: Findings) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    shown = [path for path in files if not _hidden(path.relative_to(folder))]
    known = [path for path in shown if _is_known(path.name)]
    for path in shown:
        if path not in known:
            findings.note(
                "file-skipped", "not a kind of file that holds incidents.", file=path.name
            )
    if not known:
        findings.error(
            "empty-folder",
            f"a folder with incident files was expected; it holds {len(shown)} other file(s).",
            file=str(folder), mend=f"Files must end in {', '.join(ENDINGS)} or .zip.",
        )  # fmt: skip
    return known


def _hidden(path: Path) -> bool:
    return path.name == FETCHED or any(
        part.startswith((".", "~$", "__MACOSX")) for part in path.parts
    )


def _is_known(name: str) -> bool:
    return name.lower().endswith((*ENDINGS, ".zip"))


def _sources_of(file: Path, named: bool, findings: Findings) -> Iterator[Source]:
    lower = file.name.lower()
    if lower.endswith(".zip"):
        yield from _members_of(file, findings)
    elif lower.endswith(".gz"):
        yield Source(file.name, file, named, partial(_unzipped, file))
    else:
        yield Source(file.name, file, named, partial(_bytes_of, file))


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file.name}: the file could not be read: {error.strerror}.") from error


def _unzipped(file: Path) -> bytes:
    try:
        with gzip.open(file) as stream:
            return _limited(stream.read(LARGEST_BYTES + 1), file.name)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{file.name}: a whole gzip file was expected; {error}. Download or compress it again; "
            "a plain CSV file must not end in .gz."
        ) from error


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_BYTES:
        raise DataError(
            f"{name}: unpacks to more than {LARGEST_BYTES / 2**30:.0f} GiB. Split it into months."
        )
    return data


def _members_of(file: Path, findings: Findings) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted(item.filename for item in archive.infolist() if not item.is_dir())
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        findings.error(
            "bad-zip", f"a whole zip archive was expected; {error}.", file=file.name,
            mend="Download it again.",
        )  # fmt: skip
        return
    shown = [name for name in members if not _hidden(Path(name))]
    known = [name for name in shown if name.lower().endswith(ENDINGS)]
    for name in shown:
        if name not in known:
            findings.note(
                "file-skipped", "not a kind of file that holds incidents.",
                file=f"{file.name}/{name}",
            )  # fmt: skip
    if not known:
        findings.error(
            "empty-zip", f"an archive with CSV files was expected; it holds {_some(shown)}.",
            file=file.name, mend="Name the archive that data.police.uk built, or its CSV files.",
        )  # fmt: skip
    for name in known:
        yield Source(PurePosixPath(name).name, file, False, partial(_member, file, name), name)


def _some(names: list[str]) -> str:
    """Some of the names, for a message."""
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "") if names else "nothing"


def _member(file: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as stream:
            data = _limited(stream.read(LARGEST_BYTES + 1), f"{file.name}/{name}")
        if not name.lower().endswith(".gz"):
            return data
        with gzip.open(io.BytesIO(data)) as inner:
            return _limited(inner.read(LARGEST_BYTES + 1), f"{file.name}/{name}")
    except RuntimeError as error:
        raise DataError(
            f"{file.name}/{name}: the archive is locked with a password. Unpack it first."
        ) from error
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{file.name}/{name}: a whole file was expected in the archive; {error}. "
            "Download the archive again."
        ) from error


def _with_own_names(sources: list[Source]) -> list[Source]:
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


def _parent(source: Source) -> str:
    if source.member is not None:
        parent = PurePosixPath(source.member).parent.name
        return parent or source.path.name
    return source.path.resolve().parent.name
