"""Protect zones: for one audience only, exact pack positions, and no byte anywhere else."""

import itertools
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from map_samples import drawn
from refusing import refused
from shapely.geometry import Point, Polygon, box
from tables import ORIGIN, incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.zones.overlaps import relate_to_zones
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.question import Question
from hotspots.core.record import RunRecord
from hotspots.core.select import select
from hotspots.demo.town.town import synthetic_town
from hotspots.disclosure import release
from hotspots.io.zones.without_outline import sites
from hotspots.programmes.protect.demand import protect_demand
from hotspots.programmes.protect.trauma_packs import place_trauma_packs
from hotspots.report.text.results.place_words import HANDLING

X, Y = ORIGIN
WORDS = "PROTECT - ORIGINATOR'S WORDS"


def record(audience="protect", marking=WORDS):
    return RunRecord("Zones", marking=marking, audience=audience)


def zones():
    """Two zones that overlap between x = 80 and x = 100."""
    return pd.concat(
        [
            zone("Arena", (0, 0, 100, 100), kind="protect"),
            zone("Station", (80, 0, 200, 100), kind="protect"),
        ]
    )


def at(*spots, **columns):
    """Points at offsets in metres, named s0, s1 ..."""
    index = pd.Index([f"s{i}" for i in range(len(spots))], name="site_id", dtype=object)
    shapes = [Point(X + x, Y + y) for x, y in spots]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=27700)


def register():
    tiers = ["enhanced", "standard", None, "standard"]
    return at((10, 10), (90, 50), (190, 10), (500, 500), tier=tiers)


def test_zones_count_what_lies_in_them_and_may_share_it():
    found = protect_demand(zones(), incidents_at([(10, 10), (90, 10), (300, 0)]), record())
    assert found.demand["incident_count"].to_dict() == {("all", "arena"): 2, ("all", "station"): 1}


def test_themes_are_counted_each_by_itself():
    incidents = incidents_at([(10, 10), (20, 10)], theme_asb=[True, False])
    kept = record()
    found = protect_demand(zones(), incidents, kept, themes=iter(["asb", None]))
    assert found.demand["incident_count"].tolist() == [1, 0, 2, 0]
    assert kept.choices["protect_demand"][0]["themes"] == ["asb", None]


def test_a_zone_counts_what_stands_on_institutions_and_the_theme_of_the_question():
    incidents = incidents_at(
        [(10, 10), (20, 10), (30, 10)],
        institutional=[True, False, False],
        theme_asb=[True, True, False],
    )
    assert protect_demand(zones(), incidents, record()).demand["incident_count"].tolist() == [3, 0]
    asb = select(incidents, Question("asb", "2018-07"))
    found = protect_demand(zones(), asb, record())
    assert found.demand["incident_count"].to_dict() == {("asb", "arena"): 2, ("asb", "station"): 0}
    assert found.period == "July 2018"


def test_premises_are_counted_by_zone_and_tier_and_none_is_lost():
    found = protect_demand(zones(), incidents_at([]), record(), register=register())
    table = found.premises.drop(columns="kind")
    assert table.loc["arena"].to_dict() == {
        "enhanced": 1,
        "not known": 0,
        "standard": 1,
        "premises": 2,
    }
    assert table.loc["station", ["not known", "standard"]].tolist() == [1, 1]
    assert table.loc["outside every zone", "premises"] == 1
    assert found.sites["zone_ids"].tolist()[:3] == ["arena", "arena station", "station"]


def test_who_is_beyond_reach_is_listed_the_furthest_first():
    packs = at((10, 60), (10, -40)).rename(index={"s0": "p2", "s1": "p1"})
    found = protect_demand(
        zones(), incidents_at([]), record(), register=register(), trauma_packs=packs, reach_m=100
    )
    assert found.sites.loc["s0", ["nearest_pack", "distance_m"]].tolist() == ["p1", 50.0]
    assert found.beyond.index.tolist() == ["s3", "s2"]
    assert found.reach_m == 100


def test_without_packs_everybody_is_beyond_reach():
    found = protect_demand(
        zones(),
        incidents_at([]),
        record(),
        register=register(),
        trauma_packs=register().iloc[:0],
        reach_m=100,
    )
    assert len(found.beyond) == 4
    assert np.isinf(found.sites["distance_m"]).all()
    json.dumps(found.to_dict(), allow_nan=False)


def test_every_word_of_the_product_is_marked():
    made = record()
    found = protect_demand(zones(), incidents_at([]), made, register=register())
    for text in (found.to_sentence(), json.dumps(found.to_dict())):
        assert HANDLING in text and WORDS in text
    assert HANDLING in made.caveat_texts
    assert HANDLING in place_trauma_packs(at((0, 0)), at((0, 0)), 1, 50).to_sentence()
    assert "Arena" not in repr(found) + str(found)


@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_no_other_audience_gets_the_product(audience):
    with refused("argument", 'audience="protect"', repr(audience), of="audience"):
        protect_demand(zones(), incidents_at([]), record(audience, "OPEN"))
    with refused("argument", "no record", of="audience"):
        protect_demand(zones(), incidents_at([]), None)


def test_faulty_arguments_are_refused():
    nothing = incidents_at([])
    with refused("wrong-zones", "'ward'", of="zones"):
        protect_demand(zones().assign(kind=["protect", "ward"]), nothing, record())
    with refused("argument", "`register`", "`reach_m`", of="trauma_packs"):
        protect_demand(zones(), nothing, record(), trauma_packs=register(), reach_m=5)
    with refused("argument", "got 0", of="reach_m"):
        protect_demand(zones(), nothing, record(), reach_m=0)
    with refused("no-point", "1 of 1", of="register"):
        lines = register().iloc[:1].set_geometry([box(X, Y, X + 1, Y + 1)], crs=27700)
        protect_demand(zones(), nothing, record(), register=lines)
    with refused("wrong-crs", "EPSG:4326", of="register"):
        protect_demand(zones(), nothing, record(), register=register().to_crs(4326))


def tables():
    """Every table of the Protect product."""
    town = synthetic_town(incidents=300)
    protect = town.protect
    found = protect_demand(
        protect.zones,
        town.incidents,
        record(),
        register=protect.sites,
        trauma_packs=protect.trauma_packs,
        reach_m=40,
    )
    plan = place_trauma_packs(protect.sites, protect.sites, 5, 60)
    return {
        "zones": protect.zones,
        "summary": summarise_zones(protect.zones, town.incidents),
        "demand": found.demand,
        "premises": found.premises,
        "sites": found.sites,
        "chosen": plan.chosen,
        "reached": plan.sites,
        "raw sites": protect.sites,
        "raw packs": protect.trauma_packs,
        "own sites": sites(protect.sites, kind="protect", tier_field="tier"),
    }


@pytest.mark.parametrize(("audience", "marking"), [("internal", "OFFICIAL"), ("public", "OPEN")])
def test_no_exporter_writes_a_protect_table_for_anyone_else(tmp_path, audience, marking):
    made = record(audience, marking)
    for name, table in tables().items():
        writers = [
            lambda t: hs.write_csv(t, tmp_path / "t.csv", record=made),
            lambda t: hs.write_workbook(release(tables={"t": t}, record=made), tmp_path / "t.xlsx"),
            lambda t: hs.write_workbook(t, tmp_path / "t.xlsx", record=made),
        ]
        if isinstance(table, gpd.GeoDataFrame):
            writers += [
                lambda t: hs.write_geojson(t, tmp_path / "t.geojson", record=made),
                lambda t: hs.write_geopackage({"t": t}, tmp_path / "t.gpkg", record=made),
                lambda t: hs.write_workbook(release(zones=t, record=made), tmp_path / "t.xlsx"),
            ]
        if "approximate" in table.columns:
            writers.append(lambda t: drawn([], zones=[t], record=made))
        for writer in writers:
            with refused("protect", repr(made.audience)):
                writer(table)
        assert list(tmp_path.iterdir()) == [], name


def test_no_other_record_learns_the_name_of_a_protect_zone(tmp_path):
    path = tmp_path / "zones.gpkg"
    bow = Polygon([(X, Y), (X + 99, Y + 99), (X + 99, Y), (X, Y + 99)])
    gpd.GeoDataFrame({"zone_name": ["Arena"]}, geometry=[bow], crs=27700).to_file(path)
    other = record("internal", "OFFICIAL")
    with refused("protect", "'internal'"):
        hs.load_zones(path, kind="protect", record=other)
    assert "Arena" not in json.dumps(other.manifest())
    own = record()
    hs.load_zones(path, kind="protect", record=own)
    assert "Arena" in json.dumps(own.manifest())


def test_overlaps_with_protect_zones_stay_out_of_other_products(tmp_path):
    areas = zone("Cell", (0, 0, 300, 100)).assign(incident_count=1).rename_axis("area_id")
    incidents = select(incidents_at([(10, 10)]))
    labels = pd.Series(["cell"], index=incidents.rows.index)
    overlaps = relate_to_zones(areas, zones(), incidents.in_areas(labels, made_by="a test"))
    with refused("protect"):
        hs.write_csv(overlaps, tmp_path / "t.csv", record=record("internal", "OFFICIAL"))


def test_an_ordinary_product_of_the_same_town_holds_no_byte_of_protect(tmp_path):
    town = synthetic_town(incidents=2_000)
    made = RunRecord("Town", marking="OFFICIAL")
    asked = hs.select(town.incidents, hs.Question(within=town.district))
    cells = hs.aggregate_to_cells(hs.assign_cells(asked, hs.H3Grid(8)), record=made)
    ranked = hs.rank_areas(cells, by="count")
    wards = summarise_zones(town.wards, asked, record=made)
    hs.write_geopackage({"cells": ranked, "wards": wards}, tmp_path / "t.gpkg", record=made)
    hs.write_workbook(release(ranked, zones=wards, record=made), tmp_path / "t.xlsx")
    drawn(ranked, zones=[wards], record=made).save(tmp_path / "t.html")
    made.write(tmp_path / "manifest.json")
    town.write(tmp_path / "town")
    secrets = [
        *town.protect.zones["zone_name"],
        *town.protect.sites["site_name"],
        *town.protect.zones.index,
        *town.protect.trauma_packs.index,
    ]
    for path in sorted(tmp_path.rglob("*")):
        if path.is_file():
            for content in contents(path):
                assert not any(secret.encode() in content for secret in secrets), path.name


def test_the_search_for_secrets_finds_them_where_they_are(tmp_path):
    town = synthetic_town(incidents=100)
    path = tmp_path / "protect.gpkg"
    hs.write_geopackage({"zones": town.protect.zones}, path, record=record())
    assert any(b"protect-01" in content for content in contents(path))


def contents(path):
    """The bytes of a file; of its members where it is an archive."""
    if not zipfile.is_zipfile(path):
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_equals_trying_every_choice(seed):
    rng = np.random.default_rng(seed)
    wanted, spots = (at(*rng.uniform(0, 400, (n, 2))) for n in (14, 8))
    weights = pd.Series(rng.integers(0, 6, 14), index=wanted.index)
    near = wanted.geometry.apply(lambda point: spots.distance(point).round(3) <= 90).to_numpy()
    for count in (1, 2, 3):
        plan = place_trauma_packs(wanted, spots, count, 90, weights=weights)
        best = max(
            weights.to_numpy()[near[:, list(chosen)].any(axis=1)].sum()
            for chosen in itertools.combinations(range(8), count)
        )
        assert plan.covered == best
        assert plan.bound == pytest.approx(best) and plan.gap == 0 and plan.proven
        assert len(plan.chosen) + plan.spare == count
        assert plan.chosen["weight_added"].sum() == best


def test_the_optimum_beats_greedy_where_greedy_is_led_astray():
    """The middle reaches four at once; left and right together reach all six."""
    wanted = at((0, 0), (40, 0), (80, 0), (120, 0), (160, 0), (200, 0))
    spots = at((40, 0), (100, 0), (160, 0))
    plan = place_trauma_packs(wanted, spots, 2, 60)
    assert plan.covered == 6
    assert sorted(plan.chosen.geometry.x - X) == [40, 160]


def test_packs_beyond_need_are_left_over_and_existing_ones_count():
    wanted = at((0, 0), (1000, 0))
    plan = place_trauma_packs(wanted, wanted, 5, 100)
    assert (len(plan.chosen), plan.spare, plan.covered) == (2, 3, 2)
    held = place_trauma_packs(wanted, wanted, 1, 100, existing=at((10, 0)))
    assert held.covered == 2 and held.chosen.index.tolist() == ["s1"]
    assert held.sites["distance_m"].tolist() == [10, 0]


def test_exactly_in_reach_is_in_reach():
    assert place_trauma_packs(at((0, 0)), at((100, 0)), 1, 100).covered == 1
    assert place_trauma_packs(at((0, 0)), at((100.01, 0)), 1, 100).covered == 0


def test_row_order_of_sites_and_candidates_changes_nothing():
    rng = np.random.default_rng(3)
    wanted, spots = at(*rng.uniform(0, 900, (40, 2))), at(*rng.uniform(0, 900, (20, 2)))
    one = place_trauma_packs(wanted, spots, 6, 120)
    other = place_trauma_packs(wanted[::-1], spots[::-1], 6, 120)
    assert one.chosen.index.tolist() == other.chosen.index.tolist()
    assert one.to_dict() == other.to_dict()
    incidents = incidents_at([tuple(p) for p in rng.uniform(0, 200, (50, 2)).round()])
    pd.testing.assert_frame_equal(
        protect_demand(zones(), incidents, record()).demand,
        protect_demand(zones(), shuffled(incidents), record()).demand,
    )


def test_ended_early_the_plan_says_how_far_it_may_be_from_the_best(monkeypatch):
    rng = np.random.default_rng(5)
    wanted, spots = at(*rng.uniform(0, 5000, (600, 2))), at(*rng.uniform(0, 5000, (200, 2)))
    whole = place_trauma_packs(wanted, spots, 25, 350)
    monkeypatch.setattr("hotspots.stats.solver.BRANCHES", 0)
    hurried = place_trauma_packs(wanted, spots, 25, 350)
    assert hurried.covered <= whole.covered <= hurried.bound + 1e-6
    assert whole.gap == 0
    assert hurried.proven or hurried.gap > 0


@pytest.mark.parametrize(("count", "spots"), [(0, 3), (3, 0)])
def test_nothing_to_place_is_well_formed(count, spots):
    plan = place_trauma_packs(at((0, 0)), at(*[(i, 0) for i in range(spots)]), count, 50)
    assert (plan.covered, plan.total, len(plan.chosen)) == (0, 1, 0)
    json.dumps(plan.to_dict(), allow_nan=False)
    nobody = place_trauma_packs(at(), at((0, 0)), 2, 50)
    assert (nobody.covered, nobody.gap, nobody.spare) == (0, 0, 2)
    nobody.to_sentence()


def test_faulty_plans_are_refused():
    one = at((0, 0))
    for count in (-1, 1.5, True):
        with refused("argument", f"got {count}", of="count"):
            place_trauma_packs(one, one, count, 50)
    with refused("argument", "got -5", of="reach_m"):
        place_trauma_packs(one, one, 1, -5)
    for weights in ([1], pd.Series({"other": 1}), pd.Series({"s0": -1})):
        with refused("argument", of="weights"):
            place_trauma_packs(one, one, 1, 50, weights=weights)
    with refused("argument", "points", "DataFrame", of="sites"):
        place_trauma_packs(pd.DataFrame(), one, 1, 50)
