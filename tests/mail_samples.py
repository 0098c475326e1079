"""Cases, notices and digests to make mails of, and a strict reader of their HTML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from alerts.caseload import Caseload
from alerts.coverage import Coverage, Watch
from alerts.digest import Counts, Digest, Sent, Span, Watching, compose
from alerts.render import render_case, render_digest
from alerts.routes import Routes
from alerts.showing import Shown
from alerts.trend import DayCounts
from core.telling import Message, Notice, NoticeKind, Occasion
from core.types import Case, CaseState, Copy, Severity
from core.work import Clock, Member, Situation

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 20, 7, 31, tzinfo=UTC)
GOV, SAFE = "gov@oakfield.example", "safe@oakfield.example"
SITE = "https://redshank.oakfield.example"
SEEN = f"{SITE}/acknowledge/NDI.aR8kQw.c2lnbmF0dXJl"
HOUR, DAYS = timedelta(hours=1), timedelta(days=2)
VOID = frozenset({"meta", "br", "img"})
LEAD = Member(id="jo-marsh", name="Jo Marsh", roles=("deputy",), mail="jo@oakfield.example")


def routes(link_base: str = SITE, **people: tuple[str, ...]) -> Routes:
    return Routes(
        people=people or {"governance": (GOV,), "safeguarding": (SAFE,)},
        timezone=LONDON,
        link_base=link_base,
        team=() if people else (LEAD,),
    )


def copy(number: int = 1, url: str = "https://news.example/2026/11/1", source: str = "local-news") -> Copy:
    return Copy(mention_id=number, source=source, platform="news", url=url, posted_at=None, found_at=NOW)


def case(number: int = 12, severity: Severity = Severity.high, hours: float = 3, **changes: object) -> Case:
    values: dict[str, Any] = {
        "state": CaseState.in_review,
        "labels": ("confidentiality",),
        "ask": (),
        "clauses": ("focus 9.2/1",),
        "recipients": ("governance", "safeguarding"),
        "reasons": ("confidentiality is sure: clause 9.2/1",),
        "detected_at": NOW - timedelta(hours=hours),
        "copies": (copy(),),
    }
    return Case(id=number, severity=severity, **{**values, **changes})


def clock(due: float = 2, name: str = "first_eyes", owner: str = "governance", **changes: object) -> Clock:
    """A clock of ten hours that runs out so many hours from now."""
    ends = NOW + due * HOUR
    values: dict[str, Any] = {
        "starts_at": ends - 10 * HOUR,
        "half_at": ends - 5 * HOUR,
        "most_at": ends - 2 * HOUR,
        "due_at": ends,
        "allowance": "10h clock",
    }
    return Clock(name=name, owner=owner, **{**values, **changes})


def told(one: Case | Situation, *clocks: Clock) -> Situation:
    return one if isinstance(one, Situation) else Situation(case=one, clocks=clocks)


def notice(
    *steps: str,
    to: str = GOV,
    role: str = "governance",
    kind: NoticeKind = "case",
    why: str = "high is told at once",
) -> Notice:
    """A notice of so many steps, each as it stands in a key: ``12:first/1``."""
    keys = (step.partition(":") for step in steps)
    occasions = tuple(
        Occasion(key=f"case/{number}/r1/{step}/mail/0123456789abcdef", case_id=int(number))
        for number, _, step in keys
    )
    return Notice(
        key="case/12/r1/mail/0", kind=kind, role=role, to=to, channel="mail", why=why, occasions=occasions
    )


def case_mail(
    *some: Case | Situation,
    link_base: str = SITE,
    to: str = GOV,
    steps: Sequence[str] = (),
    emergency: Mapping[int, Sequence[str]] = MappingProxyType({}),
    **more: Any,
) -> Message:
    """A mail about these cases; ``steps`` are those that its notice tells."""
    return render_case(
        notice(*steps, to=to),
        [told(one) for one in some],
        routes=routes(link_base),
        now=NOW,
        steps=emergency,
        **more,
    )


def digest(
    new: Iterable[Case | Situation] = (),
    old: Iterable[Case | Situation] = (),
    closed: Iterable[Case] = (),
    *,
    role: str = "governance",
    span: Span = Span.day,
    members: frozenset[str] = frozenset(),
    silences: Sequence[Any] = (),
    samples_waiting: int = 0,
    **watching: Any,
) -> Digest:
    fresh = [told(one) for one in new]
    load = Caseload(
        new=fresh,
        open=[*fresh, *(told(one) for one in old)],
        closed=[told(one) for one in closed],
        silences=silences,
        samples_waiting=samples_waiting,
    )
    days = {Span.day: 1, Span.week: 7, Span.month: 30}[span]
    return compose(
        date(2026, 11, 20),
        role,
        load,
        Watching(**watching),
        since=NOW - timedelta(days=days),
        now=NOW,
        tz=LONDON,
        span=span,
        members=members,
    )


def digest_mail(made: Digest, link_base: str = SITE, shown: Shown = Shown.reasons) -> Message:
    written = notice(kind="digest", role=made.role)
    return render_digest(written, made, routes=routes(link_base), shown=shown)


def trend(*totals: int) -> tuple[DayCounts, ...]:
    """Days that end yesterday, each with so many low ones."""
    first = date(2026, 11, 20) - timedelta(days=len(totals))
    return tuple(
        DayCounts(day=first + timedelta(days=n), counts={Severity.low: total})
        for n, total in enumerate(totals)
    )


COVER = (
    Coverage(name="reddit-care", watch=Watch.broken, since=NOW - timedelta(days=2), detail="HTTP 403"),
    Coverage(name="care-opinion", watch=Watch.not_watched, detail="never visited"),
    Coverage(name="town-forum", watch=Watch.partly, last_ok_at=NOW, detail="the feed was full"),
    Coverage(name="local-news", watch=Watch.watched, last_ok_at=NOW),
)
COUNTS = Counts(read=312, dropped=7, flagged=4, left_alone=61, unassessed=2)
SENT = Sent(accepted=14, late=2, refused=1, bounced=3, acknowledged=9, queued=5)


class Page(HTMLParser):
    """Reads a mail's HTML strictly: every tag closed in order; keeps tags, links and visible words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert self.open == []
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += f" {data}"

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def parts(mail: Message) -> tuple[str, str]:
    """The words of both parts of a mail, without their layout."""
    return " ".join(mail.text.split()), re.sub(r" (?=[:;,.])", "", Page(mail.html).words)
