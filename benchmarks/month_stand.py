"""The house that benchmarks/month.py runs: the real one but for the two edges where the world comes in."""

import json
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog
from month_town import HARMLESS, KINDS
from month_world import Post

from classifiers.artefact import Threshold
from core.settings import load
from core.types import Assessment, Batch
from core.vocabulary import LABELS
from flows import tell, triage
from flows.wiring import House, Reading

KINDS_FILE = "kinds.json"


class Clock:
    """The house's clock, set by the loop."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Prepared:
    """Stands for the classifier: what each text was drawn with."""

    model = "the benchmark's"
    thresholds: Mapping[str, Threshold] = {label: Threshold(sure=0.7, ask=0.3) for label in LABELS}

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds

    def assess(self, texts: Sequence[str], **_how: bool) -> list[Assessment]:
        """An assessment a text, in order; what nothing was drawn for is harmless."""
        return [KINDS[self._kinds.get(text, HARMLESS.name)].assessment(text) for text in texts]


class Stand(House):
    """The house, which finds ``arrived`` at its sources and asks the prepared classifier."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(load(folder / "redshank.toml"), clock)
        self.arrived: dict[str, list[Post]] = defaultdict(list)
        kinds = folder / KINDS_FILE
        self.__dict__["judgement"] = Prepared(json.loads(kinds.read_text()) if kinds.exists() else {})

    def fetch(self, reading: Reading, cursor: str | None) -> Batch:
        """What stands in a source's feed at this visit."""
        posts = self.arrived.pop(reading.source.name, [])
        return Batch(mentions=tuple(post.mention for post in posts), cursor=cursor, unchanged=not posts)


def dies(folder: Path, now: datetime, where: str) -> bool:
    """Run one stretch in a process of its own that is killed in the middle of it; False where it got through alive.

    ``where``: "triage" dies with a case and its notices written and not committed, "send" with a claimed notice that
    is not sent, "record" when the other side has taken a message and that is not written down.
    """
    child = get_context("spawn").Process(target=_live, args=(folder, now, where))
    child.start()
    child.join()
    if child.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the stretch that was to be killed broke by itself ({child.exitcode})")
    return child.exitcode == -signal.SIGKILL


def _live(folder: Path, now: datetime, where: str) -> None:
    house, act, place, after = Stand(folder, Clock(now)), tell.tell_all, tell, 2
    if where == "triage":
        act, place, after = triage.triage_all, triage, 1
    name = {"triage": "_tell", "send": "_send", "record": "_marked"}[where]
    seen, real = Counter[str](), getattr(place, name)

    def dying(*args: Any) -> Any:
        seen[name] += 1
        result = real(*args) if where == "triage" else None
        if seen[name] == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args) if where != "triage" else result

    setattr(place, name, dying)
    with heard(house.now):
        act(house)


@dataclass(frozen=True, slots=True)
class Heard:
    """A line of the log and its simulated moment."""

    at: datetime
    name: str
    more: dict[str, Any]


@contextmanager
def heard(now: Callable[[], datetime]) -> Iterator[list[Heard]]:
    """What the program logs, as it comes, in place of its lines on standard error."""
    events: list[Heard] = []

    def note(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        if event["event"] not in {"collected", "notice_sent", "case_raised"}:
            events.append(Heard(now(), event.pop("event"), event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[note], cache_logger_on_first_use=False)
    try:
        yield events
    finally:
        structlog.configure(**before)
