"""A case's life: no illegal way through it, and a legal way to every end."""

from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from typing import ClassVar

import pytest
from case_fixtures import BOOK, DECISION, HOLDER, NOW, TEAM, a_copy, case, worked
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.types import Case, CaseState, Severity, Step, Work
from core.vocabulary import GUARDS, ROLES
from core.work import Action, ActionState
from policies import diagram
from policies.actions import advance
from policies.checks import open_routes
from policies.lifecycle import move, way
from policies.moves import DECISIVE, MOVES, OUTCOMES, REMOVED, VERBS, Facts, IllegalMove

CLEARING = ("reopen", "still_up", "seal", "divert")
PAST = NOW - timedelta(hours=2)
ALL_FACTS = {
    "divert": Facts(to="complaint"),
    "dismiss": Facts(outcome="irrelevant"),
    "decide": DECISION,
    "act": Facts(routes=("platform_notice",)),
    "gone": Facts(gone=(40, 41)),
    "join": Facts(into=3),
    "hold": Facts(asked_by="police"),
    "assign": Facts(to="pat"),
    "hand_over": Facts(to="legal"),
    "own_breach": Facts(own_breach=True),
}


def facts_for(verb: str, state: CaseState) -> Facts:
    if verb == "outcome":
        return Facts(outcome="removed_by_poster")
    if verb == "close":
        return Facts(outcome="edited" if state is CaseState.verifying else "nothing_to_do")
    return ALL_FACTS.get(verb, Facts())


def take(one: Case, verb: str, role: str = "governance", **rest) -> Case:
    values = {
        "actor": HOLDER.get(role, "gale"),
        "role": role,
        "at": NOW,
        "reason": "because",
        "facts": facts_for(verb, one.state),
        "members": TEAM,
        "book": BOOK,
    }
    return move(one, verb, **(values | rest))[1]


def test_every_state_verb_and_role_is_as_the_table_says():
    tried = Counter()
    for state in CaseState:
        for verb in VERBS:
            for role in (*ROLES, "machine"):
                one = replace(
                    case(state),
                    guards=("speak_up",) if verb == "release_disclosure" else (),
                    work=Work(
                        held_from=CaseState.decided if state is CaseState.on_hold else None,
                        upheld=("privacy",),
                        gone_at=NOW if state is CaseState.verifying else None,
                    ),
                )
                lines = [m for m in MOVES if m.verb == verb and state in m.before and role in m.roles]
                tried[bool(lines)] += 1
                try:
                    after = take(one, verb, role)
                except IllegalMove:
                    assert not lines, (state, verb, role)
                    continue
                assert lines, (state, verb, role)
                allowed = {one.work.held_from if m.after == "back" else m.after or state for m in lines}
                assert after.state in allowed
    assert tried.total() == len(CaseState) * len(VERBS) * (len(ROLES) + 1)
    assert tried[True] > 500


def test_every_state_can_be_reached_and_left_for_the_end():
    for state in CaseState:
        assert state is CaseState.raised or way(CaseState.raised, [state])
        start = CaseState.in_review if state is CaseState.on_hold else state  # a hold ends where it began
        assert start is CaseState.closed or way(start, [CaseState.closed])


@pytest.mark.parametrize(
    ("state", "verb", "first"),
    [
        (CaseState.raised, "decide", "case 12 is raised: `redshank case review 12` first"),
        (CaseState.on_hold, "act", "case 12 is on hold: `redshank case resume 12` first"),
        (CaseState.closed, "decide", "case 12 is closed: `redshank case reopen 12` first"),
        (CaseState.in_review, "act", "case 12 is in review: `redshank case decide 12` first"),
        (CaseState.decided, "gone", "case 12 is decided: `redshank case act 12` first"),
        (CaseState.closed, "close", "case 12 is closed: `redshank case reopen 12` first"),
        (CaseState.closed, "reopen", None),
    ],
)
def test_what_may_not_be_done_yet_is_told_with_what_to_do_first(state, verb, first):
    if first is None:
        assert take(case(state), verb).state is CaseState.reopened
        return
    with pytest.raises(IllegalMove, match="^" + first.replace("`", "`")):
        take(case(state), verb)


@pytest.mark.parametrize("gap", ["actor", "role", "reason"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_no_step_without_somebody_a_role_and_a_reason(gap, empty):
    with pytest.raises(IllegalMove):
        take(case(), "note", **{gap: empty})


def test_a_decision_needs_every_fact():
    for name in ("ours", "known", "own_breach", "standing", "balance", "upheld", "decision"):
        short = replace(DECISION, **{name: "" if isinstance(getattr(DECISION, name), str) else None})
        with pytest.raises(IllegalMove, match="to decide a case, say"):
            take(case(CaseState.in_review), "decide", facts=short)
    for name in ("standing", "decision"):
        with pytest.raises(IllegalMove, match=f"unknown {name} x: one of"):
            take(case(CaseState.in_review), "decide", facts=replace(DECISION, **{name: "x"}))
    with pytest.raises(IllegalMove, match="unknown label"):
        take(case(CaseState.in_review), "decide", facts=replace(DECISION, upheld=("rude",)))


def test_a_decision_confirms_and_dates():
    after = take(case(CaseState.in_review), "decide", facts=replace(DECISION, upheld=()))
    assert after.work == Work(
        seen_at=NOW, aware_at=NOW, decided_at=NOW, moved_at=NOW, own_breach=False, upheld=()
    )


@pytest.mark.parametrize("decision", ["no_action", "monitor_only"])
def test_what_nothing_is_to_be_done_about_is_closed_or_decided_anew(decision):
    decided = take(case(CaseState.in_review), "decide", facts=replace(DECISION, decision=decision))
    with pytest.raises(IllegalMove, match="decide anew"):
        take(decided, "act")
    assert take(decided, "close").work.outcome == "nothing_to_do"
    assert take(take(decided, "decide"), "act").state is CaseState.actioning


def test_our_own_breach_starts_the_clock_and_tells_the_data_protection_officer():
    after = take(case(work=Work(aware_at=PAST)), "own_breach")
    assert (after.work.own_breach, after.work.aware_at) == (True, PAST)
    after = take(case(), "own_breach")
    assert (after.work.aware_at, after.recipients, after.revision) == (NOW, ("governance", "dpo"), 2)
    assert take(case(), "own_breach", facts=Facts(own_breach=False)).work.aware_at is None


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_a_case_accuses_takes_no_step_on_it(verb):
    accusing = replace(case(CaseState.triaged), conflicts=("gale",))
    with pytest.raises(IllegalMove):
        take(accusing, verb)


@pytest.mark.parametrize("verb", sorted(DECISIVE))
def test_only_the_deputy_decides_where_a_decider_is_accused(verb):
    state = next(state for m in MOVES if m.verb == verb for state in m.before)
    accusing = replace(worked(state, gone_at=NOW), guards=("conflict",), conflicts=("sal",))
    with pytest.raises(IllegalMove, match="only role deputy may"):
        take(accusing, verb)
    assert take(accusing, verb, "deputy")


@pytest.mark.parametrize("verb", sorted(DECISIVE))
@pytest.mark.parametrize(
    ("accused", "instead"),
    [
        (("dee",), "safeguarding"),
        (("dee", "sal"), "governance"),
        (("dee", "sal", "gale", "max"), "dpo"),
        (("dee", "sal", "gale", "max", "pat"), "legal"),
    ],
)
def test_an_accused_deputy_leaves_the_case_to_the_next_who_is_not(verb, accused, instead):
    state = next(state for m in MOVES if m.verb == verb for state in m.before)
    for labels in (("privacy",), ("safeguarding",)):
        accusing = replace(worked(state, gone_at=NOW), guards=("conflict",), conflicts=accused, labels=labels)
        if "safeguarding" in labels:
            accusing = replace(accusing, work=replace(accusing.work, upheld=("safeguarding",)))
        assert take(accusing, verb, instead)
        for role in {"deputy", "safeguarding", "governance", "dpo"} - {instead}:
            with pytest.raises(IllegalMove):
                take(accusing, verb, role)


def test_whoever_decides_instead_takes_the_case_through_all_its_steps():
    accused = ("dee", "sal", "gale", "max", "pat")
    one = replace(case(), guards=("conflict",), conflicts=accused)
    for verb in ("triage", "review", "decide"):
        one = take(one, verb, "legal")
    assert take(one, "act", "legal", facts=Facts(routes=("answer",))).state is CaseState.actioning
    with pytest.raises(IllegalMove, match="role legal may not review"):
        take(case(CaseState.triaged), "review", "legal")


def test_a_reviewer_may_find_a_conflict_but_not_be_one():
    found = take(
        case(CaseState.triaged, work=Work(assignee="sal")), "review", facts=Facts(conflicts=("sal",))
    )
    assert (found.conflicts, found.guards, found.work.assignee) == (("sal",), ("conflict",), "")
    assert found.recipients == ("governance", "deputy")
    accused = take(case(CaseState.triaged), "review", facts=Facts(conflicts=("dee",)))
    assert accused.recipients == ("governance", "safeguarding")
    with pytest.raises(IllegalMove, match="hand it over"):
        take(case(CaseState.triaged), "review", facts=Facts(conflicts=("gale",)))
    with pytest.raises(IllegalMove, match="nobody of the team"):
        take(case(CaseState.triaged), "review", facts=Facts(conflicts=("nobody",)))


@pytest.mark.parametrize("restricting", [{"labels": ("safeguarding",)}, {"guards": ("sealed",)}])
def test_safeguarding_is_moved_by_a_short_list(restricting):
    grave = replace(case(CaseState.raised), **restricting)
    for role in ("governance", "deputy", "safeguarding"):
        assert take(grave, "triage", role).state is CaseState.triaged
    with pytest.raises(IllegalMove, match="restricted"):
        take(grave, "triage", "dpo")
    assert take(grave, "note", "operator")
    judged = replace(grave, work=Work(upheld=("privacy",)))
    assert "guards" in restricting or take(judged, "triage", "dpo")


def test_the_speak_up_gate_opens_only_from_outside_the_line():
    gated = replace(worked(CaseState.decided), guards=("speak_up",), routes=("hr", "answer"))
    for verb_route in ("platform_notice", "hr"):
        with pytest.raises(IllegalMove, match="speak_up releases it"):
            take(gated, "act", facts=Facts(routes=(verb_route,), approver="dee"))
    assert take(gated, "act", facts=Facts(routes=("answer",))).state is CaseState.actioning
    with pytest.raises(IllegalMove, match="role governance may not"):
        take(gated, "release_disclosure")
    with pytest.raises(IllegalMove, match="outside the line"):
        take(gated, "release_disclosure", "speak_up", actor="max")
    with pytest.raises(IllegalMove, match="outside the line"):
        take(replace(gated, work=replace(gated.work, assignee="una")), "release_disclosure", "speak_up")
    released = take(gated, "release_disclosure", "speak_up")
    assert released.work.released_at == NOW
    assert take(released, "act", facts=Facts(routes=("hr",), approver="dee")).state is CaseState.actioning
    with pytest.raises(IllegalMove, match="waits for a release"):
        take(released, "release_disclosure", "speak_up")


def test_what_is_diverted_to_the_guardian_comes_back_by_them_only():
    diverted = take(case(CaseState.triaged), "divert", facts=Facts(to="speak_up"))
    assert (diverted.guards, diverted.recipients, diverted.revision) == (
        ("speak_up",),
        ("governance", "speak_up"),
        2,
    )
    with pytest.raises(IllegalMove, match="must release it first"):
        take(diverted, "review")
    assert take(take(diverted, "release_disclosure", "speak_up"), "review").state is CaseState.in_review
    again = take(
        replace(diverted, state=CaseState.in_review, work=Work(released_at=PAST)),
        "divert",
        facts=Facts(to="speak_up"),
    )
    assert again.work.released_at is None
    with pytest.raises(IllegalMove, match="unknown to nowhere"):
        take(case(CaseState.triaged), "divert", facts=Facts(to="nowhere"))


def test_routes_are_known_grounded_and_approved_by_another():
    decided = worked(CaseState.decided)
    police = Facts(routes=("police",))
    for facts, problem in (
        (Facts(routes=("shout",)), "unknown route"),
        (police, "needs a second person"),
        (replace(police, approver="gale"), "another person than you"),
        (replace(police, approver="zoe"), "nobody of the team"),
    ):
        with pytest.raises(IllegalMove, match=problem):
            take(decided, "act", facts=facts)
    assert take(decided, "act", facts=replace(police, approver="dee")).state is CaseState.actioning
    groundless = replace(decided, work=Work(upheld=()))
    with pytest.raises(IllegalMove, match="needs a ground"):
        take(groundless, "act")


def test_no_removal_is_taken_where_it_is_never_offered():
    printed = (a_copy(40), replace(a_copy(41), platform="news"))
    for never in ({"guards": ("sealed",)}, {"guards": ("criticism",), "copies": printed}):
        with pytest.raises(IllegalMove, match="is locked on case 12"):
            take(replace(worked(CaseState.decided), **never), "act")


@pytest.mark.parametrize("guards", [(), ("criticism",), ("speak_up", "criticism")])
@pytest.mark.parametrize("upheld", [(), ("reputation",)])
def test_an_accusation_alone_is_no_ground_for_removal_whatever_the_guard(guards, upheld):
    decided = replace(case(CaseState.in_review), guards=guards, routes=("answer", "platform_notice"))
    decided = take(decided, "decide", facts=replace(DECISION, upheld=upheld))
    with pytest.raises(IllegalMove, match="route platform_notice is locked on case 12"):
        take(decided, "act")
    assert open_routes(decided, BOOK)[1] == ("platform_notice",)


def test_a_person_who_confirms_more_than_an_accusation_opens_removal_and_anew_shuts_it():
    free = replace(case(CaseState.in_review), guards=("criticism",), routes=("answer",))
    with pytest.raises(IllegalMove, match="removal needs a ground"):
        take(replace(free, state=CaseState.decided), "act")
    decided = take(free, "decide", facts=replace(DECISION, upheld=("reputation", "harassment")))
    assert decided.guards == ("criticism",)
    assert open_routes(decided, BOOK) == (("answer", "platform_notice"), ())
    acting = take(decided, "act")
    assert acting.state is CaseState.actioning
    anew = take(acting, "decide", facts=replace(DECISION, upheld=("reputation",)))
    assert open_routes(anew, BOOK) == (("answer", "complaints"), ("platform_notice",))
    drafted = Action(
        id=1,
        case_id=12,
        route="platform_notice",
        state=ActionState.approved,
        drafted_by="gale",
        drafted_at=NOW,
    )
    again = take(anew, "act", facts=Facts(routes=("answer",)))
    with pytest.raises(IllegalMove, match="is locked on case 12"):
        advance(drafted, "sent", again, actor="gale", at=NOW, book=BOOK, words="R")


def test_what_a_newspaper_printed_is_never_taken_down_by_a_decision():
    printed = replace(
        case(CaseState.in_review), guards=("criticism",), copies=(replace(a_copy(40), platform="news"),)
    )
    decided = take(printed, "decide")
    assert "platform_notice" not in decided.routes
    with pytest.raises(IllegalMove, match="the press may be answered"):
        take(decided, "act")


def test_gone_is_gone_everywhere_and_seen_by_a_person():
    verifying = worked(CaseState.verifying, outcome="edited")
    with pytest.raises(IllegalMove, match="nobody has seen"):
        take(verifying, "close")
    with pytest.raises(IllegalMove, match="mentions 41"):
        take(verifying, "gone", facts=Facts(gone=(40,)))
    with pytest.raises(IllegalMove):
        take(verifying, "gone", "machine")
    gone = take(verifying, "gone")
    assert (gone.state, gone.work.gone_at) == (CaseState.verifying, NOW)
    assert take(gone, "close").state is CaseState.closed
    back = take(gone, "still_up", "machine")
    assert (back.state, back.work.gone_at, back.work.outcome) == (CaseState.actioning, None, "")
    assert back.work.moved_at == gone.work.moved_at


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_outcome_leads_where_it_must(outcome):
    after = take(worked(CaseState.actioning), "outcome", facts=Facts(outcome=outcome))
    assert after.state is (CaseState.verifying if outcome in REMOVED else CaseState.decided)
    assert after.work.outcome == outcome
    with pytest.raises(IllegalMove, match="vanished is no outcome of a case that is actioning"):
        take(worked(CaseState.actioning), "outcome", facts=Facts(outcome="vanished"))


def test_a_hold_goes_back_to_where_it_took_the_case_from():
    until = NOW + timedelta(days=7)
    for state in CaseState:
        if state in (CaseState.closed, CaseState.on_hold):
            continue
        held = take(case(state), "hold", facts=Facts(asked_by="lado", until=until))
        assert (held.state, held.work.held_from, held.work.hold_until) == (CaseState.on_hold, state, until)
        back = take(held, "resume")
        assert (back.state, back.work.held_from, back.work.hold_until) == (state, None, None)
    with pytest.raises(IllegalMove, match="who asked for it"):
        take(case(), "hold", facts=Facts())
    with pytest.raises(IllegalMove, match="unknown asked by the mayor"):
        take(case(), "hold", facts=Facts(asked_by="the mayor"))


def test_sealing_makes_it_critical_and_tells_safeguarding():
    sealed = take(case(), "seal", "comms")
    assert (sealed.guards, sealed.severity) == (("sealed",), Severity.critical)
    assert sealed.recipients == ("governance", "safeguarding")
    assert sealed.revision > 1
    with pytest.raises(IllegalMove, match="sealed already"):
        take(sealed, "seal")


def test_what_is_opened_again_or_sealed_begins_its_clocks_anew():
    old = Work(seen_at=PAST, aware_at=PAST, acted_at=PAST, closed_at=PAST, outcome="edited", upheld=())
    anew = Work(seen_at=NOW, aware_at=PAST, moved_at=NOW, renewed_at=NOW)
    assert take(case(CaseState.closed, work=old), "reopen").work == anew
    unseen = Work(aware_at=PAST, renewed_at=NOW)
    for role in ("machine", "operator", "auditor", "hr"):
        assert take(case(CaseState.closed, work=old), "reopen", role).work == unseen
    seen = Work(seen_at=PAST, aware_at=PAST, acted_at=PAST, moved_at=PAST)
    for role in ("governance", "safeguarding", "operator"):
        assert take(case(work=seen), "seal", role).work == replace(unseen, moved_at=PAST)
        assert take(case(work=seen, severity=Severity.critical), "seal", role).work == seen


def test_sealing_offers_what_comes_first_then_and_no_removal():
    sealed = take(replace(case(), routes=("platform_notice", "answer", "hr")), "seal", "operator")
    assert sealed.routes == ("iwf", "ceop", "police", "answer", "hr")
    assert open_routes(sealed, BOOK) == (sealed.routes, ())
    diverted = take(
        replace(case(CaseState.triaged), routes=("hr", "answer")), "divert", facts=Facts(to="speak_up")
    )
    assert open_routes(diverted, BOOK) == (("speak_up_guardian", "answer"), ("hr",))


@pytest.mark.parametrize("verb", ["note", "acknowledge", "seal", "aware"])
def test_whoever_does_not_answer_for_a_case_has_not_looked_at_it(verb):
    critical = case(severity=Severity.critical, work=Work(assignee="lee"))
    for role in ("operator", "auditor", "hr", "comms", "dpo", "speak_up"):
        if any(role in m.roles for m in MOVES if m.verb == verb):
            after = take(critical, verb, role).work
            assert (after.seen_at, after.moved_at) == (None, None), role
    if verb == "seal":
        return
    for role in ("governance", "deputy", "safeguarding", "legal"):  # those who lead, and whose it is
        after = take(critical, verb, role).work
        assert (after.seen_at, after.moved_at) == (NOW, NOW), role


def test_a_role_that_is_told_answers_for_a_case_and_the_guardian_for_a_disclosure():
    told = replace(case(), recipients=("governance", "comms", "hr"))
    for role in ("comms", "hr"):
        assert take(told, "note", role).work.seen_at == NOW
    warned = replace(told, guards=("speak_up",))
    assert take(warned, "note", "hr").work.seen_at is None
    assert take(warned, "note", "speak_up").work.seen_at == NOW
    released = replace(warned, work=Work(released_at=PAST))
    assert take(released, "note", "hr").work.seen_at == NOW


def test_handing_over_to_a_role_tells_it_and_frees_the_case():
    mine = take(case(), "assign")
    assert mine.work.assignee == "pat"
    theirs = take(mine, "hand_over")
    assert (theirs.work.assignee, theirs.recipients, theirs.revision) == ("", ("governance", "legal"), 2)
    assert take(mine, "hand_over", facts=Facts(to="lee")).work.assignee == "lee"
    with pytest.raises(IllegalMove, match="who cannot take it"):
        take(replace(case(), conflicts=("pat",)), "assign")


def test_a_member_acts_in_a_role_that_they_hold_and_the_machine_in_its_own():
    for wrong in (
        ("gale", "deputy"),
        ("nobody", "governance"),
        ("gale", "machine"),
        ("machine", "governance"),
        ("gale", "king"),
    ):
        with pytest.raises(IllegalMove):
            take(case(), "triage", wrong[1], actor=wrong[0])
    assert take(case(), "triage", actor="anybody", members=())


def test_a_machines_step_is_no_persons_look():
    assert take(case(), "triage", "machine").work == Work()
    assert take(case(), "triage").work == Work(seen_at=NOW, moved_at=NOW)


def test_an_unknown_step_is_told():
    with pytest.raises(IllegalMove, match="unknown step dance"):
        take(case(), "dance")


def test_the_page_shows_the_table_as_it_is():
    page = diagram.PAGE.read_text(encoding="utf-8")
    assert diagram.update(page) == page, "run python -m policies.lifecycle"


def test_a_page_without_markers_is_told():
    with pytest.raises(ValueError, match="lost a marker"):
        diagram.update("# Cases")


class Life(RuleBasedStateMachine):
    """Anybody tries anything, at any time, in any order."""

    tried: ClassVar[Counter[str]] = Counter()

    def __init__(self):
        super().__init__()
        self.case, self.now, self.steps = case(), NOW, []

    @rule(
        verb=st.sampled_from(VERBS),
        role=st.sampled_from([*ROLES, "machine"]),
        outcome=st.sampled_from(["", *OUTCOMES, "irrelevant"]),
        decision=st.sampled_from(["act", "no_action"]),
        to=st.sampled_from(["speak_up", "complaint", "pat", "sal"]),
        routes=st.sampled_from([("platform_notice",), ("hr",), ("answer",), ("iwf",)]),
        wait=st.integers(-5, 60),
    )
    def anything(self, verb, role, outcome, decision, to, routes, wait):
        self.now += timedelta(minutes=wait)
        before = self.case
        facts = replace(
            DECISION,
            outcome=outcome,
            decision=decision,
            to=to,
            routes=routes,
            asked_by="court",
            approver="dee",
            gone=(40, 41),
            into=99,
        )
        try:
            step, after = move(
                before,
                verb,
                actor=HOLDER[role],
                role=role,
                at=self.now,
                reason="r",
                facts=facts,
                members=TEAM,
                book=BOOK,
            )
        except IllegalMove:
            Life.tried["refused"] += 1
            return
        Life.tried["taken"] += 1
        self.check(before, step, after)
        self.case = after

    def check(self, before: Case, step: Step, after: Case):
        assert before.work.folded_into is None
        assert (step.before, step.after, step.verb) == (before.state, after.state, step.verb)
        lines = [
            m for m in MOVES if m.verb == step.verb and before.state in m.before and step.role in m.roles
        ]
        assert lines
        assert set(before.guards) <= set(after.guards) <= set(GUARDS)
        assert set(before.recipients) <= set(after.recipients)
        assert (after.revision, after.severity) >= (before.revision, before.severity)
        for name in (one.name for one in fields(Work) if one.name.endswith("_at")):
            old, new = getattr(before.work, name), getattr(after.work, name)
            assert old is None or new is None or new >= old
            assert old is None or new is not None or step.verb in CLEARING
        if step.verb == "resume":
            assert after.state is before.work.held_from

    @precondition(lambda self: self.case.work.folded_into is not None)
    @rule(verb=st.sampled_from(VERBS))
    def a_joined_case_never_moves(self, verb):
        with pytest.raises(IllegalMove, match="was joined to case 99"):
            take(self.case, verb)

    @invariant()
    def it_stands_where_it_can_stand(self):
        work, state = self.case.work, self.case.state
        assert (work.closed_at is not None) == (state is CaseState.closed)
        assert (work.held_from is not None) == (state is CaseState.on_hold)
        assert state is not CaseState.closed or work.outcome
        if state in (CaseState.actioning, CaseState.verifying):
            assert work.decided_at is not None
        if state is CaseState.closed and work.outcome in REMOVED:
            assert work.gone_at is not None


def test_no_way_through_a_case_is_illegal():
    Life.tried.clear()
    run_state_machine_as_test(
        Life, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
    )
    assert Life.tried["taken"] > 200
    assert Life.tried["refused"] > 1000
