"""A product is there whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from refusing import refused
from small_towns import cells, released

import hotspots as hs
from hotspots.core.decisions import Decision
from hotspots.core.errors import DataError, HotspotsError, InputError
from hotspots.core.record import SourceFile, sha256_of
from hotspots.io.typed_tables import write_decisions
from hotspots.programmes.tasking.written_product import write_product
from hotspots.report import files
from hotspots.report.files import replacing, replacing_folder
from hotspots.report.manifest import MANIFEST, product_before, verify_product, write_manifest
from hotspots.report.map import map_areas, written_page

NAMES = ("map.html", MANIFEST)
RECORD = hs.RunRecord("Town", marking="OFFICIAL")


def product(folder, words):
    with replacing_folder(folder, NAMES) as made:
        (made / "map.html").write_text(words * 1000)
        write_manifest(RECORD, made, ["map.html"])
    return folder


def left_beside(folder):
    return [one.name for one in folder.parent.iterdir() if one.name.startswith(".")]


@pytest.fixture
def old(tmp_path):
    folder = product(tmp_path / "product", "old")
    (folder / "decisions.csv").write_text("agreed")
    (folder / "minutes").mkdir()
    (folder / "minutes" / "june.txt").write_text("said")
    return folder


def is_old(folder):
    assert verify_product(folder).state == "same"
    assert (folder / "map.html").read_text().startswith("old")
    assert not left_beside(folder)
    return True


@pytest.mark.parametrize("exchanging", [True, False])
def test_other_files_are_carried_over_and_nothing_else_is_left(old, exchanging, monkeypatch):
    if not exchanging:
        monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    product(old, "new")
    assert (old / "map.html").read_text().startswith("new")
    assert (old / "decisions.csv").read_text() == "agreed"
    assert (old / "minutes" / "june.txt").read_text() == "said"
    assert verify_product(old).state == "same" and not left_beside(old)


def test_nothing_of_a_product_for_others_stays_in_the_folder(tmp_path):
    """An internal product, then one for partners into the same folder: what is sent is one."""
    more = {"area_km2": 0.25, "largest_point_share": 0.2, "place_name": "Mill Road"}
    more |= {"share_inside": 1.0, "unique_points": 2, "unweighted_count": 0}
    made, folder = cells([9, 2], **more), tmp_path / "out"
    internal = hs.release([made], audience="internal", marking="OFFICIAL")
    write_product(internal, folder, briefing=True, geopackage="all.gpkg")
    (folder / "minutes.txt").write_text("said")
    (folder / "map.html").rename(folder / "mine.html")
    write_product(released(made), folder)
    kept = {"hotspots.gpkg", "manifest.json", "map.html", "mine.html", "minutes.txt", "tables.xlsx"}
    assert {one.name for one in folder.iterdir()} == kept
    write_decisions([Decision("asb", "c0", note="Kestrel")], folder / "decisions.csv")
    with refused("decisions-of-others", "folder of its own"):
        write_product(released(made), folder)
    assert verify_product(folder).state == "same"
    write_product(released(made, share=True), folder)
    write_product(internal, folder)


@pytest.mark.parametrize("side", ["-wal", "-journal"])
def test_a_database_with_another_beside_it_is_not_the_one_that_was_written(old, side):
    write_manifest(RECORD, old, ["map.html"])
    (old / f"map.html{side}").write_text("what is read instead")
    assert verify_product(old).changed == ("map.html",)


def test_no_product_writes_what_people_keep_and_verify_does_not_ask_for_it(old):
    with refused("peoples-own"), replacing_folder(old, ["decisions.csv"]):
        pass
    (old / "decisions.csv").write_text("changed since")
    assert verify_product(old).state == "same"


def test_a_failure_leaves_the_old_product(old):
    with pytest.raises(ZeroDivisionError), replacing_folder(old, NAMES) as made:
        (made / "map.html").write_text("new")
        raise ZeroDivisionError
    assert is_old(old)


@pytest.mark.parametrize("beside", ["map.html-wal", "map.html-journal", "~$map.html"])
def test_an_open_file_is_seen_before_anything_is_written(old, beside):
    (old / beside).touch()
    with refused("file-open", beside):
        product(old, "new")
    assert is_old(old)


def test_a_folder_named_like_a_file_is_told(old):
    (old / "map.html").rename(old / "kept.html")
    (old / "map.html").mkdir()
    with refused("folder-in-the-way", "map.html"):
        product(old, "new")
    assert (old / "map.html").is_dir() and not left_beside(old)


def test_a_file_where_the_folder_should_be_is_told(tmp_path):
    (tmp_path / "product").write_text("mine")
    with refused("not-a-folder"):
        product(tmp_path / "product", "new")


def test_what_a_scanner_holds_for_a_moment_still_takes_its_place(old, monkeypatch):
    """On Windows a folder keeps its name as long as a program reads one of its new files."""
    held, move = [1, 2], Path.replace

    def holding(self, target):
        if held:
            held.pop()
            raise PermissionError(errno.EACCES, "Permission denied")
        return move(self, target)

    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "replace", holding)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    product(old, "new")
    assert verify_product(old).state == "same" and not left_beside(old) and not held


def test_what_is_written_is_for_all_who_may_read_beside_it(old, monkeypatch):
    """`tempfile` makes folders for their owner alone; on Windows files stay so where they go."""

    def for_all(path, mode=0o777, *, make=os.mkdir, **more):
        assert mode == 0o777
        make(path, mode, **more)

    monkeypatch.setattr(os, "mkdir", for_all)
    product(old, "new")
    with replacing(old / "more.txt") as made:
        made.write_text("new")
    assert (old / "more.txt").read_text() == "new" and not left_beside(old / "more.txt")


@pytest.mark.parametrize("stand", [".", "notes"])
def test_the_folder_one_stands_in_is_not_exchanged(old, monkeypatch, stand):
    (old / "notes").mkdir()
    monkeypatch.chdir(old / stand)
    with refused("own-folder"):
        product(Path() if stand == "." else old, "new")
    assert is_old(old) and not left_beside(old)


def test_a_terminal_whose_folder_is_gone_can_still_write_elsewhere(old, monkeypatch):
    def gone() -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    product(old, "new")
    assert not left_beside(old)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied"), "Excel or QGIS"),
        (RuntimeError("Failed to commit transaction"), "Failed to commit transaction"),
    ],
)
def test_what_kept_a_product_from_being_written_is_said(old, error, words):
    with refused("not-written", words), replacing_folder(old, NAMES):
        raise error
    assert is_old(old)


def test_a_file_that_does_not_fit_is_told_by_the_folder_it_was_for(old):
    """Nobody knows the scratch folder it was written in."""
    with (
        pytest.raises(InputError) as told,
        replacing_folder(old, NAMES) as made,
        replacing(made / "map.html"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(told.value).startswith(f"{old} could not") and ".new" not in str(told.value)
    assert is_old(old)


def test_what_else_lies_in_a_folder_is_named_and_changes_nothing(old):
    (old / "internal.gpkg").touch()
    found = verify_product(old)
    assert (found.state, found.extra) == ("same", ("internal.gpkg", "minutes/"))


def test_a_geopackage_that_another_program_writes_to_is_seen(tmp_path):
    """SQLite keeps the file of its write-ahead log as long as somebody is connected."""
    made = tmp_path / "product"
    with replacing_folder(made, ["hotspots.gpkg", MANIFEST]) as folder:
        hs.write_geopackage(released(cells([9])), folder / "hotspots.gpkg")
        write_manifest(RECORD, folder, ["hotspots.gpkg"])
    with closing(sqlite3.connect(made / "hotspots.gpkg")) as other:
        other.execute("PRAGMA journal_mode = wal")
        other.execute("CREATE TABLE mine (id)")
        with refused("file-open", "QGIS"), replacing_folder(made, ["hotspots.gpkg"]):
            pass
    with replacing_folder(made, ["hotspots.gpkg"]) as folder:
        (folder / "hotspots.gpkg").touch()


def test_a_link_to_a_folder_elsewhere_is_followed(old, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(old, target_is_directory=True)
    product(link, "new")
    assert link.is_symlink() and (old / "map.html").read_text().startswith("new")
    assert not left_beside(old)


def test_a_folder_that_was_moved_aside_is_put_back_and_old_scratch_is_swept(old):
    old = old.rename(old.with_name("Leeds [draft]"))
    anothers = old.with_name(f".{old.name}-2-killed.old")
    anothers.mkdir()
    aside = old.parent / f".{old.name}-killed.old"
    old.rename(aside)
    scratch = old.parent / f".{old.name}-killed.new"
    scratch.mkdir()
    for left in (scratch, anothers):
        os.utime(left, (0, 0))
    with pytest.raises(InputError), replacing_folder(old, NAMES):
        raise OSError(errno.EIO, "broken")
    anothers.rmdir()
    assert is_old(old)


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    page = map_areas([], record=RECORD)
    path = page.save(tmp_path / "page.html")
    before = path.read_bytes()

    def full(self, *given, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with refused("not-written", "No space left"):
        page.save(path)
    assert path.read_bytes() == before and not left_beside(path)


@pytest.mark.parametrize("seconds", [60, 0])
def test_a_browser_that_writes_nothing_leaves_the_old_print(tmp_path, monkeypatch, seconds):
    monkeypatch.setenv("HOTSPOTS_BROWSER", sys.executable)
    monkeypatch.setattr(written_page, "SECONDS", seconds)
    (tmp_path / "map.pdf").write_text("old")
    with refused("no-browser", "wrote nothing", kind=HotspotsError):
        map_areas([], record=RECORD).to_pdf(tmp_path / "map.pdf")
    assert (tmp_path / "map.pdf").read_text() == "old"


def test_whose_place_is_taken_is_known_by_title_and_audience(tmp_path):
    """The same title for partners and for one's own people are two products."""
    assert product_before(tmp_path) == ("", "")
    write_manifest(hs.RunRecord("Town", "OFFICIAL", "partner"), tmp_path, [])
    assert product_before(tmp_path) == ("Town", "partner")


def test_a_swapped_and_a_missing_file_are_noticed(old, tmp_path):
    (old / "map.html").write_text("another")
    assert verify_product(old).changed == ("map.html",)
    (old / "map.html").unlink()
    assert verify_product(old).state == "incomplete"
    with refused("no-manifest", kind=DataError):
        verify_product(tmp_path)


def test_what_went_in_is_compared_where_the_manifest_names_it(old, tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "town.toml").write_text("period = '2025'")
    (inputs / "police.csv").write_text("rows")
    with refused("no-inputs", kind=DataError):
        verify_product(old, inputs=inputs)
    record = hs.RunRecord("Town", marking="OFFICIAL")
    record.inputs["town.toml"] = sha256_of(inputs / "town.toml")
    hashed = sha256_of(inputs / "police.csv")
    record.sources.append(SourceFile("police.csv", hashed, 1, 1, 0, 0))
    write_manifest(record, old, ["map.html"])
    assert verify_product(old, inputs=inputs).same == ("map.html", "police.csv", "town.toml")
    (inputs / "police.csv").write_text("other rows")
    (inputs / "town.toml").unlink()
    found = verify_product(old, inputs=inputs)
    assert (found.changed, found.missing) == (("police.csv",), ("town.toml",))


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_whole_folder import product
print("ready", flush=True)
for number in range(10_000):
    product(Path(sys.argv[1]), ("one", "two")[number % 2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed in another way there")
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_leaves_a_whole_product(old, kind):
    """More moments: benchmarks/kill_writer.py."""
    code = WRITER.format(tests=str(Path(__file__).parent))
    helpers = str(Path(__file__).parents[1] / "helpers")
    paths = [helpers, str(Path(hs.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(old)], stdout=subprocess.PIPE, env=environment
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(0.05)
        run.send_signal(kind)
    assert verify_product(old).state == "same"
    assert (old / "decisions.csv").read_text() == "agreed"
