"""Wikis: what is particular about their API, and their markup."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from stands import mediawiki as stand
from werkzeug import Request, Response

from connectors import _wiki, mediawiki
from connectors._http import Client
from core.errors import FetchError
from core.types import Batch

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return "127.0.0.1", 0


def options(httpserver: HTTPServer, **more: Any) -> mediawiki.Options:
    given = stand.options(httpserver.url_for("").rstrip("/")) | {"name": "wiki"} | more
    return mediawiki.Options.model_validate(given)


def visit(
    httpserver: HTTPServer, answer: Callable[[Request], Response], cursor: str | None = None, **more: Any
) -> Batch:
    httpserver.clear()
    httpserver.expect_request("/w/api.php").respond_with_handler(answer)
    with Client("Redshank/0.1", ["127.0.0.1"], clock=lambda: NOW, timeout=5) as client:
        return mediawiki.fetch(options(httpserver, **more), cursor, client)


def reply(value: Any, **headers: str) -> Response:
    return Response(json.dumps(value), headers=headers, content_type="application/json")


def test_a_page_is_told_with_its_words_its_last_editor_and_its_language(httpserver: HTTPServer) -> None:
    found = {one.key: one for one in visit(httpserver, stand.answer).mentions}
    page = found["4101"]
    assert page.text.startswith(
        "Oakfield House 1961\nOakfield House is a home for older people in Market Oakfield."
    )
    assert "The roof leaked for years A former pupil" in page.text
    assert (page.author, page.kind, page.lang, page.platform) == ("Marshbird", "page", "en", "wiki")
    assert page.posted_at == datetime(2026, 5, 31, 9, 20, tzinfo=UTC)
    assert found["4103"].text == "Place Built\n\nOakfield House 1961\n\nA town on the marsh."


def test_a_summary_that_matches_is_a_mention_and_strangers_edits_are_none(httpserver: HTTPServer) -> None:
    found = {one.key: one for one in visit(httpserver, stand.answer).mentions}
    assert found["edit:88011"].text == "asked at Oakfield House, they know nothing"
    assert found["edit:88011"].kind == "comment"
    assert found["edit:88011"].url.endswith("/w/index.php?diff=88011")
    assert not any("Bittern" in one.title for one in found.values())


def test_what_the_log_says_was_deleted_is_gone_and_what_came_back_is_not(httpserver: HTTPServer) -> None:
    assert visit(httpserver, stand.answer).deleted == ("4055",)


def test_a_page_that_was_restored_is_back_again(httpserver: HTTPServer) -> None:
    def log(*actions: str) -> Callable[[Request], Response]:
        made = [
            {"logpage": 4101, "action": action, "timestamp": f"2026-06-01T11:5{number}:00Z"}
            for number, action in enumerate(actions)
        ]

        def answer(request: Request) -> Response:
            if request.args.get("list") == "logevents":
                return reply({"query": {"logevents": made}})
            nothing = {"query": {"search": [], "recentchanges": []}}
            return stand.answer(request) if request.args.get("prop") else reply(nothing)

        return answer

    first = visit(httpserver, stand.answer)
    gone = visit(httpserver, log("delete"), first.cursor)
    assert gone.deleted == ("4101",)
    back = visit(httpserver, log("delete", "restore"), gone.cursor)
    assert (back.deleted, {one.key for one in back.mentions}) == ((), {"4101"})


def test_a_page_that_went_between_search_and_reading_is_gone(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        if not request.args.get("prop"):
            return stand.answer(request)
        idents = request.args["pageids"].split("|")
        return reply({"query": {"pages": [{"pageid": int(one), "missing": True} for one in idents]}})

    assert {"4101", "4102", "4103"} <= set(visit(httpserver, answer).deleted)


def test_an_edit_comes_again_even_among_pages_that_are_known(httpserver: HTTPServer) -> None:
    first = visit(httpserver, stand.answer)

    def edited(request: Request) -> Response:
        answer = json.loads(stand.answer(request).get_data())
        for page in answer["query"].get("pages", []):
            page["revisions"][0]["timestamp"] = "2026-06-01T11:00:00Z"
            page["revisions"][0]["slots"]["main"]["content"] = "Oakfield House, once more."
        for hit in answer["query"].get("search", []):
            hit["timestamp"] = "2026-06-01T11:00:00Z"
        return reply(answer)

    second = visit(httpserver, edited, first.cursor)
    assert {one.key: one.text for one in second.mentions if one.kind == "page"} == dict.fromkeys(
        ("4101", "4102", "4103"), "Oakfield House, once more."
    )


def test_only_what_was_edited_since_is_read(httpserver: HTTPServer) -> None:
    read: list[str] = []

    def answer(request: Request) -> Response:
        read.append(request.args.get("pageids", ""))
        return stand.answer(request)

    first = visit(httpserver, answer, changes=False)
    assert [one for one in read if one] == ["4101|4102", "4103"]
    read.clear()
    visit(httpserver, answer, first.cursor, changes=False)
    assert [one for one in read if one] == ["4101|4102", "4301"]  # the last was restored


def test_an_edit_that_the_search_learns_of_late_is_read(httpserver: HTTPServer) -> None:
    def answer(late: bool) -> Callable[[Request], Response]:
        def found(request: Request) -> Response:
            if request.args.get("list") != "search":
                return stand.answer(request)
            hits = [{"pageid": 4101, "timestamp": "2026-05-31T09:20:00Z"}]
            hits += [{"pageid": 4103, "timestamp": "2026-05-31T02:00:00Z"}] if late else []
            return reply({"query": {"search": hits}})

        return found

    first = visit(httpserver, answer(late=False))
    assert "4103" not in {one.key for one in first.mentions}
    assert "4103" in {one.key for one in visit(httpserver, answer(late=True), first.cursor).mentions}


def test_a_wiki_that_knows_no_order_of_edits_is_asked_without(httpserver: HTTPServer) -> None:
    orders: list[str | None] = []

    def answer(request: Request) -> Response:
        if request.args.get("list") == "search":
            orders.append(request.args.get("srsort"))
            if request.args.get("srsort"):
                return reply({"error": {"code": "badvalue", "info": "…"}})
        return stand.answer(request)

    assert {one.key for one in visit(httpserver, answer).mentions} == set(stand.KEYS)
    assert orders == ["last_edit_desc", None, None]


@pytest.mark.parametrize(
    ("code", "temporary", "wait"),
    [
        ("maxlag", True, timedelta(seconds=7)),
        ("ratelimited", True, timedelta(seconds=7)),
        ("internal_api_error_DBQueryError", True, None),
        ("readapidenied", False, None),
        ("<script>", False, None),
    ],
)
def test_an_error_with_status_200_is_an_error(
    httpserver: HTTPServer, code: str, temporary: bool, wait: timedelta | None
) -> None:
    with pytest.raises(FetchError) as caught:
        visit(
            httpserver, lambda _: reply({"error": {"code": code, "info": "Oakfield"}}, **{"Retry-After": "7"})
        )
    assert (caught.value.temporary, caught.value.retry_after) == (temporary, wait)
    assert "Oakfield" not in str(caught.value)
    assert "<" not in str(caught.value)


def test_an_answer_in_parts_is_read_whole(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        whole = json.loads(stand.answer(request).get_data())
        if "pages" not in whole["query"] or len(whole["query"]["pages"]) < 2:
            return reply(whole)
        late = 0 if request.args.get("rvcontinue") else 1
        del whole["query"]["pages"][late]["revisions"]
        return reply(whole | ({"continue": {"rvcontinue": "4102|1", "continue": "||info"}} if late else {}))

    assert {one.key for one in visit(httpserver, answer).mentions} == set(stand.KEYS)


def test_older_wikis_give_the_words_without_a_slot(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        whole = json.loads(stand.answer(request).get_data())
        for page in whole["query"].get("pages", []):
            page["revisions"][0] |= {"content": "Oakfield House."} | {"slots": None}
        return reply(whole)

    assert {one.text for one in visit(httpserver, answer).mentions if one.kind == "page"} == {
        "Oakfield House."
    }


@pytest.mark.parametrize(
    ("wikitext", "words"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("[[A house|the house]] in [[Town]]", "the house in Town"),
        ("[[File:X.jpg|thumb|left|The [[lawn]] in May]]", "The lawn in May"),
        ("{{quote|It {{lang|cy|leaks}}|by=Jo}}", "It cy leaks Jo"),
        ("a<!-- unseen -->b <ref name=x>c</ref>", "ab c"),
        ("== Heading ==\n* one\n# two", "Heading\none\ntwo"),
        ("[https://a.example/x The paper] says", "The paper says"),
        ("3 < 4 &amp; 5 &nbsp;> 2", "3 < 4 & 5 > 2"),
        ("__NOTOC__\n{|\n|-\n| a || b\n|}\nc", "a b\n\nc"),
    ],
)
def test_wikitext_loses_its_marks_and_none_of_its_words(wikitext: str, words: str) -> None:
    assert _wiki.plain(wikitext) == words


@pytest.mark.parametrize(
    "piece", ["[//x ", "<!--", "[[", "{{a|", "<nowiki ", "= ", "[//" + "x" * 100_000, "x" + "=" * 100_000]
)
def test_no_wikitext_keeps_it_busy(piece: str) -> None:
    """What took minutes or days when each piece was looked at again for each one before it."""
    _wiki.plain(piece * (200_000 // len(piece)) + "x")


@given(st.text(alphabet="ab {}[]|'=<>!-&;*#\n/_:", max_size=300))
def test_any_wikitext_is_read(wikitext: str) -> None:
    plain = _wiki.plain(wikitext)
    assert plain == plain.strip()
    assert "\n\n\n" not in plain


def test_namespaces_may_not_be_empty() -> None:
    with pytest.raises(ValueError, match="namespaces"):
        mediawiki.Options.model_validate({"namespaces": []})
