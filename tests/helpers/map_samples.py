"""Small finished tables over Leeds, made without the rest of the library: what a map is given.

Counts are drawn from a seeded generator around the city centre and are not real.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import accumulate

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.data import bundled
from hotspots.core.grids import H3Grid
from hotspots.core.record import Account, RunRecord, SourceFile, ThemeStatus
from hotspots.core.tables import TIMEZONE
from hotspots.report.map import map_areas
from hotspots.report.map.encode import LETTERS

STREETS = (
    "Briggate", "Kirkgate", "Boar Lane", "Harehills Lane", "Roundhay Road", "Otley Road",
    "Dewsbury Road", "Town Street", "Compton Road", "Albion Place", "Merrion Street",
)  # fmt: skip
MONTHS = ("2016-07", "2017-07", "2018-07")
CENTRE = (429_900.0, 433_700.0)
INNER_M, SEVERAL = 5_000, 4


def sample_record(**changes) -> RunRecord:
    """A record as the stages leave it behind."""
    settings = {"marking": "OPEN DATA - DEMONSTRATION", "audience": "public"} | changes
    record = RunRecord("Leeds, July 2018", **settings)
    record.sources.append(
        SourceFile(
            "2018-07-west-yorkshire-street.csv", "0" * 64, 31635, 31635, 0, 883,
            {"published_record_by_record": True},
        )
    )  # fmt: skip
    record.themes = {
        "asb": ThemeStatus("asb", "Anti-social behaviour", "measured"),
        "serious_violence": ThemeStatus(
            "serious_violence",
            "Violence including sexual and domestic offences",
            "proxy",
            "data.police.uk cannot split serious violence from other violence.",
        ),
        "vehicle_nuisance": ThemeStatus(
            "vehicle_nuisance", "Vehicle nuisance", "absent", "not published: this is not zero"
        ),
    }
    for theme, used in (("asb", 2090), ("serious_violence", 3304)):
        record.account(
            Account(
                "aggregate_to_cells", theme, "July 2018", accepted=31635, out_of_period=0,
                out_of_theme=31635 - used - 700, sensitive=0, unlocated=120, outside=520,
                institutional=60, used=used, in_areas=used,
            )
        )  # fmt: skip
    record.sentences = {
        "asb": "Anti-social behaviour in July 2018 gathers around Briggate in the city centre: "
        "five places of about 9 hectares hold 12 % of it.",
        "serious_violence": "Recorded violence in July 2018 is highest around Briggate, by count "
        "and by harm.",
    }
    record.warn_reader(
        "Places are map points near the incident, not addresses; time is a month.",
        "Public Spaces Protection Orders other than the city-wide one and Protect zones: "
        "not published: load your own.",
        "Three Julys are three months, not a trend: recording changed between them.",
    )
    record.attribute(
        "Contains public sector information licensed under the Open Government Licence v3.0.",
        "Contains National Statistics data and OS data © Crown copyright and database right.",
    )
    record.choose("find_clusters", radius_m=150, min_incidents=25)
    record.choose("weigh_harm", scale="ons-css-police-uk-west-yorkshire")
    return record


@lru_cache(maxsize=1)
def _cells() -> gpd.GeoDataFrame:
    """The inner city, and beyond it the cells that hold several: a seventh of the city's."""
    drawn = [_drawn(theme, month) for theme in ("asb", "serious_violence") for month in MONTHS]
    return _city()[(_distance() < INNER_M) | (np.max(drawn, axis=0) >= SEVERAL)]


@lru_cache(maxsize=1)
def _city() -> gpd.GeoDataFrame:
    city = sample_district()
    grid = H3Grid(9)
    ids = grid.cover(city.geometry.union_all())
    names = [f"On or near {STREETS[i % len(STREETS)]}" for i in range(len(ids))]
    return gpd.GeoDataFrame(
        {"area_km2": grid.areas_km2(ids), "place_name": names},
        index=pd.Index(ids.astype(str), name="area_id"),
        geometry=list(grid.polygons(ids)),
        crs=27700,
    )


@lru_cache(maxsize=1)
def _distance() -> np.ndarray:
    centre = _city().geometry.centroid
    return np.hypot(centre.x - CENTRE[0], centre.y - CENTRE[1]).to_numpy()


@lru_cache
def _drawn(theme: str, month: str) -> np.ndarray:
    seed = sum(map(ord, theme + month))
    random = np.random.default_rng(seed)
    fixed = np.random.default_rng(sum(map(ord, theme)))
    mean = fixed.gamma(0.25, 4.0, len(_city())) * (0.12 + 16 * np.exp(-_distance() / 900))
    return random.poisson(np.clip(mean, 0, 90))


@lru_cache
def _counts(theme: str, month: str) -> np.ndarray:
    counts = _drawn(theme, month)[_city().index.isin(_cells().index)]
    counts.flags.writeable = False
    return counts


def sample_areas(theme: str = "asb", month: str = "2018-07") -> gpd.GeoDataFrame:
    """A ranked areas table of one theme, cells of no incident included; everyone gets a copy."""
    return _areas(theme, month).copy()


@lru_cache
def _areas(theme: str, month: str) -> gpd.GeoDataFrame:
    areas = _cells().copy()
    count = _counts(theme, month)
    wards = _wards_of_cells()
    start = pd.Timestamp(f"{month}-01", tz=TIMEZONE)
    weighed = theme == "serious_violence"
    harm = count * 266.8 if weighed else np.nan
    areas = areas.assign(
        kind="h3-9", theme=theme, period_from=start, period_until=start + pd.DateOffset(months=1),
        incident_count=count, unweighted_count=0 if weighed else count,
        unique_points=np.maximum(1, count // 3), largest_point_share=0.31,
        share_inside=1.0, harm=harm, harm_low=harm * 0.5, harm_high=harm * 1.2,
        harm_share=np.nan, largest_event_share=1 / np.maximum(count, 1),
        harm_scale="ons-css-police-uk-west-yorkshire" if weighed else None,
        ward_name=wards.to_numpy(),
    )  # fmt: skip
    rank = (
        areas["incident_count"]
        .where(areas["incident_count"] > 0)
        .rank(ascending=False, method="min")
    )
    return areas.assign(
        rank=rank, rank_low=(rank - 2).clip(lower=1), rank_high=rank + 3,
        is_hotspot=count >= 25, q_value=np.where(count >= 25, 0.01, 0.6), n_tested=len(areas),
        published=True,
    )  # fmt: skip


def sample_clusters(theme: str = "asb") -> gpd.GeoDataFrame:
    """Clusters around the three busiest cells."""
    cells = sample_areas(theme)
    best = cells.nlargest(3, "incident_count")
    clusters = best.assign(kind="cluster", geometry=best.geometry.centroid.buffer(260))
    clusters["area_km2"] = clusters.geometry.area / 1e6
    clusters.index = pd.Index([f"{theme}-{n}" for n in range(1, 4)], name="area_id")
    return clusters


def sample_periods(theme: str = "asb") -> pd.DataFrame:
    """Counts of three Julys."""
    cells = _cells()
    frames = []
    for month in MONTHS:
        count = _counts(theme, month)
        frames.append(
            pd.DataFrame(
                {
                    "theme": theme,
                    "area_id": cells.index,
                    "period": month,
                    "incident_count": count,
                    "harm": count * 266.8 if theme == "serious_violence" else np.nan,
                    "published": True,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def sample_wards() -> gpd.GeoDataFrame:
    """The best-fit wards of Leeds."""
    return _zones("leeds_wards_best_fit")


def sample_district() -> gpd.GeoDataFrame:
    """The district."""
    return _zones("leeds")


def sample_pspo() -> gpd.GeoDataFrame:
    """The city-wide order."""
    return _zones("leeds_pspo")


@lru_cache(maxsize=4)
def _zones(name: str) -> gpd.GeoDataFrame:
    zones = gpd.read_file(bundled(f"boundaries/{name}.geojson")).set_index("zone_id")
    return zones.to_crs(27700)


@lru_cache(maxsize=1)
def _wards_of_cells() -> pd.Series:
    points = _cells().set_geometry(_cells().geometry.centroid)[["geometry"]]
    joined = points.sjoin_nearest(sample_wards()[["zone_name", "geometry"]])
    return joined[~joined.index.duplicated()]["zone_name"].reindex(points.index)


def sample_overlaps(theme: str = "asb") -> pd.DataFrame:
    """Which zones the fifty busiest cells lie in."""
    best = sample_areas(theme).nlargest(50, "incident_count")
    wards = sample_wards()
    ward_ids = {name: zone for zone, name in wards["zone_name"].items()}
    rows = [
        {"area_id": area, "zone_id": zone, "share_of_area": share, "share_of_zone": 0.01,
         "share_of_count": share, "share_of_harm": share}
        for area, ward in best["ward_name"].items()
        for zone, share in ((ward_ids[ward], 0.8), ("pspo-vehicle-nuisance", 1.0))
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("area_id")


def data_of(page) -> dict:
    """The inert data of a page, read back."""
    block = re.search(r'id="map-data">(.*?)</script>', page.to_html(), flags=re.DOTALL)
    return unpacked(json.loads(block.group(1)))


def unpacked(data: dict) -> dict:
    """What was packed for a page: what its script reads back."""
    words = _opened(data["words"], [])
    return _opened({k: v for k, v in data.items() if k != "words"}, words)


def _opened(value, words):
    if isinstance(value, list):
        nested = value and isinstance(value[0], (dict, list))
        return [_opened(part, words) for part in value] if nested else value
    if not isinstance(value, dict):
        return value
    if "times" in value:
        return [value["all"]] * value["times"]
    if "few" in value:
        return [value["few"][LETTERS.index(letter)] for letter in value["at"]]
    if "steps" in value:
        return list(accumulate([value["first"], *value["steps"]]))
    if "texts" in value:
        ends = [value["ends"][LETTERS.index(letter)] for letter in value["end"]]
        pairs = zip(value["texts"].split("\n"), ends, strict=True)
        return [f"{head} {end}" if end else head for head, end in pairs]
    if "of" in value:
        return [words[number] for number in _opened(value["of"], words)]
    return {name: _opened(part, words) for name, part in value.items()}


def drawn(areas, *, clusters=(), zones=(), record=None, overlaps=None, area_periods=None,
          previous=None, **options):  # fmt: skip
    """The page of tables that are released together for the record's audience."""
    several = [
        table
        for given in (areas, clusters)
        for table in ([given] if isinstance(given, pd.DataFrame) else list(given))
    ]
    behind = behind_of(record)
    last = [] if previous is None else hs.release(previous, record=record, behind=behind).areas
    released = hs.release(
        several,
        behind=behind,
        zones=zones,
        overlaps=overlaps,
        area_periods=area_periods,
        earlier=last,
        record=record,
    )
    return map_areas(released, previous=previous, **options)


def behind_of(record) -> Behind:
    """What the incidents of a sample are: published, or partners' own by its record."""
    sources = [] if record is None else record.sources
    facts = [source.facts.get("published_record_by_record", False) for source in sources]
    return Behind(published=bool(facts) and all(facts))


def partner_record(**changes):
    record = sample_record(**({"marking": "OFFICIAL", "audience": "partner"} | changes))
    record.sources[:] = [SourceFile("police.csv", "0" * 64, 31632, 31632, 0, 881)]
    return record


def shown_areas():
    """Areas whose harm can be shown as a band: no event and no place dominates."""
    areas = sample_areas("serious_violence")
    bands = {"largest_event_share": 0.1, "largest_point_share": 0.2}
    return areas.assign(ranked_by="count", published=False, **bands)
