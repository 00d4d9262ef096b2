"""A regular text as columns by pyarrow: distinct texts, texts as they come, or plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from hotspots.io.incidents.parse_text import PlainNumbers, Texts, of_arrow

SAMPLED_BYTES = 1 << 20
"""Of a text longer than this some lines tell whether the cells of a column are alike."""
SOME_LINES = 2_000
THREADS_PAY_BYTES = 1 << 24
# Below this one thread is as fast; and a short process can end before pyarrow's threads have, which
# then abort it.


class Pieces(Protocol):
    """A regular text in pieces, each with the header above it."""

    @property
    def size(self) -> int:
        """Bytes of the text."""

    def some_lines(self, count: int) -> bytes:
        """The header, and so many lines from all over the text: a file may be sorted."""

    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Whole:
    """A text in one piece."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return len(self.data)

    def some_lines(self, count: int) -> bytes:
        """The header, and so many lines from all over the text."""
        data = self.data
        ends = [data.find(b"\n", at) for at in range(0, len(data), max(len(data) // count, 1))]
        lines = [data[end + 1 : data.find(b"\n", end + 1) + 1] for end in ends if end >= 0]
        return data[: ends[0] + 1] + b"".join(lines)

    def __iter__(self) -> Iterator[bytes]:
        yield self.data


Read = Callable[[Iterable[bytes], dict[str, Any]], Any]


def with_arrow(
    text: Pieces, width: int, delimiter: str, places: list[int], numbers: Collection[int] = ()
) -> dict[int, Texts] | None:
    """Distinct texts at once, on all cores; None where a row has another width.

    Numbers that are seldom alike are read as such, unless one is not written as programs do.
    """
    import pyarrow as pa

    read = partial(_read_arrow, width=width, delimiter=delimiter)
    kinds = dict.fromkeys(map(str, places), pa.dictionary(pa.int32(), pa.large_string()))
    try:
        if text.size > SAMPLED_BYTES:
            lines = text.some_lines(SOME_LINES)
            some, share = read([lines], kinds), len(lines) / text.size
            apart = [name for name in kinds if _seldom_alike(some.column(name), share)]
            kinds |= dict.fromkeys(apart, pa.large_string())
            figures = dict.fromkeys(set(apart) & set(map(str, numbers)), pa.float64())
            plain = figures and _plain_numbers(read, text, lines, kinds | figures)
            if plain:
                return {place: plain[str(place)] for place in places}
        columns = _columns(read(text, kinds))
    except pa.ArrowInvalid:
        return None
    return {place: _as_texts(columns.pop(str(place))) for place in places}


def _read_arrow(
    pieces: Iterable[bytes], kinds: dict[str, Any], *, width: int, delimiter: str
) -> Any:
    import pyarrow as pa

    return pa.concat_tables([_read_piece(one, kinds, width, delimiter) for one in pieces])


def _read_piece(data: bytes, kinds: dict[str, Any], width: int, delimiter: str) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow

    return arrow.read_csv(
        pa.BufferReader(data),
        arrow.ReadOptions(
            # By position: two columns may have one name, and one may have none.
            column_names=[str(place) for place in range(width)],
            skip_rows=1,
            block_size=1 << 22,
            use_threads=len(data) > THREADS_PAY_BYTES,
        ),
        arrow.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        arrow.ConvertOptions(
            check_utf8=False,
            column_types=kinds,
            include_columns=list(kinds),
            # An empty number is missing; an empty text stays a text.
            null_values=[""],
            strings_can_be_null=False,
        ),
    )


def _plain_numbers(
    read: Read, text: Pieces, some: bytes, kinds: dict[str, Any]
) -> dict[str, Texts] | None:
    """All columns, some of them read as numbers; None where a cell is no plain one."""
    import pyarrow as pa

    try:
        read([some], kinds)
        read_in = _columns(read(text, kinds))
    except pa.ArrowInvalid:
        return None
    columns = {}
    for name, kind in kinds.items():
        column = read_in.pop(name)
        if kind != pa.float64():
            columns[name] = _as_texts(column)
            continue
        values = column.to_numpy()
        if np.isfinite(values).sum() != len(column) - column.null_count:
            return None
        columns[name] = PlainNumbers(values, partial(_read_texts, read, text, name))
    return columns


def _columns(table: Any) -> dict[str, Any]:
    """Columns by name, each of which is let go as it is taken."""
    return {name: table.column(name) for name in table.column_names}


def _read_texts(read: Read, text: Pieces, name: str) -> Texts:
    import pyarrow as pa

    return _as_texts(read(text, {name: pa.large_string()}).column(name))


def _seldom_alike(column: Any, share: float) -> bool:
    """Whether at least a quarter of the filled cells differ: then twins are not worth a look.

    Of so many cells out of D different texts, about cells / 2D are the twin of another.
    """
    from pyarrow import compute

    texts = column.cast("large_string")
    filled = texts.filter(compute.not_equal(texts, ""))
    different = compute.count_distinct(filled).as_py()
    return bool(1 - different / max(len(filled), 1) < 2 * share)


def _as_texts(column: Any) -> Texts:
    import pyarrow as pa

    whole = column.combine_chunks()
    chunk = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    if not isinstance(chunk, pa.DictionaryArray):
        texts = of_arrow(chunk)
        return Texts(np.arange(len(texts), dtype=np.int32), texts, apart=True)
    codes = chunk.indices.to_numpy(zero_copy_only=False)
    return Texts(codes, of_arrow(chunk.dictionary))
