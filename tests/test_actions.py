"""One use of a route, and whether many attack one person: pure."""

import dataclasses
from datetime import timedelta

import pytest
from case_fixtures import BOOK, NOW, a_copy, case, worked
from hypothesis import given
from hypothesis import strategies as st

from core.types import CaseState, Finding
from core.work import Action, ActionState
from policies.actions import ACTIONS, advance
from policies.moves import IllegalMove
from policies.velocity import fold_name, pile_on, targets

ACTING = worked(CaseState.actioning)


def action(state: ActionState = ActionState.drafted, route: str = "platform_notice") -> Action:
    return Action(id=7, case_id=12, route=route, state=state, drafted_by="gale", drafted_at=NOW)


def go(one: Action, verb: str, on=ACTING, actor: str = "dee", words: str = "R-1", **rest) -> Action:
    return advance(one, verb, on, actor=actor, at=NOW, book=BOOK, words=words, **rest)


@pytest.mark.parametrize("state", ActionState)
@pytest.mark.parametrize("verb", [one.verb for one in ACTIONS])
def test_only_the_steps_of_the_table_are_taken(state, verb):
    (line,) = [one for one in ACTIONS if one.verb == verb]
    if state in line.before:
        assert go(action(state), verb).state is line.after
    else:
        with pytest.raises(IllegalMove, match=f"is {state}: it cannot be {verb} now"):
            go(action(state), verb)


def test_every_state_of_an_action_is_reached():
    assert {one.after for one in ACTIONS} | {ActionState.drafted} == set(ActionState)


def test_what_needs_two_people_is_not_approved_by_its_drafter():
    with pytest.raises(IllegalMove, match="another person"):
        go(action(route="police"), "approve", actor="gale")
    assert go(action(route="police"), "approve").approved_by == "dee"
    assert go(action(), "approve", actor="gale").approved_by == "gale"


def test_what_is_sent_bears_a_reference_a_moment_and_perhaps_a_date():
    approved = action(ActionState.approved)
    with pytest.raises(IllegalMove, match="reference"):
        go(approved, "sent", words="")
    due = NOW + timedelta(days=5)
    sent = go(approved, "sent", answer_due_at=due)
    assert (sent.reference, sent.sent_at, sent.answer_due_at) == ("R-1", NOW, due)
    assert go(sent, "answered", words="taken down").answer == "taken down"


@pytest.mark.parametrize("verb", ["approve", "sent"])
def test_nothing_goes_out_on_hold_or_by_a_locked_route_or_by_whom_it_accuses(verb):
    one = action(ActionState.drafted if verb == "approve" else ActionState.approved)
    for state in set(CaseState) - {CaseState.actioning}:
        with pytest.raises(IllegalMove, match="nothing is sent"):
            go(one, verb, on=case(state))
    printed = (dataclasses.replace(a_copy(40), platform="news"),)
    for guard, copies in (("sealed", ()), ("speak_up", ()), ("criticism", printed)):
        with pytest.raises(IllegalMove, match="locked"):
            go(one, verb, on=dataclasses.replace(ACTING, guards=(guard,), copies=copies))
    with pytest.raises(IllegalMove, match="accuses dee"):
        go(one, verb, on=dataclasses.replace(ACTING, conflicts=("dee",)))


def test_an_answer_is_taken_down_whatever_became_of_the_case():
    held = case(CaseState.on_hold)
    assert go(action(ActionState.sent), "answered", on=held).state is ActionState.answered


def test_the_persons_in_an_abusive_text_are_its_targets():
    text = "Dr. Zoë O'Hara and zoe ohara's friend Room 9"
    findings = [
        Finding(kind="person", start=0, end=14),
        Finding(kind="person", start=19, end=30),
        Finding(kind="room", start=38, end=44),
    ]
    assert targets(text, findings, ("harassment", "privacy")) == ("zoe ohara",)
    assert targets(text, findings, ("privacy", "reputation")) == ()
    assert targets(text, [], ("hate",)) == ()


@given(st.text())
def test_a_folded_name_folds_to_itself(name):
    assert fold_name(fold_name(name)) == fold_name(name)


def posts(number: int, authors: int, hours: float = 1) -> list:
    return [(NOW - timedelta(hours=hours), ("x", f"@{n % authors}")) for n in range(number)]


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        (posts(5, 3), True),
        (posts(4, 4), False),
        (posts(50, 2), False),
        (posts(5, 3, hours=24), False),
        (posts(5, 3, hours=-1), False),
        (posts(3, 3) + posts(40, 3, hours=30), False),
        ([], False),
    ],
)
def test_a_pile_on_is_five_posts_by_three_within_a_day(said, is_one):
    assert pile_on(said, NOW) is is_one
