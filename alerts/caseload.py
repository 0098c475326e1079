"""The cases that a digest is made from, and whom each of them concerns (pure)."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from core.types import Case, CaseState
from core.work import Clock, Silence, Situation

# Who is told of every case, and who only how many there are.
ALL_CASES = frozenset({"governance", "deputy", "auditor"})
COUNTS_ONLY = frozenset({"operator"})
# What a person need no longer be asked for; a breach of our own is the law's, and nothing stops its clock.
_ASIDE = frozenset({CaseState.on_hold, CaseState.diverted})
_BREACH = "own_breach"
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


def may_know(case: Case, role: str, members: Set[str] = frozenset()) -> bool:
    """Whether these members, told in this role, may learn that there is such a case."""
    locked = "speak_up" in case.guards and case.work.released_at is None
    return not members & set(case.conflicts) and not (locked and role == "hr")


def unread(case: Case) -> bool:
    """Whether the machine made nothing of it: another language, or a text that broke it."""
    return not (case.labels or case.ask) and not set(READ_TAGS) & set(case.tags)


def running(one: Situation) -> list[Clock]:
    """The clocks of a case that somebody must still meet."""
    if one.case.state is CaseState.closed:
        return []
    clocks = [clock for clock in one.clocks if clock.met_at is None and not clock.paused]
    return [clock for clock in clocks if one.case.state not in _ASIDE or clock.name == _BREACH]
