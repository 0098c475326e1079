"""Politeness, how many requests one host gets at a time; and how long an answer may take."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import FetchError

PATIENCE = 600.0  # seconds


class Deadline:
    """When a whole chain of requests must be done."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds left; negative once it is over."""
        return self._ends - time.monotonic()

    def extend(self, seconds: float) -> None:
        """Leave out the seconds that a request spent waiting for its turn."""
        self._ends += seconds


class HostLimiter:
    """At most ``concurrent`` requests per host at a time; one object is shared by all clients of a process.

    A request waits up to ``patience`` seconds for its turn. That is our own doing, so it is no part of the
    time that a source has to answer in.
    """

    def __init__(self, concurrent: int = 2, patience: float = PATIENCE) -> None:
        self._concurrent = concurrent
        self._patience = patience
        self._free = threading.Condition()
        self._active: Counter[str] = Counter()

    @contextmanager
    def slot(self, host: str) -> Iterator[float]:
        """Hold one of the host's slots; gives the seconds waited for it. Raises FetchError (temporary)."""
        start = time.monotonic()
        with self._free:
            if not self._free.wait_for(lambda: self._active[host] < self._concurrent, self._patience):
                raise FetchError(
                    f"{host}: not asked, since we were busy with other requests to it ourselves",
                    temporary=True,
                )
            self._active[host] += 1
        try:
            yield time.monotonic() - start
        finally:
            with self._free:
                self._active[host] -= 1
                if not self._active[host]:
                    del self._active[host]
                self._free.notify_all()
