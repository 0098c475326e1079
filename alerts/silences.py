"""Silences: cases that nobody wants to be told of at once, for a while, for a reason and by a name. Pure.

What is critical is never silenced, nor what concerns or may concern a child or an adult at risk, what the machine
could not read, what names somebody of the house, and what may be a worker's disclosure.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from alerts.caseload import unread
from core.errors import RedshankError
from core.types import Case, Severity
from core.vocabulary import LABELS, PLATFORMS
from core.work import Silence

LONGEST = timedelta(days=30)
NEVER = "safeguarding"
# Who may keep a case from being told, and end that: who answers for what comes of it.
SILENCERS = ("governance", "deputy", "safeguarding", "dpo")
# Whoever is accused must not be able to silence it; what may be a disclosure or a crime waits for no campaign's end.
_GUARDED = frozenset({"conflict", "speak_up", "sealed"})
_CHILD = frozenset({"child", "child_images"})


def matches(silence: Silence, case: Case, now: datetime) -> bool:
    """Whether a silence is in force and covers a case: by every criterion that it gives.

    A doubt counts as a label here: what may be a threat is not hidden by a silence on reputation.
    """
    if not silence.starts_at <= now < silence.ends_at or not _may_be_silenced(case, silence):
        return False
    borne = {*case.labels, *case.ask}
    copies = case.copies
    return all(
        (
            not silence.labels or (bool(borne) and borne <= set(silence.labels)),
            silence.severity is None or case.severity <= silence.severity,
            not silence.sources or (bool(copies) and {one.source for one in copies} <= set(silence.sources)),
            not silence.platforms
            or (bool(copies) and {one.platform for one in copies} <= set(silence.platforms)),
            silence.case_id in {None, case.id},
        )
    )


def silenced(cases: Iterable[Case], silences: Sequence[Silence], now: datetime) -> dict[int, Silence]:
    """The first silence that covers each case, by the number of the case."""
    found: dict[int, Silence] = {}
    for case in cases:
        for silence in silences:
            if matches(silence, case, now):
                found.setdefault(case.id, silence)
    return found


def check(silence: Silence, now: datetime) -> None:
    """Raises RedshankError where a silence lacks owner, reason, end or criterion, or asks for what never is."""
    if problem := next(_problems(silence, now), ""):
        raise RedshankError(f"this silence cannot be: {problem}")


def may_silence(role: str) -> None:
    """Raises RedshankError where a role may not begin or end a silence."""
    if role not in SILENCERS:
        raise RedshankError(
            f"the role {role} neither begins nor ends a silence; these do: {', '.join(SILENCERS)} (--as)"
        )


def _may_be_silenced(case: Case, silence: Silence) -> bool:
    if (
        case.severity is Severity.critical
        or _GUARDED & set(case.guards)
        or any(c.sealed for c in case.copies)
    ):
        return False
    if unread(case) or _CHILD & set(case.tags) or NEVER in {*case.labels, *case.ask}:
        return False
    # The policy tells the safeguarding lead for a reason: only what is slight, and of labels that were named.
    return NEVER not in case.recipients or (bool(silence.labels) and case.severity <= Severity.low)


def _problems(silence: Silence, now: datetime) -> Iterator[str]:
    if not silence.owner.strip():
        yield "it needs an owner, who answers for it"
    if not silence.reason.strip():
        yield "it needs a reason"
    if silence.ends_at <= max(now, silence.starts_at):
        yield "its end must lie after its start, and must not have passed"
    if silence.ends_at - silence.starts_at > LONGEST:
        yield f"it may last {LONGEST.days} days at the most; renew it then if it is still right"
    criteria = (silence.labels, silence.sources, silence.platforms)
    if not any(criteria) and silence.severity is None and silence.case_id is None:
        yield "it must say what it covers: labels, a severity, sources, platforms or one case"
    if silence.severity is Severity.critical or NEVER in silence.labels:
        yield f"what is critical and what concerns {NEVER} is never silenced"
    for word, known in ((silence.labels, LABELS), (silence.platforms, PLATFORMS)):
        if unknown := next((one for one in word if one not in known), ""):
            yield f"{unknown!r} is unknown; known are {', '.join(known)}"
