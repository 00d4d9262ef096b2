"""Asking over HTTP: politely, again where a failure may pass, with words that help where not."""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from hotspots import __version__
from hotspots.core.arguments import require_made, size_of, whole_of
from hotspots.core.errors import DataError, InputError, require_extra
from hotspots.io.opendata.bounded import json_of, start_of, text_of, timed_out

if TYPE_CHECKING:
    import requests


PASSING = (408, 429, 500, 502, 503, 504)
"""Statuses that a later try may not meet."""
LONGEST_GET = 3_500
"""Characters; data.police.uk answers 400 to a GET of more than 4,094."""
T = TypeVar("T")


class NotThereError(DataError):
    """The service answered that it has no such thing (404)."""

    rule = "not-there"


class AgainError(Exception):
    """A failure that may pass; `progressed` if something was gained before it."""

    def __init__(
        self, reason: str, *, wait_s: float | None = None, progressed: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait_s: float | None = wait_s
        self.progressed: bool = progressed


class Client:
    """One conversation with a service: its rate, its retries, no credentials."""

    def __init__(
        self, patience: Patience | None = None, *, bucket: TokenBucket | None = None
    ) -> None:
        self.patience = Patience() if patience is None else patience
        require_made("patience", self.patience, Patience, "hs.opendata.Patience(tries=9)")
        self._bucket = bucket or TokenBucket()

    def json(
        self, url: str, asked: Mapping[str, str] | None = None, *, hand_back: tuple[int, ...] = ()
    ) -> tuple[int, Any, str]:
        """Status, content and date of a JSON answer; long questions are posted."""
        long = asked is not None and len(url) + len(urlencode(asked)) >= LONGEST_GET
        options = {"data": asked} if long else {"params": asked}

        def attempt() -> tuple[int, Any, str]:
            with self.once("POST" if long else "GET", url, hand_back, **options) as response:
                date = response.headers.get("Date", "")
                if response.status_code in hand_back:
                    return response.status_code, None, date
                refuse_web_page(response, "JSON")
                try:
                    return response.status_code, json_of(response), date
                except DataError:
                    raise
                except ValueError as error:
                    raise AgainError(f"{bare(url)} answered with broken JSON") from error

        return self.persist(attempt)

    def text(self, url: str) -> str:
        """The text of a page."""

        def attempt() -> str:
            with self.once("GET", url) as response:
                return text_of(response)

        return self.persist(attempt)

    def persist(self, attempt: Callable[[], T]) -> T:
        """Try until it succeeds, fails for good, or patience ends."""
        failures = 0
        while True:
            try:
                return attempt()
            except AgainError as again:
                # Whoever gains something each time may go on: a large file over a bad line.
                failures = 1 if again.progressed else failures + 1
                wait_s = self.patience.wait_s(failures) if again.wait_s is None else again.wait_s
                if wait_s > self.patience.max_wait_s:
                    raise DataError(
                        f"{again}; the service asks to wait {wait_s:,.0f} s. Run the same again "
                        "after that: what has arrived is kept.",
                        rule="asked-to-wait",
                    ) from again
                if failures >= self.patience.tries:
                    raise DataError(
                        f"{again}; given up after {failures} tries in a row. Check the network "
                        "(behind a proxy: HTTPS_PROXY), and run the same again: what has arrived "
                        "is kept.",
                        rule="gave-up",
                    ) from again
                time.sleep(wait_s)

    @contextmanager
    def once(
        self, method: str, url: str, hand_back: tuple[int, ...] = (), **options: Any
    ) -> Iterator[requests.Response]:
        """One call, its body read inside the block; AgainError for what may pass."""
        errors = self._requests.exceptions
        timeout = (self.patience.connect_s, self.patience.read_s)
        self._bucket.take()
        try:
            with self._session.request(
                method, url, timeout=timeout, stream=True, **options
            ) as response:
                _check_status(response, url, hand_back)
                yield response
        except errors.SSLError as error:
            raise DataError(
                f"{bare(url)}: the certificate could not be verified. On a network that inspects "
                "traffic, name its certificates with the variable REQUESTS_CA_BUNDLE."
            ) from error
        except errors.ProxyError as error:
            raise AgainError(
                f"{bare(url)}: the proxy named by HTTPS_PROXY gives no way through"
            ) from error
        except errors.Timeout as error:
            raise AgainError(f"{bare(url)} did not answer in time") from error
        except (errors.ConnectionError, errors.ChunkedEncodingError) as error:
            late = timed_out(error)
            what = "did not answer in time" if late else "could not be reached, or broke off"
            raise AgainError(f"{bare(url)} {what}") from error
        except errors.RequestException as error:
            raise DataError(f"{bare(url)}: {type(error).__name__}: {error}") from error

    @cached_property
    def _requests(self) -> Any:
        return require_extra("requests", "fetch", "fetching official data")

    @cached_property
    def _session(self) -> requests.Session:
        """A session that takes proxies from the environment, and credentials from nowhere."""
        session: requests.Session = self._requests.Session()
        session.headers["User-Agent"] = f"hotspots/{__version__}"
        session.auth = lambda request: request  # otherwise a .netrc file would be asked
        session.rebuild_auth = lambda prepared, response: None  # type: ignore[method-assign]
        return session


def _check_status(response: requests.Response, url: str, hand_back: tuple[int, ...]) -> None:
    hops = [urlsplit(one.url).scheme for one in (*response.history, response)]
    if urlsplit(url).scheme == "https" and set(hops) != {"https"}:
        raise DataError(f"{bare(url)} was redirected to a plain http address; that is refused.")
    status = response.status_code
    asked_to_wait = _retry_after_s(response.headers.get("Retry-After"))
    # The service's "too much" and its "come back later" share a status; only the second names a
    # time.
    if status in hand_back and not (status in PASSING and asked_to_wait is not None):
        return
    if status in PASSING:
        raise AgainError(f"{bare(url)} answered {status}", wait_s=asked_to_wait)
    if status in (404, 410):
        raise NotThereError(f"{bare(url)}: the service has no such thing ({status}).")
    if status >= 300:
        raise DataError(
            f"{bare(url)}: a file or JSON was expected; the service refused with {status}"
            f"{_title(response)}."
        )


def _retry_after_s(value: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date."""
    if not value:
        return None
    if re.fullmatch(r"\s*\d+\s*", value):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def refuse_web_page(response: requests.Response, wanted: str) -> None:
    """A page for people in place of data is an error, not data."""
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise DataError(
            f"{bare(response.url)}: {wanted} was expected; a web page came{_title(response)}. "
            "Behind a proxy that asks for a login, log in with a browser first.",
            rule="web-page",
        )


def _title(response: requests.Response) -> str:
    """The title of a web page, in brackets."""
    found = re.search(r"<title[^>]*>\s*([^<]{1,200})", start_of(response), re.IGNORECASE)
    return f' ("{" ".join(found[1].split())[:80]}")' if found else ""


def bare(url: str) -> str:
    """A URL without query, for messages and manifests: redirects may carry signatures there.

    Examples
    --------
    >>> bare("https://data.police.uk/api/crimes-street-dates?x=1#y")
    'https://data.police.uk/api/crimes-street-dates'
    """
    return urlsplit(url)._replace(query="", fragment="").geturl()


def checked_base(base_url: str, name: str = "base_url") -> str:
    """A base URL without the final slash; refused when it is none, or carries credentials."""
    parts = urlsplit(base_url) if isinstance(base_url, str) else urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query:
        raise InputError(f"`{name}` must be an http address; got {base_url!r}.")
    if parts.username or parts.password:
        raise InputError(f"`{name}` must not carry a user name or password.")
    return base_url.rstrip("/")


@contextmanager
def on_terminal() -> Iterator[Tell | None]:
    """A function that draws progress on standard error; None where that is no terminal.

    Warnings are gathered meanwhile, and said at the end.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        with _bar() as tell:
            yield tell
    for warning in told:
        sys.stderr.write(f"warning: {warning.message}\n")


@contextmanager
def _bar() -> Iterator[Tell | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeRemainingColumn(),
    )
    tasks = {}
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def tell(now: FetchProgress) -> None:
            if now.unit not in tasks:
                tasks[now.unit] = bar.add_task(now.what, total=now.total, amount="")
            bar.update(
                tasks[now.unit],
                description=now.what,
                completed=now.done,
                total=now.total,
                amount=amount(now),
            )

        yield tell


def amount(now: FetchProgress) -> str:
    """How much of how much.

    Examples
    --------
    >>> from hotspots.io.opendata.http import FetchProgress
    >>> amount(FetchProgress("a.zip", 25_500_000, 1_700_000_000, "bytes"))
    '26 of 1,700 MB'
    >>> amount(FetchProgress("Leeds", 2, None, "months"))
    '2 months'
    """
    unit, by = ("MB", 1e6) if now.unit == "bytes" else (now.unit, 1)
    done = f"{now.done / by:,.0f}"
    return f"{done} {unit}" if now.total is None else f"{done} of {now.total / by:,.0f} {unit}"


CALLS_PER_SECOND = 15.0
BURST = 30


@dataclass(frozen=True)
class FetchProgress:
    """How far one piece of work has come.

    Attributes
    ----------
    what
        What is being fetched, for people.
    done, total
        How much of it; ``total`` is None where nobody knows.
    unit
        ``bytes``, ``months`` or ``zones``.
    """

    what: str
    done: int
    total: int | None
    unit: str


Tell = Callable[[FetchProgress], object]


@dataclass(frozen=True)
class Patience:
    """How long to go on when a service or the network fails.

    Parameters
    ----------
    tries : int
        Failures in a row before giving up; a download that gains ground starts counting again.
    first_wait_s, max_wait_s : float
        Seconds before the second try, doubled each time up to the longest. A service that asks for
        more than the longest (``Retry-After``) ends the work with a message.
    connect_s, read_s : float
        Seconds to wait for a connection, and for the next bytes.

    Examples
    --------
    >>> [Patience().wait_s(failures) for failures in (1, 2, 3)]
    [1.0, 2.0, 4.0]
    """

    tries: int = 5
    first_wait_s: float = 1.0
    max_wait_s: float = 120.0
    connect_s: float = 10.0
    read_s: float = 60.0

    def __post_init__(self) -> None:
        whole_of(self.tries, "tries", rule="patience")
        for name in ("first_wait_s", "max_wait_s", "connect_s", "read_s"):
            size_of(getattr(self, name), name, zero="wait" in name, rule="patience")

    def wait_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return min(self.first_wait_s * 2.0 ** (failures - 1), self.max_wait_s)


class TokenBucket:
    """Lets `burst` calls through at once, and `per_second` on average.

    References
    ----------
    https://data.police.uk/docs/api-call-limits/ (15 a second, burst of 30)

    Examples
    --------
    >>> naps, now = [], [0.0]
    >>> bucket = TokenBucket(2, 3, clock=lambda: now[0],
    ...                      sleep=lambda s: (naps.append(s), now.__setitem__(0, now[0] + s)))
    >>> for _ in range(5):
    ...     bucket.take()
    >>> naps
    [0.5, 0.5]
    """

    def __init__(
        self,
        per_second: float = CALLS_PER_SECOND,
        burst: int = BURST,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._per_second, self._burst = per_second, burst
        self._clock, self._sleep = clock, sleep
        self._tokens, self._at = float(burst), clock()

    def take(self) -> None:
        """Wait until one more call is polite, and count it."""
        self._fill()
        if self._tokens < 1:
            self._sleep((1 - self._tokens) / self._per_second)
            self._fill()
        self._tokens -= 1

    def _fill(self) -> None:
        now = self._clock()
        gained = (now - self._at) * self._per_second
        self._tokens, self._at = min(self._burst, self._tokens + gained), now
