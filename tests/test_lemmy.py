"""What is particular to Lemmy: two versions of its API, and one item seen on several servers."""

from typing import Any

import pytest
from at_stand import NOW, Stand, stand
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from stands._samples import sample
from stands.lemmy import KEYS
from werkzeug import Request, Response

from connectors import lemmy
from connectors._json import Shape
from core.errors import FetchError


@pytest.fixture
def at(httpserver: HTTPServer) -> Stand:
    return stand("lemmy", httpserver)


def keys(batch: Any) -> set[str]:
    return {one.key for one in batch.mentions}


def test_posts_and_comments_are_read_with_their_titles(at: Stand) -> None:
    found = {one.key: one for one in at.visit().mentions}
    post, comment = found["https://lemmy.example/post/499"], found["https://other.example/comment/77"]
    assert (post.title, post.text) == ("Oakfield House opens its garden", "https://news.example/garden")
    assert (comment.title, comment.kind, comment.author) == (
        "Is Oakfield House any good?",
        "comment",
        "finn@lemmy.example",
    )


def test_both_versions_bring_the_same(at: Stand) -> None:
    older, newer = at.visit(version="v3"), at.visit(version="v4")
    assert older.mentions == newer.mentions
    assert keys(older) == KEYS
    assert older.deleted == newer.deleted == ("https://lemmy.example/post/500",)


def test_a_server_that_no_longer_speaks_the_older_version_is_asked_in_the_newer(at: Stand) -> None:
    at.first = lambda request: Response("not found", 404) if "/v3/" in request.path else None
    first = at.visit()
    assert keys(first) == KEYS
    at.asked.clear()
    at.visit(first.cursor)
    assert not [path for path in at.paths if "/v3/" in path]


def test_a_server_that_went_back_to_the_older_version_is_asked_in_it(at: Stand) -> None:
    at.first = lambda request: Response("not found", 404) if "/v3/" in request.path else None
    first = at.visit()
    at.first = lambda request: Response("not found", 404) if "/v4/" in request.path else None
    assert not at.visit(first.cursor).missed


def test_a_server_without_either_is_an_error(at: Stand) -> None:
    at.first = lambda _request: Response("not found", 404)
    with pytest.raises(FetchError) as caught:
        at.visit()
    assert caught.value.status == 404


def test_the_same_post_on_two_servers_is_one(at: Stand) -> None:
    batch = at.visit(instances=[at.base, at.base.replace("127.0.0.1", "localhost")])
    assert len(batch.mentions) == len(KEYS)


def test_one_server_that_wants_to_be_left_alone_does_not_silence_the_other(at: Stand) -> None:
    def busy(request: Request) -> Response | None:
        return Response("", 429, {"Retry-After": "9"}) if request.host.startswith("127.") else None

    at.first = busy
    batch = at.visit(instances=[at.base, at.base.replace("127.0.0.1", "localhost")])
    assert keys(batch) == KEYS
    assert batch.not_before is None
    at.asked.clear()
    at.visit(batch.cursor, instances=[at.base, at.base.replace("127.0.0.1", "localhost")])
    assert {request.host.partition(":")[0] for request in at.asked} == {"localhost"}


def test_quotation_marks_are_not_sent_as_it_would_look_for_them(at: Stand) -> None:
    at.visit()
    assert {request.args["q"] for request in at.asked} == {"oakfield house", "oakfieldhouse"}


def test_communities_and_people_among_the_results_are_passed_over() -> None:
    page = lemmy.parse(
        Shape({"search": [{"type_": "community", "community": {"ap_id": "https://l.example/c/care"}}, {}]}),
        name="a",
        now=NOW,
    )
    assert page.mentions == ()


def test_an_answer_of_neither_shape_is_an_error() -> None:
    with pytest.raises(FetchError, match="lacks the list"):
        lemmy.parse(Shape({"error": "unknown"}), name="a", now=NOW)


def test_a_removed_comment_is_deleted() -> None:
    answer = sample("lemmy/comments.json")
    answer["comments"][0]["comment"]["removed"] = True
    page = lemmy.parse(Shape(answer), name="a", now=NOW)
    assert (page.mentions, page.deleted) == ((), ("https://other.example/comment/77",))


def test_a_server_is_an_address() -> None:
    with pytest.raises(ValidationError):
        lemmy.Options.model_validate({"instances": ["lemmy.example"]})
    with pytest.raises(ValidationError):
        lemmy.Options.model_validate({"instances": []})
