"""What it means: mentions.unassessed -> assess -> judge -> settle, and the notices of a new case with it.

    claim a batch -> assess it -> for each mention, in one transaction: its assessment, verdict, case and outbox

A mention that cannot be assessed stays in the queue and is told of in time; it never stops the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from alerts.plan import plan
from core.errors import RedshankError
from core.types import Assessment, Case, Mention, Severity, StoredMention, Verdict
from flows import wiring
from flows.quiet import alone, quiet
from flows.reach import NOT_ABOUT_US, RAISED
from flows.requery import follow_query
from flows.situations import of_cases
from flows.wiring import House, Judgement
from policies.judge import judge, unread
from policies.velocity import targets as targets_of
from storage import cursors, deliveries, ledger, mentions, silences, targets
from storage.engine import session

_LOG = structlog.get_logger(__name__)
BATCH = 64
# Long enough for a batch on a slow machine. What a killed process had in hand waits for so long, and the critical
# among it must still be told within five minutes.
_CLAIM = timedelta(minutes=2)
# A second try may find more memory; when other texts are read and this one is not, the text itself is the trouble.
TRIES = 3
READABLE = "The garden was lovely and everybody was kind."
BROKE = "The machine could not process this text, however often it tried: a person must read it."
RAISED_BY_HAND = "A person raised this by hand: a person must read it."
CANARY = "the canary of this source came out"
NOT_OURS = Verdict(flagged=False, severity=Severity.none, reasons=(NOT_ABOUT_US,), relevant=False)
CAME_OUT = Verdict(flagged=False, severity=Severity.none, reasons=(CANARY,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """Counts of one batch."""

    assessed: int = 0
    dropped: int = 0
    failed: int = 0
    cases: int = 0

    def __add__(self, other: "Triaged") -> "Triaged":
        return Triaged(
            assessed=self.assessed + other.assessed,
            dropped=self.dropped + other.dropped,
            failed=self.failed + other.failed,
            cases=self.cases + other.cases,
        )

    @property
    def handled(self) -> int:
        """How many mentions left or kept their place in the queue."""
        return self.assessed + self.dropped + self.failed


def waiting(house: House) -> int:
    """How many mentions wait to be assessed."""
    with session(house.engine, read_only=True) as db:
        return mentions.counts(db, house.now()).unassessed


def triage_batch(house: House, limit: int = BATCH) -> Triaged:
    """Claim, assess and settle up to ``limit`` mentions; nothing handled means the queue is empty.

    Raises:
        ModelError: the model cannot be used; nothing is claimed, and what waits is told of in time.
        Exception: what settles them broke on one; all others are settled.
    """
    with session(house.engine, read_only=True) as db:
        if not mentions.any_waiting(db):
            return Triaged()
    judgement = house.judgement
    with session(house.engine) as db:
        claimed = mentions.unassessed(db, house.now(), limit, _CLAIM)
    kept: list[StoredMention] = []
    broke: list[Exception] = []
    try:
        total = Triaged()
        for stored in claimed:
            if not house.about_us(stored.mention)[0]:
                total += _guarded(house, broke, stored, partial(_drop, house, stored))
            elif stored.attempts >= 2 * TRIES and _works(judgement):
                # Not told of, so perhaps each try killed its worker.
                total += Triaged(assessed=1, cases=_settle_unread(house, stored, unread(BROKE, house.pack)))
            else:
                kept.append(stored)
        for ours in (True, False):
            group = [stored for stored in kept if house.only_about_us(stored.mention) is ours]
            said = _assess(judgement, group, about_us=ours)
            for stored, one in zip(group, said, strict=True):
                total += _guarded(house, broke, stored, partial(_settle, house, stored, one))
        if broke:
            raise broke[0]
    except BaseException:
        # Stopped in the middle: what is not settled waits for the next pass, not for the end of the claim.
        with session(house.engine) as db:
            mentions.release(db, claimed)
        raise
    return total


def triage_all(house: House, report: Callable[[int], None] = lambda _handled: None) -> Triaged:
    """Batch after batch until the queue is empty; ``report`` is told how many each batch handled."""
    total = Triaged()
    follow_query(house)
    while (batch := triage_batch(house)).handled:
        total += batch
        report(batch.handled)
    return total


def _works(judgement: Judgement) -> bool:
    """Whether the classifier works at all."""
    try:
        return bool(judgement.assess([READABLE]))
    except Exception as error:  # noqa: BLE001 - then nothing is the fault of one text
        _LOG.exception("assessment_broke", mentions=0, error=type(error).__name__)
        return False


def _settle_unread(house: House, stored: StoredMention, verdict: Verdict) -> int:
    """Settle a mention that nothing was made of; counts the case, where there is one."""
    now = house.now()
    with session(house.engine) as db:
        case = mentions.settle(db, stored, verdict, now)
        if case is not None:
            _tell(house, db, case)
    return _raised(case)


def _assess(
    judgement: Judgement, batch: Sequence[StoredMention], *, about_us: bool
) -> list[Assessment | None]:
    """The assessments in order; None stands for a text that broke the classifier."""
    if not batch:
        return []
    try:
        return list(judgement.assess([stored.mention.full_text for stored in batch], about_us=about_us))
    except Exception as error:  # noqa: BLE001 - one text must not stop the others
        _LOG.exception("assessment_broke", mentions=len(batch), error=type(error).__name__)
    if len(batch) == 1:
        return [None]
    return [said for stored in batch for said in _assess(judgement, [stored], about_us=about_us)]


def _drop(house: House, stored: StoredMention) -> Triaged:
    _settle_unread(house, stored, NOT_OURS)
    return Triaged(dropped=1)


def _guarded(
    house: House, broke: list[Exception], stored: StoredMention, settle: Callable[[], Triaged]
) -> Triaged:
    """Settle a mention; what breaks on it is put to what ``broke``, and it waits as one that cannot be assessed."""
    try:
        return settle()
    except (RedshankError, OSError):
        raise  # the trouble of the machine, and not of the mention
    except Exception as error:  # noqa: BLE001 - one mention must not stop the others
        _LOG.exception("settling_broke", mention=stored.id, error=type(error).__name__)
        broke.append(error)
    with session(house.engine) as db:
        mentions.failed(db, stored, "settling it broke", house.now())
    return Triaged(failed=1)


def _settle(house: House, stored: StoredMention, said: Assessment | None) -> Triaged:
    now = house.now()
    if said is None and stored.attempts >= TRIES and _works(house.judgement):
        return Triaged(assessed=1, cases=_settle_unread(house, stored, unread(BROKE, house.pack)))
    if said is None:
        with session(house.engine) as db:
            mentions.failed(db, stored, "the classifier broke on this text", now)
        return Triaged(failed=1)
    verdict = _judged(house, stored.mention, said)
    with session(house.engine) as db:
        if verdict is CAME_OUT:
            cursors.came_out(db, stored.mention.source, now)
        mentions.record_assessment(db, stored, said, now)
        case = mentions.settle(db, stored, verdict, now)
        aimed_at = targets_of(stored.mention.full_text, said.findings, (*verdict.labels, *verdict.ask))
        who = targets.keyed(aimed_at, house.office.name_key)
        targets.note(db, stored.id, case.id if case else None, who=who, at=stored.mention.posted_at or now)
        if case is not None:
            _tell(house, db, case)
    return Triaged(assessed=1, cases=_raised(case))


def _judged(house: House, mention: Mention, said: Assessment) -> Verdict:
    """What the policy makes of a mention; what somebody raised is read by a person, and a canary by nobody.

    Everybody can read its word there and use it: what is critical is a case all the same.
    """
    reading = house.readings.get(mention.source)
    verdict = judge(mention, said, house.pack, house.office.members)
    canary = reading.source.canary if reading else ""
    if canary and canary in mention.full_text and verdict.severity < Severity.critical:
        return CAME_OUT
    if mention.source == RAISED and not verdict.flagged:
        return unread(RAISED_BY_HAND, house.pack)
    return verdict


def _raised(case: Case | None) -> int:
    """Logs a case, and counts it."""
    if case is None:
        return 0
    _LOG.info(
        "case_raised", case=case.id, severity=str(case.severity), labels=case.labels, revision=case.revision
    )
    return 1


def _tell(house: House, db: Session, case: Case) -> None:
    """The outbox rows of a case, in the transaction that wrote the case: nobody is left untold."""
    office, now = house.office, house.now()
    planned = plan(
        of_cases(house, db, [case]),
        office.routes.roster,
        office.rules,
        office.calendar,
        sent=ledger.told_of(db, case.id),
        now=now,
        silences=silences.all_(db, since=now),
    )
    deliveries.enqueue(db, planned.notices, now)


@task(cache_policy=NO_CACHE)
@quiet
def triage_queue(config: str) -> dict[str, int]:
    """Work the queue empty; returns counts."""
    house = wiring.house(config)
    with alone(house.var, "triage") as first:
        done = triage_all(house) if first else Triaged()
    return {"assessed": done.assessed, "dropped": done.dropped, "failed": done.failed, "cases": done.cases}


@flow(name="triage", log_prints=False)
@quiet
def triage(config: str = "") -> dict[str, int]:
    """Assess, judge and settle every mention that waits; returns counts."""
    return triage_queue(config)
