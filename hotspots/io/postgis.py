"""Tables and queries of a PostgreSQL database with PostGIS, for incidents and zones alike.

An address is a URL (``postgresql://host/database``) or what GDAL takes (``PG:dbname=...``). How one
signs in is libpq's business: a password file, a service, a certificate. No message and no record
holds an address, only host, database and table.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.archives import LARGEST_GIB, too_large
from hotspots.core.errors import DataError, listing, require, require_extra
from hotspots.io.count_rows import require_all
from hotspots.io.guard import reason_of

ADDRESS = re.compile(r"(PG:|postgres(?:ql)?:/)", re.IGNORECASE)
GEOMETRY = "geometry (EWKB)"
KINDS = ("geometry", "geography")
QUERY = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
SETTING = re.compile(r"\s*(\w+)\s*=\s*('[^']*'|[^\s']*)\s*")
LIBPQ = (
    "host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout "
    "client_encoding options application_name fallback_application_name keepalives keepalives_idle "
    "keepalives_interval keepalives_count tcp_user_timeout sslmode sslnegotiation sslcert sslkey "
    "sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni sslcompression requirepeer "
    "ssl_min_protocol_version ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation "
    "service servicefile target_session_attrs load_balance_hosts"
)
SETTINGS = frozenset(LIBPQ.split())
LONGEST_S = 600
CONNECT_S = 20


def is_address(path: object) -> bool:
    """Whether a path names a database.

    Examples
    --------
    >>> is_address("PG:dbname=safer"), is_address("postgresql://gis/safer"), is_address("a.gpkg")
    (True, True, False)
    """
    return ADDRESS.match(str(path)) is not None


def label_of(address: object, layer: str | None = None) -> str:
    """What messages and records call it: where it is and which table, never how to sign in."""
    _, said, table = _parts(address)
    names = (said.get("host") or said.get("service") or "localhost", said.get("dbname"))
    asked = layer or table
    what = "query" if asked and QUERY.match(asked) else asked
    return "/".join(str(name) for name in (*names, what) if name)


def read_database(address: object, layer: str | None, *, largest_gib: float = LARGEST_GIB) -> bytes:
    """The rows of a table, or of a query, as CSV, its geometry as hexadecimal EWKB.

    Parameters
    ----------
    address : str or path
        A URL, or ``PG:`` and libpq's settings; ``tables=schema.table`` may be among these.
    layer : str, optional
        A table, with its schema if need be, or a query that begins with SELECT or WITH.
    largest_gib : float
        Most gibibytes that are taken.

    Returns
    -------
    bytes
        UTF-8, with a header.

    Raises
    ------
    DataError
        Where nobody answers, there is no such table, the query fails, takes longer than ten
        minutes or gives more than the limit.

    Notes
    -----
    Everything happens in one transaction that can only read, and that counts the rows as well.
    """
    adbc = require_extra("adbc_driver_postgresql.dbapi", "postgis", "reading from PostgreSQL")
    arrow = require_extra("pyarrow", "postgis", "reading from PostgreSQL")
    name = label_of(address, layer)
    text, _, table = _parts(address)
    try:
        # The transaction is the one that is begun below, so the driver must not begin another.
        with adbc.connect(text, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("SET client_encoding TO 'UTF8'")
            # Rows and their count are of one moment.
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_S}s'")
            data = _copied(cursor, _asked(cursor, layer or table, name), name, largest_gib)
    except (adbc.Error, arrow.ArrowException, OSError) as error:
        raise DataError(
            f"rows of a database were expected; PostgreSQL says: {reason_of(error)}. Check host, "
            "name, table and your rights to read it.",
            rule="database",
            file=name,
        ) from error
    return data


def table_of(data: bytes) -> pd.DataFrame:
    """What :func:`read_database` gave, as a table of text; a GeoDataFrame where it has geometry."""
    rows = _texts(data)
    if GEOMETRY not in rows.columns:
        return rows
    texts = [text or None for text in rows.pop(GEOMETRY)]
    shapes = np.asarray(shapely.from_wkb(texts, on_invalid="ignore"))
    systems = set(shapely.get_srid(shapes[shapely.is_geometry(shapes)]).tolist())
    require(
        len(systems) < 2,
        f"geometry in one coordinate system was expected; it is in {listing(systems)}. Transform "
        "it in a query (ST_Transform).",
        DataError,
        rule="two-crs",
    )
    system = next(iter(systems), 0)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=f"EPSG:{system}" if system else None)


def _texts(data: bytes, **options: Any) -> pd.DataFrame:
    rows: pd.DataFrame = pd.read_csv(
        io.BytesIO(data), dtype=str, na_filter=False, skip_blank_lines=False, **options
    )
    return rows


def _parts(address: object) -> tuple[str, dict[str, str], str | None]:
    """What libpq is to be told, its settings, and the table that GDAL's way of writing names."""
    text = re.sub(r"^PG:", "", str(address).replace("\\", "/"), flags=re.IGNORECASE)
    text = re.sub(r"^(postgres(?:ql)?):/(?!/)", r"\1://", text, flags=re.IGNORECASE)
    table = re.search(r"(?:^|\s)tables=(\S+)", text)
    text = text.replace(table[0], " ") if table else text
    said = _settings(text)
    if said is None or not SETTINGS.issuperset(said):  # the address itself is never repeated
        raise DataError(
            "the address of a database was expected, as postgresql://host/database or "
            "PG:host=... dbname=...; this is none.",
            rule="database-address",
        )
    if "connect_timeout" not in said:
        sign = " " if "://" not in text else "&" if "?" in text else "?"
        text += f"{sign}connect_timeout={CONNECT_S}"
    return text, said, table[1] if table else None


def _settings(text: str) -> dict[str, str] | None:
    """The settings of an address, None where it is none."""
    if "://" in text[:16]:
        try:
            url = urlsplit(text)
            named = {"host": url.hostname, "port": url.port, "dbname": url.path.strip("/")}
            return {key: str(value) for key, value in named.items() if value} | dict(
                parse_qsl(url.query, strict_parsing=bool(url.query))
            )
        except ValueError:
            return None
    pairs, at = {}, 0
    while at < len(text.rstrip()):
        found = SETTING.match(text, at)
        if found is None:
            return None
        pairs[found[1]] = found[2].strip("'")
        at = found.end()
    return pairs


def _asked(cursor: Any, layer: str | None, name: str) -> str:
    """The rows that are asked for, as a query that can stand in another one."""
    if layer is None:
        cursor.execute("SELECT f_table_schema || '.' || f_table_name FROM geometry_columns")
        raise DataError(
            "a table or a query was expected. Name it as `layer`; with geometry there are "
            f"{listing(row[0] for row in cursor.fetchall()) or 'none'}.",
            rule="no-layer",
            file=name,
        )
    if QUERY.match(layer):
        return f"({layer.rstrip().rstrip(';')})"
    return f"(TABLE {'.'.join(map(_quoted, layer.split('.')))})"


def _copied(cursor: Any, asked: str, name: str, largest_gib: float) -> bytes:
    """All rows as CSV, held against the database's own count in the same transaction."""
    from pyarrow.csv import CSVWriter

    # For the types alone: each column is then asked for as PostgreSQL itself writes it.
    cursor.execute(_select("*", asked) + " LIMIT 0")
    columns = list(cursor.fetch_arrow_table().schema)
    shapes = (column.name for column in columns if _kind(column) in KINDS)
    first = next(shapes, None)
    texts = ", ".join(
        f"rows.{_quoted(column.name)}::text AS "
        + _quoted(GEOMETRY if column.name == first else column.name)
        for column in columns
    )
    cursor.execute(_select(texts, asked))
    data = io.BytesIO()
    blocks = cursor.fetch_record_batch()
    with CSVWriter(data, blocks.schema) as written:
        for block in blocks:
            written.write_batch(block)
            if data.tell() > largest_gib * 2**30:
                raise too_large(name, largest_gib)
    cursor.execute(_select("count(*)", asked))
    require_all(len(_texts(data.getvalue(), usecols=[0])), cursor.fetchone()[0], name)
    return data.getvalue()


def _select(what: str, asked: str) -> str:
    """A query is the user's own; the transaction can only read."""
    return " ".join(("SELECT", what, "FROM", asked, "AS rows"))


def _kind(column: Any) -> str:
    """PostgreSQL's name of a column's type, where Arrow has none of its own for it."""
    return str((column.metadata or {}).get(b"ADBC:postgresql:typname", b""), "ascii")


def _quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
