"""Street crime of data.police.uk, by archive or by API, in files that `load_incidents` reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from hotspots.core.arguments import path_of, require_word, yes_of
from hotspots.core.errors import DataError, Findings, InputError, require
from hotspots.core.months import MONTH, month_runs, months_between
from hotspots.core.text.mends import Mend
from hotspots.io.opendata.download import Shelf, cache_folder
from hotspots.io.opendata.http import Client, FetchProgress, Patience, Tell, checked_base
from hotspots.io.opendata.police_uk_archive import (
    FIRST_MONTH,
    bring_archives,
    check_street_file,
    street_name,
    unpack,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.io.opendata.police_uk_api import Area

Way = Literal["archive", "api"]
POLICE_UK = "https://data.police.uk"


def fetch_police_uk(
    force: str,
    from_month: str,
    to_month: str,
    *,
    folder: str | PathLike[str] | None = None,
    cache: str | PathLike[str] | None = None,
    offline: bool = False,
    refresh: bool = False,
    prefer: Way = "archive",
    within: gpd.GeoDataFrame | None = None,
    base_url: str = POLICE_UK,
    patience: Patience | None = None,
    progress: Tell | None = None,
) -> list[Path]:
    """Fetch street crime of data.police.uk; what is at hand already is not fetched again.

    Parameters
    ----------
    force : str
        A police force as the site writes it, e.g. ``"west-yorkshire"``.
    from_month, to_month : str
        First and last month, ``"2025-01"``; both are included.
    folder : path, optional
        Where to put the files, with a ``fetched.json`` that says where each came from. By default
        they stay in the cache.
    cache : path, optional
        What was fetched is kept here; the user's cache folder by default.
    offline : bool
        Use the cache alone; name what is missing and where to put it by hand.
    refresh : bool
        Fetch again although the files are there: later editions mend earlier months. Months that
        are no longer published are kept as they are.
    prefer : {"archive", "api"}
        ``"archive"``: the whole country's archive is downloaded (about 1.7 GB, once) and the
        force's files are taken out. ``"api"``: only the crimes of `within` (and those of the force
        that have no place) are asked for, month by month; best for a district.
    within : GeoDataFrame, optional
        Zones whose area is asked for; needed by, and only used with, ``prefer="api"``.
    base_url : str
        Another host that answers as data.police.uk does.
    patience : Patience, optional
        Tries, waits and timeouts.
    progress : callable, optional
        Called with a :class:`FetchProgress` now and then.

    Returns
    -------
    list of Path
        Files that :func:`load_incidents` reads, in order of the months.

    Raises
    ------
    DataError
        For a month or force that is not published, a checksum that does not fit, a file that is not
        what it should be, a network that fails for good; and, offline, for what is missing. What
        was verified before that is kept, and a good file is never replaced by a bad one.

    Notes
    -----
    Needs the extra ``fetch``. Misleads where a month was mended later: a file at hand is used as it
    is until ``refresh=True``. The two ways differ: the archive has a force's own records wherever
    they lie; the API has everybody's (the British Transport Police among them) in the area and a
    rim of 50 m, and says less of each. Do not load both.

    References
    ----------
    https://data.police.uk/data/archive/ and https://data.police.uk/docs/method/crime-street/

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as empty:
    ...     fetch_police_uk("west-yorkshire", "2025-01", "2025-02", cache=empty, offline=True)
    Traceback (most recent call last):
        ...
    hotspots.core.errors.DataError: street crime of west-yorkshire for 2025-01 to 2025-02 ...
    """
    months = _asked(from_month, to_month)
    _check(force, prefer, within)
    put = None if folder is None else path_of(folder, "folder")
    order = _Order(
        force,
        months,
        cache_folder(cache),
        yes_of(offline, "offline"),
        yes_of(refresh, "refresh"),
        checked_base(base_url),
        Client(patience),
        progress,
    )
    if prefer == "archive":
        shelf, names = _by_archive(order)
    else:
        from hotspots.io.opendata.police_uk_api import Area

        require(within is not None, '`prefer="api"` asks for an area: give `within`.')
        assert within is not None
        shelf, names = _by_api(order, Area.around(within))
    return shelf.copy_to(put, names)


@dataclass(frozen=True)
class _Order:
    """What is wanted, and how."""

    force: str
    months: list[str]
    cache: Path
    offline: bool
    refresh: bool
    base: str
    client: Client
    tell: Tell | None


def _asked(from_month: str, to_month: str) -> list[str]:
    """Every month asked for."""
    for argument, month in (("from_month", from_month), ("to_month", to_month)):
        if not (isinstance(month, str) and re.fullmatch(MONTH, month)):
            raise InputError(f'`{argument}` must be a month such as "2025-01"; got {month!r}.')
    if from_month > to_month:
        raise InputError(
            f"`from_month` must not be after `to_month`; got {from_month} and {to_month}."
        )
    if from_month < FIRST_MONTH:
        raise InputError(f"data.police.uk begins with {FIRST_MONTH}; got {from_month}.")
    return months_between(from_month, to_month)


def _check(force: str, prefer: str, within: object) -> None:
    if not (isinstance(force, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", force)):
        words = re.sub(r"[^a-z0-9]+", "-", str(force).lower()).strip("-")
        raise InputError(
            f"`force` must be written as data.police.uk does; got {force!r}."
            + (f" Perhaps {words!r}." if words else "")
        )
    require_word("prefer", prefer, get_args(Way))
    if prefer == "archive" and within is not None:
        raise InputError(
            '`within` is only used with `prefer="api"`; archives hold whole forces.',
            mend=Mend("cut-when-counted"),
        )


def _by_archive(order: _Order) -> tuple[Shelf, list[str]]:
    shelf, archives = Shelf(order.cache / "police-uk"), Shelf(order.cache / "archives")

    def missing(months: list[str]) -> list[str]:
        return [
            month
            for month in months
            if not shelf.holds(street_name(month, order.force), check_street_file)
        ]

    lacking = missing(order.months)
    left = order.months if order.refresh and not order.offline else lacking
    if left and not (order.refresh and not order.offline):
        left = _from_archives_at_hand(order, left, shelf, archives)
    if left and order.offline:
        raise DataError(_missing_archive(order, left, shelf, archives), rule="not-cached")
    if left:
        bring_archives(
            order.client,
            order.base,
            left,
            order.force,
            shelf,
            archives,
            kept=set(order.months) - set(lacking),
            refresh=order.refresh,
            tell=order.tell,
        )
    return shelf, [street_name(month, order.force) for month in order.months]


def _from_archives_at_hand(
    order: _Order, months: list[str], shelf: Shelf, archives: Shelf
) -> list[str]:
    """Unpack what the archives in the cache hold, the newest first; returns what is left."""
    left = months
    for file in sorted(archives.folder.glob("*.zip"), reverse=True):
        if not left:
            break
        known = archives.facts(file.name) or {"url": f"put by hand: {file.name}"}
        facts = {"url": known["url"], "date": known.get("date", "")}
        if "md5" in known:
            facts["archive_md5"] = known["md5"]
        try:
            found = unpack(file, left, order.force, shelf, facts)
        except DataError:
            if order.offline:
                raise
            continue
        left = [month for month in left if month not in found]
    return left


def _missing_archive(order: _Order, months: list[str], shelf: Shelf, archives: Shelf) -> str:
    one = street_name(months[0], order.force)
    return (
        f"street crime of {order.force} for {month_runs(months)} is not in the cache, and offline "
        "nothing is fetched. On a machine with a network, download an archive that covers these "
        f"months from {order.base}/data/archive/ and put it into {archives.folder}; or put the "
        f"files themselves, such as {one}, into {shelf.folder}."
    )


def _by_api(order: _Order, area: Area) -> tuple[Shelf, list[str]]:
    from hotspots.io.opendata import police_uk_api as street_api

    shelf = Shelf(order.cache / "police-uk-api" / area.digest)
    names = {
        month: [f"{month}/{month}-{order.force}-{kind}.json" for kind in ("api", "no-location")]
        for month in order.months
    }
    lacking = [
        month
        for month, pair in names.items()
        if not all(shelf.holds(name, street_api.check_crimes) for name in pair)
    ]
    left = list(names) if order.refresh and not order.offline else lacking
    if left and order.offline:
        raise DataError(
            f"crimes of this area for {month_runs(left)} are not in the cache, and offline "
            f"nothing is fetched. Missing is {shelf.path(names[left[0]][0])}"
            + (f" and {2 * len(left) - 1} more" if len(left) > 0 else "")
            + ". Fetch them on a machine with a network, and carry over that folder.",
            rule="not-cached",
        )
    if left:
        _ask_by_month(order, area, shelf, {month: names[month] for month in left}, set(lacking))
    return shelf, [name for month in order.months for name in names[month]]


def _ask_by_month(
    order: _Order, area: Area, shelf: Shelf, names: dict[str, list[str]], lacking: set[str]
) -> None:
    """Ask for months; what is kept of those that are no longer published stays as it is."""
    from hotspots.io.opendata import police_uk_api as street_api

    client, base = order.client, order.base
    findings, offered = Findings(), street_api.published_months(client, base)
    absent = [month for month in names if month not in offered and month in lacking]
    if absent:
        findings.error(
            "month-missing",
            f"the API answers for {month_runs(sorted(offered))}; got {month_runs(absent)}.",
            mend=Mend("fetch-from-archive"),
        )
    findings.raise_errors()
    names = {month: pair for month, pair in names.items() if month in offered}
    before = street_api.edition(client, base)
    for done, (month, (placed_name, unplaced_name)) in enumerate(names.items(), 1):
        placed, date = street_api.crimes_in(client, base, area, month)
        unplaced, _ = street_api.crimes_without_place(client, base, order.force, month)
        if street_api.edition(client, base) != before:
            raise DataError(
                "data.police.uk published new data while it was being asked, so that crimes may be "
                "doubled or lost. Run the same again; months that have arrived are kept.",
                rule="edition-changed",
            )
        about = {"date": date, "edition": before, "area": area.digest, "month": month}
        for name, crimes, path in (
            (placed_name, placed, "crimes-street/all-crime"),
            (unplaced_name, unplaced, "crimes-no-location"),
        ):
            shelf.put(
                name,
                street_api.as_bytes(crimes),
                street_api.check_crimes,
                url=f"{base}/api/{path}",
                records=len(crimes),
                **about,
            )
        if order.tell is not None:
            order.tell(FetchProgress(f"{order.force} {month}", done, len(names), "months"))
