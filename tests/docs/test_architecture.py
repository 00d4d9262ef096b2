"""The house as it is drawn is the house as it is built; the row walks where the page says."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest

import hotspots as hs
from hotspots.demo.town.town import synthetic_town

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hotspots"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\| `([\w/]+\.py)` \| `([\w.]+)` \|", PAGE, re.MULTILINE)
LINE = 7005


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def drawn():
    """Storeys from the top: the rooms between two arrows."""
    storeys = re.split(r"\n\s*↓\s*\n", blocks("text")[0])
    return [set(re.findall(r"^  (\w+)", storey, re.MULTILINE)) for storey in storeys]


def rooms():
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_every_room_is_drawn_and_every_drawn_room_exists():
    assert set.union(*drawn()) == rooms()
    assert len(rooms()) == 10


def test_the_contract_has_the_storeys_of_the_drawing():
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (contract,) = tool["importlinter"]["contracts"]
    assert contract["exhaustive"]
    layers = [set(re.split(r" \| ", layer)) for layer in contract["layers"]]
    assert layers == [{"__main__"}, *drawn()]


def test_every_function_of_the_chain_is_on_the_front_door():
    named = re.findall(r"[a-z]+(?:_[a-z]+)+|select|release", blocks("text")[1])
    assert len(named) == 16
    assert set(named) <= set(hs.__all__)


@pytest.mark.parametrize(("path", "name"), STEPS, ids=lambda part: part)
def test_every_step_of_the_row_is_a_function_of_its_file(path, name):
    assert name in set(functions(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))))


def functions(tree, inside=""):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield inside + node.name
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{inside}{node.name}.")


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The code of the page run on Saltmere: its names, and every call of a function it lists."""
    folder = tmp_path_factory.mktemp("walk")
    town = synthetic_town(seed=1, incidents=12_000)
    town.write(folder / "hotspots-demo" / "saltmere" / "inputs")
    names, calls = {"folder": folder}, []
    wanted = {(str(PACKAGE / path), name): (path, name) for path, name in STEPS}

    def note(frame, event, _):
        code = frame.f_code
        step = wanted.get((code.co_filename, code.co_qualname)) if event == "call" else None
        if step:
            calls.append(step)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            exec(compile(*blocks("python"), "docs/architecture.md", "exec"), names)
        finally:
            sys.setprofile(before)
    return names | {"calls": calls}


def test_the_row_passes_the_functions_in_the_order_of_the_page(walk):
    assert len(STEPS) > 30
    assert set(STEPS) == set(walk["calls"])
    calls = iter(walk["calls"])
    late = [step for step in STEPS if step not in calls]
    assert not late, "not called after the step before it"


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_the_row_is_what_the_page_says_at_every_stage(walk):
    police = walk["folder"] / walk["inputs"] / "incidents" / "police.csv"
    assert police.read_text(encoding="utf-8").splitlines()[LINE - 1] == blocks("text")[2].strip()
    row, asb = walk["incidents"].loc[f"police.csv:{LINE}"], walk["asb"]
    area = asb.rows.loc[row.name, "area_id"]
    cell, shown = walk["cells"].loc[area], walk["released"].areas[0].loc[area]
    alike = (walk["released"].areas[0]["rank"] == shown["rank"]).sum() - 1
    assert row["theme_asb"] and row["harm"] != row["harm"] and alike == 3
    assert cell["is_hotspot"] and shown["shown"] == "rounded"
    for words in (
        f"one of {len(asb.rows):,} rows of {len(walk['incidents']):,}",
        f"`{area}` is its `area_id`",
        f"one of {cell['incident_count']} incidents of its cell",
        f"among {cell['n_tested']:,} cells tested",
        f"called {cell['place_name']}, {cell['ward_name']} |",
        f"rank {cell['rank']} |",
        f"interval of the rank: {cell['rank_low']:.0f} to {cell['rank_high']:.0f}",
        f"{cell['incident_count']} is shown as {shown['incident_count']:.0f}: a partner can "
        f"conclude {shown['shown_low']} to {shown['shown_high']}",
        f"rank {shown['rank']}, with three others shown as {shown['incident_count']:.0f}",
        f"the number {shown['incident_count']:.0f} in a cell",
    ):
        assert words in PAGE
    assert written(walk["folder"] / "tables.xlsx", area) == shown["incident_count"]


def written(path, area):
    """The count of an area in its theme's sheet of the workbook."""
    sheet = openpyxl.load_workbook(path)["Anti-social behaviour"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    (row,) = [row for row in rows if area in row]
    (head,) = [row for row in rows if "Place" in row]
    return row[head.index("Incidents")]
