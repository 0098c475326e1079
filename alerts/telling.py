"""A case as the rules read it: who is told of it, who must not be, who took note, and which clocks run. Pure."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from alerts.caseload import BREACH, running
from alerts.moments import due_at, next_morning
from alerts.need_to_know import excluded, locked
from alerts.roster import Roster
from alerts.rules import Rules
from core.types import Case, Severity
from core.work import Acknowledgement, Clock, Situation
from core.worktime import Calendar

EYES = "first_eyes"


@dataclass(frozen=True)
class Telling:
    """A situation read by the rules: all that its steps are worked out from."""

    situation: Situation
    roster: Roster
    rules: Rules
    calendar: Calendar

    @property
    def case(self) -> Case:
        """The case."""
        return self.situation.case

    @property
    def at_once(self) -> bool:
        """Whether it is told the moment something is due; else at the digest's hour of a working day.

        What a source held before it was watched has waited already: only what is critical of it is told at once.
        """
        if self.case.backfill and self.case.severity < Severity.critical:
            return False
        return self.rules.at_once(self.case.severity)

    @cached_property
    def began(self) -> datetime:
        """When the case was found, grew graver or was opened again, whichever came last."""
        starts = [clock.starts_at for clock in self.situation.clocks if clock.name != BREACH]
        renewed = self.case.work.renewed_at
        return max([*starts, *([renewed] if renewed else [])], default=self.case.detected_at)

    @cached_property
    def exclude(self) -> Set[str]:
        """The ids of the members who must not be told."""
        return excluded(self.case, self.roster)

    @cached_property
    def barred(self) -> frozenset[str]:
        """The ids of the members who must not be told, with those who read the same mailbox."""
        return self.roster.barred(self.exclude)

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """The roles told first: those of the policy, which names whoever decides where it concerns somebody of ours."""
        named = self.case.recipients or ("governance",)
        if self.locked:
            named = tuple(role for role in named if role != "hr") or ("speak_up",)
        return tuple(dict.fromkeys(named))

    @cached_property
    def apart(self) -> tuple[str, ...]:
        """The recipients whom no digest reaches: roles held by somebody who reads none."""
        reading = {one.id for role in self.rules.digest_roles for one in self.roster.holders(role)}
        return tuple(
            role for role in self.recipients if {one.id for one in self.roster.holders(role)} - reading
        )

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """The roles told next, one after another: each brings somebody who was not told before."""
        told = {one.id for role in self.recipients for one in self.roster.holders(role)} | self.barred
        found: list[str] = []
        for role in self.rules.chain:
            held = {one.id for one in self.roster.holders(role)}
            if not held <= told and not (self.locked and role == "hr"):
                found.append(role)
                told |= held
        return tuple(found)

    @cached_property
    def noted(self) -> tuple[Acknowledgement, ...]:
        """Who took note of the case as it stands, oldest first; what somebody did who may not know of it is void."""
        found = [one for one in self.situation.acknowledged if self._counts(one)]
        return tuple(sorted(found, key=lambda one: (one.at, one.who)))

    def _counts(self, one: Acknowledgement) -> bool:
        member, renewed = self.roster.member(one.who), self.case.work.renewed_at
        if one.revision < self.case.revision or (member and member.id in self.barred):
            return False
        # The revision says that it is of the case as it stands, whatever a clock said that was set back. Only a case
        # that a person opened again keeps its revision: there the clock must tell.
        return renewed is None or one.at >= renewed

    @property
    def moved_at(self) -> datetime | None:
        """When a person last moved the case as it stands."""
        moved = self.case.work.moved_at
        return moved if moved and moved > self.began else None

    @cached_property
    def running(self) -> tuple[Clock, ...]:
        """The clocks that run: what is handed over or held keeps the law's alone, what is closed none.

        Whoever took note has seen it, by whatever clock.
        """
        return tuple(one for one in running(self.situation) if not (self.noted and one.name == EYES))

    @cached_property
    def name(self) -> str:
        """The case and its revision, as all its keys begin."""
        return f"case/{self.case.id}/r{self.case.revision}"

    def time_for(self, moment: datetime) -> datetime:
        """The moment itself, or for what is not told at once the next morning of work."""
        return moment if self.at_once else self.morning(moment)

    def morning(self, moment: datetime) -> datetime:
        """The digest's hour of the next working day."""
        return next_morning(moment, self.rules.digest_at, self.calendar)

    def next_week(self, moment: datetime) -> datetime:
        """The digest's hour of the first working day of the week that follows a moment's."""
        local = moment.astimezone(self.calendar.zone).date()
        monday = local + timedelta(days=7 - local.weekday())
        return self.morning(due_at(monday, time(), self.calendar.zone))

    @property
    def locked(self) -> bool:
        """Whether it may be a worker's disclosure, which nobody has released yet: hr is not told."""
        return locked(self.case)
