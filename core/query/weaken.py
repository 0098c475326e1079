"""A query as the words and phrases that any text it matches must hold; None stands for no demand at all."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.query.dialects import Dialect
from core.query.expressions import All, Any, Expression, Term, Without, has_words
from core.query.fields import Field
from core.query.fold import is_unspaced
from core.query.nodes import AllOf, AnyOf, Near, Node, Not, Phrase, Word

_ASKABLE = re.compile(r"[\w.-]+")
_UNSAYABLE = re.compile(r"[^\w\s'’&./@#_-]|(?<!\w)[-./&'’]|[-./&'’](?!\w)")


@dataclass(frozen=True, slots=True)
class Weakening:
    """Reads a query for one platform."""

    dialect: Dialect

    def of(self, node: Node) -> Expression | None:
        """The expression of a node that every match of the node fulfils."""
        match node:
            case Phrase():
                return self._phrase(node)
            case Field():
                return self._field(node)
            case Near():
                return _all([self.of(node.left), self.of(node.right)])
            case AllOf():
                return self._all_of(node)
            case AnyOf():
                found = [part for part in map(self.of, node.parts) if part is not None and has_words(part)]
                return Any.of(found) if len(found) == len(node.parts) else None
        return None

    def of_any(self, node: Node) -> Expression | None:
        """As ``of``, but alternatives that demand nothing are passed over."""
        if isinstance(node, AnyOf):
            found = [part for part in map(self.of_any, node.parts) if part is not None]
            return Any.of(found) if found else None
        if isinstance(node, AllOf):
            return _all([self.of_any(part) for part in node.parts])
        if isinstance(node, Near):
            return _all([self.of_any(node.left), self.of_any(node.right)])
        return self.of(node)

    def _all_of(self, node: AllOf) -> Expression | None:
        wanted = _all([self.of(part) for part in node.parts])
        if wanted is None or not (self.dialect.exact and self.dialect.without):
            return wanted
        unwanted = [part.part for part in node.parts if isinstance(part, Not)]
        return All.of([wanted, *(Without(term) for part in unwanted for term in _left_out(part))])

    def _field(self, node: Field) -> Expression | None:
        template = self.dialect.fields.get(node.name)
        if template is None or not _ASKABLE.fullmatch(node.value):
            return None
        return Term((), written=template.format(node.value))

    def _phrase(self, phrase: Phrase) -> Expression | None:
        """Its runs of exact words; a lone open-ended word where the platform has a sign for it."""
        if phrase.is_exact:
            return self._spellings(phrase)
        runs: list[list[Word]] = [[]]
        for word in phrase.words:
            if word.is_exact:
                runs[-1].append(word)
            else:
                runs.extend(([word], []) if word.open_ended and self.dialect.star else ([],))
        return _all([self._run(run) for run in runs if run])

    def _run(self, run: Sequence[Word]) -> Expression:
        return Term(_together(run), open_ended=run[0].open_ended)

    def _spellings(self, phrase: Phrase) -> Expression:
        """The words as the query writes them and as they are folded, and glued as a hashtag."""
        folded = _together(phrase.words)
        written = _UNSAYABLE.sub(" ", unicodedata.normalize("NFC", phrase.written)).lower()
        ways = [Term(folded), Term(tuple(written.split()) or folded)]
        if self.dialect.tags and len(phrase.words) > 1:
            ways.append(Term((phrase.glued,)))
        return Any.of(ways)


def _all(parts: Sequence[Expression | None]) -> Expression | None:
    demands = [part for part in parts if part is not None]
    return All.of(demands) if demands else None


def _left_out(node: Node) -> Sequence[Term]:
    """The words that a platform may leave out by: exact ones, alone or as alternatives."""
    if isinstance(node, Phrase) and node.is_exact:
        return (Term(_together(node.words)),)
    if isinstance(node, AnyOf):
        return [term for part in node.parts for term in _left_out(part)]
    return ()


def _together(words: Sequence[Word]) -> tuple[str, ...]:
    """Words as a platform knows them: characters of scripts without spaces stay joined."""
    joined: list[str] = []
    for word in words:
        if joined and is_unspaced(word.text) and is_unspaced(joined[-1][-1]):
            joined[-1] += word.text
        else:
            joined.append(word.text)
    return tuple(joined)
