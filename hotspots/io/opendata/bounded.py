"""Bodies of answers, as far as anybody may reasonably send them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hotspots.core.errors import DataError

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16
MOST_BYTES = 1 << 28
"""Of an answer that is kept in memory, unpacked."""
LONGEST_S = 900.0
"""Seconds for one such answer, however slowly it drips."""
MOST_OF_A_TITLE = 20_000


def pieces_of(
    response: requests.Response, most: int = MOST_BYTES, longest_s: float = LONGEST_S
) -> Iterator[bytes]:
    """The body of an answer, unpacked, piece by piece.

    Raises
    ------
    DataError
        When more bytes come than `most`, or it takes longer than `longest_s`: timeouts of a
        connection begin anew with every byte.
    """
    from requests.exceptions import ChunkedEncodingError
    from urllib3.exceptions import HTTPError

    until, came = time.monotonic() + longest_s, 0
    read = getattr(response.raw, "read1", response.raw.read)  # what is there, without waiting
    while True:
        try:
            piece = read(CHUNK, decode_content=True)
        except HTTPError as error:
            raise ChunkedEncodingError(error) from error
        came += len(piece)
        if came > most:
            raise _too_much(response, f"more than {most / 1e6:,.0f} MB came")
        if time.monotonic() > until:
            raise _too_much(response, f"it took longer than {longest_s:,.0f} s")
        if not piece:
            return
        yield piece


def json_of(response: requests.Response) -> Any:
    """The JSON of an answer; ValueError where it is none, or nested without end."""
    try:
        return json.loads(b"".join(pieces_of(response)))
    except RecursionError as error:
        raise ValueError("nested without end") from error


def text_of(response: requests.Response) -> str:
    """The text of an answer."""
    body = b"".join(pieces_of(response))
    return body.decode(response.encoding or "utf-8", errors="replace")


def start_of(response: requests.Response) -> str:
    """The first words of an answer, for a message."""
    found = next(pieces_of(response), b"")[:MOST_OF_A_TITLE]
    return found.decode(response.encoding or "utf-8", errors="replace")


def _too_much(response: requests.Response, what: str) -> DataError:
    url = urlsplit(response.url)._replace(query="", fragment="").geturl()
    return DataError(
        f"{url}: an answer of reasonable size was expected; {what}. Is this the right address?",
        rule="too-much-came",
    )


def timed_out(error: BaseException | None) -> bool:
    """Whether an error, or what it came of, is that time ran out: requests has no kind for it."""
    from urllib3.exceptions import ReadTimeoutError

    while error is not None and not isinstance(error, (TimeoutError, ReadTimeoutError)):
        error = error.__cause__ or error.__context__
    return error is not None
