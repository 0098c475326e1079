"""The outbox: planned once, sent at least once, and never silently left."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from core.telling import Delivery, DeliveryStatus, Notice, Occasion
from storage import deliveries, ledger, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]


def notice(key: str = "digest/2026-03-02/hbg", **rest: Any) -> Notice:
    values: dict[str, Any] = {
        "kind": "digest",
        "role": "governance",
        "to": "hbg@oakfield.example",
        "channel": "mail",
        "why": "the daily digest is due",
        "day": date(2026, 3, 2),
    }
    return Notice(key=key, **(values | rest))


def queue(engine: Engine, *notices: Notice, now=NOW) -> int:
    with session(engine) as write:
        return deliveries.enqueue(write, notices, now)


def due(engine: Engine, now=NOW, limit: int = 10) -> list[Notice]:
    with session(engine) as write:
        return deliveries.due(write, now, limit)


def report(engine: Engine, status: DeliveryStatus, key: str = notice().key, **rest: Any) -> None:
    with session(engine) as write:
        deliveries.record(write, Delivery(key=key, status=status, **({"at": NOW} | rest)))


def failing(engine: Engine) -> list[ledger.Undelivered]:
    with session(engine, read_only=True) as read:
        return ledger.undelivered(read)


def test_planning_twice_writes_once(engine: Engine) -> None:
    assert queue(engine, notice("a"), notice("a"), notice("b")) == 2
    assert queue(engine, notice("b"), notice("c")) == 1
    assert queue(engine) == 0


def test_a_notice_comes_back_as_it_was_planned(engine: Engine) -> None:
    queue(engine, notice())
    assert [replace(one, id=None) for one in due(engine)] == [notice()]


def test_what_stands_in_one_notice_is_told_in_no_other(engine: Engine) -> None:
    first, second, third = (Occasion(key=f"case/{number}") for number in (1, 2, 3))
    assert queue(engine, notice("a", occasions=(first, second))) == 1
    assert queue(engine, notice("b", occasions=(first, second)), notice("c", occasions=(second, third))) == 1
    assert [one.occasions for one in due(engine)] == [(first, second), (third,)]
    assert queue(engine, notice("d", occasions=(third,))) == 0
    with session(engine, read_only=True) as read:
        assert ledger.told(read, NOW) == {"case/1", "case/2", "case/3"}


def test_one_batch_may_hold_the_same_occasion_twice(engine: Engine) -> None:
    same = Occasion(key="case/1")
    assert queue(engine, notice("a", occasions=(same, same)), notice("b", occasions=(same,))) == 1
    assert [one.occasions for one in due(engine)] == [(same,)]


def test_a_mail_that_came_back_is_known_by_its_identifier_and_told_as_undelivered(engine: Engine) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.sent, message_id="<1@oakfield.example>")
    with session(engine, read_only=True) as read:
        assert ledger.find_sent(read, "<2@oakfield.example>") is None
        assert ledger.find_sent(read, "") is None
        key = ledger.find_sent(read, "<1@oakfield.example>")
    assert key == notice().key
    report(engine, DeliveryStatus.bounced, error="it came back (5.1.1)", at=NOW + HOUR)
    assert [(one.refused, one.error, one.refused_at) for one in failing(engine)] == [
        (True, "it came back (5.1.1)", NOW + HOUR)
    ]
    report(engine, DeliveryStatus.sent)
    assert failing(engine), "a late report of success does not undo that it came back"
    assert due(engine, NOW + 9 * HOUR) == []


def test_what_was_never_sent_cannot_bounce(engine: Engine) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.bounced, error="forged")
    assert failing(engine)[0].refused is False


def test_the_ledger_tells_what_became_of_each_newest_first(engine: Engine) -> None:
    queue(engine, notice("a"), now=NOW)
    queue(engine, notice("b"), notice("c"), now=NOW + MINUTE)
    report(engine, DeliveryStatus.sent, "a")
    report(engine, DeliveryStatus.refused, "b", error="nobody of that name (5.1.1)")
    with session(engine, read_only=True) as read:
        told = [(line.notice.key, line.status, line.error) for line in ledger.lines(read)]
        assert told == [
            ("c", "queued", ""),
            ("b", "refused", "nobody of that name (5.1.1)"),
            ("a", "accepted", ""),
        ]
        assert [line.notice.key for line in ledger.lines(read, since=NOW + MINUTE, limit=1)] == ["c"]


def test_a_claimed_notice_is_offered_again_only_when_its_sender_seems_dead(engine: Engine) -> None:
    queue(engine, notice("a"), now=NOW - HOUR)
    queue(engine, notice("b"))
    assert [one.key for one in due(engine, limit=1)] == ["a"]
    assert [one.key for one in due(engine)] == ["b"]
    assert due(engine, NOW + 59 * MINUTE) == []
    assert [one.key for one in due(engine, NOW + HOUR)] == ["a", "b"]


def test_a_claim_lasts_as_long_as_its_sender_says(engine: Engine) -> None:
    queue(engine, notice())
    with session(engine) as write:
        assert deliveries.due(write, NOW, 1, claim_for=3 * HOUR)
    assert due(engine, NOW + 3 * HOUR - MINUTE) == []
    assert due(engine, NOW + 3 * HOUR)


def test_what_was_sent_is_done(engine: Engine) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.sent)
    assert due(engine, NOW + HOUR) == []
    assert failing(engine) == []
    with session(engine) as read:
        assert [line.sent_at for line in ledger.lines(read)] == [NOW]


def test_what_is_delayed_is_tried_again_when_said(engine: Engine) -> None:
    queue(engine, notice())
    due(engine)
    report(engine, DeliveryStatus.delayed, error="451 try later", next_try_at=NOW + HOUR)
    (waiting,) = failing(engine)
    assert (waiting.refused, waiting.error, waiting.next_try_at) == (False, "451 try later", NOW + HOUR)
    assert due(engine, NOW + HOUR - MINUTE) == []
    assert due(engine, NOW + HOUR)[0].attempts == 1


def test_a_delay_without_a_time_backs_off(engine: Engine) -> None:
    queue(engine, notice())
    for pause in (1, 2, 4):
        report(engine, DeliveryStatus.delayed)
        assert failing(engine)[0].next_try_at == NOW + pause * MINUTE


def test_what_was_refused_is_not_tried_again_and_is_told(engine: Engine) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.refused, error="550 no such mailbox")
    assert due(engine, NOW + 100 * HOUR) == []
    (refused,) = failing(engine)
    assert (refused.refused, refused.notice.attempts, refused.created_at) == (True, 1, NOW)
    assert refused.refused_at == NOW


def test_what_was_refused_before_a_moment_can_be_left_out_but_not_what_still_fails(engine: Engine) -> None:
    queue(engine, notice("refused"), notice("failing"), notice("waiting"), now=NOW - 2 * HOUR)
    report(engine, DeliveryStatus.refused, key="refused", at=NOW - HOUR)
    report(engine, DeliveryStatus.delayed, key="failing", at=NOW - 2 * HOUR)
    for since, expected in ((None, 2), (NOW - HOUR, 2), (NOW - HOUR + MINUTE, 1)):
        with session(engine, read_only=True) as read:
            found = ledger.undelivered(read, since)
        assert len(found) == expected
        assert ("failing", None) in [(one.notice.key, one.refused_at) for one in found]


@pytest.mark.parametrize("late", [DeliveryStatus.delayed, DeliveryStatus.refused, DeliveryStatus.sent])
def test_what_was_sent_stays_sent(engine: Engine, late: DeliveryStatus) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.sent)
    report(engine, late, at=NOW + HOUR)
    assert due(engine, NOW + 100 * HOUR) == []
    assert failing(engine) == []
    with session(engine) as read:
        assert [line.sent_at for line in ledger.lines(read)] == [NOW]


def test_a_delivery_of_something_never_planned_is_loud(engine: Engine) -> None:
    with pytest.raises(LookupError):
        report(engine, DeliveryStatus.sent, key="unknown")


def test_keys_are_known_from_a_day_on_whatever_became_of_them(engine: Engine) -> None:
    queue(engine, notice("old"), now=NOW - HOUR)
    queue(engine, notice("sent"), notice("queued"))
    report(engine, DeliveryStatus.sent, key="sent")
    with session(engine) as read:
        assert ledger.told(read, NOW) == {"sent", "queued"}


# When the other side is back


def statuses(engine: Engine) -> dict[str, str]:
    with session(engine, read_only=True) as read:
        return {line.notice.key: line.status for line in ledger.lines(read)}


def about(key: str, *numbers: int, **rest: Any) -> Notice:
    """A notice that speaks of these cases, which need not be there."""
    occasions = tuple(Occasion(key=f"{key}/{number}", case_id=number) for number in numbers)
    return notice(key, kind="case", occasions=occasions, **rest)


@pytest.fixture
def cases(engine: Engine) -> tuple[int, int]:
    with session(engine) as write:
        ids = mentions.add_new(write, [mention("1"), mention("2")], NOW)
        opened = [mentions.settle(write, one, verdict(), NOW) for one in mentions.read(write, ids)]
    first, second = (case.id for case in opened if case)
    return first, second


def replace_repeats(engine: Engine, now=NOW + HOUR) -> int:
    with session(engine) as write:
        return deliveries.replace_repeats(write, now)


def test_what_failed_on_a_channel_is_tried_at_once_when_it_is_there_again(engine: Engine) -> None:
    queue(engine, notice("mail"), notice("desk", channel="desk"), notice("fresh"))
    for key in ("mail", "desk"):
        report(engine, DeliveryStatus.delayed, key, next_try_at=NOW + HOUR)
    assert [one.key for one in due(engine, NOW + MINUTE)] == ["fresh"]
    with session(engine) as write:
        deliveries.revive(write, "mail", NOW + MINUTE)
    assert [one.key for one in due(engine, NOW + MINUTE)] == ["mail"]
    with session(engine, read_only=True) as read:
        waits = {one.notice.key: one.next_try_at for one in ledger.undelivered(read)}
    assert waits["desk"] == NOW + HOUR


def test_reviving_brings_back_nothing_that_was_sent_refused_or_is_just_claimed(engine: Engine) -> None:
    queue(engine, notice("sent"), notice("refused"), notice("claimed"))
    report(engine, DeliveryStatus.sent, "sent")
    report(engine, DeliveryStatus.refused, "refused")
    assert [one.key for one in due(engine)] == ["claimed"]
    with session(engine) as write:
        deliveries.revive(write, "mail", NOW)
    assert due(engine) == []


def test_what_is_true_no_more_is_taken_back_where_it_failed_and_nothing_else(engine: Engine) -> None:
    """Of the channel that is there again: elsewhere the message may still be the only one that gets through."""
    names = ("f/a_", "f/a_fresh", "f/a_sent", "f/ab", "f/a_desk")
    queue(engine, *(notice(name, channel="desk" if name == "f/a_desk" else "mail") for name in names))
    report(engine, DeliveryStatus.sent, "f/a_sent")
    for name in ("f/a_", "f/ab", "f/a_desk"):
        report(engine, DeliveryStatus.delayed, name)
    with session(engine) as write:
        deliveries.withdraw(write, "mail", "f/a_", "messages go again")
    assert statuses(engine) == {
        "f/a_": "withdrawn",
        "f/a_fresh": "queued",
        "f/a_sent": "accepted",
        "f/ab": "queued",
        "f/a_desk": "queued",
    }
    assert {one.key for one in due(engine, NOW + 9 * HOUR)} == {"f/a_fresh", "f/ab", "f/a_desk"}
    assert "f/a_" not in {one.notice.key for one in failing(engine)}, "it is no failure that anybody hears of"


def test_a_fault_that_failed_goes_after_all_else(engine: Engine) -> None:
    queue(engine, notice("failed", kind="fault"), notice("new", kind="fault"))
    queue(engine, notice("case", kind="case"), now=NOW + HOUR)
    report(engine, DeliveryStatus.delayed, "failed", next_try_at=NOW)
    assert [one.key for one in due(engine, NOW + HOUR)] == ["new", "case", "failed"]


def test_a_withdrawal_is_final(engine: Engine) -> None:
    queue(engine, notice())
    report(engine, DeliveryStatus.withdrawn, error="no longer for this reader")
    assert due(engine, NOW + 100 * HOUR) == []
    assert failing(engine) == []
    with session(engine, read_only=True) as read:
        (line,) = ledger.lines(read)
    assert (line.status, line.error, line.sent_at) == ("withdrawn", "no longer for this reader", None)


def test_of_repeats_that_failed_the_newest_is_left(engine: Engine, cases: tuple[int, int]) -> None:
    first, _ = cases
    for number, key in enumerate(("one", "two", "three")):
        queue(engine, about(key, first), now=NOW + number * MINUTE)
        report(engine, DeliveryStatus.delayed, key)
    queue(engine, about("four", first), now=NOW + 4 * MINUTE)
    assert replace_repeats(engine) == 3
    assert statuses(engine) == {"one": "replaced", "two": "replaced", "three": "replaced", "four": "queued"}
    assert replace_repeats(engine) == 0
    assert failing(engine) == []
    with session(engine, read_only=True) as read:
        assert ledger.told(read, NOW) == {f"{key}/{first}" for key in ("one", "two", "three", "four")}


def test_what_no_newer_message_tells_is_not_replaced(engine: Engine, cases: tuple[int, int]) -> None:
    first, second = cases
    queue(engine, about("both", first, second), about("other", first, to="sal@oakfield.example"))
    queue(engine, about("desk", first, channel="desk"), notice("digest"))
    for key in ("both", "other", "desk", "digest"):
        report(engine, DeliveryStatus.delayed, key)
    queue(engine, about("newer", first), now=NOW + MINUTE)
    assert replace_repeats(engine) == 0
    queue(engine, about("rest", second), now=NOW + 2 * MINUTE)
    assert replace_repeats(engine) == 1
    assert statuses(engine)["both"] == "replaced", "what two newer ones tell together is told"


def test_what_was_never_tried_is_not_replaced(engine: Engine, cases: tuple[int, int]) -> None:
    queue(engine, about("one", cases[0]))
    queue(engine, about("two", cases[0]), now=NOW + MINUTE)
    assert replace_repeats(engine) == 0


# The counts of the ledger


def test_what_was_told_of_a_case_is_known_by_the_case(engine: Engine, cases: tuple[int, int]) -> None:
    first, second = cases
    queue(engine, about("one", first, second), about("two", second), notice("digest"))
    report(engine, DeliveryStatus.refused, "two")
    with session(engine, read_only=True) as read:
        assert ledger.told_of(read, first) == {f"one/{first}"}
        assert ledger.told_of(read, second) == {f"one/{second}", f"two/{second}"}
        assert ledger.told_of(read, 99) == frozenset()


def test_a_case_was_first_told_when_its_first_message_was_accepted(
    engine: Engine, cases: tuple[int, int]
) -> None:
    first, second = cases
    queue(engine, about("one", first), about("two", first), about("lost", second))
    report(engine, DeliveryStatus.sent, "two", at=NOW + HOUR)
    report(engine, DeliveryStatus.sent, "one", at=NOW + 2 * HOUR)
    report(engine, DeliveryStatus.refused, "lost")
    with session(engine, read_only=True) as read:
        assert ledger.first_told(read, [second, first]) == {first: NOW + HOUR}
        assert ledger.first_told(read, []) == {}


def test_the_outcomes_are_counted_by_what_became_of_them(engine: Engine, cases: tuple[int, int]) -> None:
    queue(engine, notice("before"), now=NOW - HOUR)
    queue(engine, *(notice(key) for key in ("sent", "late", "lost", "back", "waits")))
    for key, status, after in (
        ("before", DeliveryStatus.sent, 0 * HOUR),
        ("sent", DeliveryStatus.sent, HOUR),
        ("late", DeliveryStatus.sent, HOUR + MINUTE),
        ("lost", DeliveryStatus.refused, HOUR),
        ("back", DeliveryStatus.sent, MINUTE),
        ("back", DeliveryStatus.bounced, HOUR),
    ):
        report(engine, status, key, at=NOW + after)
    with session(engine, read_only=True) as read:
        assert ledger.outcomes(read, NOW) == {
            "accepted": 2,
            "bounced": 1,
            "refused": 1,
            "queued": 1,
            "late": 1,
            "acknowledged": 0,
        }
        assert sum(ledger.outcomes(read, NOW + MINUTE).values()) == 0
