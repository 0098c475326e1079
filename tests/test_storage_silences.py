"""Silences as they are stored: by whom, why, until when; and their end is on record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from storage_fixtures import HOUR, MINUTE, NOW, mention, verdict

from core.errors import RedshankError
from core.types import Severity
from core.work import Silence
from storage import audit, mentions, silences
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

QUIET = Silence(
    id=0,
    owner="gale",
    reason="a campaign that is known",
    starts_at=NOW,
    ends_at=NOW + timedelta(days=2),
    labels=("reputation", "harassment"),
    severity=Severity.medium,
    sources=("forum",),
    platforms=("reddit",),
)


def add(engine: Engine, silence: Silence = QUIET) -> Silence:
    with session(engine) as db:
        return silences.add(db, silence, role="governance", now=NOW)


def end(engine: Engine, number: int, at=NOW + HOUR) -> Silence:
    with session(engine) as db:
        return silences.end(db, number, actor="dee", role="deputy", reason="it is over", now=at)


def every(engine: Engine, since=None) -> list[Silence]:
    with session(engine, read_only=True) as db:
        return silences.all_(db, since=since)


def test_a_silence_comes_back_as_it_was_asked_for_with_a_number(engine: Engine) -> None:
    made = add(engine)
    assert made == replace(QUIET, id=made.id)
    assert every(engine) == [made]
    bare = add(engine, replace(QUIET, labels=(), severity=None, sources=(), platforms=()))
    assert bare.severity is None
    assert every(engine) == [made, bare]


def test_both_its_making_and_its_end_are_on_record(engine: Engine) -> None:
    made = add(engine)
    ended = end(engine, made.id)
    assert ended == replace(made, ends_at=NOW + HOUR)
    with session(engine, read_only=True) as db:
        first, second = audit.entries(db)
        assert audit.verify(db) == []
    assert (first.action, first.actor, first.role, first.reason) == (
        "silence",
        "gale",
        "governance",
        QUIET.reason,
    )
    assert first.details == {"silence": made.id, "until": QUIET.ends_at.isoformat()}
    assert (second.action, second.actor, second.reason, second.details) == (
        "end silence",
        "dee",
        "it is over",
        {"silence": made.id},
    )


def test_what_is_over_is_left_out_where_that_is_asked(engine: Engine) -> None:
    made = add(engine)
    assert every(engine, since=QUIET.ends_at) == [made]
    assert every(engine, since=QUIET.ends_at + MINUTE) == []
    end(engine, made.id)
    assert every(engine, since=NOW + HOUR + MINUTE) == []
    assert len(every(engine)) == 1


def test_what_is_not_there_or_is_over_cannot_be_ended(engine: Engine) -> None:
    made = add(engine)
    for number, at in ((made.id + 1, NOW), (made.id, QUIET.ends_at)):
        with pytest.raises(RedshankError, match=f"no silence {number} is in force"):
            end(engine, number, at)
    end(engine, made.id)
    with pytest.raises(RedshankError, match="in force"):
        end(engine, made.id)


def test_a_silence_of_one_case_stands_in_the_record_of_that_case(engine: Engine) -> None:
    with session(engine) as db:
        (id_,) = mentions.add_new(db, [mention()], NOW)
        (stored,) = mentions.read(db, [id_])
        case = mentions.settle(db, stored, verdict(), NOW)
        assert case is not None
    made = add(engine, replace(QUIET, case_id=case.id))
    end(engine, made.id)
    with session(engine, read_only=True) as db:
        told = [entry.action for entry in audit.entries(db, case.id)]
    assert told[-2:] == ["silence", "end silence"]


def test_a_silence_of_a_case_that_is_not_there_is_refused_in_words(engine: Engine) -> None:
    with pytest.raises(RedshankError, match="there is no case 99"):
        add(engine, replace(QUIET, case_id=99))
    assert every(engine) == []
