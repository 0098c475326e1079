"""The query language: what it keeps and drops, why, and how it says where a query is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from query_reference import TREES, cases, written

from core.errors import ConfigError
from core.query import QuerySyntaxError, check, explain, parse

DESIGN = '"Oakfield House" OR (Oakfield NEAR/8 (care OR nurse* OR resident*)) NOT cricket'


def kept(query, text):
    return parse(query).matches(text).kept


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
    match = parse(DESIGN).matches(text)
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
        ("care NEAR/2f home", "care home", True),
        ("care NEAR/2f home", "home care", False),
        ("a1 NEAR/1f b1 NEAR/1f c1", "a1 b1 c1", True),
        ("a1 NEAR/1f b1 NEAR/1f c1", "c1 a1 b1", False),
        ("oakfeild~", "Oakfield", True),  # a swap
        ("oakfield~", "oafeld", True),  # two slips in eight letters
        ("oakfield~1", "oafeld", False),
        ("house~", "huose", True),
        ("house~", "huos", False),  # one slip in fewer
        ("houses~2", "huose", True),
        ('"oakfeild~ house"', "oakfield house", True),
        ("oakfield", "#SaveOakfieldHouse", True),
        ('"oakfield house"', "#SaveOakfieldHouse", True),
        ('"oakfield house"', "#oakfieldhouse", True),
        ('"oakfield house"', "oakfieldhouse", False),
        ("oakfieldhouse", "#OakfieldHouse", True),
        ('"bbc news"', "#BBCNews24", True),
        ("care NEAR/1 oak", "#CareOak", True),
        ("oakfield", "Оаkfіеld", True),  # Cyrillic О, а, і, е
        ("oakfield", "ΟΑKFIELD", True),  # Greek Ο, Α
        ("oakfield", "𝗼𝗮𝗸𝗳𝗶𝗲𝗹𝗱 ᴏᴀᴋ", True),
        ("oak", "ᴏᴀᴋ", True),
        ("нет", "НЕТ", True),  # no disguise: a Russian word
        ("нет", "het", False),
        ("оаkfield", "oakfield", True),  # a disguise in the query itself
        ("lodz", "Łódź", True),
        ("職員", "オークの職員です", True),
        ("職員", "職場の人員", False),
        ("ที่", "อยู่ที่บ้าน", True),
        ("ท", "ที่", False),  # its marks are letters
        ("か", "が", False),
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
        ("oak elm~", 8),
        ("oak houses~3", 11),
        ('oak "a house~2"', 13),
        ("oak ~", 5),
        ("oak NEAR/3 lang:en", 12),
        ("oak lang:english!", 5),
        ("oak type:tweet", 5),
        ("oak site:reddit", 5),
        ("oak author:", 5),
        ('oak author: "jo"', 5),
        ("oak author:jo*", 5),
        ("oak {nowhere}", 5),
        ("oak {nowhere", 5),
        ("oak }", 5),
    ],
)
def test_a_wrong_query_points_at_the_character(query, column):
    with pytest.raises(QuerySyntaxError, match=f"column {column}:") as caught:
        parse(query)
    assert caught.value.column == column
    assert isinstance(caught.value, ConfigError)


def test_a_reason_never_holds_words_of_the_text():
    match = parse("oak* house").matches("Oakfield house of Doris Smith")
    assert match.why == "matched oak*, house"


def test_the_version_changes_with_the_meaning_and_not_with_the_layout():
    version = parse('"Oak House" OR (elm ash) NOT fir').version
    assert version == parse("(“oak  HOUSE”)  OR elm AND ash  NOT fir").version
    others = ["elm ash NOT fir", '"oak house" OR elm ash NOT fir*', '"oak house" OR elm ash AND NOT fir']
    assert len({version, *(parse(other).version for other in others)}) == 4
    assert len(version) == 12


@given(TREES)
def test_the_version_is_that_of_the_query_written_twice(tree):
    assert parse(written(tree)).version == parse(f"( {written(tree)} )").version


@pytest.mark.parametrize(
    ("query", "caret"),
    [
        ("oak AND", "oak AND\n       ^"),
        ("oak -elm", "oak -elm\n    ^"),
        ("東京 -elm", "東京 -elm\n     ^"),
        ("oak\nAND\tOR", "oak AND OR\n        ^"),
        ("x" * 100 + " -elm" + " y" * 50, "x" * 59 + " -elm" + " y" * 8 + "\n" + " " * 60 + "^"),
    ],
)
def test_a_wrong_query_is_shown_with_a_caret_under_the_character(query, caret):
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert caught.value.caret == caret


def column_of_error(query):
    try:
        parse(query, {"a": ["ab"]}).matches("ab e")
    except QuerySyntaxError as error:
        return error.column if error.caret.endswith("^") else 0
    return 1


@given(st.text(alphabet='ab*" ()NEARORT/3f-”é\u200b\n~1{}langsite:.', max_size=30))
def test_any_string_is_a_query_or_a_syntax_error_inside_it(text):
    assert 1 <= column_of_error(text) <= len(text) + 1


@given(st.text(max_size=200))
def test_any_text_can_be_tried(text):
    match = parse(DESIGN).matches(text)
    assert match.why
    assert match == parse(DESIGN).matches(text)


def test_an_explanation_shows_each_part():
    part = explain(parse("(oak OR {one} NEAR/2 ash) NOT fir", {"one": ["elm"]}), "elm fir")
    assert (part.shown, part.matched) == ("(oak OR {one} NEAR/2 ash) NOT fir", False)
    either, without = part.parts
    assert [(each.shown, each.matched) for each in either.parts] == [
        ("oak", False),
        ("{one} NEAR/2 ash", False),
    ]
    assert [(each.shown, each.matched) for each in either.parts[1].parts] == [("{one}", True), ("ash", False)]
    assert (without.matched, without.parts[0].matched) == (False, True)


@given(TREES, cases())
def test_an_explanation_agrees_with_the_match(tree, case):
    query = parse(written(tree))
    assert explain(query, case.item).matched is query.matches(case.item).kept


def test_examples_that_a_query_gets_wrong_are_told():
    failures = check(parse("oak NOT fir"), ["an oak", "an elm"], ["oak and fir", "oak!"])
    assert [(failure.example, failure.must, failure.why) for failure in failures] == [
        ("an elm", True, "dropped: no oak"),
        ("oak!", False, "matched oak"),
    ]
