"""A newcomer types exactly the steps of docs/your-own-data.md, with a dirty file of their own."""

import json
import re
import shlex
from pathlib import Path

import pytest

from hotspots.demo.town.town import synthetic_town

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your-own-data.md"
BAD_ROWS = (
    "dirty-1,008/06,430000,999999999,01/05/2025,10:00,,,Nowhere,N",
    "dirty-2,ASB nuisance,0,0,01/05/2025,10:00,,,Zero Street,N",
    "dirty-3,ASB nuisance,485646.6,581174.7,2025-13-45,10:00,,,Bad Date Road,N",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    town_folder = tmp_path_factory.mktemp("town")
    synthetic_town(incidents=2_000).write(town_folder)
    work = tmp_path_factory.mktemp("work")
    clean = (town_folder / "incidents" / "police.csv").read_text(encoding="utf-8")
    dirty = clean.rstrip("\n") + "\n" + "\n".join(BAD_ROWS) + "\n"
    (work / "my-incidents.csv").write_text("\ufeff" + dirty, encoding="utf-8")
    (work / "my-area.geojson").write_bytes(
        (town_folder / "zones" / "district.geojson").read_bytes()
    )
    return work


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def typed(folder, typed_in):
    """Type a line of the page in the folder."""

    def run(line):
        name, *words = shlex.split(line)
        assert name == "hotspots"
        return typed_in(folder, *words)

    return run


def test_the_steps_of_the_page_lead_to_a_map(folder, typed):
    begin, look, make = (block.strip() for block in blocks("sh"))
    assert begin.startswith("hotspots init my-incidents.csv")
    code, out, _ = typed(look)
    assert code == 1, "a row is bad, and the exit code says so"
    for row in range(len(BAD_ROWS)):
        assert f"my-incidents.csv:{_line(folder, row)}" in out
    assert (folder / "my-fields.toml").exists()

    (settings,) = blocks("toml")
    (folder / "my-product.toml").write_text(settings, encoding="utf-8")
    code, _, complained = typed(make)
    assert code == 0, complained
    manifest = json.loads((folder / "my-folder" / "manifest.json").read_text(encoding="utf-8"))
    rows = manifest["rows"]
    assert rows["read"] == rows["accepted"] + rows["rejected"]
    assert rows["rejected"] == 1, "the two with a bad place stay incidents"
    assert "<html" in (folder / "my-folder" / "map.html").read_text(encoding="utf-8")


def _line(folder, row):
    lines = (folder / "my-incidents.csv").read_text(encoding="utf-8").splitlines()
    return 1 + next(n for n, line in enumerate(lines) if line.startswith(f"dirty-{row + 1},"))
