"""What a further copy or edit does to a case in each state: nobody is left untold, and every move is in the table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from storage_fixtures import HOUR, NOW, mention, verdict

from core.types import Case, CaseState, Severity, Step, Verdict, Work
from policies.moves import MACHINE, MOVES
from storage import cases, mentions
from storage.engine import session
from storage.stories import fold

pytest_plugins = ["storage_fixtures"]

LATER = NOW + HOUR
WORKED = Work(
    seen_at=NOW, aware_at=NOW, decided_at=NOW, acted_at=NOW, gone_at=NOW, moved_at=NOW, outcome="edited",
    upheld=("privacy",),
)  # fmt: skip
ASIDE = (CaseState.diverted, CaseState.on_hold)
GRAVER = verdict(Severity.critical)


def case(state: CaseState, **work) -> Case:
    return Case(
        id=1,
        state=state,
        severity=Severity.high,
        labels=("privacy",),
        ask=("privacy",),
        clauses=("004 §9.2",),
        recipients=("governance",),
        reasons=("privacy at the sure threshold",),
        detected_at=NOW,
        work=replace(WORKED, **work),
    )


def grown(before: Case, judged: Verdict = GRAVER, *, edited: bool = False) -> Case:
    return fold(before, judged, edited=edited, now=LATER)


def untouched(after: Case) -> bool:
    """Whether the clocks begin anew and nobody has seen or done anything yet."""
    return (after.work.renewed_at, after.work.seen_at, after.work.acted_at) == (LATER, None, None)


@pytest.mark.parametrize(("judged", "edited"), [(GRAVER, False), (verdict(), True), (GRAVER, True)])
def test_what_was_handed_over_elsewhere_opens_again_once_it_grows(judged: Verdict, edited: bool) -> None:
    after = grown(case(CaseState.diverted, gone_at=None, outcome=""), judged, edited=edited)
    assert (after.state, after.revision) == (CaseState.reopened, 2)
    assert untouched(after)
    assert (after.work.upheld, after.work.outcome, after.work.aware_at) == (None, "", NOW)


def test_another_copy_of_what_was_handed_over_elsewhere_leaves_it_there() -> None:
    before = case(CaseState.diverted, gone_at=None)
    assert grown(before, verdict()) == before


@pytest.mark.parametrize(("judged", "edited"), [(GRAVER, False), (verdict(), True)])
def test_what_is_held_stays_held_and_is_met_anew(judged: Verdict, edited: bool) -> None:
    before = case(CaseState.on_hold, held_from=CaseState.in_review, hold_until=LATER, gone_at=None)
    after = grown(before, judged, edited=edited)
    assert (after.state, after.revision, after.work.held_from) == (CaseState.on_hold, 2, CaseState.in_review)
    assert after.work.hold_until == LATER
    assert untouched(after)


def test_another_copy_of_what_is_held_tells_nobody() -> None:
    before = case(CaseState.on_hold, held_from=CaseState.in_review, gone_at=None)
    assert grown(before, verdict()) == before


@pytest.mark.parametrize(
    ("behind", "comes"),
    [(CaseState.diverted, CaseState.reopened), (CaseState.verifying, CaseState.actioning), (None, None)],
)
def test_a_hold_goes_back_to_where_the_case_would_stand_without_it(behind, comes) -> None:
    after = grown(case(CaseState.on_hold, held_from=behind))
    assert (after.state, after.work.held_from, after.revision) == (CaseState.on_hold, comes, 2)


@pytest.mark.parametrize("gone_at", [None, NOW])
@pytest.mark.parametrize("edited", [False, True])
def test_what_was_taken_to_be_removed_is_still_up(gone_at, edited: bool) -> None:
    after = grown(case(CaseState.verifying, gone_at=gone_at), verdict(Severity.low), edited=edited)
    assert (after.state, after.revision, after.severity) == (CaseState.actioning, 2, Severity.high)
    assert (after.work.gone_at, after.work.outcome) == (None, "")
    assert untouched(after)
    assert (after.work.upheld, after.work.decided_at) == (("privacy",), NOW), "the decision stands"


DISCLOSURE = verdict(guards=("speak_up",))
RELEASED = replace(case(CaseState.in_review), guards=("speak_up",), work=Work(released_at=NOW))


@pytest.mark.parametrize(
    ("before", "judged", "edited"),
    [
        (RELEASED, DISCLOSURE, True),
        (replace(RELEASED, state=CaseState.closed), DISCLOSURE, False),
        (replace(RELEASED, state=CaseState.diverted), replace(DISCLOSURE, severity=Severity.critical), False),
        (RELEASED, replace(DISCLOSURE, labels=("threat",)), False),
        (RELEASED, replace(DISCLOSURE, ask=("threat",)), False),
        (replace(RELEASED, guards=()), DISCLOSURE, False),
    ],
)
def test_another_disclosure_shuts_the_gate_again(before: Case, judged: Verdict, edited: bool) -> None:
    assert grown(before, judged, edited=edited).work.released_at is None


@pytest.mark.parametrize(("judged", "edited"), [(DISCLOSURE, False), (verdict(), True)])
def test_what_was_released_stays_released_for_the_same_words_and_for_others_that_are_none(
    judged: Verdict, edited: bool
) -> None:
    assert grown(RELEASED, judged, edited=edited).work.released_at == NOW


def legal(before: Case, after: Case, verb: str) -> bool:
    """Whether the table of moves has this as a move of the machine, and all that the move takes back is gone."""
    return any(
        one.verb == verb
        and before.state in one.before
        and one.after == after.state
        and MACHINE in one.roles
        and not any(getattr(after.work, name) for name in one.clears)
        and all(getattr(after.work, name) for name in one.sets)
        for one in MOVES
    )


@given(
    st.sampled_from(CaseState),
    st.sampled_from([None, *ASIDE, CaseState.verifying]),
    st.sampled_from(Severity),
    st.sampled_from(["privacy", "threat"]),
    st.booleans(),
)
def test_every_move_of_the_machine_is_one_of_the_table(state, behind, severity, label, edited) -> None:
    before = case(state, held_from=behind if state is CaseState.on_hold else None)
    after = grown(before, verdict(severity, labels=(label,)), edited=edited)
    if after.state is not before.state:
        assert legal(before, after, {"actioning": "still_up"}.get(after.state, "reopen"))
        assert after.revision > before.revision, "whoever has a move behind their back is told"
    assert after.revision > before.revision or after.work.renewed_at is None


# As it is stored


def say(engine: Engine, key: str, text: str = "words", judged: Verdict | None = None, now=NOW) -> Case | None:
    with session(engine) as db:
        (id_,) = mentions.add_new(db, [mention(key, text, author="@jo")], now)
        (stored,) = mentions.read(db, [id_])
        return mentions.settle(db, stored, judged or verdict(), now)


@pytest.fixture
def opened(engine: Engine) -> Case:
    found = say(engine, "1")
    assert found is not None
    return found


def stand(engine: Engine, before: Case, state: CaseState, **work) -> None:
    step = Step(
        case_id=before.id, before=before.state, after=state, actor="gale", role="governance", at=NOW,
        reason="r", verb="test",
    )  # fmt: skip
    with session(engine) as db:
        cases.move(db, before, step, replace(before, state=state, work=replace(WORKED, **work)))


def last(engine: Engine, number: int) -> Step:
    with session(engine, read_only=True) as db:
        return cases.steps(db, number)[-1]


def test_a_repost_during_verification_is_told_and_on_record_as_still_up(engine: Engine, opened: Case) -> None:
    stand(engine, opened, CaseState.verifying)
    told = say(engine, "2", now=LATER)
    assert told is not None
    assert (told.state, len(told.copies)) == (CaseState.actioning, 2)
    assert untouched(told)
    step = last(engine, opened.id)
    assert (step.verb, step.before, step.after) == ("still_up", CaseState.verifying, CaseState.actioning)
    assert step.reason.startswith("another copy (mention ")


def test_an_edit_takes_a_diverted_case_back_on_record_as_opened_again(engine: Engine, opened: Case) -> None:
    stand(engine, opened, CaseState.diverted)
    told = say(engine, "1", "worse words", GRAVER, LATER)
    assert told is not None
    assert (told.state, told.severity) == (CaseState.reopened, Severity.critical)
    assert (last(engine, opened.id).verb, last(engine, opened.id).after) == ("reopen", CaseState.reopened)


def test_the_record_of_a_held_case_says_that_it_has_grown(engine: Engine, opened: Case) -> None:
    stand(engine, opened, CaseState.on_hold, held_from=CaseState.in_review)
    assert say(engine, "2", now=LATER) is None
    assert "on hold" not in last(engine, opened.id).reason
    told = say(engine, "1", "worse words", GRAVER, LATER)
    assert told is not None
    assert (told.state, told.work.held_from) == (CaseState.on_hold, CaseState.in_review)
    assert untouched(told)
    step = last(engine, opened.id)
    assert (step.verb, step.before, step.after) == ("edit", CaseState.on_hold, CaseState.on_hold)
    assert "the case has grown while on hold" in step.reason
