"""Politeness: how many requests one host gets at a time, and how far apart they start."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import FetchError


class HostLimiter:
    """At most ``concurrent`` requests per host at a time, starting at least ``interval`` seconds apart.

    One object is shared by all clients of a process. The interval is 0 unless set: feeds are asked once a
    visit, and the visits are far apart. ``clock`` (seconds, monotonic) and ``sleep`` are for tests.
    """

    def __init__(
        self,
        concurrent: int = 2,
        interval: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._concurrent = concurrent
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._free = threading.Condition()
        self._active: Counter[str] = Counter()
        self._next: dict[str, float] = {}

    @contextmanager
    def slot(self, host: str, within: float) -> Iterator[None]:
        """Hold one of the host's slots; FetchError (temporary) if none comes free ``within`` seconds."""
        self._enter(host, within)
        try:
            yield
        finally:
            with self._free:
                self._active[host] -= 1
                if not self._active[host]:
                    del self._active[host]
                self._free.notify_all()

    def _enter(self, host: str, within: float) -> None:
        with self._free:
            start = self._clock()
            if not self._free.wait_for(lambda: self._active[host] < self._concurrent, timeout=within):
                raise FetchError(f"{host}: too many requests at a time, try again later", temporary=True)
            now = self._clock()
            begin = max(now, self._next.get(host, now))
            if begin > now and begin - start > within:
                raise FetchError(f"{host}: its turn comes too late for this visit", temporary=True)
            self._active[host] += 1
            if self._interval:
                self._next[host] = begin + self._interval
        if begin > now:
            self._sleep(begin - now)
