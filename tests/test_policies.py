"""Packs as files: what is refused and where, what every pack must keep, and the page that tells of them."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import LABELS
from policies import pack as packs
from policies import table
from policies.shape import Pack

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
    assert [clause.id for clause in pack.clauses] == ["own/1", "own/2", "own/3"]
    assert [clause.id for clause in pack.visible] == ["own/1", "own/2"]
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
    ("title: Our policy", "title: Our policy\n  : [", "not valid YAML"),
]
ON_THE_LINE_OF_THE_WHOLE = [
    # (what is replaced, by what, where the thing at fault begins, what the error says)
    ("    reason: A duty of the house.\n", "", "- id: own/3", "a reason belongs to"),
    ("visible: false", "visible: true", "- id: own/3", "needs labels"),
    ("[dpo]", "[]", "- id: own/2", "needs labels, a severity above none and recipients"),
    ("reason: A", "labels: [hate]\n    reason: A", "- id: own/3", "takes a reason and no conditions"),
    ("    expect: {flagged: false}\n", "", "- case: nothing found", "key 'expect' is missing"),
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


@pytest.mark.parametrize("condition", ["minimum_severity: low", "platforms: [x]", "findings: [address]"])
def test_a_clause_with_a_further_condition_does_not_cover_a_label(tmp_path: Path, condition: str) -> None:
    text = PACK.replace("recipients: [governance]", f"recipients: [governance]\n    when: {{{condition}}}")
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


@pytest.fixture(params=packs.names())
def pack(request: pytest.FixtureRequest) -> Pack:
    return packs.load(str(request.param))


def test_every_example_of_every_pack_holds(pack: Pack) -> None:
    assert packs.check(pack) == []


def test_every_visible_clause_is_reached_by_an_example(pack: Pack) -> None:
    reached = {clause for example in pack.examples for clause in example.expect.clauses}
    assert {clause.id for clause in pack.visible} - reached == set()


def test_every_pack_has_25_examples_of_both_sides_and_each_label(pack: Pack) -> None:
    assert len(pack.examples) >= 25
    assert {example.expect.flagged for example in pack.examples} == {True, False}
    assert {label for example in pack.examples for label in example.given.labels} == set(LABELS)


def test_every_severity_rule_decides_an_example(pack: Pack) -> None:
    for field in ("raises", "lowers", "ceilings"):
        rules = getattr(pack, field)
        for rule in rules:
            without = pack.model_copy(update={field: tuple(other for other in rules if other != rule)})
            assert packs.check(without), f"no example needs rule {rule.id}"


def test_finding_kinds_of_the_packs_are_kinds_that_the_detectors_have(pack: Pack) -> None:
    data = Path(__file__).parents[1].parent / "shared" / "data" / "personal-data-dev.jsonl"
    if not data.exists():
        pytest.skip("the development set of personal data is not here")
    text = data.read_text(encoding="utf-8")
    whens = [*(rule.when for rule in pack.raises), *(clause.when for clause in pack.clauses)]
    named = {kind for when in whens for kind in when.findings}
    assert [kind for kind in sorted(named) if f'"kind": "{kind}"' not in text] == []


POLICY_CLAUSES = (
    *("1.2", "2.3-2.4", "2.5", "3.1-3.3", "4.1-4.3", "5.1"),
    *("5.2/1", "5.2/2", "5.2/3", "5.2/4", "5.2/5", "5.2/6", "5.2/7", "5.3"),
    *("6.1-6.4", "6.5", "6.6-6.7", "7.1", "8.1", "9.1/1", "9.1/2", "9.1/3"),
    *("9.2/1", "9.2/2", "9.2/3", "9.2/4", "9.2/5-7", "10"),
)


def test_focus_has_each_clause_of_the_policy() -> None:
    pack = packs.load("focus")
    assert {clause.id for clause in pack.clauses} >= {f"004/{clause}" for clause in POLICY_CLAUSES}


def test_focus_copies_no_sentence_of_the_policy() -> None:
    seed = Path(__file__).parents[1].parent / "shared" / "seeds" / "004_66410ecd589d1895.txt"
    if not seed.exists():
        pytest.skip("the policy's own text is not here")
    source = " ".join(seed.read_text(encoding="utf-8").lower().split())
    for clause in packs.load("focus").clauses:
        words = clause.paraphrase.lower().rstrip(".").split()
        runs = (" ".join(words[start : start + 7]) for start in range(len(words) - 6))
        assert [run for run in runs if run in source] == [], clause.id


def test_the_page_about_packs_is_up_to_date() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert table.update(page) == page, "run python -m policies.table"


def test_the_page_names_each_clause_and_rule_of_each_pack(pack: Pack) -> None:
    rendered = table.render(pack)
    rules = [rule.id for rule in pack.raises] + [r.id for r in pack.lowers] + [r.id for r in pack.ceilings]
    for name in [clause.id for clause in pack.clauses] + rules:
        assert rendered.count(f"\n| {name} |") == 1


def test_every_table_row_has_as_many_cells_as_its_head(tmp_path: Path) -> None:
    text = PACK.replace("Staff keep confidences.", "'Staff | keep\n      confidences.'")
    rendered = table.render(packs.load(own_pack(tmp_path, text)))
    assert "Staff \\| keep confidences." in rendered
    widths = {
        line.replace("\\|", "").count("|") for line in rendered.splitlines() if line.startswith("| own/")
    }
    assert widths == {7, 4}


def test_a_page_that_lost_a_marker_is_not_written() -> None:
    with pytest.raises(ValueError, match="lost a marker"):
        table.update(f"# Packs\n{table.BEGIN}\n")


def test_the_keys_of_a_pack_are_told_on_the_page() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    keys = set(Pack.model_fields) | {
        "labels",
        "when",
        "only_labels",
        "grave_at_most",
        "minimum_severity",
        "given",
    }
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
