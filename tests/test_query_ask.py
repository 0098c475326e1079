"""Searches in the platforms' own syntax find at least what the query keeps, and stay within their limits."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_reference import ASKED, TEXTS, cases, holds, laid_out, places, true_of, written

from core.errors import ConfigError
from core.query import dialects, hashtags, is_person, parse, searches
from core.query.dialects import Groups
from core.query.fold import fold, is_unspaced

SEARCHED = [
    dialects.PLAIN,
    dialects.REDDIT,
    dialects.X,
    dialects.MEDIAWIKI,
    dialects.BLUESKY,
    dialects.MASTODON,
    dialects.GUARDIAN,
    dialects.GDELT,
    dialects.YOUTUBE,
    dialects.DISCOURSE,
    dialects.ALGOLIA,
]
UNTAGGED = TEXTS.map(lambda tokens: [token for token in tokens if "#" not in token])
SIGN = re.compile(r'"[^"]*"|[()|]|-(?=["\w])|[^\s()|"]+')
EITHER, WITHOUT = {"OR", "|"}, {"NOT", "-"}


class Platform:
    """Runs one search of a dialect on an item by the slow reference, and refuses what the dialect has no sign for."""

    def __init__(self, search, dialect):
        assert 0 < len(search) <= dialect.max_characters
        self.dialect = dialect
        self.signs = SIGN.findall(search)
        self.depth = 0
        self.tree = self._either()
        assert not self.signs

    def finds(self, case):
        edges, _ = laid_out(case.tokens)

        def judge(tree):
            match tree:
                case ("or", parts):
                    return any(map(judge, parts))
                case ("and", parts):
                    return all(map(judge, parts))
                case ("not", part):
                    return not judge(part)
                case ("field", name, value):
                    return holds(name, value, case.item)
            return bool(places(tree, edges, set()))

        return judge(self.tree)

    def _either(self):
        parts = [self._both()]
        while self.signs and self.signs[0] in EITHER:
            assert self.signs.pop(0) == (self.dialect.either or "").strip()
            assert self.depth or not self.dialect.wrap
            parts.append(self._both())
        if len(parts) > 1 and self.dialect.groups is not Groups.nested:
            assert all(kind == "phrase" for kind, *_ in parts)
        return ("or", parts) if len(parts) > 1 else parts[0]

    def _both(self):
        parts = [self._one()]
        while self.signs and self.signs[0] not in EITHER | {")"}:
            if self.signs[0] == "AND":
                self.signs.pop(0)
            parts.append(self._one())
        if len(parts) > 1:
            assert self.dialect.both is not None
            assert not self.depth or self.dialect.groups is Groups.nested
        return ("and", parts) if len(parts) > 1 else parts[0]

    def _one(self):
        sign = self.signs.pop(0)
        if sign in WITHOUT:
            assert self.dialect.exact
            return ("not", self._one())
        if sign == "(":
            assert self.dialect.groups
            assert not self.depth or self.dialect.groups is Groups.nested
            self.depth += 1
            inner = self._either()
            self.depth -= 1
            assert self.signs.pop(0) == ")"
            return inner
        if sign == "lang:en":
            return ("field", "lang", "en")
        if sign.endswith("*"):
            assert self.dialect.star
            return ("phrase", [("star", fold(sign[:-1]))])
        words = [[*word] if is_unspaced(word) else [word] for word in re.findall(r"\w+", fold(sign))]
        return ("phrase", [("word", word) for group in words for word in group])


@settings(max_examples=400, deadline=None)
@given(st.data(), ASKED, st.sampled_from(SEARCHED), st.booleans())
def test_whatever_the_query_keeps_one_of_its_searches_finds(data, tree, dialect, narrow):
    case = data.draw(cases(TEXTS if dialect.tags else UNTAGGED))
    if narrow:
        dialect = replace(
            dialect, max_characters=data.draw(st.integers(14, 60)), max_words=data.draw(st.integers(1, 5))
        )
    try:
        found = [Platform(search, dialect) for search in searches(parse(written(tree)), dialect)]
    except ConfigError:
        return
    if true_of(tree, case):
        assert any(platform.finds(case) for platform in found)


QUERY = '"Oakfield House" OR (Oakfield NEAR/8 (care OR nurse* OR resident*)) NOT cricket'


@pytest.mark.parametrize(
    ("query", "dialect", "expected"),
    [
        (QUERY, "PLAIN", ("oakfield",)),
        (QUERY, "X", ("(oakfieldhouse OR oakfield) -cricket",)),
        ('"oak house" care', "X", ('("oak house" OR oakhouse) care',)),
        ("oak NEAR/3 (elm OR ash)", "REDDIT", ("oak AND (elm OR ash)",)),
        ("oak (elm OR ash)", "GDELT", ("oak (elm OR ash)",)),
        ("oak OR elm", "GDELT", ("(oak OR elm)",)),
        ("oak OR elm", "YOUTUBE", ("oak|elm",)),
        ("oak OR elm", "BLUESKY", ("oak", "elm")),
        ("oak elm OR ash fir", "MEDIAWIKI", ("oak elm", "ash fir")),
        ("oak nurse*", "MEDIAWIKI", ("oak nurse*",)),
        ("oak nurse*", "ALGOLIA", ("oak",)),
        ('"oakfeild~ house*" OR elm', "MEDIAWIKI", ("house* OR elm",)),
        ("oak lang:en", "X", ("oak lang:en",)),
        ("(oak OR elm) lang:en", "BLUESKY", ("oak lang:en", "elm lang:en")),
        ("oak (lang:en OR elm)", "X", ("oak",)),
        ("oak site:reddit.com", "X", ("oak",)),
        ("café", "GUARDIAN", ("cafe OR café",)),
        ("mary's", "DISCOURSE", ('"mary s"', '"mary\'s"')),
        ("Straße", "ALGOLIA", ("strasse", "straße")),
        ('"or"', "REDDIT", ('"or"',)),
        ('"東京 oak"', "REDDIT", ('"東京 oak"',)),
        ("東京", "REDDIT", ("東京",)),
        ('"oak house" OR elm', "TAGS", ("oakhouse", "elm")),
    ],
)
def test_a_search_is_written_as_the_platform_reads_it(query, dialect, expected):
    assert searches(parse(query), getattr(dialects, dialect)) == expected


@pytest.mark.parametrize("query", ["NOT oak", "oak~1 OR lang:en", "lang:en", "nurse*", "oak OR NOT elm"])
def test_a_query_without_a_word_to_ask_for_is_refused(query):
    with pytest.raises(ConfigError, match="this query has no word that X could be asked for"):
        searches(parse(query.replace("oak~1", "oaks~1")), dialects.X)


def test_a_long_query_becomes_several_searches_within_the_limit():
    words = [f"oakfield{number}" for number in range(200)]
    found = searches(parse(" OR ".join(words)), dialects.REDDIT)
    assert max(map(len, found)) <= 512
    assert 4 < len(found) < 10
    assert " OR ".join(found).split(" OR ") == words
    assert searches(parse(f"elm ({' OR '.join(words)})"), replace(dialects.X, max_characters=100))
    assert searches(parse(f'"{" ".join(words)}"'), replace(dialects.PLAIN, max_characters=25)) == (
        '"oakfield198 oakfield199"',
    )


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        (QUERY, ("oakfieldhouse", "oakfield")),
        ("nurse* OR (care AND oakfield) OR lang:en", ("oakfield",)),
        ("mary's", ("marys",)),
        ("oakfeild~ OR NOT elm", ()),
    ],
)
def test_hashtags_are_the_words_glued(query, tags):
    assert hashtags(parse(query)) == tags


NAMES = {"doris", "joan", "rose", "florence", "smith", "lincoln"}


@pytest.mark.parametrize(
    ("query", "personal"),
    [
        ('"Doris Smith"', True),
        ("doris smith", True),
        ("Smith NEAR/2 Doris", True),
        ('"Dr Smithers"', True),
        ('"Doris Smythers"', True),
        ("doris (smith OR joan~1)", True),
        ("oakfield lincoln", False),
        ('"Oakfield Lincoln"', False),
        ('"Doris Smith" OR "Joan Smith" OR author:@joan', True),
        ('"Doris Smith" NOT cricket', True),
        ('"Doris Smith" site:reddit.com', True),
        ("author:@joan lang:en", True),
        ('"Doris Smith" oakfield', False),
        ('"Doris Smith" OR "Oakfield House"', False),
        ("author:@joan AND oakfield", False),
        ('"Rose Court"', False),
        ('"Florence Nightingale Hospital"', False),
        ('"Oakfield House"', False),
        ("doris", False),
        ("site:reddit.com", False),
        ("NOT doris", False),
        ("{staff}", True),
    ],
)
def test_a_query_that_is_only_a_person_is_seen(query, personal):
    assert is_person(parse(query, {"staff": ["Doris Smith", "Joan Elm"]}), NAMES) is personal
