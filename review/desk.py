"""How a person works a case: each function is one transaction that loads, asks policies.lifecycle, and stores.

The command line and the review site both come this way, so that neither can do what the other may not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from core.errors import RedshankError
from core.types import Case, CaseState, Severity, Step, StoredMention
from core.work import Action, ActionState, Entry, Member
from core.worktime import Allowance, Calendar
from policies import actions as action_table
from policies.books import Route
from policies.checks import Actor, may
from policies.lifecycle import NOTHING_STATED, move
from policies.moves import MOVES, Facts, IllegalMove
from policies.reading import may_read, on_record
from review.casefile import File
from review.filing import file_of
from storage import actions, audit, cases, joining, mentions
from storage.engine import session

# A person who does one of these to a case that only the machine has seen has triaged it.
_TRIAGES = frozenset({"review", "divert"})


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at work: a member's id (any name where there is no list of members) and the role they act in."""

    id: str
    role: str


def who(members: Sequence[Member], name: str, role: str = "") -> Who:
    """Somebody by id, name or mail address, in a role that they hold; it need not be said where it is the only one.

    Raises IllegalMove where there is no such member, or they do not hold the role.
    """
    known = {key.casefold(): one for one in members for key in (one.id, one.name, one.mail)}
    member = known.get(name.strip().casefold())
    if members and member is None:
        raise IllegalMove(
            f"nobody of the team is called {name}: one of {', '.join(one.id for one in members)}"
        )
    held = member.roles if member else ()
    if not role and len(held) == 1:
        role = held[0]
    if not role:
        choice = f": one of {', '.join(held)}" if held else ""
        raise IllegalMove(f"say in which role you act (--as){choice}")
    if member and role not in held:
        raise IllegalMove(f"{member.id} does not hold the role {role}, but {', '.join(held)}")
    return Who(member.id if member else name.strip(), role)


class Desk:
    """Where cases are worked; ``book`` are the routes, ``members`` the team (nobody where there is no list)."""

    def __init__(
        self,
        engine: Engine,
        book: Mapping[str, Route],
        *,
        now: Callable[[], datetime],
        members: Sequence[Member] = (),
        calendar: Calendar | None = None,
    ) -> None:
        self.engine, self.book, self.members, self.now, self.calendar = engine, book, members, now, calendar

    def find(
        self,
        *,
        state: CaseState | None = None,
        severity: Severity = Severity.none,
        assignee: str = "",
        reader: str = "",
    ) -> list[Case]:
        """The open cases, or those in one state, gravest first, then oldest: at least so grave, and somebody's own.

        Those that name or accuse the ``reader`` (a member's id) are left out without a word.
        """
        with session(self.engine, read_only=True) as db:
            found = cases.in_state(db, state) if state else cases.open_(db)
        return [
            self._without_links(case, None)
            for case in found
            if case.severity >= severity
            and (not assignee or case.work.assignee == assignee)
            and not (reader and reader in case.conflicts)
        ]

    def show(self, number: int, reader: Who | None = None) -> File:
        """One case with its record; RedshankError where there is none that the reader may open.

        Whoever may not read the text does not get the links either: behind them stand the text and its author.
        """
        with session(self.engine, read_only=True) as db:
            case = _load(db, number, reader)
            return file_of(db, self._without_links(case, reader), self.book, self.now())

    def history(self, number: int, reader: Who | None = None) -> list[Entry]:
        """All that the audit log holds of a case; RedshankError where there is none that the reader may open."""
        with session(self.engine, read_only=True) as db:
            _load(db, number, reader)
            return audit.entries(db, number)

    def texts(self, number: int, reader: Who | None) -> list[StoredMention]:
        """What the copies of a case say, to those who may read it.

        Where safeguarding is seen or suspected it goes on record.
        """
        with session(self.engine) as db:
            case = _load(db, number, reader)
            self._may_read(case, reader)
            if reader and on_record(case):
                self._on_record(db, case, reader, "read_text", "read what was written")
            return mentions.read(db, [copy.mention_id for copy in case.copies])

    def link(self, number: int, asker: Who, reason: str) -> dict[int, str]:
        """The links of a sealed case's copies, by mention, to role safeguarding alone; each is put on record first."""
        with session(self.engine) as db:
            case = _load(db, number, asker)
            said = {"actor": asker.id, "role": asker.role, "reason": reason}
            sealed = [copy.mention_id for copy in case.copies if copy.sealed]
            if not sealed:
                raise IllegalMove(
                    f"nothing of case {number} is sealed: `redshank case show {number}` has its links"
                )
            return {one: cases.unseal_link(db, one, at=self.now(), **said) for one in sealed}

    def take(self, number: int, verb: str, actor: Who, reason: str, facts: Facts = NOTHING_STATED) -> Case:
        """Take any step of ``policies.moves`` on a case; give the case as it stands then.

        Raises IllegalMove, which says what is missing or who may, and ConflictError where somebody else was first.
        """
        facts = self._by_id(facts)
        with session(self.engine) as db:
            into = facts.into if verb == "join" and facts.into is not None else number
            case, other = cases.lock(db, number, into)
            _openable(actor, case, other)
            if verb in _TRIAGES and case.state is CaseState.raised:
                case = self._move(db, case, "triage", actor, reason)
            if into != number:
                return self._join(db, case, other, actor, reason)
            after = self._move(db, case, verb, actor, reason, facts=facts)
            if verb == "act":
                self._draft(db, after, actor, reason, facts)
            return _load(db, number)

    def split(self, number: int, mention_ids: Sequence[int], actor: Who, reason: str) -> Case:
        """Make some copies a case of their own; give the new case."""
        with session(self.engine) as db:
            (case,) = cases.lock(db, number)
            _openable(actor, case)
            self._legal(case, "split", actor, reason)
            said = {"actor": actor.id, "role": actor.role, "reason": reason}
            return joining.split(db, number, mention_ids, now=self.now(), **said)

    def advance(self, action: int, verb: str, actor: Who, reason: str, words: str = "") -> Action:
        """Take a use of a route on: approve, sent, acknowledged, refused, answered or withdrawn."""
        now = self.now()
        with session(self.engine) as db:
            before = actions.get(db, action)
            (case,) = cases.lock(db, before.case_id)
            _openable(actor, case)
            self._may_act(case, before.route, actor)
            after = action_table.advance(
                before,
                verb,
                case,
                actor=actor.id,
                at=now,
                book=self.book,
                words=words,
                answer_due_at=self._answer_due(before.route, now),
            )
            said = {"actor": actor.id, "role": actor.role, "reason": reason}
            return actions.advance(db, before, after, at=now, **said)

    def _move(
        self, db: Session, case: Case, verb: str, actor: Who, reason: str, *, facts: Facts = NOTHING_STATED
    ) -> Case:
        step, after = self._legal(case, verb, actor, reason, facts=facts)
        return cases.move(db, case, step, after, facts.record())

    def _legal(
        self, case: Case, verb: str, actor: Who, reason: str, *, facts: Facts = NOTHING_STATED
    ) -> tuple[Step, Case]:
        return move(
            case,
            verb,
            actor=actor.id,
            role=actor.role,
            at=self.now(),
            reason=reason,
            facts=facts,
            members=self.members,
            book=self.book,
        )

    def _join(self, db: Session, case: Case, into: Case, actor: Who, reason: str) -> Case:
        """Both cases must be the person's to move: what one is restricted to, the other must be too."""
        for one, other in ((case, into), (into, case)):
            self._legal(one, "join", actor, reason, facts=Facts(into=other.id))
        said = {"actor": actor.id, "role": actor.role, "reason": reason}
        return joining.fold_by_hand(db, case.id, into.id, now=self.now(), **said)

    def _draft(self, db: Session, case: Case, actor: Who, reason: str, facts: Facts) -> None:
        """One action for each route; those that need no second person are approved by whoever decided to act."""
        said = {"actor": actor.id, "role": actor.role, "reason": reason}
        now = self.now()
        for route in dict.fromkeys(facts.routes):
            drafted = actions.draft(db, case.id, route, at=now, **said)
            if not self.book[route].second_approver:
                approved = replace(drafted, state=ActionState.approved, approved_by=actor.id)
                actions.advance(db, drafted, approved, at=now, **said)

    def _may_act(self, case: Case, route: str, actor: Who) -> None:
        """A route is taken by whoever may act on the case, or by the role that owns it."""
        line = next(one for one in MOVES if one.verb == "act")
        owner = self.book[route].owner if route in self.book else ""
        person = Actor(name=actor.id, role=actor.role, members=self.members, book=self.book)
        may(case, replace(line, verb="take a route", roles=(*line.roles, owner)), person)

    def _answer_due(self, route: str, at: datetime) -> datetime | None:
        within = self.book[route].answer_within if route in self.book else ""
        return Allowance.parse(within).due(at, self.calendar) if within and self.calendar else None

    def _by_id(self, facts: Facts) -> Facts:
        """The members whom the facts name, as ids, however they were written."""
        known = {key.casefold(): one.id for one in self.members for key in (one.id, one.name, one.mail)}

        def of(name: str) -> str:
            return known.get(name.strip().casefold(), name)

        conflicts = tuple(of(one) for one in facts.conflicts)
        return replace(facts, to=of(facts.to), approver=of(facts.approver), conflicts=conflicts)

    def _may_read(self, case: Case, reader: Who | None) -> None:
        may_read(case, reader.id if reader else "", reader.role if reader else "", self.members)

    def _without_links(self, case: Case, reader: Who | None) -> Case:
        """The case as a reader may see it: without its links where its text is not for them."""
        try:
            self._may_read(case, reader)
        except IllegalMove:
            return replace(case, copies=tuple(replace(copy, url="") for copy in case.copies))
        return case

    def _on_record(self, db: Session, case: Case, reader: Who, action: str, reason: str) -> None:
        audit.append(
            db,
            at=self.now(),
            actor=reader.id,
            role=reader.role,
            action=action,
            case_id=case.id,
            reason=reason,
        )


def _load(db: Session, number: int, reader: Who | None = None) -> Case:
    case = cases.get(db, number)
    if case is None:
        raise _none(number)
    _openable(reader, case)
    return case


def _openable(reader: Who | None, *found: Case) -> None:
    """Refuse cases that name or accuse the reader in the words for one that is not there: they learn of neither."""
    for case in found:
        if reader and reader.id in case.conflicts:
            raise _none(case.id)


def _none(number: int) -> RedshankError:
    return RedshankError(
        f"there is no case {number} that you may open; `redshank case list` shows the open ones"
    )
