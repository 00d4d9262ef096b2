"""Vector files inside zip archives: found, and unpacked with the files that belong to them."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from hotspots.core.archives import LARGEST_GIB, zip_members
from hotspots.core.errors import DataError
from hotspots.io.guard import ENDINGS, FOLDER, SEVERAL_FILES

CHUNK = 2**20


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
