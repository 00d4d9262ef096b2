"""What is being done is said to whoever looks on, and to nobody else."""

import io
import sys

import pytest

from hotspots.cli.screen import progress_line


@pytest.mark.parametrize("looked_at", [True, False])
def test_a_terminal_is_told_and_a_file_is_not(monkeypatch, looked_at):
    screen = io.StringIO()
    screen.isatty = lambda: looked_at
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress_line() as say:
        say("Leeds: reading ...")
        say("")
    assert ("Leeds: reading ..." in screen.getvalue()) == looked_at
    assert looked_at or screen.getvalue() == ""
