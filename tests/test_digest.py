"""What the digests say to each role, in which order, how small they stay, and what coverage means."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from mail_samples import (
    COUNTS,
    COVER,
    DAYS,
    HOUR,
    NOW,
    SENT,
    Page,
    case,
    clock,
    copy,
    digest,
    digest_mail,
    parts,
    told,
    trend,
)

from alerts.board.month import Totals
from alerts.channels._mime import build
from alerts.coverage import Coverage, Watch, coverage
from alerts.digest import Sent, Span
from core.telling import Message
from core.types import CaseState, Severity, SourceState, Work
from core.vocabulary import LABELS
from core.work import Silence

DAY = timedelta(days=1)
SILENCE = Silence(
    id=3, owner="jo-marsh", reason="Jo Marsh asked", starts_at=NOW - DAY, ends_at=NOW + 20 * HOUR,
    labels=("reputation",), severity=Severity.medium, sources=("town-forum",),
)  # fmt: skip


def headings(mail: Message) -> list[str]:
    """The headings of the text part, in order."""
    lines = mail.text.splitlines()
    return [above for above, line in pairwise(lines) if re.fullmatch("---+", line)]


# The whole of it


def test_a_digest_counts_what_is_new_open_overdue_and_broken() -> None:
    mail = digest_mail(digest([case(1), case(2, Severity.low)], [case(3, hours=60)], coverage=COVER))
    assert mail.subject == "[Redshank] Digest 20 November: 2 new, 3 open, 1 source broken"
    assert digest_mail(digest(coverage=COVER[1:])).subject.endswith("0 new, 0 open, 1 source not watched")
    assert digest_mail(digest(coverage=COVER[3:])).subject.endswith("0 new, 0 open")
    late = digest_mail(digest([told(case(1), clock(-1)), told(case(2), clock(-1, owner="dpo"))]))
    assert late.subject.endswith("2 new, 2 open, 2 overdue")


def test_the_parts_of_a_full_digest_stand_in_their_order() -> None:
    gone = case(8, work=Work(gone_at=NOW - HOUR))
    closed = case(9, state=CaseState.closed, work=Work(closed_at=NOW - HOUR, outcome="removed_by_platform"))
    made = digest(
        [told(case(1), clock(3)), told(case(2), clock(-3, owner="dpo"))],
        [gone],
        [closed],
        silences=[(SILENCE, 4)],
        coverage=COVER,
        counts=COUNTS,
        sent=SENT,
        trend=trend(1, 2, 3),
    )
    mail = digest_mail(made)
    assert headings(mail) == [
        "Waiting for you",
        "Overdue with others",
        "New since the last digest",
        "Open, oldest first",
        "Removed, and verified to be gone (1)",
        "Closed (1)",
        "Kept quiet",
        "Flagged, day by day",
        "Left alone",
        "What was watched",
        "What was read",
        "What was sent",
    ]
    page = Page(mail.html)
    assert len(page.of("h2")) == len(headings(mail))
    for heading in headings(mail):
        assert heading in page.words


def test_text_and_html_of_a_digest_say_the_same() -> None:
    made = digest(
        [told(case(n, Severity(1 + n % 4)), clock(n - 5)) for n in range(1, 12)],
        silences=[(SILENCE, 4)],
        coverage=COVER,
        counts=COUNTS,
        sent=SENT,
        span=Span.week,
    )
    mail = digest_mail(made)
    text, words = parts(mail)
    text += f"{mail.subject} the columns: Case, Age, Due, Source, Coverage, Last read, Number, This week"
    for word in re.findall(r"[A-Za-z0-9:]{3,}", words):
        assert word.strip(":").lower() in text.lower(), word


def test_every_source_stands_in_the_digest_with_its_coverage() -> None:
    for part in parts(digest_mail(digest(coverage=COVER, counts=COUNTS, sent=SENT))):
        for words in (
            *("reddit-care", "broken since 18 Nov, 07:31", "HTTP 403", "care-opinion", "not watched"),
            *(
                "town-forum",
                "partly",
                "local-news",
                "4 sources: 1 watched, 1 partly, 1 not watched, 1 broken.",
            ),
        ):
            assert words in part


def test_what_was_read_and_sent_is_counted() -> None:
    for part in parts(digest_mail(digest(coverage=COVER, counts=COUNTS, sent=SENT))):
        for words in (
            "312 mentions read since 19 November, 07:31.",
            "7 mentions were not about the organisation by its query.",
            "2 mentions were not assessed: nobody has judged them.",
            "61 mentions speak of us and break no rule",
            "14 messages were accepted since 19 November, 07:31, 2 of them more than an hour late.",
            "1 message was refused since 19 November, 07:31.",
            "3 messages came back",
            "9 messages were taken note of.",
            "5 messages wait to be sent.",
        ):
            assert words in part


def test_a_quiet_day_is_said_plainly_and_what_was_not_seen_beside_it() -> None:
    quiet = digest_mail(digest(coverage=COVER[3:]))
    assert "A quiet day: nothing new, and no case is open." in quiet.text
    assert "local-news" in quiet.text
    assert "not fully watched." not in quiet.text
    blind = digest_mail(digest(coverage=COVER))
    assert "no case is open. 3 sources were not fully watched." in parts(blind)[0]
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


# What waits, and what is late


def test_what_this_role_answers_for_waits_for_it_by_due_time_and_the_rest_is_with_others() -> None:
    some = [
        told(case(1), clock(5)),
        told(case(2), clock(-2), clock(1, "first_route")),
        told(case(3), clock(-1, owner="dpo")),
        told(case(4), clock(9, owner="dpo")),
        told(case(5), clock(1, met_at=NOW)),
        told(case(6), clock(1, paused=True)),
        told(case(7, state=CaseState.diverted), clock(1), clock(70, "own_breach")),
    ]
    made = digest(some)
    assert [(due.case.id, due.clock.name) for due in made.waiting] == [
        (2, "first_eyes"),
        (1, "first_eyes"),
        (7, "own_breach"),
    ]
    assert [due.case.id for due in made.overdue] == [3]
    assert made.overdue_count == 2
    assert "3 wait for you, 1 overdue. 1 is overdue with others." in parts(digest_mail(made))[0]


def test_what_the_reader_has_taken_waits_for_the_reader_whoever_answers_for_it() -> None:
    some = [told(case(1, work=Work(assignee="jo-marsh")), clock(5, owner="dpo"))]
    assert [due.case.id for due in digest(some, members=frozenset({"jo-marsh"})).waiting] == [1]
    assert not digest(some).waiting


def test_unread_cases_samples_and_silences_that_end_wait_too() -> None:
    unread = [case(n, labels=()) for n in (3, 9)]
    tagged = case(4, labels=(), tags=("malware",))
    made = digest(unread, [tagged], silences=[(SILENCE, 4)], samples_waiting=20)
    assert [one.id for one in made.unread] == [3, 9]
    for part in parts(digest_mail(made)):
        assert "2 open cases not read by the machine (3, 9): a person must read them" in part
        assert "20 posts not flagged wait to be read" in part
        assert "Silence 3 over 4 cases ends at 03:31 tomorrow" in part
    later = replace(SILENCE, ends_at=NOW + 2 * DAY)
    assert "ends at" not in digest_mail(digest(silences=[(later, 4)])).text


def test_overdue_and_critical_cases_are_not_the_ones_left_to_a_count() -> None:
    some = [told(case(n, Severity.low), clock(n + 1)) for n in range(1, 31)]
    some += [told(case(40, Severity.low), clock(-1)), told(case(41, Severity.critical), clock(99))]
    text = digest_mail(digest(some)).text.partition("New since")[0]
    assert text.index("Case 40") < text.index("Case 1:") < text.index("Case 41")
    assert "and 24 more: 24 low" in text
    late = [told(case(n, Severity.low), clock(-n)) for n in range(1, 31)]
    assert "and 22 more: 22 low; 22 of them overdue" in digest_mail(digest(late)).text


def test_what_a_silence_keeps_back_is_told_with_its_role_and_end_and_never_its_reason() -> None:
    mail = digest_mail(digest(silences=[(SILENCE, 4)]))
    for part in parts(mail):
        assert "Silence 3: 4 cases kept quiet by deputy until 03:31 tomorrow" in part
        assert "(up to medium; reputation; town-forum)" in part
        assert "Jo Marsh" not in part
        assert "jo-marsh" not in part


def test_what_is_gone_and_what_is_closed_is_told_once_since_the_last_digest() -> None:
    before, since = NOW - DAYS, NOW - HOUR
    done = case(
        8, state=CaseState.closed, work=Work(gone_at=since, closed_at=since, outcome="removed_by_poster")
    )
    stale = case(9, work=Work(gone_at=before))
    made = digest([], [stale], [done])
    assert [one.id for one in made.gone] == [8]
    for part in parts(digest_mail(made)):
        assert "Case 8: high, confidentiality; verified 06:31" in part
        assert "removed by poster, 06:31" in part


# Roles


def test_an_operator_reads_of_sources_first_and_of_cases_only_how_many() -> None:
    made = digest(
        [told(case(1, labels=("threat",), guards=("speak_up",)), clock(-1)), case(2, labels=())],
        role="operator",
        coverage=COVER,
        counts=COUNTS,
        sent=SENT,
        silences=[(SILENCE, 4)],
        samples_waiting=9,
        trend=trend(1, 2),
        span=Span.week,
    )
    mail = digest_mail(made)
    assert headings(mail)[:3] == ["What was watched", "What was read", "What was sent"]
    for part in parts(mail):
        assert "2 open cases: 2 high." in part
        assert "Of the open ones 1 overdue, 1 not read by the machine and 4 kept quiet by 1 silence." in part
        assert "2 mentions not assessed, 4 messages lost. 3 sources were not fully watched." in part
        assert not [label for label in (*LABELS, "focus", "disclosure", "Case 1", "/cases/") if label in part]


def test_an_operator_with_nothing_to_do_reads_that_everything_runs() -> None:
    text = digest_mail(digest(role="operator", coverage=COVER[3:], sent=Sent(accepted=1))).text
    assert "Everything runs" in text
    assert "Everything runs" not in digest_mail(digest(role="operator")).text


def test_safeguarding_is_told_of_what_concerns_it_and_the_rest_is_counted() -> None:
    some = [
        case(1, labels=("safeguarding",), recipients=("governance",)),
        case(2, recipients=("safeguarding",)),
        case(3, Severity.low, recipients=("governance", "dpo")),
        case(4, labels=(), guards=("sealed",), recipients=("governance",)),
    ]
    made = digest(some, role="safeguarding")
    assert sorted(one.id for one in made.new_cases) == [1, 2, 4]
    assert "1 other open case (1 low) told to other roles." in digest_mail(made).text
    assert digest(some).new_count == 4
    assert digest(some, role="dpo").new_count == 1


# The picture, the week and the month


def test_the_trend_is_a_picture_and_the_same_in_words_and_in_signs() -> None:
    mail = digest_mail(digest(trend=trend(1, 2, 3, 4, 0, 6, 7)))
    [image] = mail.images
    assert image.png.startswith(b"\x89PNG")
    [shown] = Page(mail.html).of("img")
    assert shown["src"] == f"cid:{image.cid}"
    assert shown["alt"] == image.alt
    for part in parts(mail):
        assert "19 November: 7 flagged (7 low), more than the week's mean of 3.3 a day." in part
    assert re.search(r"^Fri 13 Nov     1  #{5}$", mail.text, re.MULTILINE)
    assert re.search(r"^Tue 17 Nov     0$", mail.text, re.MULTILINE)
    assert digest_mail(digest()).images == ()


def test_a_month_compares_its_numbers_with_the_one_before() -> None:
    made = digest(
        [
            told(case(1), clock(-1, met_at=NOW - 3 * HOUR)),
            told(case(2), clock(-1)),
            case(3, labels=("hate",)),
        ],
        [case(4, Severity.critical, 900)],
        span=Span.month,
        counts=COUNTS,
        before=Totals(read=4812, about_us=900, flagged=9, cases=8, on_time=0.8),
        trend=trend(*range(28)),
    )
    mail = digest_mail(made)
    assert mail.subject.startswith("[Redshank] Monthly digest 20 November: 3 new, 4 open")
    assert "The month to Friday 20 November 2026" in mail.text
    assert "Mentions read           312; the month before: 4,812" in mail.text
    assert "Clocks met in time      50 %; the month before: 80 %" in mail.text
    for part in parts(mail):
        assert "The commonest labels of the new cases: confidentiality 2, hate 1." in part
        assert "High, first human eyes: 1 in time and 1 late; half within 9 hours" in part
        assert "Case 4: critical, open for 37 days" in part
        assert "New this month" in part


def test_a_first_week_has_nothing_to_compare_with() -> None:
    text = digest_mail(digest([case(1)], span=Span.week, counts=COUNTS)).text
    assert "Mentions read           312; the week before: –" in text
    assert "The week to Friday 20 November 2026" in text


# Size


def flood() -> list[object]:
    """Five hundred cases with long links, clocks and everything."""
    return [
        told(
            case(
                n,
                Severity(1 + n % 4),
                n,
                labels=LABELS[:3],
                guards=("speak_up", "criticism"),
                copies=(copy(url=f"https://news.example/{'x' * 170}/{n}", source="s" * 60),),
                work=Work(gone_at=NOW - HOUR if n % 5 == 0 else None),
            ),
            clock(n - 250, owner="governance" if n % 2 else "dpo"),
        )
        for n in range(500)
    ]


@pytest.mark.parametrize("span", list(Span))
def test_the_digest_of_a_flood_stays_small_and_counts_what_it_leaves_out(span: Span) -> None:
    cover = tuple(Coverage(name=f"source-{n}", watch=Watch.broken, detail="e" * 160) for n in range(130))
    closed = [case(1000 + n, state=CaseState.closed, work=Work(closed_at=NOW - HOUR)) for n in range(90)]
    made = digest(
        flood(),  # type: ignore[arg-type]
        closed=closed,
        silences=[(replace(SILENCE, id=n), 9) for n in range(40)],
        coverage=cover,
        counts=COUNTS,
        sent=SENT,
        trend=trend(*([30, 40, 2, 8, 90, 3, 77] * (4 if span is Span.month else 1))),
        span=span,
    )
    mail = digest_mail(made, "")
    assert mail.images
    assert len(build(mail, "alerts@oakfield.example", NOW).as_bytes()) < 100_000
    new = mail.text[mail.text.index("\nNew ") : mail.text.index("\nRemoved")]
    shown = len(re.findall(r"^[A-Z]+ +Case", new, re.MULTILINE))
    left = sum(int(number) for number in re.findall(r"and (\d+) more: ", new))
    assert shown + left == 1000
    assert "source-129 (broken)" not in mail.text
    assert "source-60 (broken)" in " ".join(mail.text.split())
    text, words = parts(mail)
    assert re.findall(r"and \d+ more: [0-9a-z, ]+", text) == re.findall(r"and \d+ more: [0-9a-z, ]+", words)


def test_a_critical_case_is_never_the_one_that_is_cut() -> None:
    made = digest(
        old=[case(n, Severity.low, 1000 - n) for n in range(50)] + [case(99, Severity.critical, 900)]
    )
    assert "CRITICAL  Case 99" in digest_mail(made).text


def test_every_critical_case_is_listed_while_there_is_room() -> None:
    text = digest_mail(digest([case(number, Severity.critical) for number in range(1, 13)])).text
    assert all(f"CRITICAL  Case {number}:" in text for number in range(1, 13))


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
