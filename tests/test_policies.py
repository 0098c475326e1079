"""A pack as a file: what is read, and what is refused and where."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import LABELS
from policies import pack as packs
from policies import table

PACK = """\
id: own
title: Our policy
version: "2"
reviewed_on: 2026-01-31
review_by: 2027-01-31
clauses:
  - id: own/1
    paraphrase: Everything is somebody's business.
    labels:
      [ALL]
    severity: medium
    recipients: [governance]
  - id: own/2
    paraphrase: Staff keep confidences.
    labels:
      - confidentiality
      - privacy
    severity: high
    recipients: [dpo]
    when:
      author_roles: [staff]
  - id: own/3
    paraphrase: The policy is reviewed.
    visible: false
    reason: A duty of the house.
  - id: own/4
    paraphrase: Our logo is ours, our pictures too.
    tags: [ip]
    severity: low
    recipients: [legal]
    routes: [platform_notice]
    law: [cdpa-1988]
  - id: own/5
    paraphrase: A manager is told at once.
    does: The form for a concern takes a link and a text.
    recipients: [governance]
raises:
  - id: numbers
    why: It holds a number.
    labels: [privacy]
    when: {findings: [nhs_number]}
lowers:
  - {id: kin, why: A relative's own., only_labels: [confidentiality], author_roles: [family]}
ceilings:
  - id: talk
    why: Talk is free.
    only_labels: [reputation]
    at_most: low
examples:
  - case: nothing found
    given: {author_role: public}
    expect: {flagged: false}
""".replace("ALL", ", ".join(LABELS))


def own_pack(folder: Path, text: str = PACK) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pack_of_the_operators_is_loaded_by_its_path(tmp_path: Path) -> None:
    pack = packs.load(own_pack(tmp_path))
    assert [clause.id for clause in pack.clauses] == ["own/1", "own/2", "own/3", "own/4", "own/5"]
    assert [clause.id for clause in pack.detected] == ["own/1", "own/2", "own/4"]
    assert [str(clause.handling) for clause in pack.clauses[2:]] == ["not visible", "detected", "routed"]
    assert pack.clauses[1].severity is Severity.high
    assert packs.check(pack) == []


def test_the_folder_is_the_list_of_names() -> None:
    assert "focus" in packs.names()
    assert packs.names() == sorted(path.stem for path in packs.FOLDER.iterdir())


ON_ITS_OWN_LINE = [
    # (what is replaced, by what: its last line is at fault, what the error says)
    ("[staff]", "[stuff]", "unknown author role 'stuff'"),
    ("- privacy\n", "- privcy\n", "unknown label 'privcy'"),
    ("[dpo]", "[dpo, boss]", "unknown role 'boss'"),
    ("severity: high", "severity: hihg", "unknown severity 'hihg'"),
    ("severity: high", "severity: 3", "unknown severity '3'"),
    ("author_roles: [staff]", "platforms: [myspace]", "unknown platform 'myspace'"),
    ("[nhs_number]", "[NHS number]", "raises.0.when.findings.0"),
    ("at_most: low", "at_mots: low", "unknown key 'at_mots'"),
    ("[nhs_number]}", "[nhs_number]}\n    at_least: low", "unknown key 'at_least'"),
    ("visible: false", "vissible: false", "unknown key 'vissible'"),
    ("version:", "verzion:", "unknown key 'verzion'"),
    ("id: own/2", "id: own/1", "clause id 'own/1' is used twice"),
    ("severity: high", "severity: high\n    severity: low", "key 'severity' stands twice"),
    ("case: nothing found", "case: ''", "at least 1 character"),
    ("only_labels: [reputation]", "only_labels: []", "at least one is needed"),
    ("only_labels: [reputation]", "only_labels: [threat]", "no rule lowers or bounds 'threat'"),
    (
        "only_labels: [reputation]",
        "only_labels:\n      - hate\n      - safeguarding",
        "bounds 'safeguarding'",
    ),
    (
        "only_labels: [confidentiality]",
        "only_labels: [safeguarding]",
        "no rule lowers or bounds 'safeguarding'",
    ),
    ("title: Our policy", "title: Our policy\n  : [", "not valid YAML"),
    ("tags: [ip]", "tags: [iq]", "unknown tag 'iq'"),
    ("[platform_notice]", "[platform]", "unknown route 'platform'"),
    ("[cdpa-1988]", "[cdpa]", "unknown law 'cdpa'"),
    ("{findings: [nhs_number]}", "{tags: [minor]}", "unknown tag 'minor'"),
    ("expect: {flagged: false}", "expect: {flagged: false, guards: [dog]}", "unknown guard 'dog'"),
    ("{author_role: public}", "{author_role: public, tags: [kid]}", "unknown tag 'kid'"),
]
ON_THE_LINE_OF_THE_WHOLE = [
    # (what is replaced, by what, where the thing at fault begins, what the error says)
    ("    reason: A duty of the house.\n", "", "- id: own/3", "a reason belongs to"),
    ("visible: false", "visible: true", "- id: own/3", "needs labels"),
    ("[dpo]", "[]", "- id: own/2", "needs labels, a severity above none and recipients"),
    ("reason: A", "labels: [hate]\n    reason: A", "- id: own/3", "takes a reason and no conditions"),
    ("    expect: {flagged: false}\n", "", "- case: nothing found", "key 'expect' is missing"),
    ("does: The", "labels: [hate]\n    does: The", "- id: own/5", "nothing to look for"),
    ("does: The", "law: [cdpa-1988]\n    does: The", "- id: own/5", "nothing to look for"),
    ("reason: A", "does: Nothing.\n    reason: A", "- id: own/3", "takes a reason and no conditions"),
    ("reason: A", "routes: [police]\n    reason: A", "- id: own/3", "takes a reason and no conditions"),
    ("    tags: [ip]\n", "", "- id: own/4", "needs labels"),
    ("2027-01-31", "2025-01-31", "id: own", "'review_by' must be later"),
]


def refusal(folder: Path, old: str, new: str) -> ConfigError:
    assert old in PACK
    path = own_pack(folder, PACK.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        packs.load(path)
    assert str(caught.value) == f"{path}:{caught.value.line}: {caught.value.problem}"
    return caught.value


@pytest.mark.parametrize(("old", "new", "says"), ON_ITS_OWN_LINE)
def test_a_slip_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    error = refusal(tmp_path, old, new)
    assert says in error.problem
    assert error.line == 1 + PACK[: PACK.index(old)].count("\n") + new.rstrip("\n").count("\n")


@pytest.mark.parametrize(("old", "new", "begins", "says"), ON_THE_LINE_OF_THE_WHOLE)
def test_what_does_not_fit_together_is_refused_with_the_line_where_it_begins(
    tmp_path: Path, old: str, new: str, begins: str, says: str
) -> None:
    error = refusal(tmp_path, old, new)
    assert says in error.problem
    assert error.line == 1 + PACK[: PACK.index(begins)].count("\n")


def test_several_faults_are_told_by_the_first_and_counted(tmp_path: Path) -> None:
    text = (
        PACK.replace("[dpo]", "[boss]")
        .replace("[nhs_number]", "[1]")
        .replace("at_most: low", "at_most: lots")
    )
    with pytest.raises(ConfigError, match=r"unknown role 'boss'.*\(and 2 more\)"):
        packs.load(own_pack(tmp_path, text))


@pytest.mark.parametrize("label", LABELS)
def test_a_pack_that_leaves_a_label_to_nobody_is_refused(tmp_path: Path, label: str) -> None:
    kept = ", ".join(other for other in LABELS if other != label)
    text = PACK.replace(", ".join(LABELS), kept)
    assert text != PACK
    with pytest.raises(ConfigError, match=f"who is told of '{label}' by author role"):
        packs.load(own_pack(tmp_path, text))


@pytest.mark.parametrize(
    "condition", ["minimum_severity: low", "platforms: [x]", "findings: [address]", "tags: [child]"]
)
def test_a_clause_with_a_further_condition_does_not_cover_a_label(tmp_path: Path, condition: str) -> None:
    text = PACK.replace("recipients: [governance]", f"recipients: [governance]\n    when: {{{condition}}}", 1)
    with pytest.raises(ConfigError, match="no clause says who is told"):
        packs.load(own_pack(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "just words",
        "\x01",
        "id: [",
        "reviewed_on: 2026-13-01",
        "id: !!python/object:os.system x",
    ],
)
def test_what_is_no_pack_at_all_is_a_config_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"own\.yaml"):
        packs.load(own_pack(tmp_path, text))


def test_a_pack_that_bites_its_own_tail_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        packs.load(own_pack(tmp_path, "id: &me [*me]\n"))


def test_a_pack_in_another_encoding_or_absent_is_a_config_error(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    with pytest.raises(ConfigError, match="cannot be read"):
        packs.load(path)
    path.write_bytes(PACK.replace("Our", "Unsere Grüße").encode("latin-1"))
    with pytest.raises(ConfigError, match="cannot be read"):
        packs.load(path)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no policy pack is called 'fokus': one of .*focus"):
        packs.load("fokus")


def test_an_example_that_no_longer_holds_is_found(tmp_path: Path) -> None:
    text = PACK.replace("given: {author_role: public}", "given: {labels: [privacy], severity: high}")
    assert packs.check(packs.load(own_pack(tmp_path, text))) == [
        "example 1 (nothing found): flagged should be False, is True",
        "example 1 (nothing found): severity should be none, is high",
        "example 1 (nothing found): clauses should be [], is ['own/1']",
        "example 1 (nothing found): recipients should be [], is ['governance']",
    ]


def test_routes_and_guards_of_an_example_are_checked_only_where_they_are_given(tmp_path: Path) -> None:
    given = "given: {labels: [reputation], severity: low}"
    expect = "flagged: true, severity: low, clauses: [own/1], recipients: [governance]"
    text = PACK.replace("given: {author_role: public}", given).replace("flagged: false", expect)
    assert packs.check(packs.load(own_pack(tmp_path, text))) == []
    wrong = text.replace(expect, f"{expect}, routes: [police], guards: [sealed]")
    assert packs.check(packs.load(own_pack(tmp_path, wrong))) == [
        "example 1 (nothing found): routes should be ['police'], is ['answer', 'complaints']",
        "example 1 (nothing found): guards should be ['sealed'], is ['criticism']",
    ]


def test_every_table_row_has_as_many_cells_as_its_head(tmp_path: Path) -> None:
    text = PACK.replace("Staff keep confidences.", "'Staff | keep\n      confidences.'")
    rendered = table.render(packs.load(own_pack(tmp_path, text)))
    assert "Staff \\| keep confidences." in rendered
    widths = {
        line.replace("\\|", "").count("|") for line in rendered.splitlines() if line.startswith("| own/")
    }
    assert widths == {9, 6, 4}
