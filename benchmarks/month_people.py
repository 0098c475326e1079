"""The six people of benchmarks/month.py: they read what reaches them, take note by its link, and work cases.

Each does so at a human pace, in their own hours, sometimes far too late and sometimes never: all drawn from a seed.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

import requests
from month_sinks import Received
from month_town import LONDON
from month_world import World
from sqlalchemy import Engine

from alerts.silences import check
from core.hours import Hours
from core.types import Case, CaseState, Severity
from core.work import Member, Silence
from core.worktime import Calendar
from flows.office import Office
from policies.moves import Facts, IllegalMove
from review.desk import Desk, Who
from storage import silences
from storage.engine import session

Later = Callable[[datetime, Callable[[], None]], None]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEVER, LATE = 0.12, 0.18
# How long somebody who is there takes to look, in the middle.
LOOKS = {Severity.critical: 9 * MINUTE, Severity.high: 40 * MINUTE}
_DECIDERS = ("governance", "safeguarding", "deputy")
_WAKING = Hours.parse("Mon-Sun 07:00-22:30")


class People:
    """Everybody of the house. ``later`` puts something that they will do into the loop."""

    def __init__(
        self,
        office: Office,
        engine: Engine,
        world: World,
        *,
        site: str,
        now: Callable[[], datetime],
        later: Later,
    ) -> None:
        self.office, self.engine, self.world, self.site, self.now, self.later = (
            office,
            engine,
            world,
            site,
            now,
            later,
        )
        self.desk = Desk(
            engine, office.books.route, now=now, members=office.members, calendar=office.calendar
        )
        self.rng = random.Random(world.posts)
        self.members = {member.id: member for member in office.members}
        self.by_way = {way: member for member in office.members for way in (member.mail, *member.channels)}
        self.at_work = {member.id: _calendar(member, office) for member in office.members}
        self.noted: set[int] = set()
        self.worked: set[int] = set()
        self.refused = Counter[str]()
        self.did = Counter[str]()
        self.moved: set[int] = set()

    # Being told

    def told(self, one: Received, severity: Callable[[int], Severity]) -> None:
        """Somebody has a message: whether and when they look is drawn."""
        member = self.by_way.get(one.to)
        if member is None or one.kind != "case" or not one.link:
            return
        gravest = max((severity(number) for number in one.steps), default=Severity.low)
        chance = self.rng.random()
        if chance < NEVER or (self.noted.issuperset(one.steps) and self.rng.random() < 0.6):
            return
        pace = LOOKS.get(gravest, 3 * HOUR) * self.rng.lognormvariate(0, 0.7)
        ready = self._there(member, self.now(), wakes=gravest is Severity.critical and one.channel != "mail")
        at = ready + pace * (8 if chance < NEVER + LATE else 1)
        self.later(at, partial(self._take_note, member, one))

    def _there(self, member: Member, at: datetime, *, wakes: bool = False) -> datetime:
        """When somebody is next there; a telephone that rings for what is critical wakes who is on duty."""
        calendar = self.at_work[member.id]
        if not wakes or not member.hours.startswith("always"):
            at = calendar.next_open(at)
        while any(first <= at.astimezone(LONDON).date() <= last for first, last in member.leave):
            at = calendar.next_open(at + 6 * HOUR)
        return at

    def _take_note(self, member: Member, one: Received) -> None:
        ticket = one.link.rpartition("/")[2]
        answer = requests.post(f"{self.site}/acknowledge/{ticket}", timeout=30)
        if answer.status_code >= 500:
            raise RuntimeError(f"the review site broke ({answer.status_code})")
        self.did["took note" if answer.ok else f"link answered {answer.status_code}"] += 1
        if answer.ok:
            self.noted |= one.steps.keys()
            self.moved |= one.steps.keys()
        for number in one.steps:
            self._begin(number, member, self.now() + (20 + self.rng.random() * 240) * MINUTE)

    # Working cases

    def mornings(self) -> Iterator[datetime]:
        """When those who decide sit down with the list of open cases."""
        day = self.world.begin
        while day < self.world.end:
            at = datetime.combine(day.astimezone(LONDON).date(), time(8, 45), LONDON)
            if self.office.calendar.open_at(at):
                yield at
            day += DAY

    def sit_down(self, each: int) -> None:
        """Each who decides and is there takes up so many cases, gravest and oldest first, over the day."""
        found = [case for case in self.desk.find() if case.id not in self.worked]
        for member in self.members.values():
            if (
                not set(_DECIDERS) & set(member.roles)
                or self._there(member, self.now()) > self.now() + 2 * HOUR
            ):
                continue
            mine = [case for case in found if member.id not in case.conflicts][:each]
            found = [case for case in found if case not in mine]
            for place, case in enumerate(mine):
                self._begin(case.id, member, self.now() + (place + self.rng.random()) * 8 * HOUR / each)

    def _begin(self, number: int, member: Member, at: datetime) -> None:
        if number in self.worked:
            return
        self.worked.add(number)
        if self.rng.random() < 0.05:
            # It is left lying: what is critical for two days, all else for good.
            if self.desk.show(number).case.severity is not Severity.critical:
                return
            at += 2 * DAY
        plan = self.rng.choices(("dismiss", "close", "act", "hold", "divert"), (25, 40, 27, 4, 4))[0]
        self.later(self._there(member, at), partial(self._work, number, member, plan))

    def _work(self, number: int, member: Member, plan: str) -> None:
        """The next step of a case, and when the one after it comes."""
        case = self.desk.show(number).case
        if case.state is CaseState.closed:
            self.worked.discard(number)  # it may come back
            return
        wait = self._step(case, member, plan)
        if wait is not None:
            self.moved.add(number)
            # Whoever asked for the wait asks once.
            plan = "close" if case.state is CaseState.on_hold else plan
            self.later(self._there(member, self.now() + wait), partial(self._work, number, member, plan))

    def _step(self, case: Case, member: Member, plan: str) -> timedelta | None:
        minutes = (10 + self.rng.random() * 200) * MINUTE
        state = case.state
        if state in (CaseState.raised, CaseState.triaged, CaseState.reopened):
            if plan == "dismiss" and self._do(case, member, "dismiss", Facts(outcome="no_ground")):
                return minutes
            return minutes if self._do(case, member, "review") else None
        if state is CaseState.on_hold:
            return minutes if self._do(case, member, "resume") else None
        if state is CaseState.in_review:
            return self._reviewed(case, member, plan)
        return self._decided(case, member, plan)

    def _reviewed(self, case: Case, member: Member, plan: str) -> timedelta | None:
        if plan == "hold" and case.work.held_from is None and not case.work.hold_until:
            until = self.now() + 2 * DAY
            if self._do(case, member, "hold", Facts(asked_by="police", until=until)):
                return 2 * DAY + self.rng.random() * DAY
        if plan == "divert" and self._do(case, member, "divert", Facts(to="complaint")):
            return 2 * DAY
        facts = Facts(
            ours=True,
            known=False,
            own_breach="confidentiality" in case.labels and self.rng.random() < 0.2,
            standing="organisation",
            balance="weighed",
            upheld=case.labels,
            decision="act" if plan == "act" and case.routes and case.labels else "no_action",
        )
        return self.rng.random() * 4 * HOUR if self._do(case, member, "decide", facts) else None

    def _decided(self, case: Case, member: Member, plan: str) -> timedelta | None:
        if case.state in (CaseState.decided, CaseState.diverted):
            if (
                plan == "act"
                and case.state is CaseState.decided
                and not case.work.acted_at
                and not case.work.outcome
            ):
                return self._act(case, member)
            outcome = "handed_over" if case.state is CaseState.diverted else "nothing_to_do"
            return HOUR if self._do(case, member, "close", Facts(outcome=outcome)) else None
        if case.state is CaseState.actioning:
            for action in self.desk.show(case.id).actions:
                if action.state == "approved" and not self._try(
                    lambda who, one=action: self.desk.advance(one.id, "sent", who, "by post", words="ref"),
                    case,
                    member,
                ):
                    return None
            outcome = self.rng.choice(("removed_by_poster", "refused"))
            done = self._do(case, member, "outcome", Facts(outcome=outcome))
            return (1 + self.rng.random() * 3) * DAY if done else None
        if case.work.gone_at is None:
            copies = tuple(copy.mention_id for copy in case.copies)
            return HOUR if self._do(case, member, "gone", Facts(gone=copies)) else None
        return HOUR if self._do(case, member, "close", Facts(outcome=case.work.outcome)) else None

    def _act(self, case: Case, member: Member) -> timedelta | None:
        file = self.desk.show(case.id)
        open_ = [route for route in case.routes if route not in file.locked]
        plain = [route for route in open_ if not self.desk.book[route].second_approver]
        if not plain:
            return HOUR if self._do(case, member, "close", Facts(outcome="nothing_to_do")) else None
        return HOUR if self._do(case, member, "act", Facts(routes=(plain[0],))) else None

    def _do(self, case: Case, member: Member, verb: str, facts: Facts = Facts()) -> bool:  # noqa: B008 - frozen
        return self._try(lambda who: self.desk.take(case.id, verb, who, "seen to", facts), case, member, verb)

    def _try(self, act: Callable[[Who], object], case: Case, member: Member, verb: str = "send") -> bool:
        """Somebody does it: the person whose case it is, else whoever may."""
        others = [one for one in self.members.values() if one.id not in {member.id, *case.conflicts}]
        why = "nobody could"
        for one in (member, *others):
            for role in one.roles:
                try:
                    act(Who(one.id, role))
                except IllegalMove as error:
                    why = str(error)
                else:
                    self.did[verb] += 1
                    return True
        self.refused[f"{verb}: {why.replace(str(case.id), 'N')}"] += 1
        return False

    # Silences

    def hush(self, number: int) -> None:
        """Set one of the silences of the month."""
        hush = self.world.hushes[number]
        silence = Silence(
            id=0,
            owner=next(iter(self.members)),
            reason="known, and seen to",
            starts_at=self.now(),
            ends_at=hush.ends_at,
            labels=hush.labels,
            severity=hush.severity,
            sources=hush.sources,
        )
        check(silence, self.now())
        with session(self.engine) as db:
            silences.add(db, silence, role="governance", now=self.now())


def _calendar(member: Member, office: Office) -> Calendar:
    """The hours in which somebody reads mail: their rota, and of who is always on duty the waking hours."""
    always = member.hours.startswith("always")
    hours = _WAKING if always else Hours.parse(member.hours)
    return Calendar(hours, LONDON, frozenset[date]() if always else office.calendar.holidays)
