"""A frame in memory is judged as the file it could have been; what was tagged is replaced."""

import geopandas as gpd
import pandas as pd
import pytest
from refusing import refused
from tables import first_rows

import hotspots as hs

LOG = pd.DataFrame(
    {
        "code": ["Robbery", "Drugs", "Shoplifting", "Anti-social behaviour"],
        "reported": pd.to_datetime(
            ["2025-03-01 04:05", "2025-03-02 23:10", None, "2025-04-01 12:30"]
        ),
        "x": [429_790.0, 429_900.0, 430_000.0, 0.0],
        "y": [433_805.0, 433_700.0, 433_600.0, 0.0],
    },
    index=["a", "b", "c", "d"],
)
IN_COLUMNS = {"offence": "code", "when": "reported", "easting": "x", "northing": "y"}
BARE = {"themes": None, "harm_scale": None}


def points(frame=LOG, crs="EPSG:27700"):
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["x"], frame["y"]), crs=crs)


def read(frame, **options):
    record = hs.RunRecord("frame", marking="TEST")
    return hs.incidents_from_frame(frame, record=record, **{**IN_COLUMNS, **options}), record


def test_a_frame_is_read_as_the_file_it_could_have_been(tmp_path):
    LOG.to_csv(tmp_path / "log.csv", index=False)
    fields = hs.FieldMap(
        "log", offence="code", date="reported", easting="x", northing="y",
        offence_scheme="police_uk",
    )  # fmt: skip
    record = hs.RunRecord("file", marking="TEST")
    from_file = hs.load_incidents(
        tmp_path / "log.csv", fields=fields, record=record, themes=None, harm_scale=None
    )
    from_frame, own = read(LOG, **BARE)
    lines = from_file["source_row"].to_numpy() - 2
    assert from_frame.index.tolist() == LOG.index[lines].tolist() == ["a", "b", "d"]
    same = [name for name in from_file if name not in ("source", "source_row")]
    pd.testing.assert_frame_equal(
        pd.DataFrame(from_frame[same]).reset_index(drop=True),
        pd.DataFrame(from_file[same]).reset_index(drop=True),
    )
    (one,), (other,) = own.sources, record.sources
    counted = ("read", "accepted", "rejected", "unlocated")
    assert [getattr(one, name) for name in counted] == [getattr(other, name) for name in counted]
    assert [row.line for row in own.quarantine] == [3]
    assert one.facts["faults"] == other.facts["faults"]


def test_the_frame_is_left_as_it_is_and_its_content_decides_the_hash():
    before = LOG.copy(deep=True)
    first, again = read(LOG)[1], read(LOG.copy())[1]
    pd.testing.assert_frame_equal(LOG, before)
    other = read(LOG.assign(x=LOG["x"] + 1))[1]
    assert first.sources[0].sha256 == again.sources[0].sha256 != other.sources[0].sha256


def test_geometry_is_used_and_reprojected_where_no_columns_are_named():
    named = {"offence": "code", "when": "reported", "easting": None, "northing": None}
    metres = read(points().iloc[:2], **named)[0]
    degrees = read(points().iloc[:2].to_crs("EPSG:4326"), **named)[0]
    assert metres.crs == degrees.crs == "EPSG:27700"
    assert (metres.distance(degrees) < 0.01).all()
    in_columns = read(points(crs=None).iloc[:2])[0]
    assert in_columns.geometry.geom_equals(metres.geometry).all()


@pytest.mark.parametrize("labels", [["a", "a", "b", "c"], [None, "a", "b", "c"]])
def test_labels_that_do_not_tell_rows_apart_give_way_to_numbers(labels):
    assert list(read(LOG.set_axis(labels))[0].index) == ["frame:1", "frame:2", "frame:4"]


def test_months_spans_and_words_of_ones_own_are_read():
    months = read(LOG.assign(reported=["2025-01", "2025-02", "2025-03", "2025-04"]))[0]
    assert set(months["time_precision"]) == {"month"}
    spans = read(LOG.assign(until=LOG["reported"] + pd.Timedelta("3h")), until="until")[0]
    assert spans.loc["a", "occurred_until"].hour == 7
    own = read(LOG.assign(code=["noise", "litter", "smoke", " NOISE  of dogs"]))[0]
    assert set(own["offence_scheme"]) == {"own"} and "theme_asb" not in own
    assert "NOISE of dogs" in set(own["offence"])


def test_a_known_scheme_is_tagged_and_weighed_and_the_choices_are_told():
    found, record = read(LOG)
    assert found["theme_asb"].tolist() == [False, False, True]
    assert found.loc["a", "harm"] > 0
    assert {"tag_themes", "weigh_harm"} <= set(record.choices)
    assert not {"theme_asb", "harm"} & set(read(LOG, **BARE)[0])


def test_tagging_again_replaces_what_was_there():
    found, record = read(LOG)
    shops = hs.offences.Theme("shops", "shops", "measured", offences=("Shoplifting",))
    other = hs.Themes("police_uk", (shops,))
    again = hs.tag_themes(found, other, record=record)
    said = [str(name) for name in again if str(name).startswith("theme_")]
    assert said == ["theme_shops", *(f"theme_shops_{end}" for end in ("is", "note", "label"))]
    assert list(record.themes) == ["shops"] and "theme_asb" in found
    known = {"rejected": record.rejected, "record": record}
    back = hs.tag_themes(again, hs.Themes.police_uk(), **known)
    pd.testing.assert_frame_equal(back[sorted(back)], found[sorted(found)])


def test_what_is_missing_is_named_at_once():
    with refused("not-named", "`when`", "`easting`"):
        hs.incidents_from_frame(LOG, offence="code")


def test_nothing_named_is_recognised_or_guessed_aloud():
    frame = LOG.rename(columns={"code": "Offence", "x": "Easting", "y": "Northing"})
    record = hs.RunRecord("frame", marking="TEST")
    found = hs.incidents_from_frame(frame, record=record)
    assert "fields-guessed" in [finding.rule for finding in record.findings]
    pd.testing.assert_series_equal(found["occurred_from"], read(LOG)[0]["occurred_from"])


def test_averages_of_one_force_are_told_with_incidents_of_another():
    row = {"Month": "2025-03", "Longitude": -1.4, "Latitude": 54.9, "Crime type": "Robbery"}
    for force, told in [("West Yorkshire Police", False), ("Northumbria Police", True)]:
        record = hs.RunRecord("frame", marking="TEST")
        hs.incidents_from_frame(pd.DataFrame([row | {"Falls within": force}]), record=record)
        assert any(one.rule == "scale-of-elsewhere" for one in record.caveats) == told


def test_hotspots_are_found_in_a_path_a_frame_and_the_result(tmp_path):
    july = first_rows(3_000, tmp_path)
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    asked = {"theme": "asb", "period": "2018-07", "within": city, "grid": hs.H3Grid(7)}
    frame = pd.read_csv(july)
    tables = [
        hs.find_hotspots(given, **asked, clusters=False).areas.drop(columns="geometry")
        for given in (july, frame, hs.load_incidents(july))
    ]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(pd.DataFrame(tables[0]), pd.DataFrame(other))


def test_a_frame_where_a_path_belongs_leads_to_the_function_for_frames():
    with pytest.raises(hs.InputError) as refusal:
        hs.load_incidents(pd.DataFrame({"code": ["5D"]}))
    assert "incidents_from_frame" in str(refusal.value)
