"""How the platforms write the address of one item in many ways: patterns as data, for core.canonical.

Each rule is (pattern of the host, pattern of the path, the one way to write it, names of the query that are part of the
address). In the one way, ``{1}`` is the first group of the path's pattern and ``{v}`` what the query says of ``v``; a
rule whose query lacks one of them does not hold. The first rule that holds is taken.
"""

import re

Rule = tuple[re.Pattern[str], re.Pattern[str], str, tuple[str, ...]]

_ANY = r"[^/]+"
_ID = r"[A-Za-z0-9_-]+"
_YOUTUBE = r"(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com"
_REDDIT = r"(?:[a-z]{1,3}\.|www\.|amp\.)?reddit\.com"
_X = (
    r"(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com|(?:[a-z0-9-]+\.)*nitter\.[a-z0-9.-]+|"
    r"xcancel\.com|(?:fx|vx)twitter\.com|fixupx\.com"
)
_FACEBOOK = r"(?:(?:www|m|mbasic|touch|web|[a-z]{2}-[a-z]{2})\.)?(?:facebook|fb)\.com"
_INSTAGRAM = r"(?:www\.)?(?:instagram\.com|instagr\.am)"
_THREADS = r"(?:www\.)?threads\.(?:net|com)"
_TIKTOK = r"(?:(?:www|m)\.)?tiktok\.com"
_LINKEDIN = r"(?:[a-z]{2,3}\.)?linkedin\.com"
_TUMBLR = r"(?:www\.)?tumblr\.com"
_FLICKR = r"(?:(?:www|m)\.)?flickr\.com"
_COMMENTED = ("comment_id", "reply_comment_id")
_SLUG = rf"(?:{_ANY}/)?"

_WRITTEN: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (r"youtu\.be", rf"/({_ID})", "https://www.youtube.com/watch?v={1}", ("lc",)),
    (_YOUTUBE, rf"/(?:shorts|live|embed|v)/({_ID})", "https://www.youtube.com/watch?v={1}", ("lc",)),
    (_YOUTUBE, r"/watch", "https://www.youtube.com/watch?v={v}", ("lc",)),
    (_YOUTUBE, r"/playlist", "https://www.youtube.com/playlist?list={list}", ()),
    (_YOUTUBE, r"(/.*|)", "https://www.youtube.com{1}", ("search_query", "lb")),
    (r"redd\.it", rf"/({_ID})", "https://www.reddit.com/comments/{1}", ()),
    (
        _REDDIT,
        rf"(?:/(?:r|u|user)/{_ANY})?/comments/({_ID})/{_ANY}/({_ID})",
        "https://www.reddit.com/comments/{1}/comment/{2}",
        (),
    ),
    (
        _REDDIT,
        rf"(?:/(?:r|u|user)/{_ANY})?/comments/({_ID})(?:/{_ANY})?",
        "https://www.reddit.com/comments/{1}",
        (),
    ),
    (_REDDIT, r"(/.*|)", "https://www.reddit.com{1}", ("q", "t", "sort", "after", "page")),
    (
        _X,
        r"/(?:i/web|i|[^/]+)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?",
        "https://x.com/i/status/{1}",
        (),
    ),
    (_X, r"(/.*|)", "https://x.com{1}", ("q",)),
    (
        _FACEBOOK,
        r"/(?:story|permalink)\.php",
        "https://www.facebook.com/{id}/posts/{story_fbid}",
        _COMMENTED,
    ),
    (_FACEBOOK, r"/photo(?:\.php)?", "https://www.facebook.com/photo?fbid={fbid}", _COMMENTED),
    (
        _FACEBOOK,
        rf"/groups/({_ANY})/(?:permalink|posts)/({_ANY})",
        "https://www.facebook.com/groups/{1}/posts/{2}",
        _COMMENTED,
    ),
    (
        _FACEBOOK,
        rf"/({_ANY})/posts/{_SLUG}({_ANY})",
        "https://www.facebook.com/{1}/posts/{2}",
        _COMMENTED,
    ),
    (_FACEBOOK, rf"/{_ANY}/videos/{_SLUG}(\d+)", "https://www.facebook.com/watch?v={1}", _COMMENTED),
    (_FACEBOOK, r"/watch(?:/live)?", "https://www.facebook.com/watch?v={v}", _COMMENTED),
    (
        _FACEBOOK,
        r"((?!/l\.php).*)",
        "https://www.facebook.com{1}",
        (*_COMMENTED, "id", "fbid", "story_fbid", "q", "v"),
    ),
    (
        _INSTAGRAM,
        rf"(?:/[\w.]+)?/(?:p|reels?|tv)/({_ID})/c/(\d+)",
        "https://www.instagram.com/p/{1}/c/{2}",
        (),
    ),
    (_INSTAGRAM, rf"(?:/[\w.]+)?/(?:p|reels?|tv)/({_ID})", "https://www.instagram.com/p/{1}", ()),
    (_INSTAGRAM, r"(/.*|)", "https://www.instagram.com{1}", ()),
    (_THREADS, r"(/@[^/]+/post/[^/]+).*", "https://www.threads.com{1}", ()),
    (_THREADS, r"(/.*|)", "https://www.threads.com{1}", ()),
    (_TIKTOK, r"(/@[^/]*/(?:video|photo)/\d+)", "https://www.tiktok.com{1}", ()),
    (
        _LINKEDIN,
        r"/posts/.*[-_](activity|share|ugcPost)-(\d+)(?:-[\w-]+)?",
        "https://www.linkedin.com/feed/update/urn:li:{1}:{2}",
        ("commentUrn",),
    ),
    (
        _LINKEDIN,
        r"(/(?:feed|posts|pulse|company|in|school)/.*)",
        "https://www.linkedin.com{1}",
        ("commentUrn",),
    ),
    (_TUMBLR, r"(?:/blog/view)?/([\w-]+)/(\d+)(?:/[^/]+)?", "https://www.tumblr.com/{1}/{2}", ()),
    (_FLICKR, r"/photos/([^/]+)/(\d+)(?:/.*)?", "https://www.flickr.com/photos/{1}/{2}", ()),
    (r"player\.vimeo\.com", r"/video/(\d+)", "https://vimeo.com/{1}", ()),
    (r"(?:www\.)?vimeo\.com", r"(/\d+(?:/[0-9a-f]+)?)", "https://vimeo.com{1}", ()),
    (r"(?:staging\.)?bsky\.app", r"(/profile/[^/]+/post/[^/]+)", "https://bsky.app{1}", ()),
    (r"t\.me", r"(?:/s)?/(\w+)/(\d+)", "https://t.me/{1}/{2}", ("comment",)),
)
RULES: tuple[Rule, ...] = tuple(
    (re.compile(host), re.compile(path), link, names) for host, path, link, names in _WRITTEN
)
"""The rules, in their order."""

# Addresses that only lead to the one in their query: host, path, the names in which it may stand.
REDIRECTORS: tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(host), re.compile(path), names)
    for host, path, names in (
        (r"(?:www\.)?google\.[a-z.]{2,6}", r"/url", ("q", "url")),
        (r"lm?\.facebook\.com|(?:www|m)\.facebook\.com", r"/l\.php", ("u",)),
        (r"l\.(?:instagram|threads)\.(?:com|net)", r"/?", ("u",)),
        (r"out\.reddit\.com", r".*", ("url",)),
        (_YOUTUBE, r"/redirect", ("q",)),
        (r"t\.umblr\.com", r"/redirect", ("z",)),
        (r"(?:www\.)?linkedin\.com", r"/(?:redir/redirect|safety/go)", ("url",)),
        (r"(?:www\.)?duckduckgo\.com", r"/l", ("uddg",)),
    )
)
# Pages kept by others in Google's light form: the page's own host and path follow.
AMP_CACHES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"(?:[^.]+\.)?cdn\.ampproject\.org"), re.compile(r"/(?:[a-z]+/)?(?:s/)?([^/]+\.[^/]+.*)")),
    (
        re.compile(r"(?:www\.)?(?:google\.[a-z.]{2,6}|bing\.com)"),
        re.compile(r"/amp/(?:s/)?([^/]+\.[^/]+.*)"),
    ),
)

_HOSTS: tuple[tuple[str, str], ...] = (
    (rf"{_YOUTUBE}|youtu\.be", "youtube"),
    (rf"{_REDDIT}|(?:[iv]\.)?redd\.it", "reddit"),
    (rf"{_X}|t\.co", "x"),
    (rf"{_FACEBOOK}|fb\.watch", "facebook"),
    (_INSTAGRAM, "instagram"),
    (_THREADS, "threads"),
    (r"(?:[a-z]+\.)?tiktok\.com", "tiktok"),
    (rf"{_LINKEDIN}|lnkd\.in", "linkedin"),
    (r"(?:.+\.)?tumblr\.com", "tumblr"),
    (rf"{_FLICKR}|flic\.kr", "flickr"),
    (r"(?:.+\.)?vimeo\.com", "vimeo"),
    (r"(?:.+\.)?bsky\.app", "bluesky"),
    (r"(?:.+\.)?(?:wikipedia|wiktionary|wikimedia|wikinews|wikidata)\.org|.+\.fandom\.com", "wiki"),
    (r".+\.(?:wordpress|blogspot|substack)\.com|(?:.+\.)?medium\.com", "blog"),
    (r"(?:.+\.)?(?:mumsnet\.com|thestudentroom\.co\.uk|stackexchange\.com)", "forum"),
    (
        r"(?:.+\.)?(?:trustpilot\.[a-z.]+|careopinion\.org\.uk|carehome\.co\.uk|homecare\.co\.uk|glassdoor\.[a-z.]+|"
        r"indeed\.[a-z.]+|yelp\.[a-z.]+|tripadvisor\.[a-z.]+)|maps\.google\.[a-z.]+|g\.page",
        "review",
    ),
    (r"(?:.*[.-])?lemmy[.-].*|beehaw\.org|sh\.itjust\.works|programming\.dev", "lemmy"),
    (r"(?:.*\.)?(?:mastodon|mstdn)[.-].*|fosstodon\.org|hachyderm\.io", "mastodon"),
)
# Anybody may run a server of these: the path tells.
_PATHS: tuple[tuple[str, str], ...] = (
    (r"/@[\w.]+(?:@[\w.-]+)?/\d+", "mastodon"),
    (r"/t/[^/]+/\d+(?:/\d+)?|.*/(?:viewtopic|showthread|viewforum)\.php", "forum"),
)
PLATFORM_HOSTS = tuple((re.compile(pattern), platform) for pattern, platform in _HOSTS)
PLATFORM_PATHS = tuple((re.compile(pattern), platform) for pattern, platform in _PATHS)
