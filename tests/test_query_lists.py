"""What a query asks besides words: fields of an item, and lists of the configuration by name."""

import pytest

from core.query import Item, QuerySyntaxError, parse
from core.types import Mention


@pytest.mark.parametrize(
    ("query", "item", "keep"),
    [
        ("author:@jo", Item("", author="Jo"), True),
        ("author:jo", Item("", author="u/jo"), True),
        ("author:jo", Item("", author="@jo@social.example"), True),
        ("author:jo@social.example", Item("", author="jo@other.example"), False),
        ("author:jo", Item("by jo", author="joan"), False),
        ('author:"Jo Smith"', Item("", author="Jo  SMITH"), True),
        ("site:reddit.com", Item("", site="https://old.Reddit.com:443/r/oak"), True),
        ("site:reddit.com", Item("", site="reddit.com"), True),
        ("site:reddit.com", Item("", site="notreddit.com"), False),
        ("site:reddit.com", Item("", site="https://[bad"), False),
        ("lang:en", Item("", lang="en-GB"), True),
        ("lang:en", Item("", lang=""), False),
        ("Type:comment", Item("", kind="comment"), True),
        ("type:comment", Item("comment", kind="post"), False),
        ("source:local-news", Item("", source="Local-News"), True),
        ("oak NOT source:sports", Item("oak", source="sports"), False),
    ],
)
def test_a_field_asks_for_what_is_known_besides_the_text(query, item, keep):
    assert parse(query).matches(item).kept is keep


def test_an_item_of_a_mention_holds_its_fields():
    mention = Mention(
        source="feed", key="1", url="https://a.example/1", text="t", title="T", platform="blog",
        author="jo", kind="post", lang="en",
    )  # fmt: skip
    item = Item.of(mention)
    query = "author:jo AND site:a.example AND lang:en AND type:post AND source:feed AND t"
    assert parse(query).matches(item).kept


LISTS = {
    "home": ["Oakfield House", "{short}", "@oakfield_house", "author:@oakfield"],
    "short": ["oakfeild~", "“the oaks*”", "OAKS"],
    "one": ["elm"],
}


@pytest.mark.parametrize(
    ("query", "text", "why"),
    [
        ("{home}", "at Oakfield House", 'matched {home}: "Oakfield House"'),
        ("{home}", "at oakfield", "matched {home}: {short}: oakfeild~"),
        ("{home}", "the oakses", 'matched {home}: {short}: "the oaks*"'),
        ("{home}", "elm", "dropped: no {home}"),
        ("{home} NOT {one}", "oaks and elm", "dropped: NOT {one}"),
        ("{short} NEAR/2 ({one} OR ash)", "oaks ash", "matched {short} NEAR/2 ({one} OR ash)"),
        ("{home} lang:en", "oaks", "dropped: not lang:en"),
    ],
)
def test_a_list_stands_for_any_of_its_terms(query, text, why):
    assert parse(query, LISTS).matches(text).why == why


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        ({"a": ["{b}"], "b": ["oak", "{a}"]}, "list {a} holds itself"),
        ({"a": ["{a}"]}, "list {a} holds itself"),
        ({"a": []}, "list {a} is empty"),
        ({"a": ["{b}"]}, "there is no list {b}; the configuration has {a}"),
        ({"a": ["oak OR elm"]}, "without operators"),
        ({"a": ["oak (elm)"]}, "without operators"),
        ({"a": ["o*"]}, "list {a}: at least two letters"),
        ({"a": [""]}, "list {a}: there is no word"),
        ({"a": ["lang:english!"]}, "list {a}: lang: takes"),
    ],
)
def test_a_wrong_list_is_told_where_the_query_names_it(lists, problem):
    with pytest.raises(QuerySyntaxError) as caught:
        parse("oak OR {a}", lists)
    assert caught.value.column == 8
    assert problem in str(caught.value)


def test_a_list_with_a_field_is_not_near_anything():
    with pytest.raises(QuerySyntaxError, match="column 12"):
        parse("oak NEAR/3 {home}", LISTS)


@pytest.mark.parametrize(
    "query", ["{home}", "(oak {one}) OR NOT {short}", "{short} NEAR/3f {one} {one}", '"{home}" {one}']
)
def test_the_query_written_out_means_the_same(query):
    named = parse(query, LISTS)
    plain = parse(named.expanded)
    assert plain.version == named.version
    assert plain.expanded == plain.text
    for text in ("Oakfield House", "oakfield", "the oaks", "elm oaks", "oaks elm", "oak elm", "home", ""):
        assert plain.matches(text).kept is named.matches(text).kept
