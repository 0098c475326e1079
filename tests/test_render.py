"""What the mails about cases and faults say, what they must never say, and how all mails are built."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_samples import (
    COUNTS,
    COVER,
    DAYS,
    GOV,
    HOUR,
    NOW,
    SAFE,
    SEEN,
    SENT,
    SITE,
    Page,
    case,
    case_mail,
    clock,
    copy,
    digest,
    digest_mail,
    notice,
    parts,
    routes,
    told,
    trend,
)

from alerts.channels._mime import build
from alerts.coverage import coverage
from alerts.offers import Offer
from alerts.render import render_case, render_fault
from alerts.rules import Rules
from alerts.showing import Shown
from alerts.telling import Telling
from alerts.timeline import due, people
from alerts.words import palette
from alerts.words.occasions import Step, step
from alerts.words.phrases import due_words, one_line, safe_link, span_words
from alerts.words.plain import WIDTH, fold
from core.hours import Hours
from core.telling import Message, Notice
from core.types import Case, CaseState, Copy, Finding, Mention, Severity, SourceState, Work
from core.vocabulary import GUARDS, LABELS, PLATFORMS
from core.work import Acknowledgement, Clock, Situation
from core.worktime import Calendar

FAULT = notice(
    kind="fault", why="Source local-news is gone\nThe other side retired it.\nno address for operator"
)
STEPS = ("Do not open the link.", "Give it to the foundation.")
SEALED = case(40, Severity.critical, guards=("sealed",), tags=("child_images",), labels=())
SEVEN = [told(case(n, labels=(LABELS[n],)), clock(3 - n)) for n in range(1, 8)]
EVERY_MAIL = {
    "case": case_mail(told(case(), clock(), clock(-1, "own_breach", "dpo")), acknowledge=SEEN),
    "case without a site": case_mail(case(copies=(copy(1), copy(2))), link_base=""),
    "critical": case_mail(case(severity=Severity.critical, labels=("safeguarding",)), link_base=""),
    "sealed": case_mail(SEALED),
    "number only": case_mail(told(case(), clock()), shown=Shown.number, acknowledge=SEEN),
    "seven cases": case_mail(*SEVEN, acknowledge=SEEN),
    "seven without a site": case_mail(*SEVEN, SEALED, link_base=""),
    "digest": digest_mail(
        digest(
            [told(case(), clock(-2))],
            [case(2, Severity.low, 400)],
            coverage=COVER,
            counts=COUNTS,
            sent=SENT,
            trend=trend(1, 2, 3, 4, 0, 6, 7),
            samples_waiting=3,
        )
    ),
    "quiet digest": digest_mail(digest()),
    "operator's digest": digest_mail(digest([case()], role="operator", coverage=COVER)),
    "fault": render_fault(FAULT, routes=routes(), now=NOW),
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


def test_no_line_of_the_text_is_too_long_unless_it_is_a_link(mail: Message) -> None:
    for line in mail.text.splitlines():
        assert len(line) <= WIDTH or "https://" in line, line
    assert "\n\n\n" not in mail.text


def test_every_heading_of_the_text_is_underlined_in_its_length(mail: Message) -> None:
    lines = mail.text.splitlines()
    assert set(lines[1]) == {"="}
    for above, line in pairwise(lines):
        if re.fullmatch("=+|---+", line):
            assert len(line) == min(len(above), WIDTH)


def test_the_short_form_fits_a_text_message(mail: Message) -> None:
    assert 0 < len(mail.short) <= 300
    assert len(mail.short.splitlines()) <= 3


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio and relative luminance."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_on_its_ground(colours: dict[str, str]) -> None:
    for name in ("text", "muted", "link", "good", "warn", "bad"):
        assert contrast(colours[name], colours["card"]) >= 4.5, name
    for text, ground in (*palette.BADGES.values(), palette.BAND):
        assert contrast(text, ground) >= 4.5


def test_every_severity_has_a_badge_that_says_it_in_words() -> None:
    for severity in Severity:
        page = Page(case_mail(case(severity=severity)).html)
        assert str(severity).capitalize() in page.words


@given(st.text(max_size=400))
def test_folding_loses_no_word_and_leaves_no_long_line_that_a_space_could_break(text: str) -> None:
    folded = fold(text)
    assert folded.split() == text.split()
    for line in folded.splitlines():
        assert len(line) <= WIDTH or " " not in line.strip()[2:].replace("  ", "")


def test_what_is_folded_goes_on_under_its_own_words() -> None:
    words = "word " * 30
    for before in ("- ", "  ", "Because   ", "reddit-care   ", "12. "):
        first, second, *_ = fold(before + words).splitlines()
        assert first.startswith(f"{before}word")
        assert second.startswith(" " * len(before) + "word")


# What a case mail says


def test_a_case_mail_says_what_why_how_old_and_where() -> None:
    mail = case_mail(case())
    assert mail.subject == "[Redshank] High: confidentiality (case 12)"
    for part in parts(mail):
        for words in ("focus 9.2/1", "clause 9.2/1", "3 hours ago", "local-news", "in review"):
            assert words in part
    assert Page(mail.html).of("a")[0]["href"] == f"{SITE}/cases/12"
    assert f"{SITE}/cases/12" in mail.text
    assert "news.example" not in mail.html + mail.text


def test_without_a_site_the_post_itself_is_linked_and_the_mail_says_so() -> None:
    mail = case_mail(case(), link_base="")
    assert [link["href"] for link in Page(mail.html).of("a")] == ["https://news.example/2026/11/1"]
    assert "Open the post on news.example" in mail.html
    for part in parts(mail):
        assert "There is no review site, so this opens the post itself" in part
        assert "redshank case show 12" in part


def test_without_a_site_a_safeguarding_post_is_linked_to_the_safeguarding_lead_only() -> None:
    grave = case(labels=("safeguarding",))
    kept = case_mail(grave, link_base="")
    assert "news.example" not in kept.html + kept.text
    assert "link kept for the safeguarding lead" in kept.text
    assert "https://news.example/2026/11/1" in case_mail(grave, link_base="", to=SAFE).text
    assert "news.example" not in digest_mail(digest([grave]), "").html
    assert "news.example" not in case_mail(grave, case(2, labels=("safeguarding",)), link_base="").html


def test_a_worker_who_may_disclose_is_linked_to_the_guardian_alone_until_released() -> None:
    guardian = "guardian@oakfield.example"
    there = routes("", governance=(GOV,), safeguarding=(SAFE,), speak_up=(guardian,))
    warned = case(labels=("internal",), guards=("speak_up",))

    def told_to(address: str, one: Case) -> str:
        mail = render_case(notice(to=address), [told(one)], routes=there, now=NOW)
        return mail.text + mail.html

    assert "news.example" not in told_to(GOV, warned)
    assert "link kept for the speak-up guardian" in told_to(GOV, warned)
    assert "https://news.example/2026/11/1" in told_to(guardian, warned)
    assert "https://news.example/2026/11/1" in told_to(GOV, replace(warned, work=Work(released_at=NOW)))
    welfare = replace(warned, labels=("safeguarding",))
    assert "news.example" not in told_to(GOV, welfare)
    assert "https://news.example/2026/11/1" in told_to(SAFE, welfare)


def test_a_mere_doubt_about_safeguarding_keeps_the_link_from_nobody() -> None:
    doubt = case(labels=(), ask=("safeguarding",))
    assert "https://news.example/2026/11/1" in case_mail(doubt, link_base="").text


def test_whoever_stands_in_for_the_safeguarding_lead_gets_the_link() -> None:
    grave = case(labels=("safeguarding",))
    mail = render_case(notice(), [told(grave)], routes=routes("", governance=(GOV,)), now=NOW)
    assert "https://news.example/2026/11/1" in mail.text
    untold = case(labels=("safeguarding",), recipients=("governance",))
    assert "https://news.example/2026/11/1" in case_mail(untold, link_base="").text


def test_a_label_to_check_is_not_told_as_sure() -> None:
    assert case_mail(case(labels=(), ask=("hate",))).subject == "[Redshank] High: to check: hate (case 12)"


def test_what_the_machine_could_not_read_is_told_as_that() -> None:
    why = "The machine reads English only, and this is probably another language: a person must read it."
    mail = case_mail(case(severity=Severity.low, labels=(), clauses=(), reasons=(why,)))
    assert "to be read by a person" in mail.subject
    assert all(why in part for part in parts(mail))


def test_a_tag_that_stands_alone_is_told_where_there_is_no_label() -> None:
    assert "to check: malware (case 12)" in case_mail(case(labels=(), tags=("malware", "worker"))).subject


def test_the_first_reasons_stand_as_given_and_the_rest_is_counted() -> None:
    reasons = tuple(f"Clause {number}, perhaps, a person must judge: hate" for number in range(9))
    mail = case_mail(case(reasons=reasons))
    for part in parts(mail):
        assert [reason in part for reason in reasons] == 6 * [True] + 3 * [False]
        assert "and 3 more reasons: redshank case show 12" in part
    assert "and 1 more reason: redshank" in case_mail(case(reasons=reasons[:7])).text
    assert "more reason" not in case_mail(case(reasons=reasons[:6])).text


def test_many_copies_are_counted_beyond_the_first() -> None:
    mail = case_mail(case(copies=tuple(copy(n) for n in range(8))))
    assert all("and 3 more copies" in part for part in parts(mail))


def test_a_message_about_no_case_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        case_mail()


# The clocks, and what binds a case


def test_each_clock_says_by_when_in_local_time_and_what_is_left() -> None:
    summer = NOW.replace(month=7)
    mail = render_case(
        notice(),
        [told(case(detected_at=summer), replace(clock(), due_at=summer + 35 * HOUR / 60))],
        routes=routes(),
        now=summer,
    )
    for part in parts(mail):
        assert "by 09:06 today, 35 minutes left" in part


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(seconds=59)])
@pytest.mark.parametrize("number", [1, 2])
def test_what_is_told_as_overdue_is_overdue_from_its_first_moment_on(late: timedelta, number: int) -> None:
    """The plan tells it at the very moment at which the time is over."""
    ended = replace(clock(0), due_at=NOW - late)
    steps = [f"{n}:clock/first_eyes/20261120T073100Z/100" for n in range(1, number + 1)]
    mail = case_mail(*(told(case(n), ended) for n in range(1, number + 1)), steps=steps)
    assert mail.short.startswith("Overdue: ")
    for words in (mail.short, *parts(mail)):
        assert "overdue by under a minute" in words
        assert " left" not in words
    counted = digest([told(case(), ended)])
    assert counted.overdue_count == 1
    assert "overdue by under a minute" in digest_mail(counted).text


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (clock(-2.5), "overdue by 2 hours, since 05:01 today"),
        (clock(30), "by 13:31 tomorrow, 30 hours left"),
        (clock(99), "by Tue 24 Nov, 10:31, 4 days left"),
        (clock(2, met_at=NOW), "done in time"),
        (clock(-4, met_at=NOW - HOUR), "done, 3 hours late"),
        (clock(-4, paused=True), "paused while it is on hold; it was due by 03:31 today"),
    ],
)
def test_a_clock_that_is_over_met_or_paused_says_so(made: Clock, words: str) -> None:
    for part in parts(case_mail(told(case(), made))):
        assert words in part


def test_the_state_says_whether_somebody_is_on_it_and_never_who() -> None:
    seen = Acknowledgement(case_id=12, revision=1, role="safeguarding", who="jo-marsh", at=NOW - 3 * HOUR)
    mail = case_mail(Situation(case=case(work=Work(assignee="jo-marsh")), acknowledged=(seen,)))
    for part in parts(mail):
        assert "in review, taken" in part
        assert "Taken note of by safeguarding at 04:31 today" in part
        assert "jo-marsh" not in part
    assert "in review, nobody is on it" in case_mail(case()).text


def test_each_guard_stands_in_the_mail_as_a_sentence() -> None:
    for guard in ("speak_up", "criticism", "conflict"):
        for part in parts(case_mail(case(guards=(guard,), conflicts=("jo-marsh",)))):
            assert GUARDS[guard] in part
            assert "jo-marsh" not in part
    released = case_mail(case(guards=("speak_up",), work=Work(released_at=NOW)))
    assert "has released the takedown and HR routes" in " ".join(released.text.split())


@pytest.mark.parametrize(("link_base", "to"), [(SITE, GOV), ("", GOV), ("", SAFE)])
def test_a_sealed_case_links_no_post_and_says_what_to_do_at_once(link_base: str, to: str) -> None:
    mail = case_mail(SEALED, link_base=link_base, to=to, emergency={40: STEPS})
    assert "news.example" not in mail.html + mail.text + mail.short
    for part in parts(mail):
        assert all(f"{number}. {words}" in part for number, words in enumerate(STEPS, 1))
        assert all(words in part for words in ("999", "Internet Watch Foundation", "CEOP"))
    copied = case(copies=(replace(copy(), sealed=True, url=""),))
    assert "link sealed" in case_mail(copied, link_base="", to=to).text or link_base


def test_sealed_cases_among_others_bring_their_steps() -> None:
    mail = case_mail(case(), SEALED, link_base="", emergency={40: STEPS, 12: ("no",)})
    assert [link["href"] for link in Page(mail.html).of("a")] == ["https://news.example/2026/11/1"]
    for part in parts(mail):
        assert "1. Do not open the link." in part
        assert "Suspected child sexual abuse material" in part
        assert "1. no" not in part


def test_open_routes_stand_in_order_by_their_titles_and_no_other_is_recommended() -> None:
    one = case(routes=("platform_notice", "hr", "police", "own_route"))
    offer = Offer(open=("police", "own_route"), waiting=("hr",))
    mail = case_mail(one, offers={12: offer}, titles={"police": "Tell the police", "hr": "Human resources"})
    for part in parts(mail):
        assert "1. Tell the police" in part
        assert "2. own route" in part
        assert "waits for the speak-up guardian: Human resources" in part
        assert "platform" not in part


def test_what_has_grown_on_hold_is_to_be_read_anew() -> None:
    held = case(state=CaseState.on_hold, work=Work(moved_at=NOW - 2 * HOUR))
    grown = replace(held, work=replace(held.work, renewed_at=NOW - HOUR))
    assert "Nothing but to look whether the hold is still right" in " ".join(case_mail(held).text.split())
    assert "It has grown while it was on hold: read it anew" in " ".join(case_mail(grown).text.split())


# The step that a message tells


@pytest.mark.parametrize(
    ("key", "made"),
    [
        ("case/12/r1/first/1/mail/0123456789abcdef", Step("first")),
        ("case/12/r3/repeat/20261124T031500Z/mail/0123", Step("repeat")),
        ("case/12/r1/escalate/deputy/1/mail/0123", Step("escalate")),
        ("case/12/r1/reminder/20261124T031500Z/mail/0123", Step("reminder")),
        ("case/12/r1/clock/first_eyes/20261124T031500Z/050/mail/0123", Step("half", "first_eyes")),
        ("case/12/r1/clock/first_route/20261124T031500Z/080/mail/0123", Step("short", "first_route")),
        ("case/12/r1/clock/own_breach/20261124T031500Z/100/mail/0123", Step("overdue", "own_breach")),
        ("case/12/r1/clock/own_breach/20261124T031500Z/100.2026-11-25/mail/0", Step("overdue", "own_breach")),
        ("case/12/r1/mail/0123", Step("first")),
        ("fault/stuck/2026-11-24/w0/0123", Step("first")),
    ],
)
def test_a_key_says_which_step_it_is(key: str, made: Step) -> None:
    assert step(key) == made


@pytest.mark.parametrize(
    ("steps", "subject"),
    [
        (["12:first/1"], "High: confidentiality (case 12)"),
        (["12:repeat/20261120T040000Z"], "Again: high, confidentiality (case 12)"),
        (["12:escalate/deputy/1"], "Now for you too: high, confidentiality (case 12)"),
        (["12:reminder/20261120T040000Z"], "Reminder: high, confidentiality (case 12)"),
        (
            ["12:clock/first_eyes/20261120T040000Z/050"],
            "Half the time is gone: high, confidentiality (case 12)",
        ),
        (["12:clock/first_eyes/20261120T040000Z/080"], "Time is short: high, confidentiality (case 12)"),
        (
            ["12:repeat/20261120T040000Z", "12:clock/first_eyes/20261120T040000Z/100"],
            "Overdue: high, confidentiality (case 12)",
        ),
    ],
)
def test_the_subject_begins_with_the_most_pressing_step(steps: list[str], subject: str) -> None:
    assert case_mail(told(case(), clock(-1)), steps=steps).subject == f"[Redshank] {subject}"


def test_what_has_been_seen_to_since_it_was_planned_is_not_called_overdue() -> None:
    late = ["12:clock/first_eyes/20261120T040000Z/100"]
    mail = case_mail(told(case(), clock(-1, met_at=NOW)), steps=late)
    assert mail.subject == "[Redshank] Settled meanwhile: high, confidentiality (case 12)"
    assert "First human eyes: done meanwhile." in mail.text
    seen = Acknowledgement(case_id=12, revision=1, role="governance", who="x", at=NOW)
    again = case_mail(Situation(case=case(), acknowledged=(seen,)), steps=["12:repeat/20261120T040000Z"])
    assert "Somebody has taken note of it meanwhile." in again.text
    held = case(state=CaseState.on_hold, work=Work(moved_at=NOW))
    paused = case_mail(
        told(held, clock(-1, paused=True), clock(30, "own_breach", "dpo")), steps=late, acknowledge=SEEN
    )
    assert paused.subject.startswith("[Redshank] Settled meanwhile: ")
    assert "First human eyes: it no longer runs." in paused.text
    assert "Overdue" not in paused.short
    closed = case_mail(case(state=CaseState.closed), steps=["12:first/1"])
    assert "It has been closed meanwhile." in closed.text


def test_the_words_of_a_planned_notice_say_why_it_comes() -> None:
    """The keys are those that the planning really makes."""
    there = routes()
    calendar = Calendar(Hours.parse("Mon-Fri 08:00-18:00"), there.timezone, frozenset())
    one = told(case(hours=30))
    telling = Telling(one, there.roster, Rules(), calendar)
    found = {
        made.name: render_case(
            Notice(
                key="k",
                kind="case",
                role=who.role,
                to=who.to,
                channel="mail",
                why="",
                occasions=(who.occasion,),
            ),
            [one],
            routes=there,
            now=NOW,
        ).text
        for made in due(telling, {}, NOW)
        for who in people(telling, made, NOW)
    }
    assert "so it is told again" in found["repeat"]
    assert {"first", "repeat"} <= found.keys()


def test_several_cases_are_a_table_gravest_first_with_a_count() -> None:
    some = [
        told(case(1, Severity.medium), clock()),
        told(case(2, Severity.critical), clock(-3)),
        told(case(3, guards=("speak_up",))),
    ]
    mail = case_mail(*some, steps=["1:first/1", "2:clock/first_eyes/x/100", "3:repeat/x"])
    assert mail.subject == "[Redshank] 3 cases: 1 critical, 1 high, 1 medium, 1 overdue"
    for part in parts(mail):
        assert part.index("Case 2") < part.index("Case 3") < part.index("Case 1")
        assert (
            "1 whose time has run out, 1 told for the first time, 1 of which nobody has taken note yet"
            in part
        )
        assert "first human eyes: overdue by 3 hours" in part
        assert "perhaps a disclosure, takedown and HR wait" in part
        assert "ring 999 first" in part
    assert case_mail(*SEVEN, steps=[f"{n}:repeat/x" for n in range(1, 8)]).subject == (
        "[Redshank] Again: 7 high cases"
    )


# Taking note, and the short form


def test_the_link_to_take_note_stands_in_both_parts_with_what_it_does() -> None:
    for made, words in ((case_mail(case(), acknowledge=SEEN), "it"), (EVERY_MAIL["seven cases"], "them")):
        assert SEEN in [link["href"] for link in Page(made.html).of("a")]
        assert SEEN in made.text
        for part in parts(made):
            assert f"I have seen {words}" in part
            assert (
                "opens a page with one button. It serves once and says nothing of what this is about" in part
            )
    assert "I have seen" not in case_mail(case()).text
    assert "I have seen" not in case_mail(case(), acknowledge="javascript:alert(1)").html


def test_the_short_form_says_how_grave_which_by_when_and_where() -> None:
    assert case_mail(told(case(), clock()), acknowledge=SEEN).short == (
        "HIGH case 12. First human eyes: by 09:31 today, 2 hours left.\n"
        f"Open: {SITE}/cases/12\nSeen it: {SEEN}"
    )
    again = case_mail(*SEVEN, steps=[f"{n}:repeat/x" for n in range(1, 8)]).short
    assert again.startswith("Again: 7 high cases (1, 2, 3, 4, 5, 6, 7). First human eyes: overdue by 4 hours")


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 400))
def test_the_short_form_never_cuts_a_link(number: int, length: int) -> None:
    long = f"{SITE}/x{'x' * length}"
    mail = case_mail(
        *(told(case(n), clock()) for n in range(1, number + 1)), acknowledge=f"{long}/ack", link_base=long
    )
    assert len(mail.short) <= 300
    for line in mail.short.splitlines()[1:]:
        url = line.partition(": ")[2]
        assert url in {long, f"{long}/cases/1", f"{long}/ack"}


def test_the_same_short_form_serves_at_every_level_and_tells_nothing() -> None:
    grave = told(case(labels=("threat",), guards=("speak_up",)), clock(1, "own_breach", "dpo"))
    assert len({case_mail(grave, shown=level).short for level in Shown}) == 1
    assert not re.search("threat|focus|local-news|breach|disclosure", case_mail(grave).short)


# What may be shown


SECRETS = {
    Shown.number: (
        "threat",
        "focus 9.2/1",
        "hours ago",
        "disclosure",
        "local-news",
        "clause 9.2/1",
        "police",
    ),
    Shown.labels: ("local-news", "clause 9.2/1", "news.example"),
    Shown.reasons: (),
}


@pytest.mark.parametrize("shown", list(Shown))
@pytest.mark.parametrize("several", [False, True])
def test_no_form_shows_more_than_its_level(shown: Shown, several: bool) -> None:
    one = case(labels=("threat",), guards=("speak_up",), routes=("police",))
    some = [one, replace(one, id=13)] if several else [one]
    for link_base in (SITE, ""):
        mail = case_mail(*some, shown=shown, link_base=link_base, acknowledge=SEEN)
        for form in (*parts(mail), mail.short, mail.subject, mail.html):
            assert not [secret for secret in SECRETS[shown] if secret in form]
        assert "12" in mail.text
        assert "high" in mail.subject.lower()


def test_a_digest_shows_no_more_than_its_level_either() -> None:
    made = digest([case(labels=("threat",), guards=("speak_up",))], coverage=COVER)
    mail = digest_mail(made, shown=Shown.number)
    for form in (*parts(mail), mail.short, mail.subject):
        assert not re.search("threat|focus|disclosure|confidentiality", form)
    assert "threat" in digest_mail(made, shown=Shown.labels).text


def test_below_reasons_a_message_does_not_say_from_whom_a_case_is_kept() -> None:
    why = "whoever is governance must not be told of it: told deputy instead"
    for shown in (Shown.number, Shown.labels):
        mail = render_case(notice(why=why), [told(case())], routes=routes(), now=NOW, shown=shown)
        assert "must not be told" not in " ".join(parts(mail))


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
    mail = case_mail(case(copies=(copy(url=url),)), link_base="")
    assert [a["href"] for a in Page(mail.html).of("a")] == ([link] if link else [])


EVIL = 'x"><script>alert(1)</script>\r\nBcc: x@y.example\u202e'


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.just(EVIL), st.text(max_size=60), st.text("<>&\"'{}%=- \n\r\u2028\u202e#*_", max_size=60))
)
def test_no_name_or_reason_can_break_out_of_a_header_the_html_or_its_line(evil: str) -> None:
    one = case(labels=(evil,), clauses=(evil,), reasons=(evil,), routes=(evil,), copies=(copy(source=evil),))
    cover = coverage(
        {evil: HOUR}, [SourceState(name=evil, last_try_at=NOW, failing_since=NOW, error=evil)], NOW
    )
    plain = case(copies=(copy(source="x"),), labels=("x",), clauses=("x",), reasons=("x",), routes=("x",))
    gone = case(9, state=CaseState.closed, work=Work(outcome=evil, closed_at=NOW, gone_at=NOW))
    for mail, like in (
        (case_mail(one), case_mail(plain)),
        (case_mail(one, case(2)), case_mail(plain, case(2))),
        (digest_mail(digest([one], closed=[gone], coverage=cover)), None),
        (render_fault(notice(kind="fault", why=evil), routes=routes(), now=NOW), None),
    ):
        assert mail.subject.isprintable()
        assert mail.short.replace("\n", "").isprintable()
        page = Page(mail.html)
        assert "script" not in {tag for tag, _ in page.tags}
        if like is not None:
            assert [tag for tag, _ in page.tags] == [tag for tag, _ in Page(like.html).tags]
        assert "\u202e" not in mail.subject + mail.html + mail.text
        assert mail.text.replace("\n", "").isprintable()
        assert build(mail, "alerts@oakfield.example", NOW)["Bcc"] is None


@given(st.text())
def test_one_line_is_one_printable_line_whatever_it_is_given(text: str) -> None:
    line = one_line(text, 50)
    assert len(line) <= 50
    assert len(line.splitlines()) <= 1
    line.encode()


def test_spans_and_moments_in_words() -> None:
    assert [span_words(timedelta(minutes=m)) for m in (-3, 0, 1, 119, 120, 2879, 2880)] == [
        *("under a minute", "under a minute", "1 minute", "119 minutes", "2 hours", "47 hours", "2 days")
    ]
    london = routes().timezone
    assert due_words(NOW - DAYS / 2, NOW, london) == "07:31 yesterday"
    assert due_words(NOW + 5 * DAYS, NOW, london) == "Mon 30 Nov, 07:31"


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


def opened(mention: Mention, labels: list[str], severity: Severity, number: int = 12) -> Case:
    quoted = f"{mention.url}#:~:text={mention.text}"
    one = Copy(
        mention_id=1,
        source=mention.source,
        platform=mention.platform,
        url=quoted,
        posted_at=mention.posted_at,
        found_at=NOW,
    )
    return case(number, labels=tuple(labels), severity=severity, copies=(one,))


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
    one, two = (opened(mention, labels, severity, number) for number in (12, 13))
    finding = Finding(kind="nhs", start=2, end=10)
    mails = [case_mail(one, link_base=link_base, to=to) for to in (GOV, SAFE)]
    mails.append(case_mail(told(one, clock()), two, link_base=link_base, acknowledge=SEEN))
    mails += [
        digest_mail(digest([one], role=role), link_base)
        for role in ("governance", "safeguarding", "operator")
    ]
    for mail in mails:
        wire = f"{mail.subject}\n{mail.text}\n{mail.html}\n{mail.key}\n{mail.short}"
        for secret in (mention.text, mention.title, mention.author, mention.key):
            assert secret not in wire
            assert secret[finding.start : finding.end] not in wire


# Faults


def test_a_fault_mail_says_what_is_broken_and_what_to_do() -> None:
    mail = EVERY_MAIL["fault"]
    assert mail.subject == "[Redshank] Source local-news is gone"
    for part in parts(mail):
        assert "The other side retired it." in part
        assert "no address for operator" in part


def test_an_alarm_is_not_called_a_fault() -> None:
    told = replace(FAULT, key="spike/0123/2026-11-20/x", why="Far more than usual: 9 flagged items")
    for part in parts(render_fault(told, routes=routes(), now=NOW)):
        assert "alarms are told to governance" in part
        assert "at most once a day" in part
        assert "broken" not in part
        assert "seven days" not in part


def test_every_template_is_used() -> None:
    folder = Path(__file__).parents[1] / "alerts" / "templates"
    names = {path.name for path in folder.iterdir() if not path.name.startswith("_")}
    kinds = ("case", "cases", "digest", "fault")
    assert names == {f"{kind}.{form}.j2" for kind in kinds for form in ("txt", "html")}
