"""Saltmere, a synthetic town with planted truth; what can be said in tables is in a TOML file."""

import tomllib
from pathlib import Path

SALTMERE = tomllib.loads(Path(__file__).with_name("saltmere.toml").read_text(encoding="utf-8"))
