"""The verdict of a policy: the rules that stand above every pack, and what holds for all assessments."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verdicts import FOCUS, ROUTES, any_pack, assessment, assessments, mention, mentions

from core.types import Assessment, Mention, Reason, Severity, Verdict
from core.vocabulary import DEFINITIONS, LABELS, ROLES, TAGS
from policies.judge import OTHERS, judge
from policies.shape import Pack, Unread


def verdict_on(found: Assessment, pack: Pack = FOCUS) -> Verdict:
    return judge(mention(), found, pack)


# What holds for every assessment and every pack.


@given(mentions, assessments(), any_pack)
def test_a_verdict_is_whole_for_every_assessment(said: Mention, found: Assessment, pack: Pack) -> None:
    verdict = judge(said, found, pack)
    named = {tag for clause in pack.detected for tag in clause.tags}
    alone = {"child_images"} | (named & set(OTHERS) if found.relevant else set())
    if found.ask or found.language or "child_images" in found.tags:
        assert verdict.flagged
    if not (found.ask or found.language or alone & set(found.tags)):
        assert not verdict.flagged
    assert verdict.flagged == (verdict.severity > Severity.none)
    assert verdict.flagged == bool(verdict.recipients)
    assert verdict.clauses or not found.ask
    assert set(verdict.routes) <= set(ROUTES)
    assert verdict.reasons
    assert type(verdict.severity) is Severity
    assert list(verdict.recipients) == [role for role in ROLES if role in verdict.recipients]
    if verdict.flagged:
        assert set(verdict.labels) == set(found.labels)
        assert set(verdict.ask) == set(found.ask) - set(found.labels)
        assert verdict.tags == tuple(tag for tag in TAGS if tag in found.tags)
        assert len(verdict.reasons) >= len(verdict.clauses) == len(set(verdict.clauses))
    else:
        assert verdict.labels == verdict.ask == verdict.clauses == verdict.routes == verdict.guards == ()


@given(mentions, assessments(), any_pack, st.sampled_from(LABELS), st.booleans())
def test_one_more_label_never_lowers_severity_nor_removes_a_recipient_or_clause(
    said: Mention, found: Assessment, pack: Pack, label: str, sure: bool
) -> None:
    worse = replace(
        found,
        labels=tuple(dict.fromkeys((*found.labels, label))) if sure else found.labels,
        ask=tuple(dict.fromkeys((*found.ask, label))),
    )
    before, after = judge(said, found, pack), judge(said, worse, pack)
    assert after.severity >= before.severity
    assert set(after.recipients) >= set(before.recipients)
    assert set(after.clauses) >= set(before.clauses)


@given(mentions, assessments(), any_pack, st.sampled_from(sorted(TAGS)))
def test_one_more_tag_never_lowers_severity_nor_removes_a_recipient_or_clause(
    said: Mention, found: Assessment, pack: Pack, tag: str
) -> None:
    worse = replace(found, tags=tuple(dict.fromkeys((*found.tags, tag))))
    before, after = judge(said, found, pack), judge(said, worse, pack)
    assert after.severity >= before.severity
    assert set(after.recipients) >= set(before.recipients)
    assert set(after.clauses) >= set(before.clauses)


@given(mentions, assessments(), st.sampled_from(Severity), any_pack)
def test_a_graver_model_severity_never_loses_a_clause(
    said: Mention, found: Assessment, severity: Severity, pack: Pack
) -> None:
    worse = replace(found, severity=max(severity, found.severity))
    assert set(judge(said, worse, pack).clauses) >= set(judge(said, found, pack).clauses)


@given(assessments(), any_pack, mentions, mentions)
def test_nothing_of_what_was_written_or_who_wrote_it_reaches_a_verdict(
    found: Assessment, pack: Pack, one: Mention, other: Mention
) -> None:
    assert judge(one, found, pack) == judge(replace(other, platform=one.platform), found, pack)


@given(assessments(), st.text(st.characters(categories=["Co", "So"]), min_size=1))
def test_reasons_hold_neither_text_nor_author(found: Assessment, secret: str) -> None:
    said = replace(mention(secret, author=secret), title=secret, key=secret, source=secret, url=secret)
    assert not any(secret in reason for reason in judge(said, found, FOCUS).reasons)


@given(mentions, assessments(), any_pack, st.sampled_from(["threat", "safeguarding"]))
def test_a_sure_grave_label_that_the_model_calls_critical_is_critical(
    said: Mention, found: Assessment, pack: Pack, grave: str
) -> None:
    labels = tuple(dict.fromkeys((*found.labels, grave)))
    critical = replace(found, relevant=True, labels=labels, ask=labels, severity=Severity.critical)
    assert judge(said, critical, pack).severity is Severity.critical


@given(mentions, assessments(), any_pack)
def test_doubt_alone_is_bounded(said: Mention, found: Assessment, pack: Pack) -> None:
    doubtful = replace(found, labels=(), tags=())
    grave = {"threat", "safeguarding"} & set(found.ask)
    doubt = pack.doubt
    limits = (doubt.at_most, doubt.grave_at_most, doubt.critical_at_most) if grave else (doubt.at_most,)
    most = max(limits)
    assert judge(said, doubtful, pack).severity <= most


@given(mentions, assessments(), any_pack)
def test_a_possible_disclosure_by_a_worker_always_reaches_the_speak_up_guardian(
    said: Mention, found: Assessment, pack: Pack
) -> None:
    verdict = judge(said, found, pack)
    named = {"reputation", "safeguarding", "internal"} & {*verdict.labels, *verdict.ask}
    if (found.author_role in {"staff", "ex-staff"} or "worker" in verdict.tags) and named:
        assert "speak_up" in verdict.recipients
        assert any("speak-up guardian" in reason for reason in verdict.reasons)


@given(mentions, assessments(), any_pack)
def test_what_may_be_a_safeguarding_concern_always_reaches_safeguarding(
    said: Mention, found: Assessment, pack: Pack
) -> None:
    verdict = judge(said, found, pack)
    if "safeguarding" in (*verdict.labels, *verdict.ask):
        assert "safeguarding" in verdict.recipients


# The rules one by one.


def test_what_perhaps_means_others_is_asked_and_never_asserted() -> None:
    verdict = verdict_on(assessment(ask=("threat",), severity=Severity.critical, relevant=False))
    assert (verdict.flagged, verdict.labels, verdict.ask) == (True, (), ("threat",))
    assert any("whom it means" in reason for reason in verdict.reasons)


def test_an_irrelevant_mention_is_not_flagged_and_says_so() -> None:
    verdict = verdict_on(assessment(severity=Severity.critical, relevant=False))
    assert verdict == Verdict(
        flagged=False,
        severity=Severity.none,
        reasons=("Not about the organisation (relevance 12 %).",),
        relevant=False,
    )


def test_no_label_is_not_flagged_however_grave_the_model_thinks_it() -> None:
    verdict = verdict_on(assessment(severity=Severity.high, findings=("nhs_number",)))
    assert (verdict.flagged, verdict.reasons) == (False, ("No label reached a threshold.",))


def test_a_reason_names_label_probability_clause_and_rule() -> None:
    verdict = verdict_on(assessment("privacy", author_role="staff"))
    assert verdict.reasons[0] == (
        "Clause 004/7.1, privacy (88 %): "
        "Data met with at work serves its own purpose and goes to nobody without consent or a legal reason."
    )
    assert [reason.split(",")[0] for reason in verdict.reasons[:3]] == [
        f"Clause {c}" for c in verdict.clauses
    ]
    assert (
        verdict.reasons[3] == "Raised one step by rule staff-disclosure: Staff hold what they know in trust."
    )


def test_the_gravest_and_most_particular_clause_stands_first() -> None:
    verdict = verdict_on(assessment("confidentiality", author_role="staff"))
    assert (verdict.clauses[0], verdict.clauses[-1]) == ("004/5.2/6", "004/5.2/1")
    assert verdict.reasons[0].startswith("Clause 004/5.2/6, ")


def test_a_doubtful_label_is_asked_and_not_asserted() -> None:
    verdict = verdict_on(assessment("hate", ask=("privacy",), severity=Severity.high))
    assert (verdict.labels, verdict.ask, verdict.severity) == (("hate",), ("privacy",), Severity.high)
    assert any(
        r.startswith("Clause 004/9.2/2, perhaps, a person must judge: privacy (40 %)")
        for r in verdict.reasons
    )
    assert "In doubt until a person has judged: privacy (low at most)." in verdict.reasons


def test_the_model_moves_severity_one_step_from_the_clause_and_no_further() -> None:
    by = {own: verdict_on(assessment("sexual", severity=own)).severity for own in Severity}
    assert list(by.values()) == [
        Severity.medium,
        Severity.medium,
        Severity.medium,
        Severity.high,
        Severity.critical,
    ]


def test_staff_authorship_and_a_hard_identifier_together_make_one_step() -> None:
    found = assessment(
        "confidentiality", author_role="family", severity=Severity.none, findings=("nhs_number",)
    )
    pack = FOCUS.model_copy(update={"lowers": ()})
    assert verdict_on(found, pack).severity is Severity.high
    both = replace(found, author_role="staff")
    verdict = verdict_on(both, pack)
    assert verdict.severity is Severity.high
    assert sum(reason.startswith("Raised one step") for reason in verdict.reasons) == 2


def test_staff_authorship_does_not_make_a_breach_critical() -> None:
    found = assessment("confidentiality", author_role="staff", severity=Severity.high)
    assert verdict_on(found).severity is Severity.high


def test_family_praise_is_lowered_until_anything_worse_stands_beside_it() -> None:
    praise = assessment("confidentiality", author_role="family", severity=Severity.low)
    assert verdict_on(praise).severity is Severity.low
    assert verdict_on(replace(praise, labels=("confidentiality", "harassment"))).severity is Severity.medium
    assert verdict_on(replace(praise, author_role="public")).severity is Severity.medium


def test_criticism_alone_is_for_governance_and_offers_no_removal() -> None:
    verdict = verdict_on(assessment("reputation", severity=Severity.critical))
    assert (verdict.flagged, verdict.severity, verdict.recipients) == (True, Severity.medium, ("governance",))
    assert any("Criticism is free" in reason and "no removal" in reason for reason in verdict.reasons)
    beside = verdict_on(assessment("reputation", "privacy"))
    assert not any("Criticism is free" in reason for reason in beside.reasons)


def test_criticism_alone_by_a_worker_adds_only_the_speak_up_guardian() -> None:
    verdict = verdict_on(assessment("reputation", author_role="ex-staff"))
    assert verdict.recipients == ("governance", "speak_up")


def test_a_doubt_is_told_at_once_only_of_a_grave_concern_in_a_text_called_critical() -> None:
    assert verdict_on(assessment(ask=("safeguarding",), severity=Severity.critical)).severity is Severity.high
    assert verdict_on(assessment(ask=("safeguarding",), severity=Severity.high)).severity is Severity.medium
    assert verdict_on(assessment(ask=("hate",), severity=Severity.critical)).severity is Severity.low


@pytest.mark.parametrize("relevant", [True, False])
def test_what_the_machine_cannot_read_goes_to_a_person(relevant: bool) -> None:
    verdict = verdict_on(assessment(language="cy", relevant=relevant))
    assert (verdict.flagged, verdict.severity, verdict.labels) == (True, Severity.low, ())
    assert verdict.recipients == ("safeguarding",)
    assert any("ISO 639: cy" in reason for reason in verdict.reasons)


def test_what_was_seen_in_another_language_is_told_beside_the_doubt() -> None:
    verdict = verdict_on(assessment("impersonation", language="und"))
    assert verdict.labels == ("impersonation",)
    assert "safeguarding" in verdict.recipients
    assert any("could not be told" in reason for reason in verdict.reasons)


def test_a_pack_says_who_reads_what_the_machine_cannot() -> None:
    pack = FOCUS.model_copy(update={"unread": Unread(severity=Severity.medium, recipients=("comms",))})
    verdict = verdict_on(assessment(language="pl"), pack)
    assert (verdict.severity, verdict.recipients) == (Severity.medium, ("comms",))


def test_the_reasons_say_what_a_label_means_where_it_stands_and_what_was_found() -> None:
    why = Reason(label="privacy", start=12, end=40, weight=0.5)
    verdict = verdict_on(assessment("privacy", findings=("phone", "phone", "person"), reasons=(why,)))
    told = "\n".join(verdict.reasons)
    assert f"Privacy: {DEFINITIONS['privacy']} Carried by characters 12 to 40." in told
    assert "Personal data found: person (1), phone (2)." in told
