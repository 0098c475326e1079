"""A slow reference of the query language: plain recursion over sets, written from its docstring; and what to try it on.

A query is a tree of tuples (``written`` writes it), a text a list of tokens whose readings are known beforehand.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from core.query import Item

# How a token is written, and how it is read: words side by side, or one word with two readings.
TOKENS = {
    "oak": ["oak"],
    "Óak\u200b": ["oak"],
    "oaken": ["oaken"],
    "elm": ["elm"],
    "house": ["house"],
    "OAKFIELD": ["oakfield"],
    "oakfeild": ["oakfeild"],
    "okafild": ["okafild"],
    "oafkield": ["oafkield"],
    "elmwodo": ["elmwodo"],
    "emlwood": ["emlwood"],
    "elmwood": ["elmwood"],
    "fir": ["fir"],
    "оаk": [{"оаk", "oak"}],  # Cyrillic о and а
    "сор": [{"сор", "cop"}],
    "СОН": [{"сон", "coh"}],
    "ｏａｋ": ["oak"],
    "𝐡𝐨𝐮𝐬𝐞": ["house"],
    "東京都": ["東", "京", "都"],
    "#OakHouse": ["oak", "house"],
    "#oakhouse": ["oakhouse"],
    "#Elm2": ["elm", "2"],
    "#оаkНouse": [{"оаk", "oak"}, {"нouse", "house"}],
}
WORDS = st.sampled_from(
    ["oak", "elm", "house", "oaken", "oakfield", "сор", "cop", "coh", "elmwood", "oakhouse", "2"]
)
COMMON = st.sampled_from(["oak", "elm", "house", "oakfield"])
FUZZY = st.sampled_from([("oakfield", 1), ("oakfield", 2), ("elmwood", 1), ("elmwood", 2), ("house", 1)])
STARS = st.sampled_from(["oa", "oak", "el", "hou"])
PIECES = st.one_of(
    st.tuples(st.just("word"), WORDS),
    st.tuples(st.just("word"), WORDS),
    st.tuples(st.just("star"), STARS),
    st.tuples(st.just("fuzzy"), FUZZY),
)
FIELDS = st.sampled_from(
    [
        ("author", "@jo"),
        ("author", '"Jo Smith"'),
        ("site", "forum.example"),
        ("lang", "en"),
        ("type", "comment"),
        ("source", "local-news"),
    ]
)


def trees(pieces, fields):
    """Queries of these pieces; one in ``fields`` of their leaves asks for a field."""
    phrases = st.one_of(
        st.tuples(st.just("phrase"), st.lists(pieces, min_size=1, max_size=1)),
        st.tuples(st.just("phrase"), st.lists(pieces, min_size=1, max_size=3)),
        st.just(("phrase", [("word", "東"), ("word", "京")])),
    )
    either = st.tuples(st.just("or"), phrases, phrases)
    near = st.tuples(st.just("near"), st.one_of(phrases, either), phrases, st.integers(1, 6), st.booleans())
    leaves = st.one_of(phrases, phrases, near)
    return st.recursive(
        st.integers(1, fields).flatmap(lambda n: st.tuples(st.just("field"), FIELDS) if n == 1 else leaves),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["or", "and", "space", "minus", "and not"]), inner, inner),
            st.tuples(st.sampled_from(["or", "and", "space"]), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=6,
    )


TREES = trees(PIECES, 6)
# Mostly such as a platform can be asked for.
ASKED = trees(st.one_of(*[st.tuples(st.just("word"), COMMON)] * 4, PIECES), 15)
# What queries ask for comes more often than the rest.
TEXTS = st.lists(
    st.sampled_from([*TOKENS, *["oak", "elm", "house", "OAKFIELD", "Óak\u200b"] * 6]), min_size=3, max_size=12
)
GAPS = st.sampled_from([" ", ", ", " — ", "\n"])


@dataclass(frozen=True)
class Case:
    """An item with the tokens that its text was made of."""

    item: Item
    tokens: tuple[str, ...]


@st.composite
def cases(draw, tokens=TEXTS):
    parts = draw(tokens)
    item = Item(
        draw(GAPS).join(parts),
        author=draw(st.sampled_from(["", "Jo", "@jo@social.example", "jo smith"])),
        site=draw(
            st.sampled_from(["", "https://www.forum.example/t/1", "forum.example", "notforum.example"])
        ),
        lang=draw(st.sampled_from(["", "en", "en-GB", "enm"])),
        kind=draw(st.sampled_from(["", "comment", "post"])),
        source=draw(st.sampled_from(["", "local-news", "Local-News"])),
    )
    return Case(item, tuple(parts))


def written(tree):
    match tree:
        case ("word", word):
            return word
        case ("star", word):
            return f"{word}*"
        case ("fuzzy", (word, slips)):
            return f"{word}~{slips}"
        case ("phrase", [piece]):
            return written(piece)
        case ("phrase", pieces):
            return f'"{" ".join(map(written, pieces))}"'
        case ("field", (name, value)):
            return f"{name}:{value}"
        case ("near", left, right, within, ordered):
            return f"({written(left)}) NEAR/{within}{'f' if ordered else ''} ({written(right)})"
        case ("not", inner):
            return f"NOT ({written(inner)})"
        case (operator, left, right):
            sign = {"or": "OR", "and": "AND", "space": "", "minus": "NOT", "and not": "AND NOT"}[operator]
            return f"({written(left)}) {sign} ({written(right)})"


def laid_out(tokens):
    """Edges (first place, next place, word) and hashtags (first place, next place, glued)."""
    edges, tags, at = set(), set(), 0
    for token in tokens:
        ways = [("",)]
        for index, part in enumerate(TOKENS[token]):
            readings = part if isinstance(part, set) else {part}
            edges |= {(at + index, at + index + 1, word) for word in readings}
            ways = [(*way, word) for way in ways for word in readings]
        end = at + len(TOKENS[token])
        if token.startswith("#"):
            glued = {"".join(way) for way in ways}
            edges |= {(at, end, word) for word in glued}
            tags |= {(at, end, word) for word in glued}
        at = end
    return edges, tags


def slips_between(left, right):
    """Letters added, left out, changed, or neighbours swapped (each stretch once)."""
    table = {(-1, -1): 0}
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            ways = [i + j] if not i or not j else []
            if i and j:
                ways += [table[i - 1, j] + 1, table[i, j - 1] + 1]
                ways.append(table[i - 1, j - 1] + (left[i - 1] != right[j - 1]))
                if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                    ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(left), len(right)]


def fits(piece, word):
    match piece:
        case ("word", wanted):
            return word == wanted
        case ("star", wanted):
            return word.startswith(wanted)
        case ("fuzzy", (wanted, slips)):
            return slips_between(wanted, word) <= slips


def places(tree, edges, tags):
    match tree:
        case ("phrase", pieces):
            found = {(start, end) for start, end, word in edges if fits(pieces[0], word)}
            for piece in pieces[1:]:
                found = {(a, d) for a, b in found for c, d, word in edges if b == c and fits(piece, word)}
            if len(pieces) > 1 and all(kind == "word" for kind, _ in pieces):
                glued = "".join(word for _, word in pieces)
                found |= {(start, end) for start, end, tag in tags if tag == glued}
            return found
        case ("or", left, right):
            return places(left, edges, tags) | places(right, edges, tags)
        case ("near", left, right, within, ordered):
            return {
                (min(a, c), max(b, d))
                for a, b in places(left, edges, tags)
                for c, d in places(right, edges, tags)
                if (b <= c and c - b + 1 <= within) or (not ordered and d <= a and a - d + 1 <= within)
            }


def holds(name, value, item):
    match name:
        case "author" if "Smith" in value:
            return item.author.lower() == "jo smith"
        case "author":
            return item.author.lower().lstrip("@").split("@")[0] == "jo"
        case "site":
            return item.site.removeprefix("https://").split("/")[0] in {"forum.example", "www.forum.example"}
        case "lang":
            return item.lang.lower().split("-")[0] == "en"
        case "type":
            return item.kind == value
        case "source":
            return item.source.lower() == value


def true_of(tree, case):
    """Whether a query keeps an item."""
    edges, tags = laid_out(case.tokens)

    def judge(part):
        match part:
            case ("not", inner):
                return not judge(inner)
            case ("or", left, right):
                return judge(left) or judge(right)
            case ("and" | "space", left, right):
                return judge(left) and judge(right)
            case ("minus" | "and not", left, right):
                return judge(left) and not judge(right)
            case ("field", (name, value)):
                return holds(name, value, case.item)
        return bool(places(part, edges, tags))

    return judge(tree)
