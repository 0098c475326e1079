"""The query language: what is about us, asked of texts and of platforms.

    oakfield                 the word, whatever its case and accents
    "oakfield house"         the words in this order, or glued in a hashtag
    nurse*                   any ending
    oakfeild~  oakfield~1    misspelt: one slip, two from eight letters on, or as many as it says
    care NEAR/8 resident     at most 8 words on from each other, in either order; NEAR/8f: the left one first
    {home}                   any term of a list in the configuration
    author:@jo site:reddit.com lang:en type:comment source:local-news
                             what is known of an item besides its text; a value may be quoted
    a b, a AND b             both          a OR b   either          (…)   groups
    a OR b NOT cricket       NOT takes away from all that stands before it in its group
    a AND NOT cricket        after AND or OR, and at the start, it speaks of its own term alone

NEAR binds most tightly, then AND, then OR. Operators are in capitals; the same words in small letters are
ordinary words. A term of several words (mary's, co-op, @oak_field) is read as a phrase. ``grammar.GRAMMAR`` is the
whole syntax, ``nodes`` what it means; docs/query.md shows it.
"""

from core.query.ask import hashtags, searches
from core.query.dialects import Dialect
from core.query.examples import Failure, check
from core.query.explain import Part, explain
from core.query.grammar import QuerySyntaxError
from core.query.item import Item
from core.query.parse import parse
from core.query.person import is_person
from core.query.prefilter import Filter
from core.query.query import Match, Query

__all__ = [
    "Dialect",
    "Failure",
    "Filter",
    "Item",
    "Match",
    "Part",
    "Query",
    "QuerySyntaxError",
    "check",
    "explain",
    "hashtags",
    "is_person",
    "parse",
    "searches",
]
