"""Write docs/licences.md: what the package stands on, and under which licences.

Run: ``python scripts/write_licences.py`` in an environment with the extra ``all``;
``--sbom FILE`` writes the same as a bill of materials (CycloneDX 1.5), with the versions installed.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PACKAGE = "safer-hotspots"
PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
CLASSIFIER = "License :: OSI Approved :: "
SHORT = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
NOT_INSTALLED = {"all", "dev", "docs"}
"""Extras that are the others together, or for those who change the project."""
TOLD = {
    "holidays": "MIT",
    "xstatic-leaflet": "BSD-2-Clause (Leaflet)",
}
"""Where a package does not say it in a form a program can read."""
HEAD = """# Licences

What the package stands on, made by `scripts/write_licences.py` from what the packages say of
themselves. Under "for" stands the extra that needs a package; "always" is what every installation
has. Nothing is copied into this project except what [NOTICE](../NOTICE) names. The same as a bill
of materials, with the versions of an environment: `python scripts/write_licences.py --sbom FILE`.

| package | licence | for |
|---|---|---|
"""


def main(arguments: list[str]) -> None:
    """Write the page, or the bill of materials."""
    found = dict(sorted(needed().items()))
    if arguments[:1] == ["--sbom"]:
        text = json.dumps(bill_of_materials(found), indent=2)
        Path(arguments[1]).write_text(f"{text}\n", encoding="utf-8")
        return
    rows = [f"| {name} | {licence_of(name)} | {', '.join(why)} |" for name, why in found.items()]
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def needed() -> dict[str, list[str]]:
    """Every package in the environment that an extra pulls in, with the extras."""
    project = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    named = {"always": project["dependencies"]}
    named |= {
        extra: extras[extra] for extra in sorted(extras) if extra not in ("all", "dev", "docs")
    }
    reached = {name: set(reach(texts, set())) for name, texts in named.items()}
    return {
        name: ["always"]
        if name in reached["always"]
        else [one for one in named if name in reached[one]]
        for name in set().union(*reached.values())
    }


def reach(requirements: Iterable[str], seen: set[str], extra: str = "") -> Iterator[str]:
    """Packages that are asked for, and what these ask for in turn."""
    for text in requirements:
        one = Requirement(text)
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        wanted = one.marker is None or one.marker.evaluate({"extra": extra})
        if wanted and name not in seen and (_is_there(name) or name in TOLD):
            seen.add(name)
            yield name
            for further in ("", *one.extras):
                yield from reach(_needs(name), seen, further)


def _needs(name: str) -> list[str]:
    return (metadata.requires(name) or []) if _is_there(name) else []


def _is_there(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def licence_of(name: str) -> str:
    """What a package says of its licence, in short."""
    if name in TOLD:
        return TOLD[name]
    said = metadata.metadata(name)
    if expression := said.get("License-Expression"):
        return expression
    classified = [
        one.rsplit(" :: ", 1)[-1]
        for one in said.get_all("Classifier") or []
        if one.startswith(CLASSIFIER)
    ]
    if classified:
        return ", ".join(SHORT.get(one, one) for one in classified)
    first = next(iter((said.get("License") or "").strip().splitlines()), "")
    return first[:60] or "not said"


def bill_of_materials(found: dict[str, list[str]]) -> dict[str, object]:
    """CycloneDX 1.5."""
    components = [
        {
            "type": "library",
            "name": name,
            "version": metadata.version(name),
            "purl": f"pkg:pypi/{name}@{metadata.version(name)}",
            "licenses": [{"license": {"name": licence_of(name)}}],
            "properties": [{"name": "for", "value": ", ".join(why)}],
        }
        for name, why in found.items()
        if _is_there(name)
    ]
    about = {"type": "application", "name": PACKAGE, "version": metadata.version(PACKAGE)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": about},
        "components": components,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
