"""One table as its reader may see it, with what was said of it written into the record."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hotspots.core.behind import Behind, without_behind
from hotspots.disclosure.disclose_record import disclose_record
from hotspots.disclosure.refuse import check_marking
from hotspots.disclosure.release_table import in_turn, release_table
from hotspots.disclosure.releases import reader_of

__all__ = ["disclose_record", "disclose_table", "disclose_tables"]


def disclose_table(areas, record, *, earlier=(), beside=(), keep=()):
    behind = replace(Behind.said_by([areas]), themes=tuple(record.themes))
    areas = without_behind(areas)
    reader = reader_of(record, [areas, *_several(beside)], behind)
    check_marking(reader)
    told = release_table(
        areas, reader, earlier=_several(earlier), beside=_several(beside), keep=keep
    )
    return _told(told, record)


def disclose_tables(tables, record, *, earlier=()):
    tables = list(tables)
    reader = reader_of(record, tables, replace(Behind.said_by(tables), themes=tuple(record.themes)))
    tables = list(map(without_behind, tables))
    check_marking(reader)
    return [_told(one, record) for one in in_turn(tables, reader, _several(earlier))[0]]


def _told(told, record):
    record.warn_reader(*told.caveats)
    if told.choice:
        record.choose("release", **told.choice)
    return told.table


def _several(tables):
    return [tables] if isinstance(tables, pd.DataFrame) else list(tables or ())
