"""What is particular to Mastodon: several servers, whose tokens are whose, and what is not meant to be found."""

from datetime import timedelta
from typing import Any

import pytest
from at_stand import NOW, Stand, stand
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from stands import SECRET
from stands._samples import answer
from werkzeug import Request, Response

from connectors import mastodon
from connectors._json import Shape
from core.errors import FetchError
from core.types import Mention

ADA = "https://social.example/users/ada/statuses"


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("mastodon", httpserver)


def status(**changed: Any) -> Shape:
    account = {"acct": "ada", "url": "https://social.example/@ada"}
    given = {
        "id": "1",
        "uri": "https://social.example/1",
        "content": "<p>Oakfield House</p>",
        "account": account,
    }
    return Shape(given | changed)


def parsed(*statuses: Shape, **how: Any) -> list[Mention]:
    return mastodon.parse(statuses, name="a", now=NOW, **how)


def other(base: str) -> str:
    """The same server by another name."""
    return base.replace("127.0.0.1", "localhost")


def test_a_post_is_read_with_its_warning_and_what_its_pictures_show(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}
    fair, complaint = found[f"{ADA}/9004"], found["https://elsewhere.example/users/bo/statuses/41"]
    assert fair.text == "Summer fair at the home today #oakfieldhouse\n\nA table with cakes under a tree"
    assert (fair.author, fair.kind, fair.lang) == ("ada@social.example", "post", "en")
    assert complaint.full_text == "long complaint\n\nThey still owe us an answer. #oakfieldhouse"
    assert (complaint.author, complaint.kind) == ("bo@elsewhere.example", "comment")
    assert "Oakfield House\n\nThe other one" in found[f"{ADA}/9000"].text


def test_a_post_seen_on_two_servers_is_one(at: Stand) -> None:
    batch = at.visit(instances=[at.base, other(at.base)], tokens="")
    assert len(batch.mentions) == 3
    assert at.paths.count("/api/v1/timelines/tag/oakfieldhouse") == 6


def test_a_token_goes_to_its_own_server_alone(at: Stand) -> None:
    second = other(at.base)
    at.visit(instances=[at.base, second], tokens=f" {second.removeprefix('http://')} = {SECRET} , ")
    sent = {request.host: "Authorization" in request.headers for request in at.asked}
    assert sent == {at.base.removeprefix("http://"): False, second.removeprefix("http://"): True}
    assert {request.host for request in at.asked if "search" in request.path} == {
        second.removeprefix("http://")
    }


def test_one_server_that_wants_to_be_left_alone_does_not_silence_the_other(at: Stand) -> None:
    second = other(at.base)
    at.first = lambda request: (
        Response("slowly", 429, {"Retry-After": "60"}) if request.host.startswith("127.") else None
    )
    batch = at.visit(instances=[at.base, second], tokens="")
    assert len(batch.mentions) == 3
    assert batch.not_before is None
    assert sum(request.host.startswith("127.") for request in at.asked) == 1
    at.visit(batch.cursor, instances=[at.base, second], tokens="")
    assert sum(request.host.startswith("127.") for request in at.asked) == 1


def test_hashtags_come_from_the_query_too_and_without_a_token_nothing_is_searched(at: Stand) -> None:
    batch = at.visit(hashtags=[], tokens="")
    assert len(batch.mentions) == 3
    assert not [path for path in at.paths if "search" in path]


def test_with_nothing_to_follow_and_no_token_it_says_so(at: Stand) -> None:
    with pytest.raises(FetchError, match="no hashtag to follow"):
        at.visit(hashtags=[], tokens="", query="author:@somebody")


def test_who_does_not_want_to_be_found_in_searches_is_not(at: Stand) -> None:
    keys = {one.key for one in at.visit().mentions}
    assert "https://social.example/users/di/statuses/9005" not in keys
    assert f"{ADA}/9002" in keys  # under a hashtag, of one who does not want to be searched for


@pytest.mark.parametrize("account", [{"indexable": False}, {"indexable": True, "noindex": True}])
def test_both_ways_to_opt_out_count(account: dict[str, bool]) -> None:
    hidden = status(account=account)
    assert parsed(hidden, found_by_search=True) == []
    assert len(parsed(hidden)) == 1


@pytest.mark.parametrize(
    ("visibility", "count"), [("public", 1), ("unlisted", 1), ("private", 0), ("direct", 0)]
)
def test_only_what_is_public_counts_whatever_our_account_may_see(visibility: str, count: int) -> None:
    assert len(parsed(status(visibility=visibility))) == count


def test_of_a_post_passed_on_the_post_itself_is_looked_at_again(at: Stand) -> None:
    boost = status(id="77", uri="https://b.example/2", content="", reblog=status(id="7").value)
    at.first = lambda request: answer([boost.value] if "max_id" not in request.args else [])
    first = at.visit(tokens="")
    at.first = lambda request: answer([]) if "timelines" in request.path else None
    at.asked.clear()
    at.visit(first.cursor, tokens="")
    assert [path for path in at.paths if "statuses" in path] == ["/api/v1/statuses/7"]


def test_a_look_that_is_refused_costs_none_that_was_made_before(at: Stand) -> None:
    shown = [status(id=number, uri=f"https://social.example/{number}").value for number in ("1", "2", "3")]
    at.first = lambda request: answer(shown if "max_id" not in request.args else [])
    first = at.visit(tokens="")
    codes = {"/api/v1/statuses/1": 404, "/api/v1/statuses/2": 500}
    at.first = lambda request: answer([] if "timelines" in request.path else {}, codes.get(request.path, 200))
    batch = at.visit(first.cursor, tokens="")
    assert (batch.deleted, "answered 500" in batch.missed) == (("https://social.example/1",), True)


def test_a_post_passed_on_is_that_post_and_a_quote_says_what_it_quotes() -> None:
    (boosted,) = parsed(status(uri="https://b.example/2", content="", reblog=status().value))
    assert boosted.key == "https://social.example/1"
    (quoting,) = parsed(status(quote={"state": "accepted", "quoted_status": {"url": "https://c.example/3"}}))
    assert quoting.shared == "https://c.example/3"


def test_an_edit_and_a_deletion_are_noticed_among_what_was_found(at: Stand) -> None:
    first = at.visit(tokens="")
    edited = status(
        id="9003", uri="https://elsewhere.example/users/bo/statuses/41", content="<p>All is well.</p>"
    )

    def changed(request: Request) -> Response | None:
        if "timelines" in request.path:
            return answer([])
        if request.path.endswith("/9004"):
            return answer({"error": "Record not found"}, 404)
        return answer(edited.value) if request.path.endswith("/9003") else None

    at.first = changed
    batch = at.visit(first.cursor, tokens="")
    assert batch.deleted == (f"{ADA}/9004",)
    assert [one.text for one in batch.mentions] == ["All is well."]
    at.asked.clear()
    at.visit(batch.cursor, tokens="")
    assert [path for path in at.paths if "statuses" in path] == ["/api/v1/statuses/9003"]


def test_what_is_older_than_two_days_is_not_looked_at_again(at: Stand) -> None:
    first = at.visit(tokens="")
    at.asked.clear()
    at.now = NOW + timedelta(days=3)
    at.first = lambda request: answer([]) if "timelines" in request.path else None
    at.visit(first.cursor, tokens="")
    assert not [path for path in at.paths if "statuses" in path]


def test_a_look_that_is_refused_costs_only_itself(at: Stand) -> None:
    first = at.visit(tokens="")

    def refused(request: Request) -> Response | None:
        return answer([]) if "timelines" in request.path else answer({"error": "sign in"}, 401)

    at.first = refused
    batch = at.visit(first.cursor, tokens="")
    assert "answered 401" in batch.missed
    assert batch.deleted == ()


@pytest.mark.parametrize(
    "links", ['<http://x.example/?max_id=7>; rel="next"', "", "nonsense", "<>; rel=next"]
)
def test_the_next_page_is_found_with_and_without_a_link(at: Stand, links: str) -> None:
    def first(request: Request) -> Response | None:
        return answer([status().value], link=links) if "max_id" not in request.args else answer([])

    at.first = first
    at.visit(tokens="")
    asked = [request.args.get("max_id") for request in at.asked]
    assert asked == ([None, "7"] if "7" in links else [None, "1"] if "rel=next" not in links else [None])


@pytest.mark.parametrize("tag", ["a b", "", "#", "a/b", "#x?y"])
def test_a_hashtag_is_one_word(tag: str) -> None:
    with pytest.raises(ValidationError):
        mastodon.Options(hashtags=(tag,))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=9)
            | st.lists(st.none(), max_size=2)
            for name in (
                "id",
                "uri",
                "content",
                "account",
                "reblog",
                "poll",
                "media_attachments",
                "language",
                "quote",
            )
        },
    )
)
def test_no_status_breaks_the_parser(value: dict[str, Any]) -> None:
    for mention in parsed(Shape(value), found_by_search=True):
        assert mention.key
        assert mention.full_text
