"""The functional tests of the abuse labels: that the set is sound, and that the model stays above a floor."""

import re
import sys
from collections import Counter, defaultdict
from itertools import groupby
from pathlib import Path

import pytest

from classifiers.artefact import bundled, load
from classifiers.labelled import read_examples
from classifiers.scorer import Scorer
from core.files import write_lines
from core.vocabulary import PLATFORMS
from flows.wiring import Judgement

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
FLOOR = 0.75  # of the sample below; raise it with the model
SAMPLE = 600


@pytest.fixture(scope="module")
def bench():
    """benchmarks/functional.py, imported as its folder would find it."""
    before = list(sys.path)
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import functional

        yield functional
    finally:
        sys.path[:] = before


@pytest.fixture(scope="module")
def cases(bench):
    return bench.expand(*bench.read())


def spellings(bench, cases, *wanted):
    """Pairs of a plain case and its spelling, for functionalities that use the wanted spelling."""
    known = {case.id: case for case in cases}
    found = []
    for _, own in groupby((case for case in cases if case.source), lambda case: case.functionality):
        for number, case in enumerate(own):
            ways = case.functionality.spelling
            if ways[number % len(ways)] in wanted:
                found.append((known[case.source], case))
    assert len(found) >= 30
    return found


def letters(text):
    return Counter(text.replace(" ", ""))


def test_the_expansion_is_the_same_each_time(bench, cases):
    assert bench.expand(*bench.read()) == cases
    assert 2500 <= len(cases) <= 3500


def test_ids_are_unique(cases):
    assert len({case.id for case in cases}) == len(cases)


def test_every_slot_is_filled_and_no_mark_is_left(cases):
    for case in cases:
        assert not re.search(r"[{}<>]|  ", case.text), case.text
        assert case.text == case.text.strip()
        assert case.text[0].isupper() or not case.text[0].isascii() or case.text[0] in "\"'", case.text


def test_articles_agree_with_their_words(cases):
    plain = [case.text for case in cases if not case.source]
    assert not [text for text in plain if re.search(r"\ba (?=[aeio])|\ban (?=[^aeiouAEIO])", text, re.I)]


def test_every_form_of_every_slot_is_used_by_some_entry(bench):
    functionalities, words = bench.read()
    for one in functionalities:
        for template in one.templates:
            assert any(True for _ in sys.modules["functional_cases"].fillings(template, words)), template


def test_no_sentence_appears_twice_and_none_under_two_answers(cases):
    answers = defaultdict(set)
    for case in cases:
        answers[case.text.casefold()].add(case.functionality.expect)
    assert not [text for text, expected in answers.items() if len(expected) > 1]
    assert len(answers) == len(cases)


def test_each_functionality_has_cases_enough(cases):
    sizes = Counter(case.functionality.name for case in cases)
    assert min(sizes.values()) >= 30
    assert max(sizes.values()) <= 150


def test_all_seven_characteristics_are_spoken_of_on_both_sides(bench, cases):
    traits = {entry["group"]: entry["trait"] for entry in bench.read()[1]["group"]}
    assert len(set(traits.values())) == 7
    sides = defaultdict(Counter)
    for case in cases:
        if case.group:
            sides[case.functionality.expect][case.group] += 1
    for side in sides.values():
        assert side.keys() == traits.keys()
        assert min(side.values()) >= 10


def test_groups_are_spoken_of_about_equally(cases):
    sizes = Counter(case.group for case in cases if case.functionality.name == "hate_derogation")
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_every_spelling_differs_from_its_plain_sentence_and_keeps_its_answer(bench, cases):
    known = {case.id: case for case in cases}
    varied = [case for case in cases if case.source]
    assert {way for case in varied for way in case.functionality.spelling} == set(
        sys.modules["functional_cases"].SPELLINGS
    )
    for case in varied:
        source = known[case.source]
        assert case.text != source.text
        assert case.group == source.group
        assert case.functionality.any_of == source.functionality.any_of
        assert case.functionality.expect == source.functionality.expect == "flag"


def test_swapped_letters_are_the_same_letters(bench, cases):
    for plain, case in spellings(bench, cases, "swapped"):
        assert letters(case.text) == letters(plain.text)
        assert len(case.text.split()) == len(plain.text.split())


def test_missing_letters_leave_as_many_words_each_at_most_a_letter_shorter(bench, cases):
    for plain, case in spellings(bench, cases, "missing"):
        shorter = [
            len(a) - len(b) for a, b in zip(plain.text.split(), case.text.split(), strict=True) if a != b
        ]
        assert shorter
        assert set(shorter) == {1}


def test_joined_and_spaced_sentences_differ_in_spaces_only(bench, cases):
    for plain, case in spellings(bench, cases, "joined", "spaced"):
        assert case.text.replace(" ", "") == plain.text.replace(" ", "")


def test_a_starred_letter_is_the_only_letter_gone(bench, cases):
    for plain, case in spellings(bench, cases, "masked"):
        assert re.fullmatch(re.escape(case.text).replace(r"\*", "[a-z]"), plain.text)


def test_leetspeak_lookalikes_and_invisible_characters_lead_back(bench, cases):
    inner = sys.modules["functional_cases"]
    for table, way in ((inner.LEET, "leetspeak"), (inner.CYRILLIC, "homoglyphs")):
        for plain, case in spellings(bench, cases, way):
            assert case.text.translate(table) == plain.text.translate(table)
    for plain, case in spellings(bench, cases, "zero_width"):
        assert re.sub(f"[{''.join(inner.INVISIBLE)}]", "", case.text) == plain.text


def test_an_emoji_stands_for_each_marked_word(bench, cases):
    inner = sys.modules["functional_cases"]
    meant = {emoji: word for word, emoji in inner.EMOJI.items()}
    for plain, case in spellings(bench, cases, "emoji"):
        back = re.sub("|".join(meant), lambda found: meant[found[0]], case.text)
        assert back.casefold() == plain.text.casefold()


def test_the_cases_can_be_written_as_labelled_mentions(bench, cases, tmp_path):
    path = tmp_path / "cases.jsonl"
    write_lines(path, map(bench.line, cases))
    examples = read_examples(path)
    assert [example.text for example in examples] == [case.text for case in cases]
    for case, example in zip(cases, examples, strict=True):
        assert bool(example.labels) == bool(example.severity) == (case.functionality.expect == "flag")
        assert set(example.labels) & set(case.functionality.any_of) or not example.labels
    assert {bench.line(case)["platform"] for case in cases} <= set(PLATFORMS)


def test_the_report_counts_right_answers_by_functionality_and_against_the_plain_sentence(bench, cases):
    names = ("hate_derogation", "hate_leetspeak", "clean_objects")
    some = [case for case in cases if case.functionality.name in names]
    given = [frozenset({"hate"}) if case.functionality.name != names[1] else frozenset() for case in some]
    traits = {entry["group"]: entry["trait"] for entry in bench.read()[1]["group"]}
    report = bench.measure(some, given, traits, "toy 1")
    rows = {row.name: row for row in report.rows}
    assert (rows[names[0]].accuracy, rows[names[0]].plain, rows[names[0]].any_abuse) == (1, None, 1)
    assert (rows[names[1]].accuracy, rows[names[1]].plain, rows[names[1]].any_abuse) == (0, 1, 0)
    assert (rows[names[2]].accuracy, rows[names[2]].any_abuse) == (0, 1)
    assert (report.all.flag, report.all.clean) == (pytest.approx(60 / 108), 0)
    assert (report.all.overall, report.macro) == (pytest.approx(60 / 168), pytest.approx(1 / 3))
    assert "hate_leetspeak" in bench.table(report)


def test_any_accepted_label_is_right_and_any_abuse_is_wrong_on_a_clean_case(bench, cases):
    flag = next(case for case in cases if case.functionality.name == "hate_threat")
    clean = next(case for case in cases if case.functionality.expect == "clean")
    assert bench.right(flag, frozenset({"threat"}))
    assert not bench.right(flag, frozenset({"sexual"}))
    assert bench.right(clean, frozenset())
    assert not bench.right(clean, frozenset({"sexual"}))


def test_the_bundled_model_stays_above_the_floor(bench, cases):
    sample = sorted(cases, key=lambda case: bench.digest("sample", case.id))[:SAMPLE]
    given = bench.judge(Judgement(Scorer(load(bundled()))), sample)
    answers = [bench.right(case, labels) for case, labels in zip(sample, given, strict=True)]
    assert sum(answers) / len(answers) >= FLOOR
