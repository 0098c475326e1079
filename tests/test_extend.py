"""An operator's file that builds on other packs: what it may change, what it may not, and where it is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verdicts import FOCUS, assessment, mention

from core.errors import ConfigError
from core.types import Severity, Verdict
from core.vocabulary import LABELS
from policies import pack as packs
from policies.clauses import Clause, Handling
from policies.judge import judge
from policies.shape import Pack

OWN = """\
extends: focus
title: Our own policy
version: "3"
notes:
  - Ours differs in three clauses.
override:
  004/9.2/3:
    severity: medium
    recipients: [dpo]
    routes: [answer]
switch_off:
  004/6.5: We have no account there.
clauses:
  - id: own/1
    paraphrase: Our logo is ours.
    tags: [ip]
    severity: low
    recipients: [legal]
    routes: [platform_notice]
    law: [cdpa-1988]
raises:
  - id: child
    why: Ours is a school.
    labels: [harassment]
    when: {tags: [child]}
examples:
  - case: the logo
    given: {tags: [ip], severity: low}
    expect: {flagged: true, severity: low, clauses: [own/1], recipients: [legal], routes: [platform_notice]}
"""


def written(folder: Path, text: str = OWN, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def verdict_on(pack: Pack, *labels: str, **found: object) -> Verdict:
    return judge(mention(), assessment(*labels, **found), pack)  # type: ignore[arg-type]


def test_what_the_file_says_stands_and_the_rest_is_inherited(tmp_path: Path) -> None:
    pack = packs.load(written(tmp_path))
    assert (pack.id, pack.title, pack.version) == ("004", "Our own policy", "3")
    assert (pack.reviewed_on, pack.doubt, pack.unread) == (FOCUS.reviewed_on, FOCUS.doubt, FOCUS.unread)
    assert pack.notes == (*FOCUS.notes, "Ours differs in three clauses.")
    assert [clause.id for clause in pack.clauses] == [*(clause.id for clause in FOCUS.clauses), "own/1"]
    changed = {"004/9.2/3", "004/6.5", "own/1"}
    assert [c for c in pack.clauses if c.id not in changed] == [
        c for c in FOCUS.clauses if c.id not in changed
    ]
    assert packs.check(pack) == []


def test_an_override_replaces_the_fields_that_it_gives_and_keeps_the_others(tmp_path: Path) -> None:
    pack = packs.load(written(tmp_path))
    before, after = FOCUS.clause("004/9.2/3"), pack.clause("004/9.2/3")
    assert before is not None
    assert after is not None
    assert (after.severity, after.recipients, after.routes) == (Severity.medium, ("dpo",), ("answer",))
    assert (after.labels, after.when, after.law) == (before.labels, before.when, before.law)
    verdict = verdict_on(pack, "sexual", severity=Severity.medium)
    assert (verdict.clauses, verdict.recipients, verdict.routes) == (("004/9.2/3",), ("dpo",), ("answer",))


def test_a_clause_that_is_switched_off_stays_on_the_page_with_the_reason(tmp_path: Path) -> None:
    clause = packs.load(written(tmp_path)).clause("004/6.5")
    assert clause is not None
    assert clause.handling is Handling.not_visible
    assert clause.reason == "Switched off by the operator: We have no account there."


def test_a_rule_of_the_same_id_is_replaced_and_others_are_added(tmp_path: Path) -> None:
    rules = packs.load(written(tmp_path)).raises
    assert [rule.id for rule in rules].count("child") == 1
    assert {rule.id for rule in rules} == {rule.id for rule in FOCUS.raises}
    assert next(rule for rule in rules if rule.id == "child").why == "Ours is a school."


def test_inherited_examples_still_promise_who_is_told_save_where_a_clause_was_changed(tmp_path: Path) -> None:
    pack = packs.load(written(tmp_path))
    kept = [e for e in FOCUS.examples if not {"004/9.2/3", "004/6.5"} & set(e.expect.clauses)]
    assert [e.case for e in pack.examples] == [*(e.case for e in kept), "the logo"]
    deaf = OWN.replace("switch_off:\n", "switch_off:\n  004/5.2/6: Never mind.\n")
    assert packs.check(packs.load(written(tmp_path, deaf))) == []
    quieter = pack.model_copy(update={"clauses": tuple(c for c in pack.clauses if c.id != "004/9.1/3")})
    assert any("004/9.1/3" in problem for problem in packs.check(quieter))


def test_several_packs_are_joined_and_nothing_of_either_is_lost(tmp_path: Path) -> None:
    strict = PACK.replace("ID", "strict").replace("DOUBT", "{at_most: high}")
    mild = PACK.replace("ID", "mild").replace("DOUBT", "{at_most: low}").replace("[hr]", "[dpo]")
    written(tmp_path, strict, "strict.yaml")
    written(tmp_path, mild, "mild.yaml")
    pack = packs.load(written(tmp_path, "extends: [mild.yaml, strict.yaml, focus]\n"))
    assert pack.id == "mild+strict+004"
    assert pack.title == "Policy mild"
    assert {"mild/1", "strict/1", "004/7.1"} <= {clause.id for clause in pack.clauses}
    assert pack.doubt.at_most is Severity.high
    assert pack.unread.recipients == ("dpo", "hr", "safeguarding")
    assert packs.check(pack) == []
    assert {"governance", "safeguarding"} <= set(
        verdict_on(pack, "threat", severity=Severity.high).recipients
    )


PACK = """\
id: ID
title: Policy ID
version: "1"
reviewed_on: 2026-01-31
review_by: 2027-01-31
clauses:
  - id: ID/1
    paraphrase: Everything.
    labels: [ALL]
    severity: medium
    recipients: [governance]
doubt: DOUBT
unread: {recipients: [hr]}
examples:
  - case: an insult
    given: {labels: [harassment], severity: medium}
    expect: {flagged: true, severity: medium, clauses: [ID/1], recipients: [governance]}
""".replace("ALL", ", ".join(LABELS))


def test_a_file_may_extend_one_that_extends_another(tmp_path: Path) -> None:
    written(tmp_path)
    pack = packs.load(written(tmp_path, "extends: own.yaml\nid: leaf\n", "leaf.yaml"))
    assert pack.id == "leaf"
    assert pack.clause("own/1") is not None


WRONG = [
    # (what is replaced, by what: its last line is at fault, what the error says)
    ("  004/9.2/3:", "  004/9.2/33:", "no clause '004/9.2/33' in the packs that this one extends"),
    ("  004/6.5:", "  004/66:", "no clause '004/66'"),
    ("severity: medium", "severity: loud", "unknown severity 'loud'"),
    ("recipients: [dpo]", "recipients: [boss]", "unknown role 'boss'"),
    ("routes: [answer]", "routes: [shout]", "unknown route 'shout'"),
    ("routes: [answer]", "rootes: [answer]", "unknown key 'rootes'"),
    ("routes: [answer]", "id: 004/x", "a clause keeps its id"),
    ("law: [cdpa-1988]", "law: [magna-carta]", "unknown law 'magna-carta'"),
    ("tags: [ip]", "tags: [ipp]", "unknown tag 'ipp'"),
    ("  - id: own/1", "  - id: 004/7.1", "clause id '004/7.1' is used by a pack that this one extends"),
    ("extends: focus", "extends: fokus", "no policy pack is called 'fokus'"),
    ("extends: focus", "extends: own.yaml", "extends itself"),
    ("extends: focus", "extends: []", "at least one is needed"),
    ('version: "3"', 'verzion: "3"', "unknown key 'verzion'"),
    ("We have no account there.", "''", "at least 1 character"),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG)
def test_a_slip_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in OWN
    path = written(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        packs.load(path)
    assert says in caught.value.problem
    assert caught.value.path == path
    assert caught.value.line == 1 + OWN[: OWN.index(old)].count("\n")


# What hides a child at risk, and the line that does.
HIDING = [
    (
        "doubt: {at_most: low, critical_at_most: medium}",
        "'critical_at_most' of 'doubt' may be raised and not lowered",
    ),
    (
        "doubt:\n  at_most: low\n  grave_at_most: low",
        "'grave_at_most' of 'doubt' may be raised and not lowered",
    ),
    ("unread: {recipients: [comms]}", "what the machine cannot read goes to safeguarding too"),
    (
        "unread:\n  severity: none",
        "'severity' of 'unread' may be raised and not lowered: what it extends says low",
    ),
    ("lowers:\n  - {id: l, why: w, author_roles: [public], only_labels: [safeguarding]}", "no rule lowers"),
    (
        "ceilings:\n  - id: hush\n    why: quiet\n    at_most: low\n    only_labels: [hate, threat]",
        "no rule lowers",
    ),
]


@pytest.mark.parametrize(("lines", "says"), HIDING)
def test_no_file_hides_a_child_at_risk(tmp_path: Path, lines: str, says: str) -> None:
    path = written(tmp_path, f"{OWN}{lines}\n")
    with pytest.raises(ConfigError) as caught:
        packs.load(path)
    assert says in caught.value.problem
    assert caught.value.line == 1 + f"{OWN}{lines}".count("\n")


def test_doubt_and_unread_may_be_raised_and_keep_what_is_not_said(tmp_path: Path) -> None:
    raised = "doubt: {grave_at_most: high}\nunread: {severity: high}\n"
    pack = packs.load(written(tmp_path, OWN + raised))
    assert pack.doubt == FOCUS.doubt.model_copy(update={"grave_at_most": Severity.high})
    assert (pack.unread.severity, pack.unread.recipients) == (Severity.high, FOCUS.unread.recipients)
    pack = packs.load(written(tmp_path, OWN + "unread: {recipients: [comms, safeguarding]}\n"))
    assert (pack.unread.severity, pack.unread.recipients) == (
        FOCUS.unread.severity,
        ("comms", "safeguarding"),
    )


def test_an_override_of_every_safeguarding_clause_still_tells_safeguarding(tmp_path: Path) -> None:
    grave = [clause.id for clause in FOCUS.detected if "safeguarding" in clause.labels]
    change = "{recipients: [comms], severity: low, routes: [platform_notice]}"
    path = written(tmp_path, "extends: focus\noverride:\n" + "".join(f"  {one}: {change}\n" for one in grave))
    pack = packs.load(path)
    assert "safeguarding" in verdict_on(pack, "safeguarding").recipients
    assert "safeguarding" in verdict_on(pack, ask=("safeguarding",)).recipients


def test_switching_off_what_a_label_depends_on_is_refused(tmp_path: Path) -> None:
    text = OWN.replace("switch_off:\n", "switch_off:\n  004/1.2: Too loud.\n")
    with pytest.raises(ConfigError, match="no clause says who is told of 'threat'"):
        packs.load(written(tmp_path, text))


def test_two_packs_that_disagree_on_a_clause_are_not_joined(tmp_path: Path) -> None:
    same = PACK.replace("DOUBT", "{}")
    written(tmp_path, same.replace("ID", "x"), "one.yaml")
    written(tmp_path, same.replace("ID", "x").replace("Everything.", "All."), "two.yaml")
    with pytest.raises(
        ConfigError, match=r"own\.yaml:1: two of the packs have a clause 'x/1', and they differ"
    ):
        packs.load(written(tmp_path, "extends: [one.yaml, two.yaml]\n"))


def test_an_error_in_a_pack_that_is_extended_names_that_file(tmp_path: Path) -> None:
    written(tmp_path, PACK.replace("DOUBT", "{at_moist: low}").replace("ID", "x"), "one.yaml")
    with pytest.raises(ConfigError, match=r"one\.yaml:12: unknown key 'at_moist'"):
        packs.load(written(tmp_path, "extends: one.yaml\n"))


# Nothing that an operator writes reaches what stands above every pack.

overrides = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from([s.name for s in Severity if s]),
        "recipients": st.lists(st.sampled_from(["hr", "comms", "dpo"]), min_size=1, max_size=2, unique=True),
        "routes": st.lists(st.sampled_from(["contact_poster", "platform_notice", "hr"]), unique=True),
        "law": st.just([]),
    },
)


@given(st.dictionaries(st.sampled_from([clause.id for clause in FOCUS.detected]), overrides))
def test_no_override_lifts_a_guard(changes: dict[str, dict[str, object]]) -> None:
    clauses = tuple(
        Clause.model_validate({**{f: getattr(c, f) for f in c.model_fields_set}, **changes.get(c.id, {})})
        for c in FOCUS.clauses
    )
    pack = FOCUS.model_copy(update={"clauses": clauses})
    leak = verdict_on(pack, "internal", author_role="staff")
    assert leak.guards == ("speak_up",)
    assert "speak_up" in leak.recipients
    images = verdict_on(pack, tags=("child_images",))
    assert (images.severity, images.guards) == (Severity.critical, ("sealed",))
    assert images.routes[:3] == ("iwf", "ceop", "police")
    assert "safeguarding" in verdict_on(pack, ask=("safeguarding",)).recipients
    talk = verdict_on(pack, "reputation")
    assert talk.guards == ("criticism",)
    assert not {"contact_poster", "platform_notice"} & set(talk.routes)
    assert verdict_on(pack, "threat", severity=Severity.critical).severity is Severity.critical
