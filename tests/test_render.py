"""What the mails say, what they must never say, and how they are built."""

import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import _palette
from alerts._words import one_line, safe_link
from alerts.channels._mime import build
from alerts.digest import Coverage, Digest, Watch, compose, coverage
from alerts.plan import plan, plan_digest
from alerts.render import render_case, render_digest, render_fault
from alerts.routes import Routes
from core.types import (
    Case,
    CaseState,
    Copy,
    Finding,
    Image,
    Mention,
    Message,
    Notice,
    NoticeKind,
    Severity,
    SourceState,
)
from core.vocabulary import LABELS, PLATFORMS

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 20, 7, 31, tzinfo=UTC)
GOV, SAFE = "gov@oakfield.example", "safe@oakfield.example"
SITE = "https://redshank.oakfield.example"
HOUR, DAYS = timedelta(hours=1), timedelta(days=2)
VOID = frozenset({"meta", "br", "img"})


def routes(link_base: str = SITE, **people: tuple[str, ...]) -> Routes:
    return Routes(
        people=people or {"governance": (GOV,), "safeguarding": (SAFE,)}, timezone=LONDON, link_base=link_base
    )


def copy(number: int = 1, url: str = "https://news.example/2026/11/1", source: str = "local-news") -> Copy:
    return Copy(mention_id=number, source=source, platform="news", url=url, posted_at=None, found_at=NOW)


def case(number: int = 12, severity: Severity = Severity.high, hours: float = 3, **changes: object) -> Case:
    values: dict[str, object] = {
        "state": CaseState.in_review,
        "labels": ("confidentiality",),
        "ask": (),
        "clauses": ("focus 9.2/1",),
        "recipients": ("governance", "safeguarding"),
        "reasons": ("confidentiality is sure: clause 9.2/1",),
        "detected_at": NOW - timedelta(hours=hours),
        "copies": (copy(),),
    }
    return Case(id=number, severity=severity, **{**values, **changes})  # type: ignore[arg-type]


def notice(to: str = GOV, kind: NoticeKind = "case", why: str = "high is told at once") -> Notice:
    return Notice(key="case/12/r1/mail/0", kind=kind, role="governance", to=to, channel="mail", why=why)


def case_mail(one: Case, link_base: str = SITE, to: str = GOV) -> Message:
    return render_case(notice(to), one, routes(link_base), NOW)


def digest(
    new: list[Case] | None = None,
    old: list[Case] | None = None,
    cover: tuple[Coverage, ...] = (),
    **counts: int,
) -> Digest:
    return compose(
        date(2026, 11, 20),
        "governance",
        new or [],
        [*(new or []), *(old or [])],
        cover,
        since=NOW - timedelta(days=1),
        now=NOW,
        tz=LONDON,
        **counts,
    )


def digest_mail(made: Digest, link_base: str = SITE, **more: tuple[Image, ...]) -> Message:
    return render_digest(notice(kind="digest"), made, routes(link_base), **more)


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


COVER = (
    Coverage(name="reddit-care", watch=Watch.broken, since=NOW - timedelta(days=2), detail="HTTP 403"),
    Coverage(name="care-opinion", watch=Watch.not_watched, detail="never visited"),
    Coverage(name="town-forum", watch=Watch.partly, last_ok_at=NOW, detail="the feed was full"),
    Coverage(name="local-news", watch=Watch.watched, last_ok_at=NOW),
)
FAULT = notice(
    kind="fault", why="Source local-news is gone\nThe other side retired it.\nno address for operator"
)
EVERY_MAIL = {
    "case": case_mail(case()),
    "case without a site": case_mail(case(copies=(copy(1), copy(2))), ""),
    "critical": case_mail(case(severity=Severity.critical, labels=("safeguarding",)), ""),
    "digest": digest_mail(
        digest([case()], [case(2, Severity.low, 400)], COVER, read=9, unassessed=2, undelivered=1, dropped=3)
    ),
    "quiet digest": digest_mail(digest()),
    "digest with a plot": digest_mail(digest(), images=(Image(cid="week", png=b"png", alt="Cases a day"),)),
    "fault": render_fault(FAULT, routes(), NOW),
}


# How they are built


@pytest.fixture(params=list(EVERY_MAIL.values()), ids=list(EVERY_MAIL))
def mail(request: pytest.FixtureRequest) -> Message:
    assert isinstance(request.param, Message)
    return request.param


def test_the_html_is_well_formed_and_says_its_language(mail: Message) -> None:
    page = Page(mail.html)
    assert page.of("html") == [{"lang": "en-GB"}]
    assert {"name": "color-scheme", "content": "light dark"} in page.of("meta")
    assert "prefers-color-scheme: dark" in mail.html
    assert len(page.of("h1")) == 1


def test_the_html_loads_nothing_from_anywhere(mail: Message) -> None:
    page = Page(mail.html)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "table", "thead", "tbody", "tr", "td", "th"),
        *("p", "h1", "h2", "a", "br", "span", "strong", "code", "img"),
    }
    for tag, attrs in page.tags:
        assert not {"background", "srcset", "onclick", "onload"} & attrs.keys()
        if tag == "img":
            assert str(attrs["src"]).startswith("cid:")
            assert attrs["alt"]
        if "href" in attrs:
            assert tag == "a"
            assert re.match(r"https?://", str(attrs["href"]))
    assert not re.search(r"url\(|@import|@font-face|flex|grid", mail.html)


def test_tables_are_either_layout_or_have_headings_with_a_scope(mail: Message) -> None:
    page = Page(mail.html)
    assert all(cell["scope"] in {"col", "row", "rowgroup"} for cell in page.of("th"))
    data = [table for table in page.of("table") if table.get("role") != "presentation"]
    assert bool(data) == bool(page.of("th"))
    assert "max-width:640px" in mail.html


def test_the_subject_and_the_text_are_one_and_plain(mail: Message) -> None:
    assert mail.subject.startswith("[Redshank] ")
    assert mail.subject.isprintable()
    assert mail.text.strip()
    assert "<" not in mail.text
    assert "&amp;" not in mail.text


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio and relative luminance."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [_palette.LIGHT, _palette.DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_on_its_ground(colours: dict[str, str]) -> None:
    for name in ("text", "muted", "link", "good", "warn", "bad"):
        assert contrast(colours[name], colours["card"]) >= 4.5, name
    for text, ground in (*_palette.BADGES.values(), _palette.BAND):
        assert contrast(text, ground) >= 4.5


def test_every_severity_has_a_badge_that_says_it_in_words() -> None:
    for severity in Severity:
        page = Page(case_mail(case(severity=severity)).html)
        assert str(severity).capitalize() in page.words


# What a case mail says


def test_a_case_mail_says_what_why_how_old_and_where() -> None:
    mail = case_mail(case())
    assert mail.subject == "[Redshank] High: confidentiality – case 12"
    for part in (mail.text, Page(mail.html).words):
        for words in ("focus 9.2/1", "clause 9.2/1", "3 hours ago", "local-news", "in review"):
            assert words in part
    assert Page(mail.html).of("a")[0]["href"] == f"{SITE}/cases/12"
    assert f"{SITE}/cases/12" in mail.text
    assert "news.example" not in mail.html + mail.text


def test_without_a_site_the_post_itself_is_linked_and_the_mail_says_so() -> None:
    mail = case_mail(case(), "")
    assert [link["href"] for link in Page(mail.html).of("a")] == ["https://news.example/2026/11/1"]
    assert "Open the post on news.example" in mail.html
    for part in (mail.text, Page(mail.html).words):
        assert "There is no review site, so this opens the post itself" in part
        assert "redshank case show 12" in part


def test_without_a_site_a_safeguarding_post_is_linked_to_the_safeguarding_lead_only() -> None:
    grave = case(labels=("safeguarding",))
    assert "news.example" not in case_mail(grave, "").html + case_mail(grave, "").text
    assert "link kept for the safeguarding lead" in case_mail(grave, "").text
    assert "https://news.example/2026/11/1" in case_mail(grave, "", to=SAFE).text
    assert "news.example" not in digest_mail(digest([grave]), "").html


def test_a_mere_doubt_about_safeguarding_keeps_the_link_from_nobody() -> None:
    assert "https://news.example/2026/11/1" in case_mail(case(labels=(), ask=("safeguarding",)), "").text


def test_every_critical_case_is_listed_while_there_is_room() -> None:
    text = digest_mail(digest([case(number, Severity.critical) for number in range(1, 13)])).text
    assert all(
        f"CRITICAL case {number} " in text or f"CRITICAL case {number}:" in text for number in range(1, 13)
    )


def test_whoever_stands_in_for_the_safeguarding_lead_gets_the_link() -> None:
    grave = case(labels=("safeguarding",))
    mail = render_case(notice(), grave, routes("", governance=(GOV,)), NOW)
    assert "https://news.example/2026/11/1" in mail.text
    untold = case(labels=("safeguarding",), recipients=("governance",))
    assert "https://news.example/2026/11/1" in case_mail(untold, "").text


def test_a_label_to_check_is_not_told_as_sure() -> None:
    assert case_mail(case(labels=(), ask=("hate",))).subject == "[Redshank] High: to check: hate – case 12"


def test_what_the_machine_could_not_read_is_told_as_that() -> None:
    why = "The machine reads English only, and this is probably another language: a person must read it."
    mail = case_mail(case(severity=Severity.low, labels=(), clauses=(), reasons=(why,)))
    assert "to be read by a person" in mail.subject
    assert why in " ".join(mail.text.split())


def test_the_first_reasons_stand_as_given_and_the_rest_is_counted() -> None:
    reasons = tuple(f"Clause {number}, perhaps, a person must judge: hate" for number in range(9))
    mail = case_mail(case(reasons=reasons))
    for part in (mail.text, Page(mail.html).words):
        assert [reason in part for reason in reasons] == 6 * [True] + 3 * [False]
        assert "and 3 more reasons: redshank case show 12" in part
    assert "and 1 more reason: redshank" in case_mail(case(reasons=reasons[:7])).text
    assert "more reason" not in case_mail(case(reasons=reasons[:6])).text


def test_many_copies_are_counted_beyond_the_first() -> None:
    mail = case_mail(case(copies=tuple(copy(n) for n in range(8))))
    assert "and 3 more copies" in mail.text
    assert "and 3 more copies" in mail.html


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://news.example/a?b=1&c=2#d", "https://news.example/a?b=1&c=2#d"),
        ("https://news.example/a#:~:text=what%20was%20said", "https://news.example/a"),
        ("https://news.example/a#part:~:text=said", "https://news.example/a#part"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://name:secret@news.example/", ""),
        ("https://news.example/a\r\nBcc: x@y.example", ""),
        ("https://news.example/\u202egnp.exe", ""),
        ("https://news.example:99999/", ""),
        ("http://[broken/", ""),
        ("https:///nowhere", ""),
        ("https://news.example/" + "a" * 2000, ""),
        ("", ""),
    ],
)
def test_only_plain_web_addresses_become_links(url: str, link: str) -> None:
    assert safe_link(url) == link
    mail = case_mail(case(copies=(copy(url=url),)), "")
    assert [a["href"] for a in Page(mail.html).of("a")] == ([link] if link else [])


def test_no_name_or_reason_can_break_out_of_a_header_or_the_html() -> None:
    evil = 'x"><script>alert(1)</script>\r\nBcc: x@y.example\u202e'
    one = case(labels=(evil,), clauses=(evil,), reasons=(evil,), copies=(copy(source=evil),))
    cover = coverage(
        {evil: HOUR}, [SourceState(name=evil, last_try_at=NOW, failing_since=NOW, error=evil)], NOW
    )
    for mail in (
        case_mail(one),
        digest_mail(digest([one], cover=cover)),
        render_fault(notice(kind="fault", why=evil), routes(), NOW),
    ):
        assert "\n" not in mail.subject
        assert "\r" not in mail.subject
        assert "script" not in {tag for tag, _ in Page(mail.html).tags}
        assert "\u202e" not in mail.subject + mail.html + mail.text
        assert build(mail, "alerts@oakfield.example", NOW)["Bcc"] is None


@given(st.text())
def test_one_line_is_one_printable_line_whatever_it_is_given(text: str) -> None:
    line = one_line(text, 50)
    assert len(line) <= 50
    assert len(line.splitlines()) <= 1
    line.encode()


# What no mail says

# Letters of which neither our words nor a hash are made.
SECRET = st.text("qxzjkQXZJK", min_size=12, max_size=20)
MENTIONS = st.builds(
    Mention,
    source=st.just("local-news"),
    key=SECRET,
    url=st.integers(1, 999).map(lambda n: f"https://news.example/{n}"),
    text=SECRET,
    title=SECRET,
    author=SECRET,
    platform=st.sampled_from(PLATFORMS),
)


def opened(mention: Mention, labels: list[str], severity: Severity) -> Case:
    quoted = f"{mention.url}#:~:text={mention.text}"
    one = Copy(
        mention_id=1,
        source=mention.source,
        platform=mention.platform,
        url=quoted,
        posted_at=mention.posted_at,
        found_at=NOW,
    )
    return case(labels=tuple(labels), severity=severity, copies=(one,))


@settings(max_examples=50, deadline=None)
@given(
    MENTIONS,
    st.lists(st.sampled_from(LABELS), max_size=3, unique=True),
    st.sampled_from([Severity.high, Severity.critical]),
    st.sampled_from(["", SITE]),
)
def test_no_mail_holds_the_text_the_author_or_a_finding_of_a_mention(
    mention: Mention, labels: list[str], severity: Severity, link_base: str
) -> None:
    one = opened(mention, labels, severity)
    finding = Finding(kind="nhs", start=2, end=10)
    there = routes(link_base)
    mails = [render_case(due, one, there, NOW) for due in plan([one], there, set(), NOW)]
    mails += [render_digest(due, digest([one]), there) for due in plan_digest(there, set(), NOW)]
    assert len(mails) >= 3
    for mail in mails:
        wire = f"{mail.subject}\n{mail.text}\n{mail.html}\n{mail.key}"
        for secret in (mention.text, mention.title, mention.author, mention.key):
            assert secret not in wire
            assert secret[finding.start : finding.end] not in wire


# What a digest says


def test_a_digest_counts_what_is_new_open_and_broken() -> None:
    mail = digest_mail(digest([case(1), case(2, Severity.low)], [case(3, hours=60)], COVER))
    assert mail.subject == "[Redshank] Digest 20 November: 2 new, 3 open, 1 source broken"
    assert digest_mail(digest(cover=COVER[1:])).subject.endswith("0 new, 0 open, 1 source not watched")
    assert digest_mail(digest(cover=COVER[3:])).subject.endswith("0 new, 0 open")


def test_every_source_stands_in_the_digest_with_its_coverage_in_text_and_html() -> None:
    mail = digest_mail(digest(cover=COVER, read=312, unassessed=2, undelivered=1, dropped=7))
    for part in (mail.text, Page(mail.html).words):
        for words in (
            *("reddit-care", "broken since 18 Nov, 07:31", "HTTP 403", "care-opinion", "not watched"),
            *(
                "town-forum",
                "partly",
                "local-news",
                "4 sources: 1 watched, 1 partly, 1 not watched, 1 broken.",
            ),
            *("312 mentions read since 19 November, 07:31.", "2 mentions were not assessed"),
            "1 message was refused since 19 November, 07:31.",
            "7 mentions were not about the organisation by its query.",
        ):
            assert words in part


def test_a_quiet_day_is_said_plainly_and_what_was_not_seen_beside_it() -> None:
    quiet = digest_mail(digest(cover=COVER[3:]))
    assert "A quiet day: nothing new, and no case is open." in quiet.text
    assert "local-news" in quiet.text
    assert "not fully watched." not in quiet.text
    blind = digest_mail(digest(cover=COVER))
    assert "no case is open. 3 sources were not fully watched." in blind.text
    assert "No source is configured: nothing is being watched." in digest_mail(digest()).text


def test_open_cases_stand_by_age_and_the_oldest_first() -> None:
    made = digest(
        old=[case(1, hours=1), case(2, hours=20), case(3, hours=100), case(4, hours=900), case(5, hours=800)]
    )
    assert [(group.name, [c.id for c in group.cases]) for group in made.open] == [
        ("Found more than 7 days ago", [4, 5]),
        ("Found 3 to 7 days ago", [3]),
        ("Found yesterday or the day before", [2]),
        ("Found today", [1]),
    ]


def test_closed_cases_are_not_open_and_none_is_counted_twice() -> None:
    made = digest([case(1), case(1)], [case(2, state=CaseState.closed)])
    assert (made.new_count, made.open_count) == (1, 1)


def test_the_digest_of_a_flood_stays_small_and_counts_what_it_leaves_out() -> None:
    flood = [
        case(
            n,
            Severity(1 + n % 4),
            n,
            labels=LABELS[:3],
            copies=(copy(url=f"https://news.example/{'x' * 170}/{n}"),),
        )
        for n in range(500)
    ]
    cover = tuple(Coverage(name=f"source-{n}", watch=Watch.broken, detail="e" * 160) for n in range(130))
    mail = digest_mail(digest(flood, cover=cover), "")
    assert len(build(mail, "alerts@oakfield.example", NOW).as_bytes()) < 100_000
    shown = len(re.findall(r"^- [A-Z]+ case", mail.text, re.MULTILINE))
    left = sum(int(number) for number in re.findall(r"and (\d+) more: ", mail.text))
    assert shown + left == 1000
    assert "source-129 (broken)" not in mail.text
    assert "source-99 (broken)" in mail.text
    assert mail.html.count("more: 109 critical") == mail.text.count("more: 109 critical") == 1


def test_a_critical_case_is_never_the_one_that_is_cut() -> None:
    made = digest(
        old=[case(n, Severity.low, 1000 - n) for n in range(50)] + [case(99, Severity.critical, 900)]
    )
    assert "CRITICAL case 99" in digest_mail(made).text


# Coverage


def covered(changes: dict[str, object], every: timedelta = timedelta(minutes=15)) -> Watch:
    values: dict[str, object] = {"last_try_at": NOW, "last_ok_at": NOW, **changes}
    return coverage({"x": every}, [SourceState(name="x", **values)], NOW)[0].watch  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "watch"),
    [
        ({}, Watch.watched),
        ({"not_before": NOW + HOUR}, Watch.watched),
        ({"not_before": NOW + DAYS}, Watch.partly),
        ({"missed": "20 of 20 were new", "missed_at": NOW - HOUR}, Watch.partly),
        ({"missed": "20 of 20 were new", "missed_at": NOW - DAYS}, Watch.watched),
        ({"failing_since": NOW - HOUR}, Watch.broken),
        ({"failing_since": NOW - HOUR, "not_before": NOW + HOUR}, Watch.broken),
        ({"failing_since": NOW - DAYS, "not_before": NOW + HOUR}, Watch.broken),
        ({"failing_since": NOW - HOUR, "error_temporary": False, "not_before": NOW + HOUR}, Watch.broken),
        ({"retired_at": NOW - DAYS, "failing_since": NOW - DAYS}, Watch.not_watched),
        ({"last_try_at": None}, Watch.not_watched),
        ({"last_ok_at": None}, Watch.not_watched),
        ({"last_try_at": NOW - DAYS, "last_ok_at": NOW - DAYS}, Watch.not_watched),
    ],
)
def test_a_source_is_called_watched_only_if_it_was(changes: dict[str, object], watch: Watch) -> None:
    assert covered(changes) is watch


@pytest.mark.parametrize(
    ("every", "hours", "watch"),
    [
        (HOUR, 23, Watch.watched),
        (HOUR, 24, Watch.not_watched),
        (DAYS / 2, 47, Watch.watched),
        (DAYS / 2, 48, Watch.not_watched),
        (7 * DAYS, 27 * 24, Watch.watched),
        (7 * DAYS, 28 * 24, Watch.not_watched),
    ],
)
def test_a_source_visited_seldom_is_watched_until_it_was_passed_over(
    every: timedelta, hours: int, watch: Watch
) -> None:
    visited = NOW - timedelta(hours=hours)
    assert covered({"last_try_at": visited, "last_ok_at": visited}, every) is watch


def test_a_wait_that_is_no_longer_than_our_own_patience_is_no_gap() -> None:
    assert covered({"not_before": NOW + DAYS}, DAYS) is Watch.watched


def test_coverage_names_every_source_worst_first_and_those_switched_off() -> None:
    states = [
        SourceState(name="fine", last_try_at=NOW, last_ok_at=NOW),
        SourceState(name="off", last_try_at=NOW - DAYS, last_ok_at=NOW - DAYS),
        SourceState(name="long gone", last_try_at=NOW - 40 * DAYS, last_ok_at=NOW - 40 * DAYS),
        SourceState(name="bad", last_try_at=NOW, failing_since=NOW),
    ]
    found = coverage(dict.fromkeys(("fine", "bad", "never"), HOUR), states, NOW)
    assert [(source.name, source.watch) for source in found] == [
        ("bad", Watch.broken),
        ("never", Watch.not_watched),
        ("off", Watch.not_watched),
        ("fine", Watch.watched),
    ]


# Faults


def test_a_fault_mail_says_what_is_broken_and_what_to_do() -> None:
    mail = EVERY_MAIL["fault"]
    assert mail.subject == "[Redshank] Source local-news is gone"
    for part in (mail.text, Page(mail.html).words):
        assert "The other side retired it." in part
        assert "no address for operator" in part


def test_every_template_is_used() -> None:
    folder = Path(__file__).parents[1] / "alerts" / "templates"
    names = {path.name for path in folder.iterdir() if not path.name.startswith("_")}
    assert names == {f"{kind}.{form}.j2" for kind in ("case", "digest", "fault") for form in ("txt", "html")}
