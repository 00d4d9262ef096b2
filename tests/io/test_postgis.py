"""Incidents and zones out of a real PostgreSQL with PostGIS, started where one is installed."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents
from hotspots.io.postgis import is_address, label_of, read_database, table_of
from hotspots.io.zones.read import load_zones

adbc = pytest.importorskip("adbc_driver_postgresql.dbapi")
BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))
POSTGIS = list(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
needs_postgis = pytest.mark.skipif(
    not (BIN / "initdb").exists() or not POSTGIS, reason="no PostgreSQL with PostGIS is installed"
)
MAPPED = FieldMap(
    "points", reference="ref", date="day", offence="code", offence_scheme="home_office",
    geometry=True, layer="crime.log",
)  # fmt: skip
TABLES = """
CREATE EXTENSION postgis;
CREATE SCHEMA crime;
CREATE TABLE crime.log AS
    SELECT 'r' || n AS ref, date '2025-07-03' AS day, '8N' AS code, n AS worth,
           ST_SetSRID(ST_MakePoint(430000 + n, 433000), 27700) AS place
    FROM generate_series(1, 59) AS n;
INSERT INTO crime.log VALUES (NULL, '2025-07-04', '8N', NULL, NULL);
CREATE TABLE crime.plain AS SELECT ref, day, code, ST_X(place) AS x, ST_Y(place) AS y
    FROM crime.log;
CREATE VIEW crime.degrees AS SELECT ref, day, code, ST_Transform(place, 4326)::geography AS at
    FROM crime.log;
CREATE TABLE crime.wards AS
    SELECT 'Ward ' || n AS name, date '2025-04-01' AS valid_from,
           ST_SetSRID(ST_MakeEnvelope(430000 + 100 * n, 433000, 430100 + 100 * n, 434000), 27700)
    AS outline FROM generate_series(1, 3) AS n;
CREATE FUNCTION crime.meddle() RETURNS int LANGUAGE sql AS 'DELETE FROM crime.log; SELECT 1';
"""


@pytest.fixture(scope="module")
def server():
    """The address of a server of its own, in a folder that goes with it; no port is opened."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    nobody = {"user": "postgres"} if hasattr(os, "geteuid") and os.geteuid() == 0 else {}
    if nobody:
        shutil.chown(folder, "postgres")

    def run(*command):
        subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **nobody,
        )  # fmt: skip

    run(BIN / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync")
    quiet = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run(BIN / "pg_ctl", "-D", folder / "data", "-o", quiet, "-w", "start")
    try:
        address = f"host={folder} dbname=postgres user=postgres"
        run(BIN / "psql", "-h", folder, "-U", "postgres", "-q", "-c", TABLES)
        yield address
    finally:
        run(BIN / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def read(address, fields=MAPPED):
    record = RunRecord("t", "TEST")
    return load_incidents(address, fields=fields, record=record), record


@needs_postgis
@pytest.mark.parametrize("layer", ["crime.log", "crime.degrees", "SELECT * FROM crime.log;",
    "with held as (select * from crime.log) select ref, day, code, place from held"])  # fmt: skip
def test_a_table_a_view_and_a_query_give_their_incidents(server, layer):
    incidents, record = read(f"PG:{server}", replace(MAPPED, layer=layer))
    assert (record.read, record.accepted, len(incidents)) == (60, 60, 60)
    placed = incidents[incidents.geometry.notna()]
    assert len(placed) == 59
    easting = placed["reference"].str[1:].astype(int) + 430_000
    assert (placed.geometry.x - easting).abs().max() < 0.1


@needs_postgis
def test_the_table_can_stand_in_the_address_and_the_address_can_be_a_url(server):
    folder = server.split()[0].partition("=")[2]
    url = f"postgresql://postgres@/postgres?host={folder}"
    unnamed = replace(MAPPED, layer=None)
    by_name, _ = read(f"PG:{server} tables=crime.log", unnamed)
    by_url, record = read(url)
    assert by_name["reference"].tolist() == by_url["reference"].tolist()
    assert [source.name for source in record.sources] == [f"{folder}/postgres/crime.log"]
    assert "postgres@" not in str(record.manifest()), record.manifest()


@needs_postgis
def test_columns_of_coordinates_do_without_geometry(server):
    fields = replace(MAPPED, geometry=False, easting="x", northing="y", layer="crime.plain")
    assert read(f"PG:{server}", fields)[1].accepted == 60


@needs_postgis
def test_the_same_rows_have_the_same_hash_and_other_rows_another(server):
    hashes = [
        read(f"PG:{server}", replace(MAPPED, layer=f"SELECT * FROM crime.log WHERE {which}"))[1]
        .sources[0].sha256
        for which in ("worth < 9", "worth < 9", "worth < 8")
    ]  # fmt: skip
    assert hashes[0] == hashes[1] != hashes[2]


@needs_postgis
def test_texts_come_as_they_are(server):
    odd = r"""SELECT E'a "b", c\nd''e' AS "ref ""x", NULL AS day, true AS code, '' AS empty"""
    rows = table_of(read_database(f"PG:{server}", odd))
    assert rows.to_dict("list") == {
        'ref "x': ["a \"b\", c\nd'e"], "day": [""], "code": ["true"], "empty": [""],
    }  # fmt: skip


@needs_postgis
def test_zones_come_the_same_way(server):
    zones = load_zones(f"PG:{server}", kind="ward", layer="crime.wards")
    assert zones["zone_name"].tolist() == ["Ward 1", "Ward 2", "Ward 3"]
    assert zones.geometry.area.tolist() == [100_000] * 3
    assert {day.isoformat() for day in zones["valid_from"]} == {"2025-04-01"}


@needs_postgis
def test_nothing_is_written_whatever_a_query_calls(server):
    with refused("database", "read-only", kind=DataError):
        read(f"PG:{server}", replace(MAPPED, layer="SELECT crime.meddle(), * FROM crime.log"))
    with refused("database", kind=DataError):
        read(f"PG:{server}", replace(MAPPED, layer="SELECT 1) AS a; DROP TABLE crime.log; --"))
    assert read(f"PG:{server}")[1].read == 60


@needs_postgis
def test_what_goes_wrong_is_told_without_the_way_in(server):
    secret = f"PG:{server} password=hush"
    for layer, rule in ((None, "no-layer"), ("crime.lost", "database"), ("selec 1", "database")):
        with pytest.raises(DataError) as caught:
            read(secret, replace(MAPPED, layer=layer))
        assert {found.rule for found in caught.value.findings} == {rule}
        assert "hush" not in str(caught.value)
    assert "crime.log" in str(refusal(secret))
    report = check_incidents(secret, fields=MAPPED)
    assert report.to_dict()["rows"]["read"] == 60 and "hush" not in report.to_text()


def refusal(address):
    with pytest.raises(DataError) as caught:
        load_zones(address, kind="ward")
    return caught.value


def test_nobody_at_home_is_a_message():
    address = "PG:host=/nowhere dbname=x password=hush"
    for opened in (lambda: read(address), lambda: load_zones(address, kind="w", layer="a")):
        with refused("database", kind=DataError):
            opened()


@pytest.mark.parametrize("address", ["PG:what is this hush", "PG:nosuch=hush", "postgresql://["])
def test_what_is_no_address_is_told_without_repeating_it(address):
    with pytest.raises(DataError) as caught:
        read(address)
    assert {found.rule for found in caught.value.findings} == {"database-address"}
    assert "hush" not in str(caught.value)


def test_addresses_are_known_and_called_by_place_and_table():
    assert not is_address("data/PG.csv") and is_address(Path("postgresql://me@gis/safer"))
    assert label_of("PG:host=gis dbname=safer password=x tables=a.b") == "gis/safer/a.b"
    assert label_of(Path("postgresql://me:x@gis/safer"), "SELECT 1") == "gis/safer/query"
    assert label_of("PG:host='a b' dbname = safer") == "a b/safer"
    assert label_of("postgresql:///safer?service=hub") == "hub/safer"
