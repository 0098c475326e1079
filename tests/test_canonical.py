"""One address for one item, however it was written."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical, platform_of, site_of
from core.vocabulary import PLATFORMS

DID = "did:plc:ab12"
SAME = {
    "https://www.youtube.com/watch?v=Ab-1": (
        "https://youtu.be/Ab-1?si=xyz",
        "https://youtube.com/shorts/Ab-1",
        "https://m.youtube.com/watch?v=Ab-1&t=30s&feature=share",
        "https://www.youtube-nocookie.com/embed/Ab-1",
        "https://www.youtube.com/redirect?q=https%3A%2F%2Fyoutu.be%2FAb-1",
    ),
    "https://www.youtube.com/watch?v=Ab-1&lc=Ug9": ("https://m.youtube.com/watch?lc=Ug9&v=Ab-1",),
    "https://www.reddit.com/comments/1ab": (
        "https://old.reddit.com/r/town/comments/1ab/a_title/",
        "https://np.reddit.com/r/town/comments/1ab/",
        "https://amp.reddit.com/r/town/comments/1ab/another_title",
        "https://redd.it/1ab",
    ),
    "https://www.reddit.com/comments/1ab/comment/k9": (
        "https://www.reddit.com/r/town/comments/1ab/a_title/k9/?context=3",
        "https://new.reddit.com/r/town/comments/1ab/comment/k9/",
    ),
    "https://x.com/i/status/123": (
        "https://twitter.com/somebody/status/123?s=20&t=abc",
        "https://mobile.twitter.com/somebody/status/123",
        "https://nitter.net/somebody/status/123#m",
        "https://nitter.town.example/somebody/status/123",
        "https://x.com/somebody/status/123/photo/1",
        "https://x.com/i/web/status/123",
    ),
    "https://www.facebook.com/22/posts/11": (
        "https://m.facebook.com/story.php?story_fbid=11&id=22&refid=1",
        "https://www.facebook.com/permalink.php?id=22&story_fbid=11",
        "https://mbasic.facebook.com/22/posts/a-title/11",
        "https://fb.com/22/posts/11/?__cft__[0]=x",
    ),
    "https://www.instagram.com/p/Cx_1": (
        "https://instagram.com/reel/Cx_1/?igsh=x",
        "https://www.instagram.com/somebody/p/Cx_1/",
    ),
    "https://www.threads.com/@somebody/post/D1": ("https://www.threads.net/@somebody/post/D1?xmt=2",),
    f"https://bsky.app/profile/{DID}/post/3k": (
        f"at://{DID}/app.bsky.feed.post/3k",
        f"https://bsky.app/profile/{DID}/post/3k?ref_src=embed",
    ),
    "https://en.wikipedia.org/wiki/A_home": (
        "https://en.m.wikipedia.org/wiki/A_home#History",
        "https://en.wikipedia.org/w/index.php?title=A home",
    ),
    "https://en.wikipedia.org/wiki/A_home?oldid=7": (
        "https://en.wikipedia.org/w/index.php?title=A_home&oldid=7",
    ),
    "https://social.example/@gale/123": (
        "https://social.example/web/@gale/123",
        "https://social.example/users/gale/statuses/123",
        "https://social.example/@gale@social.example/123",
    ),
    "https://social.example/@gale@other.example/123": (
        "https://social.example/@gale@other.example/123/",
    ),
    "https://lemmy.example/post/12": ("https://lemmy.example/post/12?scrollToComments=true",),
    "https://forum.example/t/slug/12/3": ("http://FORUM.example:80/t/slug/12/3?u=somebody",),
    "https://www.linkedin.com/feed/update/urn:li:activity:71": (
        "https://uk.linkedin.com/posts/somebody_a-word-activity-71-Ab_c?trk=x",
    ),
    "https://www.paper.example/a/b": (
        "https://www.paper.example/a/b/",
        "https://www.paper.example/a/b/amp",
        "https://www.paper.example/amp/a/b",
        "https://www.paper.example/a/b?amp=1&utm_source=x&fbclid=y&gclid=z",
        "https://amp.paper.example/a/b#top",
        "https://www-paper-example.cdn.ampproject.org/c/s/www.paper.example/a/b/amp",
        "https://www.google.com/amp/s/www.paper.example/a/b",
        "https://www.google.co.uk/url?sa=U&q=https%3A%2F%2Fwww.paper.example%2Fa%2Fb%3Futm_medium%3Dx",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.paper.example%2Fa%2Fb&h=AT",
        "https://out.reddit.com/t3_1?url=https%3A%2F%2Fwww.paper.example%2Fa%2Fb&token=x",
        "https://user:secret@www.paper.example:443/a//b",
    ),
    "https://blog.example/?p=12": ("http://blog.example?p=12&utm_campaign=x",),
}  # fmt: skip
LEFT_ALONE = (
    "https://t.co/Ab",
    "https://news.google.com/rss/articles/CBMi?oc=5",
    "https://blog.example/a#comment-123",
    "https://code.example/a/issues/1#issuecomment-99",
    "https://forum.example/viewtopic.php?t=5#p77",
    "https://council.example/plan?gallery=2&ref=AB%2F1",
    "mailto:gale@oakfield.example",
    "https://[::1",
    "",
)


@pytest.mark.parametrize(
    ("written", "one"), [(written, one) for one, all_ in SAME.items() for written in (one, *all_)]
)
def test_one_item_has_one_address(written: str, one: str) -> None:
    assert canonical(written) == one


@pytest.mark.parametrize("link", LEFT_ALONE)
def test_what_addresses_an_item_or_cannot_be_read_stays(link: str) -> None:
    assert canonical(link) == link


def test_two_comments_of_a_page_are_two_items() -> None:
    assert canonical("https://blog.example/a#comment-1") != canonical("https://blog.example/a#comment-2")
    link = "https://www.facebook.com/22/posts/11?comment_id="
    assert canonical(f"{link}1") != canonical(f"{link}2")


@pytest.mark.parametrize(
    ("link", "platform", "site"),
    [
        ("https://youtu.be/a", "youtube", "youtu.be"),
        ("https://WWW.Reddit.com:443/r/a", "reddit", "reddit.com"),
        ("https://nitter.net/a/status/1", "x", "nitter.net"),
        ("https://someone.tumblr.com/post/1", "tumblr", "someone.tumblr.com"),
        ("https://social.example/@gale/123", "mastodon", "social.example"),
        ("https://forum.example/t/slug/12", "forum", "forum.example"),
        ("https://www.careopinion.org.uk/1", "review", "careopinion.org.uk"),
        (f"at://{DID}/app.bsky.feed.post/3k", "bluesky", ""),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fvimeo.com%2F1", "vimeo", "l.facebook.com"),
        ("https://www.paper.example/a", "", "paper.example"),
        ("https://notreddit.com/r/a", "", "notreddit.com"),
        ("nothing", "", ""),
    ],
)
def test_an_address_tells_its_platform_and_its_site(link: str, platform: str, site: str) -> None:
    assert (platform_of(link), site_of(link)) == (platform, site)


HOSTS = (
    "youtu.be www.youtube.com old.reddit.com redd.it x.com nitter.net m.facebook.com l.facebook.com www.google.com "
    "cdn.ampproject.org en.m.wikipedia.org social.example amp.a.example xn--nxasmq6b.example EXAMPLE.org:80 "
    "www.linkedin.com out.reddit.com www.threads.net a.tumblr.com"
)
PARTS = (
    "watch url amp s c post comments r posts p status i @u @u@b.example 123 story.php index.php w wiki l.php a%20b .. ."
    " t videos %40u statuses users"
)
NAMES = "v q url u id story_fbid utm_source title lc oldid fbclid amp list"
INNER = (
    "https://youtu.be/a",
    "http://a.example/amp/",
    "https://www.google.com/url?q=https%3A%2F%2Fx.example",
)


@st.composite
def links(draw: st.DrawFn) -> str:
    """Addresses that touch the rules, with what nobody expects in them."""
    scheme = draw(st.sampled_from(("http", "https", "HTTPS")))
    host = draw(st.sampled_from(HOSTS.split()))
    path = "/".join(draw(st.lists(st.sampled_from(PARTS.split()) | st.text(max_size=6), max_size=5)))
    names, said = st.sampled_from(NAMES.split()) | st.text(max_size=3), st.text(max_size=6)
    pairs = draw(st.lists(st.tuples(names, said | st.sampled_from(INNER)), max_size=3))
    raw = "&".join(f"{name}={value}" for name, value in pairs)
    query = raw if draw(st.booleans()) else urlencode(pairs)
    fragment = draw(st.text(max_size=5) | st.sampled_from(("comment-1", "!/a", "p9")))
    return f"{scheme}://{host}/{path}?{query}#{fragment}"


@given(links() | st.text() | st.text().map("https://".__add__))
def test_writing_it_again_changes_nothing_and_nothing_breaks(link: str) -> None:
    once = canonical(link)
    assert canonical(once) == once
    assert platform_of(link) in (*PLATFORMS, "")
    site_of(link)
