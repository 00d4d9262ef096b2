"""Known breaks are data, and a comparison that crosses one is told."""

from pathlib import Path

import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.breaks import crossed_breaks, known_breaks
from hotspots.io.incidents.check import check_incidents
from hotspots.programmes.tasking.load_product import load_product

POINTS = "map points of 2022"


def names(periods, **options):
    return [known.name for known in crossed_breaks(periods, **options)]


def test_every_break_says_what_changed_what_to_do_and_who_says_so():
    for known in known_breaks():
        assert known.what.endswith(".") and known.advice.endswith(".") and known.source
        assert known.touches and str(known).startswith(known.name)


def test_a_break_is_crossed_only_when_time_lies_on_both_sides():
    around = {"theme": "serious_violence", "touching": ["points"]}
    assert names(["2022-06", "2022-07"], **around) == [POINTS]
    assert names(["2022-07", "2022-08"], **around) == []
    assert names(["2022-05", "2022-06"], **around) == []
    assert names(["2022"], **around) == [POINTS]
    assert names([], **around) == []


def test_gradual_breaks_concern_any_two_times_of_their_theme():
    assert names(["2016-07", "2018-07"], theme="asb") == ["ASB recording", "online reports of ASB"]
    assert names(["2018-07"], theme="asb") == names(["2018-07", "2018-07"], theme="asb") == []
    assert names(["2016-07", "2018-07"], theme="vehicle_nuisance") == []


def test_breaks_of_other_sources_are_left_out_and_districts_survive_new_points():
    assert names(["2021", "2024"], scheme="home_office", theme="serious_violence") == []
    assert names(["2021", "2024"], theme="serious_violence", touching=["counts", "offences"]) == []


def test_the_record_takes_a_caveat_for_each_break():
    record = RunRecord("Test", marking="OPEN DATA - TEST")
    crossed_breaks(["2022-01", "2024-01"], theme="serious_violence", record=record)
    assert [(caveat.rule, caveat.values["text"].split(":")[0]) for caveat in record.caveats] == [
        ("known-break", "map points of 2022 (1 July 2022)"),
        ("known-break", "LSOAs of 2021 (1 June 2023)"),
    ]


def test_breaks_of_ones_own_are_read_and_mistakes_are_told(tmp_path):
    file = tmp_path / "breaks.toml"
    file.write_text(
        '[[break]]\nname = "Niche"\non = 2019-04-01\nwhat = "A new system."\nadvice = "Wait."\n'
        'source = "us"\n'
    )
    assert names(["2019-03", "2019-04"], breaks=known_breaks(file)) == ["Niche"]
    file.write_text('[[break]]\nname = "Niche"\n')
    with refused("missing-setting", kind=DataError, file="breaks.toml [[break]]"):
        known_breaks(file)
    with refused("argument", of="touching"):
        crossed_breaks(["2019"], touching=["everything"])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (None, ["ASB recording", "online reports of ASB"]),
        ([], []),
        (["Saltmere"], []),
        (["Houston", "Houston Police Department"], []),
        (["Belfast", "Police Service of Northern Ireland"], []),
        (["Kent Police"], ["ASB recording"]),
        (["devon-and-cornwall"], ["ASB recording"]),
        (["England and Wales"], ["ASB recording"]),
        (["Leeds"], ["online reports of ASB"]),
        (["Leeds", "west-yorkshire"], ["ASB recording", "online reports of ASB"]),
    ],
)
def test_a_break_is_told_only_where_it_applies(places, expected):
    assert names(["2016-07", "2018-07"], theme="asb", places=places) == expected


def street_file(folder: Path, force: str) -> Path:
    file = folder / f"{force}.csv"
    rows = [
        f"a{month},{month},{force},{force},-1.5492,53.7997,On or near Park Row,E01011698,"
        "Leeds 001A,Anti-social behaviour,,"
        for month in ("2016-07", "2018-07")
    ]
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context"
    )
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def test_street_crime_knows_its_force_and_the_check_tells_its_breaks(tmp_path):
    for force, told in [("Kent Police", True), ("Police Service of Northern Ireland", False)]:
        content = check_incidents(street_file(tmp_path, force)).to_dict()
        assert content["files"][0]["police_forces"] == [force]
        assert any("ASB recording" in text for text in content["breaks"]) is told
        assert not any("Leeds" in text for text in content["breaks"])


@pytest.mark.parametrize(
    ("place", "force", "told"),
    [("Leeds", "West Yorkshire Police", 2), ("Wakefield", "West Yorkshire Police", 1),
     ("Leeds", "Elsewhere", 1), ("Houston", "Elsewhere", 0)],
)  # fmt: skip
def test_a_product_tells_the_breaks_of_its_place_and_of_its_force(tmp_path, place, force, told):
    configuration = tmp_path / "product.toml"
    street_file(tmp_path, "Unknown Force")
    configuration.write_text(
        f'title = "Test"\nmarking = "TEST"\nplace = "{place}"\npolice_force = "{force}"\n'
        'incidents = "Unknown Force.csv"\nperiod = "2018-07"\ncompare = ["2016-07"]\n'
        '[within]\npath = "bundled:boundaries/leeds.geojson"\n'
    )
    record = RunRecord("Test", marking="TEST")
    load_product(configuration).prepare(record)
    caveats = [
        text for text in record.caveat_texts if text.split(":")[0].endswith(("ASB", "recording"))
    ]
    assert len(caveats) == told


def test_what_lasts_is_told_of_every_period_that_touches_it():
    after = ["2019-09", "2019-10"]
    (silent,) = [
        known
        for known in crossed_breaks(after, places=["Greater Manchester Police"])
        if known.place == "Greater Manchester Police"
    ]
    assert silent.until is None and "from 1 July 2019 on" in str(silent)
    assert silent not in crossed_breaks(["2019-05", "2019-06"])
    covid = [b for b in crossed_breaks(["2019-05", "2020-05"], places=["City of London Police"])
             if b.lasting]  # fmt: skip
    assert [b.name for b in covid] == ["COVID-19 restrictions"]
    assert not [b for b in crossed_breaks(["2019-05", "2021-08"]) if b.name == covid[0].name]
