"""What other tools read of the project says what the project says."""

import re
import tomllib
from pathlib import Path

import pytest

import hotspots

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ("ruff check", "ruff format", "mypy", "lint-imports")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project():
    return tomllib.loads(read("pyproject.toml"))["project"]


def test_the_version_is_written_once_and_cited_as_it_is(project):
    assert "version" not in project and "version" in project["dynamic"]
    (cited,) = re.findall(r"^version: (.+)$", read("CITATION.cff"), re.MULTILINE)
    assert cited == hotspots.__version__


def test_licence_and_purpose_are_cited_as_they_are(project):
    cited = read("CITATION.cff")
    assert f"license: {project['license']}\n" in cited
    assert f"abstract: {project['description']}\n" in cited


def test_hooks_before_a_commit_are_checks_of_the_ci_and_fetch_nothing():
    hooks = read(".pre-commit-config.yaml")
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}
    entries, commands = re.findall(r"entry: (.+)", hooks), read(".ci/run")
    assert len(entries) == len(CHECKS)
    for entry, check in zip(entries, CHECKS, strict=True):
        assert entry.startswith(check) and f"\n{check}" in commands


def test_nothing_but_text_lies_at_the_top():
    files = [path for path in ROOT.iterdir() if path.is_file() and path.name[0] != "."]
    assert all(b"\0" not in path.read_bytes() for path in files)
