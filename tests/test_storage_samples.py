"""The weekly sample as it is stored: drawn once, answered by somebody, and never of what became a case."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from storage_fixtures import HARMLESS, HOUR, NOW, an_assessment, mention, verdict

from core.errors import RedshankError
from storage import audit, mentions, samples
from storage.engine import session
from storage.samples import Candidate

pytest_plugins = ["storage_fixtures"]

WEEK = date(2026, 3, 2)
BY = {"actor": "sal", "role": "safeguarding"}


def settle(engine: Engine, key: str, judged=HARMLESS, *, assessed: bool = True, at=NOW, **said) -> int:
    with session(engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, **said)], at)
        (stored,) = mentions.unassessed(db, at, 1, HOUR)
        if assessed:
            mentions.record_assessment(db, stored, an_assessment(scores={"threat": 0.2}), at)
        mentions.settle(db, stored, judged, at)
    return id_


def candidates(engine: Engine, since=NOW, until=NOW + HOUR) -> list[Candidate]:
    with session(engine, read_only=True) as db:
        return samples.candidates(db, since, until)


def write(engine: Engine, *ids: int, week: date = WEEK) -> int:
    chosen = [Candidate(mention_id=id_, version=1, scores={}, relevant=True) for id_ in ids]
    with session(engine) as db:
        return samples.write(db, week, {"near": chosen}, {"near": 40}, NOW)


def drawn(engine: Engine, week: date | None = None) -> list[samples.Drawn]:
    with session(engine, read_only=True) as db:
        return samples.drawn(db, week)


def test_only_what_was_settled_in_the_span_without_a_case_is_a_candidate(engine: Engine) -> None:
    early = settle(engine, "early", at=NOW - HOUR)
    first = settle(engine, "first")
    settle(engine, "a case", verdict())
    last = settle(engine, "dropped", assessed=False, at=NOW + HOUR / 2)
    settle(engine, "late", at=NOW + HOUR)
    found = candidates(engine)
    assert [one.mention_id for one in found] == [first, last]
    assert (found[0].scores, found[0].relevant, found[0].version) == ({"threat": 0.2}, True, 1)
    assert (found[1].scores, found[1].relevant) == ({}, False)
    assert [one.mention_id for one in candidates(engine, NOW - HOUR, NOW)] == [early]


def test_what_was_assessed_twice_is_one_candidate_with_its_newest_scores(engine: Engine) -> None:
    id_ = settle(engine, "twice")
    with session(engine) as db:
        (stored,) = mentions.read(db, [id_])
        mentions.record_assessment(db, stored, an_assessment(scores={"threat": 0.7}), NOW + HOUR)
    (one,) = candidates(engine)
    assert one.scores == {"threat": 0.7}


def test_a_week_is_drawn_once_and_for_all(engine: Engine) -> None:
    ids = [settle(engine, str(number)) for number in range(4)]
    assert write(engine, *ids[:2]) == 2
    assert write(engine, *ids[2:]) == 0
    assert write(engine, week=WEEK + timedelta(days=7)) == 0
    assert write(engine, ids[2], week=WEEK + timedelta(days=7)) == 1
    assert [one.mention_id for one in drawn(engine, WEEK)] == ids[:2]
    assert [one.mention_id for one in drawn(engine)] == ids[:3]
    (first, *_) = drawn(engine)
    assert (first.week, first.stratum, first.stratum_size, first.labels) == (WEEK, "near", 40, None)
    assert (first.answered_by, first.answered_at) == ("", None)


def test_an_answer_is_kept_with_who_and_when_and_goes_on_record(engine: Engine) -> None:
    write(engine, settle(engine, "a"), settle(engine, "b"))
    one, other = drawn(engine)
    with session(engine) as db:
        answered = samples.answer(db, one.id, ["threat"], now=NOW + HOUR, **BY)
    assert answered == next(kept for kept in drawn(engine) if kept.id == one.id)
    assert (answered.labels, answered.answered_by, answered.answered_at) == (("threat",), "sal", NOW + HOUR)
    assert next(kept for kept in drawn(engine) if kept.id == other.id).labels is None
    with session(engine) as db:
        samples.answer(db, one.id, [], now=NOW + HOUR, **BY)
    assert next(kept for kept in drawn(engine) if kept.id == one.id).labels == ()
    with session(engine, read_only=True) as db:
        told = [entry.details for entry in audit.entries(db) if entry.action == "answer sample"]
        assert told == [{"sample": one.id, "labels": ["threat"]}, {"sample": one.id, "labels": []}]
        assert audit.verify(db) == []


def test_a_sample_that_is_not_there_cannot_be_answered(engine: Engine) -> None:
    with pytest.raises(RedshankError, match="there is no sample 7"), session(engine) as db:
        samples.answer(db, 7, [], now=NOW, **BY)
    with session(engine, read_only=True) as db:
        assert audit.entries(db) == []
