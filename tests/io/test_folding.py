"""Files fold block by block into the tally of all their rows, whoever folds them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pandas as pd
import pytest
from refusing import refused

import hotspots as hs
from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.core.tally import fold
from hotspots.io.incidents.read_large import blocks_of

FIELDS = hs.FieldMap(
    name="log", offence="What", offence_scheme="home_office", easting="East", northing="North",
    date="Day", place_name="Street",
)  # fmt: skip
SMALL_MB = 0.002


def log(path, rows=400, *, title="", bad=()):
    """A log of that many rows, some with line breaks in quotes; a row in `bad` has no day."""
    head = f"{title}Day,What,East,North,Street\n"
    lines = [
        f"{'' if row in bad else f'{row % 28 + 1:02}/{row % 3 + 5:02}/2025'},"
        f"{('5D', 'ASB nuisance', '8N', '56A')[row % 4]},{429000 + row % 37 * 10},"
        f'{433000 + row % 11 * 10},"Mill Lane{chr(10) * (row % 50 == 7)}"\n'
        for row in range(rows)
    ]
    path.write_text(head + "".join(lines), encoding="utf-8")
    return path


def whole(paths, record=None):
    """The tally of all rows at once."""
    record = record or RunRecord("Test", "TEST")
    incidents = hs.tag_institutions(hs.load_incidents(paths, fields=FIELDS, record=record))
    tagged = hs.tag_themes(incidents, hs.Themes.home_office(), unknown="untagged")
    return fold(hs.weigh_harm(tagged, hs.HarmScale.bundled("ons-css")))


def in_blocks(paths, record=None, **options):
    return hs.fold_files(
        paths, fields=FIELDS, themes=hs.Themes.home_office(), block_mb=SMALL_MB,
        harm_scale=hs.HarmScale.bundled("ons-css"), record=record, **options,
    )  # fmt: skip


@pytest.mark.parametrize("title", ["", "Extract of the log,,,,\nRun on 1 August,,,,\n"])
def test_blocks_add_up_to_the_whole(tmp_path, title):
    paths = [log(tmp_path / "a.csv", title=title), log(tmp_path / "b.csv", 30, title=title)]
    assert in_blocks(paths).equals(whole(paths))


def test_blocks_refuse_incidents_of_several_rows(tmp_path):
    once = replace(FIELDS, reference="Ref", one_incident_is="reference")
    with refused("blocks-of-references", "load_incidents"):
        hs.fold_files(log(tmp_path / "a.csv"), fields=once)


def test_a_file_is_cut_between_rows_and_nothing_is_lost(tmp_path):
    path = log(tmp_path / "a.csv")
    blocks, _ = blocks_of(path, 4.0, SMALL_MB)
    texts = [block.read() for block in blocks]
    head = path.read_bytes().split(b"\n", 1)[0] + b"\n"
    assert len(texts) > 5 and all(text.startswith(head) for text in texts)
    assert head + b"".join(text.removeprefix(head) for text in texts) == path.read_bytes()
    assert all(text.count(b'"') % 2 == 0 for text in texts)


def test_every_row_is_accounted_for_with_its_own_line(tmp_path):
    bad = {0, 150, 399}
    path = log(tmp_path / "a.csv", bad=bad)
    ours, plain = (RunRecord("Test", "TEST") for _ in range(2))
    in_blocks([path], ours)
    whole([path], plain)
    one, other = ours.sources[0], plain.sources[0]
    counts = ("name", "sha256", "read", "accepted", "rejected", "unlocated")
    assert [getattr(one, name) for name in counts] == [getattr(other, name) for name in counts]
    lines = [[(row.file, row.line, row.text) for row in log.quarantine] for log in (ours, plain)]
    assert lines[0] == lines[1] and len(lines[0]) == 3


def test_blocks_find_what_the_whole_file_finds_in_the_same_lines(tmp_path):
    path = log(tmp_path / "a.csv", title="Extract,,,,\n", bad={120, 121, 300})
    found = []
    for read in (whole, in_blocks):
        record = RunRecord("Test", "TEST")
        read([path], record)
        found.append(record)
    one, many = (
        {(it.rule, it.column): (it.rows, it.line) for it in record.findings} for record in found
    )
    assert many["date-format", "Day"] == one["date-format", "Day"]
    assert many["date-order", "Day"] == one["date-order", "Day"]
    assert many["header-found", None] == one["header-found", None]
    assert [row.findings for row in found[1].quarantine] == [
        row.findings for row in found[0].quarantine
    ]


def test_a_theme_of_which_nothing_came_is_absent_over_all_blocks_only(tmp_path):
    path = log(tmp_path / "a.csv")
    tally = in_blocks([path])
    states = tally.kinds["theme_asb_is"].unique().tolist()
    assert states == ["measured"]
    lines = path.read_text().replace("ASB nuisance", "5D")
    path.write_text(lines)
    with refused("absent-theme", "asb"):
        hs.select(in_blocks([path]), hs.Question("asb"))


def test_stages_take_the_tally_of_files(tmp_path):
    path = log(tmp_path / "a.csv")
    tally = in_blocks([path])
    chosen = hs.assign_cells(hs.select(tally, hs.Question("asb", "2025-06")), hs.SquareGrid(50))
    assert chosen.total == int(tally.count[[
        flag and month == 2025 * 12 + 5
        for flag, month in zip(
            tally.kinds["theme_asb"].to_numpy()[tally.kind],
            tally.months[tally.month], strict=True,
        )
    ]].sum())  # fmt: skip


def test_dask_gives_the_same_tally_to_the_bit(tmp_path):
    pytest.importorskip("dask")
    paths = [log(tmp_path / f"{name}.csv", 200 + number) for number, name in enumerate("abc")]
    options = {"fields": FIELDS, "themes": hs.Themes.home_office(), "block_mb": SMALL_MB}
    folded = hs.fold_dask(paths, scheduler="threads", **options)
    assert folded.equals(hs.fold_files(paths[::-1], **options))


def test_dask_says_how_far_it_is(tmp_path):
    pytest.importorskip("dask")
    said = []
    path = log(tmp_path / "a.csv")
    hs.fold_dask(
        path, scheduler="synchronous", fields=FIELDS, block_mb=SMALL_MB, progress=said.append
    )
    assert len(said) > 5 and said[-1] == f"{len(said)} of {len(said)} blocks folded"


def test_a_dask_frame_gives_the_tally_of_its_rows(tmp_path):
    frames = pytest.importorskip("dask.dataframe")
    table = pd.read_csv(log(tmp_path / "a.csv", bad={7, 300}), dtype=str)
    record = RunRecord("Test", "TEST")
    options = {"themes": hs.Themes.home_office(), "fields": FIELDS}
    lazy = frames.from_pandas(table, npartitions=5)
    folded = hs.fold_dask(lazy, scheduler="synchronous", record=record, **options)
    plain = hs.incidents_from_frame(table, harm_scale=None, record=RunRecord("F", "T"), **options)
    assert folded.equals(fold(plain))
    assert (record.read, record.accepted, record.rejected) == (400, 398, 2)
    assert {row.file for row in record.quarantine} == {"frame/1", "frame/4"}


def test_what_goes_to_a_worker_can_be_packed(tmp_path):
    blocks, _ = blocks_of(log(tmp_path / "a.csv"), 4.0, SMALL_MB)
    for block in blocks:
        assert pickle.loads(pickle.dumps(block)).read() == block.read()


def test_files_that_hold_nothing_and_files_that_cannot_be_read_are_told(tmp_path):
    with refused("no-such-file", kind=DataError):
        in_blocks([tmp_path / "nowhere.csv"])
    with refused("all-rows-bad", kind=DataError):
        in_blocks([log(tmp_path / "bad.csv", 5, bad=set(range(5)))])


def test_the_record_of_blocks_says_what_the_record_of_a_whole_file_says(tmp_path):
    row = "{at},2025-0{month},WYP,WYP,-1.55{at},53.8{at},On or near Park Row,E01,L,{kind},,\n"
    head = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,"
    rows = [
        row.format(at=f"{n:064x}" if n % 3 else "", month=1 + n % 3, kind="Burglary")
        .replace(f"-1.55{n:064x}", f"-1.55{n:03}").replace(f"53.8{n:064x}", f"53.8{n:03}")
        for n in range(300)
    ]  # fmt: skip
    path = tmp_path / "2025-street.csv"
    path.write_text(head + "LSOA name,Crime type,Last outcome category,Context\n" + "".join(rows))
    ours, plain = (RunRecord("Test", "TEST") for _ in range(2))
    themes = hs.Themes.police_uk()
    tally = hs.fold_files(path, themes=themes, block_mb=SMALL_MB, record=ours)
    hs.load_incidents(path, record=plain, themes=themes, harm_scale=None)
    assert ours.themes == plain.themes and ours.attributions == plain.attributions
    assert [caveat.rule for caveat in ours.caveats if caveat.rule != "definition"] == [
        caveat.rule for caveat in plain.caveats if caveat.rule not in ("definition", "theme-absent")
    ]
    one, other = ours.sources[0].facts, plain.sources[0].facts
    for name in ("layout", "months", "blank_reference", "place_states", "time_precision"):
        assert one[name] == other[name]
    assert tally.total == 300 and tally.kinds["published"].all()
