"""The desk: each step loaded, allowed, stored and on record in one transaction."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from case_fixtures import BOOK, DECISION, HOLDER, TEAM
from sqlalchemy import Engine
from storage_fixtures import HOUR, NOW, mention, verdict

from core.errors import RedshankError
from core.hours import Hours
from core.types import Case, CaseState
from core.work import ActionState, Clock
from core.worktime import Calendar
from policies.moves import VERBS, Facts, IllegalMove
from review.casefile import overdue
from review.desk import Desk, Who, who
from storage import audit, cases, mentions
from storage.engine import session

pytest_plugins = ["storage_fixtures"]

Say = Callable[..., Case]


def as_(role: str) -> Who:
    return Who(HOLDER[role], role)


GALE, DEE, SAL, UNA = (as_(role) for role in ("governance", "deputy", "safeguarding", "speak_up"))


@pytest.fixture
def desk(engine: Engine) -> Desk:
    calendar = Calendar(Hours.parse("Mon-Fri 08:00-18:00"), NOW.tzinfo)  # type: ignore[arg-type]
    return Desk(engine, BOOK, now=lambda: NOW + HOUR, members=TEAM, calendar=calendar)


@pytest.fixture
def say(engine: Engine) -> Say:
    numbers = iter(range(100))

    def _say(author: str = "@jo", **judged) -> Case:
        with session(engine) as db:
            said = mention(str(next(numbers)), text=f"by {author}", author=author)
            (id_,) = mentions.add_new(db, [said], NOW)
            (stored,) = mentions.read(db, [id_])
            mentions.settle(db, stored, verdict(**judged), NOW)
            return cases.open_(db)[-1]

    return _say


def verbs(desk: Desk, number: int) -> list[str]:
    with session(desk.engine, read_only=True) as db:
        assert audit.verify(db) == []
        return [one.action for one in audit.entries(db, number)]


def test_a_case_goes_from_raised_to_closed(desk: Desk, say: Say) -> None:
    number = say().id
    desk.take(number, "assign", GALE, "r", Facts(to="Pat"))
    assert desk.take(number, "review", GALE, "r").state is CaseState.in_review
    desk.take(number, "decide", GALE, "r", DECISION)
    acting = desk.take(number, "act", GALE, "r", Facts(routes=("platform_notice", "police"), approver="Dee"))
    assert acting.state is CaseState.actioning
    notice, police = desk.show(number).actions
    assert (notice.state, notice.approved_by) == (ActionState.approved, "gale")
    assert (police.state, police.approved_by) == (ActionState.drafted, "")
    with pytest.raises(IllegalMove, match="another person"):
        desk.advance(police.id, "approve", GALE, "r")
    assert desk.advance(police.id, "approve", DEE, "r").approved_by == "dee"
    assert desk.advance(notice.id, "sent", GALE, "r", "R-1").sent_at == NOW + HOUR
    assert desk.advance(notice.id, "answered", GALE, "r", "down").answer == "down"
    desk.take(number, "outcome", GALE, "r", Facts(outcome="removed_by_platform"))
    copies = tuple(copy.mention_id for copy in acting.copies)
    desk.take(number, "gone", GALE, "r", Facts(gone=copies))
    closed = desk.take(number, "close", GALE, "r", Facts(outcome="removed_by_platform"))
    assert (closed.state, closed.work.outcome) == (CaseState.closed, "removed_by_platform")
    assert closed.work.acted_at == closed.work.gone_at == closed.work.closed_at == NOW + HOUR
    assert closed.work.assignee == "pat"
    assert verbs(desk, number) == [
        "raise",
        "assign",
        "triage",
        "review",
        "decide",
        "act",
        "action_drafted",
        "action_approved",
        "action_drafted",
        "action_approved",
        "action_sent",
        "action_answered",
        "outcome",
        "gone",
        "close",
    ]
    with session(desk.engine, read_only=True) as db:
        (decided,) = [one for one in audit.entries(db, number) if one.action == "decide"]
    assert decided.details["standing"] == "affected_person"
    assert decided.details["upheld"] == ["privacy"]


def test_a_refused_step_leaves_no_trace(desk: Desk, say: Say) -> None:
    before = say()
    with pytest.raises(IllegalMove, match="unknown to"):
        desk.take(
            before.id, "divert", GALE, "r", Facts(to="nowhere")
        )  # not even the triage that it begins with
    for verb in set(VERBS) - {"note", "seal", "acknowledge"}:
        with pytest.raises(RedshankError):
            desk.take(before.id, verb, as_("auditor"), "r")
    assert desk.show(before.id).case == before
    assert verbs(desk, before.id) == ["raise"]


def test_an_answer_is_due_in_the_time_that_the_route_gives(engine: Engine, say: Say) -> None:
    book = BOOK | {"answer": BOOK["answer"].model_copy(update={"answer_within": "3 working days"})}
    calendar = Calendar(Hours.parse("Mon-Fri 08:00-18:00"), NOW.tzinfo)  # type: ignore[arg-type]
    desk = Desk(engine, book, now=lambda: NOW, members=TEAM, calendar=calendar)
    number = say().id
    desk.take(number, "review", GALE, "r")
    desk.take(number, "decide", GALE, "r", DECISION)
    desk.take(number, "act", GALE, "r", Facts(routes=("answer",)))
    (action,) = desk.show(number).actions
    with pytest.raises(IllegalMove, match="may not take a route"):
        desk.advance(action.id, "sent", as_("hr"), "r", "R")
    sent = desk.advance(action.id, "sent", as_("comms"), "r", "R")  # who owns the route
    assert sent.answer_due_at is not None
    assert sent.answer_due_at - NOW >= timedelta(days=3)


def test_on_hold_nothing_goes_out(desk: Desk, say: Say) -> None:
    number = say().id
    desk.take(number, "review", GALE, "r")
    desk.take(number, "decide", GALE, "r", DECISION)
    desk.take(number, "act", GALE, "r", Facts(routes=("answer",)))
    desk.take(number, "hold", GALE, "r", Facts(asked_by="police"))
    (action,) = desk.show(number).actions
    with pytest.raises(IllegalMove, match="nothing is sent"):
        desk.advance(action.id, "sent", GALE, "r", "R")
    desk.take(number, "resume", GALE, "r")
    assert desk.advance(action.id, "sent", GALE, "r", "R")


def test_locked_routes_are_shown_until_they_are_released(desk: Desk, say: Say) -> None:
    number = say(guards=("speak_up",), routes=("speak_up_guardian", "hr", "answer")).id
    assert desk.show(number).locked == ("hr",)
    desk.take(number, "release_disclosure", UNA, "outside the line")
    assert desk.show(number).locked == ()


def test_joining_needs_both_cases_to_be_ones_own(desk: Desk, say: Say) -> None:
    one, two = say("@jo").id, say("@sam", labels=("safeguarding",)).id
    with pytest.raises(IllegalMove, match="restricted"):
        desk.take(one, "join", as_("dpo"), "r", Facts(into=two))
    with pytest.raises(IllegalMove, match="to itself"):
        desk.take(one, "join", GALE, "r", Facts(into=one))
    with pytest.raises(RedshankError, match="no case 99"):
        desk.take(one, "join", GALE, "r", Facts(into=99))
    joined = desk.take(one, "join", GALE, "r", Facts(into=two))
    assert (joined.id, len(joined.copies)) == (two, 2)
    with pytest.raises(IllegalMove, match=f"joined to case {two}"):
        desk.take(one, "note", GALE, "r")
    made = desk.split(two, [joined.copies[0].mention_id], GALE, "r")
    assert len(made.copies) == 1
    with pytest.raises(IllegalMove, match="may not split"):
        desk.split(two, [1], as_("auditor"), "r")


def test_a_reader_of_safeguarding_text_is_on_record(desk: Desk, say: Say) -> None:
    number = say(labels=("safeguarding",)).id
    for reader in (None, GALE, UNA):
        with pytest.raises(IllegalMove, match="opens to safeguarding only"):
            desk.texts(number, reader)
    assert [one.mention.text for one in desk.texts(number, SAL)] == ["by @jo"]
    with session(desk.engine, read_only=True) as db:
        last = audit.entries(db, number)[-1]
    assert (last.action, last.actor, last.role) == ("read_text", "sal", "safeguarding")


def test_texts_open_to_whom_they_may(desk: Desk, say: Say) -> None:
    free, doubted = say("@a").id, say("@b", ask=("safeguarding",)).id
    assert desk.texts(free, None)
    assert desk.texts(doubted, GALE)
    assert verbs(desk, free) == ["raise"]
    assert verbs(desk, doubted) == ["raise", "read_text"]
    worker = say("@c", guards=("speak_up",)).id
    with pytest.raises(IllegalMove, match="opens to safeguarding or speak_up only"):
        desk.texts(worker, GALE)
    assert desk.texts(worker, UNA)
    accusing = say("@d", guards=("conflict",), conflicts=("gale",)).id
    with pytest.raises(IllegalMove, match="somebody known only"):
        desk.texts(accusing, None)
    with pytest.raises(RedshankError, match=f"no case {accusing} that you may open"):
        desk.texts(accusing, GALE)
    assert desk.texts(accusing, DEE)
    grave = say("@e", guards=("conflict",), conflicts=("sal",), labels=("safeguarding",)).id
    assert desk.texts(grave, DEE)
    deputy = say("@g", guards=("conflict",), conflicts=("dee", "sal"), labels=("safeguarding",)).id
    assert desk.texts(deputy, GALE)
    both = say("@f", guards=("speak_up",), labels=("safeguarding",)).id
    with pytest.raises(IllegalMove, match="opens to safeguarding only"):
        desk.texts(both, UNA)


def test_a_doubt_opens_to_those_who_are_told_of_it_by_name(desk: Desk, say: Say) -> None:
    doubted = say("@b", ask=("safeguarding",), recipients=("governance", "dpo")).id
    for reader in (None, Who("", "governance"), Who("gale", ""), as_("hr"), as_("operator"), UNA):
        with pytest.raises(IllegalMove, match="say who"):
            desk.texts(doubted, reader)
    assert desk.show(doubted).case.copies[0].url == ""
    for reader in (GALE, as_("dpo"), SAL):
        assert desk.texts(doubted, reader)
    assert verbs(desk, doubted) == ["raise", *["read_text"] * 3]
    cleared = say("@k", labels=("safeguarding",)).id
    for step, facts in (("review", Facts()), ("decide", DECISION)):
        desk.take(cleared, step, GALE, "r", facts)  # confirmed as privacy, and as nothing else
    with pytest.raises(IllegalMove, match="say who"):
        desk.texts(cleared, None)
    assert desk.texts(cleared, GALE)
    assert verbs(desk, cleared)[-1] == "read_text"


def test_whoever_a_case_accuses_learns_of_it_no_more_than_of_one_that_is_not_there(
    desk: Desk, say: Say
) -> None:
    other, accusing = say("@a").id, say("@d", guards=("conflict",), conflicts=("gale",)).id
    assert [case.id for case in desk.find(reader="gale")] == [other]
    assert {case.id for case in desk.find(reader="dee")} == {other, accusing}
    desk.take(accusing, "review", DEE, "r")
    desk.take(accusing, "decide", DEE, "r", DECISION)
    desk.take(accusing, "act", DEE, "r", Facts(routes=("answer",)))
    (action,) = desk.show(accusing, DEE).actions
    for asked in (
        lambda number: desk.show(number, GALE),
        lambda number: desk.history(number, GALE),
        lambda number: desk.texts(number, GALE),
        lambda number: desk.link(number, GALE, "r"),
    ):
        told = []
        for number in (accusing, 99_999):
            with pytest.raises(RedshankError) as refused:
                asked(number)
            told.append(str(refused.value).replace(str(number), "N"))
        assert told[0] == told[1]
    for step in (
        lambda: desk.take(accusing, "note", GALE, "r"),
        lambda: desk.take(other, "join", GALE, "r", Facts(into=accusing)),
        lambda: desk.split(accusing, [1], GALE, "r"),
        lambda: desk.advance(action.id, "sent", GALE, "r", "R"),
    ):
        with pytest.raises(RedshankError, match=f"no case {accusing} that you may open"):
            step()
    assert len(desk.history(accusing, DEE)) == len(verbs(desk, accusing))


def test_an_accused_deputy_does_not_keep_a_case_from_being_decided(desk: Desk, say: Say) -> None:
    number = say("@d", guards=("conflict",), conflicts=("dee",)).id
    desk.take(number, "review", GALE, "r")
    with pytest.raises(IllegalMove, match="only role safeguarding may decide it"):
        desk.take(number, "decide", GALE, "r", DECISION)
    assert desk.take(number, "decide", SAL, "r", DECISION).state is CaseState.decided


def test_a_case_sealed_by_hand_offers_what_comes_first(desk: Desk, say: Say) -> None:
    number = say(routes=("platform_notice", "police", "answer")).id
    desk.take(number, "seal", as_("operator"), "r")
    file = desk.show(number)
    assert (file.open, file.locked) == (("iwf", "ceop", "police", "answer"), ())
    assert file.case.routes == file.open


def test_sealed_text_opens_to_nobody_and_its_link_to_safeguarding(desk: Desk, say: Say) -> None:
    number = say().id
    desk.take(number, "seal", as_("comms"), "r")
    with pytest.raises(IllegalMove, match="nobody reads it here"):
        desk.texts(number, SAL)
    with pytest.raises(RedshankError, match="safeguarding alone"):
        desk.link(number, GALE, "r")
    (url,) = desk.link(number, SAL, "report to the IWF").values()
    assert url.startswith("https://news.example/")
    assert verbs(desk, number) == ["raise", "seal", "unseal_link"]
    with pytest.raises(IllegalMove, match="nothing of case"):
        desk.link(say("@sam").id, SAL, "r")
    accused = say("@kit", guards=("sealed", "conflict"), conflicts=("sal",)).id
    with pytest.raises(RedshankError, match="that you may open"):
        desk.link(accused, SAL, "r")


def test_cases_are_found_by_state_severity_and_whose_they_are(desk: Desk, say: Say) -> None:
    one, two = say("@a"), say("@b")
    desk.take(two.id, "assign", GALE, "r", Facts(to="pat"))
    desk.take(one.id, "dismiss", GALE, "r", Facts(outcome="irrelevant"))
    assert [case.id for case in desk.find()] == [two.id]
    assert [case.id for case in desk.find(state=CaseState.closed)] == [one.id]
    assert [case.id for case in desk.find(assignee="pat")] == [two.id]
    assert desk.find(assignee="gale") == []
    assert desk.find(severity=max(type(one.severity))) == []


def test_somebody_is_known_by_id_name_or_address_and_by_their_only_role() -> None:
    for name in ("gale", "Gale", " gale@oakfield.example "):
        assert who(TEAM, name) == GALE
    assert who(TEAM, "max", "speak_up") == Who("max", "speak_up")
    assert who((), "anybody", "hr") == Who("anybody", "hr")
    for name, role, why in (
        ("zoe", "hr", "nobody of the team"),
        ("max", "", "one of speak_up, governance"),
        ("gale", "hr", "does not hold the role hr"),
    ):
        with pytest.raises(IllegalMove, match=why):
            who(TEAM, name, role)
    with pytest.raises(IllegalMove, match="in which role"):
        who((), "anybody")


def test_overdue_is_what_has_run_out_and_is_not_met() -> None:
    def clock(due: timedelta, met: timedelta | None = None) -> Clock:
        return Clock(
            name="first_eyes",
            owner="governance",
            starts_at=NOW,
            half_at=NOW,
            most_at=NOW,
            due_at=NOW + due,
            allowance="1h clock",
            met_at=NOW + met if met is not None else None,
        )

    assert overdue([clock(-HOUR)], NOW)
    assert not overdue([clock(HOUR), clock(-HOUR, met=timedelta())], NOW)
    assert not overdue([], NOW)


def test_whoever_may_not_read_the_text_gets_no_link_to_it(desk: Desk, say: Say) -> None:
    plain = say(author="@a")
    warned = say(author="@b", guards=("speak_up",))

    def links(number: int, reader: Who | None = None) -> list[str]:
        return [copy.url for copy in desk.show(number, reader).case.copies]

    assert links(plain.id) == [copy.url for copy in plain.copies]
    assert links(warned.id) == links(warned.id, GALE) == [""]
    assert links(warned.id, UNA) == [copy.url for copy in warned.copies]
    assert {copy.url for case in desk.find() if case.id == warned.id for copy in case.copies} == {""}
