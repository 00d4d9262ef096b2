"""What the README and the pages promise is there: commands, links, and code that runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_the_examples_of_the_readme_run_one_after_the_other_with_the_same_numbers(
    tmp_path, monkeypatch, capsys
):
    """The one call and the stages are the same chain."""
    blocks = re.findall(r"```python\n(.*?)```", PAGES[0].read_text(encoding="utf-8"), re.DOTALL)
    same = "assert found.areas['incident_count'].sum() == cells['incident_count'].sum() == 1851"
    flags = "assert found.areas['is_hotspot'].sum() == cells['is_hotspot'].sum() == 9"
    code = "\n".join([*blocks, same, flags])
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    for name in ("leeds-asb.html", "leeds/map.html", "leeds/manifest.json"):
        assert (tmp_path / name).stat().st_size > 1_000
    assert {"1,851", "Leeds"} <= set(capsys.readouterr().out.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_the_page_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("name", ["README.md", "docs/installing.md", "docs/commands.md"])
def test_no_line_to_type_needs_another_shell_than_that_of_windows(name):
    assert not [block for block in _code(ROOT / name) if "&&" in block]


@pytest.fixture(scope="module")
def known():
    """The commands there are."""
    from typer.main import get_command

    from hotspots.cli.main import app

    return set(get_command(app).commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_the_page_names_exists(page, known):
    named = set(re.findall(r"\bhotspots ([a-z][a-z-]+)\b", "\n".join(_code(page))))
    assert named <= known, named - known


def _code(page):
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [*blocks, *re.findall(r"`(hotspots [^`]+)`", text)]
