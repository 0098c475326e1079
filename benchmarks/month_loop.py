"""The loop of benchmarks/month.py: it steps the house's clock to whatever comes next, and lets the flows run then."""

import heapq
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from month_people import People
from month_sinks import Inbox, MailServer
from month_stand import Clock, Stand, dies
from month_town import DAY, HOUR, LONDON
from month_world import Post, World
from sqlalchemy import text

from alerts.course import Telling
from alerts.timeline import following
from core.types import Severity
from flows import collect, sampling, tell, triage, watch
from flows.situations import of_cases
from storage import cases, ledger
from storage.engine import session

MINUTE = timedelta(minutes=1)
_ORDER = {name: place for place, name in enumerate(("power", "collect", "people", "triage", "tell", "watch"))}


class Month:
    """The loop: a heap of what comes next, and beside it the moment at which tell has something to do."""

    def __init__(self, folder: Path, world: World, clock: Clock, inbox: Inbox, mail: MailServer) -> None:
        self.folder, self.world, self.clock, self.inbox, self.mail = folder, world, clock, inbox, mail
        self.house = Stand(folder, clock)
        self.dropped: list[Stand] = []
        self.people: People | None = None
        self.heap: list[tuple[datetime, int, int, Callable[[], None]]] = []
        self.order = count()
        self.steps: dict[int, datetime] = {}
        self.severity: dict[int, Severity] = {}
        self.pending = dict(world.crashes)
        self.seconds: dict[str, float] = defaultdict(float)
        self.runs = Counter[str]()
        self.crashed: list[str] = []
        self.told_at = world.begin
        self.waiting: datetime | None = None
        self.fresh: dict[int, datetime] = {}

    def later(self, name: str, at: datetime, act: Callable[[], None]) -> None:
        """Put something into the loop."""
        if at < self.world.end:
            heapq.heappush(self.heap, (at, _ORDER[name], next(self.order), act))

    def plan(self, people: People, *, each: int, audit_every: timedelta) -> None:
        """Everything that is known beforehand; who decides takes up ``each`` cases a day."""
        self.people = people
        world = self.world
        for at, posts in world.batches.items():
            self.later("collect", at, lambda posts=posts: self.collect(posts))
        self.later("power", world.down, self.mail.stop)
        self.later("power", world.up, self.mail.start)
        for number, hush in enumerate(world.hushes):
            self.later("people", hush.starts_at, lambda number=number: people.hush(number))
            self.later("tell", hush.ends_at, self.tell)
        for at in people.mornings():
            self.later("people", at, lambda: people.sit_down(each))
        day = world.begin.astimezone(LONDON).date()
        while (morning := datetime(day.year, day.month, day.day, 7, 30, tzinfo=LONDON)) < world.end:
            self.later("tell", morning, self.tell)
            self.later("collect", morning - 90 * MINUTE, self.sample)
            day += DAY
        at = world.begin
        while at < world.end:
            if at not in world.batches:
                self.later("collect", at, lambda: self.collect([]))
            at += HOUR
        at = world.begin + 3 * MINUTE
        while at < world.end:
            self.later("watch", at, self.watch)
            at += audit_every

    def run(self, report: Callable[[datetime], None]) -> None:
        """Until the end of the month."""
        while self.heap:
            at = self.next_tell()
            if at is not None and at < self.heap[0][0]:
                act: Callable[[], None] = self.tell
            else:
                at, _, _, act = heapq.heappop(self.heap)
            if at >= self.world.end:
                break
            self.clock.now = max(at, self.clock.now)
            act()
            report(self.clock.now)

    def next_tell(self) -> datetime | None:
        """The minute in which tell has something to do."""
        known = [at for at in (min(self.steps.values(), default=None), self.waiting) if at]
        if not known:
            return None
        return max(_minute(min(known)), self.told_at + MINUTE)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Seconds of processor time of one part of the program."""
        began = time.process_time()
        self.runs[what] += 1
        try:
            yield
        finally:
            self.seconds[what] += time.process_time() - began

    # The flows

    def collect(self, posts: list[Post]) -> None:
        """Visit the sources: the feeds hold what has come since."""
        for post in posts:
            self.house.arrived[post.source].append(post)
        with self.timed("collect"):
            names = collect.due(self.house)
            collect.keep(self.house, [collect.ask(self.house, name, None) for name in names])
        now = self.clock.now
        self.later("triage", now + (MINUTE if now.minute % 2 == 0 else 2 * MINUTE), self.triage)

    def triage(self) -> None:
        """Settle what waits; once, the process dies over it."""
        if self._killed("triage", fit=self._grave_waits()):
            self.later("triage", self.clock.now + 2 * MINUTE, self.triage)
            return
        with self.timed("triage"):
            triage.triage_all(self.house)
            # What a dead process had claimed waits for its claim to run out.
            if triage.waiting(self.house):
                self.later("triage", self.clock.now + 2 * MINUTE, self.triage)
        if changed := self._settled_now():
            self._look(changed)
            self.later("tell", self.clock.now + MINUTE, self.tell)

    def _grave_waits(self) -> bool:
        """Whether a critical story was fetched just now: that is when it matters."""
        now = self.clock.now
        return any(
            now - 2 * MINUTE <= story.posts[0].at <= now and story.verdicts[0].severity is Severity.critical
            for story in self.world.stories
        )

    def _settled_now(self) -> list[int]:
        these = text("SELECT DISTINCT case_id FROM mention WHERE settled_at = :now AND case_id IS NOT NULL")
        with self.house.engine.connect() as db:
            now = self.clock.now.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f")
            return [number for (number,) in db.execute(these, {"now": now})]

    def tell(self) -> None:
        """Plan and deliver; twice, the process dies over it."""
        for where in ("send", "record"):
            if self._killed(where, fit=bool(self._fresh_cases())):
                break
        else:
            with self.timed("tell: plan"):
                tell.plan_all(self.house)
            with self.timed("tell: deliver"):
                tell.deliver_all(self.house)
        self._after_telling()

    def _fresh_cases(self) -> list[int]:
        """High cases of the last minutes, whose first messages are about to go."""
        return [number for number, at in self.fresh.items() if self.clock.now - at <= 2 * MINUTE]

    def watch(self) -> None:
        """The auditor."""
        with self.timed("watch"):
            watch.watch_all(self.house)
        self._after_telling()

    def sample(self) -> None:
        """The weekly sample."""
        with self.timed("sample"):
            sampling.draw_week(self.house)

    def _killed(self, where: str, fit: bool) -> bool:
        """Whether a process died over this stretch: then the house is dropped as it stands, and made anew."""
        due = self.pending.get(where)
        if due is None or not fit or self.clock.now < due or not dies(self.folder, self.clock.now, where):
            return False
        del self.pending[where]
        self.crashed.append(f"{where} {self.clock.now:%d %H:%M}")
        self.dropped.append(self.house)
        arrived, self.house = self.house.arrived, Stand(self.folder, self.clock)
        self.house.arrived = arrived
        return True

    # What is next

    def _after_telling(self) -> None:
        assert self.people is not None
        now = self.told_at = self.clock.now
        for one in self.inbox.fresh():
            self.people.told(one, lambda number: self.severity.get(number, Severity.high))
        due = {number for number, at in self.steps.items() if at <= now}
        self._look(due | self.people.moved)
        self.people.moved.clear()
        with self.house.engine.connect() as db:
            (at,) = db.execute(text("SELECT min(next_try_at) FROM outbox WHERE status = 'queued'")).one()
        self.waiting = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None

    def _look(self, numbers: Iterable[int]) -> None:
        """When each of these cases has its next step."""
        with self.timed("(loop: what is next)"), session(self.house.engine, read_only=True) as db:
            found = [case for number in numbers if (case := cases.get(db, number))]
            office = self.house.office
            situations = of_cases(self.house, db, found)
        for number in numbers:
            self.steps.pop(number, None)
        for one in situations:
            if one.case.id not in self.severity and one.case.severity >= Severity.high:
                self.fresh[one.case.id] = self.clock.now
            self.severity[one.case.id] = one.case.severity
            telling = Telling(one, office.routes.roster, office.rules, office.calendar)
            if step := following(telling, self.clock.now):
                self.steps[one.case.id] = step.at

    def work(self, at: datetime, act: Callable[[], None]) -> None:
        """Something that a person will do."""

        def done() -> None:
            assert self.people is not None
            with self.timed("people"):
                act()
            if self.people.moved:
                # What they did may be told at once: tell looks in the next minute, as it does in each.
                self._look(set(self.people.moved))
                self._ask_after(set(self.people.moved))
                self.people.moved.clear()

        self.later("people", at, done)

    def _ask_after(self, numbers: set[int]) -> None:
        """A move may make something due at once."""
        with session(self.house.engine, read_only=True) as db:
            told = {number: ledger.told_of(db, number) for number in numbers}
            found = [case for number in numbers if (case := cases.get(db, number))]
        for case in found:
            if not any(f"/r{case.revision}/" in key for key in told[case.id]) and self.steps.get(case.id):
                self.steps[case.id] = self.clock.now


def _minute(at: datetime) -> datetime:
    return at if not at.second and not at.microsecond else at.replace(second=0, microsecond=0) + MINUTE
