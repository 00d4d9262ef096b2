"""How to ask: how often, how long to wait, and how progress is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from hotspots.core.errors import InputError

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
    first_wait_s, longest_wait_s : float
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
    longest_wait_s: float = 120.0
    connect_s: float = 10.0
    read_s: float = 60.0

    def __post_init__(self) -> None:
        numbers = (self.first_wait_s, self.longest_wait_s, self.connect_s, self.read_s)
        if self.tries < 1 or min(numbers[:2]) < 0 or not min(numbers[2:]) > 0:
            raise InputError(
                "`patience` needs at least one try, waits of 0 s or more and timeouts above 0 s; "
                f"got {self}.",
                rule="patience",
            )

    def wait_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return min(self.first_wait_s * 2.0 ** (failures - 1), self.longest_wait_s)


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
