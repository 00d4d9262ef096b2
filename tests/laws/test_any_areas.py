"""Any areas are areas: every stage takes every kind, and loses no incident of them."""

from __future__ import annotations

import functools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from refusing import refused
from shapely.geometry import LineString, box
from tables import ORIGIN, incidents_at, zone

import hotspots as hs

SIDE = 1_500
TOWN = zone("Town", (0, 0, SIDE, SIDE))
WARDS = pd.concat(
    [zone("West", (0, 0, 700, SIDE), kind="ward"), zone("East", (700, 0, SIDE, SIDE), kind="ward")]
)
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
YEAR, BEFORE, BOTH = "2025", "2024", "2024-01/2025-12"


@functools.cache
def incidents():
    rng = np.random.default_rng(16)
    spread = rng.uniform(0, SIDE, (500, 2)).round()
    piled = rng.uniform(300, 420, (140, 2)).round()
    points = [tuple(one) for one in np.vstack([spread, piled])]
    months = rng.choice(MONTHS, len(points))
    table = incidents_at(
        points, month=list(months), location_precision="exact", theme_asb=True, harm=2.0,
        harm_low=1.0, harm_high=3.0, place_name="Mill Lane",
    )  # fmt: skip
    return table.assign(source="one file")


def quarters(side=300, names=lambda number: f"q{number:02d}", shape=lambda one: one, step=1):
    corners = [(x, y) for x in range(0, SIDE, side) for y in range(0, SIDE, side)][::step]
    outlines = [shape(box(x, y, x + side, y + side)) for x, y in corners]
    return gpd.GeoDataFrame(
        {"kind": "beat", "zone_name": [f"Beat {n}" for n in range(len(corners))], "homes": 40},
        geometry=gpd.GeoSeries(outlines).translate(*ORIGIN).to_list(),
        index=[names(number) for number in range(len(corners))],
        crs=TOWN.crs,
    )


def in_pieces():
    """Areas of two pieces that lie apart, with a gap between all."""
    shapes = quarters().geometry.to_list()
    both = [shapely.union_all([shapes[n], shapes[-1 - n]]) for n in range(len(shapes) // 2)]
    return quarters().iloc[: len(both)].set_geometry(both, crs=TOWN.crs)


def awkward():
    """Numbers for ids, gaps, overlaps, a hole and an area in two pieces."""
    table = quarters(names=lambda number: 7 * number, step=2)
    shapes = table.geometry.to_list()
    shapes[3] = shapes[3].buffer(200)
    shapes[4] = shapes[4].difference(shapes[4].centroid.buffer(60))
    shapes[5] = shapely.union_all([shapes[5], shapes[-1].buffer(-100)])
    return table.set_geometry(shapes, crs=TOWN.crs)


def streets():
    ways = [LineString([(0, at), (SIDE, at)]) for at in range(75, SIDE, 150)]
    ways += [LineString([(at, 0), (at, SIDE)]) for at in range(75, SIDE, 150)]
    lines = gpd.GeoDataFrame(
        {"street_name": [f"Street {n}" for n in range(len(ways))]},
        geometry=gpd.GeoSeries(ways).translate(*ORIGIN).to_list(), crs=TOWN.crs,
    )  # fmt: skip
    return hs.streets.split_at_junctions(lines, crossings=True)


KINDS = {
    "h3": lambda: hs.H3Grid(9),
    "squares": lambda: hs.SquareGrid(250),
    "hexagons": lambda: hs.HexGrid(flat_to_flat_m=350),
    "polygons": lambda: hs.PolygonCells(quarters(), at_risk="homes"),
    "numbers for ids": lambda: hs.PolygonCells(quarters(names=lambda number: number)),
    "gaps": lambda: hs.PolygonCells(quarters(step=2)),
    "holes": lambda: hs.PolygonCells(
        quarters(shape=lambda one: one.difference(one.centroid.buffer(60)))
    ),
    "overlaps": lambda: hs.PolygonCells(quarters(shape=lambda one: one.buffer(30))),
    "in pieces": lambda: hs.PolygonCells(in_pieces()),
    "awkward": lambda: hs.PolygonCells(awkward()),
    "one area": lambda: hs.PolygonCells(TOWN),
    "streets": lambda: hs.StreetSegments(streets(), reach_m=30),
}


@functools.cache
def chain(kind):
    """The areas of a kind, through the whole chain."""
    grid = KINDS[kind]()
    asked = hs.assign_cells(hs.select(incidents(), hs.Question("asb", YEAR, within=TOWN)), grid)
    cells = hs.flag_hotspots(hs.aggregate_to_cells(asked), asked)
    overlaps = hs.relate_to_zones(cells, WARDS, asked)
    ranked = hs.rank_areas(hs.name_areas(cells, asked, overlaps), asked, draws=20)
    return grid, asked, ranked, overlaps


@functools.cache
def two_years(kind):
    grid = KINDS[kind]()
    return hs.assign_cells(hs.select(incidents(), hs.Question("asb", BOTH, within=TOWN)), grid)


def months_of(kind):
    asked = two_years(kind)
    return hs.count_by_period(hs.aggregate_to_cells(asked), asked)


def released(kind, audience="internal"):
    _, asked, ranked, overlaps = chain(kind)
    periods = hs.count_by_period(ranked.sort_index(), asked, periods=[YEAR, BEFORE])
    return hs.release(
        [ranked], zones=[WARDS], overlaps=overlaps, area_periods=periods, audience=audience,
        marking="OFFICIAL",
    )  # fmt: skip


def change(kind):
    ranked = chain(kind)[2]
    return hs.compare_change(ranked.head(1), incidents(), started="2025-01-01", months=6)


def patrols(kind, **rules):
    grid, asked, _, _ = chain(kind)
    small = {"max_area_km2": 9.0, "max_walk_m": 9_000.0, "min_separation_m": 0.0}
    return hs.select_patrol_areas(asked, grid=grid, count=2, **small, **rules)


def screened(kind, **given):
    everything = hs.select(incidents(), hs.Question(period=YEAR, within=TOWN))
    categories = {"half": incidents()["occurred_from"].dt.month <= 6, "all": "theme_asb"}
    return hs.screen_clear_hold_build(everything, categories=categories, draws=9, **given)


def screened_in(kind):
    grid = chain(kind)[0]
    asked = hs.select(incidents(), hs.Question(period=YEAR, within=TOWN))
    categories = {"all": "theme_asb"}
    return hs.screen_clear_hold_build(hs.assign_cells(asked, grid), categories=categories, draws=9)


def trends(kind):
    table = hs.evaluation.by_area(months_of(kind))
    beside = chain(kind)[0].neighbours(np.asarray(table.index, dtype=object))
    return hs.evaluation.classify_trends(hs.evaluation.gi_star_by_period(table, beside))


def written(kind, folder):
    whole = released(kind)
    hs.write_geopackage(whole, folder / "a.gpkg")
    hs.write_workbook(whole, folder / "a.xlsx")
    hs.write_csv(hs.release([chain(kind)[2]], audience="internal", marking="M"), folder / "a.csv")
    return hs.read_geopackage(folder / "a.gpkg")


def found(kind):
    question = hs.Question("asb", YEAR, within=TOWN)
    everything = hs.find_hotspots(
        incidents(), question, zones=[WARDS], grid=chain(kind)[0], clusters=False
    )
    assert str(everything) and len(everything.sensitivity(grids=[], radii_m=[]).table)
    return everything


STAGES = {
    "density": lambda kind: hs.rank_areas(chain(kind)[2], chain(kind)[1], by="density", draws=9),
    "harm": lambda kind: hs.rank_areas(chain(kind)[2], chain(kind)[1], by="harm", draws=9),
    "compare": lambda kind: hs.evaluation.compare_areas(
        chain(kind)[2],
        hs.aggregate_to_cells(chain(kind)[1].during(BEFORE)),
    ),
    "trends": trends,
    "months in top": lambda kind: hs.evaluation.months_in_top(months_of(kind)),
    "forecast": lambda kind: str(hs.forecast_areas(two_years(kind))),
    "walk": lambda kind: hs.evaluation.walk_forward(months_of(kind), train=6),
    "walk by forecast": lambda kind: hs.evaluation.walk_forward(
        months_of(kind), train=20, method="forecast",
        neighbours=chain(kind)[0].neighbours(np.asarray(chain(kind)[2].sort_index().index)),
        area_ids=chain(kind)[2].sort_index().index,
    ),
    "advise": lambda kind: hs.advise_grid(
        two_years(kind), grids=[chain(kind)[0]], windows_months=[12]
    ),
    "change": change,
    "patrols": lambda kind: str(patrols(kind, by="count")),
    "patrols by harm": lambda kind: str(patrols(kind)),
    "candidates assigned": lambda kind: str(screened_in(kind)),
    "candidates given": lambda kind: str(screened(kind, candidates=chain(kind)[2].head(3))),
    "candidates grown": lambda kind: str(
        screened(kind, grid=chain(kind)[0], max_area_km2=9.0)
    ),
    "page": lambda kind: hs.map_areas(released(kind)).to_html(),
    "partners": lambda kind: hs.map_areas(released(kind, "partner")).to_html(),
    "agreement": lambda kind: hs.evaluation.map_agreement(
        chain(kind)[2].head(2), chain(kind)[2].head(1), chain(kind)[1], draws=9
    ),
    "supports": lambda kind: str(
        hs.streets.compare_supports(chain(kind)[2], chain(kind)[1], KINDS["streets"]())
    ),
    "stress": lambda kind: hs.evaluation.placement_stress(
        chain(kind)[1].rows, chain(kind)[0], chain(kind)[2].index, radius_m=20, draws=5
    ),
    "overlap table": lambda kind: hs.zones.grid_overlaps(hs.H3Grid(8), chain(kind)[0], TOWN),
    "by the other": lambda kind: hs.zones.grid_overlaps(chain(kind)[0], hs.H3Grid(8), TOWN),
    "top": lambda kind: hs.top(chain(kind)[2]),
    "one call": found,
}  # fmt: skip
TRIED = ("hexagons", "awkward", "streets")
"""Kinds that go through every stage; the others through the chain that all stages rest on."""
REFUSED = {(stage, "streets") for stage in ("partners", "change", "candidates given")}
"""Pieces of street hold what lies beside their outline."""


@pytest.mark.parametrize("kind", KINDS)
def test_an_incident_is_in_one_area_or_accounted_for_in_none(kind):
    _, asked, ranked, _ = chain(kind)
    held = int(ranked["incident_count"].sum())
    nowhere = int(asked.area_ids.isna().sum())
    assert held + nowhere == asked.total
    assert nowhere == 0 or kind in ("gaps", "holes", "in pieces", "awkward", "streets")
    assert ranked.index.is_unique and ranked["rank"].min() == 1
    assert months_of(kind)["incident_count"].sum() == two_years(kind).area_ids.notna().sum()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", TRIED)
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_takes_every_kind_of_areas(stage, kind):
    if (stage, kind) in REFUSED:
        with pytest.raises(hs.InputError):
            STAGES[stage](kind)
    else:
        assert STAGES[stage](kind) is not None


@pytest.mark.parametrize(("kind", "by"), [("awkward", "density"), ("polygons", "rate")])
def test_a_partner_gets_no_rate_which_would_tell_the_count(kind, by):
    _, asked, ranked, _ = chain(kind)
    rated = hs.rank_areas(ranked, asked, by=by, draws=9)
    kept = hs.release([rated], audience="partner", marking="OFFICIAL").cells[0]
    assert "rate" in rated.columns and not {"rate", "rate_low", "rate_high"} & set(kept.columns)
    again = kept["incident_count"] / kept["area_km2"]
    shown = kept["rank"].notna()
    assert shown.any() == (by == "density") and again[shown].is_monotonic_decreasing


def test_streets_as_wide_as_their_reach_are_judged_by_what_was_counted_on_them():
    _, asked, ranked, _ = chain("streets")
    wide = ranked.head(1).set_geometry(ranked.head(1).buffer(25))
    with refused("street-as-drawn"):
        hs.find_comparators(ranked.head(1), incidents(), started="2025-01-01", months=6)
    change = hs.compare_change(wide, incidents(), started="2025-01-01", months=6)
    first = asked.during("2025-01/2025-06").parts.in_order_of(wide.index)
    assert change.ratio.counts[1] >= int(first.count[first.area == 0].sum()) > 0


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("precision", ["exact", "snapped"])
@pytest.mark.parametrize("by", ["count", "density"])
def test_areas_that_hold_no_incident_are_a_page_without_places(precision, by):
    """A list of hexagons may miss every incident there is."""
    far = quarters(side=100).iloc[:3].set_geometry(
        gpd.GeoSeries([box(x, 5_000, x + 290, 5_290) for x in (0, 300, 600)]).translate(*ORIGIN)
        .to_list(), crs=TOWN.crs,
    )  # fmt: skip
    wide = zone("Wide", (0, 0, SIDE, 6_000))
    rows = incidents().assign(location_precision=precision)
    found = hs.find_hotspots(
        rows, theme="asb", period=YEAR, within=wide, grid=hs.PolygonCells(far), clusters=False,
        by=by, compare=[BEFORE],
    )  # fmt: skip
    assert found.areas["incident_count"].tolist() == [0, 0, 0]
    assert found.areas["rank"].isna().all() and not found.areas["is_hotspot"].any()
    for audience in ("internal", "partner"):
        assert found.map(audience=audience, marking="M").to_html()
    assert str(found) and str(found.sensitivity(radii_m=[75.0]))


@pytest.mark.parametrize("kind", TRIED)
def test_what_is_written_is_read_again(kind, tmp_path):
    assert written(kind, tmp_path)
