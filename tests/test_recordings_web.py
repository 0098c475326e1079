"""Real answers of MediaWiki and WordPress, and alerts of Google as a feed.

The recordings lie beside the repository and are no part of it; without them these tests are skipped.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import _wiki, mediawiki, wordpress
from connectors._http import Client
from connectors._json import Shape
from core.errors import FetchError
from core.types import Mention

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[1].parent / "shared" / "recordings"
WIKIPEDIA = sorted(RECORDINGS.glob("mediawiki/wikipedia-api/*.json"))
PERCEVAL = sorted(RECORDINGS.glob("mediawiki/perceval/*.json"))
WIKI_LOCAL = sorted(one for one in RECORDINGS.glob("mediawiki/local/*.json") if ".headers." not in one.name)
WORDPRESS = sorted(one for one in RECORDINGS.glob("wordpress/local/*.json") if ".headers." not in one.name)

pytestmark = pytest.mark.skipif(
    not WIKIPEDIA, reason="the recordings of real answers are not on this machine"
)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def name(path: Path) -> str:
    return path.relative_to(RECORDINGS).as_posix()


def said(path: Path) -> list[tuple[str, Any]]:
    """The exchanges in a recording: what was asked, and the JSON of the answer."""
    whole = json.loads(path.read_bytes())
    if "interactions" not in whole:
        asked = path.with_name(f"{path.name}.headers.json")
        return [(json.loads(asked.read_bytes())["request"]["url"] if asked.exists() else "", whole)]
    return [
        (one["request"]["uri"], json.loads(one["response"]["body"]["string"]))
        for one in whole["interactions"]
    ]


def check(mention: Mention) -> None:
    assert re.match(r"https?://[^/]", mention.url)
    assert mention.key
    assert mention.full_text.strip()
    assert mention.posted_at is None or mention.posted_at.tzinfo is UTC
    assert not re.search(r"</?(?:p|div|span|br)\b", mention.text)


# --- MediaWiki --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*WIKIPEDIA, *PERCEVAL, *WIKI_LOCAL], ids=name)
def test_a_wikis_answer_is_pages_or_a_fetch_error(path: Path) -> None:
    for _asked, answer in said(path):
        try:
            page = mediawiki.parse(Shape(answer), source="recorded", now=NOW)
        except FetchError:
            continue
        for mention in page.mentions:
            check(mention)


def replay(httpserver: HTTPServer, answers: dict[str, Any]) -> None:
    """Answers of the API by the list or property that is asked for; what was not recorded holds nothing."""
    nothing = {
        "search": {"query": {"search": []}},
        "recentchanges": {"query": {"recentchanges": []}},
        "logevents": {"query": {"logevents": []}},
        "pages": {"query": {"pages": []}},
    }

    def answer(request: Request) -> Response:
        what = request.args.get("list", "pages")
        if what == "pages":
            pages = [written(int(one)) for one in request.args["pageids"].split("|")]
            return Response(json.dumps({"query": {"pages": pages}}), content_type="application/json")
        return Response(json.dumps(answers.get(what, nothing[what])), content_type="application/json")

    httpserver.expect_request("/w/api.php").respond_with_handler(answer)


def written(ident: int) -> dict[str, Any]:
    """A page in today's shape: none of the recordings asked for the words of pages as we do."""
    revision = {"user": "Tern", "timestamp": "2026-11-20T09:00:00Z", "content": "'''Words'''"}
    return {
        "pageid": ident,
        "title": f"Page {ident}",
        "fullurl": f"https://wiki.example/{ident}",
        "revisions": [revision],
    }


def visit(httpserver: HTTPServer, query: str = "acme OR visualeditor OR guideline OR made") -> list[Mention]:
    options = mediawiki.Options(
        name="recorded",
        query=query,
        base=httpserver.url_for("/w/api.php"),
        backfill=timedelta(days=9000),
        max_pages=1,
    )
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5) as client:
        return list(mediawiki.fetch(options, None, client).mentions)


SEARCHES = [
    path
    for path in (*WIKIPEDIA, *WIKI_LOCAL)
    if any("list=search" in asked and "query" in one for asked, one in said(path))
]


@pytest.mark.parametrize("path", SEARCHES, ids=name)
def test_every_hit_of_a_real_search_is_read(path: Path, httpserver: HTTPServer) -> None:
    for _asked, answer in said(path):
        replay(httpserver, {"search": answer})
        found = {mention.key for mention in visit(httpserver)}
        assert found == {str(hit["pageid"]) for hit in answer["query"]["search"]}


CHANGES = [path for path in (*PERCEVAL, *WIKI_LOCAL) if "changes" in path.name]


@pytest.mark.parametrize("path", CHANGES, ids=name)
def test_real_recent_changes_are_sifted(path: Path, httpserver: HTTPServer) -> None:
    ((_asked, answer),) = said(path)
    replay(httpserver, {"recentchanges": answer})
    rows = answer["query"]["recentchanges"]
    words = re.compile(r"acme|visualeditor|guideline|made", re.IGNORECASE)
    named = {str(row["pageid"]) for row in rows if words.search(row.get("title", "").replace(":", " "))}
    summed = {f"edit:{row['revid']}" for row in rows if words.search(row.get("comment", ""))}
    found = visit(httpserver)
    assert {mention.key for mention in found} == named | summed
    for mention in found:
        check(mention)


def test_a_real_error_body_is_a_refusal(httpserver: HTTPServer) -> None:
    ((_asked, answer),) = said(RECORDINGS / "mediawiki/local/error-unknown-param.json")
    replay(httpserver, {"search": answer, "recentchanges": answer, "logevents": answer})
    with pytest.raises(_wiki.RefusedError, match="missingparam") as caught:
        visit(httpserver)
    assert not caught.value.temporary


# --- WordPress --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORDPRESS, ids=name)
def test_a_sites_answer_is_mentions_or_a_fetch_error(path: Path) -> None:
    ((asked, answer),) = said(path)
    kind = "comments" if "/comments" in asked else "posts"
    try:
        found = wordpress.parse(Shape(answer), kind, source="recorded", now=NOW)
    except FetchError:
        assert answer["code"]
        return
    expected = 0 if "/wp/v2/search" in asked else len(answer)  # another endpoint, which holds no words
    assert len(found) == len({mention.key for mention in found}) == expected
    for mention in found:
        check(mention)
        assert mention.posted_at is not None
        assert mention.author


def test_real_pages_are_turned_and_a_page_too_far_is_the_end(httpserver: HTTPServer) -> None:
    folder = RECORDINGS / "wordpress/local"
    first = json.loads((folder / "posts-page1.json").read_bytes())
    headers = {
        "X-WP-TotalPages": json.loads((folder / "posts-page1.json.headers.json").read_bytes())["headers"][
            "x-wp-totalpages"
        ]
    }

    def answer(request: Request) -> Response:
        if not request.path.endswith("/posts") or "include" in request.args:
            return Response("[]" if "wp-json" in request.path else "", content_type="application/json")
        if request.args["page"] == "1":
            return Response(json.dumps(first), headers=headers, content_type="application/json")
        return Response(
            (folder / "posts-page-too-far.json").read_bytes(), 400, content_type="application/json"
        )

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    options = wordpress.Options(
        name="recorded", query="Acme", base=httpserver.url_for("").rstrip("/"), backfill=timedelta(days=900)
    )
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5) as client:
        batch = wordpress.fetch(options, None, client)
    assert {mention.key for mention in batch.mentions} == {f"posts-{post['id']}" for post in first}
    assert not batch.missed
