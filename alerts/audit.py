"""The auditor: reads again what is known and proves that nobody was left untold. Pure.

It works from the situations and the ledger alone, and finds for each case that its next step exists, that what
was due was told, and that the digests went. What it finds is told as a fault.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.addresses import fingerprint
from alerts.caseload import BREACH, set_aside
from alerts.digest_plan import box, plan_digest
from alerts.faults import Fault
from alerts.roster import MAIL, Roster
from alerts.rules import Rules
from alerts.silences import silenced
from alerts.telling import Telling
from alerts.timeline import due, following, marks, revision, way, way_of
from alerts.words.phrases import and_list, count, day_words
from core.telling import Notice, Told
from core.types import CaseState, Severity
from core.work import Silence, Situation
from core.worktime import Calendar

CRITICAL_TOLERANCE, TOLERANCE = timedelta(minutes=5), timedelta(hours=1)
# Nobody has confirmed for so long: the law's time to report a breach would have passed in it (UK GDPR art. 33).
LONGEST_GAP = timedelta(hours=72)
NAMED = 10
LOST = frozenset({"refused", "bounced", "withdrawn"})
# A newer message told the same: nothing is known by this one.
REPLACED = "replaced"
_WAITS = "queued"
# What waits is no news any more once messages go again.
UNSENT = "audit/unsent"
# Whoever holds both roles reads the numbers of the cases.
_ROLES = ("governance", "operator")


Late = tuple[Telling, datetime]
"""A case of which something is wrong, and since when."""


def findings(
    situations: Sequence[Situation],
    roster: Roster,
    rules: Rules,
    calendar: Calendar,
    *,
    told: Sequence[Told],
    digests: Sequence[Notice],
    now: datetime,
    silences: Sequence[Silence] = (),
) -> list[Fault]:
    """Everything that a person should have been told and was not, as faults; empty if all is well.

    ``told`` are the occasions of the open cases and of the digests in question, ``digests`` those that should have
    gone by now (see ``digests_expected``).
    """
    tellings = [Telling(one, roster, rules, calendar) for one in situations]
    open_ = [one for one in tellings if one.case.state is not CaseState.closed]
    quiet = silenced((one.case for one in open_), silences, now)
    # The law's clock is heard through every silence.
    heard = [one for one in open_ if one.case.id not in quiet or _breach(one)]
    return [
        *_no_next_step([one for one in open_ if one.case.id not in quiet], now),
        *_missing(open_, quiet, told, now),
        *_waiting(heard, told, now),
        *_lost(heard, told),
        *_digests(digests, told, now),
        *_unconfirmed(open_, now),
    ]


def _breach(telling: Telling) -> bool:
    return any(clock.name == BREACH for clock in telling.running)


def digests_expected(
    roster: Roster, rules: Rules, calendar: Calendar, *, now: datetime, since: datetime | None
) -> list[Notice]:
    """The digests of the last due day, week and month, whatever was sent; of none before ``since``."""
    first = since.astimezone(calendar.zone).date() if since else None
    return plan_digest(roster, rules, calendar, sent=frozenset(), now=now, since=first)


def tolerance(severity: Severity) -> timedelta:
    """How long something may wait that is due."""
    return CRITICAL_TOLERANCE if severity is Severity.critical else TOLERANCE


def _no_next_step(tellings: Iterable[Telling], now: datetime) -> Iterator[Fault]:
    """What was diverted is handed over: nothing more is asked of us but the law's clock, unless it has grown since."""
    over = {CaseState.diverted}
    asked = (one for one in tellings if not (one.case.state in over and set_aside(one.case)))
    lost = [(one, now) for one in asked if following(one, now) is None]
    do = "Open them: nobody will be asked again."
    yield from _faults("audit/no-next-step", lost, ("has no next step", "have no next step"), do)


def _missing(
    tellings: Sequence[Telling], quiet: Container[int], told: Sequence[Told], now: datetime
) -> Iterator[Fault]:
    known = marks({one.key for one in told})
    late = [
        (one, step.at)
        for one in tellings
        for step in due(one, known, now)
        if now - step.at > tolerance(one.case.severity) and (one.case.id not in quiet or step.breaks_silence)
    ]
    says = ("was not told when it was due", "were not told when they were due")
    yield from _by_severity("audit/untold", late, says)


def _waiting(tellings: Sequence[Telling], told: Sequence[Told], now: datetime) -> Iterator[Fault]:
    """Written in time and not sent: the mail server, or nothing runs that sends."""
    waits = [row for row in told if row.status == _WAITS]
    since = _first(waits)
    late = [
        (one, since[one.name])
        for one in tellings
        if now - since.get(one.name, now) > tolerance(one.case.severity)
    ]
    names, members = {one.name for one, _ in late}, tellings[0].roster.members if tellings else ()
    stuck = {way_of(row.key) for row in waits if revision(row.key) in names}
    if stuck & {way(MAIL, one.mail) for one in members}:
        # A mail that waits says that no mail goes: whoever has another way hears of it by that.
        stuck |= {way(MAIL, one.mail) for one in members}
    yield from _by_severity(UNSENT, late, ("waits to be sent", "wait to be sent"), stuck)


def _lost(tellings: Sequence[Telling], told: Sequence[Told]) -> Iterator[Fault]:
    """Cases that reached nobody: every message of them was refused or came back. Told by other ways than these."""
    lost = [row for row in told if row.status in LOST]
    arrived = {revision(row.key) for row in told if row.status not in LOST and row.status != REPLACED}
    since = _first(lost)
    nobody = [(one, since[one.name]) for one in tellings if one.name in since.keys() - arrived]
    names = {one.name for one, _ in nobody}
    deaf = {way_of(row.key) for row in lost if revision(row.key) in names}
    says = ("reached nobody", "reached nobody")
    yield from _by_severity("audit/reached-nobody", nobody, says, deaf)


def _first(rows: Iterable[Told]) -> dict[str, datetime]:
    """When the first of these rows was written, for each case at its revision."""
    found: dict[str, datetime] = {}
    for row in rows:
        name = revision(row.key)
        found[name] = min(row.created_at, found.get(name, row.created_at))
    return found


def _by_severity(
    slug: str, late: Sequence[Late], says: tuple[str, str], deaf: Set[str] = frozenset()
) -> Iterator[Fault]:
    """A fault for each critical case, and one for all the others."""
    by_case = {one.case.id: (one, since) for one, since in late}
    grave = {number for number, (one, _) in by_case.items() if one.case.severity is Severity.critical}
    do = "See `redshank alerts ledger`, and whether the mail server takes anything."
    for number in sorted(grave):
        yield _fault(f"{slug}-{number}", [by_case[number]], (f"{says[0]} (critical)", says[1]), do, deaf)
    yield from _faults(slug, [by_case[number] for number in by_case.keys() - grave], says, do, deaf)


def _faults(
    slug: str, late: Sequence[Late], says: tuple[str, str], do: str, deaf: Set[str] = frozenset()
) -> Iterator[Fault]:
    """One fault, and one more for each set of people from whom some of the cases are kept."""
    by_barred: dict[frozenset[str], list[Late]] = defaultdict(list)
    for one in sorted(late, key=lambda each: each[0].case.id):
        by_barred[one[0].barred].append(one)
    for barred, some in by_barred.items():
        apart = f"-{fingerprint(' '.join(sorted(barred)))}" if barred else ""
        yield _fault(slug + apart, some, says, do, deaf)


def _fault(slug: str, some: Sequence[Late], says: tuple[str, str], do: str, deaf: Set[str]) -> Fault:
    """Cases that are kept from the same people. It began with the newest of them: what has grown is told anew."""
    telling = some[0][0]
    numbers = [one.case.id for one, _ in some]
    named = [str(number) for number in numbers[:NAMED]]
    more = [f"{len(numbers) - NAMED} more"] if len(numbers) > NAMED else []
    words = f"{count(len(numbers), 'case')} {says[len(numbers) > 1]}"
    return Fault(
        slug=slug,
        words=f"{words}\nNumbers: {and_list([*named, *more])}. {do}",
        brief=f"{words}\n{do}",
        began=max(since for _, since in some),
        roles=_ROLES,
        barred=tuple(sorted(telling.barred)),
        instead_of=tuple(one.mail for one in telling.roster.members if way(MAIL, one.mail) in deaf),
    )


def _digests(expected: Sequence[Notice], told: Sequence[Told], now: datetime) -> Iterator[Fault]:
    """Digests that did not go: told by another way than the one that failed."""
    by_box = {box(one.key): one for one in told}
    lost = [one for one in expected if not _went(by_box.get(box(one.key)), now)]
    if lost and (day := min(one.day for one in lost if one.day)):
        were = "was" if len(lost) == 1 else "were"
        words = (
            f"{count(len(lost), 'digest')} of {day_words(day)} {were} not sent\n"
            f"To {and_list(list(dict.fromkeys(one.role for one in lost)))}. See `redshank alerts ledger`; "
            "`redshank digest` sends one by hand."
        )
        yield Fault(
            slug="audit/digest",
            words=words,
            began=now,
            roles=tuple(dict.fromkeys((*(one.role for one in lost), *_ROLES))),
            instead_of=tuple(dict.fromkeys(one.to for one in lost)),
        )


def _went(row: Told | None, now: datetime) -> bool:
    if row is None or row.status in LOST:
        return False
    return row.status != _WAITS or now - row.created_at <= TOLERANCE


def _unconfirmed(tellings: Iterable[Telling], now: datetime) -> Iterator[Fault]:
    """Cases told at once that no person has confirmed: the two clocks are too far apart."""
    gaps = [
        (one, one.began + LONGEST_GAP)
        for one in tellings
        if one.at_once and not set_aside(one.case) and one.case.work.aware_at is None
        if now - one.began > LONGEST_GAP
    ]
    says = (
        "was found more than 72 hours ago, and nobody has confirmed it",
        "were found more than 72 hours ago, and nobody has confirmed them",
    )
    do = "The law's time to report a breach runs from the confirmation: be ready to say why it took so long."
    for fault in _faults("audit/unconfirmed", gaps, says, do):
        yield replace(fault, of_people=True)
