"""How long planning and auditing take with many open cases: one pass of `tell` and one of `watch` on SQLite.

    PYTHONPATH=. python benchmarks/telling.py [--cases 1000] [--rounds 3]

Nobody else plans the telling of cases by these rules, so there is no peer to run beside: the numbers are absolute
milliseconds of this machine and cases a second, medians of the rounds, without sending. `first` plans what was never
told and writes it to the outbox; `again` finds little that is due, which is what happens every few minutes; `cold` is
a new process (no arithmetic of the calendar is remembered), `warm` the same one. The cases lie open for up to 30 days,
a quarter of each severity, and nobody has touched any.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import load
from core.types import Mention, Severity, Verdict
from flows.tell import plan_all
from flows.watch import examine
from flows.wiring import House
from storage import mentions
from storage.engine import session

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OLDEST = timedelta(days=30)
PASS = timedelta(minutes=15)
KINDS = (
    (Severity.low, "privacy"),
    (Severity.medium, "reputation"),
    (Severity.high, "threat"),
    (Severity.critical, "safeguarding"),
)
CONFIG = """
[organisation]
name = "Oakfield House"
[governance]
dpia = "BENCHMARK"
[fetch]
contact = "benchmark@oakfield.example"
[mail]
host = "127.0.0.1"
port = 2525
security = "none"
from = "redshank@oakfield.example"
[storage]
url = "sqlite:///redshank.db"
"""
MEMBER = (
    '[[team]]\nname = "{name}"\nroles = ["{role}"]\nmail = "{role}@oakfield.example"\nhours = "{hours}"\n'
)
TEAM = (
    ("Gale Sorrel", "governance", "Mon-Fri 08:00-18:00"),
    ("Dee Fenwick", "deputy", "Mon-Fri 08:00-18:00"),
    ("Sal Thrift", "safeguarding", "always"),
    ("Ozzy Larch", "operator", "Mon-Fri 08:00-18:00"),
)


class Clock:
    """The house's clock, set by the benchmark."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def fill(house: House, cases: int) -> None:
    """As many open cases, spread over a month."""
    for number in range(cases):
        severity, label = KINDS[number % len(KINDS)]
        found = NOW - OLDEST + OLDEST * number / cases
        mention = Mention(
            source="town",
            key=str(number),
            url="",
            text=f"words {number}",
            platform="forum",
            author=f"@{number}",
        )
        verdict = Verdict(
            flagged=True, severity=severity, labels=(label,), recipients=("governance", "safeguarding")
        )
        with session(house.engine) as db:
            stored = mentions.read(db, mentions.add_new(db, [mention], found))
            mentions.settle(db, stored[0], verdict, found)


def timed(do: Callable[[House], object], house: House) -> float:
    """How many seconds one pass takes."""
    start = time.perf_counter()
    do(house)
    return time.perf_counter() - start


def measure(folder: Path, cases: int) -> dict[str, float]:
    """One round: seconds by what was done."""
    config = folder / "redshank.toml"
    config.write_text(CONFIG + "".join(MEMBER.format(name=n, role=r, hours=h) for n, r, h in TEAM))
    clock = Clock(NOW)
    first = House(load(config), clock)
    fill(first, cases)
    found = {"plan, first": timed(plan_all, first)}
    first.close()
    clock.now += PASS
    # A house of its own remembers nothing of the first one's calendar.
    for name, passes in (("plan, again", plan_all), ("audit", examine)):
        house = House(load(config), clock)
        for state in ("cold", "warm"):
            found[f"{name}, {state}"] = timed(passes, house)
            clock.now += PASS
        house.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rounds: dict[str, list[float]] = defaultdict(list)
    for _ in range(asked.rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, seconds in measure(Path(folder), asked.cases).items():
                rounds[name].append(seconds)
    print(f"{asked.cases} open cases, medians of {asked.rounds} rounds")
    for name, seconds in rounds.items():
        middle = statistics.median(seconds)
        print(f"{name:18} {middle * 1000:8.0f} ms {asked.cases / middle:10,.0f} cases/s")


if __name__ == "__main__":
    main()
