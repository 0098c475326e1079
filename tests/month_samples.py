"""A month of an invented organisation, for the tests of the board report and to look at it."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.board.month import (
    AuditFinding,
    DayVolume,
    Messages,
    MonthFacts,
    Outage,
    Recall,
    SourceMonth,
    Totals,
)
from core.types import Case, CaseState, Severity, Work
from core.work import Clock, Silence, Situation

LONDON = ZoneInfo("Europe/London")
MONTH = date(2026, 11, 1)
START = datetime(2026, 11, 1, tzinfo=UTC)
MADE = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALLOWED = {
    Severity.critical: (
        ("first_eyes", 1, "1 hour"),
        ("owner_told", 1, "1 hour"),
        ("first_route", 2, "2 hours"),
    ),
    Severity.high: (
        ("first_eyes", 4, "4 working hours"),
        ("owner_told", 10, "same day"),
        ("first_route", 10, "1 working day"),
    ),
    Severity.medium: (("first_eyes", 20, "2 working days"), ("first_route", 30, "3 working days")),
    Severity.low: (("first_eyes", 50, "5 working days"), ("first_route", 100, "10 working days")),
}
PARAPHRASES = {
    "004/1.2": "Misuse that puts others in harm's way is acted on, whoever the author is.",
    "004/4.1-4.3": "Staff know the risks of leaked business, broken confidences and bullying, and for whom they speak.",
    "004/9.2": "Any comment on an individual is reported, and removal needs a ground of its own.",
    "004/5.2/6": "Nobody tells on the people whom the organisation supports.",
}
OUTCOMES = ("removed_by_poster", "removed_by_platform", "answered_publicly", "nothing_to_do", "no_reply")


def clock(
    name: str = "first_eyes", *, start: datetime = START, due: float = 4, met: float | None = None, **more
) -> Clock:
    """A clock due after so many hours, met after so many or not at all."""
    return Clock(
        name=name,
        owner="governance",
        starts_at=start,
        half_at=start + due / 2 * HOUR,
        most_at=start + due * 0.8 * HOUR,
        due_at=start + due * HOUR,
        met_at=None if met is None else start + met * HOUR,
        **{"allowance": f"{due:g} hours", **more},
    )


def case(
    number: int = 1, severity: Severity = Severity.high, at: datetime = START, **changes: object
) -> Case:
    """A case found at that moment, still open unless told otherwise."""
    values: dict[str, object] = {
        "state": CaseState.in_review,
        "labels": ("confidentiality",),
        "ask": (),
        "clauses": ("004/9.2",),
        "recipients": ("governance",),
        "reasons": (),
    }
    return Case(id=number, severity=severity, detected_at=at, **{**values, **changes})  # type: ignore[arg-type]


def facts(**changes: object) -> MonthFacts:
    """A month in which nothing was read, unless told otherwise."""
    values: dict[str, object] = {
        "month": MONTH,
        "organisation": "Oakfield House",
        "generated_at": MADE,
        "zone": LONDON,
    }
    return MonthFacts(**{**values, **changes})  # type: ignore[arg-type]


def busy_month() -> MonthFacts:
    """A month with something of everything."""
    chance = random.Random(20261101)
    situations = tuple(_situation(chance, number) for number in range(101, 165))
    return facts(
        days=tuple(_day(chance, MONTH + timedelta(days=n)) for n in range(30)),
        situations=situations,
        removal_asked=frozenset(one.case.id for one in situations[::4]),
        paraphrases=PARAPHRASES,
        silences=(
            Silence(
                id=1, owner="governance", reason="a campaign", starts_at=START, ends_at=START + 72 * HOUR
            ),
        ),
        silenced=7,
        recall=Recall(estimate=0.94, low=0.86, high=0.98, sampled=300, missed=6.8),
        sources=(
            SourceMonth(name="local-news", since=START - 900 * HOUR),
            SourceMonth(
                name="mastodon-search",
                since=START - 900 * HOUR,
                outages=(
                    Outage(since=START + 100 * HOUR, until=START + 103 * HOUR, kind="too many requests"),
                    Outage(since=START + 400 * HOUR, until=START + 402 * HOUR, kind="too many requests"),
                ),
            ),
            SourceMonth(
                name="oakfield-reviews",
                since=START - 900 * HOUR,
                outages=(Outage(since=START + 500 * HOUR, until=START + 591 * HOUR, kind="access refused"),),
            ),
            SourceMonth(name="town-forum", since=START + 200 * HOUR),
        ),
        messages=Messages(sent=412, late=3, refused=1, bounced=1),
        audit=(AuditFinding(what="A decision was recorded without a reason", count=2),),
        before=Totals(read=4390, about_us=1240, flagged=88, cases=58, on_time=0.912),
    )


def _day(chance: random.Random, day: date) -> DayVolume:
    busy = 2.2 if day.day in (12, 13, 14) else 1.0
    flagged = {
        Severity.critical: int(chance.random() < 0.07 * busy),
        Severity.high: round(chance.randint(0, 1) * busy),
        Severity.medium: round(chance.randint(0, 3) * busy),
        Severity.low: round(chance.randint(0, 2) * busy),
    }
    read = round(chance.randint(110, 190) * busy)
    return DayVolume(day=day, read=read, about_us=read * 2 // 7, unread=chance.randint(0, 3), flagged=flagged)


def _situation(chance: random.Random, number: int) -> Situation:
    severity = chance.choices(list(ALLOWED), weights=(3, 12, 28, 21))[0]
    found = START + chance.randrange(0, 29 * 24) * HOUR
    decided = chance.random() < 0.8
    labels = tuple(
        chance.sample(
            ("confidentiality", "privacy", "harassment", "reputation", "internal", "threat", "impersonation"),
            k=chance.choice((1, 1, 2)),
        )
    )
    upheld = tuple(label for label in labels if chance.random() < 0.8)
    work = Work(
        aware_at=found + chance.choice((1, 2, 3, 9, 20, 80)) * HOUR if decided else None,
        closed_at=found + 60 * HOUR if decided and found < START + 600 * HOUR else None,
        outcome=chance.choice(OUTCOMES) if decided else "",
        upheld=upheld if decided else None,
        own_breach=decided and number == 120,
    )
    clocks = tuple(
        clock(
            name,
            start=found,
            due=due,
            met=due * chance.choice((0.2, 0.4, 0.6, 0.9, 0.9, 1.6)),
            allowance=allowed,
        )
        if decided
        else clock(name, start=found, due=due, allowance=allowed, paused=True)
        for name, due, allowed in ALLOWED[severity]
    )
    guards = chance.choices((("criticism",), ("speak_up",), ("conflict",), ()), weights=(4, 1, 1, 10))[0]
    closed = CaseState.closed if work.closed_at else CaseState.in_review
    clauses = tuple(sorted(chance.sample(list(PARAPHRASES), k=chance.choice((1, 2)))))
    return Situation(
        case=case(
            number, severity, found, state=closed, labels=labels, clauses=clauses, guards=guards, work=work
        ),
        clocks=clocks,
    )
