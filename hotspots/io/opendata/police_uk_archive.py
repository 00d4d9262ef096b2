"""The archives of data.police.uk: which one holds a month, and a force's files out of it."""

from __future__ import annotations

import difflib
import re
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.archives import zip_members
from hotspots.core.errors import DataError, Findings, listing
from hotspots.core.months import MONTH, later, month_runs, months_between
from hotspots.core.text.mends import Mend
from hotspots.io.opendata.download import download
from hotspots.io.opendata.http import NotThereError

if TYPE_CHECKING:
    from hotspots.io.opendata.download import Shelf
    from hotspots.io.opendata.http import Client, Tell

FIRST_MONTH = "2010-12"
MONTHS_HELD = 36
# Archives up to this one hold everything since the first month.
LAST_WITH_ALL = "2017-04"
FIRST_ARCHIVE = "2013-12"
LARGEST_GIB = 64.0
LARGEST_MEMBER = 2**30
HEADER = b"Crime ID,Month,"
STREET = re.compile(r"(?:(\d{4}-\d{2})/)?(\d{4}-\d{2})-([a-z0-9-]+)-street\.csv")


def street_name(month: str, force: str) -> str:
    """Where a force's street crime of a month stands in an archive, and on the shelf.

    Examples
    --------
    >>> street_name("2025-01", "west-yorkshire")
    '2025-01/2025-01-west-yorkshire-street.csv'
    """
    return f"{month}/{month}-{force}-street.csv"


def check_street_file(path: Path) -> None:
    """Raise unless a file begins as street crime does."""
    with path.open("rb") as stream:
        start = stream.read(64).removeprefix(b"\xef\xbb\xbf")
    if not start.replace(b'"', b"").startswith(HEADER):
        raise DataError(
            f"{path.name}: street crime of data.police.uk was expected, with a header that begins "
            f"{HEADER.decode()}; it begins {start[:40]!r}."
        )


def check_archive(path: Path) -> None:
    """Raise unless a file is a whole zip archive with street crime in it."""
    if not any(STREET.fullmatch(name) for name in _members(path)):
        raise DataError(f"{path.name}: an archive with street crime was expected; it has none.")


def unpack(
    archive: Path, months: list[str], force: str, shelf: Shelf, facts: dict[str, Any]
) -> list[str]:
    """Put a force's files on the shelf; returns the months that were in the archive.

    Members are found by their exact names and written under names made here, so that no path in
    the archive can lead anywhere else. Everything else in it stays packed.
    """
    members, found = _members(archive), []
    for month in months:
        name = street_name(month, force)
        # Archives have a folder a month; what people pack anew has none.
        member = next((one for one in (name, name.split("/")[1]) if one in members), None)
        if member is None:
            continue
        data = _read_member(archive, member)
        shelf.put(name, data, check_street_file, **facts, member=member)
        found.append(month)
    return found


def bring_archives(
    client: Client,
    base: str,
    months: list[str],
    force: str,
    shelf: Shelf,
    archives: Shelf,
    *,
    kept: set[str],
    refresh: bool,
    tell: Tell | None,
) -> None:
    """Download the archives that hold the months, and put the force's files on the shelf.

    Only the last years stay published: months that are ``kept`` on the shelf stay there as they are
    once no archive that is offered holds them.
    """
    published = _published(client, base)
    # A month that no archive offers any more stays as it was fetched; all others may have been
    # mended.
    months = [
        month
        for month in months
        if month not in kept or any(_holds(name, month) for name in published)
    ]
    findings = Findings()
    for name, wanted in choose_archives(months, sorted(published)).items():
        file, url = archives.path(f"{name}.zip"), f"{base}/data/archive/{name}.zip"
        md5 = published[name]
        if not _is_current(archives, file.name, md5, refresh):
            try:
                brought = download(client, url, file, check_archive, md5=md5, tell=tell)
            except NotThereError as error:
                raise DataError(
                    f"{error} Months: {month_runs(wanted)}.",
                    rule=NotThereError.rule,
                    mend=Mend("fetch-by-area"),
                ) from error
            archives.write_down(file.name, **brought, md5_published=md5 is not None)
        facts = archives.facts(file.name) or {}
        about = {"url": facts["url"], "date": facts["date"], "archive_md5": facts["md5"]}
        found = unpack(file, wanted, force, shelf, about)
        _note_missing(file, force, [month for month in wanted if month not in found], findings)
    findings.raise_errors()


def _is_current(archives: Shelf, name: str, md5: str | None, refresh: bool) -> bool:
    """Whether an archive was fetched before, is whole, and is the one that is offered now."""
    known = archives.facts(name)
    if known is None or (md5 is None and refresh):
        return False
    return md5 in (None, known.get("md5")) and archives.holds(name, check_archive)


def choose_archives(months: list[str], names: list[str]) -> dict[str, list[str]]:
    """Which archive to take each month from: the newest that holds it, and few of them.

    Every archive holds the 36 months to its name; those up to April 2017 hold all since December
    2010. Later archives mend earlier months, so the newest comes first.

    Examples
    --------
    >>> choose_archives(["2023-06", "2025-01"], ["2024-01", "2026-06", "2026-07"])
    {'2026-07': ['2025-01'], '2024-01': ['2023-06']}
    """
    newest = max(names, default=FIRST_MONTH)
    late = [month for month in months if month > newest]
    if late:
        raise DataError(
            f"data.police.uk has published months up to {newest}; got {month_runs(late)}. It is "
            "about two months behind. Ask for earlier months."
        )
    chosen: dict[str, list[str]] = {}
    left, name = sorted(months), newest
    while left:
        chosen[name] = [month for month in left if _holds(name, month)]
        left = [month for month in left if not _holds(name, month)]
        holding = [other for other in names if left and _holds(other, left[0])]
        if left and not holding:
            raise DataError(
                f"no archive of data.police.uk that is still offered holds {month_runs(left)}; the "
                f"oldest is {min(names)}."
            )
        name = max(holding, default=name)
    return {name: held for name, held in chosen.items() if held}


def _holds(archive: str, month: str) -> bool:
    first = FIRST_MONTH if archive <= LAST_WITH_ALL else later(archive, 1 - MONTHS_HELD)
    return first <= month <= archive


def _published(client: Client, base: str) -> dict[str, str | None]:
    """The archives that are offered, each with its MD5 where one is given.

    From the page that lists them; where that cannot be read, every month up to the latest.
    """
    try:
        offered = archives_on_page(client.text(f"{base}/data/archive/"))
    except NotThereError:
        offered = {}
    if offered:
        return offered
    _, answer, _ = client.json(f"{base}/api/crime-last-updated")
    latest = str(answer.get("date", ""))[:7] if isinstance(answer, dict) else ""
    if not re.fullmatch(MONTH, latest):
        raise DataError(f"{base}: the latest month was expected; got {str(answer)[:80]!r}.")
    return dict.fromkeys(months_between(FIRST_ARCHIVE, max(FIRST_ARCHIVE, latest)))


def archives_on_page(page: str) -> dict[str, str | None]:
    """Names and MD5s on the page that lists the archives.

    A checksum belongs to the archive that was named last before it. What only looks like an MD5 (a
    hash with a part count behind it) is none.

    Examples
    --------
    >>> archives_on_page("<a href='/data/archive/2026-07.zip'>July</a> MD5: " + "0" * 32)
    {'2026-07': '00000000000000000000000000000000'}
    """
    found: dict[str, str | None] = {}
    marks = re.finditer(
        r"(?P<name>\d{4}-\d{2})\.zip|(?<![0-9A-Za-z])(?P<md5>[0-9a-fA-F]{32})(?![0-9A-Za-z-])", page
    )
    last = None
    for mark in marks:
        if mark["name"]:
            last = mark["name"]
            found.setdefault(last, None)
        elif last is not None and found[last] is None:
            found[last] = mark["md5"].lower()
    return found


def _note_missing(archive: Path, force: str, missing: list[str], findings: Findings) -> None:
    if not missing:
        return
    held: dict[str, list[str]] = {}
    for member in _members(archive):
        if match := STREET.fullmatch(member):
            held.setdefault(match[3], []).append(match[2])
    if force not in held:
        near = difflib.get_close_matches(force, held, n=3, cutoff=0.4) or sorted(held)
        findings.error(
            "no-such-force",
            f"the force {force!r} was expected; it has none of that name.",
            file=archive.name,
            mend=f"Perhaps {listing(near)}.",
        )
        return
    findings.error(
        "month-missing",
        f"{force} has not published street crime for {month_runs(missing)}; it has "
        f"{month_runs(held[force])}",
        file=archive.name,
        mend="This is not zero crime. Ask for the other months.",
    )


def _members(archive: Path) -> set[str]:
    """Files in an archive; the street crime in it is safe to unpack, the rest stays packed."""
    try:
        return set(
            zip_members(archive, archive.name, wanted=STREET.fullmatch, largest_gib=LARGEST_GIB)
        )
    except DataError as error:
        found = (replace(one, mend="Delete it and fetch again.") for one in error.findings)
        raise DataError(found) from error


def _read_member(archive: Path, member: str) -> bytes:
    """A member's bytes, its CRC checked."""
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as stream:
            data = stream.read(LARGEST_MEMBER + 1)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
        raise DataError(
            f"{archive.name}/{member}: a whole file was expected; {error}. Delete the archive and "
            "fetch again."
        ) from error
    if len(data) > LARGEST_MEMBER:
        raise DataError(f"{archive.name}/{member}: unpacks to more than 1 GiB; it is refused.")
    return data
