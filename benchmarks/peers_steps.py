"""The steps of `peers.py`: what both sides are given, what each does, what must be the same.

A side is a pair: the work that is measured, and how its result becomes an array that both sides
must agree on, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

import hotspots as hs
from hotspots.core.crs import to_lonlat

Side = tuple[Callable[[], Any], Callable[[Any], NDArray[Any]]]
SHAPES = ("exact", "snapped")
ANCHORS, SEED = 30_000, 5
RADIUS_M, BANDWIDTH_M = 75.0, 200.0
MINIMUM = {10_000: 10, 20_000: 12, 100_000: 25, 1_000_000: 50, 10_000_000: 250}
KINDS = ("Anti-social behaviour", "Violence and sexual offences", "Vehicle crime", "Robbery")
MARKING = "OPEN DATA"


@dataclass(frozen=True)
class Step:
    """One row of the table. ``marks``: shape -> ratio the small case once reached (see --guard)."""

    side: Callable[[str, int, str, Path], Side]
    marks: dict[str, float]
    most_rows: int = 1_000_000


def places(count: int, shape: str) -> NDArray[np.float64]:
    """Metres of the National Grid, whole millimetres, sorted."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = _wards().total_bounds
    low, high = np.array((west, south)), np.array((east, north))
    spots, spread = rng.uniform(low, high, (150, 2)), rng.uniform(50, 400, 150)
    which = rng.integers(0, 150, int(count * 0.6))
    dense = spots[which] + rng.normal(0, 1, (len(which), 2)) * spread[which][:, None]
    found = np.concatenate([dense, rng.uniform(low, high, (count - len(which), 2))])
    if shape == "snapped":
        anchors = rng.uniform(low, high, (ANCHORS, 2))
        found = anchors[cKDTree(anchors).query(found)[1]]
    found = np.round(found, 3)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def write_files(folder: Path, rows: int) -> None:
    """The same places as files of data.police.uk, six decimals of a degree."""
    rng = np.random.default_rng(SEED)
    kind = np.array(KINDS)[rng.integers(0, len(KINDS), rows)]
    month = np.array([f"2018-{m:02d}" for m in range(1, 13)])[rng.integers(0, 12, rows)]
    for shape in SHAPES:
        lon, lat = to_lonlat(*places(rows, shape).T)
        table = {
            "Crime ID": "",
            "Month": month,
            "Reported by": "West Yorkshire Police",
            "Falls within": "West Yorkshire Police",
            "Longitude": np.round(lon, 6),
            "Latitude": np.round(lat, 6),
            "Location": "On or near Some Street",
            "LSOA code": "E01011229",
            "LSOA name": "Leeds 111B",
            "Crime type": kind,
            "Last outcome category": "",
            "Context": "",
        }
        pd.DataFrame(table).to_csv(folder / f"{rows}-{shape}-street.csv", index=False)


def load(side: str, rows: int, shape: str, folder: Path) -> Side:
    """A file into a table of points in metres, every row accounted for (by hand: not)."""
    file = folder / f"{rows}-{shape}-street.csv"

    def by_hand() -> gpd.GeoDataFrame:
        table = pd.read_csv(file)
        points = gpd.points_from_xy(table["Longitude"], table["Latitude"], crs=4326)
        return gpd.GeoDataFrame(table, geometry=points).to_crs(27700)

    read, record_of = hs.load_incidents, hs.RunRecord  # imports them

    def ours() -> gpd.GeoDataFrame:
        record = record_of("Benchmark", marking=MARKING)
        return read(file, record=record, themes=None, harm_scale=None)

    return by_hand if side == "by_hand" else ours, _rows_and_middle


def cells(side: str, rows: int, shape: str, folder: Path) -> Side:
    """Two arrays of metres to H3 cells, resolution 9; by hand in degrees already."""
    import h3.api.basic_int as h3

    from hotspots.core.points import distinct_places, of_each

    xy = places(rows, shape)
    x, y = np.ascontiguousarray(xy.T)
    if side == "by_hand":
        lon, lat = (part.tolist() for part in to_lonlat(x, y))

        def loop() -> NDArray[np.uint64]:
            pairs = zip(lat, lon, strict=True)
            return np.fromiter((h3.latlng_to_cell(*one, 9) for one in pairs), np.uint64, rows)

        return loop, np.asarray
    if shape == "exact":
        return lambda: hs.H3Grid(9).cell_ids(x, y), _as_numbers

    def ours() -> Any:
        each, of_row = distinct_places(x, y)
        return of_each(hs.H3Grid(9).cell_ids(*each.T / 1_000), of_row, None)

    return ours, _as_numbers


def clusters(side: str, rows: int, shape: str, folder: Path, engine: Any = "grid") -> Side:
    """Labels of DBSCAN at 75 m; by hand scikit-learn's k-d tree on the rows, in millimetres."""
    xy, least = places(rows, shape), MINIMUM[rows]
    if side == "by_hand":
        from sklearn.cluster import DBSCAN

        model = DBSCAN(eps=RADIUS_M * 1_000, min_samples=least, algorithm="kd_tree")
        metres = np.rint(xy * 1_000)
        return lambda: model.fit_predict(metres), _numbered
    choice: dict[str, Any] = {"radius_m": RADIUS_M, "min_incidents": least, "engine": engine}
    incidents = _table(xy)
    hs.label_clusters(incidents.iloc[:2_000], **{**choice, "min_incidents": 2})  # imports, compiles
    return lambda: hs.label_clusters(incidents, **choice), _numbered


def clusters_fast(side: str, rows: int, shape: str, folder: Path) -> Side:
    """The same by the compiled engine of the extra `fast`."""
    return clusters(side, rows, shape, folder, "fast")


def zones(side: str, rows: int, shape: str, folder: Path) -> Side:
    """Which of 33 wards and 40 overlapping blobs each place is in."""
    from hotspots.analysis.zones import zones_of

    incidents, outlines = _table(places(rows, shape)), _zones_and_wards()

    def by_hand() -> pd.DataFrame:
        joined = incidents[["geometry"]].sjoin(outlines[["geometry"]], predicate="intersects")
        return pd.DataFrame({"i": joined.index, "z": joined["zone_id"].to_numpy()})

    return by_hand if side == "by_hand" else (lambda: zones_of(incidents, outlines)), _pairs


def gi_star(side: str, rows: int, shape: str, folder: Path) -> Side:
    """Gi* of as many hexagons as fit, neighbours included; by hand libpysal and esda."""
    import h3

    grid = hs.H3Grid(9)
    rings = int(np.sqrt(rows / 25))
    ids = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(53.8, -1.55, 9), rings)), dtype=object)
    counts = np.random.default_rng(SEED).poisson(0.4, len(ids)).astype(float)

    def by_hand() -> NDArray[np.float64]:
        import esda

        weights = _weights_by_hand(ids)
        found = esda.G_Local(counts, weights, transform="B", star=True, permutations=0)
        return np.asarray(found.Zs)

    def ours() -> NDArray[np.float64]:
        near = grid.neighbours(pd.Index(ids))
        return hs.stats.local_gi_star(counts, near)["z"].to_numpy()

    return by_hand if side == "by_hand" else ours, lambda z: np.round(z, 9) + 0.0


def gi_star_chance(side: str, rows: int, shape: str, folder: Path) -> Side:
    """Gi* with the chance of each sum, neighbours included, of at most 42,000 hexagons.

    By hand 999 permutations of esda; ours is what endless permutations would give. What must be the
    same is the sum's z.
    """
    import h3

    from hotspots.stats.local import with_self
    from hotspots.stats.nulls import permutation_tails

    grid, rng = hs.H3Grid(9), np.random.default_rng(SEED)
    rings = min(118, int(np.sqrt(rows / 25)))
    ids = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(53.8, -1.55, 9), rings)), dtype=object)
    counts = rng.poisson(0.4, len(ids)).astype(float)

    def by_hand(draws: int = 999) -> NDArray[np.float64]:
        import esda

        weights = _weights_by_hand(ids)
        found = esda.G_Local(counts, weights, "B", permutations=draws, star=True, n_jobs=1)
        return np.asarray(found.Zs)

    if side == "by_hand":
        by_hand(9)  # compiles

    def ours() -> NDArray[np.float64]:
        near, everywhere = grid.neighbours(ids), np.ones(len(ids), dtype=bool)
        z = hs.stats.local_gi_star(counts, near)["z"].to_numpy()
        choice: dict[str, Any] = {"needed_p": 0.05 / len(ids), "draws": None, "rng": rng}
        permutation_tails(counts, with_self(near), everywhere, **choice)
        return z

    return by_hand if side == "by_hand" else ours, lambda z: np.round(z, 9) + 0.0


def density(side: str, rows: int, shape: str, folder: Path) -> Side:
    """A surface of 50 m squares over Leeds, reach 200 m; by hand scikit-learn at their middles.

    The kernels differ (quartic and exact here, Gaussian to a thousandth there), so that all that
    can be the same is the number of squares.
    """
    asked = hs.select(_table(places(rows, shape)), hs.Question(within=_city()))
    if side == "ours":
        return lambda: hs.evaluation.kernel_density(asked), lambda one: np.array([len(one)])
    from sklearn.neighbors import KernelDensity

    xy = shapely.get_coordinates(asked.rows.geometry.to_numpy())
    middles = hs.evaluation.kernel_density(asked).centroid
    at = np.column_stack([middles.x, middles.y])

    def by_hand() -> NDArray[np.float64]:
        return KernelDensity(bandwidth=BANDWIDTH_M / 2, rtol=1e-3).fit(xy).score_samples(at)

    return by_hand, lambda found: np.array([len(found)])


def page(side: str, rows: int, shape: str, folder: Path) -> Side:
    """A map of hexagons with six attributes as one file; by hand folium.GeoJson."""
    import bench_map

    areas = bench_map.cells(min(rows // 5, 30_000))
    made = bench_map.stock if side == "by_hand" else bench_map.ours
    return lambda: made(areas), lambda text: np.array([len(text) > len(areas)])


def end_to_end(side: str, rows: int, shape: str, folder: Path) -> Side:
    """File to cells, clusters, wards and a page; both must count the same in all wards."""
    file, city = folder / f"{rows}-{shape}-street.csv", _city()
    least, wards = MINIMUM[rows], _wards()

    def ours() -> list[int]:
        incidents = hs.load_incidents(file, record=hs.RunRecord("Benchmark", marking=MARKING))
        incidents["theme_all"] = True
        found = hs.find_hotspots(
            incidents,
            theme="all",
            period="2018",
            within=city,
            zones=wards,
            clusters={"radius_m": RADIUS_M, "min_incidents": least},
        )
        (folder / "ours.html").write_text(found.map().to_html(), encoding="utf-8")
        return [int(found.areas["incident_count"].sum())]

    def by_hand() -> list[int]:
        frame = _counted_by_hand(file, city, wards, least)
        return [_page_by_hand(frame.groupby("cell").size(), folder)]

    return by_hand if side == "by_hand" else ours, np.array


def notebook(side: str, rows: int, shape: str, folder: Path) -> Side:
    """The same work on both sides: cells, clusters, wards, Gi* with 999 permutations, a page.

    No names, no rank intervals, no cards: our stages are called one by one.
    """
    file, city = folder / f"{rows}-{shape}-street.csv", _city()
    least, wards = MINIMUM[rows], _wards()

    def ours() -> list[int]:
        record = hs.RunRecord("Benchmark", marking=MARKING)
        incidents = hs.load_incidents(file, record=record, themes=None, harm_scale=None)
        asked = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), hs.H3Grid(9))
        areas = hs.flag_hotspots(hs.aggregate_to_cells(asked), asked, null="permutation")
        hs.relate_to_zones(areas, wards, asked)
        hs.find_clusters(asked, radius_m=RADIUS_M, min_incidents=least)
        page = hs.map_areas(areas, record=record)
        (folder / "ours.html").write_text(page.to_html(), encoding="utf-8")
        return [int(areas["incident_count"].sum())]

    def by_hand() -> list[int]:
        import esda

        frame = _counted_by_hand(file, city, wards, least)
        counts = frame.groupby("cell").size()
        weights = _weights_by_hand(counts.index.to_numpy())
        esda.G_Local(counts.to_numpy(float), weights, transform="B", star=True, permutations=999)
        return [_page_by_hand(counts, folder)]

    return by_hand if side == "by_hand" else ours, np.array


def _weights_by_hand(ids: NDArray[np.object_]) -> Any:
    import h3
    import libpysal

    inside = set(ids)
    near = {one: [n for n in h3.grid_disk(one, 1) if n in inside and n != one] for one in ids}
    return libpysal.weights.W(near, id_order=list(ids), silence_warnings=True)


def _counted_by_hand(
    file: Path, city: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, least: int
) -> gpd.GeoDataFrame:
    """A file with the cell and cluster of each row in the city, its wards counted."""
    import h3
    from sklearn.cluster import DBSCAN

    table = pd.read_csv(file)
    points = gpd.points_from_xy(table["Longitude"], table["Latitude"], crs=4326)
    frame = gpd.GeoDataFrame(table, geometry=points).to_crs(27700)
    frame = frame[frame.within(city.union_all())]
    pairs = zip(frame["Latitude"], frame["Longitude"], strict=True)
    frame["cell"] = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in pairs]
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    frame["cluster"] = DBSCAN(eps=RADIUS_M, min_samples=least).fit_predict(xy)
    frame.sjoin(wards[["zone_name", "geometry"]]).groupby("zone_name").size()
    return frame


def _page_by_hand(counts: pd.Series, folder: Path) -> int:
    """A page of the cells; how many incidents they hold."""
    import folium
    import h3

    shapes = [
        shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(one)])
        for one in counts.index
    ]
    drawn = gpd.GeoDataFrame(counts.rename("n").reset_index(), geometry=shapes, crs=4326)
    sheet = folium.Map([53.8, -1.55])
    folium.GeoJson(drawn, tooltip=folium.GeoJsonTooltip(["cell", "n"])).add_to(sheet)
    sheet.save(folder / "by_hand.html")
    return int(counts.sum())


STEPS = {
    "load, check, project": Step(load, {"exact": 0.4, "snapped": 0.4}),
    "H3 cells": Step(cells, {"exact": 1.1, "snapped": 0.6}),
    "DBSCAN": Step(clusters, {"exact": 0.4, "snapped": 1.2}),
    "DBSCAN, fast": Step(clusters_fast, {"exact": 0.5, "snapped": 1.4}),
    "33 wards + 40 zones": Step(zones, {"exact": 1.4, "snapped": 1.7}),
    "Gi*, neighbours and z": Step(gi_star, {"exact": 2.2}),
    "Gi*, chance": Step(gi_star_chance, {"exact": 5.0}),
    "density": Step(density, {"exact": 5.0}, most_rows=100_000),
    "page of hexagons": Step(page, {"exact": 5.0}, most_rows=100_000),
    "end to end": Step(end_to_end, {"exact": 0.4, "snapped": 0.4}),
    "a notebook's stages": Step(notebook, {"exact": 1.0, "snapped": 1.0}),
}


def _wards() -> gpd.GeoDataFrame:
    return hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"), kind="ward")


def _city() -> gpd.GeoDataFrame:
    return hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")


def _table(xy: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Incidents at these places, all in July 2018."""
    index = pd.Index([f"i{row}" for row in range(len(xy))], name="incident_id")
    start = pd.Timestamp("2018-07-01", tz="Europe/London")
    constant = {
        "offence": "Robbery",
        "offence_scheme": "police_uk",
        "occurred_from": start,
        "occurred_until": start + pd.DateOffset(months=1),
        "time_precision": "month",
        "location_precision": "exact",
        "source": "benchmark",
    }
    points = gpd.points_from_xy(*xy.T)
    return gpd.GeoDataFrame(constant, index=index, geometry=points, crs="EPSG:27700")


def _zones_and_wards() -> gpd.GeoDataFrame:
    """The 33 wards of Leeds and 40 blobs of 500 to 2,500 corners that overlap."""
    wards, rng = _wards(), np.random.default_rng(SEED)
    west, south, east, north = wards.total_bounds
    blobs = []
    for _ in range(40):
        at = rng.uniform(west + 3_000, east - 3_000), rng.uniform(south + 3_000, north - 3_000)
        turn = np.linspace(0, 2 * np.pi, rng.integers(500, 2_500), endpoint=False)
        waves = 1 + sum(
            rng.normal(0, 0.25 / k) * np.cos(k * turn + rng.uniform(0, 6)) for k in range(1, 12)
        )
        reach = rng.uniform(300, 1_800) * np.maximum(waves, 0.1)
        corners = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]) + at
        blobs.append(shapely.make_valid(shapely.Polygon(corners), method="structure"))
    index = pd.Index([f"blob-{number:02d}" for number in range(40)], name="zone_id")
    other = gpd.GeoDataFrame({"kind": "pspo"}, index=index, geometry=blobs, crs=wards.crs)
    return pd.concat([wards[["kind", "geometry"]].assign(kind="pspo"), other])


def _rows_and_middle(table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """How many rows, and their middle to the centimetre."""
    metres = shapely.get_coordinates(table.geometry.to_numpy())
    return np.append(np.round(metres.mean(axis=0), 2), len(metres))


def _numbered(labels: Any) -> NDArray[np.int64]:
    """Labels by their first row; noise is -1."""
    named = pd.Series(labels)
    return pd.factorize(named.mask(named == -1))[0].astype(np.int64)


def _as_numbers(ids: Any) -> NDArray[np.uint64]:
    import h3

    known = pd.Categorical(np.asarray(ids))
    if known.categories.dtype.kind in "iu":
        return np.asarray(ids, np.uint64)
    return np.array([h3.str_to_int(one) for one in known.categories], np.uint64)[known.codes]


def _pairs(found: pd.DataFrame) -> NDArray[np.int64]:
    pairs = found.set_axis(["i", "z"], axis=1)
    rows = pairs["i"].str[1:].astype(np.int64).to_numpy()
    zone = pd.factorize(pairs["z"], sort=True)[0]
    return np.column_stack([rows, zone])[np.lexsort((zone, rows))]
