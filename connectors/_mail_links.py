"""What a mail points at: each link with the words around it. Pure; attachments are never opened.

Alerts and notifications are laid out in boxes. A link owns the largest box that holds no other link, and with it
the words in there; links that share one sentence share its words; words that stand in nobody's box belong to the link
that follows them, those at the end to the last one. What a mail says of itself (unsubscribe, settings, share) is left
out, with its line.
"""

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import islice

from lxml import etree, html

from connectors._text import tidy
from core.canonical import canonical, site_of

MOST_LINKS = 200
MOST_ANCHORS = 2000  # that are looked at to find them
LONGEST = 20_000  # characters of one result
SHARED = 3  # so many links at most are one sentence
_FOOTER = 300  # characters of a line that goes with its link

_BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 "
        "h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul",
    )
)
_BOX = _BLOCK - {"br", "hr"}
_UNSEEN = ("script", "style", "head", "title", "template", "noscript")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_WORDY = re.compile(r"(?:\S+\s+){3,}\S+")
# What a link says that serves the mail and is no result of it.
_OURS = re.compile(
    r"""(?:click\ here\ to\ |to\ )?unsubscribe\b.{0,60} | opt[ -]?out
    | (?:manage|edit|change|update|review)\ (?:your\ |my\ |this\ |these\ )?
      (?:e-?mails?|alerts?|subscriptions?|notifications?|preferences|settings|account)\b.{0,30}
    | (?:e-?mail\ |notification\ |account\ |privacy\ )?(?:preferences|settings)
    | privacy(?:\ policy|\ notice|\ statement|\ cent(?:re|er))? | cookies?(?:\ policy)? | imprint
    | terms(?:\ (?:of\ (?:use|service)|(?:and|&)\ conditions))? | legal(?:\ notice)?
    | help(?:\ cent(?:re|er)|\ page)? | support | contact(?:\ us)? | about(?:\ us)? | faqs? | careers
    | (?:view|read|open|see)\ (?:this\ |the\ )?(?:e-?mail\ |message\ )?(?:in|on)\ (?:your\ |a\ |the\ )?
      (?:web\ )?browser.{0,20} | view\ (?:it\ )?online
    | (?:create\ (?:another|an|a\ new)|edit\ this|delete\ this|see\ (?:all\ )?(?:my|your))\ alerts?
    | flag\ as\ irrelevant | (?:send|give|share\ your)\ feedback | share(?:\ on\ .{0,20})? | see\ more\ results
    | (?:receive\ this\ alert\ as\ )?rss(?:\ feed)? | (?:download|get)\ (?:the|our)\ .{0,20}app | app\ store
    | google\ play | facebook | twitter | x | instagram | linked\ ?in | youtube | tiktok | pinterest | threads
    | log\ ?in | sign\ ?in | mute(?:\ this)?\ .{0,30} | why\ (?:did|am)\ i\ .{0,40} | report\ this\ e-?mail""",
    re.IGNORECASE | re.VERBOSE,
)
# What a button says: it leads to a result that another link, or the words around, tell of.
_BUTTON = re.compile(
    r"(?:read|view|see|open|show|visit|go|reply|respond|answer|comment|like|follow|join|learn|find)"
    r"(?: (?:to|on|the|this|your|it|more|full|all|out|review|post|comment|thread|message|profile|page|now|here))*",
    re.IGNORECASE,
)
_OURS_PATH = re.compile(
    r"""https?://[^/?#]+/(?:[^?#]*/)?(?:unsubscribe|unsub|opt-?out|email-?preferences|notification-?settings
      |settings|preferences)(?:/|[?#]|$)
    | https?://(?:www\.)?google\.[a-z.]+/alerts(?:[/?#]|$)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A link in a mail: ``title`` is its own words where it has some, ``text`` those around it."""

    url: str
    title: str
    text: str


def results(page: str, home: str = "") -> list[Result]:
    """The links that a mail in HTML is about, in their order; none is empty. ``home`` is the sender's domain."""
    root = _tree(page)
    if root is None:
        return []
    told = _told(root)
    for element in list(root.iter(*_UNSEEN, etree.Comment, etree.ProcessingInstruction)):
        element.drop_tree()
    anchors = _anchors(root, home)
    found = _around(root, anchors)
    for url, one in told.items():
        if url not in found and not _is_ours(one.url, one.title, home):
            found[url] = one
    worded = [one for one in found.values() if not _BUTTON.fullmatch(one.title or one.text)]
    return list(islice(worded or found.values(), MOST_LINKS))


def from_plain(text: str) -> str:
    """A mail in plain text as HTML: a paragraph for each that it has, its addresses made links."""

    def linked(line: str) -> str:
        parts, position = [], 0
        for url in _URL.finditer(line):
            address = url[0].rstrip(".,;:!?)'")
            parts += [
                escape(line[position : url.start()].removesuffix("<")),
                f'<a class="bare" href="{escape(address)}"></a>',
            ]
            position = url.start() + len(address)
            position += line[position : position + 1] == ">"
        return "".join([*parts, escape(line[position:])])

    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return "".join(f"<p>{'<br>'.join(map(linked, one.splitlines()))}</p>" for one in paragraphs)


def _tree(page: str) -> etree._Element | None:
    try:
        return html.document_fromstring(page.replace("\0", ""))
    except (etree.LxmlError, ValueError):
        # A declaration of an encoding is refused in a string; what is empty has no tree.
        try:
            return html.document_fromstring(
                page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
            )
        except (etree.LxmlError, ValueError):
            return None


def _told(root: etree._Element) -> dict[str, Result]:
    """The cards that a mail describes for mail programs, by their address: Google Alerts' inbox markup, JSON-LD."""
    cards: dict[str, Result] = {}
    for script in root.iter("script"):
        if script.get("type") not in ("application/json", "application/ld+json"):
            continue
        try:
            value = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for part in _objects(value):
            url, title, text = (part.get(key) for key in ("url", "title", "description"))
            if isinstance(url, str) and isinstance(title, str) and _URL.fullmatch(url):
                cards[canonical(url)] = Result(
                    url=_unwrapped(url), title=tidy(title), text=tidy(text) if isinstance(text, str) else ""
                )
    return cards


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    queue = deque([value])
    while queue:
        part = queue.popleft()
        if isinstance(part, dict):
            yield part
            queue += part.values()
        elif isinstance(part, list):
            queue += part


def _anchors(root: etree._Element, home: str) -> dict[etree._Element, str]:
    """The links that lead to something, each with the one way to write its address; the others leave the tree."""
    kept, ours = {}, []
    for anchor in islice(root.iter("a"), MOST_ANCHORS):
        url = (anchor.get("href") or "").strip()
        if not _URL.fullmatch(url):
            continue
        words = _words_of(anchor)
        if _is_ours(url, words, home) or (not words and anchor.get("class") != "bare"):
            ours.append(anchor)
        else:
            kept[anchor] = canonical(url)
    short: dict[etree._Element, bool] = {}
    for anchor in ours:
        _drop(anchor, kept, short)
    return kept


def _is_ours(url: str, words: str, home: str) -> bool:
    """Whether a link only serves the mail, or leads to the front page of whoever sent it."""
    target = _unwrapped(url)
    front = re.fullmatch(r"https?://[^/?#]+/?", target)
    own = bool(home) and f".{home}".endswith(f".{site_of(target)}")
    return bool(_OURS.fullmatch(words) or _OURS_PATH.match(target) or (front and own))


def _unwrapped(url: str) -> str:
    """Where a redirector leads to (google.com/url, l.facebook.com); any other address as it came."""
    target = canonical(url)
    return target if site_of(target) != site_of(url) else url


def _words_of(element: etree._Element) -> str:
    words = " ".join("".join(element.itertext()).split())
    return words or " ".join(image.get("alt", "").strip() for image in element.iter("img")).strip()


def _drop(
    anchor: etree._Element, kept: Mapping[etree._Element, str], short: dict[etree._Element, bool]
) -> None:
    """Take a link out, with its line where that is short and holds nothing else; ``short`` remembers which are."""
    line = next((one for one in anchor.iterancestors() if one.tag in _BOX), None)
    if line is not None and line not in short:
        alone = line.tag not in ("body", "html") and not any(one in kept for one in line.iter("a"))
        short[line] = alone and len("".join(line.itertext())) <= _FOOTER
    if line is None or not short[line]:
        line = anchor
    if line.getparent() is not None:
        line.drop_tree()


def _around(root: etree._Element, anchors: Mapping[etree._Element, str]) -> dict[str, Result]:
    """Each address with the words that it owns."""
    under: dict[etree._Element, set[str]] = defaultdict(set)
    titles: dict[str, str] = {}
    links: dict[str, str] = {}
    for anchor, url in anchors.items():
        links.setdefault(url, _unwrapped(anchor.get("href").strip()))
        titles[url] = max(titles.get(url, ""), _words_of(anchor), key=len)
        for element in (anchor, *anchor.iterancestors()):
            under[element].add(url)
    owned: dict[str, list[str]] = {url: [] for url in links}
    waiting: list[str] = []
    last = ""
    lines: dict[etree._Element, bool] = {}
    for element, text in _texts(root):
        owners = _owners(element, under, lines)
        for url in owners:
            owned[url] += [*waiting, text]
            last = url
        waiting = [] if owners else [*waiting, text]
    if last:
        owned[last] += waiting
    return {url: _result(links[url], titles[url], "".join(owned[url])) for url in links}


def _result(url: str, title: str, text: str) -> Result:
    return Result(url=url, title=title if _WORDY.search(title) else "", text=tidy(text)[:LONGEST])


def _texts(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The words in the order of reading, each with the element that it stands in; a new line for each box."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        inside = element if event == "start" else element.getparent()
        text = element.text if event == "start" else element.tail
        if element.tag in _BLOCK:
            yield element, "\n"
        if event == "start" and element.tag == "img" and element.get("alt"):
            yield element, f" {element.get('alt')} "
        if text and inside is not None:
            yield inside, re.sub(r"\s+", " ", text)


def _owners(
    element: etree._Element, under: Mapping[etree._Element, set[str]], lines: dict[etree._Element, bool]
) -> set[str]:
    """The addresses that words in an element belong to; ``lines`` remembers which boxes hold no further ones."""
    box = next((one for one in _upwards(element) if one.tag in _BOX), None)
    if box is not None and 1 < len(under.get(box, ())) <= SHARED:
        if box not in lines:
            lines[box] = not any(one is not box and one.tag in _BOX for one in box.iter(etree.Element))
        if lines[box]:
            return under[box]
    holder = next((one for one in _upwards(element) if one in under), None)
    return under[holder] if holder is not None and len(under[holder]) == 1 else set()


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()
