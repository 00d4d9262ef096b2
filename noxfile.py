"""Every job of the project, by name: `python -m pip install nox && nox -l`.

CI, release and the pages for contributors call these and nothing else. `.ci/run` does the first
three in one environment, from nothing.
"""

import re
import shutil
import tomllib
from pathlib import Path

import nox

nox.options.sessions = ["style", "tests"]
nox.options.default_venv_backend = "venv"
ROOT = Path(__file__).resolve().parent
TESTED_WITH = ("-c", "constraints.txt")


@nox.session
def style(session: nox.Session) -> None:
    """Ruff, types, the direction of imports."""
    session.install(*TESTED_WITH, "-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("mypy", "examples")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests; arguments go to pytest: nox -s tests -- tests/core."""
    session.install(*TESTED_WITH, "-e", ".[dev]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """The tests with the oldest version that pyproject.toml allows of all that it names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    ours, *tools = extras["dev"]
    needed = [
        *project["dependencies"],
        *(one for name in re.findall(r"[\w]+", ours.partition("[")[2]) for one in extras[name]),
    ]
    session.install("--only-binary", ":all:", *(one.replace(">=", "==") for one in needed), *tools)
    session.install("--no-deps", "-e", ".")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def guard(session: nox.Session) -> None:
    """No step less than half as fast as it was, against what one would write by hand."""
    session.install(*TESTED_WITH, "-e", ".[dev]")
    session.run("python", "benchmarks/peers.py", "--guard")


@nox.session
def docs(session: nox.Session) -> None:
    """The site in build/site, notebooks executed; a warning or a broken link fails it."""
    session.install(*TESTED_WITH, "-e", ".[dev,docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "build/site")
    session.log("open build/site/index.html")


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and try it where nothing else is: install, version, demonstration."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", "dist")
    (built,) = (ROOT / "dist").glob("*.whl")
    session.run("python", "-m", "venv", "--clear", "build/clean")
    folder = "Scripts" if (ROOT / "build/clean/Scripts").exists() else "bin"
    python = str(ROOT / "build" / "clean" / folder / "python")
    session.run(python, "-m", "pip", "install", "--quiet", *TESTED_WITH, built, external=True)
    with session.chdir(session.create_tmp()):
        session.run(python, "-m", "hotspots", "demo", external=True)


@nox.session(venv_backend="none")
def release(session: nox.Session) -> None:
    """Tag the version the package names, tried before: nox -s style tests docs wheel release."""
    package = (ROOT / "hotspots" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"', package, flags=re.MULTILINE)[1]
    if f"\n## {version}" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        session.error(f"CHANGELOG.md has no section '## {version}': name what is unreleased so")
    session.run("git", "diff", "--exit-code", "--stat", "HEAD", external=True)
    session.run("git", "tag", "--annotate", f"v{version}", "--message", version, external=True)
    session.log(f"push it with: git push origin v{version}")
