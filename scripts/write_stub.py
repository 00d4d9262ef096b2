"""Write the types of the front door, so that checkers and editors see what is loaded late.

    python scripts/write_stub.py

A test holds the stub to the tables in ``hotspots/__init__.py``.
"""

from pathlib import Path

import hotspots

STUB = Path(hotspots.__file__).with_suffix(".pyi")
WIDTH = 100
HEAD = '"""Types of the front door, written by scripts/write_stub.py."""'


def main() -> None:
    """Write the stub beside the package's ``__init__``."""
    STUB.write_text(stub(), encoding="utf-8", newline="\n")


def stub() -> str:
    """Text of the stub: where every name of the front door comes from.

    Editors follow ``name as name`` only; type checkers need ``__all__`` where the name changes.
    """
    homes = [(room, name, name) for name, room in hotspots._DOORS.items()]
    for name, module in hotspots._TOOLBOX.items():
        room, _, home = module.rpartition(".")
        homes.append((room, home, name))
    imports = [_imported(*home) for home in sorted(homes, key=_as_the_linter_sorts)]
    public = [f'    "{name}",' for name in hotspots.__all__]
    lines = [HEAD, "", *imports, "", "__version__: str", "__all__ = [", *public, "]"]
    return "\n".join(lines) + "\n"


def _as_the_linter_sorts(home: tuple[str, str, str]) -> tuple[str, bool, str]:
    room, name, _ = home
    return room, name[0].islower(), name


def _imported(room: str, home: str, name: str) -> str:
    line = f"from {room} import {home} as {name}"
    return line if len(line) <= WIDTH else f"from {room} import (\n    {home} as {name},\n)"


if __name__ == "__main__":
    main()
