"""Templates and words in, cases out: the expansion behind benchmarks/functional.py.

    *.yaml -> read -> expand: fillings of each template -> an even choice of them -> cases, and their spellings

A choice is by hash, so that it is the same on every machine and changes only where its template does. Where a
template speaks of a group, the group that the functionality has used least so far goes first.

In templates ``<word>`` marks what carries the offence. A spelling alters the marked words and nothing else, but for
``joined``, which also takes up to two words on either side.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

DATA = Path(__file__).parent / "functionalities"
ABUSE = frozenset({"hate", "harassment", "threat", "sexual"})
SLOT = re.compile(r"(?:\b([Aa]) )?\{(\w+)(?:\.(\w+))?\}")
MARK = re.compile(r"<([^<>]*)>")
WORD = re.compile(r"[A-Za-z]{3,}")
AROUND = re.compile(r"(?:[^\s.,:;!?<>]+ ){0,2}<[^<>]*>(?: [^\s.,:;!?<>]+){0,2}")
VOWELS, AS_CONSONANT = ("a", "e", "i", "o", "u"), ("use", "uni", "one", "eu")
LEET = str.maketrans("aeiostAEIOST", "431057431057")
CYRILLIC = str.maketrans("aceijopsxyABCEHIKMOPSTX", "асеіјорѕхуАВСЕНІКМОРЅТХ")
INVISIBLE = ("\u200b", "\u200c", "\u2060", "\u00ad")
EMOJI = {
    "rats": "🐀",
    "pigs": "🐷",
    "cockroaches": "🪳",
    "maggots": "🐛",
    "disease": "🦠",
    "snakes": "🐍",
    "shit": "💩",
    "rubbish": "🗑️",
}


class Functionality(BaseModel):
    """One kind of case and its right answer, as a YAML file gives it.

    ``labels`` are the true ones where ``any_of`` accepts more; ``of`` and ``spelling`` make another's sentences anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    says: str
    family: Literal["hate", "harassment", "threat"]
    expect: Literal["flag", "clean"]
    any_of: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    of: str = ""
    spelling: tuple[str, ...] = ()
    cases: int = 60

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if bool(self.any_of) != (self.expect == "flag") or not ABUSE.issuperset(self.any_of):
            raise ValueError("any_of names abuse labels, and only where a flag is expected")
        if bool(self.templates) == bool(self.of) or bool(self.of) != bool(self.spelling):
            raise ValueError("either templates, or of and spelling")
        return self


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence; ``marked`` is it with its marks, ``source`` the id of the case it is a spelling of."""

    id: str
    functionality: Functionality
    text: str
    marked: str
    group: str
    source: str = ""


class Filled(NamedTuple):
    """A template whose slots are filled, and the group it speaks of."""

    group: str
    marked: str


Words = Mapping[str, Sequence[Mapping[str, str]]]


def digest(*parts: str) -> int:
    """A number that looks random and is the same everywhere."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")


def plain(marked: str) -> str:
    """The sentence without its marks."""
    return MARK.sub(r"\1", marked)


def read(folder: Path = DATA) -> tuple[list[Functionality], Words]:
    """The functionalities and the words; a spelling functionality gets the answer of the one it is of."""
    words = yaml.safe_load((folder / "words.yaml").read_text("utf-8"))
    files = sorted(path for path in folder.glob("*.yaml") if path.name != "words.yaml")
    rows = [row for path in files for row in yaml.safe_load(path.read_text("utf-8"))]
    by_name = {row["name"]: row for row in rows}
    answers = ("family", "expect", "any_of", "labels")
    inherited = [
        {key: value for key, value in by_name.get(row.get("of"), {}).items() if key in answers}
        for row in rows
    ]
    found = [Functionality.model_validate(base | row) for base, row in zip(inherited, rows, strict=True)]
    found.sort(key=lambda one: bool(one.of))  # a source before its spellings
    return found, {
        kind: [entry if isinstance(entry, dict) else {"": entry} for entry in entries]
        for kind, entries in words.items()
    }


def expand(functionalities: Iterable[Functionality], words: Words) -> list[Case]:
    """Every case, those of a source before its spellings."""
    cases: dict[str, list[Case]] = {}
    for one in functionalities:
        cases[one.name] = respelt(one, cases[one.of]) if one.of else written(one, words)
    return [case for own in cases.values() for case in own]


def written(one: Functionality, words: Words) -> list[Case]:
    """The cases of a functionality's own templates, taken in turn, the group used least so far first."""
    pools = [
        sorted(set(fillings(template, words)), key=lambda filled: digest(one.name, filled.marked))
        for template in one.templates
    ]
    taken: dict[str, Filled] = {}
    groups: Counter[str] = Counter()
    while len(taken) < one.cases and any(pools):
        for pool in filter(None, pools):
            best = min(pool, key=lambda filled: groups[filled.group])
            pool.remove(best)
            if taken.setdefault(plain(best.marked), best) is best:
                groups[best.group] += 1
    pairs = list(taken.items())[: one.cases]
    return [
        Case(f"{one.name}-{number:03}", one, text, filled.marked, filled.group)
        for number, (text, filled) in enumerate(pairs, start=1)
    ]


def fillings(template: str, words: Words) -> Iterator[Filled]:
    """The template with every choice of entries that have the forms it asks for."""
    asked = [(match[2].lower(), match[3] or "") for match in SLOT.finditer(template)]
    kinds = sorted({kind for kind, _ in asked})
    for chosen in product(*(words[kind] for kind in kinds)):
        entry = dict(zip(kinds, chosen, strict=True))
        if all(form in entry[kind] for kind, form in asked):
            group = "".join(one.get("group", "") for one in chosen)
            yield Filled(group, _fill(template, entry))


def _fill(template: str, entry: Mapping[str, Mapping[str, str]]) -> str:
    def put(match: re.Match[str]) -> str:
        article, kind, form = match.groups()
        word = entry[kind.lower()][form or ""]
        if kind[0].isupper():
            word = word[0].upper() + word[1:]
        return f"{article}{'n' * _vowel(word)} {word}" if article else word

    # The mark of a filled slot stands between the article and the word: "a <{insult}>".
    filled = SLOT.sub(put, template)
    return re.sub(r"\b([Aa]) <(\w+)", lambda m: f"{m[1]}{'n' * _vowel(m[2])} <{m[2]}", filled)


def _vowel(word: str) -> bool:
    return word.lower().startswith(VOWELS) and not word.lower().startswith(AS_CONSONANT)


def respelt(one: Functionality, sources: Sequence[Case]) -> list[Case]:
    """The sources in another spelling, each of the ways in turn."""
    cases = []
    for number, source in enumerate(sources[: one.cases]):
        text = SPELLINGS[one.spelling[number % len(one.spelling)]](source.marked)
        cases.append(Case(f"{one.name}-{number + 1:03}", one, text, text, source.group, source.id))
    return cases


def each_word(change: Callable[[str, int], str]) -> Callable[[str], str]:
    """A spelling that changes every marked word of three letters or more; the number settles where in the word."""

    def spell(marked: str) -> str:
        def word(found: re.Match[str]) -> str:
            return change(found[0], digest(marked, found[0]))

        return MARK.sub(lambda mark: WORD.sub(word, mark[1]), marked)

    return spell


def _swapped(word: str, number: int) -> str:
    places = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return word
    at = places[number % len(places)]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _missing(word: str, number: int) -> str:
    at = 1 + number % (len(word) - 2)
    return word[:at] + word[at + 1 :]


def _masked(word: str, number: int) -> str:
    inner = [at for at in range(1, len(word) - 1) if word[at] in VOWELS] or [1]
    at = inner[number % len(inner)]
    return word[:at] + "*" + word[at + 1 :]


def _hidden(word: str, number: int) -> str:
    middle = len(word) // 2
    return word[:middle] + INVISIBLE[number % len(INVISIBLE)] + word[middle:]


def _joined(marked: str) -> str:
    return plain(AROUND.sub(lambda found: found[0].replace(" ", ""), marked))


def _emoji(marked: str) -> str:
    return MARK.sub(lambda mark: EMOJI[mark[1].lower()], marked)


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "swapped": each_word(_swapped),
    "missing": each_word(_missing),
    "masked": each_word(_masked),
    "spaced": each_word(lambda word, _: " ".join(word)),
    "leetspeak": each_word(lambda word, _: word.translate(LEET)),
    "homoglyphs": each_word(lambda word, _: word.translate(CYRILLIC)),
    "zero_width": each_word(_hidden),
    "joined": _joined,
    "emoji": _emoji,
}
