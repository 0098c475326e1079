"""Whether two items are one that came twice: decided on what they say, where they stand and who wrote them.

A copy is another appearance of the same item by the same hand: it joins the case of the first. Everything else that
two items have in common only links them. Two authors' words are never one item, however alike.
"""

import hashlib
import operator
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, Levenshtein

if TYPE_CHECKING:
    from datasketch import MinHash

ALIKE = 0.6
"""The least estimated Jaccard of two texts that can be near: chosen on the pairs of benchmarks/copies.jsonl."""
SHORTEST = 6  # words: what is shorter is too often said by chance, and is known by all its words alone

_VALUES, _ROWS = 64, 4  # at Jaccard 0.7 a pair shares one of the 16 bands in 99 cases of 100, at 0.3 in 12
_SHINGLE = 5  # characters
_LONGEST = 20_000  # characters: what follows does not change what a text is known by
_HEAD = 8  # words
_LONG = 28  # words: in what is shorter no word may be another, where each is the point of it
_SENTENCE = 4  # words: what is put in and is no shorter says something more, and nothing otherwise

_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+\.(?:com|org|uk|net|example)/\S*", re.IGNORECASE)
_LEAD = re.compile(
    r"\s*(?:rt\s+@[\w.@-]+:?|(?:rt|via|fwd?|(?:re)?posted|repost(?:ing)?|edit(?:ed)?|updated?|correct(?:ed|ion)|"
    r"again|breaking|ps)\b(?:\s+\d+)?(?:\s+@[\w.@-]+)?\s*[:\-–—|]+)\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:\s*(?:[#@][\w.@-]+|\bvia\s+@[\w.@-]+|\((?:edited|repost)\)))+\s*$", re.IGNORECASE)
_CUT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\(more\)|read more|continue reading|see more)\W*$", re.IGNORECASE
)
_STATED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first second third"
    " fourth fifth monday tuesday wednesday thursday friday saturday sunday january february march april may june"
    " july august september october november december today yesterday tomorrow not no never none nobody cannot t"
    " mr mrs miss ms he she his her him mum dad mother father son daughter brother sister husband wife nan grandad"
    " uncle aunt"
)
_FACTS = frozenset(_STATED.split())


class Place(StrEnum):
    """How the addresses of two items stand to each other.

    Two sources that bring one address bring one item; one source that tells two items apart at one address, or a
    comment beside what it comments on, are of one page.
    """

    item = "same item"
    page = "same page"
    elsewhere = "elsewhere"


class Words(StrEnum):
    """How what two items say stands to each other."""

    same = "same words"
    near = "near"
    other = "other words"


class Author(StrEnum):
    """How those who wrote two items stand to each other; unknown where either is."""

    same = "same author"
    other = "other author"
    unknown = "author unknown"


class Fate(StrEnum):
    """What two items are to each other."""

    copy = "copy"
    linked = "linked"
    apart = "apart"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a text is known by: ``bands`` (64 bits, signed), of which near texts share one, and the MinHash values.

    The first band stands for all the words. A short text has no other, and an empty ``signature``.
    """

    bands: tuple[int, ...]
    signature: bytes = b""


def decide(place: Place, words: Words, author: Author) -> Fate:
    """What two items are to each other.

    ============  ===========  ===========  ============  ==============
    place         words        same author  other author  author unknown
    ============  ===========  ===========  ============  ==============
    same item     same words   copy         linked        copy
    same item     near         copy         linked        copy
    same item     other words  copy         linked        copy
    same page     same words   copy         linked        linked
    same page     near         copy         linked        linked
    same page     other words  linked       linked        linked
    elsewhere     same words   copy         linked        linked
    elsewhere     near         copy         linked        linked
    elsewhere     other words  apart        apart         apart
    ============  ===========  ===========  ============  ==============
    """
    if place is Place.elsewhere and words is Words.other:
        return Fate.apart
    if author is Author.other:
        return Fate.linked
    said = author is Author.same and words is not Words.other
    return Fate.copy if place is Place.item or said else Fate.linked


def plain(text: str) -> str:
    """The words as a story knows them: letters, digits, marks and symbols; any run of anything else is a space."""
    return _kept(text, _STORY).casefold()


@lru_cache(maxsize=4096)  # one text is compared with all that may be like it, and they with the next
def sketch(text: str) -> Sketch:
    """What a text is known by; the same on every machine and in every run."""
    whole = _band("all", plain(text) or text)
    words = [word.casefold() for word in _words(text[:_LONGEST])]
    if len(words) < SHORTEST:
        return Sketch((whole,))
    joined = f" {' '.join(words)} "
    shingles = {joined[start : start + _SHINGLE] for start in range(len(joined) - _SHINGLE + 1)}
    hashes = _blank().copy()
    hashes.update_batch([one.encode("utf-8", "surrogatepass") for one in shingles])
    signature = hashes.hashvalues.astype("<u4").tobytes()
    width = 4 * _ROWS
    pieces = [signature[start : start + width] for start in range(0, len(signature), width)]
    rows = [_band(f"row {number}", piece) for number, piece in enumerate(pieces)]
    return Sketch((whole, _band("head", " ".join(words[:_HEAD])), *rows), signature)


def alike(one: Sketch, other: Sketch) -> float:
    """The estimated Jaccard of what two texts are made of, 0 to 1; of a short one only whether it is the same."""
    if not one.signature or not other.signature:
        return float(one.bands[0] == other.bands[0])
    values = [memoryview(sketched.signature).cast("I") for sketched in (one, other)]
    agree: int = sum(map(operator.eq, *values))
    return agree / _VALUES


def compare(one: str, other: str) -> Words:
    """How what two texts say stands to each other.

    Near is what somebody makes of his own words: corrected, cut, begun or ended otherwise, tagged, passed on. Where
    a number, a day or a name is another, it is no copy but a further disclosure in the same form. What says nothing is
    like nothing else.
    """
    if (plain(one) or one) == (plain(other) or other):
        return Words.same if one.strip() else Words.other
    shorter, longer = sorted((_words(one[:_LONGEST]), _words(other[:_LONGEST])), key=len)
    if len(shorter) < SHORTEST:
        return Words.other
    cut = _CUT.search(_LINK.sub(" ", min((one, other), key=len)))
    if cut:
        # The last word of what was cut off may be half a word.
        shorter = shorter[:-1]
        longer = longer[: len(shorter)]
    near = _contained(shorter, longer) or (
        (bool(cut) or alike(sketch(one), sketch(other)) >= ALIKE) and _one_story(shorter, longer)
    )
    return Words.near if near else Words.other


def _contained(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether one begins, ends or is quoted with all its words in the other, and is much of it."""
    if len(shorter) < 2 * SHORTEST or len(longer) > 4 * len(shorter):
        return False
    return f" {' '.join(shorter)} ".casefold() in f" {' '.join(longer)} ".casefold()


def _one_story(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether nothing that one says stands otherwise in the other."""
    folded = [[word.casefold() for word in words] for words in (shorter, longer)]
    if sorted(folded[0]) == sorted(folded[1]):
        return True
    changed = put_in = 0
    for before, after, outside in _differences(folded, shorter, longer):
        size = max(len(before), len(after))
        if _slip("".join(before), "".join(after)) or (outside and not before):
            continue
        if before and after:
            changed += size
            facts = _facts([*before, *after]) or any(word[:1].isupper() for word in (*before, *after))
        else:
            put_in += size
            facts = size < _SENTENCE and _facts([*before, *after])
        if facts:
            return False
    spare = len(longer) // 12 if len(longer) >= _LONG else 0
    return changed <= spare and put_in <= len(longer) // 3


def _differences(
    folded: Sequence[Sequence[str]], shorter: Sequence[str], longer: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    """The stretches in which two texts differ, in both, and whether it is the beginning or the end of the longer."""
    steps = Levenshtein.opcodes(*folded)
    for differ, some in groupby(steps, key=lambda step: step.tag != "equal"):
        if differ:
            first, *_ = stretch = list(some)
            last = stretch[-1]
            outside = first.dest_start == 0 or last.dest_end == len(longer)
            yield (
                shorter[first.src_start : last.src_end],
                longer[first.dest_start : last.dest_end],
                outside,
            )


def _slip(before: str, after: str) -> bool:
    """Whether a word is another only by a slip of the hand."""
    one, other = before.casefold(), after.casefold()
    if not one or not other or any(char.isdigit() for char in one + other):
        return one == other
    if {one, other} & _FACTS:
        return False
    shortest = min(len(one), len(other))
    return bool(OSA.distance(one, other) <= (0 if shortest < 4 else 1 if shortest < 8 else 2))


def _facts(words: Sequence[str]) -> bool:
    """Whether there is a number, a day, a person or a denial among words."""
    return any(word.casefold() in _FACTS or any(map(str.isdigit, word)) for word in words)


def _words(text: str) -> list[str]:
    """The words that a text is compared by, in their cases: without links, tags at its end and what leads it in."""
    bare = _LINK.sub(" ", text)
    while lead := _LEAD.match(bare):
        bare = bare[lead.end() :]
    words = _kept(_CUT.sub("", _TAIL.sub("", bare)), _SAID).split()
    return [word for word in words if any(map(str.isalnum, word))]  # signs that colour an emoji are marks


class _Kept(dict[int, str]):
    """A table for str.translate: characters of these categories stay, any other is a space; each is looked up once."""

    def __init__(self, categories: str) -> None:
        super().__init__()
        self.categories = categories

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if unicodedata.category(char)[0] in self.categories else " "
        return self[code]


_STORY, _SAID = _Kept("LNMS"), _Kept("LNM")


def _kept(text: str, table: _Kept) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(table).split())


@cache
def _blank() -> "MinHash":
    # It loads SciPy, for which a command that settles nothing need not wait.
    from datasketch import MinHash  # noqa: PLC0415

    return MinHash(num_perm=_VALUES, hashfunc=zlib.crc32, scheme="affine32")


def _band(kind: str, content: str | bytes) -> int:
    given = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    digest = hashlib.blake2b(kind.encode() + b"\0" + given, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
