"""What the package stands on is named, is free to use, and is the version it was looked at in."""

import re
import tomllib
from pathlib import Path

from hotspots.report.map.written_page import _leaflet_js

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
LICENCES = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+) \|", PAGE, flags=re.MULTILINE))


def test_every_requirement_stands_on_the_page_of_licences():
    extras = PROJECT["optional-dependencies"]
    texts = [
        *PROJECT["dependencies"],
        *(t for name in extras if name not in ("dev", "docs") for t in extras[name]),
    ]
    names = {re.match(r"[A-Za-z0-9._-]+", text)[0].lower() for text in texts if ";" not in text}
    assert names - set(LICENCES) - {"safer-hotspots", "jupyterlab"} == set()


def test_what_a_run_needs_has_hashes_in_the_versions_that_are_tested():
    text = (ROOT / "requirements-hashed.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, flags=re.MULTILINE))
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = re.findall(r"^([a-z0-9-]+)==([^\s;]+)", constraints, flags=re.MULTILINE)
    needed = {re.match(r"[A-Za-z0-9._-]+", one)[0].lower() for one in PROJECT["dependencies"]}
    assert needed <= set(pinned)
    for name, version in pinned.items():
        assert version in {one for other, one in tested if other == name}, name
    assert all("--hash=sha256:" in part for part in re.split(r"\n(?=[a-z])", text)[1:])
    assert "http" not in text


def test_no_licence_binds_what_is_built_on_the_package():
    """Permissive ones only, extras included (decisions/database-driver.md)."""
    assert {name for name, words in LICENCES.items() if re.search(r"\bA?L?GPL", words)} == set()


def test_leaflet_is_the_version_the_page_was_looked_at_in():
    """Another one needs a look at the page, the browser tests, and NOTICE."""
    assert re.search(r"Leaflet (\d+\.\d+\.\d+)", _leaflet_js()[:200])[1] == "1.9.3"
