"""The run's logbook: what went in, what was chosen, where every row went, what was found.

Stages take ``record=`` and add to it; pages, workbooks and the manifest print it. Nothing is struck
out: what is told again under the same key stands instead of what was told before. Nothing is
decided by what stands in it: what a release must know travels with the tables (``core/behind.py``).
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from hotspots.core.arguments import has_record, path_of
from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, Finding, Findings, InputError
from hotspots.core.plain import plain
from hotspots.core.sentences import ShownInNotebook
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import pandas as pd

Audience = Literal["internal", "partner", "public", "protect"]
ThemeState = Literal["measured", "proxy", "absent"]

_MANIFEST = ("rule", "message", "severity", "file", "line", "column", "mend", "rows")
PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "pyproj", "scipy", "scikit-learn", "h3")
NOT_GROUNDS = Caveat("not-grounds")  # printed on every product about violence
PROTECT: Final = "protect"
THEMES: Final = "themes"


@dataclass(frozen=True)
class SourceFile:
    """One file that was read."""

    name: str
    sha256: str
    read: int
    accepted: int
    rejected: int
    unlocated: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RejectedRow:
    """A row that could not be used, as it stood in its file, and why.

    The text is never in a manifest, nor in the ``repr``: logs and notebooks keep those.
    """

    file: str
    line: int
    text: str = field(repr=False)
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ThemeStatus:
    """What the data at hand can say about a theme.

    Over several sources the state is that of the weakest source that has the theme, and the note
    holds the note of each, with the names of the sources where notes differ.
    """

    name: str
    label: str
    state: ThemeState
    note: str = ""


@dataclass(frozen=True)
class SourceSays:
    """What one source says about the themes, and its caveats, each with the theme it is about."""

    source: str
    themes: Mapping[str, ThemeStatus]
    caveats: tuple[tuple[str, Caveat], ...] = ()
    scheme: str = ""


@dataclass(frozen=True)
class Entry:
    """What was told at once. Of those with the same key, the last is printed."""

    key: str = ""
    caveats: tuple[Caveat, ...] = ()
    choices: tuple[tuple[str, dict[str, Any]], ...] = ()
    attributions: tuple[str, ...] = ()
    themes: tuple[ThemeStatus, ...] = ()


@dataclass(frozen=True)
class Account:
    """Where every accepted row went for one theme and period.

    Each row is in exactly one place, in this order: out of the period, out of the theme, excluded
    as sensitive, unlocated, outside the study area, on an institutional point, used.
    """

    stage: str
    theme: str
    period: str
    accepted: int
    out_of_period: int
    out_of_theme: int
    sensitive: int
    unlocated: int
    outside: int
    institutional: int
    used: int
    in_areas: int | None = None
    noise: int = 0
    sensitive_reason: str = ""

    @property
    def parts(self) -> int:
        """All places together: as many as were accepted."""
        left_out = self.out_of_period + self.out_of_theme + self.sensitive
        return left_out + self.unlocated + self.outside + self.institutional + self.used

    def check(self) -> None:
        """Raise unless every row is in exactly one place."""
        if self.parts != self.accepted:
            raise DataError(
                f"{self.stage} lost rows: accepted {self.accepted:,} but the parts sum to "
                f"{self.parts:,}. This is a defect; please report it."
            )
        if self.in_areas is not None and self.in_areas + self.noise != self.used:
            raise DataError(
                f"{self.stage} lost rows: used {self.used:,} but areas hold {self.in_areas:,} "
                f"and noise {self.noise:,}. This is a defect; please report it."
            )


@dataclass(repr=False)
class RunRecord(ShownInNotebook):
    """The logbook of one run.

    Parameters
    ----------
    title : str
        What the run is, for people.
    marking : str
        Handling words printed at the top and bottom of every page; there is no default.
    audience : {"internal", "partner", "public", "protect"}
        Who the products are for. A public product cannot carry an OFFICIAL marking.
    made_on : date, optional
        Printed on products. Left out by default, so that the same input gives the same bytes.
    drawn, units, current : optional
        Passed on to pages as the title is: themes in their order and words (else those told), the
        unit of each harm scale (a release says it of its tables), and whether the data are of now.

    Examples
    --------
    >>> record = RunRecord("Leeds, July 2018", marking="OPEN DATA - DEMONSTRATION",
    ...                    audience="public")
    >>> record.choose("find_clusters", radius_m=150)
    >>> record.manifest()["choices"]
    {'find_clusters': [{'radius_m': 150}]}
    """

    title: str
    marking: str
    audience: Audience = "internal"
    made_on: date | None = None
    sources: list[SourceFile] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    quarantine: list[RejectedRow] = field(default_factory=list)
    sentences: dict[str, str] = field(default_factory=dict)
    governance: dict[str, str] = field(default_factory=dict)
    said: list[SourceSays] = field(default_factory=list)
    where: dict[str, Any] = field(default_factory=dict)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, str] = field(default_factory=dict)
    for_reader: bool = False
    drawn: tuple[ThemeStatus, ...] | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    current: bool = True

    def __post_init__(self) -> None:
        if not str(self.marking or "").strip():
            raise InputError(
                "`marking` must say how the product may be handled; got nothing. "
                'For instance "OFFICIAL" or "OPEN DATA - DEMONSTRATION".'
            )
        if self.audience not in get_args(Audience):
            raise InputError(
                f"`audience` must be one of {', '.join(get_args(Audience))}; got {self.audience!r}."
            )
        if self.audience == "public" and "OFFICIAL" in self.marking.upper():
            raise InputError(
                f"a public product cannot be marked {self.marking!r}. Choose another marking, or "
                'another audience ("internal" or "partner").'
            )

    def __repr__(self) -> str:
        return (
            f"<RunRecord {self.title!r}, {self.marking}, {self.audience}: {self.read:,} rows read, "
            f"{self.accepted:,} accepted, {self.rejected:,} rejected>"
        )

    def copy(self, **changes: Any) -> RunRecord:
        """Another logbook with the same entries, for one reader; what is added stays in it."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        own: dict[str, Any] = {
            name: Findings([*value]) if isinstance(value, Findings) else copy(value)
            for name, value in held.items()
        }
        return replace(self, **(own | changes))

    def tell(self, entry: Entry) -> None:
        """Add an entry; one without a key once."""
        if entry.key or entry not in self.entries:
            self.entries.append(entry)

    def _printed(self) -> Iterator[Entry]:
        """The entries; of each key the last, in the place of the first."""
        last = {entry.key: entry for entry in self.entries}
        for entry in self.entries:
            if not entry.key:
                yield entry
            elif entry.key in last:
                yield last.pop(entry.key)

    def choose(self, stage: str, **choices: Any) -> None:
        """Write down the choices a stage worked with."""
        self.tell(Entry(choices=((stage, plain(choices)),)))

    @property
    def choices(self) -> dict[str, list[dict[str, Any]]]:
        """What each stage worked with, each once."""
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in self._printed():
            for stage, choice in entry.choices:
                chosen = found.setdefault(stage, [])
                chosen += [] if choice in chosen else [choice]
        return found

    def find(self, *findings: Finding) -> None:
        """Write down findings."""
        self.findings.add(*findings)

    def account(self, account: Account) -> None:
        """Write down where the rows went; refuse an account that does not balance."""
        account.check()
        if account not in self.accounts:
            self.accounts.append(account)

    def attribute(self, *sentences: str) -> None:
        """Attributions every product must carry, each once."""
        self.tell(Entry(attributions=sentences))

    @property
    def attributions(self) -> tuple[str, ...]:
        """Attributions, each once."""
        return tuple(dict.fromkeys(one for told in self._printed() for one in told.attributions))

    def warn_reader(self, *caveats: Caveat | str) -> None:
        """Caveats every product must carry, each once; texts are taken to count incidents."""
        given = (Caveat.given(one) if isinstance(one, str) else one for one in caveats)
        self.tell(Entry(caveats=tuple(given)))

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """Caveats, each once."""
        found: list[Caveat] = []
        for caveat in (one for told in self._printed() for one in told.caveats):
            found += [] if caveat in found else [caveat]
        return tuple(found)

    @property
    def themes(self) -> Mapping[str, ThemeStatus]:
        """What is said of each theme: as given (``drawn``), else told; to set it tells it anew."""
        told = next((one for one in self._printed() if one.key == THEMES), Entry()).themes
        given = told if self.drawn is None else self.drawn
        return MappingProxyType({status.name: status for status in given})

    @themes.setter
    def themes(self, themes: Mapping[str, ThemeStatus]) -> None:
        self.tell(Entry(THEMES, themes=tuple(themes.values())))

    def tell_themes(self, *statuses: ThemeStatus) -> None:
        """What is said of these themes, beside that of others."""
        self.themes = {**self.themes, **{status.name: status for status in statuses}}

    @property
    def caveat_texts(self) -> list[str]:
        """The caveats in words, each once."""
        return list(dict.fromkeys(map(str, self.caveats)))

    @property
    def read(self) -> int:
        """Rows read from all sources."""
        return sum(source.read for source in self.sources)

    @property
    def accepted(self) -> int:
        """Rows accepted from all sources."""
        return sum(source.accepted for source in self.sources)

    @property
    def rejected(self) -> int:
        """Rows quarantined from all sources."""
        return sum(source.rejected for source in self.sources)

    def manifest(self) -> dict[str, Any]:
        """Everything another analyst needs to repeat the run; no incident rows."""
        return {
            "title": self.title,
            "marking": self.marking,
            "audience": self.audience,
            **({"made_on": self.made_on.isoformat()} if self.made_on else {}),
            "software": _versions(),
            "governance": dict(self.governance),
            "rows": {"read": self.read, "accepted": self.accepted, "rejected": self.rejected},
            "sources": [plain(asdict(source)) for source in self.sources],
            **({"where": self.where} if self.where else {}),
            **({"coverage": self.coverage} if self.coverage else {}),
            **({"inputs": dict(self.inputs)} if self.inputs else {}),
            "themes": {name: asdict(status) for name, status in self.themes.items()},
            "accounts": [asdict(account) for account in self.accounts],
            "choices": self.choices,
            "findings": [manifest_entry(finding) for finding in self.findings],
            "sentences": dict(self.sentences),
            "caveats": self.caveat_texts,
            "attributions": list(self.attributions),
        }

    def write(self, path: str | Path, **more: Any) -> Path:
        """Write the manifest as JSON, and ``more``; the same run gives the same bytes."""
        target, content = path_of(path), plain(self.manifest() | more)
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        target.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        return target


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file's bytes."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    versions = {"hotspots": _version("safer-hotspots"), "python": platform.python_version()}
    return versions | {name: _version(name) for name in PACKAGES}


@cache
def _version(distribution: str) -> str:
    found = next(iter(metadata.distributions(name=distribution)), None)
    return found.version if found else "unknown"


def manifest_entry(finding: Finding) -> dict[str, Any]:
    """What a finding says, without the text that came: that may be of an incident."""
    said = finding.to_dict()
    return {name: said[name] for name in _MANIFEST if said[name] is not None}


def require_protect_marking(marking: str) -> None:
    """Raise unless the handling words name PROTECT."""
    if PROTECT.upper() not in marking.upper():
        raise InputError(
            f"a product for the audience {PROTECT!r} needs a Protect marking; got {marking!r}. Use "
            "the originator's handling words; they must name PROTECT."
        )


def refuse_protect(*tables: pd.DataFrame | None, record: RunRecord | None) -> None:
    """Raise where Protect rows would enter a product made for anyone else."""
    if has_record(record) and record.audience != PROTECT and any(map(_is_protect, tables)):
        raise InputError(
            "Protect zones, their sites and packs belong in a product of their own; got them in "
            f"one for the audience {record.audience!r}.",
            rule="protect",
            mend=Mend("protect-record"),
        )


def _is_protect(table: pd.DataFrame | None) -> bool:
    """Whether a table holds a row of the Protect product (``kind`` "protect")."""
    if table is None or "kind" not in getattr(table, "columns", ()):
        return False
    kinds = table["kind"].dropna().astype(str).unique()
    return any(kind.casefold().startswith(PROTECT) for kind in kinds)
