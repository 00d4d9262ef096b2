"""A folder of fetched files with ``fetched.json`` beside them; what is on it has been verified."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hotspots.core.errors import DataError
from hotspots.core.record import sha256_of

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
        other, paths = Shelf(folder), []
        for name in names:
            data, facts = self.path(name).read_bytes(), self.facts(name) or {"by_hand": True}
            facts = {key: value for key, value in facts.items() if key not in ("sha256", "bytes")}
            paths.append(other.put(name, data, lambda path: None, **facts))
        return paths

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
        return Path(cache)
    from platformdirs import user_cache_path

    return user_cache_path("hotspots", appauthor=False)
