"""The front door: what importing loads, what the names lead to."""

import ast
import importlib.util
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from write_stub import STUB, stub

import hotspots
import hotspots as hs
from hotspots.core.crs import metres_problem, require_metres, some_places

ROOT = Path(hotspots.__file__).parents[1]
PACKAGES = sorted(
    ".".join(found.relative_to(ROOT).parent.parts)
    for found in (ROOT / "hotspots").rglob("__init__.py")
)
ROOMS = {package.partition(".")[2] for package in PACKAGES}

HEAVY = {
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "pyogrio",
    "scipy",
    "sklearn",
    "h3",
    "folium",
    "branca",
    "jinja2",
    "matplotlib",
    "xlsxwriter",
    "esda",
    "libpysal",
    "numba",
    "dask",
    "requests",
    "pydantic",
    "pyarrow",
}


TOOLBOX = {
    "evaluation": {"cluster_chance", "interrupted_time_series", "rate_ratio", "walk_forward"},
    "offences": {"Basket", "load_basket"},
    "opendata": {"fetch_boundaries", "fetch_police_uk", "fetch_roads"},
    "operations": {"ask_when", "burden_beside", "live_list", "patrol_timetable", "watch_areas"},
    "stats": {"e_test", "gini", "local_gi_star", "mann_kendall"},
    "streets": {"split_at_junctions"},
    "when": {"busy_windows", "near_repeats"},
    "zones": {"corridor", "rings", "summarise_zones", "zone_concentration"},
}
"""Some of what each part of the toolbox holds."""
OUTSIDE = {"Any", "DataFrame", "Floats", "GeoDataFrame", "Iterator", "None", "Path", "Series"}
"""Words of a return that are no class of the library."""
NEVER_RAISE = {"hs.offences.basket_names"}
"""Nothing is asked of it."""


def loaded_by(code):
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(run.stderr.strip().splitlines()[-1])}


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import hotspots") & HEAVY


def test_the_help_of_the_command_loads_nothing_heavy():
    code = (
        "sys.argv = ['hotspots', '--help']\nfrom hotspots.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code) & HEAVY


def test_a_product_loads_what_it_reads_with_and_no_more_until_it_runs():
    loaded = loaded_by("import hotspots.programmes.tasking.product")
    tables = {"numpy", "pandas", "geopandas", "shapely", "pyproj", "pyarrow", "pydantic"}
    assert loaded & HEAVY <= tables


def test_refusing_an_argument_loads_no_tables():
    code = (
        "import hotspots as hs\ntry:\n    hs.H3Grid(99)\nexcept hs.InputError:\n"
        "    refused = True\nassert refused"
    )
    assert loaded_by(code) & HEAVY <= {"numpy"}


@pytest.mark.parametrize("name", [name for name in hotspots.__all__ if not name.startswith("_")])
def test_every_public_name_leads_somewhere_and_is_documented(name):
    thing = getattr(hotspots, name)
    assert thing.__doc__ or not callable(thing)


def public_things():
    """Every public function and class, by the name people write."""
    for name in sorted(hotspots._HOME):
        yield f"hs.{name}", getattr(hotspots, name)
    for part in sorted(hotspots._TOOLBOX):
        tools = getattr(hotspots, part)
        yield from ((f"hs.{part}.{name}", getattr(tools, name)) for name in tools.__all__)


def test_what_a_public_function_hands_back_has_a_name_to_be_promised():
    """A program with a strict checker writes it down, and may import from no room."""
    named = {name.rpartition(".")[2] for name, _ in public_things()} | {*hotspots._DOORS} | OUTSIDE
    handed = {
        (name, word)
        for name, thing in public_things()
        if inspect.isroutine(thing)
        for word in re.findall(r"[A-Z]\w+", str(inspect.signature(thing).return_annotation))
    }
    assert len(handed) > 50 and {pair for pair in handed if pair[1] not in named} == set()


def sections_missing(thing):
    """The sections of a docstring that readers look for and do not find."""
    text = inspect.getdoc(thing) or ""
    takes = "Parameters" if inspect.signature(thing).parameters else ""
    wanted = [section for section in (takes, "Returns", "Examples") if section]
    return [section for section in wanted if f"{section}\n{'-' * len(section)}\n" not in text]


def test_every_public_function_says_what_it_takes_what_it_returns_and_shows_itself():
    functions = [(name, thing) for name, thing in public_things() if inspect.isroutine(thing)]
    bare = {name: sections_missing(thing) for name, thing in functions}
    assert {name: missing for name, missing in bare.items() if missing} == {}


def test_every_function_says_how_it_can_mislead_and_when_it_refuses():
    told = {
        name: inspect.getdoc(thing) for name, thing in public_things() if inspect.isroutine(thing)
    }
    mute = {name for name, text in told.items() if "Notes\n-----\n" not in text}
    bold = {name for name, text in told.items() if "Raises\n------\n" not in text}
    assert (mute, bold) == (set(), NEVER_RAISE)


def entries(thing, section):
    """The lines of a section of a docstring that name something: names, kind."""
    found = re.search(rf"(?ms)^{section}\n-+\n(.*?)(?=^\w[\w ]+\n---|\Z)", inspect.getdoc(thing))
    lines = found.group(1).splitlines() if found else []
    heads = (line.partition(" : ") for line in lines if line[:1].strip())
    return [(names.replace("*", ""), kind) for names, _, kind in heads]


def test_every_argument_is_told_and_every_array_has_a_shape():
    nameless, shapeless = set(), set()
    for name, thing in public_things():
        if inspect.isroutine(thing):
            given = entries(thing, "Parameters")
            told = {one for names, _ in given for one in names.split(", ")}
            nameless |= {
                f"{name}: {one}" for one in set(inspect.signature(thing).parameters) - told
            }
            shapeless |= {
                f"{name}: {names}"
                for names, kind in (*given, *entries(thing, "Returns"))
                if re.search(r"\barrays?\b", kind or names) and "shape" not in (kind or names)
            }
    assert (nameless, shapeless) == (set(), set())


def test_every_class_of_the_main_road_shows_itself():
    classes = [getattr(hotspots, name) for name in hotspots._HOME if name[0].isupper()]
    mute = {
        thing.__name__
        for thing in classes
        if not issubclass(thing, Exception) and "Examples\n--------\n" not in inspect.getdoc(thing)
    }
    assert mute == set()


def test_what_holds_tables_is_told_from_its_like_by_which_one_it_is():
    """Columns are no truth: asked whether two of them are alike, or for a hash, tables refuse."""
    asked = {
        name
        for name, thing in public_things()
        if inspect.isclass(thing) and thing.__eq__ is not object.__eq__
        for one in getattr(thing, "__dataclass_fields__", {}).values()
        if "Frame" in str(one.type)
    }
    assert asked == set()


def test_the_main_road_is_short_enough_to_be_read():
    assert 50 <= len(hotspots._HOME) <= 75


@pytest.mark.parametrize("part", sorted(TOOLBOX))
def test_the_toolbox_lies_beside_the_main_road(part):
    tools = getattr(hotspots, part)
    assert tools.__doc__
    assert TOOLBOX[part] <= set(tools.__all__)
    assert all(getattr(tools, name).__doc__ for name in tools.__all__)


def test_every_part_of_the_toolbox_is_known_here():
    assert set(TOOLBOX) == set(hotspots._TOOLBOX)


def test_a_name_stands_in_one_place_only():
    parts = [set(getattr(hotspots, part).__all__) for part in TOOLBOX]
    names = [name for part in [*parts, set(hotspots._HOME)] for name in part]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("part", ["stats", "offences"])
def test_a_part_named_like_a_room_is_that_room(part):
    """Else an import of one of its modules would put the room in the place of the toolbox."""
    script = (
        f"import hotspots as hs, importlib; tools = hs.{part}\n"
        f"assert importlib.import_module('hotspots.{part}') is tools is hs.{part}"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_a_package_shows_is_called_like_a_module_of_it(package):
    """Else it is the one or the other, by what was imported first."""
    module = importlib.import_module(package)
    inner = {found.name for found in pkgutil.iter_modules(module.__path__)}
    assert not inner & set(getattr(module, "__all__", ())) - set(ROOMS)


def test_toolbox_parts_are_imported_by_name():
    from hotspots import evaluation, stats

    assert stats.gini([1, 1, 2]) > 0
    assert evaluation.rate_ratio.__name__ == "rate_ratio"


def test_tools_other_programs_import_from_the_front_door_open_there_too():
    names = [name for names in hotspots._RELIED_ON.values() for name in names]
    assert not set(names) & set(hotspots.__all__)
    tools = {**vars(hotspots.stats), **vars(hotspots.evaluation)}
    assert all(getattr(hotspots, name) is tools[name] for name in names)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'heatmap'"):
        _ = hotspots.heatmap


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert version("safer-hotspots") == hotspots.__version__


def test_the_stub_is_what_the_table_says():
    assert STUB.read_text("utf-8") == stub(), "run python scripts/write_stub.py"


def test_the_stub_names_what_the_front_door_opens():
    tree = ast.parse((ROOT / "hotspots" / "__init__.pyi").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    named = {alias.asname or alias.name for node in imports for alias in node.names}
    assert named == {*hotspots._DOORS, *hotspots._TOOLBOX} > set(hotspots.__all__) - {"__version__"}


PAGES = [
    ROOT / "README.md",
    *(
        page
        for folder in ("benchmarks", "docs", "examples", "hotspots", "notebooks")
        for kind in ("*.md", "*.py", "*.ipynb")
        for page in (ROOT / folder).rglob(kind)
        if "made" not in page.parts
    ),
]


def test_pages_notebooks_and_examples_use_names_that_are_there():
    used = {
        (page.name, *names)
        for page in PAGES
        for names in re.findall(r"\bhs\.(\w+)(?:\.(\w+))?", page.read_text("utf-8"))
    }
    public = set(hotspots.__all__)
    tools = {part: set(getattr(hotspots, part).__all__) for part in hotspots._TOOLBOX}
    lost = {
        use
        for use in used
        if use[1] not in public or (use[1] in tools and use[2] not in {"", *tools[use[1]]})
    }
    assert lost == set()


def test_every_name_opens_without_the_extras():
    code = """
import sys
for extra in ("matplotlib", "esda", "libpysal", "pyarrow", "openpyxl", "jupyterlab", "numba"):
    sys.modules[extra] = None
import hotspots as hs
for name in hs.__all__:
    getattr(hs, name)
import hotspots.cli.main, hotspots.demo.demonstrate
"""
    subprocess.run([sys.executable, "-c", code], check=True)


A_LIST = [1, "many"]
A_SERIES = pd.Series([4, 2], index=["a", "b"])
SCALE = hs.HarmScale.bundled("ons-css")
AREAS = gpd.GeoDataFrame(
    {"kind": "h3-8", "theme": "asb", "incident_count": [5]},
    geometry=[box(430_000, 430_000, 430_009, 430_009)],
    crs=27700,
)
FLAT = pd.DataFrame(AREAS.drop(columns="geometry"))
TWICE, BARE = pd.concat([AREAS, AREAS]), AREAS.set_crs(None, allow_override=True)
POINTS = AREAS.set_geometry(AREAS.centroid)
RECORD = hs.RunRecord("a", "OFFICIAL")


@pytest.fixture(scope="module")
def town():
    return hs.synthetic_town(incidents=200, months=12)


@pytest.fixture(scope="module")
def rows(town):
    return town.incidents


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda rows: hs.select(rows, "asb"), "`question` must be a Question"),
        (lambda rows: hs.find_hotspots(rows, "asb"), "`question` must be a Question"),
        (lambda rows: hs.tag_themes(rows, "home_office"), "`themes` must be a Themes"),
        (lambda rows: hs.weigh_harm(rows, "ons-css"), "`scale` must be a HarmScale"),
        (lambda rows: hs.assign_cells(rows, 9), "`grid` must be a grid"),
        (lambda rows: hs.tag_institutions(rows, A_LIST), "`names` must be a list of place names"),
        (lambda rows: hs.tag_institutions(rows, 5), "`names` must be a list of place names"),
        (lambda rows: hs.study_area("Leeds"), "`within` must be a GeoDataFrame; got str"),
        (lambda rows: hs.release(hs.select(rows), audience="internal", marking="M"), "Selection"),
        (lambda rows: hs.themes_of(rows[[*rows.columns, "source"]]), "repeated"),
        (lambda rows: hs.stats.gini(A_LIST), "`counts` must be numbers"),
        (lambda rows: hs.evaluation.by_area(rows), "`area_periods` must be a table of counts"),
        (lambda _: hs.load_zones(3), "`path` must be a path; got int"),
        (lambda _: hs.load_zones('{"type":' + "x" * 999), "`path` must be a path; got a text"),
        (lambda _: hs.load_incidents("id,date" * 99), "`paths` must be a path; got a text"),
        (lambda _: hs.load_product(3), "`path` must be a path; got int"),
        (lambda _: hs.Themes.from_toml(3), "`path` must be a path; got int"),
        (lambda _: hs.read_geopackage(None), "`path` must be a path; got NoneType"),
        (lambda _: hs.bundled(3), "`name` must be a path; got int"),
        (lambda _: hs.offences.basket_status(3, "home_office"), "`name` must be a path; got int"),
        (lambda _: hs.RunRecord("a", None), "`marking` must say"),
        (lambda _: RECORD.write(3), "`path` must be a path; got int"),
        (lambda rows: hs.flag_twins(rows, record="x"), "`record` must be a RunRecord; got str"),
        (lambda rows: hs.select(rows, record="x"), "`record` must be a RunRecord; got str"),
        (lambda rows: hs.release(AREAS, record="x"), "`record` must be a RunRecord; got str"),
        (lambda _: hs.map_areas("x"), "`areas[0]` must be a GeoDataFrame of areas; got str"),
        (lambda _: hs.audit_totals("x"), "`areas` must be a GeoDataFrame of areas; got str"),
        (lambda _: hs.release(AREAS, tables=[AREAS], record=RECORD), "`tables` must be a Mapping"),
        (lambda _: hs.release(AREAS, overlaps="x", record=RECORD), "`overlaps` must be a DataFr"),
        (lambda _: hs.write_geojson(FLAT, "a.geojson", record=RECORD), "no coordinate system"),
        (lambda rows: hs.when.event_of(rows, 3), "`calendar` must be a DataFrame; got int"),
        (lambda _: hs.stats.concentration_table([1, 2], shares=0.5), "`shares` must be a list"),
        (lambda rows: hs.when.aoristic_weights(rows, 3), "`periods` must be a list; got 3"),
        (lambda rows: hs.select_patrol_areas(rows, count=2, by="count", grid=9), "must be a grid"),
        (lambda _: hs.zones.grid_overlaps(8, 9, AREAS), "`grid` must be a grid; got 8"),
        (lambda _: hs.zones.zone_concentration(AREAS, AREAS, by=pd.NA), "`by` must be"),
        (lambda _: hs.zones.zone_concentration(AREAS, AREAS, share="x"), "`share` must be numbers"),
        (lambda _: hs.zones.sites(POINTS, id_field=["x"]), "no column ['x']"),
        (lambda _: hs.zones.sites(POINTS, kind=[]), "`kind` must be a text; got []"),
        (
            lambda _: hs.zones.zones_from_postcodes(
                AREAS, FLAT, 3, postcode_field="a", area_field="b"
            ),
            "`postcodes` must be a list",
        ),
        (
            lambda _: hs.zones.zones_from_postcodes(
                AREAS, FLAT, "LS6", postcode_field="a", area_field="b"
            ),
            "`postcodes` must be a list",
        ),
        (
            lambda rows: hs.when.near_repeats(
                hs.select(rows), distance_bands_m=[9], time_bands_days=[7], same_place_apart=2
            ),
            "`same_place_apart` must be True or False; got 2",
        ),
        (lambda rows: hs.operations.live_list(hs.select(rows), today=-1), "`today` must be"),
        (lambda rows: hs.operations.ask_what_is_new(rows), "`incidents` must be a Selection"),
        (lambda rows: hs.operations.watch_areas("x", rows, started="2024-01"), "`areas` must be"),
        (
            lambda rows: hs.operations.watch_areas(TWICE, rows, started="2024-01"),
            "the index of `areas`",
        ),
        (
            lambda rows: hs.operations.watch_areas(
                AREAS, rows, started="2023-11", every="month", acknowledge_breaks="no"
            ),
            "`acknowledge_breaks` must be True or False; got 'no'",
        ),
        (
            lambda rows: hs.operations.patrol_timetable(BARE, rows, budget_hours=4),
            "`areas` has no coordinate system",
        ),
        (
            lambda rows: hs.operations.place_services(3, rows, count=2, reach_m=9),
            "`candidates` must be",
        ),
        (
            lambda rows: hs.operations.place_services(
                AREAS.set_geometry([None], crs=27700), rows, count=2, reach_m=9
            ),
            "`candidates` must all have an outline; 1 have none",
        ),
        (lambda _: hs.opendata.BoundaryLayer(3, "id", "name"), "`service` must be a text"),
        (lambda rows: hs.operations.live_list(rows, within_m=np.True_), "`within_m` must be one"),
        (lambda _: hs.opendata.fetch_boundaries(cache=3), "`cache` must be a path"),
        (lambda _: hs.opendata.fetch_boundaries(folder=3), "`folder` must be a path"),
        (lambda _: hs.opendata.fetch_boundaries(kinds=np.array(3)), "`kinds` must be a list"),
        (lambda _: hs.opendata.fetch_boundaries(layers=["ward"]), "`layers` must map"),
        (lambda _: hs.opendata.fetch_boundaries(offline=AREAS), "`offline` must be True"),
        (lambda _: hs.opendata.fetch_roads(file=3), "`file` must be a path"),
        (lambda _: hs.opendata.fetch_roads(patience=3), "`patience` must be a Patience"),
        (lambda _: hs.opendata.fetch_roads(boundaries_url="x"), "`boundaries_url` must be"),
        (lambda _: hs.study_area(AREAS, ring_m="x"), "`ring_m` must be numbers; got x"),
        (lambda _: hs.study_area(AREAS, ring_m=[1, 2]), "`ring_m` must be one number; got [1, 2]"),
        (lambda _: hs.study_area(AREAS.to_crs(3857)), "whose metres are not those on the ground"),
        (lambda _: hs.stats.e_test(1, 2, first_exposure="x"), "`first_exposure` must be numbers"),
        (lambda _: hs.stats.local_gi_star(A_LIST, {}), "`values` must be numbers"),
        (
            lambda rows: hs.evaluation.suggest_radius(rows, min_incidents=5, radii_m=9),
            "`radii_m` must be a list",
        ),
        (lambda rows: hs.find_clusters(rows, min_incidents=float("inf")), "must be a whole number"),
        (
            lambda _: hs.write_quarantine(3, "/nowhere/q.csv"),
            "`record` must be a RunRecord; got int",
        ),
        (lambda rows: hs.coverage(rows.to_crs(4326), within=AREAS), "`incidents` must be in"),
        (lambda _: hs.smallest_change("20"), "`treated` must be one number; got 20"),
        (lambda _: hs.stats.e_test(1, 2, first_exposure=np.datetime64("2020")), "must be numbers"),
        (lambda _: hs.release(AREAS, tables=AREAS, record=RECORD), "`tables` must be a Mapping"),
        (lambda _: hs.release(AREAS, keep="owner", record=RECORD), "`keep` must be a list"),
        (lambda _: hs.stats.local_gi_star([1, 2, 3], None), "`neighbours` must be areas by area"),
        (lambda _: hs.forecast_areas([1]), "`area_periods` must be a DataFrame; got list"),
        (lambda _: hs.operations.audit_products("/x"), "`folders` must be a list"),
        (
            lambda _: hs.regression_to_the_mean(A_SERIES, [["a"]]),
            "`treated` must be a list of areas",
        ),
        (lambda _: hs.evaluation.cumulative_wdd(A_LIST, A_LIST, started="2025-01"), "be a Series"),
        (lambda _: hs.write_geopackage(AREAS, b"a.gpkg", record=RECORD), "`path` must be a path"),
        (lambda rows: hs.weigh_harm(rows, SCALE, default="few"), "`default` must be numbers"),
        (
            lambda rows: hs.evaluation.cluster_stability(rows, rows, draws=10**9),
            "from 1 to 1,000,000",
        ),
        (
            lambda _: hs.stats.concentration_table([1, 2], draws=10**9),
            "`draws` must be a whole number from 1 to",
        ),
    ],
)
def test_what_is_of_another_kind_is_refused_in_our_words(call, said, rows):
    """Nothing of pandas or numpy comes out, and the table that was given stays as it was."""
    before = rows.copy()
    with pytest.raises(hs.InputError, match=re.escape(said)):
        call(rows)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(("crs", "longitude", "latitude", "measures"), [
    ("EPSG:27700", -1.55, 53.8, True), ("EPSG:7405", -1.55, 53.8, True),
    ("EPSG:3035", -16, 28, True), ("EPSG:3347", -79.4, 43.7, True),
    ("EPSG:27700", -74, 40.7, False),
    ("EPSG:8857", -1.55, 53.8, False), ("ESRI:54009", -1.55, 53.8, False),
    ("EPSG:3995", -1.55, 53.8, False), ("EPSG:3995", -1.55, 72, True), ("EPSG:3857", 0, 0.5, False),
])  # fmt: skip
def test_metres_are_asked_where_the_places_are(crs, longitude, latitude, measures):
    """A metre that is a tenth too long there is none, whatever the system is called."""
    there = gpd.GeoSeries(gpd.points_from_xy([longitude], [latitude]), crs=4326).to_crs(crs)
    places = some_places(gpd.GeoSeries([*there, None], crs=crs))
    assert (metres_problem(crs, "places", places) is None) == measures


OWN = 'LOCAL_CS["a plan of one building",UNIT["metre",1]]'


@pytest.mark.parametrize(("crs", "longitude", "latitude", "right"), [
    ("EPSG:27700", -74, 40.7, "EPSG:32618"), ("EPSG:4326", -74, 40.7, "EPSG:32618"),
    ("EPSG:3857", 151.2, -33.9, "EPSG:32756"), ("EPSG:4326", -1.55, 53.8, "EPSG:27700"),
    ("EPSG:3857", -5.93, 54.6, "EPSG:27700"), (OWN, None, None, "EPSG:27700"),
])  # fmt: skip
def test_the_system_that_is_named_is_right_where_the_places_are(crs, longitude, latitude, right):
    there = gpd.GeoSeries(gpd.points_from_xy([longitude], [latitude]), crs=4326)
    there = there.to_crs(crs) if longitude else gpd.GeoSeries(gpd.points_from_xy([5], [5]), crs=crs)
    with pytest.raises(hs.InputError, match=right):
        require_metres(there, "zones")


@pytest.fixture(scope="module")
def cells(town):
    everything = hs.select(town.incidents, hs.Question(within=town.district))
    held = hs.assign_cells(everything, hs.H3Grid(8))
    return hs.aggregate_to_cells(held), held


def clustered(rows, radius_m):
    return hs.find_clusters(rows, radius_m=radius_m, min_incidents=5)


def named(cells, as_what):
    areas = cells[0].assign(place_name="Mill Lane").astype({"place_name": as_what, "kind": as_what})
    return hs.name_areas(areas, cells[1])["place_name"].astype(object)


def ranked(cells, index):
    return hs.rank_areas(cells[0].rename_axis(index)).rename_axis("area_id")


def touched(zones):
    areas = AREAS.rename_axis("area_id")
    return hs.operations.burden_beside(areas, zones=[zones])["overlaps_with"]


def in_grid(grid, rows, _, size):
    cells = hs.assign_cells(hs.select(rows, hs.Question()), grid(size)).area_ids
    assert type(next(iter(vars(grid(size)).values()))) is int
    return cells


MAY = ["2023-05"]


@cache
def a_year():
    town = hs.synthetic_town(incidents=3_000, months=12)
    return hs.select(town.incidents, hs.Question(within=town.district))


def ringed(rings_m):
    """All that is said of a change, also of like places, which keep clear of the rings."""
    middle = a_year().within.assign(geometry=a_year().within.centroid.buffer(500))
    change = hs.compare_change(middle, a_year(), started="2023-07-01", months=2, rings_m=rings_m)
    return pd.Series(change.to_dict()).map(repr)


def broken(called):
    """A series whose months, and those of its comparator, are called so."""
    months = [called(month) for month in pd.period_range("2021-01", periods=36, freq="M")]
    counts = pd.Series(np.arange(36) % 7 + 5, index=months)
    found = hs.evaluation.interrupted_time_series(counts, started="2022-06-01", control=counts * 3)
    return found.table


def lives(rows, called):
    known = rows[rows["time_precision"].isin(["instant", "interval", "day"])]
    points = known.drop(columns="geometry").set_geometry(known.geometry.rename(called))
    return hs.operations.live_list(points, draws=9).areas


def forecast(dtype):
    months = pd.MultiIndex.from_product(
        [["a", "b"], [f"2024-{month:02d}" for month in range(1, 9)]]
    )
    counts = pd.DataFrame(
        {"incident_count": range(16)}, index=months.set_names(["area_id", "period"])
    )
    return hs.forecast_areas(counts.astype(dtype)).expected


def found_in(rows, called):
    city = (
        a_year()
        .within.drop(columns="geometry")
        .set_geometry(a_year().within.geometry.rename(called))
    )
    police = rows[rows["offence_scheme"].eq("home_office")]
    found = hs.find_hotspots(police, theme="asb", period="2023-05", within=city, clusters=False)
    return found.areas["incident_count"]


def people(groups):
    homes = AREAS.assign(population=9, young=4)
    return hs.operations.who_lives_there(AREAS, homes, groups=groups)


def drawn(areas, several):
    ward = an_order(27700).assign(kind="ward").rename_axis("zone_id")
    page = hs.map_areas(hs.rank_areas(areas), zones=several([ward]), record=RECORD)
    return pd.Series([page.to_html()])


def an_order(crs):
    facts = {"zone_name": ["Order"], "kind": "pspo", "valid_from": None, "valid_until": None}
    return gpd.GeoDataFrame(
        {**facts, "status": None, "approximate": False}, geometry=AREAS.geometry, crs=27700
    ).to_crs(crs)


@pytest.mark.parametrize(
    ("asked", "plain", "odd"),
    [
        (lambda rows, _, one: clustered(rows, one), 200, np.int32(200)),
        (lambda _, cells, one: named(cells, one), object, "category"),
        (lambda _, cells, one: named(cells, one), object, "string[pyarrow]"),
        (lambda _, cells, one: ranked(cells, one), "area_id", "rank"),
        (
            lambda _, cells, one: hs.count_by_period(*cells, periods=one),
            ["2023-05"],
            ["2023-05"] * 2,
        ),
        (lambda *one: pd.Series(hs.smallest_change(one[2]).fall), 246, np.int64(246)),
        (lambda *one: touched(an_order(one[2])), 27700, 4326),
        (lambda *one: in_grid(hs.H3Grid, *one), 9, np.int64(9)),
        (lambda *one: in_grid(hs.SquareGrid, *one), 250, np.int16(250)),
        (lambda *one: pd.Series(hs.stats.e_test(9, 30, first_exposure=one[2])), 1.0, np.float32(1)),
        (lambda *one: ringed(one[2]), [250.0, 500.0], iter([250, 500])),
        (lambda _, cells, one: hs.rank_areas(*cells, draws=one), 20, np.float64(20)),
        (lambda *one: broken(one[2]), str, lambda month: month.to_timestamp()),
        (lambda rows, _, one: lives(rows, one), "geometry", "shape"),
        (lambda *one: forecast(one[2]), "int64", "Int64"),
        (lambda rows, _, one: found_in(rows, one), "geometry", "shape"),
        (lambda *one: people(one[2]), ["young"], iter(["young"])),
        (lambda _, cells, one: drawn(cells[0].head(9), one), list, iter),
    ],
)
def test_odd_but_legal_arguments_give_what_the_plain_ones_do(asked, plain, odd, rows, cells):
    one, other = (asked(rows, cells, given) for given in (plain, odd))
    same = pd.testing.assert_series_equal if one.ndim == 1 else pd.testing.assert_frame_equal
    assert len(one) > 0
    same(one, other)
