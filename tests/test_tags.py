"""Tags: what small detectors see and no label covers. They flag little, raise, route and guard."""

import pytest
from verdicts import FOCUS, assessment, mention

from core.types import Assessment, Severity, Verdict
from policies.judge import judge
from policies.shape import Clause, Pack, Raise, When


def verdict_on(found: Assessment, pack: Pack = FOCUS) -> Verdict:
    return judge(mention(), found, pack)


OWN = FOCUS.model_copy(
    update={
        "clauses": (
            *FOCUS.clauses,
            Clause(
                id="own/ip", paraphrase="Logos.", tags=("ip",), severity=Severity.high, recipients=("legal",)
            ),
            Clause(
                id="own/court",
                paraphrase="Courts.",
                tags=("contempt",),
                severity=Severity.high,
                recipients=("legal",),
            ),
            Clause(
                id="own/child",
                paraphrase="Minors.",
                tags=("child",),
                severity=Severity.low,
                recipients=("dpo",),
            ),
        )
    }
)


def test_a_tag_that_no_clause_names_is_not_flagged_and_is_told_of() -> None:
    verdict = verdict_on(assessment(tags=("malware",)))
    assert (verdict.flagged, verdict.severity) == (False, Severity.none)
    assert any(reason.startswith("Perhaps other:malware") for reason in verdict.reasons)


def test_a_tag_alone_is_a_doubt_of_its_clause() -> None:
    verdict = verdict_on(assessment(tags=("ip",), severity=Severity.critical), OWN)
    assert (verdict.flagged, verdict.severity, verdict.clauses) == (True, Severity.low, ("own/ip",))
    assert (verdict.labels, verdict.ask, verdict.tags) == ((), (), ("ip",))
    assert verdict.recipients == ("legal",)
    assert any(reason.startswith("Perhaps other:ip") for reason in verdict.reasons)
    assert "In doubt until a person has judged: other:ip (low at most)." in verdict.reasons


def test_a_tag_of_a_text_about_others_is_not_flagged() -> None:
    assert not verdict_on(assessment(tags=("ip", "contempt"), relevant=False), OWN).flagged


def test_contempt_of_court_is_as_grave_as_its_clause_says_whatever_the_model_thinks() -> None:
    assert verdict_on(assessment(tags=("contempt",), severity=Severity.none), OWN).severity is Severity.high


@pytest.mark.parametrize("tag", ["child", "worker"])
def test_a_tag_that_names_no_wrong_never_flags_by_itself(tag: str) -> None:
    assert not verdict_on(assessment(tags=(tag,), severity=Severity.critical), OWN).flagged


def test_a_clause_about_children_is_touched_where_something_else_flags_the_text() -> None:
    verdict = verdict_on(assessment("privacy", tags=("child",)), OWN)
    assert "own/child" in verdict.clauses
    assert "dpo" in verdict.recipients


def test_a_label_and_a_tag_stack_their_clauses_reasons_and_recipients() -> None:
    verdict = verdict_on(assessment("hate", tags=("ip",), severity=Severity.high), OWN)
    assert verdict.clauses == ("004/9.2/3", "own/ip")
    assert verdict.recipients == ("governance", "legal")
    assert "Clause own/ip, perhaps, a person must judge: other:ip: Logos." in verdict.reasons
    assert verdict.severity is Severity.high


def test_sexual_images_of_a_child_are_always_critical_and_told_to_safeguarding() -> None:
    verdict = verdict_on(assessment(tags=("child_images",), severity=Severity.none, relevant=False))
    assert (verdict.flagged, verdict.severity) == (True, Severity.critical)
    assert verdict.recipients == ("safeguarding",)
    assert verdict.routes == ("iwf", "ceop", "police")
    assert verdict.guards == ("sealed",)


def test_a_rule_and_a_clause_may_ask_for_a_tag() -> None:
    only = When(tags=("worker",))
    clause = Clause(
        id="own/w", paraphrase="Work.", labels=("hate",), severity=Severity.low, recipients=("hr",), when=only
    )
    rule = Raise(id="own/r", why="Work.", labels=("hate",), when=only, at_most=Severity.critical)
    pack = FOCUS.model_copy(update={"clauses": (*FOCUS.clauses, clause), "raises": (rule,)})
    plain, worker = (
        verdict_on(assessment("hate", severity=Severity.high, tags=tags), pack) for tags in ((), ("worker",))
    )
    assert ("own/w" in plain.clauses, "own/w" in worker.clauses) == (False, True)
    assert (plain.severity, worker.severity) == (Severity.high, Severity.critical)


def test_routes_follow_the_clauses_in_their_order_and_stand_once() -> None:
    verdict = verdict_on(assessment("privacy", severity=Severity.high))
    assert verdict.clauses == ("004/9.2/3", "004/9.2/2")
    assert verdict.routes == ("contact_poster", "platform_notice", "legal_advice", "police", "support")
