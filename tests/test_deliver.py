"""Sending: one outcome for each notice, whatever happens to the others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from alerts.deliver import deliver, wait_after
from core.errors import SendError, WithdrawnError
from core.telling import DeliveryStatus, Notice

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def notice(key: str = "a", attempts: int = 0) -> Notice:
    return Notice(
        key=key,
        kind="fault",
        role="operator",
        to="ops@oakfield.example",
        channel="mail",
        why="x",
        attempts=attempts,
    )


def failing(error: Exception) -> Callable[[Notice], None]:
    def send(_: Notice) -> None:
        raise error

    return send


LATER = failing(SendError("the mail server cannot be reached", temporary=True))
NEVER = failing(SendError("the mail server refused the recipient (550)", temporary=False))


def test_what_was_sent_is_sent() -> None:
    [done] = deliver([notice()], lambda _: None, NOW)
    assert (done.status, done.at, done.error, done.next_try_at) == (DeliveryStatus.sent, NOW, "", None)


def test_a_refusal_is_final_and_says_why() -> None:
    [done] = deliver([notice()], NEVER, lambda: NOW)
    assert (done.status, done.next_try_at) == (DeliveryStatus.refused, None)
    assert "550" in done.error


def test_what_is_taken_back_is_no_failure_and_never_tried_again() -> None:
    [done] = deliver([notice()], failing(WithdrawnError("no longer for this reader")), NOW)
    assert (done.status, done.next_try_at) == (DeliveryStatus.withdrawn, None)
    assert done.error == "no longer for this reader"


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [(0, MINUTE), (1, 5 * MINUTE), (2, 15 * MINUTE), (3, 30 * MINUTE), (4, 30 * MINUTE), (200, 30 * MINUTE)],
)
def test_a_passing_failure_is_tried_again_later_and_later(attempts: int, wait: timedelta) -> None:
    [done] = deliver([notice(attempts=attempts)], LATER, NOW)
    assert (done.status, done.next_try_at) == (DeliveryStatus.delayed, NOW + wait)


def test_it_is_given_up_after_five_days_and_not_quietly() -> None:
    waits = [wait_after(attempts) for attempts in range(500)]
    tried = list(accumulate(wait for wait in waits if wait is not None))
    assert timedelta(days=5) <= tried[-1] < timedelta(days=5, minutes=30)
    assert all(wait is None for wait in waits[len(tried) :])
    [done] = deliver([notice(attempts=len(tried))], LATER, NOW)
    assert done.status is DeliveryStatus.refused
    assert done.error == "given up after 5 days: the mail server cannot be reached"


def test_a_bug_is_logged_by_its_type_alone_and_stops_none_of_the_others() -> None:
    def send(one: Notice) -> None:
        if one.key == "b":
            raise KeyError("what somebody wrote")

    with structlog.testing.capture_logs() as logs:
        done = list(deliver([notice("a"), notice("b"), notice("c")], send, NOW))
    assert [one.status.value for one in done] == ["sent", "delayed", "sent"]
    [loud] = [line for line in logs if line["log_level"] == "error"]
    assert (loud["event"], loud["key"], loud["error"]) == ("notice_broke", "b", "KeyError")
    assert "somebody" not in repr(logs)
    assert "somebody" not in done[1].error
    assert "ops@oakfield.example" not in repr(logs)


def test_each_outcome_is_known_before_the_next_notice_is_sent() -> None:
    sent: list[str] = []
    outcomes = deliver([notice("a"), notice("b")], lambda one: sent.append(one.key), NOW)
    assert next(outcomes).key == "a"
    assert sent == ["a"]


def test_the_clock_is_asked_after_each_attempt() -> None:
    clock = iter([NOW, NOW + HOUR])
    assert [done.at for done in deliver([notice("a"), notice("b")], LATER, lambda: next(clock))] == [
        NOW,
        NOW + HOUR,
    ]


def test_a_stop_by_hand_is_not_swallowed() -> None:
    def send(_: Notice) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(deliver([notice()], send, NOW))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from([None, LATER, NEVER, failing(ValueError("x"))])))
)
def test_every_notice_has_exactly_one_outcome_and_only_a_delay_has_a_next_time(
    plans: list[tuple[int, Callable[[Notice], None] | None]],
) -> None:
    def send(one: Notice) -> None:
        if attempt := plans[int(one.key)][1]:
            attempt(one)

    done = list(deliver([notice(str(n), attempts) for n, (attempts, _) in enumerate(plans)], send, NOW))
    assert [one.key for one in done] == [str(n) for n in range(len(plans))]
    for one in done:
        assert (one.next_try_at is not None) == (one.status is DeliveryStatus.delayed)
        assert (one.error == "") == (one.status is DeliveryStatus.sent)
