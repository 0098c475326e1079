"""How each platform's own search is asked; what is known of a platform's limits is beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


class Groups(IntEnum):
    """What parentheses may hold: there are none, they hold alternatives, or anything."""

    none = 0
    flat = 1
    nested = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one platform writes a search. What it does not have is None or empty.

    ``both``, ``either`` and ``without`` stand between or before terms; ``quote`` stands on both sides of a phrase
    (a platform without one is asked for all its words); ``star`` ends an open-ended word. ``wrap`` says that
    alternatives must stand in parentheses even where nothing stands beside them. ``fields`` maps a field of the
    query to how it is written there, as in ``from:{}``. ``exact`` says that the platform reads the same words in the
    same text as we are given: only then may it leave out what the query takes away, as elsewhere it would leave
    out too much. ``tags`` says that people glue words to hashtags there, ``only_tags`` that it knows nothing else.
    """

    name: str
    both: str | None = None
    either: str | None = None
    without: str = ""
    quote: str = '"'
    star: str = ""
    groups: Groups = Groups.none
    wrap: bool = False
    max_characters: int = 250
    max_words: int = 64
    fields: Mapping[str, str] = field(default_factory=lambda: _NO_FIELDS)
    exact: bool = False
    tags: bool = False
    only_tags: bool = False


PLAIN = Dialect(name="plain")
TAGS = Dialect(name="tags", quote="", max_characters=100, tags=True, only_tags=True)
REDDIT = Dialect(
    name="Reddit",
    both=" AND ",
    either=" OR ",
    without="NOT ",
    groups=Groups.nested,
    max_characters=512,
)
# https://docs.x.com/x-api/posts/search/integrate/build-a-query
X = Dialect(
    name="X",
    both=" ",
    either=" OR ",
    without="-",
    groups=Groups.nested,
    max_characters=512,
    fields=MappingProxyType({"lang": "lang:{}"}),
    exact=True,
    tags=True,
)
# https://www.mediawiki.org/wiki/Help:CirrusSearch/Logical_operators: parentheses are dropped, and OR beside AND
# misleads, so that neither is used. A search may have 300 characters.
MEDIAWIKI = Dialect(name="MediaWiki", both=" ", either=" OR ", without="-", star="*", max_characters=300)
BLUESKY = Dialect(name="Bluesky", both=" ", tags=True, fields=MappingProxyType({"lang": "lang:{}"}))
MASTODON = Dialect(name="Mastodon", both=" ", without="-", tags=True)
# https://open-platform.theguardian.com/documentation/search
GUARDIAN = Dialect(
    name="The Guardian",
    both=" AND ",
    either=" OR ",
    without="NOT ",
    groups=Groups.nested,
    max_characters=500,
)
# https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/: OR stands only inside parentheses, which do not nest.
GDELT = Dialect(
    name="GDELT", both=" ", either=" OR ", without="-", groups=Groups.flat, wrap=True, max_characters=250
)
# https://developers.google.com/youtube/v3/docs/search/list
YOUTUBE = Dialect(name="YouTube", both=" ", either="|", without="-", tags=True)
DISCOURSE = Dialect(name="Discourse", both=" ")
ALGOLIA = Dialect(name="Algolia", both=" ", max_characters=500)
