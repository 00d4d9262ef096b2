"""The synthetic town is a town, keeps its contracts, and hides what its truth says it hides."""

import hashlib
import pickle
import tomllib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import skew

import hotspots as hs
from hotspots.core.data import bundled
from hotspots.core.errors import InputError
from hotspots.core.grids import H3Grid
from hotspots.core.points import inside
from hotspots.core.tables import INCIDENTS, ZONES, require_table
from hotspots.demo.town.planted import in_holiday, schools_calendar
from hotspots.demo.town.town import Town, synthetic_town
from hotspots.demo.town.town_places import Doors

LEEDS_MEAN, LEEDS_EMPTY, LEEDS_SKEW, LEEDS_TOP_PERCENT = 3.05, 0.677, 16.4, 0.235
SERIOUS = ["34B", "005/01", "34A", "5E", "10A", "2"]
SCREENED = {
    "class_b": ["092/61", "092/41", "092/81", "092/21", "092/60", "092/65", "092/80"],
    "cannabis_possession": ["092/61"],
    "cannabis_trafficking": ["092/41", "092/81", "092/21"],
    "weapon_possession": ["008/26", "008/11", "10B", "10A"],
    "violence": ["105/01", "008/01", "104", "3B", "005/01", "5E", "2", "001/01"],
}
ZONE_TABLES = (
    "district", "wards", "pspo", "night_time_economy", "student_area", "crawl_corridor",
    "off_road_sites", "car_meet_sites",
)  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Town:
    """The town everybody knows: 30,000 incidents in three years."""
    return synthetic_town()


@pytest.fixture(scope="module")
def large() -> Town:
    """The same streets with 150,000 incidents of another seed."""
    return synthetic_town(11, incidents=150_000)


def located(town: Town) -> gpd.GeoDataFrame:
    return town.incidents[town.incidents.geometry.notna()]


def count_in(areas, incidents) -> np.ndarray:
    x, y = incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy()
    return np.array([shapely.intersects_xy(area, x, y).sum() for area in areas.geometry])


def rows(town: Town, *components: str) -> gpd.GeoDataFrame:
    return town.incidents[town.truth.incidents["component"].isin(components)]


# Contracts


@pytest.mark.parametrize("coordinates", ["exact", "snapped"])
@pytest.mark.parametrize("incidents", [0, 1, 999, 5_000])
def test_any_number_of_incidents_makes_a_well_formed_table(incidents, coordinates):
    made = synthetic_town(incidents=incidents, coordinates=coordinates)
    require_table(made.incidents, INCIDENTS, argument="incidents")
    assert len(made.incidents) == incidents == len(made.truth.incidents)
    assert made.incidents.index.name == "incident_id"
    assert made.incidents.crs.to_epsg() == 27700
    assert set(made.incidents["location_precision"]) <= {coordinates, "unknown"}


@pytest.mark.parametrize("name", ZONE_TABLES)
def test_every_zone_table_keeps_the_contract(town, name):
    zones = getattr(town, name)
    require_table(zones, ZONES, argument=name)
    assert zones.index.name == "zone_id"
    assert zones.is_valid.all() and (zones.area > 0).all()


def test_times_lie_in_the_period_and_widths_are_as_the_precision_says(town):
    table = town.incidents
    assert ((table["occurred_from"] >= town.start) & (table["occurred_from"] < town.end)).all()
    width = table["occurred_until"] - table["occurred_from"]
    instant = table["time_precision"].eq("instant")
    assert set(table["time_precision"]) == {"instant", "interval"}
    assert (width[instant] == pd.Timedelta(minutes=1)).all()
    assert (width[~instant] >= pd.Timedelta(minutes=15)).all()


def test_incidents_come_from_three_sources_with_their_codes(town):
    assert set(town.incidents["source"]) == {"police", "council", "fire"}
    schemes = town.incidents.groupby("source")["offence_scheme"].unique().map(list)
    assert schemes["police"] == schemes["council"] == ["home_office"]
    assert schemes["fire"] == ["fire_service"]
    domestic = town.incidents[town.incidents["domestic"]]
    assert 0.05 < len(domestic) / len(town.incidents) < 0.12
    assert set(domestic["source"]) == {"police"}


def test_every_home_office_code_is_known_to_the_library(large):
    offences = pytest.importorskip("hotspots.offences.codes")
    crimes = large.incidents[large.incidents["offence_scheme"] == "home_office"]
    for code in crimes["offence"].unique():
        known = offences.normalise_offence(code, "home_office")
        assert known is not None and offences.is_registered(known, "home_office"), code


def test_snapped_incidents_stand_on_named_map_points(town):
    snapped = synthetic_town(coordinates="snapped")
    points = shapely.get_coordinates(town.snap_points.geometry.to_numpy())
    known = {tuple(point) for point in points}
    used = {tuple(p) for p in shapely.get_coordinates(located(snapped).geometry.to_numpy())}
    assert used <= known and len(used) > 3_000
    assert located(snapped)["place_name"].str.startswith("On or near ").all()
    pairs = located(town).geometry.distance(located(snapped).geometry)
    assert pairs.max() < 80  # the same incidents, moved to the map point of their address


# Same input, same bytes


def digest(town: Town) -> str:
    table = town.incidents
    parts = [shapely.to_wkb(table.geometry.to_numpy()).tolist()]
    parts += [
        pickle.dumps(table[name].astype(str).tolist()) for name in table.columns.drop("geometry")
    ]
    return hashlib.sha256(pickle.dumps(parts)).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    one, again, other = (synthetic_town(s, incidents=3_000) for s in (5, 5, 6))
    assert digest(one) == digest(again) != digest(other)
    pd.testing.assert_frame_equal(one.truth.incidents, again.truth.incidents)


def test_the_town_does_not_depend_on_its_incidents(town):
    small = synthetic_town(99, incidents=10, months=3, start="2020-01", coordinates="snapped")
    for name in (*ZONE_TABLES, "streets", "snap_points"):
        if name != "pspo":
            assert getattr(town, name).equals(getattr(small, name)), name
    for name in ("hotspots", "near_misses", "screening_areas"):
        assert getattr(town.truth, name).equals(getattr(small.truth, name)), name


def test_another_layout_is_another_town_and_just_as_complete():
    other = synthetic_town(incidents=2_000, layout=15)
    assert not other.wards.geometry.equals(synthetic_town(incidents=0).wards.geometry)
    assert len(other.wards) == 16 and other.wards["priority"].sum() == 6
    assert len(other.truth.patrol_areas) == 22 and len(other.truth.screening_areas) == 8
    assert len(other.off_road_sites) == 4 and len(other.car_meet_sites) == 4


def test_what_a_caller_changes_does_not_reach_the_next_town(town):
    mine = synthetic_town(incidents=10)
    mine.wards["zone_name"] = "changed"
    mine.truth.patrol_areas["intensity"] = 0.0
    mine.protect.zones["zone_name"] = "changed"
    fresh = synthetic_town(incidents=10)
    assert fresh.wards["zone_name"].equals(town.wards["zone_name"])
    assert (fresh.truth.patrol_areas["intensity"] > 0).all()
    assert "changed" not in set(fresh.protect.zones["zone_name"])


@pytest.mark.parametrize(
    "wrong",
    [{"incidents": -1}, {"incidents": 10**9}, {"months": 0}, {"coordinates": "exakt"},
     {"fall_share": 1.5}, {"start": "sometime"}, {"start": "2023-13"}, {"start": ""},
     {"incidents": 2.5}, {"seed": -1}],
)  # fmt: skip
def test_arguments_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(InputError, match=f"`{next(iter(wrong))}`"):
        synthetic_town(**wrong)


# A town


def test_the_town_lies_in_the_north_sea(town):
    leeds = gpd.read_file(bundled("boundaries/leeds.geojson")).to_crs(27700)
    assert town.district.distance(leeds.union_all()).min() > 100_000
    west = town.district.to_crs(4326).total_bounds[0]
    assert west > -0.9  # the coast at this latitude is at 1.5 degrees west
    assert "NOT A REAL PLACE" in town.watermark


def test_wards_tile_the_district_without_gap_or_overlap(town):
    assert town.wards.area.sum() == pytest.approx(town.district.area.sum(), rel=1e-9)
    assert shapely.coverage_is_valid(town.wards.geometry.to_numpy())
    assert town.wards.geom_type.eq("Polygon").all()
    assert town.wards["zone_name"].is_unique and town.wards["priority"].sum() == 6


def test_streets_have_names_and_map_points_stand_along_them(town):
    assert town.streets.geom_type.eq("LineString").all()
    assert len(town.streets) > 1_500 and town.streets["street_name"].str.len().min() > 4
    local = town.streets[town.streets["road_class"] == "local"]
    assert local["street_name"].is_unique
    on_street = town.snap_points[town.snap_points["place_kind"] == "street"]
    lines = town.streets.geometry.loc[on_street["street_id"]]
    assert on_street.geometry.distance(lines, align=False).max() < 0.2
    spacing = local.length.sum() / on_street["street_id"].isin(local.index).sum()
    assert 60 <= spacing <= 80
    for name in ("Supermarket", "Parking Area", "Police Station", "Prison", "Hospital"):
        assert name in set(town.snap_points["place_name"])


def test_incidents_lie_in_the_district_with_its_map_points(town):
    share = inside(located(town), town.district).mean()
    assert share > 0.995  # a door beside a border street may stand across it


def test_doors_found_from_the_west_are_those_a_look_at_each_finds():
    rng = np.random.default_rng(0)
    x, y = np.round(rng.uniform(0, 100, (2, 3_000)))
    doors = Doors(x, y, np.zeros(3_000, dtype=np.intp), np.ones(3_000))
    shapes = [
        shapely.box(20, 30, 40, 60),
        shapely.Point(50, 50).buffer(30),
        shapely.box(-5, -5, 105, 105),
        shapely.box(200, 200, 300, 300),
    ]
    for shape in shapes:
        assert (doors.within(shape) == shapely.intersects_xy(shape, x, y)).all()


def test_the_unevenness_is_that_of_real_leeds():
    """Tolerance bands around July 2016 and 2017, all offence types, H3 resolution 9."""
    grid = H3Grid(9)
    cells = grid.cover(synthetic_town(incidents=0).district.geometry.iloc[0])
    for seed in (21, 22):
        made = synthetic_town(seed, incidents=round(LEEDS_MEAN * len(cells)), coordinates="snapped")
        points = located(made).geometry
        found = pd.Series(grid.cell_ids(points.x.to_numpy(), points.y.to_numpy())).value_counts()
        counts = np.sort(found.reindex(cells, fill_value=0).to_numpy())[::-1]
        assert abs((counts == 0).mean() - LEEDS_EMPTY) < 0.06
        assert abs(skew(counts) - LEEDS_SKEW) < 6
        assert abs(counts[: len(counts) // 100].sum() / counts.sum() - LEEDS_TOP_PERCENT) < 0.11
        assert counts.var() / counts.mean() > 20  # far from Poisson


def test_pspo_zones_have_dates_and_a_lapsed_one_is_never_in_force(town):
    orders = town.pspo
    assert len(orders) == 3
    lapsed = pd.to_datetime(orders["valid_until"]) < town.end.tz_localize(None)
    assert set(orders.loc[lapsed, "status"]) == {"renewal unknown"}
    assert lapsed.any() and not lapsed.all()


def test_school_holidays_and_terms_follow_one_another():
    calendar = schools_calendar(2023, 2025)
    first, last = pd.to_datetime(calendar["first_day"]), pd.to_datetime(calendar["last_day"])
    assert (first <= last).all()
    assert (first.iloc[1:].to_numpy() == (last.iloc[:-1] + pd.Timedelta(days=1)).to_numpy()).all()
    days = pd.DatetimeIndex(["2024-08-01", "2024-12-25", "2024-04-01", "2024-06-12"])
    assert in_holiday(days, calendar).tolist() == [True, True, True, False]


# Planted


def test_the_planted_areas_are_patrol_sized_and_apart(town):
    areas = town.truth.patrol_areas
    assert len(areas) == 22
    assert areas.area.between(30_000, 75_000).all()
    gap = shapely.distance(*np.meshgrid(areas.geometry.to_numpy(), areas.geometry.to_numpy()))
    assert gap[~np.eye(22, dtype=bool)].min() > 80


@pytest.mark.parametrize("theme", ["asb", "serious_violence", "vehicle_nuisance"])
def test_each_theme_is_denser_in_its_planted_hotspots(large, theme):
    spots = large.truth.hotspots[large.truth.hotspots["theme"] == theme]
    mine = located(large)[large.truth.incidents.loc[located(large).index, "theme"] == theme]
    held = count_in(spots, mine) / (spots.area / 1e6)
    everywhere = len(mine) / (large.wards.area.sum() / 1e6)
    assert (held > 8 * everywhere).all()
    labels = large.truth.incidents
    assert set(labels.loc[labels["theme"] == theme, "hotspot_id"].dropna()) == set(spots.index)


def test_the_clear_hold_build_area_wins_all_but_violence_which_the_centre_wins(town, large):
    for made in (town, large):
        areas = made.truth.screening_areas
        role = areas["role"].tolist()
        crimes = located(made)[~located(made)["domestic"]]
        for name, codes in SCREENED.items():
            counts = count_in(areas, crimes[crimes["offence"].isin(codes)])
            ranked = [role[i] for i in np.argsort(-counts, kind="stable")]
            if name == "violence":
                assert ranked[:2] == ["night_time_economy", "clear_hold_build"]
            else:
                assert ranked[0] == "clear_hold_build", name


def test_violence_falls_by_the_planted_share_in_treated_areas_only():
    """Against the same seed without a fall: the difference is the treatment alone."""
    treated, plain = (synthetic_town(4, incidents=150_000, fall_share=f) for f in (0.12, 0.0))
    codes = [*SERIOUS, *SCREENED["violence"], "008/06"]
    areas = treated.truth.patrol_areas.dissolve()
    ring = areas.copy()
    ring["geometry"] = areas.buffer(250).difference(areas.geometry)
    began = pd.Timestamp(treated.truth.patrol_areas["treated_from"].iloc[0], tz="Europe/London")

    def counts(made, where, late):
        crimes = located(made)
        crimes = crimes[crimes["offence"].isin(codes) & ~crimes["domestic"]]
        return count_in(where, crimes[(crimes["occurred_from"] >= began) == late])[0]

    assert counts(treated, areas, False) == counts(plain, areas, False)
    assert counts(treated, areas, True) / counts(plain, areas, True) == pytest.approx(
        0.88, abs=0.02
    )
    lost = counts(plain, areas, True) - counts(treated, areas, True)
    moved = counts(treated, ring, True) - counts(plain, ring, True)
    assert moved / lost == pytest.approx(0.25, abs=0.06)
    assert treated.truth.incidents["displaced"].sum() > 0
    assert not plain.truth.incidents["displaced"].any()


def test_areas_are_chosen_before_the_baseline_and_treated_after_it(town):
    areas = town.truth.patrol_areas
    assert set(map(str, areas["chosen_before"])) == {"2024-04-01"}
    assert set(map(str, areas["treated_from"])) == {"2025-04-01"}


def test_police_asb_drops_and_council_asb_rises_when_recording_changes(large):
    effects = large.truth.effects.set_index("effect")
    for effect, component in (("recording change", "police_asb"), ("online form", "council_asb")):
        began = pd.Timestamp(effects.loc[effect, "from_day"], tz="Europe/London")
        times = rows(large, component)["occurred_from"]
        year = pd.DateOffset(months=12)
        before, after = times.between(began - year, began), times.between(began, began + year)
        ratio = after.sum() / before.sum()  # whole years: the season cancels
        assert ratio == pytest.approx(effects.loc[effect, "factor"], rel=0.1)


def test_there_is_one_homicide_and_it_is_no_hotspot(town):
    homicides = town.incidents[town.incidents["offence"] == "001/01"]
    assert len(homicides) == 1
    away = town.truth.hotspots.distance(homicides.geometry.iloc[0]).min()
    assert away > 200


def test_the_prison_is_a_pile_on_one_coordinate(town):
    prison = rows(town, "prison")
    prison = prison[prison.geometry.notna()]
    assert len(prison) > 200
    assert len(set(zip(prison.geometry.x, prison.geometry.y, strict=True))) == 1
    assert set(prison["place_name"]) == {"Prison"}


def test_twins_are_close_in_place_and_time_and_from_two_agencies(town):
    twins = town.truth.twins
    one, other = (town.incidents.loc[twins[name]] for name in ("incident_id", "twin_id"))
    assert len(twins) > 200
    assert (one["source"].to_numpy() != other["source"].to_numpy()).all()
    gap = (one["occurred_from"].array - other["occurred_from"].array) / pd.Timedelta(hours=1)
    assert (gap >= 0).all() and (gap <= 3).all()
    apart = one.geometry.distance(other.geometry, align=False).dropna()
    assert apart.max() < 250 and apart.median() < 30


def test_deliberate_fires_come_in_chains(town):
    fires = rows(town, "deliberate_fire")
    chains = town.truth.chains
    assert len(chains) > len(fires) / 3 and set(chains["incident_id"]) <= set(fires.index)
    member, first = (town.incidents.loc[chains[name]] for name in ("incident_id", "first_id"))
    days = (member["occurred_from"].array - first["occurred_from"].array) / pd.Timedelta(days=1)
    assert (days >= 0).all() and np.median(days[days > 0]) < 4
    assert member.geometry.distance(first.geometry, align=False).dropna().max() < 400


def test_nights_weekends_and_summers_are_where_the_profiles_put_them(large):
    local = large.incidents["occurred_from"]
    night = local[rows(large, "violence_night").index]
    assert ((night.dt.hour >= 20) | (night.dt.hour < 6)).mean() > 0.85
    crawl = local[rows(large, "crawl_asb").index]
    assert (crawl.dt.day_of_week == 5).mean() > 0.75
    asb = local[rows(large, "police_vehicle").index]
    assert asb.dt.month.isin([6, 7, 8]).mean() > 1.3 * asb.dt.month.isin([12, 1, 2]).mean()
    profiles = large.truth.profiles
    weeks = profiles[profiles["profile"] == "hour_of_week"].groupby("component")["value"].sum()
    assert weeks.to_numpy() == pytest.approx(1.0)


def test_months_of_a_ward_vary_more_than_chance(large):
    asb = rows(large, "police_asb")
    where = gpd.sjoin(asb[asb.geometry.notna()], large.wards[["geometry"]], predicate="within")
    months = where["occurred_from"].dt.strftime("%Y-%m")
    counts = pd.crosstab(where["zone_id"], months).to_numpy()
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / counts.sum()
    dispersion = ((counts - expected) ** 2 / expected).sum() / (
        (counts.shape[0] - 1) * (counts.shape[1] - 1)
    )
    assert dispersion > 2


def naive_recall(incidents, areas) -> float:
    """Squares of 250 m, the fullest as many as are planted; found: a quarter of it is covered."""
    corner = np.floor(shapely.get_coordinates(incidents.geometry.to_numpy()) / 250)
    squares, counts = np.unique(corner, axis=0, return_counts=True)
    x, y = squares[np.argsort(-counts, kind="stable")[: len(areas)]].T * 250
    top = shapely.union_all(shapely.box(x, y, x + 250, y + 250))
    shares = shapely.area(shapely.intersection(areas.geometry.to_numpy(), top)) / areas.area
    return float((shares >= 0.25).mean())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_naive_method_finds_part_of_the_truth(seed):
    made = synthetic_town(seed)
    mine = located(made)
    spots = made.truth.hotspots
    recall = {
        theme: naive_recall(
            mine[made.truth.incidents.loc[mine.index, "theme"] == theme],
            spots[spots["theme"] == theme],
        )
        for theme in ("asb", "serious_violence", "vehicle_nuisance")
    }
    everything = naive_recall(mine, spots[spots["theme"] == "serious_violence"])
    assert all(0.45 <= found <= 0.97 for found in recall.values()), recall
    assert everything < 0.4  # one ranking over everything does not find violence


# Files


def test_the_town_is_written_and_read_back(tmp_path, town):
    made = synthetic_town(incidents=3_000, months=12)
    folder = made.write(tmp_path / "saltmere")
    assert not (tmp_path / "saltmere-protect").exists()
    for source in ("police", "council", "fire"):
        fields = hs.FieldMap.from_toml(folder / "incidents" / f"{source}.toml")
        read = hs.load_incidents(folder / "incidents" / f"{source}.csv", fields=fields)
        own = made.incidents[made.incidents["source"] == source]
        read = read.set_index("reference").loc[own.index]
        for name in ("offence", "offence_scheme", "occurred_from", "time_precision"):
            assert (read[name].array == own[name].array).all(), name
        assert (read["occurred_until"].array == own["occurred_until"].array).mean() > 0.995
        both = own.geometry.notna().to_numpy()
        assert (read.geometry.notna().to_numpy() == both).all()
        assert read.geometry[both].distance(own.geometry[both]).max() < 0.01


def test_written_files_are_the_same_bytes_and_carry_the_watermark(tmp_path):
    def written(name):
        folder = synthetic_town(incidents=200, months=6).write(tmp_path / name, protect=True)
        files = [*folder.rglob("*"), *folder.with_name(f"{name}-protect").rglob("*")]
        return {path.name: path.read_bytes() for path in sorted(files) if path.is_file()}

    one, again = written("one"), written("two")
    assert one == again
    assert b"NOT A REAL PLACE" in one["README.txt"]
    for name, content in one.items():
        if name.endswith(".toml"):
            assert tomllib.loads(content.decode())
            assert content.startswith(b"# SYNTHETIC TOWN")


def test_protect_is_written_only_when_asked_for_and_only_apart(tmp_path, town):
    both = synthetic_town(incidents=2_000).write(tmp_path / "both", protect=True)
    for path in both.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"rotect" not in content and b"trauma" not in content, path
    apart = tmp_path / "both-protect" / "protect.gpkg"
    assert len(gpd.read_file(apart, layer="protect_zones")) == 9
    assert len(gpd.read_file(apart, layer="trauma_packs")) == 34
    assert not any("rotect" in path.name for path in (tmp_path / "both").rglob("*"))
    assert "zone" not in repr(town) and "geometry" not in repr(town.protect)


def test_protect_sites_have_tiers_that_follow_their_capacity(town):
    sites = town.protect.sites
    assert set(sites["tier"]) <= {"below threshold", "standard", "enhanced"}
    assert (sites.loc[sites["capacity"] < 200, "tier"] == "below threshold").all()
    assert (sites.loc[sites["tier"] == "enhanced", "capacity"] >= 800).all()
    assert (
        not sites.loc[sites["use"].isin(["school", "place of worship"]), "tier"]
        .eq("enhanced")
        .any()
    )
