"""What waits to be sent to one reader goes as one message: ten copies of a thing are one mail, not ten (pure).

A case writes its notice in the transaction that opens it, so nothing is lost, and each has one of its own. Until
the first of them is sent, they are gathered. What is critical is told by itself, at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.roster import sentence
from alerts.words.phrases import count
from core.telling import Notice
from core.types import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The notices ``others`` (keys) go into the one with the key ``into``, whose reason is then ``why``."""

    into: str
    others: tuple[str, ...]
    why: str


def gather(waiting: Sequence[Notice], severities: Mapping[int, Severity], most: int) -> list[Gathered]:
    """What goes together of the notices that wait and were never tried, oldest first; at most so many cases each.

    ``severities`` holds how grave each case is now.
    """
    groups: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for notice in waiting:
        if notice.kind == "case" and not notice.attempts and not _critical(notice, severities):
            groups[notice.to, notice.channel].append(notice)
    return [one for group in groups.values() for one in _parts(group, most)]


def _critical(notice: Notice, severities: Mapping[int, Severity]) -> bool:
    return any(severities.get(number) is Severity.critical for number in notice.cases)


def _parts(group: Sequence[Notice], most: int) -> Iterator[Gathered]:
    part: list[Notice] = []
    for notice in (*group, None):
        held = {number for one in part for number in one.cases}
        if notice is None or (part and len(held | set(notice.cases)) > most):
            if len(part) > 1:
                yield _gathered(part, len(held))
            part = []
        if notice is not None:
            part.append(notice)


def _gathered(part: Sequence[Notice], cases: int) -> Gathered:
    first, *others = part
    told = f"{count(cases, 'case')} told together" if cases > 1 else first.why
    return Gathered(
        into=first.key,
        others=tuple(one.key for one in others),
        why=sentence(told, f"sent to you as {first.role}" if cases > 1 else ""),
    )
