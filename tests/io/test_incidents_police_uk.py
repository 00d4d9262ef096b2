"""The real Leeds months come in whole: every row counted, none lost, none invented."""

import gzip
import zipfile
from pathlib import Path

import pytest

from hotspots.core.data import bundled
from hotspots.core.record import RunRecord
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.meaning import tag_institutions
from hotspots.offences.harm_scale import HarmScale

KNOWN = {
    "2016-07": (27_176, 1_347, 7_429, 9_243, 12_500),
    "2017-07": (28_537, 1_541, 5_955, 9_671, 12_724),
    "2018-07": (31_635, 883, 5_442, 10_726, 13_603),
}


def new_record() -> RunRecord:
    return RunRecord("Test", marking="OPEN DATA - TEST", audience="public")


@pytest.fixture(scope="module")
def three_julys():
    record = new_record()
    return load_incidents(bundled("incidents"), record=record), record


def test_three_julys_are_87348_incidents_that_keep_the_contract(three_julys):
    incidents, record = three_julys
    require_table(incidents, INCIDENTS, argument="incidents")
    assert len(incidents) == record.read == record.accepted == 87_348
    assert record.rejected == 0 and not record.quarantine
    assert incidents.index.name == "incident_id" and incidents.index.is_unique


@pytest.mark.parametrize("month", KNOWN)
def test_known_answers_of_every_month_come_out(three_julys, month):
    incidents, record = three_julys
    rows, unlocated, blank, leeds, points = KNOWN[month]
    source = next(source for source in record.sources if source.name.startswith(month))
    own = incidents[incidents["source"] == source.name]
    assert (source.read, source.unlocated) == (rows, unlocated) == (
        len(own), own.geometry.isna().sum(),
    )  # fmt: skip
    assert source.facts["blank_reference"] == blank == own["reference"].isna().sum()
    assert (own["reference"].isna() == (own["offence"] == "Anti-social behaviour")).all()
    assert own["area_name"].str.startswith("Leeds ").sum() == leeds
    assert source.facts["distinct_points"] == points == own.geometry.dropna().to_wkb().nunique()
    assert source.facts["months"] == {month: rows}
    assert source.facts["published_record_by_record"] is True


def test_identical_asb_rows_are_separate_incidents(three_julys):
    incidents, _ = three_julys
    july = incidents[incidents["source"].str.startswith("2016-07")]
    looks = july.drop(columns=["source_row", "geometry"]).assign(wkb=july.geometry.to_wkb())
    repeats = july[looks.duplicated()]
    assert len(repeats) == 2_289
    assert set(repeats["offence"]) == {"Anti-social behaviour"}


def test_a_month_is_half_open_and_local(three_julys):
    incidents, _ = three_julys
    first = incidents.iloc[0]
    assert first["occurred_from"].isoformat() == "2016-07-01T00:00:00+01:00"
    assert first["occurred_until"].isoformat() == "2016-08-01T00:00:00+01:00"
    assert first["time_precision"] == "month"


def test_an_incident_id_leads_back_to_its_line(three_julys):
    incidents, _ = three_julys
    name, line = incidents.index[12_345].rsplit(":", 1)
    with gzip.open(bundled(f"incidents/{name}"), "rt", encoding="utf-8") as stream:
        text = stream.readlines()[int(line) - 1]
    row = incidents.iloc[12_345]
    assert row["reference"] in text and row["offence"] in text and row["place_name"] in text


def test_the_record_says_source_licence_and_limits(three_julys):
    _, record = three_julys
    assert list(record.attributions) == [
        "Contains public sector information licensed under the Open Government Licence v3.0. "
        "Source: data.police.uk",
        HarmScale.bundled("ons-css-police-uk-west-yorkshire").attribution,
    ]
    rules = {caveat.rule for caveat in record.caveats}
    assert {"snapped", "months", "police-uk-types", "blank-reference"} <= rules
    assert record.choices["load_incidents"][0]["crs"] == "EPSG:27700"


def test_a_plain_file_a_gzip_a_folder_and_an_archive_give_the_same_incidents(tmp_path: Path):
    packed = bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    lines = gzip.decompress(packed.read_bytes()).splitlines(keepends=True)[:500]
    name = "2018-07-west-yorkshire-street.csv"
    plain = tmp_path / "folder" / "2018-07" / name
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"".join(lines))
    squeezed = tmp_path / f"{name}.gz"
    squeezed.write_bytes(gzip.compress(b"".join(lines)))
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(plain, f"2018-07/{name}")
    one, two, three, four = (
        load_incidents(path) for path in (plain, squeezed, tmp_path / "folder", archive)
    )
    assert one.equals(three) and one.equals(four)
    assert (
        one.drop(columns="source")
        .reset_index(drop=True)
        .equals(two.drop(columns="source").reset_index(drop=True))
    )


def test_institutions_are_tagged_by_whole_name_and_counted(three_julys):
    incidents, _ = three_julys
    record = new_record()
    tagged = tag_institutions(incidents, record=record)
    assert "institutional" not in incidents.columns
    counts = tagged.loc[tagged["institutional"], "place_name"].value_counts().to_dict()
    assert counts == {"Hospital": 198, "Prison": 179, "Police Station": 107}
    assert record.choices["tag_institutions"][0]["total"] == 484
    courts = tagged[tagged["place_name"].fillna("").str.contains("Court|Hospital Road")]
    assert len(courts) > 500 and not courts["institutional"].any()
