"""One address for one item, however it was written: so that two sources that bring it are seen to bring the same.

    canonical("https://youtu.be/abc?si=xyz")  ->  "https://www.youtube.com/watch?v=abc"

It is a name to compare by, always with https; what people are shown is the link as it came.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from courlan import normalize_url

from core.addresses import AMP_CACHES, PLATFORM_HOSTS, PLATFORM_PATHS, REDIRECTORS, RULES

_ROUNDS = 8  # a redirector in a redirector in …; what leads on longer is left as it came
# By their whole names: courlan takes out all that begin with "ref" or "ga", and with them planning references and
# galleries, so that many pages would be one.
_TRACKERS = re.compile(
    r"utm_.*|at_(?:medium|campaign|link_.*|bbc_.*|format|ptr_name)|(?:fb|g|dc|tw|y|tt)clid|msclkid|srsltid|rdt_cid|s_cid|"
    r"epik|gclsrc|gad_.*|[gw]braid|igshid?|si|ref_src|ref_url|mc_[ce]id|_ga|_gl|__twitter_impression|xtor|cmpid|cmp|"
    r"ocid|ns_(?:mchannel|source|campaign|linkname|fee)|mkt_tok|vero_id|oly_(?:anon|enc)_id|(?:mtm|pk|piwik|itm|hsa)_.*|"
    r"_hs(?:enc|mi)|smid|wt\.mc_id|guccounter|guce_.*|scrolltocomments|outputtype|amp",
    re.IGNORECASE,
)
_POST_FRAGMENT = re.compile(
    r"(?:[a-z_]*(?:comment|post|reply|respons|msg|message|discussion_?r|review|note)[a-z_]*[-_=:/]?|[pc]-?)\d+|[!/].+",
    re.IGNORECASE,
)
_LIGHT_END = re.compile(r"(?:/amp|\.amp|/amp\.html?)$|(?<=.)\.amp(?=\.html?$)", re.IGNORECASE)
_LIGHT_START = re.compile(r"^/(?:(news|sport)/)?amp(?=/.)", re.IGNORECASE)
_AT = re.compile(r"at://([^/?#\s]+)/app\.bsky\.feed\.post/([^/?#\s]+)", re.IGNORECASE)
_MOBILE_WIKI = re.compile(r"([a-z-]+)\.(?:m|mobile)\.(wik[a-z]+\.org)")
_WIKI = re.compile(r"[a-z-]+\.(?:wikipedia|wiktionary|wikinews|wikiquote|wikisource|wikivoyage)\.org")
_STATUS = re.compile(r"(?:/(?:web|deck))?/@([\w.-]+)(?:@([\w.-]+))?/(\d+)")
_ACTIVITY = re.compile(r"/users/([\w.-]+)/statuses/(\d+)")
_TOPIC = re.compile(r"/t/[^/]+/\d+(?:/\d+)?")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b\u2060\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    """The parts of an address that are told apart by; the query as pairs in order of their names."""

    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    fragment: str = ""

    def write(self) -> str:
        asked = "&".join(urlencode([pair]).removesuffix("=") for pair in self.query)
        path = self.path or ("/" if asked else "")
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"https://{self.host}{path}{f'?{asked}' if asked else ''}{fragment}"


def canonical(url: str) -> str:
    """The one way to write an address; what is no web address, and cannot be read as one, is given as it came.

    Tracking parameters, default ports, trailing slashes and fragments go, unless the fragment addresses a post.
    Redirectors and light (AMP) pages give the page itself. Writing it again changes nothing.
    """
    given = _UNSEEN.sub("", url).strip()
    last = given
    for _ in range(_ROUNDS):
        now = _once(last)
        if now == last:
            return now
        last = now
    return given


def platform_of(url: str) -> str:
    """The one of core.vocabulary.PLATFORMS that an address belongs to; "" where the address does not tell."""
    address = _read(canonical(url))
    if address is None:
        return ""
    for pattern, platform in PLATFORM_HOSTS:
        if pattern.fullmatch(address.host):
            return platform
    return next((platform for pattern, platform in PLATFORM_PATHS if pattern.fullmatch(address.path)), "")


def site_of(url: str) -> str:
    """The host of an address in lower case, without ``www.`` and port; "" where there is none."""
    address = _read(_UNSEEN.sub("", url).strip())
    return re.sub(r":\d*$", "", address.host).removeprefix("www.") if address else ""


def _once(url: str) -> str:
    at = _AT.fullmatch(url)
    if at:
        return f"https://bsky.app/profile/{at[1]}/post/{at[2]}"
    address = _read(url)
    if address is None:
        return url
    return _led_to(address) or _ruled(address) or _plain(address)


def _read(url: str) -> _Address | None:
    """The parts of a web address, cleaned; None where it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        bare = normalize_url(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
        clean = urlsplit(bare)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        kept = tuple(sorted(pair for pair in pairs if not _TRACKERS.fullmatch(pair[0])))
        urlencode(kept)
        host = clean.netloc.rstrip(".").removesuffix(":")
    except ValueError:
        return None
    path = clean.path.replace("%40", "@").rstrip("/")
    fragment = parts.fragment if _POST_FRAGMENT.fullmatch(parts.fragment) else ""
    return _Address(host=host, path=path, query=kept, fragment=fragment) if host else None


def _led_to(address: _Address) -> str:
    """Where an address that only leads elsewhere leads to; "" for all others."""
    asked = dict(address.query)
    for host, path, names in REDIRECTORS:
        if host.fullmatch(address.host) and path.fullmatch(address.path):
            return next((asked[name] for name in names if asked.get(name, "").startswith("http")), "")
    for host, path in AMP_CACHES:
        if host.fullmatch(address.host) and (kept := path.fullmatch(address.path)):
            return replace(address, host="", path=kept[1]).write().replace(":///", "://", 1)
    return ""


def _ruled(address: _Address) -> str:
    """What the rule of a platform makes of an address; "" where there is none."""
    asked = dict(address.query)
    for host, path, link, names in RULES:
        if not host.fullmatch(address.host) or not (found := path.fullmatch(address.path)):
            continue
        written = _filled(link, found, asked)
        if written:
            kept = [(name, asked[name]) for name in names if name in asked]
            return f"{written}{'&' if '?' in written else '?'}{urlencode(kept)}" if kept else written
    return ""


def _filled(link: str, found: re.Match[str], asked: Mapping[str, str]) -> str:
    def fill(name: re.Match[str]) -> str:
        return found[int(name[1])] if name[1].isdecimal() else quote(asked[name[1]], safe=":")

    try:
        return re.sub(r"\{(\w+)\}", fill, link)
    except KeyError:
        return ""


def _plain(address: _Address) -> str:
    """An address that no platform has a rule for: wikis, Mastodon, forums and light pages stand on any host."""
    host = _MOBILE_WIKI.sub(r"\1.\2", address.host)
    path = _LIGHT_START.sub(lambda kept: f"/{kept[1]}" if kept[1] else "", _LIGHT_END.sub("", address.path))
    query = address.query
    asked = dict(query)
    if _WIKI.fullmatch(host) and path in ("/w/index.php", "/index.php") and asked.get("title"):
        path = f"/wiki/{quote(asked.pop('title').replace(' ', '_'), safe='/%!=:,-')}"
        query = tuple(asked.items())
    if status := _STATUS.fullmatch(path):
        elsewhere = status[2] if status[2] and status[2] != host else ""
        path = f"/@{status[1]}{f'@{elsewhere}' if elsewhere else ''}/{status[3]}"
    elif activity := _ACTIVITY.fullmatch(path):
        path = f"/@{activity[1]}/{activity[2]}"
    elif _TOPIC.fullmatch(path):
        query = tuple(pair for pair in query if pair[0] != "u")
    if host.startswith("amp.") and host.count(".") > 1:
        host = f"www.{host.removeprefix('amp.')}"
    return replace(address, host=host, path=path, query=query).write()
