"""Settling verdicts: cases open, grow, open again, and their record says why."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, text
from storage_fixtures import HARMLESS, HOUR, NOW, mention, verdict

from core.types import Case, CaseState, Copy, Mention, Severity, Step, Verdict
from storage import cases, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]


def say(engine: Engine, said: Mention, judged: Verdict, now: datetime = NOW) -> Case | None:
    """Add, claim and settle one mention."""
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [said], now)
        (stored,) = mentions.read(write, [id_])
        return mentions.settle(write, stored, judged, now)


def all_open(engine: Engine) -> list[Case]:
    with session(engine, read_only=True) as read:
        return cases.open_(read)


def record(engine: Engine, case_id: int) -> list[Step]:
    with session(engine, read_only=True) as read:
        return cases.steps(read, case_id)


def close(engine: Engine) -> None:
    with session(engine) as write:
        write.connection().execute(text("UPDATE cases SET state = 'closed'"))


def test_a_flagged_mention_opens_a_case_with_its_reason_on_record(engine: Engine) -> None:
    judged = verdict(Severity.high, reasons=("privacy at the sure threshold", "rule 3 of the pack"))
    opened = say(engine, mention(posted_at=NOW - HOUR), judged)
    assert opened is not None
    assert opened == Case(
        id=opened.id,
        state=CaseState.raised,
        severity=Severity.high,
        labels=("privacy",),
        ask=("privacy",),
        clauses=("004 §9.2",),
        recipients=("governance",),
        reasons=("privacy at the sure threshold", "rule 3 of the pack"),
        detected_at=NOW,
        revision=1,
        copies=(
            Copy(
                mention_id=opened.copies[0].mention_id,
                source="news",
                platform="news",
                url="https://news.example/1",
                posted_at=NOW - HOUR,
                found_at=NOW,
            ),
        ),
    )
    assert all_open(engine) == [opened]
    assert record(engine, opened.id) == [
        Step(
            case_id=opened.id,
            before=None,
            after=CaseState.raised,
            actor="machine",
            role="machine",
            at=NOW,
            reason="privacy at the sure threshold; rule 3 of the pack",
            verb="raise",
        )
    ]


def test_a_harmless_mention_opens_nothing(engine: Engine) -> None:
    assert say(engine, mention(), HARMLESS) is None
    assert all_open(engine) == []


def test_settling_the_same_version_twice_does_it_once(engine: Engine) -> None:
    opened = say(engine, mention(), verdict())
    assert opened is not None
    with session(engine) as write:
        (stored,) = mentions.read(write, [opened.copies[0].mention_id])
        assert mentions.settle(write, stored, verdict(Severity.critical), NOW) is None
    assert all_open(engine) == [opened]
    assert len(record(engine, opened.id)) == 1


def test_a_repost_elsewhere_joins_as_another_copy_and_tells_nobody_anew(engine: Engine) -> None:
    opened = say(engine, mention("1", author="@jo"), verdict())
    assert opened is not None
    assert say(engine, mention("9", source="forum", author="@Jo"), verdict(Severity.low), NOW + HOUR) is None
    (now,) = all_open(engine)
    assert [copy.source for copy in now.copies] == ["news", "forum"]
    assert (now.id, now.severity, now.revision) == (opened.id, Severity.high, 1)
    assert record(engine, opened.id)[-1].reason.startswith("another copy")


def test_the_same_words_by_another_author_are_a_case_of_their_own(engine: Engine) -> None:
    for key, author in enumerate(("@jo", "@sam", "")):
        assert say(engine, mention(str(key), author=author), verdict()) is not None
    assert len(all_open(engine)) == 3


def test_copies_without_a_known_author_are_cases_of_their_own_and_keep_their_edits(engine: Engine) -> None:
    first = say(engine, mention("1"), verdict())
    second = say(engine, mention("2"), verdict())
    assert first is not None
    assert second is not None
    edited = say(engine, mention("2", text="her room is 4"), verdict())
    assert edited is not None
    assert edited.id == second.id != first.id
    assert [len(one.copies) for one in all_open(engine)] == [1, 1]


def test_a_graver_copy_is_told(engine: Engine) -> None:
    say(engine, mention("1", author="@jo"), verdict(Severity.medium))
    graver = say(engine, mention("2", author="@jo"), verdict(Severity.critical, labels=("threat",)))
    assert graver is not None
    assert (graver.severity, graver.revision, graver.labels) == (Severity.critical, 2, ("privacy", "threat"))
    assert len(graver.copies) == 2
    assert all_open(engine) == [graver]


def test_an_edit_stays_in_its_case_whatever_it_says_now(engine: Engine) -> None:
    opened = say(engine, mention(text="before"), verdict(Severity.medium))
    grown = say(engine, mention(text="something else"), verdict(Severity.high))
    assert opened is not None
    assert grown is not None
    assert (grown.id, grown.revision, len(grown.copies)) == (opened.id, 2, 1)
    assert record(engine, opened.id)[-1].reason.startswith("edited at the source")


def test_a_flagged_edit_is_told_though_it_is_no_graver(engine: Engine) -> None:
    opened = say(engine, mention(text="Maureen's room"), verdict())
    told = say(engine, mention(text="Doris's room"), verdict(), NOW + HOUR)
    assert opened is not None
    assert told is not None
    assert (told.id, told.severity, told.revision) == (opened.id, opened.severity, 2)
    assert all_open(engine) == [told]
    assert record(engine, opened.id)[-1].reason.startswith("edited at the source")


def test_what_was_edited_before_anybody_looked_is_a_case_all_the_same(engine: Engine) -> None:
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [mention(text="her address")], NOW)
        mentions.add_new(write, [mention(text="the fair was lovely")], NOW)
    judged = {"her address": verdict(), "the fair was lovely": HARMLESS}
    told = []
    for _ in judged:
        with session(engine) as write:
            (stored,) = mentions.unassessed(write, NOW, 10, HOUR)
            told.append(mentions.settle(write, stored, judged[stored.mention.text], NOW))
    (opened,) = all_open(engine)
    assert told == [opened, None]
    assert [copy.mention_id for copy in opened.copies] == [id_]
    assert record(engine, opened.id)[-1].reason.startswith("edited at the source: version 2")


def test_a_harmless_edit_leaves_the_case_and_a_note(engine: Engine) -> None:
    opened = say(engine, mention(text="before"), verdict())
    assert opened is not None
    assert say(engine, mention(text="after"), HARMLESS, NOW + HOUR) is None
    assert all_open(engine) == [opened]
    note = record(engine, opened.id)[-1]
    assert (note.before, note.after, note.at) == (CaseState.raised, CaseState.raised, NOW + HOUR)
    assert note.reason.startswith("edited at the source: version 2")


@pytest.mark.parametrize("again", [mention("2", author="@jo"), mention("1", text="edited")])
def test_a_new_copy_or_edit_opens_a_closed_case_again(engine: Engine, again: Mention) -> None:
    opened = say(engine, mention("1", author="@jo"), verdict())
    assert opened is not None
    close(engine)
    assert all_open(engine) == []
    reopened = say(engine, again, verdict(Severity.low), NOW + HOUR)
    assert reopened is not None
    assert (reopened.id, reopened.state, reopened.revision) == (opened.id, CaseState.reopened, 2)
    last = record(engine, opened.id)[-1]
    assert (last.before, last.after) == (CaseState.closed, CaseState.reopened)


def test_no_version_is_settled_before_its_turn(engine: Engine) -> None:
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [mention(text="her address"), mention(text="sorry")], NOW)
        (newest,) = mentions.read(write, [id_])
    with pytest.raises(ValueError, match="version 2"), session(engine) as write:
        mentions.settle(write, newest, HARMLESS, NOW)
    with session(engine) as write:
        (first,) = mentions.unassessed(write, NOW, 10, HOUR)
        assert mentions.settle(write, first, verdict(), NOW) is not None


def test_an_aborted_transaction_leaves_no_case_and_the_mention_waiting(engine: Engine) -> None:
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [mention()], NOW)
        (stored,) = mentions.read(write, [id_])

    def interrupted() -> None:
        with session(engine) as write:
            assert mentions.settle(write, stored, verdict(), NOW) is not None
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    assert all_open(engine) == []
    with session(engine) as read:
        assert mentions.counts(read, NOW).unassessed == 1


def test_open_cases_come_gravest_first_then_oldest(engine: Engine) -> None:
    for number, severity in enumerate((Severity.low, Severity.critical, Severity.high, Severity.critical)):
        say(engine, mention(str(number), text=f"item {number}"), verdict(severity), NOW - number * HOUR)
    assert [(case.severity, case.detected_at) for case in all_open(engine)] == [
        (Severity.critical, NOW - 3 * HOUR),
        (Severity.critical, NOW - 1 * HOUR),
        (Severity.high, NOW - 2 * HOUR),
        (Severity.low, NOW),
    ]


def test_cases_are_found_by_number_and_by_age_even_when_closed(engine: Engine) -> None:
    old = say(engine, mention("1", text="old"), verdict(), NOW - HOUR)
    new = say(engine, mention("2", text="new"), verdict(), NOW)
    assert old is not None
    assert new is not None
    close(engine)
    with session(engine, read_only=True) as read:
        found = cases.get(read, old.id)
        assert found is not None
        assert (found.copies, found.state) == (old.copies, CaseState.closed)
        assert cases.get(read, 999) is None
        assert [case.id for case in cases.opened_since(read, NOW)] == [new.id]
        assert [case.id for case in cases.opened_since(read, NOW - HOUR)] == [old.id, new.id]
        assert cases.steps(read, 999) == []
