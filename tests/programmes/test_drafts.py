"""From files nobody described, or from nothing, to a page; every guess is told."""

import json
import re
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from local_server import OpenGeography, PoliceUk, as_json, crime, square
from refusing import refused
from typer.testing import CliRunner

import hotspots as hs
from hotspots.cli.main import app
from hotspots.io.opendata import http as client_module
from hotspots.programmes.tasking.draft import draft_product
from hotspots.programmes.tasking.draft_inputs import sources_of_files

CODES = ["5D", "8N", "28E", "30C"]
HEAD = "Police - Recorded crime extract,,,,\nRun 02/04/2026 09:14,,,,\n"
COLUMNS = ["Crime Ref", "HOC Code", "Committed From", "Location Easting", "Location Northing"]


def rows(number=60):
    rng = np.random.default_rng(4)
    places = rng.integers(0, 3, number) * 700 + rng.integers(0, 60, number)
    return [
        [13_240_000 + at, CODES[at % 4], f"{at % 28 + 1:02d}/{at % 3 + 1:02d}/2025 04:05",
         416_000 + int(places[at]), 433_000 + int(places[-at])]
        for at in range(number)
    ]  # fmt: skip


@pytest.fixture
def mess(tmp_path):
    """Title lines, a word for unknown, a code in no list, a Total row."""
    lines = [",".join(map(str, row)) for row in rows()]
    lines[5] = "1,5D,03/02/2025 04:05,N/K,N/K"
    lines[6] = "2,125/09,03/02/2025 04:05,416000,433000"
    path = tmp_path / "crime.csv"
    path.write_text("\n".join([HEAD + ",".join(COLUMNS), *lines, "Total,60,,,"]) + "\n")
    return path


@pytest.fixture
def workbook(tmp_path):
    """A cover sheet, and a sheet a year below a title; words of its own."""
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active["A1"], book.active["A2"] = "ASB log", "Contact: the team"
    for year in (2024, 2025):
        sheet = book.create_sheet(str(year))
        sheet.append([f"Council ASB log {year}"])
        sheet.append(["Case", "Incident type", "Date reported", "E", "N"])
        for at, (case, _, _, x, y) in enumerate(rows()):
            word = ["Noise", "Dogs", "Dumping"][at % 3]
            sheet.append([case, word, f"{at % 28 + 1:02d}/03/{year}", x, y])
    book.save(tmp_path / "asb.xlsx")
    return tmp_path / "asb.xlsx"


def ran(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_a_realistic_mess_becomes_a_page_in_one_command(mess, tmp_path):
    said = ran("init", mess, "--out", tmp_path / "out")
    page = tmp_path / "out" / "product" / "map.html"
    assert page.exists() and f"Open {page}" in said
    assert "'125/09' (1 row)." in said and "study area" in said, "nothing is like a code"
    text = (tmp_path / "out" / "product.toml").read_text()
    assert "study-area.geojson" in text and "decide" in text
    product = hs.load_product(tmp_path / "out" / "product.toml")
    assert re.search(rf"# .*period is {product.period}", text)
    results = product.run()
    assert (results.record.read, results.record.accepted) == (61, 60)
    hull = results.incidents.geometry.dropna().union_all().convex_hull
    assert product.within.union_all().buffer(1).contains(hull)


def abroad(folder, longitude=-79.4, latitude=43.7, name="abroad.csv"):
    rng = np.random.default_rng(4)
    cells = (
        f"Noise,{at % 28 + 1:02d}/0{at % 3 + 1}/2025 04:05,{x:.5f},{y:.5f}"
        for at, (x, y) in enumerate(rng.normal((longitude, latitude), 0.02, (60, 2)))
    )
    path = folder / name
    path.write_text("\n".join(["Incident type,Date,Longitude,Latitude", *cells]) + "\n")
    return path


@pytest.mark.parametrize(
    ("longitude", "latitude", "system"),
    [(-79.4, 43.7, "EPSG:32617"), (151.2, -33.9, "EPSG:32756"), (-6.26, 53.35, "EPSG:2157")],
)
def test_places_abroad_are_measured_where_they_lie_and_that_is_told(
    longitude, latitude, system, tmp_path
):
    draft = draft_product([abroad(tmp_path, longitude, latitude)], tmp_path / "out")
    assert hs.load_product(draft.product).within.crs == system
    assert draft.check.content["rows"] == {
        "read": 60, "accepted": 60, "rejected": 0, "unlocated": 0
    }  # fmt: skip
    assert sum(system in note for note in draft.notes) == 1
    assert sum("`timezone`" in note for note in draft.notes) == 1


def test_what_was_named_is_not_guessed(tmp_path):
    ran(
        "init", abroad(tmp_path), "--crs", "EPSG:2958", "--timezone", "America/Toronto",
        "--out", tmp_path / "out",
    )  # fmt: skip
    product = hs.load_product(tmp_path / "out" / "product.toml")
    assert product.within.crs == "EPSG:2958"
    assert str(product.run().incidents["occurred_from"].dt.tz) == "America/Toronto"
    text = (tmp_path / "out" / "product.toml").read_text(encoding="utf-8")
    assert "London" not in text and "EPSG:326" not in text


def test_metres_of_another_country_are_told_and_can_be_named(workbook, tmp_path):
    told = "metres of the National Grid"
    assert sum(told in note for note in draft_product([workbook], tmp_path / "a").notes) == 1
    draft = draft_product([workbook], tmp_path / "b", crs="EPSG:32630", timezone="Africa/Abidjan")
    assert not any(told in note for note in draft.notes)
    assert draft.check.content["where"]["north"] < 5


def test_a_few_strays_abroad_take_no_product_with_them(tmp_path):
    path = abroad(tmp_path, -1.55, 53.8)
    cells = path.read_text().splitlines()
    paris = [
        f"{row.rsplit(',', 2)[0]},2.35{at:02d},48.8{at:02d}" for at, row in enumerate(cells[1:26])
    ]
    path.write_text("\n".join([*cells, *paris]) + "\n")
    draft = draft_product([path], tmp_path / "out")
    assert hs.load_product(draft.product).within.crs == "EPSG:27700"


def test_two_parts_of_the_world_are_no_one_product(tmp_path):
    files = [abroad(tmp_path), abroad(tmp_path, 2.35, 48.86, "paris.csv")]
    with pytest.raises(hs.DataError):
        draft_product(files, tmp_path / "out")


def test_the_sections_of_a_pack_are_one_sign_away(mess, tmp_path):
    file = draft_product([mess], tmp_path).product
    text = file.read_text(encoding="utf-8").replace("2025-01/2025-03", "2025-02/2025-03")
    file.write_text(text.replace("2025-02/2025-03", "2025-01/2025-02"), encoding="utf-8")
    hs.load_product(file).run().write(tmp_path / "last-month")
    file.write_text(re.sub(r"(?m)^#(?=[\[a-z])", "", text), encoding="utf-8")
    pack = hs.load_product(file)
    assert pack.previous is not None
    offered = re.findall(r"(?m)^#\[(\w+)\]$", text)
    assert [one.key for one in pack.run().sections] == offered
    assert offered == ["patrols", "when", "new", "repeats"]


def test_a_workbook_with_words_of_its_own_becomes_one_theme_to_be_sorted(workbook, tmp_path):
    draft = draft_product([workbook], tmp_path / "out")
    results = hs.load_product(draft.product).run()
    assert results.record.accepted == 120 and list(results.cells) == ["incidents"]
    words = (tmp_path / "out" / "asb-themes.toml").read_text()
    assert all(f'"{word}"' in words for word in ("Noise", "Dogs", "Dumping"))
    assert len([note for note in draft.notes if "asb-themes.toml" in note]) == 1
    assert any(finding.rule == "sheet-left-out" for finding in results.record.findings)


def test_words_of_one_file_of_several_are_a_theme_of_that_file_and_leeds_needs_no_network(
    mess, workbook, tmp_path
):
    draft = draft_product([mess, workbook], tmp_path / "out", within="Leeds")
    (theme,) = hs.Themes.from_toml(tmp_path / "out" / "asb-themes.toml")
    assert (theme.name, theme.label) == ("incidents_asb", "all incidents of asb")
    assert hs.load_product(draft.product).within["zone_name"].tolist() == ["Leeds"]


def test_words_that_look_sensitive_stay_off_the_first_page(tmp_path):
    words = dict(zip(CODES, ["Noise", "Rape of an adult", "Dogs", "Forced marriage"], strict=True))
    lines = [f"{row[0]},{words[row[1]]},{row[2]},{row[3]},{row[4]}" for row in rows()]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["Ref,Offence,Reported,Easting,Northing", *lines]) + "\n")
    results = hs.load_product(draft_product([path], tmp_path / "out").product).run()
    left_out = next(one for one in results.record.findings if one.rule == "sensitive-left-out")
    assert left_out.rows == 30
    assert any("guessed by their words" in str(one) for one in results.record.caveats)


def test_incidents_flagged_as_domestic_stay_off_the_first_page(tmp_path):
    words = dict(zip(CODES, ["Noise", "Parties", "Dogs", "Dumping"], strict=True))
    lines = [
        f"{row[0]},{words[row[1]]},{row[2]},{row[3]},{row[4]},{'NY'[at < 9]}"
        for at, row in enumerate(rows())
    ]
    path = tmp_path / "log.csv"
    head = "Ref,Offence,Reported,Easting,Northing,Domestic"
    path.write_text("\n".join([head, *lines]) + "\n")
    results = hs.load_product(draft_product([path], tmp_path / "out").product).run()
    (left_out,) = (one for one in results.record.findings if one.rule == "sensitive-left-out")
    assert left_out.rows == 9


def test_files_without_offences_are_one_theme_and_say_so(tmp_path):
    lines = [f"{row[0]},{row[2]},{row[3]},{row[4]}" for row in rows()]
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(["Ref,Reported,Easting,Northing", *lines]) + "\n")
    draft = draft_product([path], tmp_path / "out")
    results = hs.load_product(draft.product).run()
    assert results.record.accepted == 60 and list(results.cells) == ["incidents"]
    assert len([note for note in draft.notes if "offences" in note and "calls" in note]) == 1


@pytest.mark.parametrize(("grid", "precision"), [(1, "exact"), (100, "snapped")])
def test_how_exact_places_may_be_is_told_as_they_look(tmp_path, grid, precision):
    lines = [
        [*row[:3], row[3] // grid * grid, (row[4] + 100 * at) // grid * grid]
        for at, row in enumerate(rows())
    ]
    draft = draft_product([csv_of(lines, tmp_path / "fire\x7f.csv")], tmp_path / "out")
    assert hs.load_product(draft.product).sources, "a comment holds no sign that TOML forbids"
    (said,) = (tmp_path / "out").glob("*-fields.toml")
    fields = hs.FieldMap.from_toml(said)
    assert (fields.location_precision == "snapped") == (precision == "snapped")
    assert [f'"{precision}"' in note for note in draft.notes if "location_precision" in note] == [
        True
    ]


def test_corrections_are_never_written_over(mess, tmp_path):
    first = draft_product([mess], tmp_path / "out")
    with refused("draft-exists"):
        draft_product([mess], tmp_path / "out")
    fields = tmp_path / "out" / "crime-fields.toml"
    corrected = fields.read_text() + 'missing = ["N/K"]\n'
    fields.write_text(corrected)
    first.product.unlink()
    draft_product([mess], tmp_path / "out")
    assert fields.read_text() == corrected


def test_a_named_area_is_taken_and_the_proposal_is_the_same_for_the_same_files(mess, tmp_path):
    city = gpd.GeoDataFrame(
        {"zone_id": ["x"], "zone_name": ["Bradford"]},
        geometry=gpd.points_from_xy([416_700], [433_700], crs="EPSG:27700").buffer(3_000),
    )
    city.to_file(tmp_path / "city.gpkg")
    one, other = (
        draft_product([mess], tmp_path / name, within=tmp_path / "city.gpkg") for name in "ab"
    )
    assert one.product.read_bytes() == other.product.read_bytes()
    product = hs.load_product(one.product)
    assert product.place == "Bradford" and len(product.within) == 1


def test_a_file_whose_columns_cannot_be_found_gets_a_map_to_fill_in(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("a,b\nred,blue\ngreen,white\n")
    with refused("nothing-to-load", "odd-fields.toml", kind=hs.DataError):
        draft_product([path], tmp_path / "out")
    assert "easting" in (tmp_path / "out" / "odd-fields.toml").read_text()


def test_a_file_without_a_header_gets_no_map_to_fill_in(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("".join(f"{','.join(map(str, row))}\n" for row in rows()))
    with refused("nothing-to-load", "header:", kind=hs.DataError):
        draft_product([path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_district_is_fetched_analysed_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "TokenBucket", lambda: SimpleNamespace(take=lambda: None))
    police, geography = PoliceUk(), OpenGeography()
    try:
        police.months = ["2024-11", "2024-12", "2025-01", "2025-02"]
        for at, month in enumerate(police.months):
            police.crimes[month] = [
                crime(100 * at + n, -1.755 + 0.0001 * n, 53.795, month) for n in range(20)
            ]
            police.unplaced["west-yorkshire", month] = []
        police.routes["/api/locate-neighbourhood"] = lambda *_: as_json({"force": "west-yorkshire"})
        police.routes["/api/forces/west-yorkshire"] = lambda *_: as_json(
            {"name": "West Yorkshire Police"}
        )
        geography.layer(
            "LAD_MAY_2025_UK_BUC", [{"LAD25CD": "E08000032", "LAD25NM": "Bradford"}],
            [square(-1.76, 53.79, 0.02)],
        )  # fmt: skip
        geography.layer(
            "WD_MAY_2025_UK_BSC_V2",
            [{"WD25CD": "E05000001", "WD25NM": "City", "LAD25CD": "E08000032"}],
            [square(-1.76, 53.79, 0.02)],
        )
        said = ran(
            "place", "Bradford", "--months", 3, "--out", tmp_path / "out",
            "--cache", tmp_path / "cache", "--police-url", police.url,
            "--boundaries-url", geography.url,
        )  # fmt: skip
    finally:
        police.close()
        geography.close()
    product = hs.load_product(tmp_path / "out" / "product.toml")
    assert (product.place, product.period) == ("Bradford", "2024-12/2025-02")
    assert product.police_force == ("West Yorkshire Police",) and len(product.zones) == 1
    assert (tmp_path / "out" / "product" / "map.html").exists()
    told = json.loads((tmp_path / "out" / "product" / "manifest.json").read_text("utf-8"))
    assert told["rows"]["accepted"] == 60 and "60 located" in said


def csv_of(lines, path):
    path.write_text("\n".join([",".join(COLUMNS), *(",".join(map(str, row)) for row in lines)]))
    return path


def drafted(lines, folder, **settings):
    """Results of a proposed product, with more settings of its source."""
    draft = draft_product([csv_of(lines, folder / "crime.csv")], folder / "out")
    said = "".join(f"{name} = {value}\n" for name, value in settings.items())
    text = draft.product.read_text().replace("[[incidents]]\n", f"[[incidents]]\n{said}")
    draft.product.write_text(text)
    return hs.load_product(draft.product).run()


BANNER = '</h2><p class="note absent"><bdi>crime.csv: '


@pytest.mark.parametrize(
    ("column", "value", "lost", "loud"),
    [
        (2, "soon", 6, "10% of the rows could not be used"),
        (1, "125/09", 6, "10% of the rows carry an offence that is in no list"),
        (2, "soon", 3, None),
    ],
)
def test_from_a_twentieth_on_losses_stand_beside_the_headline(tmp_path, column, value, lost, loud):
    lines = rows()
    for at in range(lost):
        lines[at * 7][column] = value
    results = drafted(lines, tmp_path)
    page, *_ = results.write(tmp_path / "product")
    html = page.read_text(encoding="utf-8")
    assert (BANNER in html) == (loud is not None) and (loud or "") in html
    again = ran("map", tmp_path / "product" / "hotspots.gpkg", "--out", tmp_path / "again.html")
    assert again and (BANNER in (tmp_path / "again.html").read_text("utf-8")) == bool(loud)


def test_of_words_of_ones_own_those_that_a_list_holds_are_not_said_to_be_in_none(tmp_path):
    words = ["Noise nuisance", "Burglary", "Gnome theft"]
    lines = [[row[0], words[at % 3], *row[2:]] for at, row in enumerate(rows())]
    draft = draft_product([csv_of(lines, tmp_path / "crime.csv")], tmp_path / "out")
    (said,) = [note for note in draft.notes if note.startswith("offences in no list")]
    assert "'Noise nuisance'" in said and "'Gnome theft'" in said and "'Burglary' (" not in said


def test_losses_are_said_on_the_screen_before_the_sentences(tmp_path):
    lines = [[*row[:2], "soon", *row[3:]] if at % 10 == 0 else row for at, row in enumerate(rows())]
    said = ran("init", csv_of(lines, tmp_path / "crime.csv"), "--out", tmp_path / "out")
    loud = re.search(r"NOTE WELL: crime\.csv: 10%", said)
    assert loud and 0 < loud.start() < said.index("located incidents")


def test_a_source_of_a_product_says_what_one_incident_is(tmp_path):
    lines = [*rows(), *rows()[:10]]
    results = drafted(lines, tmp_path, one_incident_is='"reference"')
    assert len(results.incidents) == 60


def test_manifest_and_workbook_say_where_and_when_and_a_partner_is_not_told(tmp_path):
    results = drafted(rows(), tmp_path)
    *files, manifest = results.write(tmp_path / "product")
    (book,) = (file for file in files if file.suffix == ".xlsx")
    said = json.loads(manifest.read_text(encoding="utf-8"))
    assert set(said["where"]["grid_squares"]) == {"SE13"} and said["where"]["within"] == 1
    everything = [one for one in said["coverage"] if one["theme"] == "all"]
    assert sum(one["rows"] for one in everything) == 60
    held = hs.coverage(results.incidents, results.record, within=results.product.within)
    assert [one["rows"] for one in said["coverage"]] == held["rows"].tolist()
    sheet = openpyxl.load_workbook(book)["Where and when"]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any("SE13 100%" in text for text in texts) and "2025-01" in texts
    partner = hs.release(results.cells.values(), record=results.record.copy(audience="partner"))
    assert not {"where", "coverage"} & set(partner.record.manifest())


def test_a_file_with_none_of_the_usual_themes_is_drawn_as_one_theme_of_everything(tmp_path):
    rows = "".join(f"{1 + n % 28:02}/07/2025,{429_700 + n},433800,Burglary\n" for n in range(40))
    (tmp_path / "log.csv").write_text("Date,Easting,Northing,Crime type\n" + rows)
    draft = draft_product([tmp_path / "log.csv"], tmp_path / "out")
    assert len([note for note in draft.notes if "log-themes.toml" in note]) == 1
    results = hs.load_product(draft.product).run()
    assert [status.state for status in results.record.themes.values()] == ["measured"]


def test_rows_that_stand_for_several_incidents_are_told_among_what_was_decided(tmp_path):
    lines = [",".join([*map(str, row), str(1 + at % 3)]) for at, row in enumerate(rows(12))]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join([",".join([*COLUMNS, "Number of crimes"]), *lines]))
    ((source,), left_out) = sources_of_files([path], hs.check_incidents(path), None)
    assert not left_out and "'Number of crimes'" in source.notes[0]
