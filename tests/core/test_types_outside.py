"""What a type checker and an editor see of the front door: names, keywords, what comes back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hotspots

ROOT = Path(hotspots.__file__).parents[1]

SNIPPET = """\
import hotspots as hs
from hotspots import stats

areas = hs.load_zones("areas.geojson")
hs.no_such_thing
hs.map_areas(areas, markign="OFFICIAL")
hs.stats.ginni
hs.evaluation.rate_ratio(treated=(4, 2)).no_such_field
hs.opendata.fetch_police_uk("kent", 2025, "2025-01")
reveal_type(hs.load_zones)
reveal_type(stats.gini)
reveal_type(hs.zones.corridor)
"""
CAUGHT = [
    (5, 'Module has no attribute "no_such_thing"'),
    (6, 'Unexpected keyword argument "markign" for "map_areas"'),
    (7, 'Module has no attribute "ginni"'),
    (8, '"RateRatio" has no attribute "no_such_field"'),
    (9, 'Argument 2 to "fetch_police_uk" has incompatible type "int"'),
]
SETTINGS = """\
[mypy]
ignore_missing_imports = true
follow_imports = silent
error_summary = false
[mypy-IPython.*,PIL.*,folium.*,jinja2.*,matplotlib.*,pandas.*,pydantic.*,rich.*,shapely.*,typer.*]
follow_imports = skip
"""
"""More than half of the time would go into packages of which nothing is said here."""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Lines mypy says of the snippet, from the point of view of a program that uses the library."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "user.py").write_text(SNIPPET, encoding="utf-8")
    (folder / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "user.py"]
    here = {**os.environ, "MYPYPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=here)
    assert not run.stderr
    return run.stdout.splitlines()


@pytest.mark.parametrize(("line", "words"), CAUGHT)
def test_a_checker_catches_a_misspelling(said, line, words):
    assert any(words in text for text in said if text.startswith(f"user.py:{line}:"))


@pytest.mark.parametrize(
    ("line", "back"),
    [
        (10, "-> geopandas.geodataframe.GeoDataFrame"),
        (11, "-> float"),
        (12, "-> geopandas.geodataframe.GeoDataFrame"),
    ],
)
def test_a_checker_knows_what_comes_back(said, line, back):
    (told,) = [text for text in said if text.startswith(f"user.py:{line}:")]
    assert back in told.replace("builtins.", "")  # as older checkers print it


def test_an_editor_completes_every_name_and_shows_its_arguments():
    jedi = pytest.importorskip("jedi")
    project = jedi.Project(ROOT)
    names = jedi.Script("import hotspots as hs\nhs.", project=project).complete(2, 3)
    assert set(hotspots.__all__) <= {name.name for name in names}
    call = "import hotspots as hs\nhs.rank_areas("
    (signature,) = jedi.Script(call, project=project).get_signatures(2, 14)
    assert "top" in {parameter.name for parameter in signature.params}
