"""Plain text from HTML: what a reader sees, with no word lost and no two words glued together.

A scanner of tags and not a tree builder: feeds hold fragments, cut off anywhere, and a tree builder drops
what it cannot place. Only elements that HTML (or a namespace) knows are taken for markup, so that a literal
``<`` in a sentence, or ``Jo <jo@example.org>``, stays. Every step is linear in the length of the text.
"""

import re
from html import unescape

# Their content is not shown (HTML Living Standard section 15.3.1).
_HIDDEN = re.compile(r"<(script|style|template)\b[^<>]*>", re.IGNORECASE)
_HIDDEN_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "template")}
# Each piece is bounded and possessive, so that hostile quotes cannot make the scan slow.
_TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:._-]*+)
        (?P<rest>(?:[^<>"']{1,2000}+|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,60}+>|[^<>]*+>)""",
    re.VERBOSE,
)
_DECLARATION = re.compile(r"<(?:!doctype|\?xml)[^<>]*+>", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u2028\u2029]+")
_BLANK = re.compile(r"\n{3,}")

_BLOCK = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br button caption center dd details dialog dir div dl dt "
        "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html "
        "legend li listing main menu nav noframes ol optgroup option p plaintext pre search section select "
        "summary table tbody textarea tfoot thead title tr ul xmp",
    )
)
_SPACED = frozenset(
    re.findall(r"\w+", "audio canvas embed iframe img input object picture svg td th video"),
)
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym applet area b base basefont bdi bdo bgsound big blink cite code col colgroup command "
        "content data datalist del dfn em font i image ins isindex kbd keygen label link map mark marquee "
        "math meta meter multicol nobr noembed noscript param progress q rb rp rt rtc ruby s samp script "
        "output shadow slot small source spacer span strike strong style sub sup template time track tt u "
        "var wbr circle ellipse g line path polygon polyline rect text tspan use",
    )
)
_KNOWN = _BLOCK | _SPACED | _INLINE
# Markup that was escaped once too often shows as words; a pair, or a void element, gives it away.
_PAIRED = r"(p|div|span|a|b|i|u|em|strong|ul|ol|li|h[1-6]|blockquote|table|td|tr|font|small)"
_OPENS = re.compile(rf"<{_PAIRED}\b[^<>]*>", re.IGNORECASE)
_CLOSES = re.compile(rf"</{_PAIRED}\s*>", re.IGNORECASE)
_VOID = re.compile(r"<(?:br|hr|img)\b[^<>]*>", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """The text of a fragment of HTML, one line per block; what marks no element stays as it is."""
    text = _strip(html) if "<" in html else tidy(unescape(html))
    if "<" in text and _shows_markup(text):
        text = _strip(text)
    return text


def tidy(text: str) -> str:
    """Lines without spaces at their ends or runs of spaces inside, and no two blank lines together."""
    lines = [_SPACE.sub(" ", line).strip() for line in text.split("\n")]
    return _BLANK.sub("\n\n", "\n".join(lines)).strip()


def _shows_markup(text: str) -> bool:
    opened = {name.lower() for name in _OPENS.findall(text)}
    return bool(_VOID.search(text)) or any(name.lower() in opened for name in _CLOSES.findall(text))


def _strip(html: str) -> str:
    html = _unwrap(html)
    html = _without_hidden(html)
    out: list[str] = []
    position = preformatted = 0
    for tag in _TAG.finditer(html):
        name = tag["name"].lower()
        if name not in _KNOWN and ":" not in name:
            continue
        out.append(_words(html[position : tag.start()], preformatted > 0))
        position = tag.end()
        if name == "pre":
            preformatted = max(0, preformatted + (-1 if tag["close"] else 1))
        out.append(_gap(name, tag["rest"]))
    out.append(_words(html[position:], preformatted > 0))
    return tidy("".join(out))


def _unwrap(html: str) -> str:
    """Without comments and declarations; what a CDATA section holds stays."""
    if "<!" in html or "<?" in html:
        html = html.replace("<![CDATA[", "").replace("]]>", "")
        html = _DECLARATION.sub(" ", html)
        kept, position = [], 0
        while (start := html.find("<!--", position)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
            kept.append(html[position:start])
            position = end + 3
        html = "".join([*kept, html[position:]])
    return html


def _without_hidden(html: str) -> str:
    """Without what scripts and styles hold; where their end is missing (a cut excerpt) nothing is taken."""
    kept, position, endless = [], 0, set[str]()
    for start in _HIDDEN.finditer(html):
        name = start.group(1).lower()
        if start.start() < position or name in endless:
            continue
        end = _HIDDEN_END[name].search(html, start.end())
        if end is None:
            endless.add(name)
            continue
        kept += [html[position : start.start()], " "]
        position = end.end()
    return "".join([*kept, html[position:]])


def _words(text: str, preformatted: bool) -> str:
    return unescape(text if preformatted else _SPACE.sub(" ", text))


def _gap(name: str, rest: str) -> str:
    """What stands in the place of a tag: a line break, a space, an image's description, or nothing."""
    if name in _BLOCK:
        return "\n"
    if name not in _SPACED:
        return ""
    if name == "img" and (alt := _ALT.search(rest)):
        return f" {unescape(next(filter(None, alt.groups()), ''))} "
    return " "
