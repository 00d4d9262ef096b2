"""One download: the shelf it lies on, and a ``.part`` file a later try goes on with, verified."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.arguments import path_of
from hotspots.core.errors import DataError
from hotspots.core.record import sha256_of
from hotspots.io.opendata.bounded import pieces_of
from hotspots.io.opendata.http import AgainError, Client, FetchProgress, Tell, bare, refuse_web_page

if TYPE_CHECKING:
    import requests

MOST_OF_A_FILE = 1 << 34
LONGEST_FILE_S = 86_400.0
"""What has come by then is kept, and the next run goes on."""


def download(
    client: Client,
    url: str,
    target: Path,
    check: Callable[[Path], object],
    *,
    md5: str | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Bring a file; it takes its place only once it is whole and verified.

    A part that was left over is gone on with where the server still has the same file
    (``If-Range`` with its ETag or date). A file whose check fails after it was pieced together is
    brought once more from the start; one that fails when brought in one piece is an error.

    Returns
    -------
    dict
        ``url``, ``sha256``, ``md5``, ``bytes``, ``date``, for the manifest.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _Part(target)
    begun, tries = part.size > 0, list[int]()
    for pieced_again in (False, True):
        date = client.persist(lambda: _bring(client, url, part, tell, tries))
        digests, size = _digests(part.path), part.size
        try:
            _check_md5(url, digests["md5"], md5)
            check(part.path)
        except DataError:
            part.clear()
            # A file pieced together may be of two versions; one that came whole is as wrong the
            # next time.
            if pieced_again or not (begun or len(tries) > 1):
                raise
        else:
            break
    part.path.replace(target)
    part.clear()
    return {"url": bare(url), "bytes": size, "date": date, **digests}


@dataclass(frozen=True)
class _Part:
    """What has arrived so far, and of which version of the file."""

    target: Path

    @property
    def path(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def notes(self) -> Path:
        return self.target.with_name(f"{self.target.name}.part.json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def known(self) -> dict[str, Any]:
        try:
            notes = json.loads(self.notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def begin(self, url: str, response: requests.Response) -> None:
        """Forget the old part; note by what the server names this version of the file."""
        self.clear()
        tag = response.headers.get("ETag", "")
        # If-Range takes strong tags only; a weak one begins with W/.
        strong = tag if tag.startswith('"') else ""
        notes = {
            "url": bare(url),
            "version": strong or response.headers.get("Last-Modified", ""),
            "total": _length(response),
            "date": response.headers.get("Date", ""),
        }
        self.notes.write_text(json.dumps(notes), encoding="utf-8")

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)


def _bring(client: Client, url: str, part: _Part, tell: Tell | None, tries: list[int]) -> str:
    """One try to bring all that is missing; returns the answer's date."""
    tries.append(part.size)
    known, have = part.known(), part.size
    goes_on = have > 0 and known.get("url") == bare(url) and bool(known.get("version"))
    if goes_on and have == known.get("total"):
        return str(known.get("date", ""))
    # A range counts bytes as they are sent, which packed would be others.
    headers = {"Accept-Encoding": "identity"}
    if goes_on:
        headers |= {"Range": f"bytes={have}-", "If-Range": str(known["version"])}
    with client.once("GET", url, (416,), headers=headers) as response:
        if response.status_code == 416 or (
            response.status_code == 206 and not _continues(response, have, known.get("total"))
        ):
            part.clear()
            raise AgainError(f"{bare(url)}: the part at hand does not fit", wait_s=0.0)
        refuse_web_page(response, f"the file {part.target.name}")
        if response.status_code != 206:
            part.begin(url, response)
            have = 0
        total = part.known().get("total")
        _pour(response, part, have, total, tell)
        return response.headers.get("Date", "")


def _continues(response: requests.Response, have: int, total: Any) -> bool:
    """Whether the server goes on exactly where the part ends, in a file of the same length."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != have:
        return False
    return total is None or found[2] in ("*", str(total))


def _pour(
    response: requests.Response, part: _Part, have: int, total: Any, tell: Tell | None
) -> None:
    start = have
    short = f"{bare(response.url)} broke off"
    try:
        with part.path.open("ab") as out:
            for chunk in pieces_of(response, MOST_OF_A_FILE, LONGEST_FILE_S):
                out.write(chunk)
                have += len(chunk)
                if tell is not None:
                    tell(FetchProgress(part.target.name, have, total, "bytes"))
    except OSError as error:  # every error of requests is an OSError; so is a full disk
        if error.errno is not None:
            raise
        raise AgainError(f"{short} after {have:,} bytes", progressed=have > start) from error
    if total is not None and have != total:
        raise AgainError(f"{short}: {have:,} of {total:,} bytes came", progressed=have > start)


def _length(response: requests.Response) -> int | None:
    value = response.headers.get("Content-Length", "")
    return int(value) if value.isdigit() else None


def _digests(path: Path) -> dict[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            sha256.update(chunk)
            md5.update(chunk)
    return {"sha256": sha256.hexdigest(), "md5": md5.hexdigest()}


def _check_md5(url: str, came: str, published: str | None) -> None:
    if published is not None and came != published:
        raise DataError(
            f"{bare(url)}: the MD5 {published} was published; the file that came has {came}. It "
            "was not kept. Try again later; a proxy may have changed it."
        )


MANIFEST = "fetched.json"
Check = Callable[[Path], object]


class Shelf:
    """Files by name below a folder, each with what is known of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where a file is, or belongs."""
        return self.folder / name

    def facts(self, name: str) -> dict[str, Any] | None:
        """What the manifest says of a file."""
        return self._read().get(name)

    def holds(self, name: str, check: Check, **facts: str) -> bool:
        """Whether a good file is there: as written down, or put there by hand and well-formed.

        A file that was written down for other `facts`, or has changed since, is not good.
        """
        path, known = self.path(name), self.facts(name)
        if not path.is_file():
            return False
        if known is not None:
            as_asked = all(known.get(key) == value for key, value in facts.items())
            return as_asked and known.get("sha256") == sha256_of(path)
        try:
            check(path)
        except DataError:
            return False
        return True

    def put(self, name: str, data: bytes, check: Check, **facts: Any) -> Path:
        """Verify bytes in a file of their own, then let them take the place of the old file."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside the old file, so that it can take its place in one step; by process, so that two do
        # not meet.
        new = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            new.write_bytes(data)
            check(new)
            digest = sha256_of(new)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        self.write_down(name, sha256=digest, bytes=len(data), **facts)
        return path

    def write_down(self, name: str, **facts: Any) -> None:
        """Put what is known of a file into the manifest; the rest of it stays."""
        files = self._read() | {name: {key: facts[key] for key in sorted(facts)}}
        text = json.dumps({"files": files}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f".{MANIFEST}.{os.getpid()}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / MANIFEST)

    def copy_to(self, folder: Path | None, names: Iterable[str]) -> list[Path]:
        """The files in another folder, with their facts; where they are when there is none."""
        if folder is None:
            return [self.path(name) for name in names]
        return [self._copy(name, Shelf(folder), name) for name in names]

    def copy_as(self, name: str, target: Path) -> Path:
        """A file under another name in another folder, with its facts beside it."""
        return self._copy(name, Shelf(target.parent), target.name)

    def _copy(self, name: str, other: Shelf, copied: str) -> Path:
        facts = self.facts(name) or {"by_hand": True}
        facts = {key: value for key, value in facts.items() if key not in ("sha256", "bytes")}
        return other.put(copied, self.path(name).read_bytes(), lambda path: None, **facts)

    def _read(self) -> dict[str, dict[str, Any]]:
        """The manifest's files; none where it is missing or cannot be understood."""
        try:
            content = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        files = content.get("files") if isinstance(content, dict) else None
        if not isinstance(files, dict):
            return {}
        return {name: facts for name, facts in files.items() if isinstance(facts, dict)}


def cache_folder(cache: str | os.PathLike[str] | None) -> Path:
    """The folder that keeps what was fetched: the one named, or the user's cache folder."""
    if cache is not None:
        return path_of(cache, "cache")
    from platformdirs import user_cache_path

    return user_cache_path("hotspots", appauthor=False)
