"""The front door: what importing loads, what the names lead to."""

import json
import subprocess
import sys

import pytest

import hotspots

HEAVY = {
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "pyogrio",
    "scipy",
    "sklearn",
    "h3",
    "folium",
    "branca",
    "jinja2",
    "matplotlib",
    "xlsxwriter",
    "esda",
    "libpysal",
    "numba",
    "dask",
    "requests",
    "pydantic",
    "pyarrow",
}


def loaded_by(code):
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(run.stderr.strip().splitlines()[-1])}


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import hotspots") & HEAVY


def test_the_help_of_the_command_loads_nothing_heavy():
    code = (
        "sys.argv = ['hotspots', '--help']\nfrom hotspots.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("name", [name for name in hotspots.__all__ if not name.startswith("_")])
def test_every_public_name_leads_somewhere_and_is_documented(name):
    thing = getattr(hotspots, name)
    assert thing.__doc__ or not callable(thing)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'heatmap'"):
        _ = hotspots.heatmap


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert version("safer-hotspots") == hotspots.__version__
