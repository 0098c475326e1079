"""Joining and parting cases by hand: nothing lost, nothing twice, each undone by the other."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import Session
from storage_fixtures import HOUR, NOW, mention, verdict

from core.errors import StorageError
from core.types import Case, CaseState, Severity, Step, Work
from storage import audit, cases, joining, mentions
from storage.engine import open_engine, session
from storage.stories import unite

pytest_plugins = ["storage_fixtures"]

BY = {"actor": "gale", "role": "governance", "reason": "one and the same", "now": NOW + HOUR}


def say(db: Session, key: str, author: str = "@jo", **judged) -> Case | None:
    (id_,) = mentions.add_new(db, [mention(key, text=f"by {author}", author=author)], NOW)
    (stored,) = mentions.read(db, [id_])
    return mentions.settle(db, stored, verdict(**judged), NOW)


def put(db: Session, case: Case, after: Case) -> Case:
    step = Step(
        case_id=case.id,
        before=case.state,
        after=after.state,
        actor="g",
        role="hr",
        at=NOW,
        reason="r",
        verb="x",
    )
    return cases.move(db, case, step, after)


@pytest.fixture
def two(engine: Engine) -> tuple[Case, Case]:
    with session(engine) as db:
        say(db, "1", "@jo", guards=("speak_up",), recipients=("governance", "hr"))
        say(db, "2", "@jo")
        say(db, "3", "@sam", severity=Severity.critical, labels=("threat",))
        found = cases.open_(db)
    return found[1], found[0]


def test_joined_copies_are_in_the_target_and_the_source_is_closed(engine: Engine, two) -> None:
    source, target = two
    with session(engine) as db:
        joined = joining.fold_by_hand(db, source.id, target.id, **BY)
        assert cases.get(db, target.id) == joined
        closed = cases.get(db, source.id)
    assert closed is not None
    assert sorted(copy.mention_id for copy in joined.copies) == sorted(
        copy.mention_id for one in two for copy in one.copies
    )
    assert (joined.severity, joined.labels) == (Severity.critical, ("threat", "privacy"))
    assert (joined.guards, joined.recipients, joined.revision) == (("speak_up",), ("governance", "hr"), 2)
    assert (closed.state, closed.copies) == (CaseState.closed, ())
    assert (closed.work.outcome, closed.work.folded_into) == ("joined", target.id)
    with session(engine, read_only=True) as db:
        assert cases.steps(db, source.id)[-1].verb == "join"
        moved = [copy.mention_id for copy in source.copies]
        assert audit.entries(db, source.id)[-1].details == {"into": target.id, "mentions": moved}
        assert audit.entries(db, target.id)[-1].details == {"from": source.id, "mentions": moved}
        assert audit.verify(db) == []


def test_a_case_made_graver_by_joining_begins_its_clocks_anew(engine: Engine, two) -> None:
    grave, milder = two[1], two[0]
    with session(engine) as db:
        milder = put(db, milder, replace(milder, work=Work(seen_at=NOW, aware_at=NOW, acted_at=NOW)))
        after = joining.fold_by_hand(db, grave.id, milder.id, **BY).work
    then = NOW + HOUR
    assert after == Work(aware_at=NOW, renewed_at=then)


def test_what_is_said_anew_goes_to_where_the_case_was_joined(engine: Engine, two) -> None:
    source, target = two
    with session(engine) as db:
        say(db, "4", "@kit")
        third = cases.open_(db)[-1]
        joining.fold_by_hand(db, source.id, target.id, **BY)
        joining.fold_by_hand(db, target.id, third.id, **BY)
        assert say(db, "5", "@jo", severity=Severity.low) is None
        found = cases.get(db, third.id)
    assert found is not None
    assert len(found.copies) == 5


def test_what_is_parted_is_raised_anew_and_its_words_stay_with_the_old_one(engine: Engine, two) -> None:
    case, _ = two
    parted = case.copies[1].mention_id
    with session(engine) as db:
        made = joining.split(db, case.id, [parted], **BY)
        kept = cases.get(db, case.id)
        say(db, "5", "@jo")
        after = cases.get(db, case.id)
    assert kept is not None
    assert after is not None
    assert [copy.mention_id for copy in made.copies] == [parted]
    assert [copy.mention_id for copy in kept.copies] == [case.copies[0].mention_id]
    assert len(after.copies) == 2
    assert (made.state, made.revision, made.detected_at) == (CaseState.raised, 1, case.detected_at)
    assert (made.guards, made.labels, made.recipients) == (case.guards, case.labels, case.recipients)
    with session(engine, read_only=True) as db:
        assert [one.verb for one in cases.steps(db, made.id)] == ["split"]
        assert cases.steps(db, case.id)[-2].verb == "split"


def test_parting_and_joining_undo_each_other(engine: Engine, two) -> None:
    case, _ = two
    parted = case.copies[1].mention_id
    with session(engine) as db:
        for _ in range(2):  # the second time the same copies have another key
            made = joining.split(db, case.id, [parted], **(BY | {"now": NOW + made_at(db)}))
            assert joining.fold_by_hand(db, made.id, case.id, **BY).copies == case.copies


def made_at(db: Session) -> timedelta:
    return len(audit.entries(db)) * HOUR


def test_a_sealed_copy_stays_sealed_and_seals_what_it_joins(engine: Engine, two) -> None:
    source, target = two
    with session(engine) as db:
        put(db, source, replace(source, guards=("speak_up", "sealed")))
        joined = joining.fold_by_hand(db, source.id, target.id, **BY)
    assert {copy.url for copy in joined.copies} == {""}


def test_cases_that_cannot_be_joined_say_why(engine: Engine, two) -> None:
    source, target = two
    with session(engine) as db:
        for ids, why in (
            ((source.id, source.id), "to itself"),
            ((source.id, 99), "no case 99"),
            ((99, target.id), "no case 99"),
        ):
            with pytest.raises(StorageError, match=why):
                joining.fold_by_hand(db, *ids, **BY)
        for state in (CaseState.closed, CaseState.on_hold):
            target = put(db, target, replace(target, state=state))
            for ids in ((source.id, target.id), (target.id, source.id)):
                with pytest.raises(StorageError, match="no case is joined to or from it"):
                    joining.fold_by_hand(db, *ids, **BY)


@pytest.mark.parametrize(
    ("chosen", "why"), [([], "name copies"), ([99], "name copies"), (None, "at least one")]
)
def test_what_cannot_be_parted_says_why(engine: Engine, two, chosen, why) -> None:
    ids = [copy.mention_id for copy in two[0].copies] if chosen is None else chosen
    with session(engine) as db, pytest.raises(StorageError, match=why):
        joining.split(db, two[0].id, ids, **BY)


MOMENTS = st.none() | st.integers(0, 5).map(lambda hours: NOW + hours * HOUR)


@given(
    st.lists(
        st.builds(
            Work,
            aware_at=MOMENTS,
            released_at=MOMENTS,
            own_breach=st.sampled_from([None, True, False]),
        ),
        min_size=2,
        max_size=2,
    ),
    st.lists(st.sampled_from([(), ("speak_up",)]), min_size=2, max_size=2),
)
def test_no_lock_and_no_clock_is_lost_by_joining(works, guards) -> None:
    one, two = (
        Case(
            id=n,
            state=CaseState.raised,
            severity=Severity.low,
            labels=(),
            ask=(),
            clauses=(),
            recipients=(),
            reasons=(),
            detected_at=NOW,
            guards=guard,
            work=replace(work, released_at=work.released_at if guard else None),
        )
        for n, (work, guard) in enumerate(zip(works, guards, strict=True), 1)
    )
    after = unite(one, two)
    locked = any(case.guards and case.work.released_at is None for case in (one, two))
    assert (bool(after.guards) and after.work.released_at is None) == locked
    assert after.work.aware_at == min([m for m in (one.work.aware_at, two.work.aware_at) if m], default=None)
    assert bool(after.work.own_breach) == any(case.work.own_breach for case in (one, two))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 30)), max_size=12))
def test_whatever_is_joined_and_parted_every_copy_is_in_one_case(
    migrated_sqlite: Path, tmp_path: Path, doings
) -> None:
    path = tmp_path / "story.db"
    shutil.copy(migrated_sqlite, path)
    engine = open_engine(f"sqlite:///{path}")
    with session(engine) as db:
        for n in range(6):
            say(db, str(n), f"@{n % 3}")
    done = Counter[str]()
    for number, (join, one, two) in enumerate(doings):
        try:
            with session(engine) as db:
                open_ = cases.open_(db)
                case = open_[one % len(open_)]
                by = BY | {"now": NOW + number * HOUR}
                if join:
                    joining.fold_by_hand(db, case.id, open_[two % len(open_)].id, **by)
                else:
                    joining.split(db, case.id, [c.mention_id for c in case.copies][: two % 4], **by)
                done["join" if join else "split"] += 1
        except StorageError:
            done["refused"] += 1
    with session(engine, read_only=True) as db:
        copies = Counter(copy.mention_id for case in cases.open_(db) for copy in case.copies)
        assert copies == Counter(range(1, 7))
        assert audit.verify(db) == []
        folded = (
            db.connection().execute(text("SELECT COUNT(*) FROM cases WHERE folded_into IS NOT NULL")).scalar()
        )
        assert folded == done["join"]
    engine.dispose()
