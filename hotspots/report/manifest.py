"""The manifest of a product, and whether the folder is still the one it was made as."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import DataError, HotspotsError, require
from hotspots.core.periods import Period
from hotspots.core.plain import clean_text
from hotspots.core.record import sha256_of
from hotspots.report.files import PEOPLES_OWN, SIDE_FILES

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

MANIFEST = "manifest.json"
OUTSIDE = ("partner", "public")


def write_manifest(record: RunRecord, folder: Path, outputs: Sequence[str]) -> Path:
    """Write the logbook, with the name and hash of each file of the product."""
    hashes = {name: sha256_of(folder / name) for name in outputs}
    return record.write(folder / MANIFEST, outputs=hashes)


@dataclass(frozen=True)
class Verified:
    """Whether a product is the one its manifest names.

    Attributes
    ----------
    missing, changed
        Files that are not there, and files that are others now.
    same
        Files that are as they were written.
    extra
        What else lies in the folder: no product wrote it, and it goes where the folder goes.
        Decisions of people are not among it.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    extra: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Same, changed or incomplete; what else lies there changes nothing."""
        if self.missing:
            return "incomplete"
        return "changed" if self.changed else "same"

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        lists = {
            name: list(getattr(self, name)) for name in ("missing", "changed", "same", "extra")
        }
        return {"state": self.state, **lists}


def verify_product(folder: str | Path, *, inputs: str | Path | None = None) -> Verified:
    """Compare the files of a product with the hashes in its manifest.

    Parameters
    ----------
    folder : path
        What a product was written into.
    inputs : path, optional
        The folder its product file stands in: what went in is compared too. Files of incidents are
        looked for by their name, in and below it.

    Returns
    -------
    Verified

    Raises
    ------
    DataError
        Where there is no manifest, or one that names no files; with `inputs`, where it names none
        of them, as those of partners do: a hash would confirm a guessed extract.

    Notes
    -----
    It tells accidents and swapped files, not forgery: whoever changes a file can change the
    manifest. Keep a copy of the manifest elsewhere. A GeoPackage with a ``-wal`` or ``-journal``
    beside it counts as changed: what is read from it is in both. What the manifest does not name
    is listed as ``extra``: an internal file in a folder for partners, for instance.

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
    {'state': 'changed', 'missing': [], 'changed': ['map.html'], 'same': [], 'extra': []}
    """
    place = Path(folder)
    content = _content(place / MANIFEST)
    files = {name: (place / name, sha256) for name, sha256 in _outputs(content).items()}
    known = {MANIFEST, *PEOPLES_OWN, *files}
    others = (one for one in place.iterdir() if one.name not in known)
    extra = sorted(one.name + "/" * one.is_dir() for one in others)
    if inputs is not None:
        files |= _inputs(content, Path(inputs))
    named = set(files)
    there = {name for name, (path, _) in files.items() if path.is_file()}
    same = {
        name for name in there
        if sha256_of(files[name][0]) == files[name][1] and not _is_open(files[name][0])
    }  # fmt: skip
    lists = (sorted(named - there), sorted(there - same), sorted(same), extra)
    return Verified(*map(tuple, lists))


def _is_open(file: Path) -> bool:
    """Whether a database has a file beside it that would change what is read from it."""
    beside = [file.with_name(file.name + side) for side in SIDE_FILES]
    return any(one.exists() and one.stat().st_size for one in beside)


def outputs_before(folder: Path) -> set[str]:
    """Files of the product that stands in a folder, as it wrote them; none without a manifest."""
    try:
        return set(verify_product(folder).same)
    except DataError:
        return set()


def product_before(folder: Path) -> tuple[str, str]:
    """Title and audience of the product that stands in a folder; nothing where there is none."""
    try:
        content = _content(folder / MANIFEST)
    except DataError:
        content = {}
    title, audience = (clean_text(str(content.get(name) or "")) for name in ("title", "audience"))
    return title, audience


def products_beside(folder: Path, audience: str) -> Iterator[tuple[Path, str, list[Period]]]:
    """Products that readers of one may have, in its folder and those beside: file, hash, periods.

    Partners read what is public, too.
    """
    readers = OUTSIDE if audience in OUTSIDE else (audience,)
    for manifest in sorted(folder.resolve().parent.glob(f"*/{MANIFEST}")):
        try:
            content = _content(manifest)
            (asked,) = content["choices"]["product"]
            spans = [Period.parse(str(one)) for one in (asked["period"], *asked["compare"])]
            files = _files_of(content, manifest.parent) if content["audience"] in readers else {}
        except (HotspotsError, LookupError, TypeError, ValueError):  # of something else
            continue
        for name, sha256 in files.items():
            if name.endswith(".gpkg"):
                yield manifest.with_name(name), sha256, spans


def _files_of(content: dict[str, Any], folder: Path) -> dict[str, str]:
    """Files of a product by their hashes: of the first version, which names none, as they lie."""
    if "outputs" in content:
        return _outputs(content)
    return {file.name: sha256_of(file) for file in folder.glob("*.gpkg")}


def _content(manifest: Path) -> dict[str, Any]:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8") if manifest.is_file() else "")
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{manifest}: the manifest of a product was expected; there is none to read.",
            rule="no-manifest",
        ) from error
    return content if isinstance(content, dict) else {}


def _outputs(content: dict[str, Any]) -> dict[str, str]:
    named = content.get("outputs")
    if not isinstance(named, dict) or not named:
        raise DataError(
            "a manifest that names its files was expected; it has no `outputs`. Products of the "
            "first version name none: make it again.",
            rule="no-outputs",
        )
    return {Path(str(name)).name: str(value) for name, value in named.items()}


def _inputs(content: dict[str, Any], base: Path) -> dict[str, tuple[Path, str]]:
    """What went in, each with the path it should stand at, and its hash."""
    named: dict[str, Any] = content.get("inputs") or {}
    require(
        bool(named),
        "a manifest that names what went in was expected; it names nothing. Ask whoever made the "
        "product: the manifest of partners has outputs only.",
        DataError,
        rule="no-inputs",
    )
    found = {str(name): (base / str(name), str(sha256)) for name, sha256 in named.items()}
    for source in content.get("sources", ()):
        name, sha256 = str(source.get("name")), str(source.get("sha256") or "")
        places = sorted(base.rglob(Path(name).name)) if sha256 else []
        same = [one for one in places if one.is_file() and sha256_of(one) == sha256]
        if places:
            found[name] = ((same or places)[0], sha256)
    return found
