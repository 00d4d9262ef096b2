"""The one guard before files that GDAL, SQLite and openpyxl read, and those in zip archives.

A file is judged before it is opened: a device, a size, an ending, a description that leads to other
files, a database that computes. What cannot be judged is refused.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any
from urllib.parse import quote

from hotspots.core.archives import LARGEST_GIB, too_large, zip_members
from hotspots.core.errors import DataError, listing, require

SEVERAL_FILES: dict[str, tuple[str, ...]] = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}
"""Kinds of which one is several files of one name, and the endings of the others."""
FOLDER = ".gdb"
DATABASES = (".gpkg", ".sqlite")
JSON = (".geojson", ".json", ".topojson", ".geojsonl", ".geojsons")
ENDINGS = (*DATABASES, *JSON, *SEVERAL_FILES, FOLDER, ".kml", ".kmz", ".gml", ".fgb", ".gpx")
"""Endings of vector files, the first the most usual."""
# GDAL knows these by content, whatever the file is called.
LEADS_ELSEWHERE = (b"<OGRVRT", b"<VRTDataset", b"gdal_streamed_alg", b"<OGRWFS", b"<OGRWMS")
# JSON, in a call of a script, too: GDAL knows it so whatever the file is called.
OBJECT = re.compile(rb"[\s\xef\xbb\xbf\x1e]*(?:\w+\s*\(\s*)?\{")
# A letter of JSON may stand there as its number.
ADDRESSED = [re.compile(rb"(?i)crs|\\u00[2-7]"), re.compile(rb"(?i)\"(?:link|url)|\\u00[2-7]")]
HEAD = 2**16
COMPUTED = (
    "SELECT DISTINCT m.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c "
    "WHERE m.type = 'table' AND m.sql NOT LIKE 'create virtual%' AND c.hidden > 1"
)
SQLITE = b"SQLite format 3\x00"
CHUNK = 2**20


def judged(
    path: Path,
    name: str | None = None,
    *,
    layer: str | None = None,
    largest_gib: float = LARGEST_GIB,
) -> Path:
    """A file that may be opened, by its whole path: GDAL would take others for addresses."""
    name, ending = name or path.name, path.suffix.lower()
    require_ordinary(path, name, largest_gib)
    head = _head(path)
    _require_known(ending, name)
    _require_own_rows(head, name)
    if ending in JSON or OBJECT.match(head):
        _require_own_system(path, name)
    if head.startswith(b"PK"):
        zip_members(path, name, largest_gib=largest_gib)
    if ending in DATABASES or head.startswith(SQLITE):
        judge_database(path, name, layer=layer)
    return path.resolve()


def files_of(path: Path) -> list[Path]:
    """The files that a vector file is made of: most are one, a Shapefile is several."""
    if path.is_dir():
        return sorted(path.iterdir())
    others = SEVERAL_FILES.get(path.suffix.lower())
    if others is None:
        return [path]
    beside = path.parent.glob("*")
    return sorted(
        one
        for one in beside
        if one == path or (one.stem == path.stem and one.suffix.lower() in others)
    )


def require_ordinary(path: Path, name: str, largest_gib: float = LARGEST_GIB) -> None:
    """Refuse what is not there, a device or a pipe, a folder, and more bytes than are read."""
    where: dict[str, Any] = {"file": name.encode("utf-8", "replace").decode()}
    require(path.exists(), "there is no such file. Check the path.", DataError,
            rule="no-such-file", **where)  # fmt: skip
    folder = path.is_dir() and path.suffix.lower() == FOLDER
    require(
        path.is_file() or folder,
        "an ordinary file was expected; this is a folder, a device or a pipe. Name a file.",
        DataError,
        rule="not-a-file",
        **where,
    )
    if sum(file.stat().st_size for file in files_of(path)) > largest_gib * 2**30:
        raise too_large(name, largest_gib)


def _require_known(ending: str, name: str) -> None:
    """Refuse other endings: by content alone, GDAL would try a hundred kinds, services too."""
    require(
        ending in ENDINGS,
        f"a vector file was expected, as {', '.join(ENDINGS[:9])}; its name ends in "
        f"{ending or 'nothing'!r}. Save it as a GeoPackage (in QGIS: Export, Save features as).",
        DataError,
        rule="unknown-ending",
        file=name,
    )


def _head(path: Path) -> bytes:
    if path.is_dir():
        return b""
    with path.open("rb") as file:
        return file.read(HEAD)


def _require_own_rows(head: bytes, name: str) -> None:
    """Refuse descriptions that GDAL follows to other files, services and programs."""
    require(
        not any(mark in head for mark in LEADS_ELSEWHERE),
        "a file with rows of its own was expected; this one describes others, which are not "
        "followed. Save what it shows as a GeoPackage (in QGIS: Export, Save features as).",
        DataError,
        rule="leads-elsewhere",
        file=name,
    )


def _require_own_system(path: Path, name: str) -> None:
    """Refuse JSON whose coordinate system is an address, anywhere in it: GDAL would ask there.

    Most files are found without one by their bytes; the others are parsed, or refused.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if not all(one.search(data) for one in ADDRESSED):
                return
            text = data[:].decode("utf-8-sig", "replace")

    def look(pairs: list[tuple[str, Any]]) -> Any:
        """An object of the type of an address, as `look` itself; as a system it ends the search."""
        named = [(key.lower(), value) for key, value in pairs]
        if any(key == "crs" and value is look for key, value in named):
            raise ValueError
        kinds = (str(value).lower() for key, value in named if key == "type")
        return look if any(kind.startswith(("link", "url")) for kind in kinds) else None

    decoder, at = json.JSONDecoder(object_pairs_hook=look), 0
    try:
        while found := re.compile(r"[^\s\x1e]").search(text, at):
            _, at = decoder.raw_decode(text, found.start())
    except (ValueError, RecursionError):
        raise DataError(
            "a file that says its coordinate system itself was expected; this one gives an address "
            "on the network for it, which is not asked, or is no JSON. Save it anew (in QGIS: "
            "Export, Save features as).",
            rule="leads-elsewhere",
            file=name,
        ) from None


def judge_database(path: Path, name: str, *, layer: str | None = None) -> None:
    """Refuse views: a GeoPackage is a database, and a view can compute rows without end.

    So can a virtual table, and a computed column texts. What cannot be looked into is refused too.
    """
    with open_database(path, name) as file:
        found = file.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
        computed = {one for (one,) in file.execute(COMPUTED)}
    views = [
        str(one)
        for one, kind, sql in found
        if kind == "view" or one in computed or _is_virtual(one, sql)
    ]
    if layer in views or (layer is None and views):
        raise DataError(
            f"tables were expected; {listing(views)} of it are views, or have computed columns: "
            "these can compute without end and are not run. Save the layer as a table of its own "
            "(in QGIS: Export, Save features as)"
            + (", or name a table as `layer`." if layer is None else "."),
            rule="views",
            file=name,
        )


def _is_virtual(name: str, sql: str | None) -> bool:
    """Whether a module makes the rows of a table; an index of places is one, and harmless."""
    words, own = str(sql or ""), re.escape(name)
    index = rf"create\s+virtual\s+table\s+(\"{own}\"|\[{own}\]|`{own}`|{own})\s+using\s+rtree\s*\("
    virtual = re.match(r"\s*create\s+virtual\b", words, re.IGNORECASE) is not None
    # Every GeoPackage indexes its places so.
    return virtual and re.match(index, words, re.IGNORECASE) is None


@contextmanager
def open_database(path: Path, name: str) -> Iterator[sqlite3.Connection]:
    """A database, opened for reading; an error of SQLite is one of the file."""
    logs = (path.with_name(path.name + ending) for ending in ("-wal", "-journal"))
    # Immutable: SQLite then leaves no lock in a folder that may be read-only. Where a log stands
    # beside the file rows may be in that alone.
    how = "mode=ro" if any(map(Path.exists, logs)) else "mode=ro&immutable=1"
    try:
        address = f"{database_address(path.resolve())}?{how}"
        with closing(sqlite3.connect(address, uri=True)) as opened:
            yield opened
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DataError(
            f"a GeoPackage or SQLite file was expected; SQLite cannot read it ({error}). Save it "
            "again, or as CSV.",
            rule="unreadable",
            file=name,
        ) from error


def database_address(path: PurePath) -> str:
    r"""A whole path as SQLite asks for it: the host of a shared disk is part of the path.

    Examples
    --------
    >>> from pathlib import PureWindowsPath
    >>> database_address(PureWindowsPath(r"\\police\data\100%.gpkg"))
    'file:////police/data/100%25.gpkg'
    >>> database_address(PureWindowsPath(r"C:\data\a.gpkg"))
    'file:///C%3A/data/a.gpkg'
    """
    return f"file:///{quote(os.fsencode(path.as_posix().removeprefix('/')))}"


@contextmanager
def told(name: str) -> Iterator[None]:
    """Whatever a reader raises on a file is an error of that file."""
    try:
        yield
    except (DataError, ImportError, MemoryError):
        raise
    except Exception as error:
        raise DataError(
            f"a readable file was expected; {reason_of(error)}. Export it again, or as CSV.",
            rule="unreadable",
            file=name,
        ) from error


def reason_of(error: Exception) -> str:
    """The reason without the advice to programmers that follows it."""
    said = str(error).partition("; It might help")[0].partition(". You might want")[0]
    lines = said.splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".; ")


@contextmanager
def unpacked(
    archive: Path, member: str, *, largest_gib: float = LARGEST_GIB, beside: bool = False
) -> Iterator[Path]:
    """A vector file of a zip archive, with the files that belong to it, while it is read.

    Large ones are unpacked `beside` the archive: the computer's folder for temporary files may lie
    in memory.
    """
    names = zip_members(
        archive, archive.name, wanted=partial(belongs, member), largest_gib=largest_gib
    )
    home = PurePosixPath(member).parent
    with tempfile.TemporaryDirectory(
        prefix="hotspots-", dir=archive.parent if beside else None
    ) as folder:
        with _archive(archive) as packed:
            for one in filter(partial(belongs, member), names):
                target = Path(folder) / PurePosixPath(one).relative_to(home)
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(one) as stream, target.open("wb") as copy:
                    while piece := stream.read(CHUNK):
                        copy.write(piece)
        yield Path(folder) / PurePosixPath(member).name


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as opened:
            yield opened
    except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error) as error:
        raise DataError(
            f"a whole zip archive was expected; {error}. Download it again.",
            rule="bad-zip",
            file=path.name,
        ) from error


def vector_members(names: Sequence[str]) -> list[str]:
    """Vector files among the members of an archive, a folder of a File Geodatabase as one.

    Examples
    --------
    >>> vector_members(["a/wards.shp", "a/wards.dbf", "b.gdb/a1.gdbtable", "b.gdb/a2.gdbtable"])
    ['a/wards.shp', 'b.gdb']
    """
    found = []
    for name in names:
        parts = PurePosixPath(name).parts
        at = next((n for n, part in enumerate(parts) if part.lower().endswith(FOLDER)), None)
        if at is not None:
            found.append(str(PurePosixPath(*parts[: at + 1])))
        elif name.lower().endswith(ENDINGS):
            found.append(name)
    return list(dict.fromkeys(found))


def belongs(member: str, other: str) -> bool:
    """Whether a member of an archive is needed to read another one."""
    if member.lower().endswith(FOLDER):
        return other.startswith(f"{member}/")
    one, two = PurePosixPath(member), PurePosixPath(other)
    together = (one.suffix.lower(), *SEVERAL_FILES.get(one.suffix.lower(), ()))
    return other == member or (
        one.parent == two.parent and one.stem == two.stem and two.suffix.lower() in together[1:]
    )
