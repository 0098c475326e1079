"""The cases that a digest is made from, and whom each of them concerns (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.need_to_know import kept_from
from alerts.roster import Roster
from core.types import Case, CaseState
from core.work import Clock, Silence, Situation

# Who is told of every case, and who only how many there are.
ALL_CASES = frozenset({"governance", "deputy", "auditor"})
COUNTS_ONLY = frozenset({"operator"})
# What a person need no longer be asked for.
_ASIDE = frozenset({CaseState.on_hold, CaseState.diverted})
# The law's clock: nothing stops it, and it waits for no morning.
BREACH = "own_breach"
# Tags that name a wrong by themselves: a case that bears one was read, even without any label.
READ_TAGS = ("ip", "malware", "illegal", "contempt", "child_images")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caseload:
    """The cases, each with its clocks.

    ``new`` were found since the last digest, ``open`` are all that are not closed (the new ones among them),
    ``closed`` were closed since. ``silences`` are those in force, each with how many cases it keeps quiet;
    ``samples_waiting`` unflagged mentions wait for a person to read them.
    """

    new: Sequence[Situation] = ()
    open: Sequence[Situation] = ()
    closed: Sequence[Situation] = ()
    silences: Sequence[tuple[Silence, int]] = ()
    samples_waiting: int = 0


def concerns(case: Case, role: str) -> bool:
    """Whether a role is told of a case one by one: those named by the policy, and some of all."""
    if role in ALL_CASES or role in COUNTS_ONLY or role in case.recipients:
        return True
    return role == "safeguarding" and ("safeguarding" in case.labels or "sealed" in case.guards)


def known_to(cases: Caseload, roster: Roster, to: str) -> Caseload:
    """What of the cases whoever reads this mailbox may learn of; the rest is left out without a word."""
    kept = {
        one.case.id for one in (*cases.new, *cases.open, *cases.closed) if kept_from(one.case, roster, to)
    }

    def known(some: Sequence[Situation]) -> tuple[Situation, ...]:
        return tuple(one for one in some if one.case.id not in kept)

    return replace(
        cases,
        new=known(cases.new),
        open=known(cases.open),
        closed=known(cases.closed),
        silences=tuple(pair for pair in cases.silences if pair[0].case_id not in kept),
    )


def unread(case: Case) -> bool:
    """Whether the machine made nothing of it: another language, or a text that broke it."""
    return not (case.labels or case.ask) and not set(READ_TAGS) & set(case.tags)


def set_aside(case: Case) -> bool:
    """Whether it was put on hold or handed over, and has neither grown graver nor come back since."""
    work = case.work
    renewed = work.renewed_at is not None and (work.moved_at is None or work.renewed_at > work.moved_at)
    return case.state in _ASIDE and not renewed


def deleted_at(case: Case) -> datetime | None:
    """When the sources had said of every copy that it is gone there; None while one is up, or nothing is known."""
    moments = [copy.deleted_at for copy in case.copies]
    known = [moment for moment in moments if moment is not None]
    return max(known) if known and len(known) == len(moments) else None


def run_out(clock: Clock, now: datetime) -> bool:
    """Whether the time of a clock that nobody has met is over: at its very end already, as it is told then."""
    return clock.met_at is None and not clock.paused and now >= clock.due_at


def running(one: Situation) -> list[Clock]:
    """The clocks of a case that somebody must still meet."""
    if one.case.state is CaseState.closed:
        return []
    clocks = [clock for clock in one.clocks if clock.met_at is None and not clock.paused]
    return clocks if not set_aside(one.case) else [clock for clock in clocks if clock.name == BREACH]
