"""What the filter finds is what the query keeps, and that is what a slow reference keeps."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_reference import TREES, cases, slips_between, true_of, written

from core.query import Filter, Item, parse
from core.query.anchors import anchors
from core.query.fold import _LOOKALIKES, WORD, fold, glue, latin, latin_glue
from core.query.fuzzy import is_misspelt, pieces
from core.query.item import read

LETTERS = st.text(alphabet="abcd", min_size=6, max_size=9)
DISGUISES = "oakОаkОАKоαkнНνøé e\u0301が\u3099ｶﾞ#Aa1_ที่\u200b한각ßİΆά①½＃ﷺ"


@settings(max_examples=400, deadline=None)
@given(TREES, st.lists(cases(), min_size=1, max_size=4))
def test_matches_and_sift_agree_with_a_slow_reference(tree, tried):
    query = parse(written(tree))
    kept = [index for index, case in enumerate(tried) if true_of(tree, case)]
    items = [case.item for case in tried]
    assert [index for index, item in enumerate(items) if query.matches(item).kept] == kept
    assert query.sift(items) == kept


@settings(max_examples=100, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=4), cases())
def test_a_filter_keeps_what_any_of_its_queries_keeps(trees, case):
    queries = [parse(written(tree)) for tree in trees]
    kept = any(true_of(tree, case) for tree in trees)
    assert Filter(queries).sift([case.item]) == ([0] if kept else [])


@settings(max_examples=200, deadline=None)
@given(TREES, cases())
def test_every_match_holds_an_anchor(tree, case):
    query = parse(written(tree))
    wanted = anchors(query.node)
    if wanted is not None and query.matches(case.item).kept:
        glued = glue(case.item.text), latin_glue(case.item.text)
        assert any(glue(anchor) in text for anchor in wanted for text in glued)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("oakfield", ("oakfield",)),
        ("oakfield AND care", ("oakfield",)),
        ('"oakfield house" OR oakfield', ("oakfield",)),
        ("care NEAR/3 (nurse* OR resident*)", ("nurse", "resident")),
        ("oakfield~1", ("ield", "oakf", "oakif")),
        ("NOT cricket", None),
        ("oakfield OR lang:en", None),
        ("oakfield lang:en", ("oakfield",)),
        ("東京*", ("東京",)),
    ],
)
def test_anchors_are_few_and_long(query, expected):
    assert anchors(parse(query).node) == expected


@given(LETTERS, st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcd+-~")), max_size=2))
def test_a_misspelling_holds_one_of_the_pieces(word, slips):
    wrong = word
    for place, slip in slips:
        at = place % max(len(wrong) - 1, 1)
        match slip:
            case "~":
                wrong = wrong[:at] + wrong[at : at + 2][::-1] + wrong[at + 2 :]
            case "-":
                wrong = wrong[:at] + wrong[at + 1 :]
            case "+":
                wrong = wrong[:at] + "x" + wrong[at:]
            case letter:
                wrong = wrong[:at] + letter + wrong[at + 1 :]
    for allowed in (1, 2):
        assert is_misspelt(wrong, word, allowed) is (slips_between(word, wrong) <= allowed)
        if is_misspelt(wrong, word, allowed):
            assert any(piece in wrong for piece in pieces(word, allowed))


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=40), st.text(alphabet=DISGUISES, max_size=20)))
def test_both_readings_of_any_text_have_the_same_words(text):
    plain, other = fold(text), latin(text)
    assert len(re.findall(WORD, other)) == len(re.findall(WORD, plain))
    assert fold(plain) == plain
    assert glue(plain) == glue(text)
    assert glue(other) == latin_glue(text)
    assert "".join(re.findall(r"[^\W_]+", plain)) == glue(text)
    read(Item(text))


def test_a_lookalike_is_never_latin_by_itself():
    assert not any(fold(letter).isascii() for letters in _LOOKALIKES for letter in letters)


WILD = st.text(alphabet=DISGUISES, max_size=12)


@settings(max_examples=500, deadline=None)
@given(
    st.text(alphabet=DISGUISES.replace("#", "").replace(" ", ""), min_size=1, max_size=5),
    st.lists(WILD, max_size=4),
)
def test_sift_agrees_with_matches_on_odd_letters(word, texts):
    query = parse(f'"{word} oak" OR a{word}')
    texts = [*texts, *(f"{text} {word} oak" for text in texts)]
    assert query.sift(texts) == [index for index, text in enumerate(texts) if query.matches(text).kept]
