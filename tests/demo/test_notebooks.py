"""Every notebook runs from top to bottom, as a newcomer would run it."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from hotspots.io.incidents.parse_file import parsed_once

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def files():
    """Several notebooks begin with the same months of Leeds: each file is parsed once."""
    with parsed_once():
        yield


@pytest.fixture
def shell(files, monkeypatch, tmp_path):
    """What a notebook's cells run in, new each time; a kernel of its own only costs time."""
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("agg")
    shell = InteractiveShell()
    shell.display_formatter.active_types = shell.display_formatter.format_types
    yield shell
    shell.user_ns.clear()  # a reset would look for circles in all there is


def cells_of(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path, shell, capsys):
    for cell in cells_of(path):
        shell.run_cell(cell.source).raise_error()
        for number in plt.get_fignums():  # as a notebook shows them under the cell
            plt.figure(number).canvas.draw()
        plt.close("all")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_committed_without_outputs(path):
    assert not any(cell.outputs for cell in cells_of(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_fits_on_a_screen_and_the_gallery_finds_title_and_question(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert max(len(source.splitlines()) for source in code) <= 20
    head = notebook.cells[0].source
    assert head.startswith("# ") and "\n**The question.** " in head


def test_an_error_shows_the_lines_of_the_cell_and_none_of_the_library(shell, capsys):
    shell.run_cell("import hotspots as hs\nhs.load_incidents('nowhere.csv')")
    said = "".join(capsys.readouterr())
    assert "line 2" in said and "hs.load_incidents('nowhere.csv')" in said
    assert "\nDataError: nowhere.csv: " in said and "load.py" not in said


def test_there_are_notebooks():
    assert NOTEBOOKS
