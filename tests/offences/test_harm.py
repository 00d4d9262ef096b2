"""Harm: laws of weighing, the bundled scales' known answers, the Cambridge workbook's shape."""

from __future__ import annotations

import math
import os
import pickle
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import in_areas
from hypothesis import given
from hypothesis import strategies as st
from refusing import refused
from tables import incidents_at, shuffled

from hotspots.analysis.ranking import rank_sensitivity
from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, InputError
from hotspots.core.record import RunRecord
from hotspots.offences.codes import POLICE_UK_TYPES, normalise_offence
from hotspots.offences.harm_scale import CAMBRIDGE, HarmScale, Weight
from hotspots.offences.weigh_harm import weigh_harm

WEST_YORKSHIRE = "ons-css-police-uk-west-yorkshire"
HARM = ["harm", "harm_low", "harm_high"]


def shared_data() -> Path:
    named = os.environ.get("HOTSPOTS_SHARED_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data are not here; set HOTSPOTS_SHARED_DATA to run this test")
    return folder


def police_uk(offences: list[str]) -> gpd.GeoDataFrame:
    return incidents_at([(0, 0)] * len(offences), offence=offences)


def scale_of(*weights: tuple[str, float, float, float]) -> HarmScale:
    return HarmScale(
        name="mine",
        title="Mine",
        edition="1",
        unit="points",
        source="made by hand",
        licence="",
        offence_scheme="police_uk",
        weights=tuple(Weight(*row) for row in weights),
        unweighted=("Anti-social behaviour",),
        caveat="Made up.",
    )


def test_there_are_two_bundled_scales() -> None:
    assert HarmScale.bundled_names() == ["ons-css", WEST_YORKSHIRE]


@pytest.mark.parametrize(
    ("offence", "weight"),
    [
        ("Robbery", 799.6),
        ("Burglary", 386.2),
        ("Violence and sexual offences", 266.8),
        ("Drugs", 179.4),
        ("Possession of weapons", 130.7),
        ("Other crime", 109.6),
        ("Theft from the person", 80.4),
        ("Vehicle crime", 48.0),
        ("Other theft", 47.4),
        ("Criminal damage and arson", 19.6),
        ("Public order", 18.7),
        ("Bicycle theft", 15.2),
        ("Shoplifting", 11.9),
    ],
)
def test_west_yorkshire_weights_are_the_published_ones(offence: str, weight: float) -> None:
    weighed = weigh_harm(police_uk([offence]), HarmScale.bundled(WEST_YORKSHIRE))
    assert weighed["harm"].tolist() == [weight]


def test_violence_without_the_sexual_offences_is_the_low_end_of_its_range() -> None:
    weighed = weigh_harm(
        police_uk(["Violence and sexual offences"]), HarmScale.bundled(WEST_YORKSHIRE)
    )
    assert weighed["harm_low"].tolist() == [139.9]


def test_the_ons_scale_knows_134_codes_and_the_bundled_scale_is_their_average() -> None:
    """The published average is checked again from the counts, offence by offence."""
    codes = HarmScale.bundled("ons-css")
    assert len(codes.weights) == 134
    counts = pd.read_csv(
        shared_data() / "weights" / "recorded_crime_by_force_offence_2017-18.csv.gz"
    )
    counts = counts[counts["Force_Name"] == "West Yorkshire"]
    rows = gpd.GeoDataFrame(
        {"offence": counts["Offence_Code"].astype(str), "offence_scheme": "home_office"},
        geometry=gpd.GeoSeries([None] * len(counts), crs="EPSG:27700"),
    )
    known = rows["offence"].map(lambda code: codes.find(normalise_offence(code, "home_office")))
    counts, rows = counts[known.notna()], rows[known.notna()]
    counts = counts.assign(harm=weigh_harm(rows, codes)["harm"])
    counts["type"] = counts["Policeuk_Cat"].map(lambda name: normalise_offence(name, "police_uk"))
    total = (counts["harm"] * counts["Number_of_Offences"]).groupby(counts["type"]).sum()
    average = total / counts.groupby("type")["Number_of_Offences"].sum()
    table = HarmScale.bundled(WEST_YORKSHIRE).table["weight"]
    for offence in ("Robbery", "Burglary", "Violence and sexual offences", "Drugs"):
        assert round(average[offence], 1) == table[offence]
    sexual = counts["Offence_Group"].eq("Sexual offences")
    rest = counts[(counts["type"] == "Violence and sexual offences") & ~sexual]
    without = (rest["harm"] * rest["Number_of_Offences"]).sum() / rest["Number_of_Offences"].sum()
    assert round(without, 1) == 139.9


def test_low_is_at_most_harm_and_harm_is_at_most_high_for_every_bundled_weight() -> None:
    for name in HarmScale.bundled_names():
        table = HarmScale.bundled(name).table
        assert (table["weight_low"] <= table["weight"]).all()
        assert (table["weight"] <= table["weight_high"]).all()
        assert (table["weight_low"] >= 0).all()


def test_every_police_uk_type_is_weighed_or_known_to_have_no_weight() -> None:
    weighed = weigh_harm(
        police_uk(list(POLICE_UK_TYPES.values())), HarmScale.bundled(WEST_YORKSHIRE)
    )
    missing = weighed.loc[weighed["harm"].isna(), "offence"].tolist()
    assert missing == ["Anti-social behaviour"]


def test_asb_has_a_missing_harm_and_never_zero_whatever_the_default_or_the_transform() -> None:
    scale = HarmScale.bundled(WEST_YORKSHIRE)
    for choices in ({}, {"default": 5.0}, {"transform": "log1p"}, {"transform": "cap", "cap": 1.0}):
        weighed = weigh_harm(police_uk(["Anti-social behaviour"]), scale, **choices)
        assert weighed[HARM].isna().all(axis=None)


def test_home_office_codes_of_a_class_weigh_what_the_class_weighs() -> None:
    scale = HarmScale.bundled("ons-css")
    codes = ["8N", "008/06", "8/6", "34B", "034/02", "ASB nuisance", "1"]
    rows = incidents_at([(0, 0)] * 7, offence=codes, offence_scheme="home_office")
    harm = weigh_harm(rows, scale)["harm"].tolist()
    assert harm[:3] == [189.1539] * 3 and harm[3:5] == [799.6289] * 2
    assert math.isnan(harm[5]) and harm[6] == 7973.3934


def test_a_code_whose_possible_classes_weigh_differently_is_an_error_and_not_a_guess() -> None:
    rows = incidents_at([(0, 0)], offence=["008/27"], offence_scheme="home_office")
    with refused("offence-without-weight", "008/27", kind=DataError):
        weigh_harm(rows, HarmScale.bundled("ons-css"))


def test_unknown_offences_are_one_error_that_names_each_with_its_count() -> None:
    rows = police_uk(["Robbery", "Wizardry", "Wizardry", "Alchemy"])
    each = ("'Wizardry' (police_uk) 2 ", "'Alchemy' (police_uk) 1 ")
    with refused("offence-without-weight", *each, kind=DataError) as error:
        weigh_harm(rows, HarmScale.bundled(WEST_YORKSHIRE))
    (found,) = error.value.findings
    assert (found.column, found.rows) == ("offence", 3)


def test_a_default_weighs_the_unknown_and_the_page_is_told_how_many() -> None:
    record = RunRecord("test", marking="TEST")
    rows = police_uk(["Robbery", "Wizardry"])
    weighed = weigh_harm(rows, HarmScale.bundled(WEST_YORKSHIRE), default=7, record=record)
    assert weighed["harm"].tolist() == [799.6, 7.0]
    told = Caveat("default-weight", {"incidents": 1, "weight": 7}, counts_incidents=True)
    assert told in record.caveats


def test_a_scale_of_another_scheme_is_refused_offence_by_offence() -> None:
    with refused("offence-without-weight", "'Robbery'", "1 time", kind=DataError):
        weigh_harm(police_uk(["Robbery"]), HarmScale.bundled("ons-css"))


OFFENCES = st.lists(st.sampled_from(list(POLICE_UK_TYPES.values())), max_size=30)


@given(OFFENCES, st.sampled_from(["none", "sqrt", "log1p", "cap"]))
def test_transforms_keep_low_harm_high_in_order_and_the_order_of_offences(
    offences: list[str], transform: str
) -> None:
    scale, rows = HarmScale.bundled(WEST_YORKSHIRE), police_uk(offences)
    cap = 100.0 if transform == "cap" else None
    plain = weigh_harm(rows, scale)
    weighed = weigh_harm(rows, scale, transform=transform, cap=cap)
    known = weighed["harm"].notna().to_numpy()
    low, harm, high = (
        weighed[column].to_numpy()[known] for column in ("harm_low", "harm", "harm_high")
    )
    assert (low >= 0).all() and (low <= harm).all() and (harm <= high).all()
    order = np.argsort(plain["harm"].to_numpy()[known], kind="stable")
    assert (np.diff(harm[order]) >= 0).all()


def test_transforms_are_the_named_functions_of_the_weight() -> None:
    scale, rows = HarmScale.bundled(WEST_YORKSHIRE), police_uk(["Robbery"])
    assert weigh_harm(rows, scale, transform="sqrt")["harm"].tolist() == [math.sqrt(799.6)]
    assert weigh_harm(rows, scale, transform="log1p")["harm"].tolist() == [math.log1p(799.6)]
    assert weigh_harm(rows, scale, transform="cap", cap=300)["harm"].tolist() == [300.0]
    names = [
        weigh_harm(rows, scale, **choices)["harm_scale"].iloc[0]
        for choices in ({}, {"transform": "sqrt"}, {"transform": "cap", "cap": 300})
    ]
    assert names == [WEST_YORKSHIRE, f"{WEST_YORKSHIRE} (sqrt)", f"{WEST_YORKSHIRE} (cap 300)"]


@pytest.mark.parametrize(
    "choices",
    [
        {"transform": "cube"},
        {"transform": "cap"},
        {"cap": 3.0},
        {"transform": "cap", "cap": 0.0},
        {"default": -1.0},
        {"default": float("nan")},
    ],
)
def test_choices_that_make_no_sense_are_refused(choices: dict[str, object]) -> None:
    with pytest.raises(InputError):
        weigh_harm(police_uk(["Robbery"]), HarmScale.bundled(WEST_YORKSHIRE), **choices)


def test_order_labels_and_extra_columns_change_nothing_and_the_input_is_untouched() -> None:
    scale = HarmScale.bundled(WEST_YORKSHIRE)
    rows = police_uk(["Robbery", "Anti-social behaviour", "Drugs", "Robbery"])
    before = rows.copy(deep=True)
    weighed = weigh_harm(rows, scale)
    pd.testing.assert_frame_equal(rows, before)
    assert weighed.index.equals(rows.index)
    other = weigh_harm(shuffled(rows), scale)
    assert other.groupby("offence")["harm"].sum().equals(weighed.groupby("offence")["harm"].sum())
    assert other["nobody_asked"].eq("still here").all()


def test_an_empty_table_gets_its_columns() -> None:
    weighed = weigh_harm(police_uk([]), HarmScale.bundled(WEST_YORKSHIRE))
    assert {*HARM, "harm_scale"} <= set(weighed.columns) and len(weighed) == 0
    assert weighed["harm"].dtype == float


def test_the_record_names_scale_edition_unit_and_carries_attribution_and_caveat() -> None:
    record = RunRecord("test", marking="TEST")
    scale = HarmScale.bundled(WEST_YORKSHIRE)
    weigh_harm(police_uk(["Robbery"]), scale, record=record)
    (choice,) = record.choices["weigh_harm"]
    assert choice["harm_scale"] == WEST_YORKSHIRE and choice["transform"] == "none"
    assert choice["edition"] == scale.edition and choice["unit"] == scale.unit
    assert scale.caveat in record.caveat_texts
    assert any("Open Government Licence v3.0" in text for text in record.attributions)


def test_a_scale_survives_pickling() -> None:
    scale = HarmScale.bundled(WEST_YORKSHIRE)
    assert pickle.loads(pickle.dumps(scale)) == scale


def test_a_scale_of_ones_own_is_read_from_csv(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "offence,weight,weight_low,weight_high\n"
        "Robbery,10,5,20\nAnti-social behaviour,,,\nDrugs,1,,\n",
        encoding="utf-8-sig",
    )
    about = {"name": "mine", "edition": "1", "unit": "points", "source": "us"}
    scale = HarmScale.from_csv(file, offence_scheme="police_uk", **about)
    scale = scale.with_unweighted("Public order")
    rows = police_uk(["robbery", "Anti-social behaviour", "Drugs", "Public order"])
    weighed = weigh_harm(rows, scale)
    assert weighed["harm"].fillna(-1).tolist() == [10, -1, 1, -1]
    assert weighed["harm_low"].fillna(-1).tolist() == [5, -1, 1, -1]
    assert weighed["harm_high"].fillna(-1).tolist() == [20, -1, 1, -1]
    own = HarmScale.from_csv(file, offence_scheme="council", **about)
    own = own.with_weights({"DRUGS": 2.0}, name="other").with_unweighted("public  ORDER")
    rows["offence_scheme"] = "council"
    assert weigh_harm(rows, own)["harm"].fillna(-1).tolist() == [10, -1, 2, -1]
    assert "DRUGS" in own.table.index


@pytest.mark.parametrize(
    ("text", "rule", "got"),
    [
        ("offence,days\nRobbery,1\n", "data", "'weight'"),
        ("offence,weight\nRobbery,heavy\n", "weight-not-a-number", "mine.csv:2"),
        ("offence,weight\nRobbery,-1\n", "weight-out-of-order", "-1, -1, -1"),
        ("offence,weight\nRobbery,1\nrobbery,2\n", "offence-twice", "'robbery'"),
        ("offence,weight\nWizardry,1\n", "offence-not-in-scheme", "'Wizardry'"),
        (
            "offence,weight,weight_low,weight_high\nRobbery,5,6,7\n",
            "weight-out-of-order",
            "6, 5, 7",
        ),
        ("", "data", "CSV"),
    ],
)
def test_a_broken_scale_is_an_error_that_says_what_is_wrong(
    tmp_path: Path, text: str, rule: str, got: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(text, encoding="utf-8")
    about = {"name": "mine", "edition": "1", "unit": "points", "source": "us"}
    with refused(rule, got, kind=DataError):
        HarmScale.from_csv(file, offence_scheme="police_uk", **about)


def test_a_scale_that_does_not_say_what_it_is_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("offence,weight\nRobbery,1\n", encoding="utf-8")
    with refused("scale-says-too-little", "edition", kind=DataError):
        HarmScale.from_csv(file, offence_scheme="police_uk", name="mine")
    with refused("no-scheme", "offence_scheme", "'edition'", "'source'", file="mine.csv"):
        HarmScale.from_csv(file, name="mine")
    told = {"edition": "1", "unit": "points", "source": "us", "offence_scheme": "ours"}
    own = HarmScale.from_csv(file, name="mine", **told)
    assert own.attribution == "Harm weights: mine (1). us."
    with pytest.raises(InputError, match="colour"):
        HarmScale.from_csv(file, colour="red")


def test_an_unknown_bundled_scale_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="ons-css"):
        HarmScale.bundled("cambridge")


def cambridge_workbook(folder: Path, *, title_rows: int = 2) -> Path:
    """A made-up workbook in the shape of the official one; every number here is invented.

    008/06 has the rows 12 and 30 and 8N a third of 60, so 008/06 weighs 21 and 8N weighs 30.
    """
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["An invented index"])
    sheet = book.create_sheet("Values")
    for _ in range(title_rows):
        sheet.append(["Invented values"])
    sheet.append(
        ["OFFENCE", "CCHI Score", "HOME_OFFICE_CLASSIFICATION", "CLASSIFICATION_CODE", "GROUP"]
    )
    sheet.append(["a", 12, "008/06", "8N", "Violence"])
    sheet.append(["b", 30, "008/06", "8N", "Violence"])
    sheet.append(["c", 60, "008/01", "8N", "Violence"])
    sheet.append(["d", 700, "034/02", "34B", "Robbery"])
    sheet.append(["e", None, "046/01", "46", "Theft"])
    sheet.append(["f", 2, None, "NFIB", "Fraud"])
    path = folder / "cchi.xlsx"
    book.save(path)
    return path


def test_a_workbook_of_the_cambridge_shape_is_read(tmp_path: Path) -> None:
    scale = HarmScale.from_cambridge_workbook(cambridge_workbook(tmp_path), edition="February 2026")
    assert scale.name == "cambridge-chi-february-2026" and "days" in scale.unit
    codes = ["8/6", "8N", "008/01", "34B", "ASB nuisance"]
    rows = incidents_at([(0, 0)] * 5, offence=codes, offence_scheme="home_office")
    weighed = weigh_harm(rows, scale)
    assert weighed["harm"].fillna(-1).tolist() == [21, 30, 60, 700, -1]
    assert weighed["harm_low"].fillna(-1).tolist() == [12, 12, 60, 700, -1]
    assert weighed["harm_high"].fillna(-1).tolist() == [30, 60, 60, 700, -1]


def test_a_row_of_the_workbook_without_a_score_gives_no_weight(tmp_path: Path) -> None:
    scale = HarmScale.from_cambridge_workbook(cambridge_workbook(tmp_path), edition="2020")
    assert scale.find("046/01") is None and scale.find("46") is None


def test_entries_of_the_workbook_without_a_home_office_code_are_counted(tmp_path: Path) -> None:
    scale = HarmScale.from_cambridge_workbook(cambridge_workbook(tmp_path), edition="2020")
    told = scale.caveat.removeprefix(CAMBRIDGE["caveat"])
    assert told != scale.caveat and told.split()[0] == "1"


def test_a_workbook_of_another_shape_is_an_error(tmp_path: Path) -> None:
    path = cambridge_workbook(tmp_path)
    with pytest.raises(DataError, match="CCHI Score"):
        HarmScale.from_cambridge_workbook(path, edition="2020", sheet="Cover")
    with pytest.raises(DataError, match="sheet"):
        HarmScale.from_cambridge_workbook(path, edition="2020", sheet="Nowhere")
    with refused("argument", of="edition"):
        HarmScale.from_cambridge_workbook(path, edition=" ")
    (tmp_path / "text.xlsx").write_text("not a workbook", encoding="utf-8")
    with pytest.raises(DataError, match=r"text\.xlsx"):
        HarmScale.from_cambridge_workbook(tmp_path / "text.xlsx", edition="2020")


def test_no_cambridge_number_is_shipped() -> None:
    folder = Path(__file__).resolve().parents[2] / "hotspots" / "data" / "harm"
    texts = [path.read_text(encoding="utf-8").casefold() for path in folder.iterdir()]
    assert texts and not any("cambridge" in text or "cchi" in text for text in texts)


def test_ranks_by_several_scales_stand_side_by_side() -> None:
    """North has one robbery, south four shopliftings, east ASB only."""
    rows = police_uk(["Robbery", *["Shoplifting"] * 4, "Anti-social behaviour"])
    held = in_areas(rows, ["north", *["south"] * 4, "east"])
    even = scale_of(("Robbery", 3, 3, 3), ("Shoplifting", 1, 1, 1))
    ranks = rank_sensitivity(held, [HarmScale.bundled(WEST_YORKSHIRE), even])
    assert ranks.loc["north", "count"] == 2 and ranks.loc["south", "count"] == 1
    assert ranks.loc["north", WEST_YORKSHIRE] == 1 and ranks.loc["north", "mine"] == 2
    assert ranks.loc["east", [WEST_YORKSHIRE, "mine"]].isna().all()
    assert (ranks.loc["north", "rank_low"], ranks.loc["north", "rank_high"]) == (1, 2)


def test_rank_sensitivity_asks_for_scales_and_for_areas() -> None:
    rows = police_uk(["Robbery"])
    with refused("argument", of="scales"):
        rank_sensitivity(in_areas(rows, ["a"]), [])
    with refused("unassigned", of="incidents"):
        rank_sensitivity(rows, [HarmScale.bundled(WEST_YORKSHIRE)])
