"""Parquet judged by its own list of contents, before anything of it is unpacked."""

from __future__ import annotations

import io

from hotspots.core.archives import too_large

CELL_BYTES = 8
BATCH_ROWS = 2**16


def judge_parquet(data: bytes, name: str, largest_gib: float) -> None:
    """Refuse a Parquet file that would fill the memory: a few bytes can stand for many rows.

    First by its list of contents, in which a cell counts 8 bytes at least; then texts, which may be
    kept once and repeated, are summed while they are still kept once.
    """
    from pyarrow import parquet

    about = parquet.ParquetFile(io.BytesIO(data)).metadata
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    columns = [group.column(number) for group in groups for number in range(group.num_columns)]
    held = sum(max(one.total_uncompressed_size, one.num_values * CELL_BYTES) for one in columns)
    texts = {one.path_in_schema for one in columns if one.physical_type == "BYTE_ARRAY"}
    whole = sorted(texts & set(about.schema.to_arrow_schema().names))
    if held <= largest_gib * 2**30 and whole:
        held += _texts_held(data, whole, largest_gib)
    if held > largest_gib * 2**30:
        raise too_large(name, largest_gib, can_raise=True)


def _texts_held(data: bytes, names: list[str], largest_gib: float) -> int:
    """Bytes of all texts once each stands for itself; counting ends where it is too much."""
    from pyarrow import compute, parquet

    file = parquet.ParquetFile(io.BytesIO(data), read_dictionary=names)
    held = 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names):
        for column in batch.columns:
            lengths = compute.binary_length(column.dictionary).take(column.indices)
            held += compute.sum(lengths.cast("int64")).as_py() or 0
        if held > largest_gib * 2**30:
            break
    return held
