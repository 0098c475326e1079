"""Whether a query looks for nothing but a person, which needs a named case, a reason and an end."""

from collections.abc import Container, Iterator, Sequence
from itertools import islice, product

from core.query.fields import Field
from core.query.nodes import AllOf, AnyOf, Near, Node, Not, Phrase
from core.query.query import Query

_TITLES = "mr mrs ms miss mx dr prof professor sir dame lord lady sister brother father rev"
_ORGANISATIONS = """
house court trust care home homes school academy college university hospital clinic surgery centre center ltd
limited plc llp cic inc company group services service foundation charity society association council street road
lane avenue close drive way park gardens lodge hall manor place grange villa cottage farm church nursery hospice
practice partnership agency nhs ward unit club team project union institute library museum shop store hotel bar
cafe restaurant pharmacy bank studio studios press news radio festival fund network department office
"""
TITLES, ORGANISATIONS = frozenset(_TITLES.split()), frozenset(_ORGANISATIONS.split())
LONGEST_NAME = 4
MOST_WAYS = 10_000  # of matching a query; what is still nothing but names by then is taken for it


def is_person(query: Query, given_names: Container[str]) -> bool:
    """Whether every way to match the query takes no more than a personal name or an author.

    ``given_names`` holds first names in small letters, and may hold family names too. A name is a phrase of two to
    four words that begins with one of them or with a title, or as many terms that all are among them; none is a word
    of an organisation or a street. Fields other than author: make it neither more nor less of a name.
    """
    ways = list(islice(_ways(query.node), MOST_WAYS))
    return any(_has_words(way) for way in ways) and all(_is_personal(way, given_names) for way in ways)


Leaf = Phrase | Field
Way = tuple[Leaf, ...]


def _ways(node: Node) -> Iterator[Way]:
    """Each way to match: the terms and fields that must then be there."""
    if isinstance(node, Phrase | Field):
        yield (node,)
    elif isinstance(node, Not):
        yield ()
    elif isinstance(node, AnyOf):
        for part in node.parts:
            yield from _ways(part)
    elif isinstance(node, AllOf):
        yield from _together(node.parts)
    elif isinstance(node, Near):
        yield from _together((node.left, node.right))


def _together(parts: Sequence[Node]) -> Iterator[Way]:
    choices = (list(islice(_ways(part), MOST_WAYS)) for part in parts)
    return (tuple(leaf for way in ways for leaf in way) for ways in product(*choices))


def _has_words(way: Way) -> bool:
    return any(isinstance(leaf, Phrase) or leaf.name == "author" for leaf in way)


def _is_personal(way: Way, names: Container[str]) -> bool:
    leaves = [leaf for leaf in way if isinstance(leaf, Phrase)]
    if not leaves:
        return _has_words(way)
    if any(word.open_ended for leaf in leaves for word in leaf.words):
        return False  # nobody is called nurs*
    phrases = [[word.text for word in leaf.words] for leaf in leaves]
    apart = [word for words in phrases for word in words]
    if len(apart) == len(phrases):
        return _may_be_name(apart) and (apart[0] in TITLES or all(word in names for word in apart))
    return all(_is_name(words, names) for words in phrases)


def _is_name(words: Sequence[str], names: Container[str]) -> bool:
    known = words[0] in TITLES or words[0] in names or all(word in names for word in words)
    return _may_be_name(words) and known


def _may_be_name(words: Sequence[str]) -> bool:
    return 2 <= len(words) <= LONGEST_NAME and ORGANISATIONS.isdisjoint(words)
