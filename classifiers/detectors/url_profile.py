"""Links to a person's own profile on a platform. Pages, groups, posts and organisations' accounts are nobody's own."""

import re

from classifiers.detectors._accounts import is_institution
from classifiers.detectors._common import Samples, spans_of
from core.types import Finding

KIND = "url_profile"
_SLUG = r"(?P<name>[\w%][\w.%~-]{1,80})"
_START = r"(?<![\w@/.-])(?:https?://)?(?:(?:www|m|mobile|uk|old|en-gb|mbasic|[a-z]{2})\.)?"
_END = r"(?<![.,])/?(?:\?[\w=&%.-]{0,200})?(?![\w/])"
_PLACES = (
    r"linkedin\.com/in/",
    r"(?:facebook|fb)\.com/(?:people/[\w.%-]{1,80}/|profile\.php\?id=)?",
    r"fb\.me/",
    r"instagram\.com/",
    r"(?:twitter|x)\.com/",
    r"tiktok\.com/@",
    r"threads\.(?:net|com)/@",
    r"(?:snapchat\.com/add|bsky\.app/profile|reddit\.com/u(?:ser)?|onlyfans\.com|t\.me|vk\.com|github\.com|pinterest\.[a-z.]{2,6}"
    r"|youtube\.com/(?:user|c)|paypal\.me|vinted\.co\.uk/member|linktr\.ee|wa\.me|ask\.fm|tumblr\.com)/@?",
    r"youtube\.com/@",
    r"(?:[\w-]{1,40}\.){1,3}(?:social|online|scot|wales|example|uk|org|com|net|town|zone|space)/@",
)
PATTERNS = tuple(re.compile(f"{_START}{place}{_SLUG}{_END}", re.I) for place in _PLACES)
NO_PERSON = re.compile(
    r"about|ads|company|directory|events?|explore|gaming|groups?|hashtag|help|home|i|in|intent|jobs|legal|login|marketplace"
    r"|media|messages|notes|p|pages?|people|permalink(?:\.php)?|photo(?:s|\.php)?|posts?|privacy|profile(?:\.php)?|public"
    r"|r|reels?|search|settings|share(?:r|r\.php)?|sharer|shop|story|stories|story\.php|tag|terms|tv|video(?:s)?|watch",
    re.I,
)

SAMPLES = Samples(
    hits=(
        ("see https://uk.linkedin.com/in/jane-example-0a00zz for it", "https://uk.linkedin.com/in/jane-example-0a00zz"),
        ("it's facebook.com/jane.example.9zz.", "facebook.com/jane.example.9zz"),
        ("instagram dot com slash jane_example", "instagram dot com slash jane_example"),
        ("https://social.example/@jane_example", "https://social.example/@jane_example"),
        ("www.tiktok.com/@jane.example?lang=en", "www.tiktok.com/@jane.example?lang=en"),
    ),
    misses=(
        "facebook.com/LarkwhistleLodgeOfficial",
        "facebook.com/groups/tarnwick",
        "https://x.com/hashtag/care",
        "linkedin.com/company/harrowvane",
        "https://www.example.org/jane.example",
        "https://x.com/jane_example/status/12345",
    ),
)  # fmt: skip


def detect(text: str) -> list[Finding]:
    """Findings in offsets of the text."""
    return spans_of(KIND, PATTERNS, text, _counts)


def _counts(_text: str, found: re.Match[str]) -> bool:
    return not NO_PERSON.fullmatch(found["name"]) and not is_institution(found["name"])
