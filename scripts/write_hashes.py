"""Write requirements-hashed.txt: what a run needs, each version with the hashes of its files.

Run: ``python scripts/write_hashes.py`` where pip reaches a package index (about two minutes;
nothing is installed). Versions are those of ``constraints.txt``; hashes are of the wheels that pip
would take on each system, so that an installation refuses any other file. The file names no index.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "requirements-hashed.txt"
SYSTEMS = {
    "linux": ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"],
    "darwin": ["macosx_14_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64"],
    "win32": ["win_amd64"],
}
PYTHONS = ("3.11", "3.12", "3.13")
TO_BUILD = ("hatchling", "editables")
"""So that the package itself is built from nothing that has no hash."""
ON_WINDOWS = ("colorama", "tzdata")
"""Asked for by name: pip judges the markers of other systems by its own."""
HEAD = """# Made by scripts/write_hashes.py: what a run needs, in versions of constraints.txt, for
#     python -m pip install --require-hashes -r requirements-hashed.txt
#     python -m pip install --no-deps --no-build-isolation -e .
# on 64-bit Linux and Windows and Apple silicon, with Python 3.11 to 3.13.
"""

Found = dict[tuple[str, str], tuple[set[str], set[str]]]


def main() -> None:
    """Ask for every system and Python, and write what came together."""
    found: Found = defaultdict(lambda: (set(), set()))
    for (system, platforms), python in product(SYSTEMS.items(), PYTHONS):
        for name, version, sha256 in resolved(platforms, python, wanted(system)):
            hashes, systems = found[name, version]
            hashes.add(sha256)
            systems.add(system)
    FILE.write_text(HEAD + "\n".join(lines(found)) + "\n", encoding="utf-8")


def wanted(system: str) -> list[str]:
    """Requirements of the package without its extras, and those to build it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *TO_BUILD, *(ON_WINDOWS if system == "win32" else ())]


def resolved(
    platforms: list[str], python: str, requirements: list[str]
) -> Iterator[tuple[str, str, str]]:
    """Name, version and hash of each wheel pip would take; nothing is brought or installed."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        options = ["--dry-run", "--ignore-installed", "--only-binary", ":all:", "--quiet"]
        options += ["--report", str(report), "--target", scratch, "--python-version", python]
        options += [word for one in platforms for word in ("--platform", one)]
        options += ["--constraint", str(ROOT / "constraints.txt")]
        command = [sys.executable, "-m", "pip", "install", *options, *requirements]
        subprocess.run(command, check=True)  # noqa: S603
        told = json.loads(report.read_text(encoding="utf-8"))
    for one in told["install"]:
        name = re.sub(r"[-_.]+", "-", one["metadata"]["name"]).lower()
        sha256 = one["download_info"]["archive_info"]["hashes"]["sha256"]
        yield name, one["metadata"]["version"], sha256


def lines(found: Found) -> Iterable[str]:
    """One requirement each, by name, for the systems that need it."""
    for (name, version), (hashes, systems) in sorted(found.items()):
        only = systems != set(SYSTEMS)
        marker = " or ".join(f'sys_platform == "{one}"' for one in sorted(systems))
        each = "".join(f" \\\n    --hash=sha256:{one}" for one in sorted(hashes))
        yield f"{name}=={version}{f' ; {marker}' if only else ''}{each}"


if __name__ == "__main__":
    main()
