"""The queue of what nobody has judged: who gets which version when, and what becomes of failures."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from storage_fixtures import HARMLESS, HOUR, MINUTE, NOW, mention, verdict

from core.types import Mention, StoredMention, Verdict
from storage import mentions
from storage.engine import session
from storage.mentions import Counts

pytest_plugins = ["storage_fixtures"]


def claim(engine: Engine, now=NOW, limit=10):
    with session(engine) as write:
        return mentions.unassessed(write, now, limit, 5 * MINUTE)


def add(engine: Engine, *batch: Mention, now=NOW) -> list[int]:
    with session(engine) as write:
        return mentions.add_new(write, batch, now)


def settle(engine: Engine, stored: StoredMention, judged: Verdict = HARMLESS, now=NOW) -> None:
    with session(engine) as write:
        mentions.settle(write, stored, judged, now)


def test_the_oldest_wait_first_and_a_claim_keeps_others_off_until_it_runs_out(engine: Engine) -> None:
    add(engine, *(mention(str(number)) for number in range(5)))
    assert [stored.mention.key for stored in claim(engine, limit=2)] == ["0", "1"]
    assert [stored.mention.key for stored in claim(engine)] == ["2", "3", "4"]
    assert claim(engine) == []
    later = claim(engine, now=NOW + 5 * MINUTE)
    assert [stored.mention.key for stored in later] == ["0", "1", "2", "3", "4"]


def test_a_failed_mention_stays_in_the_queue_with_growing_pauses_up_to_an_hour(engine: Engine) -> None:
    add(engine, mention())
    now, pauses = NOW, []
    claimed = claim(engine)
    for attempt in range(9):
        assert [stored.attempts for stored in claimed] == [attempt]
        with session(engine) as write:
            mentions.failed(write, claimed[0], "the model is missing", now)
        pause = 0
        while not (claimed := claim(engine, now + pause * MINUTE)):
            pause += 1
        now += pause * MINUTE
        pauses.append(pause)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_versions_are_claimed_one_by_one_oldest_first(engine: Engine) -> None:
    (id_,) = add(engine, mention(text="first"), now=NOW - MINUTE)
    add(engine, mention(text="second"), mention(text="third"))
    seen = []
    while claimed := claim(engine):
        (stored,) = claimed
        assert claim(engine) == []
        seen.append((stored.id, stored.version, stored.mention.text, stored.fetched_at))
        settle(engine, stored)
    assert seen == [(id_, 1, "first", NOW - MINUTE), (id_, 2, "second", NOW), (id_, 3, "third", NOW)]
    with session(engine) as read:
        assert [stored.mention.text for stored in mentions.read(read, [id_])] == ["third"]


def test_an_edit_waits_behind_the_version_that_failed_and_has_a_fresh_start(engine: Engine) -> None:
    add(engine, mention(text="before"))
    (stored,) = claim(engine)
    with session(engine) as write:
        mentions.failed(write, stored, "too long", NOW)
    add(engine, mention(text="after"))
    assert claim(engine) == []
    (again,) = claim(engine, NOW + MINUTE)
    assert (again.version, again.attempts) == (1, 1)
    settle(engine, again)
    (edited,) = claim(engine, NOW + MINUTE)
    assert (edited.version, edited.attempts) == (2, 0)


def test_a_failure_on_a_version_settled_since_is_nothing(engine: Engine) -> None:
    add(engine, mention(text="before"), mention(text="after"))
    (old,) = claim(engine)
    settle(engine, old)
    with session(engine) as write:
        mentions.failed(write, old, "too long", NOW)
    (new,) = claim(engine)
    assert (new.version, new.attempts) == (2, 0)


def test_a_failure_told_after_another_took_over_does_not_end_the_others_claim(engine: Engine) -> None:
    add(engine, mention())
    (late,) = claim(engine)
    (taken_over,) = claim(engine, NOW + 5 * MINUTE)
    with session(engine) as write:
        mentions.failed(write, late, "too long", NOW + 6 * MINUTE)
    assert claim(engine, NOW + 9 * MINUTE) == []
    assert taken_over.attempts == 1


def test_a_worker_that_dies_has_made_an_attempt(engine: Engine) -> None:
    add(engine, mention("1"), mention("2"))
    assert [stored.attempts for stored in claim(engine)] == [0, 0]
    died = NOW + 5 * MINUTE
    (first, _) = claim(engine, died)
    assert first.attempts == 1
    with session(engine) as write:
        mentions.failed(write, first, "too long", died)
    with session(engine) as read:
        assert [stored.attempts for stored in mentions.read(read, [first.id])] == [2]


def test_what_may_kill_workers_is_claimed_alone_after_all_others(engine: Engine) -> None:
    add(engine, *(mention(str(number)) for number in range(4)))
    assert len(claim(engine, limit=3)) == len(claim(engine, NOW + 5 * MINUTE, limit=3)) == 3
    later = NOW + 10 * MINUTE
    assert [stored.mention.key for stored in claim(engine, later)] == ["3"]
    alone = [claim(engine, later), claim(engine, later)]
    assert [[(one.mention.key, one.attempts) for one in some] for some in alone] == [[("0", 2)], [("1", 2)]]
    # Both died again: the one tried least has its turn before them.
    assert [stored.mention.key for stored in claim(engine, NOW + 15 * MINUTE)] == ["3"]
    assert [stored.mention.key for stored in claim(engine, NOW + 15 * MINUTE)] == ["2"]


def test_three_dead_workers_make_a_mention_stuck_but_not_the_attempt_that_runs(engine: Engine) -> None:
    add(engine, mention())
    for attempt in range(3):
        assert claim(engine, NOW + 5 * attempt * MINUTE)
    with session(engine) as read:
        assert mentions.stuck(read, NOW + 14 * MINUTE) == []
        assert [stored.attempts for stored in mentions.stuck(read, NOW + 15 * MINUTE)] == [3]


def test_an_edit_does_not_hide_how_long_its_forerunner_waits(engine: Engine) -> None:
    add(engine, mention(text="before"), now=NOW - HOUR)
    add(engine, mention(text="after"))
    with session(engine) as read:
        (stored,) = mentions.stuck(read, NOW)
        assert (stored.version, stored.fetched_at) == (1, NOW - HOUR)
        assert mentions.counts(read, NOW).stuck == 1


def test_what_was_settled_unflagged_is_counted_by_its_reason(engine: Engine) -> None:
    add(engine, *(mention(str(number)) for number in range(5)))
    claimed = claim(engine)
    dropped = replace(HARMLESS, reasons=("not about us",))
    harmless = replace(HARMLESS, reasons=("no label", "rule 3"))
    for stored, judged in zip(claimed, (dropped, dropped, harmless, verdict()), strict=False):
        settle(engine, stored, judged)
    settle(engine, claimed[4], dropped, NOW - HOUR)
    with session(engine, read_only=True) as read:
        assert mentions.counts_by_reason(read, NOW) == {"not about us": 2, "no label; rule 3": 1}
        assert mentions.counts_by_reason(read, NOW - HOUR)["not about us"] == 3
    add(engine, mention("0", text="edited to worse"))
    (edited,) = claim(engine)
    settle(engine, edited, verdict())
    with session(engine, read_only=True) as read:
        assert mentions.counts_by_reason(read, NOW)["not about us"] == 1


def test_a_settled_mention_leaves_the_queue_unless_it_was_edited_meanwhile(engine: Engine) -> None:
    add(engine, mention(text="before"))
    (old,) = claim(engine)
    add(engine, mention(text="after"))
    with session(engine) as write:
        mentions.settle(write, old, HARMLESS, NOW)
    (new,) = claim(engine)
    assert new.version == 2
    with session(engine) as write:
        mentions.settle(write, new, HARMLESS, NOW)
    assert claim(engine, NOW + HOUR) == []


def test_counting_tells_what_waits_and_what_is_stuck(engine: Engine) -> None:
    add(engine, mention("settled"), mention("fails"), now=NOW - MINUTE)
    for stored in claim(engine):
        with session(engine) as write:
            if stored.mention.key == "settled":
                mentions.settle(write, stored, HARMLESS, NOW)
            else:
                mentions.failed(write, replace(stored, attempts=2), "no memory", NOW)
    add(engine, mention("old"), now=NOW - HOUR)
    add(engine, mention("young"))
    with session(engine) as read:
        assert mentions.counts(read, NOW) == Counts(mentions=4, unassessed=3, stuck=2)
        assert {stored.mention.key for stored in mentions.stuck(read, NOW)} == {"fails", "old"}
        assert len(mentions.stuck(read, NOW, limit=1)) == 1


@pytest.mark.parametrize("limit", [0, 1])
def test_no_more_is_claimed_than_asked_for(engine: Engine, limit: int) -> None:
    add(engine, mention("1"), mention("2"))
    assert len(claim(engine, limit=limit)) == limit
