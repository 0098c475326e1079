"""MediaWiki's API, asked with patience, and the words of its pages."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from connectors._dates import retry_after
from connectors._http import Client
from connectors._json import Shape, link, read
from connectors._lang import iso_639_1
from connectors._text import html_to_text, tidy
from connectors._walk import Page
from core.errors import FetchError
from core.types import Mention

# https://www.mediawiki.org/wiki/Manual:Maxlag_parameter: to wait while the wiki's databases are behind.
MAXLAG = 5
AT_ONCE = 20  # pages of one request: a page may have 2 MB, and an answer 12
MOST_PARTS = 10  # answers that one request for pages may be spread over
LONGEST = 200_000  # characters of a page
_PASSING = frozenset({"maxlag", "ratelimited", "readonly", "badtoken", "search-backend-error"})
_CODE = re.compile(r"[a-z][a-z0-9_-]{1,60}", re.IGNORECASE)

# None of these looks twice at the same character, whatever somebody has written into the page.
_GONE = re.compile(r"<!--.*?(?:-->|\Z)|__[A-Z]{3,20}__", re.DOTALL)
_TABLE = re.compile(r"^(?:\{\||\|[-}])[^\n]*$|\|\||!!", re.MULTILINE)
_TAGS = re.compile(
    r"</?(?:ref|references|nowiki|gallery|poem|syntaxhighlight|math|(?:include|noinclude|onlyinclude)(?:only)?)\b[^<>]*>",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)*([^\[\]|]*)\]\]")
_OUTWARD = re.compile(r"\[(?:https?:)?//[^\s\[\]]++\s*+([^\[\]]*+)\]")
_MARKS = re.compile(r"'{2,5}|^[*#:;!|]++\s*+|^=++|(?<!=)=++[ \t]*+$", re.MULTILINE)
_ROUNDS = 12  # templates in templates


class RefusedError(FetchError):
    """The API says no, with status 200: ``code`` is its own word for why."""

    def __init__(self, host: str, code: str, wait: str | None, now: datetime) -> None:
        self.code = code if _CODE.fullmatch(code) else "unknown"
        super().__init__(
            f"{host} refuses: {self.code}",
            temporary=code in _PASSING or code.startswith("internal_api_error"),
            retry_after=retry_after(wait, now) if code in _PASSING else None,
        )


def ask(client: Client, base: str, params: Mapping[str, object]) -> Shape:
    """Put a query to the API; raises FetchError, ``RefusedError`` where the wiki says why."""
    shared = {"action": "query", "format": "json", "formatversion": 2, "maxlag": MAXLAG}
    answer = client.get(link(base, "", shared | dict(params)), {"Accept": "application/json"})
    shape = read(answer)
    if code := shape.text("error", "code"):
        raise RefusedError(shape.whence, code, answer.headers.get("retry-after"), client.now())
    return shape


def pages(client: Client, base: str, idents: Iterable[str], source: str) -> Page:
    """The pages of these ids as they are now; those that the wiki no longer has are ``deleted``."""
    wanted = list(dict.fromkeys(filter(None, idents)))
    found: dict[str, Mention] = {}
    gone: list[str] = []
    for start in range(0, len(wanted), AT_ONCE):
        for answer in _parts(client, base, wanted[start : start + AT_ONCE]):
            page = parse(answer, source, client.now())
            found |= {mention.key: mention for mention in page.mentions}
            gone += page.deleted
    return Page(mentions=tuple(found[key] for key in wanted if key in found), deleted=tuple(gone))


def _parts(client: Client, base: str, idents: list[str]) -> Iterator[Shape]:
    """The answers to a request for pages: a long one comes in parts."""
    params: dict[str, object] = {
        "prop": "revisions|info",
        "pageids": "|".join(idents),
        "rvprop": "content|timestamp|user",
        "rvslots": "main",
        "inprop": "url",
    }
    further: dict[str, object] = {}
    for _ in range(MOST_PARTS):
        answer = ask(client, base, params | further)
        yield answer
        further = {key: part.ident() for key, part in answer.pairs("continue")}
        if not further:
            return


def parse(answer: Shape, source: str, now: datetime) -> Page:
    """The pages in an answer that hold their words; raises FetchError where it holds none at all."""
    listed = answer.listed("query", "pages")
    made = [_mention(page, source, now) for page in listed]
    gone = [page.ident("pageid") for page in listed if page.flag("missing") and page.ident("pageid")]
    return Page(mentions=tuple(one for one in made if one), deleted=tuple(gone))


def _mention(page: Shape, source: str, now: datetime) -> Mention | None:
    revision = next(iter(page.items("revisions")), Shape(None))
    written = revision.text("slots", "main", "content") or revision.text("content")
    url = page.web("canonicalurl") or page.web("fullurl")
    if not page.ident("pageid") or not url or not page.text("title"):
        return None
    if not written and not revision.text("timestamp"):
        return None
    return Mention(
        source=source,
        key=page.ident("pageid"),
        url=url,
        text=plain(written[:LONGEST]),
        platform="wiki",
        title=page.text("title"),
        author=revision.text("user"),
        posted_at=revision.when(now, "timestamp"),
        kind="page",
        lang=iso_639_1(page.text("pagelanguage")),
    )


def plain(wikitext: str) -> str:
    """The words of wikitext, none of them lost: of a template what it is given, of a link what it shows."""
    text = _TAGS.sub(" ", _GONE.sub("", wikitext))
    for _ in range(_ROUNDS):
        less = _LINK.sub(r"\1", _TEMPLATE.sub(_given, text))
        if less == text:
            break
        text = less
    text = _MARKS.sub("", _OUTWARD.sub(r"\1", _TABLE.sub(" ", text)))
    return html_to_text(text) if "<" in text or "&" in text else tidy(text)


def _given(template: re.Match[str]) -> str:
    """What a template is given: its name and the names of its parameters are no words of the page."""
    values = [part.partition("=")[2] or part for part in template[1].split("|")[1:]]
    return " ".join(value.strip() for value in values if value.strip())
