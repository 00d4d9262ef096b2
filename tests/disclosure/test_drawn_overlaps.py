"""Overlaps of a release are those of the outlines its reader sees, whatever lay inside them."""

from itertools import pairwise

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box
from small_towns import YEAR, cells, dated, released

import hotspots as hs
from hotspots.analysis.zones.overlaps import ground_shares


def clusters(*radii, count=12, least=5):
    """Round clusters a kilometre apart in a row of cells."""
    shapes = [Point(1_250 + 1_000 * n, 250).buffer(radius) for n, radius in enumerate(radii)]
    names = pd.Index([f"k{n}" for n in range(len(radii))], name="area_id")
    columns = {"kind": "cluster", "theme": "asb", "incident_count": count, "min_incidents": least}
    return gpd.GeoDataFrame(columns | dated(YEAR), index=names, geometry=shapes, crs=27700)


def wards(*edges):
    """Wards side by side, cut at the given eastings."""
    names = pd.Index([f"w{n}" for n in range(len(edges) - 1)], name="zone_id")
    shapes = [box(west, -500, east, 1_000) for west, east in pairwise(edges)]
    columns = {"zone_name": names, "kind": "ward", "valid_from": None, "valid_until": None,
               "status": None, "approximate": False}  # fmt: skip
    return gpd.GeoDataFrame(columns, index=names, geometry=shapes, crs=27700)


def related(areas, zones):
    found = ground_shares(areas, zones)
    found["zone_name"], found["kind"] = "w", "ward"
    found["share_of_count"] = found["share_of_harm"] = 1.0
    return found


def overlaps_of(made):
    return made.overlaps.set_index(["area_id", "zone_id"]).sort_index()


def test_two_clusters_drawn_on_the_same_squares_have_the_same_shares():
    """Their exact shares are 130 m and 145 m of radius: how many places lie in them, nearly."""
    zones, seen = wards(0, 1_250, 4_000), []
    for radius in (130, 145):
        one = clusters(radius)
        made = released(cells([30] * 8), one, zones=zones, overlaps=related(one, zones))
        seen.append(overlaps_of(made))
        (drawn,) = made.clusters
        shares = ground_shares(drawn, zones).sort_index()
        got = seen[-1][shares.columns]
        pd.testing.assert_frame_equal(got, shares.reindex(got.index), check_like=True)
    pd.testing.assert_frame_equal(*seen)
    exact = related(one, zones)
    internal = hs.release([one], zones=zones, overlaps=exact, audience="internal", marking="X")
    pd.testing.assert_frame_equal(overlaps_of(internal), exact.sort_index())


def test_without_the_zones_shares_of_clusters_are_missing():
    zones = wards(0, 4_000)
    one, some = clusters(130), cells([30] * 8)
    both = [related(one, zones), related(some, zones)]
    found = overlaps_of(released(some, one, overlaps=both))["share_of_area"]
    assert pd.isna(found["k0", "w0"]) and found["c0", "w0"] == 1


def test_a_cluster_that_is_left_out_has_no_overlaps():
    """A cluster of eight would tell two cells of four: it is not there, nor are its zones."""
    zones, some = wards(0, 4_000), cells([30, 30, 4, 4, 30, 30])
    one = clusters(130, count=8, least=8)
    made = released(some, one, zones=zones, overlaps=[related(one, zones), related(some, zones)])
    assert not sum(map(len, made.clusters))
    assert set(made.overlaps["area_id"]) == set(some.index)


@pytest.mark.parametrize(("audience", "there"), [("partner", 1), ("internal", 2)])
def test_a_zone_that_is_there_for_an_incident_on_its_border_goes(audience, there):
    zones, some = wards(0, 500, 4_000), cells([30])
    pairs = related(some, zones)
    border = pairs.rename(index={"w0": "w1"}, level="zone_id").assign(share_of_area=0.0)
    made = hs.release([some], zones=zones, overlaps=pd.concat([pairs, border]),
                      audience=audience, marking="OFFICIAL")  # fmt: skip
    assert len(made.overlaps) == there


def test_outlines_without_counts_stand_beside_what_the_public_has_of_other_areas():
    some = cells([30, 2]).assign(kind="h3-8")
    before = hs.release([some], audience="public", marking="X").areas[0]
    made = hs.release(
        [some], zones=wards(0, 1_000), earlier=[before], audience="public", marking="X"
    )
    assert made.zones[0]["shown"].tolist() == ["exact"]
