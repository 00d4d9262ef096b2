"""Fetching official data: the real code over real HTTP, against a server on this machine."""

import gzip
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_server import (
    Answer,
    File,
    LocalServer,
    OpenGeography,
    PoliceUk,
    archive,
    as_json,
    crime,
    square,
    street_csv,
    web_page,
)
from refusing import refused
from shapely.geometry import MultiPolygon, Point, box

import hotspots as hs
from hotspots.cli.main import main
from hotspots.core.months import later, months_between
from hotspots.core.record import RunRecord, sha256_of
from hotspots.io.opendata import http as client_module
from hotspots.io.opendata.http import TokenBucket
from hotspots.io.opendata.police_uk_archive import archives_on_page, choose_archives

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("HOTSPOTS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
QUICK = hs.opendata.Patience(tries=4, first_wait_s=0.01, max_wait_s=5, connect_s=2, read_s=2)
FORCE = "west-yorkshire"
MONTHS = ["2025-01", "2025-02"]


@pytest.fixture
def police():
    server = PoliceUk()
    server.months = MONTHS
    yield server
    server.close()


@pytest.fixture
def geography():
    server = OpenGeography()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def in_a_hurry(request, monkeypatch):
    """The server on this machine need not be spared, except where sparing it is tested."""
    if "at_its_pace" not in request.fixturenames:
        hasty = SimpleNamespace(take=lambda: None)
        monkeypatch.setattr(client_module, "TokenBucket", lambda: hasty)


@pytest.fixture
def at_its_pace():
    """The rate that data.police.uk allows."""


@pytest.fixture
def waits(monkeypatch):
    """Waits that were asked for, and not waited."""
    found = []
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=found.append))
    return found


def two_months(force=FORCE, rows=30):
    """An archive with two months of two forces, and files that nobody asked for."""
    members = {
        f"{month}/{month}-{name}-{kind}.csv": street_csv(month, rows, name)
        for month in MONTHS
        for name in (force, "cumbria")
        for kind in ("street", "outcomes")
    }
    return archive(members)


def large_archive(megabytes=3):
    """One whose bytes do not compress away, so that it can break in the middle."""
    month = MONTHS[0]
    members = {
        f"{month}/{month}-{FORCE}-street.csv": street_csv(month, 10),
        "filler.bin": os.urandom(megabytes << 20),
    }
    return archive(members)


def by_archive(server, cache, *, months=MONTHS, **options):
    options = {"patience": QUICK, "base_url": server.url} | options
    return hs.opendata.fetch_police_uk(FORCE, months[0], months[-1], cache=cache, **options)


def by_api(server, cache, area, *, months=MONTHS[:1], **options):
    options = {"patience": QUICK, "base_url": server.url} | options
    return hs.opendata.fetch_police_uk(
        FORCE, months[0], months[-1], cache=cache, prefer="api", within=area, **options
    )


def zones(*shapes, crs="EPSG:4326"):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


def loaded(paths):
    record = RunRecord("test", marking="OPEN DATA", audience="public")
    return hs.load_incidents(paths, record=record), record


def served(server, path="/data/archive/2026-07.zip"):
    return [one.served for one in server.asked(path)]


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# Archives


def test_only_the_files_of_the_force_are_taken_out_and_every_row_loads(police, tmp_path):
    police.offer("2026-07", two_months(rows=30))
    paths = by_archive(police, tmp_path / "cache", folder=tmp_path / "out")
    assert [path.name for path in paths] == [f"{month}-{FORCE}-street.csv" for month in MONTHS]
    assert names_in(tmp_path / "out") == [
        *(f"{month}/{month}-{FORCE}-street.csv" for month in MONTHS),
        "fetched.json",
    ]
    for source in (paths, tmp_path / "out"):
        incidents, record = loaded(source)
        assert len(incidents) == 60 == record.read


def test_what_was_fetched_is_written_down_beside_the_files(police, tmp_path):
    body = two_months()
    police.offer("2026-07", body)
    (first, _) = by_archive(police, tmp_path / "cache", folder=tmp_path / "out")
    files = json.loads((tmp_path / "out" / "fetched.json").read_text())["files"]
    facts = files[f"2025-01/2025-01-{FORCE}-street.csv"]
    assert facts["url"] == f"{police.url}/data/archive/2026-07.zip"
    assert facts["bytes"] == first.stat().st_size
    assert facts["sha256"] == sha256_of(first)
    assert facts["date"].endswith("GMT")
    assert facts["archive_md5"] == police.md5s["2026-07"]


def test_what_is_at_hand_is_not_fetched_again_unless_asked(police, tmp_path):
    police.offer("2026-07", two_months(rows=3))
    by_archive(police, tmp_path)
    before = len(police.log)
    by_archive(police, tmp_path)
    assert len(police.log) == before
    police.offer("2026-07", two_months(rows=4))
    by_archive(police, tmp_path)
    assert len(loaded(by_archive(police, tmp_path))[0]) == 6
    assert len(loaded(by_archive(police, tmp_path, refresh=True))[0]) == 8


def test_another_force_comes_out_of_the_same_archive_without_a_call(police, tmp_path):
    police.offer("2026-07", two_months())
    by_archive(police, tmp_path)
    before = len(police.log)
    more = hs.opendata.fetch_police_uk("cumbria", *MONTHS, cache=tmp_path, base_url=police.url)
    assert len(police.log) == before
    assert len(loaded(more)[0]) == 60


def test_the_same_archive_is_not_downloaded_twice(police, tmp_path):
    police.offer("2026-07", two_months())
    by_archive(police, tmp_path)
    by_archive(police, tmp_path, refresh=True)
    for _ in range(2):
        with refused("month-missing", "for 2025-03", kind=hs.DataError):
            by_archive(police, tmp_path, months=["2025-01", "2025-03"])
    assert len(served(police)) == 1
    kept = tmp_path / "archives" / "2026-07.zip"
    kept.write_bytes(kept.read_bytes()[::-1])
    by_archive(police, tmp_path, refresh=True)
    assert len(served(police)) == 2


def test_a_broken_download_goes_on_where_it_broke(police, tmp_path):
    body = large_archive()
    police.offer("2026-07", body).break_next = [1_000_000, 1_200_000]
    by_archive(police, tmp_path, months=MONTHS[:1])
    asked = police.asked("/data/archive/2026-07.zip")
    assert [one.status for one in asked] == [200, 206, 206]
    starts = [int(one.headers["Range"][6:-1]) for one in asked[1:]]
    assert 0 < starts[0] <= 1_000_000 < starts[1] <= starts[0] + 1_200_000
    assert asked[2].served == len(body) - starts[1]
    assert (tmp_path / "archives" / "2026-07.zip").read_bytes() == body


def test_an_interrupted_fetch_resumes_in_the_next_run(police, tmp_path):
    body = large_archive()
    police.offer("2026-07", body).break_next = [2_000_000]
    once = hs.opendata.Patience(tries=1, connect_s=2, read_s=2)
    with refused("gave-up", "broke off", kind=hs.DataError):
        by_archive(police, tmp_path, months=MONTHS[:1], patience=once)
    part = tmp_path / "archives" / "2026-07.zip.part"
    have = part.stat().st_size
    assert 0 < have <= 2_000_000
    assert not (tmp_path / "archives" / "2026-07.zip").exists()
    by_archive(police, tmp_path, months=MONTHS[:1])
    assert served(police)[-1] == len(body) - have
    assert names_in(tmp_path / "archives") == ["2026-07.zip", "fetched.json"]


def test_a_part_that_is_whole_is_not_fetched_again(police, tmp_path):
    body = large_archive(1)
    file = police.offer("2026-07", body)
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "2026-07.zip.part").write_bytes(body)
    notes = {
        "url": f"{police.url}/data/archive/2026-07.zip", "version": file.version,
        "total": len(body), "date": "then",
    }  # fmt: skip
    (tmp_path / "archives" / "2026-07.zip.part.json").write_text(json.dumps(notes))
    by_archive(police, tmp_path, months=MONTHS[:1])
    assert served(police) == []


@pytest.mark.parametrize("how", [{"ranges": False}, {"tag": False}])
def test_a_server_that_cannot_resume_sends_the_whole_file_again(police, tmp_path, how):
    body = large_archive(1)
    police.offer("2026-07", body, **how).break_next = [500_000]
    by_archive(police, tmp_path, months=MONTHS[:1])
    assert served(police) == [500_000, len(body)]
    assert (tmp_path / "archives" / "2026-07.zip").read_bytes() == body


def test_a_file_that_changed_meanwhile_is_not_pieced_together(police, tmp_path):
    police.offer("2026-07", large_archive()).break_next = [1_000_000]
    once = hs.opendata.Patience(tries=1, connect_s=2, read_s=2)
    with pytest.raises(hs.DataError):
        by_archive(police, tmp_path, months=MONTHS[:1], patience=once)
    other = large_archive()
    police.offer("2026-07", other)
    by_archive(police, tmp_path, months=MONTHS[:1])
    assert [one.status for one in police.asked("/data/archive/2026-07.zip")] == [200, 200]
    assert (tmp_path / "archives" / "2026-07.zip").read_bytes() == other


def test_a_part_that_was_damaged_is_brought_once_more_from_the_start(police, tmp_path):
    body = large_archive()
    police.offer("2026-07", body).break_next = [1_000_000]
    once = hs.opendata.Patience(tries=1, connect_s=2, read_s=2)
    with pytest.raises(hs.DataError):
        by_archive(police, tmp_path, months=MONTHS[:1], patience=once)
    part = tmp_path / "archives" / "2026-07.zip.part"
    have = part.stat().st_size
    part.write_bytes(b"\0" * have)
    by_archive(police, tmp_path, months=MONTHS[:1])
    assert served(police)[1:] == [len(body) - have, len(body)]
    assert (tmp_path / "archives" / "2026-07.zip").read_bytes() == body


GOOD = two_months(rows=9)
NOT_STREET = archive({f"2025-01/2025-01-{FORCE}-street.csv": b"<p>"})
BAD_FILES = {
    "wrong checksum": ({"body": GOOD, "md5": "0" * 32}, None, "MD5 0{32} was published"),
    "truncated zip": ({"body": GOOD[:-300]}, None, "whole zip archive"),
    "empty": ({"body": b""}, None, "whole zip archive"),
    "other zip": ({"body": archive({"a.txt": b"a"})}, None, "it has none"),
    "not street crime": ({"body": NOT_STREET}, None, "street crime of data.police.uk was expected"),
    "web page": ({"body": GOOD}, web_page("Log in first"), "web page came .*Log in first"),
    "refused": ({"body": GOOD}, web_page("No", 403), "refused with 403"),
}


@pytest.mark.parametrize("fault", BAD_FILES)
def test_a_bad_file_never_replaces_a_good_one(police, tmp_path, fault):
    police.offer("2026-07", two_months(rows=3))
    by_archive(police, tmp_path, folder=tmp_path / "out")
    good = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.suffix == ".csv"}
    offered, answer, message = BAD_FILES[fault]
    police.offer("2026-07", **offered)
    if answer is not None:
        police.fault("/data/archive/2026-07.zip", answer)
    with pytest.raises(hs.DataError, match=message):
        by_archive(police, tmp_path, folder=tmp_path / "out", refresh=True)
    assert {path: path.read_bytes() for path in good} == good
    assert not list(tmp_path.rglob("*.part*"))
    assert not list(tmp_path.rglob("*.new"))
    assert len(loaded(by_archive(police, tmp_path, offline=True))[0]) == 6


def test_a_member_that_is_damaged_is_an_error_that_names_it(police, tmp_path):
    body = bytearray(archive({f"2025-01/2025-01-{FORCE}-street.csv": os.urandom(9_000)}))
    body[3_000] ^= 255
    police.offer("2026-07", bytes(body))
    with pytest.raises(hs.DataError, match=r"2026-07.zip/2025-01/.*whole file"):
        by_archive(police, tmp_path, months=MONTHS[:1])


def test_paths_in_an_archive_lead_nowhere_else(police, tmp_path):
    name = f"2025-01-{FORCE}-street.csv"
    strange = [f"../../{name}", f"/tmp/{name}", f"2025-01/../../{name}", f"x/2025-01/{name}"]
    members = {one: street_csv("2025-01", 1) for one in strange}
    police.offer("2026-07", archive(members | {f"2025-01/{name}": street_csv("2025-01", 5)}))
    cache = tmp_path / "a" / "b" / "cache"
    (path,) = by_archive(police, cache, months=MONTHS[:1])
    assert len(loaded([path])[0]) == 5
    assert [file for file in names_in(tmp_path) if file.endswith(".csv")] == [
        str(path.relative_to(tmp_path))
    ]


def test_the_newest_archive_is_taken_and_older_ones_only_for_what_it_lacks(police, tmp_path):
    old, new = archive_of(["2022-03"], 1), archive_of(["2024-01"], 2)
    police.offer("2024-06", old)
    police.offer("2026-07", new)
    police.offer("2026-06", archive_of(["2024-01"], 3))
    by_archive(police, tmp_path, months=["2024-01"])
    assert names_in(tmp_path / "archives") == ["2026-07.zip", "fetched.json"]
    by_archive(police, tmp_path, months=["2022-03"])
    assert names_in(tmp_path / "archives") == ["2024-06.zip", "2026-07.zip", "fetched.json"]


def test_months_that_are_no_longer_published_are_kept_and_read_again(police, tmp_path):
    police.offer("2024-06", archive_of(["2022-03"], 3))
    police.offer("2026-07", archive_of(["2024-01"], 2))
    both = ["2022-03", "2024-01"]
    for month in both:
        by_archive(police, tmp_path, months=[month])
    police.withdraw("2024-06")
    police.offer("2026-08", archive_of(["2024-01"], 4))
    for path in (tmp_path / "archives").glob("*.zip"):
        path.unlink()
    again = [path for month in both for path in by_archive(police, tmp_path, months=[month])]
    assert len(loaded(again)[0]) == 5
    mended = [by_archive(police, tmp_path, months=[one], refresh=True)[0] for one in both]
    assert [len(loaded([path])[0]) for path in mended] == [3, 4]
    with refused("data", "2022-02", "no archive", kind=hs.DataError):
        by_archive(police, tmp_path, months=["2022-02"], refresh=True)


def archive_of(months, rows):
    return archive({f"{one}/{one}-{FORCE}-street.csv": street_csv(one, rows) for one in months})


@given(
    st.sets(st.integers(0, 190), min_size=1, max_size=60),
    st.sets(st.integers(76, 190), min_size=1, max_size=60),
)
def test_every_month_comes_from_one_archive_that_holds_it_or_an_error_says_which(wanted, offered):
    months = [later("2010-12", number) for number in sorted(wanted)]
    names = [later("2010-12", number) for number in sorted(offered)]
    try:
        chosen = choose_archives(months, names)
    except hs.DataError:
        held = [any(holds(name, month) for name in names) for month in months]
        assert not all(held)
        return
    assert sorted(month for held in chosen.values() for month in held) == months
    assert all(holds(name, month) for name, held in chosen.items() for month in held)
    for name, held in chosen.items():
        assert name == max(other for other in names if holds(other, held[0]))


def holds(name, month):
    return (name <= "2017-04" or later(name, -35) <= month) and month <= name


@pytest.mark.parametrize(
    ("months", "rule", "got"),
    [
        (["2026-09"], "data", ["up to 2026-07", "got 2026-09"]),
        (["2019-01"], "data", ["no archive", "2019-01", "oldest is 2026-07"]),
        (["2025-01", "2025-03"], "month-missing", ["for 2025-03", "has 2025-01 to 2025-02"]),
    ],
)
def test_a_month_that_is_missing_is_named(police, tmp_path, months, rule, got):
    police.offer("2026-07", two_months())
    with refused(rule, *got, kind=hs.DataError):
        by_archive(police, tmp_path, months=months)


def test_a_force_that_is_missing_is_named_with_those_that_are_near(police, tmp_path):
    police.offer("2026-07", two_months())
    with refused("no-such-force", "'west-yorks'", "'west-yorkshire'.", kind=hs.DataError):
        hs.opendata.fetch_police_uk("west-yorks", *MONTHS, cache=tmp_path, base_url=police.url)


def test_without_the_page_of_archives_the_latest_month_is_asked_for(police, tmp_path):
    police.offer("2026-07", two_months())
    del police.routes["/data/archive/"]
    assert len(by_archive(police, tmp_path)) == 2
    files = json.loads((tmp_path / "archives" / "fetched.json").read_text())["files"]
    assert files["2026-07.zip"]["md5_published"] is False


def test_only_a_whole_md5_counts_as_one():
    digest = "A" * 32
    page = f"2026-07.zip {digest}-104 2026-06.zip MD5: {digest}. 2026-05.zip"
    assert archives_on_page(page) == {"2026-07": None, "2026-06": "a" * 32, "2026-05": None}


def test_a_redirect_is_followed_and_resumed_there(police, tmp_path):
    body = large_archive(1)
    elsewhere = LocalServer()
    elsewhere.routes["/bucket/2026-07.zip"] = file = File(body)
    file.break_next = [600_000]
    police.offer("2026-07", body)
    police.routes["/data/archive/2026-07.zip"] = lambda *_: Answer(
        status=302, headers={"Location": f"{elsewhere.url}/bucket/2026-07.zip?signature=secret"}
    )
    by_archive(police, tmp_path, months=MONTHS[:1])
    elsewhere.close()
    assert [one.status for one in elsewhere.log] == [200, 206]
    assert "secret" not in (tmp_path / "archives" / "fetched.json").read_text()


# Failures that pass, and those that do not


def test_the_wait_a_service_asks_for_is_kept(police, tmp_path, waits):
    police.offer("2026-07", two_months())
    police.fault("/data/archive/", Answer(status=429, headers={"Retry-After": "3"}))
    in_a_second = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 4))
    police.fault(
        "/data/archive/2026-07.zip",
        Answer(status=503, headers={"Retry-After": in_a_second}),
        Answer(status=429),
    )
    assert len(by_archive(police, tmp_path)) == 2
    assert waits[0] == 3
    assert 1 < waits[1] <= 4
    assert waits[2] == QUICK.wait_s(2)


def test_a_wait_that_is_too_long_ends_the_work_with_a_message(police, tmp_path, waits):
    police.fault("/data/archive/", Answer(status=429, headers={"Retry-After": "3600"}))
    with refused("asked-to-wait", "3,600 s", kind=hs.DataError):
        by_archive(police, tmp_path)
    assert waits == []


def test_failures_that_pass_are_tried_again_and_waits_double(police, tmp_path, waits):
    police.offer("2026-07", two_months())
    police.fault("/data/archive/", Answer(status=500), Answer(status=502), Answer(status=504))
    assert len(by_archive(police, tmp_path)) == 2
    assert waits == [0.01, 0.02, 0.04]


def test_failures_that_do_not_pass_end_after_so_many_tries(police, tmp_path, waits):
    police.fault("/data/archive/", *[Answer(status=500)] * 9)
    with refused("gave-up", "answered 500", "4 tries", kind=hs.DataError):
        by_archive(police, tmp_path)
    assert len(police.log) == 4


def test_silence_is_a_timeout_and_is_tried_again(police, tmp_path, waits):
    police.offer("2026-07", two_months())
    police.fault("/data/archive/", Answer(silent_s=0.6))
    short = hs.opendata.Patience(tries=2, first_wait_s=0, connect_s=1, read_s=0.3)
    assert len(by_archive(police, tmp_path, patience=short)) == 2
    police.fault("/data/archive/", Answer(silent_s=0.6), Answer(silent_s=0.6))
    with refused("gave-up", "in time", "2 tries", kind=hs.DataError):
        by_archive(police, tmp_path, patience=short, refresh=True)


def test_nobody_there_is_a_message(tmp_path, waits):
    server = LocalServer()
    server.close()
    with refused("gave-up", "HTTPS_PROXY", kind=hs.DataError):
        by_archive(server, tmp_path)


def test_broken_json_and_web_pages_are_no_answers(police, tmp_path, waits):
    area = zones(box(-1.6, 53.7, -1.5, 53.8))
    police.fault("/api/crimes-street-dates", Answer(b"[{"), Answer(b"[{"))
    police.unplaced[FORCE, "2025-01"] = []
    assert len(by_api(police, tmp_path, area)) == 2
    police.fault("/api/crimes-street-dates", web_page("Sign in"))
    with refused("web-page", '"Sign in"', kind=hs.DataError):
        by_api(police, tmp_path, area, refresh=True)


def test_we_say_who_asks_and_give_no_credentials(police, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    police.offer("2026-07", two_months())
    police.fault("/data/archive/", Answer(status=302, headers={"Location": "/data/archive/"}))
    by_archive(police, tmp_path)
    assert {one.headers["User-Agent"] for one in police.log} == {f"hotspots/{hs.__version__}"}
    assert not any("Authorization" in one.headers for one in police.log)


def test_a_proxy_of_the_environment_is_used(police, tmp_path, monkeypatch):
    police.offer("2026-07", two_months())
    monkeypatch.setenv("HTTP_PROXY", police.url)
    monkeypatch.setenv("http_proxy", police.url)
    paths = by_archive(police, tmp_path, base_url="http://data.police.example")
    assert len(paths) == 2
    assert {one.headers["Host"] for one in police.log} == {"data.police.example"}


def test_a_redirect_from_https_to_http_is_refused():
    answer = SimpleNamespace(url="https://data.police.uk/x", status_code=200, headers={})
    answer.history = [SimpleNamespace(url="http://data.police.uk/x")]
    with pytest.raises(hs.DataError, match="plain http"):
        client_module._check_status(answer, "https://data.police.uk/x", ())


def test_a_fetch_of_many_calls_keeps_to_the_rate(police, tmp_path, at_its_pace):
    months = months_between("2023-08", "2024-05")
    police.months, began = months, time.monotonic()
    for month in months:
        police.unplaced[FORCE, month] = []
    by_api(police, tmp_path, zones(AREA), months=months)
    assert len(police.log) <= 30 + 15 * (time.monotonic() - began) + 1
    assert len(police.log) == 2 + 3 * len(months)


@given(st.lists(st.floats(0, 2), max_size=200))
def test_no_stretch_of_time_sees_more_calls_than_the_service_allows(pauses):
    now = [0.0]
    bucket = TokenBucket(
        15, 30, clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s)
    )
    calls = []
    for pause in pauses:
        now[0] += pause / 100
        bucket.take()
        calls.append(now[0])
    for first in range(0, len(calls), 7):
        for last in range(first, len(calls)):
            assert last - first + 1 <= 30 + 15 * (calls[last] - calls[first]) + 1e-6


# The API


def planted(number, seed_month="2025-01"):
    """Crimes on a lattice through and around Leeds, many on the same point, few of them told apart
    by anything but their id; among them all points on the middle lines of the area."""
    return [
        crime(at + 1, -1.60 + 0.005 * (at % 41), 53.70 + 0.005 * (at // 41 % 41), seed_month)
        for at in range(number)
    ]


AREA = box(-1.56, 53.74, -1.44, 53.86)


def placed_inside(crimes, shape, rim_m=0):
    grid = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs("EPSG:27700").buffer(rim_m).iloc[0]
    points = gpd.GeoSeries(
        [Point(*(float(one["location"][k]) for k in ("longitude", "latitude"))) for one in crimes],
        crs="EPSG:4326",
    ).to_crs("EPSG:27700")
    inside = points.intersects(grid)
    return {one["id"] for one, keep in zip(crimes, inside, strict=True) if keep}


@pytest.mark.parametrize("limit", [10_000, 300, 40])
def test_pieces_lose_no_crime_and_double_none(police, tmp_path, limit):
    police.crimes["2025-01"] = planted(2_000)
    police.unplaced[FORCE, "2025-01"] = []
    police.limit = limit
    shapes = [
        AREA,
        AREA.difference(box(-1.52, 53.78, -1.48, 53.82)),
        MultiPolygon([box(-1.56, 53.74, -1.53, 53.77), box(-1.47, 53.83, -1.44, 53.86)]),
    ]
    for number, shape in enumerate(shapes):
        paths = by_api(police, tmp_path / f"{limit}-{number}", zones(shape))
        ids = [one["id"] for one in json.loads(paths[0].read_bytes())]
        assert len(ids) == len(set(ids))
        assert placed_inside(police.crimes["2025-01"], shape) <= set(ids)
        assert set(ids) <= placed_inside(police.crimes["2025-01"], shape, rim_m=51)
        assert len(ids) == len(loaded(paths)[0])
    refused = [one for one in police.log if one.status == 503]
    assert bool(refused) == (limit < 10_000)


def test_splitting_does_not_change_a_byte(police, tmp_path):
    police.crimes["2025-01"] = planted(1_700)
    police.unplaced[FORCE, "2025-01"] = []
    whole, _ = by_api(police, tmp_path / "whole", zones(AREA))
    police.limit = 50
    split, _ = by_api(police, tmp_path / "split", zones(AREA).to_crs("EPSG:27700"))
    ids = [[one["id"] for one in json.loads(path.read_bytes())] for path in (whole, split)]
    assert ids[0] == ids[1]
    again, _ = by_api(police, tmp_path / "again", zones(AREA))
    assert again.read_bytes() == whole.read_bytes()


def test_a_long_outline_is_posted_and_a_short_one_is_not(police, tmp_path):
    police.unplaced[FORCE, "2025-01"] = []
    by_api(police, tmp_path / "a", zones(AREA))
    round_one = Point(430_000, 433_000).buffer(9_000, quad_segs=90)
    by_api(police, tmp_path / "b", gpd.GeoDataFrame(geometry=[round_one], crs="EPSG:27700"))
    comb = MultiPolygon([box(-1.6, 53.70 + at / 100, -1.5, 53.705 + at / 100) for at in range(30)])
    spine = comb.union(box(-1.61, 53.7, -1.599, 54.0))
    by_api(police, tmp_path / "c", zones(spine))
    asked = police.asked("/api/crimes-street/all-crime")
    assert asked[0].method == "GET"
    assert asked[-1].method == "POST"
    assert len(asked[-1].question["poly"]) > 2_000


def test_crimes_without_a_place_come_in_a_file_of_their_own(police, tmp_path):
    police.crimes["2025-01"] = [crime(1, -1.5, 53.8)]
    police.unplaced[FORCE, "2025-01"] = [
        crime(number, 0, 0, category="burglary") | {"location": None, "location_type": None}
        for number in (8, 7)
    ]
    paths = by_api(police, tmp_path, zones(AREA), folder=tmp_path / "out")
    assert [path.name for path in paths] == [
        f"2025-01-{FORCE}-api.json",
        f"2025-01-{FORCE}-no-location.json",
    ]
    incidents, record = loaded(tmp_path / "out")
    assert len(incidents) == 3
    assert int(incidents.geometry.isna().sum()) == 2
    assert [one.read for one in record.sources] == [1, 2]


def test_a_month_the_api_does_not_have_is_named_before_anything_is_asked(police, tmp_path):
    with refused("month-missing", "2025-01 to 2025-02", "got 2024-11", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA), months=["2024-11", "2025-01"])
    assert not police.asked("/api/crimes-street/all-crime")


def test_a_month_the_api_no_longer_has_is_kept_and_read_again(police, tmp_path):
    for month in MONTHS:
        police.crimes[month] = [crime(1, -1.5, 53.8, month)]
        police.unplaced[FORCE, month] = []
    first = by_api(police, tmp_path, zones(AREA), months=MONTHS)
    police.months = MONTHS[1:]
    police.crimes[MONTHS[1]].append(crime(2, -1.5, 53.8, MONTHS[1]))
    again = by_api(police, tmp_path, zones(AREA), months=MONTHS, refresh=True)
    assert again == first and len(loaded(again)[0]) == 3


def test_a_service_that_is_down_is_not_split_for_ever(police, tmp_path):
    police.limit = -1
    with refused("out-of-service", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA))
    assert len(police.asked("/api/crimes-street/all-crime")) < 12


def test_a_503_that_asks_to_wait_is_waited_for_and_not_split(police, tmp_path, waits):
    police.unplaced[FORCE, "2025-01"] = []
    path = "/api/crimes-street/all-crime"
    police.fault(path, Answer(status=503, headers={"Retry-After": "2"}))
    by_api(police, tmp_path, zones(AREA))
    assert waits == [2]
    assert len(police.asked(path)) == 2


def test_new_data_that_is_published_meanwhile_stops_the_fetch(police, tmp_path):
    police.unplaced[FORCE, "2025-01"] = []
    police.fault("/api/crime-last-updated", as_json({"date": "2026-06-01"}))
    with refused("edition-changed", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA))
    assert not list(tmp_path.rglob("*.json"))


def test_crimes_of_another_month_are_refused(police, tmp_path):
    police.crimes["2025-01"] = [crime(1, -1.5, 53.8, "2025-02")]
    with refused("other-month", "of 2025-01", "of 2025-02", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA))


def test_months_that_arrived_are_kept_when_a_later_one_fails(police, tmp_path, waits):
    for month in MONTHS:
        police.unplaced[FORCE, month] = []
    police.fault("/api/crimes-no-location", as_json([]), *[Answer(status=500)] * 4)
    with refused("gave-up", "4 tries", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA), months=MONTHS)
    before = len(police.asked("/api/crimes-street/all-crime"))
    assert len(by_api(police, tmp_path, zones(AREA), months=MONTHS)) == 4
    assert len(police.asked("/api/crimes-street/all-crime")) == before + 1


@pytest.mark.skipif(
    not (SHARED / "police_uk_api").is_dir(),
    reason="the shared real data is not here (set HOTSPOTS_SHARED_DATA to its folder)",
)
def test_a_real_month_of_sheffield_survives_being_cut_into_pieces(police, tmp_path):
    file = SHARED / "police_uk_api" / "sheffield" / "2024-05-sheffield-api.json.gz"
    crimes = json.loads(gzip.decompress(file.read_bytes()))
    police.crimes["2024-05"], police.months, police.limit = crimes, ["2024-05"], 1_000
    police.unplaced["south-yorkshire", "2024-05"] = []
    paths = hs.opendata.fetch_police_uk(
        "south-yorkshire", "2024-05", "2024-05", cache=tmp_path, prefer="api", base_url=police.url,
        within=zones(box(-1.66, 53.30, -1.30, 53.49)),
    )  # fmt: skip
    came = json.loads(paths[0].read_bytes())
    assert sorted(one["id"] for one in came) == sorted(one["id"] for one in crimes)
    assert len(police.asked("/api/crimes-street/all-crime")) > 10
    assert len(loaded(paths)[0]) == len(crimes)


# Offline


def test_offline_names_what_is_missing_and_where_to_put_it(police, tmp_path):
    with pytest.raises(hs.DataError) as caught:
        by_archive(police, tmp_path, offline=True)
    told = str(caught.value)
    assert "2025-01 to 2025-02" in told
    assert f"{police.url}/data/archive/" in told
    assert str(tmp_path / "archives") in told
    assert f"2025-01/2025-01-{FORCE}-street.csv" in told
    with refused("not-cached", "2025-01-west-yorkshire-api.json", "1 more", kind=hs.DataError):
        by_api(police, tmp_path, zones(AREA), offline=True)
    assert police.log == []


def test_offline_works_from_the_cache_without_a_call(police, tmp_path):
    police.offer("2026-07", two_months())
    for month in MONTHS:
        police.unplaced[FORCE, month] = []
    once = by_archive(police, tmp_path), by_api(police, tmp_path, zones(AREA))
    before = len(police.log)
    again = (
        by_archive(police, tmp_path, offline=True, refresh=True),
        by_api(police, tmp_path, zones(AREA), offline=True),
    )
    assert again == once
    assert len(police.log) == before


def test_an_archive_put_there_by_hand_is_used(police, tmp_path):
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "latest.zip").write_bytes(two_months(rows=4))
    assert len(loaded(by_archive(police, tmp_path, offline=True))[0]) == 8


def test_files_put_there_by_hand_are_used_if_they_are_what_they_should_be(police, tmp_path):
    for month, data in zip(MONTHS, (street_csv(MONTHS[0], 4), b"<html>"), strict=True):
        path = tmp_path / "police-uk" / month / f"{month}-{FORCE}-street.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    with refused("not-cached", FORCE, "for 2025-02 ", kind=hs.DataError):
        by_archive(police, tmp_path, offline=True)
    assert len(loaded(by_archive(police, tmp_path, months=MONTHS[:1], offline=True))[0]) == 4


def test_a_file_that_was_damaged_in_the_cache_is_made_good_again(police, tmp_path):
    police.offer("2026-07", two_months(rows=4))
    (path, _) = by_archive(police, tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    assert len(loaded(by_archive(police, tmp_path))[0]) == 8


def test_an_archive_that_was_damaged_in_the_cache_is_fetched_again(police, tmp_path):
    police.offer("2026-07", two_months(rows=4))
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "2026-07.zip").write_bytes(b"half an archive")
    with refused("bad-zip", kind=hs.DataError, file="2026-07.zip"):
        by_archive(police, tmp_path, offline=True)
    assert len(loaded(by_archive(police, tmp_path))[0]) == 8


def test_a_broken_manifest_is_no_trouble(police, tmp_path):
    police.offer("2026-07", two_months())
    by_archive(police, tmp_path)
    (tmp_path / "police-uk" / "fetched.json").write_text("{")
    assert len(by_archive(police, tmp_path, offline=True)) == 2


def test_without_requests_the_message_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(hs.MissingExtraError, match="pip install requests"):
        hs.opendata.fetch_police_uk(FORCE, *MONTHS, cache=tmp_path)


# Arguments


@pytest.mark.parametrize(
    ("options", "of", "got"),
    [
        ({"force": "West Yorkshire"}, "force", ["'West Yorkshire'", "'west-yorkshire'."]),
        ({"force": "../etc"}, "force", ["'../etc'"]),
        ({"from_month": "2025-1"}, "from_month", ["2025-01", "'2025-1'"]),
        ({"to_month": "2025-13"}, "to_month", ["'2025-13'"]),
        ({"to_month": "2024-12"}, "from_month", ["`to_month`", "2025-01 and 2024-12"]),
        ({"from_month": "2009-01"}, None, ["begins with 2010-12", "got 2009-01"]),
        ({"prefer": "ftp"}, "prefer", ['"archive" or "api"', "'ftp'"]),
        ({"prefer": "api"}, "prefer", ["give `within`"]),
        ({"prefer": "api", "within": zones()}, "prefer", ["`within`", "one row"]),
        ({"prefer": "api", "within": zones(Point(0, 51))}, "within", ["an area"]),
        ({"within": zones(AREA)}, "within", ['`prefer="api"`']),
        ({"base_url": "ftp://data.police.uk"}, "base_url", ["'ftp://data.police.uk'"]),
        ({"base_url": "https://me:word@data.police.uk"}, "base_url", ["user name"]),
    ],
)
def test_arguments_that_cannot_be_are_refused_before_anything_is_asked(tmp_path, options, of, got):
    asked = {"force": FORCE, "from_month": "2025-01", "to_month": "2025-02"} | options
    crs = asked.get("within")
    if crs is not None and crs.empty:
        asked["within"] = gpd.GeoDataFrame(geometry=[], crs="EPSG:4326")
    with refused("argument", *got, of=of):
        hs.opendata.fetch_police_uk(cache=tmp_path, **asked)


@pytest.mark.parametrize(
    "given", [{"tries": 0}, {"read_s": 0}, {"first_wait_s": -1}, {"tries": "5"}]
)
def test_patience_must_be_possible(given):
    with refused("patience", of=next(iter(given))):
        hs.opendata.Patience(**given)


def test_months_are_counted_over_new_year():
    assert months_between("2024-12", "2025-01") == ["2024-12", "2025-01"]
    assert len(months_between("2010-12", "2026-07")) == 188


def test_progress_is_told_in_order_and_ends_with_the_whole(police, tmp_path):
    told = []
    body = large_archive(1)
    police.offer("2026-07", body)
    by_archive(police, tmp_path, months=MONTHS[:1], progress=told.append)
    done = [one.done for one in told]
    assert done == sorted(done)
    assert (done[-1], told[-1].total, told[-1].unit) == (len(body), len(body), "bytes")


# Boundaries


def country(server, *, wards=7, areas=9):
    """Leeds and a district whose name begins the same way, with wards and LSOAs."""
    districts = {"E08000035": "Leeds", "E07000999": "Leeds Abbey", "E07000146": "King's Lynn"}
    server.layer(
        "LAD_MAY_2025_UK_BUC",
        [{"LAD25CD": code, "LAD25NM": name} for code, name in districts.items()],
        [square(-1.6 + at, 53.7) for at in range(3)],
    )
    ward_rows = [
        {"WD25CD": f"E{5_000_000 + 10_000 * of + at:08d}", "WD25NM": f"Ward {at}", "LAD25CD": code}
        for of, code in enumerate(districts)
        for at in range(wards)
    ]
    shapes = [square(-1.6 + 0.02 * (at % 100), 53.7) for at in range(len(ward_rows))]
    server.layer("WD_MAY_2025_UK_BSC_V2", ward_rows, shapes)
    area_rows = [
        {"LSOA21CD": f"E{1_000_000 + 1_000 * of + at:08d}", "LSOA21NM": f"{name} {at:03d}A"}
        for of, name in enumerate(districts.values())
        for at in range(areas)
    ]
    shapes = [square(-1.6 + 0.001 * at, 53.7, 0.001) for at in range(len(area_rows))]
    server.layer("LSOA_2021_EW_BSC_V4_RUC", area_rows, shapes)
    code_of = {name: code for code, name in districts.items()}
    lookup = [
        {"LSOA21CD": row["LSOA21CD"], "LAD25CD": code_of[row["LSOA21NM"].rsplit(" ", 1)[0]]}
        for row in area_rows
    ]
    server.layer("LSOA21_WD25_LAD25_EW_LU_v2", lookup)
    return server


def outlines(server, cache, *, district="Leeds", **options):
    options = {"patience": QUICK, "base_url": server.url, "layers": SMALL} | options
    return hs.opendata.fetch_boundaries(district, cache=cache, **options)


SMALL = {
    "district": hs.opendata.BoundaryLayer("LAD_MAY_2025_UK_BUC", "LAD25CD", "LAD25NM", "LAD25CD"),
    "ward": hs.opendata.BoundaryLayer("WD_MAY_2025_UK_BSC_V2", "WD25CD", "WD25NM", "LAD25CD"),
    "lsoa": hs.opendata.BoundaryLayer(
        "LSOA_2021_EW_BSC_V4_RUC", "LSOA21CD", "LSOA21NM", lookup="LSOA21_WD25_LAD25_EW_LU_v2"
    ),
}


def test_boundaries_load_as_zones_without_further_words(geography, tmp_path):
    paths = outlines(country(geography), tmp_path / "cache", folder=tmp_path / "out")
    assert [path.name for path in paths] == [
        "leeds_ward.geojson",
        "leeds_lsoa.geojson",
        "leeds_district.geojson",
    ]
    wards, areas, district = (hs.load_zones(path) for path in paths)
    assert (len(wards), len(areas), len(district)) == (7, 9, 1)
    assert set(wards["kind"]) == {"ward"}
    assert not wards["approximate"].any()
    assert list(areas["zone_name"]) == [f"Leeds {at:03d}A" for at in range(9)]
    assert district.index.tolist() == ["E08000035"]
    files = json.loads((tmp_path / "out" / "fetched.json").read_text())["files"]
    assert files["leeds_ward.geojson"]["zones"] == 7
    assert files["leeds_ward.geojson"]["sha256"] == sha256_of(paths[0])


@pytest.mark.parametrize("most", [1, 3, 2_000])
def test_pages_of_any_length_give_the_same_file(geography, tmp_path, most):
    whole = outlines(country(geography), tmp_path / "whole")
    geography.most = most
    paged = outlines(geography, tmp_path / "paged")
    assert [one.read_bytes() for one in whole] == [one.read_bytes() for one in paged]


def test_more_than_two_thousand_zones_are_asked_for_in_pages(geography, tmp_path):
    country(geography, wards=4_500)
    (path,) = outlines(geography, tmp_path, kinds="ward")
    offsets = [
        one.question["resultOffset"]
        for one in geography.asked("/WD_MAY_2025_UK_BSC_V2/FeatureServer/0/query")
        if "resultOffset" in one.question
    ]
    assert offsets == ["0", "2000", "4000"]
    assert len(json.loads(path.read_bytes())["features"]) == 4_500


def test_a_district_can_be_named_by_its_code_and_in_any_case(geography, tmp_path):
    country(geography)
    by_code = outlines(geography, tmp_path / "a", district="E08000035", kinds=["ward"])
    by_name = outlines(geography, tmp_path / "b", district=" leeds ", kinds=["ward"])
    assert by_code[0].name == "e08000035_ward.geojson"
    assert by_code[0].read_bytes() == by_name[0].read_bytes()


def test_a_district_that_is_not_known_is_named_with_those_that_are_near(geography, tmp_path):
    with pytest.raises(hs.DataError, match=r"'Leedes' .*Perhaps 'Leeds'"):
        outlines(country(geography), tmp_path, district="Leedes")


def test_a_count_that_is_not_met_is_an_error_and_writes_nothing(geography, tmp_path):
    country(geography).lie = 1
    with refused("features-missing", "4 features", "3 came", kind=hs.DataError):
        outlines(geography, tmp_path)
    assert names_in(tmp_path) == []


def test_a_zone_that_comes_twice_is_an_error(geography, tmp_path):
    country(geography)
    rows = [{"WD25CD": "E05000001", "WD25NM": "One", "LAD25CD": "E08000035"}] * 2
    geography.layer("WD_MAY_2025_UK_BSC_V2", rows, [square(-1.5, 53.8)] * 2)
    with pytest.raises(hs.DataError, match="'E05000001' came twice"):
        outlines(geography, tmp_path, kinds=["ward"])


@pytest.mark.parametrize(
    ("shape", "message"),
    [([], "an outline with WD25CD"), ([[430_000, 433_000]] * 4, "degrees in the United Kingdom")],
)
def test_an_outline_that_is_none_is_refused(geography, tmp_path, shape, message):
    country(geography)
    rows = [{"WD25CD": "E05000001", "WD25NM": "One", "LAD25CD": "E08000035"}]
    geography.layer("WD_MAY_2025_UK_BSC_V2", rows, [shape])
    with pytest.raises(hs.DataError, match=message):
        outlines(geography, tmp_path, kinds=["ward"])


def test_an_error_in_a_good_envelope_is_an_error_and_a_passing_one_is_tried_again(
    geography, tmp_path, waits
):
    country(geography)
    path = "/LAD_MAY_2025_UK_BUC/FeatureServer/0/query"
    geography.fault(path, as_json({"error": {"code": 500, "message": "Error performing query"}}))
    assert len(outlines(geography, tmp_path, kinds=["ward"])) == 1
    geography.fault(path, as_json({"error": {"code": 400, "message": "Invalid URL"}}))
    with refused("service-refused", "'Invalid URL'", "`layers`", kind=hs.DataError):
        outlines(geography, tmp_path, kinds=["ward"], refresh=True)


def test_without_the_lookup_areas_are_picked_by_name_and_the_namesake_is_not(geography, tmp_path):
    whole = outlines(country(geography), tmp_path / "a", kinds=["lsoa"])
    del geography.routes["/LSOA21_WD25_LAD25_EW_LU_v2/FeatureServer/0/query"]
    with pytest.warns(UserWarning, match="LSOA21_WD25_LAD25_EW_LU_v2.* by name"):
        named = outlines(geography, tmp_path / "b", kinds=["lsoa"])
    assert whole[0].read_bytes() == named[0].read_bytes()
    with pytest.warns(UserWarning):
        quoted = outlines(geography, tmp_path / "b", kinds=["lsoa"], district="King's Lynn")
    assert len(hs.load_zones(quoted[0])) == 9


def test_many_codes_are_asked_for_in_batches_that_are_posted(geography, tmp_path):
    country(geography, areas=450)
    (path,) = outlines(geography, tmp_path, kinds=["lsoa"])
    asked = geography.asked("/LSOA_2021_EW_BSC_V4_RUC/FeatureServer/0/query")
    assert [one.method for one in asked].count("POST") >= 2
    assert len(json.loads(path.read_bytes())["features"]) == 450


def test_areas_without_an_outline_are_missed(geography, tmp_path):
    country(geography)
    rows = [{"LSOA21CD": "E01000000", "LSOA21NM": "Leeds 000A"}]
    geography.layer("LSOA_2021_EW_BSC_V4_RUC", rows, [square(-1.5, 53.8)])
    with refused("outlines-missing", "9 zones", "1 have", kind=hs.DataError):
        outlines(geography, tmp_path, kinds=["lsoa"])


def test_a_layer_of_another_size_than_known_is_warned_of(geography, tmp_path):
    with pytest.warns(UserWarning, match=r"WD_MAY_2025_UK_BSC_V2: 8,405 .* 21\."):
        outlines(country(geography), tmp_path, kinds=["ward"], layers=None)


def test_boundaries_are_kept_named_when_missing_and_fetched_anew_for_another_layer(
    geography, tmp_path
):
    with refused("not-cached", "leeds_ward.geojson", "--district", kind=hs.DataError):
        outlines(geography, tmp_path, kinds=["ward"], offline=True)
    once = outlines(country(geography), tmp_path, kinds=["ward"])
    before = len(geography.log)
    assert outlines(geography, tmp_path, kinds=["ward"], offline=True) == once
    assert outlines(geography, tmp_path, kinds=["ward"]) == once
    assert len(geography.log) == before
    finer = {"ward": hs.opendata.BoundaryLayer("FINER", "WD25CD", "WD25NM", "LAD25CD")}
    with refused("not-cached", kind=hs.DataError):
        outlines(geography, tmp_path, kinds=["ward"], layers=finer, offline=True)


def test_kinds_that_are_not_known_are_refused(tmp_path):
    with refused("argument", "'district', 'lsoa', 'ward'", of="kinds"):
        hs.opendata.fetch_boundaries("Leeds", kinds=["parish"], cache=tmp_path)


# The command


@pytest.fixture
def command(monkeypatch, capsys):
    """Runs the command as the installed script does; gives exit code, output and messages."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["hotspots", "fetch", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(returncode=ended.value.code or 0, stdout=said.out, stderr=said.err)

    return run


def test_the_command_fetches_and_its_files_load(command, police, tmp_path):
    police.offer("2026-07", two_months(rows=5))
    asked = ["police-uk", "--force", FORCE, "--from", "2025-01", "--to", "2025-02"]
    where = ["--cache", tmp_path / "cache", "--base-url", police.url]
    run = command(*asked, *where, "--out", tmp_path / "out")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("street.csv") == 2
    assert len(loaded(tmp_path / "out")[0]) == 10
    again = command(*asked, *where, "--out", tmp_path / "other", "--offline")
    assert again.returncode == 0
    assert len(loaded(tmp_path / "other")[0]) == 10


def test_the_command_fetches_boundaries_and_says_warnings_last(command, geography, tmp_path):
    country(geography)
    where = ["--cache", tmp_path / "cache", "--out", tmp_path / "out", "--base-url", geography.url]
    run = command("boundaries", "--district", "Leeds", "--kind", "ward", *where)
    assert run.returncode == 0
    assert run.stderr.startswith("warning: WD_MAY_2025_UK_BSC_V2: 8,405 ")
    assert len(hs.load_zones(tmp_path / "out" / "leeds_ward.geojson")) == 7


def test_the_command_asks_the_api_for_the_area_of_zones(command, police, tmp_path):
    police.crimes["2025-01"] = [crime(1, -1.5, 53.8), crime(2, -1.0, 53.0)]
    police.unplaced[FORCE, "2025-01"] = []
    area = zones(AREA).assign(zone_id="a", zone_name="A")
    area.to_file(tmp_path / "area.geojson")
    asked = ["police-uk", "--force", FORCE, "--from", "2025-01", "--to", "2025-01"]
    where = ["--cache", tmp_path / "cache", "--out", tmp_path / "out", "--base-url", police.url]
    run = command(*asked, *where, "--within", tmp_path / "area.geojson")
    assert (run.returncode, run.stderr) == (0, "")
    assert len(loaded(tmp_path / "out")[0]) == 1


def test_the_command_fails_with_a_message_and_no_traceback(command, tmp_path):
    for asked in (
        ["police-uk", "--force", FORCE, "--from", "2025-01", "--to", "2025-12", "--offline"],
        ["police-uk", "--force", FORCE, "--from", "2025-01", "--to", "202512", "--offline"],
        ["boundaries", "--district", "Leeds", "--offline"],
    ):
        run = command(*asked, "--cache", tmp_path, "--out", tmp_path / "out")
        assert run.returncode == 1
        assert run.stderr.startswith("hotspots: ")
        assert "Traceback" not in run.stderr


def test_a_killed_fetch_resumes_in_the_next_one(command, police, tmp_path):
    body = large_archive()
    file = police.offer("2026-07", body)
    half = Answer(body, kind="application/zip", headers={"ETag": file.version}, halt_after=1 << 21)
    police.fault("/data/archive/2026-07.zip", half)
    asked = ["police-uk", "--force", FORCE, "--from", "2025-01", "--to", "2025-01"]
    where = ["--cache", tmp_path, "--out", tmp_path / "out", "--base-url", police.url]
    process = subprocess.Popen(
        [sys.executable, "-m", "hotspots", "fetch", *map(str, [*asked, *where])],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    part = tmp_path / "archives" / "2026-07.zip.part"
    until = time.monotonic() + 30
    while time.monotonic() < until and not (part.is_file() and part.stat().st_size > 500_000):
        time.sleep(0.02)
    process.kill()
    process.wait()
    have = part.stat().st_size
    assert 500_000 < have < len(body)
    assert command(*asked, *where).returncode == 0
    assert police.asked("/data/archive/2026-07.zip")[-1].served == len(body) - have
    with zipfile.ZipFile(tmp_path / "archives" / "2026-07.zip") as opened:
        assert opened.testzip() is None
