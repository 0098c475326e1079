"""Cases, members and routes for tests of case work; all invented."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.types import Case, CaseState, Copy, Severity, Work
from core.work import Member
from policies.books import Route
from policies.moves import Facts

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def member(id_: str, *roles: str) -> Member:
    return Member(id=id_, name=id_.title(), roles=roles, mail=f"{id_}@oakfield.example")


TEAM = (
    member("gale", "governance"),
    member("dee", "deputy"),
    member("sal", "safeguarding"),
    member("pat", "dpo"),
    member("hari", "hr"),
    member("lee", "legal"),
    member("coco", "comms"),
    member("una", "speak_up"),
    member("ozzy", "operator"),
    member("audra", "auditor"),
    member("max", "speak_up", "governance"),
)
HOLDER = {role: one.id for one in TEAM[:10] for role in one.roles} | {"machine": "machine"}


def route(id_: str, kind: str = "care", *, second: bool = False, owner: str = "comms") -> Route:
    return Route(id=id_, title=id_, use_when="ever", owner=owner, kind=kind, second_approver=second)


BOOK = {
    one.id: one
    for one in (
        route("platform_notice", "removal", owner="governance"),
        route("hr", "discipline", second=True, owner="hr"),
        route("police", "emergency", second=True, owner="governance"),
        route("iwf", "emergency", owner="safeguarding"),
        route("ceop", "emergency", owner="safeguarding"),
        route("answer"),
        route("complaints"),
        route("speak_up_guardian", owner="speak_up"),
    )
}


def case(state: CaseState = CaseState.raised, *, work: Work | None = None, **rest: Any) -> Case:
    values: dict[str, Any] = {
        "id": 12,
        "severity": Severity.high,
        "labels": ("privacy",),
        "ask": (),
        "clauses": ("004/9.2",),
        "recipients": ("governance",),
        "reasons": ("privacy at the sure threshold",),
        "detected_at": NOW,
        "copies": (a_copy(40), a_copy(41)),
        "work": work or Work(),
    }
    if state is CaseState.on_hold and work is None:
        values["work"] = Work(held_from=CaseState.in_review)
    return Case(state=state, **(values | rest))


def a_copy(number: int) -> Copy:
    return Copy(
        mention_id=number,
        source="forum",
        platform="forum",
        url=f"https://forum.example/{number}",
        posted_at=None,
        found_at=NOW,
    )


DECISION = Facts(
    ours=True,
    known=False,
    own_breach=False,
    standing="affected_person",
    balance="no public interest",
    upheld=("privacy",),
    decision="act",
)


def worked(state: CaseState, **work: Any) -> Case:
    """A case in a state, with what a decision leaves behind."""
    return replace(case(state), work=Work(upheld=("privacy",), decided_at=NOW, **work))
