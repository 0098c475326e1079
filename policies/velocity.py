"""A pile-on: many who abuse one person within a day. Decided on counts and hashed names; pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from core.types import Finding

WITHIN = timedelta(hours=24)
POSTS, AUTHORS = 5, 3
AIMED = frozenset({"harassment", "hate", "threat", "sexual"})
_PERSON = "person"
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "sister", "nurse"})


def targets(text: str, findings: Iterable[Finding], labels: Iterable[str]) -> tuple[str, ...]:
    """Whom an abusive text is aimed at: the names in it, folded, each once; nobody where it is not abuse.

    Only the persons that the detectors found count. Folded names go to the keyed hash and nowhere else.
    """
    if AIMED.isdisjoint(labels):
        return ()
    names = (fold_name(text[one.start : one.end]) for one in findings if one.kind == _PERSON)
    return tuple(dict.fromkeys(name for name in names if name))


def fold_name(name: str) -> str:
    """A name as it is compared: without case, accents, titles, punctuation and possessive endings."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold().strip()
    plain = plain.removesuffix("'s").removesuffix("'")
    spelt = "".join(c for c in plain if not unicodedata.combining(c) and c != "'")
    words = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in spelt).split()
    return " ".join(word for word in words if word not in _TITLES)


def pile_on(times_and_authors: Sequence[tuple[datetime, object]], now: datetime) -> bool:
    """Whether at least five posts by at least three authors were aimed at one person in the 24 hours to ``now``.

    Posts whose author is not known count as one author's: nobody is taken for a crowd.
    """
    recent = [author for at, author in times_and_authors if now - WITHIN < at <= now]
    return len(recent) >= POSTS and len(set(recent)) >= AUTHORS
