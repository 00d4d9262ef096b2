"""Tables and queries of a PostgreSQL database with PostGIS, for incidents and zones alike.

An address is a URL (``postgresql://host/database``) or what GDAL takes (``PG:dbname=...``). How one
signs in is libpq's business: a password file, a service, Kerberos, a certificate. No message and no
record holds an address, only host, database and table.
"""

from __future__ import annotations

import io
import re
from typing import Any

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
    said, table = _parts(address)
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
    psycopg = require_extra("psycopg", "postgis", "reading from PostgreSQL")
    name = label_of(address, layer)
    said, table = _parts(address)
    try:
        with psycopg.connect(**{"connect_timeout": CONNECT_S, **said}) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_S}s'")
                data = _copied(cursor, _asked(cursor, layer or table, name), name, largest_gib)
    except psycopg.Error as error:
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


def _texts(data: bytes | bytearray) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), dtype=str, na_filter=False, skip_blank_lines=False)


def _parts(address: object) -> tuple[dict[str, Any], str | None]:
    """What libpq is to be told, and the table that GDAL's way of writing names."""
    conninfo = require_extra("psycopg.conninfo", "postgis", "reading from PostgreSQL")
    text = str(address).replace("\\", "/")
    text = re.sub(r"^PG:", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(postgres(?:ql)?):/+", r"\1://", text, flags=re.IGNORECASE)
    table = re.search(r"(?:^|\s)tables=(\S+)", text)
    if table:
        text = text.replace(table[0], " ")
    try:
        return conninfo.conninfo_to_dict(text), table[1] if table else None
    except Exception:  # its message repeats the address
        raise DataError(
            "the address of a database was expected, as postgresql://host/database or "
            "PG:host=... dbname=...; this is none.",
            rule="database-address",
        ) from None


def _asked(cursor: Any, layer: str | None, name: str) -> Any:
    """The rows that are asked for, as a query that can stand in another one."""
    from psycopg import sql

    if layer is None:
        cursor.execute("SELECT f_table_schema || '.' || f_table_name FROM geometry_columns")
        raise DataError(
            "a table or a query was expected. Name it as `layer`; with geometry there are "
            f"{listing(row[0] for row in cursor.fetchall()) or 'none'}.",
            rule="no-layer",
            file=name,
        )
    if QUERY.match(layer):
        return sql.SQL("({})").format(sql.SQL(layer.rstrip().rstrip(";")))
    return sql.SQL("(TABLE {})").format(sql.Identifier(*layer.split(".")))


def _copied(cursor: Any, asked: Any, name: str, largest_gib: float) -> bytes:
    """All rows as CSV, held against the database's own count in the same transaction."""
    from psycopg import sql

    cursor.execute(sql.SQL("SELECT * FROM {} AS rows LIMIT 0").format(asked))
    described = [(column.name, column.type_code) for column in cursor.description]
    cursor.execute("SELECT oid FROM pg_type WHERE typname = ANY(%s)", [list(KINDS)])
    shapes = {oid for (oid,) in cursor.fetchall()}
    first = next((at for at, (_, kind) in enumerate(described) if kind in shapes), None)
    columns = [
        sql.SQL("{} AS {}").format(
            sql.Identifier(column), sql.Identifier(GEOMETRY if at == first else column)
        )
        for at, (column, _) in enumerate(described)
    ]
    chosen = sql.SQL("SELECT {} FROM {} AS rows").format(sql.SQL(", ").join(columns), asked)
    data = bytearray()
    with cursor.copy(
        sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')").format(chosen)
    ) as copy:
        for piece in copy:
            data += piece
            if len(data) > largest_gib * 2**30:
                raise too_large(name, largest_gib)
    cursor.execute(sql.SQL("SELECT count(*) FROM {} AS rows").format(asked))
    came = len(
        pd.read_csv(
            io.BytesIO(data), dtype=str, na_filter=False, skip_blank_lines=False, usecols=[0]
        )
    )
    require_all(came, cursor.fetchone()[0], name)
    return bytes(data)
