"""The query language: what it keeps and drops, why, and how it says where a query is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.relevance import Query, QuerySyntaxError
from core.errors import ConfigError

DESIGN = '"Oakfield House" OR (Oakfield NEAR/8 (care OR nurse* OR resident*)) NOT cricket'


def kept(query, text):
    return Query.parse(query).matches(text).kept


@pytest.mark.parametrize(
    ("text", "keep", "why"),
    [
        ("Oakfield House is shut", True, 'matched "Oakfield House"'),
        ("OAKFIELD's Nurses", True, "matched Oakfield NEAR/8 (care OR nurse* OR resident*)"),
        ("Óakfield\u200b hóuse", True, 'matched "Oakfield House"'),
        ("Oakfield House cricket club", False, "dropped: NOT cricket"),
        (
            "a field of oak",
            False,
            'dropped: no "Oakfield House", no Oakfield NEAR/8 (care OR nurse* OR resident*)',
        ),
    ],
)
def test_says_what_it_keeps_or_drops_and_why(text, keep, why):
    match = Query.parse(DESIGN).matches(text)
    assert (match.kept, match.why) == (keep, why)


@pytest.mark.parametrize(
    ("query", "text", "keep"),
    [
        ("a1 b1 OR c1", "c1", True),  # AND before OR
        ("a1 b1 OR c1", "a1", False),
        ("a1 (b1 OR c1)", "a1 c1", True),
        ("a1 OR b1 NOT c1", "a1 c1", False),  # NOT after the whole
        ("a1 OR b1 AND NOT c1", "a1 c1", True),  # AND NOT of its own term
        ("NOT c1 OR b1", "b1 c1", True),
        ("a1 NOT b1 c1", "a1", False),
        ("a1 NOT b1 c1", "a1 c1", True),
        ('"oak house"', "oak-house", True),
        ('"oak house"', "house oak", False),
        ("“oak house”", "the oak house", True),
        ("mary's", "St Mary’s", True),
        ("nurse*", "nurses", True),
        ("nurse*", "nurs", False),
        ('"night nurse*"', "night nursery", True),
        ("care NEAR/2 home", "home of care", True),
        ("care NEAR/2 home", "home of their care", False),
        ("care NEAR/3 care", "care", False),  # nothing is near itself
        ("a1 NEAR/1 b1 NEAR/1 c1", "c1 x1 b1 a1", False),  # c1 not beside the pair
        ("a1 NEAR/1 b1 NEAR/1 c1", "c1 a1 b1", True),
        ("strasse", "Straße", True),
        ("ＯＡＫ", "oak", True),
        ("東京", "東京", True),
        ("or and", "or, and", True),  # small letters are words
        ("android ORACLE", "android oracle", True),
    ],
)
def test_meaning_of_the_operators(query, text, keep):
    assert kept(query, text) is keep


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("", 1),
        ("oak AND", 8),
        ("oak OR", 7),
        ("(oak", 5),
        ("oak)", 4),
        ('oak "house', 5),
        ("AND oak", 1),
        ("oak NOT NOT elm", 9),
        ("oak NOT elm OR ash", 13),
        ("oak NEAR elm", 5),
        ("oak NEAR/0 elm", 5),
        ("oak NEAR/999 elm", 5),
        ("oak NEAR/3 (elm ash)", 13),
        ("oak *", 5),
        ("oak a*", 6),
        ("oak n*rse", 6),
        ("oak -elm", 5),
        ("oak !!", 5),
        ("(" * 51, 51),
    ],
)
def test_a_wrong_query_points_at_the_character(query, column):
    with pytest.raises(QuerySyntaxError, match=f"column {column}:") as caught:
        Query.parse(query)
    assert caught.value.column == column
    assert isinstance(caught.value, ConfigError)


def test_a_reason_never_holds_words_of_the_text():
    match = Query.parse("oak* house").matches("Oakfield house of Doris Smith")
    assert match.why == "matched oak*, house"


# A slow reference: sets of positions and plain recursion, written from the docstring of the language.
WORDS = st.sampled_from(["oak", "elm", "ash", "oaken"])
LEAVES = st.one_of(
    st.tuples(st.just("word"), WORDS),
    st.tuples(st.just("star"), st.sampled_from(["oa", "oak", "el"])),
    st.tuples(st.just("phrase"), WORDS, WORDS),
)
NEARS = st.one_of(
    LEAVES,
    st.tuples(st.just("near"), LEAVES, LEAVES, st.integers(1, 4)),
    st.tuples(st.just("near"), st.tuples(st.just("or"), LEAVES, LEAVES), LEAVES, st.integers(1, 4)),
)
TREES = st.recursive(
    NEARS,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["or", "and", "space", "minus", "and not"]), inner, inner),
        st.tuples(st.just("not"), inner),
    ),
    max_leaves=6,
)


def written(tree):
    match tree:
        case ("word", word):
            return word
        case ("star", word):
            return f"{word}*"
        case ("phrase", first, second):
            return f'"{first} {second}"'
        case ("near", left, right, within):
            return f"({written(left)}) NEAR/{within} ({written(right)})"
        case ("not", inner):
            return f"NOT ({written(inner)})"
        case (operator, left, right):
            sign = {"or": "OR", "and": "AND", "space": "", "minus": "NOT", "and not": "AND NOT"}[operator]
            return f"({written(left)}) {sign} ({written(right)})"


def places(tree, words):
    match tree:
        case ("word", word):
            return {(i, i + 1) for i, w in enumerate(words) if w == word}
        case ("star", word):
            return {(i, i + 1) for i, w in enumerate(words) if w.startswith(word)}
        case ("phrase", first, second):
            return {(i, i + 2) for i in range(len(words) - 1) if words[i : i + 2] == [first, second]}
        case ("or", left, right):
            return places(left, words) | places(right, words)
        case ("near", left, right, within):
            return {
                (min(a, c), max(b, d))
                for a, b in places(left, words)
                for c, d in places(right, words)
                if (b <= c and c - b + 1 <= within) or (d <= a and a - d + 1 <= within)
            }


def true_of(tree, words):
    match tree:
        case ("not", inner):
            return not true_of(inner, words)
        case ("or", left, right):
            return true_of(left, words) or true_of(right, words)
        case ("and" | "space", left, right):
            return true_of(left, words) and true_of(right, words)
        case ("minus" | "and not", left, right):
            return true_of(left, words) and not true_of(right, words)
        case _:
            return bool(places(tree, words))


@given(TREES, st.lists(st.sampled_from(["oak", "elm", "ash", "oaken", "fir"]), max_size=10))
def test_agrees_with_a_slow_reference(tree, words):
    assert kept(written(tree), " ".join(words)) is true_of(tree, words)


def column_of_error(query):
    try:
        Query.parse(query).matches("ab e")
    except QuerySyntaxError as error:
        return error.column
    return 1


@given(st.text(alphabet='ab*" ()NEARORT/3-”é\u200b\n', max_size=30))
def test_any_string_is_a_query_or_a_syntax_error_inside_it(text):
    assert 1 <= column_of_error(text) <= len(text) + 1


@given(st.text(max_size=200))
def test_any_text_can_be_tried(text):
    match = Query.parse(DESIGN).matches(text)
    assert match.why
    assert match == Query.parse(DESIGN).matches(text)
