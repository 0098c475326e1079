"""A case's life as one table: what may be done in which state, by whom, and what must be on record for it.

Pure data. ``policies.lifecycle`` applies it; ``docs/cases.md`` is drawn from it.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from core.errors import RedshankError
from core.types import CaseState as State

MACHINE = "machine"
BACK = "back"
"""Where a resumed case goes: to where the hold took it from."""

# Who does what. A role that is not named here reads, acknowledges, notes and seals.
LEADS = ("governance", "deputy", "safeguarding")
INTAKE = (*LEADS, "dpo")
DECIDERS = LEADS
OWNERS = (*INTAKE, "hr", "legal", "comms")
WORKERS = (*OWNERS, "speak_up")
ANYBODY = (*WORKERS, "operator", "auditor")
# Who may move a case of safeguarding at all, and who may open the gate of a disclosure and its text.
RESTRICTED = LEADS
GUARDIANS = ("speak_up",)
THE_LINE = frozenset({"governance", "deputy", "hr"})
# What only one role does once a case accuses somebody who would decide it: see policies.guards.decides.
DECISIVE = frozenset({"divert", "dismiss", "decide", "act", "close"})

REMOVED = ("removed_by_poster", "removed_by_platform", "edited", "restricted", "ordered_by_court")
KEPT = ("refused", "no_reply", "answered_publicly", "handed_over", "nothing_to_do")
DISMISSED = ("irrelevant", "duplicate", "no_ground")
OUTCOMES = (*REMOVED, *KEPT)
NOTHING_TO_DO = "nothing_to_do"
DECISIONS = ("act", "no_action", "monitor_only")
DESTINATIONS = ("complaint", "speak_up", "incident", "safeguarding_record")
STANDINGS = ("organisation", "affected_person", "parent_or_guardian", "representative", "nobody")
ASKERS = ("police", "lado", "court")


class IllegalMove(RedshankError):  # noqa: N818 - it is what it is called
    """A case may not be moved like this; says what is missing, or who may, and what to do first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a person states with a move; each move names those that it needs.

    ``ours`` is whether somebody of ours is really meant, ``known`` whether it is true and public already.
    ``standing`` is who may lawfully ask for removal, ``balance`` a note on free expression and the public interest,
    ``upheld`` the labels that the person confirms. ``to`` is a member or role that takes over, or where a case is
    diverted to; ``gone`` the copies that the person found gone; ``conflicts`` members whom it touches besides those
    found already; ``approver`` who approves the routes that need a second person; ``into`` the case joined to.
    """

    ours: bool | None = None
    known: bool | None = None
    own_breach: bool | None = None
    standing: str = ""
    balance: str = ""
    upheld: tuple[str, ...] | None = None
    decision: str = ""
    outcome: str = ""
    to: str = ""
    asked_by: str = ""
    until: datetime | None = None
    routes: tuple[str, ...] = ()
    approver: str = ""
    gone: tuple[int, ...] = ()
    conflicts: tuple[str, ...] = ()
    into: int | None = None

    def record(self) -> dict[str, object]:
        """Those that were stated, for the audit log."""
        stated = {one.name: getattr(self, one.name) for one in fields(self)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}
        if self.until is not None:
            plain["until"] = self.until.isoformat()
        return {name: value for name, value in plain.items() if value not in (None, "", [])}


# The closed lists from which a fact is taken.
CHOICES: dict[str, tuple[str, ...]] = {
    "decision": DECISIONS,
    "standing": STANDINGS,
    "asked_by": ASKERS,
}
# How each fact is asked for.
ASKED: dict[str, str] = {
    "ours": "whether somebody of ours is really meant (--ours or --not-ours)",
    "known": "whether it is true and public already (--known or --not-known)",
    "own_breach": "whether it came from our own staff or systems (--own-breach or --not-own-breach)",
    "standing": "who may lawfully ask for removal (--standing)",
    "balance": "a note on free expression and the public interest (--balance)",
    "upheld": "which labels you confirm (--upheld, or --nothing-upheld)",
    "decision": "what is decided: act, no_action or monitor_only (--decision)",
    "outcome": "the outcome (--outcome)",
    "to": "where to or to whom",
    "asked_by": "who asked for it: police, lado or court (--asked-by)",
    "routes": "at least one route (--route)",
    "conflicts": "who is touched by it (--conflict)",
    "into": "the case to join it to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One line of the table.

    ``after`` None leaves the state as it is. ``roles`` may make the move, ``needs`` are the facts it takes.
    ``outcomes`` or ``destinations``, where given, are those that this line is for. ``sets`` and ``clears`` are
    moments and values of ``core.types.Work``. ``says`` explains it to a reader.
    """

    verb: str
    before: tuple[State, ...]
    after: State | str | None
    roles: tuple[str, ...]
    says: str
    needs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()


_EARLY = (State.raised, State.triaged, State.in_review, State.reopened)
_MOVING = tuple(state for state in State if state not in (State.closed, State.on_hold))
_OPEN = tuple(state for state in State if state is not State.closed)
_ALL = tuple(State)
_DECISION = ("ours", "known", "own_breach", "standing", "balance", "upheld", "decision")
_ENDED = ("outcome", "gone_at", "closed_at", "upheld", "acted_at")

MOVES: tuple[Move, ...] = (
    Move(
        verb="triage",
        before=(State.raised,),
        after=State.triaged,
        roles=(MACHINE, *INTAKE),
        says="labels, evidence, severity and clauses are on record",
    ),
    Move(
        verb="review",
        before=(State.triaged, State.reopened, State.diverted),
        after=State.in_review,
        roles=INTAKE,
        says="the conflict-of-interest check is run; what a gate has locked must have been released",
    ),
    Move(
        verb="divert",
        before=(State.triaged, State.in_review, State.reopened),
        after=State.diverted,
        roles=INTAKE,
        needs=("to",),
        destinations=DESTINATIONS,
        says="complaint, speak-up, incident or statutory record: no route is taken from here",
    ),
    Move(
        verb="dismiss",
        before=_EARLY,
        after=State.closed,
        roles=INTAKE,
        needs=("outcome",),
        outcomes=DISMISSED,
        sets=("outcome", "closed_at"),
        says="irrelevant, duplicate or no ground",
    ),
    Move(
        verb="decide",
        before=(State.in_review, State.decided, State.actioning),
        after=State.decided,
        roles=DECIDERS,
        needs=_DECISION,
        sets=("decided_at", "aware_at", "own_breach", "upheld"),
        says="facts, standing and balance are confirmed, and one of three decisions is taken",
    ),
    Move(
        verb="act",
        before=(State.decided, State.actioning),
        after=State.actioning,
        roles=DECIDERS,
        needs=("routes",),
        says="routes that nothing locks; some need a second person to approve them",
    ),
    Move(
        verb="outcome",
        before=(State.actioning,),
        after=State.verifying,
        roles=OWNERS,
        needs=("outcome",),
        outcomes=REMOVED,
        sets=("outcome",),
        says="removed, edited or restricted: it must still be seen to be gone",
    ),
    Move(
        verb="outcome",
        before=(State.actioning,),
        after=State.decided,
        roles=OWNERS,
        needs=("outcome",),
        outcomes=KEPT,
        sets=("outcome",),
        says="refused, no reply and the like: the next route, or the end",
    ),
    Move(
        verb="still_up",
        before=(State.verifying,),
        after=State.actioning,
        roles=(MACHINE, *OWNERS),
        clears=("outcome", "gone_at"),
        says="found again, or moved elsewhere",
    ),
    Move(
        verb="gone",
        before=(State.verifying,),
        after=None,
        roles=OWNERS,
        needs=("gone",),
        sets=("gone_at",),
        says="a person found every copy gone",
    ),
    Move(
        verb="close",
        before=(State.verifying,),
        after=State.closed,
        roles=DECIDERS,
        needs=("outcome",),
        outcomes=REMOVED,
        sets=("outcome", "closed_at"),
        says="every copy was seen to be gone",
    ),
    Move(
        verb="close",
        before=(State.decided, State.diverted),
        after=State.closed,
        roles=DECIDERS,
        needs=("outcome",),
        outcomes=KEPT,
        sets=("outcome", "closed_at"),
        says="nothing is left to do here",
    ),
    Move(
        verb="join",
        before=_MOVING,
        after=State.closed,
        roles=INTAKE,
        needs=("into",),
        sets=("closed_at",),
        says="its copies go to another case",
    ),
    Move(
        verb="hold",
        before=_MOVING,
        after=State.on_hold,
        roles=(*INTAKE, "hr", "legal"),
        needs=("asked_by",),
        sets=("held_from", "hold_until"),
        says="police, the LADO or a court ask us to wait",
    ),
    Move(
        verb="resume",
        before=(State.on_hold,),
        after=BACK,
        roles=(*INTAKE, "hr", "legal"),
        clears=("held_from", "hold_until"),
        says="the wait is over",
    ),
    Move(
        verb="reopen",
        before=(State.closed,),
        after=State.reopened,
        roles=(MACHINE, *ANYBODY),
        sets=("renewed_at",),
        clears=_ENDED,
        says="a repost, a mirror, an appeal, a new fact",
    ),
    Move(
        verb="reopen",
        before=(State.diverted,),
        after=State.reopened,
        roles=(MACHINE,),
        sets=("renewed_at",),
        clears=_ENDED,
        says="it has grown since it was handed over; people take it back with a review",
    ),
    Move(
        verb="assign",
        before=_OPEN,
        after=None,
        roles=WORKERS,
        needs=("to",),
        says="a member whom it does not name",
    ),
    Move(
        verb="hand_over",
        before=_OPEN,
        after=None,
        roles=WORKERS,
        needs=("to",),
        says="to another member, or to a role, which is told",
    ),
    Move(
        verb="aware",
        before=_OPEN,
        after=None,
        roles=WORKERS,
        sets=("aware_at",),
        says="a person confirms it: the second clock",
    ),
    Move(
        verb="own_breach",
        before=_OPEN,
        after=None,
        roles=INTAKE,
        needs=("own_breach",),
        sets=("own_breach",),
        says="whether it came from us; if so, the 72 hours run",
    ),
    Move(
        verb="release_disclosure",
        before=_OPEN,
        after=None,
        roles=GUARDIANS,
        sets=("released_at",),
        says="somebody outside the line opens what the speak-up gate locked",
    ),
    Move(verb="seal", before=_ALL, after=None, roles=ANYBODY, says="link and text shut, safeguarding told"),
    Move(verb="split", before=_MOVING, after=None, roles=INTAKE, says="some copies become another case"),
    Move(verb="note", before=_ALL, after=None, roles=ANYBODY, says="a line for the record"),
    Move(verb="acknowledge", before=_OPEN, after=None, roles=ANYBODY, says="somebody has seen it"),
)
VERBS = tuple(dict.fromkeys(one.verb for one in MOVES))
# What a person may do to a case of safeguarding without being on the restricted list.
UNRESTRICTED = frozenset({"acknowledge", "note", "seal", "release_disclosure", "reopen"})
