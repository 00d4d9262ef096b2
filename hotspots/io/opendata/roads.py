"""Roads of a district from OS Open Roads, as `load_streets` and backdrops read them."""

from __future__ import annotations

import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

import geopandas as gpd

from hotspots.core.archives import zip_members
from hotspots.core.arguments import path_of, text_of, yes_of
from hotspots.core.errors import DataError, require
from hotspots.io.guard import judged, open_database, told, unpacked
from hotspots.io.load_streets import LINKS, street_columns
from hotspots.io.opendata.boundaries import OPEN_GEOGRAPHY, fetch_boundaries, slug
from hotspots.io.opendata.download import Shelf, cache_folder, download
from hotspots.io.opendata.http import Client, Patience, Tell, checked_base
from hotspots.io.read_vector import fixed_clock
from hotspots.io.zones.read import load_zones

OS_DOWNLOADS = "https://api.os.uk/downloads/v1"
ARCHIVE = "oproad_gpkg_gb.zip"
ASKED = "area=GB&format=GeoPackage"
LARGEST_GIB = 16.0
"""Of the country's GeoPackage, unpacked; it holds about 2."""
RIM_M = 500.0
"""Beyond the outline, which the ONS simplifies by as much: no road at the border is missing."""
WRITTEN = ("street_id", "street_name", "road_class", "start_node", "end_node")
EPOCH = "1970-01-01T00:00:00.000Z"
LICENCE = (
    "Open Government Licence v3.0. Contains OS data © Crown copyright and database right "
    "(OS Open Roads)."
)


def fetch_roads(
    district: str = "Leeds",
    *,
    file: str | PathLike[str] | None = None,
    cache: str | PathLike[str] | None = None,
    offline: bool = False,
    refresh: bool = False,
    base_url: str = OS_DOWNLOADS,
    boundaries_url: str = OPEN_GEOGRAPHY,
    patience: Patience | None = None,
    progress: Tell | None = None,
) -> Path:
    """Fetch the roads of a district from OS Open Roads; the country's file only once.

    Parameters
    ----------
    district : str
        Name (``"Leeds"``) or code (``"E08000035"``) of a local authority district.
    file : path, optional
        The GeoPackage to write; by default the roads stay in the cache.
    cache, offline, refresh, patience, progress
        As for :func:`fetch_police_uk`. What is downloaded is the whole country, several hundred MB;
        it stays in the cache, and other districts are cut from it without a call.
    base_url, boundaries_url : str
        Other addresses that answer as the OS Downloads API and Open Geography do.

    Returns
    -------
    Path
        A GeoPackage of lines, British National Grid: ``street_id``, ``street_name`` (else the road
        number), ``road_class``, and the nodes where each begins and ends. `load_streets` reads it,
        and every backdrop.

    Raises
    ------
    DataError
        For a district that is not known or has no road there (Northern Ireland), a file that is not
        what was published, and what is missing offline.

    Notes
    -----
    Needs the extra ``fetch``. Roads that come within 500 m of the outline are kept, each whole, so
    that none at a border is missing. Misleads where people walk: paths, private roads and car parks
    are not in OS Open Roads.

    References
    ----------
    https://docs.os.uk/os-apis/accessing-os-apis/os-downloads-api (Ordnance Survey)

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as empty:
    ...     fetch_roads("Leeds", cache=empty, offline=True)
    Traceback (most recent call last):
        ...
    hotspots.core.errors.DataError: leeds_roads.gpkg is not in the cache, ...
    """
    district, client = text_of(district, "district"), Client(patience)
    target = None if file is None else path_of(file, "file")
    require(
        target is None or target.suffix.lower() == ".gpkg",
        f"`file` must end in .gpkg, as a GeoPackage does; got {str(file)!r}.",
    )
    base, known = checked_base(base_url), cache_folder(cache)
    boundaries_url = checked_base(boundaries_url, "boundaries_url")
    offline, refresh = yes_of(offline, "offline"), yes_of(refresh, "refresh")
    shelf, name = Shelf(known / "roads"), f"{slug(district)}_roads.gpkg"
    again = refresh and not offline
    if again or not shelf.holds(name, _check_roads):
        archive = _archive(client, base, shelf, name, offline=offline, again=again, tell=progress)
        outline = fetch_boundaries(
            district, kinds=["district"], cache=known, offline=offline, refresh=again,
            base_url=boundaries_url, patience=patience, progress=progress,
        )  # fmt: skip
        roads = _roads_near(archive, load_zones(outline[0]), district)
        facts = shelf.facts(archive.name) or {"by_hand": True}
        about = {key: facts[key] for key in ("url", "date", "md5", "by_hand") if key in facts}
        shelf.put(name, _as_bytes(roads, shelf.folder), _check_roads, licence=LICENCE,
                  roads=len(roads), rim_m=RIM_M, **about)  # fmt: skip
    if target is None:
        return shelf.path(name)
    return shelf.copy_as(name, target)


def _archive(
    client: Client,
    base: str,
    shelf: Shelf,
    wanted: str,
    *,
    offline: bool,
    again: bool,
    tell: Tell | None,
) -> Path:
    """The country's file: the one at hand, unless another one is published and was asked for."""
    path = shelf.path(ARCHIVE)
    at_hand = shelf.holds(ARCHIVE, _check_archive)
    if at_hand and not again:
        return path
    if offline:
        raise DataError(
            f"{wanted} is not in the cache, and offline nothing is fetched. Get {ARCHIVE} (OS Open "
            f"Roads, GeoPackage, Great Britain) from the OS Data Hub and put it into "
            f"{shelf.folder}.",
            rule="not-cached",
        )
    url = f"{base}/products/OpenRoads/downloads?{ASKED}"
    md5 = _published(client, url)
    if not at_hand or md5 is None or md5 != (shelf.facts(ARCHIVE) or {}).get("md5"):
        brought = download(client, f"{url}&redirect", path, _check_archive, md5=md5, tell=tell)
        shelf.write_down(ARCHIVE, **brought, md5_published=md5 is not None, licence=LICENCE)
    return path


def _published(client: Client, url: str) -> str | None:
    """The MD5 of the one file that is offered; None where none is told."""
    _, offered, _ = client.json(url)
    one = offered[0] if isinstance(offered, list) and len(offered) == 1 else None
    if not isinstance(one, dict):
        raise DataError(
            f"{url}: one file of OS Open Roads was expected; got {str(offered)[:80]!r}.",
            rule="service-refused",
        )
    md5 = one.get("md5")
    return md5.lower() if isinstance(md5, str) and md5 else None


def _roads_near(archive: Path, district: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Road links within the rim of a district, with the columns of streets.

    The country's file is unpacked beside the archive, where there is room for it.
    """
    import pyogrio

    near = district.geometry.union_all().buffer(RIM_M)
    member = _member(archive)
    with unpacked(archive, member, largest_gib=LARGEST_GIB, beside=True) as country:
        file = judged(country, ARCHIVE, layer=LINKS, largest_gib=LARGEST_GIB)
        with told(ARCHIVE):
            links = pyogrio.read_dataframe(file, layer=LINKS, bbox=near.bounds, force_2d=True)
    placed = isinstance(links, gpd.GeoDataFrame) and links.crs is not None
    require(
        placed and {"start_node", "end_node"} <= set(links.columns),
        f"a layer {LINKS!r} with `start_node` and `end_node` in a coordinate system was expected.",
        DataError, rule="no-lines", file=ARCHIVE,
    )  # fmt: skip
    links = links.to_crs(district.crs)  # they may come with a height system beside the grid
    links = links[links.intersects(near)]
    require(
        len(links) > 0,
        f"roads of {name} were expected; there are none. OS Open Roads holds Great Britain only.",
        DataError, rule="no-lines", file=ARCHIVE,
    )  # fmt: skip
    roads = street_columns(links, ARCHIVE).reset_index()
    nodes = links[["start_node", "end_node"]].reset_index(drop=True)
    return roads.join(nodes)[[*WRITTEN, "geometry"]].sort_values("street_id", ignore_index=True)


def _member(archive: Path) -> str:
    """The one GeoPackage in the archive."""
    names = zip_members(archive, archive.name, wanted=_is_geopackage, largest_gib=LARGEST_GIB)
    found = [name for name in names if _is_geopackage(name)]
    require(
        len(found) == 1,
        f"one GeoPackage was expected in the archive; it has {len(found)}. Delete it and fetch "
        "again.",
        DataError, rule="bad-zip", file=archive.name,
    )  # fmt: skip
    return found[0]


def _is_geopackage(member: str) -> bool:
    return member.lower().endswith(".gpkg")


def _check_archive(path: Path) -> None:
    """Raise unless a file is a whole zip archive with one GeoPackage."""
    _member(path)


def _as_bytes(roads: gpd.GeoDataFrame, folder: Path) -> bytes:
    """The roads as a GeoPackage, the same bytes for the same roads."""
    import pyogrio

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as made, fixed_clock(EPOCH):
        path = Path(made) / "roads.gpkg"
        options: dict[str, Any] = {"geometry_type": "LineString", "driver": "GPKG"}
        pyogrio.write_dataframe(roads, path, layer="roads", **options)
        return path.read_bytes()


def _check_roads(path: Path) -> None:
    """Raise unless a file holds roads as they are written here."""
    with open_database(path, path.name) as opened:
        found = opened.execute("SELECT name FROM pragma_table_info('roads')").fetchall()
        rows = opened.execute("SELECT count(*) FROM roads").fetchone()[0] if found else 0
    require(
        rows > 0 and set(WRITTEN) <= {str(column) for (column,) in found},
        f"roads with {', '.join(WRITTEN)} were expected; it has {rows:,} of them.",
        DataError, rule="no-lines", file=path.name,
    )  # fmt: skip
