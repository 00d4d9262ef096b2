"""The manifest of a product, and whether the folder is still the one it was made as."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import DataError
from hotspots.core.plain import plain
from hotspots.core.record import sha256_of

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

MANIFEST = "manifest.json"


def write_manifest(record: RunRecord, folder: Path, outputs: Sequence[str]) -> Path:
    """Write the logbook, with the name and hash of each file of the product."""
    hashes = {name: sha256_of(folder / name) for name in outputs}
    content = plain(record.manifest() | {"outputs": hashes})
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    target = folder / MANIFEST
    target.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return target


@dataclass(frozen=True)
class Verified:
    """Whether a product is the one its manifest names.

    Attributes
    ----------
    missing, changed
        Files that are not there, and files that are others now.
    same
        Files that are as they were written.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]

    @property
    def state(self) -> str:
        """Same, changed or incomplete."""
        if self.missing:
            return "incomplete"
        return "changed" if self.changed else "same"

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        lists = {name: list(getattr(self, name)) for name in ("missing", "changed", "same")}
        return {"state": self.state, **lists}


def verify_product(folder: str | Path) -> Verified:
    """Compare the files of a product with the hashes in its manifest.

    Parameters
    ----------
    folder : path
        What a product was written into.

    Returns
    -------
    Verified

    Raises
    ------
    DataError
        Where there is no manifest, or one that names no files.

    Notes
    -----
    It tells accidents and swapped files, not forgery: whoever changes a file can change the
    manifest. Keep a copy of the manifest elsewhere. Files the manifest does not name, such as
    decisions, are not looked at.

    Examples
    --------
    >>> import hotspots as hs
    >>> folder = getfixture("tmp_path")
    >>> record = hs.RunRecord("Leeds", marking="OFFICIAL")
    >>> _ = (folder / "map.html").write_text("a page")
    >>> _ = write_manifest(record, folder, ["map.html"])
    >>> verify_product(folder).state
    'same'
    >>> _ = (folder / "map.html").write_text("another page")
    >>> verify_product(folder).to_dict()
    {'state': 'changed', 'missing': [], 'changed': ['map.html'], 'same': []}
    """
    place = Path(folder)
    named = _outputs(place / MANIFEST)
    there = {name for name in named if (place / name).is_file()}
    same = {name for name in there if sha256_of(place / name) == named[name]}
    return Verified(
        tuple(sorted(set(named) - there)), tuple(sorted(there - same)), tuple(sorted(same))
    )


def _outputs(manifest: Path) -> dict[str, str]:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{manifest}: the manifest of a product was expected; there is none to read.",
            rule="no-manifest",
        ) from error
    named = content.get("outputs") if isinstance(content, dict) else None
    if not isinstance(named, dict) or not named:
        raise DataError(
            f"{manifest}: a manifest that names its files was expected; it has no `outputs`. "
            "Products of the first version name none: make it again.",
            rule="no-outputs",
        )
    return {Path(str(name)).name: str(value) for name, value in named.items()}
