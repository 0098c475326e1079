"""Silences: cases that nobody wants to be told of at once, for a while, for a reason and by a name. Pure.

What is critical is never silenced, nor what concerns or may concern a child or an adult at risk.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from core.errors import RedshankError
from core.types import Case, Severity
from core.vocabulary import LABELS, PLATFORMS
from core.work import Silence

LONGEST = timedelta(days=30)
NEVER = "safeguarding"


def matches(silence: Silence, case: Case, now: datetime) -> bool:
    """Whether a silence is in force and covers a case: by every criterion that it gives.

    A doubt counts as a label here: what may be a threat is not hidden by a silence on reputation.
    """
    if not silence.starts_at <= now < silence.ends_at or not _may_be_silenced(case):
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


def _may_be_silenced(case: Case) -> bool:
    grave = case.severity is Severity.critical or "sealed" in case.guards
    return not grave and NEVER not in {*case.labels, *case.ask}


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
