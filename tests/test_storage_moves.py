"""What people do to a case, as it is stored: moves, guards, sealed links, actions, targets."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from storage_fixtures import HARMLESS, HOUR, NOW, an_assessment, mention, verdict

from core.errors import StorageError
from core.types import Case, CaseState, Severity, Step, Work
from core.work import ActionState
from storage import actions, audit, cases, joining, mentions, targets
from storage.cases import ConflictError
from storage.engine import open_engine, session

pytest_plugins = ["storage_fixtures"]

LINK = "https://news.example/1"
BY = {"actor": "sal", "role": "safeguarding"}


def say(engine: Engine, said, judged=None, now=NOW) -> Case | None:
    with session(engine) as write:
        (id_,) = mentions.add_new(write, [said], now)
        (stored,) = mentions.unassessed(write, now, 1, HOUR)
        assert stored.id == id_
        return mentions.settle(write, stored, judged or verdict(), now)


def load(engine: Engine, number: int) -> Case:
    with session(engine, read_only=True) as db:
        found = cases.get(db, number)
    assert found is not None
    return found


def step(case: Case, after: CaseState, verb: str = "triage") -> Step:
    return Step(
        case_id=case.id,
        before=case.state,
        after=after,
        actor="gale",
        role="governance",
        at=NOW + HOUR,
        reason="because",
        verb=verb,
    )


def moved(engine: Engine, before: Case, after: Case, verb: str = "triage") -> Case:
    with session(engine) as db:
        return cases.move(db, before, step(before, after.state, verb), after, {"why": "test"})


@pytest.fixture
def opened(engine: Engine) -> Case:
    found = say(engine, mention(author="@jo"))
    assert found is not None
    return found


def test_all_that_a_verdict_says_is_kept_and_united(engine: Engine) -> None:
    said = verdict(tags=("child",), routes=("answer", "hr"), guards=("speak_up",), conflicts=("gale",))
    first = say(engine, mention("1", author="@jo"), said)
    assert first is not None
    assert (first.tags, first.routes, first.guards, first.conflicts) == (
        ("child",),
        ("answer", "hr"),
        ("speak_up",),
        ("gale",),
    )
    say(
        engine,
        mention("2", author="@jo"),
        verdict(tags=("worker",), routes=("police", "hr"), guards=("criticism",)),
    )
    now = load(engine, first.id)
    assert (now.tags, now.routes) == (("child", "worker"), ("answer", "hr", "police"))
    assert (now.guards, now.conflicts) == (("speak_up", "criticism"), ("gale",))


def test_an_assessments_tags_are_kept(engine: Engine) -> None:
    with session(engine) as db:
        (id_,) = mentions.add_new(db, [mention()], NOW)
        (stored,) = mentions.read(db, [id_])
        said = an_assessment(tags=("child", "worker"))
        mentions.record_assessment(db, stored, said, NOW)
        assert mentions.assessment(db, stored) == said


def test_a_move_is_written_whole_and_on_record(engine: Engine, opened: Case) -> None:
    work = Work(
        seen_at=NOW,
        aware_at=NOW,
        decided_at=NOW,
        acted_at=NOW,
        gone_at=NOW,
        closed_at=NOW,
        moved_at=NOW + HOUR,
        renewed_at=NOW,
        assignee="pat",
        held_from=CaseState.decided,
        hold_until=NOW + HOUR,
        own_breach=False,
        released_at=NOW,
        outcome="refused",
        upheld=(),
    )
    after = replace(
        opened,
        state=CaseState.on_hold,
        severity=Severity.critical,
        recipients=("governance", "legal"),
        guards=("conflict",),
        conflicts=("sal",),
        revision=2,
        work=work,
    )
    assert moved(engine, opened, after) == after == load(engine, opened.id)
    with session(engine, read_only=True) as db:
        last = cases.steps(db, opened.id)[-1]
        assert last == step(opened, CaseState.on_hold)
        assert audit.entries(db)[-1].details == {"why": "test"}
        assert cases.in_state(db, CaseState.on_hold) == [after]
        assert audit.verify(db) == []


def test_who_looked_earlier_loses_to_who_moved_first(engine: Engine, opened: Case) -> None:
    after = replace(opened, state=CaseState.triaged, work=Work(moved_at=NOW + HOUR))
    moved(engine, opened, after)
    with pytest.raises(ConflictError, match="somebody else moved case"):
        moved(engine, opened, after)
    with session(engine, read_only=True) as db:
        assert len(cases.steps(db, opened.id)) == 2


def test_a_case_that_grew_graver_meanwhile_is_looked_at_again(engine: Engine, opened: Case) -> None:
    say(engine, mention("2", author="@jo"), verdict(Severity.critical))
    with pytest.raises(ConflictError):
        moved(engine, opened, replace(opened, state=CaseState.triaged))


def test_of_many_that_move_at_once_one_does(engine_url: str, engine: Engine, opened: Case) -> None:
    start = Barrier(4)

    def run(number: int) -> bool:
        own = open_engine(engine_url)
        try:
            start.wait()
            after = replace(opened, state=CaseState.triaged, work=Work(moved_at=NOW + number * HOUR))
            moved(own, opened, after)
        except ConflictError:
            return False
        finally:
            own.dispose()
        return True

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(run, number) for number in range(1, 5)]
    assert sum(one.result() for one in done) == 1
    with session(engine, read_only=True) as db:
        assert len(cases.steps(db, opened.id)) == 2


def test_a_case_that_is_not_there_is_told(engine: Engine, opened: Case) -> None:
    with pytest.raises(StorageError, match="no case 99"):
        moved(engine, replace(opened, id=99), opened)


def test_what_a_verdict_seals_shows_neither_link_nor_words(engine: Engine) -> None:
    sealed = say(engine, mention("1", author="@jo", title="T"), verdict(guards=("sealed",)))
    assert sealed is not None
    (copy,) = sealed.copies
    assert (copy.url, copy.sealed) == ("", True)
    with session(engine, read_only=True) as db:
        (stored,) = mentions.read(db, [copy.mention_id])
    shown = stored.mention
    assert (shown.url, shown.text, shown.title, shown.author, shown.key) == ("", "", "", "", "")


def test_the_machine_alone_reads_what_is_sealed_to_assess_it_again(engine: Engine) -> None:
    sealed = say(engine, mention(author="@jo"), verdict(guards=("sealed",)))
    assert sealed is not None
    with session(engine) as db:
        mentions.add_new(db, [mention(text="edited")], NOW + HOUR)
        (stored,) = mentions.unassessed(db, NOW + HOUR, 1, HOUR)
        assert (stored.mention.text, stored.mention.url) == ("edited", LINK)
        (waiting,) = mentions.stuck(db, NOW + 3 * HOUR)
        assert waiting.mention.text == ""
        assert mentions.settle(db, stored, HARMLESS, NOW + HOUR) is None
    assert load(engine, sealed.id).copies[0].sealed


def test_every_copy_of_a_sealed_case_is_sealed_also_later_ones(engine: Engine, opened: Case) -> None:
    after = replace(opened, guards=("sealed",), work=Work(moved_at=NOW))
    assert [copy.url for copy in moved(engine, opened, after, "seal").copies] == [""]
    say(engine, mention("2", author="@jo"), verdict(Severity.low))
    assert [(copy.url, copy.sealed) for copy in load(engine, opened.id).copies] == [("", True)] * 2


def test_a_sealed_link_opens_to_safeguarding_after_the_log_says_so(engine: Engine) -> None:
    sealed = say(engine, mention(author="@jo"), verdict(guards=("sealed",)))
    assert sealed is not None
    number = sealed.copies[0].mention_id
    for role in ("governance", "deputy", "auditor"):
        with pytest.raises(StorageError, match="safeguarding alone"), session(engine) as db:
            cases.unseal_link(db, number, actor="gale", role=role, reason="iwf", at=NOW)
    with session(engine) as db:
        assert cases.unseal_link(db, number, reason="report to the IWF", at=NOW, **BY) == LINK
    with session(engine, read_only=True) as db:
        last = audit.entries(db, sealed.id)[-1]
        assert (last.action, last.actor, last.details) == ("unseal_link", "sal", {"mention": number})
        assert len(audit.entries(db)) == 2
        assert [one.verb for one in cases.steps(db, sealed.id)] == ["raise"]


def test_a_link_that_is_not_sealed_is_not_unsealed(engine: Engine, opened: Case) -> None:
    for number in (opened.copies[0].mention_id, 99):
        with pytest.raises(StorageError, match="is not sealed"), session(engine) as db:
            cases.unseal_link(db, number, reason="r", at=NOW, **BY)


def test_the_machines_doings_are_lines_of_the_log(engine: Engine, opened: Case) -> None:
    say(engine, mention("2", author="@jo"))
    say(engine, mention("1", text="worse", author="@jo"), now=NOW + HOUR)
    say(engine, mention("2", text="harmless", author="@jo"), HARMLESS, NOW + HOUR)
    moved(engine, load(engine, opened.id), replace(load(engine, opened.id), state=CaseState.closed))
    say(engine, mention("3", author="@jo"))
    with session(engine, read_only=True) as db:
        verbs = [one.action for one in audit.entries(db, opened.id)]
        assert verbs == ["raise", "copy", "edit", "edit", "triage", "reopen"]
        assert audit.verify(db) == []


def test_what_opens_again_has_no_outcome_and_is_not_gone(engine: Engine, opened: Case) -> None:
    work = Work(closed_at=NOW, gone_at=NOW, outcome="edited", upheld=("privacy",), decided_at=NOW)
    moved(engine, opened, replace(opened, state=CaseState.closed, work=work))
    say(engine, mention("2", author="@jo"), now=NOW + HOUR)
    assert load(engine, opened.id).work == Work(decided_at=NOW, renewed_at=NOW + HOUR)


def test_what_grows_graver_begins_its_clocks_anew(engine: Engine, opened: Case) -> None:
    work = Work(seen_at=NOW, aware_at=NOW, acted_at=NOW, moved_at=NOW)
    moved(engine, opened, replace(opened, state=CaseState.actioning, work=work))
    say(engine, mention("2", author="@jo"), now=NOW + HOUR)
    assert load(engine, opened.id).work == work
    say(engine, mention("3", author="@jo"), verdict(Severity.critical), now=NOW + HOUR)
    assert load(engine, opened.id).work == Work(aware_at=NOW, moved_at=NOW, renewed_at=NOW + HOUR)


def test_a_new_copy_is_not_gone_and_new_labels_are_not_judged(engine: Engine, opened: Case) -> None:
    work = Work(gone_at=NOW, outcome="edited", upheld=("privacy",), acted_at=NOW)
    moved(engine, opened, replace(opened, state=CaseState.verifying, work=work))
    say(engine, mention("2", author="@jo"), now=NOW + HOUR)
    assert load(engine, opened.id).work == Work(upheld=("privacy",), renewed_at=NOW + HOUR)
    say(engine, mention("3", author="@jo"), verdict(labels=("threat",)))
    assert load(engine, opened.id).work.upheld is None


def test_an_action_goes_from_draft_to_answer_and_dates_the_case(engine: Engine, opened: Case) -> None:
    said = {"actor": "gale", "role": "governance", "reason": "r", "at": NOW + HOUR}
    with session(engine) as db:
        drafted = actions.draft(db, opened.id, "answer", **said)
    assert (drafted.state, drafted.drafted_by) == (ActionState.drafted, "gale")
    sent = replace(
        drafted, state=ActionState.sent, sent_at=NOW + HOUR, reference="R-1", answer_due_at=NOW + 5 * HOUR
    )
    with session(engine) as db:
        assert actions.advance(db, drafted, sent, **said) == sent
        assert actions.of(db, opened.id) == [actions.get(db, drafted.id)] == [sent]
    later = replace(drafted, sent_at=NOW + 2 * HOUR)
    with pytest.raises(ConflictError), session(engine) as db:
        actions.advance(db, drafted, later, **said)
    with session(engine) as db:
        second = actions.draft(db, opened.id, "police", **said)
        actions.advance(db, second, replace(second, state=ActionState.sent, sent_at=NOW + 3 * HOUR), **said)
    assert load(engine, opened.id).work.acted_at == NOW + HOUR
    with session(engine, read_only=True) as db:
        lines = audit.entries(db, opened.id)
        assert [one.action for one in lines[1:]] == [
            "action_drafted",
            "action_sent",
            "action_drafted",
            "action_sent",
        ]
        assert lines[2].details["reference"] == "R-1"
        assert len(cases.steps(db, opened.id)) == 1


def test_an_action_needs_a_case_and_a_number(engine: Engine) -> None:
    with pytest.raises(StorageError, match="no case 99"), session(engine) as db:
        actions.draft(db, 99, "answer", actor="g", role="hr", reason="r", at=NOW)
    with pytest.raises(StorageError, match="no action 99"), session(engine) as db:
        actions.get(db, 99)


def test_targets_are_counted_by_keyed_hash_and_never_named(engine: Engine) -> None:
    jo, sam = targets.keyed(["jo doe", "sam poe"], b"key")
    assert targets.keyed(["jo doe"], b"other") != (jo,)
    assert "jo" not in jo
    opened = [
        say(engine, mention(str(n), author=f"@{n % 2}", text=f"t {n}"), now=NOW + n * HOUR) for n in range(4)
    ]
    with session(engine) as db:
        for n, one in enumerate(opened):
            assert one is not None
            who = [jo, jo, sam] if n == 0 else [jo]
            for _ in range(2):
                targets.note(db, one.copies[0].mention_id, one.id, who=who, at=NOW + n * HOUR)
        targets.note(db, opened[0].copies[0].mention_id, opened[0].id, who=[], at=NOW)
        assert targets.counts(db, NOW) == {jo: (4, 2), sam: (1, 1)}
        assert targets.counts(db, NOW + 2 * HOUR) == {jo: (2, 2)}
        found = targets.velocity(db, opened[0].id, NOW)
        assert set(found) == {jo, sam}
        assert found[jo] == [(NOW + n * HOUR, ("news", f"@{n % 2}")) for n in range(4)]
        assert set(targets.velocity(db, opened[1].id, NOW)) == {jo}
        assert targets.velocity(db, 99, NOW) == {}


def test_targets_and_actions_follow_their_copies(engine: Engine, opened: Case) -> None:
    other = say(engine, mention("9", text="else"))
    assert other is not None
    with session(engine) as db:
        targets.note(db, opened.copies[0].mention_id, None, who=["x"], at=NOW)
        actions.draft(db, opened.id, "answer", reason="r", at=NOW, **BY)
        joining.fold_by_hand(db, opened.id, other.id, reason="same", now=NOW, **BY)
        assert set(targets.velocity(db, other.id, NOW - timedelta(1))) == {"x"}
        assert [one.route for one in actions.of(db, other.id)] == ["answer"]
        new = joining.split(db, other.id, [opened.copies[0].mention_id], reason="not the same", now=NOW, **BY)
        assert set(targets.velocity(db, new.id, NOW - timedelta(1))) == {"x"}
