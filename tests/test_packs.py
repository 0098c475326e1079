"""Our packs and books: what each must keep, that they pass over nothing and copy nothing, and the page of them."""

import re
from pathlib import Path

import pytest
from verdicts import assessment, mention

from core.errors import ConfigError
from core.types import Severity
from core.vocabulary import AUTHOR_ROLES, LABELS
from policies import pack as packs
from policies import table
from policies.books import books
from policies.clauses import Clause, Handling
from policies.extend import Extension
from policies.guards import FIRST_FOR_CRITICISM, FIRST_WHEN_SEALED
from policies.judge import judge
from policies.shape import Expect, Given, Pack


@pytest.fixture(params=packs.names())
def pack(request: pytest.FixtureRequest) -> Pack:
    return packs.load(str(request.param))


def test_every_example_of_every_pack_holds(pack: Pack) -> None:
    assert packs.check(pack) == []


def test_every_visible_clause_is_reached_by_an_example(pack: Pack) -> None:
    reached = {clause for example in pack.examples for clause in example.expect.clauses}
    assert {clause.id for clause in pack.detected} - reached == set()


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


# Each clause of each of the five documents, whatever becomes of it; a range is one clause here.
CLAUSES = {
    "000": "3.3 3.4/1 3.4/2 3.4/3 3.4/4 3.5/1 3.5/2 3.5/3 3.5/4 3.5/5 3.5/6 3.5/7 3.5/8 3.5/9 3.5/10 3.5/11 3.5/12 "
    "3.5/13 3.5/14 3.5/15 3.5/tail",
    "001": "Scope Business-Use/list Business-Use/last Confidentiality/identify Confidentiality/may-lead-to "
    "Confidentiality/stigma Confidentiality/1 Confidentiality/2 Confidentiality/3 Confidentiality/liability-dpia "
    "Representative/1 Representative/2 Representative/3 Boundaries Personal-Privacy Personal-Use Bullying/1 Bullying/2 "
    "Bullying/3 Raising/1 Raising/2 Raising/3 Raising/4 Raising/5 Email/conditions/1-7 Email/prohibited/1-6 "
    "Email/cyberbullying-pii-leavers Internet/prohibited/1-8 Roles Monitoring",
    "002": "Legal-Consequences Case-Law/1 Case-Law/2 Case-Law/3 Appropriate/1-9 Inappropriate/1 Inappropriate/2-3 "
    "Inappropriate/4-5 Inappropriate/6 Inappropriate/7 Topic-Pages Topic-Pages/in-place DO-NOT/1 DO-NOT/2 DO-NOT/3 "
    "General/data Concerns/1 Concerns/2 Concerns/3 Concerns/4 Concerns/5 Concerns/6 M-1.4 M-1.5 M-5.1 M-6.1 M-6.2/1 "
    "M-6.2/2 M-6.2/3 M-6.2/4 M-6.2/5 M-6.2/6 M-6.2/7 M-6.2/8 M-6.3 M-7.1 M-8.1 M-9.1 M-9.2 M-10.1 M-10.2 M-11",
    "003": "Introduction Strategic-Leads Employee/general Employee/1 Employee/2 Employee/3 Employee/4 Employee/5 "
    "Employee/6 Employee/7 Employee/8 Employee/9 Employee/10 Employee/11 Points-to-Remember Best-Practice/1 "
    "Best-Practice/2 Best-Practice/3 Best-Practice/4 Best-Practice/5 Best-Practice/6 Best-Practice/7 Best-Practice/8 "
    "Additional-Guidelines Non-Compliance/1 Non-Compliance/2 Conclusion/1 Conclusion/2 Conclusion/3",
    "focus": "1.2 2.3-2.4 2.5 3.1-3.3 4.1-4.3 5.1 5.2/1 5.2/2 5.2/3 5.2/4 5.2/5 5.2/6 5.2/7 5.3 6.1-6.4 6.5 6.6-6.7 "
    "7.1 8.1 9.1/1 9.1/2 9.1/3 9.2/1 9.2/2 9.2/3 9.2/4 9.2/5-7 10",
}


@pytest.mark.parametrize("name", CLAUSES)
def test_our_packs_pass_over_no_clause_of_their_policies(name: str) -> None:
    pack = packs.load(name)
    ids = {clause.id for clause in pack.clauses}
    assert {f"{pack.id}/{clause}" for clause in CLAUSES[name].split()} - ids == set()
    assert all(clause_id.startswith(f"{pack.id}/") for clause_id in ids)


@pytest.mark.parametrize("label", LABELS)
def test_whoever_wrote_it_every_label_opens_a_route(pack: Pack, label: str) -> None:
    for author_role in AUTHOR_ROLES:
        verdict = judge(mention(), assessment(label, author_role=author_role, severity=Severity.high), pack)
        assert verdict.routes, author_role


SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"


def test_no_pack_copies_a_sentence_of_its_policy(pack: Pack) -> None:
    seeds = sorted(SEEDS.glob("*.txt"))
    if not seeds:
        pytest.skip("the policies' own texts are not here")
    sources = [_spoken(seed.read_text(encoding="utf-8", errors="replace")) for seed in seeds]
    written = [
        *((clause.id, clause.paraphrase) for clause in pack.clauses),
        *((clause.id, clause.does or clause.reason) for clause in pack.clauses),
        *((offence.law, offence.said) for offence in pack.offences),
    ]
    for name, text in written:
        words = _spoken(text).split()
        runs = (" ".join(words[start : start + 7]) for start in range(len(words) - 6))
        assert [run for run in runs if any(f" {run} " in source for source in sources)] == [], name


def _spoken(text: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "


BOOKS = {
    "routes.yaml": "routes:\n  - id: one\n    title: One\n    use_when: Always.\n    owner: hr\n    kind: care\n",
    "law.yaml": "law:\n  - id: act\n    offence: A\n    statute: B\n    source: C\n    checked_on: 2026-11-27\n"
    "    nation: UK\n",
}


def test_the_books_are_read_by_their_ids(tmp_path: Path) -> None:
    for name, text in BOOKS.items():
        (tmp_path / name).write_text(text)
    found = books(tmp_path)
    assert found.route["one"].owner == "hr"
    assert found.known == {"route": ("one",), "law": ("act",)}


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("routes.yaml", "kind: care", "kind: caring", r"routes\.yaml:6: "),
        ("routes.yaml", "owner: hr", "owner: boss", r"routes\.yaml:5: unknown role 'boss'"),
        ("routes.yaml", "kind: care", "kind: care\n    answer_within: soon", r"routes\.yaml:7: "),
        (
            "routes.yaml",
            "kind: care\n",
            "kind: care\n" + BOOKS["routes.yaml"][8:],
            r"route id 'one' is used twice",
        ),
        ("law.yaml", "nation: UK", "nation: UK\n    labels: [hat]", r"law\.yaml:8: unknown label 'hat'"),
        ("law.yaml", "checked_on: 2026-11-27", "checked_on: often", r"law\.yaml:6: "),
        ("law.yaml", "    source: C\n", "", r"law\.yaml:2: key 'source' is missing"),
    ],
)
def test_a_slip_in_a_book_is_refused_with_its_line(
    tmp_path: Path, name: str, old: str, new: str, says: str
) -> None:
    for book, text in BOOKS.items():
        (tmp_path / book).write_text(text.replace(old, new, 1) if book == name else text)
    with pytest.raises(ConfigError, match=says):
        books(tmp_path)


def test_the_guards_find_the_routes_that_they_put_first_and_lock() -> None:
    book = books().route
    assert {*FIRST_WHEN_SEALED, *FIRST_FOR_CRITICISM, "speak_up_guardian"} <= set(book)
    assert {route.id for route in book.values() if route.kind == "removal"} == {
        "contact_poster",
        "platform_notice",
    }
    assert {route.id for route in book.values() if route.second_approver} == {
        "police", "legal_advice", "hr", "ico", "professional_body",
    }  # fmt: skip


def test_the_page_about_packs_is_up_to_date() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert table.update(page) == page, "run python -m policies.table"


def test_the_page_names_each_clause_and_rule_of_each_pack(pack: Pack) -> None:
    rendered = table.render(pack)
    rules = [rule.id for rule in pack.raises] + [r.id for r in pack.lowers] + [r.id for r in pack.ceilings]
    for name in [clause.id for clause in pack.clauses] + rules:
        assert rendered.count(f"\n| {name} |") == 1
    for clause in pack.clauses:
        row = next(line for line in rendered.splitlines() if line.startswith(f"| {clause.id} |"))
        told = (
            *clause.labels,
            *clause.tags,
            *clause.recipients,
            *clause.routes,
            *clause.law,
            clause.does,
            clause.reason,
        )
        assert all(word in row for word in told)


def test_the_page_counts_what_becomes_of_the_clauses_and_prints_both_books() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    pack = packs.load("focus")
    counts = [len(pack.clauses), *(len(pack.handled(how)) for how in Handling), len(pack.examples)]
    assert f"| {pack.title} | 004 | {pack.version} | {' | '.join(map(str, counts))} |" in page
    assert all(f"| `{name}` |" in page for ids in books().known.values() for name in ids)


def test_a_page_that_lost_a_marker_is_not_written() -> None:
    with pytest.raises(ValueError, match="lost a marker"):
        table.update(f"# Packs\n{table.BEGIN}\n")


def test_the_keys_of_a_pack_are_told_on_the_page() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    shapes = (Pack, Clause, Extension, Given, Expect)
    keys = {key for shape in shapes for key in shape.model_fields}
    keys |= {"only_labels", "grave_at_most", "minimum_severity", "said", "law"}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
