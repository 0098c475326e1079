"""Facebook's Graph API: paging, what errors mean, comments below posts."""

import json
from datetime import timedelta

import pytest
import stands
from approved import NOW, Desk
from at_stand import anything
from hypothesis import given
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors import _graph, facebook
from connectors._json import Shape
from core.errors import FetchError


@pytest.fixture
def desk(httpserver: HTTPServer) -> Desk:
    return Desk("facebook", httpserver)


def error(code: int, status: int = 400, usage: str = "", **more: object) -> Response:
    body = json.dumps(
        {"error": {"message": "about Jo Sample", "type": "OAuthException", "code": code, **more}}
    )
    headers = {"X-Business-Use-Case-Usage": usage} if usage else {}
    return Response(body, status, headers, content_type="application/json")


def refused(desk: Desk, answer: Response) -> FetchError:
    desk.answer = lambda _: Response(answer.get_data(), answer.status_code, dict(answer.headers))
    with pytest.raises(FetchError) as caught:
        desk.fetch()
    assert "Sample" not in str(caught.value)
    assert stands.SECRET not in str(caught.value)
    return caught.value


def test_posts_comments_tags_and_recommendations_are_told_apart(desk: Desk):
    kinds = {mention.key: mention.kind for mention in desk.fetch().mentions}
    assert kinds["100200_502"] == "post"
    assert kinds["501_9001"] == kinds["501_9002"] == "comment"
    assert kinds["rating:8800991"] == "review"


def test_a_recommendation_says_which_way_it_goes_and_a_shared_post_what_it_shares(desk: Desk):
    mentions = {mention.key: mention for mention in desk.fetch().mentions}
    assert mentions["rating:8800991"].title == "Does not recommend"
    assert mentions["rating:8800991"].author == "Kim Sample"
    assert mentions["100200_499"].shared == "https://www.facebook.com/300400_11"
    assert mentions["100200_502"].url == "https://www.facebook.com/100200_502"


def test_the_address_of_a_next_page_is_never_asked_and_the_key_is_in_no_address(desk: Desk):
    desk.fetch()
    assert {request.host.partition(":")[0] for request in desk.asked} == {"127.0.0.1"}
    assert not any("access_token" in request.args or stands.SECRET in request.url for request in desk.asked)
    after = [request.args["after"] for request in desk.asked if "after" in request.args]
    assert sorted(after) == ["c2", "f2"]
    comments = next(request for request in desk.asked if request.path.endswith("/comments"))
    assert comments.args["filter"] == "stream"
    assert comments.args["order"] == "reverse_chronological"


def test_paging_by_time_is_carried_over():
    following = (
        "https://graph.facebook.com/v10.0/4/posts?access_token=k&until=1624385168&__paging_token=t&since"
    )
    page = _graph.following(Shape({"paging": {"next": following}}))
    assert page == "until=1624385168&__paging_token=t"
    assert _graph.following(Shape({"paging": {"next": "http://[broken"}})) == ""


def test_a_new_comment_below_a_known_post_is_found(desk: Desk):
    cursor = desk.fetch().cursor
    good = desk.answer

    def answer(request):
        response = good(request)
        if request.path == "/100200/feed" and "after" not in request.args:
            feed = json.loads(response.get_data())
            new = {"id": "501_9003", "message": "And the gate?", "created_time": "2026-06-01T11:00:00+0000"}
            feed["data"][0]["comments"]["data"].insert(0, new)
            return Response(json.dumps(feed), content_type="application/json")
        return response

    desk.answer = answer
    assert "501_9003" in {mention.key for mention in desk.fetch(cursor).mentions}
    assert desk.paths() == [
        "/100200/feed",
        "/100200_501/comments",  # the hour before the newest known one goes on there
        "/100200/tagged",
        "/100200/ratings",
    ]


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_a_limit_is_waited_for_as_long_as_meta_says(desk: Desk, code: int):
    usage = '{"100200": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}]}'
    found = refused(desk, error(code, usage=usage))
    assert (found.temporary, found.retry_after) == (True, timedelta(minutes=19))
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    "usage", ["", "{", "7", '{"1": 2}', '{"1": [{"estimated_time_to_regain_access": -4}]}']
)
def test_a_limit_that_names_no_end_is_waited_for_a_while(desk: Desk, usage: str):
    assert refused(desk, error(4, 403, usage)).retry_after == _graph.QUIET


def test_a_limit_that_names_an_absurd_end_is_waited_for_a_week_at_most(desk: Desk):
    usage = '{"1": [{"estimated_time_to_regain_access": 99999999999}]}'
    assert refused(desk, error(4, usage=usage)).retry_after == timedelta(days=7)


@pytest.mark.parametrize(
    ("code", "more", "said", "temporary"),
    [
        (190, {"error_subcode": 463}, "renew the key", False),
        (10, {}, "lacks a permission", False),
        (200, {}, "lacks a permission", False),
        (283, {}, "lacks a permission", False),
        (100, {}, r"answered 400 \(error 100\)", False),
        (2, {}, "answered 400", True),
        (368, {"is_transient": True}, "answered 400", True),
    ],
)
def test_errors_say_whether_asking_again_may_help(
    desk: Desk, code: int, more: dict[str, object], said: str, temporary: bool
):
    found = refused(desk, error(code, **more))
    assert found.temporary is temporary
    with pytest.raises(FetchError, match=said):
        raise found


def test_what_the_key_may_not_read_costs_the_rest_nothing(desk: Desk):
    good = desk.answer
    desk.answer = lambda request: error(10, 403) if request.path == "/100200/feed" else good(request)
    batch = desk.fetch()
    assert {mention.key for mention in batch.mentions} == {"500600_77", "rating:8800991"}
    assert "lacks a permission" in batch.missed


def test_lists_can_be_left_out_and_the_version_be_named(desk: Desk):
    desk.answer = lambda _: Response('{"data": []}', content_type="application/json")
    desk.fetch(reads=["tagged"], version="v26.0")
    assert desk.paths() == ["/v26.0/100200/tagged"]


@pytest.mark.parametrize(
    "given",
    [{"page": "a/b"}, {"page": ""}, {"version": "26"}, {"reads": ["groups"]}, {"base": "ftp://a.example"}],
)
def test_options_that_cannot_be_are_refused(desk: Desk, given: dict[str, object]):
    with pytest.raises(ValidationError):
        desk.options(**given)


def test_without_a_key_nothing_is_asked(desk: Desk):
    with pytest.raises(FetchError, match="REDSHANK_KEYS__FACEBOOK__TOKEN"):
        desk.fetch(token="")
    assert desk.asked == []


FIELDS = [
    "id",
    "message",
    "story",
    "created_time",
    "permalink_url",
    "from",
    "name",
    "reviewer",
    "review_text",
]
JSON = anything(*FIELDS)


@given(JSON)
def test_whatever_stands_in_an_answer_is_read_or_refused(value: object):
    try:
        mentions = facebook.parse(Shape({"data": value}), name="a-source", now=NOW)
    except FetchError:
        return
    assert all(mention.key and mention.text for mention in mentions)
