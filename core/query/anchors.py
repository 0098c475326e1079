"""What a text must hold for a query to match it: words, phrases and pieces of words, as few and as long as can be."""

from collections.abc import Iterable

from core.query.fold import glue, is_ambiguous, spaced
from core.query.fuzzy import pieces
from core.query.nodes import AllOf, AnyOf, Near, Node, Phrase, Word

Anchors = tuple[str, ...]


def anchors(node: Node) -> Anchors | None:
    """Of these any matching text holds at least one; None where it need hold nothing.

    A text holds one when ``glue`` of the text holds ``glue`` of it: an anchor may be a piece of a word.
    """
    match node:
        case Phrase():
            return _rarest(_of_phrase(node))
        case Near():
            return _rarest(map(anchors, (node.left, node.right)))
        case AllOf():
            return _rarest(map(anchors, node.parts))
        case AnyOf():
            found = [anchors(part) for part in node.parts]
            return _united([part for part in found if part is not None]) if None not in found else None
    return None


def _of_phrase(phrase: Phrase) -> Iterable[Anchors]:
    """Its runs of exact words, and the pieces of each misspelt one.

    A run ends at an open end, and where ambiguous letters meet others: a text may be read in two ways there.
    """
    run: list[Word] = []
    for word in phrase.words:
        if run and (word.slips or run[-1].open_ended or _differs(word, run[-1])):
            yield _said(run)
            run = []
        if word.slips:
            yield pieces(word.text, word.slips)
        else:
            run.append(word)
    if run:
        yield _said(run)


def _differs(word: Word, other: Word) -> bool:
    return is_ambiguous(word.text) != is_ambiguous(other.text)


def _said(run: list[Word]) -> Anchors:
    return (spaced(tuple(word.text for word in run)),)


def _rarest(choices: Iterable[Anchors | None]) -> Anchors | None:
    return min((choice for choice in choices if choice is not None), key=_frequency, default=None)


def _frequency(choice: Anchors) -> float:
    """Roughly how many texts hold one of them: a letter more, a fourth as many; past twelve it matters no more."""
    return sum(0.25 ** min(len(glue(anchor)), 12) for anchor in choice)


def _united(choices: list[Anchors]) -> Anchors:
    """All of them, but for those that hold another."""
    by_length = sorted({glue(anchor): anchor for choice in choices for anchor in choice}.items())
    by_length.sort(key=lambda pair: len(pair[0]))
    kept: dict[str, str] = {}
    for glued, anchor in by_length:
        if not any(shorter in glued for shorter in kept):
            kept[glued] = anchor
    return tuple(sorted(kept.values()))
