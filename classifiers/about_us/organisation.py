"""Finds what the configuration says of us in a text: our name, our cues, the negative senses, our accounts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from classifiers.about_us.features import Found, Seen
from classifiers.about_us.usage import uses
from classifiers.about_us.words import Words, words_of
from classifiers.detectors._ours import account_key, contact_key
from core.organisation import Cues

OURS = ("places", "services", "staff", "other")
SHORT = 8  # words
BESIDE = -1  # the place of a cue that stands beside the text
_ARTICLES = frozenset({"the", "a", "an"})
_TITLES = frozenset({"st", "saint", "our", "royal", "new"})


@dataclass(frozen=True, slots=True)
class Finder:
    """Cues of one kind, as one pattern over folded words."""

    pattern: re.Pattern[str] | None
    cues: Sequence[str]

    @classmethod
    def of(cls, cues: Iterable[str]) -> Self:
        """A finder of cues; where several begin at a word, the longest is found."""
        ordered = sorted({cue for cue in cues if words_of(cue).folded}, key=lambda cue: (-len(cue), cue))
        # A look ahead takes nothing, so that one cue never hides another that begins within it.
        sources = "|".join(f"({_source(cue)})" for cue in ordered)
        return cls(re.compile(rf"(?<!\S)(?=(?:{sources})(?!\S))") if ordered else None, ordered)

    def find(self, words: Words) -> list[tuple[str, int]]:
        """Each cue that is there, with the number of the word at which it begins."""
        if self.pattern is None:
            return []
        return [
            (self.cues[(found.lastindex or 1) - 1], words.line.count(" ", 0, found.start()))
            for found in self.pattern.finditer(words.line)
        ]


def _source(cue: str) -> str:
    """A cue as a pattern of folded words; a plural or a possessive counts too."""
    line = re.escape(words_of(cue).line)
    return rf"{line}\S*" if cue.rstrip().endswith("*") else rf"{line}(?:'?s)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Everything the configuration says, ready to be looked for.

    ``words`` are our names of one word, ``with_the`` whether a name begins with "The", ``glued`` the names of
    several words without their blanks, as hashtags and handles write them.
    """

    names: Finder
    full_names: Finder
    words: frozenset[str]
    glued: frozenset[str]
    with_the: bool
    cues: Mapping[str, Finder]
    negative: Finder
    contacts: re.Pattern[str] | None

    @classmethod
    def of(
        cls,
        cues: Cues,
        *,
        name: str,
        accounts: Sequence[str] = (),
        contacts: Sequence[str] = (),
        aliases: Sequence[str] = (),
    ) -> Self:
        """Reads the configuration once."""
        called = {one: words_of(one).line for one in (name, *(aliases or (short_name(name),)))}
        longer = [one for one, line in called.items() if " " in line]
        return cls(
            names=Finder.of(called),
            full_names=Finder.of(longer),
            words=frozenset(line for line in called.values() if " " not in line and len(line) > 3),
            glued=frozenset(called[one].replace(" ", "") for one in longer),
            with_the=any(line.startswith("the ") for line in called.values()),
            cues={kind: Finder.of(getattr(cues, kind)) for kind in OURS},
            negative=Finder.of(cues.negative),
            contacts=_contacts(accounts, contacts),
        )

    def look(self, text: str, beside: str = "") -> Seen:
        """What is seen of us in a text; cues and contacts count in what stands ``beside`` it too."""
        words, around = words_of(text), words_of(beside)
        ours: dict[str, Found] = {
            kind: [*finder.find(words), *((cue, BESIDE) for cue, _ in finder.find(around))]
            for kind, finder in self.cues.items()
        }
        names = [(place, len(words_of(name).folded)) for name, place in self.names.find(words)]
        both = f"{text}\n{beside}".casefold()
        return Seen(
            uses=tuple(uses(words, names, _words_of_ours(words, ours), with_the=self.with_the)),
            ours=ours,
            negative=self.negative.find(words),
            contact=self.contacts is not None and bool(self.contacts.search(both)),
            full_name=bool(self.full_names.find(words)) or not self.glued.isdisjoint(words.folded),
            inside=self._is_inside(words),
            words=frozenset(words.folded),
            short=len(words.folded) < SHORT,
        )

    def _is_inside(self, words: Words) -> bool:
        """Whether a name of ours is a part of a longer word that is no hashtag and no handle."""
        plain = [word for word, tagged in zip(words.folded, words.tagged, strict=True) if not tagged]
        return any(name in word for word in plain for name in self.words)


def _words_of_ours(words: Words, ours: Mapping[str, Found]) -> frozenset[str]:
    """The words of the text that belong to cues of ours."""
    found = [(place, len(words_of(cue).folded)) for cues in ours.values() for cue, place in cues]
    return frozenset(
        word for place, size in found if place != BESIDE for word in words.folded[place : place + size]
    )


def short_name(name: str) -> str:
    """The first telling word of a name: "Oakfield House" is called Oakfield, "The Bridge Project" the Bridge."""
    words = [word for word in name.split() if word.casefold() not in _ARTICLES] or [name]
    titled = words[0].casefold().rstrip(".") in _TITLES
    return " ".join(words[: 2 if titled else 1])


def _contacts(accounts: Iterable[str], contacts: Iterable[str]) -> re.Pattern[str] | None:
    """Accounts behind an @ or in a link, and contacts, wherever they stand whole."""
    keys = [key for key in map(account_key, accounts) if key]
    # A name with a dot is a site of ours; any other may be an ordinary word, if no sign of an account is before it.
    sources = [rf"(?<![\w.]){re.escape(key)}" if "." in key else rf"[@/]{re.escape(key)}" for key in keys]
    sources += [rf"(?<![\w.]){_contact(one.strip().casefold())}" for one in contacts if one.strip()]
    return re.compile(rf"(?:{'|'.join(sources)})(?![-.]?\w)") if sources else None


def _contact(one: str) -> str:
    """A telephone number in any grouping, with 0 or +44; anything else as it is."""
    if re.fullmatch(r"[\d\s()+-]{7,}", one):
        digits = contact_key(one)
        first = r"(?:\+44[\s()-]*0?|0)" if digits.startswith("0") else digits[0]
        return r"[\s()-]*".join([first, *digits[1:]])
    return re.escape(one)
