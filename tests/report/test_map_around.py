"""What stands around a listed place: the user's own sites, internal, near, named, never a cause."""

import geopandas as gpd
import numpy as np
import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from map_samples import data_of, sample_areas, sample_record
from refusing import refused
from shapely.geometry import Point, box

import hotspots as hs
from hotspots.analysis.zones.overlaps import sites_near
from hotspots.programmes.tasking.load_product import load_product
from hotspots.report.escape import plain_text
from hotspots.report.map import map_areas

INTERNAL = {"audience": "internal", "marking": "OFFICIAL"}


def sites_of(rows, crs="EPSG:27700"):
    kinds, names, places = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "zone_name": names}, geometry=list(places), crs=crs)


def top_place(areas):
    return areas.geometry.loc[areas["rank"].idxmin()]


def east_of(area, metres):
    """A point so far to the east of an area's easternmost corner."""
    corner = max(area.exterior.coords)
    return Point(corner[0] + metres, corner[1])


def page_of(sites, areas=None, **record):
    areas = sample_areas("asb") if areas is None else areas
    return map_areas(areas, record=sample_record(**(INTERNAL | record)), sites=sites)


def near(page):
    return data_of(page)["themes"][0]["top"][0].get("near")


def test_the_card_names_what_is_within_150_m_by_kind_the_nearest_first():
    areas = sample_areas("asb")
    area = top_place(areas)
    sites = sites_of([
        ("school", "Mill", east_of(area, 140)), ("CCTV", None, east_of(area, 12.4)),
        ("licensed_venue", "Crown", area.centroid),
        ("licensed_venue", "Hop", east_of(area, 90)),
        ("school", "Far School", east_of(area, 151)),
    ])  # fmt: skip
    (head, told), *facts = near(page_of(sites, areas))
    assert head == "Around" and "150 m" in told and told.endswith("never as a cause")
    assert [(of.split(", ")[0], said.split("; ")) for of, said in facts] == [
        ("Licensed venue", ["Crown, inside", "Hop, 90 m"]),
        ("CCTV", ["12 m"]),
        ("School", ["Mill, 140 m"]),
    ]
    assert all("150 m" in of for of, _ in facts)
    turned = page_of(sites.iloc[::-1].to_crs("EPSG:27700"), areas)
    assert turned.to_html() == page_of(sites, areas).to_html()


def test_twelve_are_named_and_the_rest_are_counted():
    areas = sample_areas("asb")
    area = top_place(areas)
    sites = sites_of([("pub", f"Pub {n:02d}", east_of(area, n + 1)) for n in range(40)])
    _, (_, named), more = near(page_of(sites, areas))
    assert named.split("; ") == [f"Pub {n:02d}, {n + 1} m" for n in range(12)]
    assert more[0].startswith("Not named") and more[1] == "28 more"


def test_nothing_near_is_said_and_no_sites_are_no_fact():
    away = sites_of([("pub", "Away", Point(500_000, 200_000))])
    (said,) = near(page_of(away))
    assert said[0] == "Around" and said[1].startswith("none") and "150 m" in said[1]
    assert near(page_of(None)) is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-900, 900), st.integers(-900, 900)), min_size=1, max_size=9),
    st.integers(1, 400),
)
def test_near_is_what_a_loop_over_all_pairs_says(places, reach_m):
    areas = gpd.GeoDataFrame(
        index=["b", "a"], geometry=[box(0, 0, 200, 200), box(200, -300, 500, 0)], crs=27700
    )
    sites = sites_of([("k", f"{n}", Point(at)) for n, at in enumerate(places)])
    found = sites_near(areas, sites, reach_m=reach_m)
    pairs = {
        (name, str(n)): shape.distance(Point(at))
        for name, shape in areas.geometry.items()
        for n, at in enumerate(places)
        if shape.distance(Point(at)) <= reach_m
    }
    keys = list(zip(found["area_id"], found["zone_name"], strict=True))
    assert dict(zip(keys, found["distance_m"], strict=True)) == pytest.approx(pairs)
    assert len(keys) == len(pairs)
    assert found["area_id"].tolist() == sorted(found["area_id"], reverse=True)
    assert all((np.diff(some["distance_m"]) >= 0).all() for _, some in found.groupby("area_id"))


def test_hostile_names_and_kinds_are_text_on_screen_and_on_paper(open_page, tmp_path):
    areas = sample_areas("asb")
    inside = top_place(areas).centroid
    texts = [plain_text(text)[:60] for text in HOSTILE if plain_text(text).strip()][:11]
    sites = sites_of([(text, text, inside) for text in texts] + [("Size", "x", inside)])
    with open_page(page_of(sites, areas).save(tmp_path / "map.html")) as witness:
        page = witness.page
        page.click("#go-0-0")
        witness.until_still()
        shown = page.evaluate("document.getElementById('details-facts').textContent")
        witness.until_on_paper()
        paper = page.evaluate("document.querySelector('.paper-card').textContent")
        for text in texts:
            assert text in shown and text in paper
        assert "Size, within 150 m" in paper
        assert shown.count("never as a cause") == 1
        witness.assert_quiet()


@pytest.mark.parametrize("audience", ["partner", "public", "protect"])
def test_nobody_else_gets_sites(audience):
    settings = {"partner": {"marking": "OFFICIAL"}, "protect": {"marking": "OFFICIAL PROTECT"}}
    record = sample_record(audience=audience, **settings.get(audience, {}))
    with refused("argument", "internal", audience, of="sites"):
        map_areas([], record=record, sites=sites_of([("pub", "The Crown", Point(0, 0))]))


def product(folder, audience="internal", kind="venue", more=""):
    rows = [f"{430000 + n % 3},433000,2018-07-01,5D" for n in range(20)]
    (folder / "i.csv").write_text("\n".join(["E,N,Date,Kind", *rows]) + "\n")
    (folder / "fields.toml").write_text(
        'easting = "E"\nnorthing = "N"\ndate = "Date"\noffence = "Kind"\n'
        'offence_scheme = "home_office"\n'
    )
    venues = gpd.GeoDataFrame(
        {"premises": ["The Crown"]}, geometry=[Point(430001, 433001)], crs="EPSG:27700"
    )
    venues.to_crs("EPSG:4326").to_file(folder / "venues.geojson")
    (folder / "product.toml").write_text(
        f'title = "T"\nmarking = "M"\nplace = "P"\nperiod = "2018-07"\nincidents = "i.csv"\n'
        f'fields = "fields.toml"\nthemes = "home_office"\naudience = "{audience}"\n'
        'backdrop = "none"\n[within]\npath = "bundled:boundaries/leeds.geojson"\n'
        f'[[sites]]\npath = "venues.geojson"\nkind = "{kind}"\n{more}'
    )
    return load_product(folder / "product.toml")


def test_a_product_file_names_them_for_internal_readers(tmp_path):
    results = product(tmp_path, more='name_field = "premises"\n').run()
    facts = [place["near"] for theme in data_of(results.map())["themes"] for place in theme["top"]]
    assert ("Venue", "The Crown, inside") in {(of.split(", ")[0], said) for of, said in facts[0]}
    assert "venues.geojson" in results.record.inputs
    assert "sites-left-out" not in {finding.rule for finding in results.record.findings}


def test_a_product_for_others_leaves_them_out_and_says_so(tmp_path):
    results = product(tmp_path, "partner", more='name_field = "premises"\n').run()
    (said,) = [one for one in results.record.findings if one.rule == "sites-left-out"]
    assert said.severity == "warning"
    for path in results.write(tmp_path / "out"):
        assert b"The Crown" not in path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "more", "rule", "text"),
    [
        ("Protect venue", "", "sites-of-protect", "audience"),
        ("venue", 'name_field = "nam"\n', "missing-column", "'premises'"),
    ],
)
def test_what_cannot_be_is_refused_in_the_words_of_the_file(tmp_path, kind, more, rule, text):
    with refused(rule, text, kind=hs.DataError):
        product(tmp_path, kind=kind, more=more)


def test_sites_without_a_place_or_a_kind_are_refused():
    sites = sites_of([("pub", "The Crown", Point(430_000, 433_000))])
    with refused("argument", "'kind'", of="sites"):
        page_of(sites.drop(columns="kind"))
    with pytest.raises(hs.InputError, match="sites"):
        page_of(sites.set_crs(None, allow_override=True))
